//! The machine under every weather: whatever the order of completions and the fuel of a turn, runs are structured and repeatable.

use crate::assemble::assemble;
use journey_machine::effect::{Effect, EffectId};
use journey_machine::machine::{Cause, Machine, Stop, Surroundings, Turn};
use journey_machine::program::{FuncId, Program};
use journey_machine::value::{ErrorKind, EvalError, Timestamp, Value};
use journey_machine::wire::snapshot;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What a generated task does.
#[derive(Clone, Debug)]
enum Node {
    /// A call that succeeds or fails.
    Call(bool),
    /// A scope of tasks: its policy, its limit.
    Group(&'static str, u16, Vec<Node>),
}

impl Node {
    /// Does it succeed? That never depends on any order.
    fn succeeds(&self) -> bool {
        match self {
            Self::Call(good) => *good,
            Self::Group("all", _, nodes) => nodes.iter().all(Self::succeeds),
            Self::Group("first", _, nodes) => nodes.iter().any(Self::succeeds),
            Self::Group(..) => true,
        }
    }

    /// Its functions, its own the last one; and whether each call succeeds, by number.
    fn write(&self, source: &mut String, calls: &mut Vec<bool>, functions: &mut usize) -> String {
        let code = match self {
            Self::Call(good) => {
                calls.push(*good);
                format!(
                    "const {} ->r0\nperform call up.x &r0 ->r1\nreturn &r1\n",
                    calls.len() - 1
                )
            }
            Self::Group(policy, limit, nodes) => {
                let forks: String = nodes
                    .iter()
                    .map(|node| format!("fork {} - &r0\n", node.write(source, calls, functions)))
                    .collect();
                format!("scope {policy} {limit} ->r0\n{forks}join &r0 ->r1\nreturn &r1\n")
            }
        };
        *functions += 1;
        let name = format!("f{functions}");
        *source += &format!("function {name} registers 2\n{code}");
        name
    }
}

fn node() -> impl Strategy<Value = Node> {
    any::<bool>()
        .prop_map(Node::Call)
        .prop_recursive(4, 24, 4, |inner| {
            let policy = prop::sample::select(vec!["all", "settle", "first"]);
            (policy, 1_u16..4, prop::collection::vec(inner, 0..5))
                .prop_map(|(policy, limit, nodes)| Node::Group(policy, limit, nodes))
        })
}

/// A generated program, its first function, and whether each of its calls succeeds.
fn program(node: &Node) -> (Program, FuncId, Vec<bool>) {
    let (mut source, mut calls, mut functions) = ("operation up.x n\n".to_owned(), Vec::new(), 0);
    node.write(&mut source, &mut calls, &mut functions);
    let program = Program::new(assemble(&source).unwrap()).unwrap();
    (program, FuncId(functions as u16 - 1), calls)
}

/// Numbers that look random: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// The world of one run: it ends calls in an order of its own.
struct World {
    order: Dice,
    /// Calls under way, and their numbers.
    open: BTreeMap<EffectId, usize>,
    trace: Vec<String>,
}

impl World {
    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.trace.push(format!("{effect:?}"));
            match effect {
                Effect::Call { id, args, .. } => {
                    assert!(
                        self.open
                            .insert(id, args[0].as_i64().unwrap() as usize)
                            .is_none(),
                        "a name used twice"
                    );
                }
                Effect::Cancel(id) => assert!(
                    self.open.remove(&id).is_some(),
                    "cancelled what is not under way"
                ),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Ends one to three calls.
    fn end(&mut self, machine: &mut Machine, calls: &[bool]) {
        for _ in 0..=self.order.roll(3) {
            let Some(&id) = self
                .open
                .keys()
                .nth(self.order.roll(self.open.len().max(1)))
            else {
                return;
            };
            let number = self.open.remove(&id).unwrap();
            let good = Ok(Value::Int(number as i64));
            let outcome = if calls[number] {
                good
            } else {
                Err(EvalError::new(ErrorKind::Timeout, format!("{number}")))
            };
            assert!(machine.complete(id, outcome.clone()));
            assert!(!machine.complete(id, outcome), "ended twice");
        }
    }
}

/// Names the program.
const HASH: [u8; 32] = [7; 32];

fn name(effect: &Effect) -> EffectId {
    match effect {
        Effect::Call { id, .. } => *id,
        other => panic!("{other:?}"),
    }
}

/// One run; without `fuel`, turns end only where the machine waits. At every stop the machine is replaced by what its
/// snapshot gives.
fn drive(node: &Node, order: u64, fuel: Option<u64>) -> (Stop, Vec<String>) {
    let (program, function, calls) = program(node);
    let mut machine = Machine::start(&program, function, Vec::new(), Surroundings::default(), 7);
    let mut world = World {
        order: Dice(order),
        open: BTreeMap::new(),
        trace: Vec::new(),
    };
    let mut pumps = fuel.map(Dice);
    loop {
        let fuel = pumps
            .as_mut()
            .map_or(u32::MAX, |dice| dice.roll(5) as u32 + 1);
        let mut effects = Vec::new();
        let stop = machine.run(
            &program,
            Turn {
                now: Timestamp::EPOCH,
                fuel,
            },
            &mut effects,
        );
        world.take(effects);
        if let Some(bytes) = snapshot::encode(&machine, &HASH) {
            let nothing = (Value::Null, Value::Null);
            let copy = snapshot::decode(&bytes, &program, &HASH, nothing).unwrap();
            assert_eq!(copy, machine);
            assert_eq!(snapshot::encode(&copy, &HASH), Some(bytes));
            let asked = copy.outstanding(&program);
            assert!(asked.iter().map(name).eq(world.open.keys().copied()));
            machine = copy;
        }
        match stop {
            Stop::OutOfFuel => {}
            Stop::Blocked => {
                assert!(!world.open.is_empty(), "waits for nothing");
                world.end(&mut machine, &calls);
            }
            over => {
                assert!(
                    world.open.is_empty(),
                    "calls outlive the run: {:?}",
                    world.open
                );
                return (over, world.trace);
            }
        }
    }
}

proptest! {
    #[test]
    fn fuel_changes_nothing(node in node(), order in 1_u64.., fuel in 1_u64..) {
        prop_assert_eq!(drive(&node, order, None), drive(&node, order, Some(fuel)));
    }

    #[test]
    fn success_does_not_depend_on_order(node in node(), order in 1_u64..) {
        let (stop, _) = drive(&node, order, None);
        match stop {
            Stop::Returned(_) => prop_assert!(node.succeeds()),
            Stop::Failed(failure) => prop_assert!(matches!(failure.cause, Cause::Uncaught(_)) && !node.succeeds()),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn cancelling_leaves_nothing_under_way(node in node(), order in 1_u64.., turns in 0..6) {
        let (program, function, calls) = program(&node);
        let mut machine = Machine::start(&program, function, Vec::new(), Surroundings::default(), 7);
        let mut world = World { order: Dice(order), open: BTreeMap::new(), trace: Vec::new() };
        for _ in 0..turns {
            let mut effects = Vec::new();
            machine.run(&program, Turn { now: Timestamp::EPOCH, fuel: 3 }, &mut effects);
            world.take(effects);
            world.end(&mut machine, &calls);
        }
        let mut effects = Vec::new();
        machine.cancel(&mut effects);
        world.take(effects);
        prop_assert!(world.open.is_empty());
    }
}
