//! What a machine asks of the world, and what the world replies.

use crate::manifest::{IssuerId, OperationId, SignalId};
use crate::program::{AnswerBody, EffectSite, StateSite};
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
    /// Do something with what is stored, and complete `id` before anything else: it belongs to the turn.
    State {
        /// To be completed.
        id: EffectId,
        /// What.
        site: StateSite,
        /// Its arguments, as the site says.
        args: Vec<Value>,
    },
    /// Complete `id` with null when the time has passed.
    Sleep {
        /// To be completed.
        id: EffectId,
        /// How long; anything but a duration is an error.
        time: Value,
    },
    /// Complete `id` with what the next signal carries.
    Wait {
        /// To be completed.
        id: EffectId,
        /// The signal.
        signal: SignalId,
        /// Its key.
        key: Value,
        /// How long to wait; anything but a duration is an error.
        up_to: Value,
    },
    /// Complete `id` with the bytes of a blob.
    Read {
        /// To be completed.
        id: EffectId,
        /// The blob.
        blob: Value,
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

impl Effect {
    /// What a site asks for with these arguments: as many as it takes.
    #[must_use]
    pub fn new(id: EffectId, site: &EffectSite, args: Vec<Value>) -> Self {
        let mut args = args.into_iter();
        match site {
            EffectSite::Call(operation) => Self::Call {
                id,
                operation: *operation,
                args: args.collect(),
            },
            EffectSite::Validate(issuer) => Self::Validate {
                id,
                issuer: *issuer,
                token: next(&mut args),
            },
            EffectSite::Emit(name) => Self::Emit {
                name: name.clone(),
                data: next(&mut args),
            },
            EffectSite::State(site) => Self::State {
                id,
                site: *site,
                args: args.collect(),
            },
            EffectSite::Sleep => Self::Sleep {
                id,
                time: next(&mut args),
            },
            EffectSite::Wait(signal) => Self::Wait {
                id,
                signal: *signal,
                key: next(&mut args),
                up_to: next(&mut args),
            },
            EffectSite::Read => Self::Read {
                id,
                blob: next(&mut args),
            },
        }
    }
}

fn next(args: &mut impl Iterator<Item = Value>) -> Value {
    args.next().unwrap_or_default()
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
