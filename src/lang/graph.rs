//! A journey as a flowchart: the steps, the ways between them, and where each way ends.
//!
//! Steps nest, so the chart is a tree, and its layout follows from the tree: a way never has to cross a box.

mod chart;
mod build;
mod mermaid;
mod layout;
mod svg;

use crate::ast::Journey;
use crate::source::Sources;

/// A flowchart in the words of Mermaid.
#[must_use]
pub fn mermaid(journey: &Journey, sources: &Sources) -> String {
    mermaid::write(&build::chart(journey, sources))
}

/// A flowchart as a picture that suits light and dark pages.
#[must_use]
pub fn svg(journey: &Journey, sources: &Sources) -> String {
    svg::write(&build::chart(journey, sources))
}
