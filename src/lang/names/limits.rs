//! Rate limits: their numbers, and the names by which journeys are held to them.

use super::{Names, count_in_range, number_in_range, time_in_range, unknown};
use crate::ast::{Endpoint, RateLimit};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_LIMIT_KEYS, MAX_LIMITS, MAX_RATE, MAX_RATE_TIME};

/// Checks a limit.
pub(super) fn check(limit: &RateLimit, out: &mut Diagnostics) {
    match &limit.rate {
        Some(rate) => {
            number_in_range("a rate", rate.node.count, 1..=MAX_RATE, rate.span, out);
            let what = "the time of a rate";
            time_in_range(what, rate.node.per, 1..=MAX_RATE_TIME, rate.span, out);
        }
        None => {
            let title = format!("the limit `{}` has no `rate`", limit.name.node);
            let finding = Diagnostic::new(Code::INCOMPLETE_DECLARATION, limit.name.span, title);
            out.push(finding.help("add how many there may be in which time: `rate 10 per 1s`"));
        }
    }
    if let Some(burst) = &limit.burst {
        number_in_range("a burst", burst.node, 1..=MAX_RATE, burst.span, out);
    }
}

/// Checks what an endpoint is held to.
pub(super) fn check_uses(names: &Names<'_>, endpoint: &Endpoint, out: &mut Diagnostics) {
    let last = endpoint.limits.last().map(|used| used.span);
    count_in_range("limits", &endpoint.limits, MAX_LIMITS, last, out);
    for used in &endpoint.limits {
        if !names.limits.contains_key(used.limit.node.as_str()) {
            let known = names.limits.keys().copied();
            out.push(unknown(
                Code::UNKNOWN_LIMIT,
                "limit",
                &used.limit,
                known,
                out,
            ));
        }
        let what = "values that requests are told apart by";
        count_in_range(what, &used.by, MAX_LIMIT_KEYS, Some(used.span), out);
    }
}
