//! What surrounds a run, built only as far as its code looks at it.

use crate::auth::Client;
use crate::limits::CALLER_PREFIX;
use crate::project::Project;
use crate::request::Head;
use hyper::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use journey_machine::index::FuncId;
use journey_machine::machine::Surroundings;
use journey_machine::op::Context;
use journey_machine::value::{Key, Map, Net, Shape, Str, Value};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

static REQUEST: LazyLock<Arc<Shape>> = LazyLock::new(|| {
    Arc::new(
        ["id", "method", "path", "headers", "ip"]
            .into_iter()
            .collect(),
    )
});
static CLIENT: LazyLock<Arc<Shape>> =
    LazyLock::new(|| Arc::new(["id", "claims"].into_iter().collect()));

/// The surroundings of a run of `function`.
pub(crate) fn of(
    project: &Project,
    function: FuncId,
    head: &Head,
    client: Option<&Client>,
    input: Value,
) -> Surroundings {
    around(project, function, head, client, input, head.peer)
}

/// What surrounds the function that says what a request counts for: of an address of IPv6 its network is the caller.
pub(crate) fn of_limit(
    project: &Project,
    function: FuncId,
    head: &Head,
    client: Option<&Client>,
    input: Value,
) -> Surroundings {
    let ip = match Net::of(head.peer).within(CALLER_PREFIX) {
        Some(network) if head.peer.is_ipv6() => network.masked().address(),
        _ => head.peer,
    };
    around(project, function, head, client, input, ip)
}

fn around(
    project: &Project,
    function: FuncId,
    head: &Head,
    client: Option<&Client>,
    input: Value,
    ip: IpAddr,
) -> Surroundings {
    let wanted = |what, make: &dyn Fn() -> Value| {
        if project.program.uses(function, what) {
            make()
        } else {
            Value::Null
        }
    };
    Surroundings {
        request: wanted(Context::Request, &|| request(head, ip)),
        client: wanted(Context::Client, &|| client.map_or(Value::Null, known)),
        config: wanted(Context::Config, &|| project.config.clone()),
        secret: wanted(Context::Secret, &|| project.secret.clone()),
        input,
    }
}

fn request(head: &Head, ip: IpAddr) -> Value {
    let slots = vec![
        Some(head.id.clone().into()),
        Some(head.parts.method.as_str().into()),
        Some(head.parts.uri.path().into()),
        Some(headers(head)),
        Some(ip.to_string().into()),
    ];
    Value::object(&REQUEST, slots)
}

/// Headers by their lower-case names, the lines of one name joined as HTTP says. Credentials are not among them:
/// a journey that wants one declares it as input, where it can be labelled a secret.
fn headers(head: &Head) -> Value {
    let mut map = Map::new();
    let all = &head.parts.headers;
    for name in all
        .keys()
        .filter(|name| ![AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE].contains(name))
    {
        let lines: Result<Vec<&str>, _> = all
            .get_all(name)
            .iter()
            .map(|line| std::str::from_utf8(line.as_bytes()))
            .collect();
        if let Ok(lines) = lines {
            map.insert(
                Key::String(Str::from(name.as_str())),
                Value::from(lines.join(", ")),
            );
        }
    }
    map.into()
}

/// Who shows no token has no claims, which is not the same as no client.
fn known(client: &Client) -> Value {
    let claims = if client.claims.is_null() {
        Map::new().into()
    } else {
        client.claims.clone()
    };
    Value::object(&CLIENT, vec![Some(client.id.clone().into()), Some(claims)])
}
