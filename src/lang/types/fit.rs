//! When a type fits where another is wanted, and what two types have in common.

use super::{ObjectTy, Ty, TypeTable};
use crate::limits::{MAX_COMPARED, MAX_VALUES};
use journey_machine::limits::MAX_DEPTH;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Parts of the type of one binding.
const MAX_PARTS: usize = 5_000;

/// Is a type of moderate size? Bindings multiply what they hold, so each is measured.
pub(super) fn moderate(ty: &Ty) -> bool {
    fn parts(ty: &Ty, depth: usize, left: &mut usize) -> bool {
        let Some(rest) = left.checked_sub(1).filter(|_| depth < MAX_DEPTH) else {
            return false;
        };
        *left = rest;
        match ty {
            Ty::Nullable(inner) | Ty::List(inner) | Ty::Optional(inner) => {
                parts(inner, depth + 1, left)
            }
            Ty::Map(key, value) => parts(key, depth + 1, left) && parts(value, depth + 1, left),
            Ty::Object(object) => object.fields.iter().all(|f| parts(&f.ty, depth + 1, left)),
            _ => true,
        }
    }
    parts(ty, 0, &mut { MAX_PARTS })
}

/// What becomes of a value where it meets a declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It becomes JSON, which has one kind of number: an int is a double there.
    Json,
    /// It stays a value of the journey.
    Value,
}

/// Why a type does not fit.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Misfit {
    /// Fields from the outside in; `[]` stands for items or values.
    pub(super) path: Vec<String>,
    /// What is wrong there.
    pub(super) kind: MisfitKind,
}

/// Kinds of misfits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum MisfitKind {
    /// Another type.
    Type { got: Ty, want: Ty },
    /// The value lacks a field.
    Missing(String),
    /// The value may lack a field.
    MaybeMissing(String),
    /// The value has a field that is not wanted.
    Extra(String),
}

impl TypeTable {
    /// Does a value of type `got` fit where `want` is wanted?
    pub(super) fn fits(&self, got: &Ty, want: &Ty, used: Use) -> Result<(), Misfit> {
        let mut fit = Fit {
            table: self,
            used,
            assumed: BTreeSet::new(),
        };
        fit.fits(got, want, MAX_DEPTH).map_err(|mut misfit| {
            misfit.path.reverse();
            misfit
        })
    }

