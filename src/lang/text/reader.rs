//! What all readers of the grammar's pairs use: the parts of a pair in order, what is missing, places and documentation.

use super::grammar::Rule;
use super::scan::DocsByPlace;
use crate::ast::{
    Argument, Criterion, Docs, Expr, FieldDecl, Ids, Millis, Name, Spanned, TypeExpr,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::{self, Fragment};
use crate::source::SpanMap;
use journey_machine::span::Span;
use pest::iterators::{Pair, Pairs};
use std::collections::BTreeMap;
use std::iter::Peekable;

/// Bytes of a line that are looked at to say what was found there.
pub(super) const MAX_SHOWN: usize = 1024;

pub(super) type Node<'t> = Pair<'t, Rule>;

/// Builds the tree of one declaration.
pub(super) struct Reader<'r> {
    /// What is left of the file.
    pub(super) text: &'r str,
    pub(super) map: &'r SpanMap,
    pub(super) docs: &'r mut DocsByPlace,
    pub(super) ids: &'r mut Ids,
    pub(super) diags: &'r mut Diagnostics,
    /// Where something was last missed: what stands there has been reported.
    pub(super) missed_at: Option<usize>,
    /// Where the last part ends that is not in the tree.
    pub(super) lost_to: Option<usize>,
}

/// The parts of a pair, in order.
pub(super) struct Parts<'t> {
    inner: Peekable<Pairs<'t, Rule>>,
    /// Where the last part taken ends.
    pub(super) end: usize,
    /// Was a part missed? Then nothing more is said about this pair.
    broken: bool,
}

impl<'t> Parts<'t> {
    pub(super) fn of(node: Node<'t>) -> Self {
        let end = node.as_span().start();
        Self {
            inner: node.into_inner().peekable(),
            end,
            broken: false,
        }
    }

    /// What is wrong with this pair has been said: nothing more will be.
    pub(super) fn give_up(&mut self) {
        self.broken = true;
    }

    /// A pair as the only part.
    pub(super) fn alone(node: Node<'t>) -> Self {
        let end = node.as_span().start();
        Self {
            inner: Pairs::single(node).peekable(),
            end,
            broken: false,
        }
    }

    /// The next part, if it is one of these.
    pub(super) fn any(&mut self, rules: &[Rule]) -> Option<Node<'t>> {
        let part = self.inner.next_if(|part| rules.contains(&part.as_rule()))?;
        self.end = part.as_span().end();
        Some(part)
    }

    /// The next part, if it is this one.
    pub(super) fn take(&mut self, rule: Rule) -> Option<Node<'t>> {
        self.any(&[rule])
    }

    /// Whatever comes next.
    pub(super) fn next(&mut self) -> Option<Node<'t>> {
        let part = self.inner.next()?;
        self.end = part.as_span().end();
        Some(part)
    }
}

impl<'r> Reader<'r> {
    /// The place of a pair, without the space and comments it ends in where its last part is left out.
    pub(super) fn span(&self, node: &Node<'_>) -> Span {
        let (start, mut end) = (node.as_span().start(), node.as_span().end());
        let mut last = node.clone().into_inner().next_back();
        while let Some(part) = last {
            let rest = self.text.get(part.as_span().end()..end).unwrap_or_default();
            if space(rest) < rest.len() {
                break;
            }
            end = part.as_span().end();
            last = part.into_inner().next_back();
        }
        self.map.span(start, end)
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diags.push(diagnostic);
    }

    /// Something else was expected after the parts taken so far.
    pub(super) fn missing(&mut self, parts: &mut Parts<'_>, what: &str) {
        if !std::mem::replace(&mut parts.broken, true) {
            self.unexpected(parts.end, what);
        }
    }

