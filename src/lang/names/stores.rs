//! What survives a run: stores with their keys and indexes, heads of tasks, signals, and the steps that name them.

use super::{Names, Seen, count_in_range, head, time_in_range, type_names, unknown};
use crate::ast::{
    Attempts, Compare, Criterion, FieldDecl, IndexDecl, Name, Pauses, SignalDecl, Spanned, Store,
    StoreAction, StoreStep, Task, TypeExpr, TypeKind,
};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{
    MAX_DELAY, MAX_FOUND, MAX_INDEX_FIELDS, MAX_INDEXES, MAX_PARAMETERS, MAX_RETAIN,
    MAX_TASK_ATTEMPTS, MAX_TASK_TIMEOUT,
};
use crate::names::number_in_range;
use journey_machine::span::Span;
use std::collections::BTreeSet;

/// The field that every record has beside its own: counts its writes.
pub const VERSION: &str = "version";

/// By what records are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The key.
    Key,
    /// Place among the unique lines and the indexes, unique lines first.
    Index(usize),
}

/// The unique lines and indexes of a store, in the order of their places.
pub fn indexes(store: &Store) -> impl Iterator<Item = (&IndexDecl, bool)> {
    let uniques = store.uniques.iter().map(|index| (index, true));
    uniques.chain(store.indexes.iter().map(|index| (index, false)))
}

/// The way a step goes to its records; `None`: there is none.
#[must_use]
pub fn way<'a>(store: &'a Store, action: &StoreAction) -> Option<(Way, &'a IndexDecl)> {
    let by = action.by();
    let equal: BTreeSet<&str> = fields(by, true).collect();
    let bounded = fields(by, false).next();
    let key = store.key.iter().map(|key| (Way::Key, key, true));
    let others = indexes(store).enumerate();
    let others = others.map(|(place, (index, unique))| (Way::Index(place), index, unique));
    let fits = |(way, index, unique): &(Way, &IndexDecl, bool)| {
        let names = || index.fields.iter().map(|f| f.node.as_str());
        let first: BTreeSet<&str> = names().take(equal.len()).collect();
        let whole = index.fields.len() == equal.len() && bounded.is_none();
        let next = bounded.is_none() || names().nth(equal.len()) == bounded;
        first == equal
            && match action {
                StoreAction::Insert { .. } => false,
                StoreAction::Get { .. } => whole && *unique,
                StoreAction::Update { .. } | StoreAction::Delete { .. } => {
                    whole && *way == Way::Key
                }
                StoreAction::Find { .. } | StoreAction::Count { .. } => next,
            }
    };
    key.chain(others)
        .find(fits)
        .map(|(way, index, _)| (way, index))
}

/// Fields that are equal to a value, or those that have a bound.
fn fields(by: &[Criterion], equal: bool) -> impl Iterator<Item = &str> {
    by.iter()
        .filter(move |criterion| (criterion.compare == Compare::Equal) == equal)
        .map(|criterion| criterion.field.node.as_str())
}

/// The fields of a store's records, `version` not among them.
#[must_use]
pub fn record<'a>(names: &Names<'a>, store: &'a Store) -> Option<&'a [FieldDecl]> {
    match &type_names::definition(names, store.record.as_ref()?)?.kind {
        TypeKind::Object { fields, .. } => Some(fields),
        _ => None,
    }
}

/// Checks a store.
pub(super) fn check(names: &Names<'_>, store: &Store, out: &mut Diagnostics) {
    let parts = [
        (store.record.is_none(), "record", "record { id: string }"),
        (store.key.is_none(), "key", "key id"),
    ];
    for (_, part, example) in parts.into_iter().filter(|(absent, ..)| *absent) {
        let title = format!("the store `{}` has no `{part}`", store.name.node);
        let finding = Diagnostic::new(Code::INCOMPLETE_DECLARATION, store.name.span, title);
        out.push(finding.help(format!("add `{example}`")));
    }
    if let Some(retain) = &store.retain {
        time_in_range("a retention", retain.node, 1..=MAX_RETAIN, retain.span, out);
    }
    let Some(ty) = &store.record else { return };
    type_names::check(names, ty, out);
    type_names::refuse_limits(names, ty, out);
    match record(names, store) {
        Some(fields) => {
            check_record(names, ty, fields, out);
            check_indexes(names, store, fields, out);
        }
        None if matches!(ty.kind, TypeKind::Error) || unknown_type(names, ty) => {}
        None => {
            let finding = Diagnostic::new(Code::BAD_RECORD, ty.span, "a record is an object");
            out.push(finding.help("write its fields: `record { id: string }`"));
        }
    }
}

/// That has been said already.
fn unknown_type(names: &Names<'_>, ty: &TypeExpr) -> bool {
    let named = type_names::definition(names, ty).map(|ty| &ty.kind);
    matches!(named, None | Some(TypeKind::Named(_) | TypeKind::Error))
}

