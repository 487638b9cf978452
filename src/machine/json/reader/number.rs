//! Numbers: integers keep all their digits, or it is said that they do not fit.

use super::{Reader, Token, Wrong};

/// Any number of so many digits fits 64 bits.
const FITTING_DIGITS: usize = 19;
/// Any whole number up to this is a double.
const EXACT: u64 = 1 << 53;
/// Powers of ten, as many as are doubles.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Digits that have been read.
#[derive(Clone, Copy, Default)]
struct Digits {
    count: usize,
    /// Their number, if they are not too many.
    number: u64,
}

impl Digits {
    fn number(self) -> Option<u64> {
        (self.count <= FITTING_DIGITS).then_some(self.number)
    }

    /// The double that they are with so many of them behind a point. Where their number and the power of ten are
    /// doubles, division rounds once, as it should.
    fn double(self, fraction: usize) -> Option<f64> {
        let number = self.number().filter(|number| *number <= EXACT)?;
        POWERS.get(fraction).map(|power| number as f64 / power)
    }
}

impl Reader<'_> {
    /// The number that begins here.
    pub(super) fn number(&mut self) -> Result<Token<'static>, Wrong> {
        let start = self.at;
        let negative = self.byte() == Some(b'-');
        self.at += usize::from(negative);
        let first = self.at;
        let leading_zero = self.byte() == Some(b'0');
        let digits = self.digits(Digits::default())?;
        if leading_zero && digits.count > 1 {
            return Err(Wrong::syntax(first + 1, "invalid number"));
        }
        if let Some(b'.' | b'e' | b'E') = self.byte() {
            return self.double(start, negative, digits).map(Token::Double);
        }
        let magnitude = digits.number().or_else(|| self.since(first).parse().ok());
        match magnitude.and_then(|magnitude| integer(negative, magnitude)) {
            Some(token) => Ok(token),
            None => self.finite(start).map(Token::Huge),
        }
    }

    /// One digit or more, behind others.
    fn digits(&mut self, before: Digits) -> Result<Digits, Wrong> {
        let Digits { count, mut number } = before;
        let mut more = 0;
        for digit in self.rest() {
            let digit = digit.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            number = number.wrapping_mul(10).wrapping_add(digit.into());
            more += 1;
        }
        if more == 0 {
            return Err(self.syntax("invalid number"));
        }
        self.at += more;
        let count = count + more;
        Ok(Digits { count, number })
    }

    /// The rest of a number that has a point or an exponent behind these digits.
    fn double(&mut self, start: usize, negative: bool, whole: Digits) -> Result<f64, Wrong> {
        let mut all = whole;
        if self.byte() == Some(b'.') {
            self.at += 1;
            all = self.digits(whole)?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits(Digits::default())?;
            return self.finite(start);
        }
        match all.double(all.count - whole.count) {
            Some(number) => Ok(if negative { -number } else { number }),
            None => self.finite(start),
        }
    }

    #[inline(never)]
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
