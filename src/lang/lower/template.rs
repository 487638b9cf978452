//! Templates: objects, lists and texts as steps send them.

use super::constant;
use super::expr::{count, registers};
use super::frame::Frame;
use crate::ast::{Expr, TemplateEntry, TemplateItem, TextPart};
use crate::types::Global;
use journey_machine::op::{Op, Reg};
use journey_machine::program::Source;
use journey_machine::span::Span;
use journey_machine::value::{Str, Value};

impl<'a> Frame<'_, 'a> {
    /// Fields that are there for certain make an object of a known shape; from the first one on that is not, entries
    /// are added one by one.
    pub(super) fn object(&mut self, span: Span, dst: Reg, entries: &'a [TemplateEntry]) {
        let fixed: Vec<(Str, &'a Expr)> = entries
            .iter()
            .map_while(fixed_field)
            .map(|(name, value)| (name.into(), value))
            .collect();
        self.shaped(span, dst, &fixed);
        for entry in entries.iter().skip(fixed.len()) {
            let mark = self.code.mark();
            match entry {
                TemplateEntry::Spread(value) => {
                    let src = self.value(value);
                    self.code.emit(value.span, Op::Spread { into: dst, src });
                }
                TemplateEntry::Field {
                    key,
                    optional,
                    value,
                } => {
                    let place = self.constant_in_temp(key.span, Value::string(key.node.as_str()));
                    let item = self.value(value);
                    let op = if *optional {
                        Op::InsertOpt {
                            map: dst,
                            key: place,
                            item,
                        }
                    } else {
                        Op::Insert {
                            map: dst,
                            key: place,
                            item,
                        }
                    };
                    self.code.emit(value.span, op);
                }
            }
            self.code.release(mark);
        }
    }

    pub(super) fn shaped(&mut self, span: Span, dst: Reg, fields: &[(Str, &'a Expr)]) {
        let mark = self.code.mark();
        let sources = fields.iter().map(|(_, value)| self.source(value)).collect();
        let names = fields.iter().map(|(name, _)| name.clone()).collect();
        self.object_of(span, dst, names, sources);
        self.code.release(mark);
    }

    /// Where the field of an object comes from. What is there already is taken from its place; only what has to be
    /// computed, or may fail, has a register of its own.
    pub(super) fn source(&mut self, expr: &'a Expr) -> Source {
        if let Some(value) = constant::fold(&self.project.checked.types, expr) {
            return Source::Const(self.project.tables.constant(value));
        }
        self.in_place(expr).unwrap_or_else(|| {
            let reg = self.temp();
            self.put(expr, reg);
            Source::Take(reg)
        })
    }

    fn in_place(&self, expr: &'a Expr) -> Option<Source> {
        if let Some(reg) = self.as_local(expr) {
            return Some(Source::Copy(reg));
        }
        if self.can_raise(expr) {
            return None;
        }
        let (base, path) = self.path_to(expr);
        match self.project.checked.types.globals.get(&base.id) {
            Some(Global::Context(what)) => Some(Source::Context(*what, path)),
            _ => Some(Source::Part(self.as_local(base)?, path)),
        }
    }

    /// An object of these fields.
    pub(super) fn object_of(
        &mut self,
        span: Span,
        dst: Reg,
        names: Vec<Str>,
        sources: Vec<Source>,
    ) {
        if names.is_empty() {
            let (first, count) = (dst, 0);
            return self.code.emit(span, Op::Map { dst, first, count });
        }
        let shape = self.project.tables.shape(names);
        let sources = self.project.tables.sources(sources);
        self.code.emit(
            span,
            Op::Object {
                dst,
                shape,
                sources,
            },
        );
    }

    pub(super) fn array(&mut self, span: Span, dst: Reg, items: &'a [TemplateItem]) {
        let plain: Vec<&'a Expr> = items.iter().map_while(plain_item).collect();
        self.list_of(span, dst, &plain);
        for item in items.iter().skip(plain.len()) {
            let mark = self.code.mark();
            match item {
                TemplateItem::Value(value) => {
                    let item = self.value(value);
                    self.code.emit(value.span, Op::Append { list: dst, item });
                }
                TemplateItem::Spread(value) => {
                    let src = self.value(value);
                    self.code.emit(value.span, Op::Spread { into: dst, src });
                }
            }
            self.code.release(mark);
        }
    }

    pub(super) fn interpolation(&mut self, span: Span, dst: Reg, parts: &'a [TextPart]) {
        let first = self.code.alloc(parts.len());
        for (part, reg) in parts.iter().zip(registers(first)) {
            match part {
                TextPart::Literal(text) => self.load(span, reg, Value::string(text.as_str())),
                TextPart::Value(value) => self.put(value, reg),
            }
        }
        self.code.emit(
            span,
            Op::Concat {
                dst,
                first,
                count: count(parts.len()),
            },
        );
    }
}

/// The name and value of a field that is there for certain.
pub(super) fn fixed_field(entry: &TemplateEntry) -> Option<(&str, &Expr)> {
    match entry {
        TemplateEntry::Field {
            key,
            optional: false,
            value,
        } => Some((&key.node, value)),
        TemplateEntry::Field { .. } | TemplateEntry::Spread(_) => None,
    }
}

/// The value of an item that is not a spread.
pub(super) fn plain_item(item: &TemplateItem) -> Option<&Expr> {
    match item {
        TemplateItem::Value(value) => Some(value),
        TemplateItem::Spread(_) => None,
    }
}
