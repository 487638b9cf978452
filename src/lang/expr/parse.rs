//! Expressions: CEL, by precedence climbing.

use super::cursor::{Broken, Cursor, Parsed, Tree};
use super::literal::{self, Fault};
use super::operator::{Infix, infix};
use super::token::{Quoted, Token, is_reserved, is_reserved_in_cel};
use crate::ast::{BinaryOp, Expr, ExprKind, ListItem, Literal, MapEntry, Name, UnaryOp};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits::MAX_CHAIN;

/// What to write instead of many `? :`.
const ARMS: &str =
    "look the value up, `({\"a\": 1, \"b\": 2})[?x].orValue(0)`, or choose it by a `match` step";
/// What to write instead of a long path.
const LINKS: &str = "name parts of it with `let`";

impl Cursor<'_> {
    /// A whole expression: `a ? b : c ? d : e`, or less.
    pub(crate) fn expression(&mut self) -> Parsed<Tree> {
        self.nested(|cursor| {
            let mut arms = Vec::new();
            let mut start = cursor.start;
            let mut last = cursor.operation(0)?;
            while cursor.token == Token::Question {
                if arms.len() == MAX_CHAIN {
                    return Err(cursor.too_long("`? :`", ARMS));
                }
                let then = cursor.taken()?;
                arms.push((start, last, then));
                start = cursor.start;
                last = cursor.operation(0)?;
            }
            let mut arms = arms.into_iter().rev();
            arms.try_fold(last, |otherwise, (start, condition, then)| {
                cursor.conditional(start, [condition, then, otherwise])
            })
        })
    }

    /// What is between `?` and `:`.
    fn taken(&mut self) -> Parsed<Tree> {
        let question = self.end;
        self.bump();
        let then = self.expression()?;
        if self.token != Token::Colon {
            return Err(self.no_otherwise(question));
        }
        self.bump();
        Ok(then)
    }

    fn conditional(&mut self, start: usize, parts: [Tree; 3]) -> Parsed<Tree> {
        let height = parts.iter().map(|tree| tree.height).max();
        let [condition, then, otherwise] = parts.map(|tree| Box::new(tree.expr));
        let kind = ExprKind::Conditional {
            condition,
            then,
            otherwise,
        };
        self.node(kind, self.since(start), height.unwrap_or_default())
    }

    /// `a ?` without `:`; or `a?.b`, which other languages write for `a.?b`.
    fn no_otherwise(&mut self, question: usize) -> Broken {
        if !self
            .text()
            .get(question..)
            .is_some_and(|rest| rest.starts_with('.'))
        {
            return self.unexpected("`:` and the value for the other case");
        }
        let span = self.span(question - 1, question + 1);
        let diagnostic =
            Diagnostic::new(Code::WRONG_OPERATOR, span, "`?.` is not an operator here");
        self.report(diagnostic.help("an optional field is `a.?b`"))
    }

    /// Operators that bind at least as strongly as `least`, with their operands.
    fn operation(&mut self, least: u8) -> Parsed<Tree> {
        let start = self.start;
        let mut left = self.unary()?;
        while let Some((operator, power)) = infix(self.token).filter(|(_, power)| *power >= least) {
            left = match operator {
                Infix::Logic { and } => self.logic(start, left, and, power)?,
                Infix::Relation(op) => self.relation(start, left, op, power)?,
                Infix::Arithmetic(_) => self.arithmetic(start, left, power)?,
            };
        }
        Ok(left)
    }

    /// The operators of one power, with their operands, in a row.
    fn arithmetic(&mut self, start: usize, first: Tree, power: u8) -> Parsed<Tree> {
        let mut height = first.height;
        let mut rest = Vec::new();
        while let Some((Infix::Arithmetic(op), _)) = infix(self.token).filter(|(_, p)| *p == power)
        {
            self.bump();
            let operand = self.nested(|cursor| cursor.operation(power + 1))?;
            height = height.max(operand.height);
            rest.push((op, operand.expr));
        }
        let first = Box::new(first.expr);
        self.node(
            ExprKind::Arithmetic { first, rest },
            self.since(start),
            height,
        )
    }

    fn relation(&mut self, start: usize, left: Tree, op: BinaryOp, power: u8) -> Parsed<Tree> {
        self.bump();
        let right = self.nested(|cursor| cursor.operation(power + 1))?;
        let height = left.height.max(right.height);
        let (left, right) = (Box::new(left.expr), Box::new(right.expr));
        self.node(
            ExprKind::Binary { op, left, right },
            self.since(start),
            height,
        )
    }

    fn logic(&mut self, start: usize, left: Tree, and: bool, power: u8) -> Parsed<Tree> {
        let operator = self.token;
        let mut height = left.height;
        let mut operands = vec![left.expr];
        while self.eat(operator) {
            let operand = self.nested(|cursor| cursor.operation(power + 1))?;
            height = height.max(operand.height);
            operands.push(operand.expr);
        }
        self.node(ExprKind::Logic { and, operands }, self.since(start), height)
    }

    fn unary(&mut self) -> Parsed<Tree> {
        let start = self.start;
        let op = match self.token {
            Token::Bang => UnaryOp::Not,
            Token::Minus => UnaryOp::Neg,
            _ => return self.postfix(),
        };
        self.bump();
        if op == UnaryOp::Neg
            && self.token == Token::Number
            && !self.written().ends_with(['u', 'U'])
        {
            let number = self.number(start, true)?;
            return self.postfixes(start, number);
        }
        let Tree { expr, height } = self.nested(Self::unary)?;
        self.node(
            ExprKind::Unary {
                op,
                operand: Box::new(expr),
            },
            self.since(start),
            height,
        )
    }

    fn postfix(&mut self) -> Parsed<Tree> {
        let start = self.start;
        let primary = self.primary()?;
        self.postfixes(start, primary)
    }

    /// `.field`, `.?field`, `.method(…)`, `[index]`, `[?index]`, `{ field: … }` after a type's name.
    fn postfixes(&mut self, start: usize, mut tree: Tree) -> Parsed<Tree> {
        for _ in 0..=MAX_CHAIN {
            tree = match self.token {
                Token::Dot => self.member(start, tree)?,
                Token::BracketOpen => self.index(start, tree)?,
                Token::BraceOpen => match dotted(&tree.expr) {
                    Some(name) => self.structure(start, name)?,
                    None => return Ok(tree),
                },
                _ => return Ok(tree),
            };
        }
        Err(self.too_long("fields, indices and calls", LINKS))
    }

    fn member(&mut self, start: usize, tree: Tree) -> Parsed<Tree> {
        self.bump();
        let optional = self.eat(Token::Question);
        let quoted = self.token == Token::Backtick;
        let field = if quoted {
            self.quoted_field()?
        } else {
            self.name("the name of a field")?
        };
        let object = Box::new(tree.expr);
        if self.token == Token::ParenOpen && !optional && !quoted {
            return self.call(start, Some(object), field, tree.height);
        }
        self.node(
            ExprKind::Member {
                object,
                field,
                optional,
            },
            self.since(start),
            tree.height,
        )
    }

    /// A field between backticks, for names that are not words: `` a.`b-c` ``.
    fn quoted_field(&mut self) -> Parsed<Name> {
        let from = self.end;
        let rest = self.text().get(from..).unwrap_or_default();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_.-/ ".contains(c));
        let name = length
            .and_then(|length| rest.get(..length))
            .filter(|name| !name.is_empty());
        let closed = name.filter(|name| {
            rest.get(name.len()..)
                .is_some_and(|rest| rest.starts_with('`'))
        });
        let Some(name) = closed else {
            return Err(
                self.unexpected("a field between backticks, of letters, digits and `_ . - /`")
            );
        };
        let span = self.span(self.start, from + name.len() + 1);
        self.resume(from + name.len() + 1);
        Ok(Name {
            node: name.to_owned(),
            span,
        })
    }

    fn call(
        &mut self,
        start: usize,
        receiver: Option<Box<Expr>>,
        function: Name,
        height: usize,
    ) -> Parsed<Tree> {
        self.bump();
        let (args, highest) =
            self.listed(Token::ParenClose, "an argument, or `)`", Self::expression)?;
        let args = args.into_iter().map(|tree| tree.expr).collect();
        self.node(
            ExprKind::Call {
                receiver,
                function,
                args,
            },
            self.since(start),
            height.max(highest),
        )
    }

    fn index(&mut self, start: usize, tree: Tree) -> Parsed<Tree> {
        self.bump();
        let optional = self.eat(Token::Question);
        let index = self.expression()?;
        self.expect(Token::BracketClose, "`]`")?;
        let height = tree.height.max(index.height);
        let (object, index) = (Box::new(tree.expr), Box::new(index.expr));
        self.node(
            ExprKind::Index {
                object,
                index,
                optional,
            },
            self.since(start),
            height,
        )
    }

    /// Things behind commas up to a closing bracket, which may follow a last comma; and the greatest of their heights.
    fn listed<T: Height>(
        &mut self,
        close: Token,
        what: &str,
        mut read: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<(Vec<T>, usize)> {
        let mut items: Vec<T> = Vec::new();
        while !self.eat(close) {
            if self.token == Token::End {
                return Err(self.unexpected(what));
            }
            items.push(read(self)?);
            if self.token != close {
                self.expect(Token::Comma, closing(close))?;
            }
        }
        let height = items.iter().map(Height::height).max().unwrap_or_default();
        Ok((items, height))
    }

    fn structure(&mut self, start: usize, name: Name) -> Parsed<Tree> {
        self.bump();
        let (fields, height) = self.listed(Token::BraceClose, "a field, or `}`", |cursor| {
            let field = cursor.name("the name of a field")?;
            cursor.expect(Token::Colon, "`:`")?;
            Ok((field, cursor.expression()?))
        })?;
        let fields = fields
            .into_iter()
            .map(|(field, tree)| (field, tree.expr))
            .collect();
        self.node(ExprKind::Struct { name, fields }, self.since(start), height)
    }

    fn primary(&mut self) -> Parsed<Tree> {
        let start = self.start;
        match self.token {
            Token::Number => self.number(start, false),
            Token::Text(quoted) => self.quoted_text(quoted),
            Token::True => self.constant(Literal::Bool(true)),
            Token::False => self.constant(Literal::Bool(false)),
            Token::Null => self.constant(Literal::Null),
            Token::Name => self.identifier(start, false),
            Token::Dot => {
                self.bump();
                self.identifier(start, true)
            }
            Token::ParenOpen => self.parenthesised(start),
            Token::BracketOpen => self.list(start),
            Token::BraceOpen => self.map(start),
            Token::Backtick => {
                let message =
                    "a text in backticks stands for a whole value, not within an expression";
                let diagnostic = Diagnostic::new(Code::UNEXPECTED, self.here(), message);
                Err(self.report(diagnostic.help("name it with `let`, or join texts with `+`")))
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    fn constant(&mut self, literal: Literal) -> Parsed<Tree> {
        let span = self.here();
        self.bump();
        self.node(ExprKind::Literal(literal), span, 0)
    }

    fn number(&mut self, start: usize, negative: bool) -> Parsed<Tree> {
        let literal =
            literal::number(self.written(), negative).map_err(|fault| self.fault(fault))?;
        self.bump();
        self.node(ExprKind::Literal(literal), self.since(start), 0)
    }

    pub(crate) fn quoted_text(&mut self, quoted: Quoted) -> Parsed<Tree> {
        let literal = literal::text(self.written(), quoted).map_err(|fault| self.fault(fault))?;
        self.constant(literal)
    }

    /// What is wrong with the next word.
    pub(crate) fn fault(&mut self, fault: Fault) -> Broken {
        let span = fault.range.map_or(self.here(), |range| {
            self.span(self.start + range.start, self.start + range.end)
        });
        self.report(Diagnostic::new(fault.code, span, fault.message).maybe_help(fault.help))
    }

    fn identifier(&mut self, start: usize, absolute: bool) -> Parsed<Tree> {
        let reserved = if self.alone {
            is_reserved_in_cel
        } else {
            is_reserved
        };
        if self.token == Token::Name && reserved(self.written()) {
            return Err(self.reserved());
        }
        let name = self.name("a name")?;
        if self.token == Token::ParenOpen {
            let dot = if absolute { "." } else { "" };
            let function = Name {
                node: format!("{dot}{}", name.node),
                span: name.span,
            };
            return self.call(start, None, function, 0);
        }
        self.node(
            ExprKind::Ident {
                name: name.node,
                absolute,
            },
            self.since(start),
            0,
        )
    }

    fn reserved(&mut self) -> Broken {
        let word = self.written();
        let message = format!("expected a value, found the word `{word}` of the language");
        let diagnostic = Diagnostic::new(Code::RESERVED_NAME, self.here(), message);
        self.report(diagnostic.help("a value cannot have this name; choose another"))
    }

    fn parenthesised(&mut self, start: usize) -> Parsed<Tree> {
        self.bump();
        let mut tree = self.expression()?;
        self.expect(Token::ParenClose, "`)` or an operator")?;
        tree.expr.span = self.since(start);
        Ok(tree)
    }

    fn list(&mut self, start: usize) -> Parsed<Tree> {
        self.bump();
        let (items, height) = self.listed(Token::BracketClose, "an item, or `]`", |cursor| {
            let optional = cursor.eat(Token::Question);
            Ok((optional, cursor.expression()?))
        })?;
        let items = items
            .into_iter()
            .map(|(optional, tree)| ListItem {
                optional,
                value: tree.expr,
            })
            .collect();
        self.node(ExprKind::List(items), self.since(start), height)
    }

    fn map(&mut self, start: usize) -> Parsed<Tree> {
        self.bump();
        let (entries, height) = self.listed(Token::BraceClose, "an entry, or `}`", |cursor| {
            let optional = cursor.eat(Token::Question);
            let key = cursor.expression()?;
            cursor.expect(Token::Colon, "`:` and the value of this key")?;
            Ok(((optional, key), cursor.expression()?))
        })?;
        let entry = |((optional, key), value): ((bool, Tree), Tree)| MapEntry {
            optional,
            key: key.expr,
            value: value.expr,
        };
        let entries = entries.into_iter().map(entry).collect();
        self.node(ExprKind::Map(entries), self.since(start), height)
    }
}

/// What ends a list, for "expected …".
fn closing(close: Token) -> &'static str {
    match close {
        Token::ParenClose => "`,` or `)`",
        Token::BracketClose => "`,` or `]`",
        _ => "`,` or `}`",
    }
}

/// The name of a type, if an expression is nothing but names and dots.
fn dotted(expr: &Expr) -> Option<Name> {
    let mut names = Vec::new();
    let mut inner = expr;
    loop {
        match &inner.kind {
            ExprKind::Ident { name, absolute } => {
                names.push(name.as_str());
                names.extend(absolute.then_some(""));
                names.reverse();
                return Some(Name {
                    node: names.join("."),
                    span: expr.span,
                });
            }
            ExprKind::Member {
                object,
                field,
                optional: false,
            } => {
                names.push(&field.node);
                inner = object;
            }
            _ => return None,
        }
    }
}

/// How deep what was read is.
trait Height {
    fn height(&self) -> usize;
}

impl Height for Tree {
    fn height(&self) -> usize {
        self.height
    }
}

impl<T: Height> Height for (bool, T) {
    fn height(&self) -> usize {
        self.1.height()
    }
}

impl Height for (Name, Tree) {
    fn height(&self) -> usize {
        self.1.height
    }
}

impl Height for ((bool, Tree), Tree) {
    fn height(&self) -> usize {
        self.0.height().max(self.1.height)
    }
}
