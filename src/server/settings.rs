//! Values of `config` and `secret`, as they came with the environment.

use journey_machine::manifest::Text;
use journey_machine::value::{Str, Value};
use std::collections::BTreeMap;
use std::fmt;

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
}
