//! Sources of a project: paths, texts, where lines begin, and how a decoded piece of text maps back to its source.

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
    /// For each file the offsets at which its lines begin.
    lines: Vec<Vec<u32>>,
}

/// A place as people and editors name it: both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Sources {
    /// Sorts the files; the index of a file is its [`FileId`].
    #[must_use]
    pub fn new(mut files: Vec<Source>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let lines = files.iter().map(|f| line_starts(&f.text)).collect();
        Self { files, lines }
    }

    /// With one file more, behind the others whatever its path; and its id.
    #[must_use]
    pub fn and(mut self, file: Source) -> (Self, FileId) {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.lines.push(line_starts(&file.text));
        self.files.push(file);
        (self, id)
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files
            .iter()
            .enumerate()
            .map(|(i, f)| (FileId(u32::try_from(i).unwrap_or(u32::MAX)), f))
    }

    /// One file.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// The text a span covers; empty where there is none.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|f| f.text.get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }

    /// A line of a file, counted from 1, without its end; empty where there is none.
    #[must_use]
    pub fn line(&self, file: FileId, line: usize) -> &str {
        let starts = self
            .lines
            .get(file.0 as usize)
            .map_or(&[][..], Vec::as_slice);
        let start = line.checked_sub(1).and_then(|line| starts.get(line));
        let rest = start.and_then(|start| self.get(file)?.text.get(*start as usize..));
        rest.and_then(|rest| rest.lines().next())
            .unwrap_or_default()
    }

    /// Line and column of a byte of a file; the end of the file for what lies beyond it.
    #[must_use]
    pub fn position(&self, file: FileId, offset: u32) -> Position {
        let text = self.get(file).map_or("", |f| f.text.as_str());
        let starts = self
            .lines
            .get(file.0 as usize)
            .map_or(&[][..], Vec::as_slice);
        let offset = text.floor_char_boundary(offset as usize);
        let after = starts.partition_point(|start| *start as usize <= offset);
        let line = after.max(1);
        let start = starts.get(line - 1).copied().unwrap_or_default() as usize;
        let column = text
            .get(start..offset)
            .map_or(0, |before| before.chars().count())
            + 1;
        Position { line, column }
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let mut starts = Vec::with_capacity(1 + text.matches('\n').count());
    let next = |(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX);
    starts.push(0);
    starts.extend(text.match_indices('\n').map(next));
    starts
}

/// Where the bytes of a decoded piece of text stand in its file.
///
/// A piece cut out of a source file is [`SpanMap::verbatim`]. The content of a YAML scalar is put together piece by
/// piece: what stands in the source as it is, and what stands there differently (escapes, folded lines, indentation).
#[derive(Clone, Debug)]
pub struct SpanMap {
    file: FileId,
    /// Bytes of the content that stand before the part that is looked at.
    skipped: u32,
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    content: u32,
    source: u32,
    source_len: u32,
    verbatim: bool,
}

impl SpanMap {
    /// The map of a text that stands in `file` from byte `start` on, as it is; further pieces are added in order of
    /// content.
    #[must_use]
    pub fn verbatim(file: FileId, start: u32) -> Self {
        Self {
            file,
            skipped: 0,
            pieces: vec![Piece::copied(0, start)],
        }
    }

    /// From now on offsets are counted from this byte of the content on.
    pub fn count_from(&mut self, content: usize) {
        self.skipped = u32::try_from(content).unwrap_or(u32::MAX);
    }

    /// From byte `content` of the content on, bytes stand in the source as they are, from `source` on.
    pub fn copied(&mut self, content: u32, source: u32) {
        self.add(Piece::copied(content, source));
    }

    /// From byte `content` of the content on, what follows was written as `source_len` other bytes at `source`
    /// (an escape, a line break with its indentation). It lasts until the next piece.
    pub fn decoded(&mut self, content: u32, source: u32, source_len: u32) {
        self.add(Piece {
            content,
            source,
            source_len,
            verbatim: false,
        });
    }

    fn add(&mut self, piece: Piece) {
        self.pieces.pop_if(|last| last.content == piece.content);
        self.pieces.push(piece);
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The span of bytes `start..end` of the content.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let from = self.start(start);
        let to = if end > start { self.end(end) } else { from };
        Span::new(self.file, from, to.max(from))
    }

    fn start(&self, at: usize) -> u32 {
        let at = self.whole(at);
        let piece = self.piece(at);
        if piece.verbatim {
            piece.source.saturating_add(at - piece.content)
        } else {
            piece.source
        }
    }

    fn end(&self, at: usize) -> u32 {
        let at = self.whole(at);
        let piece = self.piece(at.saturating_sub(1));
        piece.source.saturating_add(if piece.verbatim {
            at - piece.content
        } else {
            piece.source_len
        })
    }

    /// An offset counted from the beginning of the content.
    fn whole(&self, at: usize) -> u32 {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        at.saturating_add(self.skipped)
    }

    fn piece(&self, at: u32) -> Piece {
        let after = self.pieces.partition_point(|piece| piece.content <= at);
        self.pieces
            .get(after.saturating_sub(1))
            .copied()
            .unwrap_or(Piece::copied(0, 0))
    }
}

impl Piece {
    fn copied(content: u32, source: u32) -> Self {
        Self {
            content,
            source,
            source_len: 0,
            verbatim: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_decoded_text_cover_what_was_written() {
        // source: "ab	cd" at 10, its content: ab<tab>cd
        let mut map = SpanMap::verbatim(FileId(0), 11);
        map.decoded(2, 13, 2);
        map.copied(3, 15);
        let spans = [
            map.span(0, 2),
            map.span(2, 3),
            map.span(1, 4),
            map.span(3, 5),
            map.span(3, 3),
        ];
        let places: Vec<_> = spans.iter().map(|s| (s.start, s.end)).collect();
        assert_eq!(places, [(11, 13), (13, 15), (12, 16), (15, 17), (15, 15)]);
    }

    #[test]
    fn positions_count_characters_and_survive_any_offset() {
        let sources = Sources::new(vec![Source {
            path: "a".into(),
            text: "ä=1
bé c"
                .into(),
        }]);
        let at = |offset| {
            let p = sources.position(FileId(0), offset);
            (p.line, p.column)
        };
        assert_eq!(
            [at(0), at(1), at(2), at(4), at(5), at(8), at(99)],
            [(1, 1), (1, 1), (1, 2), (1, 4), (2, 1), (2, 3), (2, 5)]
        );
    }
}
