//! The tree: one for both forms. Both readers build it, both printers print it, every later phase reads it.
//!
//! Each declaration and step shows its text form; the YAML twin has the same words as keys (`docs/language.md`).

use journey_machine::span::{FileId, Span};

/// Names an expression of a project; tables of later phases are indexed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// Gives out [`ExprId`]s, unique over all files of a project, and counts those of the file that is being read.
#[derive(Debug, Default)]
pub struct Ids {
    next: u32,
    file_begin: u32,
}

impl Ids {
    /// A new file is read: it may have [`crate::limits::MAX_NODES`] expressions of its own.
    pub fn begin_file(&mut self) {
        self.file_begin = self.next;
    }

    /// How many expressions of this file were read.
    #[must_use]
    pub fn in_file(&self) -> usize {
        self.next.saturating_sub(self.file_begin) as usize
    }

    /// The next free id.
    pub fn expr(&mut self) -> ExprId {
        let id = ExprId(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// How many ids were given out.
    #[must_use]
    pub fn count(&self) -> usize {
        self.next as usize
    }
}

/// Something with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// It.
    pub node: T,
    /// Its place.
    pub span: Span,
}

/// A name as written.
pub type Name = Spanned<String>;

/// Which form a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `*.journey`
    Text,
    /// `*.journey.yaml`
    Yaml,
}

impl Form {
    /// The form that the name of a file says.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if path.ends_with(".yaml") { Self::Yaml } else { Self::Text }
    }
}

/// One parsed file.
#[derive(Clone, Debug)]
pub struct File {
    /// Which.
    pub id: FileId,
    /// Its form.
    pub form: Form,
    /// Its declarations, in order.
    pub decls: Vec<Decl>,
    /// Its comments (`#`, not `##`) and blank lines, for the formatter.
    pub trivia: Trivia,
}

/// What the tree does not hold, by place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trivia {
    /// Comments, sorted by place; the text without `#` and surrounding space.
    pub comments: Vec<Comment>,
    /// Byte offsets of lines that are blank and follow a line that is not, sorted.
    pub blank_lines: Vec<u32>,
}

impl Trivia {
    /// The trivia of a text: its comments, in any order, and its blank lines.
    #[must_use]
    pub fn new(text: &str, mut comments: Vec<Comment>) -> Self {
        comments.sort_by_key(|comment| comment.span);
        let mut blank_lines = Vec::new();
        let (mut at, mut was_blank) = (0u32, true);
        for line in text.split_inclusive('\n') {
            let blank = line.trim().is_empty();
            if blank && !was_blank {
                blank_lines.push(at);
            }
            was_blank = blank;
            at = at.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
        }
        Self { comments, blank_lines }
    }
}

/// One comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Its text.
    pub text: String,
    /// Its place, `#` included.
    pub span: Span,
    /// Does something else stand before it on its line?
    pub trailing: bool,
}

/// A declaration.
#[derive(Clone, Debug)]
pub enum Decl {
    /// `journey name { … }` and `sub name(…) { … }`
    Journey(Journey),
    /// `type Name = T`, `type Name { … }`
    Type(TypeDecl),
    /// `connection name { … }`
    Connection(Connection),
    /// `issuer name { … }`
    Issuer(Issuer),
    /// `errors { … }`, `errors name { … }`
    Errors(Errors),
    /// `config { … }` and `secret { … }`
    Settings(Settings),
}

/// Documentation: the lines of `##` before something, without the marks; empty if there is none.
pub type Docs = String;

/// A journey or a sub-journey.
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

/// Endpoint or sub-journey.
#[derive(Clone, Debug)]
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
    pub default: Option<Expr>,
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

/// `type Name = T` or `type Name { fields }`
#[derive(Clone, Debug)]
pub struct TypeDecl {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// Its definition.
    pub ty: TypeExpr,
    /// All of it.
    pub span: Span,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// What.
    pub kind: TypeKind,
    /// Where.
    pub span: Span,
}

/// A label of a type: follows the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// `secret`
    Secret,
    /// `pii`
    Pii,
}

