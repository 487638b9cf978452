//! A program after another one, on the same records.

use super::*;
use crate::state::State;
use journey_machine::manifest::StoreIndex;
use journey_machine::program::Parts;
use journey_machine::schema::{Field, Schema, TypeId};
use journey_machine::state::{Key, Range};
use journey_machine::value::{Map, Shape, Timestamp};
use std::sync::Arc;

const STRING: Schema = Schema::String {
    min: 0,
    max: 100,
    pattern: None,
};

/// A store of people, whose fields are strings, optional where the name ends with `?`.
#[derive(Clone, Default)]
struct People {
    fields: Vec<&'static str>,
    unique: Vec<&'static str>,
    index: Vec<&'static str>,
    labelled: Vec<&'static str>,
}

impl People {
    fn of(fields: &[&'static str]) -> Self {
        Self {
            fields: fields.to_vec(),
            ..Self::default()
        }
    }

    fn program(&self) -> Program {
        let indexes = self.index.iter().map(|name| index(name, false));
        let store = Store {
            name: "people".into(),
            docs: Str::default(),
            record: TypeId(0),
            key: vec!["id".into()],
            indexes: indexes
                .chain(self.unique.iter().map(|name| index(name, true)))
                .collect(),
            retain: None,
            labelled: self.labelled.iter().map(|name| Str::from(*name)).collect(),
            blobs: Vec::new(),
        };
        let mut parts = Parts {
            types: Types(vec![self.record(), STRING]),
            ..Parts::default()
        };
        parts.manifest.stores = vec![store];
        Program::new(parts).unwrap()
    }

    fn record(&self) -> Schema {
        let names = self
            .fields
            .iter()
            .map(|name| Str::from(name.trim_end_matches('?')));
        let fields = self.fields.iter().map(|name| Field {
            schema: TypeId(1),
            optional: name.ends_with('?'),
            default: None,
        });
        Schema::Object {
            shape: Arc::new(Shape::new(names.collect::<Vec<_>>())),
            fields: fields.collect(),
            open: false,
        }
    }
}

fn index(name: &str, unique: bool) -> StoreIndex {
    StoreIndex {
        name: name.into(),
        fields: vec![name.into()],
        unique,
    }
}

/// State in which a program has stored a person for each name.
async fn stored(people: &People, names: &[&str]) -> State {
    stored_until(people, names, None).await
}

async fn stored_until(people: &People, names: &[&str], expires: Option<Timestamp>) -> State {
    let state = State::temporary().unwrap();
    let program = people.program();
    state.begin(&program).await.unwrap();
    let table = Table::of(&program, StoreId(0)).unwrap();
    for (id, name) in names.iter().enumerate() {
        let fields = [("id", id.to_string()), ("name", (*name).to_owned())];
        let fields = fields.map(|(field, text)| (field, Value::from(text.as_str())));
        let record = Value::from(fields.into_iter().collect::<Map>());
        let place = table.place_of(&record).unwrap();
        let row = Row {
            data: state.seal(&place, table.labelled, &record).unwrap(),
            record: None,
            entries: table.entries(&record).unwrap(),
            expires,
        };
        commit(
            &state,
            Timestamp::EPOCH,
            Vec::new(),
            vec![Change::Put(place, row)],
        )
        .await
        .unwrap();
    }
    state
}

async fn found(state: &State, index: Option<&str>) -> Vec<Found> {
    let range = Range {
        space: "people".into(),
        index: index.map(Str::from),
        from: Key::new(),
        to: None,
        descending: false,
        max: 1_000,
    };
    state.engine.range(&range, Timestamp::EPOCH).await.unwrap()
}

async fn refusal(state: &State, people: &People) -> String {
    state
        .begin(&people.program())
        .await
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn a_new_index_finds_old_records_with_their_versions_and_a_removed_one_is_gone() {
    let mut people = People::of(&["id", "name"]);
    let names: Vec<String> = (0..1_200).map(|i| format!("n{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let state = stored(&people, &names).await;
    assert_eq!(found(&state, Some("name")).await, []);
    people.unique = vec!["name"];
    state.begin(&people.program()).await.unwrap();
    let rows = found(&state, Some("name")).await;
    assert_eq!(rows.len(), 1_000);
    assert!(rows.iter().all(|row| row.version == 1));
    people.unique = Vec::new();
    state.begin(&people.program()).await.unwrap();
    assert_eq!(found(&state, Some("name")).await, []);
}

#[tokio::test]
async fn a_record_that_expires_while_records_are_written_anew_is_in_nobodys_way() {
    let mut people = People::of(&["id", "name"]);
    let state = stored_until(&people, &["Ada"], Timestamp::from_millis(1)).await;
    people.index = vec!["name"];
    let program = people.program();
    let table = Table::of(&program, StoreId(0)).unwrap();
    let rewritten = rewrite(&state, &table, Timestamp::EPOCH).await;
    assert_eq!(rewritten, Ok(()));
    assert_eq!(found(&state, Some("name")).await.len(), 1);
}

#[tokio::test]
async fn a_unique_line_that_records_break_is_refused() {
    let mut people = People::of(&["id", "name"]);
    let state = stored(&people, &["Ada", "Ada"]).await;
    people.unique = vec!["name"];
    let error = refusal(&state, &people).await;
    assert!(
        error.contains("people holds records that have the same value"),
        "{error}"
    );
    people.index = std::mem::take(&mut people.unique);
    state.begin(&people.program()).await.unwrap();
    assert_eq!(found(&state, Some("name")).await.len(), 2);
}

#[tokio::test]
async fn what_is_labelled_later_is_sealed_at_the_next_start() {
    let mut people = People::of(&["id", "name"]);
    let state = stored(&people, &["Ada"]).await;
    people.labelled = vec!["name"];
    state.begin(&people.program()).await.unwrap();
    let row = found(&state, None).await.remove(0);
    let hidden = State::visible(&row.data).unwrap();
    assert_eq!(hidden.get("name"), Some(&Value::Null));
    let place = Place {
        space: "people".into(),
        key: row.key,
    };
    let record = state.open(&place, &row.data).unwrap();
    assert_eq!(record.get("name"), Some(&Value::from("Ada")));
}

#[tokio::test]
async fn records_that_would_not_fit_are_not_taken_over() {
    let people = People::of(&["id", "name"]);
    let state = stored(&people, &["Ada"]).await;
    state
        .begin(&People::of(&["id", "name", "note?"]).program())
        .await
        .unwrap();
    let error = refusal(&state, &People::of(&["id", "name"])).await;
    let expected = "store people holds records that do not fit its declaration any more: field note is gone. \
        Declare another store for the new form, or export the records (`journey state export people`), \
        delete them (`journey state delete people`), and import them changed";
    assert_eq!(error, expected);
}

#[tokio::test]
async fn beside_running_requests_nothing_is_built() {
    let mut people = People::of(&["id", "name"]);
    let state = stored(&people, &["Ada"]).await;
    state
        .swap(&People::of(&["id", "name", "note?"]).program())
        .await
        .unwrap();
    people.index = vec!["name"];
    people.fields.push("note?");
    let error = state.swap(&people.program()).await.unwrap_err().to_string();
    assert!(error.contains("built at the next start"), "{error}");
    assert_eq!(found(&state, Some("name")).await, []);
}
