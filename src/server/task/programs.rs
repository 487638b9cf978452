//! The programs that runs were started with: kept with the state, so that a run ends by the program it began with.

use crate::clock;
use crate::config::StartError;
use crate::embedded::Embedded;
use crate::limits::PROGRAM_SWEEP;
use crate::project::Project;
use crate::settings::Sources;
use crate::state::{Refused, State};
use journey_machine::state::run::{Run, RunState, runs};
use journey_machine::state::{Change, Commit, Place, Row, Seen};
use journey_machine::value::Str;
use journey_machine::wire::program::{DecodeError, decode, encode};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Where programs lie.
const SPACE: Str = Str::new_static("$program");

/// Programs that have been loaded.
pub(crate) struct Programs {
    sources: Sources,
    embedded: Arc<Embedded>,
    loaded: Mutex<BTreeMap<Str, Arc<Project>>>,
    /// Held by whoever keeps programs or deletes them.
    writing: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Programs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Programs").finish_non_exhaustive()
    }
}

/// Why there is no program for a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Missing {
    /// State cannot be read.
    #[error("state cannot be read")]
    Unreadable,
    /// Nothing is kept under its name.
    #[error("it is not kept any more")]
    Gone,
    /// It is of another format.
    #[error(transparent)]
    Format(#[from] DecodeError),
    /// Its settings, for example.
    #[error(transparent)]
    Load(#[from] StartError),
}

impl Programs {
    pub(crate) fn new(sources: Sources, embedded: Arc<Embedded>) -> Self {
        Self {
            sources,
            embedded,
            loaded: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// Keeps a program that is about to be served, if it has tasks.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) async fn keep(&self, state: &State, project: &Arc<Project>) -> Result<(), Refused> {
        if project.program.manifest.tasks.is_empty() {
            return Ok(());
        }
        let _writing = self.writing.lock().await;
        self.loaded()
            .insert(project.hash.clone(), Arc::clone(project));
        let (place, now) = (place(&project.hash), clock::timestamp());
        let found = state.engine.row(&place, now).await;
        if found.map_err(|_| Refused::Failed)?.is_some() {
            return Ok(());
        }
        let row = Row {
            data: encode(&project.program),
            record: None,
            entries: Vec::new(),
            expires: None,
        };
        let commit = Commit {
            now,
            seen: vec![Seen::Row(place.clone(), 0)],
            changes: vec![Change::Put(place, row)],
        };
        state.engine.commit(commit).await
    }

    /// The program of this name.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn find(&self, state: &State, hash: &Str) -> Result<Arc<Project>, Missing> {
        if let Some(project) = self.loaded().get(hash) {
            return Ok(Arc::clone(project));
        }
        let found = state.engine.row(&place(hash), clock::timestamp()).await;
        let row = found
            .map_err(|_| Missing::Unreadable)?
            .ok_or(Missing::Gone)?;
        let program = Arc::new(decode(&row.data)?);
        let loaded = Project::load(program, &self.sources, None, &self.embedded, None);
        let project = Arc::new(loaded?);
        self.loaded().insert(hash.clone(), Arc::clone(&project));
        Ok(project)
    }

    /// Deletes what is not needed any more, again and again.
    pub(crate) async fn tidy(self: Arc<Self>, state: Arc<State>) {
        loop {
            if let Err(error) = self.sweep(&state).await {
                tracing::warn!(target: "journey", %error, "programs that no run needs are not deleted yet");
            }
            tokio::time::sleep(PROGRAM_SWEEP).await;
        }
    }

    /// Deletes the programs that nobody uses in this process and that no run needs: one that has not ended, or may be
    /// retried.
    pub(super) async fn sweep(&self, state: &State) -> Result<(), Refused> {
        let read = |_| Refused::Failed;
        let kept = state.page(&SPACE, None).await.map_err(read)?;
        let names = kept.iter().filter_map(|row| str::from_utf8(&row.key).ok());
        let mut unneeded: BTreeSet<Str> = names.map(Str::from).collect();
        unneeded.retain(|hash| !self.is_used(hash));
        let mut after = None;
        while !unneeded.is_empty() {
            let page = state.page(runs(None).space, after.as_ref()).await;
            let page = page.map_err(read)?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for row in &page {
                let run = State::visible(&row.data).and_then(|run| Run::of_record(&run));
                let run = run.ok_or(Refused::Failed)?;
                if run.state != RunState::Done {
                    unneeded.remove(&run.program);
                }
            }
            tokio::task::yield_now().await;
        }
        let _writing = self.writing.lock().await;
        unneeded.retain(|hash| !self.is_used(hash));
        let gone = unneeded.iter().map(|hash| Change::Delete(place(hash)));
        state.write(gone.collect()).await
    }

    /// Is it served, does a request go on with it, or a run? One that is only kept ready is forgotten.
    fn is_used(&self, hash: &Str) -> bool {
        let mut loaded = self.loaded();
        let used = loaded
            .get(hash)
            .is_some_and(|project| Arc::strong_count(project) > 1);
        if !used {
            loaded.remove(hash);
        }
        used
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, BTreeMap<Str, Arc<Project>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(hash: &Str) -> Place {
    Place {
        space: SPACE,
        key: hash.as_bytes().to_vec(),
    }
}
