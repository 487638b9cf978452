//! Calls of a project's connections.

mod signature;
mod reserved;
mod access;
mod place;
mod authorize;
mod connection;
mod call;

use crate::config::StartError;
use crate::embedded::Embedded;
use crate::random;
use crate::settings::Settings;
use crate::state::Blobs;
use bytes::Bytes;
use call::Call;
use connection::{Connection, Definition};
use journey_machine::effect::Outcome;
use journey_machine::http::{self, RequestBody};
use journey_machine::manifest::OperationId;
use journey_machine::program::Program;
use journey_machine::schema::Decoder;
use journey_machine::value::{EvalError, Str, Value};
use std::sync::Arc;
use std::time::Instant;

/// By this header another system knows a call that is made again.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The connections of a project.
#[derive(Debug)]
pub struct Upstreams {
    program: Arc<Program>,
    decoder: Arc<Decoder>,
    connections: Vec<Arc<Connection>>,
    embedded: Arc<Embedded>,
}

impl Upstreams {
    /// The connections of `program`, some of which may reach `embedded` services. Pools and breakers of connections that are
    /// the same in `previous` are kept.
    ///
    /// # Errors
    /// Settings that are no usable URLs, header values, ….
    pub fn new(
        program: &Arc<Program>,
        decoder: &Arc<Decoder>,
        settings: &Settings,
        embedded: &Arc<Embedded>,
        previous: Option<&Self>,
    ) -> Result<Self, StartError> {
        let (mut connections, mut faults) = (Vec::new(), reserved::faults(&program.manifest));
        for declared in &program.manifest.connections {
            match Definition::new(declared, settings) {
                Ok(definition) => connections.push(open(definition, previous)?),
                Err(fault) => faults.push(format!("connection {}: {fault}", declared.name)),
            }
        }
        if !faults.is_empty() {
            return Err(StartError::Project(faults));
        }
        Ok(Self {
            program: Arc::clone(program),
            decoder: Arc::clone(decoder),
            connections,
            embedded: Arc::clone(embedded),
        })
    }

    /// Calls an operation: `{status, body}`, as [`journey_machine::http::response`] makes it.
    /// `args`: one value for each of its parameters, null: absent; `key` names the call, however often it is made; `blobs`
    /// has what is uploaded by it.
    /// Dropping the future cancels the call.
    ///
    /// # Errors
    /// Every kind that a call can fail with; the deadline itself is `timeout`.
    pub async fn call(
        &self,
        operation: OperationId,
        args: &[Value],
        key: Option<String>,
        blobs: &Arc<Blobs>,
        deadline: Instant,
    ) -> Outcome {
        let unknown = || EvalError::evaluation("there is no such operation");
        let operation = self
            .program
            .manifest
            .operations
            .get(usize::from(operation.0))
            .ok_or_else(unknown)?;
        let connection = self
            .connections
            .get(usize::from(operation.connection.0))
            .ok_or_else(unknown)?;
        let mut request = http::request(operation, args)?;
        if connection.definition.signature.is_some() {
            let id = key.clone().unwrap_or_else(|| random::id().to_string());
            let id = header(&mut request, signature::ID, id);
            if !signature::is_id(id) {
                let why = "the id of a webhook is empty or has a dot";
                return Err(EvalError::evaluation(why));
            }
        }
        if let Some(key) = key {
            header(&mut request, IDEMPOTENCY_KEY, key);
        }
        let body = match request.body.take() {
            None => Bytes::new(),
            Some(RequestBody::Bytes(bytes)) => bytes.into(),
            Some(RequestBody::Upload(blob)) => blobs.read(&blob).await?.into(),
        };
        let call = Call {
            connection,
            operation,
            decoder: &self.decoder,
            embedded: &self.embedded,
            deadline,
        };
        let outcome = call.run(&request, body).await;
        if let Err(error) = &outcome {
            // A journey may handle it without a word; who runs the server wants to know. The message may speak of data.
            let (operation, failure) = (operation.name.as_str(), error.kind.code());
            tracing::info!(target: "journey", operation, failure, "a call failed");
        }
        outcome
    }
}

/// What a header says: what the journey has given, or else this.
fn header<'r>(request: &'r mut http::Request, name: &'static str, or: String) -> &'r str {
    let given = request.headers.iter().position(|(given, _)| given == name);
    let place = given.unwrap_or(request.headers.len());
    if given.is_none() {
        request.headers.push((Str::new_static(name), or));
    }
    request.headers.get(place).map_or("", |(_, text)| text)
}

fn open(
    definition: Definition,
    previous: Option<&Upstreams>,
) -> Result<Arc<Connection>, StartError> {
    let mut known = previous.iter().flat_map(|p| &p.connections);
    match known.find(|connection| connection.definition == definition) {
        Some(same) => Ok(Arc::clone(same)),
        None => Ok(Arc::new(Connection::new(definition)?)),
    }
}