fn check_record(names: &Names<'_>, ty: &TypeExpr, fields: &[FieldDecl], out: &mut Diagnostics) {
    if let TypeKind::Labelled(label, _) = &ty.kind {
        let finding = Diagnostic::new(Code::BAD_RECORD, label.span, "a record has no label");
        out.push(finding.help("label the fields that need one: those of a key cannot have it"));
    }
    if let Some(TypeKind::Object { open: true, .. }) =
        type_names::definition(names, ty).map(|ty| &ty.kind)
    {
        let title = "a record has no fields beside its declared ones";
        out.push(Diagnostic::new(Code::BAD_RECORD, ty.span, title).help("leave `...` out"));
    }
    if let Some(own) = fields.iter().find(|field| field.name.node == VERSION) {
        let title = "every record has a field `version` of its own";
        let finding = Diagnostic::new(Code::BAD_RECORD, own.name.span, title);
        out.push(finding.help("leave it out, or call it something else"));
    }
}

fn check_indexes(names: &Names<'_>, store: &Store, fields: &[FieldDecl], out: &mut Diagnostics) {
    let all: Vec<&IndexDecl> = indexes(store).map(|(index, _)| index).collect();
    count_in_range(
        "indexes",
        &all,
        MAX_INDEXES,
        all.last().map(|index| index.span),
        out,
    );
    let mut seen: Vec<(Vec<&str>, Span)> = Vec::new();
    for index in store.key.iter().chain(all) {
        count_in_range(
            "fields",
            &index.fields,
            MAX_INDEX_FIELDS,
            Some(index.span),
            out,
        );
        let mut once = Seen::default();
        for name in &index.fields {
            once.list("field", name, out);
            let in_key = store.key.as_ref().is_some_and(|key| key.span == index.span);
            check_field(names, name, fields, in_key, out);
        }
        let own: Vec<&str> = index.fields.iter().map(|f| f.node.as_str()).collect();
        match seen.iter().find(|(other, _)| *other == own) {
            Some((_, first)) => {
                let title = format!("`{}` is indexed already", own.join(", "));
                let finding = Diagnostic::new(Code::REPEATED_NAME, index.span, title);
                out.push(finding.label(*first, "here").help("remove one of them"));
            }
            None => seen.push((own, index.span)),
        }
    }
}

/// A field of a key or an index: there, comparable, without a label, and of a key always there.
fn check_field(
    names: &Names<'_>,
    name: &Name,
    fields: &[FieldDecl],
    in_key: bool,
    out: &mut Diagnostics,
) {
    let Some(field) = fields.iter().find(|field| field.name.node == name.node) else {
        let known = fields.iter().map(|field| field.name.node.as_str());
        out.push(unknown(Code::UNKNOWN_FIELD, "field", name, known, out));
        return;
    };
    let optional = in_key && field.optional && field.default.is_none();
    let (problem, help) = if type_names::labelled(names, &field.ty) {
        (
            "has a label, so it is encrypted where it is stored",
            "go by another field",
        )
    } else if optional {
        (
            "may be absent, and a key is always there",
            "remove the `?`, or give the field a default",
        )
    } else if !type_names::is_ordered(names, &field.ty) {
        (
            "has no order",
            "fields of keys and indexes are strings, enums, ints, uints, doubles, bools or timestamps",
        )
    } else {
        return;
    };
    let place = if in_key { "the key" } else { "an index" };
    let title = format!("`{}` cannot be in {place}: it {problem}", name.node);
    let finding = Diagnostic::new(Code::BAD_INDEX, name.span, title);
    out.push(finding.label(field.span, "declared here").help(help));
}

/// Checks the head of a task.
pub(super) fn check_task(names: &Names<'_>, task: &Task, out: &mut Diagnostics) {
    let last = task.params.last().map(|p| p.name.span);
    count_in_range("parameters", &task.params, MAX_PARAMETERS, last, out);
    let mut seen = Seen::default();
    for param in head::counted(&task.params) {
        seen.list("parameter", &param.name, out);
        type_names::check(names, &param.ty, out);
        type_names::refuse_limits(names, &param.ty, out);
        if param.optional && param.default.is_none() {
            let title = "a parameter of a task is always there";
            let finding = Diagnostic::new(Code::BAD_RECORD, param.name.span, title);
            out.push(finding.help("give it a default, or write `T | null`"));
        }
    }
    if let Some(attempts) = &task.attempts {
        check_attempts(attempts, out);
    }
    let times = [
        ("a timeout", &task.timeout, MAX_TASK_TIMEOUT),
        ("a time to keep", &task.keep, MAX_RETAIN),
    ];
    for (what, time, most) in times {
        if let Some(time) = time {
            time_in_range(what, time.node, 1..=most, time.span, out);
        }
    }
}

