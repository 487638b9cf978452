//! The scripted world: answers what a run asks for, as the case says, and notes what does not go by the script.

use super::plain::{diff, only, plain, settle};
use super::spec::Mock;
use super::stored::Stored;
use journey_lang::yaml::Data;
use journey_machine::effect::{Effect, EffectId, Outcome};
use journey_machine::manifest::IssuerId;
use journey_machine::program::Program;
use journey_machine::value::{ErrorKind, EvalError, Str, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// A scripted call that fits the declared types, with its end.
#[derive(Debug)]
pub(super) struct Scripted<'a> {
    pub(super) mock: &'a Mock,
    pub(super) outcome: Outcome,
}

/// What is not as the specification says.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// One sentence.
    pub(crate) what: String,
    /// Expected and actual, line by line; may be empty.
    pub(crate) diff: String,
}

impl Difference {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            diff: String::new(),
        }
    }
}

/// An effect under way: where it stands in the script, and how it will end.
#[derive(Debug)]
struct Pending {
    id: EffectId,
    order: usize,
    outcome: Outcome,
}

/// See the module.
#[derive(Debug)]
pub(super) struct World<'p, 'a> {
    program: &'p Program,
    script: Vec<Scripted<'a>>,
    used: Vec<bool>,
    tokens: BTreeMap<(IssuerId, Str), Outcome>,
    pending: Vec<Pending>,
    pub(super) stored: Stored<'p>,
    /// Events, in order.
    pub(super) events: Vec<Json>,
    pub(super) differences: Vec<Difference>,
    /// Arguments that differ from what the script expects, with what it expects.
    pub(super) arguments: Vec<(&'a Data, Json)>,
}

impl<'p, 'a> World<'p, 'a> {
    pub(super) fn new(
        program: &'p Program,
        script: Vec<Scripted<'a>>,
        tokens: BTreeMap<(IssuerId, Str), Outcome>,
        stored: Stored<'p>,
    ) -> Self {
        Self {
            program,
            used: vec![false; script.len()],
            script,
            tokens,
            pending: Vec::new(),
            stored,
            events: Vec::new(),
            differences: Vec::new(),
            arguments: Vec::new(),
        }
    }

