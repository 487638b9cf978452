//! Multipart forms, with every limit set: the parser's own defaults are none.

use crate::limits::{MAX_MULTIPART, MAX_PARTS, MAX_TEXT_FIELD};
use crate::problem::Kind;
use bytes::Bytes;
use futures_util::stream;
use journey_machine::http::Part;
use multer::{Constraints, Multipart, SizeLimit};
use std::convert::Infallible;

/// The parts of a complete body.
pub(crate) async fn parts(content_type: &str, body: Bytes) -> Result<Vec<Part>, Kind> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Kind::UnsupportedMediaType)?;
    let size = u64::try_from(MAX_MULTIPART).unwrap_or(u64::MAX);
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(size).per_field(size));
    let source = stream::iter([Ok::<_, Infallible>(body)]);
    let mut form = Multipart::with_constraints(source, boundary, limits);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| Kind::Malformed)? {
        if parts.len() == MAX_PARTS {
            return Err(Kind::ContentTooLarge);
        }
        let name = field.name().map(str::to_owned).ok_or(Kind::Malformed)?;
        let is_file = field.file_name().is_some();
        let content = field.bytes().await.map_err(|_| Kind::Malformed)?;
        if !is_file && content.len() > MAX_TEXT_FIELD {
            return Err(Kind::ContentTooLarge);
        }
        parts.push(Part {
            name,
            content: content.to_vec(),
        });
    }
    Ok(parts)
}
