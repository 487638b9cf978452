//! The registry as a whole, and properties of its functions against naive ones.

use super::*;
use crate::limits::{BYTES_PER_STEP, DEFAULT_STEPS, MAX_VALUE_BYTES};
use crate::value::arbitrary::values;
use crate::value::{ErrorKind, List};
use proptest::prelude::*;

fn call(name: &str, args: impl AsRef<[Value]>) -> Outcome {
    find(name).unwrap().invoke(args.as_ref())
}

fn text(name: &str, args: impl AsRef<[Value]>) -> Option<String> {
    Some(call(name, args).ok()?.as_str()?.to_owned())
}

fn too_large(outcome: Outcome) -> bool {
    outcome.is_err_and(|error| error.kind == ErrorKind::LimitExceeded)
}

#[test]
fn names_are_sorted_and_differ() {
    assert!(all().windows(2).all(|pair| pair[0].name < pair[1].name));
}

#[test]
fn every_function_explains_itself() {
    for function in all() {
        assert!(
            function.docs.ends_with(['.', '?']),
            "{}: docs",
            function.name
        );
        assert!(
            !function.overloads.is_empty(),
            "{}: overloads",
            function.name
        );
        assert!(!function.examples.is_empty(), "{}: examples", function.name);
    }
}

#[test]
fn every_name_is_found() {
    for function in all() {
        assert_eq!(
            find(function.name).map(|found| found.docs),
            Some(function.docs)
        );
    }
    assert!(find("nonesuch").is_none());
}

#[test]
fn arguments_that_match_no_signature_are_refused() {
    for function in all() {
        let takes_nothing = function
            .overloads
            .iter()
            .any(|overload| overload.params.is_empty());
        assert!(
            takes_nothing || function.invoke(&[]).is_err(),
            "{}",
            function.name
        );
        assert!(
            function.invoke(&vec![Value::Null; 9]).is_err(),
            "{}",
            function.name
        );
    }
}

proptest! {
    #[test]
    fn distinct_keeps_what_equals_nothing_before_it(items in prop::collection::vec(values(), 0..12)) {
        let mut wanted: Vec<Value> = Vec::new();
        for item in &items {
            if !wanted.contains(item) {
                wanted.push(item.clone());
            }
        }
        let kept = call("distinct", vec![items.into()]).unwrap();
        prop_assert!(kept.is_identical(&wanted.into()), "{kept:?}");
    }

    #[test]
    fn positions_count_characters(source in "[aé😀]{0,8}", part in "[aé😀]{0,2}", from in -1..9_i64, to in -1..9_i64) {
        let chars: Vec<char> = source.chars().collect();
        let wanted: Vec<char> = part.chars().collect();
        let occurs = |at: &usize| chars[*at..].starts_with(&wanted);
        let position = |at: Option<usize>| at.map_or(-1, |at| i64::try_from(at).unwrap());
        let (start, end) = (usize::try_from(from).ok(), usize::try_from(to).ok());
        let in_range = start.filter(|at| *at <= chars.len());

        let first = in_range.map(|start| position((start..=chars.len()).find(occurs)));
        let args = vec![source.as_str().into(), part.as_str().into(), from.into()];
        prop_assert_eq!(call("indexOf", args.clone()).ok().and_then(|found| found.as_i64()), first);

        let last = in_range.map(|start| position((0..=start).rev().find(occurs)));
        prop_assert_eq!(call("lastIndexOf", args).ok().and_then(|found| found.as_i64()), last);

        let between = start.zip(end).and_then(|(start, end)| chars.get(start..end)).map(|part| part.iter().collect());
        prop_assert_eq!(text("substring", vec![source.as_str().into(), from.into(), to.into()]), between);

        let at = in_range.map(|at| chars.get(at).map_or_else(String::new, char::to_string));
        prop_assert_eq!(text("charAt", vec![source.as_str().into(), from.into()]), at);
    }

    #[test]
    fn parts_joined_again_are_the_text(source in "[ab,😀]{0,12}", separator in "[,a]{0,2}", limit in 1..6_i64) {
        for args in [vec![], vec![limit.into()]] {
            let mut args = args;
            args.splice(0..0, [Value::from(source.as_str()), separator.as_str().into()]);
            let parts = call("split", args.clone()).unwrap();
            prop_assert!(args.len() == 2 || parts.as_list().unwrap().len() <= 5);
            prop_assert_eq!(text("join", vec![parts, separator.as_str().into()]), Some(source.clone()));
        }
    }

    #[test]
    fn sorting_any_numbers_ends_in_order(mut numbers in prop::collection::vec(any::<f64>(), 0..40)) {
        let list: List = numbers.iter().copied().map(Value::Double).collect();
        let sorted = call("sort", vec![list.into()]).unwrap();
        numbers.sort_by(f64::total_cmp);
        let zero = |x: f64| if x == 0.0 { 0 } else { x.to_bits() };
        let found: Vec<_> = sorted.as_list().unwrap().iter().filter_map(Value::as_f64).map(zero).collect();
        prop_assert_eq!(found, numbers.into_iter().map(zero).collect::<Vec<_>>());
    }

    #[test]
    fn base64_reads_back_what_it_wrote(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let encoded = call("base64.encode", vec![bytes.clone().into()]).unwrap();
        let bare = encoded.as_str().unwrap().trim_end_matches('=').to_owned();
        prop_assert_eq!(call("base64.decode", vec![encoded]), Ok(bytes.clone().into()));
        prop_assert_eq!(call("base64.decode", vec![bare.into()]), Ok(bytes.into()));
    }
}

