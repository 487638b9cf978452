//! The way of one request: is it HTTP as it should be, where does it go, who calls, what does it bring, what is the answer.

use crate::auth::{self, Client, Denied};
use crate::authenticate::ClientAuth;
use crate::body::{self, Form, Reception};
use crate::driver::{self, End, Ended, Going, Run};
use crate::embedded::Embedded;
use crate::gate;
use crate::limit::{Comes, Stage, Standing, Table};
use crate::limits::{FUEL, MAX_BODY, MAX_DEADLINE, MAX_IN_FLIGHT, MAX_TOKEN_REQUEST};
use crate::listen::Service;
use crate::oidc::Endpoint;
use crate::problem::{Kind, Problem};
use crate::project::Project;
use crate::proxies::Proxies;
use crate::random;
use crate::render::{self, For};
use crate::request::Head;
use crate::respond::Reply;
use crate::routes::{Found, Target};
use crate::state::{Hold, State};
use crate::surroundings;
use crate::telemetry;
use arc_swap::ArcSwap;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode, Version};
use journey_machine::http::{Body, Headers, Intake, Received};
use journey_machine::limits::DEFAULT_STEPS;
use journey_machine::machine::Machine;
use journey_machine::manifest::{Auth, BodyKind, Journey};
use journey_machine::schema::Faults;
use journey_machine::value::Value;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) project: ArcSwap<Project>,
    pub(crate) state: Arc<State>,
    pub(crate) auth: Arc<ClientAuth>,
    pub(crate) embedded: Arc<Embedded>,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) rates: Table,
    pub(crate) proxies: Proxies,
}

impl Service for Shared {
    fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        self.proxies.caller(peer, headers)
    }

    async fn answer(&self, head: &Head, body: &mut Incoming, reply: &mut Reply) {
        let started = Instant::now();
        let (project, steps) = (self.project.load(), AtomicU64::new(0));
        let call = Call {
            shared: self,
            project: &project,
            head,
            started,
            steps: &steps,
        };
        let _place = InFlight::enter(&self.in_flight);
        let route = call.answer(body, reply).await;
        if head.parts.method == Method::HEAD && head.parts.version == Version::HTTP_2 {
            leave_body_out(reply);
        }
        telemetry::finished(
            &head.id,
            route,
            reply.status(),
            started,
            steps.load(Ordering::Relaxed),
        );
    }
}

/// Counts a request for as long as it is at work.
struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    fn enter(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// HTTP/1 leaves the body of an answer to `HEAD` out by itself.
fn leave_body_out(reply: &mut Reply) {
    let length = hyper::body::Body::size_hint(reply.body());
    let length = length.exact().unwrap_or_default();
    reply.headers_mut().insert(CONTENT_LENGTH, length.into());
    *reply.body_mut() = Bytes::new().into();
}

/// A request on its way. All of it is passed by reference: what a future is given lies in it twice.
struct Call<'a> {
    shared: &'a Shared,
    project: &'a Arc<Project>,
    head: &'a Head,
    started: Instant,
    /// Operations that its journey has executed.
    steps: &'a AtomicU64,
}

