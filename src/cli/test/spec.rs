//! Specifications: `NAME.test.yaml`, what its cases send, what the world around a journey says, what must come out.
//!
//! Reading finds every fault of form. Whether a mock fits the declared types is seen when a case is played.

use super::read::Reader;
use journey_lang::ast::Name;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::{Source, Sources};
use journey_lang::yaml::{self, Data, DataKind};
use journey_machine::span::{FileId, Span};
use journey_machine::value::{ErrorKind, Timestamp, Value};

/// The ending of specifications.
pub(crate) const ENDING: &str = ".test.yaml";

/// Ways in which a scripted call can fail.
const CALL_FAILURES: [ErrorKind; 6] = [
    ErrorKind::Timeout,
    ErrorKind::Unavailable,
    ErrorKind::BreakerOpen,
    ErrorKind::Overloaded,
    ErrorKind::UnexpectedStatus,
    ErrorKind::BadBody,
];
/// Ways in which the validation of a scripted token can fail.
const TOKEN_FAILURES: [ErrorKind; 2] = [ErrorKind::InvalidToken, ErrorKind::KeysUnavailable];

const SCRIPT: [&str; 8] = [
    "config", "secrets", "now", "seed", "client", "tokens", "given", "repeated",
];
/// What a case may expect.
const EXPECTED: [&str; 6] = ["answer", "events", "steps", "stored", "started", "signals"];

/// Names with data, as written.
pub(crate) type Entries = Vec<(Name, Data)>;

/// One file.
#[derive(Debug)]
pub(crate) struct Spec {
    /// The journey under test; `None`: none is named, which is among the findings.
    pub(crate) journey: Option<Name>,
    pub(crate) cases: Vec<Case>,
}

/// One case, with what all cases of its file share.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: Name,
    pub(crate) script: Script,
    pub(crate) request: Request,
    pub(crate) calls: Vec<Mock>,
    pub(crate) expected: Expected,
}

/// The world around a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) config: Entries,
    pub(crate) secrets: Entries,
    pub(crate) now: Option<Timestamp>,
    pub(crate) seed: Option<u64>,
    /// How often the same request came before, at the same time.
    pub(crate) repeated: Option<u64>,
    pub(crate) client: Option<Client>,
    /// Tokens by issuer: those that are not here are invalid.
    pub(crate) tokens: Vec<(Name, Vec<(Name, Token)>)>,
    /// Records by store that are there before.
    pub(crate) given: Entries,
}

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) claims: Option<Data>,
}

/// What validating a token says.
#[derive(Clone, Debug)]
pub(crate) enum Token {
    Claims(Data),
    Fails(ErrorKind),
}

/// What the caller sends.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) span: Span,
    pub(crate) method: Option<Name>,
    pub(crate) path: Entries,
    pub(crate) query: Entries,
    pub(crate) headers: Entries,
    pub(crate) cookies: Entries,
    pub(crate) body: Option<Content>,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Content {
    /// JSON, a form or parts, as the journey takes it.
    Typed(Data),
    /// Bytes as they are.
    Raw(String),
}

/// A scripted call: what it is, what it must be given, how it ends.
#[derive(Debug)]
pub(crate) struct Mock {
    pub(crate) call: Name,
    pub(crate) with: Option<Data>,
    pub(crate) end: MockEnd,
}

#[derive(Debug)]
pub(crate) enum MockEnd {
    Answer {
        status: u16,
        span: Span,
        body: Option<Data>,
    },
    Fails(ErrorKind),
}

/// What must come out. What is not said is not looked at.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) answer: Option<Data>,
    pub(crate) events: Option<Data>,
    pub(crate) steps: Option<Data>,
    /// Records by store that are there afterwards.
    pub(crate) stored: Option<Data>,
    pub(crate) started: Option<Data>,
    pub(crate) signals: Option<Data>,
    /// Behind the last line of the case, for what an update has to add.
    pub(crate) end: u32,
    /// Column of the keys of the case, from 0.
    pub(crate) column: usize,
}

/// Reads a specification.
pub(crate) fn read(path: &str, text: &str) -> (Sources, Spec, Diagnostics) {
    let sources = Sources::new(vec![Source {
        path: path.to_owned(),
        text: text.to_owned(),
    }]);
    let mut reader = Reader::default();
    let data = yaml::parse_data(FileId(0), text, &mut reader.findings);
    let mut spec = Spec {
        journey: None,
        cases: Vec::new(),
    };
    match &data {
        Some(data) => spec = reader.spec(data, text),
        None if reader.findings.is_empty() => {
            reader.wrong(Span::default(), "the specification is empty")
        }
        None => {}
    }
    reader.findings.sort();
    (sources, spec, reader.findings)
}

