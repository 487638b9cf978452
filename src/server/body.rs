//! The body of a request: read within its limits of size and time, and only once it is known who calls.

mod multipart;
mod uploads;

pub(crate) use multipart::{Form, Reception};
pub(crate) use uploads::store;

use crate::limits::{BODY, BODY_GRACE, BODY_RATE, MAX_BODY, MAX_MULTIPART, MAX_UPLOAD};
use crate::problem::Kind;
use crate::wake::quietly;
use bytes::{Bytes, BytesMut};
use hyper::Version;
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use journey_machine::http::is_json;
use journey_machine::manifest::BodyKind;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::timeout_at;

/// The body that the header announces, if the journey takes it.
pub(crate) fn announced(
    kind: BodyKind,
    content_type: Option<&HeaderValue>,
    body: &Incoming,
) -> Result<BodyKind, Kind> {
    if kind == BodyKind::None || body.is_end_stream() {
        return Ok(BodyKind::None);
    }
    let content_type = content_type.ok_or(Kind::UnsupportedMediaType)?;
    // The fields of a multipart form may come as members of a JSON object.
    let as_json = kind == BodyKind::Multipart && fits(BodyKind::Json, content_type);
    let sent = if as_json { BodyKind::Json } else { kind };
    if fits(sent, content_type) {
        Ok(sent)
    } else {
        Err(Kind::UnsupportedMediaType)
    }
}

/// Is it said how long the body is? In HTTP/2 its end is, whatever the header says.
pub(crate) fn is_measured(parts: &Parts) -> bool {
    let says = |name| parts.headers.contains_key(name);
    parts.version == Version::HTTP_2 || says(CONTENT_LENGTH) || says(TRANSFER_ENCODING)
}

/// Bytes of a body whose uploads may have so many: base64 makes four of three, and there are other fields.
pub(crate) fn upload_limit(uploads: u64) -> usize {
    if uploads == 0 {
        return MAX_MULTIPART;
    }
    let encoded = usize::try_from(uploads.div_ceil(3).saturating_mul(4)).unwrap_or(usize::MAX);
    encoded.saturating_add(MAX_BODY).min(MAX_UPLOAD)
}

fn fits(kind: BodyKind, content_type: &HeaderValue) -> bool {
    // What nearly every caller writes needs no closer look.
    if kind == BodyKind::Json && content_type == "application/json" {
        return true;
    }
    let Ok(content_type) = content_type.to_str() else {
        return false;
    };
    let essence = || content_type.split(';').next().unwrap_or_default().trim();
    match kind {
        BodyKind::Json => is_json(content_type) && is_utf8(content_type),
        BodyKind::Form => {
            essence().eq_ignore_ascii_case("application/x-www-form-urlencoded")
                && is_utf8(content_type)
        }
        BodyKind::Multipart => essence().eq_ignore_ascii_case("multipart/form-data"),
        BodyKind::None | BodyKind::Upload => false,
    }
}

/// Does it name no other charset than UTF-8?
fn is_utf8(content_type: &str) -> bool {
    content_type
        .split(';')
        .skip(1)
        .all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                let value = value.trim().trim_matches('"');
                value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("utf8")
            }
            _ => true,
        })
}

/// All of a body of at most `limit` bytes that began to come at `started`. Most are there with their head, in one piece;
/// what takes longer has a place of its own.
pub(crate) async fn read(
    body: &mut Incoming,
    limit: usize,
    started: Instant,
) -> Result<Bytes, Kind> {
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(Kind::ContentTooLarge);
    }
    let first = match poll_fn(|context| Poll::Ready(take(body, context))).await {
        Poll::Ready(frame) => data(frame)?,
        // As if there were no first piece.
        Poll::Pending => Piece::Other,
    };
    match first {
        Piece::Data(data) if body.is_end_stream() && data.len() <= limit => Ok(data),
        Piece::Data(data) => Box::pin(rest(body, data.into(), limit, started)).await,
        Piece::Other => Box::pin(rest(body, BytesMut::new(), limit, started)).await,
        Piece::End => Ok(Bytes::new()),
    }
}

/// All of a body that begins with `all`.
async fn rest(
    body: &mut Incoming,
    mut all: BytesMut,
    limit: usize,
    started: Instant,
) -> Result<Bytes, Kind> {
    loop {
        if all.len() > limit {
            return Err(Kind::ContentTooLarge);
        }
        match next(body, all.len(), started).await? {
            Some(data) => all.extend_from_slice(&data),
            None => return Ok(all.freeze()),
        }
    }
}

/// What a frame brings.
enum Piece {
    Data(Bytes),
    /// Trailers, which say nothing that a journey could read.
    Other,
    End,
}

fn data(frame: Option<Result<Frame<Bytes>, hyper::Error>>) -> Result<Piece, Kind> {
    match frame.map(|frame| frame.map(Frame::into_data)) {
        Some(Ok(Ok(data))) => Ok(Piece::Data(data)),
        Some(Ok(Err(_))) => Ok(Piece::Other),
        Some(Err(_)) => Err(Kind::Malformed),
        None => Ok(Piece::End),
    }
}

/// The next piece.
async fn next(
    body: &mut Incoming,
    received: usize,
    started: Instant,
) -> Result<Option<Bytes>, Kind> {
    loop {
        let until = deadline(started, received).into();
        let frame = timeout_at(until, poll_fn(|context| take(body, context))).await;
        match data(frame.map_err(|_| Kind::RequestTimeout)?)? {
            Piece::Data(data) => return Ok(Some(data)),
            Piece::Other => {}
            Piece::End => return Ok(None),
        }
    }
}

/// The next frame. Whoever reads from the connection has nothing to do with a body whose last piece is taken.
fn take(
    body: &mut Incoming,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
    let frame = |body: &mut Incoming, context: &mut Context<'_>| Pin::new(body).poll_frame(context);
    quietly(body, context, frame, |body| !body.is_end_stream())
}

/// When the next byte is due: at the end of all time a body has, or when it falls behind the least rate.
fn deadline(started: Instant, received: usize) -> Instant {
    let paid = Duration::from_millis(
        u64::try_from(received)
            .unwrap_or(u64::MAX)
            .saturating_mul(1_000)
            / BODY_RATE,
    );
    started + BODY.min(BODY_GRACE + paid)
}
