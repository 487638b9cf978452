//! What one document may cost, counted while it is read.

use crate::limits::{MAX_JSON_DEPTH, MAX_JSON_NODES};
use std::cell::Cell;

/// Counts the nodes of one document and remembers what only the end can judge.
#[derive(Debug)]
pub struct Budget {
    nodes: Cell<usize>,
    rounded: Cell<bool>,
}

impl Budget {
    /// The budget of a document from outside.
    #[must_use]
    pub fn new() -> Self {
        Self {
            nodes: Cell::new(MAX_JSON_NODES),
            rounded: Cell::new(false),
        }
    }

    /// Counts one value.
    ///
    /// # Errors
    /// What to tell the sender, if there are too many.
    pub fn node(&self) -> Result<(), &'static str> {
        let left = self
            .nodes
            .get()
            .checked_sub(1)
            .ok_or("too many values in one document")?;
        self.nodes.set(left);
        Ok(())
    }

    /// Checks that a list or an object may begin with so many others around it.
    ///
    /// # Errors
    /// What to tell the sender, if it may not.
    pub fn enter(&self, depth: usize) -> Result<(), &'static str> {
        if depth < MAX_JSON_DEPTH {
            Ok(())
        } else {
            Err("nested too deeply")
        }
    }

    /// Remembers a double beyond 64-bit integers: it may have been written as an integer, whose digits are now lost.
    pub(crate) fn saw_double(&self, x: f64) {
        if !(-9.3e18..=1.8e19).contains(&x) {
            self.rounded.set(true);
        }
    }

    /// May an integer have been rounded?
    pub(crate) fn may_have_rounded(&self) -> bool {
        self.rounded.get()
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}
