//! A changed project is noticed; changes are gathered until they pause.

use crate::output::Problem;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// Editors and checkouts write many files: a pause of this length ends a change.
const PAUSE: Duration = Duration::from_millis(100);

/// The changes of a project, from now on.
pub(super) struct Changes {
    events: UnboundedReceiver<()>,
    _watcher: RecommendedWatcher,
}

impl Changes {
    /// Watches a project's folder.
    pub(super) fn watch(project: &Path) -> Result<Self, Problem> {
        let (send, events) = unbounded_channel();
        let on_event = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| concerns_sources(&event)) {
                // The receiver lives as long as the watcher.
                let _ = send.send(());
            }
        };
        let failed =
            |e: notify::Error| Problem::new(format!("could not watch {}: {e}", project.display()));
        let mut watcher = notify::recommended_watcher(on_event).map_err(failed)?;
        watcher
            .watch(project, RecursiveMode::Recursive)
            .map_err(failed)?;
        Ok(Self {
            events,
            _watcher: watcher,
        })
    }

    /// Waits for a change, and until it is over.
    pub(super) async fn next(&mut self) {
        if self.events.recv().await.is_none() {
            return std::future::pending().await;
        }
        while let Ok(Some(())) = timeout(PAUSE, self.events.recv()).await {}
    }
}

/// A reading is no change, and only sources and folders matter.
fn concerns_sources(event: &Event) -> bool {
    let is_source = |path: &PathBuf| {
        let name = path.to_string_lossy();
        name.ends_with(".journey") || name.ends_with(".journey.yaml") || path.extension().is_none()
    };
    !event.kind.is_access() && event.paths.iter().any(is_source)
}
