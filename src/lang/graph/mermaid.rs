//! A chart in the words of Mermaid: boxes and frames first, as they nest, then the ways between them.

use super::chart::{Chart, Flow, Kind, Part, Text, Way, escaped};
use std::fmt::Write as _;

const STYLE: &str = "  classDef start fill:#475569,color:#fff
  classDef end_ fill:#15803d,color:#fff
  classDef fault fill:#b91c1c,color:#fff
  classDef choice fill:#b45309,color:#fff
  classDef effect fill:#1d4ed8,color:#fff
  classDef step fill:#64748b,color:#fff
  classDef dot fill:#64748b
";

/// The text of a chart.
pub(super) fn write(chart: &Chart) -> String {
    let mut writer = Writer::default();
    writer.flow(&chart.flow, Vec::new(), 1);
    let title = chart.title.lines().next().unwrap_or_default();
    let head = if title.is_empty() {
        String::new()
    } else {
        format!("---\ntitle: \"{}\"\n---\n", escaped(title, in_title))
    };
    head + "flowchart TD\n" + &writer.boxes + &writer.ways + STYLE
}

/// A way that leads to whatever comes next.
struct Open {
    from: usize,
    label: String,
    dotted: bool,
}

#[derive(Default)]
struct Writer {
    boxes: String,
    ways: String,
    count: usize,
}

impl Writer {
    /// The boxes of a flow; what is open after them.
    fn flow(&mut self, flow: &Flow, ways: Vec<Open>, depth: usize) -> Vec<Open> {
        let parts = flow.parts.iter();
        parts.fold(ways, |ways, part| self.part(part, ways, depth))
    }

    fn part(&mut self, part: &Part, ways: Vec<Open>, depth: usize) -> Vec<Open> {
        let from = self.name();
        if part.lanes.is_empty() {
            self.node(from, part, depth);
        } else {
            self.frame(from, part, depth);
        }
        for way in ways {
            self.way(&way, from);
        }
        let mut open: Vec<Open> = Vec::new();
        for way in part.arms.iter().chain(&part.sides) {
            open.extend(self.flow(&way.flow, vec![begin(from, way)], depth));
        }
        open.extend(part.onward.iter().map(|label| Open {
            from,
            label: label.clone(),
            dotted: false,
        }));
        open
    }

    fn name(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    fn node(&mut self, name: usize, part: &Part, depth: usize) {
        let (open, close) = match part.kind {
            Kind::Start | Kind::End | Kind::Fault => ("([", "])"),
            Kind::Choice => ("{{", "}}"),
            Kind::Step | Kind::Frame => ("[", "]"),
            Kind::Effect => ("[[", "]]"),
            Kind::Dot => ("((", "))"),
        };
        let label = label(&part.text);
        // `end` is a word of Mermaid's own.
        let class = match part.kind {
            Kind::End => "end_",
            kind => kind.word(),
        };
        self.line(depth, &format!("n{name}{open}\"{label}\"{close}:::{class}"));
    }

    fn frame(&mut self, name: usize, part: &Part, depth: usize) {
        self.line(
            depth,
            &format!("subgraph n{name}[\"{}\"]", label(&part.text)),
        );
        for lane in &part.lanes {
            if lane.name.is_empty() {
                self.flow(&lane.flow, Vec::new(), depth + 1);
                continue;
            }
            let inner = self.name();
            let title = written(&lane.name);
            self.line(depth + 1, &format!("subgraph n{inner}[\"{title}\"]"));
            self.flow(&lane.flow, Vec::new(), depth + 2);
            self.line(depth + 1, "end");
        }
        self.line(depth, "end");
    }

    fn line(&mut self, depth: usize, line: &str) {
        self.boxes += &"  ".repeat(depth);
        self.boxes += line;
        self.boxes.push('\n');
    }

    fn way(&mut self, way: &Open, to: usize) {
        let arrow = if way.dotted { "-.->" } else { "-->" };
        let label = match written(&way.label) {
            label if label.is_empty() => label,
            label => format!("|\"{label}\"|"),
        };
        let _ = writeln!(self.ways, "  n{} {arrow}{label} n{to}", way.from);
    }
}

fn begin(from: usize, way: &Way) -> Open {
    Open {
        from,
        label: way.label.clone(),
        dotted: way.dotted,
    }
}

fn label(text: &Text) -> String {
    let lines: Vec<String> = text.lines.iter().map(|line| written(line)).collect();
    if lines.is_empty() {
        return " ".to_owned();
    }
    lines.join("<br/>")
}

/// A line of a label. A number with a point or a parenthesis would begin a list of Markdown.
fn written(line: &str) -> String {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let marker = rest.chars().next().filter(|c| matches!(c, '.' | ')'));
    match (line.strip_suffix(rest), marker) {
        (Some(number), Some(marker)) if !number.is_empty() => {
            let behind = rest.strip_prefix(marker).unwrap_or_default();
            number.to_owned() + &numbered(marker) + &escaped(behind, in_label)
        }
        _ => escaped(line, in_label),
    }
}

/// Mermaid reads labels as Markdown and HTML: whatever could mean something there is named, or said by its number.
fn in_label(c: char) -> Option<String> {
    let name = match c {
        '"' => "#quot;",
        '&' => "#amp;",
        '<' => "#lt;",
        '>' => "#gt;",
        _ if c.is_alphanumeric() || !c.is_ascii() || " _=.,:/()'?!%$@{}".contains(c) => {
            return None;
        }
        _ => return Some(numbered(c)),
    };
    Some(name.to_owned())
}

fn numbered(c: char) -> String {
    format!("#{};", u32::from(c))
}

/// The title is a quoted scalar of YAML.
fn in_title(c: char) -> Option<String> {
    matches!(c, '"' | '\\').then(|| format!("\\{c}"))
}
