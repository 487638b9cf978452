//! Properties of writer and reader against each other and against another library; what is refused, and where.

use super::*;
use crate::limits::{MAX_JSON_DEPTH, MAX_JSON_NODES};
use crate::value::arbitrary::{plain, relaid, texts, values};
use crate::value::{Duration, Key, Map, Shape, Timestamp, Value};
use proptest::prelude::*;
use std::sync::Arc;

fn written(value: &Value) -> String {
    let mut out = Vec::new();
    write_json(value, &mut out);
    String::from_utf8(out).unwrap()
}

fn read(text: &str) -> Result<Value, String> {
    read_json(text.as_bytes()).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(value in plain()) {
        prop_assert_eq!(read_json(written(&value).as_bytes()), Ok(value));
    }

    #[test]
    fn whatever_is_written_is_json(value in values()) {
        let text = written(&value);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        prop_assert_eq!(text, written(&relaid(&value)));
    }

    #[test]
    fn strings_are_escaped_as_another_writer_does(text in texts()) {
        prop_assert_eq!(written(&Value::from(text.clone())), serde_json::to_string(&text).unwrap());
    }

    #[test]
    fn doubles_read_back_to_the_bit(x in any::<f64>()) {
        let back = read(&written(&Value::Double(x)));
        match back {
            Ok(Value::Double(back)) => prop_assert_eq!(back.to_bits(), x.to_bits()),
            Ok(Value::Int(back)) => prop_assert!(back as f64 == x && x.abs() < 9.1e15),
            Ok(Value::Null) => prop_assert!(!x.is_finite()),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn decimals_are_written_and_read_as_others_do(digits in any::<i64>(), length in 0_u32..19, point in 0_i32..9) {
        let digits = digits % 10_i64.pow(length);
        let decimal: f64 = format!("{digits}e-{point}").parse().unwrap();
        let text = written(&Value::Double(decimal));
        let plain = serde_json::to_string(&decimal).unwrap();
        // Whole numbers from 2^53 on stay doubles when they are read again.
        let whole = plain.strip_suffix(".0").filter(|_| decimal.abs() < 9_007_199_254_740_992.0);
        prop_assert_eq!(text.as_str(), whole.unwrap_or(&plain));
        let written_out = format!("{decimal:.*}", usize::try_from(point).unwrap().max(1));
        let expected: f64 = written_out.parse().unwrap();
        prop_assert!(matches!(read(&written_out), Ok(Value::Double(x)) if x.to_bits() == expected.to_bits()), "{written_out}");
    }

    #[test]
    fn no_bytes_make_the_reader_fail_otherwise_than_by_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let strict = read_json(&bytes).is_ok();
        prop_assert!(!strict || serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
    }

    #[test]
    fn nor_does_text_that_is_nearly_json(text in "[\\[\\]{}:,\"\\\\u0-9a-f.eE+ \n-]{0,60}") {
        let lenient = serde_json::from_str::<serde_json::Value>(&text);
        match read(&text) {
            Ok(value) => prop_assert_eq!(written(&value), written(&read_json(lenient.unwrap().to_string().as_bytes()).unwrap())),
            Err(error) => prop_assert!(
                lenient.is_err() || error.starts_with("a key stands twice") || error.starts_with("integer beyond"),
                "{error} in {text}"
            ),
        }
    }

    #[test]
    fn a_string_may_be_written_in_escapes(text in texts(), other in "[ -~]{0,20}") {
        let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let mixed = format!("[\"{escaped}\", {}]", serde_json::to_string(&other).unwrap());
        prop_assert_eq!(read(&mixed), Ok(vec![Value::from(text), Value::from(other)].into()));
    }

    #[test]
    fn numbers_are_those_of_another_reader(digits in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
        let other = serde_json::from_str::<serde_json::Number>(&digits);
        match read(&digits) {
            Ok(value) if value.as_f64().is_none() => prop_assert_eq!(written(&value), digits),
            Ok(value) => prop_assert_eq!(value.as_f64(), other.unwrap().as_f64()),
            Err(error) => prop_assert!(other.is_err() || error.starts_with("integer beyond"), "{error}"),
        }
    }
}

#[test]
fn values_are_written_as_documented() {
    let shape = Arc::new(Shape::from_iter(["a\"b", "absent", "empty", "t"]));
    let object = Value::object(
        &shape,
        vec![
            Some(Value::Double(5_000.0)),
            None,
            Some(Value::Optional(None)),
            Some(Timestamp::EPOCH.into()),
        ],
    );
    assert_eq!(
        written(&object),
        r#"{"a\"b":5000,"t":"1970-01-01T00:00:00Z"}"#
    );
    let mixed = vec![
        Value::Double(f64::NAN),
        Value::Optional(None),
        Some(Value::Int(1)).into(),
        Duration::from_nanos(1_500_000_000).into(),
        Value::from(b"\xff\x00".to_vec()),
        Value::Double(1e16),
        Value::Double(-0.0),
        Value::Double(0.1),
        Value::Uint(u64::MAX),
        Value::Type("int".into()),
    ];
    let expected = r#"[null,null,1,"1.5s","/wA=",1e+16,-0.0,0.1,18446744073709551615,"int"]"#;
    assert_eq!(written(&mixed.into()).replace("1e16", "1e+16"), expected);
    let keys = Map::from_iter([(Key::Int(-1), Value::Null), (Key::Bool(true), Value::Null)]);
    assert_eq!(written(&keys.into()), r#"{"-1":null,"true":null}"#);
    assert_eq!(written(&Map::new().into()), "{}");
}

#[test]
fn numbers_keep_their_kind() {
    assert!(matches!(read("5000"), Ok(Value::Int(5_000))));
    assert!(matches!(read("5000.0"), Ok(Value::Double(_))));
    assert!(matches!(read("1e2"), Ok(Value::Double(_))));
    assert!(matches!(
        read("-9223372036854775808"),
        Ok(Value::Int(i64::MIN))
    ));
    assert!(matches!(read("9223372036854775808"), Ok(Value::Uint(_))));
    assert!(matches!(
        read("18446744073709551615"),
        Ok(Value::Uint(u64::MAX))
    ));
    assert!(matches!(
        read("18446744073709551616.0"),
        Ok(Value::Double(_))
    ));
    assert!(matches!(
        read(r#"["99999999999999999999", 1e300]"#),
        Ok(Value::List(_))
    ));
}

#[test]
fn refusals_name_the_place() {
    let cases = [
        (
            "18446744073709551616",
            "integer beyond 64 bits at line 1, column 1",
        ),
        (
            "{\"a\\\"1\":\n [1e300, -9223372036854775809]}",
            "integer beyond 64 bits at line 2, column 10",
        ),
        (
            "{\"a\":1,\n\"a\":2}",
            "a key stands twice in one object at line 2, column 1",
        ),
        (
            r#"{"a":1,"\u0061":2}"#,
            "a key stands twice in one object at line 1, column 8",
        ),
        ("[1,]", "trailing comma at line 1, column 4"),
        ("1 2", "trailing characters at line 1, column 3"),
        ("01", "invalid number at line 1, column 2"),
        (r#""\ud800""#, "half a surrogate pair at line 1, column 8"),
        ("1e999", "number out of range at line 1, column 1"),
        ("NaN", "expected value at line 1, column 1"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).unwrap_err(), expected, "{text}");
    }
    assert!(read_json(b"\"\xff\"").is_err());
    assert!(read_json(b"\xef\xbb\xbf1").is_err());
    assert!(read_json(b"").is_err());
}

#[test]
fn depth_and_nodes_are_bounded() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&nested(MAX_JSON_DEPTH)).is_ok());
    assert!(
        read(&nested(MAX_JSON_DEPTH + 1))
            .unwrap_err()
            .starts_with("nested too deeply")
    );
    let wide = |count| format!("[{}0]", "0,".repeat(count - 1));
    assert!(read(&wide(MAX_JSON_NODES - 1)).is_ok());
    assert!(
        read(&wide(MAX_JSON_NODES))
            .unwrap_err()
            .starts_with("too many values")
    );
}

#[test]
fn an_answer_of_the_usual_kind_grows_once() {
    let names: Vec<_> = (0..12).map(|n| format!("member_number_{n}")).collect();
    let shape = Arc::new(Shape::from_iter(names));
    let value = |n: i64| {
        if n % 2 == 0 {
            Value::Int(n << 50)
        } else {
            Value::string("some words of text")
        }
    };
    let object = Value::object(&shape, (0..12).map(|n| Some(value(n))).collect());
    let mut out = Vec::new();
    write_json(&object, &mut out);
    assert!(out.len() <= object.weight() && out.capacity() == object.weight());
}
