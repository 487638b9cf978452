//! What a caller sent, as the typed input of a journey. Every fault of every place is collected.

use super::percent::{decode, pairs};
use crate::blob::Blob;
use crate::limits::MAX_FILE_NAME;
use crate::manifest::{BodyKind, Journey, Param, Place, Segment};
use crate::program::{Program, Seen};
use crate::schema::{Decoder, Expected, Faults, Member, Members, Mode, Path, TypeId};
use crate::value::{List, Map, Shape, Value};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Headers, wherever they are kept.
pub trait Headers {
    /// Calls `each` with every value of a header; `name` is lower case.
    fn each<'a>(&'a self, name: &str, each: &mut dyn FnMut(&'a [u8]));
}

/// A request as it came: its path matches the journey's, its body is complete.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    /// The path, still encoded.
    pub path: &'a str,
    /// The query without its question mark, still encoded.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a dyn Headers,
    /// The body.
    pub body: Body<'a>,
}

impl fmt::Debug for Received<'_> {
    /// What a caller sent is never printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").finish_non_exhaustive()
    }
}

/// A body in the encoding that the journey declares.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// None came.
    None,
    /// JSON.
    Json(&'a [u8]),
    /// An encoded form.
    Form(&'a [u8]),
    /// The parts of a multipart form.
    Parts(&'a [Part]),
}

/// One part of a multipart form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field it belongs to.
    pub name: String,
    /// Its content.
    pub content: Content,
}

/// What a part holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Text, or bytes as they are.
    Bytes(Vec<u8>),
    /// An upload that has been stored.
    Upload(Blob),
    /// An upload that has not been stored, as this is wrong with it.
    Refused(&'static str),
}

/// A journey's input, prepared for reading: made once, when a program is loaded.
#[derive(Clone, Debug)]
pub struct Intake {
    shape: Arc<Shape>,
    /// Segment of the path, and the parameter that stands there.
    path: Vec<(usize, Member)>,
    query: Vec<Member>,
    headers: Vec<Member>,
    cookies: Vec<Member>,
    body: Plan,
}

#[derive(Clone, Debug)]
enum Plan {
    None,
    Whole(Member),
    Members(Members),
}

impl Intake {
    /// Prepares the input of a journey of the program.
    #[must_use]
    pub fn new(program: &Program, journey: &Journey) -> Self {
        let input = &journey.input;
        let seen = seen(program, journey);
        let at = |place| members(&input.params, place, &seen);
        let param = |(segment, what): (usize, &Segment)| match what {
            Segment::Param(index) => {
                let slot = usize::from(*index);
                input
                    .params
                    .get(slot)
                    .map(|param| (segment, member(slot, param, &seen)))
            }
            Segment::Literal(_) => None,
        };
        let body = match (input.body, at(Place::Body).into_iter().next()) {
            (BodyKind::None, _) => Plan::None,
            (_, Some(whole)) => Plan::Whole(whole),
            (_, None) => Plan::Members(Members::new(at(Place::Field), input.open)),
        };
        Self {
            shape: Arc::clone(&input.shape),
            path: journey.path.iter().enumerate().filter_map(param).collect(),
            query: at(Place::Query),
            headers: at(Place::Header),
            cookies: at(Place::Cookie),
            body,
        }
    }

    /// Is a request without a body refused, whatever else it brings?
    #[must_use]
    pub fn needs_body(&self) -> bool {
        let needed = |member: &Member| !member.optional && member.default.is_none();
        match &self.body {
            Plan::None => false,
            Plan::Whole(member) => needed(member),
            Plan::Members(members) => members.list().iter().any(needed),
        }
    }

    /// The typed input. In the place of what nobody looks at may stand anything, or nothing.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(&self, decoder: &Decoder, received: &Received<'_>) -> Result<Value, Faults> {
        let mut slots: Vec<_> = (0..self.shape.len()).map(|_| None).collect();
        let mut faults = Faults::new();
        let mut reading = Reading {
            decoder,
            received,
            slots: &mut slots,
            faults: &mut faults,
        };
        reading.path(&self.path);
        reading.query(&self.query);
        reading.headers(&self.headers);
        reading.cookies(&self.cookies);
        reading.body(&self.body);
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Value::object(&self.shape, slots))
    }
}

