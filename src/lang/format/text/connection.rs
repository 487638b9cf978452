//! Connections and issuers.

use super::braces;
use super::journey::duration;
use crate::ast::{
    Breaker, Connection, ConnectionAuth, Expr, Issuer, Operation, Retry, Setting, Spanned,
};
use crate::format::doc::{Doc, concat, documented, item, text};
use crate::format::expr::{Writer, listed};
use crate::format::spell;
use crate::format::types::label_word;
use journey_machine::span::Span;

impl Writer<'_> {
    pub(super) fn connection(&self, connection: &Connection) -> Doc {
        let time = |time: &crate::ast::Spanned<u64>| {
            item(time.span, text(format!("timeout {}", duration(time.node))))
        };
        let parts = [
            connection
                .base
                .as_ref()
                .map(|base| self.setting_line("base", base)),
            connection
                .auth
                .as_ref()
                .map(|auth| item(auth.span, self.connection_auth(&auth.node))),
            connection.signature.as_ref().map(|keys| {
                let keys_of = self.expr(&keys.node);
                item(keys.span, concat([text("signature hmac_sha256 "), keys_of]))
            }),
            self.settings_item("tls", connection.tls.as_ref()),
            connection.timeout.as_ref().map(time),
            connection.retry.as_ref().map(|retry| {
                item(
                    retry.span,
                    text(format!("retry {}", retry_phrase(retry.node))),
                )
            }),
            connection.breaker.as_ref().map(|breaker| {
                item(
                    breaker.span,
                    text(format!("breaker {}", breaker_phrase(breaker.node))),
                )
            }),
            connection
                .concurrency
                .as_ref()
                .map(|most| item(most.span, text(format!("concurrency {}", most.node)))),
            connection.internal.map(|span| item(span, text("internal"))),
            receives(connection),
        ];
        let operations = connection
            .operations
            .iter()
            .map(|operation| self.operation(operation));
        let items = parts.into_iter().flatten().chain(operations).collect();
        let head = text(format!("connection {} ", connection.name.node));
        documented(
            connection.span,
            &connection.docs,
            concat([head, braces(connection.span, items)]),
        )
    }

    fn setting_line(&self, word: &str, value: &Expr) -> Doc {
        item(
            value.span,
            concat([text(format!("{word} ")), self.expr(value)]),
        )
    }

    fn connection_auth(&self, auth: &ConnectionAuth) -> Doc {
        match auth {
            ConnectionAuth::None => text("auth none"),
            ConnectionAuth::Basic(settings) => {
                concat([text("auth basic "), self.setting_braces(settings)])
            }
            ConnectionAuth::Bearer(value) => concat([text("auth bearer "), self.expr(value)]),
            ConnectionAuth::Header(name, value) => concat([
                text(format!("auth header {} ", spell::quoted(&name.node))),
                self.expr(value),
            ]),
            ConnectionAuth::ClientCredentials(settings) => concat([
                text("auth oauth2 client_credentials "),
                self.setting_braces(settings),
            ]),
            ConnectionAuth::JwtBearer(settings) => concat([
                text("auth oauth2 jwt_bearer "),
                self.setting_braces(settings),
            ]),
        }
    }

    fn settings_item(&self, word: &str, settings: Option<&Spanned<Vec<Setting>>>) -> Option<Doc> {
        let settings = settings?;
        let line = concat([
            text(format!("{word} ")),
            self.setting_braces(&settings.node),
        ]);
        Some(item(settings.span, line))
    }

    fn setting_braces(&self, settings: &[Setting]) -> Doc {
        let items: Vec<Doc> = settings
            .iter()
            .map(|setting| {
                let value = concat([
                    text(format!("{}: ", setting.key.node)),
                    self.expr(&setting.value),
                ]);
                item(setting.key.span.to(setting.value.span), value)
            })
            .collect();
        listed("{", items, "}", || Doc::Line)
    }

    fn operation(&self, operation: &Operation) -> Doc {
        let params = operation.params.iter();
        let params = params.map(|param| (param.field.span, self.param(param)));
        let params = self.parentheses(params.collect());
        let request = format!(
            " {} {}",
            operation.method.node,
            spell::quoted(&operation.path.node)
        );
        let head = concat([
            text(format!("operation {}", operation.name.node)),
            params,
            text(request),
        ]);
        let time = operation.timeout.as_ref();
        let parts = [
            time.map(|time| item(time.span, text(format!("timeout {}", duration(time.node))))),
            operation
                .idempotent
                .map(|span| item(span, text("idempotent"))),
        ];
        let responses = operation.responses.iter().map(|answer| self.answer(answer));
        let items: Vec<Doc> = parts.into_iter().flatten().chain(responses).collect();
        let body = concat([head, text(" "), braces(operation.span, items)]);
        documented(operation.span, &operation.docs, body)
    }

    pub(super) fn issuer(&self, issuer: &Issuer) -> Doc {
        let setting = |word: &str, value: &Option<Expr>| {
            value.as_ref().map(|value| self.setting_line(word, value))
        };
        let parts = [
            setting("discovery", &issuer.discovery),
            setting("jwks", &issuer.jwks),
            self.settings_item("introspection", issuer.introspection.as_ref()),
            self.listed_item("issuer", &issuer.issuer),
            setting("audience", &issuer.audience),
            algorithms(issuer),
            issuer
                .claims
                .as_ref()
                .map(|claims| item(claims.span, concat([text("claims "), self.type_of(claims)]))),
            issuer
                .leeway
                .as_ref()
                .map(|time| item(time.span, text(format!("leeway {}", duration(time.node))))),
            issuer.internal.map(|span| item(span, text("internal"))),
        ];
        let head = text(format!("issuer {} ", issuer.name.node));
        let items = parts.into_iter().flatten().collect();
        documented(
            issuer.span,
            &issuer.docs,
            concat([head, braces(issuer.span, items)]),
        )
    }
}

fn receives(connection: &Connection) -> Option<Doc> {
    let (first, last) = (connection.receives.first()?, connection.receives.last()?);
    let words: Vec<&str> = connection
        .receives
        .iter()
        .map(|label| label_word(label.node))
        .collect();
    Some(item(
        first.span.to(last.span),
        text(format!("receives {}", words.join(", "))),
    ))
}

fn algorithms(issuer: &Issuer) -> Option<Doc> {
    let (first, last): (Span, Span) = (
        issuer.algorithms.first()?.span,
        issuer.algorithms.last()?.span,
    );
    let words: Vec<&str> = issuer
        .algorithms
        .iter()
        .map(|name| name.node.as_str())
        .collect();
    Some(item(
        first.to(last),
        text(format!("algorithms {}", words.join(", "))),
    ))
}

/// `1 backoff 20ms..100ms`
pub(in crate::format) fn retry_phrase(retry: Retry) -> String {
    match retry.backoff {
        Some((low, high)) => format!(
            "{} backoff {}..{}",
            retry.attempts,
            duration(low),
            duration(high)
        ),
        None => retry.attempts.to_string(),
    }
}

/// `5 failures in 10s, open 5s`
pub(in crate::format) fn breaker_phrase(breaker: Breaker) -> String {
    let Breaker {
        failures,
        window,
        open,
    } = breaker;
    format!(
        "{failures} failures in {}, open {}",
        duration(window),
        duration(open)
    )
}
