//! What a program offers and needs: routes, inputs, connections, issuers, errors, settings.
//! `lang` writes it, `server` reads it, the artifact carries it. Nothing here is behaviour.

mod durable;
mod limit;

pub use durable::{Pauses, Signal, SignalId, Store, StoreId, StoreIndex, Task, TaskId};
pub use limit::{Limit, LimitId, LimitUse};

use crate::index::FuncId;
use crate::schema::TypeId;
use crate::value::{Shape, Str, Value};
use std::sync::Arc;

/// Milliseconds.
pub type Millis = u64;

/// Everything a server must know of a program beside its code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// Journeys that are reachable over HTTP, sorted by name.
    pub journeys: Vec<Journey>,
    /// Connections, indexed by [`ConnectionId`].
    pub connections: Vec<Connection>,
    /// Operations of all connections, indexed by [`OperationId`].
    pub operations: Vec<Operation>,
    /// Issuers, indexed by [`IssuerId`].
    pub issuers: Vec<Issuer>,
    /// Error styles: the project's own first, then the named ones.
    pub errors: Vec<ErrorStyle>,
    /// `config` and `secret` declarations, sorted by kind and name.
    pub settings: Vec<Setting>,
    /// Stores, indexed by [`StoreId`].
    pub stores: Vec<Store>,
    /// Tasks, indexed by [`TaskId`].
    pub tasks: Vec<Task>,
    /// Signals, indexed by [`SignalId`].
    pub signals: Vec<Signal>,
    /// Rate limits, indexed by [`LimitId`].
    pub limits: Vec<Limit>,
}

impl Manifest {
    /// The fields of a store's key, or of its index at this place; `None`: there is no such one.
    #[must_use]
    pub fn fields(&self, store: StoreId, index: Option<u16>) -> Option<&[Str]> {
        let store = self.stores.get(usize::from(store.0))?;
        match index {
            None => Some(&store.key),
            Some(index) => Some(&store.indexes.get(usize::from(index))?.fields),
        }
    }
}

/// Index of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u16);
/// Index of an operation, over all connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub u16);
/// Index of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerId(pub u16);

/// One endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// Its name, unique in the project.
    pub name: Str,
    /// Its documentation (`##`), may be empty.
    pub docs: Str,
    /// The function that runs; it has no parameters, see [`crate::op::Context`].
    pub function: FuncId,
    /// HTTP methods it answers to, upper case, at least one.
    pub methods: Vec<Str>,
    /// Its path.
    pub path: Vec<Segment>,
    /// Who may call it.
    pub auth: Auth,
    /// Time from the request's head to the answer.
    pub deadline: Millis,
    /// URLs whose origins a redirect may lead to; a path of this server always may.
    pub redirects: Vec<Text>,
    /// What its requests are held to, in this order.
    pub limits: Vec<LimitUse>,
    /// What it takes.
    pub input: Input,
    /// What it may answer.
    pub answers: Vec<AnswerType>,
    /// Index into [`Manifest::errors`]; `None`: RFC 9457 problems.
    pub errors: Option<u16>,
}

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Text between two slashes, decoded.
    Literal(Str),
    /// `{name}`: index into [`Input::params`] of a journey, or into [`Operation::params`].
    Param(u16),
}

/// Who may call a journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// A client access token of the runtime's own issuer, or of a declared one.
    ClientToken {
        /// `None`: the runtime's own issuer.
        issuer: Option<IssuerId>,
    },
    /// HTTP Basic with the id and secret of a client.
    Basic,
    /// Anyone; the author says why.
    None {
        /// The reason, shown by `journey check --explain` and audits.
        reason: Str,
    },
}

/// Where a parameter stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A segment of the path.
    Path,
    /// A pair of the query string.
    Query,
    /// A header.
    Header,
    /// A cookie (journeys only).
    Cookie,
    /// A member of the body object: JSON, form or multipart, as the body's kind says.
    Field,
    /// The whole body.
    Body,
}

/// One parameter of a journey or of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name in the journey. A journey's parameter with index `i` is slot `i` of `input`.
    pub name: Str,
    /// Its name in the request.
    pub wire: Str,
    /// Where it stands.
    pub place: Place,
    /// Its type.
    pub schema: TypeId,
    /// May it be absent?
    pub optional: bool,
    /// Its value when absent.
    pub default: Option<Value>,
}

impl Param {
    /// Does it say who calls? Then the server looks at it, too.
    #[must_use]
    pub fn names_caller(&self) -> bool {
        self.wire == "clientId"
    }
}

/// How a body is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyKind {
    /// There is none.
    #[default]
    None,
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `multipart/form-data`, or JSON with the same members (journeys only)
    Multipart,
    /// The bytes of an upload, under its own media type (operations only)
    Upload,
}

/// What a journey takes: one flat namespace, `input.*`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Input {
    /// Names of all parameters, in their order.
    pub shape: Arc<Shape>,
    /// The parameters.
    pub params: Vec<Param>,
    /// How the body is encoded.
    pub body: BodyKind,
    /// Are members of the body that are not declared ignored (`...`)? Otherwise they are faults.
    pub open: bool,
}

/// A status a journey may answer with.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerType {
    /// 200–599
    pub status: u16,
    /// Type of the JSON body, if it has one.
    pub schema: Option<TypeId>,
    /// What it means, may be empty.
    pub docs: Str,
}

/// A text known only when the server starts: a URL, an audience, a client id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Written in the source.
    Literal(Str),
    /// A `config` setting.
    Config(Str),
    /// A `secret`.
    Secret(Str),
}

