//! What a pattern will take, from how it is written: known before anything is compiled, and never too little by much.

use crate::limits::{MAX_PATTERN, MAX_REGEX_BYTES};
use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    self, Ast, ClassPerlKind, ClassSetItem, Flag, Flags, FlagsItemKind, GroupKind, RepetitionKind,
    RepetitionRange, Visitor,
};
use std::convert::Infallible;

/// Of the heaviest pattern that is compiled while something runs.
pub const MAX_WEIGHT: usize = MAX_REGEX_BYTES;

/// Of any pattern.
const SMALLEST: usize = 2 * 1024;
/// Of an ASCII character; of another one, or of one in either case.
const LETTER: usize = 96;
const WIDE_LETTER: usize = 400;
/// Of a range beyond ASCII: the ways to write its characters in UTF-8.
const RANGE: usize = 1024;
/// Of the classes `\d` and `\s`, and of those with the letters of all languages.
const SMALL_CLASS: usize = 8 * 1024;
const LARGE_CLASS: usize = 80 * 1024;
/// Of a group, a branch, a repetition.
const JOINT: usize = 64;
/// Optional parts side by side are compared with each other: so many pairs of characters take as long as a byte.
const PAIRS: usize = 4;

/// About how many bytes a pattern takes once it is compiled; more, if it takes long for its size or is refused for it.
#[must_use]
pub fn weight(pattern: &str) -> usize {
    if pattern.len() > MAX_PATTERN {
        return MAX_WEIGHT + 1;
    }
    let parsed = Parser::new().parse(pattern);
    let parts = parsed.map_or(0, |parsed| {
        let Ok(parts) = ast::visit(&parsed, Weigher::default());
        parts
    });
    let pairs = pattern.len() * pattern.len() / PAIRS;
    SMALLEST + parts.min(MAX_WEIGHT) + pairs
}

/// Adds up what the parts take.
#[derive(Default)]
struct Weigher {
    /// Of each part that encloses the current one, outermost first: what was found in it before.
    around: Vec<usize>,
    /// What was found in the current one.
    current: usize,
    /// Was there a flag to look for either case?
    folded: bool,
}

impl Visitor for Weigher {
    type Output = usize;
    type Err = Infallible;

    fn finish(self) -> Result<usize, Infallible> {
        Ok(self.current)
    }

    fn visit_pre(&mut self, part: &Ast) -> Result<(), Infallible> {
        if let Ast::Flags(set) = part {
            self.flags(&set.flags);
        }
        if let Ast::Group(group) = part
            && let GroupKind::NonCapturing(flags) = &group.kind
        {
            self.flags(flags);
        }
        self.around.push(std::mem::take(&mut self.current));
        Ok(())
    }

    fn visit_post(&mut self, part: &Ast) -> Result<(), Infallible> {
        let inside = self.current;
        let own = match part {
            Ast::Literal(literal) => self.letter(literal.c),
            Ast::Dot(_) => RANGE,
            Ast::ClassUnicode(_) => self.class(LARGE_CLASS),
            Ast::ClassPerl(class) => self.perl(&class.kind),
            Ast::ClassBracketed(class) if class.negated => RANGE.saturating_add(inside),
            Ast::Repetition(repeated) => {
                JOINT.saturating_add(inside.saturating_mul(times(&repeated.op.kind)))
            }
            Ast::Empty(_)
            | Ast::Flags(_)
            | Ast::Assertion(_)
            | Ast::ClassBracketed(_)
            | Ast::Group(_)
            | Ast::Alternation(_)
            | Ast::Concat(_) => JOINT.saturating_add(inside),
        };
        self.current = self.around.pop().unwrap_or(0).saturating_add(own);
        Ok(())
    }

    fn visit_class_set_item_post(&mut self, item: &ClassSetItem) -> Result<(), Infallible> {
        let own = match item {
            ClassSetItem::Literal(literal) => self.letter(literal.c),
            ClassSetItem::Range(range) if range.end.c.is_ascii() => self.letter(range.end.c),
            ClassSetItem::Range(_) if self.folded => LARGE_CLASS,
            ClassSetItem::Range(_) => RANGE,
            ClassSetItem::Unicode(_) => self.class(LARGE_CLASS),
            ClassSetItem::Perl(class) => self.perl(&class.kind),
            ClassSetItem::Bracketed(class) if class.negated => RANGE,
            ClassSetItem::Ascii(_) => WIDE_LETTER,
            ClassSetItem::Empty(_) | ClassSetItem::Bracketed(_) | ClassSetItem::Union(_) => 0,
        };
        self.current = self.current.saturating_add(own);
        Ok(())
    }
}

impl Weigher {
    fn flags(&mut self, flags: &Flags) {
        let folds = FlagsItemKind::Flag(Flag::CaseInsensitive);
        self.folded |= flags.items.iter().any(|item| item.kind == folds);
    }

    fn letter(&self, letter: char) -> usize {
        if letter.is_ascii() && !self.folded {
            LETTER
        } else {
            WIDE_LETTER
        }
    }

    fn perl(&self, kind: &ClassPerlKind) -> usize {
        match kind {
            ClassPerlKind::Digit | ClassPerlKind::Space => self.class(SMALL_CLASS),
            ClassPerlKind::Word => self.class(LARGE_CLASS),
        }
    }

    /// Without regard to upper and lower case, a class is looked up range by range.
    fn class(&self, size: usize) -> usize {
        if self.folded { 2 * size } else { size }
    }
}

/// How often what is repeated is compiled.
fn times(kind: &RepetitionKind) -> usize {
    let RepetitionKind::Range(range) = kind else {
        return 1;
    };
    let most = match range {
        RepetitionRange::Exactly(n)
        | RepetitionRange::AtLeast(n)
        | RepetitionRange::Bounded(_, n) => *n,
    };
    most.max(1) as usize
}
