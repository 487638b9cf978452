//! Which data keys state was sealed by: whoever opens it must have all of them.

use super::{KeyId, Refused, State, Unavailable};
use crate::config::StartError;
use journey_machine::state::{Change, Key, Place, Row};
use journey_machine::value::Str;

const SPACE: Str = Str::new_static("$key");

/// Refuses to go on without a key that something may be sealed by; takes down the one that seals from now on.
///
/// # Errors
/// The sentence that says which key is missing.
pub(super) async fn check(state: &State) -> Result<(), StartError> {
    let used = used(state).await.map_err(unusable)?;
    let given: Vec<Key> = state.keys.ids().map(name).collect();
    if let Some(missing) = used.iter().find(|key| !given.contains(key)) {
        return Err(StartError::Project(vec![format!(
            "state was sealed by data key {}, which is missing: set JOURNEY_DATA_KEYS to all data keys, the one that is to seal first",
            String::from_utf8_lossy(missing)
        )]));
    }
    match given.into_iter().next() {
        Some(current) if !used.contains(&current) => note(state, current).await.map_err(unusable),
        _ => Ok(()),
    }
}

/// Everything is sealed by the first key: the others may be taken away.
///
/// # Errors
/// State cannot be read or written.
pub(super) async fn forget(state: &State) -> Result<(), StartError> {
    let current = state.keys.ids().next().map(name);
    let used = used(state).await.map_err(unusable)?;
    let former = used.into_iter().filter(|key| Some(key) != current.as_ref());
    let former = former.map(|key| Change::Delete(Place { space: SPACE, key }));
    state.write(former.collect()).await.map_err(unusable)
}

async fn used(state: &State) -> Result<Vec<Key>, Unavailable> {
    let found = state.page(&SPACE, None).await?;
    Ok(found.into_iter().map(|row| row.key).collect())
}

async fn note(state: &State, key: Key) -> Result<(), Refused> {
    let row = Row {
        data: Vec::new(),
        record: None,
        entries: Vec::new(),
        expires: None,
    };
    let change = Change::Put(Place { space: SPACE, key }, row);
    state.write(vec![change]).await
}

fn name(id: KeyId) -> Key {
    id.to_string().into_bytes()
}

fn unusable(error: impl std::fmt::Display) -> StartError {
    StartError::Project(vec![format!("{error}; the log says more")])
}
