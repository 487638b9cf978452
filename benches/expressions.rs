//! What an expression costs beside the same by hand in Rust over a JSON tree, and beside the `cel` crate.
//! `cargo bench --bench expressions`
//!
//! - bound: the input was converted before; ours is typed, as a journey's input is.
//! - bind + eval: from a parsed JSON tree (`serde_json::Value`) to the value, which is dropped.
//! - compile: from the source; ours parses, checks types, lowers and verifies, the `cel` crate parses.
//!
//! All contestants run in turns, so that each has its share of what else the machine does; the median counts.
//! Nothing is asserted but that all give the same value.

use journey_lang::expression::Compiled;
use journey_machine::machine::Evaluator;
use serde_json::Value;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[path = "expressions/by_hand.rs"]
mod by_hand;
#[path = "expressions/ours.rs"]
mod ours;
#[path = "expressions/peer.rs"]
mod peer;
#[path = "expressions/workload.rs"]
mod workload;

const ROUNDS: usize = 101;
/// How long a contestant is measured in a round, about.
const SLICE: Duration = Duration::from_micros(500);

fn main() -> Result<(), Box<dyn Error>> {
    let project = ours::Project::new()?;
    println!("nanoseconds, medians of {ROUNDS} rounds");
    println!(
        "{:<14} {:>9} {:>9} {:>9} {:>7} {:>7} | {:>9} {:>9} | {:>9} {:>9}",
        "", "ours", "by hand", "cel", "/hand", "cel/", "bind+eval", "cel", "compile", "cel"
    );
    for (place, workload) in workload::ALL.iter().enumerate() {
        let hand = by_hand::ALL.get(place).ok_or("no such workload by hand")?;
        let times = measure(&project, workload, *hand)?;
        let [ours, hand, cel, bind, cel_bind, compile, cel_compile] = times;
        println!(
            "{:<14} {ours:>9.1} {hand:>9.1} {cel:>9.1} {:>7.2} {:>7.1} | {bind:>9.1} {cel_bind:>9.1} | {compile:>9.0} {cel_compile:>9.0}",
            workload.name,
            ours / hand,
            cel / ours
        );
    }
    Ok(())
}

/// Medians of all contestants.
fn measure(
    project: &ours::Project,
    workload: &workload::Workload,
    hand: fn(&Value) -> Option<Value>,
) -> Result<[f64; 7], Box<dyn Error>> {
    let input = workload.input();
    let Compiled { program, .. } = project.compile(workload.source)?;
    let mut evaluator = Evaluator::new(&program, Compiled::FUNCTION);
    for (place, value) in project.decode(&input)? {
        evaluator.bind(place, value);
    }
    let (peer, context) = (peer::compile(workload.source)?, peer::bind(&input));
    let expected = hand(&input).ok_or("the input lacks something")?;
    let mut fresh = Evaluator::new(&program, Compiled::FUNCTION);
    let value = evaluator.evaluate().map_err(|cause| format!("{cause:?}"))?;
    assert_eq!(ours::json(&value)?, expected);
    let value = ours::bind_and_evaluate(&mut fresh, &input)?;
    assert_eq!(ours::json(&value)?, expected);
    assert_eq!(peer::json(&peer, &context)?, expected);
    Ok(medians([
        &mut || drop(black_box(evaluator.evaluate())),
        &mut || drop(black_box(hand(black_box(&input)))),
        &mut || drop(black_box(peer.execute(black_box(&context)))),
        &mut || {
            drop(black_box(ours::bind_and_evaluate(
                &mut fresh,
                black_box(&input),
            )))
        },
        &mut || drop(black_box(peer.execute(&peer::bind(black_box(&input))))),
        &mut || drop(black_box(project.compile(black_box(workload.source)))),
        &mut || drop(black_box(peer::compile(black_box(workload.source)))),
    ]))
}

/// Nanoseconds of each, measured in turns.
fn medians<const N: usize>(mut contestants: [&mut dyn FnMut(); N]) -> [f64; N] {
    let times = contestants.each_mut().map(|run| calibrate(*run));
    let mut rounds = [(); N].map(|()| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for ((run, times), round) in contestants.iter_mut().zip(times).zip(&mut rounds) {
            round.push(clock(*run, times));
        }
    }
    rounds.map(median)
}

/// How often to run in a round.
fn calibrate(run: &mut dyn FnMut()) -> u32 {
    let mut times = 1;
    loop {
        let took = clock(run, times) * f64::from(times);
        if took >= SLICE.as_nanos() as f64 || times >= 1 << 20 {
            return times;
        }
        times *= 2;
    }
}

/// Nanoseconds of one of so many runs.
fn clock(run: &mut dyn FnMut(), times: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        run();
    }
    start.elapsed().as_nanos() as f64 / f64::from(times)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}
