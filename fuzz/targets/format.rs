//! Printing: what can be read is printed so that it can be read again, and printing that changes nothing.
#![no_main]
use journey_lang::ast::Ids;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::Source;
use journey_lang::{format, parse_file};
use journey_machine::span::FileId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for path in ["a.journey", "a.journey.yaml"] {
        let source = |text: &str| Source { path: path.to_owned(), text: text.to_owned() };
        if let Some(once) = printed(&source(text)) {
            let twice = printed(&source(&once)).unwrap_or_else(|| panic!("what was printed cannot be read:\n{once}"));
            assert_eq!(once, twice, "printing again changes it");
        }
    }
});

/// The canonical layout of a source that can be read.
fn printed(source: &Source) -> Option<String> {
    let mut diagnostics = Diagnostics::default();
    let file = parse_file(FileId(0), source, &mut Ids::default(), &mut diagnostics);
    let print = if source.path.ends_with(".yaml") { format::to_yaml } else { format::to_text };
    (!diagnostics.has_errors()).then(|| print(&file, &source.text))
}
