//! `journey serve`: a project over HTTP, compiled again whenever it changes.

mod watch;
mod welcome;

use crate::findings;
use crate::output::{self, Exit, Outcome, Problem};
use crate::project;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Args, ValueEnum};
use journey_machine::program::Program;
use journey_server::config::{Config, StartError};
use journey_server::proxies::Proxies;
use journey_server::settings::Sources;
use journey_server::token::{Algorithm, SigningKey};
use journey_server::{Handle, start};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;
use watch::Changes;

/// Arguments of `journey serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// The project's folder.
    project: PathBuf,
    /// Where callers connect.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where health is asked for.
    #[arg(long, default_value = "127.0.0.1:8081")]
    admin: SocketAddr,
    /// Folder of keys and clients.
    #[arg(long, default_value = ".journey")]
    data: PathBuf,
    /// YAML file with values of `config` declarations.
    #[arg(long)]
    config: Option<PathBuf>,
    /// URL under which callers know this server; by default where it listens.
    #[arg(long)]
    public_url: Option<String>,
    /// Serve journeys at /ido/api/v2/login/direct/APPLICATION/JOURNEY too.
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    application: Option<String>,
    /// A network of proxies whose X-Forwarded-For says who calls, as often as there are some.
    #[arg(long, value_name = "CIDR")]
    trust_proxy: Vec<String>,
    /// What access tokens are signed by; by default as before, ES256 on the first start.
    #[arg(long, value_parser = PossibleValuesParser::new(SigningKey::ALGORITHMS.map(Algorithm::name)))]
    signing: Option<String>,
    /// Threads; by default one for each processor.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// What is logged: error, warn, info, debug.
    #[arg(long, default_value = "info")]
    log: tracing::Level,
    /// How it is logged.
    #[arg(long, value_enum, default_value_t = LogFormat::Human)]
    log_format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Human,
    Json,
}

/// Serves until it is asked to stop.
pub(crate) fn run(args: &ServeArgs) -> Outcome {
    let (sources, diagnostics, program) = project::compile(&args.project)?;
    findings::human(&sources, &diagnostics);
    let Some(program) = program else {
        return Ok(Exit::Findings);
    };
    log(args);
    runtime(args.threads)?.block_on(serve(args, Arc::new(program)))
}

async fn serve(args: &ServeArgs, program: Arc<Program>) -> Outcome {
    let settings = settings(args.config.as_deref())?;
    let config = Config {
        listen: args.listen,
        admin: Some(args.admin),
        data: args.data.clone(),
        public_url: args.public_url.clone(),
        application: args.application.clone(),
        proxies: Proxies::parse(&args.trust_proxy).map_err(Problem::new)?,
        signing: args.signing.as_deref().and_then(Algorithm::named),
    };
    let (mut stop, mut changes) = (Stop::listen()?, Changes::watch(&args.project)?);
    let handle = start(&config, Arc::clone(&program), &settings)
        .await
        .map_err(|error| refused(args, &error))?;
    output::print(welcome::text(&args.project, &program, &handle));
    drop(program);
    loop {
        tokio::select! {
            () = stop.asked() => break,
            () = changes.next() => reload(&args.project, &settings, &handle).await,
        }
    }
    match handle.shutdown().await {
        0 => tracing::info!("stopped"),
        cut => tracing::warn!(cut, "stopped; some connections had to be cut"),
    }
    Ok(Exit::Clean)
}

/// Why it does not start, with the option that helps.
fn refused(args: &ServeArgs, error: &StartError) -> Problem {
    let option = match error {
        StartError::Listen { address, .. } if *address == args.listen => "--listen",
        StartError::Listen { .. } => "--admin",
        StartError::Data { .. } | StartError::Project(_) => return Problem::new(error.to_string()),
    };
    Problem::new(format!("{error}: choose another address with `{option}`"))
}

/// The environment, and the file of `--config`: one mapping from names to values.
pub(crate) fn settings(file: Option<&Path>) -> Result<Sources, Problem> {
    let mut sources = Sources::environment();
    if let Some(path) = file {
        let text = project::read_text(path)?;
        project::strict_yaml(path, &text)?;
        sources.file = serde_yaml::from_str(&text)
            .map_err(|e| Problem::new(format!("{}: {e}", path.display())))?;
    }
    Ok(sources)
}

/// One thread needs no work stealing; more than one do.
fn runtime(threads: Option<NonZeroUsize>) -> Result<Runtime, Problem> {
    let mut builder = match threads.map(NonZeroUsize::get) {
        Some(1) => Builder::new_current_thread(),
        Some(threads) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
        None => Builder::new_multi_thread(),
    };
    builder
        .enable_all()
        .build()
        .map_err(|e| Problem::new(format!("could not start the runtime: {e}")))
}

/// Logs go to standard error: standard output has what is meant to be read once.
fn log(args: &ServeArgs) {
    let filter = EnvFilter::new(format!("error,journey={0},journey_server={0}", args.log));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    match args.log_format {
        LogFormat::Human => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}

/// The signals that ask the process to end.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> Result<Self, Problem> {
        let listen = |kind| {
            signal(kind).map_err(|e| Problem::new(format!("could not listen for signals: {e}")))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Compiles the project anew, beside the requests, and hands it to the server; whatever is wrong leaves the old one serving.
async fn reload(path: &Path, settings: &Sources, handle: &Handle) {
    let path = path.to_path_buf();
    let compiled = tokio::task::spawn_blocking(move || project::compile(&path)).await;
    match compiled {
        Ok(Ok((_, _, Some(program)))) => match handle.swap(Arc::new(program), settings).await {
            Ok(()) => tracing::info!("the changed project is being served"),
            Err(error) => {
                tracing::warn!(%error, "the changed project cannot be served: the old one stays")
            }
        },
        Ok(Ok((sources, diagnostics, None))) => {
            findings::human(&sources, &diagnostics);
            tracing::warn!("the changed project does not compile: the old one stays");
        }
        Ok(Err(problem)) => {
            tracing::warn!(%problem, "the changed project cannot be read: the old one stays")
        }
        Err(error) => {
            tracing::error!(%error, "compiling the changed project failed: the old one stays")
        }
    }
}
