//! How large a value may be: by its declared type and the limits written there, or by how it is made.

use super::declared::Declared;
use super::range::Range;
use crate::Checked;
use crate::ast::{Limit, Spanned, TypeExpr, TypeKind};
use crate::types::{FieldTy, ObjectTy, Ty};
use journey_machine::limits::{MAX_JSON_NODES, MAX_VALUE_BYTES};
use journey_machine::value::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Bytes of a value without what it points to.
const HEAD: u64 = size_of::<Value>() as u64;
/// Bytes of an empty list or map.
const EMPTY: u64 = 2 * HEAD;
/// Bytes of the largest value.
const LARGEST: u64 = MAX_VALUE_BYTES as u64;
/// Bytes of one character in UTF-8, at most.
const CHARACTER: u64 = 4;

/// How large a value may be. An optional is as large as what it holds.
#[derive(Clone, Debug)]
pub(super) enum Size<'a> {
    /// A number, a flag, a point in time.
    Scalar,
    /// A text of so many characters, or so many bytes.
    Text(Range),
    /// A list of so many items, none larger than this.
    Items(Range, Rc<Self>),
    /// A map of so many entries, no key and no value larger than these.
    Entries(Range, Rc<(Self, Self)>),
    /// An object with these fields.
    Fields(Rc<BTreeMap<&'a str, Self>>),
    /// Anything of so many bytes.
    Bytes(u64),
    /// Anything of this type; where it is declared there may be limits.
    Typed(Ty, Option<&'a TypeExpr>),
}

/// Answers how large something is.
pub(super) struct Sizes<'a> {
    checked: &'a Checked<'a>,
    declared: Declared<'a>,
    /// Of declared types, by name. One that is being asked for is part of itself, so it has no bound of its own.
    named: RefCell<BTreeMap<String, u64>>,
}

impl<'a> Sizes<'a> {
    pub(super) fn new(checked: &'a Checked<'a>) -> Self {
        Self {
            checked,
            declared: super::declared::all(checked.files),
            named: RefCell::default(),
        }
    }

    /// Characters, bytes, items or entries.
    pub(super) fn count(&self, size: &Size<'a>) -> Range {
        match size {
            Size::Scalar => Range::ZERO,
            Size::Text(count) | Size::Items(count, _) | Size::Entries(count, _) => *count,
            Size::Fields(fields) => Range::exactly(fields.len() as u64),
            Size::Bytes(bytes) => Range::up_to(*bytes),
            Size::Typed(ty, declared) => self.count_of(ty, *declared),
        }
    }

    /// Turns of a loop through it.
    pub(super) fn turns(&self, size: &Size<'a>) -> Range {
        match size {
            Size::Bytes(bytes) => Range::up_to(bytes / HEAD),
            other => self.count(other),
        }
    }

    fn count_of(&self, ty: &Ty, declared: Option<&'a TypeExpr>) -> Range {
        let within = |most| lengths(self.limits(declared), most);
        let items = declared.map_or(LARGEST / HEAD, |_| MAX_JSON_NODES as u64);
        match self.checked.types.resolve(ty) {
            Ty::String | Ty::Bytes => within(LARGEST / CHARACTER),
            Ty::Enum(values) => {
                Range::up_to(values.iter().map(String::len).max().unwrap_or(0) as u64)
            }
            Ty::List(_) => within(items),
            Ty::Object(object) if !object.open => present(object),
            Ty::Nullable(inner) | Ty::Optional(inner) => self.count_of(inner, declared).or_none(),
            Ty::Map(..) | Ty::Object(_) | Ty::Dyn | Ty::Error => Range::up_to(items),
            _ => Range::ZERO,
        }
    }

