//! What a flowchart consists of, before anything is known of its looks.

use crate::format::is_invisible;

/// Characters of a line that are shown.
const MAX_SHOWN: usize = 44;

/// A flowchart.
#[derive(Debug)]
pub(super) struct Chart {
    /// What the journey is for; may be empty.
    pub(super) title: String,
    /// From its start on.
    pub(super) flow: Flow,
}

/// Boxes one after the other.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub(super) parts: Vec<Part>,
    /// Does a way lead on behind the last one?
    pub(super) open: bool,
}

/// A box, or a frame around others, with the ways that lead away from it.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) text: Text,
    /// What stands inside: then it is a frame.
    pub(super) lanes: Vec<Lane>,
    /// The ways it decides between; then none leads straight on.
    pub(super) arms: Vec<Way>,
    /// The ways that leave the straight one: what handlers do, and an `if` that holds.
    pub(super) sides: Vec<Way>,
    /// The label of the way that leads straight on, if one does.
    pub(super) onward: Option<String>,
}

impl Part {
    /// Does any way lead on from here?
    pub(super) fn is_open(&self) -> bool {
        let mut ways = self.arms.iter().chain(&self.sides);
        self.onward.is_some() || ways.any(|way| way.flow.open)
    }
}

/// A list of steps inside a frame.
#[derive(Debug)]
pub(super) struct Lane {
    /// Its name; without one it needs no frame of its own.
    pub(super) name: String,
    pub(super) flow: Flow,
}

/// A way to other boxes.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) label: String,
    /// Is it taken when something goes wrong?
    pub(super) dotted: bool,
    pub(super) flow: Flow,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    Fault,
    Choice,
    Step,
    Effect,
    /// The end of a turn or a branch.
    Dot,
    /// A frame around other boxes.
    Frame,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
            Self::Fault => "fault",
            Self::Choice => "choice",
            Self::Step => "step",
            Self::Effect => "effect",
            Self::Dot => "dot",
            Self::Frame => "frame",
        }
    }
}

/// What a box says.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// The first line of the documentation, and what the box does: as far as there is room.
    pub(super) lines: Vec<String>,
    /// All of it.
    pub(super) full: String,
}

impl Text {
    pub(super) fn new(docs: &str, label: &str) -> Self {
        let first = docs.lines().next().unwrap_or_default();
        let lines = [first, label].into_iter().filter(|line| !line.is_empty());
        let all = [docs, label].into_iter().filter(|text| !text.is_empty());
        Self {
            lines: lines.map(short).collect(),
            full: all.collect::<Vec<_>>().join("\n"),
        }
    }
}

/// One line, and not too long.
pub(super) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => line.get(..end).unwrap_or_default().trim_end().to_owned() + "…",
        None => line,
    }
}

/// Writes a text for an output in which some characters have to be spelt otherwise. What does not show, or turns
/// the direction of what follows, becomes a space.
pub(super) fn escaped(text: &str, spelt: impl Fn(char) -> Option<String>) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match spelt(c) {
            _ if c.is_control() || is_invisible(c) => out.push(' '),
            Some(spelling) => out.push_str(&spelling),
            None => out.push(c),
        }
    }
    out
}
