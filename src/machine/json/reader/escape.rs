//! Strings with escapes.

use super::{Reader, Wrong};
use crate::value::escape::first_special;

impl<'j> Reader<'j> {
    /// Reads on in a string that began at `start`, at its first byte that is no plain character.
    #[cold]
    pub(super) fn unescape(&mut self, start: usize) -> Result<Option<&'j str>, Wrong> {
        self.unescaped.clear();
        self.unescaped.push_str(self.since(start));
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(None);
                }
                Some(b'\\') => {
                    self.at += 1;
                    let char = self.escape()?;
                    self.unescaped.push(char);
                }
                Some(_) => return Err(self.syntax("a control character in a string")),
                None => return Err(self.syntax("unexpected end of a string")),
            }
            let plain = self.at;
            self.at += first_special(self.rest());
            self.unescaped.push_str(self.since(plain));
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Wrong> {
        let char = match self.byte() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte.into(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            Some(_) | None => return Err(self.syntax("invalid escape")),
        };
        self.at += 1;
        Ok(char)
    }

    /// `uXXXX`, or two of them that are one character (RFC 8259, section 7).
    fn unicode(&mut self) -> Result<char, Wrong> {
        let high = self.unit()?;
        let mut low = None;
        if (0xd800..0xdc00).contains(&high) && self.rest().starts_with(b"\\u") {
            self.at += 1;
            low = Some(self.unit()?);
        }
        char::decode_utf16([high].into_iter().chain(low))
            .next()
            .and_then(Result::ok)
            .ok_or_else(|| self.syntax("half a surrogate pair"))
    }

    /// A `u` and four hexadecimal digits.
    fn unit(&mut self) -> Result<u16, Wrong> {
        let digits = self.text.get(self.at + 1..self.at + 5);
        let unit = digits
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.syntax("invalid escape"))?;
        self.at += 5;
        Ok(unit)
    }
}
