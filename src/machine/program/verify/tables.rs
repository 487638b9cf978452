//! The tables that code refers to: constants, types, switches, effects, answers.

use super::{Checked, Problem, VerifyError, ensure, entries, most, within};
use crate::limits::{MAX_ANSWER_HEADERS, MAX_DEPTH, MAX_FOUND, MAX_TABLE};
use crate::manifest::{Manifest, StoreId};
use crate::program::{
    AnswerSite, Edge, EffectSite, Parts, Path, Question, Scan, Source, StateSite, Switch,
};
use crate::schema::{Schema, TypeId, Types};
use crate::value::{Shape, Str, Value};

pub(super) fn check(parts: &Parts) -> Result<(), VerifyError> {
    entries("functions", &parts.functions, |_| Ok(()))?;
    entries("constants", &parts.constants, constant)?;
    entries("fields", &parts.fields, |_| Ok(()))?;
    entries("paths", &parts.paths, path)?;
    entries("tests", &parts.tests, |test| {
        most("questions", test.0.len(), MAX_TABLE)?;
        test.0.iter().try_for_each(question)
    })?;
    entries("shapes", &parts.shapes, |shape| self::shape(shape))?;
    entries("sources", &parts.sources, |sources| {
        most("sources", sources.len(), MAX_TABLE)?;
        sources.iter().try_for_each(source)
    })?;
    entries("switches", &parts.switches, switch)?;
    entries("builtin_calls", &parts.builtin_calls, |_| Ok(()))?;
    entries("sites", &parts.sites, |site| effect(&parts.manifest, site))?;
    entries("scopes", &parts.scopes, |scope| {
        ensure(scope.limit > 0, "a scope without room for a task")
    })?;
    entries("answers", &parts.answers, answer)?;
    entries("types", &parts.types.0, |schema| {
        self::schema(&parts.types, schema)
    })?;
    entries("files", &parts.files, |_| Ok(()))
}

/// Data only: no optional, no error.
pub(super) fn constant(value: &Value) -> Checked {
    ensure(
        value.depth() <= MAX_DEPTH,
        "a constant is nested too deeply",
    )?;
    let is_data = |part: &Value| !matches!(part, Value::Optional(_) | Value::Error(_));
    ensure(value.every(is_data), "a constant holds what is no data")
}

fn path(path: &Path) -> Checked {
    most("fields of a path", path.0.len(), MAX_DEPTH)
}

/// A part of a register has a path: without it, an error that the register holds would become part of an object.
fn source(source: &Source) -> Checked {
    let whole = matches!(source, Source::Part(_, path) if path.0.is_empty());
    ensure(!whole, "a part of a register without a path")?;
    source.path().map_or(Ok(()), path)
}

fn question(question: &Question) -> Checked {
    path(&question.path)?;
    constant(&question.constant)
}

pub(super) fn shape(shape: &Shape) -> Checked {
    most("names of a shape", shape.len(), MAX_TABLE)?;
    ensure(shape.repeated().is_none(), "a shape has a name twice")
}

fn switch(switch: &Switch) -> Checked {
    path(&switch.path)?;
    most("arms", switch.arms.len(), MAX_TABLE)?;
    ensure(
        switch
            .arms
            .iter()
            .all(|(arm, _)| matches!(arm, Value::Int(_) | Value::String(_))),
        "an arm is neither integer nor string",
    )?;
    ensure(
        switch
            .arms
            .is_sorted_by(|(a, _), (b, _)| Switch::order(a, b).is_lt()),
        "arms are not sorted, or not distinct",
    )
}

fn effect(manifest: &Manifest, site: &EffectSite) -> Checked {
    match site {
        EffectSite::Call(id) => within("manifest.operations", &manifest.operations, id.0.into()),
        EffectSite::Validate(id) => within("manifest.issuers", &manifest.issuers, id.0.into()),
        EffectSite::State(site) => state(manifest, *site),
        EffectSite::Wait(id) => within("manifest.signals", &manifest.signals, id.0.into()),
        EffectSite::Emit(_) | EffectSite::Sleep | EffectSite::Read => Ok(()),
    }
}

