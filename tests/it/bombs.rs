//! Sources made to hurt: each is read or refused, in little time, on a small stack.

use journey_lang::ast::Ids;
use journey_lang::diagnostic::{Code, Diagnostics};
use journey_machine::span::FileId;
use std::thread;

const SIZE: usize = 1024 * 1024;
const STACK: usize = 2 * 1024 * 1024;

/// What a source of the YAML form is refused for, if it is.
fn refusal(text: String) -> Option<Code> {
    let read = move || {
        let mut findings = Diagnostics::new();
        journey_lang::yaml::parse(FileId(0), &text, &mut Ids::default(), &mut findings);
        findings.iter().next().map(|finding| finding.code)
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(read);
    thread.unwrap().join().unwrap()
}

fn repeated(head: &str, part: &str, size: usize) -> String {
    head.to_owned() + &part.repeat((size - head.len()) / part.len())
}

#[test]
fn deep_yaml_is_refused() {
    for part in ["[", "{a: ", "- ", "? ", "[{a: "] {
        assert_eq!(
            refusal(repeated("", part, SIZE)),
            Some(Code::TOO_DEEP),
            "{part}"
        );
    }
    let blocks: String = (0..1000)
        .map(|depth| format!("{:depth$}a:\n", ""))
        .collect();
    assert_eq!(refusal(blocks), Some(Code::TOO_DEEP));
    let expression = repeated("is: ${ ", "(", SIZE);
    assert_eq!(
        refusal(format!("- type: A\n  {expression}")),
        Some(Code::FILE_TOO_LARGE)
    );
    let steps = "- journey: a\n  steps:\n    - let: { x: \"${ ";
    assert_eq!(
        refusal(repeated(steps, "(", SIZE / 2) + " }\" }\n"),
        Some(Code::TOO_DEEP)
    );
}

#[test]
fn wide_yaml_is_refused_by_its_number_of_values() {
    let head = "a: &a [x]\nb: [";
    for part in ["*a, ", "1, "] {
        let code = refusal(repeated(head, part, SIZE - 2) + "]");
        assert!(
            matches!(code, Some(Code::YAML_FEATURE | Code::TOO_MANY_NODES)),
            "{part}"
        );
    }
    assert_eq!(
        refusal(repeated("journey: a\nsteps:\n", "- a: b\n", SIZE)),
        Some(Code::TOO_MANY_NODES)
    );
}

#[test]
fn many_faults_of_yaml_do_not_take_long() {
    for part in [
        "a: b: c\n",
        "- a: b\n c: d\n",
        "a: \"\n",
        "a:\n\tb: c\n",
        "a: [1, 2\n",
        "- a: {b: [c, \"d",
    ] {
        assert_eq!(
            refusal(repeated("", part, SIZE)),
            Some(Code::YAML_SYNTAX),
            "{part:?}"
        );
    }
}
