//! What the server must know beside the code: routes, inputs, connections, issuers, errors, settings.

use super::Project;
use super::constant;
use crate::ast::{self, ConnectionAuth, FieldDecl};
use crate::names::head::{
    self, DEFAULT_BACKOFF, DEFAULT_CONCURRENCY, DEFAULT_LEEWAY, DEFAULT_TIMEOUT,
};
use crate::names::{self, body_kind, path, setting};
use journey_machine::manifest::{
    AnswerType, Auth, BodyKind, Breaker, Connection, ConnectionAuth as CallAuth, ConnectionId,
    ErrorCode, ErrorStyle, Input, Issuer, Journey, KeySource, Manifest, Operation, Param, Place,
    Retry, Segment, Setting, Text, Tls,
};
use journey_machine::program::FuncId;
use journey_machine::value::{Shape, Str};
use std::sync::Arc;

impl<'a> Project<'a> {
    /// `shapes`: the function that renders the errors of each style, in the order of the styles.
    pub(super) fn manifest(&mut self, shapes: &[Option<FuncId>]) -> Manifest {
        let names = &self.checked.names;
        Manifest {
            journeys: names
                .journeys
                .values()
                .filter_map(|j| self.endpoint(j))
                .collect(),
            connections: names.connections.values().map(|c| connection(c)).collect(),
            operations: self.operations(),
            issuers: names
                .issuers
                .values()
                .map(|i| self.issuer_entry(i))
                .collect(),
            errors: names
                .errors
                .iter()
                .zip(shapes)
                .map(|((name, declared), shape)| style(name, declared, *shape))
                .collect(),
            settings: self.settings(),
            stores: self.stores(),
            tasks: self.tasks(),
            signals: self.signals(),
            limits: self.limits(),
        }
    }

    fn endpoint(&mut self, journey: &'a ast::Journey) -> Option<Journey> {
        let head = head::of_journey(journey)?;
        let ast::JourneyKind::Endpoint(endpoint) = &journey.kind else {
            return None;
        };
        let params: Vec<Param> = head.inputs.iter().map(|p| self.param(p)).collect();
        let style = head.errors.unwrap_or_default();
        Some(Journey {
            name: (&journey.name.node).into(),
            docs: (&journey.docs).into(),
            function: self.entry(&journey.name.node)?,
            methods: head.methods.iter().map(|m| Str::from(*m)).collect(),
            path: segments(&head.path, &params),
            auth: self.auth(head.auth),
            deadline: head.deadline,
            redirects: endpoint.redirects.iter().map(text).collect(),
            limits: self.limit_uses(journey, &endpoint.limits),
            input: Input {
                shape: Arc::new(Shape::new(params.iter().map(|p| p.name.clone()))),
                params,
                body: head.body.map_or(BodyKind::None, kind),
                open: head.open,
            },
            answers: endpoint
                .answers
                .iter()
                .map(|a| self.answer_type(a))
                .collect(),
            errors: self
                .checked
                .names
                .errors
                .keys()
                .position(|k| *k == style)
                .and_then(|p| u16::try_from(p).ok()),
        })
    }

    fn auth(&self, auth: &ast::Auth) -> Auth {
        match auth {
            ast::Auth::ClientToken(issuer) => Auth::ClientToken {
                issuer: issuer.as_ref().and_then(|name| self.issuer(&name.node)),
            },
            ast::Auth::Basic => Auth::Basic,
            ast::Auth::None(reason) => Auth::None {
                reason: (&reason.node).into(),
            },
        }
    }

    fn param(&mut self, param: &head::Param<'a>) -> Param {
        Param {
            name: (&param.field.name.node).into(),
            wire: wire(param),
            place: place(param.place),
            schema: self.schema(&param.field.ty),
            optional: param.field.optional,
            default: param
                .field
                .default
                .as_ref()
                .and_then(|d| constant::fold(&self.checked.types, d)),
        }
    }

    fn answer_type(&mut self, answer: &'a ast::AnswerDecl) -> AnswerType {
        AnswerType {
            status: answer.status.node,
            schema: answer.ty.as_ref().map(|ty| self.schema(ty)),
            docs: (&answer.docs).into(),
        }
    }

    fn operations(&mut self) -> Vec<Operation> {
        let connections = self.checked.names.connections.values().zip(0..);
        let operations = connections
            .flat_map(|(c, id)| c.operations.iter().map(move |o| (c, ConnectionId(id), o)));
        operations
            .map(|(c, id, operation)| self.operation_entry(c, id, operation))
            .collect()
    }

