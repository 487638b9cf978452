//! Journeys as their callers see them: requests, answers, authorisation, limits, errors.

use super::types::{Flow, reason};
use super::{Report, by_name, without};
use crate::manifest::{
    AnswerType, Auth, BodyKind, ErrorCode, ErrorStyle, Journey, Limit, Manifest, Param, Place,
    Segment,
};

const UNKNOWN: &str = "requests to it are answered with 404 or 405";

impl Report<'_> {
    pub(super) fn journeys(&mut self) {
        let (old, new) = (&self.old.manifest, &self.new.manifest);
        for (name, pair) in by_name(&old.journeys, &new.journeys, |j| j.name.to_string()) {
            self.of = format!("journey {name}");
            match pair {
                (Some(was), Some(is)) => self.journey(was, is),
                (Some(_), None) => self.breaks("", "is gone", UNKNOWN),
                _ => self.fits("", "is new", "nobody calls it yet"),
            }
        }
        self.styles();
    }

    fn journey(&mut self, was: &Journey, is: &Journey) {
        self.route(was, is);
        self.auth(was, is);
        let old = Sent(&was.path, &was.input.params);
        self.params("input", Flow::In, &old, &Sent(&is.path, &is.input.params));
        self.body(was, is);
        self.answers(&was.answers, &is.answers);
        self.limits(was, is);
        self.errors(was, is);
        if was.deadline != is.deadline {
            let what = format!("was {} ms, is {} ms", was.deadline, is.deadline);
            self.fits(
                "deadline",
                what,
                "callers have to be ready for a slow answer anyway",
            );
        }
    }

    fn route(&mut self, was: &Journey, is: &Journey) {
        let (old, new) = (path(&was.path), path(&is.path));
        if old != new {
            self.breaks("path", format!("was {old}, is {new}"), UNKNOWN);
        }
        if let Some(gone) = without(&was.methods, &is.methods) {
            self.breaks("endpoint", format!("has no {gone} any more"), UNKNOWN);
        }
        if let Some(added) = without(&is.methods, &was.methods) {
            self.fits(
                "endpoint",
                format!("has {added} now"),
                "the others are taken still",
            );
        }
    }

    fn auth(&mut self, was: &Journey, is: &Journey) {
        let old = auth(&was.auth, &self.old.manifest);
        let new = auth(&is.auth, &self.new.manifest);
        if old == new {
            return;
        }
        let what = format!("was {old}, is {new}");
        if matches!(is.auth, Auth::None { .. }) {
            self.fits("auth", what, "anyone may call it now");
        } else {
            self.breaks("auth", what, "credentials that were accepted are refused");
        }
    }

    /// Parameters of a journey, or those that a call sends.
    pub(super) fn params(&mut self, of: &str, flow: Flow, was: &Sent<'_>, is: &Sent<'_>) {
        let (old, new) = (was.keyed(), is.keyed());
        for (_, pair) in by_name(&old, &new, |(key, _)| key.clone()) {
            match pair {
                (Some((_, was)), Some((_, is))) => self.param(of, flow, was, is),
                (Some((_, gone)), None) => {
                    self.breaks(&place(of, gone), "is gone", reason(flow, true));
                }
                (_, Some((_, new))) => {
                    let breaking = flow == Flow::In && needed(new);
                    let what = if breaking {
                        "is new and required"
                    } else {
                        "is new"
                    };
                    self.add(breaking, &place(of, new), what, reason(flow, breaking));
                }
                (None, None) => {}
            }
        }
    }

    fn param(&mut self, of: &str, flow: Flow, was: &Param, is: &Param) {
        let at = place(of, is);
        if needed(was) != needed(is) {
            let breaking = needed(is) == (flow == Flow::In);
            let what = if needed(is) {
                "is required now"
            } else {
                "may be absent now"
            };
            self.add(breaking, &at, what, reason(flow, breaking));
        }
        if was.default != is.default && was.default.is_some() && is.default.is_some() {
            self.fits(&at, "has another default", reason(flow, false));
        }
        self.types(&at, flow, was.schema, is.schema);
    }

    fn body(&mut self, was: &Journey, is: &Journey) {
        let (old, new) = (was.input.body, is.input.body);
        let takes_both = (old, new) == (BodyKind::Json, BodyKind::Multipart);
        if old != new {
            let what = format!("was {}, is {}", encoding(old), encoding(new));
            let breaking = !takes_both && old != BodyKind::None;
            self.add(
                breaking,
                "body",
                what,
                "requests are read in the new encoding only",
            );
        }
        if was.input.open != is.input.open {
            let what = match is.input.open {
                true => "takes members of any name now",
                false => "refuses members of other names now",
            };
            let why = "members that are not declared are faults, or passed over";
            self.add(!is.input.open, "body", what, why);
        }
    }

    /// Answers of a journey. Callers treat an error that they do not know as they treat its class.
    fn answers(&mut self, was: &[AnswerType], is: &[AnswerType]) {
        for (status, pair) in by_name(was, is, |answer| answer.status.to_string()) {
            match pair {
                (Some(was), Some(is)) => match (was.schema, is.schema) {
                    (Some(was), Some(is)) => self.types(&status, Flow::Out, was, is),
                    (Some(_), None) => {
                        self.breaks(&status, "has no body any more", "callers read it")
                    }
                    (None, Some(_)) => self.fits(&status, "has a body now", "nobody reads it yet"),
                    (None, None) => {}
                },
                (Some(_), None) => {
                    self.fits(
                        &status,
                        "is not answered any more",
                        "callers wait for nothing by it",
                    );
                }
                (_, new) => {
                    let success = new.is_some_and(|answer| answer.status < 400);
                    let why = match success {
                        true => "callers do not know this success",
                        false => "callers treat an unknown error as its class",
                    };
                    self.add(success, &status, "is a new answer", why);
                }
            }
        }
    }

    fn limits(&mut self, was: &Journey, is: &Journey) {
        let old = used(was, &self.old.manifest);
        let new = used(is, &self.new.manifest);
        for (name, pair) in by_name(&old, &new, |limit| limit.name.to_string()) {
            let at = format!("limit {name}");
            match pair {
                (Some(was), Some(is)) if was == is => {}
                (Some(was), Some(is)) => {
                    let what = format!("was {}, is {}", rate(was), rate(is));
                    let breaking = stricter(was, is);
                    let why = match breaking {
                        true => "who kept to the former rate is told to wait",
                        false => "who kept to the former rate keeps to this one",
                    };
                    self.add(breaking, &at, what, why);
                }
                (Some(_), None) => self.fits(&at, "is gone", "more requests are let in"),
                _ => self.breaks(&at, "is new", "requests may be answered with 429"),
            }
        }
    }

    /// Which style the errors of a journey have; what is in it is compared once.
    fn errors(&mut self, was: &Journey, is: &Journey) {
        let named = |journey: &Journey, manifest: &Manifest| {
            let style = manifest.errors.get(usize::from(journey.errors?))?;
            Some(style_name(style))
        };
        let old = named(was, &self.old.manifest);
        let new = named(is, &self.new.manifest);
        if old != new {
            self.breaks(
                "errors",
                "have another style",
                "callers read their codes in the former",
            );
        }
    }

    fn styles(&mut self) {
        let (old, new) = (&self.old.manifest.errors, &self.new.manifest.errors);
        for (name, pair) in by_name(old, new, style_name) {
            self.of = name;
            let (Some(was), Some(is)) = pair else {
                continue;
            };
            if was.shape.is_some() != is.shape.is_some() {
                self.breaks("shape", "is another", "callers read codes of errors in it");
            }
            for (code, pair) in by_name(&was.codes, &is.codes, |code| code.code.to_string()) {
                self.code(&code, pair);
            }
        }
    }

    fn code(&mut self, code: &str, pair: (Option<&ErrorCode>, Option<&ErrorCode>)) {
        match pair {
            (Some(was), Some(is)) if was.status != is.status => {
                let what = format!("was answered with {}, is with {}", was.status, is.status);
                self.breaks(code, what, "callers decide by the status");
            }
            (Some(_), Some(_)) => {}
            (Some(_), None) => self.fits(code, "is gone", "callers wait for nothing by it"),
            _ => self.fits(
                code,
                "is new",
                "callers treat an unknown error as its class",
            ),
        }
    }
}

