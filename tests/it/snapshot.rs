//! Snapshots: what was saved goes on, also what an older runtime saved, and hostile bytes are refused or harmless.

use crate::assemble::{assemble, function};
use journey_machine::effect::Effect;
use journey_machine::machine::{Machine, Stop, Surroundings, Turn};
use journey_machine::program::Program;
use journey_machine::value::{Timestamp, Value};
use journey_machine::wire::snapshot::{SnapshotError, decode, encode};
use std::path::{Path, PathBuf};

/// Branches that call, one inside a function, and a list over which a loop is on its way.
const PROGRAM: &str = r#"
operation up.x n
function call params 1 registers 2
  perform call up.x &r0..r0 ->r1
  return &r1
function branch params 1 registers 3
  context secret ->r1
  call call &r0..r0 ->r2
  return &r2
function main registers 7
  context input ->r0
  iter &r0 &->r1
  const [] ->r3
  next &->r1 ->r4 10
  scope all 2 ->r5
  fork branch &r4..r4 &r5
  fork branch &r4..r4 &r5
  join &r5 ->r6
  append &r6 &->r3
  jump 3
  return &r3
"#;

const HASH: [u8; 32] = [1; 32];

fn program() -> Program {
    Program::new(assemble(PROGRAM).unwrap()).unwrap()
}

fn settings() -> (Value, Value) {
    (Value::from("settings"), Value::from("secrets"))
}

fn start(program: &Program) -> Machine {
    let (config, secret) = settings();
    let around = Surroundings {
        input: vec![Value::from("a"), Value::Int(2), vec![Value::Null].into()].into(),
        config,
        secret,
        ..Surroundings::default()
    };
    let main = function(program, "main").unwrap();
    Machine::start(program, main, Vec::new(), around, 1)
}

fn run(program: &Program, machine: &mut Machine) -> Stop {
    let turn = Turn {
        now: Timestamp::EPOCH,
        fuel: u32::MAX,
    };
    machine.run(program, turn, &mut Vec::new())
}

/// Ends the calls that are under way with their argument.
fn answer(program: &Program, machine: &mut Machine) {
    for effect in machine.outstanding(program) {
        let Effect::Call { id, args, .. } = effect else {
            panic!("{effect:?}");
        };
        machine.complete(id, Ok(args.into()));
    }
}

/// Snapshots at each stop, and the end.
fn all(program: &Program) -> (Vec<Vec<u8>>, Stop) {
    let (mut machine, mut snapshots) = (start(program), Vec::new());
    loop {
        match run(program, &mut machine) {
            Stop::Blocked => snapshots.push(encode(&machine, &HASH).unwrap()),
            end => return (snapshots, end),
        }
        answer(program, &mut machine);
    }
}

fn finish(program: &Program, bytes: &[u8]) -> Stop {
    let mut machine = decode(bytes, program, &HASH, settings()).unwrap();
    loop {
        answer(program, &mut machine);
        match run(program, &mut machine) {
            Stop::Blocked => {}
            end => return end,
        }
    }
}

#[test]
fn a_saved_run_goes_on() {
    let program = program();
    let (snapshots, end) = all(&program);
    assert_eq!(snapshots.len(), 3);
    for bytes in snapshots {
        assert_eq!(finish(&program, &bytes), end);
    }
}

#[test]
fn settings_and_secrets_are_not_saved() {
    let program = program();
    let (config, secret) = settings();
    let around = Surroundings {
        input: vec![Value::Int(1)].into(),
        config,
        secret,
        ..Surroundings::default()
    };
    let call = function(&program, "call").unwrap();
    let mut machine = Machine::start(&program, call, vec![Value::Int(1)], around, 1);
    assert_eq!(run(&program, &mut machine), Stop::Blocked);
    let bytes = encode(&machine, &HASH).unwrap();
    for hidden in ["settings", "secrets"] {
        assert!(
            !bytes
                .windows(hidden.len())
                .any(|window| window == hidden.as_bytes())
        );
    }
}

#[test]
fn a_snapshot_belongs_to_its_program() {
    let program = program();
    let bytes = all(&program).0.remove(0);
    let decode = |bytes: &[u8], hash| decode(bytes, &program, hash, settings()).map(drop);
    assert_eq!(decode(&bytes, &[2; 32]), Err(SnapshotError::Program));
    assert_eq!(decode(b"JRNY", &HASH), Err(SnapshotError::Magic));
    let newer = [b"JSNP", &[9, 0][..], &bytes[6..]].concat();
    assert_eq!(decode(&newer, &HASH), Err(SnapshotError::Version(9, 1)));
}

#[test]
fn a_run_that_is_over_is_not_saved() {
    let program = program();
    let call = function(&program, "call").unwrap();
    let mut machine = Machine::start(
        &program,
        call,
        vec![Value::Null],
        Surroundings::default(),
        1,
    );
    run(&program, &mut machine);
    answer(&program, &mut machine);
    assert!(matches!(run(&program, &mut machine), Stop::Returned(_)));
    assert_eq!(encode(&machine, &HASH), None);
}

/// Cut off, or with one bit turned: refused, or a machine that ends without a panic.
#[test]
fn damage_is_refused_or_harmless() {
    let program = program();
    let mut accepted = 0;
    for bytes in all(&program).0 {
        for end in 0..bytes.len() {
            assert!(
                decode(&bytes[..end], &program, &HASH, settings()).is_err(),
                "cut at {end}"
            );
        }
        for bit in 0..bytes.len() * 8 {
            let mut turned = bytes.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            let Ok(mut machine) = decode(&turned, &program, &HASH, settings()) else {
                continue;
            };
            accepted += 1;
            for _ in 0..20 {
                run(&program, &mut machine);
                answer(&program, &mut machine);
            }
        }
    }
    assert!(accepted > 0, "some bits are of texts and numbers");
}

/// What each former runtime saved. `UPDATE=1` writes the file of this one, if there is none yet.
#[test]
fn old_snapshots_go_on() {
    let program = program();
    let (snapshots, end) = all(&program);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire");
    let current = folder.join("snapshot-1");
    if std::env::var_os("UPDATE").is_some() && !current.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&current, &snapshots[1]).unwrap();
    }
    let files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.contains(&current), "each format has a file");
    for file in files {
        assert_eq!(
            finish(&program, &std::fs::read(&file).unwrap()),
            end,
            "{}",
            file.display()
        );
    }
}
