//! Journeys and sub-journeys.

use super::{DeclForm, FIELDS, Head};
use crate::ast::{
    Auth, BodyContent, BodyDecl, BodyKind, Decl, Endpoint, Expr, Input, Journey, JourneyKind, Name,
    Place, Spanned,
};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::yaml::node::{Entry, Kind, Map, Node};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};
use crate::yaml::step::ON;

pub(super) static JOURNEY: DeclForm = DeclForm::new(
    Construct {
        what: "a journey",
        fields: &[
            required("journey", Shape::Text("the name of the journey")),
            optional(
                "endpoint",
                Shape::Text("methods and a path: GET, POST /orders/{id}"),
            ),
            optional(
                "auth",
                Shape::TextOrMap("`client_token`, `basic` or `{ none: reason }`"),
            ),
            optional("deadline", Shape::Text("a time: 800ms")),
            optional("errors", Shape::Text("the name of an `errors` declaration")),
            optional(
                "redirects",
                Shape::TextOrList("an origin or a list of them: ${ config.app_url }"),
            ),
            optional("limits", Shape::List("a list of `{ limit: NAME, by: … }`")),
            optional(
                "input",
                Shape::Map("a mapping with `path`, `query`, `header`, `cookie` and `body`"),
            ),
            optional("answers", Shape::Map("a mapping of statuses to types")),
            required("steps", Shape::Steps),
            optional("on", ON),
        ],
    },
    read_journey,
);

pub(super) static SUB: DeclForm = DeclForm::new(
    Construct {
        what: "a sub-journey",
        fields: &[
            required("sub", Shape::Text("the name of the sub-journey")),
            optional("params", FIELDS),
            optional("outcomes", Shape::Map("a mapping of names to types")),
            required("steps", Shape::Steps),
            optional("on", ON),
        ],
    },
    read_sub,
);

/// `input`: beside these keys, `query verbose?` (a place and a name) is one parameter, and `body as NAME` the whole body.
static INPUT: Construct = Construct {
    what: "`input`",
    fields: &[
        optional("path", FIELDS),
        optional("query", FIELDS),
        optional("header", FIELDS),
        optional("cookie", FIELDS),
        optional("body", FIELDS),
        optional("form", FIELDS),
        optional("multipart", FIELDS),
    ],
};

static AUTH_NONE: Construct = Construct {
    what: "`auth`",
    fields: &[required("none", Shape::Text("the reason"))],
};

const PLACES: [(&str, Place); 4] = [
    ("path", Place::Path),
    ("query", Place::Query),
    ("header", Place::Header),
    ("cookie", Place::Cookie),
];
const BODIES: [(&str, BodyKind); 3] = [
    ("body", BodyKind::Json),
    ("form", BodyKind::Form),
    ("multipart", BodyKind::Multipart),
];

fn read_journey(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    let name = reader.name(fields.get("journey"));
    let endpoint = Endpoint {
        route: reader.route(fields.get("endpoint")),
        auth: reader.auth(fields.get("auth")),
        deadline: reader.time(fields.get("deadline")),
        errors: reader.name(fields.get("errors")),
        redirects: reader.values(fields.get("redirects")),
        limits: reader.limit_uses(fields.get("limits")),
        input: reader.input(fields.get("input")),
        answers: mapping(fields.get("answers"))
            .map(|map| reader.answers(map))
            .unwrap_or_default(),
    };
    journey(reader, head, name, JourneyKind::Endpoint(endpoint), fields)
}

fn read_sub(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    let name = reader.name(fields.get("sub"));
    let params = mapping(fields.get("params"))
        .map(|map| reader.closed_fields(map))
        .unwrap_or_default();
    let outcomes = mapping(fields.get("outcomes"))
        .map(|map| reader.outcomes(map))
        .unwrap_or_default();
    journey(
        reader,
        head,
        name,
        JourneyKind::Sub { params, outcomes },
        fields,
    )
}

pub(super) fn journey(
    reader: &mut Reader<'_>,
    head: Head,
    name: Option<Name>,
    kind: JourneyKind,
    fields: &Fields<'_, '_>,
) -> Option<Decl> {
    let body = reader.block(fields.get("steps"));
    let on_failure = reader.on_failure(fields.get("on"), "a journey");
    Some(Decl::Journey(Box::new(Journey {
        docs: head.docs,
        name: name?,
        span: head.span,
        kind,
        body,
        on_failure,
    })))
}

pub(super) fn mapping<'n, 's>(node: Option<&'n Node<'s>>) -> Option<&'n Map<'s>> {
    match &node?.kind {
        Kind::Map(map) => Some(map),
        Kind::Null | Kind::Scalar(_) | Kind::List(_) | Kind::Poison => None,
    }
}

