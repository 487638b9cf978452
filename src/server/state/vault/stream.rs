//! Uploads are encrypted too, piece by piece, so that one of any size needs little memory while it comes in.
//!
//! `format, id of the data key, random bytes`, then pieces of [`PIECE`] bytes, each with its tag. The key of an upload is
//! its own, made as that of a box is; the nonce of a piece is its number and whether it is the last, so that none can be
//! left out, moved or put into another upload.

use super::{DataKeys, KeyId, SALT, derive};
use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};

/// Bytes of a piece before it is sealed.
pub(in crate::state) const PIECE: usize = 64 * 1024;
const FORMAT: u8 = 1;
/// Says what derived keys are for, and of which format the upload is.
const PURPOSE: &[u8] = b"journey upload 1";
/// Bytes that sealing adds to a piece.
const TAG: usize = 16;

/// Seals the pieces of one upload in their order.
pub(in crate::state) struct Sealer(Pieces);

/// Where in its upload a piece is.
struct Pieces {
    key: LessSafeKey,
    name: Vec<u8>,
    count: u64,
}

impl DataKeys {
    /// Begins an upload of this name, with the bytes that stand before all pieces. `None`: the system has no randomness
    /// to give.
    pub(in crate::state) fn sealer(&self, name: &str) -> Option<(Vec<u8>, Sealer)> {
        let key = self.current();
        let mut salt = [0; SALT];
        aws_lc_rs::rand::fill(&mut salt).ok()?;
        let head = [&[FORMAT][..], &key.id.0, &salt].concat();
        let pieces = Pieces::new(derive(key, PURPOSE, &salt)?, name);
        Some((head, Sealer(pieces)))
    }

    /// The upload of this name; `None`: none of the keys opens it, or it is not as it was.
    pub(in crate::state) fn unseal_upload(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let ([FORMAT], rest) = sealed.split_first_chunk()? else {
            return None;
        };
        let (id, rest) = rest.split_first_chunk()?;
        let (salt, mut rest) = rest.split_first_chunk()?;
        let mut pieces = Pieces::new(derive(self.find(KeyId(*id))?, PURPOSE, salt)?, name);
        let mut plain = Vec::with_capacity(rest.len());
        loop {
            let (piece, after) = rest.split_at_checked(PIECE + TAG).unwrap_or((rest, &[]));
            pieces.unseal(piece, after.is_empty(), &mut plain)?;
            if after.is_empty() {
                return Some(plain);
            }
            rest = after;
        }
    }
}

impl Sealer {
    /// Seals the next piece where it is; `None`: it is too long.
    pub(in crate::state) fn seal(&mut self, piece: &mut Vec<u8>, is_last: bool) -> Option<()> {
        let nonce = self.0.nonce(is_last);
        let name = Aad::from(self.0.name.as_slice());
        let sealed = self.0.key.seal_in_place_append_tag(nonce, name, piece);
        sealed.ok()
    }
}

impl Pieces {
    fn new(key: LessSafeKey, name: &str) -> Self {
        let name = name.as_bytes().to_vec();
        Self {
            key,
            name,
            count: 0,
        }
    }

    fn nonce(&mut self, is_last: bool) -> Nonce {
        let mut nonce = [0; 12];
        let (number, end) = nonce.split_at_mut(8);
        number.copy_from_slice(&self.count.to_le_bytes());
        end.fill(is_last.into());
        self.count += 1;
        Nonce::assume_unique_for_key(nonce)
    }

    fn unseal(&mut self, piece: &[u8], is_last: bool, plain: &mut Vec<u8>) -> Option<()> {
        let (nonce, mut piece) = (self.nonce(is_last), piece.to_vec());
        let name = Aad::from(self.name.as_slice());
        let opened = self.key.open_in_place(nonce, name, &mut piece).ok()?;
        plain.extend_from_slice(opened);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(keys: &DataKeys, name: &str, plain: &[u8]) -> Vec<u8> {
        let (mut sealed, mut sealer) = keys.sealer(name).unwrap();
        let pieces: Vec<&[u8]> = plain.chunks(PIECE).collect();
        for (number, piece) in (1..).zip(&pieces) {
            let mut piece = piece.to_vec();
            sealer.seal(&mut piece, number == pieces.len()).unwrap();
            sealed.extend(piece);
        }
        if pieces.is_empty() {
            let mut last = Vec::new();
            sealer.seal(&mut last, true).unwrap();
            sealed.extend(last);
        }
        sealed
    }

    #[test]
    fn an_upload_opens_under_its_name_only_and_as_it_was_only() {
        let keys = DataKeys::temporary().unwrap();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE] {
            let plain = vec![7; length];
            let sealed = seal(&keys, "a", &plain);
            assert_eq!(keys.unseal_upload("a", &sealed).unwrap(), plain, "{length}");
            assert_eq!(keys.unseal_upload("b", &sealed), None);
            assert_eq!(
                DataKeys::temporary().unwrap().unseal_upload("a", &sealed),
                None
            );
            let last = sealed.len() - 1;
            assert_eq!(keys.unseal_upload("a", &sealed[..last]), None, "{length}");
            let mut changed = sealed.clone();
            changed[last] ^= 1;
            assert_eq!(keys.unseal_upload("a", &changed), None, "{length}");
        }
    }

    #[test]
    fn no_piece_can_be_left_out() {
        let keys = DataKeys::temporary().unwrap();
        let sealed = seal(&keys, "a", &vec![7; 3 * PIECE]);
        let head = sealed.len() - 3 * (PIECE + TAG);
        let cut = &sealed[..sealed.len() - (PIECE + TAG)];
        assert_eq!(keys.unseal_upload("a", cut), None);
        let without = [&sealed[..head], &sealed[head + PIECE + TAG..]].concat();
        assert_eq!(keys.unseal_upload("a", &without), None);
    }
}
