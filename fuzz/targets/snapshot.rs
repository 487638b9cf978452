//! Snapshots: any bytes behind the right header are refused, or a machine that runs within its limits.
#![no_main]
use journey_lang::compile;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::{Source, Sources};
use journey_machine::machine::{Limits, Turn};
use journey_machine::program::Program;
use journey_machine::value::{Timestamp, Value};
use journey_machine::wire::snapshot::decode;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const HASH: [u8; 32] = [0; 32];

static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
    let text = include_str!("../../examples/tour/parallel.journey").to_owned();
    let file = Source { path: "parallel.journey".to_owned(), text };
    compile(&Sources::new(vec![file]), &mut Diagnostics::default()).expect("an example compiles")
});

fuzz_target!(|bytes: &[u8]| {
    let bytes = [b"JSNP".as_slice(), &1_u16.to_le_bytes(), &HASH, bytes].concat();
    if let Ok(machine) = decode(&bytes, &PROGRAM, &HASH, (Value::Null, Value::Null)) {
        let mut machine = machine.with_limits(Limits { steps: 1_000, memory: 100_000 });
        let _ = machine.outstanding(&PROGRAM);
        let turn = Turn { now: Timestamp::EPOCH, fuel: u32::MAX };
        machine.run(&PROGRAM, turn, &mut Vec::new());
    }
});
