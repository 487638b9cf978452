//! Where everything stands. Each part has a spine, the line on which it is entered and left; parts stand below each
//! other on it, and what leads away from it stands in columns of its own, to which the ways run at right angles.

use super::chart::{Chart, Flow, Kind, Lane, Part, Text, Way};

/// Between two parts.
const GAP: i32 = 30;
/// From a line across to the first box of a column: room for a label.
const DROP: i32 = 36;
/// From the end of the longest column to the line where they meet.
const JOIN: i32 = 16;
/// Between two columns.
const BETWEEN: i32 = 28;
/// Inside a frame.
const PADDING: i32 = 18;
/// Width of a character: all texts stand in a monospaced font.
const CHARACTER: i32 = 8;
/// Height of a line of text.
pub(super) const LINE: i32 = 18;
const TITLE: i32 = 26;
const DOT: i32 = 12;
/// Between a way and its label.
const ASIDE: i32 = 6;

/// Something to draw; `x` and `y` are its upper left corner.
#[derive(Debug)]
pub(super) enum Shape<'a> {
    Box {
        area: Area,
        kind: Kind,
        text: &'a Text,
    },
    /// A frame, with the lines of its title.
    Frame {
        area: Area,
        title: Vec<&'a str>,
        full: &'a str,
    },
    Line {
        points: Vec<(i32, i32)>,
        dotted: bool,
        /// Does it end in an arrow?
        arrow: bool,
    },
    Label {
        x: i32,
        y: i32,
        text: &'a str,
    },
}

/// A rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Shapes around a spine: `x` is 0 there, `y` is 0 at the top.
#[derive(Debug, Default)]
pub(super) struct Drawing<'a> {
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) height: i32,
    pub(super) shapes: Vec<Shape<'a>>,
}

/// Places everything in a chart.
pub(super) fn of_chart(chart: &Chart) -> Drawing<'_> {
    of_flow(&chart.flow)
}

/// Columns that a text takes: letters of the East take two.
pub(super) fn width_of(text: &str) -> i32 {
    let columns = |c: char| if c >= '\u{1100}' { 2 } else { 1 };
    text.chars().map(columns).sum::<i32>() * CHARACTER
}

impl<'a> Drawing<'a> {
    fn right_of(&self, left: i32) -> i32 {
        left + self.left + self.right
    }

    /// Takes in another drawing, its spine at `x`.
    fn place(&mut self, other: Drawing<'a>, x: i32, y: i32) {
        self.left = self.left.max(other.left - x);
        self.right = self.right.max(other.right + x);
        self.height = self.height.max(other.height + y);
        self.shapes
            .extend(other.shapes.into_iter().map(|shape| shape.moved(x, y)));
    }

    fn line(&mut self, points: Vec<(i32, i32)>, dotted: bool, arrow: bool) {
        self.shapes.push(Shape::Line {
            points,
            dotted,
            arrow,
        });
    }

    fn label(&mut self, x: i32, y: i32, text: &'a str) {
        if !text.is_empty() {
            let (x, y) = (x + ASIDE, y - ASIDE);
            self.shapes.push(Shape::Label { x, y, text });
        }
    }
}

impl Shape<'_> {
    fn moved(mut self, dx: i32, dy: i32) -> Self {
        match &mut self {
            Shape::Box { area, .. } | Shape::Frame { area, .. } => {
                area.x += dx;
                area.y += dy;
            }
            Shape::Line { points, .. } => {
                for (x, y) in points {
                    *x += dx;
                    *y += dy;
                }
            }
            Shape::Label { x, y, .. } => {
                *x += dx;
                *y += dy;
            }
        }
        self
    }
}

fn of_flow(flow: &Flow) -> Drawing<'_> {
    let mut out = Drawing::default();
    let mut open = false;
    for part in &flow.parts {
        let mut y = out.height;
        if y > 0 {
            y += GAP;
        }
        if open {
            out.line(vec![(0, out.height), (0, y)], false, true);
        }
        out.place(of_part(part), 0, y);
        open = part.is_open();
    }
    out
}

fn of_part(part: &Part) -> Drawing<'_> {
    let mut out = if part.lanes.is_empty() {
        of_box(part)
    } else {
        let title = part.text.lines.iter().map(String::as_str).collect();
        framed(
            title,
            &part.text.full,
            part.lanes.iter().map(of_lane).collect(),
        )
    };
    let bottom = out.height;
    let side = if part.lanes.is_empty() {
        bottom / 2
    } else {
        TITLE
    };
    let mut ends = place_arms(&mut out, &part.arms, bottom);
    ends.extend(place_sides(&mut out, &part.sides, side));
    join(&mut out, &ends);
    if let Some(label) = &part.onward {
        out.label(0, bottom + LINE + ASIDE, label);
        out.line(vec![(0, bottom), (0, out.height)], false, false);
    }
    out
}

