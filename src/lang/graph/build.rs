//! Steps to boxes and the ways between them.

use super::chart::{Chart, Flow, Kind, Lane, Part, Text, Way, short};
use crate::ast::{
    Block, Branch, Expr, Handler, Journey, JourneyKind, MatchArm, Name, Spanned, Step, StepKind,
};
use crate::ends;
use crate::source::Sources;

/// The chart of a journey or a sub-journey.
pub(super) fn chart(journey: &Journey, sources: &Sources) -> Chart {
    let build = Build { sources };
    let mut start = part(Kind::Start, Text::new("", &reached(journey)));
    start.sides = build.sides(journey.on_failure.iter());
    let mut flow = build.flow(&journey.body);
    flow.parts.insert(0, start);
    Chart {
        title: journey.docs.trim().to_owned(),
        flow,
    }
}

/// How a journey is reached.
fn reached(journey: &Journey) -> String {
    let route = match &journey.kind {
        JourneyKind::Endpoint(endpoint) => endpoint.route.as_ref(),
        JourneyKind::Sub { .. } | JourneyKind::Task(_) => None,
    };
    let Some(route) = route else {
        return journey.name.node.clone();
    };
    let methods: Vec<&str> = route.methods.iter().map(|m| m.node.as_str()).collect();
    format!("{} {}", methods.join(", "), route.path.node)
}

/// A box with a way straight on, and nothing else.
fn part(kind: Kind, text: Text) -> Part {
    Part {
        kind,
        text,
        lanes: Vec::new(),
        arms: Vec::new(),
        sides: Vec::new(),
        onward: Some(String::new()),
    }
}

/// A frame.
fn frame(text: Text, lanes: Vec<Lane>, sides: Vec<Way>, goes_on: bool) -> Part {
    Part {
        lanes,
        sides,
        onward: goes_on.then(String::new),
        ..part(Kind::Frame, text)
    }
}

/// A box where the journey ends, or a turn or a branch of it.
fn last(kind: Kind, text: Text) -> Part {
    Part {
        onward: None,
        ..part(kind, text)
    }
}

struct Build<'a> {
    sources: &'a Sources,
}