/// Kinds of types.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `string`, `int`, `Transaction`, …
    Named(String),
    /// `string(1..64)`, `double(> 0)`, `int(0..)`, `string(/[a-z]+/)`, `string(1..64, /[a-z]+/)`
    Limited {
        /// The built-in type.
        base: Name,
        /// Its limits.
        limits: Vec<Spanned<Limit>>,
    },
    /// `"a"` in `"a" | "b"`
    Literal(String),
    /// `A | B`: literals, or a type and `null`
    Union(Vec<TypeExpr>),
    /// `list<T>`, `list<T>(..100)`
    List {
        /// Items.
        item: Box<TypeExpr>,
        /// How many.
        limits: Vec<Spanned<Limit>>,
    },
    /// `map<string, T>`: the keys are strings
    Map {
        /// Keys.
        key: Box<TypeExpr>,
        /// Values.
        value: Box<TypeExpr>,
    },
    /// `{ a: int, b?: string, ... }`
    Object {
        /// Fields.
        fields: Vec<FieldDecl>,
        /// Ends in `...`: further members are ignored.
        open: bool,
    },
    /// `secret string`, `pii string`
    Labelled(Spanned<Label>, Box<TypeExpr>),
    /// Could not be read; poisons.
    Error,
}

/// A limit of a type: numbers for numbers, lengths for texts and lists.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// `1..64`, `..64`, `1..`: both ends inclusive.
    Range(Option<f64>, Option<f64>),
    /// `> 0`
    Above(f64),
    /// `>= 0`
    AtLeast(f64),
    /// `< 10`
    Below(f64),
    /// `<= 10`
    AtMost(f64),
    /// `/regex/`
    Pattern(String),
}

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
    /// `issuer "https://…"`: the required `iss`.
    pub issuer: Option<Expr>,
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

/// Steps in braces: a scope of its own.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The steps.
    pub steps: Vec<Step>,
    /// From brace to brace (YAML: the sequence).
    pub span: Span,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Documentation.
    pub docs: Docs,
    /// What it does.
    pub kind: StepKind,
    /// All of it.
    pub span: Span,
}

/// `on failure [as error] { … }`, `on 404 [as body] { … }`, `on denied [as r] { … }`
#[derive(Clone, Debug)]
pub struct Handler {
    /// What it handles.
    pub event: Spanned<HandlerEvent>,
    /// A name for what it got.
    pub binding: Option<Name>,
    /// What it does.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

/// What a handler handles.
#[derive(Clone, Debug, PartialEq)]
pub enum HandlerEvent {
    /// `on 404`
    Status(u16),
    /// `on timeout`
    Timeout,
    /// `on failure`: everything else that can go wrong.
    Failure,
    /// `on NAME`: an outcome of a sub-journey.
    Outcome(String),
    /// `on exhausted`: a `repeat` ran out of turns.
    Exhausted,
}

/// `name: value` of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The parameter.
    pub name: Name,
    /// Its value, a template.
    pub value: Expr,
}

