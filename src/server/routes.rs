//! Which journey a path and a method mean.

use crate::oidc::Endpoint;
use hyper::Method;
use hyper::header::HeaderValue;
use journey_machine::manifest::{Journey, Segment};
use matchit::Router;
use std::fmt::Write;

/// The routes of a project, and the server's own.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    paths: Router<usize>,
    entries: Vec<Entry>,
}

/// What stands at one path.
#[derive(Debug)]
struct Entry {
    methods: Vec<(Method, Target)>,
    allow: HeaderValue,
}

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A journey, by its place in the manifest.
    Journey(usize),
    /// An endpoint of the server's own issuer.
    Oidc(Endpoint),
}

/// What a path and a method lead to.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    Target(Target),
    /// Nothing but the methods that are allowed: the answer to `OPTIONS`.
    Options(&'a HeaderValue),
    /// No answer to this method: those that are allowed, and what answers the first of them.
    NotAllowed(&'a HeaderValue, Option<Target>),
    Nothing,
}

/// What stands before the application and the journey in the second path of a journey.
const ALIAS: &str = "/ido/api/v2/login/direct";

/// What may be allowed at one path or another.
static ANY: HeaderValue = HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");

impl Routes {
    /// The routes of these journeys, and with an application a second one for each whose path has no parameters.
    ///
    /// # Errors
    /// A sentence for each conflict.
    pub(crate) fn new(
        journeys: &[Journey],
        application: Option<&str>,
    ) -> Result<Self, Vec<String>> {
        let mut plan = Plan::default();
        for (endpoint, method, path) in Endpoint::ALL {
            plan.add(
                path,
                method,
                Target::Oidc(endpoint),
                "the server's own issuer",
            );
        }
        for (index, journey) in journeys.iter().enumerate() {
            let alias = application.and_then(|application| alias(application, journey));
            for path in std::iter::once(pattern(&journey.path)).chain(alias) {
                for method in &journey.methods {
                    plan.add(&path, method, Target::Journey(index), &journey.name);
                }
            }
        }
        plan.finish()
    }

    /// `HEAD` is answered by the journey that answers `GET`.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        if path == "*" && *method == Method::OPTIONS {
            return Found::Options(&ANY);
        }
        let Some(entry) = self
            .paths
            .at(path)
            .ok()
            .and_then(|found| self.entries.get(*found.value))
        else {
            return Found::Nothing;
        };
        let of = |wanted: &Method| {
            entry
                .methods
                .iter()
                .find(|(method, _)| method == wanted)
                .map(|(_, target)| *target)
        };
        let fallback = || {
            if *method == Method::HEAD {
                of(&Method::GET)
            } else {
                None
            }
        };
        match of(method).or_else(fallback) {
            Some(target) => Found::Target(target),
            None if *method == Method::OPTIONS => Found::Options(&entry.allow),
            None => {
                let first = entry.methods.first().map(|(_, target)| *target);
                Found::NotAllowed(&entry.allow, first)
            }
        }
    }
}

/// Routes while they are put together.
#[derive(Default)]
struct Plan {
    routes: Routes,
    /// Who has each method of each entry, for the message of a conflict.
    owners: Vec<Vec<(Method, String)>>,
    faults: Vec<String>,
}

impl Plan {
    fn add(&mut self, path: &str, method: &str, target: Target, owner: &str) {
        let Ok(method) = Method::from_bytes(method.as_bytes()) else {
            return self
                .faults
                .push(format!("{owner}: {method:?} is no method"));
        };
        let Some(index) = self.entry(path, owner) else {
            return;
        };
        let (Some(entry), Some(owners)) = (
            self.routes.entries.get_mut(index),
            self.owners.get_mut(index),
        ) else {
            return;
        };
        if let Some((_, other)) = owners.iter().find(|(taken, _)| *taken == method) {
            return self
                .faults
                .push(format!("{owner} and {other} both answer {method} {path}"));
        }
        entry.methods.push((method.clone(), target));
        owners.push((method, owner.to_owned()));
    }

    fn entry(&mut self, path: &str, owner: &str) -> Option<usize> {
        let index = self.routes.entries.len();
        match self.routes.paths.insert(path, index) {
            Ok(()) => {
                self.routes.entries.push(Entry {
                    methods: Vec::new(),
                    allow: HeaderValue::from_static(""),
                });
                self.owners.push(Vec::new());
                Some(index)
            }
            Err(_) if self.routes.paths.at(path).is_ok() => {
                self.routes.paths.at(path).ok().map(|found| *found.value)
            }
            Err(error) => {
                self.faults
                    .push(format!("{owner}: the path {path} is not possible: {error}"));
                None
            }
        }
    }

