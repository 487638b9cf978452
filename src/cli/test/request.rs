//! What a case sends, as the bytes that a server would have received.

use super::read::Reader;
use super::spec::{Content, Entries, Request};
use super::stored::Stored;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journey_lang::yaml::{Data, DataKind};
use journey_machine::http::{self, Body, Content as Received, Headers, Intake, Part};
use journey_machine::json::write_json;
use journey_machine::manifest::{BodyKind, Journey, Place, Segment};
use journey_machine::schema::Decoder;
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
    Parts(Vec<Sending>),
}

/// A part as the case gives it.
#[derive(Debug)]
struct Sending {
    name: String,
    content: Vec<u8>,
    file: Option<Str>,
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

    /// The parts of a form as a server would have received them; `None`: one is larger than it may be.
    pub(super) fn parts(
        &self,
        intake: &Intake,
        decoder: &Decoder,
        stored: &mut Stored<'_>,
    ) -> Option<Vec<Part>> {
        let Encoded::Parts(sent) = &self.body else {
            return Some(Vec::new());
        };
        let mut parts: Vec<Part> = Vec::new();
        for sending in sent {
            let before = parts.iter().filter(|part| part.name == sending.name);
            let before = before.count();
            parts.push(Part {
                name: sending.name.clone(),
                content: sending.received(intake, decoder, stored, before)?,
            });
        }
        Some(parts)
    }

    pub(super) fn body<'s>(&'s self, parts: &'s [Part]) -> Body<'s> {
        match &self.body {
            Encoded::None => Body::None,
            Encoded::Json(json) => Body::Json(json),
            Encoded::Form(form) => Body::Form(form),
            Encoded::Parts(_) => Body::Parts(parts),
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

impl Sending {
    fn received(
        &self,
        intake: &Intake,
        decoder: &Decoder,
        stored: &mut Stored<'_>,
        before: usize,
    ) -> Option<Received> {
        let Some(expected) = intake.upload(decoder, &self.name) else {
            return Some(Received::Bytes(self.content.clone()));
        };
        if let Some(why) = Intake::upload_fault(expected, before, self.file.as_deref()) {
            return Some(Received::Refused(why));
        }
        if self.content.len() as u64 > u64::from(expected.max) {
            return None;
        }
        let blob = stored.upload(&self.content, self.file.clone())?;
        Some(Received::Upload(blob))
    }
}

impl Reader {
    /// A part, or several of one name: texts, or uploads as `{ base64: …, name: FILE }`.
    fn sendings(&mut self, entries: &Entries) -> Vec<Sending> {
        let mut sendings = Vec::new();
        for (name, data) in entries {
            for value in each(data) {
                sendings.extend(self.sending(&name.node, value));
            }
        }
        sendings
    }

    fn sending(&mut self, name: &str, data: &Data) -> Option<Sending> {
        let (mut content, mut file) = (None, None);
        if let DataKind::Map(_) = &data.kind {
            for (key, value) in self.entries(data, "an upload").to_vec() {
                match key.node.as_str() {
                    "base64" => content = STANDARD.decode(self.text(&value)?).ok(),
                    "text" => content = Some(self.text(&value)?.into_bytes()),
                    "name" => file = self.text(&value).map(Str::from),
                    _ => content = None,
                }
            }
            if content.is_none() {
                self.wrong(
                    data.span,
                    "an upload is `{ base64: …, name: … }` or `{ text: …, name: … }`",
                );
            }
        } else {
            content = self.text(data).map(String::into_bytes);
        }
        Some(Sending {
            name: name.to_owned(),
            content: content?,
            file,
        })
    }

    /// Names with scalars as the texts they would be in a request; several values of one name stand in a list.
    fn texts(&mut self, entries: &Entries) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for (name, data) in entries {
            for value in each(data) {
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

/// What stands in a list, or alone.
fn each(data: &Data) -> &[Data] {
    if let DataKind::List(items) = &data.kind {
        items
    } else {
        std::slice::from_ref(data)
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
        (Some(_), BodyKind::None | BodyKind::Upload) => {
            reader.wrong(request.span, format!("{} takes no body", journey.name));
            Encoded::None
        }
        // The fields of a multipart body may come as JSON.
        (Some(Content::Raw(raw)), BodyKind::Json | BodyKind::Multipart) => {
            Encoded::Json(raw.clone().into_bytes())
        }
        (Some(Content::Raw(raw)), BodyKind::Form) => Encoded::Form(raw.clone().into_bytes()),
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
            Encoded::Parts(reader.sendings(&fields))
        }
    }
}
