//! A checked project to a program.
//!
//! | what | where |
//! |---|---|
//! | one function: operations, labels, registers | `builder` |
//! | tables that functions share | `tables` |
//! | names in scope, blocks | `frame` |
//! | expressions | `constant`, `expr`, `part`, `logic`, `macros`, `template` |
//! | steps | `step`, `choice`, `call`, `state`, `attempt`, `loops`, `parallel` |
//! | what the server reads | `manifest`, `durable`, `limit`, `schema` |

mod attempt;
mod builder;
mod call;
mod choice;
pub(crate) mod constant;
mod durable;
mod expr;
mod frame;
mod limit;
mod logic;
mod loops;
mod macros;
mod manifest;
mod parallel;
mod part;
mod schema;
mod state;
mod step;
mod tables;
mod template;

use crate::Checked;
use crate::ast::{self, FieldDecl, Journey, JourneyKind, OutcomeDecl};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;
use builder::{FunctionBuilder, Refusal};
use frame::{Frame, Turn};
use journey_machine::limits::MAX_TABLE;
use journey_machine::manifest::{IssuerId, Manifest, OperationId};
use journey_machine::op::Op;
use journey_machine::program::{FuncId, Function, Parts, Program};
use journey_machine::schema::{TypeId, Types};
use journey_machine::span::Span;
use std::collections::BTreeMap;
use tables::Tables;

/// Lowers a project in which nothing wrong was found. `None`: it is too large to be encoded, which is reported.
pub fn lower(
    checked: &Checked<'_>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Program> {
    let mut project = Project::new(checked);
    let parts = project.lower(sources);
    diagnostics.extend(project.refused);
    if diagnostics.has_errors() {
        return None;
    }
    Program::new(parts)
        .map_err(|fault| diagnostics.push(contradiction(Span::default(), &fault.to_string())))
        .ok()
}

/// Lowers a single expression to a program of one function, whose parameters are the variables.
pub fn lower_expression(
    checked: &Checked<'_>,
    expr: &ast::Expr,
    variables: &[String],
    diagnostics: &mut Diagnostics,
) -> Option<Program> {
    let mut project = Project::new(checked);
    let parts = project.lower_expression(expr, variables);
    diagnostics.extend(project.refused);
    if diagnostics.has_errors() {
        return None;
    }
    Program::new(parts)
        .map_err(|fault| diagnostics.push(contradiction(expr.span, &fault.to_string())))
        .ok()
}

/// A declared type, for data from outside.
#[must_use]
pub fn lower_type(checked: &Checked<'_>, name: &str) -> Option<(Types, TypeId)> {
    let mut project = Project::new(checked);
    let id = project.schema(&checked.names.types.get(name)?.ty);
    let parts = project
        .tables
        .into_parts(Vec::new(), Manifest::default(), Vec::new());
    Some((parts.types, id))
}

/// A program under construction.
struct Project<'a> {
    checked: &'a Checked<'a>,
    tables: Tables,
    functions: Vec<Function>,
    /// Functions of journeys, sub-journeys and tasks by their names.
    entries: BTreeMap<&'a str, FuncId>,
    named_types: BTreeMap<&'a str, TypeId>,
    refused: Vec<Diagnostic>,
}

impl<'a> Project<'a> {
    fn new(checked: &'a Checked<'a>) -> Self {
        Self {
            checked,
            tables: Tables::default(),
            functions: Vec::new(),
            entries: BTreeMap::new(),
            named_types: BTreeMap::new(),
            refused: Vec::new(),
        }
    }

    /// Endpoints come first, then sub-journeys, tasks and error shapes, each by name; behind them parts of functions as
    /// they are met.
    fn lower(&mut self, sources: &Sources) -> Parts {
        let names = &self.checked.names;
        let journeys = [&names.journeys, &names.subs, &names.tasks];
        for name in journeys.iter().flat_map(|all| all.keys()) {
            let id = self.reserve();
            self.entries.insert(name, id);
        }
        let shapes: Vec<Option<FuncId>> = names
            .errors
            .values()
            .map(|style| style.shape.map(|_| self.reserve()))
            .collect();
        for journey in journeys.iter().flat_map(|all| all.values()) {
            self.journey(journey);
        }
        for ((name, style), id) in names.errors.iter().zip(&shapes) {
            if let Some((shape, id)) = style.shape.zip(*id) {
                self.shape(name, shape, id);
            }
        }
        let manifest = self.manifest(&shapes);
        if self.tables.overflowed() {
            self.refused.push(too_large(
                Span::default(),
                "this project",
                "split it into several",
            ));
        }
        let tables = std::mem::take(&mut self.tables);
        let files = sources
            .iter()
            .map(|(_, source)| source.path.as_str().into())
            .collect();
        tables.into_parts(std::mem::take(&mut self.functions), manifest, files)
    }

