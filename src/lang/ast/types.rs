//! Types as written.

use super::{Docs, FieldDecl, Name, Spanned};
use journey_machine::span::Span;

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
        base: Box<Name>,
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
    /// `"image/jpeg"`: a media type of a blob.
    Media(String),
}
