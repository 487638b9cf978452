//! Bytes to pixels, within limits: of the bytes, of the pixels as the header states them, of the memory of the decoder.

use crate::limits::{MAX_IMAGE, MAX_IMAGE_MEMORY, MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE};
use ::image::error::ImageError;
use ::image::{DynamicImage, ImageFormat, ImageReader, Limits};
use hyper::StatusCode;
use std::io::Cursor;

/// Pixels with the format they came in.
pub(super) struct Decoded {
    pub(super) format: &'static str,
    pub(super) pixels: DynamicImage,
}

/// Why an image is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not JPEG, PNG or WebP.
    #[error("it is no JPEG, PNG or WebP image")]
    Unknown,
    /// It ends too early, or is not as its format wants it.
    #[error("the image is damaged")]
    Damaged,
    /// Too many bytes, or pixels, or memory to decode them.
    #[error("the image is larger than is looked at")]
    TooLarge,
}

impl Refusal {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Damaged => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown_format",
            Self::Damaged => "damaged_image",
            Self::TooLarge => "image_too_large",
        }
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Refusal> {
    if bytes.len() > MAX_IMAGE {
        return Err(Refusal::TooLarge);
    }
    let (kind, format) = format(bytes).ok_or(Refusal::Unknown)?;
    let stated = reader(bytes, kind).into_dimensions();
    let (width, height) = stated.map_err(|error| refusal(&error))?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_IMAGE_PIXELS || width.max(height) > MAX_IMAGE_SIDE {
        return Err(Refusal::TooLarge);
    }
    if pixels == 0 {
        return Err(Refusal::Damaged);
    }
    let pixels = reader(bytes, kind).decode();
    let pixels = pixels.map_err(|error| refusal(&error))?;
    Ok(Decoded { format, pixels })
}

fn format(bytes: &[u8]) -> Option<(ImageFormat, &'static str)> {
    match journey_machine::blob::media_type(bytes) {
        "image/jpeg" => Some((ImageFormat::Jpeg, "image/jpeg")),
        "image/png" => Some((ImageFormat::Png, "image/png")),
        "image/webp" => Some((ImageFormat::WebP, "image/webp")),
        _ => None,
    }
}

fn reader(bytes: &[u8], format: ImageFormat) -> ImageReader<Cursor<&[u8]>> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_IMAGE_SIDE);
    limits.max_image_height = Some(MAX_IMAGE_SIDE);
    limits.max_alloc = Some(MAX_IMAGE_MEMORY);
    reader.limits(limits);
    reader
}

fn refusal(error: &ImageError) -> Refusal {
    if matches!(error, ImageError::Limits(_)) {
        Refusal::TooLarge
    } else {
        Refusal::Damaged
    }
}