fn state(manifest: &Manifest, site: StateSite) -> Checked {
    match site {
        StateSite::Insert(store)
        | StateSite::Get { store, index: None }
        | StateSite::Update { store, .. }
        | StateSite::Delete { store, .. } => fields(manifest, store, None).map(|_| ()),
        StateSite::Get { store, index } => {
            fields(manifest, store, index)?;
            let mut indexes = manifest
                .stores
                .get(usize::from(store.0))
                .into_iter()
                .flat_map(|store| &store.indexes);
            let found = index.and_then(|index| indexes.nth(index.into()));
            ensure(
                found.is_some_and(|index| index.unique),
                "a record is got by an index that is not unique",
            )
        }
        StateSite::Find { scan, .. } | StateSite::Count(scan) => self::scan(manifest, scan),
        StateSite::Start { task, .. } => within("manifest.tasks", &manifest.tasks, task.0.into()),
        StateSite::Signal(id) => within("manifest.signals", &manifest.signals, id.0.into()),
    }
}

/// The fields of a key or an index that must be there.
fn fields(manifest: &Manifest, store: StoreId, index: Option<u16>) -> Result<&[Str], Problem> {
    manifest.fields(store, index).ok_or(Problem::Missing {
        table: if index.is_some() {
            "manifest.stores.indexes"
        } else {
            "manifest.stores"
        },
        index: index.unwrap_or(store.0).into(),
    })
}

fn scan(manifest: &Manifest, scan: Scan) -> Checked {
    let fields = fields(manifest, scan.store, scan.index)?.len();
    let bounded = scan.lower != Edge::Open || scan.upper != Edge::Open;
    ensure(
        usize::from(scan.equal) + usize::from(bounded) <= fields,
        "a scan goes by more fields than its index has",
    )?;
    ensure(
        (1..=MAX_FOUND).contains(&scan.max),
        "a scan of no record, or of too many",
    )
}

fn answer(answer: &AnswerSite) -> Checked {
    status(answer.status)?;
    most("headers", answer.headers.len(), MAX_ANSWER_HEADERS)?;
    ensure(
        answer.headers.iter().all(|name| is_header(name)),
        "a header's name is no lower-case token",
    )?;
    ensure(
        !answer
            .headers
            .iter()
            .any(|name| FRAMING.contains(&name.as_str())),
        "a header belongs to the framing of HTTP",
    )
}

/// Headers that only the server may set: a journey could break the message apart with them.
const FRAMING: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A token of RFC 9110 without capitals.
fn is_header(name: &str) -> bool {
    is_token(name) && !name.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// A token of RFC 9110: a method, the name of a header.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

pub(super) fn status(status: u16) -> Checked {
    ensure((200..=599).contains(&status), "a status outside 200–599")
}

pub(super) fn type_id(types: &Types, id: TypeId) -> Checked {
    within("types", &types.0, id.0.into())
}

fn schema(types: &Types, schema: &Schema) -> Checked {
    match schema {
        Schema::Nullable(inner) => nullable(types, *inner),
        Schema::List { item, .. } => type_id(types, *item),
        Schema::Map { value, .. } => type_id(types, *value),
        Schema::Object { shape, fields, .. } => {
            self::shape(shape)?;
            ensure(
                shape.len() == fields.len(),
                "an object type with more or fewer names than fields",
            )?;
            fields.iter().try_for_each(|field| {
                type_id(types, field.schema)?;
                field.default.iter().try_for_each(constant)
            })
        }
        Schema::Enum(names) => most("values of an enum", names.len(), MAX_TABLE),
        Schema::Blob { media, .. } => most("media types", media.len(), MAX_TABLE),
        Schema::Any
        | Schema::Null
        | Schema::Bool
        | Schema::Int { .. }
        | Schema::Uint { .. }
        | Schema::Double { .. }
        | Schema::String { .. }
        | Schema::Url
        | Schema::Bytes { .. }
        | Schema::Timestamp
        | Schema::Duration => Ok(()),
    }
}

/// A type that is null or itself would be decoded without end: nothing of the data is used up.
fn nullable(types: &Types, mut inner: TypeId) -> Checked {
    for _ in 0..MAX_DEPTH {
        type_id(types, inner)?;
        match types.0.get(usize::from(inner.0)) {
            Some(Schema::Nullable(next)) => inner = *next,
            _ => return Ok(()),
        }
    }
    ensure(false, "a nullable type of nullable types without end")
}
