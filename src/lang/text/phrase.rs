//! Short forms that stand as text in both forms of the language: times, retries, breakers, routes.

use crate::ast::{Breaker, Millis, Retry, Route, Spanned};
use crate::diagnostic::Diagnostics;
use crate::source::SpanMap;

/// `20ms`, `1.5s`, `10m`, `1h`, `30d`
pub fn parse_duration(
    _text: &str,
    _map: &SpanMap,
    _diags: &mut Diagnostics,
) -> Option<Spanned<Millis>> {
    None
}

/// `1 backoff 20ms..100ms`
pub fn parse_retry(
    _text: &str,
    _map: &SpanMap,
    _diags: &mut Diagnostics,
) -> Option<Spanned<Retry>> {
    None
}

/// `5 failures in 10s, open 5s`
pub fn parse_breaker(
    _text: &str,
    _map: &SpanMap,
    _diags: &mut Diagnostics,
) -> Option<Spanned<Breaker>> {
    None
}

/// `GET, POST /path/{id}`; the path may stand in quotes.
pub fn parse_route(_text: &str, _map: &SpanMap, _diags: &mut Diagnostics) -> Option<Route> {
    None
}
