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
pub const BODY_GRACE: Duration = Duration::from_secs(5);
/// Time a connection may be kept open without a request.
pub const IDLE: Duration = Duration::from_secs(60);
/// Time a write may make no progress.
pub const WRITE_STALL: Duration = Duration::from_secs(30);
/// Bytes of the request's head: buffer of a connection.
pub const MAX_HEAD: usize = 32 * 1024;
/// Bytes of an answer that are copied to the buffer of a connection at once.
pub const PIECE: usize = 16 * 1024;
/// Bytes of one header line.
pub const MAX_HEADER_LINE: usize = 16 * 1024;
/// Header lines.
pub const MAX_HEADERS: usize = 100;
/// Bytes of the request target.
pub const MAX_TARGET: usize = 8 * 1024;
/// Bytes of a JSON or form body.
pub const MAX_BODY: usize = 1024 * 1024;
/// Bytes of a multipart body that brings no uploads.
pub const MAX_MULTIPART: usize = 10 * 1024 * 1024;
/// Bytes of a body that brings uploads, whatever these may have.
pub const MAX_UPLOAD: usize = 64 * 1024 * 1024;
/// Bytes of all bodies with uploads that are being received; a further one is answered 503.
pub const MAX_UPLOADING: usize = 512 * 1024 * 1024;
/// Bytes by which these are counted.
pub const UPLOAD_UNIT: usize = 1024;
/// Parts of a multipart body.
pub const MAX_PARTS: usize = 20;
/// Bytes of an image that is inspected.
pub const MAX_IMAGE: usize = 10 * 1024 * 1024;
/// Pixels of it, as its header states them.
pub const MAX_IMAGE_PIXELS: u64 = 50_000_000;
/// Pixels of one of its sides.
pub const MAX_IMAGE_SIDE: u32 = 16_384;
/// Bytes that decoding it may take.
pub const MAX_IMAGE_MEMORY: u64 = 256 * 1024 * 1024;
/// Images that are inspected at once; further ones wait.
pub const IMAGES_AT_ONCE: usize = 2;
/// Bytes of a text field of a multipart body.
pub const MAX_TEXT_FIELD: usize = 8 * 1024;
/// Streams of one HTTP/2 connection.
pub const MAX_STREAMS: u32 = 100;
/// Bytes of an HTTP/2 header list.
pub const MAX_HEADER_LIST: u32 = 16 * 1024;
/// Bytes of one stream that a caller may send before they are read: they are kept, whoever the caller is.
pub const STREAM_WINDOW: u32 = 128 * 1024;
/// The same for all streams of a connection.
pub const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Bytes of an answer that are kept for a stream whose caller does not read.
pub const SEND_BUFFER: usize = 64 * 1024;
/// Bytes of a token, checked before any cryptography.
pub const MAX_TOKEN: usize = 8 * 1024;
/// Characters of a request id that a caller may choose.
pub const MAX_REQUEST_ID: usize = 64;
/// Time for running requests when the server stops.
pub const DRAIN: Duration = Duration::from_secs(30);
/// Bytes of the body of a token request.
pub const MAX_TOKEN_REQUEST: usize = 32 * 1024;
/// Bytes of one file of the data folder.
pub const MAX_DATA_FILE: u64 = 16 * 1024 * 1024;
/// Seconds a token of ours is valid.
pub const TOKEN_LIFETIME: i64 = 3_600;
/// Random texts that are given at once.
pub const MAX_RANDOM_TEXTS: usize = 16;
/// Seconds after a sign-in for which its tokens can be refreshed.
pub const GRANT_LIFETIME: i64 = 30 * 24 * 3_600;
/// Seconds any accepted token may be valid.
pub const MAX_TOKEN_LIFETIME: i64 = 24 * 3_600;
/// Seconds by which clocks may differ.
pub const LEEWAY: i64 = 30;
/// Bytes of claims kept for verified tokens, for each issuer.
pub const TOKEN_CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes one kept token counts at least, which bounds their number.
pub const TOKEN_CACHE_ENTRY: u32 = 1_024;
/// Keys of one key set.
pub const MAX_KEYS: usize = 100;
/// Seconds after which a signing key of ours is replaced.
pub const KEY_AGE: i64 = 90 * 24 * 3_600;
/// How often the age of signing keys is looked at.
pub const KEY_CHECK: Duration = Duration::from_secs(3_600);
/// Bytes of one answer of another system.
pub const MAX_UPSTREAM_BODY: usize = 1024 * 1024;
/// Bytes of the head of such an answer.
pub const MAX_UPSTREAM_HEAD: usize = 64 * 1024;
/// Time an unused connection to another system is kept.
pub const UPSTREAM_IDLE: Duration = Duration::from_secs(30);
/// Unused connections kept for one system.
pub const UPSTREAM_IDLE_CONNECTIONS: usize = 64;
/// Time for a connection to one of several addresses of a host.
pub const CONNECT_ONE: Duration = Duration::from_secs(2);
/// Bytes of a key that requests are signed by, at least.
pub const SIGNATURE_KEY: usize = 24;
/// Ids of client assertions that are remembered.
pub const MAX_REPLAYS: usize = 100_000;
/// Seconds a client assertion may be valid.
pub const ASSERTION_LIFETIME: i64 = 600;
/// Seconds an assertion of ours is valid.
pub const OUR_ASSERTION_LIFETIME: i64 = 300;
/// Time in which the keys of an issuer are not asked for again.
pub const KEYS_FRESH: Duration = Duration::from_secs(600);
/// Time for which keys are used while newer ones cannot be had.
pub const KEYS_STALE: Duration = Duration::from_secs(24 * 3_600);
/// Time between two requests for the keys of an issuer.
pub const KEYS_COOL_DOWN: Duration = Duration::from_secs(30);
/// The same, as long as there are no keys at all.
pub const KEYS_RETRY: Duration = Duration::from_secs(1);
/// Time for one document of an issuer.
pub const KEYS_FETCH: Duration = Duration::from_secs(5);
/// Time for an issuer to say whether a token is good.
pub const INTROSPECTION: Duration = Duration::from_secs(5);
/// Time for an access token of a connection to be fetched.
pub const ACCESS_FETCH: Duration = Duration::from_secs(5);
/// Time before its end at which such a token is not used any more; at most a tenth of its life.
pub const ACCESS_MARGIN: Duration = Duration::from_secs(30);
/// How long such a token is used if nothing is said of its life.
pub const ACCESS_DEFAULT: Duration = Duration::from_secs(60);
/// How long such a token is used at most.
pub const ACCESS_LONGEST: Duration = Duration::from_secs(24 * 3_600);
/// Time between two requests for such a token.
pub const ACCESS_RETRY: Duration = Duration::from_secs(1);
/// Bytes of such a token.
pub const MAX_ACCESS_TOKEN: usize = 16 * 1024;
/// Requests at work at once; further ones are answered 503.
pub const MAX_IN_FLIGHT: usize = 10_000;
/// Keys of rate limits that are kept; further ones share what is left.
pub const MAX_RATE_KEYS: usize = 1024 * 1024;
/// Parts of the table of those keys, each with a lock of its own.
pub const RATE_SHARDS: usize = 64;
/// Time between two looks for keys that need not be kept any more, while there is no room.
pub const RATE_SWEEP: Duration = Duration::from_secs(1);
/// Bits by which callers of IPv6 are told apart: who has one address of a network has all of them.
pub const CALLER_PREFIX: u8 = 64;
/// Addresses of one `X-Forwarded-For` that are looked at.
pub const MAX_HOPS: usize = 32;
/// Operations a run executes before others get their turn.
pub const FUEL: u32 = 100_000;
/// How often the limits of connections are looked at.
pub const TICK: Duration = Duration::from_secs(1);
/// Pause after the system could not give a connection, as when it has no more file descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Longest deadline of a journey; whatever it declares beyond that is cut.
pub const MAX_DEADLINE: Duration = Duration::from_secs(3_600);
/// How often the turns of one run may begin again, as others were faster; then it is answered 503.
pub const TURN_TRIES: u32 = 100;
/// How often the turns of one run begin again at once; from then on they stand in line with all others that lose, and one
/// begins after the other.
pub const HASTY_TRIES: u32 = 3;
/// Turns that wait to be written; further ones are answered 503.
pub const WAITING_TURNS: usize = 4_096;
/// Turns that share one wait for the disk.
pub const BATCH_TURNS: usize = 512;
/// Bytes of rows that only memory and the journal have; from then on they are written to the tables.
pub const UNSETTLED_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of rows kept in memory that the tables have, too.
pub const CACHED_BYTES: usize = 32 * 1024 * 1024;
/// Boxes of labelled fields whose content is kept after they were opened.
pub const OPENED_BOXES: usize = 64;
/// Bytes of a box that is kept so.
pub const OPENED_BOX_BYTES: usize = 1_024;
/// Bytes after which what is written to the journal begins another row of it.
pub const JOURNAL_ROW: usize = 1024 * 1024;
/// Rows of the journal that are deleted with each batch, once the tables have them.
pub const CUT_ROWS: u32 = 4;
/// Rows written to the tables at once while nobody else writes: about a millisecond, which others on the same core wait.
pub const SETTLED_ROWS: usize = 64;
/// Time without a turn to write after which that is done.
pub const SETTLE_PAUSE: Duration = Duration::from_millis(100);
/// Time after which it is done again, while more is left.
pub const SETTLE_STEP: Duration = Duration::from_millis(4);
/// Rows written to the tables at once at the end, when nobody waits any more.
pub const SETTLED_LAST: usize = 1_000;
/// Rows of the tables that one look may find outdated; beyond that they are brought up to date at once.
pub const SKIPPED_ROWS: usize = 1_000;
/// Expired rows that are deleted at once; others write between.
pub const SWEPT_ROWS: usize = 200;
/// Rows read, and written anew, at once where all of a space are gone through.
pub const PAGE_ROWS: u32 = 500;
/// Time between two sweeps.
pub const SWEEP_PAUSE: Duration = Duration::from_secs(10);
/// Time between two attempts to write while the disk is full or fails.
pub const PROBE_PAUSE: Duration = Duration::from_secs(1);
/// Time after a write before the log is copied into the file of state.
pub const CHECKPOINT_PAUSE: Duration = Duration::from_millis(100);
/// Pages of 4 KiB of that log, beyond which it begins anew.
pub const LOG_PAGES: i64 = 16 * 1_024;
/// Pages of it that whoever writes copies before that; more are copied beside the writing first, if that can be done in
/// [`CHECKPOINT_ROUNDS`].
pub const LEFT_PAGES: i64 = 256;
/// How often what was written meanwhile is copied at once.
pub const CHECKPOINT_ROUNDS: u32 = 4;
/// Pages that nothing is stored in, beyond which the file of state gives some back, if they are a quarter of it.
pub const FREE_PAGES: i64 = 1_024;
/// Pages given back at once; others write between.
pub const SHRUNK_PAGES: i64 = 128;
/// Attempts of tasks at once; further runs wait.
pub const TASKS_AT_ONCE: usize = 256;
/// How often runs of tasks that are due are looked for; those that this process makes due are seen at once.
pub const TASK_POLL: Duration = Duration::from_secs(1);
/// Time between two looks for programs that no run needs any more.
pub const PROGRAM_SWEEP: Duration = Duration::from_secs(3_600);
/// Milliseconds after which the program of a run is looked for again.
pub const PROGRAM_RETRY: u64 = 60_000;
/// Milliseconds after which a run goes on that could not be written.
pub const TASK_RETRY: u64 = 1_000;
/// Milliseconds beyond the time of an attempt, after which its run is taken for abandoned.
pub const LEASE_SPARE: u64 = 60_000;
