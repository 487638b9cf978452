//! Connections with their operations, and issuers.

use super::{DeclForm, Head};
use crate::ast::{
    Connection, ConnectionAuth, Decl, Expr, Issuer, Label, Name, Operation, Setting, Spanned,
};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::yaml::node::{Entry, Kind, Map, Node, entries};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};
use crate::yaml::types::TYPE;

const SETTING: Shape = Shape::Text("a text, or a setting: ${ config.name }");
const TIME: Shape = Shape::Text("a time: 200ms");
const FLAG: Shape = Shape::Text("`true`");
const SETTINGS: Shape = Shape::Map("a mapping of settings");

pub(super) static CONNECTION: DeclForm = DeclForm::new(
    Construct {
        what: "a connection",
        fields: &[
            required("connection", Shape::Text("the name of the connection")),
            optional("base", SETTING),
            optional(
                "auth",
                Shape::TextOrMap(
                    "`none`, or a mapping with `basic`, `bearer`, `header`, `oauth2` or `jwt_bearer`",
                ),
            ),
            optional("signature", SETTINGS),
            optional("tls", SETTINGS),
            optional("timeout", TIME),
            optional("retry", Shape::Text("attempts: 1 backoff 20ms..100ms")),
            optional("breaker", Shape::Text("a rule: 5 failures in 10s, open 5s")),
            optional("concurrency", Shape::Text("a whole number")),
            optional("internal", FLAG),
            optional(
                "receives",
                Shape::TextOrList("a list of `secret` and `pii`"),
            ),
            optional("operations", Shape::Map("a mapping of names to operations")),
        ],
    },
    read_connection,
);

static OPERATION: Construct = Construct {
    what: "an operation",
    fields: &[
        required(
            "request",
            Shape::Text("a method and a path: GET /customers/{id}"),
        ),
        optional("params", Shape::Map("a mapping of parameters to types")),
        optional("timeout", TIME),
        optional("idempotent", FLAG),
        optional("responses", Shape::Map("a mapping of statuses to types")),
    ],
};

pub(super) static ISSUER: DeclForm = DeclForm::new(
    Construct {
        what: "an issuer",
        fields: &[
            required("issuer", Shape::Text("the name of the issuer")),
            optional("discovery", SETTING),
            optional("jwks", SETTING),
            optional("introspection", SETTINGS),
            // The text form's `issuer`; that key is taken by the declaration.
            optional(
                "iss",
                Shape::TextOrList("a text, a setting, or a list of them: ${ config.name }"),
            ),
            optional("audience", SETTING),
            optional("algorithms", Shape::TextOrList("a list of algorithms")),
            optional("claims", TYPE),
            optional("leeway", TIME),
            optional("internal", FLAG),
        ],
    },
    read_issuer,
);

static AUTH: Construct = Construct {
    what: "`auth`",
    fields: &[
        optional("basic", SETTINGS),
        optional("bearer", SETTING),
        optional("header", Shape::Text("the name of a header")),
        optional("value", SETTING),
        optional("oauth2", SETTINGS),
        optional("jwt_bearer", SETTINGS),
    ],
};

static SIGNATURE: Construct = Construct {
    what: "`signature`",
    fields: &[required("hmac_sha256", SETTING)],
};

fn read_connection(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    let connection = Connection {
        docs: head.docs,
        span: head.span,
        base: fields.get("base").map(|base| reader.value(base)),
        auth: reader.connection_auth(fields.get("auth")),
        signature: reader.signature(fields.get("signature")),
        tls: reader.settings_at(fields.get("tls")),
        timeout: reader.time(fields.get("timeout")),
        retry: reader.retry(fields.get("retry")),
        breaker: reader.breaker(fields.get("breaker")),
        concurrency: reader.number(fields.get("concurrency")),
        internal: reader.flag(fields.get("internal")),
        receives: reader.labels(fields.get("receives")),
        operations: reader.operations(fields.get("operations")),
        name: reader.name(fields.get("connection"))?,
    };
    Some(Decl::Connection(Box::new(connection)))
}

fn read_issuer(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    let issuer = Issuer {
        docs: head.docs,
        span: head.span,
        discovery: fields.get("discovery").map(|value| reader.value(value)),
        jwks: fields.get("jwks").map(|value| reader.value(value)),
        introspection: reader.settings_at(fields.get("introspection")),
        issuer: reader.values(fields.get("iss")),
        audience: fields.get("audience").map(|value| reader.value(value)),
        algorithms: reader.texts(fields.get("algorithms")),
        claims: fields.get("claims").map(|claims| reader.type_of(claims)),
        leeway: reader.time(fields.get("leeway")),
        internal: reader.flag(fields.get("internal")),
        name: reader.name(fields.get("issuer"))?,
    };
    Some(Decl::Issuer(Box::new(issuer)))
}

