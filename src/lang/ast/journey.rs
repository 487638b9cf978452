//! Journeys, sub-journeys and tasks: their heads, inputs, answers, outcomes.

use super::{Block, Docs, Expr, Handler, LimitUse, Name, Spanned, Task, TypeExpr};
use journey_machine::span::Span;

/// A journey, a sub-journey or a task.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
    /// How it is reached and what it declares.
    pub kind: JourneyKind,
    /// Its steps.
    pub body: Block,
    /// `on failure [as name] { … }` at the end: catches what no step caught.
    pub on_failure: Option<Handler>,
}

/// Endpoint, sub-journey or task.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each journey")]
pub enum JourneyKind {
    /// `journey`
    Endpoint(Endpoint),
    /// `sub name(params) { outcomes { … } … }`
    Sub {
        /// Its parameters.
        params: Vec<FieldDecl>,
        /// Its outcomes, the first being the main one.
        outcomes: Vec<OutcomeDecl>,
    },
    /// `task name(params) { … }`
    Task(Task),
}

/// The head of an endpoint. Absent parts have their defaults later, in one place (`names`).
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// `endpoint GET, POST "/path/{id}"`
    pub route: Option<Route>,
    /// `auth …`
    pub auth: Option<Spanned<Auth>>,
    /// `deadline 800ms`
    pub deadline: Option<Spanned<Millis>>,
    /// `errors name`
    pub errors: Option<Name>,
    /// `redirects config.app_url, "https://login.example.com"`: whither it may send a caller, beside its own server.
    pub redirects: Vec<Expr>,
    /// `limit name by client.id`, as often as wanted
    pub limits: Vec<LimitUse>,
    /// `input { … }`
    pub input: Option<Input>,
    /// `answers { … }`
    pub answers: Vec<AnswerDecl>,
}

/// Milliseconds.
pub type Millis = u64;

/// `GET, POST "/path/{id}"`
#[derive(Clone, Debug)]
pub struct Route {
    /// Methods as written.
    pub methods: Vec<Name>,
    /// The path as written.
    pub path: Name,
}

/// `auth client_token [with issuer]`, `auth basic`, `auth none "reason"`
#[derive(Clone, Debug, PartialEq)]
pub enum Auth {
    /// A client access token, of the runtime's own issuer or of a declared one.
    ClientToken(Option<Name>),
    /// Basic credentials of a client.
    Basic,
    /// Anyone, and why.
    None(Name),
}

/// `input { path id: string  query page?: int = 1  header trace: string from "X-Trace"  cookie …  body { … } }`
///
/// `body`, `form`, `multipart` hold fields that stand in `input` beside the others; `body name: T` binds the whole body.
#[derive(Clone, Debug)]
pub struct Input {
    /// All of it.
    pub span: Span,
    /// Path, query, header and cookie parameters.
    pub params: Vec<ParamDecl>,
    /// The body.
    pub body: Option<BodyDecl>,
}

/// Where a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// A member of a JSON body (operations only).
    Field,
    /// A member of a form body (operations only).
    Form,
    /// The whole body (operations only).
    Body,
}

/// A parameter of an endpoint's input or of an operation.
#[derive(Clone, Debug)]
pub struct ParamDecl {
    /// Where it is; `None`: not said (operations: path if the path has its name, else query for GET, HEAD and DELETE, else field).
    pub place: Option<Spanned<Place>>,
    /// Its name, type, default, documentation.
    pub field: FieldDecl,
    /// `from "X-Trace"`: its name in the request, where it differs.
    pub wire: Option<Name>,
}

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// `body`
    Json,
    /// `form`
    Form,
    /// `multipart`
    Multipart,
}

/// `body { fields }`, `form { fields }`, `multipart { fields }`, `body name: T`
#[derive(Clone, Debug)]
pub struct BodyDecl {
    /// Its encoding.
    pub kind: Spanned<BodyKind>,
    /// Its content.
    pub content: BodyContent,
}

/// Content of a body.
#[derive(Clone, Debug)]
pub enum BodyContent {
    /// Fields that stand in `input`; `open`: ends in `...`, further members are ignored.
    Fields {
        /// The fields.
        fields: Vec<FieldDecl>,
        /// Ends in `...`.
        open: bool,
    },
    /// One name for the whole body.
    Whole(FieldDecl),
}

/// `name?: type = default`
#[derive(Clone, Debug)]
pub struct FieldDecl {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// `?`
    pub optional: bool,
    /// Its type.
    pub ty: TypeExpr,
    /// Its value when absent: a constant expression.
    pub default: Option<Box<Expr>>,
    /// All of it.
    pub span: Span,
}

/// `404 Problem "what it means"`; without a type: no JSON body.
#[derive(Clone, Debug)]
pub struct AnswerDecl {
    /// Documentation.
    pub docs: Docs,
    /// The status as written (100–999; which are allowed is checked later).
    pub status: Spanned<u16>,
    /// Type of the JSON body.
    pub ty: Option<TypeExpr>,
}

/// `denied { reason: string }`
#[derive(Clone, Debug)]
pub struct OutcomeDecl {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// Type of what it carries.
    pub ty: Option<TypeExpr>,
}
