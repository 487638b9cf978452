//! Boxes in rows, each below all that lead to it.

use super::build::Graph;
use super::escaped;
use std::fmt::Write;

const WIDTH: usize = 260;
const HEIGHT: usize = 36;
const COLUMN: usize = 300;
const ROW: usize = 92;
const MARGIN: usize = 24;

const STYLE: &str = "text{font:13px system-ui,sans-serif;text-anchor:middle;fill:#fff}\
    .label{fill:#334155;font-size:11px}path{fill:none;stroke:#64748b;stroke-width:1.5;marker-end:url(#arrow)}\
    .dotted{stroke-dasharray:4 4}.start{fill:#475569}.end{fill:#15803d}.fault{fill:#b91c1c}.choice{fill:#b45309}\
    .effect{fill:#1d4ed8}.step{fill:#64748b}\
    @media(prefers-color-scheme:dark){.label{fill:#cbd5e1}path{stroke:#94a3b8}}";

/// The picture.
pub(super) fn svg(graph: &Graph<'_>) -> String {
    let places = places(graph);
    let width = places
        .iter()
        .map(|(x, _)| x + WIDTH)
        .max()
        .unwrap_or_default()
        + MARGIN;
    let height = places
        .iter()
        .map(|(_, y)| y + HEIGHT)
        .max()
        .unwrap_or_default()
        + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
         <style>{STYLE}</style><defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" style=\"fill:#64748b;stroke:none\"/></marker></defs>\n"
    );
    for edge in &graph.edges {
        let (Some((ax, ay)), Some((bx, by))) = (places.get(edge.from), places.get(edge.to)) else {
            continue;
        };
        let (ax, ay, bx, by) = (ax + WIDTH / 2, ay + HEIGHT, bx + WIDTH / 2, *by);
        let middle = by - (ROW - HEIGHT) / 2;
        let class = if edge.dotted { " class=\"dotted\"" } else { "" };
        let _ = writeln!(
            out,
            "<path{class} d=\"M{ax} {ay}C{ax} {middle} {bx} {} {bx} {by}\"/>",
            ay + 20
        );
        let (x, y) = ((ax + bx * 3) / 4, by - 12);
        let _ = writeln!(
            out,
            "<text class=\"label\" x=\"{x}\" y=\"{y}\">{}</text>",
            escaped(&edge.label)
        );
    }
    for (node, (x, y)) in graph.nodes.iter().zip(&places) {
        let _ = writeln!(
            out,
            "<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"9\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            node.kind.word(),
            x + WIDTH / 2,
            y + HEIGHT / 2 + 5,
            escaped(&node.label)
        );
    }
    out + "</svg>\n"
}

/// The corner of each box: ways lead from earlier boxes to later ones only.
fn places(graph: &Graph<'_>) -> Vec<(usize, usize)> {
    let mut rows: Vec<usize> = Vec::new();
    let mut filled: Vec<usize> = Vec::new();
    let mut incoming: Vec<usize> = vec![0; graph.nodes.len()];
    let mut edges: Vec<_> = graph.edges.iter().collect();
    edges.sort_by_key(|edge| edge.from);
    for edge in edges {
        let row = incoming.get(edge.from).copied().unwrap_or_default() + 1;
        if let Some(to) = incoming.get_mut(edge.to) {
            *to = row.max(*to);
        }
    }
    rows.extend(incoming);
    let mut places = Vec::new();
    for row in rows {
        filled.resize(filled.len().max(row + 1), 0);
        let column = filled.get(row).copied().unwrap_or_default();
        if let Some(count) = filled.get_mut(row) {
            *count += 1;
        }
        places.push((MARGIN + column * COLUMN, MARGIN + row * ROW));
    }
    places
}
