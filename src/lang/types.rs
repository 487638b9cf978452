//! Types: what each expression and binding is, and whether it fits where it stands.

use crate::ast::ExprId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// Something was wrong already: fits everything, says nothing.
    Error,
    /// Known at run time only.
    Dyn,
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `timestamp`
    Timestamp,
    /// `duration`
    Duration,
    /// `"a" | "b"`; used as a string everywhere, exhaustive in `match`
    Enum(Arc<[String]>),
    /// `T | null`
    Nullable(Arc<Ty>),
    /// `list<T>`
    List(Arc<Ty>),
    /// `map<K, V>`
    Map(Arc<Ty>, Arc<Ty>),
    /// An object with known fields.
    Object(Arc<ObjectTy>),
    /// A declared type by its name: types may refer to each other in circles.
    Named(Arc<str>),
    /// `optional_type(T)`
    Optional(Arc<Ty>),
    /// The type of a type.
    Type,
}

/// The fields of an object. Its slots are the fields in this order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ObjectTy {
    /// The fields.
    pub fields: Vec<FieldTy>,
    /// May it have further fields?
    pub open: bool,
}

/// One field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldTy {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// May it be absent?
    pub optional: bool,
}

/// What a call in an expression calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the library by its full name; `receiver`: the call's receiver is its first argument,
    /// otherwise the receiver, if there is one, is only the namespace.
    Builtin {
        /// Full name.
        name: String,
        /// Is the receiver an argument?
        receiver: bool,
    },
    /// A macro by its name (`has`, `all`, `exists`, `exists_one`, `map`, `filter`, `optMap`, …).
    Macro(String),
}

/// What an identifier or a dotted chain of members refers to, if it is not a local name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Global {
    /// What surrounds a run: `input`, `request`, `client`, `config`, `secret`.
    Context(journey_machine::op::Context),
    /// `now`
    Now,
    /// A type as a value: `int`, `google.protobuf.Timestamp`.
    Type(String),
}

/// What the checker found out, by expression. Lowering reads nothing else.
#[derive(Clone, Debug, Default)]
pub struct TypeTable {
    /// Type of each expression that has one; `Ty::Error` poisons.
    pub types: BTreeMap<ExprId, Ty>,
    /// Callee of each call.
    pub callees: BTreeMap<ExprId, Callee>,
    /// Globals among identifiers and members; an identifier that is not here is a local name.
    pub globals: BTreeMap<ExprId, Global>,
}
