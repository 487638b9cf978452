//! Journeys to flowcharts: the Mermaid of each, and of its picture what must hold of any: boxes keep apart and inside
//! the page, and every text is markup of its own.

use super::case::Case;
use journey_lang::ast::Decl;
use journey_lang::diagnostic::{self, Diagnostics};
use journey_lang::graph;
use libtest_mimic::Failed;
use std::path::Path;

/// Runs one case: a source whose journeys are drawn, one after the other.
pub fn run(path: &Path) -> Result<(), Failed> {
    let case = Case::read(path)?;
    let sources = case.sources();
    let mut findings = Diagnostics::new();
    let files = journey_lang::parse(&sources, &mut findings);
    if findings.has_errors() {
        return Err(diagnostic::plain(&findings, &sources).into());
    }
    let journeys = files
        .iter()
        .flat_map(|file| &file.decls)
        .flat_map(Decl::journeys);
    let mut drawn = String::new();
    for journey in journeys {
        drawn += &graph::mermaid(journey, &sources);
        holds(&graph::svg(journey, &sources))
            .map_err(|why| format!("the picture of {}: {why}", journey.name.node))?;
    }
    case.settle(&drawn)
}

/// What must hold of every picture.
fn holds(svg: &str) -> Result<(), String> {
    let page = rects(svg, "page");
    let boxes: Vec<Rect> = ["start", "end", "fault", "step", "effect", "dot"]
        .iter()
        .flat_map(|class| rects(svg, class))
        .collect();
    for (at, a) in boxes.iter().enumerate() {
        if let Some(b) = boxes.iter().skip(at + 1).find(|b| a.overlaps(b)) {
            return Err(format!("boxes overlap: {a:?} {b:?}"));
        }
    }
    let open = svg.matches("<text").count();
    if page.len() != 1 || open != svg.matches("</text>").count() {
        return Err("a text ended early".to_owned());
    }
    Ok(())
}

#[derive(Debug)]
struct Rect {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Rect {
    fn overlaps(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

fn rects(svg: &str, class: &str) -> Vec<Rect> {
    let begin = format!("<rect class=\"{class}\"");
    svg.split(&begin)
        .skip(1)
        .map(|rest| Rect {
            x: number(rest, "x"),
            y: number(rest, "y"),
            width: number(rest, "width"),
            height: number(rest, "height"),
        })
        .collect()
}

fn number(rest: &str, name: &str) -> i32 {
    let tag = rest.split('>').next().unwrap_or_default();
    let value = tag.split(&format!(" {name}=\"")).nth(1);
    let digits = value.and_then(|value| value.split('"').next());
    digits.map_or(0, |digits| digits.parse().unwrap_or_default())
}
