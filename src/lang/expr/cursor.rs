//! The place a reader of expressions, templates and types has got to: one word ahead, and everything it reports with.

use super::token::{Token, documentation, phrase};
use crate::ast::{Expr, ExprKind, Ids, Name, Spanned};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::limits::{MAX_CHAIN, MAX_DEPTH, MAX_NODES};
use crate::source::SpanMap;
use journey_machine::span::Span;
use logos::{Lexer, Logos};

/// It could not be read, and that has been reported.
#[derive(Debug)]
pub(crate) struct Broken;

pub(crate) type Parsed<T> = Result<T, Broken>;

/// An expression and how deep it is: what follows walks it by recursion.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) expr: Expr,
    pub(crate) height: usize,
}

pub(crate) struct Cursor<'a> {
    text: &'a str,
    lexer: Lexer<'a, Token>,
    map: &'a SpanMap,
    ids: &'a mut Ids,
    diags: &'a mut Diagnostics,
    depth: usize,
    /// Does the expression stand for itself? No step follows it then, so the words of steps are names.
    pub(crate) alone: bool,
    docs: Vec<&'a str>,
    /// The word that comes next, and where it is.
    pub(crate) token: Token,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where the word before it ends.
    pub(crate) last_end: usize,
}

impl<'a> Cursor<'a> {
    /// Begins at byte `from` of a text.
    pub(crate) fn new(
        text: &'a str,
        from: usize,
        map: &'a SpanMap,
        ids: &'a mut Ids,
        diags: &'a mut Diagnostics,
    ) -> Self {
        let lexer = Token::lexer(text);
        let docs = Vec::new();
        let mut cursor = Self {
            text,
            lexer,
            map,
            ids,
            diags,
            depth: 0,
            alone: false,
            docs,
            token: Token::End,
            start: from,
            end: from,
            last_end: from,
        };
        cursor.resume(from);
        cursor
    }

    /// Takes the next word.
    pub(crate) fn bump(&mut self) {
        self.last_end = self.end;
        loop {
            let word = self.lexer.next();
            (self.start, self.end) = (self.lexer.span().start, self.lexer.span().end);
            self.token = match word {
                Some(word) => word.unwrap_or(Token::Unknown),
                None => Token::End,
            };
            if self.token != Token::Docs {
                return;
            }
            self.docs.push(self.written());
        }
    }

