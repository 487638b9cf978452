//! Steps that end something: `complete`, `fail`, `collect`, `next`, `return`.

use super::StepForm;
use crate::ast::{CompleteBody, Expr, Name, StepKind};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::yaml::node::{Entry, Kind, Node, entries};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};

const TEXT: Shape = Shape::Text("a text or an expression: \"${ … }\"");

pub(super) static COMPLETE: StepForm = StepForm::new(
    Construct {
        what: "`complete`",
        fields: &[
            required("complete", Shape::Text("a status")),
            optional("json", Shape::Value),
            optional("text", TEXT),
            optional("html", TEXT),
            optional("bytes", TEXT),
            optional("problem", Shape::Text("the code of a declared error")),
            optional("location", TEXT),
            optional("headers", Shape::Map("a mapping of names to values")),
        ],
    },
    read_complete,
);

const BODIES: [&str; 5] = ["json", "text", "html", "bytes", "problem"];

pub(super) static FAIL: StepForm = StepForm::new(
    Construct {
        what: "`fail`",
        fields: &[required(
            "fail",
            Shape::Text("the code of a declared error"),
        )],
    },
    |reader, fields| {
        Some(StepKind::Fail {
            code: reader.name(fields.get("fail"))?,
        })
    },
);

pub(super) static COLLECT: StepForm = StepForm::new(
    Construct {
        what: "`collect`",
        fields: &[required("collect", Shape::Value)],
    },
    |reader, fields| {
        Some(StepKind::Collect {
            value: reader.value(fields.get("collect")?),
        })
    },
);

pub(super) static NEXT: StepForm = StepForm::new(
    Construct {
        what: "`next`",
        fields: &[required("next", Shape::Value)],
    },
    |reader, fields| {
        Some(StepKind::Next {
            values: next_values(reader, fields.get("next")?),
        })
    },
);

pub(super) static RETURN: StepForm = StepForm::new(
    Construct {
        what: "`return`",
        fields: &[
            required(
                "return",
                Shape::Optional("the name of an outcome, or nothing in a task"),
            ),
            optional("value", Shape::Value),
        ],
    },
    read_return,
);

fn next_values(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<Expr> {
    match &node.kind {
        Kind::List(items) => items.iter().map(|item| reader.value(item)).collect(),
        Kind::Null | Kind::Scalar(_) | Kind::Map(_) | Kind::Poison => vec![reader.value(node)],
    }
}

fn read_return(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let value = fields.get("value").map(|value| reader.value(value));
    let named = fields
        .get("return")
        .filter(|node| !matches!(node.kind, Kind::Null));
    let outcome = match named {
        Some(node) => Some(reader.name(Some(node))?),
        None => None,
    };
    fields
        .complete
        .then_some(StepKind::Return { outcome, value })
}

fn read_complete(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let status = reader
        .plain(fields.get("complete"))
        .and_then(|status| reader.status(&status));
    let body = body(reader, fields);
    let location = fields
        .get("location")
        .map(|location| reader.value(location));
    let headers = headers(reader, fields.get("headers"));
    Some(StepKind::Complete {
        status: status?,
        body,
        location,
        headers,
    })
}

fn headers(reader: &mut Reader<'_>, node: Option<&Node<'_>>) -> Vec<(Name, Expr)> {
    entries(node)
        .iter()
        .map(|entry| (reader.whole_key(entry), reader.value(&entry.value)))
        .collect()
}

fn body(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> CompleteBody {
    let mut bodies = BODIES.iter().filter_map(|name| fields.entry(name));
    let Some(first) = bodies.next() else {
        return CompleteBody::Empty;
    };
    for other in bodies {
        let message = format!("`{}` is a second body", other.key.text());
        let finding = Diagnostic::new(Code::UNEXPECTED, other.key.span, message);
        reader.report(
            finding
                .label(first.key.span, "the body")
                .help("an answer has one body"),
        );
    }
    read_body(reader, first)
}

fn read_body(reader: &mut Reader<'_>, entry: &Entry<'_>) -> CompleteBody {
    let node = &entry.value;
    match entry.key.text() {
        "text" => CompleteBody::Text(reader.value(node)),
        "html" => CompleteBody::Html(reader.value(node)),
        "bytes" => CompleteBody::Bytes(reader.value(node)),
        "problem" => reader
            .plain(Some(node))
            .map_or(CompleteBody::Empty, CompleteBody::Problem),
        _ => CompleteBody::Json(reader.value(node)),
    }
}