/// Columns below a box; where the open ones end.
fn place_arms<'a>(out: &mut Drawing<'a>, arms: &'a [Way], bottom: i32) -> Vec<(i32, i32)> {
    let columns: Vec<Drawing<'a>> = arms.iter().map(of_way).collect();
    let widths = columns.iter().map(|column| column.right_of(BETWEEN));
    let mut left = (BETWEEN - widths.sum::<i32>()) / 2;
    let mut ends = Vec::new();
    for (way, column) in arms.iter().zip(columns) {
        let x = left + column.left;
        left = column.right_of(left) + BETWEEN;
        let bar = bottom + JOIN;
        let points = vec![(0, bottom), (0, bar), (x, bar)];
        ends.extend(place_way(out, way, column, points, x, bar));
    }
    ends
}

/// Columns beside a box; where the open ones end.
fn place_sides<'a>(out: &mut Drawing<'a>, sides: &'a [Way], y: i32) -> Vec<(i32, i32)> {
    let from = out.shapes.first().map_or(0, Shape::right_edge);
    let mut ends = Vec::new();
    for way in sides {
        let column = of_way(way);
        let x = out.right + BETWEEN + column.left;
        let points = vec![(from, y), (x, y)];
        ends.extend(place_way(out, way, column, points, x, y));
    }
    ends
}

impl Shape<'_> {
    fn right_edge(&self) -> i32 {
        match self {
            Shape::Box { area, .. } | Shape::Frame { area, .. } => area.x + area.width,
            Shape::Line { .. } | Shape::Label { .. } => 0,
        }
    }
}

/// One column, and the way to it; where it ends, if it is open.
fn place_way<'a>(
    out: &mut Drawing<'a>,
    way: &'a Way,
    column: Drawing<'a>,
    mut points: Vec<(i32, i32)>,
    x: i32,
    bar: i32,
) -> Option<(i32, i32)> {
    let top = bar + DROP;
    points.push((x, top));
    out.line(points, way.dotted, !way.flow.parts.is_empty());
    out.label(x, top, &way.label);
    let end = top + column.height;
    out.place(column, x, top);
    way.flow.open.then_some((x, end))
}

/// A column with room for its label.
fn of_way(way: &Way) -> Drawing<'_> {
    let mut out = of_flow(&way.flow);
    out.left = out.left.max(ASIDE);
    out.right = out.right.max(width_of(&way.label) + 2 * ASIDE);
    out
}

/// Open columns lead back to the spine, below everything.
fn join(out: &mut Drawing<'_>, ends: &[(i32, i32)]) {
    if ends.is_empty() {
        return;
    }
    let y = out.height + JOIN;
    for &(x, end) in ends {
        out.line(vec![(x, end), (x, y), (0, y)], false, false);
    }
    out.height = y;
}

fn of_box(part: &Part) -> Drawing<'_> {
    let (width, height) = match part.kind {
        Kind::Dot => (DOT, DOT),
        Kind::Start
        | Kind::End
        | Kind::Fault
        | Kind::Choice
        | Kind::Step
        | Kind::Effect
        | Kind::Frame => size(&part.text),
    };
    let area = Area {
        x: -width / 2,
        y: 0,
        width,
        height,
    };
    Drawing {
        left: width / 2,
        right: width / 2,
        height,
        shapes: vec![Shape::Box {
            area,
            kind: part.kind,
            text: &part.text,
        }],
    }
}

fn size(text: &Text) -> (i32, i32) {
    let widest = text.lines.iter().map(|line| width_of(line)).max();
    let lines = text.lines.iter().map(|_| LINE).sum::<i32>();
    // Even, so that the spine is in the middle.
    (widest.unwrap_or_default() / 2 * 2 + 44, lines + 14)
}

/// Drawings side by side in a frame.
fn framed<'a>(title: Vec<&'a str>, full: &'a str, inner: Vec<Drawing<'a>>) -> Drawing<'a> {
    let top = TITLE + title.iter().skip(1).map(|_| LINE).sum::<i32>() + PADDING;
    let taken = inner
        .iter()
        .map(|column| column.right_of(BETWEEN))
        .sum::<i32>()
        - BETWEEN;
    let widest = title.iter().map(|line| width_of(line)).max();
    let half = taken.max(widest.unwrap_or_default()) / 2 + PADDING;
    let mut out = Drawing::default();
    let mut left = -taken / 2;
    for column in inner {
        let next = column.right_of(left) + BETWEEN;
        let x = left + column.left;
        out.place(column, x, top);
        left = next;
    }
    let area = Area {
        x: -half,
        y: 0,
        width: 2 * half,
        height: out.height + PADDING,
    };
    out.shapes.insert(0, Shape::Frame { area, title, full });
    Drawing {
        left: half,
        right: half,
        height: area.height,
        shapes: out.shapes,
    }
}

/// The steps of a lane; if it has a name, in a frame of its own.
fn of_lane(lane: &Lane) -> Drawing<'_> {
    let steps = of_flow(&lane.flow);
    if lane.name.is_empty() {
        return steps;
    }
    framed(vec![&lane.name], &lane.name, vec![steps])
}
