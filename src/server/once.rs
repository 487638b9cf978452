//! One run of one journey, without a port: what `journey run` does.

use crate::auth::Client;
use crate::body;
use crate::config::StartError;
use crate::driver::{End, Run, drive};
use crate::limits::MAX_DEADLINE;
use crate::problem::Kind;
use crate::project::Project;
use crate::random;
use crate::render::For;
use crate::request::Head;
use crate::respond::Reply;
use crate::settings::Sources;
use crate::state::State;
use crate::surroundings;
use crate::telemetry;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use hyper::Request;
use journey_machine::machine::Machine;
use journey_machine::manifest::Journey;
use journey_machine::program::Program;
use journey_machine::schema::{Faults, Member, Members};
use journey_machine::value::{Str, Value};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The status that a caller would get.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The steps of the journey in the order in which they began.
    pub steps: Vec<Str>,
    /// Where and why it failed, if it did.
    pub failure: Option<String>,
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The project cannot be loaded.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no such journey.
    #[error("there is no journey {0}")]
    Unknown(String),
    /// The input does not fit.
    #[error("the input does not have the declared types")]
    Input(Faults),
    /// The system gives no randomness.
    #[error("the system gives no random numbers")]
    Random,
}

/// Runs a journey once. `input` is a JSON object of all that it takes, wherever a request would bring it. Whoever
/// starts it by hand is let in, as the client `journey-run`.
///
/// # Errors
/// See [`RunError`].
pub async fn run_once(
    program: Arc<Program>,
    sources: &Sources,
    name: &str,
    input: &[u8],
) -> Result<Ran, RunError> {
    let project = Arc::new(Project::load(
        program,
        sources,
        None,
        &Arc::default(),
        None,
    )?);
    let journeys = &project.program.manifest.journeys;
    let (journey, intake) = journeys
        .iter()
        .position(|journey| journey.name == name)
        .and_then(|index| project.journey(index))
        .ok_or_else(|| RunError::Unknown(name.into()))?;
    let state = State::temporary().map_err(|_| RunError::Random)?;
    let (input, head) = (read(&project, journey, input)?, head(journey));
    let stored = body::store(intake, &project.decoder, &state.blobs, input).await;
    let (input, _uploads) = stored.map_err(|_| RunError::Random)?;
    let client = Client {
        id: Str::new_static("journey-run"),
        claims: Value::Null,
    };
    let around = surroundings::of(&project, journey.function, &head, Some(&client), input);
    let seed = random::seed().ok_or(RunError::Random)?;
    let mut machine = Machine::start(&project.program, journey.function, Vec::new(), around, seed);
    let deadline = Instant::now() + Duration::from_millis(journey.deadline).min(MAX_DEADLINE);
    let run = Run {
        project: &project,
        state: &state,
        id: &head.id,
        route: &journey.name,
        deadline,
        task: None,
    };
    let mut steps = Vec::new();
    // One operation a turn, so that every beginning of a step is seen.
    let end = drive(run, &mut machine, 1, |machine| {
        steps.extend(beginning(&project.program, machine))
    })
    .await;
    let (reply, failure) = end_of(
        For {
            project: &project,
            journey: Some(journey),
            id: &head.id,
        },
        end,
    );
    Ok(ran(reply, steps, failure))
}

/// All input by its names in the journey.
fn read(project: &Project, journey: &Journey, json: &[u8]) -> Result<Value, RunError> {
    let member = |(slot, param): (usize, &journey_machine::manifest::Param)| {
        let name = param.name.clone();
        Member::new(name, slot, param.schema).or(param.optional, param.default.clone())
    };
    let members = Members::new(
        journey
            .input
            .params
            .iter()
            .enumerate()
            .map(member)
            .collect(),
        false,
    );
    let (mut slots, mut faults) = (vec![None; members.list().len()], Faults::new());
    project
        .decoder
        .json_members(&members, json, &mut slots, &mut faults);
    if faults.is_empty() {
        Ok(Value::object(&journey.input.shape, slots))
    } else {
        Err(RunError::Input(faults))
    }
}

/// A request that stands for none.
fn head(journey: &Journey) -> Head {
    let mut head = Head::new(
        Request::new(()).into_parts().0,
        IpAddr::V4(Ipv4Addr::LOCALHOST),
    );
    if let Some(method) = journey
        .methods
        .first()
        .and_then(|method| method.parse().ok())
    {
        head.parts.method = method;
    }
    head
}

/// The step that begins with the next operation.
fn beginning(program: &Program, machine: &Machine) -> Option<Str> {
    let (function, pc) = machine.position()?;
    let function = program.functions.get(function.index())?;
    function.debug.step(pc).cloned()
}

fn end_of(whom: For<'_>, end: End) -> (Reply, Option<String>) {
    let problem = |kind: Kind, why: String| (whom.problem(&kind.into()), Some(why));
    match end {
        End::Answer(answer) => {
            let mut reply = Reply::default();
            match whom.answer(answer, &mut reply) {
                Ok(()) => (reply, None),
                Err(unsendable) => problem(Kind::Internal, unsendable.to_string()),
            }
        }
        End::Failed(failure) => {
            let (place, cause) = telemetry::causes(&whom.project.program, &failure);
            problem(Kind::Internal, format!("{place}: {cause}"))
        }
        End::Silent | End::Returned | End::Parked | End::Lost | End::Unsaved(_) => {
            problem(Kind::Internal, "the run ended without an answer".into())
        }
        End::Unwritten(refused) => problem(Kind::Unavailable, refused.to_string()),
        End::Late => problem(Kind::DeadlineExceeded, "the deadline passed".into()),
    }
}

fn ran(reply: Reply, steps: Vec<Str>, failure: Option<String>) -> Ran {
    let (parts, body) = reply.into_parts();
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect();
    let Ok(body) = body
        .collect()
        .now_or_never()
        .unwrap_or_else(|| Ok(http_body_util::Collected::default()));
    Ran {
        status: parts.status.as_u16(),
        headers,
        body: body.to_bytes().into(),
        steps,
        failure,
    }
}