    /// Is this the type of what was uploaded, be it under another name?
    pub(super) fn is_blob<'t>(&'t self, mut ty: &'t Ty) -> bool {
        for _ in 0..=self.declared.len() {
            match ty {
                Ty::Named(name) if &**name == "blob" => return true,
                Ty::Named(name) => ty = self.declared.get(name).unwrap_or(&Ty::Error),
                _ => return false,
            }
        }
        false
    }

    /// Counts fields that are compared or copied; are these still within the limit?
    pub(super) fn compare(&self, fields: usize) -> bool {
        self.compared
            .set(self.compared.get().saturating_add(fields));
        self.compared.get() <= MAX_COMPARED
    }

    /// Begins to count anew; has the limit been kept?
    pub(super) fn recount(&self) -> bool {
        self.compared.replace(0) <= MAX_COMPARED
    }

    /// Could a value of one type equal one of the other?
    pub(crate) fn comparable(&self, a: &Ty, b: &Ty) -> bool {
        match (self.resolve(a), self.resolve(b)) {
            (Ty::Enum(_), Ty::Enum(_)) if self.cel => true,
            (Ty::Enum(a), Ty::Enum(b)) => a.iter().any(|v| b.contains(v)),
            (Ty::Nullable(_) | Ty::Null, Ty::Nullable(_)) | (Ty::Nullable(_), Ty::Null) => true,
            (Ty::Nullable(inner), other) | (other, Ty::Nullable(inner)) => {
                self.comparable(inner, other)
            }
            (Ty::Object(_) | Ty::Map(..), Ty::Object(_) | Ty::Map(..)) => true,
            (a, b) => self
                .join(a, b)
                .is_some_and(|ty| a == b || !matches!(ty, Ty::Nullable(_))),
        }
    }

    /// The smallest type that both fit.
    pub(super) fn join(&self, a: &Ty, b: &Ty) -> Option<Ty> {
        let both = |a: &Arc<Ty>, b: &Arc<Ty>| self.join(a, b).map(Arc::new);
        if let (Ty::Named(name), Ty::Named(other)) = (a, b)
            && name == other
        {
            return Some(a.clone());
        }
        if let (Ty::Never, other) | (other, Ty::Never) = (a, b) {
            return Some(other.clone());
        }
        match (self.resolve(a), self.resolve(b)) {
            (Ty::Error, _) | (_, Ty::Error) => Some(Ty::Error),
            (Ty::Never, other) | (other, Ty::Never) => Some(other.clone()),
            (Ty::Dyn, _) | (_, Ty::Dyn) => Some(Ty::Dyn),
            (Ty::Object(a), Ty::Object(b)) if Arc::ptr_eq(a, b) => Some(Ty::Object(a.clone())),
            (a, b) if a == b => Some(a.clone()),
            (Ty::Enum(a), Ty::Enum(b)) => Some(join_enums(a, b)),
            (Ty::Enum(_), Ty::String) | (Ty::String, Ty::Enum(_)) => Some(Ty::String),
            (Ty::Nullable(a), Ty::Nullable(b)) => both(a, b).map(Ty::Nullable),
            (Ty::Null, nullable @ Ty::Nullable(_)) | (nullable @ Ty::Nullable(_), Ty::Null) => {
                Some(nullable.clone())
            }
            (Ty::Null, other) | (other, Ty::Null) if self.cel => {
                let takes_null = matches!(
                    other,
                    Ty::Optional(_) | Ty::Opaque(..) | Ty::Timestamp | Ty::Duration
                );
                takes_null.then(|| other.clone())
            }
            (Ty::Null, other) | (other, Ty::Null) => Some(Ty::Nullable(Arc::new(other.clone()))),
            (Ty::Nullable(inner), other) | (other, Ty::Nullable(inner)) => {
                self.join(inner, other).map(|ty| Ty::Nullable(Arc::new(ty)))
            }
            (Ty::List(a), Ty::List(b)) => both(a, b).map(Ty::List),
            (Ty::Optional(a), Ty::Optional(b)) => both(a, b).map(Ty::Optional),
            (Ty::Opaque(name, a), Ty::Opaque(other, b)) if name == other && a.len() == b.len() => {
                let params: Option<Vec<Ty>> = a
                    .iter()
                    .zip(b.iter())
                    .map(|(a, b)| self.join(a, b))
                    .collect();
                Some(Ty::Opaque(name.clone(), params?.into()))
            }
            (Ty::Map(k, v), Ty::Map(l, w)) => Some(Ty::Map(both(k, l)?, both(v, w)?)),
            (a, b) if self.fits(a, b, Use::Value).is_ok() => Some(b.clone()),
            (a, b) if self.fits(b, a, Use::Value).is_ok() => Some(a.clone()),
            _ => None,
        }
    }

    /// A type without what only literals know (`"a"` is a string), and without a wrapper.
    pub(super) fn widen(&self, ty: &Ty) -> Ty {
        let ty = self.resolve(ty);
        match ty {
            Ty::Enum(_) => Ty::String,
            Ty::Nullable(inner) if self.cel => self.widen(inner),
            _ => ty.clone(),
        }
    }
}

fn join_enums(a: &[String], b: &[String]) -> Ty {
    let all: BTreeSet<&String> = a.iter().chain(b).collect();
    if all.len() > MAX_VALUES {
        Ty::String
    } else {
        Ty::Enum(all.into_iter().cloned().collect())
    }
}

fn misfit_of(got: &Ty, want: &Ty) -> Misfit {
    Misfit {
        path: Vec::new(),
        kind: MisfitKind::Type {
            got: got.clone(),
            want: want.clone(),
        },
    }
}

struct Fit<'t> {
    table: &'t TypeTable,
    used: Use,
    /// Pairs of names being compared already: types may refer to each other in circles.
    assumed: BTreeSet<(Arc<str>, Arc<str>)>,
}

