//! All declarations of a project by name, over all its files: who declares what, and what is declared twice.
//!
//! Whatever a declaration or a step refers to by name is looked up here; names in expressions are the types' business.

mod connections;
mod cycles;
mod endpoints;
pub mod head;
mod limits;
pub mod path;
mod redirects;
mod references;
mod rules;
pub mod setting;
pub mod stores;
mod type_names;

use crate::ast::{self, Decl, File, JourneyKind, Millis, Name, Settings};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::suggest::suggestion;
use journey_machine::span::Span;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

pub use connections::body_kind;
pub use type_names::{BUILTIN_TYPES, definition, holds_blob, is_upload, labelled};

/// The one namespace of a project. Of a name declared twice the first (by file, then place) is kept.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// Endpoints.
    pub journeys: BTreeMap<&'a str, &'a ast::Journey>,
    /// Sub-journeys.
    pub subs: BTreeMap<&'a str, &'a ast::Journey>,
    /// Tasks.
    pub tasks: BTreeMap<&'a str, &'a ast::Journey>,
    /// Stores.
    pub stores: BTreeMap<&'a str, &'a ast::Store>,
    /// Signals.
    pub signals: BTreeMap<&'a str, &'a ast::SignalDecl>,
    /// Rate limits.
    pub limits: BTreeMap<&'a str, &'a ast::RateLimit>,
    /// Types.
    pub types: BTreeMap<&'a str, &'a ast::TypeDecl>,
    /// Connections.
    pub connections: BTreeMap<&'a str, &'a ast::Connection>,
    /// Operations by connection and name.
    pub operations: BTreeMap<(&'a str, &'a str), &'a ast::Operation>,
    /// Issuers.
    pub issuers: BTreeMap<&'a str, &'a ast::Issuer>,
    /// Error styles; the project's own under `""`.
    pub errors: BTreeMap<&'a str, ErrorStyle<'a>>,
    /// `config` settings.
    pub config: BTreeMap<&'a str, &'a ast::FieldDecl>,
    /// `secret` settings.
    pub secrets: BTreeMap<&'a str, &'a ast::FieldDecl>,
}

/// An error style, gathered from its blocks: like settings, they may stand in several files.
#[derive(Debug)]
pub struct ErrorStyle<'a> {
    /// Where it is declared first.
    pub span: Span,
    /// All its codes.
    pub codes: Vec<&'a ast::ErrorDecl>,
    /// What errors look like, if one of the blocks says so.
    pub shape: Option<&'a ast::Expr>,
    places: BTreeMap<&'a str, usize>,
}

impl<'a> ErrorStyle<'a> {
    fn new(span: Span) -> Self {
        Self {
            span,
            codes: Vec::new(),
            shape: None,
            places: BTreeMap::new(),
        }
    }

    fn add(&mut self, code: &'a ast::ErrorDecl) {
        self.places.insert(&code.code.node, self.codes.len());
        self.codes.push(code);
    }

    /// A code and its place among the codes.
    fn find(&self, code: &str) -> Option<(usize, &'a ast::ErrorDecl)> {
        let place = *self.places.get(code)?;
        self.codes.get(place).map(|found| (place, *found))
    }
}

/// Collects all declarations and checks whatever is said by name alone.
pub fn resolve<'a>(files: &'a [File], out: &mut Diagnostics) -> Names<'a> {
    let mut names = Names::default();
    let mut seen = Seen::default();
    for decl in decls(files) {
        names.add(decl, &mut seen, out);
    }
    for decl in decls(files) {
        names.check(decl, out);
    }
    type_names::infinite(&names, out);
    endpoints::conflicts(&names, out);
    references::recursion(&names, out);
    names
}

/// All declarations of all files, in order.
pub fn decls(files: &[File]) -> impl Iterator<Item = &Decl> {
    files.iter().flat_map(|f| &f.decls)
}

