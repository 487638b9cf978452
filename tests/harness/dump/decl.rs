//! Declarations.

use super::expr::expr;
use super::rules::{limit, limit_use, rules};
use super::state::{signal, store, task};
use super::step::{block, handler};
use super::types::{field, label_name, param, rest, ty};
use super::{Node, atom, docs, list, quoted, some};
use journey_lang::ast::{
    AnswerDecl, Auth, BodyContent, BodyDecl, Connection, ConnectionAuth, Decl, Endpoint, Errors,
    Expr, Input, Issuer, Journey, JourneyKind, Millis, Operation, OutcomeDecl, Setting, Settings,
    Spanned, TypeDecl,
};
use journey_machine::span::Span;

pub fn decl(decl: &Decl) -> Node {
    match decl {
        Decl::Journey(journey) => journey_node(journey),
        Decl::Type(TypeDecl {
            docs: d,
            name,
            ty: t,
            ..
        }) => list("type", [atom(&name.node), ty(t)].into_iter().chain(docs(d))),
        Decl::Connection(connection) => connection_node(connection),
        Decl::Issuer(issuer) => issuer_node(issuer),
        Decl::Store(it) => store(it),
        Decl::Signal(it) => signal(it),
        Decl::Limit(it) => limit(it),
        Decl::Rules(it) => rules(it),
        Decl::Errors(errors) => errors_node(errors),
        Decl::Settings(Settings { secret, fields, .. }) => list(
            if *secret { "secret" } else { "config" },
            fields.iter().map(field),
        ),
    }
}

fn journey_node(j: &Journey) -> Node {
    let body = [block(&j.body)]
        .into_iter()
        .chain(j.on_failure.as_ref().map(handler));
    let start = [atom(&j.name.node)].into_iter().chain(docs(&j.docs));
    match &j.kind {
        JourneyKind::Endpoint(endpoint) => {
            list("journey", start.chain(endpoint_nodes(endpoint)).chain(body))
        }
        JourneyKind::Sub { params, outcomes } => {
            let params = some("params", params.iter().map(field));
            let outcomes = list("outcomes", outcomes.iter().map(outcome));
            list("sub", start.chain(params).chain([outcomes]).chain(body))
        }
        JourneyKind::Task(it) => list("task", start.chain(task(it)).chain(body)),
    }
}