impl Intake {
    /// The upload that parts of a name are.
    #[must_use]
    pub fn upload<'d>(&self, decoder: &'d Decoder, name: &str) -> Option<Expected<'d>> {
        let mut members = self.fields().iter();
        let member = members.find(|member| member.name == name)?;
        decoder.upload(member.schema)
    }

    /// What is wrong with an upload before its bytes are looked at: `before` have come under its name. Names lead nowhere
    /// here, but whoever reads them later may not be as careful.
    #[must_use]
    pub fn upload_fault(
        expected: Expected<'_>,
        before: usize,
        file: Option<&str>,
    ) -> Option<&'static str> {
        let odd = |c: char| c.is_control() || matches!(c, '/' | '\\');
        let plain = |name: &str| {
            (1..=MAX_FILE_NAME).contains(&name.len())
                && !name.contains(odd)
                && !matches!(name, "." | "..")
        };
        if before as u64 >= u64::from(expected.count) {
            Some("is given twice")
        } else if file.is_some_and(|name| !plain(name)) {
            Some("has a file name that is no plain name of a file")
        } else {
            None
        }
    }

    /// All bytes that uploads of one request may have.
    #[must_use]
    pub fn upload_bytes(&self, decoder: &Decoder) -> u64 {
        let uploads = self.fields().iter();
        let uploads = uploads.filter_map(|member| decoder.upload(member.schema));
        let sizes = uploads.map(|it| u64::from(it.max).saturating_mul(it.count.into()));
        sizes.fold(0, u64::saturating_add)
    }

    /// The input with the bytes of uploads replaced: see [`Decoder::replace_uploads`].
    pub fn replace_uploads(
        &self,
        decoder: &Decoder,
        input: &Value,
        replace: &mut dyn FnMut(&[u8]) -> Option<Value>,
    ) -> Value {
        let Some((shape, slots)) = input.as_map().and_then(Map::as_shaped) else {
            return input.clone();
        };
        let mut slots = slots.to_vec();
        for member in self.fields() {
            if let Some(Some(slot)) = slots.get_mut(member.slot) {
                *slot = decoder.replace_uploads(member.schema, slot, replace);
            }
        }
        Value::object(shape, slots)
    }

    fn fields(&self) -> &[Member] {
        match &self.body {
            Plan::Members(members) => members.list(),
            Plan::Whole(_) | Plan::None => &[],
        }
    }
}

/// What anybody looks at of the input. Uploads are stored, whoever looks at them.
fn seen(program: &Program, journey: &Journey) -> Seen {
    if journey.input.body == BodyKind::Multipart {
        return Seen::All;
    }
    let limits = journey.limits.iter().map(|used| used.key);
    limits.fold(program.seen(journey.function), |seen, key| {
        seen.and(program.seen(key))
    })
}

fn members(params: &[Param], place: Place, seen: &Seen) -> Vec<Member> {
    let there = params
        .iter()
        .enumerate()
        .filter(|(_, param)| param.place == place);
    there
        .map(|(slot, param)| member(slot, param, seen))
        .collect()
}

fn member(slot: usize, param: &Param, seen: &Seen) -> Member {
    Member::new(param.wire.clone(), slot, param.schema)
        .or(param.optional, param.default.clone())
        .seen(param.names_caller() || seen.has(&param.name))
}

struct Reading<'a> {
    decoder: &'a Decoder,
    received: &'a Received<'a>,
    slots: &'a mut [Option<Value>],
    faults: &'a mut Faults,
}

impl<'a> Reading<'a> {
    fn path(&mut self, members: &[(usize, Member)]) {
        let place = Path::root("path");
        for (segment, member) in members {
            // A path begins with a slash: what stands before it is no segment.
            let text = self
                .received
                .path
                .split('/')
                .nth(segment + 1)
                .unwrap_or_default();
            match decode(text, false) {
                Some(text) => self.texts(member, &place, [text.as_ref()].into_iter()),
                None => self
                    .faults
                    .push(&place.name(&member.name), "is not percent-encoded UTF-8"),
            }
        }
    }

    fn query(&mut self, members: &[Member]) {
        if members.is_empty() {
            return;
        }
        let place = Path::root("query");
        match pairs(self.received.query) {
            Some(pairs) => self.pairs(members, &pairs, &place),
            None => self.faults.push(&place, "is not percent-encoded UTF-8"),
        }
    }

    fn headers(&mut self, members: &[Member]) {
        let place = Path::root("header");
        for member in members {
            let mut values = Vec::new();
            self.received
                .headers
                .each(&member.name, &mut |value| values.push(value));
            match values
                .into_iter()
                .map(std::str::from_utf8)
                .collect::<Result<Vec<_>, _>>()
            {
                Ok(texts) if self.decoder.is_list(member.schema) => {
                    let items = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
                    self.texts(member, &place, items);
                }
                Ok(texts) => self.texts(member, &place, texts.into_iter()),
                Err(_) => self.faults.push(&place.name(&member.name), "is not UTF-8"),
            }
        }
    }

