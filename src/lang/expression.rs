//! A single expression, without a journey around it: CEL with declared variables.

#[cfg(test)]
mod tests;

use crate::Checked;
use crate::ast::{Expr, File, Ids};
use crate::cost::{self, ExpressionCost};
use crate::diagnostic::Diagnostics;
use crate::doubtful;
use crate::expr;
use crate::lower;
use crate::names;
use crate::source::SpanMap;
use crate::types::{self, Environment, Ty};
use journey_machine::program::{FuncId, Program};
use journey_machine::schema::{TypeId, Types};
use journey_machine::span::FileId;

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The program; its only function has one parameter for each variable of the environment, in their order.
    pub program: Program,
    /// The type of the value.
    pub ty: Ty,
}

impl Compiled {
    /// The function that gives the value.
    pub const FUNCTION: FuncId = FuncId(0);
}

/// Reads an expression; what is wrong goes into `diagnostics`.
pub fn parse(text: &str, ids: &mut Ids, diagnostics: &mut Diagnostics) -> Expr {
    parse_in(FileId(0), text, ids, diagnostics)
}

/// Reads an expression that stands beside other sources, of which it is the one with this id.
pub fn parse_in(file: FileId, text: &str, ids: &mut Ids, diagnostics: &mut Diagnostics) -> Expr {
    expr::parse_alone(text, &SpanMap::verbatim(file, 0), ids, diagnostics)
}

/// The type of an expression; `None`: something is wrong, and `diagnostics` says what.
pub fn check(expr: &Expr, environment: &Environment, diagnostics: &mut Diagnostics) -> Option<Ty> {
    let names = names::Names::default();
    let table = types::infer_expression(expr, environment, (&[], &names), diagnostics);
    (!diagnostics.has_errors()).then(|| table.ty(expr.id).clone())
}

/// Compiles an expression that may use the types that `files` declare; `None`: something is wrong, and `diagnostics`
/// says what.
pub fn compile(
    expr: &Expr,
    environment: &Environment,
    files: &[File],
    diagnostics: &mut Diagnostics,
) -> Option<Compiled> {
    let names = names::resolve(files, diagnostics);
    let types = types::infer_expression(expr, environment, (files, &names), diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    doubtful::expression(&types, expr, diagnostics);
    let ty = types.ty(expr.id).clone();
    let variables: Vec<String> = environment.variables.keys().cloned().collect();
    let checked = Checked {
        files,
        names,
        types,
    };
    let program = lower::lower_expression(&checked, expr, &variables, diagnostics)?;
    Some(Compiled { program, ty })
}

/// What an expression costs; one in which something is wrong costs what can be said of the rest.
#[must_use]
pub fn cost(expr: &Expr, environment: &Environment, files: &[File]) -> ExpressionCost {
    let mut findings = Diagnostics::new();
    let names = names::resolve(files, &mut findings);
    let types = types::infer_expression(expr, environment, (files, &names), &mut findings);
    let checked = Checked {
        files,
        names,
        types,
    };
    cost::of_expression(&checked, expr)
}

/// A declared type as data from outside is decoded by; `None`: there is no such type, or something is wrong.
pub fn declared(
    files: &[File],
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Option<(Types, TypeId)> {
    let checked = crate::check(files, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    lower::lower_type(&checked, name)
}