fn check_attempts(attempts: &Spanned<Attempts>, out: &mut Diagnostics) {
    let Attempts { count, pauses } = &attempts.node;
    number_in_range(
        "a number of attempts",
        *count,
        1..=MAX_TASK_ATTEMPTS,
        attempts.span,
        out,
    );
    let times: &[u64] = match pauses {
        Some(Pauses::After(times)) => times,
        Some(Pauses::Backoff(short, long)) => {
            if short > long {
                let title = "the longest pause is shorter than the shortest";
                let finding = Diagnostic::new(Code::OUT_OF_RANGE, attempts.span, title);
                out.push(finding.help("write the shortest first: `5 backoff 1s..1h`"));
            }
            &[*short, *long]
        }
        None => &[],
    };
    for time in times {
        time_in_range("a pause", *time, 1..=MAX_DELAY, attempts.span, out);
    }
    let between = count.saturating_sub(1);
    if let Some(Pauses::After(times)) = pauses
        && u64::try_from(times.len()).is_ok_and(|pauses| pauses > between)
    {
        let title = format!("{} pauses are too many for {count} attempts", times.len());
        let finding = Diagnostic::new(Code::OUT_OF_RANGE, attempts.span, title);
        out.push(finding.help("the first attempt has no pause before it"));
    }
}

/// Checks a signal.
pub(super) fn check_signal(names: &Names<'_>, signal: &SignalDecl, out: &mut Diagnostics) {
    if let Some(ty) = &signal.ty {
        type_names::check(names, ty, out);
        type_names::refuse_limits(names, ty, out);
    }
}

/// Checks what a step on a store names, and that there is a way to what it asks for.
pub(super) fn check_step(names: &Names<'_>, step: &StoreStep, out: &mut Diagnostics) {
    if let StoreAction::Find { max, .. } | StoreAction::Count { max, .. } = &step.action {
        number_in_range(
            "a number of records",
            max.node,
            1..=MAX_FOUND,
            max.span,
            out,
        );
    }
    let Some(store) = names.stores.get(step.store.node.as_str()) else {
        let known = names.stores.keys().copied();
        let name = &step.store;
        out.push(unknown(Code::UNKNOWN_STORE, "store", name, known, out));
        return;
    };
    let (Some(fields), Some(_)) = (record(names, store), &store.key) else {
        return;
    };
    let mut seen = Seen::default();
    let mut known = true;
    for criterion in step.action.by() {
        seen.list(kind(criterion.compare), &criterion.field, out);
        known &= check_known(&criterion.field, fields, out);
    }
    let insert = matches!(step.action, StoreAction::Insert { .. });
    if known && !insert && way(store, &step.action).is_none() {
        out.push(no_way(store, step));
    }
}

/// A field may be equal to one value, or have one bound of each kind.
fn kind(compare: Compare) -> &'static str {
    match compare {
        Compare::Equal => "field",
        bound if bound.is_lower() => "lower bound of",
        _ => "upper bound of",
    }
}

fn check_known(field: &Name, fields: &[FieldDecl], out: &mut Diagnostics) -> bool {
    let known = || fields.iter().map(|f| f.name.node.as_str());
    let found = known().any(|name| name == field.node);
    if !found {
        out.push(unknown(Code::UNKNOWN_FIELD, "field", field, known(), out));
    }
    found
}

fn no_way(store: &Store, step: &StoreStep) -> Diagnostic {
    let by = step.action.by();
    let key = store.key.as_ref().map(written).unwrap_or_default();
    let asked: Vec<&str> = fields(by, true).chain(fields(by, false)).collect();
    let (title, help) = match &step.action {
        StoreAction::Find { .. } | StoreAction::Count { .. } => {
            let mut once: Vec<&str> = Vec::new();
            asked.iter().for_each(|f| {
                if !once.contains(f) {
                    once.push(f);
                }
            });
            let list = once.join(", ");
            let bounds: BTreeSet<&str> = fields(by, false).collect();
            if bounds.len() > 1 || fields(by, true).any(|f| bounds.contains(f)) {
                let title = "only the field behind the equal ones can have bounds".to_owned();
                (
                    title,
                    "find by fewer fields, and filter what is found".to_owned(),
                )
            } else {
                let title = format!("no index of `{}` begins with `{list}`", store.name.node);
                (title, format!("add `index {list}` to the store"))
            }
        }
        StoreAction::Get { .. } => (
            format!(
                "`get` needs the whole key of `{}`, or all fields of a unique line",
                store.name.node
            ),
            format!("write `get {}({key}: …)`, or use `find`", store.name.node),
        ),
        _ => (
            format!(
                "`{}` needs the whole key of `{}`",
                step.action.word(),
                store.name.node
            ),
            format!("its key is `{key}`: each of these fields equals a value"),
        ),
    };
    let place = match (by.first(), by.last()) {
        (Some(first), Some(last)) => first.field.span.to(last.field.span),
        _ => step.store.span,
    };
    let finding = Diagnostic::new(Code::NO_INDEX, place, title);
    finding
        .label(store.name.span, "the store is declared here")
        .help(help)
}

fn written(index: &IndexDecl) -> String {
    let names: Vec<&str> = index.fields.iter().map(|f| f.node.as_str()).collect();
    names.join(", ")
}
