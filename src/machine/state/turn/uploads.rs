//! Uploads that a turn keeps and frees, with the records that hold them.

use super::{Table, Turn};
use crate::state::upload::{self, held};
use crate::state::{Change, Codec, Place};
use crate::value::{EvalError, Str, Value};
use std::collections::BTreeSet;

/// What becomes of uploads with a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Uploads {
    /// The record keeps these.
    keeps: BTreeSet<Str>,
    /// These of them it did not keep before.
    adds: BTreeSet<Str>,
    /// It kept these, and does not keep them any more.
    frees: BTreeSet<Str>,
}

impl Turn {
    /// Uploads that records keep once this turn is written, and did not before; and those that they do not keep any more.
    #[must_use]
    pub fn moved_uploads(&self) -> (BTreeSet<Str>, BTreeSet<Str>) {
        let (mut kept, mut freed) = (BTreeSet::new(), BTreeSet::new());
        for pending in self.changes.values() {
            kept.extend(pending.uploads.adds.iter().cloned());
            freed.extend(pending.uploads.frees.iter().cloned());
        }
        (kept, freed)
    }

    /// What becomes of uploads as the record at a place becomes this.
    pub(super) fn uploads(
        &self,
        table: &Table<'_>,
        place: &Place,
        record: Option<&Value>,
    ) -> Uploads {
        if table.blobs.is_empty() {
            return Uploads::default();
        }
        let stored = self.rows.get(place).and_then(Option::as_ref);
        let stored = stored.and_then(|row| row.record.as_ref());
        let before = stored.map_or_else(BTreeSet::new, |stored| held(table, stored));
        let keeps = record.map_or_else(BTreeSet::new, |record| held(table, record));
        Uploads {
            adds: keeps.difference(&before).cloned().collect(),
            frees: before.difference(&keeps).cloned().collect(),
            keeps,
        }
    }

    /// A row for each upload that is kept, and none for those that are freed.
    pub(super) fn change_uploads(
        &self,
        codec: &impl Codec,
        changes: &mut Vec<Change>,
    ) -> Result<(), EvalError> {
        for (owner, pending) in &self.changes {
            for id in &pending.uploads.keeps {
                let place = upload::place(id, owner)?;
                let row = upload::row(id, &place, pending.expires, codec);
                let row = row.ok_or_else(|| EvalError::fixed("a record cannot be written"))?;
                changes.push(Change::Put(place, row));
            }
            for id in &pending.uploads.frees {
                changes.push(Change::Delete(upload::place(id, owner)?));
            }
        }
        Ok(())
    }
}
