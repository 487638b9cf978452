//! A case against the program: everything it says gets its declared type, or a finding that says why it cannot.

use super::read::Reader;
use super::request::Sent;
use super::spec::{Case, Client, Entries, Mock, MockEnd, Token};
use super::world::Scripted;
use journey_lang::diagnostic::{Code, Diagnostic, Diagnostics};
use journey_lang::suggest::suggestion;
use journey_lang::yaml::{Data, DataKind};
use journey_machine::effect::Outcome;
use journey_machine::manifest::{Auth, IssuerId, Journey, Operation, StoreId};
use journey_machine::program::Program;
use journey_machine::schema::{Decoder, Faults, Mode, Path, Schema, TypeId};
use journey_machine::span::Span;
use journey_machine::value::{ErrorKind, EvalError, Key, Map, Shape, Str, Timestamp, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Seconds that a scripted token is valid for.
const LIFETIME: i64 = 3_600;
/// 2026-01-01T00:00:00Z: the time of a case that says nothing of it.
const DEFAULT_NOW: i64 = 1_767_225_600;

/// A case, ready to be played.
#[derive(Debug)]
pub(super) struct Prepared<'a> {
    pub(super) sent: Sent,
    pub(super) config: Value,
    pub(super) secret: Value,
    pub(super) client: Option<Caller>,
    pub(super) now: Timestamp,
    pub(super) seed: u128,
    pub(super) script: Vec<Scripted<'a>>,
    pub(super) tokens: BTreeMap<(IssuerId, Str), Outcome>,
    /// Records that are there before.
    pub(super) given: Vec<(StoreId, Value)>,
}

/// Who calls.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) id: Str,
    pub(super) claims: Value,
}

/// Types a case.
///
/// # Errors
/// Whatever contradicts the program.
pub(super) fn prepare<'a>(
    program: &Program,
    decoder: &Decoder,
    journey: &Journey,
    case: &'a Case,
) -> Result<Prepared<'a>, Diagnostics> {
    let mut typing = Typing {
        program,
        decoder,
        reader: Reader::default(),
    };
    let script = &case.script;
    let now = script
        .now
        .or_else(|| Timestamp::new(DEFAULT_NOW, 0))
        .ok_or_else(Diagnostics::default)?;
    let prepared = Prepared {
        sent: Sent::new(&case.request, journey, &mut typing.reader),
        config: typing.settings(&script.config, false),
        secret: typing.settings(&script.secrets, true),
        client: (!matches!(journey.auth, Auth::None { .. }))
            .then(|| caller(script.client.as_ref())),
        now,
        seed: script.seed.unwrap_or_default().into(),
        script: case
            .calls
            .iter()
            .filter_map(|mock| typing.mock(mock))
            .collect(),
        tokens: typing.tokens(case, now),
        given: typing.given(&script.given),
    };
    let findings = typing.reader.findings;
    if findings.is_empty() {
        Ok(prepared)
    } else {
        Err(findings)
    }
}

/// A case that names no client is of one that is called `test`.
fn caller(client: Option<&Client>) -> Caller {
    let id: Str = client.map_or("test".into(), |client| client.id.as_str().into());
    let named = || Map::from_iter([("sub", Value::from(id.clone()))]).into();
    let claims = client.and_then(|client| client.claims.as_ref());
    Caller {
        claims: claims.map_or_else(named, Data::to_value),
        id,
    }
}

struct Typing<'p> {
    program: &'p Program,
    decoder: &'p Decoder,
    reader: Reader,
}

