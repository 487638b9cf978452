//! What must hold for any source: no panic from the first byte to the bytecode, and printing is idempotent.

use journey_lang::ast::Ids;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::{Source, Sources};
use journey_lang::{compile, format, parse_file};
use journey_machine::span::FileId;

/// Compiles it, and prints it twice in its own form.
pub fn survives(path: &str, text: &str) {
    let source = |text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let _ = compile(&Sources::new(vec![source(text)]), &mut Diagnostics::default());
    if let Some(once) = printed(&source(text)) {
        let twice = printed(&source(&once)).unwrap_or_else(|| panic!("what was printed cannot be read:\n{once}"));
        assert_eq!(once, twice, "printing again changes it");
    }
}

/// The canonical layout of a source that can be read.
fn printed(source: &Source) -> Option<String> {
    let mut diagnostics = Diagnostics::default();
    let file = parse_file(FileId(0), source, &mut Ids::default(), &mut diagnostics);
    let print = if source.path.ends_with(".yaml") { format::to_yaml } else { format::to_text };
    (!diagnostics.has_errors()).then(|| print(&file, &source.text))
}
