//! Steps on what survives a run: stores, tasks, signals, blobs.

use super::flow::NUMBER;
use super::work::ARGS;
use super::{AS, ON, StepForm};
use crate::ast::{
    Atomically, Compare, Criterion, Delay, Handler, Name, ReadBlob, SendSignal, Start, StepKind,
    StoreAction, StoreStep, Wait,
};
use crate::yaml::node::{Entry, Kind, Node, entries};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};

const STORE: Shape = Shape::Text("the name of a store");
const BY: Shape = Shape::Map("a mapping of fields to values");
const AT: Shape = Shape::Text("a version: \"${ … }\"");
const TIME: Shape = Shape::Text("a time: 5m, or a duration: \"${ … }\"");
const SIGNAL_NAME: Shape = Shape::Text("the name of a signal");
const KEY: Shape = Shape::Text("a key: \"${ … }\"");

pub(super) static INSERT: StepForm = StepForm::new(
    Construct {
        what: "`insert`",
        fields: &[
            required("insert", STORE),
            required("record", Shape::Value),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    |reader, fields| {
        let record = fields.get("record").map(|record| reader.value(record));
        store_step(reader, fields, "insert", |_| {
            Some(StoreAction::Insert { record: record? })
        })
    },
);

pub(super) static GET: StepForm = StepForm::new(
    Construct {
        what: "`get`",
        fields: &[
            required("get", STORE),
            required("by", BY),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    |reader, fields| {
        store_step(reader, fields, "get", |reader| {
            let by = reader.criteria(fields.get("by"));
            Some(StoreAction::Get { by })
        })
    },
);

pub(super) static UPDATE: StepForm = StepForm::new(
    Construct {
        what: "`update`",
        fields: &[
            required("update", STORE),
            required("by", BY),
            required("set", Shape::Value),
            optional("at", AT),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    |reader, fields| {
        store_step(reader, fields, "update", |reader| {
            let by = reader.criteria(fields.get("by"));
            let set = reader.value(fields.get("set")?);
            let at = fields.get("at").map(|at| reader.expression(at));
            Some(StoreAction::Update { by, set, at })
        })
    },
);

pub(super) static DELETE: StepForm = StepForm::new(
    Construct {
        what: "`delete`",
        fields: &[
            required("delete", STORE),
            required("by", BY),
            optional("at", AT),
            optional("on", ON),
        ],
    },
    |reader, fields| {
        store_step(reader, fields, "delete", |reader| {
            let by = reader.criteria(fields.get("by"));
            let at = fields.get("at").map(|at| reader.expression(at));
            Some(StoreAction::Delete { by, at })
        })
    },
);

pub(super) static FIND: StepForm = StepForm::new(
    Construct {
        what: "`find`",
        fields: &[
            required("find", STORE),
            optional("by", BY),
            required("max", NUMBER),
            optional("descending", Shape::Text("`true`")),
            optional("as", AS),
        ],
    },
    |reader, fields| {
        store_step(reader, fields, "find", |reader| {
            let by = reader.criteria(fields.get("by"));
            let max = reader.number(fields.get("max"));
            let descending = reader.flag(fields.get("descending"));
            Some(StoreAction::Find {
                by,
                max: max?,
                descending,
            })
        })
    },
);

pub(super) static COUNT: StepForm = StepForm::new(
    Construct {
        what: "`count`",
        fields: &[
            required("count", STORE),
            optional("by", BY),
            required("max", NUMBER),
            optional("as", AS),
        ],
    },
    |reader, fields| {
        store_step(reader, fields, "count", |reader| {
            let by = reader.criteria(fields.get("by"));
            let max = reader.number(fields.get("max"))?;
            Some(StoreAction::Count { by, max })
        })
    },
);

pub(super) static ATOMICALLY: StepForm = StepForm::new(
    Construct {
        what: "`atomically`",
        fields: &[required("atomically", Shape::Steps)],
    },
    |reader, fields| {
        let block = reader.block(fields.get("atomically"));
        fields
            .complete
            .then_some(StepKind::Atomically(Atomically { block }))
    },
);

pub(super) static START: StepForm = StepForm::new(
    Construct {
        what: "`start`",
        fields: &[
            required("start", Shape::Text("the name of a task")),
            optional("args", ARGS),
            optional("after", TIME),
            optional("key", KEY),
            optional("as", AS),
        ],
    },
    |reader, fields| {
        let task = reader.name(fields.get("start"));
        Some(StepKind::Start(Box::new(Start {
            args: reader.arguments(fields.get("args")),
            after: fields.get("after").and_then(|time| reader.delay(time)),
            key: fields.get("key").map(|key| reader.expression(key)),
            binding: reader.name(fields.get("as")),
            task: task?,
        })))
    },
);

pub(super) static SLEEP: StepForm = StepForm::new(
    Construct {
        what: "`sleep`",
        fields: &[required("sleep", TIME)],
    },
    |reader, fields| {
        let time = reader.delay(fields.get("sleep")?)?;
        Some(StepKind::Sleep(time))
    },
);

pub(super) static WAIT: StepForm = StepForm::new(
    Construct {
        what: "`wait`",
        fields: &[
            required("wait", SIGNAL_NAME),
            required("key", KEY),
            required("up_to", TIME),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    |reader, fields| {
        let signal = reader.name(fields.get("wait"));
        let key = fields.get("key").map(|key| reader.expression(key));
        let up_to = fields.get("up_to").and_then(|time| reader.delay(time));
        let binding = reader.name(fields.get("as"));
        let handlers = reader.handlers(fields.get("on"));
        Some(StepKind::Wait(Box::new(Wait {
            signal: signal?,
            key: key?,
            up_to: up_to?,
            binding,
            handlers,
        })))
    },
);

pub(super) static SIGNAL: StepForm = StepForm::new(
    Construct {
        what: "`signal`",
        fields: &[
            required("signal", SIGNAL_NAME),
            required("key", KEY),
            optional("data", Shape::Value),
        ],
    },
    |reader, fields| {
        let signal = reader.name(fields.get("signal"));
        let key = fields.get("key").map(|key| reader.expression(key));
        let data = fields.get("data").map(|data| reader.value(data));
        Some(StepKind::Signal(SendSignal {
            signal: signal?,
            key: key?,
            data,
        }))
    },
);

pub(super) static READ_BLOB: StepForm = StepForm::new(
    Construct {
        what: "`read_blob`",
        fields: &[
            required("read_blob", Shape::Text("the blob: \"${ … }\"")),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    |reader, fields| {
        let blob = reader.expression(fields.get("read_blob")?);
        Some(StepKind::ReadBlob(ReadBlob {
            blob,
            binding: reader.name(fields.get("as")),
            handlers: reader.state_handlers(fields.get("on")),
        }))
    },
);

/// A step on a store: its name, what is done, the result and the handlers.
fn store_step<'a>(
    reader: &mut Reader<'a>,
    fields: &Fields<'_, '_>,
    word: &str,
    action: impl FnOnce(&mut Reader<'a>) -> Option<StoreAction>,
) -> Option<StepKind> {
    let store = reader.name(fields.get(word));
    let action = action(reader);
    let binding = reader.name(fields.get("as"));
    let handlers = reader.state_handlers(fields.get("on"));
    Some(StepKind::Store(Box::new(StoreStep {
        store: store?,
        action: action?,
        binding,
        handlers,
    })))
}

impl Reader<'_> {
    /// Handlers of a step on a store or a blob.
    fn state_handlers(&mut self, node: Option<&Node<'_>>) -> Vec<Handler> {
        let handlers = self.handlers(node).into_iter();
        handlers.map(Handler::of_state).collect()
    }

    /// `{ field: V, "field >=": V }`
    fn criteria(&mut self, node: Option<&Node<'_>>) -> Vec<Criterion> {
        entries(node)
            .iter()
            .filter_map(|entry| self.criterion(entry))
            .collect()
    }

    fn criterion(&mut self, entry: &Entry<'_>) -> Option<Criterion> {
        let key = entry.key.text();
        let bound = Compare::BOUNDS
            .into_iter()
            .find_map(|compare| Some((compare, key.strip_suffix(compare.sign())?)));
        let (compare, name) = bound.unwrap_or((Compare::Equal, key));
        let name = name.trim_end();
        let span = self
            .map(&entry.key.scalar, entry.key.span)
            .span(0, name.len());
        let field = Name {
            node: name.to_owned(),
            span,
        };
        let value = self.value(&entry.value);
        self.is_name(&field).then_some(Criterion {
            field,
            compare,
            value,
        })
    }

    /// `5m`, or `${ … }`
    fn delay(&mut self, node: &Node<'_>) -> Option<Delay> {
        let is_expression = matches!(&node.kind, Kind::Scalar(scalar) if scalar.text.trim_start().starts_with("${"));
        if is_expression {
            return Some(Delay::Value(self.expression(node)));
        }
        self.time(Some(node)).map(Delay::Time)
    }
}
