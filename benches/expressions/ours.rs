//! Expressions of Journey: checked against declared types, lowered to the machine.

use crate::workload::{TYPES, VARIABLES};
use journey_lang::ast::{File, Ids};
use journey_lang::diagnostic::Diagnostics;
use journey_lang::expression::{self, Compiled};
use journey_lang::source::{Source, Sources};
use journey_lang::types::{Environment, FieldTy, ObjectTy, Ty};
use journey_machine::json::write_json;
use journey_machine::machine::Evaluator;
use journey_machine::schema::{Decoder, Faults, Mode};
use journey_machine::value::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

/// The declared types, ready to check expressions and to decode their input.
pub(crate) struct Project {
    files: Vec<File>,
    environment: Environment,
}

impl Project {
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        let sources = Sources::new(vec![Source {
            path: "types.journey".to_owned(),
            text: TYPES.to_owned(),
        }]);
        let mut diagnostics = Diagnostics::new();
        let files = journey_lang::parse(&sources, &mut diagnostics);
        clean(&diagnostics)?;
        let checked = journey_lang::check(&files, &mut diagnostics);
        let declared = &checked.types.declared;
        let mut environment = Environment::default();
        for (name, ty) in VARIABLES {
            let ty = resolved(&Ty::Named(ty.into()), declared);
            environment.variables.insert(name.to_owned(), ty);
        }
        drop(checked);
        Ok(Self { files, environment })
    }

    /// Parsed, checked, lowered and verified.
    pub(crate) fn compile(&self, source: &str) -> Result<Compiled, Box<dyn Error>> {
        let mut diagnostics = Diagnostics::new();
        let expr = expression::parse(source, &mut Ids::default(), &mut diagnostics);
        let compiled = expression::compile(&expr, &self.environment, &[], &mut diagnostics);
        compiled.ok_or_else(|| format!("{diagnostics:?}").into())
    }

    /// Each variable of the input decoded as its type, with its place among the parameters.
    pub(crate) fn decode(
        &self,
        input: &serde_json::Value,
    ) -> Result<Vec<(usize, Value)>, Box<dyn Error>> {
        let mut values = Vec::new();
        for (place, (name, ty)) in VARIABLES.iter().enumerate() {
            let Some(json) = input.get(name) else {
                continue;
            };
            let mut diagnostics = Diagnostics::new();
            let declared = expression::declared(&self.files, ty, &mut diagnostics);
            let (types, id) = declared.ok_or("no such type")?;
            let mut faults = Faults::new();
            let text = serde_json::to_vec(json)?;
            let value = Decoder::new(&types)?.json(id, &text, Mode::Request, &mut faults);
            if !faults.is_empty() {
                return Err(format!("{:?}", faults.list()).into());
            }
            values.push((place, value));
        }
        Ok(values)
    }
}

/// A type without names: what it refers to stands in it.
fn resolved(ty: &Ty, declared: &BTreeMap<Arc<str>, Ty>) -> Ty {
    match ty {
        Ty::Named(name) => declared
            .get(name)
            .map_or(Ty::Dyn, |ty| resolved(ty, declared)),
        Ty::List(item) => Ty::List(Arc::new(resolved(item, declared))),
        Ty::Object(object) => {
            let fields = object.fields.iter().map(|field| FieldTy {
                ty: resolved(&field.ty, declared),
                ..field.clone()
            });
            Ty::Object(Arc::new(ObjectTy::new(fields.collect(), object.open)))
        }
        other => other.clone(),
    }
}

fn clean(diagnostics: &Diagnostics) -> Result<(), Box<dyn Error>> {
    if diagnostics.is_empty() {
        Ok(())
    } else {
        Err(format!("{diagnostics:?}").into())
    }
}

/// Binds the variables from a JSON tree and evaluates.
pub(crate) fn bind_and_evaluate(
    evaluator: &mut Evaluator<'_>,
    input: &serde_json::Value,
) -> Result<Value, Box<dyn Error>> {
    for (place, (name, _)) in VARIABLES.iter().enumerate() {
        if let Some(json) = input.get(name) {
            evaluator.bind_json(place, json)?;
        }
    }
    Ok(evaluator.evaluate().map_err(|cause| format!("{cause:?}"))?)
}

/// A value as JSON.
pub(crate) fn json(value: &Value) -> Result<serde_json::Value, Box<dyn Error>> {
    let mut text = Vec::new();
    write_json(value, &mut text);
    Ok(serde_json::from_slice(&text)?)
}
