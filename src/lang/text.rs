//! The text form: `*.journey` to the tree.
//!
//! A scanner matches brackets and keeps comments, the grammar (`grammar/journey.pest`) finds the structure, and a
//! function for each of its rules builds the tree.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the grammar says which pairs can be in which; the rules it does not name cannot be met"
)]

mod block;
mod connection;
mod control;
mod declaration;
mod grammar;
mod head;
mod limit;
pub mod phrase;
mod reader;
mod rules;
mod scan;
mod state;
mod step;
mod store;
mod wrong;

use crate::ast::{Comment, Decl, File, Form, Ids, Trivia};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::limits::MAX_SOURCE;
use crate::source::SpanMap;
use grammar::{Grammar, Rule};
use journey_machine::span::{FileId, Span};
use pest::Parser;
use reader::{Node, Reader};
use scan::{DocsByPlace, scan};
use std::collections::BTreeSet;

/// Reads a file. It never fails: faults are reported, and stand in the tree as error nodes or not at all.
pub fn parse(id: FileId, text: &str, ids: &mut Ids, diags: &mut Diagnostics) -> File {
    ids.begin_file();
    let mut file = File {
        id,
        form: Form::Text,
        decls: Vec::new(),
        trivia: Trivia::default(),
    };
    if unreadable(id, text, diags) {
        return file;
    }
    let mut found = Diagnostics::new();
    if let Some(scanned) = scan(id, text, &mut found) {
        let (decls, docs) = declarations(&scanned.text, scanned.map, scanned.docs, ids, &mut found);
        file.decls = decls;
        file.trivia = scanned.trivia;
        keep_docs(&mut file.trivia, docs);
    }
    only_brackets(text, &mut found);
    diags.append(found);
    file
}

/// Reads declaration after declaration; gives back the documentation that belongs to none.
fn declarations(
    text: &str,
    mut map: SpanMap,
    mut docs: DocsByPlace,
    ids: &mut Ids,
    diags: &mut Diagnostics,
) -> (Vec<Decl>, DocsByPlace) {
    let mut decls = Vec::new();
    let (mut at, mut missed_at) = (0, None);
    while let Some(rest) = text.get(at..).filter(|_| diags.dropped() == 0) {
        map.count_from(at);
        let mut reader = Reader {
            text: rest,
            map: &map,
            docs: &mut docs,
            ids: &mut *ids,
            diags: &mut *diags,
            missed_at,
            lost_to: None,
        };
        let Some(node) = next_item(&mut reader) else {
            break;
        };
        let length = node.as_span().end();
        decls.extend(reader.declaration(node));
        missed_at = reader
            .missed_at
            .and_then(|missed| missed.checked_sub(length));
        at += length;
    }
    (decls, docs)
}

/// The next declaration, or what stands in the place of one; `None` at the end.
fn next_item<'t>(reader: &mut Reader<'t>) -> Option<Node<'t>> {
    match Grammar::parse(Rule::item, reader.text) {
        Ok(mut pairs) => {
            let found = pairs.next()?.into_inner().next()?;
            (found.as_rule() != Rule::EOI).then_some(found)
        }
        // The grammar takes every text; if it ever did not, that would be said and not hidden.
        Err(error) => {
            let at = match error.location {
                pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => {
                    at
                }
            };
            reader.unexpected(at, "a declaration");
            None
        }
    }
}

/// Too large, or not text.
fn unreadable(id: FileId, text: &str, diags: &mut Diagnostics) -> bool {
    let fault = if text.len() > MAX_SOURCE {
        let message = format!(
            "this file has {} bytes; a source file may have {MAX_SOURCE}",
            text.len()
        );
        Diagnostic::new(Code::FILE_TOO_LARGE, Span::new(id, 0, 0), message)
            .help("split it: all files share one namespace")
    } else if let Some(at) = text.find('\0') {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let place = Span::new(id, at, at.saturating_add(1));
        Diagnostic::new(
            Code::UNREADABLE_FILE,
            place,
            "this file has a NUL character",
        )
        .help("is it text in UTF-8?")
    } else {
        return false;
    };
    diags.push(fault);
    true
}

/// Where a bracket lacks its partner, the rest of its line is guessed at: only the bracket is said.
fn only_brackets(text: &str, found: &mut Diagnostics) {
    let line = |finding: &Diagnostic| {
        let before = text.get(..finding.primary.span.start as usize);
        before.and_then(|before| before.rfind('\n'))
    };
    let unbalanced = |finding: &&Diagnostic| finding.code == Code::UNBALANCED;
    let lines: BTreeSet<_> = found.iter().filter(unbalanced).map(line).collect();
    found.retain(|finding| unbalanced(&finding) || !lines.contains(&line(finding)));
}

/// Documentation that stands before nothing it could describe stays as a comment.
fn keep_docs(trivia: &mut Trivia, docs: DocsByPlace) {
    let lines = docs.into_values().flat_map(|docs| docs.lines);
    trivia.comments.extend(lines.map(|(text, span)| Comment {
        text,
        span,
        trailing: false,
    }));
    trivia.comments.sort_by_key(|comment| comment.span);
}

#[cfg(test)]
mod tests;
