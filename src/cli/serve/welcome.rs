//! What `serve` prints once it is ready: where it is, and at the first start a `curl` line that works as it stands.

use crate::findings::plural;
use journey_machine::manifest::{Auth, BodyKind, Journey, Manifest, Param, Place, Segment};
use journey_machine::program::Program;
use journey_machine::schema::{Bound, Schema, TypeId, Types};
use journey_server::Handle;
use journey_server::clients::NewClient;
use std::fmt::Write;
use std::path::Path;

/// Nesting of an example body; deeper fields are left out.
const MAX_EXAMPLE_DEPTH: usize = 8;

/// What is printed when the server is ready.
pub(super) fn text(project: &Path, program: &Program, handle: &Handle) -> String {
    let url = format!("http://{}", handle.local_addr);
    let mut text = format!(
        "ready: {url} serves {} of {}",
        plural(program.manifest.journeys.len(), "journey"),
        project.display()
    );
    if let Some(admin) = handle.admin_addr {
        let _ = write!(text, "; health at http://{admin}/readyz");
    }
    text.push('\n');
    match &handle.new_client {
        Some(client) => introduction(program, &url, client) + &text,
        None => text,
    }
}

/// The development client of a first start.
fn introduction(program: &Program, url: &str, client: &NewClient) -> String {
    let (id, secret) = (client.id.as_str(), client.secret.expose());
    let mut text = format!(
        "A development client was made; its secret is shown this once.\n\n  client id      {id}\n  client secret  {secret}\n\n"
    );
    if let Some(lines) = curl(&program.manifest, &program.types, url, id, secret) {
        let _ = write!(text, "Try it:\n\n{lines}\n");
    }
    text
}

/// Two shell lines: get a token, call a journey with it. `None`: no journey asks for a client token.
pub(super) fn curl(
    manifest: &Manifest,
    types: &Types,
    url: &str,
    id: &str,
    secret: &str,
) -> Option<String> {
    let takes_token = |j: &&Journey| j.auth == Auth::ClientToken { issuer: None };
    let journeys = manifest.journeys.iter().filter(takes_token);
    // One whose path has nothing to fill in says more as it stands.
    let is_filled_in = |s: &Segment| matches!(s, Segment::Param(_));
    let journey = journeys.min_by_key(|j| j.path.iter().any(is_filled_in))?;
    let mut text = format!(
        "  TOKEN=$(curl -s -u '{id}:{secret}' -d grant_type=client_credentials {url}/oidc/token | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\n"
    );
    let method = journey.methods.first().map_or("GET", |m| m.as_str());
    let _ = write!(
        text,
        "  curl -s -X {method} \"{url}{}\" -H \"Authorization: Bearer $TOKEN\"",
        target(journey, types, id)
    );
    for param in journey
        .input
        .params
        .iter()
        .filter(|p| p.place == Place::Header && !p.optional)
    {
        let _ = write!(text, " -H '{}: {}'", param.wire, word(types, param.schema));
    }
    text.push_str(&body(journey, types));
    text.push('\n');
    Some(text)
}

/// Path and query with example values; the client's id where the journey asks for it.
fn target(journey: &Journey, types: &Types, id: &str) -> String {
    let value = |param: &Param| {
        if param.name == "clientId" {
            id.to_owned()
        } else {
            word(types, param.schema)
        }
    };
    let mut text = String::new();
    for segment in &journey.path {
        let part = match segment {
            Segment::Literal(literal) => literal.to_string(),
            Segment::Param(index) => journey
                .input
                .params
                .get(usize::from(*index))
                .map(value)
                .unwrap_or_default(),
        };
        let _ = write!(text, "/{part}");
    }
    let query = journey
        .input
        .params
        .iter()
        .filter(|p| p.place == Place::Query && !p.optional);
    let pairs: Vec<String> = query.map(|p| format!("{}={}", p.wire, value(p))).collect();
    if !pairs.is_empty() {
        let _ = write!(text, "?{}", pairs.join("&"));
    }
    text
}