fn style_name(style: &ErrorStyle) -> String {
    match &style.name {
        Some(name) => format!("errors {name}"),
        None => "errors".to_owned(),
    }
}

/// Limits that hold a journey.
fn used(journey: &Journey, manifest: &Manifest) -> Vec<Limit> {
    let limits = journey.limits.iter();
    let limits = limits.filter_map(|used| manifest.limits.get(usize::from(used.limit.0)));
    limits.cloned().collect()
}

fn rate(limit: &Limit) -> String {
    format!(
        "{} per {} ms, {} at once",
        limit.count, limit.per, limit.burst
    )
}

fn stricter(was: &Limit, is: &Limit) -> bool {
    let of = |limit: &Limit, other: &Limit| u128::from(limit.count) * u128::from(other.per);
    of(is, was) < of(was, is) || is.burst < was.burst
}

/// The path and the parameters of a request.
pub(super) struct Sent<'p>(pub(super) &'p [Segment], pub(super) &'p [Param]);

impl<'p> Sent<'p> {
    /// Parameters by what they are called in a request. In a path only their order counts.
    fn keyed(&self) -> Vec<(String, &'p Param)> {
        let named = (0..).zip(self.1).map(|(at, param)| {
            let key = match param.place {
                Place::Path => {
                    let mut params = self.0.iter().filter(|s| matches!(s, Segment::Param(_)));
                    let place = params.position(|s| *s == Segment::Param(at));
                    format!("path {place:?}")
                }
                Place::Body => "body".to_owned(),
                Place::Query | Place::Header | Place::Cookie | Place::Field => {
                    format!("{:?} {}", param.place, param.wire.to_lowercase())
                }
            };
            (key, param)
        });
        named.collect()
    }
}

fn needed(param: &Param) -> bool {
    !param.optional && param.default.is_none()
}

fn place(of: &str, param: &Param) -> String {
    format!("{of}.{}", param.name)
}

pub(super) fn path(segments: &[Segment]) -> String {
    let shown = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Param(_) => "/{}".to_owned(),
    });
    shown.collect()
}

fn auth(auth: &Auth, manifest: &Manifest) -> String {
    match auth {
        Auth::ClientToken { issuer: None } => "client_token".to_owned(),
        Auth::ClientToken {
            issuer: Some(issuer),
        } => {
            let issuer = manifest.issuers.get(usize::from(issuer.0));
            format!(
                "client_token with {}",
                issuer.map_or("", |i| i.name.as_str())
            )
        }
        Auth::Basic => "basic".to_owned(),
        Auth::None { .. } => "none".to_owned(),
    }
}

pub(super) fn encoding(body: BodyKind) -> &'static str {
    match body {
        BodyKind::None => "no body",
        BodyKind::Json => "JSON",
        BodyKind::Form => "a form",
        BodyKind::Multipart => "multipart or JSON",
        BodyKind::Upload => "an upload",
    }
}
