//! Documentation: the `##` lines above a key or an item.

use crate::ast::{Comment, Docs};
use std::collections::BTreeMap;

/// Comments by line. What no construct takes as its documentation stays a comment.
#[derive(Debug)]
pub(super) struct DocLines {
    /// Byte offsets of the beginnings of lines.
    starts: Vec<usize>,
    /// What begins its line, by line.
    own: BTreeMap<usize, Comment>,
    /// What documents nothing for sure: behind something on its line, or in an expression.
    others: Vec<Comment>,
}

impl DocLines {
    pub(super) fn new(text: &str, comments: Vec<Comment>) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let mut this = Self {
            starts,
            own: BTreeMap::new(),
            others: Vec::new(),
        };
        for comment in comments {
            if comment.trailing {
                this.others.push(comment);
            } else {
                let line = this.line(comment.span.start);
                this.own.insert(line, comment);
            }
        }
        this
    }

    fn line(&self, at: u32) -> usize {
        self.starts
            .partition_point(|start| *start <= at as usize)
            .saturating_sub(1)
    }

    /// Takes the documentation of what begins at byte `at`, if that begins its line, or follows dashes only: the `##`
    /// lines above, comments between them or not.
    pub(super) fn take(&mut self, text: &str, at: u32) -> Docs {
        let mut lines = Vec::new();
        let mut line = self.line(at);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = text.get(start..at as usize).unwrap_or_default();
        if !before.trim_matches([' ', '-']).is_empty() {
            return Docs::new();
        }
        while let Some(above) = line.checked_sub(1) {
            let Some(comment) = self.own.get(&above) else {
                break;
            };
            if let Some(doc) = comment.text.strip_prefix('#') {
                lines.push(doc.strip_prefix(' ').unwrap_or(doc).to_owned());
                self.own.remove(&above);
            }
            line = above;
        }
        lines.reverse();
        lines.join("\n")
    }

    /// A comment that stands in an expression.
    pub(super) fn keep(&mut self, comment: Comment) {
        self.others.push(comment);
    }

    /// The comments that are nobody's documentation; where `##` documents nothing, it is a comment.
    pub(super) fn rest(self) -> Vec<Comment> {
        let comments = self.own.into_values().chain(self.others);
        let plain = |comment: Comment| Comment {
            text: comment.text.trim_start_matches('#').trim().to_owned(),
            ..comment
        };
        comments.map(plain).collect()
    }
}
