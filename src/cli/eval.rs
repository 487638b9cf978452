//! `journey eval`: one expression, or one a line, with its value and type.

use crate::findings;
use crate::output::{self, Exit, Outcome, Problem};
use crate::project;
use clap::Args;
use journey_lang::ast::{File, Ids};
use journey_lang::diagnostic::Diagnostics;
use journey_lang::expression::{self, Compiled};
use journey_lang::source::{Source, Sources};
use journey_lang::types::{Environment, Ty};
use journey_machine::json::{read_json, write_json};
use journey_machine::machine::{self, Cause, Surroundings};
use journey_machine::schema::{Decoder, Faults, Mode};
use journey_machine::value::{Timestamp, Value};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

/// The type that a file of types declares for `input`.
const INPUT: &str = "Input";

/// Arguments of `journey eval`.
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// The expression; `-` reads one a line from standard input.
    #[arg(allow_hyphen_values = true)]
    expression: String,
    /// JSON file that the expression sees as `input`.
    #[arg(long)]
    input: Option<PathBuf>,
    /// Source file with type declarations; `Input` is the type of `input`.
    #[arg(long)]
    types: Option<PathBuf>,
}

/// What expressions are evaluated in.
struct Context {
    environment: Environment,
    /// What declares types.
    sources: Sources,
    files: Vec<File>,
    values: Vec<Value>,
}

/// Prints the value of each expression as JSON, and its type.
pub(crate) fn run(args: &EvalArgs) -> Outcome {
    let Some(context) = Context::new(args)? else {
        return Ok(Exit::Findings);
    };
    if args.expression != "-" {
        return Ok(context.show(&args.expression));
    }
    let mut exit = Exit::Clean;
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|e| Problem::new(format!("could not read standard input: {e}")))?;
        if !line.trim().is_empty() && context.show(&line) == Exit::Findings {
            exit = Exit::Findings;
        }
    }
    Ok(exit)
}

impl Context {
    /// `None`: something is wrong with types or input, and that has been said.
    fn new(args: &EvalArgs) -> Result<Option<Self>, Problem> {
        let mut context = Self {
            environment: Environment::default(),
            sources: Sources::default(),
            files: Vec::new(),
            values: Vec::new(),
        };
        let Some(decoder) = context.declare(args.types.as_deref())? else {
            return Ok(None);
        };
        let Some(path) = &args.input else {
            return Ok(Some(context));
        };
        let text = project::read_text(path)?;
        let mut faults = Faults::new();
        let (ty, value) = match decoder {
            Declared::As(decoder, id) => (
                Ty::Named(INPUT.into()),
                decoder.json(id, text.as_bytes(), Mode::Request, &mut faults),
            ),
            Declared::No => (
                Ty::Dyn,
                read_json(text.as_bytes()).map_err(|e| no_json(path, &e))?,
            ),
        };
        if !faults.is_empty() {
            let lines = faults.list().iter();
            let lines: String = lines
                .map(|fault| format!("  {} {}\n", fault.pointer, fault.message))
                .collect();
            output::eprint(format!(
                "the input does not have the declared type:\n{lines}"
            ));
            return Ok(None);
        }
        context.environment.variables.insert("input".to_owned(), ty);
        context.values.push(value);
        Ok(Some(context))
    }

    /// Reads declarations. `None`: they are wrong, and that has been said.
    fn declare(&mut self, path: Option<&Path>) -> Result<Option<Declared>, Problem> {
        let Some(path) = path else {
            return Ok(Some(Declared::No));
        };
        self.sources = project::load(path)?;
        let mut diagnostics = Diagnostics::new();
        self.files = journey_lang::parse(&self.sources, &mut diagnostics);
        let declared = expression::declared(&self.files, INPUT, &mut diagnostics);
        if diagnostics.has_errors() {
            findings::human(&self.sources, &diagnostics);
            return Ok(None);
        }
        let Some((types, id)) = declared else {
            return Ok(Some(Declared::No));
        };
        let decoder =
            Decoder::new(&types).map_err(|e| Problem::new(format!("{}: {e}", path.display())))?;
        Ok(Some(Declared::As(decoder, id)))
    }

    fn show(&self, text: &str) -> Exit {
        let (sources, file) = self.sources.clone().and(Source {
            path: "expression".to_owned(),
            text: text.to_owned(),
        });
        let mut diagnostics = Diagnostics::new();
        let expr = expression::parse_in(file, text, &mut Ids::default(), &mut diagnostics);
        let compiled = expression::compile(&expr, &self.environment, &self.files, &mut diagnostics);
        if !diagnostics.is_empty() {
            findings::human(&sources, &diagnostics);
        }
        let Some(Compiled { program, ty }) = compiled else {
            return Exit::Findings;
        };
        let value = machine::evaluate(
            &program,
            Compiled::FUNCTION,
            self.values.clone(),
            Surroundings::default(),
            Timestamp::EPOCH,
            0,
        );
        match value {
            Ok(value) => {
                let mut line = Vec::new();
                match value {
                    // JSON has no word for these.
                    Value::Double(x) if !x.is_finite() => line.extend(text_of(&value)),
                    _ => write_json(&value, &mut line),
                }
                line.extend_from_slice(format!(" : {ty}\n").as_bytes());
                output::print(line);
                Exit::Clean
            }
            Err(cause) => {
                output::eprint(format!("error: {}\n", explained(&cause)));
                Exit::Findings
            }
        }
    }
}

fn text_of(value: &Value) -> Vec<u8> {
    value.to_text().unwrap_or_default().as_bytes().to_vec()
}

/// How input is decoded.
enum Declared {
    As(Decoder, journey_machine::schema::TypeId),
    No,
}

fn no_json(path: &Path, error: &journey_machine::json::JsonError) -> Problem {
    Problem::new(format!("{} is not JSON: {error}", path.display()))
}

fn explained(cause: &Cause) -> String {
    match cause {
        Cause::Uncaught(error) => error.message.to_string(),
        Cause::Steps => "it takes more steps than an expression may".to_owned(),
        Cause::Memory => "it builds more than an expression may".to_owned(),
        Cause::Depth | Cause::Malformed | Cause::Cancelled => {
            "it cannot be evaluated outside a journey".to_owned()
        }
    }
}
