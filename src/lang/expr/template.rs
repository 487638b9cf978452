//! Values beyond CEL: object and list templates, and texts with parts.

use super::cursor::{Broken, Cursor, Parsed, Tree};
use super::literal;
use super::token::{Quoted, Token};
use crate::ast::{
    Argument, Compare, Criterion, ExprKind, Literal, Name, TemplateEntry, TemplateItem, TextPart,
};
use crate::diagnostic::{Code, Diagnostic};

impl Cursor<'_> {
    /// A value: a template, a text in backticks, or an expression.
    pub(crate) fn value(&mut self) -> Parsed<Tree> {
        match self.token {
            Token::BraceOpen => self.nested(Self::object),
            Token::BracketOpen => self.nested(Self::array),
            _ => self.expression_or_text(),
        }
    }

    /// A text in backticks, or an expression.
    pub(crate) fn expression_or_text(&mut self) -> Parsed<Tree> {
        if self.token == Token::Backtick {
            self.nested(Self::backtick_text)
        } else {
            self.expression()
        }
    }

    /// `{ key: V, "other key": V, key?: O, ...E }`
    fn object(&mut self) -> Parsed<Tree> {
        let start = self.start;
        self.bump();
        let mut entries = Vec::new();
        let mut height = 0;
        while !self.eat(Token::BraceClose) {
            let (entry, entry_height) = self.object_entry()?;
            height = height.max(entry_height);
            entries.push(entry);
            self.comma_or(Token::BraceClose, "`,` or `}`")?;
        }
        self.node(ExprKind::Object(entries), self.since(start), height)
    }

    fn object_entry(&mut self) -> Parsed<(TemplateEntry, usize)> {
        if self.eat(Token::Spread) {
            let Tree { expr, height } = self.expression()?;
            return Ok((TemplateEntry::Spread(expr), height));
        }
        let key = self.key()?;
        let optional = self.eat(Token::Question);
        if self.token == Token::Assign {
            let diagnostic = Diagnostic::new(
                Code::UNEXPECTED,
                self.here(),
                "expected `:` after the key, found `=`",
            );
            return Err(self.report(diagnostic.help(format!("write `{}: …`", key.node))));
        }
        self.expect(Token::Colon, "`:` and the value of this key")?;
        let Tree {
            expr: value,
            height,
        } = self.value()?;
        Ok((
            TemplateEntry::Field {
                key,
                optional,
                value,
            },
            height,
        ))
    }

    fn key(&mut self) -> Parsed<Name> {
        let Token::Text(quoted @ Quoted { bytes: false, .. }) = self.token else {
            return self.name("a key, `...`, or `}`");
        };
        let span = self.here();
        let literal = literal::text(self.written(), quoted).map_err(|fault| self.fault(fault))?;
        self.bump();
        let Literal::String(node) = literal else {
            return Err(self.unexpected("a key"));
        };
        Ok(Name { node, span })
    }

    /// `[ V, ...E ]`
    fn array(&mut self) -> Parsed<Tree> {
        let start = self.start;
        self.bump();
        let mut items = Vec::new();
        let mut height = 0;
        while !self.eat(Token::BracketClose) {
            let spread = self.eat(Token::Spread);
            let item = if spread {
                self.expression()?
            } else {
                self.value()?
            };
            height = height.max(item.height);
            items.push(if spread {
                TemplateItem::Spread(item.expr)
            } else {
                TemplateItem::Value(item.expr)
            });
            self.comma_or(Token::BracketClose, "`,` or `]`")?;
        }
        self.node(ExprKind::Array(items), self.since(start), height)
    }

    /// `(name: V, …)`
    pub(crate) fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        self.expect(Token::ParenOpen, "`(` and the arguments")?;
        let mut arguments = Vec::new();
        while !self.eat(Token::ParenClose) {
            arguments.push(self.argument()?);
            self.comma_or(Token::ParenClose, "`,` or `)`")?;
        }
        Ok(arguments)
    }

    /// `(field: V, field >= V, …)`
    pub(crate) fn criteria(&mut self) -> Parsed<Vec<Criterion>> {
        self.expect(Token::ParenOpen, "`(` and the fields to go by")?;
        let mut criteria = Vec::new();
        while !self.eat(Token::ParenClose) {
            criteria.push(self.criterion()?);
            self.comma_or(Token::ParenClose, "`,` or `)`")?;
        }
        Ok(criteria)
    }

    fn criterion(&mut self) -> Parsed<Criterion> {
        let field = self.name("a field: `name: value`, `name >= value`")?;
        let compare = match self.token {
            Token::Colon => Compare::Equal,
            Token::Greater => Compare::Above,
            Token::GreaterEqual => Compare::AtLeast,
            Token::Less => Compare::Below,
            Token::LessEqual => Compare::AtMost,
            _ => {
                let title = format!("expected `:` and a value after `{}`", field.node);
                let finding = Diagnostic::new(Code::UNEXPECTED, self.here(), title);
                let help = "a field equals a value, `name: value`, or is compared with `>`, `>=`, `<`, `<=`";
                return Err(self.report(finding.help(help)));
            }
        };
        self.bump();
        let value = self.value()?.expr;
        Ok(Criterion {
            field,
            compare,
            value,
        })
    }

    fn argument(&mut self) -> Parsed<Argument> {
        let start = self.start;
        let name = self.name("the name of an argument: `name: value`")?;
        if self.token == Token::Assign {
            let diagnostic = Diagnostic::new(
                Code::UNEXPECTED,
                self.here(),
                "expected `:` after the argument's name, found `=`",
            );
            return Err(self.report(diagnostic.help(format!("write `{}: …`", name.node))));
        }
        if self.token != Token::Colon {
            let span = self.span(start, self.end);
            let diagnostic =
                Diagnostic::new(Code::UNEXPECTED, span, "expected an argument with its name");
            return Err(self.report(diagnostic.help("arguments have names: `name: value`")));
        }
        self.bump();
        Ok(Argument {
            name,
            value: self.value()?.expr,
        })
    }

    fn comma_or(&mut self, close: Token, what: &str) -> Parsed<()> {
        if self.token == close || self.eat(Token::Comma) {
            return Ok(());
        }
        let starts_another = matches!(self.token, Token::Name | Token::Text(_) | Token::Spread);
        if self.on_new_line() && starts_another {
            let end = self.last_end;
            let diagnostic = Diagnostic::new(
                Code::UNEXPECTED,
                self.span(end, end),
                format!("expected {what} here"),
            );
            return Err(self.report(diagnostic.help("the parts of a template stand behind commas")));
        }
        Err(self.unexpected(what))
    }

    /// `` `Dear ${name}` ``: the next word is the opening backtick.
    fn backtick_text(&mut self) -> Parsed<Tree> {
        let start = self.start;
        let mut text = Parts::default();
        let mut from = self.end;
        loop {
            let rest = self.text().get(from..).unwrap_or_default();
            let Some(length) = backtick_part(rest) else {
                let diagnostic = Diagnostic::new(
                    Code::BAD_TEXT,
                    self.span(start, start + 1),
                    "this text does not end",
                );
                return Err(self.report(diagnostic.help("close it with a backtick")));
            };
            let written = rest.get(..length).unwrap_or_default();
            text.literal(
                &literal::template_text(written, from).map_err(|fault| self.text_fault(fault))?,
            );
            from += length;
            if !self
                .text()
                .get(from..)
                .is_some_and(|rest| rest.starts_with("${"))
            {
                break;
            }
            let part = self.part(from)?;
            text.value(part);
            from = self.end;
        }
        self.resume(from + 1);
        let (span, height) = (self.since(start), text.height);
        self.node(text.kind(), span, height)
    }

    /// `${ e }` at byte `from`; afterwards the next word is the closing brace.
    fn part(&mut self, from: usize) -> Parsed<Tree> {
        self.resume(from + 2);
        self.count_part(self.here())?;
        let part = self.nested(Self::expression)?;
        if self.token == Token::BraceClose {
            Ok(part)
        } else {
            Err(self.unexpected("`}` or an operator"))
        }
    }

    fn text_fault(&mut self, fault: literal::Fault) -> Broken {
        let range = fault.range.unwrap_or_default();
        let span = self.span(range.start, range.end);
        self.report(Diagnostic::new(fault.code, span, fault.message).maybe_help(fault.help))
    }

    /// ``${ `…` }`` alone: a text in backticks as it stands in the text form.
    fn backticks_alone(&mut self) -> Parsed<Option<Tree>> {
        if !self.text().starts_with("${") {
            return Ok(None);
        }
        self.resume(2);
        if self.token != Token::Backtick {
            return Ok(None);
        }
        let text = self.backtick_text()?;
        if self.token == Token::BraceClose && self.end == self.text().len() {
            Ok(Some(text))
        } else {
            Err(self.unexpected("`}` at the end of the text"))
        }
    }

    /// All of the text is a scalar of the YAML form: `${ e }` alone, a text with parts, or a text as it is.
    pub(crate) fn interpolated(&mut self) -> Parsed<Tree> {
        let whole = self.text();
        if let Some(text) = self.backticks_alone()? {
            return Ok(text);
        }
        let mut text = Parts::default();
        let mut from = 0;
        while let Some(found) = whole.get(from..).and_then(|rest| rest.find("${")) {
            let at = from + found;
            let before = whole.get(from..at).unwrap_or_default();
            if let Some(before) = before.strip_suffix('$') {
                text.literal(before);
                text.literal("${");
                from = at + 2;
                continue;
            }
            text.literal(before);
            let part = self.part(at)?;
            if at == 0 && self.end == whole.len() {
                return Ok(part);
            }
            text.value(part);
            from = self.end;
        }
        text.literal(whole.get(from..).unwrap_or_default());
        let (span, height) = (self.span(0, whole.len()), text.height);
        self.node(text.kind(), span, height)
    }
}

/// Bytes up to the closing backtick or the next `${`.
fn backtick_part(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 0;
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'`', _) | (b'$', Some(b'{')) => return Some(at),
            (b'\\', Some(_)) => at += 2,
            _ => at += 1,
        }
    }
}

/// The parts of a text; neighbouring literals are one.
#[derive(Default)]
struct Parts {
    parts: Vec<TextPart>,
    height: usize,
}

impl Parts {
    fn literal(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(TextPart::Literal(last)) => last.push_str(text),
            _ => self.parts.push(TextPart::Literal(text.to_owned())),
        }
    }

    fn value(&mut self, part: Tree) {
        self.height = self.height.max(part.height);
        self.parts.push(TextPart::Value(part.expr));
    }

    /// A text without values is a constant.
    fn kind(mut self) -> ExprKind {
        match self.parts.pop() {
            None => ExprKind::Literal(Literal::String(String::new())),
            Some(TextPart::Literal(text)) if self.parts.is_empty() => {
                ExprKind::Literal(Literal::String(text))
            }
            Some(last) => {
                self.parts.push(last);
                ExprKind::Interpolation(self.parts)
            }
        }
    }
}
