//! Data keys: the first seals, all open. From `JOURNEY_DATA_KEYS`, or made at the first start and kept in the data folder.

use super::opened::Opened;
use crate::config::StartError;
use crate::data::Folder;
use crate::settings::Sources;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const FILE: &str = "data-keys.json";
const VARIABLE: &str = "JOURNEY_DATA_KEYS";
/// Bytes of a key.
const LENGTH: usize = 32;

/// Names a data key without giving it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub(super) [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

pub(super) struct DataKey {
    pub(super) id: KeyId,
    pub(super) secret: Prk,
}

/// The data keys in use.
pub struct DataKeys {
    current: DataKey,
    former: Vec<DataKey>,
    pub(super) opened: Opened,
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

/// What the folder holds, the key that seals first.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Stored {
    keys: Vec<String>,
}

impl DataKeys {
    /// The given keys, then those of the folder; one is made and kept there if there are none.
    ///
    /// # Errors
    /// A key is none, or the file cannot be read or written.
    pub fn load(folder: &Folder, sources: &Sources) -> Result<Self, StartError> {
        let given = sources.secret(VARIABLE).map_err(unusable)?;
        let given = given.map(|text| Zeroizing::new(text.to_string()));
        let given = given.iter().flat_map(|text| separate(text));
        let mut keys = given.map(|text| read(text).ok_or_else(|| unusable(malformed())));
        let mut keys: Vec<DataKey> = keys.by_ref().collect::<Result<_, _>>()?;
        let stored: Option<Stored> = folder.read(FILE)?;
        for text in stored.iter().flat_map(|stored| &stored.keys) {
            keys.push(read(text).ok_or_else(|| folder.fault(FILE, damaged()))?);
        }
        match Self::of(keys) {
            Some(keys) => Ok(keys),
            None => Self::make(folder),
        }
    }

    /// A key nobody else has, for state that ends with the process; `None`: the system has no randomness to give.
    #[must_use]
    pub fn temporary() -> Option<Self> {
        Self::of(vec![read(&random()?)?])
    }

    /// Names of all keys, the one that seals first.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        std::iter::once(&self.current)
            .chain(&self.former)
            .map(|key| key.id)
    }

    pub(super) fn current(&self) -> &DataKey {
        &self.current
    }

    pub(super) fn find(&self, id: KeyId) -> Option<&DataKey> {
        let mut all = std::iter::once(&self.current).chain(&self.former);
        all.find(|key| key.id == id)
    }

    fn of(keys: Vec<DataKey>) -> Option<Self> {
        let mut keys = keys.into_iter();
        Some(Self {
            current: keys.next()?,
            former: keys.collect(),
            opened: Opened::default(),
        })
    }

    fn make(folder: &Folder) -> Result<Self, StartError> {
        let no_randomness = || folder.fault(FILE, "the system has no random numbers to give");
        let text = random().ok_or_else(no_randomness)?;
        let keys = read(&text).and_then(|key| Self::of(vec![key]));
        let stored = Stored {
            keys: vec![text.to_string()],
        };
        folder.write(FILE, &stored)?;
        keys.ok_or_else(no_randomness)
    }
}

/// Keys stand in one text, with commas or white space between them.
fn separate(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| c == ',' || c.is_ascii_whitespace());
    words.filter(|word| !word.is_empty())
}

fn read(text: &str) -> Option<DataKey> {
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    if bytes.len() != LENGTH {
        return None;
    }
    let named = Zeroizing::new([b"journey data key ".as_slice(), &bytes].concat());
    let id = digest(&SHA256, &named);
    Some(DataKey {
        id: KeyId(*id.as_ref().first_chunk()?),
        secret: Prk::new_less_safe(HKDF_SHA256, &bytes),
    })
}

fn random() -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).ok()?;
    Some(Zeroizing::new(STANDARD.encode(bytes.as_slice())))
}

fn unusable(what: String) -> StartError {
    StartError::Project(vec![what])
}

fn malformed() -> String {
    format!(
        "{VARIABLE} is no list of data keys: each is {LENGTH} bytes in base64, as `openssl rand -base64 {LENGTH}` makes them, with commas between them"
    )
}

fn damaged() -> &'static str {
    "a key in it is damaged; restore it from a backup: what was sealed by it cannot be read without it"
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const SECOND: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

    fn given(text: &str) -> Sources {
        Sources {
            variables: [(VARIABLE.to_owned(), text.to_owned())].into(),
            ..Sources::default()
        }
    }

    fn ids(folder: &Folder, sources: &Sources) -> Vec<KeyId> {
        DataKeys::load(folder, sources).unwrap().ids().collect()
    }

    #[test]
    fn one_is_made_once_and_given_ones_come_before_it() {
        let path = tempfile::tempdir().unwrap();
        let folder = Folder::open(path.path()).unwrap();
        let made = ids(&folder, &Sources::default());
        assert_eq!(made.len(), 1);
        assert_eq!(ids(&folder, &Sources::default()), made);
        let both = ids(&folder, &given(&format!("{FIRST},\n {SECOND}\n")));
        assert_eq!(both.len(), 3);
        assert_eq!(both[2], made[0]);
        assert_ne!(both[0], both[1]);
        assert_eq!(ids(&folder, &given(FIRST))[0], both[0]);
    }

    #[test]
    fn given_ones_are_not_kept_in_the_folder() {
        let path = tempfile::tempdir().unwrap();
        let folder = Folder::open(path.path()).unwrap();
        assert_eq!(ids(&folder, &given(FIRST)).len(), 1);
        assert!(!path.path().join(FILE).exists());
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        let path = tempfile::tempdir().unwrap();
        let folder = Folder::open(path.path()).unwrap();
        for wrong in ["hunter2", "AAEC", &format!("{FIRST}{SECOND}")] {
            let error = DataKeys::load(&folder, &given(wrong))
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("is no list of data keys") && !error.contains(wrong),
                "{error}"
            );
        }
    }
}
