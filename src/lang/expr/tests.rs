//! What no list of cases can show: no input overflows or panics.

use super::*;
use crate::limits::{MAX_NODES, MAX_SOURCE};
use journey_machine::span::FileId;
use proptest::prelude::*;

type Entry = fn(&str, &SpanMap, &mut Ids, &mut Diagnostics);

const ENTRIES: [Entry; 4] = [
    |text, map, ids, diags| drop(parse_expression(text, map, ids, diags)),
    |text, map, ids, diags| drop(parse_value(text, map, ids, diags)),
    |text, map, ids, diags| drop(parse_interpolated(text, map, ids, diags)),
    |text, map, ids, diags| drop(parse_type(text, map, ids, diags)),
];

/// Reads a text with every entry, on a small stack; gives the codes found.
fn read(text: &str) -> Vec<String> {
    let text = text.to_owned();
    let run = move || {
        let mut diags = Diagnostics::new();
        for entry in ENTRIES {
            let mut ids = Ids::default();
            entry(
                &text,
                &SpanMap::verbatim(FileId(0), 0),
                &mut ids,
                &mut diags,
            );
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

/// What inputs are made of, over and over.
const UNITS: &[&str] = &[
    "1+",
    "a.",
    "a[",
    "(",
    "[",
    "{a:",
    "!",
    "-",
    "- ",
    "a?b:",
    "a?",
    "f(",
    "x.f(",
    "a&&",
    "a||b&&",
    "a+(",
    "\"",
    "`",
    "`${",
    "${",
    "{\"a\":",
    "list<",
    "map<string,",
    "secret ",
    "a|",
    "\"a\"|",
    "{a:{",
    "string(1..",
    "1,",
    "[1,",
    "[[],",
    "...",
    "b\"",
    "\\",
    "'''",
    "a.`b`.",
    "a{b:",
    "##",
    "#\n",
    "//\n",
    "0x",
    "1e",
    "é",
    "${a}",
    "$${",
    "a==b==",
    "{?a:",
    "[?",
    ".",
];

/// How long that takes is what `benches/compile.rs` measures.
#[test]
fn long_and_deep_inputs_end() {
    for unit in UNITS {
        for size in [1_000, MAX_SOURCE] {
            read(&unit.repeat(size / unit.len()));
        }
    }
}

#[test]
fn depth_and_size_are_limited() {
    let deep = |levels: usize| format!("{}1{}", "(".repeat(levels), ")".repeat(levels));
    assert!(read(&deep(1_000)).contains(&"J0502".to_owned()));
    let mut diags = Diagnostics::new();
    let expr = |text: &str, diags: &mut Diagnostics| {
        parse_expression(
            text,
            &SpanMap::verbatim(FileId(0), 0),
            &mut Ids::default(),
            diags,
        )
    };
    expr(&deep(100), &mut diags);
    expr(&vec!["a"; 100].join(" + "), &mut diags);
    expr(&vec!["a"; 10_000].join(" && "), &mut diags);
    expr(&vec!["1"; MAX_NODES - 1].join(" + "), &mut diags);
    assert!(diags.is_empty(), "{diags:?}");
    expr(&format!("[{}]", "1,".repeat(MAX_NODES)), &mut diags);
    let codes: Vec<_> = diags.iter().map(|diag| diag.code).collect();
    assert_eq!(codes, [crate::diagnostic::Code::TOO_MANY_NODES]);
}

/// Texts made of the language's own words, so that they get further than noise does.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a", "b.c", "1", "2.5", "\"t\"", "'", "`", "${", "}", "{", "(", ")", "[", "]", ",", ":",
        "?", ".", "...", "..", "+", "-", "!", "&&", "||", "==", "=", "in", "true", "null", "list<",
        "string", ">", "|", "/", "r\"x\"", "b'y'", "##", "\n", " ", "é", "secret ", "if",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn no_sequence_of_words_panics(text in words()) {
        read(&text);
    }
}
