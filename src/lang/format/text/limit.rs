//! Rate limits.

use super::braces;
use super::journey::duration;
use crate::ast::{LimitUse, Rate, RateLimit};
use crate::format::doc::{Doc, concat, documented, item, nothing, text};
use crate::format::expr::Writer;

impl Writer<'_> {
    pub(super) fn limit(&self, limit: &RateLimit) -> Doc {
        let rate = limit.rate.as_ref().map(|rate| {
            let line = format!("rate {}", rate_phrase(rate.node));
            item(rate.span, text(line))
        });
        let burst = limit
            .burst
            .as_ref()
            .map(|burst| item(burst.span, text(format!("burst {}", burst.node))));
        let head = text(format!("limit {} ", limit.name.node));
        let body = braces(limit.span, rate.into_iter().chain(burst).collect());
        documented(limit.span, &limit.docs, concat([head, body]))
    }

    /// `limit NAME by client.id, input.journey_id`
    pub(super) fn limit_use(&self, used: &LimitUse) -> Doc {
        let by = if used.by.is_empty() {
            nothing()
        } else {
            concat([text(" by "), self.listed(&used.by)])
        };
        let line = concat([text(format!("limit {}", used.limit.node)), by]);
        item(used.span, line)
    }
}

/// `10 per 1s`
pub(in crate::format) fn rate_phrase(rate: Rate) -> String {
    format!("{} per {}", rate.count, duration(rate.per))
}