impl Reader<'_> {
    fn operations(&mut self, node: Option<&Node<'_>>) -> Vec<Operation> {
        entries(node)
            .iter()
            .filter_map(|entry| self.operation(entry))
            .collect()
    }

    fn operation(&mut self, entry: &Entry<'_>) -> Option<Operation> {
        let docs = self.docs(entry);
        let name = self.whole_key(entry);
        let Kind::Map(map) = &entry.value.kind else {
            self.expected("an operation: a mapping with `request`", &entry.value);
            return None;
        };
        let fields = self.fields(map, entry.value.span, &OPERATION);
        let request = self.route(fields.get("request"));
        let params = self.params_of(fields.get("params"));
        let timeout = self.time(fields.get("timeout"));
        let idempotent = self.flag(fields.get("idempotent"));
        let responses = match fields.get("responses") {
            Some(Node {
                kind: Kind::Map(map),
                ..
            }) => self.answers(map),
            _ => Vec::new(),
        };
        let request = request?;
        let (method, path) = (self.one_method(request.methods)?, request.path);
        let ok = self.is_name(&name);
        ok.then(|| Operation {
            docs,
            name,
            params,
            method,
            path,
            timeout,
            idempotent,
            responses,
            span: entry.span(),
        })
    }

    fn one_method(&mut self, methods: Vec<Name>) -> Option<Name> {
        let mut methods = methods.into_iter();
        let method = methods.next();
        if let Some(second) = methods.next() {
            let finding =
                Diagnostic::new(Code::UNEXPECTED, second.span, "an operation has one method");
            self.report(finding.help("declare an operation for each method"));
        }
        method
    }

    fn params_of(&mut self, node: Option<&Node<'_>>) -> Vec<crate::ast::ParamDecl> {
        match node {
            Some(Node {
                kind: Kind::Map(map),
                ..
            }) => self.placed_params(map),
            _ => Vec::new(),
        }
    }

    fn connection_auth(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<ConnectionAuth>> {
        let node = node?;
        let auth = match &node.kind {
            Kind::Map(map) => self.connection_auth_of(map, node)?,
            Kind::Null | Kind::Scalar(_) | Kind::List(_) | Kind::Poison => {
                self.choice(Some(node), &[("none", ())])?;
                ConnectionAuth::None
            }
        };
        Some(Spanned {
            node: auth,
            span: node.span,
        })
    }

    fn connection_auth_of(&mut self, map: &Map<'_>, node: &Node<'_>) -> Option<ConnectionAuth> {
        let fields = self.fields(map, node.span, &AUTH);
        let ways: Vec<&Entry<'_>> = ["basic", "bearer", "header", "oauth2", "jwt_bearer"]
            .iter()
            .filter_map(|way| fields.entry(way))
            .collect();
        let [way] = ways.as_slice() else {
            if fields.complete && !map.broken {
                let finding = Diagnostic::new(
                    Code::UNEXPECTED,
                    node.span,
                    "`auth` needs one way to authenticate",
                );
                self.report(finding.help(
                    "write one of `basic`, `bearer`, `header` with `value`, `oauth2`, `jwt_bearer`",
                ));
            }
            return None;
        };
        Some(match way.key.text() {
            "basic" => ConnectionAuth::Basic(self.setting_list(&way.value)),
            "bearer" => ConnectionAuth::Bearer(self.value(&way.value)),
            "oauth2" => ConnectionAuth::ClientCredentials(self.setting_list(&way.value)),
            "jwt_bearer" => ConnectionAuth::JwtBearer(self.setting_list(&way.value)),
            _ => self.header_auth(way, &fields)?,
        })
    }

    fn header_auth(&mut self, way: &Entry<'_>, fields: &Fields<'_, '_>) -> Option<ConnectionAuth> {
        let name = self.plain(Some(&way.value));
        let Some(value) = fields.get("value") else {
            let finding = Diagnostic::new(
                Code::MISSING_PART,
                way.key.span,
                "`header` needs the key `value`",
            );
            self.report(finding.help("add `value:` with what the header says"));
            return None;
        };
        let value = self.value(value);
        Some(ConnectionAuth::Header(name?, value))
    }

    fn signature(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<Expr>> {
        let node = node?;
        let Kind::Map(map) = &node.kind else {
            return None;
        };
        let fields = self.fields(map, node.span, &SIGNATURE);
        Some(Spanned {
            node: self.value(fields.get("hmac_sha256")?),
            span: node.span,
        })
    }

    fn settings_at(&mut self, node: Option<&Node<'_>>) -> Option<Spanned<Vec<Setting>>> {
        let node = node?;
        Some(Spanned {
            node: self.setting_list(node),
            span: node.span,
        })
    }

    fn setting_list(&mut self, node: &Node<'_>) -> Vec<Setting> {
        let Kind::Map(map) = &node.kind else {
            return Vec::new();
        };
        map.entries
            .iter()
            .map(|entry| Setting {
                key: self.whole_key(entry),
                value: self.value(&entry.value),
            })
            .collect()
    }

    /// One text, or several in a list.
    fn texts(&mut self, node: Option<&Node<'_>>) -> Vec<Name> {
        match node {
            Some(Node {
                kind: Kind::List(items),
                ..
            }) => items
                .iter()
                .filter_map(|item| self.plain(Some(item)))
                .collect(),
            one => self.plain(one).into_iter().collect(),
        }
    }

    fn labels(&mut self, node: Option<&Node<'_>>) -> Vec<Spanned<Label>> {
        const LABELS: [(&str, Label); 2] = [("secret", Label::Secret), ("pii", Label::Pii)];
        match node {
            Some(Node {
                kind: Kind::List(items),
                ..
            }) => items
                .iter()
                .filter_map(|item| self.choice(Some(item), &LABELS))
                .collect(),
            one => self.choice(one, &LABELS).into_iter().collect(),
        }
    }
}
