//! Parameters from a JSON tree: only what a function reads of them is converted.

use crate::limits::MAX_JSON_DEPTH;
use crate::op::Reg;
use crate::program::{Function, Path, Program};
use crate::value::{ErrorKind, EvalError, Map, Shape, Str, Value};
use serde_json::{Number, Value as Json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is read of a value.
#[derive(Debug)]
pub(super) enum Reads {
    /// All of it, or too much to tell.
    All,
    /// These fields, in the order of the shape.
    Fields(Arc<Shape>, Vec<Reads>),
}

/// The same while it is being found out; without fields: all of it.
type Fields = BTreeMap<Str, Option<Node>>;

#[derive(Default)]
struct Node(Fields);

impl Reads {
    /// What a function reads of a parameter.
    pub(super) fn of(program: &Program, function: &Function, param: Reg) -> Self {
        let mut root = Some(Node::default());
        for op in &function.code {
            match program.parts_read(*op, param) {
                Some(paths) => paths.iter().for_each(|path| add(&mut root, path)),
                None if program.reads(*op, param) || program.writes(*op, param) => root = None,
                None => {}
            }
        }
        Self::from(root)
    }

    /// Makes `value` of `json`. What it holds from a former call is changed in place, if nobody else holds it.
    pub(super) fn convert(&self, json: &Json, value: &mut Value) -> Result<(), EvalError> {
        let (Self::Fields(shape, fields), Json::Object(object)) = (self, json) else {
            *value = whole(json, 0)?;
            return Ok(());
        };
        if fields.is_empty() {
            return Ok(());
        }
        let Some(map) = shaped(value, shape) else {
            return Ok(());
        };
        map.fill(|slots| {
            for ((name, reads), slot) in shape.names().zip(fields).zip(slots) {
                match object.get(name) {
                    Some(json) => reads.convert(json, slot.get_or_insert_default())?,
                    None => *slot = None,
                }
            }
            Ok(())
        })
    }
}

impl From<Option<Node>> for Reads {
    fn from(node: Option<Node>) -> Self {
        let Some(Node(fields)) = node else {
            return Self::All;
        };
        let shape = fields.keys().cloned().collect();
        Self::Fields(
            Arc::new(shape),
            fields.into_values().map(Self::from).collect(),
        )
    }
}

/// Adds what stands at the end of a path to what is read.
fn add(node: &mut Option<Node>, path: &Path) {
    let mut node = node;
    for field in path.0.iter().take(MAX_JSON_DEPTH) {
        let Some(Node(fields)) = node else {
            return;
        };
        node = fields
            .entry(field.name().clone())
            .or_insert_with(|| Some(Node::default()));
    }
    *node = None;
}

/// The map of this shape that `value` is from here on.
fn shaped<'v>(value: &'v mut Value, shape: &Arc<Shape>) -> Option<&'v mut Map> {
    let known = value.as_map().and_then(Map::as_shaped);
    if known.is_none_or(|(known, _)| !Arc::ptr_eq(known, shape)) {
        *value = Value::object(shape, Vec::new());
    }
    if let Value::Map(map) = value {
        Some(Arc::make_mut(map))
    } else {
        None
    }
}

/// All of a JSON tree, with so many levels around it.
fn whole(json: &Json, depth: usize) -> Result<Value, EvalError> {
    if depth > MAX_JSON_DEPTH {
        return Err(EvalError::new(
            ErrorKind::LimitExceeded,
            "value is nested too deeply",
        ));
    }
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => self::number(number),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => {
            let items = items.iter().map(|item| whole(item, depth + 1));
            items.collect::<Result<Vec<_>, _>>()?.into()
        }
        Json::Object(fields) => {
            let mut map = Map::with_capacity(fields.len());
            for (name, value) in fields {
                map.push(name.as_str().into(), whole(value, depth + 1)?);
            }
            map.into()
        }
    })
}

fn number(number: &Number) -> Value {
    let whole = number.as_i64().map(Value::Int);
    whole
        .or_else(|| number.as_u64().map(Value::Uint))
        .unwrap_or_else(|| Value::Double(number.as_f64().unwrap_or(f64::NAN)))
}
