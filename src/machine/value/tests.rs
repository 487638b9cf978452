//! Properties of values against simple models and other libraries; tables of what is refused.

use super::arbitrary::{durations, keys, numbers, relaid, texts, timestamps, values};
use super::extent::Extent;
use super::*;
use proptest::prelude::*;
use std::cmp::Ordering;

fn has_nan(value: &Value) -> bool {
    let inside = |value: &Value| has_nan(value);
    value.as_f64().is_some_and(f64::is_nan)
        || value.as_list().is_some_and(|list| list.iter().any(inside))
        || value.as_map().is_some_and(|map| map.values().any(inside))
        || matches!(value, Value::Optional(Some(held)) if has_nan(held))
}

/// The extent counted anew.
fn recount(value: &Value) -> Extent {
    let around = |parts: Vec<&Value>| {
        parts
            .into_iter()
            .map(recount)
            .fold(Extent::EMPTY, Extent::around)
    };
    match (value.as_list(), value.as_map(), value) {
        (Some(list), _, _) => around(list.iter().collect()),
        (_, Some(map), _) => around(map.values().collect()),
        (_, _, Value::Optional(Some(held))) => around(vec![held]),
        _ => value.extent(),
    }
}

proptest! {
    #[test]
    fn integers_compare_exactly_and_with_doubles_as_doubles(a in numbers(), b in numbers()) {
        let whole = |value: &Value| value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
        let double = |value: &Value| value.as_f64().or(whole(value).map(|n| n as f64));
        let order = match (whole(&a), whole(&b)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => double(&a).partial_cmp(&double(&b)),
        };
        prop_assert_eq!(a.compare(&b), order);
        prop_assert_eq!(a.compare(&b), b.compare(&a).map(Ordering::reverse));
        prop_assert_eq!(a == b, order == Some(Ordering::Equal));
    }

    #[test]
    fn equality_is_reflexive_symmetric_and_blind_to_layout(a in values(), b in values()) {
        prop_assert_eq!(a == a.clone(), !has_nan(&a));
        prop_assert_eq!(a == b, b == a);
        prop_assert_eq!(a == relaid(&a), !has_nan(&a));
        prop_assert!(a.is_identical(&a.clone()));
    }

    #[test]
    fn an_extent_is_never_less_than_the_truth(value in values()) {
        let truth = recount(&value);
        prop_assert!(value.depth() >= truth.depth());
        prop_assert!(value.weight() >= truth.bytes());
    }

    #[test]
    fn a_map_is_its_entries_in_the_order_of_their_first_insertion(
        entries in prop::collection::vec((keys(), any::<i64>()), 0..60),
        wanted in keys(),
    ) {
        let (mut map, mut model) = (Map::new(), Vec::<(Key, i64)>::new());
        for (key, n) in entries {
            match model.iter_mut().find(|(known, _)| *known == key) {
                Some((_, old)) => *old = n,
                None => model.push((key.clone(), n)),
            }
            map.insert(key, Value::Int(n));
        }
        prop_assert!(map.iter().map(|(key, value)| (key, value.as_i64())).eq(model.iter().map(|(key, n)| (key, Some(*n)))));
        let found = model.iter().find(|(key, _)| *key == wanted).map(|(_, n)| Value::Int(*n));
        prop_assert_eq!(map.get(&wanted), found.as_ref());
        prop_assert_eq!(map.insert_new(wanted, Value::Null), found.is_none());
        prop_assert_eq!(map.len(), model.len() + usize::from(found.is_none()));
    }

    #[test]
    fn a_shape_finds_what_a_search_finds(names in prop::collection::btree_set("[a-z]{1,3}", 0..40), wanted in "[a-z]{1,3}") {
        let mut names: Vec<_> = names.into_iter().collect();
        names.reverse();
        let shape = Shape::from_iter(names.iter().map(String::as_str));
        prop_assert_eq!(shape.slot(&wanted), names.iter().position(|name| *name == wanted));
        prop_assert_eq!(shape.repeated(), None);
    }

    #[test]
    fn timestamps_read_back_as_written(time in timestamps()) {
        prop_assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
    }

    #[test]
    fn timestamps_are_those_of_the_calendar_library(seconds in Timestamp::MIN.seconds()..253_402_207_200, nanos in 0..1_000_000_000_u32) {
        let time = Timestamp::new(seconds, nanos).unwrap();
        let other = jiff::Timestamp::new(seconds, i32::try_from(nanos).unwrap()).unwrap();
        prop_assert_eq!(time.to_string(), other.to_string());
        let local = other.to_zoned(jiff::tz::TimeZone::get("America/St_Johns").unwrap());
        let civil = time.civil(&Zone::find("America/St_Johns").unwrap());
        let expected = (i64::from(local.year()), i64::from(local.day_of_year()) - 1, i64::from(local.hour()), i64::from(local.minute()));
        prop_assert_eq!((civil.year, civil.day_of_year, civil.hour, civil.minute), expected);
        prop_assert_eq!(civil.weekday, i64::from(local.weekday().to_sunday_zero_offset()));
    }

    #[test]
    fn durations_read_back_as_written(length in durations()) {
        prop_assert_eq!(Duration::parse(&length.to_string()), Some(length));
    }

    #[test]
    fn text_of_any_kind_is_no_time_or_a_time(text in texts()) {
        if let Some(time) = Timestamp::parse(&text) {
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Some(time));
        }
        if let Some(length) = Duration::parse(&text) {
            prop_assert_eq!(Duration::parse(&length.to_string()), Some(length));
        }
    }

    #[test]
    fn integers_are_exact_or_an_error(a in any::<i64>(), b in any::<i64>(), small in -3..3_i64) {
        for b in [b, small] {
            let wide = (i128::from(a), i128::from(b));
            let check = |result: Result<Value, EvalError>, exact: Option<i128>| {
                let exact = exact.and_then(|n| i64::try_from(n).ok());
                prop_assert_eq!(result.ok().and_then(|value| value.as_i64()), exact);
                Ok(())
            };
            let (x, y) = (Value::Int(a), Value::Int(b));
            check(ops::add(&x, &y), Some(wide.0 + wide.1))?;
            check(ops::sub(&x, &y), Some(wide.0 - wide.1))?;
            check(ops::mul(&x, &y), wide.0.checked_mul(wide.1))?;
            check(ops::div(&x, &y), wide.0.checked_div(wide.1))?;
        }
    }
}

