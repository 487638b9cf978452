//! Steps to boxes and ways, in the order of the source, so that each way leads on.

use super::{Edge, Node};
use crate::ast::{Block, Expr, Handler, HandlerEvent, Journey, StepKind};
use crate::source::Sources;

/// Characters of a label that are shown.
const MAX_LABEL: usize = 34;

/// What a box stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Start,
    End,
    Fault,
    Choice,
    Step,
    Effect,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
            Self::Fault => "fault",
            Self::Choice => "choice",
            Self::Step => "step",
            Self::Effect => "effect",
        }
    }
}

/// A way that leads to whatever comes next.
struct Open {
    from: usize,
    label: String,
    dotted: bool,
}

pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    sources: &'a Sources,
}

impl<'a> Graph<'a> {
    pub(super) fn of(journey: &Journey, sources: &'a Sources) -> Self {
        let mut graph = Self {
            nodes: Vec::new(),
            edges: Vec::new(),
            sources,
        };
        let start = graph.node(&journey.name.node, Kind::Start, Vec::new());
        graph.block(&journey.body, vec![way(start, "")]);
        graph.handlers(journey.on_failure.iter(), start);
        graph
    }

    fn node(&mut self, label: &str, kind: Kind, ways: Vec<Open>) -> usize {
        let to = self.nodes.len();
        self.nodes.push(Node {
            label: short(label),
            kind,
        });
        let edges = ways.into_iter().map(|way| Edge {
            from: way.from,
            to,
            label: way.label,
            dotted: way.dotted,
        });
        self.edges.extend(edges);
        to
    }

    /// The boxes of some steps; what is open after them.
    fn block(&mut self, block: &Block, ways: Vec<Open>) -> Vec<Open> {
        block
            .steps
            .iter()
            .fold(ways, |ways, step| self.step(&step.kind, ways))
    }