    fn finish(mut self) -> Result<Routes, Vec<String>> {
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        for entry in &mut self.routes.entries {
            entry.allow = allow(&entry.methods);
        }
        Ok(self.routes)
    }
}

fn allow(methods: &[(Method, Target)]) -> HeaderValue {
    let mut names: Vec<&str> = methods.iter().map(|(method, _)| method.as_str()).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    names.sort_unstable();
    names.dedup();
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

/// The path of a journey in an application. What a journey takes from its own path it cannot take from this one.
fn alias(application: &str, journey: &Journey) -> Option<String> {
    let plain = |segment: &Segment| matches!(segment, Segment::Literal(_));
    let mut path = String::from(ALIAS);
    for segment in [application, &journey.name] {
        path.push('/');
        encode(segment, &mut path);
    }
    journey.path.iter().all(plain).then_some(path)
}

/// The path as it stands in a request. Parameters are named by their place, so that equal paths are equal whatever
/// journeys call their parameters.
fn pattern(path: &[Segment]) -> String {
    let mut pattern = String::new();
    for (place, segment) in path.iter().enumerate() {
        pattern.push('/');
        match segment {
            Segment::Literal(text) => encode(text, &mut pattern),
            Segment::Param(_) => drop(write!(pattern, "{{p{place}}}")),
        }
    }
    if pattern.is_empty() {
        pattern.push('/');
    }
    pattern
}

/// What may stand plainly in a segment (RFC 3986, `pchar`) does, all else is percent-encoded.
fn encode(text: &str, pattern: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            pattern.push(char::from(byte));
        } else {
            let _ = write!(pattern, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey_machine::index::FuncId;
    use journey_machine::manifest::{Auth, Input};

    fn journey(name: &str, methods: &[&str], path: Vec<Segment>) -> Journey {
        Journey {
            name: name.into(),
            docs: "".into(),
            function: FuncId(0),
            methods: methods.iter().map(|&method| method.into()).collect(),
            path,
            auth: Auth::Basic,
            deadline: 1,
            redirects: Vec::new(),
            limits: Vec::new(),
            input: Input::default(),
            answers: Vec::new(),
            errors: None,
        }
    }

    fn literal(text: &str) -> Segment {
        Segment::Literal(text.into())
    }

    #[test]
    fn a_literal_segment_goes_before_a_parameter_and_head_goes_to_get() {
        let routes = Routes::new(
            &[
                journey(
                    "one",
                    &["GET", "PUT"],
                    vec![literal("a"), Segment::Param(0)],
                ),
                journey("two", &["POST"], vec![literal("a"), literal("b c")]),
            ],
            Some("my app"),
        )
        .unwrap();
        let find = |method, path| routes.find(&method, path);
        assert!(matches!(
            find(Method::GET, "/a/x"),
            Found::Target(Target::Journey(0))
        ));
        assert!(matches!(
            find(Method::HEAD, "/a/x"),
            Found::Target(Target::Journey(0))
        ));
        assert!(matches!(
            find(Method::POST, "/a/b%20c"),
            Found::Target(Target::Journey(1))
        ));
        assert!(
            matches!(find(Method::POST, "/a/x"), Found::NotAllowed(allow, Some(Target::Journey(0))) if allow == "GET, HEAD, OPTIONS, PUT")
        );
        assert!(
            matches!(find(Method::OPTIONS, "/a/b%20c"), Found::Options(allow) if allow == "OPTIONS, POST")
        );
        assert!(matches!(find(Method::GET, "/a/"), Found::Nothing));
        assert!(matches!(
            find(Method::POST, "/ido/api/v2/login/direct/my%20app/two"),
            Found::Target(Target::Journey(1))
        ));
        assert!(matches!(
            find(Method::GET, "/ido/api/v2/login/direct/my%20app/one"),
            Found::Nothing
        ));
        assert!(matches!(
            find(Method::GET, "/oidc/jwks"),
            Found::Target(Target::Oidc(Endpoint::Keys))
        ));
    }

    #[test]
    fn every_conflict_is_told_with_both_sides() {
        let faults = Routes::new(
            &[
                journey("one", &["GET"], vec![literal("a"), Segment::Param(0)]),
                journey("two", &["GET"], vec![literal("a"), Segment::Param(1)]),
                journey("three", &["POST"], vec![literal("oidc"), literal("token")]),
            ],
            None,
        )
        .unwrap_err();
        assert_eq!(
            faults,
            [
                "two and one both answer GET /a/{p1}",
                "three and the server's own issuer both answer POST /oidc/token"
            ]
        );
    }
}
