//! JSON text, token by token: what every reader of JSON from outside stands on.

mod escape;
mod number;

use super::budget::Budget;
use super::document::{Document, Token, Wrong};
use super::key::Key;
use crate::value::escape::first_special;

/// A JSON document (RFC 8259) that is being read. It is UTF-8 already.
#[derive(Debug)]
pub(crate) struct Reader<'j> {
    text: &'j str,
    at: usize,
    /// Where the last token began.
    began: usize,
    /// The last string that had escapes.
    unescaped: String,
    budget: Budget,
}

impl<'j> Reader<'j> {
    pub(crate) fn new(text: &'j str) -> Self {
        Self {
            text,
            at: 0,
            began: 0,
            unescaped: String::new(),
            budget: Budget::new(),
        }
    }

    /// Nothing but whitespace is left.
    pub(crate) fn end(&mut self) -> Result<(), Wrong> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.syntax("trailing characters")),
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no whitespace; stands before it.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        if self.byte().is_some_and(is_space) {
            self.pass_space();
        }
        self.byte()
    }

    /// Compact documents have none.
    #[inline(never)]
    fn pass_space(&mut self) {
        while self.byte().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn rest(&self) -> &'j [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> &'j str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// What is no JSON, here.
    #[cold]
    fn syntax(&self, message: &'static str) -> Wrong {
        Wrong::syntax(self.at, message)
    }

    fn literal(&mut self, word: &str, token: Token<'static>) -> Result<Token<'static>, Wrong> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(self.syntax("expected value"));
        }
        self.at += word.len();
        Ok(token)
    }

    fn open(&mut self, token: Token<'static>) -> Result<Token<'static>, Wrong> {
        self.at += 1;
        match self.budget.enter() {
            Ok(()) => Ok(token),
            Err(message) => Err(self.wrong(message)),
        }
    }

    /// Behind an opening bracket or an entry: `true` before the next entry, `false` behind the closing bracket.
    #[inline]
    fn entry(&mut self, first: bool, closing: u8) -> Result<bool, Wrong> {
        match self.next() {
            Some(byte) if byte == closing => {
                self.at += 1;
                self.budget.leave();
                Ok(false)
            }
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                if self.next() == Some(closing) {
                    return Err(self.syntax("trailing comma"));
                }
                Ok(true)
            }
            Some(_) => Err(self.syntax("expected a comma or the end")),
            None => Err(self.syntax("unexpected end")),
        }
    }

    /// The string that begins here; `None`: it had escapes, and stands in `unescaped`.
    #[inline(always)]
    fn string(&mut self) -> Result<Option<&'j str>, Wrong> {
        self.at += 1;
        let start = self.at;
        self.at += first_special(self.rest());
        if self.byte() == Some(b'"') {
            let text = self.since(start);
            self.at += 1;
            return Ok(Some(text));
        }
        self.unescape(start)
    }
}

#[inline]
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

impl Document for Reader<'_> {
    #[inline(always)]
    fn value(&mut self) -> Result<Token<'_>, Wrong> {
        let byte = self.next();
        self.began = self.at;
        if let Err(message) = self.budget.node() {
            return Err(self.wrong(message));
        }
        match byte {
            Some(b'"') => Ok(Token::Text(self.string()?.unwrap_or(&self.unescaped))),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{') => self.open(Token::Object),
            Some(b'[') => self.open(Token::List),
            Some(b't') => self.literal("true", Token::Bool(true)),
            Some(b'f') => self.literal("false", Token::Bool(false)),
            Some(b'n') => self.literal("null", Token::Null),
            Some(_) => Err(self.syntax("expected value")),
            None => Err(self.syntax("unexpected end")),
        }
    }

    #[inline]
    fn plain_text(&mut self) -> Option<&str> {
        if self.next() != Some(b'"') {
            return None;
        }
        let text = self.text.get(self.at + 1..)?;
        let length = first_special(text.as_bytes());
        if text.as_bytes().get(length) != Some(&b'"') || self.budget.node().is_err() {
            return None;
        }
        self.began = self.at;
        self.at += length + 2;
        text.get(..length)
    }

    #[inline]
    fn item(&mut self, first: bool) -> Result<bool, Wrong> {
        self.entry(first, b']')
    }

    fn member(&mut self, first: bool) -> Result<Option<&str>, Wrong> {
        if !self.entry(first, b'}')? {
            return Ok(None);
        }
        self.began = self.at;
        if self.byte() != Some(b'"') {
            return Err(self.syntax("expected the name of a member"));
        }
        let name = self.string()?;
        if self.next() != Some(b':') {
            return Err(self.syntax("expected a colon"));
        }
        self.at += 1;
        Ok(Some(name.unwrap_or(&self.unescaped)))
    }

    #[inline]
    fn is_member(&mut self, first: bool, key: &Key) -> bool {
        let mut at = self.at;
        if !first {
            if self.byte() != Some(b',') {
                return false;
            }
            at += 1;
        }
        let bytes = self.text.as_bytes();
        while bytes.get(at).copied().is_some_and(is_space) {
            at += 1;
        }
        let found = bytes.get(at..).is_some_and(|rest| key.begins(rest));
        if found {
            self.began = at;
            self.at = at + key.len();
        }
        found
    }

    fn wrong(&self, message: &'static str) -> Wrong {
        Wrong::content(Some(self.began), message)
    }
}