    fn operation_entry(
        &mut self,
        connection: &'a ast::Connection,
        id: ConnectionId,
        operation: &'a ast::Operation,
    ) -> Operation {
        let heads = head::operation_params(operation);
        let params: Vec<Param> = heads.iter().map(|p| self.param(p)).collect();
        let success = head::success(operation).map(|r| r.status.node);
        let mut responses: Vec<AnswerType> = operation
            .responses
            .iter()
            .map(|r| self.answer_type(r))
            .collect();
        responses.sort_by_key(|r| Some(r.status) != success);
        Operation {
            name: format!("{}.{}", connection.name.node, operation.name.node).into(),
            connection: id,
            method: (&operation.method.node).into(),
            path: segments(
                &path::parse(&operation.path.node).unwrap_or_default(),
                &params,
            ),
            params,
            body: self.operation_body(&heads),
            idempotent: head::idempotent(operation),
            timeout: operation.timeout.as_ref().map(|t| t.node),
            responses,
        }
    }

    /// A whole body that is an upload is sent as its bytes.
    fn operation_body(&self, heads: &[head::Param<'_>]) -> BodyKind {
        let is_upload = |param: &head::Param<'_>| {
            param.place == ast::Place::Body
                && names::is_upload(&self.checked.names, &param.field.ty)
        };
        if heads.iter().any(is_upload) {
            return BodyKind::Upload;
        }
        body_kind(heads).map_or(BodyKind::None, kind)
    }

    fn issuer_entry(&mut self, issuer: &'a ast::Issuer) -> Issuer {
        let claims = self
            .checked
            .types
            .claims
            .get(&issuer.name.node)
            .cloned()
            .unwrap_or_default();
        let keys = match (&issuer.discovery, &issuer.introspection) {
            (Some(discovery), _) => KeySource::Discovery(text(discovery)),
            (None, Some(asked)) => KeySource::Introspection {
                url: setting_text(&asked.node, "url"),
                client_id: setting_text(&asked.node, "client_id"),
                client_secret: setting_text(&asked.node, "client_secret"),
            },
            (None, None) => KeySource::Jwks(optional_text(issuer.jwks.as_ref())),
        };
        Issuer {
            name: (&issuer.name.node).into(),
            keys,
            issuer: issuer.issuer.iter().map(text).collect(),
            audience: optional_text(issuer.audience.as_ref()),
            algorithms: issuer
                .algorithms
                .iter()
                .map(|a| Str::from(&a.node))
                .collect(),
            claims: self.claims_schema(&claims, issuer.claims.as_ref()),
            leeway: issuer.leeway.as_ref().map_or(DEFAULT_LEEWAY, |l| l.node),
            internal: issuer.internal.is_some(),
        }
    }

    fn settings(&mut self) -> Vec<Setting> {
        let names = &self.checked.names;
        let config = names
            .config
            .values()
            .map(|field| self.setting(field, false))
            .collect::<Vec<_>>();
        let secrets = names
            .secrets
            .values()
            .map(|field| self.setting(field, true));
        config.into_iter().chain(secrets).collect()
    }

    fn setting(&mut self, field: &'a FieldDecl, secret: bool) -> Setting {
        Setting {
            name: (&field.name.node).into(),
            secret,
            schema: self.schema(&field.ty),
            optional: field.optional,
            default: field
                .default
                .as_ref()
                .and_then(|d| constant::fold(&self.checked.types, d)),
        }
    }
}

fn connection(connection: &ast::Connection) -> Connection {
    let retry = connection.retry.as_ref().map(|r| r.node);
    let (min, max) = retry.and_then(|r| r.backoff).unwrap_or(DEFAULT_BACKOFF);
    let breaker = connection.breaker.as_ref().map(|b| b.node);
    Connection {
        name: (&connection.name.node).into(),
        base: optional_text(connection.base.as_ref()),
        auth: connection
            .auth
            .as_ref()
            .map_or(CallAuth::None, |a| call_auth(&a.node)),
        timeout: connection
            .timeout
            .as_ref()
            .map_or(DEFAULT_TIMEOUT, |t| t.node),
        retry: retry.map_or(Retry::default(), |r| Retry {
            attempts: clamp(r.attempts),
            min,
            max,
        }),
        breaker: breaker.map(|b| Breaker {
            failures: clamp(b.failures),
            window: b.window,
            open: b.open,
        }),
        concurrency: connection
            .concurrency
            .as_ref()
            .map_or(DEFAULT_CONCURRENCY, |c| clamp(c.node)),
        internal: connection.internal.is_some(),
        signature: connection.signature.as_ref().map(|keys| text(&keys.node)),
        tls: connection.tls.as_ref().map(|tls| Tls {
            roots: find_text(&tls.node, "roots"),
            certificate: find_text(&tls.node, "certificate"),
            key: find_text(&tls.node, "key"),
        }),
    }
}

