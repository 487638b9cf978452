//! Sources of a project: paths, texts, and where lines begin.

use journey_machine::span::{FileId, Span};

/// One file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the project's folder, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// All files of a project, sorted by path, so that their order never matters.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Sorts the files; the index of a file is its [`FileId`].
    #[must_use]
    pub fn new(mut files: Vec<Source>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(u32::try_from(i).unwrap_or(u32::MAX)), f))
    }

    /// One file.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// The text a span covers; empty where there is none.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize)).unwrap_or_default()
    }
}
