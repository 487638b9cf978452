//! Headers that frame a message or belong to one hop: they are the runtime's to write.

use super::signature::{SIGNATURE, TIMESTAMP};
use journey_machine::manifest::{Manifest, Place};

const RESERVED: [&str; 14] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED
        .iter()
        .any(|reserved| name.eq_ignore_ascii_case(reserved))
}

/// What says that a request was signed.
fn is_signature(name: &str) -> bool {
    [TIMESTAMP, SIGNATURE]
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header))
}

/// Parameters of operations that would stand where the runtime writes.
pub(super) fn faults(manifest: &Manifest) -> Vec<String> {
    let params = manifest
        .operations
        .iter()
        .flat_map(|o| o.params.iter().map(move |p| (o, p)));
    let taken = params.filter(|(operation, param)| {
        let signed = || {
            let connection = manifest
                .connections
                .get(usize::from(operation.connection.0));
            connection.is_some_and(|connection| connection.signature.is_some())
        };
        param.place == Place::Header
            && (is_reserved(&param.wire) || (is_signature(&param.wire) && signed()))
    });
    taken
        .map(|(o, p)| {
            format!(
                "operation {}: the header `{}` is the runtime's to write",
                o.name, p.wire
            )
        })
        .collect()
}
