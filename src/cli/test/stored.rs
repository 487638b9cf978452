//! What a run finds stored and leaves: records, started tasks, signals.

use super::plain::plain;
use super::world::Difference;
use journey_machine::blob::Blob;
use journey_machine::effect::{EffectId, Outcome};
use journey_machine::manifest::{BodyKind, StoreId};
use journey_machine::program::{Program, StateSite};
use journey_machine::schema::{Decoder, TypeId};
use journey_machine::value::{ErrorKind, EvalError, Str, Timestamp, Value};
use journey_server::ledger::Ledger;
use serde_json::{Map, Value as Json, json};

/// See the module.
#[derive(Debug)]
pub(super) struct Stored<'p> {
    program: &'p Program,
    /// `None`: the program has nothing to store.
    ledger: Option<Ledger>,
    /// Actions that are done, and nobody has been told.
    done: Vec<(EffectId, Outcome)>,
    /// Of this turn.
    begun: Sent,
    pub(super) sent: Sent,
}

/// What goes to others.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) started: Vec<Json>,
    pub(super) signals: Vec<Json>,
}

impl<'p> Stored<'p> {
    pub(super) fn new(program: &'p Program, now: Timestamp) -> Self {
        let manifest = &program.manifest;
        let mut journeys = manifest.journeys.iter();
        let uploads = journeys.any(|journey| journey.input.body == BodyKind::Multipart);
        let empty = manifest.stores.is_empty()
            && manifest.tasks.is_empty()
            && manifest.signals.is_empty()
            && !uploads;
        Self {
            program,
            ledger: if empty { None } else { Ledger::new(now).ok() },
            done: Vec::new(),
            begun: Sent::default(),
            sent: Sent::default(),
        }
    }

    /// An upload that has been received; `None`: there is nothing that could keep it.
    pub(super) fn upload(&mut self, bytes: &[u8], file: Option<Str>) -> Option<Blob> {
        self.ledger.as_mut()?.upload(bytes, file).ok()
    }

    /// The end of `read blob`.
    pub(super) fn read(&self, blob: &Value) -> Outcome {
        let nothing = || Err(EvalError::new(ErrorKind::Missing, "there is no upload"));
        let ledger = self.ledger.as_ref();
        ledger.map_or_else(nothing, |ledger| ledger.read(blob))
    }

    /// Puts the records that are there before; what is wrong with them. Uploads in them are given as base64.
    pub(super) fn give(
        &mut self,
        decoder: &Decoder,
        given: Vec<(StoreId, Value)>,
    ) -> Vec<Difference> {
        let Some(ledger) = &mut self.ledger else {
            return Vec::new();
        };
        let mut wrong = Vec::new();
        for (store, record) in given {
            let declared = self.program.manifest.stores.get(usize::from(store.0));
            let schema = declared.map_or(TypeId(0), |store| store.record);
            let record = decoder.replace_uploads(schema, &record, &mut |bytes| {
                Some(ledger.upload(bytes, None).ok()?.to_value())
            });
            if let Err(error) = ledger.act(self.program, StateSite::Insert(store), &[record]) {
                let what = format!("a given record cannot be stored: {}", error.message);
                wrong.push(Difference::new(what));
            }
        }
        wrong.extend(self.end(true));
        wrong
    }

    pub(super) fn act(&mut self, id: EffectId, site: StateSite, args: &[Value]) {
        let Some(ledger) = &mut self.ledger else {
            return;
        };
        let outcome = ledger.act(self.program, site, args);
        if outcome.is_ok() {
            self.note(site, args);
        }
        self.done.push((id, outcome));
    }

    /// What the run is to be told before anything else.
    pub(super) fn done(&mut self) -> Vec<(EffectId, Outcome)> {
        std::mem::take(&mut self.done)
    }

    /// Ends a turn; what is wrong with it.
    pub(super) fn end(&mut self, kept: bool) -> Option<Difference> {
        let begun = std::mem::take(&mut self.begun);
        let ended = self.ledger.as_mut()?.end(kept);
        if kept {
            self.sent.started.extend(begun.started);
            self.sent.signals.extend(begun.signals);
        }
        let error = ended.err()?;
        Some(Difference::new(format!(
            "a turn cannot be written: {}",
            error.message
        )))
    }

    /// All records, by store.
    pub(super) fn records(&self) -> Json {
        let stores = (0..).map(StoreId).zip(&self.program.manifest.stores);
        let records = stores.map(|(id, store)| {
            let ledger = self.ledger.iter();
            let records = ledger.flat_map(|ledger| ledger.records(self.program, id));
            (
                store.name.to_string(),
                records.map(|record| plain(&record)).collect(),
            )
        });
        records.collect::<Map<String, Json>>().into()
    }

    fn note(&mut self, site: StateSite, args: &[Value]) {
        let manifest = &self.program.manifest;
        match (site, args) {
            (StateSite::Start { task, after, key }, [_, args @ ..]) => {
                let Some(task) = manifest.tasks.get(usize::from(task.0)) else {
                    return;
                };
                let (given, rest) = args.split_at(task.params.len().min(args.len()));
                let named = task.params.iter().zip(given);
                let named = named.filter(|(_, value)| !value.is_null());
                let named = named.map(|((name, _), value)| (name.to_string(), plain(value)));
                let mut started = Map::new();
                started.insert("task".into(), task.name.as_str().into());
                started.insert("args".into(), Json::Object(named.collect()));
                let words = [("after", after), ("key", key)];
                let words = words.into_iter().filter(|(_, there)| *there);
                for ((word, _), value) in words.zip(rest) {
                    started.insert(word.into(), plain(value));
                }
                self.begun.started.push(started.into());
            }
            (StateSite::Signal(signal), [_, key, data]) => {
                let signal = manifest.signals.get(usize::from(signal.0));
                let name = signal.map_or("", |signal| signal.name.as_str());
                let sent = json!({ "signal": name, "key": plain(key), "data": plain(data) });
                self.begun.signals.push(sent);
            }
            _ => {}
        }
    }
}
