//! Requests that data cannot break out of, and answers that are what their operation declares.

use super::*;
use crate::json::read_json;
use crate::manifest::{AnswerType, BodyKind, ConnectionId, Operation, Param, Place, Segment};
use crate::schema::{Decoder, Schema, TypeId, Types};
use crate::value::{ErrorKind, Str, Value};

fn param(name: &str, place: Place, optional: bool) -> Param {
    Param {
        name: name.into(),
        wire: name.into(),
        place,
        schema: TypeId(0),
        optional,
        default: None,
    }
}

fn operation(params: Vec<Param>, body: BodyKind) -> Operation {
    let answer = |status, schema| AnswerType {
        status,
        schema,
        docs: Str::default(),
    };
    Operation {
        name: "up.op".into(),
        connection: ConnectionId(0),
        method: "POST".into(),
        path: vec![Segment::Literal("a b".into()), Segment::Param(0)],
        params,
        body,
        idempotent: false,
        timeout: None,
        responses: vec![answer(200, Some(TypeId(0))), answer(404, None)],
    }
}

fn texts(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|&text| text.into()).collect()
}

#[test]
fn values_stay_in_the_segment_and_the_pair_they_belong_to() {
    let operation = operation(
        vec![
            param("id", Place::Path, false),
            param("q", Place::Query, false),
        ],
        BodyKind::None,
    );
    let target =
        |id: &str, q: &str| request(&operation, &texts(&[id, q])).map(|request| request.target);
    assert_eq!(
        target("x/../y?z#", "a&b=c+d é").unwrap(),
        "/a%20b/x%2F..%2Fy%3Fz%23?q=a%26b%3Dc%2Bd%20%C3%A9"
    );
    for id in ["", ".", ".."] {
        assert!(target(id, "").is_err(), "{id:?}");
    }
    let list = [Value::from("i"), Value::from(texts(&["1", "2"]))];
    assert_eq!(
        request(&operation, &list).unwrap().target,
        "/a%20b/i?q=1&q=2"
    );
    assert!(request(&operation, &[Value::Null, Value::Null]).is_err());
}

#[test]
fn a_header_carries_one_line_of_plain_text() {
    let params = vec![
        param("id", Place::Path, false),
        param("x-trace", Place::Header, true),
    ];
    let operation = operation(params, BodyKind::None);
    let headers =
        |value: Value| request(&operation, &["i".into(), value]).map(|request| request.headers);
    assert_eq!(
        headers("a b".into()).unwrap(),
        [(Str::from("x-trace"), "a b".to_owned())]
    );
    assert_eq!(headers(Value::Null).unwrap(), []);
    for value in ["a\r\nb: c", "a\nb", "\0", "é"] {
        assert_eq!(
            headers(value.into()).unwrap_err().kind,
            ErrorKind::Evaluation,
            "{value:?}"
        );
    }
}

#[test]
fn fields_make_a_body_and_absent_ones_are_left_out() {
    let fields = || {
        vec![
            param("id", Place::Path, false),
            param("a", Place::Field, false),
            param("b", Place::Field, true),
        ]
    };
    let body = |kind, values: &[Value]| {
        let request = request(&operation(fields(), kind), values).unwrap();
        (
            request.headers[0].1.clone(),
            match request.body {
                Some(RequestBody::Bytes(bytes)) => String::from_utf8(bytes).unwrap(),
                other => panic!("{other:?}"),
            },
        )
    };
    let (id, text) = (Value::from("i"), Value::from("x&\"y"));
    let values = [id.clone(), text.clone(), Value::Null];
    assert_eq!(
        body(BodyKind::Json, &values),
        ("application/json".into(), r#"{"a":"x&\"y"}"#.into())
    );
    let values = [id, text, Value::Int(5)];
    assert_eq!(
        body(BodyKind::Form, &values),
        (
            "application/x-www-form-urlencoded".into(),
            "a=x%26%22y&b=5".into()
        )
    );
}

#[test]
fn an_answer_is_what_its_status_declares_or_an_error_that_keeps_it_secret() {
    let decoder = Decoder::new(&Types(vec![Schema::Int { min: 0, max: 9 }])).unwrap();
    let operation = operation(vec![], BodyKind::None);
    let answer = |status, content_type, body: &str| {
        response(&decoder, &operation, status, content_type, body.as_bytes())
    };
    let json = Some("application/problem+json; charset=utf-8");
    assert_eq!(
        answer(200, json, "7"),
        read_json(br#"{"status":200,"body":7}"#).map_err(|_| unreachable!())
    );
    assert!(
        answer(404, None, "anything")
            .unwrap()
            .get("body")
            .is_some_and(Value::is_null)
    );
    let failed = |status, content_type, body| answer(status, content_type, body).unwrap_err();
    assert_eq!(failed(500, json, "7").kind, ErrorKind::UnexpectedStatus);
    for (content_type, body) in [
        (json, "\"hush\""),
        (json, "hush"),
        (Some("text/html"), "7"),
        (None, "7"),
    ] {
        let error = failed(200, content_type, body);
        assert_eq!(error.kind, ErrorKind::BadBody);
        assert!(!error.message.contains("hush"), "{error}");
    }
}

#[test]
fn percent_encoding_is_decoded_once_and_strictly() {
    assert_eq!(decode("a%2Fb%252F+", true).as_deref(), Some("a/b%2F "));
    assert_eq!(decode("a+b", false).as_deref(), Some("a+b"));
    for wrong in ["%", "%2", "%zz", "%ff", "%+1"] {
        assert_eq!(decode(wrong, true), None, "{wrong}");
    }
    assert!(pairs(&"a&".repeat(1_000)).is_none());
}
