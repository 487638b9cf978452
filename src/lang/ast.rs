//! The tree: one for both forms. Both readers build it, both printers print it, every later phase reads it.
//!
//! Each declaration and step shows its text form; the YAML twin has the same words as keys (`docs/language.md`).

mod declare;
mod expr;
mod journey;
mod limit;
mod rules;
mod state;
mod step;
mod types;

pub use declare::*;
pub use expr::*;
pub use journey::*;
pub use limit::*;
pub use rules::*;
pub use state::*;
pub use step::*;
pub use types::*;

use journey_machine::span::{FileId, Span};

/// Names an expression of a project; tables of later phases are indexed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);

/// Gives out [`ExprId`]s, unique over all files of a project, and counts those of the file that is being read.
#[derive(Debug, Default)]
pub struct Ids {
    next: u32,
    file_begin: u32,
    others: u32,
}

impl Ids {
    /// A new file is read: it may have [`crate::limits::MAX_NODES`] parts of its own.
    pub fn begin_file(&mut self) {
        self.file_begin = self.next;
        self.others = 0;
    }

    /// How many parts of expressions and types of this file were read.
    #[must_use]
    pub fn in_file(&self) -> usize {
        self.next
            .saturating_sub(self.file_begin)
            .saturating_add(self.others) as usize
    }

    /// Has this file been refused for its parts? Then nothing more of it can be read.
    #[must_use]
    pub fn refused(&self) -> bool {
        self.in_file() > crate::limits::MAX_NODES
    }

    /// A part was read that has no id.
    pub fn count_part(&mut self) {
        self.others = self.others.saturating_add(1);
    }

    /// The next free id.
    pub fn expr(&mut self) -> ExprId {
        let id = ExprId(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    /// How many ids were given out.
    #[must_use]
    pub fn count(&self) -> usize {
        self.next as usize
    }
}

/// Something with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// It.
    pub node: T,
    /// Its place.
    pub span: Span,
}

/// A name as written.
pub type Name = Spanned<String>;

/// Which form a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `*.journey`
    Text,
    /// `*.journey.yaml`
    Yaml,
}

impl Form {
    /// The form that the name of a file says.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if path.ends_with(".yaml") {
            Self::Yaml
        } else {
            Self::Text
        }
    }
}

/// One parsed file.
#[derive(Clone, Debug)]
pub struct File {
    /// Which.
    pub id: FileId,
    /// Its form.
    pub form: Form,
    /// Its declarations, in order.
    pub decls: Vec<Decl>,
    /// Its comments (`#`, not `##`) and blank lines, for the formatter.
    pub trivia: Trivia,
}

/// What the tree does not hold, by place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trivia {
    /// Comments, sorted by place; the text without `#` and surrounding space.
    pub comments: Vec<Comment>,
    /// Byte offsets of lines that are blank and follow a line that is not, sorted.
    pub blank_lines: Vec<u32>,
}

impl Trivia {
    /// The trivia of a text: its comments, in any order, and its blank lines.
    #[must_use]
    pub fn new(text: &str, mut comments: Vec<Comment>) -> Self {
        comments.sort_by_key(|comment| comment.span);
        let mut blank_lines = Vec::new();
        let (mut at, mut was_blank) = (0u32, true);
        for line in text.split_inclusive('\n') {
            let blank = line.trim().is_empty();
            if blank && !was_blank {
                blank_lines.push(at);
            }
            was_blank = blank;
            at = at.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
        }
        Self {
            comments,
            blank_lines,
        }
    }
}

/// One comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Its text.
    pub text: String,
    /// Its place, `#` included.
    pub span: Span,
    /// Does something else stand before it on its line?
    pub trailing: bool,
}

/// A declaration. The large ones are boxed: a file may have tens of thousands of small ones.
#[derive(Clone, Debug)]
pub enum Decl {
    /// `journey name { … }`, `sub name(…) { … }`, `task name(…) { … }`
    Journey(Box<Journey>),
    /// `type Name = T`, `type Name { … }`
    Type(TypeDecl),
    /// `connection name { … }`
    Connection(Box<Connection>),
    /// `issuer name { … }`
    Issuer(Box<Issuer>),
    /// `store name { … }`
    Store(Box<Store>),
    /// `signal name T`
    Signal(SignalDecl),
    /// `rules name(…) yields T { … }`
    Rules(Box<Rules>),
    /// `limit name { … }`
    Limit(RateLimit),
    /// `errors { … }`, `errors name { … }`
    Errors(Box<Errors>),
    /// `config { … }` and `secret { … }`
    Settings(Settings),
}

impl Decl {
    /// The journeys, sub-journeys and tasks that it declares: one, or those that rules are.
    #[must_use]
    pub fn journeys(&self) -> &[Journey] {
        match self {
            Self::Journey(journey) => std::slice::from_ref(&**journey),
            Self::Rules(rules) => &rules.subs,
            Self::Type(_)
            | Self::Connection(_)
            | Self::Issuer(_)
            | Self::Store(_)
            | Self::Signal(_)
            | Self::Limit(_)
            | Self::Errors(_)
            | Self::Settings(_) => &[],
        }
    }
}

/// Documentation: the lines of `##` before something, without the marks; empty if there is none.
pub type Docs = String;
