//! Constants: numbers, and texts with their escapes.

use super::token::Quoted;
use crate::ast::Literal;
use crate::diagnostic::Code;
use std::ops::Range;

/// What is wrong with a constant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    /// Where, within the constant; all of it if not said.
    pub(crate) range: Option<Range<usize>>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Fault {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            range: None,
            message: message.into(),
            help: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn within(mut self, range: Range<usize>) -> Self {
        self.range = Some(range);
        self
    }
}

/// Reads a number; a minus before it belongs to it, so that the smallest `int` can be written.
pub(crate) fn number(written: &str, negative: bool) -> Result<Literal, Fault> {
    if let Some(hex) = written
        .strip_prefix("0x")
        .or_else(|| written.strip_prefix("0X"))
    {
        return whole(written, hex, 16, negative);
    }
    if written
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'u' | b'U'))
    {
        return whole(written, written, 10, negative);
    }
    double(written, negative).ok_or_else(|| bad_number(written))
}

fn whole(written: &str, digits: &str, radix: u32, negative: bool) -> Result<Literal, Fault> {
    let (digits, unsigned) = match digits.strip_suffix(['u', 'U']) {
        Some(digits) => (digits, true),
        None => (digits, false),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(bad_number(written));
    }
    if unsigned {
        let value = u64::from_str_radix(digits, radix).map(Literal::Uint);
        return value.map_err(|_| {
            Fault::new(
                Code::BAD_NUMBER,
                format!("`{written}` is too large for a uint"),
            )
        });
    }
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{digits}"), radix)
        .map(Literal::Int)
        .map_err(|_| too_large(written, sign))
}

fn too_large(written: &str, sign: &str) -> Fault {
    let fault = Fault::new(
        Code::BAD_NUMBER,
        format!("`{sign}{written}` does not fit into an int"),
    );
    fault.help(format!(
        "an int has 64 bits; `{written}u` is a uint, `{written}.0` a double"
    ))
}

fn double(written: &str, negative: bool) -> Option<Literal> {
    // Rust reads `inf`, `nan` and `1_0` too; a number here has only these characters.
    let plain = written
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    let value: f64 = written.parse().ok().filter(|_| plain)?;
    Some(Literal::Double(if negative { -value } else { value }))
}

fn bad_number(written: &str) -> Fault {
    let fault = Fault::new(Code::BAD_NUMBER, format!("`{written}` is not a number"));
    if written.contains('_') {
        return fault.help("digits cannot be grouped: leave the `_` out");
    }
    match written.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "ms" | "s" | "m" | "h" | "d" => fault.help(format!(
            "in an expression a duration is `duration(\"{written}\")`"
        )),
        _ => fault.help("a name cannot begin with a digit"),
    }
}

/// Reads a text or bytes, quotes included.
pub(crate) fn text(written: &str, quoted: Quoted) -> Result<Literal, Fault> {
    let prefix = usize::from(quoted.raw) + usize::from(quoted.bytes) + quoted.quotes;
    if !quoted.closed {
        let help = if quoted.quotes == 1 {
            "a text ends on its line; texts of several lines stand in `\"\"\"…\"\"\"` or in backticks"
        } else {
            "it goes on to the end; close it with three quotes"
        };
        return Err(Fault::new(Code::BAD_TEXT, "this text does not end")
            .help(help)
            .within(0..prefix));
    }
    let content = written
        .get(prefix..written.len() - quoted.quotes)
        .unwrap_or_default();
    let content = content.replace("\r\n", "\n");
    if quoted.raw {
        return Ok(literal(content.into_bytes(), quoted.bytes));
    }
    let escapes = Escapes {
        bytes: quoted.bytes,
        offset: prefix,
    };
    Ok(literal(escapes.decode(&content)?, quoted.bytes))
}

fn literal(content: Vec<u8>, bytes: bool) -> Literal {
    if bytes {
        return Literal::Bytes(content);
    }
    // Escapes of a text give whole characters only.
    Literal::String(String::from_utf8_lossy(&content).into_owned())
}

/// Decodes the escapes of a text in backticks; `\$` stands for `$` there. `offset`: where it stands in what is read.
pub(crate) fn template_text(content: &str, offset: usize) -> Result<String, Fault> {
    let content = content.replace("\r\n", "\n");
    let decoded = Escapes {
        bytes: false,
        offset,
    }
    .decode(&content)?;
    Ok(String::from_utf8_lossy(&decoded).into_owned())
}

struct Escapes {
    bytes: bool,
    offset: usize,
}

impl Escapes {
    fn decode(&self, content: &str) -> Result<Vec<u8>, Fault> {
        let mut decoded = Vec::with_capacity(content.len());
        let mut rest = content;
        while let Some((before, escape)) = rest.split_once('\\') {
            decoded.extend_from_slice(before.as_bytes());
            let at = content.len() - escape.len() - 1;
            let length = self.escape(escape, at, &mut decoded)?;
            rest = escape.get(length..).unwrap_or_default();
        }
        decoded.extend_from_slice(rest.as_bytes());
        Ok(decoded)
    }

