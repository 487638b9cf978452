//! Types: what each expression and binding is, and whether it fits where it stands.

use crate::ast::{ExprId, Label};
use journey_machine::op::Context;
use journey_machine::span::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A type. Limits (`string(1..64)`) are not part of it: they are checked where data enters.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    /// Something was wrong already: fits everything, says nothing.
    Error,
    /// No value at all: the items of `[]`, the values of `{}`, what `optional.none()` holds. Fits everything.
    Never,
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
    /// `string` and `url`
    String,
    /// `bytes`
    Bytes,
    /// `timestamp`
    Timestamp,
    /// `duration`
    Duration,
    /// `"a" | "b"`, sorted: a string everywhere, exhaustive in `match`. A string literal is an enum of one.
    Enum(Arc<[String]>),
    /// `T | null`
    Nullable(Arc<Ty>),
    /// `list<T>`
    List(Arc<Ty>),
    /// `map<K, V>`
    Map(Arc<Ty>, Arc<Ty>),
    /// An object with known fields.
    Object(Arc<ObjectTy>),
    /// A declared type by its name, see [`TypeTable::declared`]: types may refer to each other in circles.
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
    /// May it have further fields? They are ignored: no expression can reach them.
    pub open: bool,
}

impl ObjectTy {
    /// A field and its slot.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &FieldTy)> {
        self.fields.iter().enumerate().find(|(_, f)| f.name == name)
    }
}

/// One field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldTy {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// May it be absent? A field with a default is always there.
    pub optional: bool,
    /// `secret`, `pii`
    pub label: Option<Label>,
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
    /// A macro by its name (`has`, `all`, `exists`, `exists_one`, `map`, `filter`, `optMap`, `cel.bind`, …).
    Macro(String),
}

/// What an identifier or a dotted chain of members refers to, if it is not a local name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Global {
    /// What surrounds a run: `input`, `request`, `client`, `config`, `secret`.
    Context(Context),
    /// `now`
    Now,
    /// A type as a value: `int`, `google.protobuf.Timestamp`.
    Type(String),
}

/// What the checker found out. Lowering reads this, [`crate::names`] and the tree, nothing else.
#[derive(Clone, Debug, Default)]
pub struct TypeTable {
    /// Type of each expression that has one; `Ty::Error` poisons.
    /// A literal `1` of type `Double` stands where a double is wanted: it is `1.0`.
    pub types: BTreeMap<ExprId, Ty>,
    /// Callee of each call.
    pub callees: BTreeMap<ExprId, Callee>,
    /// Globals among identifiers and members; an identifier that is not here is a local name.
    pub globals: BTreeMap<ExprId, Global>,
    /// Type of each binding by the place of its name: `let`, `as`, loop variables, handlers.
    pub bindings: BTreeMap<Span, Ty>,
    /// Definition of each declared type, of `Problem` too.
    pub declared: BTreeMap<Arc<str>, Ty>,
    /// Type of `input` by journey: parameters, then body fields, in their order.
    pub inputs: BTreeMap<String, Arc<ObjectTy>>,
    /// Type of the claims of a token by issuer: the registered ones, then the declared ones.
    pub claims: BTreeMap<String, Arc<ObjectTy>>,
}

impl TypeTable {
    /// Type of an expression.
    #[must_use]
    pub fn ty(&self, id: ExprId) -> &Ty {
        self.types.get(&id).unwrap_or(&Ty::Error)
    }

    /// A type with its name looked up, if it is one.
    #[must_use]
    pub fn resolve<'t>(&'t self, mut ty: &'t Ty) -> &'t Ty {
        // A name that stands for itself through others was refused: the count only guards against it.
        for _ in 0..=self.declared.len() {
            let Ty::Named(name) = ty else { return ty };
            match self.declared.get(name) {
                Some(definition) => ty = definition,
                None => return &Ty::Error,
            }
        }
        &Ty::Error
    }

    /// The object type an expression has, looked up and without `null`; `None` if it is none.
    #[must_use]
    pub fn object(&self, id: ExprId) -> Option<&ObjectTy> {
        match self.resolve(self.ty(id)) {
            Ty::Object(object) => Some(object),
            Ty::Nullable(inner) | Ty::Optional(inner) => match self.resolve(inner) {
                Ty::Object(object) => Some(object),
                _ => None,
            },
            _ => None,
        }
    }
}
