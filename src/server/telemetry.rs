//! What the log learns of each request: names, numbers and places in the source, never what a caller or an upstream sent.

mod seldom;

use crate::clock;
use crate::state::Refused;
use hyper::StatusCode;
use journey_machine::index::{FuncId, Pc};
use journey_machine::json::write_json;
use journey_machine::machine::{Cause, Failure};
use journey_machine::program::Program;
use journey_machine::value::Value;
use seldom::Seldom;
use std::fmt;
use std::time::Instant;

/// One request, over.
pub(crate) fn finished(run: &str, route: &str, status: StatusCode, started: Instant, steps: u64) {
    tracing::info!(target: "journey", run, route, status = status.as_u16(), micros = micros(started), steps, "answered");
}

/// Asked for only where it is written: the clock is not read for nothing.
fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// A caller who was not let in.
pub(crate) fn denied(run: &str, route: &str, why: &str) {
    tracing::info!(target: "journey", run, route, why, "denied");
}

/// A run that could not end in an answer.
pub(crate) fn failed(run: &str, route: &str, program: &Program, failure: &Failure) {
    let (place, cause) = causes(program, failure);
    tracing::error!(target: "journey", run, route, %place, %cause, "failed");
}

/// Where a run failed, and why.
pub(crate) fn causes<'a>(
    program: &'a Program,
    failure: &'a Failure,
) -> (impl fmt::Display, impl fmt::Display) {
    (
        Place::of(program, failure.function, failure.pc),
        Sentence(&failure.cause),
    )
}

/// Something that is nobody's fault but the project's.
pub(crate) fn fault(run: &str, route: &str, what: &str) {
    tracing::error!(target: "journey", run, route, what, "failed");
}

/// Nothing of its turn was written. When that happens to one it happens to many: the disk is full, or all want one record.
pub(crate) fn unwritten(run: &str, route: &str, why: Refused) {
    static LINE: Seldom = Seldom::new();
    if let Some(left_out) = LINE.due(clock::now()) {
        tracing::error!(target: "journey", run, route, what = %why, left_out, "failed");
    }
}

/// An event that a journey reports.
pub(crate) fn event(run: &str, route: &str, name: &str, data: &Value) {
    if tracing::enabled!(target: "journey", tracing::Level::INFO) {
        let mut json = Vec::new();
        write_json(data, &mut json);
        tracing::info!(target: "journey", run, route, name, data = %String::from_utf8_lossy(&json), "event");
    }
}

/// A place in the source: file and byte, which whoever has the text turns into a line.
struct Place<'a> {
    file: &'a str,
    start: u32,
    function: &'a str,
}

impl<'a> Place<'a> {
    fn of(program: &'a Program, function: FuncId, pc: Pc) -> Self {
        let found = program.functions.get(function.index());
        let span = found.and_then(|function| {
            let after = function
                .debug
                .spans
                .partition_point(|(from, _)| *from <= pc);
            function
                .debug
                .spans
                .get(after.checked_sub(1)?)
                .map(|(_, span)| *span)
        });
        let span = span.unwrap_or_default();
        let file = usize::try_from(span.file.0)
            .ok()
            .and_then(|file| program.files.get(file));
        Self {
            file: file.map_or("?", |file| file),
            start: span.start,
            function: found.map_or("?", |function| &function.name),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} ({})", self.file, self.start, self.function)
    }
}

struct Sentence<'a>(&'a Cause);

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::Uncaught(error) => write!(f, "an error that nothing catches: {error}"),
            Cause::Steps => f.write_str("more operations than a run may execute"),
            Cause::Memory => f.write_str("more memory than a run may use"),
            Cause::Depth => f.write_str("more tasks or frames than a run may have"),
            Cause::Malformed => f.write_str("an operation found a value that it cannot work with"),
            Cause::Cancelled => f.write_str("ended from outside"),
        }
    }
}
