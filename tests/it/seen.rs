//! What a run can look at of its input is all that its end depends on.

use crate::assemble::assemble;
use journey_machine::machine::{Limits, Machine, Stop, Surroundings, Turn};
use journey_machine::program::{FuncId, Program, Seen};
use journey_machine::value::{Shape, Timestamp, Value};
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::Arc;

const NAMES: [&str; 3] = ["a", "b", "c"];

fn program(code: &str) -> Program {
    Program::new(assemble(code).unwrap()).unwrap()
}

/// What the last function of a program sees: names, or a star for all.
fn seen(code: &str) -> String {
    let program = program(code);
    let last = FuncId(program.functions.len() as u16 - 1);
    match program.seen(last) {
        Seen::All => "*".to_owned(),
        Seen::Members(names) => names.into_iter().collect::<Vec<_>>().join(" "),
    }
}

fn of_main(code: &str) -> String {
    seen(&format!("function main registers 4\n{code}"))
}

#[test]
fn parts_of_the_input_are_members() {
    let parts = "context input .a@0.x@0 ->r0\nobject {x} {input .b@1} ->r1\nreturn &r1";
    assert_eq!(of_main(parts), "a b");
    assert_eq!(of_main("context request ->r0\nreturn &r0"), "");
    assert_eq!(of_main("object {x} {input} ->r1\nreturn &r1"), "*");
}

#[test]
fn a_copy_of_the_input_is_followed_until_its_register_is_written() {
    let asked = "context input ->r0\nhas &r0 .a@0 ->r1\nunless &r0 .b@1 == 1 3\nreturn &r1";
    assert_eq!(of_main(asked), "a b");
    assert_eq!(of_main("context input ->r0\nconst 1 ->r0\nreturn &r0"), "");
    for use_of_all in [
        "return &r0",
        "move &r0 ->r1\nreturn_const 1",
        "take &->r0 ->r1\nreturn_const 1",
        "const \"a\" ->r1\nin &r1 &r0 ->r1\nreturn &r1",
        "index &r0 &r1 ->r1\nreturn &r1",
        "eq &r0 &r1 ->r1\nreturn &r1",
        "list &r0..r1 ->r2\nreturn &r2",
        "object {x} {&r0} ->r1\nreturn &r1",
        "iter &r0 &->r1\nreturn &r1",
        "spread &r0 &->r1\nreturn &r1",
    ] {
        assert_eq!(
            of_main(&format!("context input ->r0\n{use_of_all}")),
            "*",
            "{use_of_all}"
        );
    }
}

#[test]
fn a_copy_is_followed_over_jumps_and_into_handlers() {
    let back = "jump 3\nfield &r0 .a@0 ->r1\nreturn &r1\ncontext input ->r0\njump 1";
    assert_eq!(of_main(back), "a");
    let failing =
        "context input ->r0\nindex &r1 &r2 ->r0\nreturn &r0\nfield &r0 .b@1 ->r1\nreturn &r1";
    assert_eq!(of_main(&format!("{failing}\ncatch 0..2 to 3 r3")), "b");
    assert_eq!(of_main(&format!("{failing}\ncatch 0..2 to 3 r0")), "");
}

#[test]
fn functions_that_are_run_look_for_whoever_runs_them() {
    let called = "function inner registers 1\ncontext input .b@1 ->r0\nreturn &r0\n";
    let call = "function main registers 2\ncall inner - ->r0\nreturn &r0";
    assert_eq!(seen(&format!("{called}{call}")), "b");
    let fork =
        "function main registers 2\nscope all 1 ->r0\nfork inner - &r0\njoin &r0 ->r1\nreturn &r1";
    assert_eq!(seen(&format!("{called}{fork}")), "b");
    let passed = "function inner params 1 registers 1\nreturn &r0\nfunction main registers 1\n\
                  context input ->r0\ncall inner &r0 ->r0\nreturn &r0";
    assert_eq!(seen(passed), "*");
}