impl<'a> Call<'a> {
    /// Answers; what the log calls the place that the answer comes from.
    async fn answer(&self, body: &mut Incoming, reply: &mut Reply) -> &'a str {
        match self.find() {
            Ok((Target::Oidc(endpoint), _)) => {
                let served = self.oidc(endpoint, body).await;
                *reply = served.unwrap_or_else(|kind| self.refuse(None, &kind.into()));
                "oidc"
            }
            Ok((Target::Journey(index), content_type)) => match self.project.journey(index) {
                Some((journey, intake)) => {
                    let served = self
                        .journey(journey, intake, content_type, body, reply)
                        .await;
                    if let Err(problem) = served {
                        *reply = self.refuse(Some(journey), &problem);
                    }
                    &journey.name
                }
                None => self.turn_away(Kind::NotFound.into(), reply),
            },
            Err(refusal) => self.turn_away(refusal, reply),
        }
    }

    /// Answers a request that nothing here is the target of.
    fn turn_away(&self, refusal: Refusal, reply: &mut Reply) -> &'a str {
        *reply = match refusal {
            Refusal::Options(allow) => {
                let mut reply = render::empty(StatusCode::NO_CONTENT, &self.head.id);
                reply.headers_mut().insert(ALLOW, allow);
                reply
            }
            Refusal::NotAllowed(allow, at) => {
                let problem = Problem::from(Kind::MethodNotAllowed).with(ALLOW, allow);
                self.refuse(self.journey_at(at), &problem)
            }
            Refusal::Problem(problem) => self.refuse(None, &problem),
        };
        "-"
    }

    /// The journey whose errors have the shape of those at its path.
    fn journey_at(&self, target: Option<Target>) -> Option<&'a Journey> {
        match target {
            Some(Target::Journey(index)) => self.project.journey(index).map(|(journey, _)| journey),
            Some(Target::Oidc(_)) | None => None,
        }
    }

    fn find(&self) -> Result<(Target, Option<&'a HeaderValue>), Refusal> {
        let seen = gate::check(&self.head.parts)?;
        if self.shared.in_flight.load(Ordering::Relaxed) > MAX_IN_FLIGHT {
            return Err(Kind::Unavailable.into());
        }
        let method = &self.head.parts.method;
        match self.project.routes.find(method, self.head.parts.uri.path()) {
            Found::Target(target) => Ok((target, seen.content_type())),
            Found::Options(allow) => Err(Refusal::Options(allow.clone())),
            Found::NotAllowed(..) if !is_known(method) => Err(Kind::NotImplemented.into()),
            Found::NotAllowed(allow, at) => Err(Refusal::NotAllowed(allow.clone(), at)),
            Found::Nothing => Err(Kind::NotFound.into()),
        }
    }

    fn refuse(&self, journey: Option<&Journey>, problem: &Problem) -> Reply {
        For {
            project: self.project,
            journey,
            id: &self.head.id,
        }
        .problem(problem)
    }

    async fn oidc(&self, endpoint: Endpoint, body: &mut Incoming) -> Result<Reply, Kind> {
        let body = match self.head.parts.method {
            Method::POST => body::read(body, MAX_TOKEN_REQUEST, self.started).await?,
            _ => Bytes::new(),
        };
        let served = self
            .shared
            .auth
            .serve(&self.shared.state, endpoint, self.head, &body);
        let mut reply = Box::pin(served).await;
        render::mark(reply.headers_mut(), &self.head.id);
        Ok(reply)
    }

    async fn journey(
        &self,
        journey: &'a Journey,
        intake: &Intake,
        content_type: Option<&HeaderValue>,
        body: &mut Incoming,
        reply: &mut Reply,
    ) -> Result<(), Problem> {
        let deadline = self.started + Duration::from_millis(journey.deadline).min(MAX_DEADLINE);
        let client = self.authenticate(journey, deadline).await;
        let client = client.map_err(|denied| self.denied(journey, denied))?;
        let comes = Comes {
            project: self.project,
            journey,
            head: self.head,
            client: client.as_ref(),
        };
        let mut standing = Standing::default();
        comes.admit(&self.shared.rates, &Stage::Head, &mut standing)?;
        let content = self.body(journey, intake, content_type, body).await?;
        let input = self.input(intake, &content)?;
        let (input, _uploads) = match journey.input.body {
            BodyKind::Multipart => self.store(intake, &content, input).await?,
            BodyKind::None | BodyKind::Json | BodyKind::Form | BodyKind::Upload => {
                (input, Vec::new())
            }
        };
        if let Some(client) = &client {
            self.same_client(journey, &input, client)?;
        }
        if !journey.limits.is_empty() {
            let stage = Stage::Input(input.clone());
            comes.admit(&self.shared.rates, &stage, &mut standing)?;
        }
        let begun = self.begin(journey, client.as_ref(), input, deadline)?;
        let Ended { end, steps_left } = match begun {
            Ok(ended) => ended,
            Err(going) => Box::pin(going.ended()).await,
        };
        let steps = DEFAULT_STEPS.saturating_sub(steps_left);
        self.steps.store(steps, Ordering::Relaxed);
        self.end(journey, end, reply)?;
        standing.mark(reply.headers_mut());
        Ok(())
    }

    /// Begins the run; `Err`: it goes on.
    fn begin(
        &self,
        journey: &'a Journey,
        client: Option<&Client>,
        input: Value,
        deadline: Instant,
    ) -> Result<Result<Ended, Box<Going<'a>>>, Kind> {
        let (project, function) = (self.project, journey.function);
        let around = surroundings::of(project, function, self.head, client, input);
        let seed = random::seed().ok_or(Kind::Internal)?;
        let machine = Machine::start(&project.program, function, Vec::new(), around, seed);
        let run = Run {
            project,
            state: &self.shared.state,
            id: &self.head.id,
            route: &journey.name,
            deadline,
            task: None,
        };
        Ok(driver::start(run, machine, FUEL))
    }

    async fn authenticate(
        &self,
        journey: &Journey,
        deadline: Instant,
    ) -> Result<Option<Client>, Denied> {
        if let Auth::None { .. } = journey.auth {
            return Ok(None);
        }
        let known = self
            .shared
            .auth
            .authenticate(&journey.auth, self.head, &self.project.issuers, deadline)
            .await;
        known.map(Some)
    }

    fn denied(&self, journey: &Journey, denied: Denied) -> Problem {
        let why = match denied {
            Denied::Missing => "no credentials",
            Denied::Invalid(why) | Denied::Unavailable(why) => why,
        };
        telemetry::denied(&self.head.id, &journey.name, why);
        Problem::denied(&journey.auth, denied)
    }

    async fn body(
        &self,
        journey: &Journey,
        intake: &Intake,
        content_type: Option<&HeaderValue>,
        body: &mut Incoming,
    ) -> Result<Content, Kind> {
        let kind = body::announced(journey.input.body, content_type, body)?;
        if kind == BodyKind::None && intake.needs_body() && !body::is_measured(&self.head.parts) {
            return Err(Kind::LengthRequired);
        }
        match (kind, journey.input.body) {
            (BodyKind::None | BodyKind::Upload, _) => Ok(Content::None),
            (BodyKind::Form, _) => {
                let bytes = body::read(body, MAX_BODY, self.started).await?;
                Ok(Content::Form(bytes))
            }
            (_, BodyKind::Multipart) => Box::pin(self.with_uploads(kind, intake, body)).await,
            (BodyKind::Json | BodyKind::Multipart, _) => {
                let bytes = body::read(body, MAX_BODY, self.started).await?;
                Ok(Content::Json(bytes))
            }
        }
    }

    /// A body that may bring uploads, as parts of a form or as base64 in JSON.
    async fn with_uploads(
        &self,
        kind: BodyKind,
        intake: &Intake,
        body: &mut Incoming,
    ) -> Result<Content, Kind> {
        let (decoder, blobs) = (&self.project.decoder, &self.shared.state.blobs);
        let limit = body::upload_limit(intake.upload_bytes(decoder));
        let announced = hyper::body::Body::size_hint(&body).upper();
        let announced = announced.and_then(|size| usize::try_from(size).ok());
        if announced.is_some_and(|size| size > limit) {
            return Err(Kind::ContentTooLarge);
        }
        let room = blobs.room(announced.unwrap_or(limit));
        let _room = room.ok_or(Kind::Unavailable)?;
        if kind == BodyKind::Json {
            return Ok(Content::Json(body::read(body, limit, self.started).await?));
        }
        let content_type = self.head.parts.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let reception = Reception {
            intake,
            decoder,
            blobs,
            limit,
            started: self.started,
        };
        let form = reception
            .read(content_type.unwrap_or_default(), body)
            .await?;
        Ok(Content::Parts(form))
    }

    /// The input with its uploads stored that came in JSON, as long as the answer lives.
    async fn store(
        &self,
        intake: &Intake,
        content: &Content,
        input: Value,
    ) -> Result<(Value, Vec<Hold>), Kind> {
        if !matches!(content, Content::Json(_)) {
            return Ok((input, Vec::new()));
        }
        let (decoder, blobs) = (&self.project.decoder, &self.shared.state.blobs);
        let stored = body::store(intake, decoder, blobs, input);
        Ok(Box::pin(stored).await?)
    }

    fn input(&self, intake: &Intake, content: &Content) -> Result<Value, Faults> {
        let uri = &self.head.parts.uri;
        let headers = Lines(&self.head.parts.headers);
        let received = Received {
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers: &headers,
            body: content.as_body(),
        };
        intake.read(&self.project.decoder, &received)
    }

    /// Wherever the input says `clientId`, it says the caller's own id. The query was looked at with the token.
    fn same_client(
        &self,
        journey: &Journey,
        input: &Value,
        client: &Client,
    ) -> Result<(), Problem> {
        if auth::is_caller(journey, input, &client.id) {
            return Ok(());
        }
        Err(self.denied(journey, Denied::Invalid("clientId is not the caller's")))
    }

    fn end(&self, journey: &Journey, end: End, reply: &mut Reply) -> Result<(), Problem> {
        let (id, name) = (&self.head.id, &journey.name);
        match end {
            End::Answer(answer) => {
                let sent = For {
                    project: self.project,
                    journey: Some(journey),
                    id,
                }
                .answer(answer, reply);
                return sent.map_err(|unsendable| {
                    telemetry::fault(id, name, &unsendable.to_string());
                    Kind::Internal.into()
                });
            }
            End::Failed(failure) => telemetry::failed(id, name, &self.project.program, &failure),
            End::Silent | End::Returned | End::Parked | End::Lost | End::Unsaved(_) => {
                telemetry::fault(id, name, "the run ended without an answer");
            }
            End::Late => {
                telemetry::fault(id, name, "the deadline passed");
                return Err(Kind::DeadlineExceeded.into());
            }
            End::Unwritten(refused) => {
                telemetry::unwritten(id, name, refused);
                return Err(Kind::from(refused).into());
            }
        }
        Err(Kind::Internal.into())
    }
}

