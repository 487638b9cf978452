//! What a request brings, and what is said of it where it is wrong.

use crate::support::{Build, optional, param, serve};
use journey_machine::index::Reg;
use journey_machine::manifest::{Auth, BodyKind, Place, Segment};
use journey_machine::op::Op;
use journey_machine::program::AnswerBody;
use journey_machine::schema::Schema;

#[tokio::test]
async fn every_place_is_read_and_every_fault_of_every_place_is_listed() {
    let mut build = Build::default();
    let (string, int) = (build.string(), build.int());
    let list = build.schema(Schema::List {
        item: int,
        min: 0,
        max: 3,
    });
    let journey = build.echo(
        "items",
        vec![
            param("id", Place::Path, int),
            optional("tag", Place::Query, list),
            optional("trace", Place::Header, string),
            optional("who", Place::Cookie, string),
            param("name", Place::Field, string),
            optional("count", Place::Field, int),
        ],
    );
    journey.path.push(Segment::Param(0));
    let served = serve(build.program()).await;
    let headers = "content-type: application/json\r\ntrace: t\r\ncookie: a=b; who=me\r\n";
    let answer = served
        .send(
            "POST /items/7?tag=1&other=x&tag=2",
            headers,
            r#"{"name":"ä","count":3}"#,
        )
        .await;
    assert_eq!(
        answer.body,
        r#"{"id":7,"tag":[1,2],"trace":"t","who":"me","name":"ä","count":3}"#
    );
    assert!(
        answer.head.contains("content-type: application/json\r\n"),
        "{}",
        answer.head
    );

    let answer = served
        .post("/items/x?tag=1&tag=b", r#"{"count":-1,"more":2}"#)
        .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "invalid_input")
    );
    let expected = serde_json::json!([
        {"place":"path","pointer":"/id","detail":"must be a whole number from 0 to 100"},
        {"place":"query","pointer":"/tag/1","detail":"must be a whole number from 0 to 100"},
        {"place":"body","pointer":"/count","detail":"must be a whole number from 0 to 100"},
        {"place":"body","pointer":"/more","detail":"is not a known member"},
        {"place":"body","pointer":"/name","detail":"is required"},
    ]);
    assert_eq!(answer.json()["errors"], expected);
    assert!(
        answer.head.contains("application/problem+json"),
        "{}",
        answer.head
    );
}

