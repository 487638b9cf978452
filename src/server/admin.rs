//! What operators ask: does it live, is it ready. On a port of its own.

use crate::listen::Service;
use crate::request::Head;
use crate::respond::Reply;
use crate::state::{Health, State};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Method, StatusCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Answers about the server itself.
#[derive(Debug)]
pub(crate) struct Admin {
    draining: AtomicBool,
    state: Arc<State>,
}

impl Admin {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self {
            draining: AtomicBool::new(false),
            state,
        }
    }

    /// From now on it is not ready, so that nobody sends it more.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    fn look(&self, method: &Method, path: &str) -> (StatusCode, &'static str) {
        match path {
            "/healthz" | "/readyz" if *method != Method::GET && *method != Method::HEAD => {
                (StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n")
            }
            "/healthz" => (StatusCode::OK, "ok\n"),
            "/readyz" => self.ready(),
            _ => (StatusCode::NOT_FOUND, "not found\n"),
        }
    }

    fn ready(&self) -> (StatusCode, &'static str) {
        let unready = |text| (StatusCode::SERVICE_UNAVAILABLE, text);
        if self.draining.load(Ordering::Relaxed) {
            return unready("draining\n");
        }
        match self.state.engine.health() {
            Health::Ready => (StatusCode::OK, "ok\n"),
            Health::Full => unready("the disk is full\n"),
            Health::Failed => unready("state cannot be written\n"),
        }
    }
}

impl Service for Admin {
    async fn answer(&self, head: &Head, _body: &mut Incoming, reply: &mut Reply) {
        let (status, text) = self.look(&head.parts.method, head.parts.uri.path());
        *reply = Reply::new(text.into());
        *reply.status_mut() = status;
        reply.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        reply
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::DataKeys;
    use crate::state::stand_in::StandIn;

    #[test]
    fn a_server_that_cannot_write_lives_and_is_not_ready() {
        let rows = [
            (Health::Ready, 200, "ok\n"),
            (Health::Full, 503, "the disk is full\n"),
            (Health::Failed, 503, "state cannot be written\n"),
        ];
        for (health, status, text) in rows {
            let engine = StandIn::that_feels(health);
            let keys = DataKeys::temporary().unwrap();
            let admin = Admin::new(Arc::new(State::new(engine, keys)));
            let ready = admin.look(&Method::GET, "/readyz");
            assert_eq!((ready.0.as_u16(), ready.1), (status, text));
            assert_eq!(admin.look(&Method::GET, "/healthz").0, StatusCode::OK);
            admin.drain();
            assert_eq!(admin.look(&Method::GET, "/readyz").1, "draining\n");
        }
    }
}
