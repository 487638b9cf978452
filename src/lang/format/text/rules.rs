//! Rules.

use super::braces;
use crate::ast::{Rule, Rules};
use crate::format::doc::{Doc, concat, documented, item, nothing, text};
use crate::format::expr::Writer;

impl Writer<'_> {
    pub(super) fn rules(&self, rules: &Rules) -> Doc {
        let yields = rules.yields.as_ref().map_or_else(nothing, |ty| {
            concat([text("yields "), self.type_of(ty), text(" ")])
        });
        let head = [
            text(format!("rules {}", rules.name.node)),
            self.sub_params(&rules.params),
            text(" "),
            yields,
        ];
        let otherwise = rules.otherwise.as_ref().map(|value| {
            let line = concat([text("otherwise "), self.value(value)]);
            item(value.span, line)
        });
        let list = rules.rules.iter().map(|rule| self.rule(rule));
        let body = braces(rules.span, list.chain(otherwise).collect());
        documented(rules.span, &rules.docs, concat([concat(head), body]))
    }

    fn rule(&self, rule: &Rule) -> Doc {
        let priority = rule.priority.as_ref().map(|priority| {
            let line = format!("priority {}", priority.node);
            item(priority.span, text(line))
        });
        let preview = rule.preview.map(|span| item(span, text("preview")));
        let when = rule.when.as_ref().map(|when| {
            let line = concat([text("when "), self.expr(when)]);
            item(when.span, line)
        });
        let value = rule.value.as_ref().map(|value| {
            let line = concat([text("yield "), self.value(value)]);
            item(value.span, line)
        });
        let items = [priority, preview, when, value].into_iter().flatten();
        let head = text(format!("rule {} ", rule.name.node));
        let body = braces(rule.span, items.collect());
        documented(rule.span, &rule.docs, concat([head, body]))
    }
}
