//! Records as bytes. The fields that are labelled lie in a box of their own, all else can be read without a key.
//!
//! `version of the format, length of the box, box, fields`: the fields are a map of all of them in their order, null where
//! one lies in the box; the box holds a map of those.

use super::vault::DataKeys;
use journey_machine::state::Place;
use journey_machine::value::{Key, Map, Str, Value};
use journey_machine::wire::{value_from_bytes, value_to_bytes};
use std::sync::Arc;

const FORMAT: u8 = 1;
/// Bytes before the box.
const HEAD: usize = 5;
/// The head where nothing lies in the box.
const UNSEALED: [u8; HEAD] = [FORMAT, 0, 0, 0, 0];

/// The bytes of a record; `None`: it is no object, or the system has no randomness to give.
#[must_use]
pub(crate) fn seal(
    keys: &DataKeys,
    place: &Place,
    labelled: &[Str],
    record: &Value,
) -> Option<Vec<u8>> {
    let fields = record.as_map()?;
    // Optional ones are often absent.
    if labelled.iter().all(|name| fields.get_str(name).is_none()) {
        return Some([&UNSEALED[..], &value_to_bytes(record)].concat());
    }
    let (mut open, mut closed) = (Map::new(), Map::new());
    for (key, value) in fields {
        if is_labelled(key, labelled) {
            open.insert(key.clone(), Value::Null);
            closed.insert(key.clone(), value.clone());
        } else {
            open.insert(key.clone(), value.clone());
        }
    }
    let sealed = keys.seal(place, &value_to_bytes(&closed.into()))?;
    let length = u32::try_from(sealed.len()).ok()?.to_le_bytes();
    Some(
        [
            &[FORMAT],
            &length[..],
            &sealed,
            &value_to_bytes(&open.into()),
        ]
        .concat(),
    )
}

/// The record that lies at a place; `None`: its bytes are none of ours, or none of the keys opens its box.
#[must_use]
pub(crate) fn open(keys: &DataKeys, place: &Place, data: &[u8]) -> Option<Value> {
    let (sealed, rest) = split(data)?;
    let mut record = map(rest)?;
    if !sealed.is_empty() {
        for (key, value) in &map(&keys.unseal(place, sealed)?)? {
            record.insert(key.clone(), value.clone());
        }
    }
    Some(record.into())
}

/// The record, with null for what lies in the box; needs no key.
#[must_use]
pub(crate) fn open_part(data: &[u8]) -> Option<Value> {
    map(split(data)?.1).map(Value::from)
}

fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = data.split_first_chunk::<HEAD>()?;
    let [FORMAT, length @ ..] = *head else {
        return None;
    };
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(length)).ok()?)
}

fn map(bytes: &[u8]) -> Option<Map> {
    let Value::Map(map) = value_from_bytes(bytes)? else {
        return None;
    };
    Some(Arc::unwrap_or_clone(map))
}

fn is_labelled(key: &Key, labelled: &[Str]) -> bool {
    let name = key.as_str();
    labelled.iter().any(|label| Some(label.as_str()) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey_machine::value::List;
    use proptest::prelude::*;

    fn place() -> Place {
        Place {
            space: Str::from("people"),
            key: vec![1],
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let single = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Double),
            ".{0,30}".prop_map(|text| Value::from(text.as_str())),
        ];
        single.prop_recursive(3, 8, 3, |inner| {
            proptest::collection::vec(inner, 0..3).prop_map(|items| List::from(items).into())
        })
    }

    fn record() -> impl Strategy<Value = (Value, Vec<Str>)> {
        let fields = proptest::collection::vec(("[a-f]", value(), any::<bool>()), 0..6);
        fields.prop_map(|fields| {
            let labelled = fields.iter().filter(|field| field.2);
            let labelled = labelled.map(|field| Str::from(&field.0)).collect();
            let pairs = fields
                .into_iter()
                .map(|(name, value, _)| (Key::from(name.as_str()), value));
            (pairs.collect::<Map>().into(), labelled)
        })
    }

    proptest! {
        #[test]
        fn a_record_is_read_as_it_was_written((record, labelled) in record()) {
            let keys = DataKeys::temporary().unwrap();
            let data = seal(&keys, &place(), &labelled, &record).unwrap();
            let read = open(&keys, &place(), &data).unwrap();
            // NaN is not equal to itself, its encoding is; and the encoding knows the order of the fields.
            prop_assert_eq!(value_to_bytes(&read), value_to_bytes(&record));
            for cut in 0..data.len() {
                let _ = open(&keys, &place(), &data[..cut]);
            }
        }
    }

    #[test]
    fn without_keys_all_but_the_labelled_fields_can_be_read() {
        let fields = [("id", Value::Int(7)), ("name", Value::from("Ada Lovelace"))];
        let fields: Map = fields
            .map(|(name, value)| (Key::from(name), value))
            .into_iter()
            .collect();
        let record = Value::from(fields);
        let keys = DataKeys::temporary().unwrap();
        let data = seal(&keys, &place(), &[Str::from("name")], &record).unwrap();
        assert!(!data.windows(3).any(|window| window == b"Ada"));
        let part = open_part(&data).unwrap();
        assert_eq!(part.get("id"), Some(&Value::Int(7)));
        assert_eq!(part.get("name"), Some(&Value::Null));
        assert_eq!(open(&DataKeys::temporary().unwrap(), &place(), &data), None);
    }
}
