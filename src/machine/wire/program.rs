//! A program as an artifact: magic, format version, length and SHA-256 of the payload, the payload.

use super::Wire;
use super::read::Reader;
use super::write::Writer;
use crate::limits::MAX_ARTIFACT;
use crate::program::{Debug, Parts, Program, VerifyError};
use sha2::{Digest, Sha256};

/// How every artifact begins.
const MAGIC: [u8; 4] = *b"JRNY";
/// The format that this crate reads and writes; an artifact of another one is compiled again, never converted.
pub const VERSION: u16 = 5;
/// Bytes before the payload: magic, version, length, hash.
const HEADER: usize = 4 + 2 + 8 + 32;

/// Why bytes are no artifact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It does not begin with `JRNY`.
    #[error("this is not a journey artifact")]
    Magic,
    /// Written by another version of the compiler.
    #[error("artifact format {0}, this runtime reads {1}: compile the project again")]
    Version(u16, u16),
    /// More bytes than an artifact may have.
    #[error("larger than an artifact may be")]
    TooLarge,
    /// Bytes are missing, or there are too many.
    #[error("cut off, or longer than it says")]
    Length,
    /// The payload is not what was written.
    #[error("damaged: its hash does not match")]
    Hash,
    /// The payload is not an encoding of a program.
    #[error("malformed at byte {0}")]
    Malformed(usize),
    /// The program is refused.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// The artifact of a program: equal programs give equal bytes.
#[must_use]
pub fn encode(program: &Program) -> Vec<u8> {
    let payload = payload(program);
    let mut artifact = Vec::with_capacity(HEADER + payload.len());
    artifact.extend_from_slice(&MAGIC);
    artifact.extend_from_slice(&VERSION.to_le_bytes());
    artifact.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    artifact.extend_from_slice(&Sha256::digest(&payload));
    artifact.extend_from_slice(&payload);
    artifact
}

/// What names a program: the SHA-256 of what it does. What only explains it, places in sources and names of registers,
/// is left out: two forms of one source give the same program.
#[must_use]
pub fn hash(program: &Program) -> [u8; 32] {
    let mut parts = Parts::clone(program);
    parts.files.clear();
    for function in &mut parts.functions {
        function.debug = Debug::default();
    }
    Sha256::digest(payload(&parts)).into()
}

fn payload(parts: &Parts) -> Vec<u8> {
    let mut out = Writer::default();
    parts.write(&mut out);
    out.into_bytes()
}

/// The program of an artifact.
///
/// # Errors
/// Whatever is wrong with the bytes; nothing but a sound program comes out.
pub fn decode(bytes: &[u8]) -> Result<Program, DecodeError> {
    let payload = unwrap(bytes)?;
    let mut from = Reader::new(payload);
    let parts = Parts::read(&mut from).ok().filter(|_| from.left() == 0);
    let parts = parts.ok_or_else(|| DecodeError::Malformed(bytes.len() - from.left()))?;
    Ok(Program::new(parts)?)
}

/// The payload, if the header is right and the payload is what was written.
fn unwrap(bytes: &[u8]) -> Result<&[u8], DecodeError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(DecodeError::Magic)?;
    if bytes.len() > MAX_ARTIFACT {
        return Err(DecodeError::TooLarge);
    }
    let (version, rest) = rest.split_first_chunk().ok_or(DecodeError::Length)?;
    let version = u16::from_le_bytes(*version);
    if version != VERSION {
        return Err(DecodeError::Version(version, VERSION));
    }
    let (length, rest) = rest.split_first_chunk().ok_or(DecodeError::Length)?;
    let (hash, payload) = rest.split_first_chunk::<32>().ok_or(DecodeError::Length)?;
    if u64::from_le_bytes(*length) != payload.len() as u64 {
        return Err(DecodeError::Length);
    }
    if Sha256::digest(payload)[..] != hash[..] {
        return Err(DecodeError::Hash);
    }
    Ok(payload)
}
