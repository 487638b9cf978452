//! What decoding accepts, what it reports, and that JSON, texts and values agree.

use super::*;

fn types() -> Types {
    let string = Schema::String {
        min: 1,
        max: 8,
        pattern: Some("[a-zé]+".into()),
    };
    let field = |schema, optional, default| Field {
        schema: TypeId(schema),
        optional,
        default,
    };
    Types(vec![
        string,
        Schema::Int { min: 0, max: 100 },
        Schema::Double {
            min: Bound::Exclusive(0.0),
            max: Bound::Open,
        },
        Schema::Enum(vec!["USD".into(), "EUR".into()]),
        Schema::Nullable(TypeId(1)),
        Schema::List {
            item: TypeId(7),
            min: 0,
            max: 3,
        },
        Schema::Any,
        Schema::Object {
            shape: Arc::new(["name", "n", "x", "list"].into_iter().collect()),
            fields: vec![
                field(0, false, None),
                field(4, true, Some(Value::Int(7))),
                field(2, true, None),
                field(5, true, None),
            ],
            open: false,
        },
        Schema::Map {
            value: TypeId(1),
            max: 2,
        },
        Schema::Timestamp,
        Schema::Bytes { max: 3 },
        Schema::Uint {
            min: 0,
            max: u64::MAX,
        },
    ])
}

fn decode(id: u16, json: &str, mode: Mode) -> Result<Value, Vec<String>> {
    let decoder = Decoder::new(&types()).unwrap();
    let mut faults = Faults::new();
    let value = decoder.json(TypeId(id), json.as_bytes(), mode, &mut faults);
    if faults.is_empty() {
        Ok(value)
    } else {
        Err(lines(&faults))
    }
}

fn lines(faults: &Faults) -> Vec<String> {
    faults
        .list()
        .iter()
        .map(|fault| format!("{}{} {}", fault.place, fault.pointer, fault.message))
        .collect()
}

