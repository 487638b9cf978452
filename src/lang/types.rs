//! Types: what each expression and binding is, and whether it fits where it stands.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule names the few types or expressions it is about: a new one is none of them"
)]

mod build;
mod calls;
mod declarations;
mod environment;
mod exchange;
mod facts;
mod fit;
mod infer;
mod labels;
mod library;
mod limits;
mod loops;
mod macros;
mod matches;
mod operators;
mod patterns;
mod report;
mod scope;
mod secrets;
mod show;
mod state;
mod steps;
mod template;

use crate::ast::{Expr, ExprId, File, Label, Limit};
use crate::diagnostic::Diagnostics;
use crate::names::Names;
use journey_machine::op::Context;
use journey_machine::span::Span;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use environment::Environment;
pub(crate) use facts::path;
pub use library::Signature;

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
    /// A type that only functions make, by its full name, with its parameters: `net.IP`.
    Opaque(Arc<str>, Arc<[Ty]>),
    /// In a signature: the same type wherever the same name stands.
    Param(Arc<str>),
}

/// The fields of an object. Its slots are the fields in this order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ObjectTy {
    /// The fields.
    pub fields: Vec<FieldTy>,
    /// May it have further fields? They are ignored: no expression can reach them.
    pub open: bool,
    /// By name; empty if there are few fields.
    slots: BTreeMap<String, usize>,
}

/// So many fields are looked through one by one.
const FEW_FIELDS: usize = 8;

impl ObjectTy {
    /// An object with these fields; of equal names the first counts.
    #[must_use]
    pub fn new(fields: Vec<FieldTy>, open: bool) -> Self {
        let all = fields.iter().enumerate().rev();
        let indexed = all.filter(|_| fields.len() > FEW_FIELDS);
        let slots = indexed.map(|(slot, f)| (f.name.clone(), slot)).collect();
        Self {
            fields,
            open,
            slots,
        }
    }

    /// A field and its slot.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &FieldTy)> {
        if self.fields.len() <= FEW_FIELDS {
            let mut all = self.fields.iter().enumerate();
            return all.find(|(_, field)| field.name == name);
        }
        let slot = *self.slots.get(name)?;
        self.fields.get(slot).map(|field| (slot, field))
    }
}

/// One field of an object.
#[derive(Clone, Debug)]
pub struct FieldTy {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// May it be absent? A field with a default is always there.
    pub optional: bool,
    /// `secret`, `pii`
    pub label: Option<Label>,
    /// Limits that constants are held against.
    pub limits: Arc<[Limit]>,
    /// Where it is declared, if it is; no part of the type.
    pub declared: Option<Span>,
}

impl FieldTy {
    /// A field that is always there, without label and limits.
    #[must_use]
    pub fn new(name: impl Into<String>, ty: Ty) -> Self {
        Self {
            name: name.into(),
            ty,
            optional: false,
            label: None,
            limits: Arc::default(),
            declared: None,
        }
    }

    /// The same, but it may be absent.
    #[must_use]
    pub fn maybe(name: impl Into<String>, ty: Ty) -> Self {
        Self {
            optional: true,
            ..Self::new(name, ty)
        }
    }
}

impl PartialEq for FieldTy {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.ty, self.optional, self.label)
            == (&other.name, &other.ty, other.optional, other.label)
    }
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
    /// A function without code, or one that nothing declares: calling it fails.
    Missing,
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
    /// A variable of an [`Environment`], by its full name.
    Variable(String),
    /// A name that nothing declares: reading it fails.
    Missing,
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
    /// How long a list can be, of identifiers that a step has bound to one.
    pub lengths: BTreeMap<ExprId, u64>,
    /// The secret that went into a binding, by the place of its name, or into what is asked outside, by the place of the value.
    pub secrets: BTreeMap<Span, Span>,
    /// Definition of each declared type, of `Problem` too.
    pub declared: BTreeMap<Arc<str>, Ty>,
    /// Type of each declared answer and outcome by the place of its status or name; `Null`: without a body.
    pub answers: BTreeMap<Span, Ty>,
    /// Each parameter of an operation or a sub-journey by the place of its name.
    pub params: BTreeMap<Span, Arc<FieldTy>>,
    /// Type of `input` by journey: parameters, then body fields, in their order.
    pub inputs: BTreeMap<String, Arc<ObjectTy>>,
    /// Type of the records of each store, `version` last.
    pub records: BTreeMap<String, Arc<ObjectTy>>,
    /// Type of the claims of a token by issuer: the registered ones, then the declared ones.
    pub claims: BTreeMap<String, Arc<ObjectTy>>,
    /// In a single expression CEL's own rules hold: `T | null` is the wrapper of `T` and used like a `T`, and texts are
    /// compared whatever is known of them.
    pub cel: bool,
    /// Fields compared or copied in the current file.
    compared: Cell<usize>,
}

impl TypeTable {
    /// Type of an expression.
    #[must_use]
    pub fn ty(&self, id: ExprId) -> &Ty {
        self.types.get(&id).unwrap_or(&Ty::Error)
    }

    /// Type of a declared answer or outcome.
    #[must_use]
    pub fn answer(&self, declared: Span) -> Ty {
        self.answers.get(&declared).cloned().unwrap_or(Ty::Error)
    }

    /// A parameter of an operation or a sub-journey.
    fn param(&self, declared: Span) -> Arc<FieldTy> {
        let found = self.params.get(&declared).cloned();
        found.unwrap_or_else(|| Arc::new(FieldTy::new("", Ty::Error)))
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
        let mut ty = self.resolve(self.ty(id));
        if let Ty::Nullable(inner) | Ty::Optional(inner) = ty {
            ty = self.resolve(inner);
        }
        if let Ty::Object(object) = ty {
            Some(object)
        } else {
            None
        }
    }
}

/// The signatures of a function of the library, as documentation writes them.
#[must_use]
pub fn signatures(name: &str) -> Vec<String> {
    let signature = |s: &Signature| format!("{} -> {}", library::signature(name, s), s.result);
    let found = library::find(name);
    found.map_or_else(Vec::new, |(_, all)| all.iter().map(signature).collect())
}

/// Finds the types of a single expression and of everything inside it.
pub fn infer_expression(
    expr: &Expr,
    environment: &Environment,
    (files, names): (&[File], &Names<'_>),
    out: &mut Diagnostics,
) -> TypeTable {
    let mut checker = infer::Checker::new(names, files, out).within(environment);
    checker.infer(expr);
    checker.finish()
}

/// Finds the type of every expression and binding, and what does not fit.
pub fn infer(files: &[File], names: &Names<'_>, out: &mut Diagnostics) -> TypeTable {
    let mut checker = infer::Checker::new(names, files, out);
    declarations::check(&mut checker, files);
    checker.finish()
}
