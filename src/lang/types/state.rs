//! Steps on what survives a run: stores, tasks, signals, blobs.

use super::fit::Use;
use super::infer::Checker;
use super::steps::Turn;
use super::template::Want;
use super::{FieldTy, ObjectTy, Ty, report};
use crate::ast::{
    Criterion, Delay, Expr, FieldDecl, JourneyKind, Label, ReadBlob, SendSignal, Start,
    StoreAction, StoreStep, Wait,
};
use crate::names::head;
use crate::names::stores::{self, VERSION};
use journey_machine::span::Span;
use std::sync::Arc;

impl Checker<'_, '_> {
    /// A step on a store; gives the type of what it binds.
    pub(super) fn store_step(&mut self, step: &StoreStep, turn: &mut Turn<'_>) -> Ty {
        let record = self.table.records.get(&step.store.node).cloned();
        let ty = match record {
            Some(record) => self.store_action(step, &record),
            None => {
                let exprs = crate::walk::of_store(&step.action);
                exprs.into_iter().for_each(|e| _ = self.infer(e));
                Ty::Error
            }
        };
        self.handlers(&step.handlers, turn);
        ty
    }

    fn store_action(&mut self, step: &StoreStep, record: &Arc<ObjectTy>) -> Ty {
        self.criteria(step.action.by(), record);
        let sink = format!("the store `{}`", step.store.node);
        match &step.action {
            StoreAction::Insert { record: value } => {
                let wanted = Ty::Object(Arc::new(self.written(step, record)));
                self.kept(value, &FieldTy::new("", wanted), &sink);
            }
            StoreAction::Update { set, at, .. } => {
                let wanted = Ty::Object(Arc::new(changes(record)));
                self.kept(set, &FieldTy::new("", wanted), &sink);
                self.keep_key(step, set);
                at.iter().for_each(|at| self.version(at));
            }
            StoreAction::Delete { at, .. } => {
                at.iter().for_each(|at| self.version(at));
                return Ty::Null;
            }
            StoreAction::Get { .. } => {}
            StoreAction::Find { .. } => return Ty::List(Arc::new(Ty::Object(record.clone()))),
            StoreAction::Count { .. } => return Ty::Int,
        }
        Ty::Object(record.clone())
    }

    /// The fields that an `insert` gives: all but the version, and those with a default if it likes.
    fn written(&self, step: &StoreStep, record: &ObjectTy) -> ObjectTy {
        let store = self.names.stores.get(step.store.node.as_str());
        let declared = store.and_then(|store| stores::record(self.names, store));
        let filled = |field: &FieldTy| {
            let mut declared = declared.into_iter().flatten();
            declared.any(|decl| decl.name.node == field.name && decl.default.is_some())
        };
        let own = record.fields.iter().filter(|f| f.name != VERSION);
        let own = own.map(|field| FieldTy {
            optional: field.optional || filled(field),
            ..field.clone()
        });
        ObjectTy::new(own.collect(), false)
    }

    fn criteria(&mut self, by: &[Criterion], record: &ObjectTy) {
        for criterion in by {
            match record.field(&criterion.field.node) {
                Some((_, field)) => _ = self.check(&criterion.value, Want::of(field, Use::Value)),
                None => _ = self.infer(&criterion.value),
            }
        }
    }

    fn version(&mut self, at: &Expr) {
        self.check(at, wanted(&Ty::Int));
    }

    /// The key of a record is what it is found by: it does not change.
    fn keep_key(&mut self, step: &StoreStep, set: &Expr) {
        let store = self.names.stores.get(step.store.node.as_str()).copied();
        let Some(key) = store.and_then(|store| store.key.as_ref()) else {
            return;
        };
        let Ty::Object(given) = self.table.ty(set.id).clone() else {
            return;
        };
        for field in &given.fields {
            let Some(declared) = key.fields.iter().find(|f| f.node == field.name) else {
                continue;
            };
            let place = field.declared.filter(|place| inside(*place, set.span));
            let place = place.unwrap_or(set.span);
            self.report(report::key_changed(&field.name, place, declared.span));
        }
    }

    /// A value that is stored: of the right type, and labelled values only where their label is declared.
    fn kept(&mut self, value: &Expr, field: &FieldTy, sink: &str) {
        self.check(value, Want::of(field, Use::Value));
        self.keep_labels(value, field, sink);
    }