    /// Bytes it takes with everything inside, at most.
    pub(super) fn bytes(&self, size: &Size<'a>) -> u64 {
        let bytes = match size {
            Size::Scalar => HEAD,
            Size::Text(count) => text(*count),
            Size::Items(count, item) => many(*count, self.bytes(item)),
            Size::Entries(count, parts) => many(
                *count,
                self.bytes(&parts.0).saturating_add(self.bytes(&parts.1)),
            ),
            Size::Fields(fields) => {
                let field =
                    |(name, size): (&&str, &Size<'a>)| HEAD + name.len() as u64 + self.bytes(size);
                fields.iter().map(field).fold(EMPTY, u64::saturating_add)
            }
            Size::Bytes(bytes) => *bytes,
            Size::Typed(ty, declared) => self.bytes_of(ty, *declared),
        };
        bytes.min(LARGEST)
    }

    fn bytes_of(&self, ty: &Ty, declared: Option<&'a TypeExpr>) -> u64 {
        match ty {
            Ty::Named(name) => self.bytes_of_named(name, ty),
            Ty::String | Ty::Enum(_) | Ty::Bytes => text(self.count_of(ty, declared)),
            Ty::List(item) => {
                let item = Size::Typed(Ty::clone(item), self.item_type(declared));
                many(self.count_of(ty, declared), self.bytes(&item))
            }
            Ty::Object(object) if !object.open => {
                let field =
                    |f: &FieldTy| HEAD + f.name.len() as u64 + self.bytes(&self.declared_field(f));
                object
                    .fields
                    .iter()
                    .map(field)
                    .fold(EMPTY, u64::saturating_add)
            }
            Ty::Nullable(inner) | Ty::Optional(inner) => {
                EMPTY.saturating_add(self.bytes_of(inner, declared))
            }
            Ty::Map(..) | Ty::Object(_) | Ty::Dyn | Ty::Error => LARGEST,
            _ => HEAD,
        }
    }

    fn bytes_of_named(&self, name: &str, ty: &Ty) -> u64 {
        if let Some(known) = self.named.borrow().get(name) {
            return *known;
        }
        self.named.borrow_mut().insert(name.to_owned(), LARGEST);
        let declared = self.checked.names.types.get(name).map(|decl| &decl.ty);
        let definition = self.checked.types.resolve(ty).clone();
        let bytes = self.bytes(&Size::Typed(definition, declared));
        self.named.borrow_mut().insert(name.to_owned(), bytes);
        bytes
    }

    /// An item of a list, or a value of a map or an object.
    pub(super) fn item(&self, size: &Size<'a>) -> Size<'a> {
        match size {
            Size::Items(_, item) => Size::clone(item),
            Size::Entries(_, parts) => parts.1.clone(),
            Size::Typed(ty, declared) => match self.checked.types.resolve(ty) {
                Ty::List(item) => Size::Typed(Ty::clone(item), self.item_type(*declared)),
                Ty::Map(_, value) => Size::Typed(Ty::clone(value), None),
                Ty::Nullable(inner) | Ty::Optional(inner) => {
                    self.item(&Size::Typed(Ty::clone(inner), *declared))
                }
                _ => Size::Bytes(LARGEST),
            },
            other => Size::Bytes(self.bytes(other)),
        }
    }

    /// A key of a map.
    pub(super) fn key(&self, size: &Size<'a>) -> Size<'a> {
        match size {
            Size::Entries(_, parts) => parts.0.clone(),
            other => Size::Bytes(self.bytes(other)),
        }
    }

    /// A field of an object; `None`: nothing is known of it.
    pub(super) fn field(&self, size: &Size<'a>, name: &str) -> Option<Size<'a>> {
        match size {
            Size::Fields(fields) => fields.get(name).cloned(),
            Size::Entries(_, parts) => Some(parts.1.clone()),
            Size::Typed(ty, declared) => match self.checked.types.resolve(ty) {
                Ty::Object(object) => object.field(name).map(|(_, f)| self.declared_field(f)),
                Ty::Nullable(inner) | Ty::Optional(inner) => {
                    self.field(&Size::Typed(Ty::clone(inner), *declared), name)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn declared_field(&self, field: &FieldTy) -> Size<'a> {
        let declared = field.declared.and_then(|span| self.declared.get(&span));
        Size::Typed(field.ty.clone(), declared.copied())
    }

    /// One or the other.
    pub(super) fn either(&self, a: Size<'a>, b: Size<'a>) -> Size<'a> {
        match (a, b) {
            (Size::Scalar, Size::Scalar) => Size::Scalar,
            (Size::Text(a), Size::Text(b)) => Size::Text(a.or(b)),
            (Size::Items(a, x), Size::Items(b, y)) => {
                Size::Items(a.or(b), self.either_part(a, x, b, y))
            }
            (a, b) => Size::Bytes(self.bytes(&a).max(self.bytes(&b))),
        }
    }

    /// Items of one list or the other; one without items says nothing of them.
    fn either_part(&self, a: Range, x: Rc<Size<'a>>, b: Range, y: Rc<Size<'a>>) -> Rc<Size<'a>> {
        match (a.max, b.max) {
            (0, _) => y,
            (_, 0) => x,
            _ => Rc::new(self.either(Size::clone(&x), Size::clone(&y))),
        }
    }

    /// A type as written, without its label, its name and `null`.
    fn written(&self, mut ty: &'a TypeExpr) -> &'a TypeExpr {
        // Names that stand for each other in a circle were refused: the count only guards against it.
        for _ in 0..=self.checked.names.types.len() {
            ty = match &ty.kind {
                TypeKind::Labelled(_, inner) => inner,
                TypeKind::Named(name) => match self.checked.names.types.get(name.as_str()) {
                    Some(decl) => &decl.ty,
                    None => return ty,
                },
                TypeKind::Union(members) => {
                    let is_null =
                        |m: &&TypeExpr| matches!(&m.kind, TypeKind::Named(n) if n == "null");
                    match members.iter().find(|m| !is_null(m)) {
                        Some(member) => member,
                        None => return ty,
                    }
                }
                _ => return ty,
            };
        }
        ty
    }

    fn item_type(&self, declared: Option<&'a TypeExpr>) -> Option<&'a TypeExpr> {
        match &self.written(declared?).kind {
            TypeKind::List { item, .. } => Some(item),
            _ => None,
        }
    }

    fn limits(&self, declared: Option<&'a TypeExpr>) -> &'a [Spanned<Limit>] {
        match declared.map(|ty| &self.written(ty).kind) {
            Some(TypeKind::List { limits, .. } | TypeKind::Limited { limits, .. }) => limits,
            _ => &[],
        }
    }
}

fn text(count: Range) -> u64 {
    HEAD.saturating_add(count.max.saturating_mul(CHARACTER))
}

fn many(count: Range, each: u64) -> u64 {
    EMPTY.saturating_add(count.max.saturating_mul(each))
}

/// Fields that are always there, and all.
fn present(object: &ObjectTy) -> Range {
    let always = object.fields.iter().filter(|f| !f.optional).count();
    Range {
        min: always as u64,
        max: object.fields.len() as u64,
    }
}

/// The lengths that limits leave, of `0..=most`.
fn lengths(limits: &[Spanned<Limit>], most: u64) -> Range {
    let mut range = Range::up_to(most);
    for limit in limits {
        let (low, high) = match &limit.node {
            Limit::Range(low, high) => (*low, *high),
            Limit::Above(low) => (Some(low + 1.0), None),
            Limit::AtLeast(low) => (Some(*low), None),
            Limit::Below(high) => (None, Some(high - 1.0)),
            Limit::AtMost(high) => (None, Some(*high)),
            Limit::Pattern(_) | Limit::Media(_) => (None, None),
        };
        range.min = range.min.max(low.map_or(0, whole));
        range.max = range.max.min(high.map_or(most, whole));
    }
    range
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a double goes to the nearest number there is"
)]
fn whole(n: f64) -> u64 {
    n as u64
}
