//! A program as an artifact: magic, format version, length and SHA-256 of the payload, the payload.

use crate::program::{Program, VerifyError};

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
pub fn encode(_program: &Program) -> Vec<u8> {
    todo!()
}

/// The program of an artifact.
///
/// # Errors
/// Whatever is wrong with the bytes; nothing but a sound program comes out.
pub fn decode(_bytes: &[u8]) -> Result<Program, DecodeError> {
    todo!()
}

/// What names a program: the SHA-256 of its payload.
#[must_use]
pub fn hash(_program: &Program) -> [u8; 32] {
    todo!()
}
