//! Declarations of what survives a run: stores, tasks, signals.

use super::journey::{journey, mapping};
use super::{DeclForm, FIELDS, Head};
use crate::ast::{Decl, IndexDecl, JourneyKind, SignalDecl, Store, Task};
use crate::yaml::node::{Kind, Node};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};
use crate::yaml::step::ON;
use crate::yaml::types::TYPE;

const INDEXES: Shape = Shape::TextOrList("fields, or a list of them: [\"status, created\"]");

pub(super) static STORE: DeclForm = DeclForm::new(
    Construct {
        what: "a store",
        fields: &[
            required("store", Shape::Text("the name of the store")),
            optional("record", TYPE),
            optional("key", Shape::Text("fields of the record: id")),
            optional("unique", INDEXES),
            optional("index", INDEXES),
            optional("retain", Shape::Text("a time: 90d")),
        ],
    },
    read_store,
);

pub(super) static TASK: DeclForm = DeclForm::new(
    Construct {
        what: "a task",
        fields: &[
            required("task", Shape::Text("the name of the task")),
            optional("params", FIELDS),
            optional("attempts", Shape::Text("attempts: 4 after 5m, 10m, 15m")),
            optional("timeout", Shape::Text("a time: 30s")),
            optional("keep", Shape::Text("a time: 7d")),
            required("steps", Shape::Steps),
            optional("on", ON),
        ],
    },
    read_task,
);

pub(super) static SIGNAL: DeclForm = DeclForm::new(
    Construct {
        what: "a signal",
        fields: &[
            required("signal", Shape::Text("the name of the signal")),
            optional("carries", TYPE),
        ],
    },
    read_signal,
);

fn read_store(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    Some(Decl::Store(Box::new(Store {
        docs: head.docs,
        span: head.span,
        record: fields.get("record").map(|ty| reader.type_of(ty)),
        key: fields.get("key").and_then(|node| reader.index(node)),
        uniques: reader.indexes(fields.get("unique")),
        indexes: reader.indexes(fields.get("index")),
        retain: reader.time(fields.get("retain")),
        name: reader.name(fields.get("store"))?,
    })))
}

fn read_task(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    let name = reader.name(fields.get("task"));
    let params = mapping(fields.get("params"))
        .map(|map| reader.closed_fields(map))
        .unwrap_or_default();
    let task = Task {
        params,
        attempts: reader.attempts(fields.get("attempts")),
        timeout: reader.time(fields.get("timeout")),
        keep: reader.time(fields.get("keep")),
    };
    journey(reader, head, name, JourneyKind::Task(task), fields)
}

fn read_signal(reader: &mut Reader<'_>, head: Head, fields: &Fields<'_, '_>) -> Option<Decl> {
    Some(Decl::Signal(SignalDecl {
        docs: head.docs,
        span: head.span,
        ty: fields.get("carries").map(|ty| reader.type_of(ty)),
        name: reader.name(fields.get("signal"))?,
    }))
}

impl Reader<'_> {
    fn index(&mut self, node: &Node<'_>) -> Option<IndexDecl> {
        let fields = self.names(Some(node))?;
        Some(IndexDecl {
            fields,
            span: node.span,
        })
    }

    fn indexes(&mut self, node: Option<&Node<'_>>) -> Vec<IndexDecl> {
        let nodes: &[Node<'_>] = match node {
            Some(Node {
                kind: Kind::List(items),
                ..
            }) => items,
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        nodes.iter().filter_map(|node| self.index(node)).collect()
    }
}
