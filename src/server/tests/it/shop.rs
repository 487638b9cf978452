//! A program with one connection, and calls of its two operations.

use journey_machine::effect::Outcome;
use journey_machine::manifest::*;
use journey_machine::program::{Parts, Program};
use journey_machine::schema::{Decoder, Field, Schema, TypeId, Types};
use journey_machine::value::{ErrorKind, Shape, Str, Value};
use journey_server::config::StartError;
use journey_server::settings::Settings;
use journey_server::state::State;
use journey_server::upstream::Upstreams;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const GET: OperationId = OperationId(0);

pub(crate) const POST: OperationId = OperationId(1);

pub(crate) const ITEM: &str = r#"{"id":"1","more":true}"#;

pub(crate) fn literal(text: impl AsRef<str>) -> Text {
    Text::Literal(Str::from(text.as_ref()))
}

pub(crate) fn connection(base: &str) -> Connection {
    Connection {
        name: "shop".into(),
        base: literal(base),
        auth: ConnectionAuth::None,
        timeout: 300,
        retry: Retry::default(),
        breaker: None,
        concurrency: 8,
        internal: true,
        signature: None,
        tls: None,
    }
}

pub(crate) fn operation(name: &str, method: &str, idempotent: bool) -> Operation {
    let answer = |status, schema| AnswerType {
        status,
        schema,
        docs: "".into(),
    };
    Operation {
        name: name.into(),
        connection: ConnectionId(0),
        method: method.into(),
        path: vec![Segment::Literal("items".into()), Segment::Param(0)],
        params: vec![Param {
            name: "id".into(),
            wire: "id".into(),
            place: Place::Path,
            schema: TypeId(0),
            optional: false,
            default: None,
        }],
        body: BodyKind::None,
        idempotent,
        timeout: None,
        responses: vec![answer(200, Some(TypeId(1))), answer(404, None)],
    }
}

pub(crate) fn types() -> Types {
    let shape: Shape = ["id"].into_iter().collect();
    let id = Field {
        schema: TypeId(0),
        optional: false,
        default: None,
    };
    Types(vec![
        Schema::String {
            min: 0,
            max: 100,
            pattern: None,
        },
        Schema::Object {
            shape: Arc::new(shape),
            fields: vec![id],
            open: false,
        },
    ])
}

pub(crate) fn load(
    connection: Connection,
    previous: Option<&Upstreams>,
) -> Result<Upstreams, StartError> {
    let manifest = Manifest {
        connections: vec![connection],
        operations: vec![
            operation("shop.get", "GET", true),
            operation("shop.post", "POST", false),
        ],
        ..Manifest::default()
    };
    let program = Arc::new(
        Program::new(Parts {
            manifest,
            types: types(),
            ..Parts::default()
        })
        .unwrap(),
    );
    let decoder = Arc::new(Decoder::new(&program.types).unwrap());
    let secret = [("key".into(), Value::string("hunter2:h2"))].into();
    let settings = Settings {
        secret,
        ..Settings::default()
    };
    Upstreams::new(&program, &decoder, &settings, &Arc::default(), previous)
}

pub(crate) async fn call(upstreams: &Upstreams, operation: OperationId, limit: u64) -> Outcome {
    upstreams
        .call(
            operation,
            &[Value::string("a b/c")],
            None,
            &State::temporary().unwrap().blobs,
            Instant::now() + Duration::from_millis(limit),
        )
        .await
}

pub(crate) fn kind(outcome: &Outcome) -> Option<ErrorKind> {
    outcome.as_ref().err().map(|error| error.kind)
}

pub(crate) fn status(outcome: &Outcome) -> Option<i64> {
    outcome.as_ref().ok()?.get("status")?.as_i64()
}
