//! `journey test`: specifications beside journeys, played on the machine without sockets.

mod limits;
mod plain;
mod play;
mod prepare;
mod read;
mod report;
mod request;
mod spec;
mod stored;
mod suite;
mod update;
mod world;

use crate::findings;
use crate::output::{self, Exit, Outcome as Ended, Problem};
use crate::project;
use clap::Args;
use journey_lang::source::Sources;
use journey_machine::program::Program;
use journey_machine::schema::Decoder;
use play::Stage;
use report::{Format, Outcome};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};
use suite::{Suite, Test};

/// Arguments of `journey test`.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// A project with its specifications (*.test.yaml), or one specification.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The project that a single specification belongs to; by default the folder it stands in.
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Only tests whose file or name contains this text.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// For people, or for machines.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Plays all tests of a project. With `UPDATE=1` in the environment what they expect is rewritten.
pub(crate) fn run(args: &TestArgs) -> Ended {
    let (sources, diagnostics, program) = project::compile(&args.root())?;
    let Some(program) = program else {
        findings::human(&sources, &diagnostics);
        return Ok(Exit::Findings);
    };
    let suites = args.suites()?;
    let stage = stage(&program, &sources)?;
    let tests: Vec<Test<'_>> = suites
        .iter()
        .flat_map(Suite::tests)
        .filter(|test| args.wants(test))
        .collect();
    if tests.is_empty() {
        return Err(args.nothing());
    }
    let update = env::var_os("UPDATE").is_some_and(|value| !value.is_empty() && value != "0");
    let mut outcomes = play_all(&stage, &tests);
    if update {
        suites
            .iter()
            .try_for_each(|suite| rewrite(suite, &tests, &mut outcomes))?;
    }
    let outcomes: Vec<Outcome> = outcomes.into_iter().map(|played| played.outcome).collect();
    output::print(report::show(&outcomes, args.format));
    Ok(if outcomes.iter().all(Outcome::passed) {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

impl TestArgs {
    fn root(&self) -> PathBuf {
        match (&self.project, self.path.is_dir()) {
            (Some(project), _) => project.clone(),
            (None, true) => self.path.clone(),
            (None, false) => match self.path.parent() {
                Some(parent) if parent != Path::new("") => parent.to_path_buf(),
                _ => PathBuf::from("."),
            },
        }
    }

    fn suites(&self) -> Result<Vec<Suite>, Problem> {
        let mut files = Vec::new();
        if self.path.is_dir() {
            project::walk(&self.path, &mut |file, name| {
                if name.ends_with(".test.yml") {
                    let problem = Problem::new(format!("{} would not be read", file.display()));
                    return Err(problem.help("specifications end in .test.yaml: rename it"));
                }
                files.extend(name.ends_with(spec::ENDING).then_some(file));
                Ok(())
            })?;
        } else {
            files.push(self.path.clone());
        }
        files.sort();
        files.into_iter().map(Suite::load).collect()
    }

    fn wants(&self, test: &Test<'_>) -> bool {
        let Some(filter) = &self.filter else {
            return true;
        };
        test.file().contains(filter) || test.name().contains(filter)
    }

    fn nothing(&self) -> Problem {
        match &self.filter {
            Some(filter) => Problem::new(format!("no test has `{filter}` in its file or name")),
            None => Problem::new(format!("there is no test in {}", self.path.display()))
                .help("a specification stands beside its journey and ends in .test.yaml; docs/testing.md shows one"),
        }
    }
}

fn stage<'a>(program: &'a Program, sources: &'a Sources) -> Result<Stage<'a>, Problem> {
    let decoder = Decoder::new(&program.types).map_err(|error| Problem::new(error.to_string()))?;
    Ok(Stage {
        program,
        sources,
        decoder,
    })
}

/// Plays tests on all cores; the results stand in the order of the tests.
fn play_all(stage: &Stage<'_>, tests: &[Test<'_>]) -> Vec<suite::Played> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            match tests.get(place) {
                Some(test) => done.push((place, test.play(stage))),
                None => return done,
            }
        }
    };
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(tests.len());
    let mut all: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_default())
            .collect()
    });
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, played)| played).collect()
}

/// Writes what the tests of a specification gave into it.
fn rewrite(
    suite: &Suite,
    tests: &[Test<'_>],
    outcomes: &mut [suite::Played],
) -> Result<(), Problem> {
    let mut edits = Vec::new();
    for (_, played) in tests
        .iter()
        .zip(outcomes)
        .filter(|(test, _)| test.belongs_to(suite))
    {
        played.outcome.updated = played.updates();
        edits.append(&mut played.edits);
    }
    if edits.is_empty() {
        return Ok(());
    }
    let text = update::apply(&suite.text, edits);
    fs::write(&suite.path, text).map_err(|error| Problem::io("write", &suite.path, &error))
}
