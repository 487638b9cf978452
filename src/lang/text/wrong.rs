//! What stands where it cannot: explained by what people mean who write it.

use super::grammar::Rule;
use super::reader::{MAX_SHOWN, Node, Reader, shortened, space};
use crate::diagnostic::{Code, Diagnostic};
use crate::suggest::suggestion;

/// A place in which something can be wrong: what was expected there, and what may stand there.
pub(super) struct Context {
    code: Code,
    expected: &'static str,
    words: &'static [&'static str],
    /// Words of other languages, and what to write instead.
    foreign: &'static [(&'static str, &'static str)],
}

const COMMON: &[(&str, &str)] = &[
    (";", "nothing ends with `;`"),
    (",", "nothing is separated by `,` here"),
];

pub(super) const STEP: Context = Context {
    code: Code::WRONG_STEP,
    expected: "a step",
    words: crate::expr::STEP_WORDS,
    foreign: &[
        ("respond", "a journey answers with `complete STATUS json …`"),
        ("reply", "a journey answers with `complete STATUS json …`"),
        ("answer", "a journey answers with `complete STATUS json …`"),
        ("send", "a journey answers with `complete STATUS json …`"),
        (
            "response",
            "a journey answers with `complete STATUS json …`",
        ),
        ("status", "a journey answers with `complete STATUS json …`"),
        ("var", "a value is named with `let`"),
        ("const", "a value is named with `let`"),
        ("set", "a value is named with `let`, once"),
        ("else", "`else` stands after the closing brace of an `if`"),
        (
            "elif",
            "`else if` stands after the closing brace of an `if`",
        ),
        (
            "elseif",
            "`else if` stands after the closing brace of an `if`",
        ),
        ("unless", "write `if !(…) { … }`"),
        (
            "switch",
            "write `match value { \"a\" { … } otherwise { … } }`",
        ),
        ("case", "an arm of a `match` is `\"a\" { … }`"),
        ("default", "the last arm of a `match` is `otherwise { … }`"),
        ("while", "write `repeat max 10 while … { … }`"),
        (
            "loop",
            "write `repeat max 10 while … { … }` or `for x in list max 10 { … }`",
        ),
        ("foreach", "write `for x in list max 10 { … }`"),
        ("throw", "write `fail CODE`"),
        ("raise", "write `fail CODE`"),
        ("error", "write `fail CODE`"),
        ("try", "write `block { … on failure { … } }`"),
        (
            "catch",
            "a handler is `on failure { … }` at the end of the braces",
        ),
        (
            "fetch",
            "write `call connection.operation(name: value) as x`",
        ),
        (
            "http",
            "write `call connection.operation(name: value) as x`",
        ),
        (
            "await",
            "write `call connection.operation(name: value) as x`",
        ),
        (
            "async",
            "steps that run at once stand in `parallel all { branch a { … } }`",
        ),
        (
            "break",
            "a loop goes through its list; a `repeat` ends when its `while` is false",
        ),
        ("continue", "put what is left of the turn into an `if`"),
        ("verify", "write `validate token … with ISSUER as claims`"),
        ("log", "write `emit NAME { … }`"),
        ("print", "write `emit NAME { … }`"),
        ("endpoint", "the head of a journey stands before its steps"),
        ("branch", "branches stand in `parallel all { … }`"),
        (
            "outcomes",
            "outcomes are declared by a `sub`, before its steps",
        ),
    ],
};

pub(super) const DECLARATION: Context = Context {
    code: Code::WRONG_DECLARATION,
    expected: "a declaration",
    words: &[
        "journey",
        "sub",
        "type",
        "connection",
        "issuer",
        "errors",
        "config",
        "secret",
        "store",
        "task",
        "signal",
        "limit",
        "rules",
    ],
    foreign: &[
        (
            "function",
            "what journeys share is a `sub NAME(param: T) { outcomes { ok T } … }`",
        ),
        (
            "fn",
            "what journeys share is a `sub NAME(param: T) { outcomes { ok T } … }`",
        ),
        (
            "def",
            "what journeys share is a `sub NAME(param: T) { outcomes { ok T } … }`",
        ),
        (
            "import",
            "all files of a project share one namespace: nothing is imported",
        ),
        ("struct", "write `type NAME { field: T }`"),
        ("interface", "write `type NAME { field: T }`"),
        ("enum", "write `type NAME = \"a\" | \"b\"`"),
        ("secrets", "write `secret { … }`"),
        (
            "endpoint",
            "an endpoint is the head of a `journey NAME { … }`",
        ),
        ("api", "write `journey NAME { … }`"),
        ("flow", "write `journey NAME { … }`"),
        ("service", "write `connection NAME { … }`"),
        ("operation", "operations stand in a `connection NAME { … }`"),
    ],
};