    fn lower_expression(&mut self, expr: &'a ast::Expr, variables: &'a [String]) -> Parts {
        let id = self.reserve();
        let mut frame = Frame::new(self, "expression", None, Turn::Outside);
        for name in variables {
            frame.declare_variable(name);
        }
        let src = frame.value(expr);
        frame.code.emit(expr.span, Op::Return { src });
        let code = frame.code;
        self.finish(id, code, expr.span);
        if self.tables.overflowed() {
            self.refused.push(too_large(
                expr.span,
                "this expression",
                "split it into several",
            ));
        }
        let tables = std::mem::take(&mut self.tables);
        let functions = std::mem::take(&mut self.functions);
        // Of those before it, which declare types, no place is kept.
        let files = (0..=expr.span.file.0).map(|_| "expression".into());
        tables.into_parts(functions, Manifest::default(), files.collect())
    }

    fn journey(&mut self, journey: &'a Journey) {
        let Some(id) = self.entry(&journey.name.node) else {
            return;
        };
        let mut frame = Frame::new(
            self,
            journey.name.node.as_str(),
            Some(journey),
            Turn::Outside,
        );
        let params: &[FieldDecl] = match &journey.kind {
            JourneyKind::Endpoint(_) => &[],
            JourneyKind::Sub { params, .. } => params,
            JourneyKind::Task(task) => &task.params,
        };
        for param in params {
            frame.param(&param.name.node);
        }
        frame.group(
            journey.body.span,
            &journey.body,
            journey.on_failure.as_slice(),
        );
        if matches!(journey.kind, JourneyKind::Task(_)) {
            frame.end(journey.body.span);
        }
        let code = frame.code;
        self.finish(id, code, journey.name.span);
    }

    /// The body of errors, made of `error`.
    fn shape(&mut self, style: &str, shape: &'a ast::Expr, id: FuncId) {
        let name = format!("errors {style}").trim_end().to_owned();
        let mut frame = Frame::new(self, name, None, Turn::Outside);
        frame.param("error");
        let src = frame.value(shape);
        frame.code.emit(shape.span, Op::Return { src });
        let code = frame.code;
        self.finish(id, code, shape.span);
    }

    /// A function that is lowered later.
    fn reserve(&mut self) -> FuncId {
        let id = u16::try_from(self.functions.len()).unwrap_or(u16::MAX);
        self.functions.push(Function::default());
        if self.functions.len() > MAX_TABLE {
            self.functions.truncate(MAX_TABLE);
            self.tables.overflow();
        }
        FuncId(id)
    }

    fn finish(&mut self, id: FuncId, code: FunctionBuilder, span: Span) {
        match code.finish(&mut self.tables) {
            Ok(function) => {
                if let Some(slot) = self.functions.get_mut(id.index()) {
                    *slot = function;
                }
            }
            Err(Refusal::FallsThrough) => self
                .refused
                .push(contradiction(span, "its end can be reached")),
            Err(Refusal::TooLarge) => {
                let (what, help) = if self.entries.is_empty() {
                    ("this expression", "split it into several")
                } else {
                    (
                        "this journey",
                        "move a part of its steps into a sub-journey",
                    )
                };
                self.refused.push(too_large(span, what, help));
            }
        }
    }

    /// A tree that the checker should have refused.
    fn unexpected(&mut self, span: Span) {
        self.refused
            .push(contradiction(span, "nothing is known about it"));
    }

    fn entry(&self, name: &str) -> Option<FuncId> {
        self.entries.get(name).copied()
    }

    fn sub(&self, name: &str) -> Option<(FuncId, &'a [FieldDecl], &'a [OutcomeDecl])> {
        match &self.checked.names.subs.get(name)?.kind {
            JourneyKind::Sub { params, outcomes } => Some((self.entry(name)?, params, outcomes)),
            JourneyKind::Endpoint(_) | JourneyKind::Task(_) => None,
        }
    }

    /// Operations are numbered over all connections.
    fn operation(
        &self,
        connection: &str,
        operation: &str,
    ) -> Option<(OperationId, &'a ast::Operation)> {
        let mut before = 0;
        for (name, declared) in &self.checked.names.connections {
            if *name == connection {
                let place = declared
                    .operations
                    .iter()
                    .position(|o| o.name.node == operation)?;
                return Some((
                    OperationId(u16::try_from(before + place).ok()?),
                    declared.operations.get(place)?,
                ));
            }
            before += declared.operations.len();
        }
        None
    }

    fn issuer(&self, name: &str) -> Option<IssuerId> {
        let place = self.checked.names.issuers.keys().position(|n| *n == name)?;
        u16::try_from(place).ok().map(IssuerId)
    }
}

fn too_large(span: Span, what: &str, help: &str) -> Diagnostic {
    Diagnostic::new(
        Code::TOO_LARGE,
        span,
        format!("{what} is too large to be compiled"),
    )
    .help(help)
}

/// What two phases of the compiler say about one thing does not fit together.
fn contradiction(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(
        Code::CONTRADICTION,
        span,
        format!("the compiler contradicts itself: {what}"),
    )
    .help("this is a fault of the compiler, not of your source: please report it")
}
