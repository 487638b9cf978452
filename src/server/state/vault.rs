//! What is labelled `secret` or `pii` is encrypted at rest.
//!
//! A box is sealed by AES-256-GCM with a key of its own, which HKDF makes of a data key and 24 random bytes, so no number
//! of boxes wears a data key out. A box belongs to its place: moved to another row it cannot be opened.

mod keys;
mod opened;
pub(super) mod stream;

pub use keys::{DataKeys, KeyId};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use journey_machine::state::Place;
use keys::DataKey;
use opened::Plain;
use zeroize::Zeroizing;

/// Random bytes of a box.
const SALT: usize = 24;
/// Says what derived keys are for, and of which format the box is.
const PURPOSE: &[u8] = b"journey state box 1";

impl DataKeys {
    /// Seals for a place: the key's id, the random bytes, the ciphertext with its tag. `None`: the system has no
    /// randomness to give.
    #[must_use]
    pub fn seal(&self, place: &Place, plain: &[u8]) -> Option<Vec<u8>> {
        let key = self.current();
        let mut salt = [0; SALT];
        aws_lc_rs::rand::fill(&mut salt).ok()?;
        let mut text = plain.to_vec();
        let once = derive(key, PURPOSE, &salt)?;
        once.seal_in_place_append_tag(nonce(), owner(place), &mut text)
            .ok()?;
        Some([&key.id.0, &salt[..], &text].concat())
    }

    /// Opens what was sealed for this place; `None`: by none of the keys, or it is not as it was.
    #[must_use]
    pub fn unseal(&self, place: &Place, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if let Some(plain) = self.opened.get(place, sealed) {
            return Some(plain);
        }
        let plain = self.decrypt(place, sealed)?;
        self.opened.keep(place, sealed, &plain);
        Some(plain)
    }

    fn decrypt(&self, place: &Place, sealed: &[u8]) -> Option<Plain> {
        let (id, rest) = sealed.split_first_chunk()?;
        let (salt, text) = rest.split_first_chunk()?;
        let mut text = Zeroizing::new(text.to_vec());
        let once = derive(self.find(KeyId(*id))?, PURPOSE, salt)?;
        let length = once
            .open_in_place(nonce(), owner(place), &mut text)
            .ok()?
            .len();
        text.truncate(length);
        Some(text)
    }
}

/// The key of one box, or of one upload.
fn derive(key: &DataKey, purpose: &[u8], salt: &[u8; SALT]) -> Option<LessSafeKey> {
    let info: [&[u8]; 2] = [purpose, salt];
    let material = key.secret.expand(&info, &AES_256_GCM).ok()?;
    Some(LessSafeKey::new(UnboundKey::from(material)))
}

/// Each key is used once, so its nonce need not differ.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn owner(place: &Place) -> Aad<Vec<u8>> {
    let length = (place.space.len() as u64).to_le_bytes();
    Aad::from([&length, place.space.as_bytes(), &place.key].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey_machine::value::Str;

    fn place(key: u8) -> Place {
        Place {
            space: Str::from("people"),
            key: vec![key],
        }
    }

    #[test]
    fn a_box_opens_at_its_place_only_and_as_it_was_only() {
        let keys = DataKeys::temporary().unwrap();
        let sealed = keys.seal(&place(1), b"Ada").unwrap();
        assert_eq!(keys.unseal(&place(1), &sealed).unwrap().as_slice(), b"Ada");
        assert_eq!(keys.unseal(&place(2), &sealed), None);
        assert_eq!(
            DataKeys::temporary().unwrap().unseal(&place(1), &sealed),
            None
        );
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert_eq!(keys.unseal(&place(1), &changed), None, "byte {i}");
            assert_eq!(keys.unseal(&place(1), &sealed[..i]), None, "{i} bytes");
        }
    }

    #[test]
    fn no_box_is_like_another_and_none_shows_what_is_in_it() {
        let keys = DataKeys::temporary().unwrap();
        let [a, b] = [(); 2].map(|()| keys.seal(&place(1), b"Ada Lovelace").unwrap());
        assert_ne!(a, b);
        assert!(!a.windows(3).any(|window| window == b"Ada"));
    }
}