/// Kinds of steps.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// `let name = value`
    Let {
        /// The name.
        name: Name,
        /// A template.
        value: Expr,
    },
    /// `if cond { } else if cond { } else { }`, with `on failure` for evaluation errors of the conditions
    If {
        /// Conditions and their blocks.
        branches: Vec<(Expr, Block)>,
        /// `else`
        otherwise: Option<Block>,
        /// `on failure`
        on_failure: Option<Handler>,
    },
    /// `match subject { v, v { } v if guard { } otherwise { } }`
    Match {
        /// What is looked at.
        subject: Expr,
        /// The arms.
        arms: Vec<MatchArm>,
        /// `otherwise`
        otherwise: Option<Block>,
    },
    /// `call connection.operation(args) [as name] { on … }`
    Call {
        /// The connection.
        connection: Name,
        /// The operation.
        operation: Name,
        /// Arguments.
        args: Vec<Argument>,
        /// Name of the success body.
        binding: Option<Name>,
        /// Handlers.
        handlers: Vec<Handler>,
    },
    /// `validate token expr with issuer [as name] { on failure { } }`
    Validate {
        /// The token.
        token: Expr,
        /// The issuer.
        issuer: Name,
        /// Name of the claims.
        binding: Option<Name>,
        /// Handlers: `failure` only.
        handlers: Vec<Handler>,
    },
    /// `parallel all|first|settle [as name] { branch a { … } branch b { … } on failure { } }`
    ///
    /// `all`: name is an object of the branches' values; `settle`: an object of optionals; `first`: the value.
    Parallel {
        /// When it is over.
        policy: Spanned<ParallelPolicy>,
        /// The branches.
        branches: Vec<Branch>,
        /// Name of the result.
        binding: Option<Name>,
        /// Handlers: `failure` only.
        handlers: Vec<Handler>,
    },
    /// `for item[, index] in list max 100 [parallel 8] { … collect v } [as name]`
    For {
        /// Name of the item.
        item: Name,
        /// Name of the index, from 0.
        index: Option<Name>,
        /// The list.
        list: Expr,
        /// Most turns; a longer list is a `limit_exceeded` error.
        max: Spanned<u64>,
        /// Turns at once.
        parallel: Option<Spanned<u64>>,
        /// The turn.
        block: Block,
        /// Name of the list of collected values.
        binding: Option<Name>,
        /// Handlers: `failure` only.
        handlers: Vec<Handler>,
    },
    /// `repeat max 5 while cond with n = 0, s = "" { … next n + 1, s } [as name] { on exhausted { } }`
    ///
    /// The condition is asked before each turn. `name` is an object of the accumulators at the end.
    /// Without `on exhausted`, running out is a `limit_exceeded` error.
    Repeat {
        /// Most turns.
        max: Spanned<u64>,
        /// Go on?
        condition: Expr,
        /// Accumulators and their first values.
        accumulators: Vec<(Name, Expr)>,
        /// The turn; ends in `next` on every path that goes on.
        block: Block,
        /// Name of the accumulators at the end.
        binding: Option<Name>,
        /// Handlers: `exhausted`, `failure`.
        handlers: Vec<Handler>,
    },
    /// `run sub(args) [as name] { on outcome … on failure … }`
    Run {
        /// The sub-journey.
        sub: Name,
        /// Arguments.
        args: Vec<Argument>,
        /// Name of what the main outcome carries.
        binding: Option<Name>,
        /// Handlers.
        handlers: Vec<Handler>,
    },
    /// `block { … } [on failure { }]`: a group with a scope and a handler of its own
    Block {
        /// The steps.
        block: Block,
        /// Handlers: `failure` only.
        handlers: Vec<Handler>,
    },
    /// `emit name { … }`
    Emit {
        /// The event.
        name: Name,
        /// A template.
        data: Option<Expr>,
    },
    /// `complete STATUS [body] [location expr] [headers { "x-a": expr }]`
    Complete {
        /// The status.
        status: Spanned<u16>,
        /// The body.
        body: CompleteBody,
        /// `location`
        location: Option<Expr>,
        /// Headers.
        headers: Vec<(Name, Expr)>,
    },
    /// `fail code`: answers with a declared error, its status and shape
    Fail {
        /// The code.
        code: Name,
    },
    /// `collect value`: ends the turn of a `for`, or a branch, with a value
    Collect {
        /// A template.
        value: Expr,
    },
    /// `next v, w`: ends the turn of a `repeat` with the new accumulators, in their order
    Next {
        /// Templates.
        values: Vec<Expr>,
    },
    /// `return outcome [value]`: ends a sub-journey
    Return {
        /// The outcome.
        outcome: Name,
        /// A template.
        value: Option<Expr>,
    },
    /// Could not be read; everything may come after it.
    Error,
}

/// Policies of `parallel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParallelPolicy {
    /// All must succeed.
    All,
    /// The first success wins.
    First,
    /// All end, each in its way.
    Settle,
}

/// `branch name { … collect v }`
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its name.
    pub name: Name,
    /// Its steps.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

