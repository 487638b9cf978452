//! What holds for all types and documents: what is written is read again as the same, by every way in; what is broken is
//! reported and never more than that.

use super::*;
use crate::json::write_json;
use crate::value::Map;
use proptest::collection::vec;
use proptest::prelude::*;

/// A type with a value of it.
#[derive(Clone, Debug)]
enum Sample {
    Scalar(Schema, Value),
    Nullable(Box<Sample>, bool),
    /// Items are of the first one's type, so there is only one.
    List(Box<Sample>),
    Object(Vec<(Sample, bool)>),
}

fn scalar() -> impl Strategy<Value = Sample> {
    let any_string = Schema::String {
        min: 0,
        max: u32::MAX,
        pattern: None,
    };
    prop_oneof![
        any::<i64>().prop_map(|n| Sample::Scalar(
            Schema::Int {
                min: i64::MIN,
                max: i64::MAX
            },
            n.into()
        )),
        any::<u64>().prop_map(|n| Sample::Scalar(
            Schema::Uint {
                min: 0,
                max: u64::MAX
            },
            n.into()
        )),
        any::<f64>()
            .prop_filter("JSON has no other numbers", |x| x.is_finite())
            .prop_map(|x| {
                Sample::Scalar(
                    Schema::Double {
                        min: Bound::Open,
                        max: Bound::Open,
                    },
                    x.into(),
                )
            }),
        ".*".prop_map(move |text| Sample::Scalar(any_string.clone(), text.into())),
        any::<bool>().prop_map(|flag| Sample::Scalar(Schema::Bool, flag.into())),
        vec(any::<u8>(), 0..20)
            .prop_map(|bytes| Sample::Scalar(Schema::Bytes { max: 20 }, bytes.into())),
        (-62_135_596_800_i64..253_402_300_800, 0_u32..1_000_000_000).prop_map(
            |(seconds, nanos)| {
                let time = crate::value::Timestamp::new(seconds, nanos).unwrap();
                Sample::Scalar(Schema::Timestamp, time.into())
            }
        ),
    ]
}

fn sample() -> impl Strategy<Value = Sample> {
    scalar().prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            (inner.clone(), any::<bool>())
                .prop_map(|(inner, null)| Sample::Nullable(Box::new(inner), null)),
            inner.clone().prop_map(|item| Sample::List(Box::new(item))),
            vec((inner, any::<bool>()), 0..20).prop_map(Sample::Object),
        ]
    })
}

impl Sample {
    /// Adds its type, and those inside it, to the table.
    fn declare(&self, types: &mut Types) -> TypeId {
        let schema = match self {
            Self::Scalar(schema, _) => schema.clone(),
            Self::Nullable(inner, _) => match inner.declare(types) {
                // Two ways to be null would be one too many to tell apart.
                id if matches!(types.get(id), Some(Schema::Nullable(_))) => return id,
                id => Schema::Nullable(id),
            },
            Self::List(item) => Schema::List {
                item: item.declare(types),
                min: 0,
                max: 9,
            },
            Self::Object(fields) => {
                let field = |(field, _): &(Sample, bool)| Field {
                    schema: field.declare(types),
                    optional: true,
                    default: None,
                };
                Schema::Object {
                    fields: fields.iter().map(field).collect(),
                    shape: shape(fields.len()),
                    open: false,
                }
            }
        };
        types.0.push(schema);
        TypeId(u16::try_from(types.0.len() - 1).unwrap())
    }

    fn value(&self) -> Value {
        match self {
            Self::Scalar(_, value) => value.clone(),
            Self::Nullable(_, true) => Value::Null,
            Self::Nullable(inner, false) => inner.value(),
            Self::List(item) => vec![item.value(), item.value()].into(),
            Self::Object(fields) => {
                let slot = |(field, there): &(Sample, bool)| there.then(|| field.value());
                Value::object(&shape(fields.len()), fields.iter().map(slot).collect())
            }
        }
    }
}

/// The same where objects bring their keys.
fn unshaped(value: &Value) -> Value {
    if let Value::Map(map) = value {
        let entries = map.iter();
        let entries = entries.map(|(key, value)| (key.clone(), unshaped(value)));
        entries.collect::<Map>().into()
    } else if let Value::List(items) = value {
        items.iter().map(unshaped).collect::<Vec<_>>().into()
    } else {
        value.clone()
    }
}

fn shape(fields: usize) -> Arc<Shape> {
    Arc::new((0..fields).map(|n| format!("f/{n}")).collect())
}

proptest! {
    #[test]
    fn a_value_is_read_from_its_json_and_from_itself_as_it_was(sample in sample()) {
        let mut types = Types::default();
        let (id, value) = (sample.declare(&mut types), sample.value());
        let decoder = Decoder::new(&types).unwrap();
        let (mut json, mut faults) = (Vec::new(), Faults::new());
        write_json(&value, &mut json);
        let read = decoder.json(id, &json, Mode::Request, &mut faults);
        let typed = decoder.value(id, &value, Mode::Request, &Path::root("body"), &mut faults);
        prop_assert!(faults.is_empty(), "{faults:?} in {}", String::from_utf8_lossy(&json));
        prop_assert!(read.is_identical(&value), "{read:?} is not {value:?}");
        prop_assert!(typed.is_identical(&value), "{typed:?} is not {value:?}");
    }

    /// What is taken for a value of a type by a look is what decoding makes of it.
    #[test]
    fn a_value_is_kept_only_if_decoding_keeps_it(of in sample(), given in sample(), keyed in any::<bool>(), own in any::<bool>()) {
        let mut types = Types::default();
        let id = of.declare(&mut types);
        let decoder = Decoder::new(&types).unwrap();
        let value = if own { of.value() } else { given.value() };
        let value = if keyed { unshaped(&value) } else { value };
        let mut faults = Faults::new();
        let path = Path::root("body");
        let decoded = decoder.value(id, &value, Mode::Request, &path, &mut faults);
        if let Some(kept) = decoder.kept(id, &value) {
            prop_assert!(faults.is_empty(), "{faults:?}: {value:?} is kept");
            prop_assert!(kept.is_identical(&decoded), "{kept:?} is not {decoded:?}");
        } else {
            prop_assert!(!own || keyed, "{value:?} is not kept");
        }
    }

    #[test]
    fn a_broken_document_is_reported_or_read_but_nothing_worse(
        sample in sample(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut types = Types::default();
        let id = sample.declare(&mut types);
        let decoder = Decoder::new(&types).unwrap();
        let (mut json, mut faults) = (Vec::new(), Faults::new());
        write_json(&sample.value(), &mut json);
        let at = at.index(json.len());
        if cut { json.truncate(at) } else { json[at] = byte }
        let read = decoder.json(id, &json, Mode::Request, &mut faults);
        if faults.is_empty() {
            let mut again = Vec::new();
            write_json(&read, &mut again);
            prop_assert!(decoder.json(id, &again, Mode::Request, &mut faults).is_identical(&read));
        }
    }
}
