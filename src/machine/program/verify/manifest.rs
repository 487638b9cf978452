//! The manifest: what it refers to exists, and fits.

mod durable;

use super::tables::{constant, is_token, shape, status, type_id};
use super::{Checked, Problem, VerifyError, ensure, entries, most, within};
use crate::limits::{MAX_BREAKER_FAILURES, MAX_TABLE};
use crate::manifest::{
    AnswerType, Auth, Connection, ErrorStyle, Input, Issuer, IssuerId, Journey, KeySource, Limit,
    LimitUse, Operation, Param, Place, Segment, Setting,
};
use crate::program::{FuncId, Parts};
use crate::schema::Types;

pub(super) fn check(parts: &Parts) -> Result<(), VerifyError> {
    let manifest = &parts.manifest;
    entries("manifest.journeys", &manifest.journeys, |journey| {
        self::journey(parts, journey)
    })?;
    entries("manifest.connections", &manifest.connections, connection)?;
    entries("manifest.operations", &manifest.operations, |operation| {
        self::operation(parts, operation)
    })?;
    entries("manifest.issuers", &manifest.issuers, |issuer| {
        self::issuer(&parts.types, issuer)
    })?;
    entries("manifest.errors", &manifest.errors, |style| {
        errors(parts, style)
    })?;
    entries("manifest.settings", &manifest.settings, |setting| {
        self::setting(&parts.types, setting)
    })?;
    entries("manifest.limits", &manifest.limits, limit)?;
    durable::check(parts)
}

fn journey(parts: &Parts, journey: &Journey) -> Checked {
    function(parts, journey.function, 0)?;
    ensure(!journey.methods.is_empty(), "a journey without method")?;
    journey
        .methods
        .iter()
        .try_for_each(|method| self::method(method))?;
    path(&journey.path, &journey.input.params)?;
    input(&parts.types, &journey.input)?;
    answers(&parts.types, &journey.answers)?;
    if let Auth::ClientToken {
        issuer: Some(IssuerId(issuer)),
    } = journey.auth
    {
        within("manifest.issuers", &parts.manifest.issuers, issuer.into())?;
    }
    journey
        .limits
        .iter()
        .try_for_each(|used| limited(parts, *used))?;
    journey.errors.map_or(Ok(()), |style| {
        within("manifest.errors", &parts.manifest.errors, style.into())
    })
}

fn limited(parts: &Parts, used: LimitUse) -> Checked {
    let limits = &parts.manifest.limits;
    within("manifest.limits", limits, used.limit.0.into())?;
    function(parts, used.key, 0)
}

fn limit(limit: &Limit) -> Checked {
    ensure(
        limit.count > 0 && limit.per > 0 && limit.burst > 0,
        "a limit that lets nothing in",
    )
}

/// A function that takes so many parameters.
fn function(parts: &Parts, id: FuncId, params: u16) -> Checked {
    let missing = Problem::Missing {
        table: "functions",
        index: id.index(),
    };
    let function = parts.functions.get(id.index()).ok_or(missing)?;
    ensure(
        function.params == params,
        "a function with the wrong number of parameters",
    )
}

fn method(method: &str) -> Checked {
    ensure(
        is_token(method) && !method.bytes().any(|byte| byte.is_ascii_lowercase()),
        "a method is no upper-case token",
    )
}

fn input(types: &Types, input: &Input) -> Checked {
    shape(&input.shape)?;
    let names = input.params.iter().map(|param| param.name.as_str());
    ensure(
        input.shape.names().eq(names),
        "an input whose names are not those of its parameters",
    )?;
    params(types, &input.params)
}

fn params(types: &Types, params: &[Param]) -> Checked {
    most("parameters", params.len(), MAX_TABLE)?;
    params.iter().try_for_each(|param| {
        type_id(types, param.schema)?;
        ensure(
            param.place != Place::Header || is_token(&param.wire),
            "a header's name is no token",
        )?;
        param.default.iter().try_for_each(constant)
    })
}

fn path(path: &[Segment], params: &[Param]) -> Checked {
    most("segments of a path", path.len(), MAX_TABLE)?;
    path.iter().try_for_each(|segment| match segment {
        Segment::Literal(_) => Ok(()),
        Segment::Param(index) => {
            within("parameters", params, usize::from(*index))?;
            let place = params.get(usize::from(*index)).map(|param| param.place);
            ensure(
                place == Some(Place::Path),
                "a segment of a path is a parameter of another place",
            )
        }
    })
}

fn answers(types: &Types, answers: &[AnswerType]) -> Checked {
    most("answers", answers.len(), MAX_TABLE)?;
    answers.iter().try_for_each(|answer| {
        status(answer.status)?;
        answer
            .schema
            .map_or(Ok(()), |schema| type_id(types, schema))
    })
}

fn connection(connection: &Connection) -> Checked {
    let counted = connection.breaker.map_or(0, |breaker| breaker.failures);
    ensure(
        counted <= MAX_BREAKER_FAILURES,
        "a breaker counts too many failures",
    )?;
    ensure(
        connection
            .tls
            .as_ref()
            .is_none_or(|tls| tls.certificate.is_some() == tls.key.is_some()),
        "a certificate without its key, or a key without its certificate",
    )
}

fn operation(parts: &Parts, operation: &Operation) -> Checked {
    within(
        "manifest.connections",
        &parts.manifest.connections,
        operation.connection.0.into(),
    )?;
    method(&operation.method)?;
    path(&operation.path, &operation.params)?;
    params(&parts.types, &operation.params)?;
    answers(&parts.types, &operation.responses)
}

fn issuer(types: &Types, issuer: &Issuer) -> Checked {
    type_id(types, issuer.claims)?;
    let keyless = matches!(issuer.keys, KeySource::Introspection { .. });
    ensure(
        keyless || !issuer.algorithms.is_empty(),
        "an issuer without algorithm",
    )
}

fn errors(parts: &Parts, style: &ErrorStyle) -> Checked {
    style
        .shape
        .map_or(Ok(()), |shape| function(parts, shape, 1))?;
    style.codes.iter().try_for_each(|code| status(code.status))
}

fn setting(types: &Types, setting: &Setting) -> Checked {
    type_id(types, setting.schema)?;
    ensure(
        !(setting.secret && setting.default.is_some()),
        "a secret with a default",
    )?;
    setting.default.iter().try_for_each(constant)
}
