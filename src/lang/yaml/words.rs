//! Texts that hold words of their own: numbers, times, choices, `GET, POST /a/{id}`, `1 backoff 20ms..100ms`.

use super::node::Node;
use super::read::Reader;
use crate::ast::{Attempts, Breaker, Millis, Name, Rate, Retry, Route, Spanned};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::SpanMap;
use crate::suggest::suggestion;
use crate::text::phrase;
use journey_machine::span::Span;

impl Reader<'_> {
    /// The words of a text; a comma is a word.
    pub(super) fn words(&mut self, what: &str, node: &Node<'_>) -> Option<Vec<Name>> {
        let (text, map) = self.scalar(what, node)?;
        Some(split(text, &map))
    }

    /// A whole number.
    pub(super) fn number(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<u64>> {
        let text = self.plain(node)?;
        let digits = text.node.bytes().all(|b| b.is_ascii_digit());
        let number = text.node.parse().ok().filter(|_| digits);
        if number.is_none() {
            let message = format!("expected a whole number, found `{}`", text.node);
            self.report(Diagnostic::new(Code::BAD_NUMBER, text.span, message));
        }
        number.map(|node| Spanned {
            node,
            span: text.span,
        })
    }

    /// A time: `800ms`.
    pub(super) fn time(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<Millis>> {
        self.phrase(node, phrase::parse_duration)
    }

    /// `GET, POST /path/{id}`
    pub(super) fn route(&mut self, node: Option<&Node<'_>>) -> Option<Route> {
        self.phrase(node, phrase::parse_route)
    }

    /// `1 backoff 20ms..100ms`
    pub(super) fn retry(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<Retry>> {
        self.phrase(node, phrase::parse_retry)
    }

    /// `4 after 5m, 10m, 15m`
    pub(super) fn attempts(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<Attempts>> {
        self.phrase(node, phrase::parse_attempts)
    }

    /// `10 per 1s`
    pub(super) fn rate(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<Rate>> {
        self.phrase(node, phrase::parse_rate)
    }

    /// `status, created`
    pub(super) fn names(&mut self, node: Option<&Node<'_>>) -> Option<Vec<Name>> {
        self.phrase(node, phrase::parse_names)
    }

    /// `5 failures in 10s, open 5s`
    pub(super) fn breaker(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<Breaker>> {
        self.phrase(node, phrase::parse_breaker)
    }

    fn phrase<T>(
        &mut self,
        node: Option<&Node<'_>>,
        parse: fn(&str, &SpanMap, &mut Diagnostics) -> Option<T>,
    ) -> Option<T> {
        let (text, map) = self.scalar("a text", node?)?;
        parse(text, &map, self.findings)
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        node: Option<&Node<'_>>,
        choices: &[(&'static str, T)],
    ) -> Option<Spanned<T>> {
        let word = self.plain(node)?;
        let chosen = choices.iter().find(|(name, _)| *name == word.node);
        if chosen.is_none() {
            let names = || choices.iter().map(|(name, _)| *name);
            let message = format!(
                "expected {}, found `{}`",
                super::read::list(names()),
                word.node
            );
            let finding = Diagnostic::new(Code::UNEXPECTED, word.span, message);
            self.report(finding.maybe_help(suggestion(&word.node, names())));
        }
        chosen.map(|(_, node)| Spanned {
            node: *node,
            span: word.span,
        })
    }

    /// `true`: its place; `false`: nothing.
    pub(super) fn flag(&mut self, node: Option<&Node<'_>>) -> Option<Span> {
        let flag = self.choice(node, &[("true", true), ("false", false)])?;
        flag.node.then_some(flag.span)
    }
}

fn split(text: &str, map: &SpanMap) -> Vec<Name> {
    let mut words = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with(',') {
            1
        } else {
            rest.find(|c: char| c == ',' || c.is_whitespace())
                .unwrap_or(rest.len())
        };
        let (word, tail) = rest.split_at(end);
        if word.is_empty() {
            return words;
        }
        let start = text.len() - rest.len();
        words.push(Name {
            node: word.to_owned(),
            span: map.span(start, start + word.len()),
        });
        rest = tail;
    }
}
