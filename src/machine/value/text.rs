//! Values as text: what `string(x)` gives and what `` `…${x}…` `` inserts.

use super::{Str, Value, number};
use std::cell::Cell;

thread_local! {
    /// Where texts are put together before their length is known, so that each takes one allocation: its own.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Bytes of it that a thread keeps.
const KEPT: usize = 4 * 1024;

/// The text that is written.
pub(crate) fn built<E>(write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<Str, E> {
    let mut bytes = SCRATCH.take();
    bytes.clear();
    let text = write(&mut bytes).map(|()| Str::new(str::from_utf8(&bytes).unwrap_or_default()));
    if bytes.capacity() <= KEPT {
        SCRATCH.set(bytes);
    }
    text
}

impl Value {
    /// Appends CEL's `string(x)`; `false`, and nothing is appended, for types that have no text
    /// (null, lists, maps, optionals, types, and bytes that are not UTF-8).
    #[must_use = "false means that the value has no text"]
    pub(crate) fn write_text(&self, out: &mut Vec<u8>) -> bool {
        match self {
            Self::String(text) => out.extend_from_slice(text.as_bytes()),
            Self::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
            Self::Int(n) => number::write_int(*n, out),
            Self::Uint(n) => number::write_uint(*n, out),
            Self::Double(x) => write_double(*x, out),
            Self::Timestamp(time) => time.write(out),
            Self::Duration(length) => length.write(out),
            Self::Bytes(bytes) => {
                let is_text = str::from_utf8(bytes).is_ok();
                out.extend_from_slice(if is_text { bytes } else { &[] });
                return is_text;
            }
            Self::Net(net) => out.extend_from_slice(net.to_string().as_bytes()),
            Self::Null
            | Self::List(_)
            | Self::Map(_)
            | Self::Optional(_)
            | Self::Type(_)
            | Self::Error(_) => return false,
        }
        true
    }

    /// CEL's `string(x)`; `None` for types that have no text.
    #[must_use]
    pub fn to_text(&self) -> Option<Str> {
        if let Self::String(text) = self {
            return Some(text.clone());
        }
        built(|out| self.write_text(out).then_some(()).ok_or(())).ok()
    }
}

fn write_double(x: f64, out: &mut Vec<u8>) {
    match (x.is_nan(), x.is_infinite()) {
        (true, _) => out.extend_from_slice(b"NaN"),
        _ if x == 0.0 => out.extend_from_slice(if x.is_sign_negative() { b"-0" } else { b"0" }),
        (_, true) => out.extend_from_slice(if x > 0.0 { b"Infinity" } else { b"-Infinity" }),
        _ => number::write_double(x, out),
    }
}
