//! Connections and issuers.

use super::out::{Out, dashed, entry, entry_at, flow_list, present};
use crate::ast::{Connection, ConnectionAuth, Expr, Issuer, Operation, Setting, Spanned};
use crate::format::doc::{Doc, documented, item};
use crate::format::expr::Writer;
use crate::format::text::{breaker_phrase, duration, retry_phrase};
use crate::format::types::label_word;
use journey_machine::span::Span;

impl Writer<'_> {
    pub(super) fn yaml_connection(&self, connection: &Connection) -> Vec<Doc> {
        let Connection {
            base,
            auth,
            timeout,
            retry,
            breaker,
            concurrency,
            ..
        } = connection;
        let receives = connection
            .receives
            .iter()
            .map(|label| (label.span, label_word(label.node)));
        let operations = connection
            .operations
            .iter()
            .map(|operation| self.yaml_operation(operation));
        present([
            Some(entry("connection", Out::words(&connection.name.node))),
            self.yaml_setting("base", base.as_ref()),
            auth.as_ref()
                .map(|auth| entry_at(auth.span, "auth", self.yaml_auth(&auth.node, auth.span))),
            connection.signature.as_ref().and_then(|keys| {
                let map = Out::block(vec![entry("hmac_sha256", self.yaml_value(&keys.node))]);
                Some(entry_at(keys.span, "signature", map?))
            }),
            self.yaml_settings_entry("tls", connection.tls.as_ref()),
            timeout
                .as_ref()
                .map(|time| entry_at(time.span, "timeout", Out::words(&duration(time.node)))),
            retry
                .as_ref()
                .map(|retry| entry_at(retry.span, "retry", Out::words(&retry_phrase(retry.node)))),
            breaker
                .as_ref()
                .map(|rule| entry_at(rule.span, "breaker", Out::words(&breaker_phrase(rule.node)))),
            concurrency
                .as_ref()
                .map(|most| entry_at(most.span, "concurrency", Out::words(&most.node.to_string()))),
            flag("internal", connection.internal),
            words("receives", &receives.collect::<Vec<_>>()),
            Out::block(operations.collect()).map(|operations| entry("operations", operations)),
        ])
    }

    fn yaml_setting(&self, word: &str, value: Option<&Expr>) -> Option<Doc> {
        value.map(|value| entry_at(value.span, word, self.yaml_value(value)))
    }

    fn yaml_auth(&self, auth: &ConnectionAuth, span: Span) -> Out {
        let one = |word: &str, value: Out| Out::block(vec![entry(word, value)]);
        let map = match auth {
            ConnectionAuth::None => None,
            ConnectionAuth::Basic(settings) => one("basic", self.yaml_settings_map(settings, span)),
            ConnectionAuth::Bearer(value) => one("bearer", self.yaml_value(value)),
            ConnectionAuth::Header(name, value) => Out::block(vec![
                entry("header", Out::words(&name.node)),
                entry("value", self.yaml_value(value)),
            ]),
            ConnectionAuth::ClientCredentials(settings) => {
                one("oauth2", self.yaml_settings_map(settings, span))
            }
            ConnectionAuth::JwtBearer(settings) => {
                one("jwt_bearer", self.yaml_settings_map(settings, span))
            }
        };
        map.unwrap_or_else(|| Out::words("none"))
    }

    fn yaml_settings_entry(
        &self,
        word: &str,
        settings: Option<&Spanned<Vec<Setting>>>,
    ) -> Option<Doc> {
        let settings = settings?;
        let map = self.yaml_settings_map(&settings.node, settings.span);
        Some(entry_at(settings.span, word, map))
    }

    fn yaml_settings_map(&self, settings: &[Setting], span: Span) -> Out {
        let entries = settings.iter().map(|setting| {
            let span = setting.key.span.to(setting.value.span);
            entry_at(span, &setting.key.node, self.yaml_value(&setting.value))
        });
        Out::map(span, None, entries.collect())
    }

    fn yaml_operation(&self, operation: &Operation) -> Doc {
        let path = super::journey::path(&operation.path.node);
        let request = format!("{} {path}", operation.method.node);
        let request_span = operation.method.span.to(operation.path.span);
        let params = Out::block(
            operation
                .params
                .iter()
                .map(|param| self.yaml_param(param, true))
                .collect(),
        );
        let time = operation.timeout.as_ref();
        let parts = present([
            Some(entry_at(request_span, "request", Out::words(&request))),
            params.map(|params| entry("params", params)),
            time.map(|time| entry_at(time.span, "timeout", Out::words(&duration(time.node)))),
            flag("idempotent", operation.idempotent),
            self.yaml_answers(&operation.responses)
                .map(|answers| entry("responses", answers)),
        ]);
        let body = Out::block(parts).unwrap_or_else(|| Out::as_written("{}"));
        documented(
            operation.span,
            &operation.docs,
            entry(&operation.name.node, body),
        )
    }

    pub(super) fn yaml_issuer(&self, issuer: &Issuer) -> Vec<Doc> {
        let algorithms = issuer
            .algorithms
            .iter()
            .map(|name| (name.span, name.node.as_str()));
        let leeway = issuer.leeway.as_ref();
        let iss = match issuer.issuer.as_slice() {
            [one] => self.yaml_setting("iss", Some(one)),
            several => self.yaml_listed("iss", several),
        };
        present([
            Some(entry("issuer", Out::words(&issuer.name.node))),
            self.yaml_setting("discovery", issuer.discovery.as_ref()),
            self.yaml_setting("jwks", issuer.jwks.as_ref()),
            self.yaml_settings_entry("introspection", issuer.introspection.as_ref()),
            iss,
            self.yaml_setting("audience", issuer.audience.as_ref()),
            words("algorithms", &algorithms.collect::<Vec<_>>()),
            issuer
                .claims
                .as_ref()
                .map(|claims| entry_at(claims.span, "claims", self.yaml_type(claims))),
            leeway.map(|time| entry_at(time.span, "leeway", Out::words(&duration(time.node)))),
            flag("internal", issuer.internal),
        ])
    }
}

fn flag(word: &str, place: Option<Span>) -> Option<Doc> {
    place.map(|place| entry_at(place, word, Out::words("true")))
}

/// A list of words.
fn words(key: &str, words: &[(Span, &str)]) -> Option<Doc> {
    let (first, last) = (words.first()?.0, words.last()?.0);
    let outs: Vec<Out> = words.iter().map(|(_, word)| Out::words(word)).collect();
    let flow = flow_list(outs.iter());
    let items = words
        .iter()
        .zip(outs)
        .map(|((span, _), out)| item(*span, dashed(out.alone())));
    Some(entry_at(
        first.to(last),
        key,
        Out::list(first.to(last), flow, items.collect()),
    ))
}
