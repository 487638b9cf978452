//! What stands beside journeys: connections, issuers, errors, settings.

use super::{AnswerDecl, Docs, Expr, FieldDecl, Label, Millis, Name, ParamDecl, Spanned, TypeExpr};
use journey_machine::span::Span;

/// `connection name { … }`
#[derive(Clone, Debug)]
pub struct Connection {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
    /// `base config.crm_url`
    pub base: Option<Expr>,
    /// `auth …`
    pub auth: Option<Spanned<ConnectionAuth>>,
    /// `signature hmac_sha256 secret.webhook_keys`: the keys.
    pub signature: Option<Spanned<Expr>>,
    /// `tls { roots: config.ca, certificate: secret.crt, key: secret.key }`
    pub tls: Option<Spanned<Vec<Setting>>>,
    /// `timeout 200ms`
    pub timeout: Option<Spanned<Millis>>,
    /// `retry 1 backoff 20ms..100ms`
    pub retry: Option<Spanned<Retry>>,
    /// `breaker 5 failures in 10s, open 5s`
    pub breaker: Option<Spanned<Breaker>>,
    /// `concurrency 64`
    pub concurrency: Option<Spanned<u64>>,
    /// `internal`: may resolve to loopback and private addresses.
    pub internal: Option<Span>,
    /// `receives secret, pii`
    pub receives: Vec<Spanned<Label>>,
    /// `operation …`
    pub operations: Vec<Operation>,
}

/// How calls are authorised. The expressions are literals, `config.x` or `secret.x`.
#[derive(Clone, Debug)]
pub enum ConnectionAuth {
    /// `auth none`
    None,
    /// `auth basic { username: …, password: … }`
    Basic(Vec<Setting>),
    /// `auth bearer secret.x`
    Bearer(Expr),
    /// `auth header "X-Api-Key" secret.x`
    Header(Name, Expr),
    /// `auth oauth2 client_credentials { token_url: …, client_id: …, client_secret: …, scope: … }`
    ClientCredentials(Vec<Setting>),
    /// `auth oauth2 jwt_bearer { token_url: …, issuer: …, key: secret.x, … }`
    JwtBearer(Vec<Setting>),
}

/// `key: value` in the braces of a declaration.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The key.
    pub key: Name,
    /// Its value.
    pub value: Expr,
}

/// `retry 1 backoff 20ms..100ms`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts after the first.
    pub attempts: u64,
    /// Shortest and longest pause; a default stands in where it is not said.
    pub backoff: Option<(Millis, Millis)>,
}

/// `breaker 5 failures in 10s, open 5s`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Failures.
    pub failures: u64,
    /// Window.
    pub window: Millis,
    /// Time it stays open.
    pub open: Millis,
}

/// `operation name(params) METHOD "/path/{p}" { [timeout 1s] [idempotent] 200 T 404 }`
#[derive(Clone, Debug)]
pub struct Operation {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub params: Vec<ParamDecl>,
    /// HTTP method as written.
    pub method: Name,
    /// Path as written.
    pub path: Name,
    /// `timeout 1s`
    pub timeout: Option<Spanned<Millis>>,
    /// `idempotent`: may be repeated although its method says nothing of it.
    pub idempotent: Option<Span>,
    /// Statuses it may answer with; the first 2xx is the success.
    pub responses: Vec<AnswerDecl>,
    /// All of it.
    pub span: Span,
}

/// `issuer name { … }`
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
    /// `discovery config.idp`
    pub discovery: Option<Expr>,
    /// `jwks config.idp_keys`
    pub jwks: Option<Expr>,
    /// `introspection { url: …, client_id: …, client_secret: … }`: the issuer is asked for each token.
    pub introspection: Option<Spanned<Vec<Setting>>>,
    /// `issuer "https://…", config.idp_name`: one of these is the required `iss`.
    pub issuer: Vec<Expr>,
    /// `audience config.audience`
    pub audience: Option<Expr>,
    /// `algorithms RS256, ES256`
    pub algorithms: Vec<Name>,
    /// `claims { amr?: list<string> }`: beyond the registered ones.
    pub claims: Option<TypeExpr>,
    /// `leeway 30s`
    pub leeway: Option<Spanned<Millis>>,
    /// `internal`
    pub internal: Option<Span>,
}

/// `errors [name] { code STATUS "message" … shape { … } }`
#[derive(Clone, Debug)]
pub struct Errors {
    /// Documentation.
    pub docs: Docs,
    /// `None`: the project's own.
    pub name: Option<Name>,
    /// All of it.
    pub span: Span,
    /// The codes.
    pub codes: Vec<ErrorDecl>,
    /// `shape { error_code: error.code, message: error.message }`: a template over `error`.
    pub shape: Option<Expr>,
}

/// `access_token_invalid 401 "The access token is not valid."`
#[derive(Clone, Debug)]
pub struct ErrorDecl {
    /// Documentation.
    pub docs: Docs,
    /// The code.
    pub code: Name,
    /// Its status.
    pub status: Spanned<u16>,
    /// A sentence for the caller.
    pub message: Name,
}

/// `config { … }` or `secret { … }`
#[derive(Clone, Debug)]
pub struct Settings {
    /// `secret`?
    pub secret: bool,
    /// All of it.
    pub span: Span,
    /// The settings; a secret without a written type is a `secret string`.
    pub fields: Vec<FieldDecl>,
}