    /// Takes what a turn has asked for.
    pub(super) fn take(&mut self, effects: &mut Vec<Effect>) {
        let calls = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Call { .. }))
            .count();
        // Calls that are under way together may come in any order, one that is alone comes when it is its turn.
        let alone = calls == 1 && self.pending.is_empty();
        let cancelled: Vec<EffectId> = effects.iter().filter_map(cancelled).collect();
        for effect in effects.drain(..) {
            match effect {
                Effect::Call {
                    id,
                    operation,
                    args,
                } => {
                    let declared = self
                        .program
                        .manifest
                        .operations
                        .get(usize::from(operation.0));
                    let name = declared.map_or("", |operation| operation.name.as_str());
                    let params = declared.map_or(&[][..], |operation| &operation.params);
                    let given = params
                        .iter()
                        .zip(&args)
                        .filter(|(_, value)| !matches!(value, Value::Null));
                    let args: Json = given
                        .map(|(param, value)| (param.name.to_string(), plain(value)))
                        .collect();
                    self.call(id, name, &args, alone);
                }
                Effect::Validate { id, issuer, token } => {
                    let outcome = token
                        .as_str()
                        .and_then(|token| self.tokens.get(&(issuer, token.into())));
                    let unknown = || {
                        Err(EvalError::new(
                            ErrorKind::InvalidToken,
                            "the script does not know the token",
                        ))
                    };
                    let outcome = outcome.cloned().unwrap_or_else(unknown);
                    self.ends(id, outcome);
                }
                Effect::State { id, site, args } => {
                    if !cancelled.contains(&id) {
                        self.stored.act(id, site, &args);
                    }
                }
                Effect::Read { id, blob } => {
                    let outcome = self.stored.read(&blob);
                    self.ends(id, outcome);
                }
                Effect::Sleep { id, .. } | Effect::Wait { id, .. } => {
                    let refused = EvalError::new(ErrorKind::Unavailable, "only a server does this");
                    self.ends(id, Err(refused));
                }
                Effect::Emit { name, data } => self
                    .events
                    .push(json!({ "name": name.as_str(), "data": plain(&data) })),
                Effect::Cancel(id) => self.pending.retain(|pending| pending.id != id),
            }
        }
    }

    /// How an effect will end that is not scripted.
    fn ends(&mut self, id: EffectId, outcome: Outcome) {
        self.pending.push(Pending {
            id,
            order: 0,
            outcome,
        });
    }

    fn call(&mut self, id: EffectId, name: &str, args: &Json, alone: bool) {
        let Some(place) = self.choose(name, args) else {
            self.differences.push(Difference {
                what: format!("{name} was called, which the script does not expect"),
                diff: format!("{args:#}\n"),
            });
            let message = "the script does not expect this call";
            let outcome = Err(EvalError::new(ErrorKind::Unavailable, message));
            return self.pending.push(Pending {
                id,
                order: usize::MAX,
                outcome,
            });
        };
        let first = self.open().next().filter(|first| alone && *first != place);
        if let Some(first) = first {
            let what = format!("{name} was called before {}", self.name(first));
            self.differences.push(Difference::new(what));
        }
        if let Some(used) = self.used.get_mut(place) {
            *used = true;
        }
        if let Some(scripted) = self.script.get(place) {
            let outcome = scripted.outcome.clone();
            self.compare_arguments(name, scripted.mock.with.as_ref(), args);
            self.pending.push(Pending {
                id,
                order: place + 1,
                outcome,
            });
        }
    }

    /// Places of calls that have not been made.
    fn open(&self) -> impl Iterator<Item = usize> {
        self.used
            .iter()
            .enumerate()
            .filter(|(_, used)| !**used)
            .map(|(place, _)| place)
    }

    /// The first call of this name that expects these arguments, else the first of this name.
    fn choose(&self, name: &str, args: &Json) -> Option<usize> {
        let named = |place: &usize| {
            self.script
                .get(*place)
                .is_some_and(|s| s.mock.call.node == name)
        };
        let fits = |place: &usize| {
            let with = self.script.get(*place).and_then(|s| s.mock.with.as_ref());
            with.is_none_or(|with| settle(with, args) == only(args, with))
        };
        let open: Vec<usize> = self.open().filter(named).collect();
        open.iter().copied().find(fits).or(open.first().copied())
    }

    fn compare_arguments(&mut self, name: &str, with: Option<&'a Data>, args: &Json) {
        let Some(with) = with else { return };
        let (expected, actual) = (settle(with, args), only(args, with));
        if expected != actual {
            let what = format!("the arguments of {name} differ");
            self.differences.push(Difference {
                what,
                diff: diff(&expected, &actual),
            });
            self.arguments.push((with, actual));
        }
    }

    /// What the run is told next: the ends of all it did with what is stored, else the end of the turn, and of one call.
    pub(super) fn ended(&mut self, wrong: &mut Vec<Difference>) -> Vec<(EffectId, Outcome)> {
        let done = self.stored.done();
        if !done.is_empty() {
            return done;
        }
        wrong.extend(self.stored.end(true));
        self.next().into_iter().collect()
    }

    /// What ends next: as the script orders it, validations first.
    fn next(&mut self) -> Option<(EffectId, Outcome)> {
        let first = self
            .pending
            .iter()
            .enumerate()
            .min_by_key(|(_, pending)| (pending.order, pending.id))?
            .0;
        let Pending { id, outcome, .. } = self.pending.remove(first);
        Some((id, outcome))
    }

    /// Calls that were expected and not made.
    pub(super) fn missing(&self) -> impl Iterator<Item = Difference> {
        self.open()
            .map(|place| Difference::new(format!("{} was not called", self.name(place))))
    }

    fn name(&self, place: usize) -> &str {
        self.script
            .get(place)
            .map_or("", |scripted| &scripted.mock.call.node)
    }
}

fn cancelled(effect: &Effect) -> Option<EffectId> {
    if let Effect::Cancel(id) = effect {
        Some(*id)
    } else {
        None
    }
}
