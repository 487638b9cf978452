//! Rules, and what each of them says.

use super::grammar::Rule as Found;
use super::reader::{Node, Parts, Reader, Seen};
use super::wrong;
use crate::ast::{Rule, Rules};
use crate::rules;
use journey_machine::span::Span;

impl Reader<'_> {
    /// `rules NAME(params) yields T { … }`
    pub(super) fn rules(
        &mut self,
        mut parts: Parts<'_>,
        docs: String,
        span: Span,
    ) -> Option<Rules> {
        const ITEM: wrong::Context = wrong::items("a rule, or `otherwise`", &["rule", "otherwise"]);
        let name = self.name(&mut parts, "a name after `rules`");
        let params = self.need(&mut parts, Found::params, "`(` and parameters, or `()`");
        let params = params.map(|node| self.params(node)).unwrap_or_default();
        let yields = parts.take(Found::yields_).and_then(|_| {
            let ty = self.need(&mut parts, Found::type_text, "the type that rules yield")?;
            Some(self.type_of(&ty))
        });
        self.noise(&mut parts);
        let body = self.need(&mut parts, Found::rules_body, "`{` and the rules");
        let mut declared = Rules {
            docs,
            name: name?,
            span,
            params,
            yields,
            rules: Vec::new(),
            otherwise: None,
            subs: Vec::new(),
        };
        let mut seen = Seen::default();
        for item in body.into_iter().flat_map(Node::into_inner) {
            match item.as_rule() {
                Found::ruling => declared.rules.extend(self.rule(&item)),
                Found::otherwise_value => {
                    let mut inner = Parts::of(item.clone());
                    inner.next();
                    self.noise(&mut inner);
                    let value = self.value(&mut inner, "what is yielded where no rule fits");
                    self.once(&mut declared.otherwise, Some(value), &mut seen, &item);
                }
                _ => self.wrong_item(&item, &ITEM),
            }
        }
        declared.subs = rules::subs(&declared, self.ids);
        Some(declared)
    }

    fn rule(&mut self, node: &Node<'_>) -> Option<Rule> {
        let (docs, span) = (self.docs(node), self.span(node));
        let mut parts = Parts::of(node.clone());
        parts.next();
        let name = self.name(&mut parts, "a name after `rule`");
        self.noise(&mut parts);
        let body = self.need(&mut parts, Found::ruling_body, "`{` and the rule");
        let mut rule = Rule {
            docs,
            name: name?,
            span,
            priority: None,
            when: None,
            value: None,
            preview: None,
        };
        let mut seen = Seen::default();
        for item in body.into_iter().flat_map(Node::into_inner) {
            self.rule_item(&item, &mut rule, &mut seen);
        }
        Some(rule)
    }

    fn rule_item(&mut self, node: &Node<'_>, rule: &mut Rule, seen: &mut Seen) {
        const ITEM: wrong::Context = wrong::items(
            "an item of a rule",
            &["priority", "when", "yield", "preview"],
        );
        let mut parts = Parts::of(node.clone());
        if node.as_rule() == Found::wrong {
            return self.wrong_item(node, &ITEM);
        }
        parts.next();
        self.noise(&mut parts);
        match node.as_rule() {
            Found::priority => {
                let priority = self.number(&mut parts, "a priority: `10`");
                self.once(&mut rule.priority, priority, seen, node);
            }
            Found::when => {
                let when = self.expression(&mut parts, "a condition");
                self.once(&mut rule.when, Some(when), seen, node);
            }
            Found::yielded => {
                let value = self.value(&mut parts, "what the rule yields");
                self.once(&mut rule.value, Some(value), seen, node);
            }
            _ => {
                let span = self.span(node);
                self.once(&mut rule.preview, Some(span), seen, node);
            }
        }
    }
}
