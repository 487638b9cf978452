//! Rate limits: their declarations, and where a journey is held to one.

use super::grammar::Rule;
use super::phrase;
use super::reader::{Node, Parts, Reader, Seen};
use super::wrong;
use crate::ast::{LimitUse, Rate, RateLimit, Spanned};
use journey_machine::span::Span;

impl Reader<'_> {
    /// `limit NAME { rate 10 per 1s  burst 20 }`
    pub(super) fn rate_limit(
        &mut self,
        mut parts: Parts<'_>,
        docs: String,
        span: Span,
    ) -> Option<RateLimit> {
        let name = self.name(&mut parts, "a name after `limit`");
        self.noise(&mut parts);
        let body = self.need(&mut parts, Rule::limit_body, "`{` and the rate");
        let mut limit = RateLimit {
            docs,
            name: name?,
            span,
            rate: None,
            burst: None,
        };
        let mut seen = Seen::default();
        for item in body.into_iter().flat_map(Node::into_inner) {
            self.limit_item(&item, &mut limit, &mut seen);
        }
        Some(limit)
    }

    fn limit_item(&mut self, node: &Node<'_>, limit: &mut RateLimit, seen: &mut Seen) {
        const ITEM: wrong::Context = wrong::items("an item of a limit", &["rate", "burst"]);
        let mut parts = Parts::of(node.clone());
        parts.next();
        match node.as_rule() {
            Rule::rate => {
                let rate = self.rate(&mut parts);
                self.once(&mut limit.rate, rate, seen, node);
            }
            Rule::burst => {
                self.noise(&mut parts);
                let burst = self.number(&mut parts, "how many may come at once: `20`");
                self.once(&mut limit.burst, burst, seen, node);
            }
            _ => self.wrong_item(node, &ITEM),
        }
    }

    fn rate(&mut self, parts: &mut Parts<'_>) -> Option<Spanned<Rate>> {
        self.noise(parts);
        match parts.any(&[Rule::rate_phrase, Rule::rest]) {
            Some(node) if node.as_rule() == Rule::rate_phrase => self.phrase().rate(node),
            Some(node) => self.wrong_phrase(&node, phrase::RATE),
            None => {
                self.missing(parts, "a rate: `10 per 1s`");
                None
            }
        }
    }

    /// `limit NAME by client.id, input.journey_id`
    pub(super) fn limit_use(&mut self, mut parts: Parts<'_>, span: Span) -> Option<LimitUse> {
        self.noise(&mut parts);
        let limit = self.name(&mut parts, "the name of a `limit` declaration");
        let by = match parts.take(Rule::by_) {
            Some(_) => self.expressions(&mut parts, "by what requests are told apart: `client.id`"),
            None => Vec::new(),
        };
        Some(LimitUse {
            limit: limit?,
            by,
            span,
        })
    }
}
