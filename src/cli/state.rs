//! `journey state`: what is stored, for the operator, while no server runs on the data folder.

mod import;
mod records;
mod tasks;

use crate::output::{self, Exit, Outcome, Problem};
use clap::{Args, Subcommand};
use journey_machine::json::write_json;
use journey_machine::value::Value;
use journey_server::data::Folder;
use journey_server::settings::Sources;
use journey_server::state::{Described, Refused, State};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// Arguments of `journey state`.
#[derive(Debug, Args)]
pub(crate) struct StateArgs {
    /// The data folder.
    #[arg(long, default_value = ".journey", global = true)]
    data: PathBuf,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// All stores with the number of their records, or the keys of one.
    List {
        /// The store.
        store: Option<String>,
    },
    /// One record as JSON.
    Show {
        /// The store.
        store: String,
        /// The fields of its key.
        #[arg(required = true)]
        key: Vec<String>,
        /// Show labelled fields too.
        #[arg(long)]
        reveal: bool,
    },
    /// Records as JSON Lines, of all stores or of one.
    Export {
        /// The store.
        store: Option<String>,
        /// Write labelled fields too; without them the lines cannot be imported.
        #[arg(long)]
        reveal: bool,
    },
    /// Write records from JSON Lines, as `export --reveal` gives them; nothing is written if a line is wrong.
    Import {
        /// The file.
        file: PathBuf,
        /// Take the place of records that are there.
        #[arg(long)]
        replace: bool,
    },
    /// Delete a record, or all of a store.
    Delete {
        /// The store.
        store: String,
        /// The fields of its key.
        key: Vec<String>,
        /// All records, and what is known of their form.
        #[arg(long, conflicts_with = "key")]
        all: bool,
    },
    /// Seal everything by the first data key, so that the others can be taken away.
    Rekey,
    /// Runs of tasks.
    Tasks {
        #[command(subcommand)]
        action: tasks::TaskAction,
    },
}

/// State that nobody else uses.
struct Open {
    state: State,
    runtime: Runtime,
}

/// Does it.
pub(crate) fn run(args: &StateArgs) -> Outcome {
    let open = Open::new(&args.data)?;
    match &args.action {
        Action::List { store: None } => open.list(),
        Action::List { store: Some(store) } => open.keys(store),
        Action::Show { store, key, reveal } => open.show(store, key, *reveal),
        Action::Export { store, reveal } => open.export(store.as_deref(), *reveal),
        Action::Import { file, replace } => open.import(file, *replace),
        Action::Delete {
            store, all: true, ..
        } => open.clear(store),
        Action::Delete { store, key, .. } => open.delete(store, key),
        Action::Rekey => open.rekey(),
        Action::Tasks { action } => open.tasks(action),
    }
}

impl Open {
    fn new(data: &Path) -> Result<Self, Problem> {
        if !data.join("state.db").exists() {
            let nothing = format!("there is no state in {}", data.display());
            return Err(Problem::new(nothing).help("name the server's data folder with --data"));
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|e| Problem::new(format!("could not start the runtime: {e}")))?;
        let plainly = |error: journey_server::config::StartError| Problem::new(error.to_string());
        let folder = Arc::new(Folder::open(data).map_err(plainly)?);
        let state = runtime.block_on(State::load(&folder, &Sources::environment()));
        Ok(Self {
            state: state.map_err(plainly)?,
            runtime,
        })
    }

    fn stores(&self) -> Result<Vec<Described>, Problem> {
        let stores = self.runtime.block_on(self.state.stores());
        stores.map_err(|error| Problem::new(error.to_string()))
    }

    fn store(&self, name: &str) -> Result<Described, Problem> {
        let stores = self.stores()?;
        let names: Vec<&str> = stores.iter().filter_map(name_of).collect();
        let unknown = Problem::new(format!("there is no store {name}"));
        let unknown = unknown.help(format!("there are: {}", names.join(", ")));
        let found = stores
            .iter()
            .find(|described| name_of(described) == Some(name));
        found.cloned().ok_or(unknown)
    }

    fn rekey(&self) -> Outcome {
        let done = self.runtime.block_on(self.state.rekey());
        done.map_err(|error| Problem::new(error.to_string()))?;
        output::print(
            "everything is sealed by the first data key; the others are not needed any more\n",
        );
        Ok(Exit::Clean)
    }
}

fn name_of(described: &Described) -> Option<&str> {
    Some(described.store()?.name.as_str())
}

/// A value as a line of JSON.
fn line(value: &Value) -> Vec<u8> {
    let mut json = Vec::new();
    write_json(value, &mut json);
    json.push(b'\n');
    json
}

fn unwritten(refused: Refused) -> Problem {
    Problem::new(match refused {
        Refused::Conflict => "nothing was written: a value of a `unique` line is taken".to_owned(),
        Refused::Busy | Refused::Full | Refused::Failed => {
            format!("nothing was written: {refused}")
        }
    })
}

fn unreadable() -> Problem {
    Problem::new("a record cannot be read")
}