/// An external system that speaks HTTP.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Its name.
    pub name: Str,
    /// Scheme, host, port and path prefix.
    pub base: Text,
    /// How calls are authorised.
    pub auth: ConnectionAuth,
    /// Time for one attempt.
    pub timeout: Millis,
    /// Further attempts of idempotent operations.
    pub retry: Retry,
    /// When to stop trying.
    pub breaker: Option<Breaker>,
    /// Calls under way at once; more fail with `overloaded`.
    pub concurrency: u32,
    /// May its host resolve to loopback and private addresses?
    pub internal: bool,
    /// The keys that its requests are signed by; `None`: they are not.
    pub signature: Option<Text>,
    /// How TLS differs from the usual.
    pub tls: Option<Tls>,
}

/// TLS with trust of one's own, or with a certificate of one's own; all of it PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The only roots that are trusted; `None`: the usual ones.
    pub roots: Option<Text>,
    /// The certificate that is shown, with those between it and a root.
    pub certificate: Option<Text>,
    /// Its private key.
    pub key: Option<Text>,
}

/// How a call to a connection is authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectionAuth {
    /// Not at all.
    None,
    /// `Authorization: Basic`
    Basic {
        /// User name.
        username: Text,
        /// Password.
        password: Text,
    },
    /// `Authorization: Bearer`
    Bearer(Text),
    /// A key in a header.
    Header {
        /// The header.
        name: Str,
        /// The key.
        value: Text,
    },
    /// OAuth 2 client credentials; the token is cached until shortly before it expires.
    ClientCredentials {
        /// The token endpoint.
        token_url: Text,
        /// Client id.
        client_id: Text,
        /// Client secret.
        client_secret: Text,
        /// Scope, if any.
        scope: Option<Text>,
    },
    /// OAuth 2 JWT bearer (RFC 7523): a signed assertion is exchanged for a token, which is cached as above.
    JwtBearer {
        /// The token endpoint.
        token_url: Text,
        /// The assertion's `iss`.
        issuer: Text,
        /// Its `sub`; `None`: as `iss`.
        subject: Option<Text>,
        /// Its `aud`; `None`: the token endpoint.
        audience: Option<Text>,
        /// The private key it is signed with, PKCS #8 as PEM.
        key: Text,
        /// The key's id; `None`: its thumbprint.
        key_id: Option<Text>,
        /// Scope, if any.
        scope: Option<Text>,
    },
}

/// Retries of idempotent calls: full jitter between `min` and the doubled step, never above `max`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    /// Attempts after the first.
    pub attempts: u32,
    /// Shortest pause.
    pub min: Millis,
    /// Longest pause.
    pub max: Millis,
}

/// A circuit breaker: opens after `failures` in `window`, lets one probe through after `open`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Failures that open it.
    pub failures: u32,
    /// Within this time.
    pub window: Millis,
    /// Time it stays open.
    pub open: Millis,
}

/// One call a connection offers.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// `connection.operation`
    pub name: Str,
    /// The connection.
    pub connection: ConnectionId,
    /// HTTP method.
    pub method: Str,
    /// Path below the connection's base.
    pub path: Vec<Segment>,
    /// Its arguments, in declared order; a call effect brings one value each (`Value::Null`: absent).
    pub params: Vec<Param>,
    /// How `Field` and `Body` parameters are sent.
    pub body: BodyKind,
    /// May it be repeated?
    pub idempotent: bool,
    /// Overrides the connection's timeout.
    pub timeout: Option<Millis>,
    /// Statuses it may answer with, the success first.
    pub responses: Vec<AnswerType>,
}

/// Who issues tokens that a journey accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct Issuer {
    /// Its name.
    pub name: Str,
    /// Where its keys are.
    pub keys: KeySource,
    /// One of these is the required `iss`; none: the discovery document's issuer.
    pub issuer: Vec<Text>,
    /// The required `aud`.
    pub audience: Text,
    /// Accepted algorithms (`RS256`, `ES256`, `EdDSA`, …), at least one, unless it has no keys.
    pub algorithms: Vec<Str>,
    /// Claims, as an open object type that includes the registered ones.
    pub claims: TypeId,
    /// Allowed difference of clocks.
    pub leeway: Millis,
    /// May its host resolve to loopback and private addresses?
    pub internal: bool,
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// The issuer's URL; its discovery document names the key set.
    Discovery(Text),
    /// The URL of the key set.
    Jwks(Text),
    /// No keys: the issuer is asked for each token (RFC 7662).
    Introspection {
        /// The introspection endpoint.
        url: Text,
        /// Client id.
        client_id: Text,
        /// Client secret.
        client_secret: Text,
    },
}

/// How errors look to callers, and the codes journeys may use.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorStyle {
    /// `None`: the project's own.
    pub name: Option<Str>,
    /// A function of one parameter, the map `{status, code, message, request_id, faults}`, that returns the body;
    /// `None`: RFC 9457.
    pub shape: Option<FuncId>,
    /// Declared codes.
    pub codes: Vec<ErrorCode>,
}

/// One declared error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// Stable name.
    pub code: Str,
    /// Status it is answered with.
    pub status: u16,
    /// A sentence for the caller.
    pub message: Str,
}

/// A value that comes from the environment when the server starts.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: Str,
    /// A secret is never printed and has no default.
    pub secret: bool,
    /// Its type.
    pub schema: TypeId,
    /// It need not be set.
    pub optional: bool,
    /// Its value when it is not set.
    pub default: Option<Value>,
}
