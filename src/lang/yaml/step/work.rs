//! Steps that do something: `let`, `call`, `validate_token`, `run`, `emit`.

use super::{AS, ON, StepForm};
use crate::ast::{Argument, Name, StepKind};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::yaml::node::{Kind, Node, entries};
use crate::yaml::read::{Construct, Fields, Reader, Shape, optional, required};

pub(super) const ARGS: Shape = Shape::Map("a mapping of parameters to values");

pub(super) static LET: StepForm = StepForm::new(
    Construct {
        what: "`let`",
        fields: &[required(
            "let",
            Shape::Map("a mapping of one name to its value"),
        )],
    },
    read_let,
);

pub(super) static CALL: StepForm = StepForm::new(
    Construct {
        what: "a call",
        fields: &[
            required("call", Shape::Text("an operation: connection.operation")),
            optional("args", ARGS),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    read_call,
);

pub(super) static VALIDATE: StepForm = StepForm::new(
    Construct {
        what: "`validate_token`",
        fields: &[
            required("validate_token", Shape::Text("the token: \"${ … }\"")),
            required("with", Shape::Text("the name of an issuer")),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    read_validate,
);

pub(super) static RUN: StepForm = StepForm::new(
    Construct {
        what: "`run`",
        fields: &[
            required("run", Shape::Text("the name of a sub-journey")),
            optional("args", ARGS),
            optional("as", AS),
            optional("on", ON),
        ],
    },
    read_run,
);

pub(super) static EMIT: StepForm = StepForm::new(
    Construct {
        what: "`emit`",
        fields: &[
            required("emit", Shape::Text("the name of an event")),
            optional("data", Shape::Value),
        ],
    },
    read_emit,
);

fn read_let(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let node = fields.get("let")?;
    let Kind::Map(map) = &node.kind else {
        return None;
    };
    let mut bindings: Vec<_> = map
        .entries
        .iter()
        .map(|entry| (reader.whole_key(entry), reader.value(&entry.value)))
        .collect();
    if bindings.len() != 1 {
        let finding = Diagnostic::new(Code::UNEXPECTED, node.span, "`let` binds one name");
        reader.report(finding.help("write a `let` for each name"));
    }
    let (name, value) = bindings.drain(..).next()?;
    reader
        .is_name(&name)
        .then_some(StepKind::Let { name, value })
}

fn read_call(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let target = reader.operation_name(fields.get("call"));
    let args = reader.arguments(fields.get("args"));
    let binding = reader.name(fields.get("as"));
    let handlers = reader.handlers(fields.get("on"));
    let (connection, operation) = target?;
    Some(StepKind::Call {
        connection,
        operation,
        args,
        binding,
        handlers,
    })
}

fn read_validate(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let token = fields
        .get("validate_token")
        .map(|token| reader.expression(token));
    let issuer = reader.name(fields.get("with"));
    let binding = reader.name(fields.get("as"));
    let handlers = reader.handlers(fields.get("on"));
    Some(StepKind::Validate {
        token: token?,
        issuer: issuer?,
        binding,
        handlers,
    })
}

fn read_run(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let sub = reader.name(fields.get("run"));
    let args = reader.arguments(fields.get("args"));
    let binding = reader.name(fields.get("as"));
    let handlers = reader.handlers(fields.get("on"));
    Some(StepKind::Run {
        sub: sub?,
        args,
        binding,
        handlers,
    })
}

fn read_emit(reader: &mut Reader<'_>, fields: &Fields<'_, '_>) -> Option<StepKind> {
    let data = fields.get("data").map(|data| reader.value(data));
    Some(StepKind::Emit {
        name: reader.name(fields.get("emit"))?,
        data,
    })
}

impl Reader<'_> {
    /// `connection.operation`
    fn operation_name(&mut self, node: Option<&Node<'_>>) -> Option<(Name, Name)> {
        let (text, map) = self.scalar("an operation", node?)?;
        let Some((connection, operation)) = text.split_once('.') else {
            let finding = Diagnostic::new(
                Code::UNEXPECTED,
                map.span(0, text.len()),
                "a call names a connection and its operation",
            );
            self.report(finding.help("write `call: connection.operation`"));
            return None;
        };
        let start = connection.len() + 1;
        let connection = Name {
            node: connection.to_owned(),
            span: map.span(0, connection.len()),
        };
        let operation = Name {
            node: operation.to_owned(),
            span: map.span(start, text.len()),
        };
        (self.is_name(&connection) & self.is_name(&operation)).then_some((connection, operation))
    }

    pub(super) fn arguments(&mut self, node: Option<&Node<'_>>) -> Vec<Argument> {
        let args = entries(node).iter().map(|entry| Argument {
            name: self.whole_key(entry),
            value: self.value(&entry.value),
        });
        args.collect()
    }
}