#[test]
fn splitting_follows_the_limit() {
    let split = |args: Vec<Value>| call("split", args).unwrap().as_list().unwrap().len();
    assert_eq!(split(vec!["a b".into(), " ".into(), 0.into()]), 0);
    assert_eq!(split(vec!["a b c".into(), " ".into(), Value::Int(-1)]), 3);
    assert_eq!(split(vec!["abc".into(), "".into()]), 3);
    assert_eq!(split(vec!["".into(), "".into()]), 0);
}

#[test]
fn nothing_is_built_that_is_too_large() {
    let long = Value::string("x".repeat(1_000_000));
    let many: List = std::iter::repeat_n(long.clone(), 17).collect();
    assert!(too_large(call("join", vec![many.into()])));
    assert!(too_large(call(
        "replace",
        vec![long.clone(), "x".into(), "y".repeat(100).into()]
    )));
    assert!(too_large(call(
        "replace",
        vec![long.clone(), "".into(), "y".repeat(100).into()]
    )));
    assert!(too_large(call("split", vec![long, "".into()])));
    assert!(too_large(call("lists.range", vec![i64::MAX.into()])));
    let largest = i64::try_from(MAX_VALUE_BYTES).unwrap();
    assert!(too_large(call("lists.range", vec![largest.into()])));
}

#[test]
fn distinct_compares_few_items_with_each_other() {
    let lists = |from: i64, count: i64| {
        let list = |n: i64| Value::from(List::from(vec![n.into()]));
        (from..from + count).map(list).collect::<List>().into()
    };
    let kept =
        |list: Value| call("distinct", vec![list]).map(|kept| kept.as_list().map(|l| l.len()));
    assert_eq!(kept(lists(0, 20_000)).unwrap(), Some(20_000));
    assert_eq!(kept(lists(1 << 60, 2_000)).unwrap(), Some(2_000));
    let numbers: List = (0..20_000).map(|n| Value::Int(n % 10_000)).collect();
    assert_eq!(kept(numbers.into()).unwrap(), Some(10_000));
}

#[test]
fn patterns_are_bounded() {
    let matches = |pattern: &str| call("matches", vec!["aaa".into(), pattern.into()]);
    assert_eq!(matches("^a{3}$"), Ok(true.into()));
    assert_eq!(
        matches("(").unwrap_err().message,
        "invalid regular expression"
    );
    assert_eq!(
        matches("(\\w{100}){100}").unwrap_err().message,
        "regular expression is too large"
    );
    (0..200).for_each(|n| assert_eq!(matches(&format!("^a{{{n}}}$")), Ok((n == 3).into())));
}

/// Patterns that take long or much for how they are written.
const HOSTILE: &[&str] = &[
    r"\pL{500}",
    r"(?i)\pL{4}",
    r"\w+@\w+",
    r"(?i)[^\w\pL\pN]",
    r"(((a{10}){10}){10}){10}",
    r"((a{10}){10}){30}",
    r"(?i)[a-z]{400}",
    r"(?i)ks{200}",
    r"[^a]{100}",
    r".{500}",
    r"[à-ÿ]{200}",
    r"(?:a{0,20}){0,40}",
    r"(?:a*b*c*){300}",
    r"[^\x00-\x{10FFFF}]{1000}",
    r"1[01]{1000}x",
];

#[test]
fn a_pattern_weighs_what_it_takes() {
    let long = [
        "a?",
        "(a|b)",
        "x*y*",
        "a|",
        "[a-b]{3}",
        "é",
        "(?i)k",
        r"\d",
        r"\w",
        r"[\pL&&\pL]",
    ];
    let long = long.map(|part| part.repeat(2_000 / part.len()));
    for pattern in HOSTILE
        .iter()
        .copied()
        .chain(long.iter().map(String::as_str))
    {
        let taken = pattern::compile(pattern).map_or(MAX_WEIGHT, |regex| regex.memory_usage());
        let weight = pattern::weight(pattern).min(MAX_WEIGHT);
        assert!(weight >= taken, "{pattern}: {weight} < {taken}");
    }
    let ordinary = pattern::weight("^[0-9a-f]{8}-[0-9a-f]{4}$");
    assert!(ordinary < 8 * 1024, "{ordinary}");
}

#[test]
fn who_chooses_a_pattern_pays_for_it() {
    let text = Value::string("10".repeat(500));
    let all = usize::try_from(DEFAULT_STEPS).unwrap() * BYTES_PER_STEP;
    for pattern in HOSTILE {
        let foreign = find("matches").unwrap();
        let price = foreign.looks_at(&[text.clone(), (*pattern).into()]);
        assert!(all / price < 100, "{pattern}: {price}");
    }
    let written = find(pattern::KNOWN).unwrap();
    let args = [text.clone(), HOSTILE[0].into()];
    assert!(written.looks_at(&args) < 2 * text.weight() + 1_000);
}

#[test]
fn conversions_refuse_what_does_not_fit() {
    let refused = [
        ("int", Value::Double(9_223_372_036_854_775_808.0)),
        ("int", Value::Double(-9_223_372_036_854_775_808.0)),
        ("int", Value::Double(f64::NAN)),
        ("int", Value::Uint(1 << 63)),
        ("int", "1.5".into()),
        ("uint", Value::Int(-1)),
        ("uint", Value::Double(-0.5)),
        ("bool", "yes".into()),
        ("timestamp", Value::Int(253_402_300_800)),
        ("string", Value::from(vec![0xff_u8])),
        ("string", Value::Null),
    ];
    for (name, value) in refused {
        assert!(
            call(name, vec![value.clone()]).is_err(),
            "{name}({value:?})"
        );
    }
}
