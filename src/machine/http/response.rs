//! What an upstream answered, as the declared type of its status.

use crate::effect::Outcome;
use crate::manifest::Operation;
use crate::schema::{Decoder, Faults, Mode};
use crate::value::{ErrorKind, EvalError, Shape, Value};
use std::sync::{Arc, LazyLock};

/// `status` in slot 0, `body` in slot 1: lowering guesses them.
static RESULT: LazyLock<Arc<Shape>> =
    LazyLock::new(|| Arc::new(["status", "body"].into_iter().collect()));

/// The result of a call: `{status, body}`, the body null where the status declares none.
///
/// # Errors
/// `unexpected_status` for one that the operation does not declare, `bad_body` for a body that is not what it declares.
/// Neither says anything of what the body held.
pub fn response(
    decoder: &Decoder,
    operation: &Operation,
    status: u16,
    content_type: Option<&str>,
    body: &[u8],
) -> Outcome {
    let Some(declared) = operation
        .responses
        .iter()
        .find(|answer| answer.status == status)
    else {
        let message = format!(
            "{} answered {status}, which it does not declare",
            operation.name
        );
        return Err(EvalError::new(ErrorKind::UnexpectedStatus, message));
    };
    let body = match declared.schema {
        None => Value::Null,
        Some(_) if !content_type.is_some_and(is_json) => {
            return Err(bad_body(
                operation,
                status,
                "is not JSON by its content type",
            ));
        }
        Some(schema) => {
            let mut faults = Faults::new();
            let value = decoder.json(schema, body, Mode::Response, &mut faults);
            if let Some(fault) = faults.list().first() {
                let pointer = if fault.pointer.is_empty() {
                    "it"
                } else {
                    &fault.pointer
                };
                return Err(bad_body(
                    operation,
                    status,
                    &format!("is not what is declared: {pointer} {}", fault.message),
                ));
            }
            value
        }
    };
    let slots = vec![Some(Value::Int(status.into())), Some(body)];
    Ok(Value::object(&RESULT, slots))
}

fn bad_body(operation: &Operation, status: u16, what: &str) -> EvalError {
    EvalError::new(
        ErrorKind::BadBody,
        format!(
            "the body that {} answered with {status} {what}",
            operation.name
        ),
    )
}

/// Is a media type JSON: `application/json`, or one with the suffix `+json`?
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let ends = |suffix: &str| {
        let start = essence.len().checked_sub(suffix.len());
        start
            .and_then(|start| essence.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    essence.eq_ignore_ascii_case("application/json") || (ends("+json") && essence.contains('/'))
}
