//! Specifications as tests: loaded, played, judged.

use super::plain::{diff, only, settle};
use super::play::{self, Stage};
use super::report::Outcome;
use super::spec::{self, Case, Spec};
use super::update::{self, Edit};
use super::world::Difference;
use crate::output::Problem;
use crate::project;
use journey_lang::diagnostic::{self, Diagnostics};
use journey_lang::source::Sources;
use journey_lang::yaml::Data;
use journey_machine::manifest::Journey;
use journey_machine::span::Span;
use serde_json::Value as Json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A specification, read.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// Its path, as reports show it.
    name: String,
    sources: Sources,
    spec: Spec,
    /// What is wrong with its form: then none of its cases is played.
    findings: Diagnostics,
}

/// A case of a specification; `None`: the specification itself, which has faults.
#[derive(Clone, Copy, Debug)]
pub(super) struct Test<'a> {
    suite: &'a Suite,
    case: Option<&'a Case>,
}

/// A test that was played.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) outcome: Outcome,
    /// What would make it pass.
    pub(super) edits: Vec<Edit>,
    /// Differences that no edit mends.
    lasting: usize,
}

impl Played {
    /// Do the edits make it pass?
    pub(super) fn updates(&self) -> bool {
        self.lasting == 0 && !self.edits.is_empty()
    }
}

impl Suite {
    pub(super) fn load(path: PathBuf) -> Result<Self, Problem> {
        let text = project::read_text(&path)?;
        let name = path
            .strip_prefix(".")
            .unwrap_or(&path)
            .display()
            .to_string();
        let (sources, spec, findings) = spec::read(&name, &text);
        Ok(Self {
            path,
            text,
            name,
            sources,
            spec,
            findings,
        })
    }

    pub(super) fn tests(&self) -> Vec<Test<'_>> {
        if self.findings.has_errors() {
            return vec![Test {
                suite: self,
                case: None,
            }];
        }
        self.spec
            .cases
            .iter()
            .map(|case| Test {
                suite: self,
                case: Some(case),
            })
            .collect()
    }

    fn faults(&self, findings: &Diagnostics) -> Difference {
        Difference {
            what: "the specification is faulty".into(),
            diff: diagnostic::plain(findings, &self.sources),
        }
    }
}

impl<'a> Test<'a> {
    pub(super) fn file(&self) -> &'a str {
        &self.suite.name
    }

    pub(super) fn name(&self) -> &'a str {
        self.case
            .map_or("(the specification)", |case| &case.name.node)
    }

    pub(super) fn belongs_to(&self, suite: &Suite) -> bool {
        std::ptr::eq(self.suite, suite)
    }

    pub(super) fn play(&self, stage: &Stage<'_>) -> Played {
        let started = Instant::now();
        let span = self.case.map_or(Span::default(), |case| case.name.span);
        let outcome = Outcome {
            file: self.file().into(),
            name: self.name().into(),
            line: self.suite.sources.position(span.file, span.start).line,
            differences: Vec::new(),
            updated: false,
            took: Duration::ZERO,
        };
        let mut played = Played {
            outcome,
            edits: Vec::new(),
            lasting: 0,
        };
        match self.case {
            Some(case) => self.case(stage, case, &mut played),
            None => played.fails(self.suite.faults(&self.suite.findings)),
        }
        played.outcome.took = started.elapsed();
        played
    }

    fn case(&self, stage: &Stage<'_>, case: &Case, played: &mut Played) {
        let Some(journey) = self.journey(stage, played) else {
            return;
        };
        let result = match stage.play(journey, case) {
            Ok(result) => result,
            Err(findings) => return played.fails(self.suite.faults(&findings)),
        };
        let mended = result.arguments.len();
        for (expected, actual) in &result.arguments {
            update::rewrite(&self.suite.text, expected, actual, &mut played.edits);
        }
        played.lasting += result.differences.len().saturating_sub(mended);
        let text = self.suite.text.as_str();
        self.answer(case, &result, played);
        for (what, expected, actual) in [
            ("the events differ", &case.expected.events, &result.events),
            ("the steps differ", &case.expected.steps, &result.steps),
            (
                "what was started differs",
                &case.expected.started,
                &result.started,
            ),
            (
                "the signals differ",
                &case.expected.signals,
                &result.signals,
            ),
        ] {
            if let Some(expected) = expected {
                played.compare(text, what, expected, actual);
            }
        }
        if let Some(expected) = &case.expected.stored {
            let actual = only(&result.stored, expected);
            played.compare(text, "what is stored differs", expected, &actual);
        }
        played.outcome.differences.extend(result.differences);
    }

    fn journey<'s>(&self, stage: &'s Stage<'_>, played: &mut Played) -> Option<&'s Journey> {
        let name = self.suite.spec.journey.as_ref()?;
        let found = stage
            .program
            .manifest
            .journeys
            .iter()
            .find(|journey| journey.name == name.node);
        if found.is_none() {
            let line = self
                .suite
                .sources
                .position(name.span.file, name.span.start)
                .line;
            let what = format!("there is no journey `{}` (line {line})", name.node);
            played.fails(Difference::new(what));
        }
        found
    }

    fn answer(&self, case: &Case, result: &play::Played<'_>, played: &mut Played) {
        let text = self.suite.text.as_str();
        match &case.expected.answer {
            Some(expected) if !update::is_absent(Some(expected)) => {
                played.compare(
                    text,
                    "the answer differs",
                    expected,
                    &asked(expected, &result.answer),
                );
            }
            absent => {
                let actual = brief(&result.answer);
                let what =
                    "the case does not say what answer it expects; UPDATE=1 writes this one".into();
                played.outcome.differences.push(Difference {
                    what,
                    diff: format!("{actual:#}\n"),
                });
                match absent {
                    Some(absent) => update::rewrite(text, absent, &actual, &mut played.edits),
                    None => played
                        .edits
                        .push(update::add_answer(text, &case.expected, &actual)),
                }
            }
        }
    }
}

impl Played {
    /// Something that no edit mends.
    fn fails(&mut self, difference: Difference) {
        self.lasting += 1;
        self.outcome.differences.push(difference);
    }

    fn compare(&mut self, text: &str, what: &str, expected: &Data, actual: &Json) {
        let settled = settle(expected, actual);
        if settled != *actual {
            self.outcome.differences.push(Difference {
                what: what.into(),
                diff: diff(&settled, actual),
            });
            update::rewrite(text, expected, actual, &mut self.edits);
        }
    }
}

/// The parts of an answer that a case looks at; of the headers those that it names.
fn asked(expected: &Data, actual: &Json) -> Json {
    let mut asked = only(actual, expected);
    if let (Some(headers), Some(wanted)) = (asked.get_mut("headers"), expected.get("headers")) {
        *headers = only(headers, wanted);
    }
    asked
}

/// What a new expectation says of an answer: of a problem its code, not how it is rendered.
fn brief(answer: &Json) -> Json {
    let mut brief = answer.clone();
    if let Json::Object(members) = &mut brief
        && members.contains_key("problem")
    {
        members.remove("body");
    }
    brief
}
