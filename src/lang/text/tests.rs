//! What no list of cases can show: no source overflows, panics or takes more than linear time.

use super::{Grammar, Rule, parse, scan};
use crate::ast::Ids;
use crate::diagnostic::Diagnostics;
use journey_machine::span::FileId;
use pest::Parser;
use proptest::prelude::*;
use std::num::NonZeroUsize;

const SAMPLE: &str = include_str!("../../../tests/cases/syntax/everything.journey");

/// Reads a file on a small stack; gives the codes found, and checks that every place is in the file.
fn read(text: &str) -> Vec<String> {
    let text = text.to_owned();
    let run = move || {
        let mut diags = Diagnostics::new();
        parse(FileId(0), &text, &mut Ids::default(), &mut diags);
        for diag in diags.iter() {
            let span = diag.primary.span;
            assert!(
                span.start <= span.end && span.end as usize <= text.len() + 1,
                "{diag:?}"
            );
            assert!(text.is_char_boundary(span.start as usize), "{diag:?}");
        }
        diags.iter().map(|diag| diag.code.to_string()).collect()
    };
    std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(run)
        .unwrap()
        .join()
        .unwrap()
}

const UNITS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "`",
    "${",
    "\"",
    "'",
    "\"\"\"",
    "#",
    "##\n",
    "//\n",
    "\n",
    " ",
    "a",
    "a ",
    "1 ",
    "é",
    "\\",
    "/",
    ",/",
    "(/",
    "journey a {",
    "journey a {\n",
    "type A {\n",
    "type A = list<",
    "if a {",
    "if a { let b = (\n",
    "let a = (\n",
    "let a = 1\n",
    "a\n",
    "match a { 1 {",
    "match a {",
    "block { on failure {",
    "on 404 {",
    "call a.b(",
    "call a.b(x: {",
    "connection a {",
    "x: {",
    "config {",
    "secret {",
    "errors {",
    "errors a { shape {",
    "parallel all { branch a {",
    "for a in b max 1 {",
    "repeat max 1 while a with b = {",
    "return ok ",
    "emit a ",
    "complete 200 json {",
    "else {",
    "not ",
    "-",
    "!",
    "a.",
    "a ?",
    "a < ",
    "list<",
    "map<",
    "secret ",
    "sub a(",
    "operation a(",
    "input { query a: ",
    "a: string(",
    "let a = `${",
    "let a = \"\n",
    "{ ( } ",
    "{ [ ( } ",
    "let a = ",
    "} else if a {",
    "journey a { let x = [\n",
    "{(\"\"\"\n\"\"\"}",
    "let a = f(\n)\n",
    "otherwise {",
    "with a = ",
    "let a = a\n",
    "; ",
    "x\n; ",
    "a {} ",
    "operation o() GET \"/\" ",
];

#[test]
fn the_sample_is_clean() {
    assert_eq!(read(SAMPLE), Vec::<String>::new());
}

/// The grammar looks at each byte a limited number of times: nothing is read again and again.
#[test]
fn long_and_deep_sources_take_linear_time() {
    // It holds for all tests of this process, none of which reads a larger source.
    pest::set_call_limit(NonZeroUsize::new(LOOKS * SIZE));
    for unit in UNITS {
        for source in [
            unit.repeat(SIZE / unit.len()),
            wrapped(unit),
            format!("x\n{}{{}}", unit.repeat(SIZE / unit.len())),
        ] {
            read(&source);
            let scanned = scan(FileId(0), &source, &mut Diagnostics::new());
            if let Some(scanned) = scanned {
                every_item(&scanned.text, unit);
            }
        }
    }
}

fn every_item(text: &str, unit: &str) {
    let mut rest = text;
    loop {
        let Ok(mut pairs) = Grammar::parse(Rule::item, rest) else {
            panic!("{unit:?} is looked at too often");
        };
        let item = pairs.next().unwrap().into_inner().next().unwrap();
        if item.as_rule() == Rule::EOI {
            return;
        }
        rest = rest.split_at(item.as_span().end()).1;
    }
}

/// Bytes of a source whose reading is counted.
const SIZE: usize = 8 * 1024;
/// How often the grammar may try a rule, for each byte.
const LOOKS: usize = 400;

fn wrapped(unit: &str) -> String {
    format!("journey a {{\n{}\n}}\n", unit.repeat(SIZE / unit.len()))
}

#[test]
fn the_deepest_sources_fit_on_a_small_stack() {
    // What stands before, what opens, what closes.
    let nests = [
        ("", "block {", "}"),
        ("", "if a {", "}"),
        ("", "if a { } else {", "}"),
        ("", "match a { 1 {", "} }"),
        ("", "block { on failure {", "} }"),
        ("", "call a.b() { on failure {", "} }"),
        ("", "parallel all { branch a {", "} }"),
        ("", "for a in b max 1 {", "}"),
        ("", "repeat max 1 while a with b = 1 {", "}"),
        ("let a = ", "[", "]"),
        ("let a = ", "{a: [", "]}"),
        ("let a = ", "(f(", "))"),
        ("let a = 1 + ", "a[b.c(", ")]"),
    ];
    for (before, open, close) in nests {
        let levels = (crate::limits::MAX_DEPTH - 2) / close.trim().len().min(2);
        let inner = if before.is_empty() { "" } else { "1" };
        let source = format!(
            "journey a {{ {before}{}{inner}{} }}",
            open.repeat(levels),
            close.repeat(levels)
        );
        let found = read(&source);
        assert!(
            !found.iter().any(|code| code == "J0102" || code == "J0502"),
            "{source} {found:?}"
        );
    }
}

/// A piece of the sample is taken out, doubled, or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let noise = prop::sample::select(vec![
        "", "{", "}", "(", ")", "\"", "`", "\n", "#", "=", ":", "if", " x ", "journey", "é", "//",
        "${",
    ]);
    let edits = prop::collection::vec((0..SAMPLE.len(), 0..40_usize, noise), 1..4);
    edits.prop_map(|edits| {
        let mut text = SAMPLE.to_owned();
        for (at, length, noise) in edits {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, noise);
        }
        text
    })
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn no_mutation_of_a_source_panics(text in mutated()) {
        read(&text);
    }
}