impl Build<'_> {
    fn flow(&self, block: &Block) -> Flow {
        let parts: Vec<Part> = block.steps.iter().map(|step| self.step(step)).collect();
        let open = parts.iter().all(Part::is_open);
        Flow { parts, open }
    }

    fn lane(&self, name: &str, block: &Block) -> Lane {
        let mut flow = self.flow(block);
        if flow.open {
            flow.parts.push(last(Kind::Dot, Text::default()));
        }
        Lane {
            name: name.to_owned(),
            flow,
        }
    }

    fn way(&self, label: &str, block: &Block) -> Way {
        Way {
            label: short(label),
            dotted: false,
            flow: self.flow(block),
        }
    }

    fn sides<'h>(&self, handlers: impl IntoIterator<Item = &'h Handler>) -> Vec<Way> {
        let side = |handler: &Handler| Way {
            dotted: true,
            ..self.way(&handler.event.node.to_string(), &handler.block)
        };
        handlers.into_iter().map(side).collect()
    }

    fn written(&self, expr: &Expr) -> &str {
        self.sources.slice(expr.span)
    }

    fn step(&self, step: &Step) -> Part {
        let text = |label: &str| Text::new(&step.docs, label);
        let effect = |label: String, handlers: &[Handler]| Part {
            sides: self.sides(handlers),
            ..part(Kind::Effect, text(&label))
        };
        match &step.kind {
            StepKind::Let { name, .. } => part(Kind::Step, text(&format!("let {}", name.node))),
            StepKind::Emit { name, .. } => part(Kind::Step, text(&format!("emit {}", name.node))),
            StepKind::Error => part(Kind::Step, text("?")),
            StepKind::Collect { .. } => last(Kind::Step, text("collect")),
            StepKind::Next { .. } => last(Kind::Step, text("next")),
            StepKind::Return { outcome, .. } => {
                let outcome = outcome.as_ref().map_or("", |outcome| &outcome.node);
                last(Kind::End, text(format!("return {outcome}").trim_end()))
            }
            StepKind::Fail { code } => last(Kind::Fault, text(&format!("fail {}", code.node))),
            StepKind::Complete { status, .. } => {
                let kind = if status.node < 400 {
                    Kind::End
                } else {
                    Kind::Fault
                };
                last(kind, text(&format!("complete {}", status.node)))
            }
            StepKind::Call {
                connection,
                operation,
                handlers,
                ..
            } => effect(
                format!("call {}.{}", connection.node, operation.node),
                handlers,
            ),
            StepKind::Validate {
                issuer, handlers, ..
            } => effect(format!("validate token with {}", issuer.node), handlers),
            StepKind::Run { sub, handlers, .. } => effect(format!("run {}", sub.node), handlers),
            StepKind::Store(it) => {
                let label = format!("{} {}", it.action.word(), it.store.node);
                effect(label, &it.handlers)
            }
            StepKind::Start(it) => effect(format!("start {}", it.task.node), &[]),
            StepKind::Sleep(time) => {
                effect(format!("sleep {}", self.sources.slice(time.span())), &[])
            }
            StepKind::Wait(it) => effect(format!("wait {}", it.signal.node), &it.handlers),
            StepKind::Signal(it) => effect(format!("signal {}", it.signal.node), &[]),
            StepKind::ReadBlob(it) => effect(
                format!("read blob {}", self.written(&it.blob)),
                &it.handlers,
            ),
            StepKind::If { .. } | StepKind::Match { .. } => self.choice(step),
            StepKind::Parallel { .. }
            | StepKind::For { .. }
            | StepKind::Repeat { .. }
            | StepKind::Block { .. }
            | StepKind::Atomically(_) => self.group(step),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "two kinds of steps decide")]
    fn choice(&self, step: &Step) -> Part {
        match &step.kind {
            StepKind::If {
                branches,
                otherwise,
                on_failure,
            } => {
                let mut part = self.conditions(step, branches, otherwise.as_ref());
                part.sides.extend(self.sides(on_failure));
                part
            }
            StepKind::Match {
                subject,
                arms,
                otherwise,
            } => {
                let mut ways: Vec<Way> = arms.iter().map(|arm| self.arm(arm)).collect();
                ways.extend(otherwise.iter().map(|b| self.way("otherwise", b)));
                let label = format!("match {}", self.written(subject));
                Part {
                    arms: ways,
                    ..last(Kind::Choice, Text::new(&step.docs, &label))
                }
            }
            _ => part(Kind::Step, Text::default()),
        }
    }

    /// One condition stands in the box, several on the ways: the first that holds is taken. Where nothing is to be done
    /// otherwise, that way leads straight on.
    fn conditions(
        &self,
        step: &Step,
        branches: &[(Expr, Block)],
        otherwise: Option<&Block>,
    ) -> Part {
        let (label, mut arms, other) = match branches {
            [(condition, block)] => (self.written(condition), vec![self.way("yes", block)], "no"),
            _ => {
                let ways = branches.iter().map(|(c, b)| self.way(self.written(c), b));
                ("if", ways.collect(), "else")
            }
        };
        let text = Text::new(&step.docs, label);
        let Some(block) = otherwise else {
            return Part {
                sides: arms,
                onward: Some(other.to_owned()),
                ..part(Kind::Choice, text)
            };
        };
        arms.push(self.way(other, block));
        Part {
            arms,
            ..last(Kind::Choice, text)
        }
    }

    fn arm(&self, arm: &MatchArm) -> Way {
        let values: Vec<&str> = arm.values.iter().map(|value| self.written(value)).collect();
        let guard = arm.guard.as_ref();
        let guard = guard.map(|guard| format!(" if {}", self.written(guard)));
        self.way(
            &(values.join(", ") + &guard.unwrap_or_default()),
            &arm.block,
        )
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "five kinds of steps hold a list"
    )]
    fn group(&self, step: &Step) -> Part {
        let none = Vec::new();
        let (label, lanes, handlers, goes_on) = match &step.kind {
            StepKind::Parallel {
                policy,
                branches,
                handlers,
                ..
            } => (
                format!("parallel {}", policy.node.word()),
                branches.iter().map(|b| self.branch(b)).collect(),
                handlers,
                ends::of_branches(policy.node, branches).through,
            ),
            StepKind::For {
                item,
                index,
                list,
                max,
                parallel,
                block,
                handlers,
                ..
            } => (
                self.for_each(item, index.as_ref(), list, max.node)
                    + &parallel_turns(parallel.as_ref()),
                vec![self.lane("", block)],
                handlers,
                true,
            ),
            StepKind::Repeat {
                max,
                condition,
                block,
                handlers,
                ..
            } => (
                format!("repeat max {} while {}", max.node, self.written(condition)),
                vec![self.lane("", block)],
                handlers,
                true,
            ),
            StepKind::Block { block, handlers } => (
                "block".to_owned(),
                vec![self.lane("", block)],
                handlers,
                ends::of_block(block).through,
            ),
            StepKind::Atomically(it) => (
                "atomically".to_owned(),
                vec![self.lane("", &it.block)],
                &none,
                ends::of_block(&it.block).through,
            ),
            _ => return part(Kind::Step, Text::default()),
        };
        let text = Text::new(&step.docs, &label);
        frame(text, lanes, self.sides(handlers), goes_on)
    }

    fn branch(&self, branch: &Branch) -> Lane {
        self.lane(&branch.name.node, &branch.block)
    }

    fn for_each(&self, item: &Name, index: Option<&Name>, list: &Expr, max: u64) -> String {
        let index = index.map(|index| format!(", {}", index.node));
        let (item, index) = (&item.node, index.unwrap_or_default());
        format!("for {item}{index} in {} max {max}", self.written(list))
    }
}

fn parallel_turns(parallel: Option<&Spanned<u64>>) -> String {
    parallel.map_or_else(String::new, |turns| format!(" parallel {}", turns.node))
}