    fn cookies(&mut self, members: &[Member]) {
        if members.is_empty() {
            return;
        }
        let mut cookies = Vec::new();
        self.received.headers.each("cookie", &mut |value| {
            let lines = std::str::from_utf8(value).unwrap_or_default().split(';');
            cookies.extend(lines.filter_map(|pair| pair.trim().split_once('=')));
        });
        let pairs: Vec<_> = cookies
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        self.pairs(members, &pairs, &Path::root("cookie"));
    }

    fn body(&mut self, plan: &Plan) {
        let place = Path::root("body");
        match (plan, self.received.body) {
            (Plan::None, _) => {}
            (Plan::Whole(member), Body::Json(json)) => {
                let value = self
                    .decoder
                    .json(member.schema, json, Mode::Request, self.faults);
                self.set(member, Some(value));
            }
            (Plan::Members(members), Body::Json(json)) => {
                self.decoder
                    .json_members(members, json, self.slots, self.faults);
            }
            (Plan::Members(members), Body::Form(form)) => self.form(members, form),
            (Plan::Members(members), Body::Parts(parts)) => self.parts(members, parts),
            (Plan::Members(members), _) => {
                let absent = members.list().iter();
                absent.for_each(|member| self.put(member, None, &place.name(&member.name)));
            }
            (Plan::Whole(member), _) => self.put(member, None, &place),
        }
    }

    fn form(&mut self, members: &Members, form: &[u8]) {
        let place = Path::root("body");
        match std::str::from_utf8(form).ok().and_then(pairs) {
            Some(pairs) => {
                self.unknown(members, pairs.iter().map(|(name, _)| name.as_ref()), &place);
                self.pairs(members.list(), &pairs, &place);
            }
            None => self.faults.push(&place, "is not an encoded form"),
        }
    }

    fn parts(&mut self, members: &Members, parts: &[Part]) {
        let place = Path::root("body");
        self.unknown(members, parts.iter().map(|part| part.name.as_str()), &place);
        for member in members.list() {
            let path = place.name(&member.name);
            let named = |part: &&Part| part.name == member.name.as_str();
            let found = parts.iter().filter(named).map(|part| &part.content);
            let value = self.contents(member.schema, found, &path);
            self.put(member, value, &path);
        }
    }

    /// What all parts of one name hold: a list takes all of them, any other type exactly one.
    fn contents<'p>(
        &mut self,
        schema: TypeId,
        mut found: impl Iterator<Item = &'p Content>,
        path: &Path<'_>,
    ) -> Option<Value> {
        if let Some(item) = self.decoder.item(schema) {
            let mut items = List::default();
            for content in found {
                let path = path.index(items.len());
                items.push(self.content(item, content, &path));
            }
            if items.is_empty() {
                return None;
            }
            self.decoder.count(schema, &items, path, self.faults);
            return Some(items.into());
        }
        let first = found.next()?;
        if found.next().is_some() {
            self.faults.push(path, "is given twice");
        }
        Some(self.content(schema, first, path))
    }

    fn content(&mut self, schema: TypeId, content: &Content, path: &Path<'_>) -> Value {
        match content {
            Content::Bytes(bytes) => self.decoder.bytes(schema, bytes, path, self.faults),
            Content::Upload(blob) => self.decoder.received(schema, blob, path, self.faults),
            Content::Refused(why) => {
                self.faults.push(path, *why);
                Value::Null
            }
        }
    }

    fn unknown<'n>(
        &mut self,
        members: &Members,
        names: impl Iterator<Item = &'n str>,
        place: &Path<'_>,
    ) {
        if members.open {
            return;
        }
        for name in names.filter(|name| !members.has(name)) {
            self.faults.push(&place.name(name), "is not a known member");
        }
    }

    fn pairs(
        &mut self,
        members: &[Member],
        pairs: &[(Cow<'_, str>, Cow<'_, str>)],
        place: &Path<'_>,
    ) {
        for member in members {
            let found = pairs
                .iter()
                .filter(|(name, _)| *name == member.name.as_str())
                .map(|(_, value)| value.as_ref());
            self.texts(member, place, found);
        }
    }

    fn texts<'t>(
        &mut self,
        member: &Member,
        place: &Path<'_>,
        texts: impl Iterator<Item = &'t str>,
    ) {
        let path = place.name(&member.name);
        let value = self.decoder.texts(member.schema, texts, &path, self.faults);
        self.put(member, value, &path);
    }

    /// Sets a slot to what came, or to what stands for nothing.
    fn put(&mut self, member: &Member, value: Option<Value>, path: &Path<'_>) {
        let value = value.or_else(|| member.default.clone());
        if value.is_none() && !member.optional {
            self.faults.push(path, "is required");
        }
        self.set(member, value);
    }

    fn set(&mut self, member: &Member, value: Option<Value>) {
        if let Some(slot) = self.slots.get_mut(member.slot) {
            *slot = value;
        }
    }
}
