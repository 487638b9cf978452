//! What one document may cost, counted while it is read.

use crate::limits::{MAX_JSON_DEPTH, MAX_JSON_NODES};

/// What is left of the nodes and levels of one document.
#[derive(Debug)]
pub(crate) struct Budget {
    nodes: usize,
    levels: usize,
}

impl Budget {
    /// The budget of a document from outside.
    pub(crate) fn new() -> Self {
        Self {
            nodes: MAX_JSON_NODES,
            levels: MAX_JSON_DEPTH,
        }
    }

    /// Counts one value; an error is what to tell the sender.
    #[inline]
    pub(crate) fn node(&mut self) -> Result<(), &'static str> {
        let left = self.nodes.checked_sub(1);
        self.nodes = left.ok_or("too many values in one document")?;
        Ok(())
    }

    /// A list or an object begins.
    pub(crate) fn enter(&mut self) -> Result<(), &'static str> {
        self.levels = self.levels.checked_sub(1).ok_or("nested too deeply")?;
        Ok(())
    }

    /// It ends.
    pub(crate) fn leave(&mut self) {
        self.levels += 1;
    }
}