fn clamp(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn call_auth(auth: &ConnectionAuth) -> CallAuth {
    match auth {
        ConnectionAuth::None => CallAuth::None,
        ConnectionAuth::Basic(settings) => CallAuth::Basic {
            username: setting_text(settings, "username"),
            password: setting_text(settings, "password"),
        },
        ConnectionAuth::Bearer(value) => CallAuth::Bearer(text(value)),
        ConnectionAuth::Header(name, value) => CallAuth::Header {
            name: name.node.to_ascii_lowercase().into(),
            value: text(value),
        },
        ConnectionAuth::ClientCredentials(settings) => CallAuth::ClientCredentials {
            token_url: setting_text(settings, "token_url"),
            client_id: setting_text(settings, "client_id"),
            client_secret: setting_text(settings, "client_secret"),
            scope: find_text(settings, "scope"),
        },
        ConnectionAuth::JwtBearer(settings) => CallAuth::JwtBearer {
            token_url: setting_text(settings, "token_url"),
            issuer: setting_text(settings, "issuer"),
            subject: find_text(settings, "subject"),
            audience: find_text(settings, "audience"),
            key: setting_text(settings, "key"),
            key_id: find_text(settings, "key_id"),
            scope: find_text(settings, "scope"),
        },
    }
}

fn find_text(settings: &[ast::Setting], key: &str) -> Option<Text> {
    let found = settings.iter().find(|setting| setting.key.node == key);
    found.map(|setting| text(&setting.value))
}

fn setting_text(settings: &[ast::Setting], key: &str) -> Text {
    find_text(settings, key).unwrap_or(Text::Literal(Str::default()))
}

/// What the checker requires is there; what is not cannot come so far.
fn optional_text(expr: Option<&ast::Expr>) -> Text {
    expr.map_or(Text::Literal(Str::default()), text)
}

fn text(expr: &ast::Expr) -> Text {
    match setting::text(expr) {
        Some(setting::Text::Literal(text)) => Text::Literal(text.into()),
        Some(setting::Text::Config(name)) => Text::Config(name.into()),
        Some(setting::Text::Secret(name)) => Text::Secret(name.into()),
        None => Text::Literal(Str::default()),
    }
}

fn style(name: &str, declared: &names::ErrorStyle<'_>, shape: Option<FuncId>) -> ErrorStyle {
    let code = |e: &&ast::ErrorDecl| ErrorCode {
        code: (&e.code.node).into(),
        status: e.status.node,
        message: (&e.message.node).into(),
    };
    ErrorStyle {
        name: Some(name).filter(|name| !name.is_empty()).map(Into::into),
        shape,
        codes: declared.codes.iter().map(code).collect(),
    }
}

fn segments(path: &[path::Segment], params: &[Param]) -> Vec<Segment> {
    let index = |name: &str| {
        params
            .iter()
            .position(|p| p.place == Place::Path && p.name == name)
    };
    let segment = |segment: &path::Segment| match segment {
        path::Segment::Literal(text) => Some(Segment::Literal(text.into())),
        path::Segment::Param(name) => Some(Segment::Param(u16::try_from(index(name)?).ok()?)),
    };
    path.iter().filter_map(segment).collect()
}

/// Its name in the request; those of headers are lower case.
fn wire(param: &head::Param<'_>) -> Str {
    if param.place == ast::Place::Header {
        return param.wire.to_ascii_lowercase().into();
    }
    (&*param.wire).into()
}

fn place(place: ast::Place) -> Place {
    match place {
        ast::Place::Path => Place::Path,
        ast::Place::Query => Place::Query,
        ast::Place::Header => Place::Header,
        ast::Place::Cookie => Place::Cookie,
        ast::Place::Field | ast::Place::Form => Place::Field,
        ast::Place::Body => Place::Body,
    }
}

fn kind(kind: ast::BodyKind) -> BodyKind {
    match kind {
        ast::BodyKind::Json => BodyKind::Json,
        ast::BodyKind::Form => BodyKind::Form,
        ast::BodyKind::Multipart => BodyKind::Multipart,
    }
}
