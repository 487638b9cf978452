//! What expressions may cost: whatever they are, they end with a value or a clear error.

use super::*;
use crate::diagnostic::Code;
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

#[test]
fn a_long_sum_is_refused() {
    let mut diagnostics = Diagnostics::new();
    let sum = format!("1{}", " + 1".repeat(100_000));
    parse(&sum, &mut Ids::default(), &mut diagnostics);
    let codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::TOO_DEEP]);
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