impl Fit<'_> {
    fn fits(&mut self, got: &Ty, want: &Ty, depth: usize) -> Result<(), Misfit> {
        if let (Ty::Named(a), Ty::Named(b)) = (got, want)
            && (a == b || !self.assumed.insert((a.clone(), b.clone())))
        {
            return Ok(());
        }
        // A blob is what was uploaded: nothing else is one, whatever its fields.
        let table = self.table;
        if table.is_blob(want) && !table.is_blob(got) && !matches!(got, Ty::Error | Ty::Never) {
            return Err(misfit_of(got, want));
        }
        // No value nests deeper than this, so nothing deeper can matter.
        let Some(depth) = depth.checked_sub(1) else {
            return Ok(());
        };
        let fits = match (table.resolve(got), table.resolve(want)) {
            (Ty::Error | Ty::Never | Ty::Dyn, _) | (_, Ty::Error | Ty::Dyn) => true,
            (Ty::Enum(values), Ty::Enum(wanted)) => values.iter().all(|v| wanted.contains(v)),
            (Ty::Enum(_), Ty::String) | (Ty::Null, Ty::Nullable(_)) => true,
            (Ty::Int, Ty::Double) => self.used == Use::Json,
            (Ty::Nullable(got), Ty::Nullable(want)) => return self.fits(got, want, depth),
            (_, Ty::Nullable(want)) => return self.fits(got, want, depth),
            (Ty::Optional(got), Ty::Optional(want)) => return self.fits(got, want, depth),
            (Ty::List(got), Ty::List(want)) => return self.inside("[]", got, want, depth),
            (Ty::Map(key, got), Ty::Map(wanted, want)) => {
                self.inside("[]", key, wanted, depth)?;
                return self.inside("[]", got, want, depth);
            }
            (Ty::Object(got), Ty::Object(want)) if Arc::ptr_eq(got, want) => true,
            (Ty::Object(got), Ty::Object(want)) => return self.object(got, want, depth),
            (Ty::Object(got), Ty::Map(key, want)) => {
                self.fits(&Ty::String, key, depth)?;
                return got
                    .fields
                    .iter()
                    .try_for_each(|f| self.inside(&f.name, &f.ty, want, depth));
            }
            (got, want) => got == want,
        };
        if fits {
            return Ok(());
        }
        Err(misfit_of(got, want))
    }

    fn inside(&mut self, name: &str, got: &Ty, want: &Ty, depth: usize) -> Result<(), Misfit> {
        self.fits(got, want, depth).map_err(|mut misfit| {
            misfit.path.push(name.to_owned());
            misfit
        })
    }

    fn object(&mut self, got: &ObjectTy, want: &ObjectTy, depth: usize) -> Result<(), Misfit> {
        if !self
            .table
            .compare(got.fields.len().saturating_add(want.fields.len()))
        {
            return Ok(());
        }
        let misfit = |kind| {
            Err(Misfit {
                path: Vec::new(),
                kind,
            })
        };
        for field in &want.fields {
            match got.field(&field.name) {
                Some((_, own)) if own.optional && !field.optional => {
                    return misfit(MisfitKind::MaybeMissing(field.name.clone()));
                }
                Some((_, own)) => self.inside(&field.name, &own.ty, &field.ty, depth)?,
                None if field.optional => {}
                None => return misfit(MisfitKind::Missing(field.name.clone())),
            }
        }
        match got.fields.iter().find(|f| want.field(&f.name).is_none()) {
            Some(extra) if !want.open => misfit(MisfitKind::Extra(extra.name.clone())),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::FieldTy;
    use proptest::prelude::*;

    fn types() -> impl Strategy<Value = Ty> {
        let leaf = prop_oneof![
            Just(Ty::Never),
            Just(Ty::Null),
            Just(Ty::Bool),
            Just(Ty::Int),
            Just(Ty::Double),
            Just(Ty::String),
            Just(Ty::Named("Node".into())),
            prop::collection::btree_set("[abc]", 1..3)
                .prop_map(|values| Ty::Enum(values.into_iter().collect())),
        ];
        leaf.prop_recursive(3, 24, 3, |inner| {
            let field = (inner.clone(), any::<bool>());
            let nullable = |ty| match ty {
                Ty::Null | Ty::Nullable(_) => ty,
                other => Ty::Nullable(Arc::new(other)),
            };
            prop_oneof![
                inner.clone().prop_map(|ty| Ty::List(Arc::new(ty))),
                inner.clone().prop_map(|ty| Ty::Optional(Arc::new(ty))),
                inner
                    .clone()
                    .prop_map(|ty| Ty::Map(Arc::new(Ty::String), Arc::new(ty))),
                inner.prop_map(nullable),
                prop::collection::btree_map("[xyz]", field, 0..3).prop_map(|fields| {
                    let field = |(name, (ty, optional)): (String, (Ty, bool))| FieldTy {
                        optional,
                        ..FieldTy::new(name, ty)
                    };
                    let fields = fields.into_iter().map(field).collect();
                    Ty::Object(Arc::new(ObjectTy::new(fields, false)))
                }),
            ]
        })
    }

    /// `type Node { next?: Node }`
    fn table() -> TypeTable {
        let mut table = TypeTable::default();
        let next = FieldTy::maybe("next", Ty::Named("Node".into()));
        let node = Ty::Object(Arc::new(ObjectTy::new(vec![next], false)));
        table.declared.insert("Node".into(), node);
        table
    }

    proptest! {
        #[test]
        fn every_type_fits_itself(ty in types()) {
            prop_assert_eq!(table().fits(&ty, &ty, Use::Value), Ok(()));
        }

        #[test]
        fn both_types_fit_what_they_have_in_common(a in types(), b in types()) {
            let table = table();
            if let Some(common) = table.join(&a, &b) {
                prop_assert_eq!(table.fits(&a, &common, Use::Value), Ok(()));
                prop_assert_eq!(table.fits(&b, &common, Use::Value), Ok(()));
            }
        }

        #[test]
        fn what_fits_fits_as_json_too(a in types(), b in types()) {
            let table = table();
            if table.fits(&a, &b, Use::Value).is_ok() {
                prop_assert_eq!(table.fits(&a, &b, Use::Json), Ok(()));
            }
        }
    }
}