    /// A start of a task; gives the type of the run's id.
    pub(super) fn start_step(&mut self, start: &Start) -> Ty {
        let declared = self.names.tasks.get(start.task.node.as_str()).copied();
        match declared.map(|d| (&d.name, &d.kind)) {
            Some((name, JourneyKind::Task(task))) => {
                let params: Vec<&FieldDecl> = head::counted(&task.params).iter().collect();
                self.arguments(&start.args, (&start.task, name), &params, Use::Value);
                let sink = format!("the task `{}`", start.task.node);
                for arg in &start.args {
                    if let Some(param) = params.iter().find(|p| p.name.node == arg.name.node) {
                        let field = self.table.param(param.name.span);
                        self.keep_labels(&arg.value, &field, &sink);
                    }
                }
            }
            _ => start.args.iter().for_each(|a| _ = self.infer(&a.value)),
        }
        start.after.iter().for_each(|time| self.delay(time));
        start.key.iter().for_each(|key| self.state_key(key));
        Ty::String
    }

    /// A key of a task or a signal: a text that is stored as it is.
    fn state_key(&mut self, key: &Expr) {
        self.kept(key, &FieldTy::new("", Ty::String), "a key");
    }

    pub(super) fn delay(&mut self, delay: &Delay) {
        if let Delay::Value(value) = delay {
            self.check(value, wanted(&Ty::Duration));
        }
    }

    /// A wait for a signal; gives the type of what it carries.
    pub(super) fn wait_step(&mut self, wait: &Wait, turn: &mut Turn<'_>) -> Ty {
        self.state_key(&wait.key);
        self.delay(&wait.up_to);
        self.handlers(&wait.handlers, turn);
        let declared = self.names.signals.get(wait.signal.node.as_str());
        declared.map_or(Ty::Error, |signal| self.table.answer(signal.name.span))
    }

    pub(super) fn signal_step(&mut self, step: &SendSignal) {
        self.state_key(&step.key);
        let declared = self.names.signals.get(step.signal.node.as_str()).copied();
        let data = step.data.as_ref();
        let Some(declared) = declared else {
            data.iter().for_each(|d| _ = self.infer(d));
            return;
        };
        match (data, &declared.ty) {
            (Some(data), Some(ty)) => {
                let field = FieldTy {
                    declared: Some(ty.span),
                    ..FieldTy::new("", self.table.answer(declared.name.span))
                };
                self.kept(data, &field, &format!("the signal `{}`", step.signal.node));
            }
            (Some(data), None) => {
                self.infer(data);
                let title = format!("the signal `{}` carries nothing", step.signal.node);
                let help =
                    "declare its type behind the name of the signal, or send it without a value";
                let place = declared.name.span;
                self.report(report::body_mismatch(data.span, title, place, help));
            }
            (None, Some(ty)) => {
                let carried = self.table.answer(declared.name.span);
                let title = format!("the signal `{}` carries a `{carried}`", step.signal.node);
                let help = "write it behind the key of the signal";
                let place = step.signal.span;
                self.report(report::body_mismatch(place, title, ty.span, help));
            }
            (None, None) => {}
        }
    }

    pub(super) fn read_blob(&mut self, read: &ReadBlob, turn: &mut Turn<'_>) -> Ty {
        self.check(&read.blob, wanted(&Ty::Named("blob".into())));
        self.handlers(&read.handlers, turn);
        Ty::Bytes
    }

    /// What a task is given stays where it is stored: a secret does not.
    pub(super) fn task_params(&mut self, params: &[FieldDecl]) {
        for param in params {
            let field = self.table.param(param.name.span);
            if field.label == Some(Label::Secret) {
                self.report(report::secret_kept(param.ty.span));
            }
        }
    }
}

fn wanted(ty: &Ty) -> Want<'_> {
    Want {
        ty,
        used: Use::Value,
        declared: None,
        limits: &[],
    }
}

fn inside(place: Span, whole: Span) -> bool {
    place.file == whole.file && place.start >= whole.start && place.end <= whole.end
}

/// The fields that an `update` may set; null removes one that may be absent.
fn changes(record: &ObjectTy) -> ObjectTy {
    let own = record.fields.iter().filter(|f| f.name != VERSION);
    let change = |field: &FieldTy| {
        let ty = match &field.ty {
            ty if !field.optional => ty.clone(),
            ty @ (Ty::Nullable(_) | Ty::Null | Ty::Dyn | Ty::Error) => ty.clone(),
            ty => Ty::Nullable(Arc::new(ty.clone())),
        };
        FieldTy {
            ty,
            optional: true,
            ..field.clone()
        }
    };
    ObjectTy::new(own.map(change).collect(), false)
}
