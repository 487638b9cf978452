//! One case, from its request to its answer, on the machine and in the scripted world: no sockets, no clock.

use super::limits;
use super::plain::plain;
use super::prepare::{self, Prepared};
use super::spec::Case;
use super::stored::Stored;
use super::world::{Difference, World};
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::Sources;
use journey_lang::yaml::Data;
use journey_machine::effect::Answer;
use journey_machine::http::{Intake, Origin, Received, may_redirect};
use journey_machine::machine::{Cause, Failure, Machine, Stop, Surroundings, Turn};
use journey_machine::manifest::{Journey, Text};
use journey_machine::program::{AnswerBody, FuncId, Pc, Program};
use journey_machine::schema::Decoder;
use journey_machine::value::{Shape, Str, Value};
use journey_server::auth::Denied;
use journey_server::problem::{Kind, Place, Problem};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The id of every request of a test.
const REQUEST_ID: &str = "test";

/// A program that cases are played on.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) program: &'a Program,
    pub(super) sources: &'a Sources,
    pub(super) decoder: Decoder,
}

/// What came of a case.
#[derive(Debug, Default)]
pub(super) struct Played<'a> {
    /// `{status, headers, body, problem}`, as far as there are such.
    pub(super) answer: Json,
    pub(super) events: Json,
    pub(super) steps: Json,
    /// Records by store.
    pub(super) stored: Json,
    pub(super) started: Json,
    pub(super) signals: Json,
    pub(super) differences: Vec<Difference>,
    /// Arguments that differ, with what the case expects.
    pub(super) arguments: Vec<(&'a Data, Json)>,
}

impl<'a> Stage<'a> {
    /// Plays a case.
    ///
    /// # Errors
    /// The case contradicts the program.
    pub(super) fn play<'c>(
        &self,
        journey: &Journey,
        case: &'c Case,
    ) -> Result<Played<'c>, Diagnostics> {
        let prepared = prepare::prepare(self.program, &self.decoder, journey, case)?;
        let scene = Scene {
            stage: self,
            journey,
            now: prepared.now,
            seed: prepared.seed,
        };
        let exceeded = |early| limits::exceeded(self.program, journey, case, early);
        if exceeded(true) {
            return Ok(scene.refused(&Kind::TooManyRequests.into()));
        }
        let (sent, intake) = (&prepared.sent, Intake::new(self.program, journey));
        let mut stored = Stored::new(self.program, prepared.now);
        let Some(parts) = sent.parts(&intake, &self.decoder, &mut stored) else {
            return Ok(scene.refused(&Kind::ContentTooLarge.into()));
        };
        let received = Received {
            path: &sent.path,
            query: &sent.query,
            headers: sent,
            body: sent.body(&parts),
        };
        let input = match intake.read(&self.decoder, &received) {
            Ok(input) => input,
            Err(faults) => return Ok(scene.refused(&faults.into())),
        };
        let input = intake.replace_uploads(&self.decoder, &input, &mut |bytes| {
            Some(stored.upload(bytes, None)?.to_value())
        });
        let client = prepared.client.as_ref();
        if client
            .is_some_and(|client| !journey_server::auth::is_caller(journey, &input, &client.id))
        {
            let denied = Denied::Invalid("clientId is not the caller's");
            return Ok(scene.refused(&Problem::denied(&journey.auth, denied)));
        }
        if exceeded(false) {
            return Ok(scene.refused(&Kind::TooManyRequests.into()));
        }
        Ok(scene.run(prepared, input, stored))
    }
}

/// A case while it is played.
#[derive(Clone, Copy)]
struct Scene<'s> {
    stage: &'s Stage<'s>,
    journey: &'s Journey,
    now: journey_machine::value::Timestamp,
    seed: u128,
}

