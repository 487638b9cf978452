//! The YAML form: parser events to nodes with places, and nodes to the tree, by one table for each construct.

mod data;
mod declare;
mod docs;
mod load;
mod node;
mod read;
mod recover;
mod scalar;
mod step;
mod syntax;
mod types;
mod value;
mod words;

use crate::ast::{Comment, File, Form, Ids, Literal, Trivia};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_PARTS, MAX_SOURCE};
pub use data::{Data, DataKind};
use docs::DocLines;
use journey_machine::span::{FileId, Span};
use load::{Loaded, Loader};
use node::{Kind, Style};
use read::Reader;
use recover::Masks;
pub(crate) use value::spread_mark;

/// What to do with a file that is too large.
const SPLIT: &str = "spread the declarations over several files";

/// Reads a file in the YAML form. Everything that is wrong with it is reported; what could be read is in the tree.
pub fn parse(id: FileId, text: &str, ids: &mut Ids, diags: &mut Diagnostics) -> File {
    ids.begin_file();
    let mut file = File {
        id,
        form: Form::Yaml,
        decls: Vec::new(),
        trivia: Trivia::default(),
    };
    load(id, text, diags, |loaded, diags| {
        read(&mut file, text, loaded, ids, diags);
    });
    file
}

/// The constant that a scalar means, written like this.
pub(crate) fn constant(written: &str) -> Option<Literal> {
    let masks = Masks::default();
    let (loaded, findings) = Loader::new(written, FileId::default(), &masks).load();
    let clean = loaded.failure.is_none() && loaded.comments.is_empty() && findings.is_empty();
    let Kind::Scalar(scalar) = loaded.root.filter(|_| clean)?.kind else {
        return (written == "null").then_some(Literal::Null);
    };
    match value::core(&scalar.text).filter(|_| scalar.style == Style::Plain) {
        Some(literal) => literal.ok(),
        None => Some(Literal::String(scalar.text.into_owned())),
    }
}

/// Reads a document as plain data, as strictly as a journey. `None`: there is nothing, or nothing that could be read.
pub fn parse_data(id: FileId, text: &str, diags: &mut Diagnostics) -> Option<Data> {
    let mut data = None;
    load(id, text, diags, |loaded, diags| {
        data = loaded.root.map(|root| Data::new(root, diags));
    });
    data
}

/// Gives `read` what could be loaded, without what had to be left out and was reported.
fn load(
    id: FileId,
    text: &str,
    diags: &mut Diagnostics,
    read: impl FnOnce(Loaded<'_>, &mut Diagnostics),
) {
    if text.len() > MAX_SOURCE {
        let message = format!("the file is larger than {MAX_SOURCE} bytes");
        let finding = Diagnostic::new(Code::FILE_TOO_LARGE, Span::new(id, 0, 0), message);
        return diags.push(finding.help(SPLIT));
    }
    if text.lines().filter(|line| !line.trim().is_empty()).count() > MAX_PARTS {
        let message = format!("this file has more than {MAX_PARTS} lines");
        let finding = Diagnostic::new(Code::TOO_MANY_PARTS, Span::new(id, 0, 0), message);
        return diags.push(finding.help(SPLIT));
    }
    let masks = Masks::default();
    let (loaded, findings) = Loader::new(text, id, &masks).load();
    let Some(failure) = loaded.failure else {
        diags.extend(findings);
        return read(loaded, diags);
    };
    if failure.error.is_none() {
        diags.extend(findings);
    } else if let Some(recovered) = recover::recover(id, text, failure, diags) {
        let (loaded, findings) = Loader::new(&recovered.text, id, &recovered.masks).load();
        diags.extend(findings);
        read(loaded, diags);
    }
}

/// A comment of the file `text`, as written behind its `#`.
fn comment(text: &str, written: &str, span: Span) -> Comment {
    let before = text.get(..span.start as usize).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    Comment {
        text: written.trim_end().to_owned(),
        span,
        trailing: !line.trim().is_empty(),
    }
}

/// Reports what is refused in any YAML, be it a journey or not: aliases, tags, duplicate keys, endless nesting, faults of
/// syntax. Other readers of YAML may have the text once nothing was reported.
pub fn guard(id: FileId, text: &str, diags: &mut Diagnostics) {
    let (loaded, findings) = Loader::new(text, id, &Masks::default()).load();
    match loaded.failure.filter(|failure| failure.error.is_some()) {
        Some(failure) => {
            // Only the faults are wanted, not what could be read beside them.
            let _ = recover::recover(id, text, failure, diags);
        }
        None => diags.extend(findings),
    }
}

fn read(
    file: &mut File,
    text: &str,
    loaded: Loaded<'_>,
    ids: &mut Ids,
    findings: &mut Diagnostics,
) {
    let docs = DocLines::new(text, loaded.comments);
    let mut reader = Reader {
        text,
        ids,
        findings,
        docs,
    };
    if let Some(root) = &loaded.root {
        file.decls = reader.declarations(root);
    }
    file.trivia = Trivia::new(text, reader.docs.rest());
}
