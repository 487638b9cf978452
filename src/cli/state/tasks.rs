//! Runs of tasks: listed, tried again, deleted.

use super::{Open, line, unreadable};
use crate::output::{self, Exit, Outcome, Problem};
use clap::Subcommand;
use journey_machine::state::run::{Run, RunState, runs};
use journey_machine::state::{Change, Codec, Found, Place};
use journey_machine::value::{Map, Str, Value};
use journey_server::clock;

#[derive(Debug, Subcommand)]
pub(super) enum TaskAction {
    /// All runs that are remembered, each a line of JSON.
    List {
        /// Those only whose last attempt has failed.
        #[arg(long)]
        dead: bool,
        /// Show arguments and errors too.
        #[arg(long)]
        reveal: bool,
    },
    /// Let a dead run begin again, with all its attempts.
    Retry {
        /// Its id.
        id: String,
    },
    /// Forget a run.
    Delete {
        /// Its id.
        id: String,
    },
}

impl Open {
    pub(super) fn tasks(&self, action: &TaskAction) -> Outcome {
        match action {
            TaskAction::List { dead, reveal } => self.runs(*dead, *reveal)?,
            TaskAction::Retry { id } => self.retry(id)?,
            TaskAction::Delete { id } => {
                let (place, _) = self.run(id)?;
                self.write(vec![Change::Delete(place)])?;
            }
        }
        Ok(Exit::Clean)
    }

    fn runs(&self, dead: bool, reveal: bool) -> Result<(), Problem> {
        self.each(runs(None).space, |page| {
            for found in page {
                let (_, run) = self.read(found)?;
                if !dead || run.state == RunState::Dead {
                    output::print(shown(&run, reveal));
                }
            }
            Ok(())
        })
    }

    fn retry(&self, id: &str) -> Result<(), Problem> {
        let (place, run) = self.run(id)?;
        if run.state != RunState::Dead {
            return Err(Problem::new(format!(
                "run {id} is not dead, it is {}",
                run.state.name()
            )));
        }
        let again = Run {
            state: RunState::Due,
            due: Some(clock::timestamp()),
            attempt: 0,
            saved: None,
            wait: None,
            error: None,
            ..run
        };
        let row = self.state.row_of(&runs(None), &place, &again.to_record());
        self.write(vec![Change::Put(place, row.ok_or_else(unreadable)?)])
    }

    fn run(&self, id: &str) -> Result<(Place, Run), Problem> {
        let place = runs(None).place(&[Value::from(id)]);
        let place = place.map_err(|error| Problem::new(error.to_string()))?;
        let found = self
            .runtime
            .block_on(self.state.engine.row(&place, clock::timestamp()));
        let found = found.map_err(|error| Problem::new(error.to_string()))?;
        self.read(found.ok_or_else(|| Problem::new(format!("there is no run {id}")))?)
    }

    fn read(&self, found: Found) -> Result<(Place, Run), Problem> {
        let place = super::records::at(&runs(None), found.key);
        let record = self
            .state
            .open(&place, &found.data)
            .ok_or_else(unreadable)?;
        Ok((place, Run::of_record(&record).ok_or_else(unreadable)?))
    }
}

fn shown(run: &Run, reveal: bool) -> Vec<u8> {
    let text = |text: &Str| Value::from(text.clone());
    let mut members = vec![
        ("id", text(&run.id)),
        ("task", text(&run.task)),
        ("state", Value::from(run.state.name())),
        ("attempt", Value::Int(run.attempt.into())),
        ("created", Value::Timestamp(run.created)),
    ];
    members.extend(run.key.as_ref().map(|key| ("key", text(key))));
    members.extend(run.due.map(|due| ("due", Value::Timestamp(due))));
    if reveal {
        members.push(("args", run.args.clone()));
        members.extend(run.error.as_ref().map(|error| ("error", text(error))));
    }
    line(&members.into_iter().collect::<Map>().into())
}
