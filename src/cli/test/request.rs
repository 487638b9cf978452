//! What a case sends, as the bytes that a server would have received.

use super::read::Reader;
use super::spec::{Content, Entries, Request};
use journey_lang::yaml::{Data, DataKind};
use journey_machine::http::{self, Body, Headers, Part};
use journey_machine::json::write_json;
use journey_machine::manifest::{BodyKind, Journey, Place, Segment};
use journey_machine::value::{Key, Map, Str, Value};

/// A request, encoded.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) method: Str,
    pub(super) path: String,
    pub(super) query: String,
    headers: Vec<(String, String)>,
    body: Encoded,
}

#[derive(Debug)]
enum Encoded {
    None,
    Json(Vec<u8>),
    Form(Vec<u8>),
    Parts(Vec<Part>),
}

impl Headers for Sent {
    fn each<'a>(&'a self, name: &str, each: &mut dyn FnMut(&'a [u8])) {
        let found = self.headers.iter().filter(|(header, _)| header == name);
        found.for_each(|(_, value)| each(value.as_bytes()));
    }
}

impl Sent {
    /// Encodes a request to a journey; what cannot be sent to it is a finding.
    pub(super) fn new(request: &Request, journey: &Journey, reader: &mut Reader) -> Self {
        let texts = |entries: &Entries, reader: &mut Reader| reader.texts(entries);
        let (path, query) = (texts(&request.path, reader), texts(&request.query, reader));
        let cookies = texts(&request.cookies, reader);
        let headers = texts(&request.headers, reader).into_iter();
        let mut headers: Vec<_> = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        if !cookies.is_empty() {
            let pairs: Vec<String> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            headers.push(("cookie".into(), pairs.join("; ")));
        }
        Self {
            method: method(request, journey, reader),
            path: encode_path(request, &path, journey, reader),
            query: encode_pairs(&query),
            headers,
            body: encode_body(request, journey, reader),
        }
    }

    pub(super) fn body(&self) -> Body<'_> {
        match &self.body {
            Encoded::None => Body::None,
            Encoded::Json(json) => Body::Json(json),
            Encoded::Form(form) => Body::Form(form),
            Encoded::Parts(parts) => Body::Parts(parts),
        }
    }

    /// `request.headers` of a journey.
    pub(super) fn header_map(&self) -> Value {
        let visible = self
            .headers
            .iter()
            .filter(|(name, _)| name != "cookie" && name != "authorization");
        let map: Map = visible
            .map(|(name, value)| (Key::String(name.into()), Value::string(value.as_str())))
            .collect();
        map.into()
    }
}

impl Reader {
    /// Names with scalars as the texts they would be in a request; several values of one name stand in a list.
    fn texts(&mut self, entries: &Entries) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for (name, data) in entries {
            let one = std::slice::from_ref(data);
            let values = if let DataKind::List(items) = &data.kind {
                items
            } else {
                one
            };
            for value in values {
                texts.extend(self.text(value).map(|text| (name.node.clone(), text)));
            }
        }
        texts
    }

    fn text(&mut self, data: &Data) -> Option<String> {
        let text = data.to_value().to_text().map(|text| text.to_string());
        if text.is_none() {
            self.wrong(data.span, "only a text or a number can be sent here");
        }
        text
    }
}

fn method(request: &Request, journey: &Journey, reader: &mut Reader) -> Str {
    let Some(wanted) = &request.method else {
        return journey.methods.first().cloned().unwrap_or_default();
    };
    if !journey.methods.contains(&Str::from(&wanted.node)) {
        reader.wrong(
            wanted.span,
            format!("{} does not answer to {}", journey.name, wanted.node),
        );
    }
    (&wanted.node).into()
}

fn encode_path(
    request: &Request,
    given: &[(String, String)],
    journey: &Journey,
    reader: &mut Reader,
) -> String {
    let mut path = String::new();
    let params = &journey.input.params;
    for segment in &journey.path {
        path.push('/');
        match segment {
            Segment::Literal(text) => http::encode(text, &mut path),
            Segment::Param(index) => {
                let name = params
                    .get(usize::from(*index))
                    .map_or("", |param| param.wire.as_str());
                match given.iter().find(|(given, _)| given == name) {
                    Some((_, value)) => http::encode(value, &mut path),
                    None => {
                        reader.wrong(request.span, format!("the path needs a value for `{name}`"))
                    }
                }
            }
        }
    }
    let known = |name: &str| {
        params
            .iter()
            .any(|p| p.place == Place::Path && p.wire == name)
    };
    for (name, _) in request.path.iter().filter(|(name, _)| !known(&name.node)) {
        reader.wrong(
            name.span,
            format!("the path has no parameter `{}`", name.node),
        );
    }
    if path.is_empty() { "/".into() } else { path }
}

fn encode_pairs(pairs: &[(String, String)]) -> String {
    let mut text = String::new();
    pairs
        .iter()
        .for_each(|(name, value)| http::push_pair(name, value, &mut text));
    text
}

fn encode_body(request: &Request, journey: &Journey, reader: &mut Reader) -> Encoded {
    let (content, kind) = (request.body.as_ref(), journey.input.body);
    match (content, kind) {
        (None, _) => Encoded::None,
        (Some(_), BodyKind::None) => {
            reader.wrong(request.span, format!("{} takes no body", journey.name));
            Encoded::None
        }
        (Some(Content::Raw(raw)), BodyKind::Json) => Encoded::Json(raw.clone().into_bytes()),
        (Some(Content::Raw(raw)), BodyKind::Form) => Encoded::Form(raw.clone().into_bytes()),
        (Some(Content::Raw(_)), BodyKind::Multipart) => {
            reader.wrong(
                request.span,
                "the parts of a multipart body stand under `body`",
            );
            Encoded::None
        }
        (Some(Content::Typed(data)), BodyKind::Json) => {
            let mut json = Vec::new();
            write_json(&data.to_value(), &mut json);
            Encoded::Json(json)
        }
        (Some(Content::Typed(data)), BodyKind::Form) => {
            let fields = reader.entries(data, "the body of a form").to_vec();
            Encoded::Form(encode_pairs(&reader.texts(&fields)).into_bytes())
        }
        (Some(Content::Typed(data)), BodyKind::Multipart) => {
            let fields = reader.entries(data, "a multipart body").to_vec();
            let part = |(name, value): (String, String)| Part {
                name,
                content: value.into_bytes(),
            };
            Encoded::Parts(reader.texts(&fields).into_iter().map(part).collect())
        }
    }
}
