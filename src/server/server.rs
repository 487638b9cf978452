//! The server as a whole: started, given a changed program, stopped without losing a request.

use crate::admin::Admin;
use crate::authenticate::ClientAuth;
use crate::clients::NewClient;
use crate::clock;
use crate::config::{Config, StartError};
use crate::connection::Connections;
use crate::data::Folder;
use crate::embedded::Embedded;
use crate::endpoint::Shared;
use crate::limit::Table;
use crate::limits::{DRAIN, KEY_CHECK};
use crate::listen::accept;
use crate::project::Project;
use crate::settings::Sources;
use crate::state::State;
use crate::task::{self, Programs};
use arc_swap::ArcSwap;
use journey_machine::program::Program;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A server that runs; dropping it ends it at once, with all its connections.
#[derive(Debug)]
pub struct Handle {
    /// Where callers connect.
    pub local_addr: SocketAddr,
    /// Where health is asked for.
    pub admin_addr: Option<SocketAddr>,
    /// The client that was made, as this is the first start with this data folder.
    pub new_client: Option<NewClient>,
    shared: Arc<Shared>,
    admin: Arc<Admin>,
    connections: Arc<Connections>,
    listening: JoinSet<()>,
    tasks: JoinSet<()>,
    programs: Arc<Programs>,
    /// Drives the runs of tasks.
    runs: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// Serves a program.
///
/// # Errors
/// Everything that stands in its way: see [`StartError`].
pub async fn start(
    config: &Config,
    program: Arc<Program>,
    sources: &Sources,
) -> Result<Handle, StartError> {
    let (listener, local_addr) = bind(config.listen).await?;
    let url = config.url(local_addr);
    let sources = &sources.of_server(&url);
    let (embedded, application) = (Arc::<Embedded>::default(), config.application.as_deref());
    // Everything that can fail comes before the data folder: a client made there is shown once only.
    let project = Project::load(program, sources, application, &embedded, None)?;
    let admin_listener = match config.admin {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let folder = Arc::new(Folder::open(&config.data)?);
    let state = Arc::new(State::load(&folder, sources).await?);
    state.begin(&project.program).await?;
    let (auth, new_client) = ClientAuth::open(folder, config.signing, &url)?;
    let (auth, project) = (Arc::new(auth), Arc::new(project));
    embedded.open(Arc::clone(&auth), Arc::clone(&state));
    let programs = Arc::new(Programs::new(sources.clone(), Arc::clone(&embedded)));
    keep(&programs, &state, &project).await?;
    let shared = Arc::new(Shared {
        project: ArcSwap::new(project),
        state: Arc::clone(&state),
        auth,
        embedded,
        in_flight: AtomicUsize::new(0),
        rates: Table::default(),
        proxies: config.proxies.clone(),
    });
    let connections = Arc::<Connections>::default();
    let admin = Arc::new(Admin::new(Arc::clone(&state)));
    let (mut listening, mut tasks) = (JoinSet::new(), JoinSet::new());
    look_after(&mut tasks, &shared, &programs);
    listening.spawn(accept(
        listener,
        Arc::clone(&shared),
        Arc::clone(&connections),
    ));
    let mut admin_addr = None;
    if let Some((listener, address)) = admin_listener {
        let connections = Arc::<Connections>::default();
        tasks.spawn(accept(
            listener,
            Arc::clone(&admin),
            Arc::clone(&connections),
        ));
        tasks.spawn(async move { connections.watch().await });
        admin_addr = Some(address);
    }
    let watched = Arc::clone(&connections);
    tasks.spawn(async move { watched.watch().await });
    let ((stop, stopping), mut runs) = (watch::channel(false), JoinSet::new());
    runs.spawn(task::work(state, Arc::clone(&programs), stopping));
    Ok(Handle {
        local_addr,
        admin_addr,
        new_client,
        shared,
        admin,
        connections,
        listening,
        tasks,
        programs,
        runs,
        stop,
    })
}

/// Begins with what is done from time to time.
fn look_after(tasks: &mut JoinSet<()>, shared: &Arc<Shared>, programs: &Arc<Programs>) {
    let state = || Arc::clone(&shared.state);
    tasks.spawn(state().sweep());
    tasks.spawn(state().sweep_uploads());
    tasks.spawn(Arc::clone(programs).tidy(state()));
    tasks.spawn(renew_keys(Arc::clone(shared)));
}

/// A program that starts tasks stays with the state until they have ended.
async fn keep(
    programs: &Programs,
    state: &State,
    project: &Arc<Project>,
) -> Result<(), StartError> {
    let kept = programs.keep(state, project).await;
    kept.map_err(|why| StartError::Project(vec![format!("the program is not kept: {why}")]))
}

/// Replaces signing keys when they grow old. What fails is tried again.
async fn renew_keys(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(KEY_CHECK).await;
        let shared = Arc::clone(&shared);
        let renewed = tokio::task::spawn_blocking(move || shared.auth.renew(clock::now())).await;
        if let Ok(Err(error)) = renewed {
            tracing::error!(%error, "signing keys cannot be renewed: the old ones stay in use");
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

impl Handle {
    /// Serves another program from now on; requests under way end with theirs.
    ///
    /// # Errors
    /// Why it cannot be served; the old one goes on.
    pub async fn swap(&self, program: Arc<Program>, sources: &Sources) -> Result<(), StartError> {
        let previous = self.shared.project.load_full();
        let project = Project::load(
            program,
            &sources.of_server(self.shared.auth.url()),
            previous.application.as_deref(),
            &self.shared.embedded,
            Some(&previous),
        )?;
        let project = Arc::new(project);
        self.shared.state.swap(&project.program).await?;
        keep(&self.programs, &self.shared.state, &project).await?;
        self.shared.project.store(project);
        Ok(())
    }

    /// Takes no more connections, lets requests under way end, and ends those that take longer than
    /// [`DRAIN`]. Tasks go on to where they are saved next. How many connections had to be cut.
    pub async fn shutdown(mut self) -> usize {
        self.admin.drain();
        self.listening.shutdown().await;
        self.stop.send_replace(true);
        let cut = self.connections.drain(DRAIN).await;
        while self.runs.join_next().await.is_some() {}
        self.tasks.shutdown().await;
        cut
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.connections.stop();
    }
}
