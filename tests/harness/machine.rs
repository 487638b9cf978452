//! A program as its listing, and a script: what the world does. Expected: what the machine asks, and how it stops.
//!
//! | line | |
//! |---|---|
//! | `> around input VALUE` | what surrounds the run |
//! | `> limits STEPS MEMORY` | what it may use |
//! | `> start FUNCTION [ARGUMENTS]` | a new run |
//! | `> run`, `> run FUEL` | one turn |
//! | `> complete EFFECT VALUE`, `> fail EFFECT "kind: message"` | the end of an effect |
//! | `> cancel` | the end of the run from outside |

mod assemble;
mod cursor;
mod durable;

use super::case::Case;
use assemble::{assemble, function};
use cursor::{Cursor, Read};
use journey_machine::effect::{Effect, EffectId};
use journey_machine::listing::{self, Literal};
use journey_machine::machine::{Cause, Failure, Limits, Machine, Stop, Surroundings, Turn};
use journey_machine::op::Context;
use journey_machine::program::{AnswerBody, EffectSite, Program};
use journey_machine::value::{EvalError, Str, Timestamp, Value};
use journey_machine::wire;
use libtest_mimic::Failed;
use std::path::Path;

/// Runs one case.
pub(crate) fn run(path: &Path) -> Result<(), Failed> {
    let case = Case::read(path)?;
    let (script, listing): (Vec<&str>, Vec<&str>) = case
        .source()
        .lines()
        .partition(|line| line.starts_with("> "));
    let program = match Program::new(assemble(&listing.join("\n"))?) {
        Ok(program) => program,
        Err(error) => return case.settle(&format!("refused: {error}\n")),
    };
    assert_eq!(
        wire::program::decode(&wire::program::encode(&program)).as_ref(),
        Ok(&program),
        "artifacts lose nothing"
    );
    relist(&listing, &program)?;
    let mut world = World::new(&program);
    for line in script {
        world
            .act(Cursor::new(line.trim_start_matches("> ")))
            .map_err(|error| format!("{line}: {error}"))?;
    }
    case.settle(&world.trace)
}

/// What the listing says is the whole program: assembled again, it gives the same listing.
fn relist(listing: &[&str], program: &Program) -> Read<()> {
    let declared = listing
        .iter()
        .filter(|line| line.starts_with("operation ") || line.starts_with("issuer "));
    let listed = listing::list(program);
    let source = declared
        .chain([&listed.as_str()])
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    let again = Program::new(assemble(&source)?).map_err(|error| error.to_string())?;
    assert_eq!(listing::list(&again), listed, "listings lose nothing");
    Ok(())
}

/// Drives a machine, and writes down what it does.
struct World<'a> {
    program: &'a Program,
    around: Surroundings,
    limits: Limits,
    machine: Option<Machine>,
    trace: String,
}

impl<'a> World<'a> {
    fn new(program: &'a Program) -> Self {
        let (around, limits) = (Surroundings::default(), Limits::default());
        Self {
            program,
            around,
            limits,
            machine: None,
            trace: String::new(),
        }
    }

    fn act(&mut self, mut line: Cursor<'_>) -> Read<()> {
        match line.word() {
            "around" => self.surround(line),
            "limits" => {
                self.limits = Limits {
                    steps: line.number()?,
                    memory: line.number()?,
                };
                Ok(())
            }
            "start" => self.start(line),
            "run" => self.turn(if line.is_empty() {
                u32::MAX
            } else {
                line.number()?
            }),
            "complete" => {
                let id = EffectId(line.number()?);
                self.end(id, Ok(line.literal()?))
            }
            "fail" => {
                let id = EffectId(line.number()?);
                let text = line.literal()?;
                self.end(
                    id,
                    Err(text
                        .as_str()
                        .and_then(EvalError::of_text)
                        .ok_or("a text expected")?),
                )
            }
            "cancel" => self.cancel(),
            other => Err(format!("`{other}` is no line of a script")),
        }
    }

    fn surround(&mut self, mut line: Cursor<'_>) -> Read<()> {
        let (name, value) = (line.word(), line.literal()?);
        let what = Context::ALL
            .into_iter()
            .find(|what| what.name() == name)
            .ok_or("no such context")?;
        *match what {
            Context::Input => &mut self.around.input,
            Context::Request => &mut self.around.request,
            Context::Client => &mut self.around.client,
            Context::Config => &mut self.around.config,
            Context::Secret => &mut self.around.secret,
        } = value;
        Ok(())
    }

