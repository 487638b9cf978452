//! One connection: its pool, its limits, its circuit breaker.

use super::access::Access;
use super::authorize::Authorization;
use super::place::{Discovered, Place};
use super::signature::Keys;
use crate::config::StartError;
use crate::outbound::{Failure, Outbound, Reach, Trust};
use crate::settings::Settings;
use bytes::Bytes;
use hyper::header::{ACCEPT, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response, Uri};
use journey_machine::http;
use journey_machine::manifest::{self, Millis};
use journey_machine::policy::breaker::{Admission, Breaker, End};
use journey_machine::value::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{Semaphore, SemaphorePermit};

/// A connection with its settings filled in. As long as it stays the same, pool and breaker are kept.
#[derive(Debug, PartialEq)]
pub(super) struct Definition {
    pub(super) declared: manifest::Connection,
    pub(super) place: Place,
    access: Access,
    pub(super) signature: Option<Keys>,
    trust: Trust,
}

impl Definition {
    pub(super) fn new(
        declared: &manifest::Connection,
        settings: &Settings,
    ) -> Result<Self, String> {
        let base = settings
            .text(&declared.base)
            .ok_or("its base is not set to a text")?;
        let place = Place::parse(&base).map_err(|error| format!("its base {error}"))?;
        let access = Access::new(&declared.auth, settings)?;
        let keys = declared.signature.as_ref().map(|keys| {
            let keys = settings.text(keys);
            Keys::parse(&keys.ok_or("its signature keys are not set to a text")?)
        });
        let trust = match &declared.tls {
            Some(_) if !place.is_https() => {
                return Err("it has `tls`, and its base is not https".into());
            }
            Some(tls) => trust(tls, settings)?,
            None => Trust::default(),
        };
        Ok(Self {
            declared: declared.clone(),
            place,
            access,
            signature: keys.transpose()?,
            trust,
        })
    }
}

fn trust(tls: &manifest::Tls, settings: &Settings) -> Result<Trust, String> {
    let text = |text: &Option<manifest::Text>, what: &str| match text {
        Some(text) => match settings.text(text) {
            Some(text) => Ok(Some(text)),
            None => Err(format!("the {what} of its tls is not set to a text")),
        },
        None => Ok(None),
    };
    let roots = text(&tls.roots, "roots")?;
    let (chain, key) = (
        text(&tls.certificate, "certificate")?,
        text(&tls.key, "key")?,
    );
    Trust::new(roots.as_deref(), chain.as_deref().zip(key.as_deref()))
}

/// A connection in use.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) definition: Definition,
    pub(super) client: Outbound,
    pub(super) authorization: Authorization,
    discovered: Discovered,
    slots: Semaphore,
    breaker: Option<Mutex<Breaker>>,
    /// Where the breaker's time begins.
    since: Instant,
}

impl Connection {
    pub(super) fn new(definition: Definition) -> Result<Self, StartError> {
        let declared = &definition.declared;
        let client = Outbound::new(Reach::new(declared.internal), &definition.trust)?;
        let slots = usize::try_from(declared.concurrency).unwrap_or(usize::MAX);
        Ok(Self {
            authorization: Authorization::new(&definition.access, &declared.name, &client),
            slots: Semaphore::new(slots.min(Semaphore::MAX_PERMITS)),
            breaker: declared
                .breaker
                .map(|policy| Mutex::new(Breaker::new(policy))),
            since: Instant::now(),
            discovered: Discovered::default(),
            client,
            definition,
        })
    }

    /// A place among the calls under way; `None`: they are too many.
    pub(super) fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.slots.try_acquire().ok()
    }

    /// The whole URL of a target; of an embedded service just that.
    ///
    /// # Errors
    /// The target is none, or where it leads to cannot be discovered now.
    pub(super) async fn url(&self, target: &str, deadline: Instant) -> Result<Uri, ErrorKind> {
        let url = match &self.definition.place {
            Place::Remote(base) => base.join(target),
            Place::Embedded(_) => target.parse().ok(),
            Place::Discovered(discovery, member) => {
                let found = self
                    .discovered
                    .base((discovery, member), &self.client, deadline);
                Box::pin(found)
                    .await
                    .ok_or(ErrorKind::Unavailable)?
                    .join(target)
            }
        };
        url.ok_or(ErrorKind::Evaluation)
    }

    /// The request without its credentials.
    pub(super) fn request(
        &self,
        from: &http::Request,
        url: Uri,
        body: Bytes,
    ) -> Option<Request<Bytes>> {
        let mut request = Request::new(body);
        *request.method_mut() = from.method.parse().ok()?;
        *request.uri_mut() = url;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("journey"));
        for (name, value) in &from.headers {
            headers.insert(
                HeaderName::from_bytes(name.as_bytes()).ok()?,
                value.parse().ok()?,
            );
        }
        Some(request)
    }

    /// Lets a call through the breaker; `None`: it is open.
    pub(super) fn admit(&self) -> Option<Watch<'_>> {
        let admission = match &self.breaker {
            Some(breaker) => Some(lock(breaker).admit(self.now())?),
            None => None,
        };
        Some(Watch {
            connection: self,
            admission,
        })
    }

    fn now(&self) -> Millis {
        Millis::try_from(self.since.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }
}

/// A call the breaker has let through. However it is left, the breaker learns of its end.
pub(super) struct Watch<'a> {
    connection: &'a Connection,
    admission: Option<Admission>,
}

impl Watch<'_> {
    /// Tells the breaker what the end says of the other side: an answer that we cannot use is still an answer.
    pub(super) fn end(mut self, answer: &Result<Response<Bytes>, Failure>) {
        self.tell(match answer {
            Ok(answer) if answer.status().is_server_error() => End::Failure,
            Ok(_) | Err(Failure::TooLarge | Failure::Encoded) => End::Success,
            Err(Failure::Timeout | Failure::Unavailable | Failure::Address) => End::Failure,
        });
    }

    fn tell(&mut self, end: End) {
        if let (Some(admission), Some(breaker)) = (self.admission.take(), &self.connection.breaker)
        {
            lock(breaker).end(admission, end, self.connection.now());
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.tell(End::Unknown);
    }
}

fn lock(breaker: &Mutex<Breaker>) -> MutexGuard<'_, Breaker> {
    breaker.lock().unwrap_or_else(PoisonError::into_inner)
}
