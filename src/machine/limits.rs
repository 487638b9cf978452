//! Every limit of the machine, in one place.

/// Nesting of any value, type, template or document.
pub const MAX_DEPTH: usize = 128;
/// Nesting of a JSON document that comes from outside.
pub const MAX_JSON_DEPTH: usize = 64;
/// Nodes of one JSON document that comes from outside.
pub const MAX_JSON_NODES: usize = 100_000;
/// Faults listed in one answer to invalid input; further ones are counted only.
pub const MAX_FAULTS: usize = 50;
/// Registers of one function.
pub const MAX_REGISTERS: usize = 4_096;
/// Operations of one function (jump targets are 16 bits wide).
pub const MAX_OPS: usize = 60_000;
/// Operations that are looked at to find out what becomes of copies of an input; behind them all of it counts as read.
pub const MAX_TRACED_OPS: usize = 10_000;
/// Entries of any table of a program (indices are 16 bits wide).
pub const MAX_TABLE: usize = 60_000;
/// Headers that a journey may set in one answer.
pub const MAX_ANSWER_HEADERS: usize = 100;
/// Failures that a circuit breaker may be told to count: it remembers each.
pub const MAX_BREAKER_FAILURES: u32 = 10_000;
/// Bytes of one artifact.
pub const MAX_ARTIFACT: usize = 16 * 1024 * 1024;
/// Bytes that the parts of one artifact may take in memory.
pub const MAX_DECODED: usize = 128 * 1024 * 1024;
/// Frames of one task: calls of sub-journeys inside each other.
pub const MAX_FRAMES: usize = 32;
/// Tasks of one run that live at the same time.
pub const MAX_TASKS: usize = 1_024;
/// Operations one run may execute, if the driver sets nothing else.
pub const DEFAULT_STEPS: u64 = 10_000_000;
/// Bytes of values that an operation may look at for one step; looking at more costs more.
pub const BYTES_PER_STEP: usize = 64;
/// Bytes one run may build, if the driver sets nothing else.
pub const DEFAULT_MEMORY: u64 = 16 * 1024 * 1024;
/// Bytes of one value that a program builds, shared parts counted as often as they occur.
pub const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of the source of one regular expression.
pub const MAX_PATTERN: usize = 4 * 1024;
/// Bytes of one compiled regular expression: a pattern that needs more is refused.
pub const MAX_REGEX_BYTES: usize = 256 * 1024;
/// Characters of a member's name in the pointer of a fault.
pub const MAX_POINTER_NAME: usize = 64;
/// Pairs of a query or a form.
pub const MAX_PAIRS: usize = 1_000;
/// Bytes of the name of an uploaded file.
pub const MAX_FILE_NAME: usize = 255;
/// Records that one `find` gives, or one `count` counts.
pub const MAX_FOUND: u16 = 1_000;
/// Fields of a key or of an index.
pub const MAX_KEY_FIELDS: usize = 8;
/// Attempts of a task.
pub const MAX_ATTEMPTS: u32 = 1_000;
/// Bytes of one key.
pub const MAX_KEY_BYTES: usize = 2_000;
/// Rows that one turn may read, as often as it reads them.
pub const MAX_TURN_READS: usize = 10_000;
/// Rows that one turn may write.
pub const MAX_TURN_CHANGES: usize = 1_000;
/// Buckets of all windows that one list of counts has.
pub const MAX_BUCKETS: i64 = 256;
/// Bytes of one record.
pub const MAX_RECORD_BYTES: usize = 1024 * 1024;
/// Days for which a signal that nobody takes is kept.
pub const SIGNAL_DAYS: u64 = 30;
/// Bytes of a snapshot.
pub const MAX_SNAPSHOT: usize = 8 * 1024 * 1024;
