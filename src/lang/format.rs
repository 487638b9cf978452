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

use crate::ast::{File, Form, Ids};
use crate::diagnostic::Diagnostics;
use crate::{text as text_form, yaml as yaml_form};
pub(crate) use spell::is_invisible;

use comments::Comments;
use expr::Writer;
use journey_machine::span::{FileId, Span};

/// How often what was printed is printed again: comments settle at the second or third time.
const MAX_PRINTS: usize = 4;

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

/// Where something moves, comments may come to belong to something else: what was printed is printed again until it stays.
fn print_as(target: Form, file: &File, source: &str) -> String {
    let parse = match target {
        Form::Text => text_form::parse,
        Form::Yaml => yaml_form::parse,
    };
    let mut printed = print_once(target, file, source);
    for _ in 0..MAX_PRINTS {
        let mut faults = Diagnostics::new();
        let read = parse(file.id, &printed, &mut Ids::default(), &mut faults);
        if faults.has_errors() {
            break;
        }
        let again = print_once(target, &read, &printed);
        if again == printed {
            break;
        }
        printed = again;
    }
    printed
}

fn print_once(target: Form, file: &File, source: &str) -> String {
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
