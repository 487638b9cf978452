//! The answer of a run, made of consecutive registers.

use super::registers::Registers;
use super::trap::Trap;
use crate::effect::Answer;
use crate::index::Reg;
use crate::program::{AnswerBody, AnswerSite};
use crate::value::{EvalError, Str, Value};

pub(super) fn answer(site: &AnswerSite, regs: &Registers<'_>, first: Reg) -> Result<Answer, Trap> {
    let mut values = regs.values(first, site.registers())?.iter();
    let body = if site.body == AnswerBody::Empty {
        None
    } else {
        values.next()
    };
    let headers = site.headers.iter().zip(values);
    Ok(Answer {
        status: site.status,
        kind: site.body,
        body: self::body(site.body, body.cloned().unwrap_or_default())?,
        headers: headers
            .map(|(name, value)| Ok((name.clone(), header(name, value)?)))
            .collect::<Result<_, EvalError>>()?,
    })
}

fn body(kind: AnswerBody, body: Value) -> Result<Value, EvalError> {
    let fits = match kind {
        AnswerBody::Empty | AnswerBody::Json => true,
        AnswerBody::Text | AnswerBody::Html | AnswerBody::Problem => body.as_str().is_some(),
        AnswerBody::Bytes => body.as_bytes().is_some(),
    };
    if fits {
        Ok(body)
    } else {
        Err(EvalError::fixed("the body of an answer has the wrong type"))
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
