//! The language: source text or YAML to a checked tree to a program.
//!
//! Invariants of this floor:
//! - Pure: sources come in as text, nothing is read, written, printed or awaited.
//! - Parsing and checking never fail, they collect: each phase takes `&mut Diagnostics` and gives a tree, with error
//!   nodes where it must; an unknown name or type poisons what depends on it, so one mistake gives one message.
//! - Both forms give the same tree; from there on nothing knows which form it was.
//! - The tree is never rewritten: what a phase finds stands in tables beside it, by `ExprId`.
//! - No recursion deeper than [`limits::MAX_DEPTH`] on any input.
//!
//! The modules below stand in reading order: each uses only those above it.

pub mod limits;
pub mod source;
pub mod codes;
pub mod diagnostic;
pub mod suggest;
pub mod ast;
pub mod walk;
pub mod ends;
pub mod rules;
pub mod implied;
pub mod expr;
pub mod text;
pub mod yaml;
pub mod format;
pub mod names;
pub mod types;
pub mod flow;
pub mod echoes;
pub mod lower;
pub mod cost;
pub mod doubtful;
pub mod expression;
pub mod reference;
pub mod graph;

use ast::{File, Form, Ids};
use diagnostic::Diagnostics;
use journey_machine::program::Program;
use journey_machine::span::FileId;
use names::Names;
use source::{Source, Sources};
use types::TypeTable;

/// Reads all files of a project, each in the form its name says.
#[must_use]
pub fn parse(sources: &Sources, diagnostics: &mut Diagnostics) -> Vec<File> {
    let mut ids = Ids::default();
    sources
        .iter()
        .map(|(id, source)| parse_file(id, source, &mut ids, diagnostics))
        .collect()
}

/// Reads one file.
pub fn parse_file(
    id: FileId,
    source: &Source,
    ids: &mut Ids,
    diagnostics: &mut Diagnostics,
) -> File {
    let parse = match Form::of(&source.path) {
        Form::Text => text::parse,
        Form::Yaml => yaml::parse,
    };
    parse(id, &source.text, ids, diagnostics)
}

/// The tree of a project with everything that was found out about it. Only if nothing wrong was found may it be lowered.
#[derive(Debug)]
pub struct Checked<'a> {
    /// The tree, a file each.
    pub files: &'a [File],
    /// Who declares what.
    pub names: Names<'a>,
    /// Types of expressions and bindings, callees, globals.
    pub types: TypeTable,
}

/// Checks a project as a whole: names, types, paths. Never fails: what is wrong goes into `diagnostics`.
pub fn check<'a>(files: &'a [File], diagnostics: &mut Diagnostics) -> Checked<'a> {
    let names = names::resolve(files, diagnostics);
    let types = types::infer(files, &names, diagnostics);
    flow::check(files, &names, &types, diagnostics);
    let checked = Checked {
        files,
        names,
        types,
    };
    if !diagnostics.has_errors() {
        cost::check(&checked, diagnostics);
        doubtful::check(&checked, diagnostics);
    }
    echoes::remove(files, diagnostics);
    checked
}

/// Sources to a program. `None`: something is wrong, and `diagnostics` says what.
pub fn compile(sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Program> {
    let files = parse(sources, diagnostics);
    let checked = check(&files, diagnostics);
    let program = if diagnostics.has_errors() {
        None
    } else {
        lower::lower(&checked, sources, diagnostics)
    };
    diagnostics.sort();
    program
}
