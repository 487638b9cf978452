//! Where values of settings come from: variables of the environment first, then the file of `--config`.

use journey_machine::manifest::Setting;
use journey_machine::schema::{Decoder, Faults, Mode, Path};
use journey_machine::value::{Str, Value};
use std::collections::BTreeMap;
use std::path::Path as File;

/// What our variables begin with.
const PREFIXES: [&str; 3] = ["JOURNEY_CONFIG_", "JOURNEY_SECRET_", "JOURNEY_DATA_KEYS"];

/// The server itself in a text of `config`: a URL that begins so leads to whatever URL callers know it by.
const SELF: &str = "http://self";

/// What `http://self` means where there is no server, as in a journey that is run once: one with the defaults of `serve`.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// What was given: nothing here is looked at before a program asks for it.
#[derive(Clone, Default)]
pub struct Sources {
    /// Variables of the environment.
    pub variables: BTreeMap<String, String>,
    /// Members of the configuration file.
    pub file: BTreeMap<String, serde_json::Value>,
    /// The URL that callers know the server by; `None`: there is no server.
    pub url: Option<String>,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("variables", &self.variables.keys())
            .field("file", &self.file.keys())
            .finish()
    }
}

impl Sources {
    /// The variables of this process that may be settings.
    #[must_use]
    pub fn environment() -> Self {
        let ours = |name: &str| PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        let pairs =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let variables = pairs
            .filter(|(name, _)| ours(name))
            .filter_map(|(name, value)| Some((name, value.into_string().ok()?)));
        Self {
            variables: variables.collect(),
            ..Self::default()
        }
    }

    /// The same for a server that callers know by `url`.
    pub(crate) fn of_server(&self, url: &str) -> Self {
        Self {
            url: Some(url.to_owned()),
            ..self.clone()
        }
    }

    /// A value of `config` in which a leading `http://self` has become the server's URL.
    pub(super) fn located(&self, value: Value) -> Value {
        let Value::String(text) = &value else {
            return value;
        };
        match text.strip_prefix(SELF) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                let url = self.url.as_deref().unwrap_or(DEFAULT_URL);
                Value::String(Str::from(format!("{url}{rest}")))
            }
            _ => value,
        }
    }

    /// The value of a setting, none for an optional one that is not set, or the sentence that says what is missing.
    pub(super) fn find(
        &self,
        setting: &Setting,
        decoder: &Decoder,
        faults: &mut Faults,
    ) -> Result<Option<Value>, String> {
        let path = Path::root("");
        if let Some(text) = self.text(setting)? {
            // Objects are JSON in any text; where many texts may make a list, this one is all of it.
            let value = match decoder.is_list(setting.schema) {
                true => {
                    let mode = Mode::Request;
                    decoder.json_at(setting.schema, text.as_bytes(), mode, &path, faults)
                }
                false => decoder.text(setting.schema, &text, &path, faults),
            };
            return Ok(Some(value));
        }
        if let Some(value) = self
            .file
            .get(setting.name.as_str())
            .filter(|_| !setting.secret)
        {
            return Ok(Some(decoder.json_at(
                setting.schema,
                value.to_string().as_bytes(),
                Mode::Request,
                &path,
                faults,
            )));
        }
        match &setting.default {
            None if !setting.optional => Err(missing(setting)),
            default => Ok(default.clone()),
        }
    }

    fn text(&self, setting: &Setting) -> Result<Option<Str>, String> {
        let variable = variable(setting);
        if setting.secret {
            return self.secret(&variable);
        }
        Ok(self.variables.get(&variable).map(Str::from))
    }

    /// What a variable holds, or the file that `…_FILE` names.
    ///
    /// # Errors
    /// A sentence that says why the file cannot be read.
    pub fn secret(&self, variable: &str) -> Result<Option<Str>, String> {
        if let Some(text) = self.variables.get(variable) {
            return Ok(Some(text.into()));
        }
        match self.variables.get(&format!("{variable}_FILE")) {
            Some(file) => content(File::new(file), variable).map(Some),
            None => Ok(None),
        }
    }
}

/// A secret from a file, without the line break that editors add.
fn content(file: &File, variable: &str) -> Result<Str, String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!(
            "{variable}_FILE names {}, which cannot be read: {error}",
            file.display()
        )
    })?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).into())
}

fn variable(setting: &Setting) -> String {
    let kind = if setting.secret { "SECRET" } else { "CONFIG" };
    format!("JOURNEY_{kind}_{}", setting.name.to_uppercase())
}

fn missing(setting: &Setting) -> String {
    let (name, variable) = (&setting.name, variable(setting));
    if setting.secret {
        format!(
            "secret {name} is missing: set {variable}, or {variable}_FILE to the path of a file that holds it"
        )
    } else {
        format!(
            "config {name} is missing: set {variable}, or {name} in the file given with --config"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(url: Option<&str>, text: &str) -> String {
        let sources = url.map_or_else(Sources::default, |url| Sources::default().of_server(url));
        let Value::String(text) = sources.located(Value::String(text.into())) else {
            panic!("a text stays a text");
        };
        text.to_string()
    }

    #[test]
    fn self_is_the_server() {
        let url = Some("https://api.example.com");
        assert_eq!(located(url, "http://self"), "https://api.example.com");
        assert_eq!(
            located(url, "http://self/crm"),
            "https://api.example.com/crm"
        );
        assert_eq!(
            located(None, "http://self/crm"),
            "http://127.0.0.1:8080/crm"
        );
    }

    #[test]
    fn nothing_else_is() {
        let url = Some("https://api.example.com");
        for other in [
            "http://selfish/crm",
            "https://self/crm",
            "http://self:1",
            "see http://self",
            "",
        ] {
            assert_eq!(located(url, other), other);
        }
    }
}
