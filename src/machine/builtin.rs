//! The library: every function an expression can call, each one entry with signature, documentation, examples, cost.
//!
//! The checker reads the signatures, `journey functions` prints the documentation, the tests run the examples,
//! the machine calls the code. Macros (`has`, `all`, `map`, …) are not here: they are lowered to loops.

use crate::value::{EvalError, Value};

/// One function.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its name as called: `size`, `startsWith`, `math.greatest`.
    pub name: &'static str,
    /// One or two sentences.
    pub docs: &'static str,
    /// What it takes and gives; at least one.
    pub overloads: &'static [Overload],
    /// Expressions and their values, both as CEL.
    pub examples: &'static [(&'static str, &'static str)],
    /// The code. Arguments match one of the overloads, or it raises `no such overload`.
    pub call: fn(&[Value]) -> Result<Value, EvalError>,
}

/// One signature of a function.
#[derive(Clone, Copy, Debug)]
pub struct Overload {
    /// Is it called on its first parameter (`a.f(b)`) or not (`f(a, b)`)?
    pub method: bool,
    /// Its parameters, receiver first.
    pub params: &'static [Pattern],
    /// Its result.
    pub result: Pattern,
}

/// A type in a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// `dyn`
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
    /// `type`
    Type,
    /// `list<T>`
    List(&'static Pattern),
    /// `map<K, V>`
    Map(&'static Pattern, &'static Pattern),
    /// `optional<T>`
    Optional(&'static Pattern),
    /// A type variable: the same type wherever the same letter stands.
    Var(char),
}
