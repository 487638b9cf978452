//! The corpus: each file below `tests/cases/` is a test of its own, named by its path.
//!
//! `cargo test --test cases FILTER` runs some of them; `UPDATE=1` rewrites their expectations.

#![expect(
    unreachable_pub,
    reason = "`pub` says what a module of the harness offers"
)]

mod harness;

use harness::case::{self, Kind};
use libtest_mimic::Trial;
use std::io;
use std::process::ExitCode;

/// The kinds of cases: one line here and one module in `harness` each.
const KINDS: &[Kind] = &[
    Kind {
        folder: "syntax",
        endings: case::SOURCE,
        run: harness::syntax::run,
    },
    Kind {
        folder: "diagnostics",
        endings: case::SOURCE,
        run: harness::diagnostics::run,
    },
    Kind {
        folder: "lowering",
        endings: case::SOURCE,
        run: harness::lowering::run,
    },
    Kind {
        folder: "../../journeys",
        endings: case::SOURCE,
        run: harness::format::shipped,
    },
    Kind {
        folder: "../../examples",
        endings: case::SOURCE,
        run: harness::format::shipped,
    },
    Kind {
        folder: "pairs",
        endings: harness::pairs::TEXT,
        run: harness::pairs::run,
    },
    Kind {
        folder: "format",
        endings: case::SOURCE,
        run: harness::format::run,
    },
    Kind {
        folder: "graph",
        endings: case::SOURCE,
        run: harness::graph::run,
    },
    Kind {
        folder: "run",
        endings: &[".test.yaml"],
        run: harness::run::run,
    },
    Kind {
        folder: "cli",
        endings: &[".txt"],
        run: harness::command::run,
    },
    Kind {
        folder: "tokens",
        endings: harness::tokens::ENDINGS,
        run: harness::tokens::run,
    },
    Kind {
        folder: "machine",
        endings: &[".txt"],
        run: harness::machine::run,
    },
];

fn main() -> ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    match trials() {
        Ok(trials) => {
            let conclusion = libtest_mimic::run(&arguments, trials);
            if let Some(summary) = harness::cel::summary() {
                println!("CEL conformance: {summary}");
            }
            conclusion.exit_code()
        }
        Err(error) => {
            eprintln!("the corpus cannot be read: {error}");
            ExitCode::FAILURE
        }
    }
}

fn trials() -> io::Result<Vec<Trial>> {
    let mut trials = case::trials(KINDS)?;
    trials.extend(harness::cel::trials()?);
    trials.extend(harness::functions::trials());
    trials.extend(harness::mistakes::trials());
    trials.extend(harness::mutants::trials()?);
    Ok(trials)
}
