//! What is found at once is what a plain look finds.

use super::{Check, Jumps};
use crate::index::Pc;
use crate::program::{Path, Question, Switch, Test};
use crate::value::Value;
use crate::value::arbitrary::values;
use crate::value::ops::Relation;
use proptest::prelude::*;
use proptest::sample::select;

/// Few texts and integers, so that they are often equal; of any length.
fn near() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[ab]{0,3}".prop_map(Value::from),
        "[ab]{62,66}".prop_map(Value::from),
        (-2_i64..3).prop_map(Value::from),
        Just(Value::Int(i64::MIN)),
        Just(Value::Int(i64::MAX)),
        Just(Value::Double(9_223_372_036_854_775_808.0)),
        values(),
    ]
}

fn part() -> impl Strategy<Value = Value> {
    let list = prop::collection::vec(near(), 0..12).prop_map(Value::from);
    prop_oneof![3 => near(), 1 => list]
}

proptest! {
    #[test]
    fn a_check_answers_as_its_relation_does(
        part in part(),
        constant in near(),
        (relation, _) in select(Relation::ALL.as_slice()),
        negated: bool,
    ) {
        let plain = relation.holds(&part, &constant).map(|answer| answer != negated);
        let path = Path::default();
        let check = Check::new(&Test(vec![Question { path, relation, constant, negated }]));
        prop_assert_eq!(check.holds(&part, |_| {}), plain);
    }

    #[test]
    fn a_jump_goes_where_the_first_equal_constant_leads(
        part in part(),
        constants in prop::collection::vec(near(), 0..40),
    ) {
        let is_arm = |value: &Value| matches!(value, Value::Int(_) | Value::String(_));
        let arms = constants.into_iter().filter(is_arm).zip((0..).map(Pc));
        let mut arms: Vec<(Value, Pc)> = arms.collect();
        arms.sort_by(|(a, _), (b, _)| Switch::order(a, b));
        arms.dedup_by(|(a, _), (b, _)| Switch::order(a, b).is_eq());
        let plain = arms.iter().find(|(arm, _)| *arm == part).map(|(_, to)| *to);
        let jumps = Jumps::new(&Switch { path: Path::default(), arms });
        prop_assert_eq!(jumps.find(&part), Ok(plain));
        prop_assert!(jumps.of_text(&part).is_none_or(|quick| quick == plain));
    }
}