    /// Something else was expected at this byte, or after the space there.
    pub(super) fn unexpected(&mut self, at: usize, what: &str) {
        let between = self.text.get(at..).map_or(0, space);
        let next = at + between;
        if self.missed_at.replace(next) == Some(next) {
            return;
        }
        if self
            .text
            .get(at..next)
            .is_some_and(|between| between.contains('\n'))
        {
            let message = format!("expected {what} before the end of the line");
            self.report(Diagnostic::new(
                Code::UNEXPECTED,
                self.map.span(at, at),
                message,
            ));
        } else {
            self.line_from(next).unexpected(what, self.diags);
        }
    }

    /// What stands from this byte to the end of its line: enough to say what was found there.
    pub(super) fn line_from(&self, at: usize) -> Fragment<'r> {
        let rest = self.text.get(at..).unwrap_or_default();
        let rest = rest
            .get(..rest.floor_char_boundary(MAX_SHOWN))
            .unwrap_or(rest);
        let length = rest
            .find('\n')
            .filter(|length| *length > 0)
            .unwrap_or(rest.len());
        Fragment::new(self.text, at, at + length, self.map)
    }

    /// A part that must be there.
    pub(super) fn need<'t>(
        &mut self,
        parts: &mut Parts<'t>,
        rule: Rule,
        what: &str,
    ) -> Option<Node<'t>> {
        let part = parts.take(rule);
        if part.is_none() {
            self.missing(parts, what);
        }
        part
    }

    /// What stands between a head and its brace, or `:` after a word.
    pub(super) fn noise(&mut self, parts: &mut Parts<'_>) {
        if let Some(noise) = parts.any(&[Rule::noise, Rule::colon]) {
            let written = noise.as_str();
            let message = format!("`{}` does not belong here", shortened(written));
            let help = match written {
                ":" | "=" => {
                    Some("in the text form nothing stands between a word and what belongs to it")
                }
                _ => None,
            };
            let diagnostic =
                Diagnostic::new(Code::UNEXPECTED, self.span(&noise), message).maybe_help(help);
            if !std::mem::replace(&mut parts.broken, true) {
                self.report(diagnostic);
            }
        }
    }

    pub(super) fn name_of(&self, node: &Node<'_>) -> Name {
        Name {
            node: node.as_str().to_owned(),
            span: self.span(node),
        }
    }

    pub(super) fn name(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<Name> {
        self.need(parts, Rule::name, what)
            .map(|node| self.name_of(&node))
    }

    fn fragment(&self, node: &Node<'_>) -> Fragment<'r> {
        let span = node.as_span();
        Fragment::new(self.text, span.start(), span.end(), self.map)
    }

    pub(super) fn expression_of(&mut self, node: &Node<'_>) -> Expr {
        self.fragment(node).expression(self.ids, self.diags)
    }

    pub(super) fn value_of(&mut self, node: &Node<'_>) -> Expr {
        self.fragment(node).value(self.ids, self.diags)
    }

    pub(super) fn type_of(&mut self, node: &Node<'_>) -> TypeExpr {
        let ty = self.fragment(node).type_expr(self.ids, self.diags);
        self.read_docs(ty.span);
        ty
    }

    pub(super) fn field_of(&mut self, node: &Node<'_>) -> Option<FieldDecl> {
        let docs = self.docs(node);
        let field = self.fragment(node).field(self.ids, self.diags);
        self.read_docs(self.span(node));
        field.map(|field| FieldDecl { docs, ..field })
    }

    pub(super) fn text_of(&mut self, node: &Node<'_>) -> Option<Name> {
        self.fragment(node).text_constant(self.ids, self.diags)
    }

    /// The text in quotes that is all of these bytes.
    pub(super) fn text_at(&mut self, from: usize, to: usize) -> Option<Name> {
        Fragment::new(self.text, from, to, self.map).text_constant(self.ids, self.diags)
    }

    /// `(name: V, …)`
    pub(super) fn arguments_of(&mut self, parens: &Node<'_>) -> Vec<Argument> {
        self.fragment(parens)
            .arguments(self.ids, self.diags)
            .unwrap_or_default()
    }

    /// `(field: V, field >= V, …)`
    pub(super) fn criteria_of(&mut self, parens: &Node<'_>) -> Vec<Criterion> {
        self.fragment(parens)
            .criteria(self.ids, self.diags)
            .unwrap_or_default()
    }

    /// An expression that must be there; an error node stands for it if it is not.
    pub(super) fn expression(&mut self, parts: &mut Parts<'_>, what: &str) -> Expr {
        match parts.any(&[Rule::expression, Rule::bad_value]) {
            Some(node) => self.expression_of(&node),
            None => self.absent(parts, what),
        }
    }

    /// A value that must be there.
    pub(super) fn value(&mut self, parts: &mut Parts<'_>, what: &str) -> Expr {
        match parts.any(&[Rule::value, Rule::bad_value]) {
            Some(node) => self.value_of(&node),
            None => self.absent(parts, what),
        }
    }

    fn absent(&mut self, parts: &mut Parts<'_>, what: &str) -> Expr {
        self.missing(parts, what);
        expr::error(self.map.span(parts.end, parts.end), self.ids)
    }

    /// `:` where the YAML form has one, then a time, or what stands in its place.
    pub(super) fn time(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<Spanned<Millis>> {
        self.noise(parts);
        match parts.any(&[Rule::time, Rule::rest]) {
            Some(node) => super::phrase::time(node.as_str(), self.span(&node), self.diags),
            None => {
                self.missing(parts, what);
                None
            }
        }
    }

    /// A whole number that must be there.
    pub(super) fn number(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<Spanned<u64>> {
        self.noise(parts);
        if let Some(node) = parts.take(Rule::number) {
            return super::phrase::number(node.as_str(), self.span(&node), self.diags);
        }
        self.missing(parts, what);
        parts.take(Rule::rest);
        None
    }

    pub(super) fn status(&mut self, parts: &mut Parts<'_>, what: &str) -> Option<Spanned<u16>> {
        let node = self.need(parts, Rule::number, what)?;
        super::phrase::status(node.as_str(), self.span(&node), self.diags)
    }

    /// Documentation before this pair.
    pub(super) fn docs(&mut self, node: &Node<'_>) -> Docs {
        let docs = self.docs.remove(&self.span(node).start);
        let lines = docs
            .into_iter()
            .flat_map(|docs| docs.lines)
            .map(|(line, _)| line);
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Documentation within this span stands in the tree already.
    pub(super) fn read_docs(&mut self, span: Span) {
        let within: Vec<u32> = self
            .docs
            .range(span.start..span.end)
            .map(|(at, _)| *at)
            .collect();
        for at in within {
            self.docs.remove(&at);
        }
    }

    /// Takes the first of what may stand once; reports a second one.
    pub(super) fn once<T>(
        &mut self,
        slot: &mut Option<T>,
        value: Option<T>,
        seen: &mut Seen,
        node: &Node<'_>,
    ) {
        let span = self.span(node);
        let word = node
            .as_str()
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default();
        if let Some(first) = seen.first.get(&node.as_rule()) {
            let diagnostic = Diagnostic::new(
                Code::REPEATED_ITEM,
                span,
                format!("`{word}` stands here a second time"),
            );
            let diagnostic = diagnostic.label(*first, "the first one");
            self.report(diagnostic);
            return;
        }
        seen.first.insert(node.as_rule(), span);
        *slot = value;
    }
}

/// Which items of a declaration were read.
#[derive(Default)]
pub(super) struct Seen {
    first: BTreeMap<Rule, Span>,
}

/// Bytes of space and comments a text begins with.
pub(super) fn space(text: &str) -> usize {
    let mut rest = text.trim_start();
    while rest.starts_with('#') || rest.starts_with("//") {
        rest = rest
            .split_once('\n')
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    text.len() - rest.len()
}

pub(super) fn shortened(written: &str) -> &str {
    let first = written
        .get(..written.floor_char_boundary(40))
        .unwrap_or(written);
    first.lines().next().unwrap_or_default()
}
