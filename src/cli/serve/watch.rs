//! A changed project is noticed; changes are gathered until they pause.

use crate::output::Problem;
use crate::project;
use notify::event::{CreateKind, ModifyKind, RemoveKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
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

/// Sources that change, and folders that come and go with them. A reading is no change; logs and data folders inside the
/// project are not looked at, or serving would be a change.
fn concerns_sources(event: &Event) -> bool {
    let folder = matches!(
        event.kind,
        EventKind::Create(CreateKind::Folder)
            | EventKind::Remove(RemoveKind::Folder)
            | EventKind::Modify(ModifyKind::Name(_))
    );
    let hidden = |path: &PathBuf| {
        path.components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
    };
    !event.kind.is_access()
        && event
            .paths
            .iter()
            .any(|path| project::is_source(path) || folder && !hidden(path))
}
