//! State for one run that is tried: in memory, and answered at once.

use crate::driver::bring;
use crate::state::{Hold, Refused, State, Unavailable};
use futures_util::FutureExt;
use journey_machine::blob::Blob;
use journey_machine::effect::Outcome;
use journey_machine::manifest::StoreId;
use journey_machine::program::{Parts, StateSite};
use journey_machine::state::{Codec, Need, Place, Range, Turn};
use journey_machine::value::{ErrorKind, EvalError, Str, Timestamp, Value};

/// What a run finds and leaves.
#[derive(Debug)]
pub struct Ledger {
    state: State,
    turn: Turn,
    /// Uploads, all of which stay.
    uploads: Vec<Hold>,
}

impl Ledger {
    /// One without any record, at this time.
    ///
    /// # Errors
    /// There is no memory.
    pub fn new(now: Timestamp) -> Result<Self, Unavailable> {
        Ok(Self {
            state: State::temporary()?,
            turn: Turn::new(now),
            uploads: Vec::new(),
        })
    }

    /// Keeps an upload, whose id says only which one it is.
    ///
    /// # Errors
    /// There is no memory.
    pub fn upload(&mut self, bytes: &[u8], file: Option<Str>) -> Result<Blob, EvalError> {
        let id = Str::from(format!("upload-{}", self.uploads.len() + 1));
        let received = async {
            let mut upload = self.state.blobs.receive_as(id).await?;
            upload.write(bytes).await?;
            upload.end(file).await
        };
        let received = received.now_or_never().unwrap_or(Err(Refused::Failed));
        let received = received.map_err(lost)?;
        self.uploads.push(received.hold);
        Ok(received.blob)
    }

    /// The bytes of an upload.
    ///
    /// # Errors
    /// There is no such one.
    pub fn read(&self, blob: &Value) -> Outcome {
        let read = self.state.blobs.read_value(blob).now_or_never();
        read.unwrap_or_else(|| Err(lost(Refused::Failed)))
    }

    /// Does what a site asks for.
    pub fn act(&mut self, parts: &Parts, site: StateSite, args: &[Value]) -> Outcome {
        loop {
            match self.turn.act(parts, &Str::default(), site, args) {
                Ok(outcome) => return outcome,
                Err(need) => self.bring(need)?,
            }
        }
    }

    fn bring(&mut self, need: Need) -> Result<(), EvalError> {
        let brought = bring(&mut self.turn, need, &self.state).now_or_never();
        brought.unwrap_or(Err(Refused::Failed)).map_err(lost)
    }

    /// Ends the turn; `kept`: what it did stays.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn end(&mut self, kept: bool) -> Result<(), EvalError> {
        let next = Turn::new(self.turn.now());
        let turn = std::mem::replace(&mut self.turn, next);
        if !kept {
            return Ok(());
        }
        let done = self.state.commit(&turn).now_or_never();
        done.unwrap_or(Err(Refused::Failed)).map_err(lost)
    }

    /// All records of a store, in the order of their keys, without their versions.
    #[must_use]
    pub fn records(&self, parts: &Parts, store: StoreId) -> Vec<Value> {
        let Some(store) = parts.manifest.stores.get(usize::from(store.0)) else {
            return Vec::new();
        };
        let range = Range {
            space: store.name.clone(),
            index: None,
            from: Vec::new(),
            to: None,
            descending: false,
            max: u32::MAX,
        };
        let found = self.state.engine.range(&range, self.turn.now());
        let found = found.now_or_never().and_then(Result::ok);
        let found = found.unwrap_or_default().into_iter();
        let records = found.filter_map(|row| {
            let place = Place {
                space: store.name.clone(),
                key: row.key,
            };
            self.state.open(&place, &row.data)
        });
        records.collect()
    }
}

fn lost(refused: Refused) -> EvalError {
    EvalError::new(ErrorKind::Unavailable, refused.to_string())
}
