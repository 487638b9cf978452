//! Types: contravariant where values come in, covariant where they go out.

use super::Report;
use crate::schema::{TypeId, Way, Why, misfits};
use std::collections::BTreeMap;

/// Which way values of a type go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// From callers, upstreams or settings: what was let in has to be let in.
    In,
    /// To callers or upstreams: what they get has to be what they know; fields they do not know they pass over.
    Out,
}

/// How the types at one place differ: from the old to the new one, and back.
#[derive(Default)]
struct Differing {
    forth: Option<Why>,
    back: Option<Why>,
}

impl Report<'_> {
    /// Compares two types of one place.
    pub(super) fn types(&mut self, place: &str, flow: Flow, old: TypeId, new: TypeId) {
        let (was, is) = ((&self.old.types, old), (&self.new.types, new));
        let mut places: BTreeMap<String, Differing> = BTreeMap::new();
        for misfit in misfits(was, is, Way::Sent) {
            places.entry(misfit.path).or_default().forth = Some(misfit.why);
        }
        for misfit in misfits(is, was, Way::Sent) {
            places.entry(misfit.path).or_default().back = Some(misfit.why);
        }
        for (path, differing) in places {
            let breaking = differing.breaks(flow);
            let at = join(place, &path);
            self.add(breaking, &at, differing.said(flow), reason(flow, breaking));
        }
    }
}

impl Differing {
    fn breaks(&self, flow: Flow) -> bool {
        match flow {
            Flow::In => self.forth.is_some(),
            Flow::Out => {
                self.forth == Some(Why::Gone)
                    || self.back.as_ref().is_some_and(|why| *why != Why::Gone)
            }
        }
    }

    fn said(&self, flow: Flow) -> String {
        let out = flow == Flow::Out;
        match (&self.forth, &self.back) {
            (Some(Why::Gone), _) | (None, Some(Why::Added)) => "is gone".into(),
            (Some(Why::Added), _) if out => "is new".into(),
            (Some(Why::Required), _) if out => "is always there now".into(),
            (Some(Why::Added), _) => "is new and required".into(),
            (_, Some(Why::Gone)) => "is new".into(),
            (Some(Why::Required), _) => "is required now".into(),
            (_, Some(Why::Required)) => "may be absent now".into(),
            (Some(Why::Closed), _) => "refuses members of other names now".into(),
            (_, Some(Why::Closed)) => "takes members of any name now".into(),
            (Some(why @ Why::Kind(..)), _) => why.to_string(),
            (_, Some(Why::Kind(is, was))) => Why::Kind(was, is).to_string(),
            (Some(Why::Narrower), Some(Why::Narrower)) => "has other bounds".into(),
            (Some(Why::Lost(lost)), Some(Why::Lost(new))) => {
                format!("has no {lost:?} any more, and may be {new:?}")
            }
            (Some(why), _) => why.to_string(),
            (None, Some(Why::Narrower)) => "has wider bounds".into(),
            (None, Some(Why::Lost(new))) => format!("may be {new:?} now"),
            (None, Some(why)) => why.to_string(),
            (None, None) => String::new(),
        }
    }
}

/// What follows from a change.
pub(super) fn reason(flow: Flow, breaking: bool) -> &'static str {
    match (flow, breaking) {
        (Flow::In, true) => "what was accepted is refused",
        (Flow::In, false) => "what was accepted is accepted still",
        (Flow::Out, true) => "receivers may get what they do not know, or miss what they rely on",
        (Flow::Out, false) => "receivers get what they know",
    }
}

fn join(place: &str, path: &str) -> String {
    match path {
        "" => place.to_owned(),
        _ if path.starts_with(['[', '{']) => format!("{place}{path}"),
        _ => format!("{place}.{path}"),
    }
}
