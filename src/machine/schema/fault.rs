//! What is wrong with some input, and where.

use crate::limits::{MAX_FAULTS, MAX_POINTER_NAME};
use crate::value::Str;
use std::fmt::Write;

/// One thing wrong with some input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands: `body`, `query`, `path`, `header` or `cookie`.
    pub place: &'static str,
    /// JSON Pointer (RFC 6901) below that place, `""` for the whole.
    pub pointer: String,
    /// What is wrong and what would be right; never the offending value.
    pub message: String,
}

/// The faults of one input: the first [`MAX_FAULTS`] of them, the others are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    list: Vec<Fault>,
    more: usize,
}

impl Faults {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Is nothing wrong?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Those that are listed.
    #[must_use]
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// How many further ones there are.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }

    /// One more, at `path`.
    pub fn push(&mut self, path: &Path<'_>, message: impl Into<String>) {
        if self.list.len() == MAX_FAULTS {
            self.more += 1;
            return;
        }
        self.list.push(Fault {
            place: path.place(),
            pointer: path.pointer(),
            message: message.into(),
        });
    }
}

/// A place in some input while it is walked: a list through the stack of the walk, so it costs nothing until
/// there is a fault.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
    depth: usize,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Place(&'static str),
    Name(&'a str),
    Member(&'a Str),
    Index(usize),
}

impl<'a> Path<'a> {
    /// The whole of a place: `body`, `query`, ….
    #[must_use]
    pub fn root(place: &'static str) -> Self {
        Self {
            parent: None,
            step: Step::Place(place),
            depth: 0,
        }
    }

    /// A member of what stands here.
    #[must_use]
    pub fn name(&'a self, name: &'a str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Name(name),
            depth: self.depth + 1,
        }
    }

    /// A declared member of what stands here: its name is not looked at before there is a fault.
    #[inline]
    pub(super) fn member(&'a self, name: &'a Str) -> Self {
        Self {
            parent: Some(self),
            step: Step::Member(name),
            depth: self.depth + 1,
        }
    }

    /// An item of what stands here.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            step: Step::Index(index),
            depth: self.depth + 1,
        }
    }

    /// Steps below the root.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth
    }

    fn place(&self) -> &'static str {
        let mut at = self;
        loop {
            match (at.step, at.parent) {
                (Step::Place(place), _) => return place,
                (_, Some(parent)) => at = parent,
                (_, None) => return "",
            }
        }
    }

    fn pointer(&self) -> String {
        let mut steps = Vec::with_capacity(self.depth);
        let mut at = Some(self);
        while let Some(path) = at {
            steps.push(path.step);
            at = path.parent;
        }
        let mut pointer = String::new();
        for step in steps.into_iter().rev() {
            match step {
                Step::Place(_) => {}
                Step::Name(name) => push_name(&mut pointer, name),
                Step::Member(name) => push_name(&mut pointer, name),
                Step::Index(index) => drop(write!(pointer, "/{index}")),
            }
        }
        pointer
    }
}

/// Appends a reference token. A name may come from the caller, so it is cut where it gets long.
fn push_name(pointer: &mut String, name: &str) {
    pointer.push('/');
    if name.len() <= MAX_POINTER_NAME && !name.contains(['~', '/']) {
        return pointer.push_str(name);
    }
    for (count, char) in name.chars().enumerate() {
        match char {
            _ if count == MAX_POINTER_NAME => return pointer.push('…'),
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            char => pointer.push(char),
        }
    }
}
