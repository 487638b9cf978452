//! Every limit of the server, in one place.

use std::time::Duration;

/// Connections at once; a further one is closed at once.
pub const MAX_CONNECTIONS: usize = 20_000;
/// Time until the first byte of a connection.
pub const FIRST_BYTE: Duration = Duration::from_secs(10);
/// Time for the head of a request.
pub const HEADERS: Duration = Duration::from_secs(10);
/// Time for the body of a request.
pub const BODY: Duration = Duration::from_secs(30);
/// Bytes a second a body must bring, after [`BODY_GRACE`].
pub const BODY_RATE: u64 = 1_024;
/// Time before [`BODY_RATE`] is asked for.
pub const BODY_GRACE: Duration = Duration::from_secs(2);
/// Time a connection may be kept open without a request.
pub const IDLE: Duration = Duration::from_secs(60);
/// Time a write may make no progress.
pub const WRITE_STALL: Duration = Duration::from_secs(30);
/// Bytes of the request's head: buffer of a connection.
pub const MAX_HEAD: usize = 32 * 1024;
/// Bytes of one header line.
pub const MAX_HEADER_LINE: usize = 16 * 1024;
/// Header lines.
pub const MAX_HEADERS: usize = 100;
/// Bytes of the request target.
pub const MAX_TARGET: usize = 8 * 1024;
/// Bytes of a JSON or form body.
pub const MAX_BODY: usize = 1024 * 1024;
/// Bytes of a multipart body.
pub const MAX_MULTIPART: usize = 10 * 1024 * 1024;
/// Parts of a multipart body.
pub const MAX_PARTS: usize = 20;
/// Bytes of a text field of a multipart body.
pub const MAX_TEXT_FIELD: usize = 8 * 1024;
/// Streams of one HTTP/2 connection.
pub const MAX_STREAMS: u32 = 100;
/// Bytes of an HTTP/2 header list.
pub const MAX_HEADER_LIST: u32 = 16 * 1024;
/// Bytes of a token, checked before any cryptography.
pub const MAX_TOKEN: usize = 8 * 1024;
/// Characters of a request id that a caller may choose.
pub const MAX_REQUEST_ID: usize = 64;
/// Time for running requests when the server stops.
pub const DRAIN: Duration = Duration::from_secs(30);
/// Bytes of the body of a token request.
pub const MAX_TOKEN_REQUEST: usize = 32 * 1024;
