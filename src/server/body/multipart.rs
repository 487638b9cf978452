//! Multipart forms, with every limit set: the parser's own defaults are none. Uploads go to their place as they come.

use super::next;
use crate::limits::{MAX_PARTS, MAX_TEXT_FIELD};
use crate::problem::Kind;
use crate::state::{Blobs, Hold};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use hyper::body::Incoming;
use journey_machine::http::{Content, Intake, Part};
use journey_machine::schema::{Decoder, Expected};
use journey_machine::value::Str;
use multer::{Constraints, Field, Multipart, SizeLimit};
use std::sync::Arc;
use std::time::Instant;

/// The parts of a form. Its uploads stay as long as it lives.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub(crate) parts: Vec<Part>,
    held: Vec<Hold>,
}

/// What a form is received for.
#[derive(Clone, Copy)]
pub(crate) struct Reception<'a> {
    pub(crate) intake: &'a Intake,
    pub(crate) decoder: &'a Decoder,
    pub(crate) blobs: &'a Arc<Blobs>,
    /// Most bytes.
    pub(crate) limit: usize,
    /// When the request began to come.
    pub(crate) started: Instant,
}

/// Why no more of a body comes.
#[derive(Debug, thiserror::Error)]
#[error("the body has stopped")]
struct Stopped(Kind);

impl Reception<'_> {
    /// Reads all parts of a body.
    pub(crate) async fn read(self, content_type: &str, body: &mut Incoming) -> Result<Form, Kind> {
        let boundary =
            multer::parse_boundary(content_type).map_err(|_| Kind::UnsupportedMediaType)?;
        let limit = u64::try_from(self.limit).unwrap_or(u64::MAX);
        let limits = SizeLimit::new().whole_stream(limit).per_field(limit);
        let limits = Constraints::new().size_limit(limits);
        let source = Box::pin(pieces(body, self.started));
        let mut source = Multipart::with_constraints(source, boundary, limits);
        let mut form = Form::default();
        while let Some(field) = source.next_field().await.map_err(refusal)? {
            if form.parts.len() == MAX_PARTS {
                return Err(Kind::ContentTooLarge);
            }
            self.part(field, &mut form).await?;
        }
        Ok(form)
    }

    async fn part(self, field: Field<'_>, form: &mut Form) -> Result<(), Kind> {
        let name = field.name().map(str::to_owned).ok_or(Kind::Malformed)?;
        let content = match self.intake.upload(self.decoder, &name) {
            Some(expected) => self.upload(field, expected, &name, form).await?,
            None => bytes(field).await?,
        };
        form.parts.push(Part { name, content });
        Ok(())
    }

    /// Stores an upload, unless it is refused by what is known of it before.
    async fn upload(
        self,
        mut field: Field<'_>,
        expected: Expected<'_>,
        name: &str,
        form: &mut Form,
    ) -> Result<Content, Kind> {
        let others = form.parts.iter().filter(|part| part.name == name).count();
        let file = field.file_name().map(Str::from);
        if let Some(why) = Intake::upload_fault(expected, others, file.as_deref()) {
            return drain(field, why).await;
        }
        let mut upload = self.blobs.receive().await?;
        while let Some(piece) = field.chunk().await.map_err(refusal)? {
            upload.write(&piece).await?;
            if upload.size() > u64::from(expected.max) {
                return Err(Kind::ContentTooLarge);
            }
        }
        let received = upload.end(file).await?;
        form.held.push(received.hold);
        Ok(Content::Upload(received.blob))
    }
}

/// A part that is no upload.
async fn bytes(field: Field<'_>) -> Result<Content, Kind> {
    let is_file = field.file_name().is_some();
    let content = field.bytes().await.map_err(refusal)?;
    if !is_file && content.len() > MAX_TEXT_FIELD {
        return Err(Kind::ContentTooLarge);
    }
    Ok(Content::Bytes(content.into()))
}

/// Passes a part, as what comes after it is looked at too.
async fn drain(mut field: Field<'_>, why: &'static str) -> Result<Content, Kind> {
    while field.chunk().await.map_err(refusal)?.is_some() {}
    Ok(Content::Refused(why))
}

fn pieces(body: &mut Incoming, started: Instant) -> impl Stream<Item = Result<Bytes, Stopped>> {
    stream::try_unfold((body, 0), move |(body, received)| async move {
        let piece = next(body, received, started).await.map_err(Stopped)?;
        Ok(piece.map(|piece| {
            let received = received + piece.len();
            (piece, (body, received))
        }))
    })
}

/// What is wrong with a form, for its sender.
fn refusal(error: multer::Error) -> Kind {
    use multer::Error::{FieldSizeExceeded, StreamReadFailed, StreamSizeExceeded};
    if matches!(error, StreamSizeExceeded { .. } | FieldSizeExceeded { .. }) {
        return Kind::ContentTooLarge;
    }
    let StreamReadFailed(cause) = error else {
        return Kind::Malformed;
    };
    let stopped = cause.downcast::<Stopped>();
    stopped.map_or(Kind::Malformed, |stopped| stopped.0)
}
