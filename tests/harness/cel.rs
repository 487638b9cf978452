//! The conformance cases of CEL: one trial a file, each case compiled with its declarations and run on the machine.
//!
//! `CEL_CASES=DIR` runs the cases of another folder instead of ours. The format is told in `tests/fixtures/cel/README.md`.

mod block;
mod types;
mod values;

use journey_lang::ast::{Expr, Ids};
use journey_lang::diagnostic::Diagnostics;
use journey_lang::expression::{self, Compiled};
use journey_lang::types::{Environment, Ty};
use journey_machine::machine::{self, Limits, Machine, Stop, Surroundings, Turn};
use journey_machine::program::Program;
use journey_machine::value::{Timestamp, Value};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io};

static PASSED: AtomicUsize = AtomicUsize::new(0);
static FAILED: AtomicUsize = AtomicUsize::new(0);

#[derive(Deserialize)]
struct Case {
    id: String,
    expr: String,
    #[serde(default)]
    container: String,
    #[serde(default)]
    bindings: BTreeMap<String, Json>,
    #[serde(default)]
    type_env: Vec<types::Declaration>,
    #[serde(default)]
    disable_check: bool,
    #[serde(default)]
    check_only: bool,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    value: Option<Json>,
    #[serde(rename = "type")]
    ty: Option<Json>,
    #[serde(default)]
    error: bool,
}

/// What became of a case: the type and the value, as far as it got and as it was asked to.
struct Actual {
    ty: Option<Ty>,
    value: Option<Value>,
}

/// Folders of cases: those of the public suite, and our own, written from the specification.
const OURS: [&str; 2] = ["tests/fixtures/cel", "tests/fixtures/cel-own"];

/// A trial for each file.
pub(crate) fn trials() -> io::Result<Vec<Trial>> {
    let ours = || {
        OURS.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
            .to_vec()
    };
    let folders = env::var_os("CEL_CASES").map_or_else(ours, |folder| vec![folder.into()]);
    let mut files = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(&folder)
            .map_err(|e| io::Error::other(format!("{}: {e}", folder.display())))?;
        for entry in entries {
            files.push(entry?.path());
        }
    }
    files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    let name = |path: &Path| format!("cel/{}", path.file_name().unwrap_or_default().display());
    Ok(files
        .into_iter()
        .map(|path| Trial::test(name(&path), move || run(&path)))
        .collect())
}

/// How many cases have passed and failed, if any has been run.
pub(crate) fn summary() -> Option<String> {
    let [passed, failed] = [&PASSED, &FAILED].map(|count| count.load(Ordering::Relaxed));
    (passed + failed > 0).then(|| format!("{passed} passed, {failed} failed"))
}

fn run(path: &Path) -> Result<(), Failed> {
    let mut wrong = String::new();
    for (number, line) in (1..).zip(fs::read_to_string(path)?.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        match read(line) {
            Ok(()) => _ = PASSED.fetch_add(1, Ordering::Relaxed),
            Err(reason) => {
                FAILED.fetch_add(1, Ordering::Relaxed);
                writeln!(wrong, "line {number}: {reason}")?;
            }
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.into())
    }
}

/// Judges the case of a line; one that cannot be read has failed.
fn read(line: &str) -> Result<(), String> {
    let case: Case = serde_json::from_str(line).map_err(|e| format!("not a case: {e}"))?;
    judge(&case).map_err(|reason| format!("{}: {}\n{reason}", case.id, case.expr))
}

fn judge(case: &Case) -> Result<(), String> {
    let actual = evaluate(case);
    if case.expect.error {
        return match actual {
            Err(_) => Ok(()),
            Ok(Actual { value, .. }) => Err(format!("  expected an error\n  actual   {value:?}")),
        };
    }
    let actual =
        actual.map_err(|e| format!("  expected {}\n  actual   error: {e}", shown(&case.expect)))?;
    if let Some(wanted) = &case.expect.ty {
        let ty = actual.ty.as_ref().map(types::show);
        same(wanted, ty.as_ref(), ty.as_ref() == Some(wanted))?;
    }
    match &case.expect.value {
        Some(wanted) => {
            let value = actual.value.as_ref();
            same(
                wanted,
                value.map(values::show).as_ref(),
                value.is_some_and(|v| values::equal(wanted, v)),
            )
        }
        None => Ok(()),
    }
}

