//! The library: every function an expression can call, each one entry with signature, documentation, examples.
//!
//! The checker reads the signatures, `journey functions` prints the documentation, the tests run the examples,
//! the machine calls the code. Macros (`has`, `all`, `map`, …) are not here: they are lowered to loops.

mod collection;
mod convert;
mod crypto;
mod encode;
mod format;
mod list;
mod math;
mod net;
mod optional;
pub mod pattern;
mod string;
#[cfg(test)]
mod tests;
mod text;
mod time;
pub mod windows;

use crate::limits::MAX_VALUE_BYTES;
use crate::value::{EvalError, Value, ops};
use pattern::MAX_WEIGHT;
use std::sync::LazyLock;

pub use list::SORT_BY_KEYS;

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
    /// What a call costs.
    pub cost: Cost,
    /// The code. Arguments match one of the overloads, or it raises `no such overload`.
    pub call: fn(&[Value]) -> Result<Value, EvalError>,
}

/// What of its arguments a call looks at: what it costs beside the step that every operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Nothing that grows with them.
    Fixed,
    /// Texts and bytes, but not what lists and maps hold.
    Texts,
    /// All of them, with everything inside.
    Whole,
    /// All of them, as often as their items are compared when they are put in order.
    Sorting,
    /// A text, and the second argument as a regular expression: it is compiled, and each of its parts may be tried
    /// wherever the text can begin.
    Pattern,
}

/// One signature of a function.
#[derive(Clone, Copy, Debug)]
pub struct Overload {
    /// Is it called on its first parameter (`a.f(b)`) or not (`f(a, b)`)?
    pub method: bool,
    /// Its parameters, receiver first.
    pub params: &'static [Pattern],
    /// May the last parameter be repeated, any number of times?
    pub variadic: bool,
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
    /// A type that only functions make, by its name: `net.IP`.
    Opaque(&'static str),
    /// `list<T>`
    List(&'static Pattern),
    /// `map<K, V>`
    Map(&'static Pattern, &'static Pattern),
    /// `optional<T>`
    Optional(&'static Pattern),
    /// A type variable: the same type wherever the same letter stands.
    Var(char),
}

/// How many times longer compiling a byte of a pattern takes than reading one of a text.
const COMPILING: usize = 32;

/// Items of the longest list of scalars.
pub const LONGEST_LIST: u64 = (MAX_VALUE_BYTES / size_of::<Value>()) as u64;

/// How often each of so many items is compared when they are put in order.
#[must_use]
pub fn comparisons(items: u64) -> u64 {
    u64::from(items.max(2).ilog2()).saturating_add(1)
}

/// About how many bytes are looked at to compile a pattern of this weight and to search a text of this size for it.
#[must_use]
pub const fn matching(pattern: usize, text: usize) -> usize {
    pattern.saturating_mul(text.saturating_add(COMPILING))
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Bytes(_))
}

/// What a call of a function gives.
type Outcome = Result<Value, EvalError>;

/// Begins the names of functions that only lowering calls: no source can spell them.
const INTERNAL: char = '@';

/// Every function that a source can call, sorted by name.
#[must_use]
pub fn all() -> &'static [Builtin] {
    let internal = library().partition_point(|function| function.is_internal());
    library().get(internal..).unwrap_or_default()
}

/// Every function, sorted by name: those that only lowering calls come first.
fn library() -> &'static [Builtin] {
    static LIBRARY: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
        let families = [
            collection::ALL,
            convert::ALL,
            crypto::ALL,
            encode::ALL,
            format::ALL,
            list::ALL,
            math::ALL,
            net::ALL,
            optional::ALL,
            string::ALL,
            text::ALL,
            time::ALL,
            windows::ALL,
        ];
        let mut library = families.concat();
        library.sort_unstable_by_key(|function| (!function.is_internal(), function.name));
        library
    });
    &LIBRARY
}

/// The function of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Builtin> {
    let key = (!name.starts_with(INTERNAL), name);
    let order = |function: &Builtin| (!function.is_internal(), function.name).cmp(&key);
    let at = library().binary_search_by(order).ok()?;
    library().get(at)
}

impl Builtin {
    fn is_internal(&self) -> bool {
        self.name.starts_with(INTERNAL)
    }

    /// About how many bytes a call looks at.
    #[must_use]
    pub fn looks_at(&self, args: &[Value]) -> usize {
        let whole = || args.iter().map(Value::weight);
        match self.cost {
            Cost::Fixed => 0,
            Cost::Texts => args.iter().filter(|a| is_text(a)).map(Value::weight).sum(),
            Cost::Whole => whole().sum(),
            Cost::Sorting => {
                let longest = args
                    .iter()
                    .filter_map(Value::as_list)
                    .map(|list| list.len())
                    .max();
                let compared = comparisons(longest.unwrap_or(0) as u64);
                whole().sum::<usize>().saturating_mul(compared as usize)
            }
            Cost::Pattern => match args {
                [text, Value::String(pattern)] => {
                    matching(pattern::weight(pattern).min(MAX_WEIGHT), text.weight())
                }
                _ => 0,
            },
        }
    }

    /// Calls it; what it gives is no larger than a value may be.
    ///
    /// # Errors
    /// What the function raises, or that its result is too large.
    pub fn invoke(&self, args: &[Value]) -> Result<Value, EvalError> {
        (self.call)(args).and_then(ops::bounded)
    }
}

/// `f(params)`
const fn function(params: &'static [Pattern], result: Pattern) -> Overload {
    Overload {
        method: false,
        params,
        variadic: false,
        result,
    }
}

/// `params[0].f(params[1..])`
const fn method(params: &'static [Pattern], result: Pattern) -> Overload {
    Overload {
        method: true,
        params,
        variadic: false,
        result,
    }
}

/// `f(params)`, the last one any number of times
const fn variadic(params: &'static [Pattern], result: Pattern) -> Overload {
    Overload {
        method: false,
        params,
        variadic: true,
        result,
    }
}

/// A value, or the error that the types do not fit.
fn fitting<T: Into<Value>>(value: Option<T>) -> Outcome {
    value.map(T::into).ok_or_else(EvalError::no_such_overload)
}
