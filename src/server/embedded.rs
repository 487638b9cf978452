//! Services of the runtime itself that journeys call like any other: a connection whose base is `embedded:NAME`. Each has
//! a contract in HTTP's terms, so that one elsewhere can take its place by a setting.

pub mod image;
mod tokens;

use crate::authenticate::ClientAuth;
use crate::state::State;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};

const SCHEME: &str = "embedded:";

/// A service by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// `embedded:tokens`: random texts, signed tokens, tokens for users.
    Tokens,
    /// `embedded:image`: what the pixels of an image say.
    Image,
}

impl Service {
    /// The service that a base names; `None`: it is the URL of something else.
    ///
    /// # Errors
    /// There is no service of that name.
    pub fn of(base: &str) -> Option<Result<Self, &'static str>> {
        Some(match base.strip_prefix(SCHEME)? {
            "tokens" => Ok(Self::Tokens),
            "image" => Ok(Self::Image),
            _ => Err("names no embedded service: there are `embedded:image` and `embedded:tokens`"),
        })
    }
}

/// What services work with: a server's own clients, keys and state. They are not there before its data folder is open,
/// nor where a journey is run without a server; what needs them is answered 503 then.
#[derive(Debug, Default)]
pub struct Embedded(OnceLock<Own>);

#[derive(Debug)]
struct Own {
    auth: Arc<ClientAuth>,
    state: Arc<State>,
}

impl Embedded {
    /// Gives services what they work with, once.
    pub(crate) fn open(&self, auth: Arc<ClientAuth>, state: Arc<State>) {
        // Whoever was first is the same server.
        self.0.get_or_init(|| Own { auth, state });
    }

    /// The answer of a service.
    pub(crate) async fn answer(
        &self,
        service: Service,
        request: Request<Full<Bytes>>,
    ) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let Ok(body) = body.collect().await;
        match service {
            Service::Image => image::answer(&parts, body.to_bytes()).await,
            Service::Tokens => tokens::answer(self.0.get(), &parts, &body.to_bytes()).await,
        }
    }
}

fn answered(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, json);
    answer
}

fn refused(status: StatusCode, error: &str, description: &str) -> Response<Bytes> {
    answered(
        status,
        &json!({ "error": error, "error_description": description }),
    )
}
