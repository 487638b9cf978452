//! An upload while it comes in: counted, hashed, sealed and written, a piece at a time.

use super::home::Sink;
use super::{Hold, refused};
use crate::state::Refused;
use crate::state::vault::DataKeys;
use crate::state::vault::stream::{PIECE, Sealer};
use aws_lc_rs::digest::{Context, SHA256};
use journey_machine::blob::{Blob, SNIFFED, media_type};
use journey_machine::hex::hex;
use journey_machine::value::Str;
use std::fmt;

/// See the module.
pub struct Upload {
    id: Str,
    hold: Hold,
    sink: Sink,
    sealer: Sealer,
    hash: Context,
    size: u64,
    /// The first bytes.
    head: Vec<u8>,
    /// What is not sealed yet: never more than a piece.
    piece: Vec<u8>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("id", &self.id).finish()
    }
}

/// An upload that is there, as long as it is held or a record keeps it.
#[derive(Debug)]
pub struct Received {
    /// What is known of it.
    pub blob: Blob,
    /// Holds it.
    pub hold: Hold,
}

impl Upload {
    pub(super) async fn begin(hold: Hold, id: Str) -> Result<Self, Refused> {
        let (head, sealer) = hold.blobs.keys.sealer(&id).ok_or(Refused::Failed)?;
        let sink = hold.blobs.home.create(&id).await;
        let mut sink = sink.map_err(|error| refused(&error))?;
        let begun = sink.write(&head).await;
        begun.map_err(|error| refused(&error))?;
        Ok(Self {
            id,
            hold,
            sink,
            sealer,
            hash: Context::new(&SHA256),
            size: 0,
            head: Vec::with_capacity(SNIFFED),
            piece: Vec::with_capacity(PIECE),
        })
    }

    /// How many bytes have come.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// More of it.
    ///
    /// # Errors
    /// There is no space, or the disk fails.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), Refused> {
        let missing = SNIFFED.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            // A full piece goes out only when there is more: the last one is sealed as such.
            if self.piece.len() == PIECE {
                self.flush(false).await?;
            }
            let room = PIECE - self.piece.len();
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.piece.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    async fn flush(&mut self, is_last: bool) -> Result<(), Refused> {
        self.sealer
            .seal(&mut self.piece, is_last)
            .ok_or(Refused::Failed)?;
        let written = self.sink.write(&self.piece).await;
        self.piece.clear();
        written.map_err(|error| refused(&error))
    }

    /// That was all of it. `name`: the caller's name of the file.
    ///
    /// # Errors
    /// There is no space, or the disk fails.
    pub async fn end(mut self, name: Option<Str>) -> Result<Received, Refused> {
        self.flush(true).await?;
        let closed = self.hold.blobs.home.close(&self.id, self.sink).await;
        closed.map_err(|error| refused(&error))?;
        let blob = Blob {
            id: self.id,
            size: self.size,
            sha256: hex(self.hash.finish().as_ref()).into(),
            media: Str::new_static(media_type(&self.head)),
            name,
        };
        Ok(Received {
            blob,
            hold: self.hold,
        })
    }
}

/// All of an upload, sealed.
pub(super) fn seal(keys: &DataKeys, id: &str, plain: &[u8]) -> Option<Vec<u8>> {
    let (mut sealed, mut sealer) = keys.sealer(id)?;
    let mut pieces = plain.chunks(PIECE).peekable();
    loop {
        let mut piece = pieces.next().unwrap_or_default().to_vec();
        let is_last = pieces.peek().is_none();
        sealer.seal(&mut piece, is_last)?;
        sealed.append(&mut piece);
        if is_last {
            return Some(sealed);
        }
    }
}
