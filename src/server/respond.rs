//! What a caller gets.

use crate::limits::PIECE;
use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use std::cell::Cell;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// An answer, complete.
pub type Reply = hyper::Response<Content>;

/// A body that is there as a whole. The connection gets it in pieces: it puts them behind the head in one buffer, so
/// that a small answer is one write, and that buffer must stay small where the answer is not.
#[derive(Debug, Default)]
pub struct Content(Bytes);

thread_local! {
    /// The emptied header of a request that is answered.
    static SPARE: Cell<Option<HeaderMap>> = const { Cell::new(None) };
}

/// An empty header, in the room of one that is done with if there is such.
pub(crate) fn spare() -> HeaderMap {
    SPARE.take().unwrap_or_default()
}

/// Gives the room that the header of a request took to an answer that comes after it.
pub(crate) fn reuse(mut headers: HeaderMap) {
    headers.clear();
    SPARE.set(Some(headers));
}

impl<T: Into<Bytes>> From<T> for Content {
    fn from(content: T) -> Self {
        Self(content.into())
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.0.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.0.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use http_body_util::BodyExt;

    #[test]
    fn a_large_body_comes_whole_and_in_pieces() {
        let whole: Vec<u8> = (0..=255).cycle().take(2 * PIECE + 1).collect();
        let mut content = Content::from(whole.clone());
        assert_eq!(content.size_hint().exact(), Some(whole.len() as u64));
        let mut pieces = Vec::new();
        while let Some(Some(frame)) = content.frame().now_or_never() {
            pieces.push(frame.unwrap().into_data().unwrap());
        }
        assert_eq!(
            pieces.iter().map(Bytes::len).collect::<Vec<_>>(),
            [PIECE, PIECE, 1]
        );
        assert_eq!(pieces.concat(), whole);
        assert!(content.is_end_stream() && Content::default().is_end_stream());
    }
}