#[test]
fn durations_are_read_as_go_reads_them() {
    let nanos = |text| Duration::parse(text).map(Duration::nanos);
    assert_eq!(nanos("1h30m"), Some(5_400_000_000_000));
    assert_eq!(nanos("-1.5s"), Some(-1_500_000_000));
    assert_eq!(nanos("+.5us"), Some(500));
    assert_eq!(nanos("1.0000000000000000001s"), Some(1_000_000_000));
    assert_eq!(nanos("1s1s"), Some(2_000_000_000));
    assert_eq!(nanos("0"), Some(0));
    assert_eq!(nanos("-9223372036.854775808s"), Some(i64::MIN));
    for wrong in [
        "",
        "-",
        "1",
        "s",
        ".s",
        "1.2.3s",
        "1 s",
        "1d",
        "9223372036.854775808s",
        "1s-1s",
        "٣s",
        "1e3s",
    ] {
        assert_eq!(nanos(wrong), None, "{wrong}");
    }
}

#[test]
fn timestamps_are_read_strictly() {
    let time = |text| Timestamp::parse(text).map(|time| time.to_string());
    assert_eq!(
        time("2009-02-13T23:31:30.50+01:00").as_deref(),
        Some("2009-02-13T22:31:30.5Z")
    );
    assert_eq!(
        time("2024-02-29t00:00:00z").as_deref(),
        Some("2024-02-29T00:00:00Z")
    );
    assert_eq!(
        time("9999-12-31T23:59:59.999999999Z").as_deref(),
        Some("9999-12-31T23:59:59.999999999Z")
    );
    for wrong in [
        "2023-02-29T00:00:00Z",
        "2009-02-13 23:31:30Z",
        "2009-02-13T23:31:30",
        "2009-02-13T23:31Z",
        "2009-02-13T24:00:00Z",
        "2009-02-13T23:59:60Z",
        "2009-02-13T23:31:30.Z",
        "2009-02-13T23:31:30.1234567890Z",
        "2009-02-13T23:31:30+0100",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2009-02-13T23:31:30Z ",
        "+2009-02-13T23:31:30Z",
    ] {
        assert_eq!(time(wrong), None, "{wrong}");
    }
}

