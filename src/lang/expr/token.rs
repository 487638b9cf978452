//! The words of expressions, templates and types.

use logos::{Lexer, Logos};
use std::ops::Range;

/// A word. What it stands for is cut from the text by its range.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n\f]+")]
#[logos(skip(r"(#|//)[^\n]*", allow_greedy = true))]
pub(crate) enum Token {
    #[regex(r"##[^\n]*", priority = 100, allow_greedy = true)]
    Docs,
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Name,
    #[token("true")]
    True,
    #[token("false")]
    False,
    #[token("null")]
    Null,
    #[token("in")]
    In,
    /// Anything that begins like a number; what it is, or what is wrong with it, is found out when it is read.
    #[regex(r"[0-9][0-9A-Za-z_]*(\.[0-9][0-9A-Za-z_]*)?", exponent_sign)]
    #[regex(r"\.[0-9][0-9A-Za-z_]*", exponent_sign)]
    Number,
    #[regex(r#"[bB]?[rR]?("""|'''|"|')"#, quoted)]
    Text(Quoted),
    #[token("`")]
    Backtick,
    #[token("(")]
    ParenOpen,
    #[token(")")]
    ParenClose,
    #[token("[")]
    BracketOpen,
    #[token("]")]
    BracketClose,
    #[token("{")]
    BraceOpen,
    #[token("}")]
    BraceClose,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("?")]
    Question,
    #[token(".")]
    Dot,
    #[token("..")]
    DotDot,
    #[token("...")]
    Spread,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("!")]
    Bang,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    LessEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterEqual,
    #[token("&&")]
    And,
    #[token("||")]
    Or,
    #[token("|")]
    Pipe,
    #[token("=")]
    Assign,
    /// Operators of other languages, known in order to be explained.
    #[regex(r"===|!==|=>|<>|&|\*\*|\+\+|\?\?|;")]
    Foreign,
    /// Quotation marks of typography.
    #[regex("[\u{2018}\u{2019}\u{201C}\u{201D}\u{201E}\u{00AB}\u{00BB}]")]
    CurlyQuote,
    /// A character that begins no word.
    Unknown,
    /// There is nothing more.
    End,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quoted {
    /// `b"…"`
    pub(crate) bytes: bool,
    /// `r"…"`
    pub(crate) raw: bool,
    /// 3 for `"""…"""`, else 1.
    pub(crate) quotes: usize,
    /// Does it end?
    pub(crate) closed: bool,
}

/// `1e-5`: the sign belongs to the number if it stands between its exponent and a digit.
fn exponent_sign(lexer: &mut Lexer<'_, Token>) {
    let hex = lexer.slice().starts_with("0x") || lexer.slice().starts_with("0X");
    if hex || !lexer.slice().ends_with(['e', 'E']) {
        return;
    }
    if let Some(digits) = lexer.remainder().strip_prefix(['+', '-']) {
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        if length > 0 {
            lexer.bump(length + 1);
        }
    }
}

fn quoted(lexer: &mut Lexer<'_, Token>) -> Quoted {
    let opening = lexer.slice();
    let quote = opening.bytes().last().unwrap_or(b'"');
    let quotes = opening.bytes().filter(|byte| *byte == quote).count();
    let has = |letters: [u8; 2]| opening.bytes().any(|byte| letters.contains(&byte));
    let (raw, bytes) = (has([b'r', b'R']), has([b'b', b'B']));
    let (length, closed) = text_length(lexer.remainder().as_bytes(), quote, quotes, raw);
    lexer.bump(length);
    Quoted {
        bytes,
        raw,
        quotes,
        closed,
    }
}

/// How far a text goes on after its opening quotes, closing ones included. One that does not end goes to the end of its
/// line, or of everything.
pub(crate) fn text_length(rest: &[u8], quote: u8, quotes: usize, raw: bool) -> (usize, bool) {
    let mut at = 0;
    let mut seen = 0;
    while let Some(byte) = rest.get(at).copied() {
        at += 1;
        seen = if byte == quote { seen + 1 } else { 0 };
        match byte {
            _ if seen == quotes => return (at, true),
            b'\\'
                if !raw
                    && rest
                        .get(at)
                        .is_some_and(|next| quotes == 3 || !matches!(next, b'\n' | b'\r')) =>
            {
                at += rest.get(at..).map_or(0, first_char);
            }
            b'\n' | b'\r' if quotes == 1 => return (at - 1, false),
            _ => {}
        }
    }
    (rest.len(), false)
}

