//! `journey state` on a data folder.

use journey_machine::manifest::{Store, StoreIndex};
use journey_machine::program::{Parts, Program};
use journey_machine::schema::{Field, Schema, TypeId, Types};
use journey_machine::value::{Shape, Str};
use journey_server::data::Folder;
use journey_server::settings::Sources;
use journey_server::state::State;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// A store of people with a name that is personal, and a place that nobody shares.
fn program() -> Program {
    let string = Schema::String {
        min: 0,
        max: 100,
        pattern: None,
    };
    let field = |schema, optional| Field {
        schema: TypeId(schema),
        optional,
        default: None,
    };
    let person = Schema::Object {
        shape: Arc::new(Shape::new(["id", "name", "seat", "born"].map(Str::from))),
        fields: vec![
            field(1, false),
            field(1, false),
            field(2, false),
            field(3, true),
        ],
        open: false,
    };
    let seat = Schema::Int { min: 0, max: 9 };
    let mut parts = Parts {
        types: Types(vec![person, string, seat, Schema::Timestamp]),
        ..Parts::default()
    };
    parts.manifest.stores = vec![Store {
        name: "people".into(),
        docs: Str::default(),
        record: TypeId(0),
        key: vec!["id".into()],
        indexes: vec![StoreIndex {
            name: "seat".into(),
            fields: vec!["seat".into()],
            unique: true,
        }],
        retain: None,
        labelled: vec!["name".into()],
        blobs: Vec::new(),
    }];
    Program::new(parts).unwrap()
}

const ADA: &str = r#"{"store":"people","version":1,"record":{"id":"a","name":"Ada","seat":1,"born":"1815-12-10T00:00:00Z"}}"#;
const BOB: &str = r#"{"store":"people","version":1,"record":{"id":"b","name":"Bob","seat":2}}"#;

/// A folder whose program was served once.
fn folder() -> TempDir {
    let data = tempfile::tempdir().unwrap();
    with_state(data.path(), |state, runtime| {
        runtime.block_on(state.begin(&program())).unwrap()
    });
    data
}

fn with_state(data: &Path, act: impl FnOnce(State, &tokio::runtime::Runtime)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = Arc::new(Folder::open(data).unwrap());
    let state = runtime
        .block_on(State::load(&folder, &Sources::default()))
        .unwrap();
    act(state, &runtime);
}

/// What it prints; in front, if it fails, its exit code.
fn journey(data: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_journey"));
    command.arg("state").args(arguments).arg("--data").arg(data);
    let output = command.env_remove("JOURNEY_DATA_KEYS").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    match output.status.code() {
        Some(0) => text(output.stdout),
        code => format!("{code:?} {}", text(output.stderr)),
    }
}

fn import(data: &Path, lines: &[&str], more: &[&str]) -> String {
    let file = data.join("lines");
    std::fs::write(&file, lines.join("\n")).unwrap();
    journey(data, &[&["import", file.to_str().unwrap()], more].concat())
}

#[test]
fn records_go_in_are_seen_and_go_out_as_they_were() {
    let data = folder();
    let data = data.path();
    assert_eq!(import(data, &[ADA, BOB], &[]), "2 records\n");
    assert_eq!(journey(data, &["list"]), "people 2\n");
    assert_eq!(
        journey(data, &["list", "people"]),
        "{\"id\":\"a\"}\n{\"id\":\"b\"}\n"
    );
    assert_eq!(
        journey(data, &["export", "--reveal"]),
        format!("{ADA}\n{BOB}\n")
    );
    let hidden = r#"{"store":"people","version":1,"hidden":["name"],"record":{"id":"b","seat":2}}"#;
    assert_eq!(
        journey(data, &["show", "people", "b"]),
        format!("{hidden}\n")
    );
    assert_eq!(
        journey(data, &["show", "people", "b", "--reveal"]),
        format!("{BOB}\n")
    );
    assert_eq!(journey(data, &["delete", "people", "a"]), "");
    assert_eq!(
        journey(data, &["export", "people", "--reveal"]),
        format!("{BOB}\n")
    );
    assert_eq!(journey(data, &["delete", "people", "--all"]), "");
    assert_eq!(journey(data, &["list"]), "");
}

#[test]
fn a_wrong_line_is_named_and_nothing_is_imported() {
    let data = folder();
    let data = data.path();
    assert_eq!(import(data, &[ADA], &[]), "1 records\n");
    let rows = [
        (BOB.replace("\"seat\":2", "\"seat\":77"), "/seat must be"),
        (BOB.replace("people", "dogs"), "there is no store dogs"),
        (
            BOB.replace("\"record\"", "\"hidden\":[\"name\"],\"record\""),
            "export with --reveal",
        ),
        (ADA.to_owned(), "a record with this key already"),
        ("{".to_owned(), "lines:2: "),
        (
            BOB.replace("\"seat\":2", "\"seat\":1"),
            "a value of a `unique` line is taken",
        ),
    ];
    for (line, expected) in rows {
        let said = import(data, &[&BOB.replace("\"b\"", "\"c\""), &line], &[]);
        assert!(
            said.starts_with("Some(2) ") && said.contains(expected),
            "{said}"
        );
        assert_eq!(journey(data, &["list"]), "people 1\n", "{line}");
    }
    assert_eq!(import(data, &[ADA], &["--replace"]), "1 records\n");
    assert!(journey(data, &["show", "people", "a"]).contains("\"version\":2"));
}

#[test]
fn what_is_not_there_or_not_free_is_said() {
    let data = folder();
    let data = data.path();
    let rows: [(&[&str], &str); 5] = [
        (
            &["show", "people", "x"],
            "people has no record with this key",
        ),
        (&["show", "people", "x", "y"], "the key of people is: id"),
        (&["show", "dogs", "x"], "there is no store dogs"),
        (&["tasks", "retry", "x"], "there is no run x"),
        (&["delete", "people"], "the key of the record is missing"),
    ];
    for (arguments, expected) in rows {
        let said = journey(data, arguments);
        assert!(
            said.starts_with("Some(2) ") && said.contains(expected),
            "{said}"
        );
    }
    let elsewhere = journey(&data.join("nothing"), &["list"]);
    assert!(elsewhere.contains("there is no state in"), "{elsewhere}");
    with_state(data, |_state, _| {
        let said = journey(data, &["list"]);
        assert!(said.contains("another process is using it"), "{said}");
    });
}

#[test]
fn after_rekey_the_former_data_key_is_not_needed() {
    let data = folder();
    let data = data.path();
    import(data, &[ADA], &[]);
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let with_key = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_journey"));
        command.arg("state").args(arguments).arg("--data").arg(data);
        let output = command.env("JOURNEY_DATA_KEYS", key).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert!(with_key(&["rekey"]).contains("sealed by the first data key"));
    std::fs::remove_file(data.join("data-keys.json")).unwrap();
    assert_eq!(with_key(&["export", "--reveal"]), format!("{ADA}\n"));
    let without = journey(data, &["list"]);
    assert!(
        without.contains("which is missing: set JOURNEY_DATA_KEYS"),
        "{without}"
    );
}