impl Reader {
    fn spec(&mut self, data: &Data, text: &str) -> Spec {
        let known: Vec<&str> = ["journey", "cases"].into_iter().chain(SCRIPT).collect();
        self.mapping(data, "a specification", &known);
        let shared = self.script(data, Script::default());
        let journey = self
            .required(data, "a specification", "journey")
            .and_then(|d| self.name(d, "`journey`"));
        let mut cases: Vec<Case> = Vec::new();
        for data in self
            .required(data, "a specification", "cases")
            .map_or(&[][..], |d| self.list(d, "`cases`"))
        {
            let Some(case) = self.case(data, &shared, text) else {
                continue;
            };
            if cases.iter().any(|other| other.name.node == case.name.node) {
                self.wrong(case.name.span, "another case has this name");
            }
            cases.push(case);
        }
        Spec { journey, cases }
    }

    fn case(&mut self, data: &Data, shared: &Script, text: &str) -> Option<Case> {
        let known: Vec<&str> = ["name", "request", "calls"]
            .into_iter()
            .chain(EXPECTED)
            .chain(SCRIPT)
            .collect();
        let entries = self.mapping(data, "a case", &known);
        let name = self
            .required(data, "a case", "name")
            .and_then(|d| self.name(d, "`name`"))?;
        if let Some(answer) = data.get("answer") {
            self.mapping(
                answer,
                "an expected answer",
                &["status", "headers", "body", "problem"],
            );
        }
        let column = entries
            .first()
            .map_or(0, |(key, _)| column(text, key.span.start));
        Some(Case {
            name,
            script: self.script(data, shared.clone()),
            request: data
                .get("request")
                .map(|d| self.request(d))
                .unwrap_or_default(),
            calls: data.get("calls").map_or(Vec::new(), |d| self.calls(d)),
            expected: Expected {
                answer: data.get("answer").cloned(),
                events: data.get("events").cloned(),
                steps: data.get("steps").cloned(),
                stored: data.get("stored").cloned(),
                started: data.get("started").cloned(),
                signals: data.get("signals").cloned(),
                end: data.span.end,
                column,
            },
        })
    }

    /// What is said here, over what is said for the whole file.
    fn script(&mut self, data: &Data, mut script: Script) -> Script {
        let over = |base: &mut Entries, own: &[(Name, Data)]| {
            base.retain(|(name, _)| !own.iter().any(|(other, _)| other.node == name.node));
            base.extend(own.iter().cloned());
        };
        if let Some(config) = data.get("config") {
            over(&mut script.config, self.entries(config, "`config`"));
        }
        if let Some(given) = data.get("given") {
            over(&mut script.given, self.entries(given, "`given`"));
        }
        if let Some(secrets) = data.get("secrets") {
            over(&mut script.secrets, self.entries(secrets, "`secrets`"));
        }
        if let Some(now) = data.get("now") {
            let time = self
                .name(now, "`now`")
                .and_then(|text| Timestamp::parse(&text.node));
            if time.is_none() {
                self.wrong(now.span, "`now` is a time like 2026-01-31T12:00:00Z");
            }
            script.now = time.or(script.now);
        }
        if let Some(seed) = data.get("seed") {
            script.seed = self.number("seed", seed).or(script.seed);
        }
        if let Some(repeated) = data.get("repeated") {
            script.repeated = self.number("repeated", repeated).or(script.repeated);
        }
        if let Some(client) = data.get("client") {
            script.client = self.client(client).or(script.client);
        }
        if let Some(tokens) = data.get("tokens") {
            self.tokens(tokens, &mut script.tokens);
        }
        script
    }

    fn number(&mut self, what: &str, data: &Data) -> Option<u64> {
        let number = data.to_value().as_u64();
        if number.is_none() {
            self.wrong(
                data.span,
                format!("`{what}` is a whole number that is not negative"),
            );
        }
        number
    }

    fn client(&mut self, data: &Data) -> Option<Client> {
        self.mapping(data, "`client`", &["id", "claims"]);
        let id = self
            .required(data, "`client`", "id")
            .and_then(|d| self.name(d, "`id`"))?;
        Some(Client {
            id: id.node,
            claims: data.get("claims").cloned(),
        })
    }

