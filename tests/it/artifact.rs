//! Artifacts: nothing is lost, and nothing but a sound program comes out of hostile bytes.

use crate::assemble::assemble;
use journey_machine::index::Reg;
use journey_machine::machine::{Limits, Machine, Surroundings, Turn};
use journey_machine::manifest::{
    AnswerType, Auth, BodyKind, Breaker, Connection, ConnectionAuth, ConnectionId, ErrorCode,
    ErrorStyle, Input, IssuerId, Journey, KeySource, Limit, LimitId, LimitUse, Manifest, Operation,
    Param, Place, Retry, Segment, Setting, Text, Tls,
};
use journey_machine::program::{Debug, FuncId, Naming, Parts, Pc, Program};
use journey_machine::schema::{Bound, Field, Schema, TypeId, Types};
use journey_machine::span::{FileId, Span};
use journey_machine::value::{Duration, Shape, Timestamp, Value};
use journey_machine::wire::program::{DecodeError, VERSION, decode, encode, hash};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const HEADER: usize = 4 + 2 + 8 + 32;

const CODE: &str = r#"
operation up.get id
issuer idp
store rooms {id, floor, owner} key {id} unique by_owner {owner} index by_floor {floor, id} retain 1000 labelled {owner} blobs {floor}
task clean runs branch {room} attempts 3 backoff 1000..3600000 timeout 60000 keep 86400000
task count runs branch {room} attempts 2 after [5, 10] timeout 60000 keep 86400000
signal cleaned
function shape params 1 registers 2
  object {error} {&r0} ->r1
  return &r1
function branch params 1 registers 3
  perform call up.get &r0 ->r1
  field &r1 .body@1 ->r2
  return &r2
function main registers 6
  context input ->r0
  iter &r0 &->r1
  next &->r1 ->r3 7
  switch &r3 {1: 5, "a": 6}
  const [null, true, -3, 4u, 1.5, "text", bytes(00ff), {"k": [1]}, timestamp(2026-01-01T00:00:00Z), duration(1.5s), type(int)] ->r4
  builtin size &r3..r3 ->r4
  jump 2
  scope settle 2 ->r1
  fork branch &r0..r0 &r1
  join &r1 ->r2
  perform validate idp &r2..r2 ->r3
  perform emit done &r3..r3 ->r4
  complete 200 json {location, x-a} &r2..r4
  describe &r5 ->r4
  perform find rooms by by_floor equal 1 >= < max 9 descending &r0..r2 ->r3
  perform count rooms equal 0 max 5 - ->r3
  perform get rooms by by_owner &r0..r0 ->r3
  perform insert rooms &r0..r0 ->r3
  perform update rooms at &r0..r2 ->r3
  perform delete rooms &r0..r0 ->r3
  perform start clean after key &r0..r3 ->r3
  perform signal cleaned &r0..r2 ->r3
  perform sleep &r0..r0 ->r3
  perform wait cleaned &r0..r1 ->r3
  perform read &r0..r0 ->r3
  complete 502 json &r4..r4
  catch 0..13 to 13 r5
"#;

/// A program with something of everything.
fn everything() -> Parts {
    let mut parts = assemble(CODE).unwrap();
    let records = std::mem::replace(&mut parts.types, types()).0;
    parts.manifest.stores[0].record = TypeId(parts.types.0.len() as u16);
    parts.types.0.extend(records.into_iter().skip(1));
    parts.files = vec!["a.journey".into()];
    parts.functions[2].debug = Debug {
        spans: vec![(Pc(0), Span::new(FileId(0), 3, 9))],
        steps: vec![(Pc(1), "for item".into())],
        names: vec![Naming {
            start: Pc(0),
            end: Pc(1),
            reg: Reg(3),
            name: "item".into(),
        }],
    };
    manifest(&mut parts.manifest);
    parts
}

fn types() -> Types {
    let field = |schema, default| Field {
        schema: TypeId(schema),
        optional: false,
        default,
    };
    Types(vec![
        Schema::Any,
        Schema::Null,
        Schema::Bool,
        Schema::Int {
            min: i64::MIN,
            max: i64::MAX,
        },
        Schema::Uint {
            min: 0,
            max: u64::MAX,
        },
        Schema::Double {
            min: Bound::Exclusive(0.0),
            max: Bound::Inclusive(1.5),
        },
        Schema::Double {
            min: Bound::Open,
            max: Bound::Open,
        },
        Schema::String {
            min: 1,
            max: 64,
            pattern: Some("[a-z]+".into()),
        },
        Schema::Url,
        Schema::Bytes { max: 10 },
        Schema::Timestamp,
        Schema::Duration,
        Schema::Enum(vec!["a".into(), "b".into()]),
        Schema::Nullable(TypeId(7)),
        Schema::List {
            item: TypeId(13),
            min: 0,
            max: 9,
        },
        Schema::Map {
            value: TypeId(14),
            max: 3,
        },
        Schema::Object {
            shape: shape(&["x", "y"]),
            fields: vec![field(16, None), field(3, Some(Value::Int(1)))],
            open: true,
        },
    ])
}

