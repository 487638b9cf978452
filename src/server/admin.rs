//! What operators ask: does it live, is it ready. On a port of its own.

use crate::listen::Service;
use crate::respond::Reply;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, StatusCode};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

/// Answers about the server itself.
#[derive(Debug, Default)]
pub(crate) struct Admin {
    draining: AtomicBool,
}

impl Admin {
    /// From now on it is not ready, so that nobody sends it more.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    fn state(&self, method: &Method, path: &str) -> (StatusCode, &'static str) {
        match (path, self.draining.load(Ordering::Relaxed)) {
            ("/healthz" | "/readyz", _) if *method != Method::GET && *method != Method::HEAD => {
                (StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n")
            }
            ("/healthz", _) | ("/readyz", false) => (StatusCode::OK, "ok\n"),
            ("/readyz", true) => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
            _ => (StatusCode::NOT_FOUND, "not found\n"),
        }
    }
}

impl Service for Admin {
    async fn answer(&self, _peer: IpAddr, request: Request<Incoming>) -> Reply {
        let (status, text) = self.state(request.method(), request.uri().path());
        let mut reply = Reply::new(text.into());
        *reply.status_mut() = status;
        reply.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        reply
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        reply
    }
}
