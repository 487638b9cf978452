//! What a machine asks of the world, and what the world replies.

use crate::manifest::{IssuerId, OperationId};
use crate::program::AnswerBody;
use crate::value::{EvalError, Str, Value};

/// Names one effect of a run; given out in sequence, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(pub u32);

/// A request of the machine to its driver.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Call an operation and complete `id` with `{status, body}`.
    Call {
        /// To be completed.
        id: EffectId,
        /// The operation.
        operation: OperationId,
        /// One value for each of its parameters; null: absent.
        args: Vec<Value>,
    },
    /// Validate a token and complete `id` with its claims.
    Validate {
        /// To be completed.
        id: EffectId,
        /// Whose token it should be.
        issuer: IssuerId,
        /// The token; anything but a string is an invalid token.
        token: Value,
    },
    /// Report an event. There is nothing to complete.
    Emit {
        /// Its name.
        name: Str,
        /// Its data.
        data: Value,
    },
    /// The effect is no longer wanted; a completion that comes nevertheless is ignored.
    Cancel(EffectId),
}

/// How an effect ended.
pub type Outcome = Result<Value, EvalError>;

/// The end of a run: an HTTP answer, except for its framing.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// 200–599
    pub status: u16,
    /// Lower-case names and values, `content-type` only where the journey sets it.
    pub headers: Vec<(Str, Str)>,
    /// What kind of body.
    pub kind: AnswerBody,
    /// The body: null for `Empty`, a string for `Text` and `Html`, bytes for `Bytes`, a code for `Problem`.
    pub body: Value,
}