impl Scene<'_> {
    fn run<'c>(self, prepared: Prepared<'c>, input: Value, mut stored: Stored<'_>) -> Played<'c> {
        let program = self.stage.program;
        let declared = declared(self.journey, &prepared);
        let around = surroundings(&prepared, input);
        let mut differences = stored.give(&self.stage.decoder, prepared.given);
        let mut world = World::new(program, prepared.script, prepared.tokens, stored);
        let mut machine = Machine::start(
            program,
            self.journey.function,
            Vec::new(),
            around,
            self.seed,
        );
        let (mut effects, mut steps) = (Vec::new(), Vec::new());
        let turn = Turn {
            now: self.now,
            fuel: 1,
        };
        let stop = loop {
            steps.extend(
                machine
                    .position()
                    .and_then(|(function, pc)| step(program, function, pc)),
            );
            let stop = machine.run(program, turn, &mut effects);
            // What is asked for before everything waits is under way together.
            if stop != Stop::OutOfFuel {
                world.take(&mut effects);
            }
            match stop {
                Stop::OutOfFuel => {}
                Stop::Blocked => {
                    let ended = world.ended(&mut differences);
                    if ended.is_empty() {
                        break stop;
                    }
                    for (id, outcome) in ended {
                        machine.complete(id, outcome);
                    }
                }
                Stop::Done(_) | Stop::Failed(_) | Stop::Returned(_) => break stop,
            }
        };
        let kept = !matches!(stop, Stop::Failed(_));
        differences.extend(world.stored.end(kept));
        let mut played = self.end(stop, &declared);
        played.differences.append(&mut differences);
        played.differences.extend(world.missing());
        played.differences.append(&mut world.differences);
        Played {
            stored: world.stored.records(),
            started: world.stored.sent.started.into(),
            signals: world.stored.sent.signals.into(),
            events: world.events.into(),
            steps: steps.into(),
            arguments: world.arguments,
            ..played
        }
    }

    fn end<'c>(self, stop: Stop, declared: &[Origin]) -> Played<'c> {
        match stop {
            Stop::Done(answer) if leads_astray(&answer, declared) => {
                let mut played = self.refused(&Kind::Internal.into());
                let what = "the redirect leads to an origin that the journey does not declare";
                played.differences.push(Difference::new(what.to_owned()));
                played
            }
            Stop::Done(answer) => Played {
                answer: self.answer(&answer),
                ..Played::default()
            },
            Stop::Failed(failure) => {
                let difference =
                    Difference::new(format!("the run failed: {}", self.explain(&failure)));
                let mut played = self.refused(&Kind::Internal.into());
                played.differences.push(difference);
                played
            }
            Stop::Returned(_) | Stop::Blocked | Stop::OutOfFuel => {
                self.refused(&Kind::Internal.into())
            }
        }
    }

    fn answer(self, answer: &Answer) -> Json {
        if answer.kind == AnswerBody::Problem {
            let status = answer.status.try_into().unwrap_or_default();
            let code = answer.body.as_str().unwrap_or_default();
            let mut shown = self.problem(&Problem::declared(
                self.place(&REQUEST_ID.into()),
                status,
                code,
            ));
            merge_headers(&mut shown, &answer.headers);
            return shown;
        }
        let mut shown = json!({ "status": answer.status });
        merge_headers(&mut shown, &answer.headers);
        if answer.kind != AnswerBody::Empty {
            insert(&mut shown, "body", plain(&answer.body));
        }
        shown
    }

    fn problem(self, problem: &Problem) -> Json {
        let id = REQUEST_ID.into();
        let body = problem.body(self.place(&id));
        json!({
            "status": problem.status.as_u16(),
            "problem": problem.code.as_str(),
            "body": plain(&body.value),
        })
    }

    /// The runtime itself answers.
    fn refused<'c>(self, problem: &Problem) -> Played<'c> {
        let answer = self.problem(problem);
        Played {
            answer,
            events: json!([]),
            steps: json!([]),
            ..Played::default()
        }
    }

    fn place<'i>(self, id: &'i Str) -> Place<'i>
    where
        Self: 'i,
    {
        Place {
            program: self.stage.program,
            journey: Some(self.journey),
            id,
            now: self.now,
            seed: Some(self.seed),
        }
    }

    /// What went wrong, and where in the source.
    fn explain(self, failure: &Failure) -> String {
        let cause = match &failure.cause {
            Cause::Uncaught(error) => error.to_string(),
            Cause::Steps => "more operations than a run may execute".into(),
            Cause::Memory => "more memory than a run may use".into(),
            Cause::Depth => "too many tasks or frames".into(),
            Cause::Malformed => "an operation met a value it cannot use".into(),
            Cause::Cancelled => "it was cancelled".into(),
        };
        let function = self.stage.program.functions.get(failure.function.index());
        match function.and_then(|function| function.debug.span(failure.pc)) {
            Some(span) => {
                let place = self.stage.sources.position(span.file, span.start);
                let file = self
                    .stage
                    .sources
                    .get(span.file)
                    .map_or("", |file| file.path.as_str());
                format!("{cause}, at {file}:{}:{}", place.line, place.column)
            }
            None => cause,
        }
    }
}

fn surroundings(prepared: &Prepared<'_>, input: Value) -> Surroundings {
    let shape = |names: &[&'static str]| Arc::new(names.iter().copied().collect::<Shape>());
    let sent = &prepared.sent;
    let request = [
        REQUEST_ID.into(),
        sent.method.clone().into(),
        sent.path.as_str().into(),
        sent.header_map(),
        "127.0.0.1".into(),
    ];
    let client = prepared.client.as_ref().map(|caller| {
        let slots = vec![Some(caller.id.clone().into()), Some(caller.claims.clone())];
        Value::object(&shape(&["id", "claims"]), slots)
    });
    Surroundings {
        input,
        request: Value::object(
            &shape(&["id", "method", "path", "headers", "ip"]),
            request.map(Some).into(),
        ),
        client: client.unwrap_or_default(),
        config: prepared.config.clone(),
        secret: prepared.secret.clone(),
    }
}

/// The step that begins with this operation.
fn step(program: &Program, function: FuncId, pc: Pc) -> Option<Json> {
    let function = program.functions.get(function.index())?;
    function.debug.step(pc).map(|label| label.as_str().into())
}

fn merge_headers(answer: &mut Json, headers: &[(Str, Str)]) {
    if headers.is_empty() {
        return;
    }
    let all: Map<String, Json> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.as_str().into()))
        .collect();
    insert(answer, "headers", all.into());
}

fn insert(object: &mut Json, name: &str, value: Json) {
    if let Json::Object(members) = object {
        members.insert(name.into(), value);
    }
}

/// The origins that a journey may send a caller to, by the settings of a case.
fn declared(journey: &Journey, prepared: &Prepared<'_>) -> Vec<Origin> {
    let origin = |text: &Text| match text {
        Text::Literal(text) => Origin::of(text),
        Text::Config(name) => Origin::of(prepared.config.get(name)?.as_str()?),
        Text::Secret(name) => Origin::of(prepared.secret.get(name)?.as_str()?),
    };
    journey.redirects.iter().filter_map(origin).collect()
}

fn leads_astray(answer: &Answer, declared: &[Origin]) -> bool {
    let targets = answer.headers.iter().filter(|(name, _)| name == "location");
    (300..400).contains(&answer.status)
        && targets
            .into_iter()
            .any(|(_, target)| !may_redirect(target, declared))
}
