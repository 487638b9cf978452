//! Programs made by hand, a server for them, and a caller that sends bytes.

use journey_machine::index::{AnswerId, ConstId, FieldId, FuncId, PathId, Reg, SiteId};
use journey_machine::manifest::{
    AnswerType, Auth, BodyKind, Connection, ConnectionAuth, ConnectionId, Input, Journey,
    Operation, OperationId, Param, Place, Retry, Segment, Text,
};
use journey_machine::op::{Context, Op};
use journey_machine::program::{
    AnswerBody, AnswerSite, EffectSite, FieldRef, Function, Parts, Path, Program,
};
use journey_machine::schema::{Schema, TypeId};
use journey_machine::value::{Str, Value};
use journey_server::config::Config;
use journey_server::settings::Sources;
use journey_server::{Handle, start};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A program that grows.
#[derive(Default)]
pub(crate) struct Build {
    pub(crate) parts: Parts,
}

impl Build {
    pub(crate) fn schema(&mut self, schema: Schema) -> TypeId {
        self.parts.types.0.push(schema);
        TypeId(u16::try_from(self.parts.types.0.len() - 1).unwrap())
    }

    /// The input goes to the first register.
    pub(crate) fn input(&mut self) -> Op {
        self.parts.paths.push(Path::default());
        Op::Context {
            dst: Reg(0),
            what: Context::Input,
            path: PathId(u16::try_from(self.parts.paths.len() - 1).unwrap()),
        }
    }

    pub(crate) fn string(&mut self) -> TypeId {
        self.schema(Schema::String {
            min: 1,
            max: 8,
            pattern: None,
        })
    }

    pub(crate) fn int(&mut self) -> TypeId {
        self.schema(Schema::Int { min: 0, max: 100 })
    }

    pub(crate) fn constant(&mut self, value: impl Into<Value>) -> ConstId {
        self.parts.constants.push(value.into());
        ConstId(u16::try_from(self.parts.constants.len() - 1).unwrap())
    }

    pub(crate) fn field(&mut self, name: &str, slot: u16) -> FieldId {
        self.parts.fields.push(FieldRef::new(name, slot));
        FieldId(u16::try_from(self.parts.fields.len() - 1).unwrap())
    }

    pub(crate) fn answer(&mut self, status: u16, body: AnswerBody, headers: &[&str]) -> AnswerId {
        let headers = headers.iter().map(|&name| name.into()).collect();
        self.parts.answers.push(AnswerSite {
            status,
            body,
            headers,
        });
        AnswerId(u16::try_from(self.parts.answers.len() - 1).unwrap())
    }

    pub(crate) fn site(&mut self, site: EffectSite) -> SiteId {
        self.parts.sites.push(site);
        SiteId(u16::try_from(self.parts.sites.len() - 1).unwrap())
    }

    /// A journey without authentication at `POST /name`, for the caller to change.
    pub(crate) fn journey(
        &mut self,
        name: &str,
        params: Vec<Param>,
        code: Vec<Op>,
    ) -> &mut Journey {
        let function = FuncId(u16::try_from(self.parts.functions.len()).unwrap());
        self.parts.functions.push(Function {
            name: name.into(),
            params: 0,
            registers: 8,
            code,
            ..Function::default()
        });
        let shape = Arc::new(params.iter().map(|param| param.name.clone()).collect());
        let body = if params
            .iter()
            .any(|param| matches!(param.place, Place::Field | Place::Body))
        {
            BodyKind::Json
        } else {
            BodyKind::None
        };
        self.parts.manifest.journeys.push(Journey {
            name: name.into(),
            docs: Str::default(),
            function,
            methods: vec!["POST".into()],
            path: vec![Segment::Literal(name.into())],
            auth: Auth::None {
                reason: "a test".into(),
            },
            deadline: 5_000,
            redirects: Vec::new(),
            limits: Vec::new(),
            input: Input {
                shape,
                params,
                body,
                open: false,
            },
            answers: Vec::new(),
            errors: None,
        });
        self.parts.manifest.journeys.last_mut().unwrap()
    }

    /// A journey that answers its input.
    pub(crate) fn echo(&mut self, name: &str, params: Vec<Param>) -> &mut Journey {
        let (input, answer) = (self.input(), self.answer(200, AnswerBody::Json, &[]));
        let code = vec![
            input,
            Op::Complete {
                answer,
                first: Reg(0),
            },
        ];
        self.journey(name, params, code)
    }

