//! Rate limits, and what holds a journey to one.

use super::Millis;
use crate::index::FuncId;
use crate::value::Str;

/// Index into [`super::Manifest::limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LimitId(pub u16);

/// How many requests are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name.
    pub name: Str,
    /// Its documentation, may be empty.
    pub docs: Str,
    /// So many, at least one,
    pub count: u32,
    /// in this time, at least one.
    pub per: Millis,
    /// How many may come at once, at least one.
    pub burst: u32,
}

/// What holds a journey to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitUse {
    /// The limit.
    pub limit: LimitId,
    /// A function without parameters that gives the list of what requests are told apart by; it asks for no effect.
    pub key: FuncId,
}