/// The body in double quotes, so that the shell fills in the token.
fn body(journey: &Journey, types: &Types) -> String {
    let fields: Vec<&Param> = journey
        .input
        .params
        .iter()
        .filter(|p| matches!(p.place, Place::Field | Place::Body) && !p.optional)
        .collect();
    match journey.input.body {
        BodyKind::None | BodyKind::Upload => String::new(),
        BodyKind::Json => format!(
            " -H 'Content-Type: application/json' -d \"{}\"",
            json_body(&fields, types).replace('"', "\\\"")
        ),
        BodyKind::Form => fields
            .iter()
            .map(|p| format!(" --data-urlencode '{}={}'", p.wire, word(types, p.schema)))
            .collect(),
        BodyKind::Multipart => fields
            .iter()
            .map(|p| format!(" -F '{}={}'", p.wire, word(types, p.schema)))
            .collect(),
    }
}

fn json_body(fields: &[&Param], types: &Types) -> String {
    if let [whole] = fields
        && whole.place == Place::Body
    {
        return json(types, whole.schema, &whole.name, 0);
    }
    let members: Vec<String> = fields
        .iter()
        .map(|p| format!("\"{}\":{}", p.wire, json(types, p.schema, &p.name, 0)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// An example of a type as JSON. A text whose field speaks of a token gets the token.
fn json(types: &Types, id: TypeId, field: &str, depth: usize) -> String {
    let Some(schema) = types
        .0
        .get(usize::from(id.0))
        .filter(|_| depth < MAX_EXAMPLE_DEPTH)
    else {
        return "null".to_owned();
    };
    match schema {
        Schema::String { .. } if field.ends_with("token") => "\"$TOKEN\"".to_owned(),
        Schema::Object { shape, fields, .. } => {
            let required = shape.names().zip(fields).filter(|(_, f)| !f.optional);
            let members: Vec<String> = required
                .map(|(name, f)| format!("\"{name}\":{}", json(types, f.schema, name, depth + 1)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Schema::List { item, min, .. } => {
            let items = vec![json(types, *item, field, depth + 1); *min as usize];
            format!("[{}]", items.join(","))
        }
        Schema::Map { .. } => "{}".to_owned(),
        Schema::Any | Schema::Null | Schema::Nullable(_) => "null".to_owned(),
        Schema::Bool | Schema::Int { .. } | Schema::Uint { .. } | Schema::Double { .. } => {
            word(types, id)
        }
        Schema::String { .. }
        | Schema::Url
        | Schema::Bytes { .. }
        | Schema::Blob { .. }
        | Schema::Timestamp
        | Schema::Duration
        | Schema::Enum(_) => {
            format!("\"{}\"", word(types, id))
        }
    }
}

/// An example of a simple type as text.
fn word(types: &Types, id: TypeId) -> String {
    match types.0.get(usize::from(id.0)) {
        Some(Schema::Bool) => "true".to_owned(),
        Some(Schema::Int { min, max }) => 1.clamp(*min, *max).to_string(),
        Some(Schema::Uint { min, max }) => 1.clamp(*min, *max).to_string(),
        Some(Schema::Double { min, .. }) => number(*min),
        Some(Schema::String { min, max, .. }) => filler(*min as usize, *max as usize),
        Some(Schema::Url) => "https://example.com".to_owned(),
        Some(Schema::Bytes { .. }) => "AAAA".to_owned(),
        Some(Schema::Blob { .. }) => "@FILE".to_owned(),
        Some(Schema::Timestamp) => "2026-01-01T12:00:00Z".to_owned(),
        Some(Schema::Duration) => "60s".to_owned(),
        Some(Schema::Enum(words)) => words.first().map(ToString::to_string).unwrap_or_default(),
        Some(Schema::Nullable(inner)) => word(types, *inner),
        Some(
            Schema::Any
            | Schema::Null
            | Schema::List { .. }
            | Schema::Map { .. }
            | Schema::Object { .. },
        )
        | None => String::new(),
    }
}

fn number(min: Bound) -> String {
    let above = match min {
        Bound::Open => 0.0,
        Bound::Inclusive(n) | Bound::Exclusive(n) => n,
    };
    format!("{}", above + 100.0)
}

/// `example`, cut or repeated to the length asked for.
fn filler(min: usize, max: usize) -> String {
    "example"
        .chars()
        .cycle()
        .take("example".len().clamp(min.min(64), max.max(min)))
        .collect()
}
