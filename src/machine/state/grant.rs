//! What users were granted: a record for each family of refresh tokens, as long as it is good.

use super::table::Table;
use crate::value::Str;
use std::sync::LazyLock;

static SPACE: Str = Str::new_static("$grant");
static KEY: LazyLock<[Str; 1]> = LazyLock::new(|| [Str::new_static("id")]);
static SEALED: LazyLock<[Str; 1]> = LazyLock::new(|| [Str::new_static("grant")]);

/// Where grants lie: `id`, and what was granted in the sealed field `grant`.
#[must_use]
pub fn grants() -> Table<'static> {
    Table {
        space: &SPACE,
        key: &*KEY,
        indexes: &[],
        labelled: &*SEALED,
        retain: None,
        fields: None,
        blobs: &[],
        types: None,
    }
}
