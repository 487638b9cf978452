//! Random actions, with the ends of turns between them, give what a map gives.

mod engine;
mod model;

use super::{Commit, Need, Turn};
use crate::manifest::{Manifest, Store, StoreId, StoreIndex};
use crate::program::{Edge, Parts, Scan, StateSite};
use crate::schema::{Field, Schema, TypeId, Types};
use crate::value::{ErrorKind, Map, Shape, Str, Timestamp, Value};
use engine::Engine;
use model::Model;
use proptest::prelude::*;
use std::sync::Arc;

const ROOMS: StoreId = StoreId(0);
const BY_OWNER: u16 = 0;
const BY_FLOOR: u16 = 1;

/// `{id, floor?, owner?}`, key `id`, unique `owner`, index `floor, id`.
fn parts() -> Parts {
    let names = |names: &[&str]| -> Vec<Str> { names.iter().copied().map(Str::from).collect() };
    let index = |name: &str, fields: &[&str], unique| StoreIndex {
        name: name.into(),
        fields: names(fields),
        unique,
    };
    let field = |optional| Field {
        schema: TypeId(0),
        optional,
        default: None,
    };
    let record = Schema::Object {
        shape: Arc::new(["id", "floor", "owner"].into_iter().collect::<Shape>()),
        fields: vec![field(false), field(true), field(true)],
        open: false,
    };
    let rooms = Store {
        name: "rooms".into(),
        docs: Str::default(),
        record: TypeId(1),
        key: names(&["id"]),
        indexes: vec![
            index("by_owner", &["owner"], true),
            index("by_floor", &["floor", "id"], false),
        ],
        retain: None,
        labelled: Vec::new(),
        blobs: Vec::new(),
    };
    Parts {
        types: Types(vec![Schema::Any, record]),
        manifest: Manifest {
            stores: vec![rooms],
            ..Manifest::default()
        },
        ..Parts::default()
    }
}

#[derive(Clone, Debug)]
enum Action {
    Insert(i64, Option<i64>, Option<i64>),
    Get(i64),
    ByOwner(i64),
    Update(i64, Option<Option<i64>>, Option<Option<i64>>, Option<i64>),
    Delete(i64, Option<i64>),
    /// On one floor: bounds of the id.
    Floor(Option<i64>, (Edge, i64), (Edge, i64), u16, bool),
    /// Of all: bounds of the id.
    Ids((Edge, i64), (Edge, i64), u16),
    End,
}

fn edge() -> impl Strategy<Value = (Edge, i64)> {
    let edge = prop::sample::select(vec![Edge::Open, Edge::Inclusive, Edge::Exclusive]);
    (edge, -1_i64..8)
}

fn action() -> impl Strategy<Value = Action> {
    let (id, floor, owner) = (0_i64..7, 0_i64..3, 0_i64..4);
    let some = |of: std::ops::Range<i64>| prop::option::of(of);
    prop_oneof![
        3 => (id.clone(), some(0..3), some(0..4)).prop_map(|(id, floor, owner)| Action::Insert(id, floor, owner)),
        1 => id.clone().prop_map(Action::Get),
        1 => owner.prop_map(Action::ByOwner),
        2 => (id.clone(), some(0..3), some(0..4), prop::option::of(some(0..3)), prop::option::of(some(1..4)))
            .prop_map(|(id, a, b, floor, at)| Action::Update(id, floor, a.map(|_| b), at.flatten())),
        1 => (id, some(1..3)).prop_map(|(id, at)| Action::Delete(id, at)),
        2 => (prop::option::of(floor), edge(), edge(), 1_u16..5, any::<bool>())
            .prop_map(|(floor, low, high, max, down)| Action::Floor(floor, low, high, max, down)),
        1 => (edge(), edge(), 1_u16..5).prop_map(|(low, high, max)| Action::Ids(low, high, max)),
        2 => Just(Action::End),
    ]
}

/// The site and the arguments.
fn asked(action: &Action) -> (StateSite, Vec<Value>) {
    let store = ROOMS;
    let bounds = |low: &(Edge, i64), high: &(Edge, i64)| {
        let given = [low, high]
            .into_iter()
            .filter(|(edge, _)| *edge != Edge::Open);
        given
            .map(|(_, bound)| Value::Int(*bound))
            .collect::<Vec<_>>()
    };
    match action {
        Action::Insert(id, floor, owner) => {
            (StateSite::Insert(store), vec![room(*id, *floor, *owner)])
        }
        Action::Get(id) => (StateSite::Get { store, index: None }, vec![Value::Int(*id)]),
        Action::ByOwner(owner) => {
            let index = Some(BY_OWNER);
            (StateSite::Get { store, index }, vec![Value::Int(*owner)])
        }
        Action::Update(id, floor, owner, at) => {
            let changes = [("floor", floor), ("owner", owner)];
            let changes = changes.into_iter();
            let changes = changes.filter_map(|(name, value)| Some((name, number((*value)?))));
            let changes: Map = changes.collect();
            let mut args = vec![Value::Int(*id), changes.into()];
            args.extend(at.map(Value::Int));
            (
                StateSite::Update {
                    store,
                    at: at.is_some(),
                },
                args,
            )
        }
        Action::Delete(id, at) => {
            let args = [Some(*id), *at].into_iter().flatten().map(Value::Int);
            (
                StateSite::Delete {
                    store,
                    at: at.is_some(),
                },
                args.collect(),
            )
        }
        Action::Floor(floor, low, high, max, descending) => {
            let scan = scan(Some(BY_FLOOR), low, high, *max);
            let args = [vec![number(*floor)], bounds(low, high)].concat();
            let descending = *descending;
            (StateSite::Find { scan, descending }, args)
        }
        Action::Ids(low, high, max) => {
            let scan = scan(None, low, high, *max);
            (StateSite::Count(scan), bounds(low, high))
        }
        Action::End => unreachable!("no action"),
    }
}

