//! The library shows itself: its examples run, and the reference in the documentation is what it prints.

use journey_lang::ast::Ids;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::expression::{self, Compiled};
use journey_lang::reference;
use journey_lang::types::Environment;
use journey_machine::machine::{self, Surroundings};
use journey_machine::value::{Timestamp, Value};
use libtest_mimic::{Failed, Trial};
use std::path::Path;
use std::{env, fs};

/// A trial for each example, and one for the reference.
pub(crate) fn trials() -> Vec<Trial> {
    let example = |(at, (name, text, value)): (usize, (&str, &'static str, &'static str))| {
        Trial::test(format!("functions/{name}#{at}"), move || is(text, value))
    };
    let mut trials: Vec<Trial> = reference::examples().enumerate().map(example).collect();
    trials.push(Trial::test("functions/docs/functions.md", is_current));
    trials
}

fn is(text: &str, value: &str) -> Result<(), Failed> {
    let [actual, expected] = [evaluate(text)?, evaluate(value)?];
    if actual.is_identical(&expected) {
        return Ok(());
    }
    Err(format!("{text} is {actual:?}, not {value}").into())
}

fn evaluate(text: &str) -> Result<Value, Failed> {
    let mut diagnostics = Diagnostics::new();
    let expr = expression::parse(text, &mut Ids::default(), &mut diagnostics);
    let compiled = expression::compile(&expr, &Environment::default(), &[], &mut diagnostics);
    let Some(Compiled { program, .. }) = compiled else {
        return Err(format!("{text}: {diagnostics:?}").into());
    };
    let around = Surroundings::default();
    let value = machine::evaluate(
        &program,
        Compiled::FUNCTION,
        Vec::new(),
        around,
        Timestamp::EPOCH,
        0,
    );
    value.map_err(|cause| format!("{text}: {cause:?}").into())
}

fn is_current() -> Result<(), Failed> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/functions.md");
    let text = reference::markdown();
    if env::var_os("UPDATE").is_some() {
        return Ok(fs::write(path, text)?);
    }
    if fs::read_to_string(path).ok().as_ref() == Some(&text) {
        return Ok(());
    }
    Err("docs/functions.md is not what the library says: UPDATE=1 rewrites it".into())
}