fn shape(names: &[&str]) -> Arc<Shape> {
    Arc::new(names.iter().copied().collect())
}

fn param(name: &str, place: Place) -> Param {
    Param {
        name: name.into(),
        wire: name.into(),
        place,
        schema: TypeId(3),
        optional: true,
        default: Some(Value::Int(1)),
    }
}

fn manifest(manifest: &mut Manifest) {
    manifest.journeys = vec![
        journey(
            "a",
            Auth::ClientToken {
                issuer: Some(IssuerId(0)),
            },
        ),
        journey("b", Auth::Basic),
        journey(
            "c",
            Auth::None {
                reason: "public".into(),
            },
        ),
    ];
    manifest.limits = vec![Limit {
        name: "polls".into(),
        docs: "Not too often.".into(),
        count: 1,
        per: 2_000,
        burst: 3,
    }];
    manifest.connections.extend(auths().map(connection));
    manifest.operations.extend(
        [
            BodyKind::None,
            BodyKind::Json,
            BodyKind::Form,
            BodyKind::Multipart,
            BodyKind::Upload,
        ]
        .map(operation),
    );
    manifest.issuers[0].keys = KeySource::Discovery(Text::Config("idp".into()));
    manifest.errors = vec![ErrorStyle {
        name: Some("mine".into()),
        shape: Some(FuncId(0)),
        codes: vec![ErrorCode {
            code: "unknown".into(),
            status: 404,
            message: "No.".into(),
        }],
    }];
    manifest.settings = vec![
        Setting {
            name: "limit".into(),
            secret: false,
            schema: TypeId(3),
            optional: false,
            default: Some(Value::Int(3)),
        },
        Setting {
            name: "key".into(),
            secret: true,
            schema: TypeId(7),
            optional: true,
            default: None,
        },
    ];
}

fn journey(name: &str, auth: Auth) -> Journey {
    let places = [
        Place::Path,
        Place::Query,
        Place::Header,
        Place::Cookie,
        Place::Field,
        Place::Body,
    ];
    let names = ["p", "q", "h", "c", "f", "b"];
    Journey {
        name: name.into(),
        docs: "What it does.".into(),
        function: FuncId(2),
        methods: vec!["GET".into(), "POST".into()],
        path: vec![Segment::Literal("v1".into()), Segment::Param(0)],
        auth,
        deadline: 800,
        redirects: vec![
            Text::Config("app".into()),
            Text::Literal("https://app.example".into()),
        ],
        limits: vec![LimitUse {
            limit: LimitId(0),
            key: FuncId(2),
        }],
        input: Input {
            shape: shape(&names),
            params: names
                .iter()
                .zip(places)
                .map(|(name, place)| param(name, place))
                .collect(),
            body: BodyKind::Json,
            open: true,
        },
        answers: vec![AnswerType {
            status: 200,
            schema: Some(TypeId(16)),
            docs: "Fine.".into(),
        }],
        errors: Some(0),
    }
}

fn auths() -> impl Iterator<Item = ConnectionAuth> {
    let text = |name: &str| Text::Secret(name.into());
    [
        ConnectionAuth::None,
        ConnectionAuth::Basic {
            username: text("u"),
            password: text("p"),
        },
        ConnectionAuth::Bearer(text("t")),
        ConnectionAuth::Header {
            name: "x-key".into(),
            value: text("k"),
        },
        ConnectionAuth::ClientCredentials {
            token_url: Text::Literal("https://idp.example".into()),
            client_id: Text::Config("id".into()),
            client_secret: text("s"),
            scope: Some(Text::Literal("read".into())),
        },
        ConnectionAuth::JwtBearer {
            token_url: Text::Literal("https://idp.example".into()),
            issuer: Text::Config("id".into()),
            subject: None,
            audience: Some(text("a")),
            key: text("k"),
            key_id: None,
            scope: None,
        },
    ]
    .into_iter()
}

fn connection(auth: ConnectionAuth) -> Connection {
    Connection {
        name: "crm".into(),
        base: Text::Config("crm_url".into()),
        auth,
        timeout: 200,
        retry: Retry {
            attempts: 1,
            min: 20,
            max: 100,
        },
        breaker: Some(Breaker {
            failures: 5,
            window: 10_000,
            open: 5_000,
        }),
        concurrency: 64,
        internal: true,
        signature: Some(Text::Secret("s".into())),
        tls: Some(Tls {
            roots: Some(Text::Config("ca".into())),
            certificate: Some(Text::Secret("c".into())),
            key: Some(Text::Secret("k".into())),
        }),
    }
}

