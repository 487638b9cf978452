//! A program with everything made of it once: decoders, routes, connections. Requests under way keep the one they
//! began with; a changed program is loaded beside it and takes its place as a whole, or not at all.

use crate::config::StartError;
use crate::embedded::Embedded;
use crate::issuer::Issuers;
use crate::routes::Routes;
use crate::settings::{Settings, Sources};
use crate::upstream::Upstreams;
use hyper::header::HeaderName;
use journey_machine::hex::hex;
use journey_machine::http::{Intake, Origin};
use journey_machine::manifest::Journey;
use journey_machine::program::Program;
use journey_machine::schema::Decoder;
use journey_machine::value::{Str, Value};
use journey_machine::wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A program, ready to serve.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) program: Arc<Program>,
    pub(crate) decoder: Arc<Decoder>,
    pub(crate) routes: Routes,
    /// The application of its second paths.
    pub(crate) application: Option<String>,
    pub(crate) upstreams: Upstreams,
    pub(crate) issuers: Issuers,
    pub(crate) config: Value,
    pub(crate) secret: Value,
    /// Names the program, for the tasks it starts: its hash as text.
    pub(crate) hash: Str,
    /// The same as bytes.
    pub(crate) digest: [u8; 32],
    intakes: Vec<Intake>,
    /// Whither each journey may send a caller, by its name; those that may not are not in it.
    redirects: BTreeMap<Str, Vec<Origin>>,
}

impl Project {
    /// Loads a program. Connection pools, breakers and keys of what is the same in `previous` are kept, all else is new.
    ///
    /// # Errors
    /// Everything that stands in its way, at once.
    pub(crate) fn load(
        program: Arc<Program>,
        sources: &Sources,
        application: Option<&str>,
        embedded: &Arc<Embedded>,
        previous: Option<&Self>,
    ) -> Result<Self, StartError> {
        let decoder = Decoder::new(&program.types)
            .map_err(|error| StartError::Project(vec![error.to_string()]))?;
        let decoder = Arc::new(decoder);
        let mut faults = headers(&program);
        let routes = collect(
            Routes::new(&program.manifest.journeys, application).map_err(StartError::Project),
            &mut faults,
        );
        let settings = collect(Settings::read(&program, &decoder, sources), &mut faults);
        let (Some(routes), Some(settings), true) = (routes, settings, faults.is_empty()) else {
            return Err(StartError::Project(faults));
        };
        let issuers = Issuers::new(
            &program,
            &decoder,
            &settings,
            previous.map(|project| &project.issuers),
        );
        let upstreams = Upstreams::new(
            &program,
            &decoder,
            &settings,
            embedded,
            previous.map(|project| &project.upstreams),
        );
        let (issuers, upstreams) = (
            collect(issuers, &mut faults),
            collect(upstreams, &mut faults),
        );
        let (Some(issuers), Some(upstreams)) = (issuers, upstreams) else {
            return Err(StartError::Project(faults));
        };
        let redirects = redirects(&program, &settings, &mut faults);
        if !faults.is_empty() {
            return Err(StartError::Project(faults));
        }
        let journeys = program.manifest.journeys.iter();
        let intakes = journeys
            .map(|journey| Intake::new(&program, journey))
            .collect();
        let (config, secret) = (
            settings.object(&program, false),
            settings.object(&program, true),
        );
        let digest = digest(&program);
        Ok(Self {
            hash: hex(&digest).into(),
            digest,
            program,
            decoder,
            routes,
            application: application.map(ToOwned::to_owned),
            upstreams,
            issuers,
            config,
            secret,
            intakes,
            redirects,
        })
    }

    /// Of a program that needs no settings, for tests.
    #[cfg(test)]
    pub(crate) fn of(program: Program) -> Arc<Self> {
        let (sources, embedded) = (Sources::default(), Arc::default());
        Arc::new(Self::load(program.into(), &sources, None, &embedded, None).unwrap())
    }

    /// Whither a journey may send a caller, beside paths of this server.
    pub(crate) fn redirects(&self, journey: &Journey) -> &[Origin] {
        self.redirects.get(&journey.name).map_or(&[], Vec::as_slice)
    }

    /// A journey with its input.
    pub(crate) fn journey(&self, index: usize) -> Option<(&Journey, &Intake)> {
        self.program
            .manifest
            .journeys
            .get(index)
            .zip(self.intakes.get(index))
    }
}

/// Nothing is named by a program that has no task.
fn digest(program: &Program) -> [u8; 32] {
    if program.manifest.tasks.is_empty() {
        [0; 32]
    } else {
        wire::program::hash(program)
    }
}

/// The origins that journeys declare, their settings filled in.
fn redirects(
    program: &Program,
    settings: &Settings,
    faults: &mut Vec<String>,
) -> BTreeMap<Str, Vec<Origin>> {
    let mut declared: BTreeMap<Str, Vec<Origin>> = BTreeMap::new();
    for journey in &program.manifest.journeys {
        for text in &journey.redirects {
            match settings.text(text).and_then(|text| Origin::of(&text)) {
                Some(origin) => declared
                    .entry(journey.name.clone())
                    .or_default()
                    .push(origin),
                None => faults.push(format!(
                    "journey {}: one of its redirects is not an absolute http or https URL",
                    journey.name
                )),
            }
        }
    }
    declared
}

/// Keeps what went well and notes what did not, so that the next thing is looked at too.
fn collect<T>(result: Result<T, StartError>, faults: &mut Vec<String>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(StartError::Project(more)) => {
            faults.extend(more);
            None
        }
        Err(error) => {
            faults.push(error.to_string());
            None
        }
    }
}

/// Headers that belong to the connection or are computed from the answer: no journey sets them.
const RESERVED: [&str; 9] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Faults in the names of the headers that journeys set.
fn headers(program: &Program) -> Vec<String> {
    let names = program.answers.iter().flat_map(|answer| &answer.headers);
    let wrong = names.filter(|name| {
        RESERVED.contains(&name.as_str()) || HeaderName::from_lowercase(name.as_bytes()).is_err()
    });
    wrong
        .map(|name| format!("an answer cannot set the header {name:?}"))
        .collect()
}
