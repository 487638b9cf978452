//! What the verifier lets through runs: code made at random never panics, never outruns its limits.

use crate::assemble::assemble;
use journey_machine::effect::Effect;
use journey_machine::index::Reg;
use journey_machine::machine::{
    Cause, Evaluator, Limits, Machine, Stop, Surroundings, Turn, evaluate,
};
use journey_machine::op::{Context, Op, Operand};
use journey_machine::program::{FuncId, Function, Handler, Parts, Pc, Program};
use journey_machine::value::{ErrorKind, EvalError, Timestamp, Value};
use proptest::prelude::*;
use serde_json::json;

/// Tables for code to refer to.
const TABLES: &str = r#"
operation up.x a b
issuer idp
store rooms {id, floor} key {id} index by_floor {floor}
task clean runs tables {} attempts 1 after [] timeout 1 keep 1
signal cleaned
function tables registers 9
  const null ->r0
  const true ->r0
  const 0 ->r0
  const 2u ->r0
  const 0.5 ->r0
  const "a" ->r0
  const "timeout: x" ->r0
  const [1, [2], "a"] ->r0
  const {"a": {"b": 1}, 1: 2} ->r0
  const duration(1s) ->r0
  field &r0 .a@0 ->r0
  path &r0 .a@0.b@1 ->r0
  path &r0 .b@1.a@0.b@0 ->r0
  unless &r0 == "a" 0
  unless &r0 {.a@0 > 1, .a@0.b@0 not holds "b"} 0
  field &r0 .b@7 ->r0
  object {a, b} {&r0, &->r1} ->r0
  object {c, d} {&r0 .a@0, input .a@0} ->r0
  object {e, f} {"a", secret} ->r0
  object {} {} ->r0
  switch &r0 {0: 1, "a": 2}
  switch &r0 .a@0 {1: 0}
  builtin size &r0..r0 ->r0
  builtin string &r0..r0 ->r0
  scope all 1 ->r0
  scope first 2 ->r0
  scope settle 9 ->r0
  perform call up.x &r0..r1 ->r0
  perform validate idp &r0..r0 ->r0
  perform emit e &r0..r0 ->r0
  perform find rooms by by_floor equal 0 > max 9 &r0..r0 ->r0
  perform start clean key &r0..r1 ->r0
  perform sleep &r0..r0 ->r0
  perform wait cleaned &r0..r1 ->r0
  complete 200 json {x-a} &r0..r1
  complete 204 empty -
"#;

/// How much there is of what an operand refers to.
fn extent(parts: &Parts, function: &Function, length: u16, operand: Operand) -> usize {
    match operand {
        Operand::Write(_) | Operand::Read(_) | Operand::Update(_) | Operand::First(_) => {
            function.registers.into()
        }
        Operand::Iteration(_) => usize::from(function.registers) - 1,
        Operand::Count(_) => 3,
        Operand::Const(_) => parts.constants.len(),
        Operand::Kind(_) => 7,
        Operand::Field(_) => parts.fields.len(),
        Operand::Path(_) => parts.paths.len(),
        Operand::Test(_) => parts.tests.len(),
        Operand::Shape(_) => parts.shapes.len(),
        Operand::Sources(_) => parts.sources.len(),
        Operand::Switch(_) => parts.switches.len(),
        Operand::Builtin(_) => parts.builtin_calls.len(),
        Operand::Site(_) => parts.sites.len(),
        Operand::Scope(_) => parts.scopes.len(),
        Operand::Answer(_) => parts.answers.len(),
        Operand::Func(_) => parts.functions.len(),
        Operand::Target(_) => length.into(),
        Operand::Context(_) => Context::ALL.len(),
    }
}

/// A function after those in `parts`, made of random numbers.
fn function(parts: &Parts, numbers: &[(u8, u16, u16, u16)]) -> Function {
    let mut function = Function {
        name: "random".into(),
        params: 2,
        registers: 5,
        ..Function::default()
    };
    let length = numbers.len() as u16 + 1;
    for (code, a, b, c) in numbers {
        let code = Op::NAMES[usize::from(*code) % Op::NAMES.len()].0;
        let mut raw = [*a, *b, *c].into_iter();
        let op = Op::build(code, |role| {
            let number = usize::from(raw.next().unwrap_or(0));
            Ok::<_, ()>((number % extent(parts, &function, length, role).max(1)) as u16)
        });
        function.code.extend(op.unwrap());
    }
    function.code.push(Op::Return {
        src: Reg(numbers.len() as u16 % 5),
    });
    function
}

fn handler(length: u16, (start, size, target): (u16, u16, u16)) -> Handler {
    let start = start % length;
    let end = (start + 1 + size).min(length);
    Handler {
        start: Pc(start),
        end: Pc(end),
        target: Pc(target % length),
        error: Reg(target % 5),
    }
}

type Numbers = (Vec<(u8, u16, u16, u16)>, Vec<(u16, u16, u16)>);

fn numbers() -> impl Strategy<Value = Numbers> {
    let operation = (any::<u8>(), 0_u16..60, 0_u16..60, 0_u16..60);
    (
        prop::collection::vec(operation, 1..16),
        prop::collection::vec((0_u16..16, 0_u16..8, 0_u16..16), 0..3),
    )
}

/// Parts with three random functions, each of which may run those before it.
fn parts(functions: &[Numbers]) -> Parts {
    let mut parts = assemble(TABLES).unwrap();
    parts.functions[0].code = vec![Op::Return { src: Reg(0) }];
    for (code, handlers) in functions {
        let mut function = function(&parts, code);
        let length = function.code.len() as u16;
        function.handlers = handlers
            .iter()
            .map(|handler| self::handler(length, *handler))
            .collect();
        parts.functions.push(function);
    }
    parts
}

