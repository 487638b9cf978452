//! Numbers: integers keep all their digits, or it is said that they do not fit.

use super::{Reader, Token, Wrong};

/// Any number of so many digits fits 64 bits.
const FITTING_DIGITS: usize = 19;

impl Reader<'_> {
    /// The number that begins here.
    pub(super) fn number(&mut self) -> Result<Token<'static>, Wrong> {
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        let first = self.at;
        let magnitude = self.digits()?;
        if self.at - first > 1 && self.text.as_bytes().get(first) == Some(&b'0') {
            return Err(Wrong::syntax(first + 1, "invalid number"));
        }
        if let Some(b'.' | b'e' | b'E') = self.byte() {
            return self.double(start).map(Token::Double);
        }
        match magnitude.and_then(|magnitude| integer(negative, magnitude)) {
            Some(token) => Ok(token),
            None => self.finite(start).map(Token::Huge),
        }
    }

    /// One digit or more; `None`: their number does not fit.
    fn digits(&mut self) -> Result<Option<u64>, Wrong> {
        let (start, mut number) = (self.at, 0_u64);
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit());
        let count = digits.fold(0, |count, digit| {
            number = number.wrapping_mul(10).wrapping_add((digit - b'0').into());
            count + 1
        });
        self.at += count;
        match count {
            0 => Err(self.syntax("invalid number")),
            1..=FITTING_DIGITS => Ok(Some(number)),
            _ => Ok(self.since(start).parse().ok()),
        }
    }

    /// The rest of a number that has a point or an exponent.
    fn double(&mut self, start: usize) -> Result<f64, Wrong> {
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        self.finite(start)
    }

    fn finite(&self, start: usize) -> Result<f64, Wrong> {
        let number = self.since(start).parse().ok();
        number
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| Wrong::syntax(start, "number out of range"))
    }
}

/// The integer, if it has 64 bits. A negative zero is none: only doubles have one.
fn integer(negative: bool, magnitude: u64) -> Option<Token<'static>> {
    match (negative, i64::try_from(magnitude)) {
        (true, Ok(0)) => Some(Token::Double(-0.0)),
        (true, _) => 0_i64.checked_sub_unsigned(magnitude).map(Token::Int),
        (false, Ok(number)) => Some(Token::Int(number)),
        (false, Err(_)) => Some(Token::Uint(magnitude)),
    }
}
