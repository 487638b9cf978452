//! Values as keys: bytes whose order is the order of the values, field by field. No encoding is the beginning of another
//! one, so whatever begins with a key lies between the key and its [`end`].

use super::Key;
use crate::limits::MAX_KEY_BYTES;
use crate::value::{EvalError, Timestamp, Value};

/// An absent field comes before all others.
const NULL: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const INT: u8 = 4;
const UINT: u8 = 5;
const DOUBLE: u8 = 6;
const STRING: u8 = 7;
const TIMESTAMP: u8 = 8;
/// Greater than the first byte of any field.
const END: u8 = 0xff;

/// The key of these fields, in order.
///
/// # Errors
/// A value that has no place in an order of keys, or too many bytes.
pub fn encode<'a>(fields: impl IntoIterator<Item = &'a Value>) -> Result<Key, EvalError> {
    let mut key = Key::new();
    for field in fields {
        append(&mut key, field)?;
    }
    if key.len() > MAX_KEY_BYTES {
        return Err(EvalError::fixed("a key is too long"));
    }
    Ok(key)
}

/// The end of all that begins with a key.
#[must_use]
pub fn end(mut key: Key) -> Key {
    key.push(END);
    key
}

/// The beginning of all that continues a key with a field that is not absent.
#[must_use]
pub fn present(mut key: Key) -> Key {
    key.push(NULL + 1);
    key
}

fn append(key: &mut Key, field: &Value) -> Result<(), EvalError> {
    match field {
        Value::Null => key.push(NULL),
        Value::Bool(false) => key.push(FALSE),
        Value::Bool(true) => key.push(TRUE),
        Value::Int(number) => fixed(key, INT, signed(*number)),
        Value::Uint(number) => fixed(key, UINT, *number),
        Value::Double(number) => fixed(key, DOUBLE, double(*number)?),
        Value::String(text) => string(key, text.as_bytes()),
        Value::Timestamp(time) => timestamp(key, *time),
        Value::Bytes(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Duration(_)
        | Value::Net(_)
        | Value::Optional(_)
        | Value::Type(_)
        | Value::Error(_) => {
            return Err(EvalError::evaluation(format!(
                "a {} is no field of a key",
                field.type_name()
            )));
        }
    }
    Ok(())
}

fn fixed(key: &mut Key, tag: u8, number: u64) {
    key.push(tag);
    key.extend_from_slice(&number.to_be_bytes());
}

/// Negative numbers before positive ones.
fn signed(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

/// Positive doubles have the order of their bits, negative ones the opposite.
fn double(number: f64) -> Result<u64, EvalError> {
    if number.is_nan() {
        return Err(EvalError::fixed("NaN is no field of a key"));
    }
    // Both zeros are one value.
    let bits = (number + 0.0).to_bits();
    let negative = bits >> 63 == 1;
    Ok(if negative { !bits } else { bits | (1 << 63) })
}

/// Ends with two zeros; a zero inside is told from them by the byte behind it.
fn string(key: &mut Key, text: &[u8]) {
    key.push(STRING);
    for part in text.split_inclusive(|byte| *byte == 0) {
        key.extend_from_slice(part);
        if part.ends_with(&[0]) {
            key.push(END);
        }
    }
    key.extend_from_slice(&[0, 0]);
}

fn timestamp(key: &mut Key, time: Timestamp) {
    fixed(key, TIMESTAMP, signed(time.seconds()));
    key.extend_from_slice(&time.nanos().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::arbitrary;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    /// Two values of one type.
    fn pair() -> impl Strategy<Value = (Value, Value)> {
        let number = any::<f64>().prop_filter("no key", |number| !number.is_nan());
        prop_oneof![
            (any::<i64>(), any::<i64>()).prop_map(|(a, b)| (Value::Int(a), Value::Int(b))),
            (any::<u64>(), any::<u64>()).prop_map(|(a, b)| (Value::Uint(a), Value::Uint(b))),
            (number.clone(), number).prop_map(|(a, b)| (Value::Double(a), Value::Double(b))),
            (-3_i64..3, -3_i64..3).prop_map(|(a, b)| (Value::Int(a), Value::Int(b))),
            ("[\\x00-\\x01a\\PC]{0,4}", "[\\x00-\\x01a\\PC]{0,4}")
                .prop_map(|(a, b)| (Value::from(a), Value::from(b))),
            (any::<bool>(), any::<bool>()).prop_map(|(a, b)| (Value::Bool(a), Value::Bool(b))),
            (arbitrary::timestamps(), arbitrary::timestamps())
                .prop_map(|(a, b)| (Value::Timestamp(a), Value::Timestamp(b))),
        ]
    }

    /// Field by field, as values are compared.
    fn order(fields: &[(Value, Value)]) -> Ordering {
        fields
            .iter()
            .map(|(a, b)| a.compare(b).unwrap())
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    proptest! {
        #[test]
        fn keys_have_the_order_of_their_values(fields in prop::collection::vec(pair(), 1..4)) {
            let a = encode(fields.iter().map(|(a, _)| a)).unwrap();
            let b = encode(fields.iter().map(|(_, b)| b)).unwrap();
            prop_assert_eq!(a.cmp(&b), order(&fields));
        }

        #[test]
        fn what_continues_a_key_lies_before_its_end(fields in prop::collection::vec(pair(), 2..4), some in 1_usize..3) {
            let (first, other) = (&fields[..some.min(fields.len())], &fields);
            let a = encode(first.iter().map(|(a, _)| a)).unwrap();
            let b = encode(other.iter().map(|(_, b)| b)).unwrap();
            let begins = first.iter().all(|(a, b)| a.compare(b) == Some(Ordering::Equal));
            prop_assert_eq!((a.clone()..end(a)).contains(&b), begins);
        }
    }

    #[test]
    fn absent_fields_come_first() {
        let (absent, low) = (Value::Null, Value::Int(i64::MIN));
        let key = encode([&absent]).unwrap();
        assert!(key < encode([&low]).unwrap());
        assert!(
            key < present(Key::new())
                && present(Key::new()) <= encode([&Value::Bool(false)]).unwrap()
        );
    }

    #[test]
    fn some_values_are_no_keys() {
        let long = Value::from("x".repeat(MAX_KEY_BYTES));
        for value in [
            Value::Double(f64::NAN),
            Value::from(Vec::<Value>::new()),
            long,
        ] {
            assert!(encode([&value]).is_err());
        }
    }
}
