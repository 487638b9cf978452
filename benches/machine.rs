//! What an operation costs: nanoseconds each, best of several rounds. `cargo bench --bench machine`
//!
//! Nothing is asserted: times belong to the machine they were taken on.

use journey_machine::machine::{Limits, Machine, Stop, Surroundings, Turn};
use journey_machine::program::{FuncId, Program};
use journey_machine::value::{Shape, Timestamp, Value};
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

#[path = "../tests/harness/machine/assemble.rs"]
mod assemble;
#[path = "../tests/harness/machine/durable.rs"]
mod durable;
#[path = "../tests/harness/machine/cursor.rs"]
mod cursor;

/// Turns of each loop.
const TURNS: i64 = 20_000;
const ROUNDS: usize = 300;

/// What each turn does besides counting (comparison, branch, addition, jump), and functions it calls.
const CASES: &[(&str, &[&str], &str)] = &[
    ("arithmetic", &["mul &r2 &r3 ->r5"], ""),
    (
        "field access",
        &["field &r1 .tier@1 ->r5", "field &r1 .country@2 ->r6"],
        "",
    ),
    (
        "calls",
        &["call same &r2..r2 ->r5"],
        "function same params 1 registers 2\n return &r0",
    ),
    ("objects", &["object {a, b, c} {&r2, &r3, &r4} ->r5"], ""),
    ("tests", &["unless &r1 .tier@1 == \"gold\" 0"], ""),
];

/// Operations of a turn that count.
const COUNTING: usize = 4;

const SHORTEST: &str = "function main registers 1\n complete 204 empty -";

fn main() -> Result<(), Box<dyn Error>> {
    for (name, body, functions) in CASES {
        let program = Program::new(assemble::assemble(&source(body, functions))?)?;
        let best = best(|| round(&program));
        let operations = COUNTING + body.len();
        println!(
            "{name:<14} {:>6.2} ns/op  {best:>7.2} ns/turn",
            best / operations as f64
        );
    }
    let program = Program::new(assemble::assemble(SHORTEST)?)?;
    let best = best(|| shortest(&program));
    println!("{:<14} {best:>6.0} ns", "shortest run");
    Ok(())
}

/// A function that takes the number of turns and an object.
fn source(body: &[&str], functions: &str) -> String {
    let end = 6 + body.len();
    let body = body.join("\n  ");
    format!(
        "function main params 2 registers 7
  const 0 ->r2
  const 1 ->r3
  lt &r2 &r0 ->r4
  jump_unless &r4 {end}
  add &r2 &r3 ->r2
  {body}
  jump 2
  return &r5
{functions}"
    )
}

fn best(measure: impl Fn() -> f64) -> f64 {
    (0..ROUNDS).map(|_| measure()).fold(f64::INFINITY, f64::min)
}

/// Nanoseconds of one turn of the loop.
fn round(program: &Program) -> f64 {
    let shape: Shape = ["id", "tier", "country"].into_iter().collect();
    let slots = ["7", "gold", "US"]
        .map(|text| Some(Value::from(text)))
        .to_vec();
    let args = vec![Value::Int(TURNS), Value::object(&Arc::new(shape), slots)];
    let limits = Limits {
        steps: u64::MAX,
        memory: u64::MAX,
    };
    let mut machine =
        Machine::start(program, FuncId(0), args, Surroundings::default(), 1).with_limits(limits);
    let start = Instant::now();
    let stop = machine.run(
        program,
        Turn {
            now: Timestamp::EPOCH,
            fuel: u32::MAX,
        },
        &mut Vec::new(),
    );
    let nanos = start.elapsed().as_nanos() as f64;
    assert!(matches!(stop, Stop::Returned(_)), "{stop:?}");
    nanos / TURNS as f64
}

/// Nanoseconds from start to answer of a run that does nothing else.
fn shortest(program: &Program) -> f64 {
    let start = Instant::now();
    for _ in 0..TURNS {
        let mut machine =
            Machine::start(program, FuncId(0), Vec::new(), Surroundings::default(), 1);
        let stop = machine.run(
            program,
            Turn {
                now: Timestamp::EPOCH,
                fuel: 100,
            },
            &mut Vec::new(),
        );
        assert!(matches!(stop, Stop::Done(_)));
    }
    start.elapsed().as_nanos() as f64 / TURNS as f64
}