    fn start(&mut self, mut line: Cursor<'_>) -> Read<()> {
        let function = function(self.program, line.word())?;
        let args = if line.is_empty() {
            Vec::new()
        } else {
            line.between("[", "]", Cursor::literal)?
        };
        let machine = Machine::start(self.program, function, args, self.around.clone(), 1);
        self.machine = Some(machine.with_limits(self.limits));
        Ok(())
    }

    fn machine(&mut self) -> Read<&mut Machine> {
        self.machine
            .as_mut()
            .ok_or_else(|| "nothing has been started".to_owned())
    }

    fn turn(&mut self, fuel: u32) -> Read<()> {
        let (program, mut out) = (self.program, Vec::new());
        let turn = Turn {
            now: Timestamp::EPOCH,
            fuel,
        };
        let stop = self.machine()?.run(program, turn, &mut out);
        self.effects(&out);
        self.trace += &self.stop(&stop);
        Ok(())
    }

    fn end(&mut self, id: EffectId, outcome: Result<Value, EvalError>) -> Read<()> {
        if !self.machine()?.complete(id, outcome) {
            self.trace += "ignored\n";
        }
        Ok(())
    }

    fn cancel(&mut self) -> Read<()> {
        let mut out = Vec::new();
        self.machine()?.cancel(&mut out);
        self.effects(&out);
        Ok(())
    }

    fn effects(&mut self, effects: &[Effect]) {
        for effect in effects {
            self.trace += &self.effect(effect);
        }
    }

    fn effect(&self, effect: &Effect) -> String {
        let manifest = &self.program.manifest;
        match effect {
            Effect::Call {
                id,
                operation,
                args,
            } => {
                let args = literals(args);
                format!(
                    "call {} {}{args}\n",
                    id.0,
                    name_of(
                        manifest
                            .operations
                            .get(usize::from(operation.0))
                            .map(|operation| &operation.name)
                    )
                )
            }
            Effect::Validate { id, issuer, token } => {
                format!(
                    "validate {} {} {}\n",
                    id.0,
                    name_of(
                        manifest
                            .issuers
                            .get(usize::from(issuer.0))
                            .map(|issuer| &issuer.name)
                    ),
                    Literal(token)
                )
            }
            Effect::State { id, site, args } => {
                let site = listing::Site(self.program, &EffectSite::State(*site)).to_string();
                format!("{site} {}{}\n", id.0, literals(args))
            }
            Effect::Sleep { id, time } => format!("sleep {} {}\n", id.0, Literal(time)),
            Effect::Wait {
                id,
                signal,
                key,
                up_to,
            } => {
                let signal = manifest.signals.get(usize::from(signal.0));
                let name = name_of(signal.map(|signal| &signal.name));
                format!("wait {} {name} {} {}\n", id.0, Literal(key), Literal(up_to))
            }
            Effect::Read { id, blob } => format!("read {} {}\n", id.0, Literal(blob)),
            Effect::Emit { name, data } => format!("emit {name} {}\n", Literal(data)),
            Effect::Cancel(id) => format!("cancel {}\n", id.0),
        }
    }

    fn stop(&self, stop: &Stop) -> String {
        match stop {
            Stop::Done(answer) => {
                let headers = answer
                    .headers
                    .iter()
                    .map(|(name, value)| format!("  {name}: {value}\n"))
                    .collect::<String>();
                let body = if answer.kind == AnswerBody::Empty {
                    String::new()
                } else {
                    format!(" {}", Literal(&answer.body))
                };
                format!("done {} {:?}{body}\n{headers}", answer.status, answer.kind)
            }
            Stop::Returned(value) => format!("returned {}\n", Literal(value)),
            Stop::Blocked => "blocked\n".to_owned(),
            Stop::OutOfFuel => "out of fuel\n".to_owned(),
            Stop::Failed(failure) => self.failure(failure),
        }
    }

    fn failure(&self, failure: &Failure) -> String {
        let place = format!(
            "in {} at {}",
            self.program[failure.function].name, failure.pc.0
        );
        if let Cause::Uncaught(error) = &failure.cause {
            return format!("failed {place}: {error}\n");
        }
        format!("failed {place}: {:?}\n", failure.cause)
    }
}

fn literals(values: &[Value]) -> String {
    let values = values.iter();
    values.map(|value| format!(" {}", Literal(value))).collect()
}

fn name_of(name: Option<&Str>) -> &str {
    name.map_or("?", Str::as_str)
}
