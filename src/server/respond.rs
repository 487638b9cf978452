//! What a caller gets.

use bytes::Bytes;
use http_body_util::Full;

/// An answer, complete.
pub type Reply = hyper::Response<Full<Bytes>>;
