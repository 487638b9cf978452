//! The text form: `*.journey` to the tree.

pub mod phrase;

use crate::ast::{File, Form, Ids, Trivia};
use crate::diagnostic::Diagnostics;
use journey_machine::span::FileId;

/// Reads a file. It never fails: faults are reported, and stand in the tree as error nodes or not at all.
pub fn parse(id: FileId, _text: &str, ids: &mut Ids, _diags: &mut Diagnostics) -> File {
    ids.begin_file();
    File {
        id,
        form: Form::Text,
        decls: Vec::new(),
        trivia: Trivia::default(),
    }
}