    /// A journey that answers a text.
    pub(crate) fn says(&mut self, name: &str, text: &str) -> &mut Journey {
        let (answer, value) = (self.answer(200, AnswerBody::Text, &[]), self.constant(text));
        self.journey(
            name,
            Vec::new(),
            vec![
                Op::Const { dst: Reg(0), value },
                Op::Complete {
                    answer,
                    first: Reg(0),
                },
            ],
        )
    }

    /// A journey that calls `POST /echo` of an upstream with the field `name` of its input and answers what that answered.
    pub(crate) fn calls(&mut self, name: &str, upstream: SocketAddr) -> &mut Journey {
        self.connect(upstream);
        let (string, input) = (self.string(), self.input());
        let (field, body) = (self.field("name", 0), self.field("body", 1));
        let (site, answer) = (
            self.site(EffectSite::Call(OperationId(0))),
            self.answer(200, AnswerBody::Json, &[]),
        );
        let code = vec![
            input,
            Op::Field {
                dst: Reg(1),
                obj: Reg(0),
                field,
            },
            Op::Perform {
                dst: Reg(2),
                site,
                first: Reg(1),
            },
            Op::Field {
                dst: Reg(3),
                obj: Reg(2),
                field: body,
            },
            Op::Complete {
                answer,
                first: Reg(3),
            },
        ];
        self.journey(name, vec![param("name", Place::Field, string)], code)
    }

    fn connect(&mut self, upstream: SocketAddr) {
        let (any, string) = (self.schema(Schema::Any), self.string());
        self.parts.manifest.connections.push(Connection {
            name: "up".into(),
            base: Text::Literal(format!("http://{upstream}").into()),
            auth: ConnectionAuth::None,
            timeout: 2_000,
            retry: Retry::default(),
            breaker: None,
            concurrency: 8,
            internal: true,
            signature: None,
            tls: None,
        });
        self.parts.manifest.operations.push(Operation {
            name: "up.echo".into(),
            connection: ConnectionId(0),
            method: "POST".into(),
            path: vec![Segment::Literal("echo".into())],
            params: vec![param("name", Place::Field, string)],
            body: BodyKind::Json,
            idempotent: false,
            timeout: None,
            responses: vec![AnswerType {
                status: 200,
                schema: Some(any),
                docs: "".into(),
            }],
        });
    }

    pub(crate) fn program(self) -> Arc<Program> {
        Arc::new(Program::new(self.parts).unwrap())
    }
}

pub(crate) fn param(name: &str, place: Place, schema: TypeId) -> Param {
    Param {
        name: name.into(),
        wire: name.into(),
        place,
        schema,
        optional: false,
        default: None,
    }
}

pub(crate) fn optional(name: &str, place: Place, schema: TypeId) -> Param {
    Param {
        optional: true,
        ..param(name, place, schema)
    }
}

/// A server with a data folder of its own.
pub(crate) struct Served {
    pub(crate) handle: Handle,
    _data: TempDir,
}

pub(crate) async fn serve(program: Arc<Program>) -> Served {
    let data = tempfile::tempdir().unwrap();
    let any = "127.0.0.1:0".parse().unwrap();
    let config = Config {
        listen: any,
        admin: Some(any),
        data: data.path().join("data"),
        public_url: None,
        application: None,
        proxies: Default::default(),
        signing: None,
    };
    Served {
        handle: start(&config, program, &Sources::default()).await.unwrap(),
        _data: data,
    }
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

impl Served {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.handle.local_addr).await.unwrap()
    }

    /// Sends bytes, reads all that comes back until the server closes.
    pub(crate) async fn raw(&self, request: &str) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        read(&mut stream).await
    }

    pub(crate) async fn send(&self, line: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        self.raw(&request).await
    }

    pub(crate) async fn post(&self, path: &str, json: &str) -> Answer {
        self.send(
            &format!("POST {path}"),
            "content-type: application/json\r\n",
            json,
        )
        .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), "", "").await
    }
}

pub(crate) async fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    tokio::time::timeout(Duration::from_secs(10), read)
        .await
        .expect("the server closes")
        .unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
