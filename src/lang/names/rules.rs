//! Rules: whether every part is there, whose turn it is, and which of them can never decide.

use super::{Seen, count_in_range, number_in_range};
use crate::ast::{Rule, Rules};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::implied::implies;
use crate::limits::{MAX_PRIORITY, MAX_RULES};
use crate::rules::{OTHERWISE, ordered};
use journey_machine::span::Span;
use std::collections::BTreeMap;

/// Checks rules as they are written; what they say is checked as the sub-journeys they are.
pub(super) fn check(rules: &Rules, out: &mut Diagnostics) {
    let parts = [
        (
            rules.yields.is_none(),
            "`yields`",
            "say what a rule yields: `yields Verdict`",
        ),
        (
            rules.otherwise.is_none(),
            "`otherwise`",
            "say what is yielded where no rule fits: `otherwise { … }`",
        ),
    ];
    incomplete("these rules have", rules.name.span, &parts, out);
    let last = rules.rules.last().map(|rule| rule.name.span);
    count_in_range("rules", &rules.rules, MAX_RULES, last, out);
    let (mut seen, mut taken) = (Seen::default(), BTreeMap::new());
    for rule in &rules.rules {
        seen.list("rule", &rule.name, out);
        check_rule(rule, out);
        check_priority(rule, &mut taken, out);
    }
    for preview in [false, true] {
        let ordered = ordered(rules, preview);
        ordered.iter().enumerate().for_each(|(place, rule)| {
            let before = ordered.get(..place).unwrap_or_default();
            check_shadow(rule, before, out);
        });
    }
}

fn check_rule(rule: &Rule, out: &mut Diagnostics) {
    let parts = [
        (
            rule.priority.is_none(),
            "`priority`",
            "say when its turn is: `priority 10`",
        ),
        (
            rule.when.is_none(),
            "`when`",
            "say when it fits: `when facts.amount > 1000.0`",
        ),
        (
            rule.value.is_none(),
            "`yield`",
            "say what it yields: `yield { … }`",
        ),
    ];
    incomplete("this rule has", rule.name.span, &parts, out);
    if rule.name.node == OTHERWISE {
        let title = "this is what is said where no rule fits: a rule cannot be called so";
        out.push(
            Diagnostic::new(Code::TAKEN_NAME, rule.name.span, title).help("call it otherwise"),
        );
    }
}

fn incomplete(what: &str, span: Span, parts: &[(bool, &str, &str)], out: &mut Diagnostics) {
    for (_, part, help) in parts.iter().filter(|(absent, ..)| *absent) {
        let title = format!("{what} no {part}");
        out.push(Diagnostic::new(Code::INCOMPLETE_DECLARATION, span, title).help(*help));
    }
}

fn check_priority(rule: &Rule, taken: &mut BTreeMap<u64, Span>, out: &mut Diagnostics) {
    let Some(priority) = &rule.priority else {
        return;
    };
    let bounds = 1..=MAX_PRIORITY;
    number_in_range("a priority", priority.node, bounds, priority.span, out);
    if let Some(first) = taken.get(&priority.node) {
        let title = format!("two rules have the priority {}", priority.node);
        let finding = Diagnostic::new(Code::SAME_PRIORITY, priority.span, title);
        out.push(
            finding
                .label(*first, "the other one")
                .help("say which of them comes first: no two are equal"),
        );
    }
    taken.entry(priority.node).or_insert(priority.span);
}

/// A rule whose condition says that an earlier one fits already.
fn check_shadow(rule: &Rule, before: &[&Rule], out: &mut Diagnostics) {
    let Some(when) = &rule.when else { return };
    let first = before.iter().find_map(|earlier| {
        let condition = earlier.when.as_ref()?;
        implies(when, condition).then_some((earlier, condition))
    });
    let Some((earlier, condition)) = first else {
        return;
    };
    let title = format!("the rule `{}` never decides", rule.name.node);
    let why = format!(
        "whenever it fits, `{}` has fitted before",
        earlier.name.node
    );
    let finding = Diagnostic::new(Code::SHADOWED_RULE, when.span, title);
    out.push(
        finding
            .label(condition.span, why)
            .help("give it a lower priority number, narrow the earlier rule, or remove it"),
    );
}
