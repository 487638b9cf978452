//! Types: names, lists, maps, objects, enums, with limits and labels.

use super::cursor::{Broken, Cursor, Parsed};
use super::literal;
use super::token::{Quoted, Token};
use crate::ast::{Expr, FieldDecl, Label, Limit, Literal, Name, Spanned, TypeExpr, TypeKind};
use crate::diagnostic::{Code, Diagnostic};

impl Cursor<'_> {
    /// `secret T`, `pii T`, `A | B`, or one type.
    pub(crate) fn type_expr(&mut self) -> Parsed<TypeExpr> {
        self.nested(|cursor| match cursor.label() {
            Some(label) => {
                cursor.bump();
                let inner = cursor.type_expr()?;
                let span = label.span.to(inner.span);
                Ok(TypeExpr {
                    kind: TypeKind::Labelled(label, Box::new(inner)),
                    span,
                })
            }
            None => cursor.union(),
        })
    }

    fn label(&self) -> Option<Spanned<Label>> {
        let node = match self.written() {
            "secret" => Label::Secret,
            "pii" => Label::Pii,
            _ => return None,
        };
        Some(Spanned {
            node,
            span: self.here(),
        })
    }

    fn union(&mut self) -> Parsed<TypeExpr> {
        let start = self.start;
        let first = self.one_type()?;
        if self.token != Token::Pipe {
            return Ok(first);
        }
        let mut members = vec![first];
        while self.eat(Token::Pipe) {
            members.push(self.one_type()?);
        }
        Ok(TypeExpr {
            kind: TypeKind::Union(members),
            span: self.since(start),
        })
    }

    fn one_type(&mut self) -> Parsed<TypeExpr> {
        let start = self.start;
        let kind = match self.token {
            Token::Text(quoted @ Quoted { bytes: false, .. }) => {
                TypeKind::Literal(self.text_constant(quoted)?)
            }
            Token::BraceOpen => self.object_type()?,
            Token::Name | Token::Null => self.named_type()?,
            Token::BracketOpen => return Err(self.wrong_type("a list is written `list<T>`")),
            Token::Number => {
                return Err(self.wrong_type("an enum is made of texts: `\"a\" | \"b\"`"));
            }
            _ => return Err(self.unexpected("a type")),
        };
        if self.token == Token::Question {
            return Err(self.wrong_type(
                "`?` stands behind the name of a field: `name?: T`; what may be null is `T | null`",
            ));
        }
        if self.token == Token::BracketOpen {
            return Err(self.wrong_type("a list is written `list<T>`"));
        }
        let span = self.since(start);
        self.count_part(span)?;
        Ok(TypeExpr { kind, span })
    }

    fn wrong_type(&mut self, help: &str) -> Broken {
        let message = format!("`{}` is not part of a type here", self.written());
        self.report(Diagnostic::new(Code::WRONG_TYPE, self.here(), message).help(help))
    }

    /// The next word, a text, as what it says.
    pub(crate) fn text_constant(&mut self, quoted: Quoted) -> Parsed<String> {
        let literal = literal::text(self.written(), quoted).map_err(|fault| self.fault(fault))?;
        self.bump();
        match literal {
            Literal::String(text) => Ok(text),
            _ => Err(self.unexpected("a text")),
        }
    }

    fn named_type(&mut self) -> Parsed<TypeKind> {
        let name = self.name("a type")?;
        match (name.node.as_str(), self.token) {
            ("list", Token::Less) => self.list_type(),
            ("map", Token::Less) => self.map_type(),
            (_, Token::Less) => {
                let message = format!("`{}` has no type parameters", name.node);
                let diagnostic = Diagnostic::new(Code::WRONG_TYPE, self.here(), message);
                Err(self.report(
                    diagnostic.help("types with parameters are `list<T>` and `map<string, T>`"),
                ))
            }
            (_, Token::ParenOpen) => Ok(TypeKind::Limited {
                base: Box::new(name),
                limits: self.limits()?,
            }),
            _ => Ok(TypeKind::Named(name.node)),
        }
    }

    fn list_type(&mut self) -> Parsed<TypeKind> {
        self.bump();
        let item = Box::new(self.type_expr()?);
        self.expect(Token::Greater, "`>`")?;
        let limits = if self.token == Token::ParenOpen {
            self.limits()?
        } else {
            Vec::new()
        };
        Ok(TypeKind::List { item, limits })
    }

    fn map_type(&mut self) -> Parsed<TypeKind> {
        self.bump();
        let key = Box::new(self.type_expr()?);
        self.expect(
            Token::Comma,
            "`,` and the type of the values, as in `map<string, int>`",
        )?;
        let value = Box::new(self.type_expr()?);
        self.expect(Token::Greater, "`>`")?;
        Ok(TypeKind::Map { key, value })
    }

    /// `(1..64, /[a-z]+/)`, `(> 0)`
    fn limits(&mut self) -> Parsed<Vec<Spanned<Limit>>> {
        let mut limits = Vec::new();
        self.bump();
        loop {
            limits.push(self.limit()?);
            if self.eat(Token::ParenClose) {
                return Ok(limits);
            }
            self.expect(Token::Comma, "`,` or `)`")?;
        }
    }

    fn limit(&mut self) -> Parsed<Spanned<Limit>> {
        let start = self.start;
        let bound: fn(f64) -> Limit = match self.token {
            Token::Slash => return self.pattern(),
            Token::Text(quoted @ Quoted { bytes: false, .. }) => {
                let node = Limit::Media(self.text_constant(quoted)?);
                let span = self.since(start);
                return Ok(Spanned { node, span });
            }
            Token::Greater => Limit::Above,
            Token::GreaterEqual => Limit::AtLeast,
            Token::Less => Limit::Below,
            Token::LessEqual => Limit::AtMost,
            _ => return self.range(),
        };
        self.bump();
        let node = bound(self.bound("a number")?);
        Ok(Spanned {
            node,
            span: self.since(start),
        })
    }

    /// `1..64`, `1..`, `..64`
    fn range(&mut self) -> Parsed<Spanned<Limit>> {
        let start = self.start;
        let low = if self.token == Token::DotDot {
            None
        } else {
            Some(self.bound("a limit: `1..64`, `> 0`, `/[a-z]+/`")?)
        };
        if self.token != Token::DotDot {
            let message = "expected `..` after the lower end of a range";
            let diagnostic = Diagnostic::new(Code::WRONG_TYPE, self.here(), message);
            return Err(
                self.report(diagnostic.help("`5..5` is exactly 5, `..5` at most, `5..` at least"))
            );
        }
        self.bump();
        let open = matches!(self.token, Token::Comma | Token::ParenClose) && low.is_some();
        let high = if open {
            None
        } else {
            Some(self.bound("the upper end of the range")?)
        };
        Ok(Spanned {
            node: Limit::Range(low, high),
            span: self.since(start),
        })
    }

    fn bound(&mut self, what: &str) -> Parsed<f64> {
        let negative = self.eat(Token::Minus);
        if self.token != Token::Number {
            return Err(self.unexpected(what));
        }
        let number =
            literal::number(self.written(), negative).map_err(|fault| self.fault(fault))?;
        self.bump();
        Ok(match number {
            Literal::Int(value) => value as f64,
            Literal::Uint(value) => value as f64,
            Literal::Double(value) => value,
            Literal::Null | Literal::Bool(_) | Literal::String(_) | Literal::Bytes(_) => 0.0,
        })
    }

    /// `/regex/`, in which `\/` is a slash.
    fn pattern(&mut self) -> Parsed<Spanned<Limit>> {
        let start = self.start;
        let rest = self.text().get(self.end..).unwrap_or_default();
        let Some(length) = pattern_length(rest) else {
            let diagnostic = Diagnostic::new(
                Code::WRONG_TYPE,
                self.here(),
                "this pattern does not end on its line",
            );
            return Err(self.report(
                diagnostic.help("a pattern stands between slashes; a slash in it is `\\/`"),
            ));
        };
        let regex = rest.get(..length).unwrap_or_default().replace("\\/", "/");
        self.resume(self.end + length + 1);
        Ok(Spanned {
            node: Limit::Pattern(regex),
            span: self.since(start),
        })
    }

    /// `{ a: T, b?: T = V, ... }`
    fn object_type(&mut self) -> Parsed<TypeKind> {
        self.bump();
        let mut fields = Vec::new();
        let mut open = false;
        while !self.eat(Token::BraceClose) {
            if self.token == Token::End {
                return Err(self.unexpected("a field, or `}`"));
            }
            if self.token == Token::Spread {
                open = true;
                self.bump();
                self.expect(Token::BraceClose, "`}`: `...` stands last")?;
                break;
            }
            match self.field() {
                Ok(field) => fields.push(field),
                Err(Broken) => self.next_field(),
            }
            self.field_end()?;
        }
        fields.shrink_to_fit();
        Ok(TypeKind::Object { fields, open })
    }

    /// `name?: T = V`
    pub(crate) fn field(&mut self) -> Parsed<FieldDecl> {
        let docs = self.take_docs();
        let start = self.start;
        let name = self.name("a field: `name: type`")?;
        self.count_part(name.span)?;
        let optional = self.eat(Token::Question);
        if self.token == Token::Assign {
            return Err(self.no_type(&name));
        }
        self.expect(Token::Colon, "`:` and the type of the field")?;
        if self.token == Token::Question {
            return Err(self.wrong_type("`?` stands behind the name of a field: `name?: T`"));
        }
        let ty = self.type_expr()?;
        let default = if self.eat(Token::Assign) {
            Some(Box::new(self.default()?))
        } else {
            None
        };
        Ok(FieldDecl {
            docs,
            name,
            optional,
            ty,
            default,
            span: self.since(start),
        })
    }

    fn default(&mut self) -> Parsed<Expr> {
        self.value().map(|tree| tree.expr)
    }

    fn no_type(&mut self, name: &Name) -> Broken {
        let message = format!("expected `:` and a type after `{}`, found `=`", name.node);
        let diagnostic = Diagnostic::new(Code::UNEXPECTED, self.here(), message);
        self.report(diagnostic.help(format!(
            "a field with a default is `{}: type = value`",
            name.node
        )))
    }

    fn field_end(&mut self) -> Parsed<()> {
        if self.eat(Token::Comma) || self.token == Token::BraceClose || self.on_new_line() {
            return Ok(());
        }
        Err(self.unexpected("`,`, a new line, or `}`"))
    }

    /// After a broken field: on to the next one of the same object.
    fn next_field(&mut self) {
        let mut depth = 0_usize;
        while self.token != Token::End {
            let line_ended =
                self.on_new_line() && matches!(self.token, Token::Name | Token::Spread);
            match self.token {
                Token::Comma | Token::BraceClose if depth == 0 => return,
                _ if depth == 0 && line_ended => return,
                Token::BraceOpen | Token::ParenOpen | Token::BracketOpen => depth += 1,
                Token::BraceClose | Token::ParenClose | Token::BracketClose => {
                    depth = depth.saturating_sub(1)
                }
                _ => {}
            }
            self.bump();
        }
    }
}

/// Bytes of a pattern up to the slash that ends it.
pub(crate) fn pattern_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'/' => return Some(at),
            b'\n' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