/// The items of a declaration.
pub(super) const fn items(expected: &'static str, words: &'static [&'static str]) -> Context {
    Context {
        code: Code::WRONG_ITEM,
        expected,
        words,
        foreign: &[],
    }
}

/// The arms of a `match`.
pub(super) const ARM: Context = Context {
    code: Code::WRONG_ITEM,
    expected: "an arm: `\"a\", \"b\" { … }`",
    words: &["otherwise"],
    foreign: &[
        ("case", "an arm is `\"a\" { … }`, without `case`"),
        ("when", "an arm is `\"a\" { … }`, without `when`"),
        ("default", "the last arm is `otherwise { … }`"),
        ("else", "the last arm is `otherwise { … }`"),
        (
            "on",
            "a `match` has no handlers: its subject was computed before",
        ),
    ],
};

impl Reader<'_> {
    /// Reports words that are nothing in this context.
    pub(super) fn wrong_words(&mut self, junk: &Node<'_>, context: &Context) {
        let start = junk.as_span().start();
        if self.missed_at == Some(start) {
            return;
        }
        self.missed_at = Some(start);
        let goes_on = self.lose(junk);
        let written = junk.as_str();
        let known = context
            .foreign
            .iter()
            .any(|(word, _)| *word == first_word(written));
        if context.code == Code::WRONG_STEP && !known && self.continues_line(start) {
            let what = "an operator, or the next step on a new line";
            return self.line_from(start).unexpected_operator(what, self.diags);
        }
        let help = help(written, context);
        // Lines that belong to nothing are one mistake: most likely something began wrongly before them.
        if goes_on && help.is_none() {
            return;
        }
        let others = (context.words.len() > 2).then(|| format!("one of {}", listed(context.words)));
        let message = format!(
            "expected {}, found `{}`",
            context.expected,
            shortened(first_word(written))
        );
        let diagnostic = Diagnostic::new(context.code, self.span(junk), message);
        self.report(diagnostic.maybe_help(help.or(others)));
    }

    /// Reports what is not an item of a list.
    pub(super) fn wrong_item(&mut self, node: &Node<'_>, context: &Context) {
        let first = node.clone().into_inner().next();
        match first.filter(|part| part.as_rule() == Rule::junk) {
            Some(junk) => self.wrong_words(&junk, context),
            None if self.lose(node) => {}
            None => {
                let message = format!("expected {}, found `{{`", context.expected);
                let diagnostic = Diagnostic::new(context.code, self.span(node), message);
                self.report(diagnostic);
            }
        }
        self.lose(node);
    }

    /// Notes what is not read, and is not in the tree. Is it part of what was lost before, or does nothing stand between?
    pub(super) fn lose(&mut self, node: &Node<'_>) -> bool {
        let (start, end) = (node.as_span().start(), node.as_span().end());
        let last = self.lost_to;
        if last.is_none_or(|last| last <= end) {
            self.diags.unread(node.as_str());
            self.lost_to = Some(end);
        }
        let between = last.map(|last| self.text.get(last..start).unwrap_or_default());
        between.is_some_and(|between| space(between) == between.len())
    }

    /// Does something stand before this on its line, other than an opening brace?
    fn continues_line(&self, at: usize) -> bool {
        let from = self.text.floor_char_boundary(at.saturating_sub(MAX_SHOWN));
        let before = self.text.get(from..at).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
        !line.is_empty() && !line.ends_with('{')
    }
}

fn first_word(written: &str) -> &str {
    let end = written
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|end| *end > 0);
    let end = end.unwrap_or_else(|| {
        written
            .chars()
            .next()
            .filter(|c| !c.is_alphanumeric() && *c != '_')
            .map_or(written.len(), char::len_utf8)
    });
    written.get(..end).unwrap_or(written)
}

fn help(written: &str, context: &Context) -> Option<String> {
    let word = first_word(written);
    let known = context
        .foreign
        .iter()
        .chain(COMMON)
        .find(|(foreign, _)| *foreign == word);
    if let Some((_, help)) = known {
        return Some((*help).to_owned());
    }
    let assigned = written
        .get(word.len()..)
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix('='));
    if context.code == Code::WRONG_STEP && assigned.is_some_and(|rest| !rest.starts_with('=')) {
        return Some(format!("a value is named with `let {word} = …`, once"));
    }
    if context.code == Code::WRONG_DECLARATION && crate::expr::STEP_WORDS.contains(&word) {
        return Some("steps stand in a `journey NAME { … }` or a `sub NAME() { … }`".to_owned());
    }
    if context.words.contains(&word) {
        return Some(format!(
            "`{word}` stands somewhere else, or a part of it is missing"
        ));
    }
    suggestion(word, context.words.iter().copied())
}

fn listed(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