impl Typing<'_> {
    /// All settings of a kind: as given, else their default, else absent.
    fn settings(&mut self, given: &Entries, secret: bool) -> Value {
        let program = self.program;
        let declared = || {
            program
                .manifest
                .settings
                .iter()
                .filter(move |s| s.secret == secret)
        };
        for (name, _) in given
            .iter()
            .filter(|(name, _)| !declared().any(|s| s.name == name.node))
        {
            let kind = if secret { "secret" } else { "config setting" };
            let known = declared().map(|s| s.name.as_str());
            self.unknown(
                name.span,
                &format!("there is no {kind} `{}`", name.node),
                suggestion(&name.node, known),
            );
        }
        let shape = Arc::new(Shape::new(declared().map(|setting| setting.name.clone())));
        let mut slots = Vec::new();
        for setting in declared() {
            let found = given.iter().find(|(name, _)| name.node == setting.name);
            slots.push(match found {
                Some((_, data)) => {
                    Some(self.typed(setting.schema, data, Mode::Request, "this setting"))
                }
                None => setting.default.clone(),
            });
        }
        Value::object(&shape, slots)
    }

    /// Records for the stores of the program.
    fn given(&mut self, given: &Entries) -> Vec<(StoreId, Value)> {
        let stores = &self.program.manifest.stores;
        let mut records = Vec::new();
        for (name, data) in given {
            let mut known = (0..).map(StoreId).zip(stores);
            let Some((id, store)) = known.find(|(_, store)| store.name == name.node) else {
                let near = suggestion(&name.node, stores.iter().map(|store| store.name.as_str()));
                self.unknown(
                    name.span,
                    &format!("there is no store `{}`", name.node),
                    near,
                );
                continue;
            };
            for record in self.reader.list(data, "the records of a store").to_vec() {
                let value = self.typed(store.record, &record, Mode::Request, "a stored record");
                records.push((id, value));
            }
        }
        records
    }

    fn unknown(&mut self, span: Span, what: &str, help: Option<String>) {
        let finding = Diagnostic::new(Code::BAD_SPECIFICATION, span, what);
        self.reader.findings.push(finding.maybe_help(help));
    }

    /// Data as a value of a type; what does not fit is a contradiction.
    fn typed(&mut self, schema: TypeId, data: &Data, mode: Mode, what: &str) -> Value {
        self.typed_value(schema, &data.to_value(), mode, what, |pointer| {
            pointed(data, pointer)
        })
    }

    fn typed_value(
        &mut self,
        schema: TypeId,
        value: &Value,
        mode: Mode,
        what: &str,
        at: impl Fn(&str) -> Span,
    ) -> Value {
        let mut faults = Faults::new();
        let value = self
            .decoder
            .value(schema, value, mode, &Path::root("body"), &mut faults);
        for fault in faults.list() {
            let pointer = fault.pointer.as_str();
            let place = if pointer.is_empty() {
                String::new()
            } else {
                format!(" at {pointer}")
            };
            let message = format!(
                "{what} contradicts its declared type{place}: {}",
                fault.message
            );
            self.reader.findings.push(Diagnostic::new(
                Code::CONTRADICTING_MOCK,
                at(pointer),
                message,
            ));
        }
        value
    }

    fn mock<'a>(&mut self, mock: &'a Mock) -> Option<Scripted<'a>> {
        let operations = &self.program.manifest.operations;
        let Some(operation) = operations
            .iter()
            .find(|operation| operation.name == mock.call.node)
        else {
            let known = operations.iter().map(|operation| operation.name.as_str());
            let message = format!("there is no operation `{}`", mock.call.node);
            self.unknown(mock.call.span, &message, suggestion(&mock.call.node, known));
            return None;
        };
        let outcome = match &mock.end {
            MockEnd::Fails(kind) => Err(failure(*kind)),
            MockEnd::Answer { status, span, body } => {
                Ok(self.answer(operation, (*status, *span), body.as_ref())?)
            }
        };
        if let Some(with) = &mock.with {
            self.arguments(operation, with);
        }
        Some(Scripted { mock, outcome })
    }

    fn arguments(&mut self, operation: &Operation, with: &Data) {
        let known = || operation.params.iter().map(|param| param.name.as_str());
        let unknown: Vec<_> = self
            .reader
            .entries(with, "`with`")
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        for name in unknown
            .iter()
            .filter(|name| !known().any(|known| known == name.node))
        {
            let message = format!("{} has no parameter `{}`", operation.name, name.node);
            self.unknown(name.span, &message, suggestion(&name.node, known()));
        }
    }

    /// The result of a call, as the server would have read it.
    fn answer(
        &mut self,
        operation: &Operation,
        (status, span): (u16, Span),
        body: Option<&Data>,
    ) -> Option<Value> {
        let Some(declared) = operation
            .responses
            .iter()
            .find(|response| response.status == status)
        else {
            let all: Vec<String> = operation
                .responses
                .iter()
                .map(|response| response.status.to_string())
                .collect();
            let message = format!("{} does not declare {status}", operation.name);
            let finding = Diagnostic::new(Code::CONTRADICTING_MOCK, span, message);
            let help = format!(
                "it declares {}; `fails: unexpected_status` stands for any other",
                all.join(", ")
            );
            self.reader.findings.push(finding.help(help));
            return None;
        };
        let body = match (declared.schema, body) {
            (Some(schema), Some(data)) => self.typed(schema, data, Mode::Response, "this body"),
            (Some(schema), None) => {
                self.typed_value(schema, &Value::Null, Mode::Response, "no body", |_| span)
            }
            (None, None) => Value::Null,
            (None, Some(data)) => {
                let message = format!("{} declares no body for {status}", operation.name);
                self.reader.findings.push(Diagnostic::new(
                    Code::CONTRADICTING_MOCK,
                    data.span,
                    message,
                ));
                Value::Null
            }
        };
        let shape = Arc::new(["status", "body"].into_iter().collect());
        Some(Value::object(
            &shape,
            vec![Some(i64::from(status).into()), Some(body)],
        ))
    }

    fn tokens(&mut self, case: &Case, now: Timestamp) -> BTreeMap<(IssuerId, Str), Outcome> {
        let issuers = &self.program.manifest.issuers;
        let mut all = BTreeMap::new();
        for (name, tokens) in &case.script.tokens {
            let Some((id, issuer)) = (0..)
                .map(IssuerId)
                .zip(issuers)
                .find(|(_, issuer)| issuer.name == name.node)
            else {
                let known = issuers.iter().map(|issuer| issuer.name.as_str());
                let message = format!("there is no issuer `{}`", name.node);
                self.unknown(name.span, &message, suggestion(&name.node, known));
                continue;
            };
            for (token, says) in tokens {
                let outcome = match says {
                    Token::Fails(kind) => Err(failure(*kind)),
                    Token::Claims(data) => {
                        let claims = with_registered(
                            &issuer.name,
                            self.shape(issuer.claims),
                            &data.to_value(),
                            now,
                        );
                        Ok(self.typed_value(
                            issuer.claims,
                            &claims,
                            Mode::Response,
                            "this token",
                            |pointer| pointed(data, pointer),
                        ))
                    }
                };
                all.insert((id, Str::from(&token.node)), outcome);
            }
        }
        all
    }

    fn shape(&self, claims: TypeId) -> Option<&Shape> {
        match self.program.types.get(claims) {
            Some(Schema::Object { shape, .. }) => Some(shape),
            _ => None,
        }
    }
}

