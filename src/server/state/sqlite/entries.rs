//! The index entries of a row, as one column of it: each the number of its index, the length of its value, its value.

/// An index by its number, and a value in it.
pub(super) type Entry = (i64, Vec<u8>);

const WIDTH: usize = 8;

/// Sorted, each once.
pub(super) fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, value) in entries {
        bytes.extend_from_slice(&index.to_le_bytes());
        bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
        bytes.extend_from_slice(value);
    }
    bytes
}

/// What [`encode`] was given. Of bytes it has not made, as much as there is.
pub(super) fn decode(mut bytes: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some((entry, rest)) = next(bytes) {
        entries.push(entry);
        bytes = rest;
    }
    entries
}

fn next(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (index, rest) = bytes.split_first_chunk::<WIDTH>()?;
    let (length, rest) = rest.split_first_chunk::<WIDTH>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (value, rest) = rest.split_at_checked(length)?;
    Some(((i64::from_le_bytes(*index), value.to_owned()), rest))
}
