//! Text as a JSON string.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Appends `text` in quotes, escaped as JSON asks: quotes, backslashes and control characters, nothing else.
pub(crate) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some((plain, special, tail)) = split(rest) {
        out.extend_from_slice(plain);
        write_escape(special, out);
        rest = tail;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// `"name":`, as it stands before the value of a member.
pub(crate) fn member_key(name: &str) -> Box<[u8]> {
    let mut json = Vec::new();
    write_string(name, &mut json);
    json.push(b':');
    json.into()
}

/// The same behind another member.
pub(crate) fn next_member(name: &str) -> Box<[u8]> {
    [b",", &*member_key(name)].concat().into()
}

/// What comes before the first byte that needs an escape, that byte, and what comes after it.
fn split(bytes: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let (plain, rest) = bytes.split_at_checked(first_special(bytes))?;
    let (special, tail) = rest.split_first()?;
    Some((plain, *special, tail))
}

/// Looks at eight bytes at a time; the number of bytes before the first special one, or all.
/// Whoever asks does so in a larger loop, whose registers it would take if it stood there.
#[inline(never)]
pub(crate) fn first_special(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk() {
        let found = specials(u64::from_le_bytes(*word));
        if found != 0 {
            return bytes.len() - rest.len() + (found.trailing_zeros() / 8) as usize;
        }
        rest = tail;
    }
    match bytes.last_chunk() {
        // The last word is looked at as a whole: of its bytes that were before it none is special.
        Some(&word) => {
            let found = specials(u64::from_le_bytes(word));
            bytes.len() - word.len() + (found.trailing_zeros() / 8) as usize
        }
        None => {
            let special = rest.iter().position(|&byte| is_special(byte));
            special.unwrap_or(rest.len())
        }
    }
}

/// The high bit of each byte that is special: with the second bit turned, a quote is the one byte above the control
/// characters. A borrow may set bits above the lowest true one, never below it.
fn specials(word: u64) -> u64 {
    let quote_or_control = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & HIGHS
}

fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
