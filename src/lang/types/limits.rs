//! Constants against the limits of the type they stand for.

use super::patterns::{Fits, Patterns};
use crate::ast::{Limit, Literal};
use journey_machine::span::Span;

const UNKNOWN: &str = "the patterns of this file take too much to look whether it matches its own";

/// The limit that a constant breaks, as a sentence; `None` if it keeps all of them.
pub(super) fn broken(
    literal: &Literal,
    limits: &[Limit],
    place: Span,
    patterns: &mut Patterns,
) -> Option<String> {
    let breaks = |limit: &Limit| match (literal, limit) {
        (Literal::String(text), Limit::Pattern(pattern)) => {
            match patterns.fits(text, pattern, place) {
                Fits::Yes => None,
                Fits::No => Some(format!("it does not match `/{pattern}/`")),
                Fits::Unknown => Some(UNKNOWN.to_owned()),
            }
        }
        _ => breaks(literal, limit),
    };
    limits.iter().find_map(breaks)
}

fn breaks(literal: &Literal, limit: &Limit) -> Option<String> {
    match (literal, limit) {
        (Literal::String(text), limit) => number_breaks(count(text.chars().count()), limit)
            .map(|problem| format!("its length {problem}")),
        (Literal::Bytes(bytes), limit) => {
            number_breaks(count(bytes.len()), limit).map(|problem| format!("its length {problem}"))
        }
        (literal, limit) => {
            number_breaks(number(literal)?, limit).map(|problem| format!("it {problem}"))
        }
    }
}

fn number_breaks(n: f64, limit: &Limit) -> Option<String> {
    let (fits, problem) = match limit {
        Limit::Range(low, high) => {
            let low_fits = low.is_none_or(|low| n >= low);
            return match (low, high) {
                (Some(low), _) if !low_fits => Some(format!("is less than {low}")),
                (_, Some(high)) if n > *high => Some(format!("is more than {high}")),
                _ => None,
            };
        }
        Limit::Above(low) => (n > *low, format!("is not above {low}")),
        Limit::AtLeast(low) => (n >= *low, format!("is less than {low}")),
        Limit::Below(high) => (n < *high, format!("is not below {high}")),
        Limit::AtMost(high) => (n <= *high, format!("is more than {high}")),
        Limit::Pattern(_) | Limit::Media(_) => return None,
    };
    (!fits).then_some(problem)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "limits are doubles: a constant is compared as one"
)]
fn number(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Int(n) => Some(*n as f64),
        Literal::Uint(n) => Some(*n as f64),
        Literal::Double(n) => Some(*n),
        Literal::Null | Literal::Bool(_) | Literal::String(_) | Literal::Bytes(_) => None,
    }
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}
