//! `embedded:image`: what the pixels of an image say, and no more. Whether it shows a face, a document of some kind or a
//! living person takes a model, so of that it says `Refer`.

mod check;
mod decode;
mod gray;
mod hash;

pub use check::{Check, Outcome, Verdict};
pub use decode::Refusal;
pub use hash::PerceptualHash;

use super::{answered, refused};
use crate::limits::IMAGES_AT_ONCE;
use bytes::Bytes;
use check::checks;
use decode::decode;
use gray::Gray;
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Decoding takes a core and much memory: a further image waits.
static PLACES: Semaphore = Semaphore::const_new(IMAGES_AT_ONCE);

const PATH: &str = "/inspections";

/// What an image is looked at for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Its pixels: the verdict is theirs alone.
    #[default]
    Image,
    /// It should show a document.
    Document,
    /// It should show the face of a living person.
    Selfie,
}

impl Purpose {
    fn of(query: &str) -> Option<Self> {
        match query {
            "" | "purpose=image" => Some(Self::Image),
            "purpose=document" => Some(Self::Document),
            "purpose=selfie" => Some(Self::Selfie),
            _ => None,
        }
    }
}

/// What an image is found to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its media type.
    pub format: &'static str,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// How much neighbouring pixels differ from their middle: the variance of the Laplacian, of the image no larger than 1,024 pixels.
    pub sharpness: f64,
    /// The middle of all pixels, 0 black to 255 white.
    pub brightness: f64,
    /// The share of pixels that are nearly black.
    pub shadows: f64,
    /// The share of pixels that are as white as can be.
    pub glare: f64,
    /// Alike for images that look alike.
    pub hash: PerceptualHash,
    /// Each thing that was looked at.
    pub checks: Vec<Check>,
    /// All in all.
    pub verdict: Verdict,
}

/// Looks at an image.
///
/// # Errors
/// It is none, is damaged, or is too large.
pub fn inspect(bytes: &[u8], purpose: Purpose) -> Result<Report, Refusal> {
    let image = decode(bytes)?;
    let gray = Gray::of(&image.pixels);
    let (shadows, glare) = gray.extremes();
    let mut report = Report {
        format: image.format,
        width: image.pixels.width(),
        height: image.pixels.height(),
        sharpness: gray.sharpness(),
        brightness: gray.brightness(),
        shadows,
        glare,
        hash: PerceptualHash::of(&gray),
        checks: Vec::new(),
        verdict: Verdict::Passed,
    };
    report.checks = checks(&report, purpose);
    report.verdict = Verdict::of(&report.checks);
    Ok(report)
}

/// `POST /inspections?purpose=…` with the bytes of an image.
pub(super) async fn answer(parts: &Parts, body: Bytes) -> Response<Bytes> {
    if parts.uri.path() != PATH {
        return refused(StatusCode::NOT_FOUND, "not_found", "there is nothing here");
    }
    if parts.method != Method::POST {
        let why = "an inspection is asked for by POST";
        return refused(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", why);
    }
    let Some(purpose) = Purpose::of(parts.uri.query().unwrap_or_default()) else {
        let why = "purpose is image, document or selfie";
        return refused(StatusCode::BAD_REQUEST, "invalid_purpose", why);
    };
    let Ok(place) = PLACES.acquire().await else {
        return unavailable();
    };
    // Whoever has asked may have gone; its place is free when the work is done all the same.
    let inspected = spawn_blocking(move || {
        let _place = place;
        inspect(&body, purpose)
    });
    match inspected.await {
        Ok(Ok(report)) => answered(StatusCode::OK, &report.to_json()),
        Ok(Err(refusal)) => refused(refusal.status(), refusal.code(), &refusal.to_string()),
        Err(_) => unavailable(),
    }
}

fn unavailable() -> Response<Bytes> {
    let why = "no image can be inspected now";
    refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why)
}

impl Report {
    fn to_json(&self) -> Value {
        let check = |check: &Check| json!({ "name": check.name, "result": check.result.name(), "description": check.description });
        json!({
            "format": self.format,
            "width": self.width,
            "height": self.height,
            "sharpness": self.sharpness,
            "brightness": self.brightness,
            "shadows": self.shadows,
            "glare": self.glare,
            "hash": self.hash.to_string(),
            "verdict": self.verdict.name(),
            "checks": self.checks.iter().map(check).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests;
