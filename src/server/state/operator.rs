//! What an operator does with state while no server runs.

use super::{Refused, State, Unavailable, keyring, stores};
use crate::clock;
use crate::config::StartError;
use crate::limits::PAGE_ROWS;
use journey_machine::manifest::{Store, StoreId};
use journey_machine::program::Parts;
use journey_machine::schema::Types;
use journey_machine::state::table::Table;
use journey_machine::state::{
    Change, Codec, Commit, Found, Key, Place, Range, Row, grant, run, upload,
};
use journey_machine::value::{Str, Timestamp, Value};
use journey_machine::wire::store_from_bytes;

/// A store as the program that was served last declared it.
#[derive(Clone, Debug)]
pub struct Described(Parts);

impl Described {
    /// Its declaration.
    #[must_use]
    pub fn store(&self) -> Option<&Store> {
        self.0.manifest.stores.first()
    }

    /// What its records are made of.
    #[must_use]
    pub fn types(&self) -> &Types {
        &self.0.types
    }

    /// Where it is described itself.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.store().map(stores::place)
    }

    /// Where its records lie.
    #[must_use]
    pub fn table(&self) -> Option<Table<'_>> {
        Table::of(&self.0, StoreId(0))
    }
}

impl State {
    /// All stores there are, by name.
    ///
    /// # Errors
    /// State cannot be read.
    pub async fn stores(&self) -> Result<Vec<Described>, Unavailable> {
        let (mut stores, mut after) = (Vec::new(), None);
        loop {
            let page = self.page(&stores::SPACE, after.as_ref()).await?;
            let Some(last) = page.last() else {
                return Ok(stores);
            };
            after = Some(last.key.clone());
            stores.extend(page.iter().filter_map(described));
        }
    }

    /// Some of the rows of a space, those after a key, or the first; none: there are no more.
    ///
    /// # Errors
    /// State cannot be read.
    pub async fn page(&self, space: &Str, after: Option<&Key>) -> Result<Vec<Found>, Unavailable> {
        self.page_at(space, after, clock::timestamp()).await
    }

    /// The same of the rows that are there at `now`.
    pub(super) async fn page_at(
        &self,
        space: &Str,
        after: Option<&Key>,
        now: Timestamp,
    ) -> Result<Vec<Found>, Unavailable> {
        let range = Range {
            space: space.clone(),
            index: None,
            from: after.map_or_else(Key::new, |key| [key.as_slice(), &[0]].concat()),
            to: None,
            descending: false,
            max: PAGE_ROWS,
        };
        self.engine.range(&range, now).await
    }

    /// A row as a record is written now.
    #[must_use]
    pub fn row_of(&self, table: &Table<'_>, place: &Place, record: &Value) -> Option<Row> {
        Some(Row {
            data: self.seal(place, table.labelled, record)?,
            record: None,
            entries: table.entries(record).ok()?,
            expires: table.expires(clock::timestamp()),
        })
    }

    /// What becomes of a record that is deleted, and of the uploads that it keeps; `None`: it cannot be read.
    #[must_use]
    pub fn deletion(&self, table: &Table<'_>, found: &Found) -> Option<Vec<Change>> {
        let (space, key) = (table.space.clone(), found.key.clone());
        let place = Place { space, key };
        let mut changes = Vec::new();
        if !table.blobs.is_empty() {
            for id in upload::held(table, &self.open(&place, &found.data)?) {
                changes.push(Change::Delete(upload::place(&id, &place).ok()?));
            }
        }
        changes.push(Change::Delete(place));
        Some(changes)
    }

    /// What says that a record keeps its uploads.
    ///
    /// # Errors
    /// One of them is not there.
    pub fn keeping(
        &self,
        table: &Table<'_>,
        place: &Place,
        record: &Value,
    ) -> Result<Vec<Change>, String> {
        let ends = table.expires(clock::timestamp());
        let keeping = upload::held(table, record).into_iter().map(|id| {
            if !self.blobs.is_there(&id).unwrap_or_default() {
                return Err(format!("its upload {id} is not in this data folder"));
            }
            let place = upload::place(&id, place).map_err(|error| error.to_string())?;
            let row = upload::row(&id, &place, ends, self);
            let row = row.ok_or("a record cannot be written")?;
            Ok(Change::Put(place, row))
        });
        keeping.collect()
    }

    /// Deletes the uploads that nobody keeps.
    ///
    /// # Errors
    /// Their folder cannot be read.
    pub async fn clean_uploads(&self) -> std::io::Result<()> {
        self.blobs.gather().await?;
        self.blobs.settle(&*self.engine).await;
        Ok(())
    }

    /// Writes, whatever was there.
    ///
    /// # Errors
    /// Nothing was written: a unique value is taken, or state cannot be written.
    pub async fn write(&self, changes: Vec<Change>) -> Result<(), Refused> {
        let (now, seen) = (clock::timestamp(), Vec::new());
        self.engine.commit(Commit { now, seen, changes }).await
    }

    /// Seals everything by the first data key; the others are not needed any more.
    ///
    /// # Errors
    /// Something cannot be read or written; all keys are needed still.
    pub async fn rekey(&self) -> Result<(), StartError> {
        let fault = |what| StartError::Project(vec![what]);
        let described = self.stores().await;
        let described = described.map_err(|error| fault(error.to_string()))?;
        let tables = described.iter().filter_map(Described::table);
        let now = clock::timestamp();
        for table in tables.chain([run::runs(None), run::signals(), grant::grants()]) {
            stores::rewrite(self, &table, now).await.map_err(fault)?;
        }
        let uploads = self.blobs.rekey().await;
        uploads.map_err(|error| fault(error.to_string()))?;
        keyring::forget(self).await
    }
}

fn described(row: &Found) -> Option<Described> {
    let (store, types) = store_from_bytes(&row.data)?;
    let mut parts = Parts {
        types,
        ..Parts::default()
    };
    parts.manifest.stores = vec![store];
    Some(Described(parts))
}