/// Is it a method of HTTP, if not one of this path?
fn is_known(method: &Method) -> bool {
    use Method as M;
    [
        M::GET,
        M::HEAD,
        M::POST,
        M::PUT,
        M::DELETE,
        M::OPTIONS,
        M::PATCH,
    ]
    .contains(method)
}

/// Why there is no target.
enum Refusal {
    Options(HeaderValue),
    NotAllowed(HeaderValue, Option<Target>),
    Problem(Problem),
}

impl From<Kind> for Refusal {
    fn from(kind: Kind) -> Self {
        Self::Problem(kind.into())
    }
}

/// A body that has come.
enum Content {
    None,
    Json(Bytes),
    Form(Bytes),
    Parts(Form),
}

impl Content {
    fn as_body(&self) -> Body<'_> {
        match self {
            Self::None => Body::None,
            Self::Json(bytes) => Body::Json(bytes),
            Self::Form(bytes) => Body::Form(bytes),
            Self::Parts(form) => Body::Parts(&form.parts),
        }
    }
}

struct Lines<'a>(&'a HeaderMap);

impl Headers for Lines<'_> {
    fn each<'a>(&'a self, name: &str, each: &mut dyn FnMut(&'a [u8])) {
        self.0
            .get_all(name)
            .iter()
            .for_each(|line| each(line.as_bytes()));
    }
}
