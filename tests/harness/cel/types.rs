//! Types of cases: read as declarations, shown as what the checker deduced.

use journey_lang::types::{Environment, Signature, Ty};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// A variable or a function.
#[derive(Deserialize)]
pub(crate) struct Declaration {
    name: String,
    #[serde(rename = "type")]
    ty: Option<Json>,
    #[serde(default)]
    overloads: Vec<Overload>,
}

#[derive(Deserialize)]
struct Overload {
    #[serde(default)]
    params: Vec<Json>,
    result: Json,
    #[serde(default)]
    member: bool,
}

impl Declaration {
    pub(crate) fn add(&self, environment: &mut Environment) -> Result<(), String> {
        if let Some(ty) = &self.ty {
            environment.variables.insert(self.name.clone(), read(ty)?);
        }
        if !self.overloads.is_empty() {
            let signatures = self
                .overloads
                .iter()
                .map(Overload::signature)
                .collect::<Result<_, _>>()?;
            let declared = environment.functions.entry(self.name.clone()).or_default();
            declared.extend::<Vec<Signature>>(signatures);
        }
        Ok(())
    }
}

impl Overload {
    fn signature(&self) -> Result<Signature, String> {
        Ok(Signature {
            method: self.member,
            params: self.params.iter().map(read).collect::<Result<_, _>>()?,
            variadic: false,
            result: read(&self.result)?,
        })
    }
}

fn read(json: &Json) -> Result<Ty, String> {
    if let Some(name) = json.as_str() {
        return scalar(name).ok_or_else(|| format!("unknown type {name}"));
    }
    let inner = |key: &str| json.get(key).map(|ty| read(ty).map(Arc::new));
    if let Some(name) = json["abstract"].as_str() {
        let params = json["params"]
            .as_array()
            .into_iter()
            .flatten()
            .map(read)
            .collect::<Result<_, _>>()?;
        return Ok(Ty::Opaque(name.into(), params));
    }
    if let Some(name) = json["param"].as_str() {
        return Ok(Ty::Param(name.into()));
    }
    if let Some([key, value]) = json["map"].as_array().map(Vec::as_slice) {
        return Ok(Ty::Map(read(key)?.into(), read(value)?.into()));
    }
    let wrapped = |key, wrap: fn(Arc<Ty>) -> Ty| inner(key).map(|ty| ty.map(wrap));
    wrapped("list", Ty::List)
        .or_else(|| wrapped("wrapper", Ty::Nullable))
        .or_else(|| wrapped("optional", Ty::Optional))
        .or_else(|| wrapped("type", |_| Ty::Type))
        .unwrap_or_else(|| Err(format!("unknown type {json}")))
}

fn scalar(name: &str) -> Option<Ty> {
    Some(match name {
        "bool" => Ty::Bool,
        "int" => Ty::Int,
        "uint" => Ty::Uint,
        "double" => Ty::Double,
        "string" => Ty::String,
        "bytes" => Ty::Bytes,
        "null" => Ty::Null,
        "dyn" | "any" => Ty::Dyn,
        "timestamp" => Ty::Timestamp,
        "duration" => Ty::Duration,
        _ => return None,
    })
}

pub(crate) fn show(ty: &Ty) -> Json {
    match ty {
        Ty::Enum(_) => "string".into(),
        Ty::List(item) => json!({ "list": show(item) }),
        Ty::Map(key, value) => json!({ "map": [show(key), show(value)] }),
        Ty::Nullable(inner) => json!({ "wrapper": show(inner) }),
        Ty::Optional(inner) => json!({ "optional": show(inner) }),
        Ty::Opaque(name, params) => {
            json!({ "abstract": &**name, "params": params.iter().map(show).collect::<Vec<_>>() })
        }
        Ty::Error | Ty::Never | Ty::Dyn => "dyn".into(),
        Ty::Type => json!({ "type": "dyn" }),
        plain => plain.to_string().into(),
    }
}