impl Reader<'_> {
    /// `client_token`, `client_token with ISSUER`, `basic`, `{ none: reason }`
    fn auth(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<Auth>> {
        let node = node?;
        let auth = match &node.kind {
            Kind::Map(map) => {
                let fields = self.fields(map, node.span, &AUTH_NONE);
                Auth::None(self.plain(fields.get("none"))?)
            }
            Kind::Null | Kind::Scalar(_) | Kind::List(_) | Kind::Poison => self.auth_words(node)?,
        };
        Some(Spanned {
            node: auth,
            span: node.span,
        })
    }

    fn auth_words(&mut self, node: &Node<'_>) -> Option<Auth> {
        let words = self.words("`client_token`, `basic` or `{ none: reason }`", node)?;
        let texts: Vec<&str> = words.iter().map(|word| word.node.as_str()).collect();
        match texts.as_slice() {
            ["client_token"] => return Some(Auth::ClientToken(None)),
            ["client_token", "with", _] => {
                let issuer = words.into_iter().next_back()?;
                return self
                    .is_name(&issuer)
                    .then_some(Auth::ClientToken(Some(issuer)));
            }
            ["basic"] => return Some(Auth::Basic),
            _ => {}
        }
        let finding = Diagnostic::new(
            Code::UNEXPECTED,
            node.span,
            "this is no way to authenticate a caller",
        );
        self.report(finding.help(
            "write `client_token`, `client_token with ISSUER`, `basic` or `{ none: \"reason\" }`",
        ));
        None
    }

    /// One value, or several in a list.
    pub(super) fn values(&mut self, node: Option<&Node<'_>>) -> Vec<Expr> {
        match node {
            Some(Node {
                kind: Kind::List(items),
                ..
            }) => items.iter().map(|item| self.value(item)).collect(),
            one => one.map(|node| self.value(node)).into_iter().collect(),
        }
    }

    fn input(&mut self, node: Option<&Node<'_>>) -> Option<Input> {
        let node = node?;
        let Kind::Map(map) = &node.kind else {
            return None;
        };
        let mut input = Input {
            span: node.span,
            params: Vec::new(),
            body: None,
        };
        for entry in &map.entries {
            self.input_entry(entry, &mut input);
        }
        Some(input)
    }

    fn input_entry(&mut self, entry: &Entry<'_>, input: &mut Input) {
        if let Some((place, at)) = self.place(entry, &PLACES) {
            input.params.extend(self.param(Some(&place), entry, at));
        } else if let Some(body) = self.whole_body(entry) {
            self.set_body(entry, body, input);
        } else {
            self.input_group(entry, input);
        }
    }

    /// `query: { … }`, `body: { … }`
    fn input_group(&mut self, entry: &Entry<'_>, input: &mut Input) {
        let Some(field) = self
            .known(entry, &INPUT)
            .filter(|field| self.fits(field.shape, &entry.value))
        else {
            return;
        };
        let Kind::Map(map) = &entry.value.kind else {
            return;
        };
        let span = entry.key.span;
        if let Some((_, place)) = PLACES.iter().find(|(name, _)| *name == field.name) {
            input
                .params
                .extend(self.params(Some(&Spanned { node: *place, span }), map));
        } else if let Some((_, kind)) = BODIES.iter().find(|(name, _)| *name == field.name) {
            let (fields, open) = self.field_list(map);
            let kind = Spanned { node: *kind, span };
            self.set_body(
                entry,
                BodyDecl {
                    kind,
                    content: BodyContent::Fields { fields, open },
                },
                input,
            );
        }
    }

    /// `body as NAME: T`
    fn whole_body(&mut self, entry: &Entry<'_>) -> Option<BodyDecl> {
        let at = "body as ".len();
        entry.key.text().strip_prefix("body as ")?;
        let span = self
            .map(&entry.key.scalar, entry.key.span)
            .span(0, "body".len());
        let param = self.param(None, entry, at)?;
        Some(BodyDecl {
            kind: Spanned {
                node: BodyKind::Json,
                span,
            },
            content: BodyContent::Whole(param.field),
        })
    }

    fn set_body(&mut self, entry: &Entry<'_>, body: BodyDecl, input: &mut Input) {
        let Some(first) = &input.body else {
            input.body = Some(body);
            return;
        };
        let message = format!("`{}` is a second body", entry.key.text());
        let finding = Diagnostic::new(Code::REPEATED_ITEM, entry.key.span, message)
            .label(first.kind.span, "the body");
        self.report(finding.help("a request has one body"));
    }
}
