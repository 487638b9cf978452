//! A journey as a flowchart: the steps, the ways between them, and where each way ends.

mod build;
mod draw;

use crate::ast::Journey;
use crate::source::Sources;
use build::{Graph, Kind};
use std::fmt::Write;

/// A box.
#[derive(Debug)]
struct Node {
    label: String,
    kind: Kind,
}

/// A way from one box to another.
#[derive(Debug)]
struct Edge {
    from: usize,
    to: usize,
    label: String,
    /// Taken when something goes wrong.
    dotted: bool,
}

/// A flowchart in the words of Mermaid.
#[must_use]
pub fn mermaid(journey: &Journey, sources: &Sources) -> String {
    let graph = Graph::of(journey, sources);
    let mut out = String::from("flowchart TD\n");
    for (at, node) in graph.nodes.iter().enumerate() {
        let (open, close) = match node.kind {
            Kind::Start | Kind::End | Kind::Fault => ("([", "])"),
            Kind::Choice => ("{{", "}}"),
            Kind::Step => ("[", "]"),
            Kind::Effect => ("[[", "]]"),
        };
        let _ = writeln!(
            out,
            "  n{at}{open}\"{}\"{close}:::{}",
            escaped(&node.label),
            node.kind.word()
        );
    }
    for edge in &graph.edges {
        let arrow = if edge.dotted { "-.->" } else { "-->" };
        let label = if edge.label.is_empty() {
            String::new()
        } else {
            format!("|\"{}\"|", escaped(&edge.label))
        };
        let _ = writeln!(out, "  n{} {arrow}{label} n{}", edge.from, edge.to);
    }
    out + "  classDef start fill:#475569,color:#fff\n  classDef end fill:#15803d,color:#fff\n  \
           classDef fault fill:#b91c1c,color:#fff\n  classDef choice fill:#b45309,color:#fff\n  \
           classDef effect fill:#1d4ed8,color:#fff\n  classDef step fill:#64748b,color:#fff\n"
}

/// A flowchart as a picture that suits light and dark pages.
#[must_use]
pub fn svg(journey: &Journey, sources: &Sources) -> String {
    draw::svg(&Graph::of(journey, sources))
}

/// No character of a label may end it or become markup.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '`' => out.push_str("&#96;"),
            '|' => out.push_str("&#124;"),
            _ if c.is_control() => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
