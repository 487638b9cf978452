//! Values and expressions: scalars with `${…}`, mappings and lists as templates, literals as YAML 1.2 reads them.

use super::node::{Entry, Kind, Map, Node, Scalar, Style};
use super::read::Reader;
use crate::ast::{Expr, ExprKind, Literal, Name, TemplateEntry, TemplateItem};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::expr;
use journey_machine::span::Span;

impl Reader<'_> {
    fn expr(&mut self, kind: ExprKind, span: Span) -> Expr {
        Expr {
            id: self.ids.expr(),
            kind,
            span,
        }
    }

    fn poison(&mut self, span: Span) -> Expr {
        self.expr(ExprKind::Error, span)
    }

    /// What a step takes: a template, an expression, or a literal.
    pub(super) fn value(&mut self, node: &Node<'_>) -> Expr {
        match &node.kind {
            Kind::Null => self.expr(ExprKind::Literal(Literal::Null), node.span),
            Kind::Scalar(scalar) => self.scalar_value(scalar, node.span),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.item(item)).collect();
                self.expr(ExprKind::Array(items), node.span)
            }
            Kind::Map(map) => {
                let entries = map
                    .entries
                    .iter()
                    .map(|entry| self.template_entry(entry))
                    .collect();
                self.expr(ExprKind::Object(entries), node.span)
            }
            Kind::Poison => self.poison(node.span),
        }
    }

    fn scalar_value(&mut self, scalar: &Scalar<'_>, span: Span) -> Expr {
        if scalar.text.contains("${") {
            return self.interpolated(&scalar.text, scalar, span);
        }
        let literal = match scalar.style {
            Style::Plain => core(&scalar.text),
            Style::SingleQuoted | Style::DoubleQuoted | Style::Literal | Style::Folded => None,
        };
        let literal = literal.unwrap_or_else(|| Ok(Literal::String(scalar.text.to_string())));
        match literal {
            Ok(literal) => self.expr(ExprKind::Literal(literal), span),
            Err(TooLarge) => {
                let finding = Diagnostic::new(
                    Code::BAD_NUMBER,
                    span,
                    "the number does not fit into 64 bits",
                );
                self.report(
                    finding.help("put it in quotes if it is a text, or write it with a point"),
                );
                self.poison(span)
            }
        }
    }

    /// `...: ${E}` alone in an item is a spread.
    fn item(&mut self, node: &Node<'_>) -> TemplateItem {
        if let Kind::Map(Map { entries, .. }) = &node.kind
            && let [only] = entries.as_slice()
            && is_spread(only)
            && only.key.text() == "..."
        {
            return TemplateItem::Spread(self.value(&only.value));
        }
        TemplateItem::Value(self.value(node))
    }

    fn template_entry(&mut self, entry: &Entry<'_>) -> TemplateEntry {
        let value = self.value(&entry.value);
        if is_spread(entry) {
            return TemplateEntry::Spread(value);
        }
        let (mut key, optional) = self.key_name(entry);
        if spread_mark(&key.node) > 3 {
            key.node = key.node.split_off(3);
        }
        TemplateEntry::Field {
            key,
            optional,
            value,
        }
    }

    /// The text of a key with its place.
    pub(super) fn whole_key(&self, entry: &Entry<'_>) -> Name {
        let key = entry.key.text();
        Name {
            node: key.to_owned(),
            span: self
                .map(&entry.key.scalar, entry.key.span)
                .span(0, key.len()),
        }
    }

    /// A place that takes an expression only: `${ E }`, or a literal.
    pub(super) fn expression(&mut self, node: &Node<'_>) -> Expr {
        match &node.kind {
            Kind::Null | Kind::Poison => self.value(node),
            Kind::Scalar(scalar) => self.expression_in(scalar, node.span),
            Kind::List(_) | Kind::Map(_) => {
                self.expected("an expression: \"${ … }\"", node);
                self.poison(node.span)
            }
        }
    }

    /// Other than in a value, space around the expression says nothing: a block scalar ends in a line break.
    fn expression_in(&mut self, scalar: &Scalar<'_>, span: Span) -> Expr {
        let text = match scalar.style {
            Style::Literal | Style::Folded => scalar.text.trim_end(),
            Style::Plain | Style::SingleQuoted | Style::DoubleQuoted => &*scalar.text,
        };
        if !text.contains("${") {
            return self.scalar_value(scalar, span);
        }
        self.interpolated(text, scalar, span)
    }

    /// A text with `${ … }`, which is all of a scalar but for the space at its end.
    fn interpolated(&mut self, text: &str, scalar: &Scalar<'_>, span: Span) -> Expr {
        let map = self.map(scalar, span);
        for comment in expr::comments(text) {
            let written = text.get(comment.clone()).unwrap_or_default();
            let written = written.trim_start_matches(['#', '/']);
            let comment = super::comment(self.text, written, map.span(comment.start, comment.end));
            self.docs.keep(comment);
        }
        expr::parse_interpolated(text, &map, self.ids, self.findings)
    }
}

/// `...`, and `...2` where one object has several.
fn is_spread(entry: &Entry<'_>) -> bool {
    spread_mark(entry.key.text()) == 3
}

/// How many dots a key begins with that says `...`, or `...2`, or one of them with dots before it: so many that what is
/// beyond three stands for a key of such a name.
pub(crate) fn spread_mark(key: &str) -> usize {
    let rest = key.trim_start_matches('.');
    let dots = key.len() - rest.len();
    let numbered = rest.chars().all(|c| c.is_ascii_digit());
    if numbered && dots >= 3 { dots } else { 0 }
}

pub(super) struct TooLarge;

/// The words of YAML's core schema and the numbers of JSON; `None`: a text.
pub(super) fn core(text: &str) -> Option<Result<Literal, TooLarge>> {
    match text {
        "true" | "True" | "TRUE" => return Some(Ok(Literal::Bool(true))),
        "false" | "False" | "FALSE" => return Some(Ok(Literal::Bool(false))),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = split_digits(digits);
    if whole.is_empty() || (whole.starts_with('0') && whole != "0") {
        return None;
    }
    if rest.is_empty() {
        return Some(text.parse().map(Literal::Int).map_err(|_| TooLarge));
    }
    is_fraction(rest).then(|| {
        text.parse()
            .ok()
            .filter(|x: &f64| x.is_finite())
            .map(Literal::Double)
            .ok_or(TooLarge)
    })
}

/// `.5`, `e10`, `.5e-3`
fn is_fraction(rest: &str) -> bool {
    let rest = match rest.strip_prefix('.').map(split_digits) {
        Some(("", _)) => return false,
        Some((_, rest)) => rest,
        None => rest,
    };
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
        return rest.is_empty();
    };
    let (digits, rest) = split_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    !digits.is_empty() && rest.is_empty()
}

fn split_digits(text: &str) -> (&str, &str) {
    let at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_what_they_look_like() {
        let read = |text| core(text).and_then(Result::ok);
        assert_eq!(read("true"), Some(Literal::Bool(true)));
        assert_eq!(read("-12"), Some(Literal::Int(-12)));
        assert_eq!(read("0"), Some(Literal::Int(0)));
        assert_eq!(read("1.5e-3"), Some(Literal::Double(1.5e-3)));
        assert_eq!(read("1e3"), Some(Literal::Double(1000.0)));
        for text in [
            "no", "012", "0x1F", "+1", ".5", "1.", "1e", "-", "", "1.5.2", "12a", "1_000", ".inf",
        ] {
            assert_eq!(read(text), None, "{text:?} is a text");
        }
        assert!(matches!(core("9223372036854775808"), Some(Err(TooLarge))));
    }
}
