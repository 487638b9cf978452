//! The shipped payment journey and its YAML twin are one program.

use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::{Source, Sources};
use journey_machine::wire::program::hash;
use std::fs;
use std::path::Path;

/// The identity of a project's program: code and manifest, without paths and places.
fn identity(folder: &str, ending: &str) -> [u8; 32] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).expect("the project is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let sources = paths
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .map(|path| Source {
            path: path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            text: fs::read_to_string(&path).expect("a text"),
        });
    let mut diagnostics = Diagnostics::default();
    let program = journey_lang::compile(&Sources::new(sources.collect()), &mut diagnostics);
    hash(&program.expect("it compiles"))
}

#[test]
fn the_twin_is_the_same_program() {
    assert_eq!(
        identity("journeys/backend", ".journey"),
        identity("examples/payment-yaml", ".journey.yaml")
    );
}
