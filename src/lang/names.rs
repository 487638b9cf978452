//! All declarations of a project by name, over all its files: who declares what, and what is declared twice.

pub mod head;
pub mod path;

use crate::ast;
use std::collections::BTreeMap;

/// The one namespace of a project. Of a name declared twice the first (by file, then place) is kept.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// Endpoints.
    pub journeys: BTreeMap<&'a str, &'a ast::Journey>,
    /// Sub-journeys.
    pub subs: BTreeMap<&'a str, &'a ast::Journey>,
    /// Types.
    pub types: BTreeMap<&'a str, &'a ast::TypeDecl>,
    /// Connections.
    pub connections: BTreeMap<&'a str, &'a ast::Connection>,
    /// Issuers.
    pub issuers: BTreeMap<&'a str, &'a ast::Issuer>,
    /// Error styles; the project's own under `""`.
    pub errors: BTreeMap<&'a str, &'a ast::Errors>,
    /// `config` settings.
    pub config: BTreeMap<&'a str, &'a ast::FieldDecl>,
    /// `secret` settings.
    pub secrets: BTreeMap<&'a str, &'a ast::FieldDecl>,
}
