//! Short forms that stand as text in both forms of the language: times, retries, breakers, routes, authorisation, events.

use super::grammar::{Grammar, Rule};
use super::reader::{Node, Parts};
use crate::ast::{
    Attempts, Auth, Breaker, HandlerEvent, Ids, Millis, Name, Pauses, Rate, Retry, Route, Spanned,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::Fragment;
use crate::source::SpanMap;
use journey_machine::span::Span;
use pest::Parser;

/// How each phrase is written.
const TIME: &str =
    "a time is a number and `ms`, `s`, `m`, `h` or `d` without a space: `200ms`, `1.5s`";
pub(super) const RETRY: &str =
    "write attempts, and the shortest and longest pause: `1 backoff 20ms..100ms`";
pub(super) const BREAKER: &str = "write `5 failures in 10s, open 5s`";
pub(super) const ATTEMPTS: &str = "write how many there are, and the pauses between them: `4 after 5m, 10m, 15m` or `5 backoff 1s..1h`";
pub(super) const RATE: &str = "write how many there may be in which time: `10 per 1s`";
pub(super) const ROUTE: &str = "write the methods and the path: `GET, POST \"/customers/{id}\"`";
pub(super) const AUTH: &str =
    "write `client_token`, `client_token with ISSUER`, `basic`, or `none \"reason\"`";

/// `20ms`, `1.5s`, `10m`, `1h`, `30d`
pub fn parse_duration(
    text: &str,
    map: &SpanMap,
    diags: &mut Diagnostics,
) -> Option<Spanned<Millis>> {
    time(text.trim(), map.span(0, text.len()), diags)
}

/// `1 backoff 20ms..100ms`
pub fn parse_retry(text: &str, map: &SpanMap, diags: &mut Diagnostics) -> Option<Spanned<Retry>> {
    Phrase { map, diags }.lone(Rule::lone_retry, text, RETRY, |phrase, node| {
        phrase.retry(node)
    })
}

/// `5 failures in 10s, open 5s`
pub fn parse_breaker(
    text: &str,
    map: &SpanMap,
    diags: &mut Diagnostics,
) -> Option<Spanned<Breaker>> {
    Phrase { map, diags }.lone(Rule::lone_breaker, text, BREAKER, |phrase, node| {
        phrase.breaker(node)
    })
}

/// `4 after 5m, 10m, 15m`, `5 backoff 1s..1h`
pub fn parse_attempts(
    text: &str,
    map: &SpanMap,
    diags: &mut Diagnostics,
) -> Option<Spanned<Attempts>> {
    Phrase { map, diags }.lone(Rule::lone_attempts, text, ATTEMPTS, |phrase, node| {
        phrase.attempts(node)
    })
}

/// `10 per 1s`
pub fn parse_rate(text: &str, map: &SpanMap, diags: &mut Diagnostics) -> Option<Spanned<Rate>> {
    Phrase { map, diags }.lone(Rule::lone_rate, text, RATE, |phrase, node| {
        phrase.rate(node)
    })
}

/// `status, created`
pub fn parse_names(text: &str, map: &SpanMap, diags: &mut Diagnostics) -> Option<Vec<Name>> {
    let help = "write names behind commas: `status, created`";
    Phrase { map, diags }.lone(Rule::lone_names, text, help, |phrase, node| {
        Some(node.into_inner().map(|name| phrase.name(&name)).collect())
    })
}

/// `GET, POST /path/{id}`; the path may stand in quotes.
pub fn parse_route(text: &str, map: &SpanMap, diags: &mut Diagnostics) -> Option<Route> {
    Phrase { map, diags }.lone(Rule::lone_route, text, ROUTE, |phrase, node| {
        phrase.route(node)
    })
}

/// `client_token`, `client_token with ISSUER`, `basic`, `none "reason"`
pub fn parse_auth(text: &str, map: &SpanMap, diags: &mut Diagnostics) -> Option<Spanned<Auth>> {
    Phrase { map, diags }.lone(Rule::lone_auth, text, AUTH, |phrase, node| {
        phrase.auth(node)
    })
}

/// `404 as body`, `timeout`, `failure as e`, `denied as d`
pub fn parse_event(
    text: &str,
    map: &SpanMap,
    diags: &mut Diagnostics,
) -> Option<(Spanned<HandlerEvent>, Option<Name>)> {
    let help = "write a status, `timeout`, `failure`, `exhausted` or an outcome, and `as NAME` if its data is used";
    Phrase { map, diags }.lone(Rule::lone_event, text, help, |phrase, node| {
        let mut parts = Parts::of(node);
        let event = parts.take(Rule::event)?;
        let event = event_of(event.as_str(), phrase.span(&event), phrase.diags)?;
        parts.take(Rule::as_);
        Some((event, parts.take(Rule::name).map(|name| phrase.name(&name))))
    })
}

/// A time as written.
pub(super) fn time(written: &str, span: Span, diags: &mut Diagnostics) -> Option<Spanned<Millis>> {
    let millis = millis(written);
    if millis.is_none() {
        let message = format!("`{}` is not a time", super::reader::shortened(written));
        diags.push(Diagnostic::new(Code::BAD_TIME, span, message).help(TIME));
    }
    millis.map(|node| Spanned { node, span })
}

fn millis(written: &str) -> Option<Millis> {
    let unit_at = written.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = written.split_at_checked(unit_at)?;
    let unit: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| {
        !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let parts = fraction.parse::<u64>().ok()?.checked_mul(unit)?;
    // Milliseconds are the smallest there is.
    let parts = (parts % scale == 0).then_some(parts / scale)?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(unit)?
        .checked_add(parts)
}

/// A whole number as written.
pub(super) fn number(written: &str, span: Span, diags: &mut Diagnostics) -> Option<Spanned<u64>> {
    let number = written.parse().ok();
    if number.is_none() {
        let message = format!("`{}` is too large", super::reader::shortened(written));
        diags.push(Diagnostic::new(Code::BAD_NUMBER, span, message));
    }
    number.map(|node| Spanned { node, span })
}

/// A status as written: three digits.
pub(crate) fn status(written: &str, span: Span, diags: &mut Diagnostics) -> Option<Spanned<u16>> {
    let status = Some(written)
        .filter(|written| written.len() == 3 && !written.starts_with('+'))
        .and_then(|written| written.parse().ok())
        .filter(|status| (100..=999).contains(status));
    if status.is_none() {
        let message = format!(
            "`{}` is not an HTTP status",
            super::reader::shortened(written)
        );
        diags.push(
            Diagnostic::new(Code::BAD_NUMBER, span, message)
                .help("a status has three digits: `200`, `404`"),
        );
    }
    status.map(|node| Spanned { node, span })
}

/// What a handler handles, as written.
pub(super) fn event_of(
    written: &str,
    span: Span,
    diags: &mut Diagnostics,
) -> Option<Spanned<HandlerEvent>> {
    let node = match written {
        "timeout" => HandlerEvent::Timeout,
        "failure" => HandlerEvent::Failure,
        "exhausted" => HandlerEvent::Exhausted,
        _ if written.starts_with(|c: char| c.is_ascii_digit()) => {
            HandlerEvent::Status(status(written, span, diags)?.node)
        }
        _ => HandlerEvent::Outcome(written.to_owned()),
    };
    Some(Spanned { node, span })
}

/// Reads pairs of phrases, in a file or alone.
pub(super) struct Phrase<'p> {
    pub(super) map: &'p SpanMap,
    pub(super) diags: &'p mut Diagnostics,
}

impl Phrase<'_> {
    fn lone<T>(
        &mut self,
        rule: Rule,
        text: &str,
        help: &str,
        read: impl FnOnce(&mut Self, Node<'_>) -> Option<T>,
    ) -> Option<T> {
        let Some(lone) = Grammar::parse(rule, text)
            .ok()
            .and_then(|mut pairs| pairs.next())
        else {
            let span = self.map.span(0, text.len());
            self.wrong(text, span, help);
            return None;
        };
        match rule {
            // These have their parts directly in them.
            Rule::lone_route | Rule::lone_event => read(self, lone),
            _ => read(self, lone.into_inner().next()?),
        }
    }

    /// Not the phrase that should stand here.
    pub(super) fn wrong(&mut self, written: &str, span: Span, help: &str) {
        let message = format!(
            "`{}` cannot be read",
            super::reader::shortened(written.trim())
        );
        self.diags
            .push(Diagnostic::new(Code::UNEXPECTED, span, message).help(help));
    }

    fn span(&self, node: &Node<'_>) -> Span {
        let span = node.as_span();
        self.map.span(span.start(), span.end())
    }

    fn name(&self, node: &Node<'_>) -> Name {
        Name {
            node: node.as_str().to_owned(),
            span: self.span(node),
        }
    }

    fn time(&mut self, node: &Node<'_>) -> Option<Millis> {
        time(node.as_str(), self.span(node), self.diags).map(|time| time.node)
    }

    fn number(&mut self, node: &Node<'_>) -> Option<u64> {
        number(node.as_str(), self.span(node), self.diags).map(|number| number.node)
    }

    pub(super) fn retry(&mut self, node: Node<'_>) -> Option<Spanned<Retry>> {
        let span = self.span(&node);
        let mut parts = Parts::of(node);
        let attempts = self.number(&parts.take(Rule::number)?)?;
        parts.take(Rule::backoff_);
        let backoff = match (parts.take(Rule::time), parts.take(Rule::time)) {
            (Some(short), Some(long)) => Some((self.time(&short)?, self.time(&long)?)),
            _ => None,
        };
        Some(Spanned {
            node: Retry { attempts, backoff },
            span,
        })
    }

    pub(super) fn attempts(&mut self, node: Node<'_>) -> Option<Spanned<Attempts>> {
        let span = self.span(&node);
        let mut parts = Parts::of(node);
        let count = self.number(&parts.take(Rule::number)?)?;
        let backoff = parts.any(&[Rule::after_, Rule::backoff_]);
        let mut times = Vec::new();
        while let Some(time) = parts.take(Rule::time) {
            times.push(self.time(&time)?);
        }
        let pauses = match (backoff.map(|word| word.as_rule()), times.as_slice()) {
            (Some(Rule::backoff_), [short, long]) => Some(Pauses::Backoff(*short, *long)),
            (Some(_), _) => Some(Pauses::After(times)),
            (None, _) => None,
        };
        Some(Spanned {
            node: Attempts { count, pauses },
            span,
        })
    }

    pub(super) fn rate(&mut self, node: Node<'_>) -> Option<Spanned<Rate>> {
        let span = self.span(&node);
        let mut parts = Parts::of(node);
        let count = self.number(&parts.take(Rule::number)?)?;
        parts.take(Rule::per_);
        let per = self.time(&parts.take(Rule::time)?)?;
        Some(Spanned {
            node: Rate { count, per },
            span,
        })
    }

    pub(super) fn breaker(&mut self, node: Node<'_>) -> Option<Spanned<Breaker>> {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let failures = self.number(&inner.find(|part| part.as_rule() == Rule::number)?)?;
        let window = self.time(&inner.find(|part| part.as_rule() == Rule::time)?)?;
        let open = self.time(&inner.find(|part| part.as_rule() == Rule::time)?)?;
        Some(Spanned {
            node: Breaker {
                failures,
                window,
                open,
            },
            span,
        })
    }

    pub(super) fn route(&mut self, node: Node<'_>) -> Option<Route> {
        let mut methods = Vec::new();
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::method => methods.push(self.name(&part)),
                Rule::plain_path => {
                    return Some(Route {
                        methods,
                        path: self.name(&part),
                    });
                }
                Rule::text => {
                    return Some(Route {
                        methods,
                        path: self.text(&part)?,
                    });
                }
                _ => {}
            }
        }
        None
    }

    fn text(&mut self, node: &Node<'_>) -> Option<Name> {
        let span = node.as_span();
        let fragment = Fragment::new(span.get_input(), span.start(), span.end(), self.map);
        fragment.text_constant(&mut Ids::default(), self.diags)
    }

    pub(super) fn auth(&mut self, node: Node<'_>) -> Option<Spanned<Auth>> {
        let span = self.span(&node);
        let kind = node.into_inner().next()?;
        let auth = match kind.as_rule() {
            Rule::basic_auth => Auth::Basic,
            Rule::no_auth => Auth::None(
                self.text(
                    &kind
                        .into_inner()
                        .find(|part| part.as_rule() == Rule::text)?,
                )?,
            ),
            _ => Auth::ClientToken(
                kind.into_inner()
                    .find(|part| part.as_rule() == Rule::name)
                    .map(|name| self.name(&name)),
            ),
        };
        Some(Spanned { node: auth, span })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_milliseconds() {
        let cases = [
            ("20ms", Some(20)),
            ("1.5s", Some(1_500)),
            ("0.001s", Some(1)),
            ("30d", Some(2_592_000_000)),
            ("1.5h", Some(5_400_000)),
            ("0.5ms", None),
            ("1.", None),
            ("5", None),
            ("5 s", None),
            ("1.s", None),
            ("-1s", None),
            ("5sec", None),
            ("999999999999999999d", None),
        ];
        for (written, expected) in cases {
            assert_eq!(millis(written), expected, "{written}");
        }
    }
}
