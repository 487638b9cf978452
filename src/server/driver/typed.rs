//! What is stored is of its declared type: what only a run knows of a value (`dyn`, limits) is looked at here.

use crate::project::Project;
use journey_machine::manifest::StoreId;
use journey_machine::program::StateSite;
use journey_machine::schema::{Faults, Mode, Path, Schema, TypeId};
use journey_machine::value::{EvalError, Map, Value};
use std::borrow::Cow;

/// The arguments of a step, each as a value of the type that is declared for it.
///
/// # Errors
/// One does not fit.
pub(super) fn arguments<'v>(
    project: &Project,
    site: StateSite,
    args: &'v [Value],
) -> Result<Cow<'v, [Value]>, EvalError> {
    let manifest = &project.program.manifest;
    let mut typed = Cow::Borrowed(args);
    match site {
        StateSite::Insert(store) => {
            if let Some(store) = manifest.stores.get(usize::from(store.0)) {
                at(&mut typed, 0, |record| {
                    value(project, store.record, record, "the record")
                })?;
            }
        }
        StateSite::Update { store, .. } => {
            if let Some(declared) = manifest.stores.get(usize::from(store.0)) {
                let place = declared.key.len();
                at(&mut typed, place, |set| changes(project, store, set))?;
            }
        }
        StateSite::Start { task, .. } => {
            let declared = manifest.tasks.get(usize::from(task.0));
            let params = declared.into_iter().flat_map(|task| &task.params);
            for (place, (name, schema)) in (1..).zip(params) {
                at(&mut typed, place, |arg| value(project, *schema, arg, name))?;
            }
        }
        StateSite::Signal(signal) => {
            if let Some(signal) = manifest.signals.get(usize::from(signal.0)) {
                at(&mut typed, 2, |data| {
                    value(project, signal.payload, data, "the signal")
                })?;
            }
        }
        StateSite::Get { .. }
        | StateSite::Delete { .. }
        | StateSite::Find { .. }
        | StateSite::Count(_) => {}
    }
    Ok(typed)
}

/// Puts another value in a place, if there is one.
fn at(
    args: &mut Cow<'_, [Value]>,
    place: usize,
    typed: impl FnOnce(&Value) -> Result<Value, EvalError>,
) -> Result<(), EvalError> {
    let Some(given) = args.get(place) else {
        return Ok(());
    };
    let typed = typed(given)?;
    if let Some(slot) = args.to_mut().get_mut(place) {
        *slot = typed;
    }
    Ok(())
}

fn value(project: &Project, schema: TypeId, given: &Value, what: &str) -> Result<Value, EvalError> {
    // Mostly the compiler has seen to it.
    if let Some(kept) = project.decoder.kept(schema, given) {
        return Ok(kept);
    }
    let mut faults = Faults::new();
    let path = Path::root("body");
    let typed = project
        .decoder
        .value(schema, given, Mode::Request, &path, &mut faults);
    match faults.list().first() {
        None => Ok(typed),
        Some(fault) => Err(EvalError::evaluation(format!(
            "{what} does not fit its type: {} {}",
            fault.pointer, fault.message
        ))),
    }
}

/// The fields that an update sets; null removes one that may be absent.
fn changes(project: &Project, store: StoreId, set: &Value) -> Result<Value, EvalError> {
    let parts = &project.program;
    let store = parts.manifest.stores.get(usize::from(store.0));
    let record = store.and_then(|store| parts.types.get(store.record));
    let Some(Schema::Object { shape, fields, .. }) = record else {
        return Ok(set.clone());
    };
    let mut typed = Map::new();
    for (key, given) in set.as_map().into_iter().flatten() {
        let name = key.as_str().unwrap_or_default();
        let field = shape.slot(name).and_then(|slot| fields.get(slot));
        let Some(field) = field else {
            let why = format!("the record has no field {name:?}");
            return Err(EvalError::evaluation(why));
        };
        let removed = field.optional && given.is_null();
        let value = match removed {
            true => Value::Null,
            false => value(project, field.schema, given, name)?,
        };
        typed.insert(key.clone(), value);
    }
    Ok(typed.into())
}