fn scan(index: Option<u16>, low: &(Edge, i64), high: &(Edge, i64), max: u16) -> Scan {
    Scan {
        store: ROOMS,
        index,
        equal: index.is_some().into(),
        lower: low.0,
        upper: high.0,
        max,
    }
}

fn number(value: Option<i64>) -> Value {
    value.map_or(Value::Null, Value::Int)
}

fn room(id: i64, floor: Option<i64>, owner: Option<i64>) -> Value {
    let fields = [("id", Some(id)), ("floor", floor), ("owner", owner)];
    let map: Map = fields
        .into_iter()
        .map(|(name, value)| (name, number(value)))
        .collect();
    map.into()
}

/// Does an action, bringing what it needs.
fn act(
    turn: &mut Turn,
    (engine, hopes): (&Engine, bool),
    parts: &Parts,
    action: &Action,
) -> Result<Value, ErrorKind> {
    let (site, args) = asked(action);
    loop {
        match turn.act(parts, &Str::default(), site, &args) {
            Ok(outcome) => return outcome.map_err(|error| error.kind),
            Err(Need::Vacancy(place)) if hopes => turn.assume_vacant(place),
            Err(Need::Row(place) | Need::Vacancy(place)) => {
                let found = engine.row(&place);
                turn.saw_row(place, found, engine);
            }
            Err(Need::Range(range)) => {
                let found = engine.range(&range);
                turn.saw_range(range, found, engine);
            }
            Err(Need::Keys(range)) => {
                let found = engine.keys(&range);
                turn.saw_keys(range, found);
            }
        }
    }
}

/// A turn of these actions: what each comes to, and what is to be written.
fn run(
    (engine, hopes): (&Engine, bool),
    parts: &Parts,
    actions: &[Action],
) -> (Vec<Result<Value, ErrorKind>>, Option<Commit>) {
    let mut turn = Turn::new(Timestamp::EPOCH);
    let actions = actions
        .iter()
        .filter(|action| !matches!(action, Action::End));
    let outcomes = actions.map(|action| act(&mut turn, (engine, hopes), parts, action));
    (outcomes.collect(), turn.commit(engine).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn turns_do_what_a_map_does(actions in prop::collection::vec(action(), 1..40)) {
        let (parts, mut engine, mut model) = (parts(), Engine::default(), Model::default());
        for actions in actions.split(|action| matches!(action, Action::End)) {
            let (hoped, commit) = run((&engine, true), &parts, actions);
            // Hopes that fail are the only thing that can be in the way.
            let hoped = commit.is_none_or(|commit| engine.commit(commit)).then_some(hoped);
            let outcomes = hoped.unwrap_or_else(|| {
                let (outcomes, commit) = run((&engine, false), &parts, actions);
                assert!(commit.is_none_or(|commit| engine.commit(commit)), "nobody else has written");
                outcomes
            });
            let expected: Vec<_> = actions.iter().map(|action| model.act(action)).collect();
            prop_assert_eq!(outcomes, expected);
            model.end();
        }
        prop_assert_eq!(engine.records(), model.records());
    }

    /// Two turns at once: whatever the first one writes, the second one loses if it has seen what changed.
    #[test]
    fn turns_are_serial(
        before in prop::collection::vec(action(), 0..12),
        one in action(),
        other in prop::collection::vec(action(), 2..6),
        hopes in any::<bool>(),
    ) {
        let (parts, mut engine) = (parts(), Engine::default());
        if let (_, Some(commit)) = run((&engine, false), &parts, &before) {
            prop_assert!(engine.commit(commit));
        }
        let (slow, commit) = run((&engine, hopes), &parts, &other);
        if let (_, Some(commit)) = run((&engine, false), &parts, &[one]) {
            prop_assert!(engine.commit(commit));
        }
        let (after, _) = run((&engine, false), &parts, &other);
        // A turn that writes nothing and has looked at one place only was before the other one.
        let committed = commit.is_some_and(|commit| engine.commit(commit));
        prop_assert!(!committed || other.iter().filter(|a| !matches!(a, Action::End)).count() < 2 || slow == after);
    }
}