/// The place that a JSON Pointer leads to, as far as it leads.
fn pointed(data: &Data, pointer: &str) -> Span {
    let mut at = data;
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        let next = match &at.kind {
            DataKind::List(items) => name.parse().ok().and_then(|index: usize| items.get(index)),
            DataKind::Map(_) => at.get(&name),
            DataKind::Scalar(_) => None,
        };
        let Some(next) = next else { break };
        at = next;
    }
    at.span
}

fn failure(kind: ErrorKind) -> EvalError {
    EvalError::new(kind, "as scripted")
}

/// Claims that every token has and a test seldom speaks of.
fn with_registered(issuer: &str, shape: Option<&Shape>, claims: &Value, now: Timestamp) -> Value {
    let registered: [(&str, Value); 5] = [
        ("iss", format!("https://{issuer}.example").into()),
        ("sub", "subject".into()),
        ("aud", "test".into()),
        ("iat", now.seconds().into()),
        ("exp", (now.seconds() + LIFETIME).into()),
    ];
    let mut all = claims.as_map().cloned().unwrap_or_default();
    for (name, value) in registered {
        let declared = shape.is_some_and(|shape| shape.slot(name).is_some());
        if declared && all.get_str(name).is_none() {
            all.insert(Key::String(name.into()), value);
        }
    }
    all.into()
}