/// Bytes of the character a text begins with.
fn first_char(text: &[u8]) -> usize {
    let continues = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    1 + text.iter().skip(1).take_while(continues).count()
}

/// Where comments stand in the `${ … }` of a text.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("${")) {
        from += at + 2;
        let escaped = text
            .get(..from)
            .is_some_and(|before| before.ends_with("$${"));
        if !escaped {
            from += code_comments(text.get(from..).unwrap_or_default(), from, &mut found);
        }
    }
    found
}

/// Collects the comments of code that stands at byte `base`, up to the brace that ends it; gives how long it is.
fn code_comments(code: &str, base: usize, found: &mut Vec<Range<usize>>) -> usize {
    let mut lexer = Token::lexer(code);
    let (mut depth, mut last) = (0_usize, 0);
    while let Some(word) = lexer.next() {
        let between = last..lexer.span().start;
        found.extend(comment_lines(code, between).map(|at| base + at.start..base + at.end));
        match word.unwrap_or(Token::Unknown) {
            Token::Docs => found.push(base + lexer.span().start..base + lexer.span().end),
            Token::BraceOpen => depth += 1,
            Token::BraceClose if depth == 0 => return lexer.span().end,
            Token::BraceClose => depth -= 1,
            Token::Backtick => {
                let rest = lexer.remainder();
                lexer.bump(rest.find('`').map_or(rest.len(), |end| end + 1));
            }
            _ => {}
        }
        last = lexer.span().end;
    }
    code.len()
}

/// The comments in what stands between two words.
fn comment_lines(code: &str, between: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = between.start;
    let lines = code.get(between).unwrap_or_default().split_inclusive('\n');
    lines.filter_map(move |line| {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        let end = start + line.trim().len();
        (start < end).then_some(start..end)
    })
}

/// A line of documentation without its marks.
pub(crate) fn documentation(line: &str) -> &str {
    let line = line.trim_start_matches("##");
    line.strip_prefix(' ').unwrap_or(line).trim_end()
}

/// What people call a word, for "found …".
pub(crate) fn phrase(token: Token, written: &str) -> String {
    match token {
        Token::End => "the end".to_owned(),
        Token::Text(Quoted { bytes: false, .. }) => format!("the text {}", shortened(written)),
        Token::Text(Quoted { bytes: true, .. }) => format!("the bytes {}", shortened(written)),
        Token::Number => format!("the number `{}`", shortened(written)),
        Token::Docs => "documentation".to_owned(),
        Token::Backtick => "a text in backticks".to_owned(),
        _ => format!("`{}`", shortened(written)),
    }
}

fn shortened(written: &str) -> String {
    let mut first: String = written
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(30)
        .collect();
    if first.len() < written.len() {
        first.push('…');
    }
    first
}

/// Words that cannot name a value: those CEL reserves, and those steps begin with.
pub fn is_reserved(name: &str) -> bool {
    CEL_RESERVED.contains(&name)
        || STEP_WORDS.contains(&name) && !FREE_WORDS.contains(&name)
        || matches!(name, "true" | "false" | "null" | "in")
}

/// Words that cannot name a value in an expression that stands for itself.
pub(crate) fn is_reserved_in_cel(name: &str) -> bool {
    CEL_RESERVED.contains(&name)
}

/// Words CEL reserves and has no meaning for.
const CEL_RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

/// Words that begin a step or a handler. An expression ends before them: this is how the text form finds its end.
pub const STEP_WORDS: &[&str] = &[
    "let",
    "if",
    "match",
    "call",
    "validate",
    "parallel",
    "for",
    "repeat",
    "run",
    "block",
    "emit",
    "complete",
    "fail",
    "collect",
    "next",
    "return",
    "on",
    "otherwise",
    "atomically",
    "insert",
    "get",
    "update",
    "delete",
    "find",
    "count",
    "start",
    "sleep",
    "wait",
    "signal",
    "read",
];

/// Those of them that are names, too: they begin a step only before another name on their line.
const FREE_WORDS: &[&str] = &[
    "insert", "get", "update", "delete", "find", "count", "start", "sleep", "wait", "signal",
    "read",
];
