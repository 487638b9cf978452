//! Requests that are not as they should be, each with its one right answer.

use crate::support::{Build, optional, param, read, serve};
use journey_machine::manifest::Place;
use tokio::io::AsyncWriteExt;

async fn served() -> crate::support::Served {
    let mut build = Build::default();
    let string = build.string();
    build.echo("echo", vec![param("name", Place::Field, string)]);
    build.says("hello", "hello").methods = vec!["GET".into(), "PUT".into()];
    serve(build.program()).await
}

const JSON: &str = "content-type: application/json\r\n";

/// Request line, headers, body, and what they are answered with.
const WRONG: &[(&str, &str, &str, u16, &str)] = &[
    ("GET /nowhere", "", "", 404, "not_found"),
    ("GET /echo", "", "", 405, "method_not_allowed"),
    ("BREW /echo", "", "", 501, "not_implemented"),
    ("TRACE /hello", "", "", 501, "not_implemented"),
    (
        "GET /hello",
        "host: other\r\n",
        "",
        400,
        "malformed_request",
    ),
    ("GET http://other/hello", "", "", 421, "misdirected_request"),
    (
        "GET /hello",
        "expect: miracles\r\n",
        "",
        417,
        "expectation_failed",
    ),
    ("POST /echo", "", "{}", 415, "unsupported_media_type"),
    (
        "POST /echo",
        "content-type: text/plain\r\n",
        "{}",
        415,
        "unsupported_media_type",
    ),
    (
        "POST /echo",
        "content-type: application/json; charset=latin1\r\n",
        "{}",
        415,
        "unsupported_media_type",
    ),
    (
        "POST /echo",
        "content-encoding: gzip\r\ncontent-type: application/json\r\n",
        "{}",
        415,
        "unsupported_media_type",
    ),
    ("POST /echo", JSON, "{", 400, "invalid_input"),
    ("POST /echo", JSON, "", 400, "invalid_input"),
];

#[tokio::test]
async fn each_wrong_request_has_one_answer() {
    let served = served().await;
    for (line, headers, body, status, code) in WRONG {
        let answer = served.send(line, headers, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (*status, *code),
            "{line} {headers}"
        );
    }
    let long = "x".repeat(9_000);
    assert_eq!(
        served.get(&format!("/{long}")).await.code(),
        "target_too_long"
    );
    let header = format!("x-long: {long}{long}\r\n");
    assert_eq!(
        served.send("GET /hello", &header, "").await.code(),
        "headers_too_large"
    );
}

#[tokio::test]
async fn a_body_too_large_is_refused_by_its_declared_length_and_while_it_is_read() {
    let served = served().await;
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let declared = served
        .raw(&format!("{head}content-length: 1073741824\r\n\r\n"))
        .await;
    assert_eq!(declared.status, 413);
    let mut stream = served.connect().await;
    stream
        .write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..17 {
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    assert_eq!(read(&mut stream).await.status, 413);
}

#[tokio::test]
async fn a_body_of_unknown_length_is_not_taken_for_none() {
    let mut build = Build::default();
    let string = build.string();
    build.echo("echo", vec![param("name", Place::Field, string)]);
    build.echo("maybe", vec![optional("name", Place::Field, string)]);
    let served = serve(build.program()).await;
    let head = "HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n";
    let body = r#"{"name":"ada"}"#;
    let answer = served.raw(&format!("POST /echo {head}\r\n{body}")).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (411, "length_required")
    );
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    let chunked = format!(
        "POST /echo {head}connection: close\r\ntransfer-encoding: chunked\r\n\r\ne\r\n{body}\r\n0\r\n\r\n"
    );
    assert_eq!(served.raw(&chunked).await.status, 200);
    // Where a body may be left out, nothing need be said of it.
    let without = served
        .raw(&format!("POST /maybe {head}connection: close\r\n\r\n"))
        .await;
    assert_eq!(without.status, 200);
}

#[tokio::test]
async fn a_body_that_stalls_is_not_waited_for() {
    let served = served().await;
    let mut stream = served.connect().await;
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read(&mut stream).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (408, "request_timeout")
    );
}

#[tokio::test]
async fn head_and_options_are_answered_for_what_is_there() {
    let served = served().await;
    let head = served.send("HEAD /hello", "", "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert!(head.head.contains("content-length: 5"), "{}", head.head);
    assert_eq!(served.send("OPTIONS *", "", "").await.status, 204);
    let options = served.send("OPTIONS /hello", "", "").await;
    assert_eq!(options.status, 204);
    assert!(
        options.head.contains("allow: GET, HEAD, OPTIONS, PUT"),
        "{}",
        options.head
    );
}

#[tokio::test]
async fn a_request_id_is_taken_over_if_it_is_harmless_and_made_otherwise() {
    let served = served().await;
    let given = served
        .send("GET /hello", "x-request-id: abc-1.2\r\n", "")
        .await;
    assert!(
        given.head.contains("x-request-id: abc-1.2\r\n"),
        "{}",
        given.head
    );
    for harmful in ["a b", "a\"b", &"x".repeat(65)] {
        let made = served
            .send("GET /hello", &format!("x-request-id: {harmful}\r\n"), "")
            .await;
        let id = made
            .head
            .split("x-request-id: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next())
            .unwrap();
        assert_eq!(id.len(), 16, "{}", made.head);
    }
}

#[tokio::test]
async fn the_same_port_speaks_http_2() {
    let served = served().await;
    let io = hyper_util::rt::TokioIo::new(served.connect().await);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(executor, io)
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = |method: &str| {
        let uri = format!("http://{}/hello", served.handle.local_addr);
        let request = hyper::Request::builder().method(method).uri(uri);
        request
            .body(http_body_util::Empty::<bytes::Bytes>::new())
            .unwrap()
    };
    let answer = sender.send_request(request("GET")).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.version()),
        (200, hyper::Version::HTTP_2)
    );
    let head = sender.send_request(request("HEAD")).await.unwrap();
    assert_eq!(head.headers()["content-length"], "5");
    let body = http_body_util::BodyExt::collect(head.into_body())
        .await
        .unwrap()
        .to_bytes();
    assert!(body.is_empty());
}
