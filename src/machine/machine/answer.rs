//! The answer of a run, made of consecutive registers.

use super::registers::Registers;
use super::trap::Trap;
use crate::effect::Answer;
use crate::index::Reg;
use crate::program::{AnswerBody, AnswerSite};
use crate::value::{EvalError, Str, Value};

/// The run is over with it, and its body leaves the register; not where it fails, as that may be caught.
pub(super) fn answer(
    site: &AnswerSite,
    regs: &mut Registers<'_>,
    first: Reg,
) -> Result<Answer, Trap> {
    let values = regs.values(first, site.registers())?;
    let (body, values) = if site.body == AnswerBody::Empty {
        (None, values)
    } else {
        (values.first(), values.get(1..).unwrap_or_default())
    };
    if !body.is_none_or(|body| fits(site.body, body)) {
        return Err(EvalError::fixed("the body of an answer has the wrong type").into());
    }
    let headers = site.headers.iter().zip(values);
    let headers = headers
        .map(|(name, value)| Ok((name.clone(), header(name, value)?)))
        .collect::<Result<_, EvalError>>()?;
    let body = body.map(|_| first);
    Ok(Answer {
        status: site.status,
        kind: site.body,
        body: body.map_or(Ok(Value::Null), |body| regs.take(body))?,
        headers,
    })
}

fn fits(kind: AnswerBody, body: &Value) -> bool {
    match kind {
        AnswerBody::Empty | AnswerBody::Json => true,
        AnswerBody::Text | AnswerBody::Html | AnswerBody::Problem => body.as_str().is_some(),
        AnswerBody::Bytes => body.as_bytes().is_some(),
    }
}

/// A value that cannot break out of its header line.
fn header(name: &str, value: &Value) -> Result<Str, EvalError> {
    let text = value.to_text().filter(|text| {
        text.bytes()
            .all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
    });
    text.ok_or_else(|| {
        EvalError::evaluation(format!("header `{name}` is no line of printable ASCII"))
    })
}
