//! A server that starts, changes its program under way, and stops.

use crate::support::{Build, read, serve};
use journey_machine::manifest::Setting;
use journey_server::config::{Config, StartError};
use journey_server::settings::Sources;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const NAME: &str = r#"{"name":"x"}"#;

fn says(text: &str) -> Build {
    let mut build = Build::default();
    build.says("hello", text);
    build
}

#[tokio::test]
async fn a_changed_program_takes_over_and_a_wrong_one_leaves_the_old_one() {
    let served = serve(says("one").program()).await;
    assert_eq!(served.post("/hello", "").await.body, "one");
    served
        .handle
        .swap(says("two").program(), &Sources::default())
        .await
        .unwrap();
    assert_eq!(served.post("/hello", "").await.body, "two");
    let mut wrong = says("three");
    wrong.says("hello", "four");
    let error = served
        .handle
        .swap(wrong.program(), &Sources::default())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "hello and hello both answer POST /hello");
    assert_eq!(served.post("/hello", "").await.body, "two");
}

#[tokio::test]
async fn every_missing_setting_is_named_at_once() {
    let mut build = says("hello");
    let (string, int) = (build.string(), build.int());
    let setting = |name: &str, secret, schema| Setting {
        name: name.into(),
        secret,
        schema,
        optional: false,
        default: None,
    };
    build.parts.manifest.settings = vec![
        setting("limit", false, int),
        setting("url", false, string),
        setting("key", true, string),
        Setting {
            optional: true,
            ..setting("spare_key", true, string)
        },
    ];
    let mut sources = Sources::default();
    sources
        .variables
        .insert("JOURNEY_CONFIG_LIMIT".into(), "many".into());
    let (data, any) = (tempfile::tempdir().unwrap(), "127.0.0.1:0".parse().unwrap());
    let config = Config {
        listen: any,
        admin: None,
        data: data.path().join("data"),
        public_url: None,
        application: None,
        proxies: Default::default(),
        signing: None,
    };
    let Err(StartError::Project(faults)) =
        journey_server::start(&config, build.program(), &sources).await
    else {
        panic!("it must not start");
    };
    assert_eq!(
        faults,
        [
            "config limit must be a whole number from 0 to 100",
            "config url is missing: set JOURNEY_CONFIG_URL, or url in the file given with --config",
            "secret key is missing: set JOURNEY_SECRET_KEY, or JOURNEY_SECRET_KEY_FILE to the path of a file that holds it",
        ]
    );
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_a_problem() {
    // Connections to it are made by the system; nobody ever answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut build = Build::default();
    build.calls("call", silent.local_addr().unwrap()).deadline = 100;
    let served = serve(build.program()).await;
    let answer = served.post("/call", NAME).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (504, "deadline_exceeded")
    );
}

#[tokio::test]
async fn health_is_told_on_its_own_port() {
    let served = serve(says("hello").program()).await;
    for (path, status) in [("/healthz", "200"), ("/readyz", "200"), ("/other", "404")] {
        let mut stream = TcpStream::connect(served.handle.admin_addr.unwrap())
            .await
            .unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(read(&mut stream).await.status.to_string(), status, "{path}");
    }
    assert_eq!(served.get("/healthz").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_answers_what_it_has_begun() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut build = Build::default();
    build.calls("call", silent.local_addr().unwrap()).deadline = 300;
    let served = serve(build.program()).await;
    let (mut idle, mut busy) = (served.connect().await, served.connect().await);
    let json = "content-type: application/json\r\ncontent-length: 12\r\n";
    busy.write_all(format!("POST /call HTTP/1.1\r\nhost: a\r\n{json}\r\n{NAME}").as_bytes())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let address = served.handle.local_addr;
    let stopped = tokio::spawn(served.handle.shutdown());
    assert_eq!(read(&mut busy).await.status, 504);
    assert_eq!(stopped.await.unwrap(), 0);
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_caller_who_goes_away_ends_what_was_begun() {
    let upstream = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut build = Build::default();
    build.calls("call", upstream.local_addr().unwrap());
    let served = serve(build.program()).await;
    let mut caller = served.connect().await;
    let json = "content-type: application/json\r\ncontent-length: 12\r\n";
    caller
        .write_all(format!("POST /call HTTP/1.1\r\nhost: a\r\n{json}\r\n{NAME}").as_bytes())
        .await
        .unwrap();
    let (mut called, _) = upstream.accept().await.unwrap();
    assert!(called.read(&mut [0; 1_024]).await.unwrap() > 0);
    drop(caller);
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(1), called.read_to_end(&mut rest)).await;
    closed
        .expect("the call is dropped long before its time is over")
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_lost_while_programs_change() {
    let served = std::sync::Arc::new(serve(says("one").program()).await);
    let callers = (0..4).map(|_| {
        let served = std::sync::Arc::clone(&served);
        tokio::spawn(async move {
            for _ in 0..50 {
                let answer = served.post("/hello", "").await;
                assert!(
                    answer.status == 200 && ["one", "two"].contains(&answer.body.as_str()),
                    "{answer:?}"
                );
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    while !callers.iter().all(tokio::task::JoinHandle::is_finished) {
        for text in ["two", "one"] {
            served
                .handle
                .swap(says(text).program(), &Sources::default())
                .await
                .unwrap();
            tokio::task::yield_now().await;
        }
    }
    for caller in callers {
        caller.await.unwrap();
    }
}
