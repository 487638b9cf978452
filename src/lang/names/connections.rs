//! Connections, issuers and settings: complete, within bounds, and with hosts and credentials that are never computed.

use super::setting::{self, Text};
use super::{Names, Seen, endpoints, head, number_in_range, time_in_range, type_names, unknown};
use crate::ast::{
    BodyKind, Connection, ConnectionAuth, Expr, ExprKind, Issuer, Name, Operation, Place, Setting,
    Settings, Spanned, TypeKind,
};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_ATTEMPTS, MAX_CONCURRENCY, MAX_DEADLINE, MAX_FAILURES, MAX_LEEWAY};
use journey_machine::span::Span;

/// Signature algorithms an issuer may use: asymmetric ones only.
const ALGORITHMS: [&str; 9] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

/// Checks a connection and its operations.
pub(super) fn check(names: &Names<'_>, connection: &Connection, out: &mut Diagnostics) {
    match &connection.base {
        Some(base) if is_named(base) => {}
        Some(base) => check_url(names, base, out),
        None => incomplete(
            "connection",
            &connection.name,
            "base",
            "base config.crm_url",
            out,
        ),
    }
    if let Some(auth) = &connection.auth {
        check_auth(names, &auth.node, auth.span, out);
    }
    if let Some(keys) = &connection.signature {
        check_secret(names, &keys.node, out);
    }
    if let Some(tls) = &connection.tls {
        check_tls(names, tls, out);
    }
    check_bounds(connection, out);
    let mut seen = Seen::default();
    for operation in &connection.operations {
        seen.list("operation", &operation.name, out);
        check_operation(names, operation, out);
    }
}

fn check_bounds(connection: &Connection, out: &mut Diagnostics) {
    if let Some(timeout) = &connection.timeout {
        time_in_range(
            "a timeout",
            timeout.node,
            1..=MAX_DEADLINE,
            timeout.span,
            out,
        );
    }
    if let Some(retry) = &connection.retry {
        number_in_range(
            "a number of attempts",
            retry.node.attempts,
            0..=MAX_ATTEMPTS,
            retry.span,
            out,
        );
        if let Some((min, max)) = retry.node.backoff {
            time_in_range(
                "a longest pause",
                max,
                min.clamp(1, MAX_DEADLINE)..=MAX_DEADLINE,
                retry.span,
                out,
            );
        }
    }
    if let Some(breaker) = &connection.breaker {
        number_in_range(
            "a number of failures",
            breaker.node.failures,
            1..=MAX_FAILURES,
            breaker.span,
            out,
        );
        time_in_range(
            "a window",
            breaker.node.window,
            1..=MAX_DEADLINE,
            breaker.span,
            out,
        );
        time_in_range(
            "an open time",
            breaker.node.open,
            1..=MAX_DEADLINE,
            breaker.span,
            out,
        );
    }
    if let Some(concurrency) = &connection.concurrency {
        number_in_range(
            "a concurrency",
            concurrency.node,
            1..=MAX_CONCURRENCY,
            concurrency.span,
            out,
        );
    }
}

fn check_operation(names: &Names<'_>, operation: &Operation, out: &mut Diagnostics) {
    endpoints::check_method(&operation.method, out);
    let params = head::operation_params(operation);
    endpoints::check_params(names, &operation.params, &params, out);
    if let Some(segments) = endpoints::check_path(&operation.path, out) {
        endpoints::check_path_params(&operation.path, &segments, &params, out);
    }
    if let Some(timeout) = &operation.timeout {
        time_in_range(
            "a timeout",
            timeout.node,
            1..=MAX_DEADLINE,
            timeout.span,
            out,
        );
    }
    endpoints::check_answers(names, &operation.responses, out);
    if head::success(operation).is_none() {
        incomplete(
            "operation",
            &operation.name,
            "success",
            "200 { id: string }",
            out,
        );
    }
    check_body(operation, &params, out);
}

