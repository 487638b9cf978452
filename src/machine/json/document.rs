//! A document, whatever it is made of, as its readers see it: one token after the other.

use super::key::Key;
use crate::blob::Blob;

/// A scalar, or the beginning of a list or an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'d> {
    Null,
    Bool(bool),
    Int(i64),
    /// Above `i64::MAX`.
    Uint(u64),
    Double(f64),
    /// An integer beyond 64 bits, and the double next to it.
    Huge(f64),
    Text(&'d str),
    List,
    Object,
}

/// Why a document cannot be read further. Boxed, as it is rare and results are many.
#[derive(Debug)]
pub(crate) struct Wrong(Box<Fact>);

#[derive(Debug)]
struct Fact {
    message: &'static str,
    /// The byte, where the document has bytes.
    at: Option<usize>,
    is_syntax: bool,
}

impl Wrong {
    /// It breaks the rules of its notation.
    #[cold]
    pub(crate) fn syntax(at: usize, message: &'static str) -> Self {
        Self(Box::new(Fact {
            message,
            at: Some(at),
            is_syntax: true,
        }))
    }

    /// It is well written, but not accepted.
    #[cold]
    pub(crate) fn content(at: Option<usize>, message: &'static str) -> Self {
        Self(Box::new(Fact {
            message,
            at,
            is_syntax: false,
        }))
    }

    pub(crate) fn message(&self) -> &'static str {
        self.0.message
    }

    pub(crate) fn at(&self) -> usize {
        self.0.at.unwrap_or_default()
    }

    pub(crate) fn is_syntax(&self) -> bool {
        self.0.is_syntax
    }
}

/// A document that is being read. Who gets the beginning of a list or an object reads or skips all of it.
pub(crate) trait Document {
    /// The next value.
    fn value(&mut self) -> Result<Token<'_>, Wrong>;

    /// In a list: is there an item, the first one or a further one?
    fn item(&mut self, first: bool) -> Result<bool, Wrong>;

    /// In an object: the name of the first or a further member; `None`: there is none.
    fn member(&mut self, first: bool) -> Result<Option<&str>, Wrong>;

    /// Passes the name of the next member if it is easily seen to be this one.
    fn is_member(&mut self, _first: bool, _key: &Key) -> bool {
        false
    }

    /// Passes the next value if it is easily seen to be a text, and stands as it is meant.
    fn plain_text(&mut self) -> Option<&str> {
        None
    }

    /// Passes the next value if it is an upload. No text is one.
    fn blob(&mut self) -> Option<Blob> {
        None
    }

    /// Refuses what was read last.
    fn wrong(&self, message: &'static str) -> Wrong;

    /// Passes a value.
    fn skip(&mut self) -> Result<(), Wrong> {
        match self.value()? {
            Token::List => self.skip_items(),
            Token::Object => self.skip_members(),
            Token::Null
            | Token::Bool(_)
            | Token::Int(_)
            | Token::Uint(_)
            | Token::Double(_)
            | Token::Huge(_)
            | Token::Text(_) => Ok(()),
        }
    }

    /// Passes the items of a list that has begun.
    fn skip_items(&mut self) -> Result<(), Wrong> {
        let mut first = true;
        while self.item(first)? {
            self.skip()?;
            first = false;
        }
        Ok(())
    }

    /// Passes the members of an object that has begun.
    fn skip_members(&mut self) -> Result<(), Wrong> {
        let mut first = true;
        while self.member(first)?.is_some() {
            self.skip()?;
            first = false;
        }
        Ok(())
    }
}