/// Runs the last function in a world that answers every other call with a failure. How many steps did it take?
fn run(program: &Program, limits: Limits) -> Stop {
    let around = Surroundings {
        input: Value::from(vec![Value::Int(1), "a".into()]),
        ..Surroundings::default()
    };
    let last = FuncId(program.functions.len() as u16 - 1);
    let args = vec![Value::Int(3), Value::from(vec![Value::Null])];
    let mut machine = Machine::start(program, last, args, around, 1).with_limits(limits);
    let (mut effects, mut next) = (Vec::new(), 0);
    for _ in 0..limits.steps + 1 {
        let stop = machine.run(
            program,
            Turn {
                now: Timestamp::EPOCH,
                fuel: 7,
            },
            &mut effects,
        );
        if !matches!(stop, Stop::Blocked | Stop::OutOfFuel) {
            return stop;
        }
        while let Some(effect) = effects.get(next) {
            next += 1;
            if let Effect::Call { id, .. }
            | Effect::Validate { id, .. }
            | Effect::State { id, .. }
            | Effect::Sleep { id, .. }
            | Effect::Wait { id, .. } = effect
            {
                let failed = Err(EvalError::new(ErrorKind::Timeout, "x"));
                machine.complete(
                    *id,
                    if id.0 % 2 == 0 {
                        Ok(Value::from("done"))
                    } else {
                        failed
                    },
                );
            }
        }
    }
    panic!("it never ends");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_verified_runs(functions in prop::collection::vec(numbers(), 3..=3)) {
        if let Ok(program) = Program::new(parts(&functions)) {
            run(&program, Limits { steps: 300, memory: 20_000 });
        }
    }
}

/// The property above says something: most random programs pass the verifier, and they end in every way.
#[test]
fn random_programs_are_worth_running() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec(numbers(), 3..=3);
    let mut ends = std::collections::BTreeSet::new();
    for _ in 0..1_000 {
        let functions = strategy.new_tree(&mut runner).unwrap().current();
        let Ok(program) = Program::new(parts(&functions)) else {
            continue;
        };
        ends.insert(
            match run(
                &program,
                Limits {
                    steps: 300,
                    memory: 20_000,
                },
            ) {
                Stop::Done(_) => "done",
                Stop::Returned(_) => "returned",
                Stop::Failed(failure) => match failure.cause {
                    Cause::Uncaught(_) => "uncaught",
                    Cause::Steps => "steps",
                    Cause::Malformed => "malformed",
                    Cause::Memory | Cause::Depth | Cause::Cancelled => "limits",
                },
                Stop::Blocked | Stop::OutOfFuel => "never",
            },
        );
    }
    assert!(
        ["done", "returned", "uncaught", "steps", "malformed"]
            .iter()
            .all(|end| ends.contains(end)),
        "{ends:?}"
    );
}

#[test]
fn a_program_says_what_it_reads() {
    let source = "function leaf registers 1\n context secret ->r0\n return &r0
function branch registers 1\n call leaf - ->r0\n return &r0
function main registers 2\n context input ->r0\n scope all 1 ->r1\n fork branch - &r1\n join &r1 ->r0\n return &r0";
    let program = Program::new(assemble(source).unwrap()).unwrap();
    let uses = |function| Context::ALL.map(|what| program.uses(FuncId(function), what));
    assert_eq!(uses(0), [false, false, false, false, true]);
    assert_eq!(uses(2), [true, false, false, false, true]);
}

#[test]
fn pure_functions_are_evaluated() {
    let source = "operation up.x
function double params 1 registers 1\n add &r0 &r0 ->r0\n return &r0
function asks registers 1\n perform call up.x - ->r0\n return &r0
function ends registers 1\n complete 204 empty -";
    let program = Program::new(assemble(source).unwrap()).unwrap();
    let evaluate = |function, args| {
        evaluate(
            &program,
            FuncId(function),
            args,
            Surroundings::default(),
            Timestamp::EPOCH,
            1,
        )
    };
    assert_eq!(evaluate(0, vec![Value::Int(4)]), Ok(Value::Int(8)));
    assert_eq!(
        evaluate(0, vec![Value::Null]),
        Err(Cause::Uncaught(EvalError::no_such_overload()))
    );
    assert_eq!(evaluate(1, Vec::new()), Err(Cause::Malformed));
    assert_eq!(evaluate(2, Vec::new()), Err(Cause::Malformed));
}

#[test]
fn only_what_is_read_is_converted() {
    let source = "function part params 1 registers 2\n path &r0 .a@0.b@0 ->r1\n return &r1
function whole params 1 registers 1\n return &r0";
    let program = Program::new(assemble(source).unwrap()).unwrap();
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let input = |b: i64| json!({"a": {"b": b, "deep": deep}, "deep": deep});
    let mut part = Evaluator::new(&program, FuncId(0));
    let mut evaluate = |input: &serde_json::Value| {
        part.bind_json(0, input).unwrap();
        part.evaluate()
    };
    assert_eq!(evaluate(&input(7)), Ok(Value::Int(7)));
    assert_eq!(evaluate(&input(8)), Ok(Value::Int(8)));
    let absent = Err(Cause::Uncaught(EvalError::no_such_key("b")));
    assert_eq!(evaluate(&json!({"a": {}})), absent);
    assert_eq!(evaluate(&input(9)), Ok(Value::Int(9)));
    let mut whole = Evaluator::new(&program, FuncId(1));
    assert!(whole.bind_json(0, &input(7)).is_err());
    assert!(whole.bind_json(0, &json!([1])).is_ok());
    assert_eq!(whole.evaluate(), Ok(vec![Value::Int(1)].into()));
}