/// A request has one body of one kind, or none.
fn check_body(operation: &Operation, params: &[head::Param<'_>], out: &mut Diagnostics) {
    let in_body =
        |p: &&head::Param<'_>| matches!(p.place, Place::Field | Place::Form | Place::Body);
    let Some(first) = params.iter().find(in_body) else {
        return;
    };
    let refuse = |param: &head::Param<'_>, title: String| {
        Diagnostic::new(Code::BODY_REFUSED, param.field.name.span, title)
    };
    if matches!(operation.method.node.as_str(), "GET" | "HEAD") {
        let title = format!(
            "a {} request has no body for `{}`",
            operation.method.node, first.field.name.node
        );
        out.push(refuse(first, title).help("send it as `query` or `header`, or use POST"));
    }
    for other in params.iter().filter(in_body).skip(1) {
        if other.place != first.place || other.place == Place::Body {
            let title = format!(
                "`{}` and `{}` cannot share a body",
                first.field.name.node, other.field.name.node
            );
            out.push(
                refuse(other, title)
                    .label(first.field.name.span, "the body is taken here")
                    .help("a body is fields, a form, or one `body` parameter"),
            );
        }
    }
}

/// How the body of an operation is sent, if it has one.
#[must_use]
pub fn body_kind(params: &[head::Param<'_>]) -> Option<BodyKind> {
    params.iter().find_map(|p| match p.place {
        Place::Field | Place::Body => Some(BodyKind::Json),
        Place::Form => Some(BodyKind::Form),
        Place::Path | Place::Query | Place::Header | Place::Cookie => None,
    })
}

fn check_auth(names: &Names<'_>, auth: &ConnectionAuth, span: Span, out: &mut Diagnostics) {
    match auth {
        ConnectionAuth::None => {}
        ConnectionAuth::Basic(settings) => {
            let required = &["username", "password"];
            check_keys(names, ("auth", settings, span), required, &[], out);
        }
        ConnectionAuth::Bearer(value) => check_secret(names, value, out),
        ConnectionAuth::Header(name, value) => {
            endpoints::check_header(name, out);
            check_secret(names, value, out);
        }
        ConnectionAuth::ClientCredentials(settings) => {
            let required = &["token_url", "client_id", "client_secret"];
            check_keys(names, ("auth", settings, span), required, &["scope"], out);
        }
        ConnectionAuth::JwtBearer(settings) => {
            let required = &["token_url", "issuer", "key"];
            let optional = &["subject", "audience", "key_id", "scope"];
            check_keys(names, ("auth", settings, span), required, optional, out);
        }
    }
}

/// Whom it trusts, and what it proves itself with: a certificate and its key, or neither.
fn check_tls(names: &Names<'_>, tls: &Spanned<Vec<Setting>>, out: &mut Diagnostics) {
    let has = |key: &str| tls.node.iter().any(|setting| setting.key.node == key);
    let (required, optional): (&[&str], &[&str]) = if has("certificate") || has("key") {
        (&["certificate", "key"], &["roots"])
    } else {
        (&["roots"], &["certificate", "key"])
    };
    check_keys(names, ("tls", &tls.node, tls.span), required, optional, out);
}

fn check_keys(
    names: &Names<'_>,
    (of, settings, span): (&str, &[Setting], Span),
    required: &[&str],
    optional: &[&str],
    out: &mut Diagnostics,
) {
    let mut seen = Seen::default();
    for Setting { key, value } in settings {
        seen.list("key", key, out);
        match key.node.as_str() {
            "password" | "client_secret" | "key" => check_secret(names, value, out),
            "token_url" | "url" => check_url(names, value, out),
            name if required.contains(&name) || optional.contains(&name) => {
                check_text(names, value, out)
            }
            _ => out.push(unknown(
                Code::UNKNOWN_KEY,
                "key",
                key,
                required.iter().chain(optional).copied(),
                out,
            )),
        }
    }
    for key in required
        .iter()
        .filter(|k| !settings.iter().any(|s| s.key.node == **k))
    {
        let title = format!("this `{of}` has no `{key}`");
        out.push(
            Diagnostic::new(Code::INCOMPLETE_DECLARATION, span, title)
                .help(format!("add `{key}: …`")),
        );
    }
}

/// Checks an issuer.
pub(super) fn check_issuer(names: &Names<'_>, issuer: &Issuer, out: &mut Diagnostics) {
    check_source(names, issuer, out);
    issuer
        .discovery
        .iter()
        .chain(&issuer.jwks)
        .for_each(|url| check_url(names, url, out));
    issuer
        .issuer
        .iter()
        .chain(&issuer.audience)
        .for_each(|text| check_text(names, text, out));
    if issuer.audience.is_none() {
        incomplete(
            "issuer",
            &issuer.name,
            "audience",
            "audience config.audience",
            out,
        );
    }
    if issuer.introspection.is_none() {
        check_algorithms(issuer, out);
    }
    if let Some(leeway) = &issuer.leeway {
        time_in_range("a leeway", leeway.node, 0..=MAX_LEEWAY, leeway.span, out);
    }
    if let Some(claims) = &issuer.claims {
        type_names::check(names, claims, out);
        type_names::refuse_blobs(names, claims, out);
        if !matches!(claims.kind, TypeKind::Object { .. } | TypeKind::Error) {
            let finding = Diagnostic::new(Code::UNKNOWN_TYPE, claims.span, "claims are an object");
            out.push(finding.help("write `claims { amr?: list<string> }`"));
        }
    }
}

/// How its tokens are proven: one way, and what belongs to it.
fn check_source(names: &Names<'_>, issuer: &Issuer, out: &mut Diagnostics) {
    let asked = issuer.introspection.as_ref();
    let ways = [
        issuer.discovery.as_ref().map(|url| url.span),
        issuer.jwks.as_ref().map(|url| url.span),
        asked.map(|settings| settings.span),
    ];
    let mut ways = ways.into_iter().flatten();
    match (ways.next(), ways.next()) {
        (None, _) => {
            let (what, how) = ("source of keys", "discovery config.idp");
            incomplete("issuer", &issuer.name, what, how, out);
        }
        (_, Some(second)) => {
            let title = format!("the issuer `{}` has two sources of keys", issuer.name.node);
            let finding = Diagnostic::new(Code::INCOMPLETE_DECLARATION, second, title);
            out.push(
                finding.help(
                    "keep `discovery`, `jwks` or `introspection`, the latter two with `issuer`",
                ),
            );
        }
        (Some(_), None) if issuer.discovery.is_none() && issuer.issuer.is_empty() => {
            let how = "issuer \"https://idp.example.com\"";
            incomplete("issuer", &issuer.name, "`issuer`", how, out);
        }
        _ => {}
    }
    if let Some(Spanned { node, span }) = asked {
        let required = &["url", "client_id", "client_secret"];
        check_keys(names, ("introspection", node, *span), required, &[], out);
        if let Some(algorithm) = issuer.algorithms.first() {
            let title = "a token that the issuer is asked for is of no algorithm";
            let finding = Diagnostic::new(Code::UNKNOWN_KEY, algorithm.span, title);
            out.push(finding.help("remove `algorithms`"));
        }
    }
}

fn check_algorithms(issuer: &Issuer, out: &mut Diagnostics) {
    let mut seen = Seen::default();
    for algorithm in &issuer.algorithms {
        seen.list("algorithm", algorithm, out);
        if !ALGORITHMS.contains(&algorithm.node.as_str()) {
            let finding = unknown(Code::UNKNOWN_KEY, "algorithm", algorithm, ALGORITHMS, out);
            out.push(match algorithm.node.as_str() {
                "HS256" | "HS384" | "HS512" | "none" => {
                    finding.help("only signatures with a public key are accepted")
                }
                _ => finding,
            });
        }
    }
    if issuer.algorithms.is_empty() {
        incomplete(
            "issuer",
            &issuer.name,
            "`algorithms`",
            "algorithms RS256",
            out,
        );
    }
}

/// Checks `config { … }` and `secret { … }`: their values come from the environment, secrets as text.
pub(super) fn check_settings(names: &Names<'_>, settings: &Settings, out: &mut Diagnostics) {
    for field in &settings.fields {
        type_names::check(names, &field.ty, out);
        if !settings.secret {
            // What is no text is written as JSON.
            type_names::refuse_blobs(names, &field.ty, out);
        } else if !type_names::is_text(names, &field.ty, false, false) {
            let title = format!("`{}` cannot be read from the environment", field.name.node);
            let finding =
                Diagnostic::new(Code::NOT_FROM_TEXT, field.ty.span, title).at("not a type of text");
            out.push(finding.help("use a string, url, number, bool, time or enum"));
        }
        if let Some(default) = field.default.as_ref().filter(|_| settings.secret) {
            let title = format!(
                "the secret `{}` has its value in the source",
                field.name.node
            );
            let finding = Diagnostic::new(Code::INLINE_SECRET, default.span, title);
            out.push(
                finding.help("remove the default: secrets come from the environment or a file"),
            );
        }
    }
}

/// Does it name a service of the runtime, or an endpoint to be discovered? The runtime knows which ones there are.
fn is_named(base: &Expr) -> bool {
    let Some(Text::Literal(text)) = setting::text(base) else {
        return false;
    };
    text.starts_with("embedded:") || text.starts_with("discovery:")
}

/// An absolute http or https URL, or a setting that should hold one.
pub(super) fn check_url(names: &Names<'_>, expr: &Expr, out: &mut Diagnostics) {
    check_text(names, expr, out);
    let Some(Text::Literal(text)) = setting::text(expr) else {
        return;
    };
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    if !rest.is_some_and(|r| !r.is_empty() && !r.starts_with('/') && !r.contains(bad_in_url)) {
        let finding = Diagnostic::new(
            Code::NOT_A_SETTING,
            expr.span,
            "this is not an absolute http or https URL",
        );
        out.push(
            finding.help(
                "write one like `https://crm.example.com/api`, without user, query or fragment",
            ),
        );
    }
}

fn bad_in_url(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "?#@\\{}\"<>".contains(c)
}

fn check_secret(names: &Names<'_>, expr: &Expr, out: &mut Diagnostics) {
    check_text(names, expr, out);
    if matches!(setting::text(expr), Some(Text::Literal(_))) {
        let finding = Diagnostic::new(
            Code::INLINE_SECRET,
            expr.span,
            "a credential stands in the source",
        );
        out.push(finding.help("declare `secret { name }` and write `secret.name`"));
    }
}

fn check_text(names: &Names<'_>, expr: &Expr, out: &mut Diagnostics) {
    let (kind, known, field) = match setting::text(expr) {
        Some(Text::Literal(_)) => return,
        Some(Text::Config(field)) => ("config setting", &names.config, field),
        Some(Text::Secret(field)) => ("secret", &names.secrets, field),
        None if matches!(expr.kind, ExprKind::Error) => return,
        None => {
            let title =
                "a declaration takes a text, `config.name` or `secret.name`, nothing computed";
            let finding = Diagnostic::new(Code::NOT_A_SETTING, expr.span, title);
            out.push(finding.help("declare a setting that holds the whole value"));
            return;
        }
    };
    let span = setting::field_span(expr);
    match known.get(field) {
        Some(setting) if setting.optional => {
            let title = format!("the {kind} `{field}` may not be set");
            let finding = Diagnostic::new(Code::NOT_A_SETTING, span, title).at("optional");
            out.push(finding.help("a declaration needs a value: remove the `?` of the setting"));
        }
        Some(_) => {}
        None => {
            let name = Name {
                node: field.to_owned(),
                span,
            };
            out.push(unknown(
                Code::UNKNOWN_SETTING,
                kind,
                &name,
                known.keys().copied(),
                out,
            ));
        }
    }
}

fn incomplete(kind: &str, name: &Name, part: &str, example: &str, out: &mut Diagnostics) {
    let title = format!("the {kind} `{}` has no {part}", name.node);
    out.push(
        Diagnostic::new(Code::INCOMPLETE_DECLARATION, name.span, title)
            .help(format!("add `{example}`")),
    );
}
