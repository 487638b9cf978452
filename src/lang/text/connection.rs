//! Connections with their operations, and issuers.

use super::grammar::Rule;
use super::phrase;
use super::reader::{Node, Parts, Reader, Seen};
use super::wrong;
use crate::ast::{
    Connection, ConnectionAuth, Expr, Issuer, Label, Name, Operation, Route, Setting, Spanned,
};
use crate::diagnostic::{Code, Diagnostic};
use journey_machine::span::Span;

const AUTH: &str = "write `none`, `basic { username: …, password: … }`, `bearer E`, `header \"X-Api-Key\" E`, \
                    `oauth2 client_credentials { … }` or `oauth2 jwt_bearer { … }`";

const ITEM: wrong::Context = wrong::items(
    "an item of a connection",
    &[
        "base",
        "auth",
        "signature",
        "tls",
        "timeout",
        "retry",
        "breaker",
        "concurrency",
        "internal",
        "receives",
        "operation",
    ],
);

impl Reader<'_> {
    pub(super) fn connection(
        &mut self,
        mut parts: Parts<'_>,
        docs: String,
        span: Span,
    ) -> Option<Connection> {
        let name = self.name(&mut parts, "a name after `connection`");
        self.noise(&mut parts);
        let body = self.need(&mut parts, Rule::connection_body, "`{` and the connection");
        let mut connection = Connection {
            docs,
            name: name?,
            span,
            base: None,
            auth: None,
            signature: None,
            tls: None,
            timeout: None,
            retry: None,
            breaker: None,
            concurrency: None,
            internal: None,
            receives: Vec::new(),
            operations: Vec::new(),
        };
        let mut seen = Seen::default();
        for item in body.into_iter().flat_map(Node::into_inner) {
            self.connection_item(&item, &mut connection, &mut seen);
        }
        Some(connection)
    }

    fn connection_item(&mut self, node: &Node<'_>, connection: &mut Connection, seen: &mut Seen) {
        let mut parts = Parts::of(node.clone());
        let span = self.span(node);
        if node.as_rule() == Rule::wrong {
            return self.wrong_item(node, &ITEM);
        }
        parts.next();
        match node.as_rule() {
            Rule::base => {
                let base = Some(self.operand(&mut parts, "the base of the URLs: `config.crm_url`"));
                self.once(&mut connection.base, base, seen, node);
            }
            Rule::connection_auth => {
                let auth = self
                    .connection_auth(&mut parts)
                    .map(|node| Spanned { node, span });
                self.once(&mut connection.auth, auth, seen, node);
            }
            Rule::timeout => {
                let timeout = self.time(&mut parts, "a time after `timeout`: `200ms`");
                self.once(&mut connection.timeout, timeout, seen, node);
            }
            Rule::retry => {
                let retry = self.phrase_part(
                    &mut parts,
                    Rule::retry_phrase,
                    "attempts: `1 backoff 20ms..100ms`",
                    phrase::RETRY,
                );
                let retry = retry.and_then(|node| self.phrase().retry(node));
                self.once(&mut connection.retry, retry, seen, node);
            }
            Rule::breaker => {
                let breaker = self.phrase_part(
                    &mut parts,
                    Rule::breaker_phrase,
                    "`5 failures in 10s, open 5s`",
                    phrase::BREAKER,
                );
                let breaker = breaker.and_then(|node| self.phrase().breaker(node));
                self.once(&mut connection.breaker, breaker, seen, node);
            }
            Rule::concurrency => {
                let number = self.number(&mut parts, "how many calls run at once");
                self.once(&mut connection.concurrency, number, seen, node);
            }
            Rule::signature => {
                let keys = self.signature(&mut parts);
                let keys = keys.map(|node| Spanned { node, span });
                self.once(&mut connection.signature, keys, seen, node);
            }
            Rule::tls => {
                let settings = self.spanned_settings(&mut parts, node);
                self.once(&mut connection.tls, settings, seen, node);
            }
            Rule::internal => self.once(&mut connection.internal, Some(span), seen, node),
            Rule::receives => connection.receives.extend(self.labels(&mut parts)),
            _ => connection.operations.extend(self.operation(parts, node)),
        }
    }

    /// The operand of an item, on its line.
    fn operand(&mut self, parts: &mut Parts<'_>, what: &str) -> Expr {
        self.noise(parts);
        self.expression(parts, what)
    }

    /// A phrase, or the rest of the line, which is not that.
    fn phrase_part<'t>(
        &mut self,
        parts: &mut Parts<'t>,
        rule: Rule,
        what: &str,
        help: &str,
    ) -> Option<Node<'t>> {
        self.noise(parts);
        match parts.any(&[rule, Rule::rest]) {
            Some(node) if node.as_rule() == rule => Some(node),
            Some(node) => self.wrong_phrase(&node, help),
            None => {
                self.missing(parts, what);
                None
            }
        }
    }

    fn connection_auth(&mut self, parts: &mut Parts<'_>) -> Option<ConnectionAuth> {
        self.noise(parts);
        let node = match parts.next() {
            Some(node) if node.as_rule() == Rule::rest => return self.wrong_phrase(&node, AUTH),
            Some(node) => node,
            None => {
                self.missing(parts, "how calls are authorised");
                return None;
            }
        };
        let rule = node.as_rule();
        let mut inner = Parts::of(node);
        inner.next();
        match rule {
            Rule::no_credentials => Some(ConnectionAuth::None),
            Rule::bearer => Some(ConnectionAuth::Bearer(
                self.expression(&mut inner, "the token: `secret.key`"),
            )),
            Rule::header => {
                let name = self.need(&mut inner, Rule::text, "the name of the header in quotes")?;
                let name = self.text_of(&name)?;
                Some(ConnectionAuth::Header(
                    name,
                    self.expression(&mut inner, "its value: `secret.key`"),
                ))
            }
            Rule::basic_credentials => self.settings(&mut inner).map(ConnectionAuth::Basic),
            Rule::jwt_bearer => {
                inner.take(Rule::jwt_bearer_);
                self.settings(&mut inner).map(ConnectionAuth::JwtBearer)
            }
            _ => {
                inner.take(Rule::client_credentials_);
                self.settings(&mut inner)
                    .map(ConnectionAuth::ClientCredentials)
            }
        }
    }

    fn signature(&mut self, parts: &mut Parts<'_>) -> Option<Expr> {
        let node = self.phrase_part(
            parts,
            Rule::hmac_sha256,
            "how requests are signed: `hmac_sha256 secret.webhook_keys`",
            "write `signature hmac_sha256 secret.webhook_keys`",
        )?;
        let mut inner = Parts::of(node);
        inner.next();
        Some(self.expression(&mut inner, "its keys: `secret.webhook_keys`"))
    }

    /// Settings of an item that is nothing else.
    fn spanned_settings(
        &mut self,
        parts: &mut Parts<'_>,
        node: &Node<'_>,
    ) -> Option<Spanned<Vec<Setting>>> {
        self.noise(parts);
        let span = self.span(node);
        self.settings(parts).map(|node| Spanned { node, span })
    }

    /// `{ key: value, … }`
    fn settings(&mut self, parts: &mut Parts<'_>) -> Option<Vec<Setting>> {
        let braces = self.need(parts, Rule::braces, "`{` and settings on the same line")?;
        let entries = self.entries(&braces, "settings have no spreads and no optional names");
        Some(
            entries
                .into_iter()
                .map(|(key, value)| Setting { key, value })
                .collect(),
        )
    }

    fn labels(&mut self, parts: &mut Parts<'_>) -> Vec<Spanned<Label>> {
        let names = self.words(parts, "`secret`, `pii`, or both");
        names
            .into_iter()
            .filter_map(|name| self.label(&name))
            .collect()
    }

    fn label(&mut self, name: &Name) -> Option<Spanned<Label>> {
        let node = match name.node.as_str() {
            "secret" => Label::Secret,
            "pii" => Label::Pii,
            _ => {
                let message = format!("`{}` is not a label", name.node);
                self.report(
                    Diagnostic::new(Code::WRONG_ITEM, name.span, message)
                        .help("labels are `secret` and `pii`"),
                );
                return None;
            }
        };
        Some(Spanned {
            node,
            span: name.span,
        })
    }

    /// Names behind commas.
    pub(super) fn words(&mut self, parts: &mut Parts<'_>, what: &str) -> Vec<Name> {
        self.noise(parts);
        let words = self.need(parts, Rule::words, what);
        words
            .into_iter()
            .flat_map(Node::into_inner)
            .map(|name| self.name_of(&name))
            .collect()
    }

    fn operation(&mut self, mut parts: Parts<'_>, node: &Node<'_>) -> Option<Operation> {
        let (docs, span) = (self.docs(node), self.span(node));
        let name = self.name(&mut parts, "a name after `operation`");
        let params = self.need(
            &mut parts,
            Rule::operation_params,
            "`(` and parameters, or `()`",
        );
        let params = params.map(|list| {
            list.into_inner()
                .filter_map(|item| self.param(&item, false))
                .collect()
        });
        let route = self.request(&mut parts);
        self.noise(&mut parts);
        let body = self.need(&mut parts, Rule::operation_body, "`{` and responses");
        let mut operation = Operation {
            docs,
            name: name?,
            params: params.unwrap_or_default(),
            method: Name {
                node: "GET".to_owned(),
                span,
            },
            path: Name {
                node: String::new(),
                span,
            },
            timeout: None,
            idempotent: None,
            responses: Vec::new(),
            span,
        };
        self.operation_body(body, &mut operation);
        let route = route?;
        operation.method = self.one_method(route.methods)?;
        Some(Operation {
            path: route.path,
            ..operation
        })
    }

    fn request(&mut self, parts: &mut Parts<'_>) -> Option<Route> {
        if let Some(bad) = parts.take(Rule::bad_route) {
            return self.wrong_phrase(&bad, "the path stands in quotes: `GET \"/customers/{id}\"`");
        }
        let route = self.need(parts, Rule::route, "the request: `GET \"/customers/{id}\"`")?;
        self.phrase().route(route)
    }

    fn one_method(&mut self, methods: Vec<Name>) -> Option<Name> {
        let mut methods = methods.into_iter();
        let first = methods.next();
        if let Some(second) = methods.next() {
            let diagnostic =
                Diagnostic::new(Code::UNEXPECTED, second.span, "an operation has one method");
            self.report(diagnostic.help("declare an operation for each"));
        }
        first
    }

    fn operation_body(&mut self, body: Option<Node<'_>>, operation: &mut Operation) {
        const ITEM: wrong::Context = wrong::items(
            "a status with its type, `timeout` or `idempotent`",
            &["timeout", "idempotent"],
        );
        let mut seen = Seen::default();
        for item in body.into_iter().flat_map(Node::into_inner) {
            match item.as_rule() {
                Rule::timeout => {
                    let mut parts = Parts::of(item.clone());
                    parts.next();
                    let timeout = self.time(&mut parts, "a time after `timeout`: `200ms`");
                    self.once(&mut operation.timeout, timeout, &mut seen, &item);
                }
                Rule::idempotent => {
                    let span = self.span(&item);
                    self.once(&mut operation.idempotent, Some(span), &mut seen, &item);
                }
                Rule::answer => operation.responses.extend(self.answer(item)),
                _ => self.wrong_item(&item, &ITEM),
            }
        }
    }

    pub(super) fn issuer(
        &mut self,
        mut parts: Parts<'_>,
        docs: String,
        span: Span,
    ) -> Option<Issuer> {
        let name = self.name(&mut parts, "a name after `issuer`");
        self.noise(&mut parts);
        let body = self.need(&mut parts, Rule::issuer_body, "`{` and the issuer");
        let mut issuer = Issuer {
            docs,
            name: name?,
            span,
            discovery: None,
            jwks: None,
            introspection: None,
            issuer: Vec::new(),
            audience: None,
            algorithms: Vec::new(),
            claims: None,
            leeway: None,
            internal: None,
        };
        let mut seen = Seen::default();
        for item in body.into_iter().flat_map(Node::into_inner) {
            self.issuer_item(&item, &mut issuer, &mut seen);
        }
        Some(issuer)
    }

    fn issuer_item(&mut self, node: &Node<'_>, issuer: &mut Issuer, seen: &mut Seen) {
        const ITEM: wrong::Context = wrong::items(
            "an item of an issuer",
            &[
                "discovery",
                "jwks",
                "introspection",
                "issuer",
                "audience",
                "algorithms",
                "claims",
                "leeway",
                "internal",
            ],
        );
        if node.as_rule() == Rule::wrong {
            return self.wrong_item(node, &ITEM);
        }
        let mut parts = Parts::of(node.clone());
        parts.next();
        let slot = match node.as_rule() {
            Rule::discovery => &mut issuer.discovery,
            Rule::jwks => &mut issuer.jwks,
            Rule::introspection => {
                let settings = self.spanned_settings(&mut parts, node);
                return self.once(&mut issuer.introspection, settings, seen, node);
            }
            Rule::required_issuer => {
                self.noise(&mut parts);
                let read = self.expressions(&mut parts, "a text, or a setting: `config.name`");
                let mut names = None;
                self.once(&mut names, Some(read), seen, node);
                return issuer.issuer.extend(names.unwrap_or_default());
            }
            Rule::audience => &mut issuer.audience,
            Rule::algorithms => {
                issuer
                    .algorithms
                    .extend(self.words(&mut parts, "algorithms: `RS256, ES256`"));
                return;
            }
            Rule::claims => {
                self.noise(&mut parts);
                let ty = self.need(&mut parts, Rule::type_text, "`{` and claims");
                let ty = ty.map(|ty| self.type_of(&ty));
                return self.once(&mut issuer.claims, ty, seen, node);
            }
            Rule::leeway => {
                let leeway = self.time(&mut parts, "a time after `leeway`: `30s`");
                return self.once(&mut issuer.leeway, leeway, seen, node);
            }
            _ => {
                let span = self.span(node);
                return self.once(&mut issuer.internal, Some(span), seen, node);
            }
        };
        let value = Some(self.operand(&mut parts, "a text, or a setting: `config.name`"));
        self.once(slot, value, seen, node);
    }
}
