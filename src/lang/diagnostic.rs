//! What is wrong: facts with places, collected by every phase, sorted once, shown by the command line.

use journey_machine::span::Span;

/// The code of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Does not compile.
    Error,
    /// Legal and doubtful.
    Warning,
}

/// A further place that belongs to a diagnostic, with what it has to do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// Why it is shown.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The place, with what is wrong there; may be empty text.
    pub primary: Label,
    /// Further places; a path through a journey is one label a step, in order.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
}

/// The sink of all phases.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}
