//! Uploads: what is known of one beside its bytes, which lie elsewhere.

use crate::value::{Shape, Str, Value};
use std::sync::{Arc, LazyLock};

/// Bytes at the beginning of an upload that decide what it is.
pub const SNIFFED: usize = 16;

/// The media type of bytes that begin like nothing we know.
const UNKNOWN: &str = "application/octet-stream";

static SHAPE: LazyLock<Arc<Shape>> = LazyLock::new(|| {
    Arc::new(
        ["id", "size", "sha256", "type", "name"]
            .into_iter()
            .collect(),
    )
});

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Names it, unique for ever.
    pub id: Str,
    /// How many bytes it has.
    pub size: u64,
    /// Their hash, in hexadecimal digits.
    pub sha256: Str,
    /// What its first bytes say it is: see [`media_type`].
    pub media: Str,
    /// The name of the file, if the caller gave it one.
    pub name: Option<Str>,
}

impl Blob {
    /// The blob as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let slots = vec![
            Some(self.id.clone().into()),
            Some(Value::Int(i64::try_from(self.size).unwrap_or(i64::MAX))),
            Some(self.sha256.clone().into()),
            Some(self.media.clone().into()),
            self.name.clone().map(Value::from),
        ];
        Value::object(&SHAPE, slots)
    }

    /// The blob that a value is; `None`: it is none.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        let map = value.as_map()?;
        let text = |name| Some(Str::from(map.get_str(name)?.as_str()?));
        let blob = Self {
            id: text("id")?,
            size: map.get_str("size")?.as_u64()?,
            sha256: text("sha256")?,
            media: text("type")?,
            name: text("name"),
        };
        let members = 4 + usize::from(map.get_str("name").is_some());
        (map.len() == members).then_some(blob)
    }
}

/// What bytes are, by how they begin. What a caller calls them is not asked.
#[must_use]
pub fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => "image/webp",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "image/tiff",
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'h',
            b'e',
            b'i' | b'v',
            ..,
        ] => "image/heic",
        [
            _,
            _,
            _,
            _,
            b'f',
            b't',
            b'y',
            b'p',
            b'a',
            b'v',
            b'i',
            b'f',
            ..,
        ] => "image/avif",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "video/mp4",
        [b'%', b'P', b'D', b'F', b'-', ..] => "application/pdf",
        [b'P', b'K', 3, 4, ..] => "application/zip",
        _ => UNKNOWN,
    }
}

/// Is it one of these media types? `image/*` is all of a kind, none are all.
#[must_use]
pub fn is_one_of(media: &str, declared: &[Str]) -> bool {
    let fits = |declared: &Str| match declared.strip_suffix('*') {
        Some(kind) => media.starts_with(kind),
        None => declared == media,
    };
    declared.is_empty() || declared.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_read_as_it_was_written_and_nothing_else_is_one() {
        let mut blob = Blob {
            id: "7".into(),
            size: 3,
            sha256: "ab".into(),
            media: "image/png".into(),
            name: None,
        };
        assert_eq!(Blob::of(&blob.to_value()), Some(blob.clone()));
        blob.name = Some("a.png".into());
        let value = blob.to_value();
        assert_eq!(Blob::of(&value), Some(blob));
        let mut more = value.as_map().cloned().unwrap_or_default();
        more.insert("more".into(), Value::Null);
        assert_eq!(Blob::of(&more.into()), None);
        assert_eq!(Blob::of(&Value::from("7")), None);
    }

    #[test]
    fn bytes_are_what_they_begin_with() {
        for (bytes, media) in [
            (&b"\xff\xd8\xff\xe0"[..], "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n", "image/png"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"RIFF\0\0\0\0WAVEfmt ", UNKNOWN),
            (b"\0\0\0\x18ftypheic", "image/heic"),
            (b"%PDF-1.7", "application/pdf"),
            (b"\xff\xd8", UNKNOWN),
            (b"", UNKNOWN),
        ] {
            assert_eq!(media_type(bytes), media);
        }
        assert!(is_one_of("image/png", &["image/*".into()]));
        assert!(is_one_of("image/png", &[]));
        assert!(!is_one_of(
            "application/pdf",
            &["image/*".into(), "image/png".into()]
        ));
    }
}
