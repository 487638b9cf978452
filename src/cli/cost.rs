//! What journeys and their expressions cost, for people and for machines.

use crate::findings;
use crate::output;
use journey_lang::cost::{self, ExpressionCost, JourneyCost, Part};
use journey_lang::diagnostic::{Diagnostics, Label, Place};
use journey_lang::source::Sources;
use journey_machine::limits::DEFAULT_STEPS;
use journey_machine::span::Span;
use serde_json::{Value, json};

/// Characters of an expression that are shown.
const SHOWN: usize = 60;

/// What the journeys of a project cost that compiles.
pub(crate) fn of(sources: &Sources) -> Vec<JourneyCost> {
    let mut diagnostics = Diagnostics::new();
    let files = journey_lang::parse(sources, &mut diagnostics);
    cost::of_journeys(&journey_lang::check(&files, &mut diagnostics))
}

/// Prints costs for a person: each journey, below it its expressions, the dearest first.
pub(crate) fn print(sources: &Sources, costs: &[JourneyCost]) {
    let mut text = String::new();
    for journey in costs {
        let most = grouped(journey.most);
        text.push_str(&format!(
            "{} {}: at most {most} of {} steps\n",
            journey.kind,
            journey.name,
            grouped(DEFAULT_STEPS)
        ));
        let mut dearest: Vec<&ExpressionCost> = journey.expressions.iter().collect();
        dearest.sort_by_key(|cost| std::cmp::Reverse(total(cost)));
        dearest
            .iter()
            .for_each(|cost| text.push_str(&line(sources, cost)));
    }
    output::print(text);
}

/// All its turns together.
fn total(cost: &ExpressionCost) -> u64 {
    cost.steps.max.saturating_mul(cost.times)
}

fn line(sources: &Sources, cost: &ExpressionCost) -> String {
    let mut line = format!(
        "{:>14}  {}",
        grouped(total(cost)),
        place(sources, cost.span)
    );
    if cost.times > 1 {
        line.push_str(&format!(
            ", {} times {}",
            grouped(cost.times),
            grouped(cost.steps.max)
        ));
    }
    line.push_str(&format!("  {}\n", written(sources, cost.span)));
    if let Some(why) = why(sources, cost) {
        line.push_str(&format!("{:>16}mostly {why}\n", ""));
    }
    line
}

/// What dominates, if there is more to say than that it is the expression itself.
fn why(sources: &Sources, cost: &ExpressionCost) -> Option<String> {
    let Part {
        span, times, bytes, ..
    } = cost.dominant;
    if span == cost.span && times == 1 && bytes == 0 {
        return None;
    }
    let mut why = written(sources, span);
    if times > 1 {
        why.push_str(&format!(", up to {} times", grouped(times)));
    }
    if bytes > 0 {
        why.push_str(&format!(", over up to {} bytes", grouped(bytes)));
    }
    Some(why)
}

/// An expression on one line, cut off where it is long.
fn written(sources: &Sources, span: Span) -> String {
    let words: Vec<&str> = sources.slice(span).split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("`{}…`", line.get(..end).unwrap_or_default()),
        None => format!("`{line}`"),
    }
}

fn place(sources: &Sources, span: Span) -> String {
    let path = sources.get(span.file).map_or("", |source| &source.path);
    let start = sources.position(span.file, span.start);
    format!("{path}:{}:{}", start.line, start.column)
}

/// `12,345`
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Costs as a document for machines.
pub(crate) fn document(sources: &Sources, costs: &[JourneyCost]) -> Value {
    let journey = |journey: &JourneyCost| {
        json!({
            "name": journey.name,
            "kind": journey.kind,
            "at": at(sources, journey.span),
            "steps": journey.most,
            "limit": DEFAULT_STEPS,
            "expressions": journey.expressions.iter().map(|e| expression(sources, e)).collect::<Vec<_>>(),
        })
    };
    costs.iter().map(journey).collect()
}

fn expression(sources: &Sources, cost: &ExpressionCost) -> Value {
    let Part {
        span,
        steps,
        times,
        bytes,
    } = cost.dominant;
    json!({
        "at": at(sources, cost.span),
        "steps": { "min": cost.steps.min, "max": cost.steps.max },
        "times": cost.times,
        "dominant": { "at": at(sources, span), "steps": steps, "times": times, "bytes": bytes },
    })
}

fn at(sources: &Sources, span: Span) -> Value {
    let label = Label {
        span,
        text: String::new(),
    };
    findings::place(&Place::new(&label, sources))
}