    /// Decodes the escape whose letters are at the start of `escape`; gives their length.
    fn escape(&self, escape: &str, at: usize, decoded: &mut Vec<u8>) -> Result<usize, Fault> {
        let letter = escape.chars().next().unwrap_or('\\');
        let plain = match letter {
            'a' => 0x07,
            'b' => 0x08,
            'f' => 0x0C,
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'v' => 0x0B,
            '\\' | '?' | '"' | '\'' | '`' | '$' => letter as u8,
            'x' | 'X' => return self.number(escape, at, 1, 2, 16, decoded),
            'u' => return self.number(escape, at, 1, 4, 16, decoded),
            'U' => return self.number(escape, at, 1, 8, 16, decoded),
            '0'..='3' => return self.number(escape, at, 0, 3, 8, decoded),
            _ => return Err(self.bad_escape(at, 1 + letter.len_utf8(), escape)),
        };
        decoded.push(plain);
        Ok(1)
    }

    fn number(
        &self,
        escape: &str,
        at: usize,
        skip: usize,
        digits: usize,
        radix: u32,
        decoded: &mut Vec<u8>,
    ) -> Result<usize, Fault> {
        let length = skip + digits;
        let fault = || self.bad_escape(at, 1 + length.min(escape.len()), escape);
        let written = escape
            .get(skip..length)
            .filter(|digits| digits.chars().all(|digit| digit.is_digit(radix)));
        let value = written
            .and_then(|digits| u32::from_str_radix(digits, radix).ok())
            .ok_or_else(fault)?;
        if self.bytes {
            let wide = escape.starts_with(['u', 'U']);
            decoded.push(
                u8::try_from(value)
                    .ok()
                    .filter(|_| !wide)
                    .ok_or_else(fault)?,
            );
        } else {
            let character = char::from_u32(value).ok_or_else(fault)?;
            decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(length)
    }

    fn bad_escape(&self, at: usize, length: usize, escape: &str) -> Fault {
        let letters: String = escape.chars().take(length - 1).collect();
        let fault = Fault::new(Code::BAD_TEXT, format!("`\\{letters}` is not an escape"));
        let start = self.offset + at;
        let help = if self.bytes && letters.starts_with(['u', 'U']) {
            "bytes are written `\\xFF`"
        } else {
            "a backslash itself is `\\\\`; in `r\"…\"` nothing is escaped"
        };
        fault.within(start..start + length).help(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: Quoted = Quoted {
        bytes: false,
        raw: false,
        quotes: 1,
        closed: true,
    };

    fn read(written: &str) -> Option<Literal> {
        text(written, PLAIN).ok()
    }

    #[test]
    fn escapes_are_those_of_cel() {
        let all = r#""\a\b\f\n\r\t\v\\\?\"\'\`\x41\u00e9\U0001F600\101""#;
        assert_eq!(
            read(all),
            Some(Literal::String("\x07\x08\x0C\n\r\t\x0B\\?\"'`Aé😀A".into()))
        );
        let bytes = Quoted {
            bytes: true,
            ..PLAIN
        };
        assert_eq!(
            text(r#"b"é\xff\377""#, bytes).ok(),
            Some(Literal::Bytes(vec![0xC3, 0xA9, 0xFF, 0xFF]))
        );
        assert!(text(r#"b"\u00e9""#, bytes).is_err());
        for bad in [
            r#""\d""#,
            r#""\x4""#,
            r#""\uD800""#,
            r#""\U00110000""#,
            r#""\400""#,
            r#""\8""#,
            r#""\é""#,
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn numbers_have_the_bounds_of_their_types() {
        assert_eq!(
            number("9223372036854775808", true),
            Ok(Literal::Int(i64::MIN))
        );
        assert!(number("9223372036854775808", false).is_err());
        assert_eq!(
            number("0xFFFFFFFFFFFFFFFFu", false),
            Ok(Literal::Uint(u64::MAX))
        );
        assert_eq!(
            number("0x8000000000000000", true),
            Ok(Literal::Int(i64::MIN))
        );
        assert_eq!(number("1e3", false), Ok(Literal::Double(1000.0)));
        assert_eq!(number(".5", true), Ok(Literal::Double(-0.5)));
        for bad in [
            "1_000",
            "12abc",
            "0x",
            "0xg",
            "1uu",
            "20ms",
            "18446744073709551616u",
            "1e",
            "1.5u",
        ] {
            assert!(number(bad, false).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn anything_escaped_is_read_back(value in any::<String>()) {
            let written = format!("\"{}\"", value.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect::<String>());
            prop_assert_eq!(read(&written), Some(Literal::String(value)));
        }

        #[test]
        fn no_text_of_backslashes_and_letters_is_too_much(content in "[\\\\xuU0-9a-fé\"\n]{0,20}") {
            let _ = text(&format!("\"{content}\""), PLAIN);
            let _ = template_text(&content, 0);
        }
    }
}