impl<'a> Names<'a> {
    /// An operation of a connection.
    #[must_use]
    pub fn operation(&self, connection: &str, operation: &str) -> Option<&'a ast::Operation> {
        self.operations.get(&(connection, operation)).copied()
    }

    /// The error style of an endpoint: the one it names, else the project's own.
    #[must_use]
    pub fn error_style(&self, journey: &ast::Journey) -> Option<&ErrorStyle<'a>> {
        let named = head::error_style(journey);
        self.errors.get(named.map_or("", |n| n.node.as_str()))
    }

    /// A declared error of the style of an endpoint.
    #[must_use]
    pub fn error_code(&self, journey: &ast::Journey, code: &str) -> Option<&'a ast::ErrorDecl> {
        self.error_style(journey)?
            .find(code)
            .map(|(_, declared)| declared)
    }

    fn add(&mut self, decl: &'a Decl, seen: &mut Seen<'a>, out: &mut Diagnostics) {
        match decl {
            Decl::Journey(_) | Decl::Rules(_) => {
                decl.journeys()
                    .iter()
                    .for_each(|j| self.add_journey(j, seen, out));
            }
            Decl::Type(t) if type_names::taken(&t.name, out) => {}
            Decl::Type(t) => seen.declare("type", &t.name, t, &mut self.types, out),
            Decl::Connection(c) => {
                seen.declare("connection", &c.name, &**c, &mut self.connections, out);
                for operation in &c.operations {
                    let key = (c.name.node.as_str(), operation.name.node.as_str());
                    self.operations.entry(key).or_insert(operation);
                }
            }
            Decl::Store(s) => seen.declare("store", &s.name, &**s, &mut self.stores, out),
            Decl::Signal(s) => seen.declare("signal", &s.name, s, &mut self.signals, out),
            Decl::Limit(l) => seen.declare("limit", &l.name, l, &mut self.limits, out),
            Decl::Issuer(i) => seen.declare("issuer", &i.name, &**i, &mut self.issuers, out),
            Decl::Errors(errors) => self.add_errors(errors, seen, out),
            Decl::Settings(Settings {
                secret: true,
                fields,
                ..
            }) => {
                fields
                    .iter()
                    .for_each(|f| seen.declare("secret", &f.name, f, &mut self.secrets, out));
            }
            Decl::Settings(Settings { fields, .. }) => {
                fields.iter().for_each(|f| {
                    seen.declare("config setting", &f.name, f, &mut self.config, out)
                });
            }
        }
    }

    fn add_journey(&mut self, j: &'a ast::Journey, seen: &mut Seen<'a>, out: &mut Diagnostics) {
        let map = match j.kind {
            JourneyKind::Endpoint(_) => &mut self.journeys,
            JourneyKind::Sub { .. } => &mut self.subs,
            JourneyKind::Task(_) => &mut self.tasks,
        };
        seen.declare("journey", &j.name, j, map, out);
    }

    /// The blocks of a style gather their codes; one of them may have the shape.
    fn add_errors(&mut self, errors: &'a ast::Errors, seen: &mut Seen<'a>, out: &mut Diagnostics) {
        let (name, span) = errors
            .name
            .as_ref()
            .map_or(("", errors.span), |n| (&n.node, n.span));
        let style = self
            .errors
            .entry(name)
            .or_insert_with(|| ErrorStyle::new(span));
        let others = style.codes.len();
        for code in &errors.codes {
            match style.find(&code.code.node) {
                Some((place, first)) if place < others => {
                    out.push(twice(
                        "error code",
                        &code.code.node,
                        code.code.span,
                        first.code.span,
                    ));
                }
                // Twice in one block: said where blocks are checked.
                Some(_) => {}
                None => style.add(code),
            }
        }
        if let Some(shape) = &errors.shape
            && seen.declares("error shape", name, shape.span, out)
        {
            style.shape = Some(shape);
        }
    }

    fn check(&self, decl: &'a Decl, out: &mut Diagnostics) {
        match decl {
            Decl::Journey(journey) => self.check_journey(journey, out),
            Decl::Rules(rules) => {
                rules::check(rules, out);
                if let [deciding, others @ ..] = rules.subs.as_slice() {
                    self.check_journey(deciding, out);
                    // Its types are those of the first.
                    others.iter().for_each(|j| references::check(self, j, out));
                }
            }
            Decl::Type(t) => type_names::check(self, &t.ty, out),
            Decl::Connection(connection) => connections::check(self, connection, out),
            Decl::Store(store) => stores::check(self, store, out),
            Decl::Signal(signal) => stores::check_signal(self, signal, out),
            Decl::Limit(limit) => limits::check(limit, out),
            Decl::Issuer(issuer) => connections::check_issuer(self, issuer, out),
            Decl::Errors(errors) => endpoints::check_errors(errors, out),
            Decl::Settings(settings) => connections::check_settings(self, settings, out),
        }
    }

    fn check_journey(&self, journey: &'a ast::Journey, out: &mut Diagnostics) {
        match &journey.kind {
            JourneyKind::Endpoint(endpoint) => endpoints::check(self, journey, endpoint, out),
            JourneyKind::Sub { params, outcomes } => {
                references::check_sub(self, params, outcomes, out)
            }
            JourneyKind::Task(task) => stores::check_task(self, task, out),
        }
        references::check(self, journey, out);
    }
}

fn twice(what: &str, name: &str, span: Span, first: Span) -> Diagnostic {
    let title = if name.is_empty() {
        format!("the project's own {what} is declared twice")
    } else {
        format!("the {what} `{name}` is declared twice")
    };
    Diagnostic::new(Code::DECLARED_TWICE, span, title)
        .at("declared again here")
        .label(first, "first declared here")
        .help("rename one of them, or remove it: all files of a project share one namespace")
}