    fn tokens(&mut self, data: &Data, tokens: &mut Vec<(Name, Vec<(Name, Token)>)>) {
        for (issuer, known) in self.entries(data, "`tokens`") {
            let mut all = Vec::new();
            for (token, says) in self.entries(known, "the tokens of an issuer") {
                all.extend(self.token(says).map(|says| (token.clone(), says)));
            }
            tokens.retain(|(other, _)| other.node != issuer.node);
            tokens.push((issuer.clone(), all));
        }
    }

    fn token(&mut self, data: &Data) -> Option<Token> {
        match &data.kind {
            DataKind::Scalar(Value::String(_)) => {
                self.failure(data, &TOKEN_FAILURES).map(Token::Fails)
            }
            DataKind::Map(_) => Some(Token::Claims(data.clone())),
            DataKind::Scalar(_) | DataKind::List(_) => {
                self.wrong(
                    data.span,
                    "a token says its claims, or how its validation fails",
                );
                None
            }
        }
    }

    fn request(&mut self, data: &Data) -> Request {
        let known = [
            "method", "path", "query", "headers", "cookies", "body", "raw",
        ];
        self.mapping(data, "`request`", &known);
        let mut entries = |key: &str| {
            data.get(key).map_or(Vec::new(), |d| {
                self.entries(d, &format!("`{key}`")).to_vec()
            })
        };
        let [path, query, headers, cookies] =
            ["path", "query", "headers", "cookies"].map(&mut entries);
        if let (Some(_), Some(raw)) = (data.get("body"), data.get("raw")) {
            self.wrong(raw.span, "a request has `body` or `raw`, not both");
        }
        let raw = data
            .get("raw")
            .and_then(|d| self.name(d, "`raw`"))
            .map(|raw| Content::Raw(raw.node));
        Request {
            span: data.span,
            method: data.get("method").and_then(|d| self.name(d, "`method`")),
            path,
            query,
            headers,
            cookies,
            body: data.get("body").cloned().map(Content::Typed).or(raw),
        }
    }

    fn calls(&mut self, data: &Data) -> Vec<Mock> {
        self.list(data, "`calls`")
            .iter()
            .filter_map(|data| self.mock(data))
            .collect()
    }

    fn mock(&mut self, data: &Data) -> Option<Mock> {
        self.mapping(
            data,
            "a scripted call",
            &["call", "with", "answer", "fails"],
        );
        let call = self
            .required(data, "a scripted call", "call")
            .and_then(|d| self.name(d, "`call`"))?;
        let end = match (data.get("answer"), data.get("fails")) {
            (Some(answer), None) => self.answer(answer)?,
            (None, Some(fails)) => MockEnd::Fails(self.failure(fails, &CALL_FAILURES)?),
            (Some(_), Some(_)) | (None, None) => {
                self.wrong(call.span, "a scripted call has `answer` or `fails`");
                return None;
            }
        };
        Some(Mock {
            call,
            with: data.get("with").cloned(),
            end,
        })
    }

    fn answer(&mut self, data: &Data) -> Option<MockEnd> {
        self.mapping(data, "the answer of a scripted call", &["status", "body"]);
        let status = self.required(data, "the answer of a scripted call", "status")?;
        let Some(number) = status
            .to_value()
            .as_u64()
            .and_then(|n| u16::try_from(n).ok())
        else {
            self.wrong(status.span, "`status` is a number like 200");
            return None;
        };
        Some(MockEnd::Answer {
            status: number,
            span: status.span,
            body: data.get("body").cloned(),
        })
    }

    fn failure(&mut self, data: &Data, kinds: &[ErrorKind]) -> Option<ErrorKind> {
        let value = data.to_value();
        let found = kinds
            .iter()
            .copied()
            .find(|kind| value.as_str() == Some(kind.code()));
        if found.is_none() {
            let all: Vec<&str> = kinds.iter().map(|kind| kind.code()).collect();
            self.wrong(data.span, format!("a failure is one of {}", all.join(", ")));
        }
        found
    }
}

/// Characters before a byte in its line.
fn column(text: &str, at: u32) -> usize {
    let before = usize::try_from(at)
        .ok()
        .and_then(|at| text.get(..at))
        .unwrap_or_default();
    before.chars().rev().take_while(|c| *c != '\n').count()
}