#[test]
fn zones_hold_to_the_last_day() {
    let last = Timestamp::MAX.civil(&Zone::find("Pacific/Auckland").unwrap());
    assert_eq!((last.year, last.month, last.day), (10_000, 1, 1));
    assert!(Zone::find("Mars/Olympus").is_none());
    assert!(Zone::find("+24:00").is_none());
}

#[test]
fn fields_are_found_by_slot_and_by_name() {
    let shape = Arc::new(Shape::from_iter(["a", "b", "c"]));
    let object = Value::object(&shape, vec![Some(1.into()), None, Some(3.into())]);
    assert_eq!(ops::field(&object, &FieldRef::new("c", 2)), Ok(3.into()));
    assert_eq!(ops::field(&object, &FieldRef::new("c", 0)), Ok(3.into()));
    assert_eq!(
        ops::field(&object, &FieldRef::new("b", 1))
            .unwrap_err()
            .message,
        "no such key: b"
    );
    assert_eq!(ops::has(&object, &FieldRef::new("b", 1)), Ok(false.into()));
    assert_eq!(
        ops::opt_field(&object, &FieldRef::new("b", 1)),
        Ok(Value::Optional(None))
    );
    assert_eq!(object.as_map().map(Map::len), Some(2));
}

#[test]
fn a_shaped_map_takes_new_keys() {
    let shape = Arc::new(Shape::from_iter(["a", "b"]));
    let mut object = Value::object(&shape, vec![None, Some(2.into())]);
    ops::insert(&mut object, &"a".into(), 1.into()).unwrap();
    assert!(object.as_map().unwrap().as_shaped().is_some());
    ops::insert(&mut object, &"z".into(), 3.into()).unwrap();
    ops::insert(&mut object, &"b".into(), 4.into()).unwrap();
    let entries: Vec<_> = object
        .as_map()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_i64()))
        .collect();
    assert_eq!(
        entries,
        [
            (Some("a"), Some(1)),
            (Some("b"), Some(4)),
            (Some("z"), Some(3))
        ]
    );
}

#[test]
fn optionals_pass_selection_on() {
    let object = Value::from(Map::from_iter([("list", Value::from(vec![Value::Int(1)]))]));
    let held = ops::some(object).unwrap();
    let list = ops::field(&held, &FieldRef::new("list", 0)).unwrap();
    assert_eq!(ops::index(&list, &0.into()), Ok(Some(Value::Int(1)).into()));
    assert_eq!(ops::index(&list, &9.into()), Ok(Value::Optional(None)));
    assert_eq!(
        ops::field(&Value::Optional(None), &FieldRef::new("x", 0)),
        Ok(Value::Optional(None))
    );
    assert!(ops::field(&Value::Null, &FieldRef::new("x", 0)).is_err());
}

#[test]
fn keys_find_numbers_by_value() {
    let map = ops::map(vec![1_u64.into(), "a".into(), 2.into(), "b".into()]).unwrap();
    assert_eq!(ops::index(&map, &1.0.into()), Ok("a".into()));
    assert_eq!(ops::index(&map, &2_u64.into()), Ok("b".into()));
    assert_eq!(ops::is_in(&1.5.into(), &map), Ok(false.into()));
    assert!(ops::map(vec![1_u64.into(), 1.into(), 1.into(), 1.into()]).is_err());
    assert!(ops::map(vec![1.0.into(), 1.into()]).is_err());
}

#[test]
fn sharing_does_not_make_a_value_larger_than_it_may_be() {
    let mut value = Value::string("x".repeat(1_000));
    let mut doublings = 0;
    let error = loop {
        match ops::list(vec![value.clone(), value]) {
            Ok(doubled) => (value, doublings) = (doubled, doublings + 1),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind, ErrorKind::LimitExceeded);
    assert!((10..16).contains(&doublings), "{doublings}");
}

#[test]
fn nesting_ends_before_the_stack_does() {
    let mut value = Value::Null;
    while let Ok(deeper) = ops::some(value.clone()) {
        value = deeper;
    }
    assert_eq!(value.depth(), crate::limits::MAX_DEPTH);
    let mut list = Value::from(List::default());
    assert!(ops::append(&mut list, value).is_err());
}

#[test]
fn a_key_set_again_and_again_does_not_grow_the_map() {
    let mut map = Value::from(Map::new());
    let item = Value::string("x".repeat(1_000_000));
    (0..100).for_each(|_| ops::insert(&mut map, &"k".into(), item.clone()).unwrap());
    assert!(map.weight() < 1_100_000);
}
