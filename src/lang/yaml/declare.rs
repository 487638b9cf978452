//! Declarations: one table each. A file is one of them or a list of them.

use super::node::{Kind, Map, Node, entries};
use super::read::{Construct, Fields, Reader, Shape, list, optional, required};
use super::types::TYPE;
use crate::ast::{Decl, ErrorDecl, Errors, Settings, TypeDecl};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::suggest::suggestion;
use journey_machine::span::Span;

mod connection;
mod journey;
mod limit;
mod rules;
mod store;

/// What a declaration's reader gets beside its fields.
struct Head {
    docs: String,
    span: Span,
}

/// Reads a declaration from its fields; `None`: it has no name, and that has been reported.
type ReadDecl = fn(&mut Reader<'_>, Head, &Fields<'_, '_>) -> Option<Decl>;

/// A declaration: its table, whose first key names it, and its reader.
struct DeclForm {
    construct: Construct,
    read: ReadDecl,
}

impl DeclForm {
    const fn new(construct: Construct, read: ReadDecl) -> Self {
        Self { construct, read }
    }

    fn key(&self) -> &'static str {
        self.construct.fields.first().map_or("", |field| field.name)
    }
}

/// All declarations. Where a mapping has the keys of two, the one that stands further up here wins.
static DECLS: [&DeclForm; 13] = [
    &journey::JOURNEY,
    &journey::SUB,
    &TYPE_DECL,
    &connection::CONNECTION,
    &connection::ISSUER,
    &ERRORS,
    &CONFIG,
    &SECRET,
    &store::STORE,
    &store::TASK,
    &store::SIGNAL,
    &limit::LIMIT,
    &rules::RULES,
];

const FIELDS: Shape = Shape::Map("a mapping of names to types");

static TYPE_DECL: DeclForm = DeclForm::new(
    Construct {
        what: "a type",
        fields: &[
            required("type", Shape::Text("the name of the type")),
            required("is", TYPE),
        ],
    },
    read_type,
);

static ERRORS: DeclForm = DeclForm::new(
    Construct {
        what: "an `errors` declaration",
        fields: &[
            required("errors", Shape::Optional("a name, or nothing")),
            optional(
                "codes",
                Shape::Map("a mapping of codes to `{ status, message }`"),
            ),
            optional("shape", Shape::Map("a template over `error`")),
        ],
    },
    read_errors,
);

static ERROR_CODE: Construct = Construct {
    what: "an error",
    fields: &[
        required("status", Shape::Text("a status")),
        required("message", Shape::Text("a sentence for the caller")),
    ],
};

static CONFIG: DeclForm = DeclForm::new(
    Construct {
        what: "a `config` declaration",
        fields: &[required("config", FIELDS)],
    },
    |reader, head, fields| read_settings(reader, head.span, fields.get("config"), false),
);

static SECRET: DeclForm = DeclForm::new(
    Construct {
        what: "a `secret` declaration",
        fields: &[required("secret", FIELDS)],
    },
    |reader, head, fields| read_settings(reader, head.span, fields.get("secret"), true),
);

impl Reader<'_> {
    /// The declarations of a document.
    pub(super) fn declarations(&mut self, root: &Node<'_>) -> Vec<Decl> {
        match &root.kind {
            Kind::Map(map) => self.declaration(map, root.span).into_iter().collect(),
            Kind::List(items) => items.iter().filter_map(|item| self.listed(item)).collect(),
            Kind::Null => Vec::new(),
            Kind::Scalar(_) | Kind::Poison => {
                self.expected("a declaration: a mapping, or a list of them", root);
                Vec::new()
            }
        }
    }

    fn listed(&mut self, node: &Node<'_>) -> Option<Decl> {
        let Kind::Map(map) = &node.kind else {
            self.expected("a declaration: a mapping", node);
            return None;
        };
        self.declaration(map, node.span)
    }

    fn declaration(&mut self, map: &Map<'_>, span: Span) -> Option<Decl> {
        let docs = self.docs_above(span);
        let has = |form: &&&DeclForm| {
            map.entries
                .iter()
                .any(|entry| entry.key.text() == form.key())
        };
        let Some(form) = DECLS.iter().find(has) else {
            self.no_declaration(map);
            return None;
        };
        let fields = self.fields(map, span, &form.construct);
        (form.read)(self, Head { docs, span }, &fields)
    }

    fn no_declaration(&mut self, map: &Map<'_>) {
        let Some(entry) = map.entries.first().filter(|_| !map.broken) else {
            return;
        };
        let key = entry.key.text();
        let names = || DECLS.iter().map(|form| form.key());
        let help = suggestion(key, names())
            .unwrap_or_else(|| format!("a declaration begins with one of {}", list(names())));
        let finding = Diagnostic::new(
            Code::WRONG_DECLARATION,
            entry.key.span,
            format!("`{key}` begins no declaration"),
        );
        self.report(finding.help(help));
    }
}

fn read_type(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    let name = reader.name(fields.get("type"));
    let ty = fields.get("is").map(|ty| reader.type_of(ty));
    Some(Decl::Type(TypeDecl {
        docs: head.docs,
        name: name?,
        ty: ty?,
        span: head.span,
    }))
}

fn read_settings(
    reader: &mut Reader<'_>,
    span: Span,
    node: Option<&Node<'_>>,
    secret: bool,
) -> Option<Decl> {
    let Kind::Map(map) = &node?.kind else {
        return None;
    };
    Some(Decl::Settings(Settings {
        secret,
        span,
        fields: reader.settings(map, secret),
    }))
}

fn read_errors(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    let named = fields
        .get("errors")
        .filter(|node| !matches!(node.kind, Kind::Null));
    let name = reader.name(named);
    let mut codes = Vec::new();
    for entry in entries(fields.get("codes")) {
        let code = reader.whole_key(entry);
        let docs = reader.docs(entry);
        codes.extend(error_code(reader, code, docs, &entry.value));
    }
    let shape = fields.get("shape").map(|shape| reader.value(shape));
    Some(Decl::Errors(Box::new(Errors {
        docs: head.docs,
        name,
        span: head.span,
        codes,
        shape,
    })))
}

fn error_code(
    reader: &mut Reader<'_>,
    code: crate::ast::Name,
    docs: String,
    node: &Node<'_>,
) -> Option<ErrorDecl> {
    let Kind::Map(map) = &node.kind else {
        reader.expected("`{ status: …, message: … }`", node);
        return None;
    };
    let fields = reader.fields(map, node.span, &ERROR_CODE);
    let status = reader
        .plain(fields.get("status"))
        .and_then(|status| reader.status(&status));
    let message = reader.plain(fields.get("message"));
    reader.is_name(&code).then_some(ErrorDecl {
        docs,
        code,
        status: status?,
        message: message?,
    })
}
