//! Sources made to hurt: each is read or refused, within its limits, on a small stack.

mod sources;

use journey_lang::ast::{File, Ids};
use journey_lang::diagnostic::{Code, Diagnostics};
use journey_lang::limits::{MAX_NODES, MAX_PARTS, MAX_SOURCE};
use journey_lang::source::{Source, Sources};
use journey_machine::span::FileId;
use sources::Bomb;
use std::thread;

const TEXT: &str = "a.journey";
const YAML: &str = "a.journey.yaml";
const STACK: usize = 2 * 1024 * 1024;
/// Bytes of the sources that are compiled here: what the language is written in is not optimised in tests.
const SMALL: usize = 16 * 1024;
/// What refuses a source for what is in it.
const REFUSALS: [Code; 4] = [
    Code::FILE_TOO_LARGE,
    Code::TOO_DEEP,
    Code::TOO_MANY_NODES,
    Code::TOO_MANY_PARTS,
];

fn on_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(STACK).spawn(run);
    thread.unwrap().join().unwrap()
}

fn parse(path: &str, text: String) -> (File, Ids, Diagnostics) {
    let path = path.to_owned();
    on_small_stack(move || {
        let (mut ids, mut findings) = (Ids::default(), Diagnostics::new());
        let source = Source { path, text };
        let file = journey_lang::parse_file(FileId(0), &source, &mut ids, &mut findings);
        (file, ids, findings)
    })
}

/// What a source is refused for, if it is.
fn refusal(path: &str, text: String) -> Option<Code> {
    let (_, _, findings) = parse(path, text);
    findings
        .iter()
        .map(|finding| finding.code)
        .find(|code| REFUSALS.contains(code))
}

/// What a source of the YAML form is refused for first.
fn first(text: String) -> Option<Code> {
    let (_, _, findings) = parse(YAML, text);
    findings.iter().next().map(|finding| finding.code)
}

fn repeated(head: &str, part: &str, size: usize) -> String {
    head.to_owned() + &part.repeat((size - head.len()) / part.len())
}

fn named(path: &str, name: &str) -> String {
    let bombs = match path {
        TEXT => sources::text(),
        _ => sources::yaml(),
    };
    bombs
        .iter()
        .find(|bomb| bomb.name == name)
        .unwrap()
        .source()
}

/// Every phase runs on every source.
fn compile_all(path: &'static str, bombs: Vec<Bomb>) {
    for bomb in bombs {
        let text = bomb.sized(SMALL);
        on_small_stack(move || {
            let path = path.to_owned();
            let sources = Sources::new(vec![Source { path, text }]);
            let mut findings = Diagnostics::new();
            let program = journey_lang::compile(&sources, &mut findings);
            assert_eq!(program.is_none(), findings.has_errors(), "{}", bomb.name);
        });
    }
}

#[test]
fn every_small_source_of_the_text_form_compiles_or_says_why_not() {
    compile_all(TEXT, sources::text());
}

#[test]
fn every_small_source_of_the_yaml_form_compiles_or_says_why_not() {
    compile_all(YAML, sources::yaml());
}

#[test]
fn what_is_read_of_a_large_source_is_limited() {
    for (path, name) in [
        (TEXT, "list-refused"),
        (TEXT, "parameters-in-one-line"),
        (TEXT, "unknown-names-in-a-list"),
        (YAML, "list-refused"),
        (YAML, "type-scalar"),
    ] {
        let (file, ids, findings) = parse(path, named(path, name));
        let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&Code::TOO_MANY_NODES), "{name}: {codes:?}");
        // What could not be read is a node, too.
        assert!(ids.in_file() <= MAX_NODES + 10, "{name}");
        assert!(file.decls.len() <= MAX_PARTS, "{name}");
    }
}

#[test]
fn too_much_of_anything_is_refused() {
    for (path, name) in [
        (TEXT, "words"),
        (TEXT, "fields"),
        (TEXT, "answers-in-one-line"),
        (TEXT, "secrets-in-one-line"),
        (TEXT, "too-many-lets"),
        (TEXT, "comments"),
        (TEXT, "empty-blocks"),
        (YAML, "comments"),
        (YAML, "wrong-items"),
    ] {
        let code = refusal(path, named(path, name));
        assert_eq!(code, Some(Code::TOO_MANY_PARTS), "{name}");
    }
    assert_eq!(refusal(TEXT, named(TEXT, "opening")), Some(Code::TOO_DEEP));
    assert_eq!(
        refusal(TEXT, "#".repeat(MAX_SOURCE + 1)),
        Some(Code::FILE_TOO_LARGE)
    );
}

#[test]
fn a_file_is_given_up_after_many_faults() {
    for text in [named(TEXT, "closing"), "type\n".repeat(MAX_PARTS / 4)] {
        let (_, _, findings) = parse(TEXT, text);
        assert!((1..10).contains(&findings.dropped()));
    }
}

#[test]
fn deep_yaml_is_refused() {
    for part in ["[", "{a: ", "- ", "? ", "[{a: "] {
        let code = first(repeated("", part, MAX_SOURCE));
        assert_eq!(code, Some(Code::TOO_DEEP), "{part}");
    }
    let blocks: String = (0..1000)
        .map(|depth| format!("{:depth$}a:\n", ""))
        .collect();
    assert_eq!(first(blocks), Some(Code::TOO_DEEP));
    let expression = repeated("is: ${ ", "(", MAX_SOURCE);
    assert_eq!(
        first(format!("- type: A\n  {expression}")),
        Some(Code::FILE_TOO_LARGE)
    );
    let steps = "- journey: a\n  steps:\n    - let: { x: \"${ ";
    assert_eq!(
        first(repeated(steps, "(", MAX_SOURCE / 2) + " }\" }\n"),
        Some(Code::TOO_DEEP)
    );
}

#[test]
fn wide_yaml_is_refused_by_its_number_of_values() {
    let head = "a: &a [x]\nb: [";
    for part in ["*a, ", "1, "] {
        let code = first(repeated(head, part, MAX_SOURCE - 2) + "]");
        assert!(
            matches!(code, Some(Code::YAML_FEATURE | Code::TOO_MANY_NODES)),
            "{part}"
        );
    }
    assert_eq!(
        first(repeated("journey: a\nsteps:\n", "- a: b\n", MAX_SOURCE / 2)),
        Some(Code::TOO_MANY_NODES)
    );
}

#[test]
fn many_faults_of_yaml_are_not_all_looked_for() {
    for part in [
        "a: b: c\n",
        "- a: b\n c: d\n",
        "a: \"\n",
        "a:\n\tb: c\n",
        "a: [1, 2\n",
        "- a: {b: [c, \"d",
    ] {
        let code = first(repeated("", part, MAX_PARTS * 3));
        assert_eq!(code, Some(Code::YAML_SYNTAX), "{part:?}");
    }
}