/// Names that were there already, each with its first place.
#[derive(Default)]
struct Seen<'a> {
    first: BTreeMap<(&'static str, &'a str), Span>,
}

impl<'a> Seen<'a> {
    /// Enters a declaration under its name, unless the name is taken; then says so.
    fn declare<T>(
        &mut self,
        what: &'static str,
        name: &'a Name,
        declaration: &'a T,
        map: &mut BTreeMap<&'a str, &'a T>,
        out: &mut Diagnostics,
    ) {
        if self.declares(what, &name.node, name.span, out) {
            map.insert(&name.node, declaration);
        }
    }

    /// Is this the first declaration of the name over the whole project? If not, says so.
    fn declares(
        &mut self,
        what: &'static str,
        name: &'a str,
        span: Span,
        out: &mut Diagnostics,
    ) -> bool {
        let Some(first) = self.again(what, name, span) else {
            return true;
        };
        out.push(twice(what, name, span, first));
        false
    }

    /// Says so if the name stands in its list already.
    fn list(&mut self, what: &'static str, name: &'a Name, out: &mut Diagnostics) {
        self.list_at(what, &name.node, name.span, out);
    }

    fn list_at(&mut self, what: &'static str, name: &'a str, span: Span, out: &mut Diagnostics) {
        if let Some(first) = self.again(what, name, span) {
            let repeated = Diagnostic::new(
                Code::REPEATED_NAME,
                span,
                format!("the {what} `{name}` stands twice"),
            );
            out.push(
                repeated
                    .at("again here")
                    .label(first, "first here")
                    .help("remove one of them"),
            );
        }
    }

    fn again(&mut self, what: &'static str, name: &'a str, span: Span) -> Option<Span> {
        match self.first.get(&(what, name)) {
            Some(first) => Some(*first),
            None => {
                self.first.insert((what, name), span);
                None
            }
        }
    }
}

/// Candidates looked at for a guess: beyond that a guess costs more than it helps.
pub(crate) const MAX_CANDIDATES: usize = 500;

/// A name that nothing declares, with a guess of what was meant. No guess once findings are only counted.
fn unknown<'k>(
    code: Code,
    what: &str,
    name: &Name,
    known: impl IntoIterator<Item = &'k str>,
    out: &Diagnostics,
) -> Diagnostic {
    let candidates = if out.dropped() == 0 {
        MAX_CANDIDATES
    } else {
        0
    };
    Diagnostic::new(
        code,
        name.span,
        format!("there is no {what} `{}`", name.node),
    )
    .about(&name.node)
    .at("not declared")
    .maybe_help(suggestion(&name.node, known.into_iter().take(candidates)))
}

/// Says so if a list is too long.
fn count_in_range<T>(
    what: &str,
    list: &[T],
    most: usize,
    span: Option<Span>,
    out: &mut Diagnostics,
) {
    if list.len() > most {
        let title = format!("{} {what} are more than {most}", list.len());
        let finding = Diagnostic::new(Code::OUT_OF_RANGE, span.unwrap_or_default(), title);
        out.push(finding.help(format!("write at most {most}, or group them")));
    }
}

/// Says so if a number is outside its bounds.
fn number_in_range(
    what: &str,
    value: u64,
    bounds: RangeInclusive<u64>,
    span: Span,
    out: &mut Diagnostics,
) {
    in_range(what, value, bounds, u64::to_string, span, out);
}

/// Says so if a time is outside its bounds.
fn time_in_range(
    what: &str,
    value: Millis,
    bounds: RangeInclusive<Millis>,
    span: Span,
    out: &mut Diagnostics,
) {
    in_range(what, value, bounds, |millis| shown_time(*millis), span, out);
}

fn in_range(
    what: &str,
    value: u64,
    bounds: RangeInclusive<u64>,
    show: impl Fn(&u64) -> String,
    span: Span,
    out: &mut Diagnostics,
) {
    if !bounds.contains(&value) {
        let title = format!("{what} of {} is out of range", show(&value));
        let help = format!(
            "write a value from {} to {}",
            show(bounds.start()),
            show(bounds.end())
        );
        out.push(Diagnostic::new(Code::OUT_OF_RANGE, span, title).help(help));
    }
}

/// A time as a journey writes it.
#[must_use]
pub fn shown_time(millis: Millis) -> String {
    let (unit, size) = match millis {
        0..1_000 => return format!("{millis}ms"),
        _ if millis.is_multiple_of(86_400_000) => ("d", 86_400_000),
        _ if millis.is_multiple_of(3_600_000) => ("h", 3_600_000),
        _ if millis.is_multiple_of(60_000) => ("m", 60_000),
        _ => ("s", 1_000),
    };
    let fraction = format!(".{:03}", (millis % size) * 1_000 / size);
    format!(
        "{}{}{unit}",
        millis / size,
        fraction.trim_end_matches('0').trim_end_matches('.')
    )
}