fn json(value: &Value) -> String {
    let mut out = Vec::new();
    crate::json::write_json(value, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn every_fault_is_listed_with_its_pointer() {
    let faults = decode(
        7,
        r#"{"x": 0, "list": [{"name": "a"}, {}, {"name": "A", "n": 101}], "a/b~": 1}"#,
        Mode::Request,
    );
    let expected = [
        "body/x must be a number > 0",
        "body/list/1/name is required",
        "body/list/2/name must be a string of 1 to 8 characters that matches /[a-zé]+/",
        "body/list/2/n must be a whole number from 0 to 100",
        "body/a~1b~0 is not a known member",
        "body/name is required",
    ];
    assert_eq!(faults.unwrap_err(), expected);
}

#[test]
fn defaults_fill_absent_members_and_null_is_a_value_of_its_own() {
    assert_eq!(
        json(&decode(7, r#"{"name":"é"}"#, Mode::Request).unwrap()),
        r#"{"name":"é","n":7}"#
    );
    assert_eq!(
        json(&decode(7, r#"{"n":null,"name":"a"}"#, Mode::Request).unwrap()),
        r#"{"name":"a","n":null}"#
    );
    assert!(decode(7, r#"{"name":"a","x":null}"#, Mode::Request).is_err());
}

#[test]
fn a_response_may_have_more_members_and_null_for_absent_ones_but_none_twice() {
    let value = decode(
        7,
        r#"{"name":"a","x":null,"new":{"deep":[1]}}"#,
        Mode::Response,
    )
    .unwrap();
    assert_eq!(json(&value), r#"{"name":"a","n":7}"#);
    assert_eq!(
        decode(7, r#"{"name":"a","name":"b"}"#, Mode::Response).unwrap_err(),
        ["body/name is given twice"]
    );
}

#[test]
fn numbers_keep_their_kind_and_never_lose_digits_in_silence() {
    assert_eq!(decode(2, "3", Mode::Request).unwrap().as_f64(), Some(3.0));
    assert!(decode(1, "3.0", Mode::Request).is_err());
    assert_eq!(
        decode(11, "18446744073709551615", Mode::Request)
            .unwrap()
            .as_u64(),
        Some(u64::MAX)
    );
    assert!(decode(11, "18446744073709551616", Mode::Request).is_err());
    assert_eq!(
        decode(6, "[18446744073709551616]", Mode::Request).unwrap_err(),
        ["body integer beyond 64 bits at line 1, column 2"]
    );
    assert!(decode(6, "[1e300]", Mode::Request).is_ok());
}

#[test]
fn what_is_no_json_is_said_with_its_place_and_without_its_text() {
    assert_eq!(
        decode(7, "{\"name\": secret}", Mode::Request).unwrap_err(),
        ["body is not JSON: line 1, column 10"]
    );
    assert_eq!(
        decode(1, "1 2", Mode::Request).unwrap_err(),
        ["body is not JSON: line 1, column 3"]
    );
    assert_eq!(
        decode(1, "\"secret\"", Mode::Request).unwrap_err(),
        ["body must be a whole number from 0 to 100"]
    );
    let deep = "[".repeat(100) + &"]".repeat(100);
    assert!(decode(6, &deep, Mode::Request).unwrap_err()[0].starts_with("body nested too deeply"));
    let wide = format!("[{}1]", "1,".repeat(100_001));
    assert!(decode(6, &wide, Mode::Request).unwrap_err()[0].starts_with("body too many values"));
}

#[test]
fn lists_and_maps_have_limits() {
    assert_eq!(
        decode(8, r#"{"a":1,"b":2,"c":3}"#, Mode::Request).unwrap_err(),
        ["body must have at most 2 members"]
    );
    assert_eq!(
        decode(8, r#"{"a":1,"a":2}"#, Mode::Request).unwrap_err(),
        ["body/a is given twice"]
    );
    let item = r#"{"name":"a"}"#;
    let list = format!("[{item},{item},{item},{item}]");
    assert_eq!(
        decode(5, &list, Mode::Request).unwrap_err(),
        ["body must have at most 3 items"]
    );
    assert_eq!(
        decode(10, "\"AAAAAA==\"", Mode::Request).unwrap_err(),
        ["body must be base64 of at most 3 bytes"]
    );
}

#[test]
fn faults_beyond_the_limit_are_counted() {
    let decoder = Decoder::new(&types()).unwrap();
    let members: Vec<String> = (0..60).map(|n| format!("\"m{n}\":1")).collect();
    let mut faults = Faults::new();
    decoder.json(
        TypeId(7),
        format!("{{{}}}", members.join(",")).as_bytes(),
        Mode::Request,
        &mut faults,
    );
    assert_eq!(
        (faults.list().len(), faults.more()),
        (crate::limits::MAX_FAULTS, 11)
    );
}

#[test]
fn texts_hold_what_json_holds() {
    let decoder = Decoder::new(&types()).unwrap();
    let path = Path::root("query");
    let text = |id, text: &str| {
        let mut faults = Faults::new();
        let value = decoder.text(TypeId(id), text, &path, &mut faults);
        faults.is_empty().then_some(value)
    };
    assert_eq!(text(1, "7").and_then(|value| value.as_i64()), Some(7));
    for wrong in ["", "+7", "07", "7.0", "0x7", " 7", "1e1", "101"] {
        assert!(text(1, wrong).is_none(), "{wrong}");
    }
    assert_eq!(
        text(2, "1.5e1").and_then(|value| value.as_f64()),
        Some(15.0)
    );
    for wrong in ["", "inf", "NaN", ".5", "5.", "1e", "1e999", "-0.1"] {
        assert!(text(2, wrong).is_none(), "{wrong}");
    }
    assert_eq!(
        text(9, "2026-01-31T09:30:00Z"),
        decode(9, "\"2026-01-31T09:30:00Z\"", Mode::Request).ok()
    );
    assert!(text(7, r#"{"name":"a"}"#).is_some());
}

#[test]
fn a_value_is_typed_as_its_json_would_be() {
    let decoder = Decoder::new(&types()).unwrap();
    let path = Path::root("config");
    let untyped = crate::json::read_json(br#"{"x":2,"name":"a"}"#).unwrap();
    let mut faults = Faults::new();
    let value = decoder.value(TypeId(7), &untyped, Mode::Request, &path, &mut faults);
    assert_eq!(
        (json(&value).as_str(), faults.is_empty()),
        (r#"{"name":"a","n":7,"x":2}"#, true)
    );
    decoder.value(TypeId(7), &Value::Int(1), Mode::Request, &path, &mut faults);
    assert_eq!(lines(&faults), ["config must be an object"]);
}

#[test]
fn wide_objects_find_their_members_in_any_order() {
    let names: Vec<String> = (0..40).map(|n| format!("m{n}")).collect();
    let field = || Field {
        schema: TypeId(1),
        optional: false,
        default: None,
    };
    let shape = Arc::new(names.iter().map(String::as_str).collect());
    let object = Schema::Object {
        shape,
        fields: names.iter().map(|_| field()).collect(),
        open: false,
    };
    let decoder = Decoder::new(&Types(vec![object, Schema::Int { min: 0, max: 100 }])).unwrap();
    let members: Vec<String> = (0..40).rev().map(|n| format!("\"m{n}\":{n}")).collect();
    let mut faults = Faults::new();
    let value = decoder.json(
        TypeId(0),
        format!("{{{}}}", members.join(",")).as_bytes(),
        Mode::Request,
        &mut faults,
    );
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(value.get("m17").and_then(Value::as_i64), Some(17));
}

#[test]
fn types_that_no_compiler_writes_are_refused() {
    let refused = |types| Decoder::new(&Types(types)).unwrap_err();
    assert_eq!(
        refused(vec![Schema::Nullable(TypeId(0))]),
        SchemaError::Circle(TypeId(0))
    );
    assert_eq!(
        refused(vec![Schema::Map {
            value: TypeId(9),
            max: 1
        }]),
        SchemaError::Unknown(TypeId(9))
    );
    let pattern = Some("(?:a{0,200}){0,200}x".into());
    assert!(matches!(
        refused(vec![Schema::String {
            min: 0,
            max: 1,
            pattern
        }]),
        SchemaError::Pattern { .. }
    ));
}

#[test]
fn what_nobody_looks_at_is_held_to_its_type_all_the_same() {
    let decoder = Decoder::new(&types()).unwrap();
    let documents = [
        r#""abc""#,
        r#""a\u0062c""#,
        r#""é""#,
        r#""""#,
        r#""toolongtext""#,
        r#""A""#,
        r#""USD""#,
        r#""usd""#,
        r#""2026-01-31T09:30:00Z""#,
        r#""YWJj""#,
        r#""YWJjZA==""#,
        "7",
        "101",
        "1.5",
        "null",
        "true",
        "[]",
        r#"[{"name":"a"}]"#,
        r#"{"name":"a"}"#,
        r#"{"a":1}"#,
        r#"{"a":1,"a":2}"#,
        "{",
        r#""\x""#,
        "\"\u{1}\"",
        r#""open"#,
    ];
    for schema in 0..12 {
        for document in documents {
            let member = || Member::new("m".into(), 0, TypeId(schema));
            for json in [
                format!(r#"{{"m":{document}}}"#),
                format!(r#"{{ "m" : {document} , "m":{document}}}"#),
                format!(r#"{{"n":{document}}}"#),
                format!(r#"{{"m":{document}"#),
            ] {
                let read = |seen| {
                    let (mut slots, mut faults) = (vec![None], Faults::new());
                    let members = Members::new(vec![member().seen(seen)], false);
                    decoder.json_members(&members, json.as_bytes(), &mut slots, &mut faults);
                    (slots.iter().flatten().count(), lines(&faults))
                };
                assert_eq!(read(true), read(false), "type {schema}: {json}");
            }
        }
    }
}