fn endpoint_nodes(e: &Endpoint) -> Vec<Node> {
    let route = e.route.as_ref().map(|route| {
        let methods = route.methods.iter().map(|method| atom(&method.node));
        list("endpoint", methods.chain([quoted(&route.path.node)]))
    });
    let auth = e
        .auth
        .as_ref()
        .map(|auth| list("auth", auth_node(&auth.node)));
    let errors = e
        .errors
        .as_ref()
        .map(|name| list("errors", [atom(&name.node)]));
    let redirects = some("redirects", e.redirects.iter().map(expr));
    let limits = some("limits", e.limits.iter().map(limit_use));
    let input = e.input.as_ref().map(input_node);
    let answers = some("answers", e.answers.iter().map(answer));
    [
        route,
        auth,
        millis("deadline", e.deadline.as_ref()),
        errors,
        redirects,
        limits,
        input,
        answers,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn auth_node(auth: &Auth) -> Vec<Node> {
    match auth {
        Auth::ClientToken(issuer) => std::iter::once(atom("client_token"))
            .chain(issuer.as_ref().map(|name| atom(&name.node)))
            .collect(),
        Auth::Basic => vec![atom("basic")],
        Auth::None(reason) => vec![atom("none"), quoted(&reason.node)],
    }
}

pub fn millis(head: &str, time: Option<&Spanned<Millis>>) -> Option<Node> {
    time.map(|time| list(head, [atom(format!("{}ms", time.node))]))
}

fn flag(head: &str, flag: Option<&Span>) -> Option<Node> {
    flag.map(|_| list(head, []))
}

fn value(head: &str, value: Option<&Expr>) -> Option<Node> {
    value.map(|value| list(head, [expr(value)]))
}

fn input_node(input: &Input) -> Node {
    list(
        "input",
        input
            .params
            .iter()
            .map(param)
            .chain(input.body.as_ref().map(body)),
    )
}

fn body(b: &BodyDecl) -> Node {
    let kind = format!("{:?}", b.kind.node).to_lowercase();
    match &b.content {
        BodyContent::Fields { fields, open } => {
            list(kind, fields.iter().map(field).chain(rest(*open)))
        }
        BodyContent::Whole(whole) => list(kind, [list("whole", [field(whole)])]),
    }
}

fn answer(a: &AnswerDecl) -> Node {
    list(
        a.status.node,
        a.ty.as_ref().map(ty).into_iter().chain(docs(&a.docs)),
    )
}

fn outcome(o: &OutcomeDecl) -> Node {
    list(
        &o.name.node,
        o.ty.as_ref().map(ty).into_iter().chain(docs(&o.docs)),
    )
}

fn connection_node(c: &Connection) -> Node {
    let parts = [
        docs(&c.docs),
        value("base", c.base.as_ref()),
        c.auth
            .as_ref()
            .map(|auth| list("auth", connection_auth(&auth.node))),
        millis("timeout", c.timeout.as_ref()),
        c.retry.as_ref().map(|retry| {
            let pauses = retry
                .node
                .backoff
                .map(|(short, long)| atom(format!("{short}ms..{long}ms")));
            list(
                "retry",
                [atom(retry.node.attempts)].into_iter().chain(pauses),
            )
        }),
        c.breaker.as_ref().map(|Spanned { node, .. }| {
            list("breaker", [node.failures, node.window, node.open].map(atom))
        }),
        c.concurrency
            .as_ref()
            .map(|n| list("concurrency", [atom(n.node)])),
        flag("internal", c.internal.as_ref()),
        c.signature
            .as_ref()
            .map(|keys| list("signature", [atom("hmac_sha256"), expr(&keys.node)])),
        settings("tls", c.tls.as_ref()),
        some(
            "receives",
            c.receives.iter().map(|label| atom(label_name(label.node))),
        ),
    ];
    let operations = c.operations.iter().map(operation);
    list(
        "connection",
        [atom(&c.name.node)]
            .into_iter()
            .chain(parts.into_iter().flatten())
            .chain(operations),
    )
}

fn connection_auth(auth: &ConnectionAuth) -> Vec<Node> {
    match auth {
        ConnectionAuth::None => vec![atom("none")],
        ConnectionAuth::Basic(settings) => std::iter::once(atom("basic"))
            .chain(settings.iter().map(setting))
            .collect(),
        ConnectionAuth::Bearer(token) => vec![atom("bearer"), expr(token)],
        ConnectionAuth::Header(name, token) => {
            vec![atom("header"), quoted(&name.node), expr(token)]
        }
        ConnectionAuth::ClientCredentials(settings) => std::iter::once(atom("client_credentials"))
            .chain(settings.iter().map(setting))
            .collect(),
        ConnectionAuth::JwtBearer(settings) => std::iter::once(atom("jwt_bearer"))
            .chain(settings.iter().map(setting))
            .collect(),
    }
}

fn settings(head: &str, settings: Option<&Spanned<Vec<Setting>>>) -> Option<Node> {
    settings.map(|settings| list(head, settings.node.iter().map(setting)))
}

fn setting(s: &Setting) -> Node {
    list(&s.key.node, [expr(&s.value)])
}

fn operation(o: &Operation) -> Node {
    let request = list(&o.method.node, [quoted(&o.path.node)]);
    let parts = [
        docs(&o.docs),
        some("params", o.params.iter().map(param)),
        Some(request),
        millis("timeout", o.timeout.as_ref()),
        flag("idempotent", o.idempotent.as_ref()),
    ];
    let responses = o.responses.iter().map(answer);
    list(
        "operation",
        [atom(&o.name.node)]
            .into_iter()
            .chain(parts.into_iter().flatten())
            .chain(responses),
    )
}

fn issuer_node(i: &Issuer) -> Node {
    let parts = [
        docs(&i.docs),
        value("discovery", i.discovery.as_ref()),
        value("jwks", i.jwks.as_ref()),
        settings("introspection", i.introspection.as_ref()),
        some("issuer", i.issuer.iter().map(expr)),
        value("audience", i.audience.as_ref()),
        some(
            "algorithms",
            i.algorithms.iter().map(|name| atom(&name.node)),
        ),
        i.claims.as_ref().map(|claims| list("claims", [ty(claims)])),
        millis("leeway", i.leeway.as_ref()),
        flag("internal", i.internal.as_ref()),
    ];
    list(
        "issuer",
        [atom(&i.name.node)]
            .into_iter()
            .chain(parts.into_iter().flatten()),
    )
}

fn errors_node(e: &Errors) -> Node {
    let name = e.name.as_ref().map(|name| atom(&name.node));
    let codes = e.codes.iter().map(|code| {
        let parts = [atom(code.status.node), quoted(&code.message.node)];
        list(&code.code.node, parts.into_iter().chain(docs(&code.docs)))
    });
    list(
        "errors",
        name.into_iter()
            .chain(docs(&e.docs))
            .chain(codes)
            .chain(value("shape", e.shape.as_ref())),
    )
}
