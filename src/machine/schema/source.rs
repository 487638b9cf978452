//! A value as a document: so that values of unknown origin are typed by the same walk as JSON.

use crate::blob::Blob;
use crate::json::{Budget, Document, Token, Wrong};
use crate::value::{Iter, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::slice;

/// A value that is being read.
pub(super) struct Tree<'v> {
    next: &'v Value,
    /// What is left of the lists and objects around it.
    around: Vec<Rest<'v>>,
    /// The text of the last value or name that is none itself.
    text: String,
    budget: Budget,
}

enum Rest<'v> {
    Items(slice::Iter<'v, Value>),
    Members(Iter<'v>),
}

impl<'v> Tree<'v> {
    pub(super) fn new(value: &'v Value) -> Self {
        Self {
            next: value,
            around: Vec::new(),
            text: String::new(),
            budget: Budget::new(),
        }
    }

    fn open(&mut self, rest: Rest<'v>, token: Token<'static>) -> Result<Token<'_>, Wrong> {
        self.budget.enter().map_err(refused)?;
        self.around.push(rest);
        Ok(token)
    }

    fn close(&mut self) {
        self.around.pop();
        self.budget.leave();
    }

    fn written(&mut self, text: impl Into<String>) -> Token<'_> {
        self.text = text.into();
        Token::Text(&self.text)
    }
}

fn refused(message: &'static str) -> Wrong {
    Wrong::content(None, message)
}

impl Document for Tree<'_> {
    fn value(&mut self) -> Result<Token<'_>, Wrong> {
        self.budget.node().map_err(refused)?;
        while let Value::Optional(Some(held)) = self.next {
            self.next = held;
        }
        Ok(match self.next {
            Value::Null | Value::Optional(_) | Value::Error(_) => Token::Null,
            Value::Bool(value) => Token::Bool(*value),
            Value::Int(value) => Token::Int(*value),
            Value::Uint(value) => Token::Uint(*value),
            Value::Double(value) => Token::Double(*value),
            Value::String(value) => Token::Text(value),
            Value::Type(name) => Token::Text(name),
            Value::Bytes(value) => self.written(STANDARD.encode(value)),
            Value::Timestamp(_) | Value::Duration(_) | Value::Net(_) => {
                self.written(self.next.to_text().unwrap_or_default())
            }
            Value::List(items) => return self.open(Rest::Items(items.iter()), Token::List),
            Value::Map(map) => return self.open(Rest::Members(map.iter()), Token::Object),
        })
    }

    fn blob(&mut self) -> Option<Blob> {
        let mut next = self.next;
        while let Value::Optional(Some(held)) = next {
            next = held;
        }
        Blob::of(next)
    }

    fn item(&mut self, _first: bool) -> Result<bool, Wrong> {
        let Some(Rest::Items(items)) = self.around.last_mut() else {
            return Ok(false);
        };
        match items.next() {
            Some(item) => self.next = item,
            None => {
                self.close();
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn member(&mut self, _first: bool) -> Result<Option<&str>, Wrong> {
        let Some(Rest::Members(members)) = self.around.last_mut() else {
            return Ok(None);
        };
        let Some((key, value)) = members.next() else {
            self.close();
            return Ok(None);
        };
        self.next = value;
        self.text = key.to_value().to_text().unwrap_or_default().into();
        Ok(Some(&self.text))
    }

    fn wrong(&self, message: &'static str) -> Wrong {
        refused(message)
    }
}
