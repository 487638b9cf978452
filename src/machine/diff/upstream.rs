//! Whom a program calls, and what it has to be given to start.

use super::journeys::{Sent, encoding, path};
use super::types::Flow;
use super::{Report, by_name};
use crate::manifest::{AnswerType, Operation, Setting};

const OTHER_REQUEST: &str = "whoever is called has to know the new request";

impl Report<'_> {
    pub(super) fn upstream(&mut self) {
        let (old, new) = (&self.old.manifest, &self.new.manifest);
        let name = |operation: &Operation| operation.name.to_string();
        for (name, pair) in by_name(&old.operations, &new.operations, name) {
            self.of = format!("operation {name}");
            match pair {
                (Some(was), Some(is)) => self.operation(was, is),
                (Some(_), None) => self.fits("", "is gone", "nobody waits for a call"),
                _ => self.fits("", "is new", "whoever is called has to offer it"),
            }
        }
        let name = |setting: &Setting| match setting.secret {
            true => format!("secret {}", setting.name),
            false => format!("config {}", setting.name),
        };
        for (name, pair) in by_name(&old.settings, &new.settings, name) {
            self.of = name;
            match pair {
                (Some(was), Some(is)) => self.setting(was, is),
                (Some(_), None) => {
                    self.fits("", "is gone", "a setting that nobody reads is harmless")
                }
                (_, Some(new)) if must_be_set(new) => {
                    self.breaks("", "is new", "the server does not start without it");
                }
                _ => self.fits("", "is new", "it need not be set"),
            }
        }
    }

    fn operation(&mut self, was: &Operation, is: &Operation) {
        let request =
            |operation: &Operation| format!("{} {}", operation.method, path(&operation.path));
        let (old, new) = (request(was), request(is));
        if old != new {
            self.breaks("request", format!("was {old}, is {new}"), OTHER_REQUEST);
        }
        if was.body != is.body {
            let what = format!("was {}, is {}", encoding(was.body), encoding(is.body));
            self.breaks("body", what, OTHER_REQUEST);
        }
        let old = Sent(&was.path, &was.params);
        self.params("arguments", Flow::Out, &old, &Sent(&is.path, &is.params));
        for (status, pair) in by_name(&was.responses, &is.responses, |answer: &AnswerType| {
            answer.status.to_string()
        }) {
            match pair {
                (Some(was), Some(is)) => match (was.schema, is.schema) {
                    (Some(was), Some(is)) => self.types(&status, Flow::In, was, is),
                    (None, Some(_)) => {
                        self.breaks(&status, "needs a body now", "an answer without one fails")
                    }
                    _ => {}
                },
                (Some(_), None) => self.breaks(
                    &status,
                    "is not expected any more",
                    "such an answer is a failure",
                ),
                _ => self.fits(&status, "is expected now", "it was a failure before"),
            }
        }
    }

    fn setting(&mut self, was: &Setting, is: &Setting) {
        if !must_be_set(was) && must_be_set(is) {
            self.breaks(
                "",
                "must be set now",
                "the server does not start without it",
            );
        } else if was.default != is.default {
            self.fits("", "has another default", "what is set stays");
        }
        self.types("", Flow::In, was.schema, is.schema);
    }
}

fn must_be_set(setting: &Setting) -> bool {
    !setting.optional && setting.default.is_none()
}
