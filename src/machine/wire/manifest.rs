//! The manifest.

use super::{choice, number, record};
use crate::manifest::{
    AnswerType, Auth, BodyKind, Breaker, Connection, ConnectionAuth, ConnectionId, ErrorCode,
    ErrorStyle, Input, Issuer, IssuerId, Journey, KeySource, Limit, LimitId, LimitUse, Manifest,
    Operation, OperationId, Param, Pauses, Place, Retry, Segment, Setting, Signal, SignalId, Store,
    StoreId, StoreIndex, Task, TaskId, Text, Tls,
};

number!(ConnectionId OperationId IssuerId StoreId TaskId SignalId LimitId);

record! {
    Manifest { journeys, connections, operations, issuers, errors, settings, stores, tasks, signals, limits }
    Journey { name, docs, function, methods, path, auth, deadline, redirects, limits, input, answers, errors }
    Param { name, wire, place, schema, optional, default }
    Input { shape, params, body, open }
    AnswerType { status, schema, docs }
    Connection { name, base, auth, timeout, retry, breaker, concurrency, internal, signature, tls }
    Tls { roots, certificate, key }
    Retry { attempts, min, max }
    Breaker { failures, window, open }
    Operation { name, connection, method, path, params, body, idempotent, timeout, responses }
    Issuer { name, keys, issuer, audience, algorithms, claims, leeway, internal }
    ErrorStyle { name, shape, codes }
    ErrorCode { code, status, message }
    Setting { name, secret, schema, optional, default }
    Store { name, docs, record, key, indexes, retain, labelled, blobs }
    StoreIndex { name, fields, unique }
    Task { name, docs, function, params, attempts, pauses, timeout, keep }
    Signal { name, payload }
    Limit { name, docs, count, per, burst }
    LimitUse { limit, key }
}

choice! {
    Segment {
        0 Literal(text),
        1 Param(index),
    }
    Auth {
        0 ClientToken { issuer },
        1 Basic,
        2 None { reason },
    }
    Place {
        0 Path,
        1 Query,
        2 Header,
        3 Cookie,
        4 Field,
        5 Body,
    }
    BodyKind {
        0 None,
        1 Json,
        2 Form,
        3 Multipart,
        4 Upload,
    }
    Text {
        0 Literal(text),
        1 Config(name),
        2 Secret(name),
    }
    ConnectionAuth {
        0 None,
        1 Basic { username, password },
        2 Bearer(token),
        3 Header { name, value },
        4 ClientCredentials { token_url, client_id, client_secret, scope },
        5 JwtBearer { token_url, issuer, subject, audience, key, key_id, scope },
    }
    Pauses {
        0 List(pauses),
        1 Backoff { min, max },
    }
    KeySource {
        0 Discovery(url),
        1 Jwks(url),
        2 Introspection { url, client_id, client_secret },
    }
}