#[test]
fn copies_that_lead_too_far_are_taken_for_uses_of_all() {
    let idle = "const 1 ->r1\n".repeat(11_000);
    assert_eq!(
        of_main(&format!("context input ->r0\n{idle}return &r1")),
        "*"
    );
}

/// An operation of a program of so many.
fn op(count: usize) -> impl Strategy<Value = String> {
    let reg = || 0..3_u8;
    let name = || select(vec!["a@0", "b@1", "c@2"]);
    prop_oneof![
        4 => reg().prop_map(|r| format!("context input ->r{r}")),
        2 => (name(), reg()).prop_map(|(n, r)| format!("context input .{n} ->r{r}")),
        1 => (reg(), reg()).prop_map(|(a, b)| format!("move &r{a} ->r{b}")),
        3 => (select(vec!["field", "has", "opt_field"]), reg(), name(), reg())
            .prop_map(|(op, a, n, b)| format!("{op} &r{a} .{n} ->r{b}")),
        2 => (reg(), name(), 0..count).prop_map(|(r, n, to)| format!("unless &r{r} .{n} == 1 {to}")),
        2 => reg().prop_map(|r| format!("const 1 ->r{r}")),
        1 => (reg(), reg(), reg()).prop_map(|(a, b, c)| format!("eq &r{a} &r{b} ->r{c}")),
        1 => (reg(), name(), reg()).prop_map(|(a, n, b)| format!("object {{x}} {{&r{a} .{n}}} ->r{b}")),
        1 => (0..count).prop_map(|to| format!("jump {to}")),
        1 => reg().prop_map(|r| format!("return &r{r}")),
    ]
}

fn code() -> impl Strategy<Value = String> {
    const COUNT: usize = 12;
    let ops = prop::collection::vec(op(COUNT), COUNT - 1);
    let handler = (0..COUNT - 1, 0..COUNT, 0..3_u8);
    (ops, prop::option::of(handler), 0..3_u8).prop_map(|(ops, handler, last)| {
        let catch =
            handler.map(|(from, to, reg)| format!("catch {from}..{COUNT} to {to} r{reg}\n"));
        let (code, catch) = (ops.join("\n"), catch.unwrap_or_default());
        format!("function main registers 3\n{code}\nreturn &r{last}\n{catch}")
    })
}

fn end(program: &Program, slots: Vec<Option<Value>>) -> (Stop, u64) {
    let shape: Arc<Shape> = Arc::new(NAMES.into_iter().collect());
    let input = Value::object(&shape, slots);
    let around = Surroundings {
        input,
        ..Surroundings::default()
    };
    let limits = Limits {
        steps: 200,
        ..Limits::default()
    };
    let mut machine = Machine::start(program, FuncId(0), Vec::new(), around, 7).with_limits(limits);
    let turn = Turn {
        now: Timestamp::EPOCH,
        fuel: u32::MAX,
    };
    (
        machine.run(program, turn, &mut Vec::new()),
        machine.steps_left(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_not_seen_changes_nothing(code in code(), values in prop::array::uniform3(prop::option::of(0..3_i64))) {
        let program = program(&code);
        let seen = program.seen(FuncId(0));
        let slots: Vec<_> = values.into_iter().map(|value| value.map(Value::Int)).collect();
        let kept = NAMES.iter().zip(&slots);
        let nulled = kept.clone().map(|(name, slot)| if seen.has(name) { slot.clone() } else { Some(Value::Null) });
        let absent = kept.map(|(name, slot)| slot.clone().filter(|_| seen.has(name)));
        let (nulled, absent) = (nulled.collect(), absent.collect());
        let whole = end(&program, slots);
        prop_assert_eq!(&whole, &end(&program, nulled), "{}", code);
        prop_assert_eq!(&whole, &end(&program, absent), "{}", code);
    }
}
