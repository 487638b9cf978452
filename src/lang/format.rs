//! The two printers: a tree in its canonical layout, in either form, with the comments and blank lines of its source.
//!
//! What they print reads as the same tree, and printing that prints the same again. A file with faults of syntax is not
//! printed: what could not be read is not in the tree.

mod comments;
mod doc;
mod level;
mod expr;
mod print;
mod spell;
mod text;
mod types;
mod yaml;

use crate::ast::{File, Form};
pub(crate) use spell::is_invisible;

use comments::Comments;
use expr::Writer;
use journey_machine::span::{FileId, Span};

/// Prints a file in the text form. `source`: what it was read from.
#[must_use]
pub fn to_text(file: &File, source: &str) -> String {
    print_as(Form::Text, file, source)
}

/// Prints a file in the YAML form. `source`: what it was read from.
#[must_use]
pub fn to_yaml(file: &File, source: &str) -> String {
    print_as(Form::Yaml, file, source)
}

fn print_as(target: Form, file: &File, source: &str) -> String {
    let form = file.form;
    let writer = Writer {
        source,
        form,
        target,
    };
    let doc = match target {
        Form::Text => text::file(file, &writer),
        Form::Yaml => yaml::file(file, &writer),
    };
    print::print(&doc, &Comments::attach(file, source, &doc))
}

/// All of a file.
fn whole(file: FileId) -> Span {
    Span::new(file, 0, u32::MAX)
}
