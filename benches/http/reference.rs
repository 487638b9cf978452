//! The workload by hand: raw hyper, serde structs, one thread. What a careful programmer would write.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct Input<'a> {
    transaction: Transaction<'a>,
    user_id: &'a str,
    correlation_id: &'a str,
}

#[derive(Deserialize)]
struct Transaction<'a> {
    id: &'a str,
    amount: f64,
    currency: &'a str,
    country: &'a str,
    ts: i64,
    mfa: Mfa,
}

#[derive(Deserialize)]
struct Mfa {
    done: bool,
    ts: i64,
}

#[derive(Serialize)]
struct Verdict<'a> {
    decision: &'a str,
    transaction_id: &'a str,
    user_id: &'a str,
    correlation_id: &'a str,
    amount: f64,
    currency: &'a str,
    route: &'a str,
    limit: u32,
}

#[derive(Serialize)]
struct Refusal<'a> {
    error: &'a str,
    transaction_id: &'a str,
    correlation_id: &'a str,
}

/// Serves the workload on a port of the loopback interface, for ever.
pub fn serve(port: u16) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .expect("a free port");
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("no delay");
            tokio::spawn(async {
                // A connection that breaks is the load's business.
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(handle))
                    .await;
            });
        }
    });
}

async fn handle(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() != Method::POST || request.uri().path() != "/w1" {
        return Ok(json(
            StatusCode::NOT_FOUND,
            &serde_json::json!({"error": "not_found"}),
        ));
    }
    let Ok(body) = request.into_body().collect().await else {
        return Ok(invalid());
    };
    let bytes = body.to_bytes();
    Ok(match serde_json::from_slice::<Input>(&bytes) {
        Ok(input) => decide(&input),
        Err(_) => invalid(),
    })
}

fn decide(input: &Input) -> Response<Full<Bytes>> {
    let transaction = &input.transaction;
    if transaction.amount > 1000.0 && !transaction.mfa.done {
        let (transaction_id, correlation_id) = (transaction.id, input.correlation_id);
        return json(
            StatusCode::FORBIDDEN,
            &Refusal {
                error: "mfa_required",
                transaction_id,
                correlation_id,
            },
        );
    }
    let fresh = transaction.mfa.done && transaction.ts - transaction.mfa.ts <= 900;
    let (route, limit) = route(transaction.country);
    let verdict = Verdict {
        decision: if fresh { "allow" } else { "review" },
        transaction_id: transaction.id,
        user_id: input.user_id,
        correlation_id: input.correlation_id,
        amount: transaction.amount,
        currency: transaction.currency,
        route,
        limit,
    };
    json(StatusCode::OK, &verdict)
}

fn route(country: &str) -> (&'static str, u32) {
    match country {
        "US" => ("domestic", 10000),
        "CA" | "MX" => ("north_america", 7500),
        "GB" => ("uk", 5000),
        "DE" | "FR" | "ES" | "IT" | "NL" => ("eu", 5000),
        "BR" | "AR" | "CL" => ("latam", 2500),
        _ => ("other", 1000),
    }
}

fn invalid() -> Response<Full<Bytes>> {
    let body = serde_json::json!({"error": "invalid_request", "message": "request body failed validation"});
    json(StatusCode::BAD_REQUEST, &body)
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Full<Bytes>> {
    let bytes = serde_json::to_vec(body).expect("these bodies serialise");
    let mut response = Response::new(Full::new(Bytes::from(bytes)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
