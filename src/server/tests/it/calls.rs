//! Calls of other systems, and errors in the shape a project declares.

use crate::standin::{Reaction, StandIn};
use crate::support::{Build, param, serve};
use journey_machine::index::{FuncId, Pc, Reg};
use journey_machine::manifest::{ErrorCode, ErrorStyle, Place, Segment};
use journey_machine::op::Op;
use journey_machine::program::{AnswerBody, Function};
use journey_machine::schema::Schema;
use journey_server::settings::Sources;
use journey_server::{RunError, run_once};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_call_goes_out_and_its_answer_comes_back() {
    let mut upstream = Build::default();
    let any = upstream.schema(Schema::Any);
    upstream.echo("echo", vec![param("name", Place::Field, any)]);
    let upstream = serve(upstream.program()).await;
    let mut build = Build::default();
    build.calls("call", upstream.handle.local_addr);
    let served = serve(build.program()).await;
    assert_eq!(
        served.post("/call", r#"{"name":"x"}"#).await.body,
        r#"{"name":"x"}"#
    );
}

#[tokio::test]
async fn a_caller_who_goes_away_ends_the_run_and_its_call() {
    let silent = StandIn::start(|_, _| Reaction::Silence).await;
    let mut build = Build::default();
    build.calls("call", silent.address).deadline = 60_000;
    build.parts.manifest.connections[0].timeout = 60_000;
    let served = serve(build.program()).await;
    let mut caller = served.connect().await;
    let request = "POST /call HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n";
    for piece in [request, r#"{"name":"x"}"#] {
        caller.write_all(piece.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
    }
    while silent.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(caller);
    let gone = tokio::time::timeout(Duration::from_secs(20), silent.is_deserted());
    gone.await.expect("the call ends with its caller");
}

#[tokio::test]
async fn a_failure_that_nothing_catches_tells_the_caller_nothing() {
    let mut build = Build::default();
    build.calls("call", "127.0.0.1:1".parse().unwrap());
    let served = serve(build.program()).await;
    let answer = served.post("/call", r#"{"name":"x"}"#).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (500, "internal_error")
    );
    assert!(!answer.body.contains("127.0.0.1"), "{}", answer.body);
}

#[tokio::test]
async fn errors_have_the_shape_that_the_project_declares() {
    let mut build = Build::default();
    let (code, answer) = (
        build.constant("too_poor"),
        build.answer(402, AnswerBody::Problem, &[]),
    );
    build.journey(
        "pay",
        Vec::new(),
        vec![
            Op::Const {
                dst: Reg(0),
                value: code,
            },
            Op::Complete {
                answer,
                first: Reg(0),
            },
        ],
    );
    let field = build.field("message", 2);
    build.parts.functions.push(Function {
        name: "shape".into(),
        params: 1,
        registers: 2,
        code: vec![
            Op::Field {
                dst: Reg(1),
                obj: Reg(0),
                field,
            },
            Op::Return { src: Reg(1) },
        ],
        ..Function::default()
    });
    let declared = ErrorCode {
        code: "too_poor".into(),
        status: 402,
        message: "No money.".into(),
    };
    build.parts.manifest.errors = vec![ErrorStyle {
        name: None,
        shape: Some(FuncId(1)),
        codes: vec![declared],
    }];
    let served = serve(build.program()).await;
    let answer = served.post("/pay", "").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (402, "\"No money.\"")
    );
    assert!(
        answer.head.contains("content-type: application/json\r\n"),
        "{}",
        answer.head
    );
    assert_eq!(
        served.get("/nowhere").await.body,
        "\"There is nothing at this path.\""
    );
}

#[tokio::test]
async fn a_journey_runs_once_without_a_port() {
    let mut build = Build::default();
    let int = build.int();
    build
        .echo(
            "items",
            vec![param("id", Place::Path, int), param("n", Place::Query, int)],
        )
        .path
        .push(Segment::Param(0));
    build.parts.functions[0].debug.steps = vec![(Pc(1), "complete".into())];
    let program = build.program();
    let once = |input: &'static str| {
        let program = Arc::clone(&program);
        async move { run_once(program, &Sources::default(), "items", input.as_bytes()).await }
    };
    let ran = once(r#"{"id":1,"n":2}"#).await.unwrap();
    assert_eq!(
        (ran.status, ran.body.as_slice(), ran.failure),
        (200, br#"{"id":1,"n":2}"#.as_slice(), None)
    );
    assert_eq!(ran.steps, ["complete"]);
    assert!(matches!(once("{}").await, Err(RunError::Input(faults)) if faults.list().len() == 2));
}
