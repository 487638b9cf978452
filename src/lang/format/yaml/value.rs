//! Values: templates as mappings and lists, literals as scalars, everything else as `${ … }`.

use super::out::{Out, dashed, entry_raw, flow_list, flow_map};
use super::scalar::{self, Context};
use crate::ast::{Expr, ExprKind, Form, Literal, TemplateEntry, TemplateItem, TextPart};
use crate::format::doc::{Doc, concat, item, text};
use crate::format::expr::Writer;
use crate::format::{print, spell};
use crate::yaml;

impl Writer<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other expressions are code"
    )]
    pub(super) fn yaml_value(&self, expr: &Expr) -> Out {
        match &expr.kind {
            ExprKind::Object(entries) => self.yaml_object(entries, expr),
            ExprKind::Array(items) => self.yaml_array(items, expr),
            ExprKind::Literal(literal) => self.yaml_literal(literal, expr),
            ExprKind::Interpolation(parts) => self.yaml_interpolation(parts, expr),
            _ => self.yaml_code(expr),
        }
    }

    /// `${ … }`
    pub(super) fn yaml_code(&self, expr: &Expr) -> Out {
        let doc = concat([text("${ "), self.expr(expr), text(" }")]);
        Out::code(print::flat(&doc), doc)
    }

    /// A constant as its author wrote it in YAML, or else as YAML has it; what YAML does not have stands in `${ }`.
    fn yaml_literal(&self, literal: &Literal, expr: &Expr) -> Out {
        let escaped = if let Literal::String(value) = literal {
            Literal::String(value.replace("${", "$${"))
        } else {
            literal.clone()
        };
        let written = spell::written(expr, self.source);
        let is_text = matches!(literal, Literal::String(_));
        let one_line = !written.contains('\n');
        if one_line
            && (self.form == Form::Yaml || !is_text)
            && yaml::constant(written).as_ref() == Some(&escaped)
        {
            return Out::as_written(written);
        }
        if one_line && self.form == Form::Yaml && spell::means(written, literal) {
            return self.yaml_code(expr);
        }
        if let Literal::String(value) = &escaped {
            return Out::string(value);
        }
        let canonical = spell::canonical(literal, Form::Yaml);
        if yaml::constant(&canonical).as_ref() == Some(literal) {
            Out::as_written(&canonical)
        } else {
            self.yaml_code(expr)
        }
    }

    fn yaml_interpolation(&self, parts: &[TextPart], expr: &Expr) -> Out {
        if !is_plain_interpolation(parts) {
            return self.yaml_code(expr);
        }
        let part = |part: &TextPart| match part {
            TextPart::Literal(literal) => literal.replace("${", "$${"),
            TextPart::Value(inner) => {
                format!(
                    "${{{}}}",
                    print::flat(&self.expr(inner)).unwrap_or_default()
                )
            }
        };
        let whole: String = parts.iter().map(part).collect();
        Out::string(&whole)
    }

    fn yaml_object(&self, entries: &[TemplateEntry], expr: &Expr) -> Out {
        let mut spreads = 0;
        let mut keyed = Vec::new();
        for entry in entries {
            let (key, span, value) = match entry {
                TemplateEntry::Spread(value) => {
                    spreads += 1;
                    (spread_key(spreads), value.span, value)
                }
                TemplateEntry::Field {
                    key,
                    optional,
                    value,
                } => (
                    template_key(&key.node, *optional),
                    key.span.to(value.span),
                    value,
                ),
            };
            keyed.push((key, span, self.yaml_value(value)));
        }
        let flow = flow_map(keyed.iter().map(|(key, _, out)| (key.as_str(), out)));
        let entries: Vec<Doc> = keyed
            .into_iter()
            .map(|(key, span, out)| item(span, entry_raw(&key, out)))
            .collect();
        let flow = flow.filter(|_| !self.is_expanded(expr.span, &entries));
        Out::map(expr.span, flow, entries)
    }

    fn yaml_array(&self, items: &[TemplateItem], expr: &Expr) -> Out {
        let (spans, outs): (Vec<_>, Vec<_>) =
            items.iter().map(|entry| self.yaml_item(entry)).unzip();
        let flow = flow_list(outs.iter());
        let items: Vec<Doc> = spans
            .into_iter()
            .zip(outs)
            .map(|(span, out)| item(span, dashed(out.alone())))
            .collect();
        let flow = flow.filter(|_| !self.is_expanded(expr.span, &items));
        Out::list(expr.span, flow, items)
    }

    fn yaml_item(&self, entry: &TemplateItem) -> (journey_machine::span::Span, Out) {
        let single = |key: String, value: &Expr| {
            Out::short_map(value.span, vec![(key, self.yaml_value(value))])
        };
        match entry {
            TemplateItem::Spread(value) => (value.span, single(spread_key(1), value)),
            TemplateItem::Value(value) => match lone_spread(value) {
                // `...` alone would be a spread of the list.
                Some(spread) => (value.span, single(spread_key(2), spread)),
                None => (value.span, self.yaml_value(value)),
            },
        }
    }
}

/// What an object spreads, if it does nothing else.
fn lone_spread(value: &Expr) -> Option<&Expr> {
    let ExprKind::Object(entries) = &value.kind else {
        return None;
    };
    let [TemplateEntry::Spread(only)] = entries.as_slice() else {
        return None;
    };
    Some(only)
}

/// `...` for the first spread of an object, `...2` for the second.
fn spread_key(nth: usize) -> String {
    if nth == 1 {
        "...".to_owned()
    } else {
        format!("...{nth}")
    }
}

/// The key of a template: `?` at its end says that it is optional, `??` there stands for a `?` of its own; three dots
/// before one that begins like a spread say that it is none.
fn template_key(key: &str, optional: bool) -> String {
    let bare = key.trim_end_matches('?');
    let marks = (key.len() - bare.len()) * 2 + usize::from(optional);
    let dots = if yaml::spread_mark(key) > 0 {
        "..."
    } else {
        ""
    };
    let whole = format!("{dots}{bare}{}", "?".repeat(marks));
    scalar::words(&whole, Context::Block)
}

/// Can a text with parts stand in a scalar? Not if it has one part only, nor if a `$` stands before a part: it would
/// make `$${` of it, which is none.
fn is_plain_interpolation(parts: &[TextPart]) -> bool {
    let ends_in_dollar = |pair: &[TextPart]| matches!(pair, [TextPart::Literal(literal), TextPart::Value(_)] if literal.ends_with('$'));
    parts.len() > 1 && !parts.windows(2).any(ends_in_dollar)
}
