//! Expressions and templates.

use super::{ExprId, Name};
use journey_machine::span::Span;

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

impl Expr {
    /// The text, if it is one that is written out.
    #[must_use]
    pub fn as_written_text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Literal(Literal::String(text)) => Some(text),
            _ => None,
        }
    }
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
    /// `a + b - c`, `a * b / c`: operators that bind equally strongly, from the left; flat, so that a long chain is not
    /// deep
    Arithmetic {
        /// The first operand.
        first: Box<Expr>,
        /// At least one operator, each with the operand behind it.
        rest: Vec<(BinaryOp, Expr)>,
    },
    /// `a == b`, `a in b`, …
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

impl BinaryOp {
    /// How it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::In => "in",
        }
    }

    /// The same comparison from the other side: `a < b` is `b > a`.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            other => other,
        }
    }

    /// The comparison that holds where this one does not, of values that have an order.
    #[must_use]
    pub fn denied(self) -> Option<Self> {
        match self {
            Self::Lt => Some(Self::Ge),
            Self::Le => Some(Self::Gt),
            Self::Gt => Some(Self::Le),
            Self::Ge => Some(Self::Lt),
            Self::Eq => Some(Self::Ne),
            Self::Ne => Some(Self::Eq),
            Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Rem | Self::In => None,
        }
    }
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
