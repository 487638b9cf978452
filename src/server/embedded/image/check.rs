//! What measures mean: the bounds within which an image can be used.

use super::{Purpose, Report};

/// Pixels that the shorter side must have.
const MIN_SIDE: u32 = 200;
/// Below it an image is blurred.
const MIN_SHARPNESS: f64 = 20.0;
/// Between them an image is neither too dark nor too light.
const BRIGHTNESS: std::ops::RangeInclusive<f64> = 40.0..=225.0;
/// The most of an image that may be clipped: paper is white, a reflection is whiter.
const MAX_GLARE: f64 = 0.35;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its stable name.
    pub name: &'static str,
    /// What was found.
    pub result: Outcome,
    /// What that means, for people.
    pub description: &'static str,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it should be.
    Passed,
    /// It is not.
    Failed,
    /// Pixels do not tell.
    Undetermined,
}

/// All in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as it should be.
    Passed,
    /// Something is not.
    Failed,
    /// Somebody, or a model, has to look at it.
    Refer,
}

impl Outcome {
    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
            Self::Undetermined => "Undetermined",
        }
    }

    fn of(passed: bool) -> Self {
        if passed { Self::Passed } else { Self::Failed }
    }
}

impl Verdict {
    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "Passed",
            Self::Failed => "Failed",
            Self::Refer => "Refer",
        }
    }

    pub(super) fn of(checks: &[Check]) -> Self {
        let any = |result| checks.iter().any(|check| check.result == result);
        if any(Outcome::Failed) {
            Self::Failed
        } else if any(Outcome::Undetermined) {
            Self::Refer
        } else {
            Self::Passed
        }
    }
}

pub(super) fn checks(report: &Report, purpose: Purpose) -> Vec<Check> {
    let check = |name, passed, [good, bad]: [&'static str; 2]| Check {
        name,
        result: Outcome::of(passed),
        description: if passed { good } else { bad },
    };
    let mut checks = vec![
        check(
            "resolution",
            report.width.min(report.height) >= MIN_SIDE,
            ["The image is large enough.", "The image is too small."],
        ),
        check(
            "sharpness",
            report.sharpness >= MIN_SHARPNESS,
            ["The image is sharp.", "The image is blurred."],
        ),
        check(
            "exposure",
            BRIGHTNESS.contains(&report.brightness),
            [
                "The image is well lit.",
                "The image is too dark or too light.",
            ],
        ),
        check(
            "glare",
            report.glare <= MAX_GLARE,
            ["There is no glare.", "Too much of the image is washed out."],
        ),
    ];
    checks.extend(
        beyond_pixels(purpose)
            .iter()
            .map(|(name, description)| Check {
                name,
                result: Outcome::Undetermined,
                description,
            }),
    );
    checks
}

/// What takes more than pixels to tell.
fn beyond_pixels(purpose: Purpose) -> &'static [(&'static str, &'static str)] {
    match purpose {
        Purpose::Image => &[],
        Purpose::Document => &[(
            "document_kind",
            "Which document it shows has to be looked at.",
        )],
        Purpose::Selfie => &[
            ("face", "Whose face it shows has to be looked at."),
            (
                "liveness",
                "Whether a living person was there has to be looked at.",
            ),
        ],
    }
}
