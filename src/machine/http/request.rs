//! Arguments of an operation to an HTTP request. Everything that comes from data is encoded here, so no value can
//! leave its place: not the segment of a path, not the pair of a query, not the line of a header.

use super::percent::{encode, push_pair};
use crate::blob::Blob;
use crate::json::write_json;
use crate::manifest::{BodyKind, Operation, Param, Place, Segment};
use crate::value::{EvalError, Map, Str, Value};

/// A request, except for host and credentials, which belong to the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Str,
    /// Path below the connection's base, and query; begins with a slash.
    pub target: String,
    /// Headers, lower case, `content-type` among them.
    pub headers: Vec<(Str, String)>,
    /// The body, if there is one.
    pub body: Option<Body>,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Those of an upload.
    Upload(Blob),
}

/// The request that calls `operation` with one value for each of its parameters; null: absent.
///
/// # Errors
/// A value that cannot stand where its parameter does.
pub fn request(operation: &Operation, args: &[Value]) -> Result<Request, EvalError> {
    let given = Given { operation, args };
    let mut headers = given.headers()?;
    let body = given.body()?;
    if let Some((content_type, _)) = &body {
        headers.push((Str::new_static("content-type"), content_type.to_string()));
    }
    Ok(Request {
        method: operation.method.clone(),
        target: given.target()?,
        headers,
        body: body.map(|(_, body)| body),
    })
}

struct Given<'a> {
    operation: &'a Operation,
    args: &'a [Value],
}

impl<'a> Given<'a> {
    /// Parameters of a place that have a value.
    fn at(&self, place: Place) -> impl Iterator<Item = (&'a Param, &'a Value)> {
        let params = self.operation.params.iter().zip(self.args);
        params
            .filter(move |(param, _)| param.place == place)
            .filter_map(|(param, arg)| match &param.default {
                Some(default) if arg.is_null() => Some((param, default)),
                None if arg.is_null() && param.optional => None,
                Some(_) | None => Some((param, arg)),
            })
    }

    /// Path and query below the connection's base. A path of `/` is the base itself.
    fn target(&self) -> Result<String, EvalError> {
        let mut target = String::new();
        for segment in &self.operation.path {
            target.push('/');
            match segment {
                Segment::Literal(text) => encode(text, &mut target),
                Segment::Param(index) => encode(&self.segment(*index)?, &mut target),
            }
        }
        let mut query = String::new();
        for (param, value) in self.at(Place::Query) {
            each_text(param, value, |text| {
                push_pair(&param.wire, text, &mut query)
            })?;
        }
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query);
        }
        Ok(target)
    }

    /// The text of a path parameter. Dots alone would be read as a step up or nowhere, however they are encoded.
    fn segment(&self, index: u16) -> Result<Str, EvalError> {
        let place = usize::from(index);
        let (Some(param), Some(value)) = (self.operation.params.get(place), self.args.get(place))
        else {
            return Err(EvalError::evaluation("the operation has no such parameter"));
        };
        match value.to_text() {
            Some(text) if !matches!(text.as_str(), "" | "." | "..") => Ok(text),
            _ => Err(unfit(param, "cannot be a segment of a path")),
        }
    }

    fn headers(&self) -> Result<Vec<(Str, String)>, EvalError> {
        let mut headers = Vec::new();
        for (param, value) in self.at(Place::Header) {
            let mut line = String::new();
            each_text(param, value, |text| {
                line.push_str(if line.is_empty() { "" } else { ", " });
                line.push_str(text);
            })?;
            if !line.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
                return Err(unfit(param, "has characters that a header cannot carry"));
            }
            headers.push((param.wire.clone(), line));
        }
        Ok(headers)
    }

    /// The body with its content type.
    fn body(&self) -> Result<Option<(Str, Body)>, EvalError> {
        let whole = match self.at(Place::Body).next() {
            Some((_, value)) => value.clone(),
            None if self
                .operation
                .params
                .iter()
                .any(|param| param.place == Place::Field) =>
            {
                self.fields()
            }
            None => return Ok(None),
        };
        let (content_type, body) = match self.operation.body {
            BodyKind::Json => ("application/json", json(&whole)),
            BodyKind::Form => ("application/x-www-form-urlencoded", self.form(&whole)?),
            BodyKind::Upload => return self.upload(&whole).map(Some),
            BodyKind::None | BodyKind::Multipart => return Ok(None),
        };
        Ok(Some((Str::new_static(content_type), Body::Bytes(body))))
    }

    fn upload(&self, whole: &Value) -> Result<(Str, Body), EvalError> {
        let unfit = || EvalError::evaluation(format!("{}: it is no upload", self.operation.name));
        let blob = Blob::of(whole).ok_or_else(unfit)?;
        Ok((blob.media.clone(), Body::Upload(blob)))
    }

    fn fields(&self) -> Value {
        let map: Map = self
            .at(Place::Field)
            .map(|(param, value)| (param.wire.as_str(), value.clone()))
            .collect();
        map.into()
    }

    fn form(&self, whole: &Value) -> Result<Vec<u8>, EvalError> {
        let Value::Map(map) = whole else {
            return Err(EvalError::evaluation(format!(
                "{}: the body of a form is an object",
                self.operation.name
            )));
        };
        let mut form = String::new();
        for (name, value) in map.iter() {
            let name = name.to_value().to_text().unwrap_or_default();
            let unfit =
                || EvalError::evaluation(format!("{}: `{name}` has no text", self.operation.name));
            texts(value, |text| push_pair(&name, text, &mut form)).ok_or_else(unfit)?;
        }
        Ok(form.into_bytes())
    }
}

fn json(value: &Value) -> Vec<u8> {
    let mut json = Vec::new();
    write_json(value, &mut json);
    json
}

fn each_text(param: &Param, value: &Value, each: impl FnMut(&str)) -> Result<(), EvalError> {
    texts(value, each).ok_or_else(|| unfit(param, "has no text"))
}

/// The text of a value, or those of the items of a list; `None`: something in it has none.
fn texts(value: &Value, mut each: impl FnMut(&str)) -> Option<()> {
    if let Value::List(items) = value {
        return items
            .iter()
            .try_for_each(|item| item.to_text().map(|text| each(&text)));
    }
    value.to_text().map(|text| each(&text))
}

fn unfit(param: &Param, why: &str) -> EvalError {
    EvalError::evaluation(format!("the argument `{}` {why}", param.name))
}
