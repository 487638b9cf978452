//! Every limit of the language, in one place.

pub use journey_machine::limits::MAX_DEPTH;

/// Bytes of one source file.
pub const MAX_SOURCE: usize = 1024 * 1024;
/// Files of one project.
pub const MAX_FILES: usize = 4_096;
/// Steps of one journey.
pub const MAX_STEPS: usize = 10_000;
/// Lines of one file that are not blank; in the text form together with its opening braces, and with the words and
/// numbers that do not stand in parentheses or square brackets; one that begins a step counts for three.
pub const MAX_PARTS: usize = 75_000;
/// Parts of all expressions and types of one file.
pub const MAX_NODES: usize = 75_000;
/// Diagnostics kept; further ones are counted only.
pub const MAX_DIAGNOSTICS: usize = 200;
/// Bytes of a sentence of a diagnostic; of a longer one the middle is left out.
pub const MAX_SAID: usize = 1_000;
/// Bytes that the compiled patterns of one file may take together; what reading them takes is counted as such bytes, too.
pub const MAX_PATTERNS: usize = 16 * 1024 * 1024;
/// Bytes of compiled patterns that are kept while constants are held against them; beyond that they are compiled again.
pub const KEPT_PATTERNS: usize = 4 * 1024 * 1024;
/// Fields, indices and calls behind each other, or `? :` in a row: each holds those before or behind it.
pub const MAX_CHAIN: usize = 120;
/// Comprehensions in the bodies of each other: each multiplies the turns of those around it.
pub const MAX_COMPREHENSIONS: usize = 8;
/// The largest `max` of a loop.
pub const MAX_TURNS: u64 = 100_000;
/// The largest `parallel` of a loop, and the most branches of a `parallel`.
pub const MAX_PARALLEL: u64 = 256;
/// Milliseconds: the largest `deadline` of an endpoint.
pub const MAX_DEADLINE: u64 = 300_000;
/// Milliseconds: the largest `leeway` of an issuer.
pub const MAX_LEEWAY: u64 = 300_000;
/// The most attempts of a `retry`.
pub const MAX_ATTEMPTS: u64 = 10;
/// The most `failures` of a breaker.
pub const MAX_FAILURES: u64 = 10_000;
/// The largest `concurrency` of a connection.
pub const MAX_CONCURRENCY: u64 = 65_535;
/// The largest priority of a rule.
pub const MAX_PRIORITY: u64 = 1_000;
/// Rules of one declaration.
pub const MAX_RULES: usize = 1_000;
/// Limits that one journey is held to.
pub const MAX_LIMITS: usize = 8;
/// Values that one limit tells requests apart by.
pub const MAX_LIMIT_KEYS: usize = 8;
/// The largest count of a rate, and the largest burst.
pub const MAX_RATE: u64 = 1_000_000;
/// Milliseconds: the longest time of a rate.
pub const MAX_RATE_TIME: u64 = 86_400_000;
/// Fields of one key or index.
pub const MAX_INDEX_FIELDS: usize = 8;
/// Unique lines and indexes of one store.
pub const MAX_INDEXES: usize = 16;
/// The largest `max` of a `find` or a `count`.
pub const MAX_FOUND: u64 = 1_000;
/// The most attempts of a task.
pub const MAX_TASK_ATTEMPTS: u64 = 100;
/// Milliseconds: the largest `timeout` of a task.
pub const MAX_TASK_TIMEOUT: u64 = 3_600_000;
/// Milliseconds: the longest pause, `sleep`, `after` or `up to`.
pub const MAX_DELAY: u64 = 366 * 86_400_000;
/// Milliseconds: the largest `retain` of a store or `keep` of a task.
pub const MAX_RETAIN: u64 = 36_600 * 86_400_000;
/// Faults of YAML syntax in one file after which it is read on.
pub const MAX_RECOVERIES: usize = 50;
/// Bytes read again after faults of YAML syntax: a large file is not read on after every fault.
pub const MAX_RESCANNED: usize = 8 * MAX_SOURCE;
/// Fields of one object type.
pub const MAX_FIELDS: usize = 512;
/// Values of one enum.
pub const MAX_VALUES: usize = 256;
/// Parameters or outcomes of one sub-journey, or parameters of one operation.
pub const MAX_PARAMETERS: usize = 256;
/// Fields of objects compared or copied for all expressions of one file.
pub const MAX_COMPARED: usize = 1_000_000;
