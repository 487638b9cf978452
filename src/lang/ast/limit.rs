//! Rate limits: how many requests are let in, and by what they are counted.

use super::{Docs, Expr, Millis, Name, Spanned};
use journey_machine::span::Span;

/// `limit name { rate 1 per 2s  burst 1 }`
#[derive(Clone, Debug)]
pub struct RateLimit {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
    /// `rate 1 per 2s`
    pub rate: Option<Spanned<Rate>>,
    /// `burst 1`: how many may come at once; the count of the rate where it is not said.
    pub burst: Option<Spanned<u64>>,
}

/// `1 per 2s`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many.
    pub count: u64,
    /// In that time.
    pub per: Millis,
}

/// `limit name by client.id, input.journey_id` in the head of a journey.
#[derive(Clone, Debug)]
pub struct LimitUse {
    /// The limit.
    pub limit: Name,
    /// By what requests are told apart; nothing: all are counted together.
    pub by: Vec<Expr>,
    /// All of it.
    pub span: Span,
}
