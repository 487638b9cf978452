//! What expressions may cost: whatever they are, they end with a value or a clear error.

use super::*;
use crate::diagnostic::Code;
use crate::limits::MAX_COMPREHENSIONS;
use journey_machine::machine::{self, Cause, Surroundings};
use journey_machine::value::{ErrorKind, Timestamp, Value};

fn evaluate(text: &str) -> Result<Value, Cause> {
    let mut diagnostics = Diagnostics::new();
    let expr = parse(text, &mut Ids::default(), &mut diagnostics);
    let compiled = compile(&expr, &Environment::default(), &[], &mut diagnostics).unwrap();
    machine::evaluate(
        &compiled.program,
        Compiled::FUNCTION,
        Vec::new(),
        Surroundings::default(),
        Timestamp::EPOCH,
        0,
    )
}

/// What an expression is refused for.
fn refusals(text: &str) -> Vec<Code> {
    let mut diagnostics = Diagnostics::new();
    let expr = parse(text, &mut Ids::default(), &mut diagnostics);
    if !diagnostics.has_errors() {
        compile(&expr, &Environment::default(), &[], &mut diagnostics);
    }
    diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn long_chains_are_not_deep() {
    let chain = |first: &str, next: &str| format!("{first}{}", next.repeat(60_000));
    assert_eq!(evaluate(&chain("1", " + 1")), Ok(Value::Int(60_001)));
    assert_eq!(evaluate(&chain("1", " * 1")), Ok(Value::Int(1)));
    let text = "a".repeat(60_001);
    assert_eq!(evaluate(&chain("'a'", " + 'a'")), Ok(Value::string(text)));
    let refused = |text: String| refusals(&text);
    assert_eq!(refused(chain("true", " && true")), [Code::TOO_LARGE]);
    let calls = format!("'a'{}", " + string(1)".repeat(30_000));
    assert_eq!(refused(calls), [Code::TOO_LARGE]);
    assert_eq!(
        refused(chain("1", " + 1 + 1 + 1 + 1")),
        [Code::TOO_MANY_NODES]
    );
}

#[test]
fn comprehensions_inside_each_other_are_limited() {
    let nested = |levels| {
        (0..levels).fold("1".to_owned(), |body, level| {
            format!("[1].map(x{level}, {body})")
        })
    };
    assert!(refusals(&nested(MAX_COMPREHENSIONS)).is_empty());
    assert_eq!(
        refusals(&nested(MAX_COMPREHENSIONS + 2)),
        [Code::TOO_MANY_LOOPS]
    );
}

#[test]
fn nested_loops_end() {
    let text = (0..4).fold("1".to_owned(), |body, level| {
        format!("lists.range(60).map(x{level}, {body})")
    });
    let cause = evaluate(&text).unwrap_err();
    assert!(matches!(cause, Cause::Steps | Cause::Memory), "{cause:?}");
}

#[test]
fn doubled_text_ends() {
    let text = (0..40).rev().fold("size(x40)".to_owned(), |body, level| {
        format!("cel.bind(x{}, x{level} + x{level}, {body})", level + 1)
    });
    let cause = evaluate(&format!("cel.bind(x0, 'abcdefgh', {text})")).unwrap_err();
    let limit = matches!(&cause, Cause::Uncaught(error) if error.kind == ErrorKind::LimitExceeded);
    assert!(limit || cause == Cause::Memory, "{cause:?}");
}

#[test]
fn looking_at_large_values_is_paid_for() {
    for work in ["xs == ys", "-1 in xs", "xs.sort() == ys", "size(text) < 0"] {
        let text = format!(
            "cel.bind(xs, lists.range(100000), cel.bind(ys, lists.range(100000), \
             cel.bind(text, 'x'.format([]) + xs.map(x, 'x').join(), \
             lists.range(100000).map(i, {work}))))"
        );
        let cause = evaluate(&text).unwrap_err();
        assert!(
            matches!(cause, Cause::Steps | Cause::Memory),
            "{work}: {cause:?}"
        );
    }
}
