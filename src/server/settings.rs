//! Values of `config` and `secret`: where they come from, whether all are there, whether they have their types.

mod sources;

pub use sources::Sources;

use crate::config::StartError;
use journey_machine::manifest::Text;
use journey_machine::program::Program;
use journey_machine::schema::{Decoder, Faults};
use journey_machine::value::{Shape, Str, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The values of a project's settings, by name.
#[derive(Clone, Default)]
pub struct Settings {
    /// `config`
    pub config: BTreeMap<Str, Value>,
    /// `secret`
    pub secret: BTreeMap<Str, Value>,
}

impl fmt::Debug for Settings {
    /// Names only: a secret is never printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("config", &self.config.keys())
            .field("secret", &self.secret.keys())
            .finish()
    }
}

impl Settings {
    /// The text itself, or the setting it names; `None` where that is no text.
    #[must_use]
    pub fn text(&self, text: &Text) -> Option<Str> {
        let value = match text {
            Text::Literal(text) => return Some(text.clone()),
            Text::Config(name) => self.config.get(name),
            Text::Secret(name) => self.secret.get(name),
        };
        match value {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// The values a program declares, from their sources or their defaults.
    ///
    /// # Errors
    /// A sentence for each one that is missing or has another type, none of which repeats a value.
    pub fn read(
        program: &Program,
        decoder: &Decoder,
        sources: &Sources,
    ) -> Result<Self, StartError> {
        let (mut settings, mut sentences) = (Self::default(), Vec::new());
        for setting in &program.manifest.settings {
            let mut faults = Faults::new();
            match sources.find(setting, decoder, &mut faults) {
                Ok(found) => {
                    let value = match setting.secret {
                        true => found,
                        false => found.map(|value| sources.located(value)),
                    };
                    let named = value.map(|value| (setting.name.clone(), value));
                    settings.of(setting.secret).extend(named);
                }
                Err(sentence) => sentences.push(sentence),
            }
            let (kind, name) = (
                if setting.secret { "secret" } else { "config" },
                &setting.name,
            );
            let sentence =
                |fault: &journey_machine::schema::Fault| format!("{kind} {name} {}", fault.message);
            sentences.extend(faults.list().iter().map(sentence));
        }
        if sentences.is_empty() {
            Ok(settings)
        } else {
            Err(StartError::Project(sentences))
        }
    }

    fn of(&mut self, secret: bool) -> &mut BTreeMap<Str, Value> {
        if secret {
            &mut self.secret
        } else {
            &mut self.config
        }
    }

    /// All `config` or all `secret` values as one object, its slots in the order of the manifest.
    pub(crate) fn object(&self, program: &Program, secret: bool) -> Value {
        let values = if secret { &self.secret } else { &self.config };
        let names = || {
            program
                .manifest
                .settings
                .iter()
                .filter(|setting| setting.secret == secret)
        };
        let shape: Arc<Shape> = Arc::new(names().map(|setting| setting.name.clone()).collect());
        Value::object(
            &shape,
            names()
                .map(|setting| values.get(&setting.name).cloned())
                .collect(),
        )
    }
}