fn operation(body: BodyKind) -> Operation {
    Operation {
        name: "crm.customer".into(),
        connection: ConnectionId(1),
        method: "GET".into(),
        path: vec![Segment::Literal("customers".into()), Segment::Param(0)],
        params: vec![param("id", Place::Path), param("trace", Place::Header)],
        body,
        idempotent: false,
        timeout: Some(100),
        responses: vec![AnswerType {
            status: 404,
            schema: None,
            docs: "".into(),
        }],
    }
}

#[test]
fn nothing_is_lost() {
    let program = Program::new(everything()).unwrap();
    let bytes = encode(&program);
    let again = decode(&bytes).unwrap();
    assert_eq!(*again, *program);
    assert_eq!(encode(&again), bytes);
}

#[test]
fn a_program_is_named_by_what_it_does() {
    let mut parts = everything();
    let program = Program::new(parts.clone()).unwrap();
    parts.files.clear();
    parts
        .functions
        .iter_mut()
        .for_each(|f| f.debug = Debug::default());
    let bare = Program::new(parts.clone()).unwrap();
    assert_ne!(encode(&program), encode(&bare));
    assert_eq!(hash(&program), hash(&bare));
    parts.constants.push(Value::Int(-77));
    assert_ne!(hash(&Program::new(parts).unwrap()), hash(&bare));
}

#[test]
fn damage_is_seen() {
    let bytes = encode(&Program::new(everything()).unwrap());
    for end in 0..bytes.len() {
        assert!(decode(&bytes[..end]).is_err(), "cut off at {end}");
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(decode(&flipped).is_err(), "bit {bit}");
    }
    assert_eq!(
        decode(&[bytes.as_slice(), &[0]].concat()),
        Err(DecodeError::Length)
    );
}

/// Whoever makes the hash fit as well gets a refusal or a program that runs within its limits.
#[test]
fn forged_payloads_are_refused_or_harmless() {
    let payload = encode(&Program::new(everything()).unwrap()).split_off(HEADER);
    let mut accepted = 0;
    for bit in 0..payload.len() * 8 {
        let mut forged = payload.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        accepted += usize::from(survives(&forged));
    }
    for end in 0..payload.len() {
        assert!(
            !survives(&payload[..end]),
            "a part of a payload is no payload"
        );
    }
    assert!(
        accepted > 0,
        "most of an artifact is text: some flips must be harmless"
    );
}

/// Reads the payload behind a header that fits, and runs what comes out. Was it a program?
fn survives(payload: &[u8]) -> bool {
    let length = (payload.len() as u64).to_le_bytes();
    let artifact = [
        b"JRNY".as_slice(),
        &VERSION.to_le_bytes(),
        &length,
        &Sha256::digest(payload),
        payload,
    ]
    .concat();
    let Ok(program) = decode(&artifact) else {
        return false;
    };
    for function in (0..program.functions.len() as u16).map(FuncId) {
        let around = Surroundings {
            input: Value::from(vec![Value::Int(1), "a".into()]),
            ..Surroundings::default()
        };
        let limits = Limits {
            steps: 200,
            memory: 100_000,
        };
        let mut machine =
            Machine::start(&program, function, Vec::new(), around, 1).with_limits(limits);
        machine.run(
            &program,
            Turn {
                now: Timestamp::EPOCH,
                fuel: 1_000,
            },
            &mut Vec::new(),
        );
    }
    true
}

#[test]
fn lengths_are_not_believed() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    for start in 0..40 {
        assert!(!survives(&[vec![0; start], huge.to_vec()].concat()));
    }
    assert_eq!(decode(b"GIF89a"), Err(DecodeError::Magic));
    assert_eq!(
        decode(b"JRNY\x01\x00"),
        Err(DecodeError::Version(1, VERSION))
    );
}

#[test]
fn constants_keep_their_types() {
    let mut parts = everything();
    let constants = [
        Value::Double(1.0),
        Value::Double(f64::NEG_INFINITY),
        Value::Uint(u64::MAX),
        Value::Int(i64::MIN),
    ];
    let times = [
        Value::Timestamp(Timestamp::MIN),
        Value::Duration(Duration::from_nanos(i64::MIN)),
    ];
    parts.constants.extend(constants.into_iter().chain(times));
    let again = decode(&encode(&Program::new(parts.clone()).unwrap())).unwrap();
    assert!(
        again
            .constants
            .iter()
            .zip(&parts.constants)
            .all(|(a, b)| a.is_identical(b))
    );
}