    fn written(&self, expr: &Expr) -> String {
        short(self.sources.slice(expr.span))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are leaves")]
    fn step(&mut self, kind: &StepKind, ways: Vec<Open>) -> Vec<Open> {
        match kind {
            StepKind::If {
                branches,
                otherwise,
                on_failure,
            } => {
                let (mut open, mut ways) = (Vec::new(), ways);
                let mut first = None;
                for (condition, block) in branches {
                    let at = self.node(&self.written(condition), Kind::Choice, ways);
                    first.get_or_insert(at);
                    open.extend(self.block(block, vec![way(at, "yes")]));
                    ways = vec![way(at, "no")];
                }
                open.extend(match otherwise {
                    Some(block) => self.block(block, ways),
                    None => ways,
                });
                if let Some(at) = first {
                    open.extend(self.handlers(on_failure.iter(), at));
                }
                open
            }
            StepKind::Match {
                subject,
                arms,
                otherwise,
            } => {
                let at = self.node(&self.written(subject), Kind::Choice, ways);
                let mut open = Vec::new();
                for arm in arms {
                    let values: Vec<String> =
                        arm.values.iter().map(|value| self.written(value)).collect();
                    let guard = arm
                        .guard
                        .as_ref()
                        .map(|guard| format!(" if {}", self.written(guard)));
                    let label = short(&(values.join(", ") + &guard.unwrap_or_default()));
                    open.extend(self.block(&arm.block, vec![way(at, &label)]));
                }
                if let Some(block) = otherwise {
                    open.extend(self.block(block, vec![way(at, "otherwise")]));
                }
                open
            }
            StepKind::Parallel {
                branches, handlers, ..
            } => {
                let at = self.node("parallel", Kind::Choice, ways);
                let mut open = Vec::new();
                for branch in branches {
                    open.extend(self.block(&branch.block, vec![way(at, &branch.name.node)]));
                }
                open.extend(self.handlers(handlers.iter(), at));
                open
            }
            _ => self.group(kind, ways),
        }
    }

    /// Steps that hold one list of steps.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are leaves")]
    fn group(&mut self, kind: &StepKind, ways: Vec<Open>) -> Vec<Open> {
        match kind {
            StepKind::For {
                item,
                list,
                block,
                handlers,
                ..
            } => {
                let label = format!("for {} in {}", item.node, self.written(list));
                self.turns(&label, block, handlers, ways)
            }
            StepKind::Repeat {
                condition,
                block,
                handlers,
                ..
            } => {
                let label = format!("while {}", self.written(condition));
                self.turns(&label, block, handlers, ways)
            }
            StepKind::Block { block, handlers } => {
                let at = self.node("block", Kind::Step, ways);
                let mut open = self.block(block, vec![way(at, "")]);
                open.extend(self.handlers(handlers.iter(), at));
                open
            }
            _ => self.leaf(kind, ways),
        }
    }

    /// A loop: its turn, and the way on.
    fn turns(
        &mut self,
        label: &str,
        block: &Block,
        handlers: &[Handler],
        ways: Vec<Open>,
    ) -> Vec<Open> {
        let at = self.node(label, Kind::Choice, ways);
        let mut open = self.block(block, vec![way(at, "each turn")]);
        open.push(way(at, "done"));
        open.extend(self.handlers(handlers.iter(), at));
        open
    }

    fn handlers<'h>(
        &mut self,
        handlers: impl Iterator<Item = &'h Handler>,
        at: usize,
    ) -> Vec<Open> {
        let mut open = Vec::new();
        for handler in handlers {
            let label = match &handler.event.node {
                HandlerEvent::Status(status) => status.to_string(),
                HandlerEvent::Timeout => "timeout".to_owned(),
                HandlerEvent::Failure => "failure".to_owned(),
                HandlerEvent::Exhausted => "exhausted".to_owned(),
                HandlerEvent::Outcome(name) => name.clone(),
            };
            open.extend(self.block(
                &handler.block,
                vec![Open {
                    from: at,
                    label,
                    dotted: true,
                }],
            ));
        }
        open
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "steps that hold steps are drawn elsewhere"
    )]
    fn leaf(&mut self, kind: &StepKind, ways: Vec<Open>) -> Vec<Open> {
        let none: &[Handler] = &[];
        let (label, kind, handlers) = match kind {
            StepKind::Let { name, .. } => (format!("let {}", name.node), Kind::Step, none),
            StepKind::Emit { name, .. } => (format!("emit {}", name.node), Kind::Step, none),
            StepKind::Call {
                connection,
                operation,
                handlers,
                ..
            } => (
                format!("call {}.{}", connection.node, operation.node),
                Kind::Effect,
                handlers.as_slice(),
            ),
            StepKind::Validate {
                issuer, handlers, ..
            } => (
                format!("validate token with {}", issuer.node),
                Kind::Effect,
                handlers.as_slice(),
            ),
            StepKind::Run { sub, handlers, .. } => (
                format!("run {}", sub.node),
                Kind::Effect,
                handlers.as_slice(),
            ),
            StepKind::Complete { status, .. } => {
                let kind = if status.node < 400 {
                    Kind::End
                } else {
                    Kind::Fault
                };
                self.node(&format!("complete {}", status.node), kind, ways);
                return Vec::new();
            }
            StepKind::Fail { code } => {
                self.node(&format!("fail {}", code.node), Kind::Fault, ways);
                return Vec::new();
            }
            StepKind::Return { outcome, .. } => {
                self.node(&format!("return {}", outcome.node), Kind::End, ways);
                return Vec::new();
            }
            StepKind::Collect { .. } => ("collect".to_owned(), Kind::Step, none),
            StepKind::Next { .. } => ("next".to_owned(), Kind::Step, none),
            _ => return ways,
        };
        let at = self.node(&label, kind, ways);
        let mut open = vec![way(at, "")];
        open.extend(self.handlers(handlers.iter(), at));
        open
    }
}

fn way(from: usize, label: &str) -> Open {
    Open {
        from,
        label: label.to_owned(),
        dotted: false,
    }
}

/// One line, and not too long.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(MAX_LABEL).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}