/// `v, w if guard { … }`
#[derive(Clone, Debug)]
pub struct MatchArm {
    /// Constants: strings, numbers, booleans, null.
    pub values: Vec<Expr>,
    /// `if guard`
    pub guard: Option<Expr>,
    /// What it does.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

/// Body of `complete`.
#[derive(Clone, Debug)]
pub enum CompleteBody {
    /// `empty`, or nothing
    Empty,
    /// `json template`
    Json(Expr),
    /// `text expr`
    Text(Expr),
    /// `html expr`
    Html(Expr),
    /// `bytes expr`
    Bytes(Expr),
    /// `problem("code")`: a declared error, in the declared shape
    Problem(Name),
}

/// An expression or a template.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Its id.
    pub id: ExprId,
    /// What.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// Kinds of expressions: CEL, and templates (`Object`, `Array`, `Interpolation`).
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// `x`, or `.x` (absolute)
    Ident {
        /// The name.
        name: String,
        /// With a leading dot?
        absolute: bool,
    },
    /// `object.field`, `object.?field`
    Member {
        /// The object.
        object: Box<Expr>,
        /// The field.
        field: Name,
        /// `.?`
        optional: bool,
    },
    /// `object[index]`, `object[?index]`
    Index {
        /// The object.
        object: Box<Expr>,
        /// The index.
        index: Box<Expr>,
        /// `[?`
        optional: bool,
    },
    /// `f(args)`, `receiver.f(args)`; macros too. `has(a.b)` is `Call` with a `Member` argument.
    Call {
        /// The receiver; for `math.abs(x)` it is `math`, and the checker knows namespaces.
        receiver: Option<Box<Expr>>,
        /// The function.
        function: Name,
        /// The arguments.
        args: Vec<Expr>,
    },
    /// `-a`, `!a`
    Unary {
        /// Operator.
        op: UnaryOp,
        /// Operand.
        operand: Box<Expr>,
    },
    /// `a + b`, …
    Binary {
        /// Operator.
        op: BinaryOp,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `a && b && c`, `a || b || c`: flat, so that a long chain is not deep
    Logic {
        /// `&&`?
        and: bool,
        /// At least two.
        operands: Vec<Expr>,
    },
    /// `c ? a : b`
    Conditional {
        /// Condition.
        condition: Box<Expr>,
        /// If true.
        then: Box<Expr>,
        /// If false.
        otherwise: Box<Expr>,
    },
    /// CEL's `[a, ?b]`
    List(Vec<ListItem>),
    /// CEL's `{k: v, ?k: v}`
    Map(Vec<MapEntry>),
    /// CEL's `pkg.Type{field: v}`: read, and refused by the checker except for well-known wrappers
    Struct {
        /// The type's name, dotted.
        name: Name,
        /// The fields.
        fields: Vec<(Name, Expr)>,
    },
    /// Template: `{ key: v, "other key": v, ...spread }`
    Object(Vec<TemplateEntry>),
    /// Template: `[ v, ...spread ]`
    Array(Vec<TemplateItem>),
    /// Template: text form `` `a ${x} b` ``, YAML `a ${x} b`
    Interpolation(Vec<TextPart>),
    /// Could not be read; poisons.
    Error,
}

/// Constants.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `1`, `0x1F`; a minus in front of a literal is part of it
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.5`
    Double(f64),
    /// `"a"`, unescaped
    String(String),
    /// `b"a"`
    Bytes(Vec<u8>),
}

/// Unary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`
    Not,
}

/// Binary operators, without the logical ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own name")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
}

/// An item of a CEL list.
#[derive(Clone, Debug)]
pub struct ListItem {
    /// `?`
    pub optional: bool,
    /// The value.
    pub value: Expr,
}

/// An entry of a CEL map.
#[derive(Clone, Debug)]
pub struct MapEntry {
    /// `?`
    pub optional: bool,
    /// The key.
    pub key: Expr,
    /// The value.
    pub value: Expr,
}

/// An entry of an object template.
#[derive(Clone, Debug)]
pub enum TemplateEntry {
    /// `key: value`, `key?: value` (left out when the value is an empty optional)
    Field {
        /// The key, not an expression.
        key: Name,
        /// `?`
        optional: bool,
        /// The value.
        value: Expr,
    },
    /// `...expr`
    Spread(Expr),
}

/// An item of a list template.
#[derive(Clone, Debug)]
pub enum TemplateItem {
    /// A value.
    Value(Expr),
    /// `...expr`
    Spread(Expr),
}

/// A part of an interpolated text.
#[derive(Clone, Debug)]
pub enum TextPart {
    /// Text as it is.
    Literal(String),
    /// `${expr}`
    Value(Expr),
}
