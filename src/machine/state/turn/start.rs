//! What one run does to others: it starts them, and sends them signals.

use super::{Current, Done, Need, Turn, finish, malformed};
use crate::effect::Outcome;
use crate::manifest::{Millis, Task};
use crate::state::Place;
use crate::state::run::{BY_KEY, BY_WAIT, Run, RunState, later, runs, signals};
use crate::state::table::field;
use crate::value::{EvalError, Map, Str, Value};

impl Turn {
    /// `args`: a new id, the arguments of the task, then the time to wait and the key, where there are these.
    pub(super) fn start(
        &mut self,
        task: &Task,
        program: &Str,
        args: &[Value],
        (after, key): (bool, bool),
    ) -> Done<Value> {
        let (id, rest) = args.split_first().ok_or_else(malformed)?;
        let (args, rest) = rest.split_at(task.params.len().min(rest.len()));
        let (after, rest) = rest.split_at(usize::from(after).min(rest.len()));
        let (after, key) = (after.first(), rest.first().filter(|_| key));
        if let Some(key) = key {
            let by = [task.name.clone().into(), text(key)?.into()];
            if let Some(run) = self.first_of(runs(None), Some(&BY_KEY), &by)? {
                return Ok(run.record.get("id").cloned().unwrap_or_default());
            }
        }
        let run = Run {
            id: text(id)?,
            task: task.name.clone(),
            key: key.map(text).transpose()?,
            args: args.to_vec().into(),
            program: program.clone(),
            state: RunState::Due,
            due: Some(after.map_or(Ok(self.now), |after| later(self.now, after))?),
            attempt: 0,
            created: self.now,
            saved: None,
            wait: None,
            until: None,
            used: 0,
            error: None,
        };
        self.insert(runs(None), &run.to_record())?;
        Ok(id.clone())
    }

    /// `args`: a new id, the key, what it carries. The first run that waits for it is woken.
    pub(super) fn signal(&mut self, name: &Str, args: &[Value]) -> Done<Value> {
        let [id, key, data] = args else {
            return Err(malformed().into());
        };
        let place = self.changed(signals()).count();
        let signal: Map = [
            ("signal", name.clone().into()),
            ("key", text(key)?.into()),
            ("sent", Value::Timestamp(self.now)),
            (
                "place",
                Value::Int(i64::try_from(place).unwrap_or(i64::MAX)),
            ),
            ("id", text(id)?.into()),
            ("data", data.clone()),
        ]
        .into_iter()
        .collect();
        let by = [name.clone().into(), key.clone()];
        let waiting = self.first_of(runs(None), Some(&BY_WAIT), &by)?;
        let woken = waiting.and_then(|run| Run::of_record(&run.record));
        let woken = woken.map(|run| Run {
            wait: None,
            due: Some(self.now),
            ..run
        });
        // All that has to be seen is seen before anything is changed.
        if let Some(run) = &woken {
            self.current(&place_of(run)?)?;
        }
        self.insert(signals(), &signal.into())?;
        if let Some(run) = &woken {
            self.put(runs(None), place_of(run)?, &settled(run))?;
        }
        Ok(Value::Null)
    }

    /// Does the turn leave a run that waits for its time?
    #[must_use]
    pub fn makes_due(&self) -> bool {
        let due = Value::from(RunState::Due.name());
        self.changed(runs(None))
            .any(|(_, run)| run.is_some_and(|run| *field(run, "state") == due))
    }

    /// A run, as the turn will leave it.
    ///
    /// # Errors
    /// What has to be seen first.
    pub fn run(&self, id: &Str) -> Result<Result<Option<Run>, EvalError>, Need> {
        finish(self.found_run(id))
    }

    fn found_run(&self, id: &Str) -> Done<Option<Run>> {
        let place = runs(None).place([&id.clone().into()])?;
        let current = self.current(&place)?;
        Ok(current.and_then(|current| Run::of_record(&current.record)))
    }

    /// The run becomes this; `keep`: and is forgotten after this time.
    ///
    /// # Errors
    /// What has to be seen first.
    pub fn save(&mut self, run: &Run, keep: Option<Millis>) -> Result<Outcome, Need> {
        finish(self.saved(run, keep))
    }

    fn saved(&mut self, run: &Run, keep: Option<Millis>) -> Done<Value> {
        let place = place_of(run)?;
        self.current(&place)?;
        self.put(runs(keep), place, &settled(run))
    }

    /// Has a signal of this name and key been sent that nobody has taken?
    ///
    /// # Errors
    /// What has to be seen first.
    pub fn is_sent(&self, name: &Str, key: &Value) -> Result<Result<bool, EvalError>, Need> {
        finish(self.first_signal(name, key).map(|signal| signal.is_some()))
    }

    fn first_signal(&self, name: &Str, key: &Value) -> Done<Option<Current>> {
        let by = [name.clone().into(), text(key)?.into()];
        self.first_of(signals(), None, &by)
    }

    /// Takes the first signal of this name and key: what it carries.
    ///
    /// # Errors
    /// What has to be seen first.
    pub fn take(
        &mut self,
        name: &Str,
        key: &Value,
    ) -> Result<Result<Option<Value>, EvalError>, Need> {
        finish(self.taken(name, key))
    }

    fn taken(&mut self, name: &Str, key: &Value) -> Done<Option<Value>> {
        let Some(signal) = self.first_signal(name, key)? else {
            return Ok(None);
        };
        let place = signals().place_of(&signal.record)?;
        self.current(&place)?;
        self.remove(signals(), place);
        Ok(Some(field(&signal.record, "data").clone()))
    }
}

fn place_of(run: &Run) -> Result<Place, EvalError> {
    runs(None).place([&run.id.clone().into()])
}

fn settled(run: &Run) -> Value {
    runs(None).settled(&run.to_record())
}

fn text(value: &Value) -> Result<Str, EvalError> {
    let text = value.as_str().map(Str::from);
    text.ok_or_else(|| EvalError::fixed("a key of a task or a signal is no string"))
}