#[tokio::test]
async fn forms_and_multipart_forms_are_read_with_their_limits() {
    let mut build = Build::default();
    let (string, int, file) = (
        build.string(),
        build.int(),
        build.schema(Schema::Bytes { max: 100 }),
    );
    let fields = vec![
        param("name", Place::Field, string),
        optional("n", Place::Field, int),
    ];
    build.echo("form", fields).input.body = BodyKind::Form;
    let fields = vec![
        param("name", Place::Field, string),
        param("file", Place::Field, file),
    ];
    build.echo("upload", fields).input.body = BodyKind::Multipart;
    let served = serve(build.program()).await;
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    assert_eq!(
        served
            .send("POST /form", form, "name=a+%26b&n=4")
            .await
            .body,
        r#"{"name":"a &b","n":4}"#
    );
    assert_eq!(
        served
            .send("POST /form", form, "name=a&name=b")
            .await
            .json()["errors"][0]["detail"],
        "is given twice"
    );

    let multipart = "content-type: multipart/form-data; boundary=B\r\n";
    let part = |head: &str, content: &str| {
        format!("--B\r\ncontent-disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let name = part("name=\"name\"", "x");
    let body = format!(
        "{name}{}--B--\r\n",
        part("name=\"file\"; filename=\"f\"", "abc")
    );
    assert_eq!(
        served.send("POST /upload", multipart, &body).await.body,
        r#"{"name":"x","file":"YWJj"}"#
    );
    let many = format!("{}--B--\r\n", name.repeat(21));
    assert_eq!(
        served.send("POST /upload", multipart, &many).await.status,
        413
    );
    let long = format!("{}--B--\r\n", part("name=\"name\"", &"x".repeat(9_000)));
    assert_eq!(
        served.send("POST /upload", multipart, &long).await.status,
        413
    );
    assert_eq!(
        served
            .send("POST /upload", multipart, "--B\r\nbroken")
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_header_made_of_data_cannot_end_its_line() {
    let mut build = Build::default();
    let (any, answer) = (
        build.schema(Schema::Any),
        build.answer(200, AnswerBody::Empty, &["x-name"]),
    );
    let name = build.field("name", 0);
    let code = vec![
        build.input(),
        Op::Field {
            dst: Reg(1),
            obj: Reg(0),
            field: name,
        },
        Op::Complete {
            answer,
            first: Reg(1),
        },
    ];
    build.journey("header", vec![param("name", Place::Field, any)], code);
    let served = serve(build.program()).await;
    let good = served.post("/header", r#"{"name":"a b"}"#).await;
    assert!(good.head.contains("x-name: a b\r\n"), "{}", good.head);
    let split = served
        .post("/header", r#"{"name":"a\r\nset-cookie: b=c"}"#)
        .await;
    assert_eq!(
        (split.status, split.code().as_str()),
        (500, "internal_error")
    );
    assert!(!split.head.contains("set-cookie"));
}

#[tokio::test]
async fn who_calls_is_asked_before_the_body_is_looked_at() {
    let mut build = Build::default();
    let string = build.string();
    build
        .echo("secure", vec![param("name", Place::Field, string)])
        .auth = Auth::ClientToken { issuer: None };
    let served = serve(build.program()).await;
    let answer = served.post("/secure", "not json").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "unauthorized")
    );
    assert!(
        answer.head.contains("www-authenticate: Bearer\r\n"),
        "{}",
        answer.head
    );
    assert!(
        answer.head.contains("cache-control: no-store\r\n"),
        "{}",
        answer.head
    );
    let forged = served
        .send(
            "POST /secure",
            "authorization: Bearer e30.e30.e30\r\n",
            "{}",
        )
        .await;
    assert_eq!(
        (forged.status, &forged.json()["detail"]),
        (401, &answer.json()["detail"])
    );
}

#[tokio::test]
async fn a_401_of_a_journey_says_how_to_ask_too() {
    let mut build = Build::default();
    let answer = build.answer(401, AnswerBody::Empty, &[]);
    build.journey(
        "deny",
        Vec::new(),
        vec![Op::Complete {
            answer,
            first: Reg(0),
        }],
    );
    let served = serve(build.program()).await;
    assert!(
        served
            .post("/deny", "")
            .await
            .head
            .contains("www-authenticate: Bearer\r\n")
    );
}

#[tokio::test]
async fn a_client_id_that_is_not_the_callers_is_no_credential() {
    let mut build = Build::default();
    let any = build.schema(Schema::Any);
    let mine = build.echo("mine", vec![optional("clientId", Place::Field, any)]);
    mine.auth = Auth::Basic;
    let input = mine.input.clone();
    let unread = build.says("unread", "no code looks at the input");
    (unread.auth, unread.input) = (Auth::Basic, input);
    let served = serve(build.program()).await;
    let client = served.handle.new_client.clone().unwrap();
    let credentials = {
        use base64::Engine;
        let plain = format!("{}:{}", client.id, client.secret.expose());
        base64::engine::general_purpose::STANDARD.encode(plain)
    };
    let headers =
        format!("content-type: application/json\r\nauthorization: Basic {credentials}\r\n");
    let own = format!(r#"{{"clientId":"{}"}}"#, client.id);
    for name in ["mine", "unread"] {
        assert_eq!(
            served
                .send(
                    &format!("POST /{name}?clientId={}", client.id),
                    &headers,
                    &own
                )
                .await
                .status,
            200
        );
        for (query, body) in [
            ("", r#"{"clientId":"other"}"#),
            ("", r#"{"clientId":7}"#),
            ("?clientId=other", "{}"),
        ] {
            assert_eq!(
                served
                    .send(&format!("POST /{name}{query}"), &headers, body)
                    .await
                    .status,
                401,
                "{name} {query} {body}"
            );
        }
    }
}
