//! Values for property tests.

use super::{Duration, Key, Map, Shape, Timestamp, Value};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::sync::Arc;

/// Numbers of all types, most of them where types end and doubles lose precision.
pub(crate) fn numbers() -> impl Strategy<Value = Value> {
    let edges = prop::sample::select(vec![
        0,
        1,
        -1,
        i64::MAX,
        i64::MIN,
        1 << 53,
        (1 << 53) + 1,
        -(1 << 53) - 1,
        i64::MAX - 511,
    ]);
    let doubles = prop::sample::select(vec![
        0.0,
        -0.0,
        0.5,
        -0.5,
        9_007_199_254_740_992.0,
        9_007_199_254_740_994.0,
        9_223_372_036_854_775_808.0,
        -9_223_372_036_854_775_808.0,
        18_446_744_073_709_551_616.0,
        1e300,
        f64::MIN_POSITIVE,
    ]);
    prop_oneof![
        edges.clone().prop_map(Value::Int),
        edges.clone().prop_map(|n| Value::Uint(n.unsigned_abs())),
        edges.prop_map(|n| Value::Double(n as f64)),
        doubles.prop_map(Value::Double),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(Value::Uint),
        prop::num::f64::NORMAL.prop_map(Value::Double),
    ]
}

pub(crate) fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{0,3}",
        "[ -~]{0,40}",
        "\\PC{0,30}",
        any::<String>(),
        "[\\x00-\\x7f]{0,30}"
    ]
}

pub(crate) fn timestamps() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Timestamp::MIN.seconds(), Timestamp::MAX.seconds());
    let nanos = prop_oneof![Just(0), Just(500_000_000), 0..1_000_000_000_u32];
    (first..=last, nanos)
        .prop_filter_map("range", |(seconds, nanos)| Timestamp::new(seconds, nanos))
}

pub(crate) fn durations() -> impl Strategy<Value = Duration> {
    prop_oneof![
        any::<i64>().prop_map(Duration::from_nanos),
        (-1_000_000..1_000_000_i64).prop_filter_map("range", Duration::from_millis),
    ]
}

/// Values that JSON can say and a reader without types gives back equal.
pub(crate) fn plain() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        numbers(),
        texts().prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![lists(inner.clone()), objects(inner)]
    })
}

/// Values of all types.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => plain(),
        1 => vec(any::<u8>(), 0..20).prop_map(Value::from),
        1 => timestamps().prop_map(Value::from),
        1 => durations().prop_map(Value::from),
        1 => Just(Value::Double(f64::NAN)),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            lists(inner.clone()),
            objects(inner.clone()),
            vec((keys(), inner.clone()), 0..4).prop_map(|entries| Map::from_iter(entries).into()),
            option::of(inner).prop_map(Value::from),
        ]
    })
}

pub(crate) fn keys() -> impl Strategy<Value = Key> {
    prop_oneof![
        any::<bool>().prop_map(Key::Bool),
        (-3..3_i64).prop_map(Key::Int),
        (0..3_u64).prop_map(Key::Uint),
        "[a-d]{0,2}".prop_map(|name| Key::from(&*name)),
    ]
}

fn lists(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec(inner, 0..6).prop_map(Value::from)
}

/// Objects in both layouts.
fn objects(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (vec((texts(), option::of(inner)), 0..12), any::<bool>()).prop_map(|(fields, shaped)| {
        let fields: std::collections::BTreeMap<_, _> = fields.into_iter().collect();
        if !shaped {
            let present = fields
                .iter()
                .filter_map(|(name, value)| Some((name.as_str(), value.clone()?)));
            return Map::from_iter(present).into();
        }
        let shape: Shape = fields.keys().map(String::as_str).collect();
        Value::object(&Arc::new(shape), fields.into_values().collect())
    })
}

/// The same value with every object in the other layout.
pub(crate) fn relaid(value: &Value) -> Value {
    if let Some(list) = value.as_list() {
        return list.iter().map(relaid).collect::<Vec<_>>().into();
    }
    let Some(map) = value.as_map() else {
        return value.clone();
    };
    let entries = || map.iter().map(|(key, value)| (key.clone(), relaid(value)));
    let names: Option<Vec<_>> = map.keys().map(Key::as_str).collect();
    match names.filter(|_| map.as_shaped().is_none()) {
        Some(names) => {
            let shape = Shape::from_iter(names);
            Value::object(
                &Arc::new(shape),
                entries().map(|(_, value)| Some(value)).collect(),
            )
        }
        None => Map::from_iter(entries()).into(),
    }
}
