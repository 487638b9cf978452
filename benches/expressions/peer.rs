//! The `cel` crate: the Rust implementation that people know.

use cel::{Context, Program, Value as Cel};
use serde_json::Value;
use std::collections::HashMap;
use std::error::Error;

/// By its default parser; it checks no types.
pub(crate) fn compile(source: &str) -> Result<Program, Box<dyn Error>> {
    Ok(Program::compile(source)?)
}

/// The input, converted.
pub(crate) fn bind(input: &Value) -> Context<'static, 'static> {
    let mut context = Context::default();
    for (name, value) in input.as_object().into_iter().flatten() {
        context.add_variable_from_value(name.as_str(), convert(value));
    }
    context
}

fn convert(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(flag) => Cel::Bool(*flag),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| Cel::Float(number.as_f64().unwrap_or_default()), Cel::Int),
        Value::String(text) => Cel::from(text.as_str()),
        Value::Array(items) => Cel::from(items.iter().map(convert).collect::<Vec<_>>()),
        Value::Object(fields) => Cel::from(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), convert(value)))
                .collect::<HashMap<String, Cel>>(),
        ),
    }
}

/// The value as JSON.
pub(crate) fn json(program: &Program, context: &Context<'_, '_>) -> Result<Value, Box<dyn Error>> {
    let value = program.execute(context)?;
    value.json().map_err(|error| error.to_string().into())
}
