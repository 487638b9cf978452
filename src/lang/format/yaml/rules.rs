//! Rules.

use super::named;
use super::out::{Out, dashed, entry, entry_at, present};
use crate::ast::{Rule, Rules};
use crate::format::doc::{Doc, documented, lines};
use crate::format::expr::Writer;

impl Writer<'_> {
    pub(super) fn yaml_rules(&self, rules: &Rules) -> Vec<Doc> {
        let yields = rules.yields.as_ref();
        let otherwise = rules.otherwise.as_ref();
        present([
            named("rules", Some(&rules.name)),
            self.yaml_signature(&rules.params),
            yields.map(|ty| entry_at(ty.span, "yields", self.yaml_type(ty))),
            self.yaml_rule_list(&rules.rules),
            otherwise.map(|value| self.yaml_at("otherwise", value)),
        ])
    }

    fn yaml_rule_list(&self, rules: &[Rule]) -> Option<Doc> {
        let span = rules.first()?.span.to(rules.last()?.span);
        let items = rules.iter().map(|rule| self.yaml_rule(rule)).collect();
        Some(entry_at(span, "list", Out::list(span, None, items)))
    }

    fn yaml_rule(&self, rule: &Rule) -> Doc {
        let number = |n: u64| Out::as_written(&n.to_string());
        let priority = rule.priority.as_ref();
        let parts = present([
            Some(entry("rule", Out::words(&rule.name.node))),
            priority.map(|it| entry_at(it.span, "priority", number(it.node))),
            rule.preview
                .map(|span| entry_at(span, "preview", Out::words("true"))),
            rule.when.as_ref().map(|when| self.yaml_at("when", when)),
            rule.value
                .as_ref()
                .map(|value| self.yaml_at("yield", value)),
        ]);
        documented(rule.span, &rule.docs, dashed(lines(parts)))
    }
}
