//! Which data keys state was sealed by: whoever opens it must have all of them.

use super::{KeyId, Refused, State, Unavailable};
use crate::clock;
use crate::config::StartError;
use crate::limits::MAX_DATA_KEYS;
use journey_machine::state::{Change, Commit, Key, Place, Range, Row};
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

async fn used(state: &State) -> Result<Vec<Key>, Unavailable> {
    let all = Range {
        space: SPACE,
        index: None,
        from: Key::new(),
        to: None,
        descending: false,
        max: MAX_DATA_KEYS,
    };
    let found = state.engine.range(&all, clock::timestamp()).await?;
    Ok(found.into_iter().map(|row| row.key).collect())
}

async fn note(state: &State, key: Key) -> Result<(), Refused> {
    let row = Row {
        data: Vec::new(),
        entries: Vec::new(),
        expires: None,
    };
    let commit = Commit {
        now: clock::timestamp(),
        seen: Vec::new(),
        changes: vec![Change::Put(Place { space: SPACE, key }, row)],
    };
    state.engine.commit(commit).await
}

fn name(id: KeyId) -> Key {
    id.to_string().into_bytes()
}

fn unusable(error: impl std::fmt::Display) -> StartError {
    StartError::Project(vec![format!("{error}; the log says more")])
}
