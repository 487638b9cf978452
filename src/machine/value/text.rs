//! Values as text: what `string(x)` gives and what `` `…${x}…` `` inserts.

use super::{Str, Value, number};

impl Value {
    /// Appends CEL's `string(x)`; `false`, and nothing is appended, for types that have no text
    /// (null, lists, maps, optionals, types, and bytes that are not UTF-8).
    #[must_use = "false means that the value has no text"]
    pub fn write_text(&self, out: &mut String) -> bool {
        match self {
            Self::String(text) => out.push_str(text),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Int(n) => plain(out, |bytes| number::write_int(*n, bytes)),
            Self::Uint(n) => plain(out, |bytes| number::write_uint(*n, bytes)),
            Self::Double(x) => write_double(*x, out),
            Self::Timestamp(time) => plain(out, |bytes| time.write(bytes)),
            Self::Duration(length) => plain(out, |bytes| length.write(bytes)),
            Self::Bytes(bytes) => {
                return std::str::from_utf8(bytes)
                    .map(|text| out.push_str(text))
                    .is_ok();
            }
            Self::Net(net) => out.push_str(&net.to_string()),
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
        let mut out = String::new();
        self.write_text(&mut out).then(|| out.into())
    }
}

fn write_double(x: f64, out: &mut String) {
    match (x.is_nan(), x.is_infinite()) {
        (true, _) => out.push_str("NaN"),
        _ if x == 0.0 => out.push_str(if x.is_sign_negative() { "-0" } else { "0" }),
        (_, true) => out.push_str(if x > 0.0 { "Infinity" } else { "-Infinity" }),
        _ => plain(out, |bytes| number::write_double(x, bytes)),
    }
}

/// Appends what is ASCII.
fn plain(out: &mut String, write: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = Vec::with_capacity(32);
    write(&mut bytes);
    out.push_str(str::from_utf8(&bytes).unwrap_or_default());
}
