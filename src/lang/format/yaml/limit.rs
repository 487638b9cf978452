//! Rate limits.

use super::named;
use super::out::{Out, dashed, entry, entry_at, present};
use crate::ast::{LimitUse, RateLimit};
use crate::format::doc::{Doc, item, lines};
use crate::format::expr::Writer;
use crate::format::text::rate_phrase;

impl Writer<'_> {
    pub(super) fn yaml_limit(&self, limit: &RateLimit) -> Vec<Doc> {
        let (rate, burst) = (limit.rate.as_ref(), limit.burst.as_ref());
        present([
            named("limit", Some(&limit.name)),
            rate.map(|rate| entry_at(rate.span, "rate", Out::words(&rate_phrase(rate.node)))),
            burst.map(|n| entry_at(n.span, "burst", Out::as_written(&n.node.to_string()))),
        ])
    }

    /// `limits: [{ limit: NAME, by: … }]`
    pub(super) fn yaml_limits(&self, limits: &[LimitUse]) -> Option<Doc> {
        let span = limits.first()?.span.to(limits.last()?.span);
        let items = limits.iter().map(|used| self.yaml_limit_use(used));
        let items = Out::list(span, None, items.collect());
        Some(entry_at(span, "limits", items))
    }

    fn yaml_limit_use(&self, used: &LimitUse) -> Doc {
        let by = match used.by.as_slice() {
            [one] => Some(entry_at(one.span, "by", self.yaml_value(one))),
            several => self
                .yaml_values(several)
                .map(|(span, values)| entry_at(span, "by", values)),
        };
        let name = entry("limit", Out::words(&used.limit.node));
        item(used.span, dashed(lines(present([Some(name), by]))))
    }
}
