//! Lines around a place, by their indentation: which of them lost the bracket that another one would close.

/// A line.
#[derive(Clone, Copy)]
pub(super) struct Head {
    indent: usize,
    /// Where its first word stands.
    pub(super) start: usize,
    /// Where it ends, without a comment.
    end: Option<usize>,
}

/// The last line of each indentation, those further out first.
#[derive(Default)]
pub(super) struct Heads {
    lines: Vec<Head>,
    /// The first of the lines right before the last one that are indented more than it.
    inner: Option<Head>,
    /// Where the last line of those ends.
    inner_end: usize,
    /// The line before those, if it is indented as the last one.
    before: Option<Head>,
}

impl Heads {
    /// A line begins.
    pub(super) fn begin(&mut self, indent: usize, start: usize) {
        self.inner = None;
        self.inner_end = self.lines.last().and_then(|line| line.end).unwrap_or(start);
        while let Some(inner) = self.lines.pop_if(|line| line.indent > indent) {
            self.inner = Some(inner);
        }
        self.before = self.lines.pop_if(|line| line.indent == indent);
        self.lines.push(Head {
            indent,
            start,
            end: None,
        });
    }

    /// The last line ends, or a comment begins on it.
    pub(super) fn end(&mut self, end: usize) {
        if let Some(line) = self.lines.last_mut().filter(|line| line.end.is_none()) {
            line.end = Some(end);
        }
    }

    /// Where the lines begin that the last one, a closing bracket, would close.
    pub(super) fn inner(&self) -> Option<usize> {
        self.inner.map(|line| line.start)
    }

    /// The end of the lines before the last one, if they are indented more than it.
    pub(super) fn dedent(&self) -> Option<usize> {
        self.inner.map(|_| self.inner_end)
    }

    /// The end of the line before them, if it looks as if its bracket was forgotten.
    pub(super) fn lost_opener(&self, text: &str) -> Option<usize> {
        let line = self.before.filter(|_| self.inner.is_some())?;
        let written = text.get(line.start..line.end?)?.trim_end();
        opens(written).then_some(line.start + written.len())
    }
}

/// Can something in brackets stand behind this?
fn opens(line: &str) -> bool {
    let complete = ['{', '}', ']', ',', '"', '\'', '`'];
    let first = line.split_whitespace().next().unwrap_or_default();
    let value = first == "let" && !line.ends_with('=');
    !line.ends_with(complete) && !value && !matches!(first, "fail" | "deadline" | "endpoint")
}
