//! Rules and rate limits.

use super::expr::expr;
use super::types::{field, ty};
use super::{Node, atom, docs, list, some};
use journey_lang::ast::{LimitUse, RateLimit, Rule, Rules};

pub fn rules(it: &Rules) -> Node {
    let params = some("params", it.params.iter().map(field));
    let yields = it.yields.as_ref().map(|it| list("yields", [ty(it)]));
    let otherwise = it
        .otherwise
        .as_ref()
        .map(|it| list("otherwise", [expr(it)]));
    let start = [atom(&it.name.node)].into_iter().chain(docs(&it.docs));
    let parts = params.into_iter().chain(yields);
    let list_of = it.rules.iter().map(rule);
    list("rules", start.chain(parts).chain(list_of).chain(otherwise))
}

fn rule(it: &Rule) -> Node {
    let priority = it.priority.as_ref().map(|it| atom(it.node.to_string()));
    let preview = it.preview.map(|_| atom("preview"));
    let when = it.when.as_ref().map(|it| list("when", [expr(it)]));
    let value = it.value.as_ref().map(|it| list("yield", [expr(it)]));
    let start = [atom(&it.name.node)].into_iter().chain(docs(&it.docs));
    let parts = [priority, preview, when, value].into_iter().flatten();
    list("rule", start.chain(parts))
}

pub fn limit(it: &RateLimit) -> Node {
    let rate = it.rate.as_ref().map(|rate| {
        let per = format!("{}ms", rate.node.per);
        list("rate", [atom(rate.node.count.to_string()), atom(per)])
    });
    let burst = it.burst.as_ref().map(|burst| atom(burst.node.to_string()));
    let parts = rate.into_iter().chain(burst).chain(docs(&it.docs));
    list("limit", [atom(&it.name.node)].into_iter().chain(parts))
}

pub fn limit_use(it: &LimitUse) -> Node {
    let by = it.by.iter().map(expr);
    list("limit", [atom(&it.limit.node)].into_iter().chain(by))
}
