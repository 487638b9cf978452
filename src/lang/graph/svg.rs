//! A chart as a picture: frames below, then the ways with their labels, then the boxes.

use super::chart::{Chart, Kind, Text, escaped};
use super::layout::{self, Area, Shape, width_of};
use std::fmt::Write as _;

const MARGIN: i32 = 24;
/// Height of the picture's title.
const HEADING: i32 = 28;
/// How far the sides of a choice lean.
const SLOPE: i32 = 12;

const STYLE: &str = "text{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;text-anchor:middle;fill:#fff}\
    .page{fill:#fff}.heading{text-anchor:start;font-weight:bold;font-size:14px;fill:#0f172a}.docs{font-weight:bold}\
    .label{text-anchor:start;fill:#334155;stroke:#fff;stroke-width:4;paint-order:stroke}\
    .title{text-anchor:start;fill:#334155}\
    .way{fill:none;stroke:#64748b;stroke-width:1.5}.arrow{marker-end:url(#arrow)}.dotted{stroke-dasharray:4 4}\
    .tip{fill:#64748b}.frame{fill:#64748b;fill-opacity:.08;stroke:#94a3b8}.bar{stroke:#fff;stroke-opacity:.6}\
    .start{fill:#475569}.end{fill:#15803d}.fault{fill:#b91c1c}.choice{fill:#b45309}.effect{fill:#1d4ed8}\
    .step{fill:#64748b}.dot{fill:#64748b}\
    @media(prefers-color-scheme:dark){.page{fill:#0f172a}.heading{fill:#f1f5f9}.title{fill:#cbd5e1}\
    .label{fill:#cbd5e1;stroke:#0f172a}.way{stroke:#94a3b8}.tip{fill:#94a3b8}.frame{fill:#94a3b8;fill-opacity:.1;stroke:#64748b}}";

/// The picture of a chart.
pub(super) fn write(chart: &Chart) -> String {
    let drawing = layout::of_chart(chart);
    let heading = chart.title.lines().next().unwrap_or_default();
    let top = if heading.is_empty() { 0 } else { HEADING };
    let width = (drawing.left + drawing.right).max(width_of(heading)) + 2 * MARGIN;
    let height = drawing.height + top + 2 * MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         {}<style>{STYLE}</style>\n<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path class=\"tip\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n",
        tooltip(&chart.title)
    );
    if !heading.is_empty() {
        let _ = writeln!(
            out,
            "<text class=\"heading\" x=\"{MARGIN}\" y=\"{HEADING}\">{}</text>",
            markup(heading)
        );
    }
    let (x, y) = (MARGIN + drawing.left, MARGIN + top);
    let _ = writeln!(out, "<g transform=\"translate({x} {y})\">");
    for layer in [0, 1, 2] {
        let shapes = drawing
            .shapes
            .iter()
            .filter(|shape| layer_of(shape) == layer);
        shapes.for_each(|shape| draw(shape, &mut out));
    }
    out + "</g>\n</svg>\n"
}

fn layer_of(shape: &Shape<'_>) -> u8 {
    match shape {
        Shape::Frame { .. } => 0,
        Shape::Line { .. } => 1,
        Shape::Label { .. } | Shape::Box { .. } => 2,
    }
}

fn draw(shape: &Shape<'_>, out: &mut String) {
    // Writing to a text cannot fail.
    let _ = match shape {
        Shape::Frame { area, title, full } => frame(*area, title, full, out),
        Shape::Line {
            points,
            dotted,
            arrow,
        } => line(points, *dotted, *arrow, out),
        Shape::Label { x, y, text } => writeln!(
            out,
            "<text class=\"label\" x=\"{x}\" y=\"{y}\">{}</text>",
            markup(text)
        ),
        Shape::Box { area, kind, text } => boxed(*area, *kind, text, out),
    };
}

fn frame(area: Area, title: &[&str], full: &str, out: &mut String) -> std::fmt::Result {
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    writeln!(
        out,
        "<g>{}<rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>",
        tooltip(full)
    )?;
    for (line, text) in (1..).zip(title) {
        let (x, y) = (x + 12, y + layout::LINE * line);
        writeln!(
            out,
            "<text class=\"title\" x=\"{x}\" y=\"{y}\">{}</text>",
            markup(text)
        )?;
    }
    writeln!(out, "</g>")
}

fn line(points: &[(i32, i32)], dotted: bool, arrow: bool, out: &mut String) -> std::fmt::Result {
    let dotted = if dotted { " dotted" } else { "" };
    let arrow = if arrow { " arrow" } else { "" };
    write!(out, "<polyline class=\"way{dotted}{arrow}\" points=\"")?;
    for (at, (x, y)) in points.iter().enumerate() {
        let space = if at == 0 { "" } else { " " };
        write!(out, "{space}{x},{y}")?;
    }
    writeln!(out, "\"/>")
}

fn boxed(area: Area, kind: Kind, text: &Text, out: &mut String) -> std::fmt::Result {
    write!(out, "<g>{}", tooltip(&text.full))?;
    outline(area, kind, out)?;
    let middle = area.x + area.width / 2;
    let documented = text.lines.len() > 1;
    for (line, shown) in (1..).zip(&text.lines) {
        let class = if documented && line == 1 {
            " class=\"docs\""
        } else {
            ""
        };
        let y = area.y + layout::LINE * line + 2;
        write!(
            out,
            "<text{class} x=\"{middle}\" y=\"{y}\">{}</text>",
            markup(shown)
        )?;
    }
    writeln!(out, "</g>")
}

fn outline(area: Area, kind: Kind, out: &mut String) -> std::fmt::Result {
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    let word = kind.word();
    let (right, bottom, half) = (x + width, y + height, y + height / 2);
    let rounded = match kind {
        Kind::Start | Kind::End | Kind::Fault | Kind::Dot => height / 2,
        Kind::Choice => {
            let (inner, outer) = (x + SLOPE, right - SLOPE);
            return write!(
                out,
                "<path class=\"{word}\" d=\"M{inner} {y}H{outer}L{right} {half}L{outer} {bottom}H{inner}L{x} {half}z\"/>"
            );
        }
        Kind::Step | Kind::Frame => 8,
        Kind::Effect => 0,
    };
    write!(
        out,
        "<rect class=\"{word}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{rounded}\"/>"
    )?;
    if kind == Kind::Effect {
        let (inner, outer) = (x + 8, right - 8);
        write!(
            out,
            "<path class=\"bar\" d=\"M{inner} {y}V{bottom}M{outer} {y}V{bottom}\"/>"
        )?;
    }
    Ok(())
}

/// What is shown when the pointer rests on something: all of a text of which there is room for a part.
fn tooltip(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(markup).collect();
    match lines.join("\n") {
        text if text.is_empty() => text,
        text => format!("<title>{text}</title>"),
    }
}

fn markup(text: &str) -> String {
    escaped(text, |c| {
        let name = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            _ => return None,
        };
        Some(name.to_owned())
    })
}