    /// Goes on with the words from byte `from` on; for what is not made of words.
    pub(crate) fn resume(&mut self, from: usize) {
        self.lexer = Token::lexer(self.text);
        self.lexer.bump(from);
        self.end = from;
        self.bump();
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The next word as written.
    pub(crate) fn written(&self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    /// Documentation seen since it was last asked for.
    pub(crate) fn take_docs(&mut self) -> String {
        let lines: Vec<&str> = self.docs.drain(..).map(documentation).collect();
        lines.join("\n")
    }

    /// Does the next word stand on a line after the last one?
    pub(crate) fn on_new_line(&self) -> bool {
        self.text
            .get(self.last_end..self.start)
            .is_some_and(|between| between.contains('\n'))
    }

    pub(crate) fn eat(&mut self, token: Token) -> bool {
        let is_next = self.token == token;
        if is_next {
            self.bump();
        }
        is_next
    }

    pub(crate) fn expect(&mut self, token: Token, what: &str) -> Parsed<()> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.unexpected(what))
        }
    }

    /// A name; words of the language are names too where a name is all there can be.
    pub(crate) fn name(&mut self, what: &str) -> Parsed<Name> {
        match self.token {
            Token::Name | Token::True | Token::False | Token::Null | Token::In => {
                let name = Spanned {
                    node: self.written().to_owned(),
                    span: self.here(),
                };
                self.bump();
                Ok(name)
            }
            _ => Err(self.unexpected(what)),
        }
    }

    /// The place of the next word.
    pub(crate) fn here(&self) -> Span {
        self.map.span(self.start, self.end)
    }

    /// From byte `start` to the end of the last word.
    pub(crate) fn since(&self, start: usize) -> Span {
        self.map.span(start, self.last_end)
    }

    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        self.map.span(start, end)
    }

    /// One level deeper.
    pub(crate) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep(self.here()));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Makes a node; `height`: of its highest part, 0 without parts.
    pub(crate) fn node(&mut self, kind: ExprKind, span: Span, height: usize) -> Parsed<Tree> {
        if height >= MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        self.room(span)?;
        let id = self.ids.expr();
        Ok(Tree {
            expr: Expr { id, kind, span },
            height: height + 1,
        })
    }

    /// Counts a part that has no id: a type, a field, the text before a part of a text.
    pub(crate) fn count_part(&mut self, span: Span) -> Parsed<()> {
        self.room(span)?;
        self.ids.count_part();
        Ok(())
    }

    /// May this file have one part more? That it may not is said once.
    fn room(&mut self, span: Span) -> Parsed<()> {
        let count = self.ids.in_file();
        if count < MAX_NODES {
            return Ok(());
        }
        if count == MAX_NODES {
            self.ids.count_part();
            let message =
                format!("this file has more than {MAX_NODES} parts of expressions and types");
            let diagnostic = Diagnostic::new(Code::TOO_MANY_NODES, span, message);
            self.report(diagnostic.help("split it into several files"));
        }
        Err(Broken)
    }

    /// Parts in a row, each of which holds those before or behind it.
    pub(crate) fn too_long(&mut self, of: &str, help: &str) -> Broken {
        let message = format!("more than {MAX_CHAIN} {of} stand in a row here");
        let diagnostic = Diagnostic::new(Code::TOO_DEEP, self.here(), message);
        self.report(diagnostic.help(help))
    }

    fn too_deep(&mut self, span: Span) -> Broken {
        let message = format!("this is nested more than {MAX_DEPTH} levels deep");
        self.report(
            Diagnostic::new(Code::TOO_DEEP, span, message)
                .help("name parts of it with `let` or `type`"),
        )
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) -> Broken {
        self.diags.push(diagnostic);
        Broken
    }

    /// Something else was expected; an operator of another language is explained.
    pub(crate) fn unexpected(&mut self, what: &str) -> Broken {
        match self.foreign() {
            Some(diagnostic) => self.report(diagnostic),
            None => self.expected(what),
        }
    }

    /// Something else was expected.
    pub(crate) fn expected(&mut self, what: &str) -> Broken {
        let found = phrase(self.token, self.written());
        let (code, help) = match self.token {
            Token::CurlyQuote => (
                Code::BAD_CHARACTER,
                Some("texts stand in straight quotes: `\"`".to_owned()),
            ),
            Token::Unknown => (Code::BAD_CHARACTER, unknown_character(self.written())),
            _ => (Code::UNEXPECTED, None),
        };
        let diagnostic =
            Diagnostic::new(code, self.here(), format!("expected {what}, found {found}"));
        self.report(diagnostic.maybe_help(help))
    }

    /// The next word, or it with its neighbour, is an operator of another language.
    fn foreign(&self) -> Option<Diagnostic> {
        let adjacent = self.last_end == self.start;
        let before = self.text.get(..self.last_end).unwrap_or_default();
        let (start, written, help) = match (self.token, self.written()) {
            (Token::Dot, _) if adjacent && before.ends_with('?') => {
                (self.start - 1, "?.", "an optional field is `a.?b`")
            }
            (Token::Name, written @ ("and" | "AND")) => (self.start, written, "write `&&`"),
            (Token::Name, written @ ("or" | "OR")) => (self.start, written, "write `||`"),
            (Token::Name, written @ ("is" | "eq")) => (self.start, written, "write `==`"),
            (Token::Name, written @ "mod") => (self.start, written, "write `%`"),
            (_, _) if last_word(before) == "not" && self.token != Token::End => {
                (self.last_end - 3, "not", "write `!`")
            }
            (Token::Assign, _) => (self.start, "=", "two values are compared with `==`"),
            (Token::Pipe, _) => (self.start, "|", "write `||`"),
            (Token::Foreign, written) => (self.start, written, foreign_help(written)),
            _ => return None,
        };
        let span = self.map.span(start, start + written.len());
        Some(
            Diagnostic::new(
                Code::WRONG_OPERATOR,
                span,
                format!("`{written}` is not an operator here"),
            )
            .help(help),
        )
    }
}

fn foreign_help(written: &str) -> &'static str {
    match written {
        "===" => "write `==`",
        "!==" | "<>" => "write `!=`",
        "&" => "write `&&`",
        "=>" => "write `>=`; there are no functions of one's own",
        "**" => "there are no powers; multiply",
        "++" => "a name is set once; a `repeat` has accumulators",
        "??" => "a value for an empty optional is `a.orValue(b)`",
        _ => {
            "nothing ends with `;`: a step ends with its line, and what is in brackets is separated by `,`"
        }
    }
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default()
}

fn unknown_character(written: &str) -> Option<String> {
    let character = written.chars().next()?;
    match character {
        '\u{A0}' | '\u{2000}'..='\u{200F}' | '\u{202F}' | '\u{2060}' | '\u{FEFF}' => Some(format!(
            "this is the invisible character U+{:04X}: delete it",
            u32::from(character)
        )),
        '$' => Some("`${…}` stands in texts between backticks, and in YAML".to_owned()),
        _ if character.is_alphabetic() => {
            Some("names are made of the letters `a` to `z`, digits and `_`".to_owned())
        }
        _ => None,
    }
}