fn same(wanted: &Json, actual: Option<&Json>, equal: bool) -> Result<(), String> {
    let shown = actual.map_or_else(|| "nothing".to_owned(), Json::to_string);
    if equal {
        Ok(())
    } else {
        Err(format!("  expected {wanted}\n  actual   {shown}"))
    }
}

fn shown(expect: &Expect) -> String {
    expect
        .value
        .as_ref()
        .or(expect.ty.as_ref())
        .map_or_else(String::new, Json::to_string)
}

fn evaluate(case: &Case) -> Result<Actual, String> {
    let mut diagnostics = Diagnostics::new();
    let mut ids = Ids::default();
    let mut expr = expression::parse(&case.expr, &mut ids, &mut diagnostics);
    fail(&diagnostics)?;
    block::expand(&mut expr, &mut ids)?;
    let environment = environment(case)?;
    if case.check_only {
        let ty = expression::check(&expr, &environment, &mut diagnostics);
        return fail(&diagnostics).map(|()| Actual { ty, value: None });
    }
    let (values, bound) = bind(case, &environment)?;
    let compiled = compile(&expr, &environment)?;
    let at_run = if bound.variables.len() == environment.variables.len() {
        &environment
    } else {
        &bound
    };
    let program = compile(&expr, at_run)?.program;
    let again = values.clone();
    let now = Timestamp::EPOCH;
    let value = machine::evaluate(
        &program,
        Compiled::FUNCTION,
        values,
        Surroundings::default(),
        now,
        0,
    );
    let value = value.map_err(|cause| format!("{cause:?}"))?;
    let estimate = expression::cost(&expr, at_run, &[]).steps;
    // Giving the value back is a step, too.
    if !is_enough(estimate.max + 1, &program, again.clone())
        || estimate.min > 0 && is_enough(estimate.min - 1, &program, again)
    {
        return Err(format!("it does not take {estimate:?} steps"));
    }
    Ok(Actual {
        ty: Some(compiled.ty),
        value: Some(value),
    })
}

/// Can the program end within so many steps?
fn is_enough(steps: u64, program: &Program, values: Vec<Value>) -> bool {
    let limits = Limits {
        steps,
        ..Limits::default()
    };
    let around = Surroundings::default();
    let mut machine =
        Machine::start(program, Compiled::FUNCTION, values, around, 0).with_limits(limits);
    let turn = Turn {
        now: Timestamp::EPOCH,
        fuel: u32::MAX,
    };
    matches!(
        machine.run(program, turn, &mut Vec::new()),
        Stop::Returned(_)
    )
}

fn compile(expr: &Expr, environment: &Environment) -> Result<Compiled, String> {
    let mut diagnostics = Diagnostics::new();
    let compiled = expression::compile(expr, environment, &[], &mut diagnostics);
    fail(&diagnostics)?;
    compiled.ok_or_else(|| "it does not compile".to_owned())
}

fn fail(diagnostics: &Diagnostics) -> Result<(), String> {
    if !diagnostics.has_errors() {
        return Ok(());
    }
    Err(diagnostics
        .iter()
        .map(|d| d.message.clone())
        .collect::<Vec<_>>()
        .join("; "))
}

fn environment(case: &Case) -> Result<Environment, String> {
    let mut environment = Environment {
        container: case.container.clone(),
        unchecked: case.disable_check,
        ..Environment::default()
    };
    for name in case.bindings.keys() {
        environment.variables.insert(name.clone(), Ty::Dyn);
    }
    case.type_env
        .iter()
        .try_for_each(|declaration| declaration.add(&mut environment))?;
    Ok(environment)
}

/// Values of the variables, and the environment in which only those that have one exist: the others are missed when
/// they are read.
fn bind(case: &Case, environment: &Environment) -> Result<(Vec<Value>, Environment), String> {
    let mut bound = Environment {
        unchecked: true,
        ..environment.clone()
    };
    bound
        .variables
        .retain(|name, _| case.bindings.contains_key(name));
    let values: Result<Vec<Value>, String> = case.bindings.values().map(values::read).collect();
    Ok((values?, bound))
}
