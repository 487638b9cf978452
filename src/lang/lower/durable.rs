//! What survives a run, as the server must know it: stores, tasks, signals.

use super::Project;
use crate::ast::{self, IndexDecl, JourneyKind};
use crate::names::head::{DEFAULT_ATTEMPTS, DEFAULT_KEEP, DEFAULT_TASK_TIMEOUT};
use crate::names::{self, stores};
use journey_machine::manifest::{Pauses, Signal, Store, StoreIndex, Task};
use journey_machine::schema::Schema;
use journey_machine::value::Str;

impl<'a> Project<'a> {
    pub(super) fn stores(&mut self) -> Vec<Store> {
        let stores: Vec<&'a ast::Store> = self.checked.names.stores.values().copied().collect();
        stores.into_iter().filter_map(|s| self.store(s)).collect()
    }

    fn store(&mut self, store: &'a ast::Store) -> Option<Store> {
        let record = self.schema(store.record.as_ref()?);
        let names = &self.checked.names;
        let fields = stores::record(names, store)?;
        let those = |holds: &dyn Fn(&ast::TypeExpr) -> bool| -> Vec<Str> {
            let found = fields.iter().filter(|f| holds(&f.ty));
            found.map(|f| (&f.name.node).into()).collect()
        };
        Some(Store {
            name: (&store.name.node).into(),
            docs: (&store.docs).into(),
            record,
            key: store.key.as_ref().map(names_of)?,
            indexes: stores::indexes(store).map(index).collect(),
            retain: store.retain.as_ref().map(|time| time.node),
            labelled: those(&|ty| names::labelled(names, ty)),
            blobs: those(&|ty| names::holds_blob(names, ty).is_some()),
        })
    }

    pub(super) fn tasks(&mut self) -> Vec<Task> {
        let tasks: Vec<&'a ast::Journey> = self.checked.names.tasks.values().copied().collect();
        tasks.into_iter().filter_map(|t| self.task(t)).collect()
    }

    fn task(&mut self, journey: &'a ast::Journey) -> Option<Task> {
        let JourneyKind::Task(task) = &journey.kind else {
            return None;
        };
        let params = task.params.iter();
        let (attempts, min, max) = DEFAULT_ATTEMPTS;
        let declared = task.attempts.as_ref().map(|a| &a.node);
        let pauses = match declared.and_then(|a| a.pauses.as_ref()) {
            Some(ast::Pauses::After(times)) => Pauses::List(times.clone()),
            Some(ast::Pauses::Backoff(min, max)) => Pauses::Backoff {
                min: *min,
                max: *max,
            },
            None => Pauses::Backoff { min, max },
        };
        Some(Task {
            name: (&journey.name.node).into(),
            docs: (&journey.docs).into(),
            function: self.entry(&journey.name.node)?,
            params: params
                .map(|p| ((&p.name.node).into(), self.schema(&p.ty)))
                .collect(),
            attempts: declared.map_or(attempts, |a| u32::try_from(a.count).unwrap_or(u32::MAX)),
            pauses,
            timeout: task
                .timeout
                .as_ref()
                .map_or(DEFAULT_TASK_TIMEOUT, |t| t.node),
            keep: task.keep.as_ref().map_or(DEFAULT_KEEP, |t| t.node),
        })
    }

    pub(super) fn signals(&mut self) -> Vec<Signal> {
        let signals: Vec<&'a ast::SignalDecl> =
            self.checked.names.signals.values().copied().collect();
        let signals = signals.into_iter().map(|signal| Signal {
            name: (&signal.name.node).into(),
            payload: match &signal.ty {
                Some(ty) => self.schema(ty),
                None => self.tables.schema(Schema::Null),
            },
        });
        signals.collect()
    }
}

fn index((index, unique): (&IndexDecl, bool)) -> StoreIndex {
    let fields = names_of(index);
    let written: Vec<&str> = index.fields.iter().map(|f| f.node.as_str()).collect();
    StoreIndex {
        name: written.join(",").into(),
        fields,
        unique,
    }
}

fn names_of(index: &IndexDecl) -> Vec<Str> {
    index.fields.iter().map(|f| (&f.node).into()).collect()
}
