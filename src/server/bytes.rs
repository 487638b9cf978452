//! Which bytes may stand somewhere, as a table: asked of each byte of each request.

/// A set of bytes.
#[derive(Debug)]
pub(crate) struct ByteSet([bool; 256]);

impl ByteSet {
    #[expect(
        clippy::indexing_slicing,
        reason = "done by the compiler, and a byte is below 256"
    )]
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        let (mut table, mut rest) = ([false; 256], bytes);
        while let [byte, others @ ..] = rest {
            table[*byte as usize] = true;
            rest = others;
        }
        Self(table)
    }

    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)) == Some(&true)
    }
}
