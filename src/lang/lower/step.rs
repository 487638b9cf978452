//! Steps to operations.

use super::constant;
use super::expr::registers;
use super::frame::{Frame, Turn};
use super::loops::{Items, Rounds};
use crate::ast::{Block, CompleteBody, Expr, Handler, Name, ParallelPolicy, Step, StepKind};
use crate::ends;
use journey_machine::op::{Op, Reg};
use journey_machine::program::{AnswerBody, AnswerSite, EffectSite, Source};
use journey_machine::span::Span;
use journey_machine::value::{Str, Value};

impl<'a> Frame<'_, 'a> {
    pub(super) fn step(&mut self, step: &'a Step) {
        let span = step.span;
        self.code.step(title(step));
        match &step.kind {
            StepKind::Let { name, value } => {
                let reg = self.binding(&name.node);
                self.put(value, reg);
                self.declare(&name.node, reg);
            }
            StepKind::If {
                branches,
                otherwise,
                on_failure,
            } => {
                self.choice(span, branches, otherwise.as_ref(), on_failure.as_slice());
            }
            StepKind::Match {
                subject,
                arms,
                otherwise,
            } => self.selection(span, subject, arms, otherwise.as_ref()),
            StepKind::Call { .. } | StepKind::Validate { .. } | StepKind::Run { .. } => {
                self.question(step);
            }
            StepKind::Parallel { .. } | StepKind::For { .. } | StepKind::Repeat { .. } => {
                self.several(step);
            }
            StepKind::Block { block, handlers } => self.group(span, block, handlers),
            StepKind::Emit { name, data } => self.event(span, name, data.as_ref()),
            StepKind::Complete {
                status,
                body,
                location,
                headers,
            } => {
                self.complete(span, status.node, body, (location.as_ref(), headers));
            }
            StepKind::Fail { code } => self.fail(span, code),
            StepKind::Collect { value } => self.collect(span, value),
            StepKind::Next { values } => self.next_turn(span, values),
            StepKind::Return { outcome, value } => match outcome {
                Some(outcome) => self.give(span, outcome, value.as_ref()),
                None => self.end(span),
            },
            StepKind::Atomically(it) => self.block(&it.block),
            StepKind::Store(store) => self.store_step(span, store),
            StepKind::Start(start) => self.start(span, start),
            StepKind::Sleep(time) => self.sleep(span, time),
            StepKind::Wait(wait) => self.wait(span, wait),
            StepKind::Signal(signal) => self.send(span, signal),
            StepKind::ReadBlob(read) => self.read_blob(span, read),
            StepKind::Error => self.project.unexpected(span),
        }
    }

    /// Steps that ask something else.
    fn question(&mut self, step: &'a Step) {
        let span = step.span;
        if let StepKind::Call {
            connection,
            operation,
            args,
            binding,
            handlers,
        } = &step.kind
        {
            let result = (binding.as_ref(), handlers.as_slice());
            self.call(span, (connection, operation), args, result);
        } else if let StepKind::Validate {
            token,
            issuer,
            binding,
            handlers,
        } = &step.kind
        {
            self.validate(span, (token, issuer), (binding.as_ref(), handlers));
        } else if let StepKind::Run {
            sub,
            args,
            binding,
            handlers,
        } = &step.kind
        {
            self.run(span, sub, args, (binding.as_ref(), handlers));
        }
    }

    /// Steps with blocks that run several times or at once.
    fn several(&mut self, step: &'a Step) {
        let span = step.span;
        if let StepKind::Parallel {
            policy,
            branches,
            binding,
            handlers,
        } = &step.kind
        {
            let parts = (policy.node, branches.as_slice(), ends::of_step(step));
            self.parallel(span, parts, (binding.as_ref(), handlers));
        } else if let StepKind::For {
            item,
            index,
            list,
            max,
            parallel,
            block,
            binding,
            handlers,
        } = &step.kind
        {
            let (index, max) = (index.as_ref(), max.node);
            let items = Items {
                item,
                index,
                list,
                max,
            };
            let result = (binding.as_ref(), handlers.as_slice());
            match parallel {
                Some(limit) => self.for_each_forked(span, (items, limit.node), block, result),
                None => self.for_each(span, items, block, result),
            }
        } else if let StepKind::Repeat {
            max,
            condition,
            accumulators,
            block,
            binding,
            handlers,
        } = &step.kind
        {
            let max = max.node;
            let rounds = Rounds {
                max,
                condition,
                accumulators,
            };
            self.repeat(span, rounds, block, (binding.as_ref(), handlers));
        }
    }

    /// A group of steps whose errors have a handler of their own; the body of a journey is one.
    pub(super) fn group(&mut self, span: Span, block: &'a Block, handlers: &'a [Handler]) {
        let attempt = self.attempt(span, None, handlers);
        let range = self.code.open();
        self.block(block);
        self.succeed(&attempt, |_, _| ());
        self.guard(&attempt, range);
        self.catch(&attempt);
        self.finish(&attempt);
    }

    /// A step that can only raise what its own expressions raise.
    fn event(&mut self, span: Span, name: &Name, data: Option<&'a Expr>) {
        let mark = self.code.mark();
        let first = match data {
            Some(data) => self.value(data),
            None => self.constant_in_temp(span, Value::Null),
        };
        let dst = self.temp();
        let site = self
            .project
            .tables
            .site(EffectSite::Emit(name.node.as_str().into()));
        self.code.emit(span, Op::Perform { dst, site, first });
        self.code.release(mark);
    }

    fn complete(
        &mut self,
        span: Span,
        status: u16,
        body: &'a CompleteBody,
        (location, headers): (Option<&'a Expr>, &'a [(Name, Expr)]),
    ) {
        let (kind, content) = match body {
            CompleteBody::Empty => (AnswerBody::Empty, None),
            CompleteBody::Json(value) => (AnswerBody::Json, Some(value)),
            CompleteBody::Text(value) => (AnswerBody::Text, Some(value)),
            CompleteBody::Html(value) => (AnswerBody::Html, Some(value)),
            CompleteBody::Bytes(value) => (AnswerBody::Bytes, Some(value)),
            CompleteBody::Problem(_) => (AnswerBody::Problem, None),
        };
        let names = location.iter().map(|_| "location".into());
        let names = names.chain(
            headers
                .iter()
                .map(|(name, _)| name.node.to_ascii_lowercase().into()),
        );
        let site = AnswerSite {
            status,
            body: kind,
            headers: names.collect(),
        };
        let mark = self.code.mark();
        let values: Vec<&'a Expr> = content
            .into_iter()
            .chain(location)
            .chain(headers.iter().map(|(_, v)| v))
            .collect();
        let first = match body {
            CompleteBody::Problem(code) => self.values_behind(code, &values),
            CompleteBody::Empty
            | CompleteBody::Json(_)
            | CompleteBody::Text(_)
            | CompleteBody::Html(_)
            | CompleteBody::Bytes(_) => self.values(&values),
        };
        self.answer(span, site, first);
        self.code.release(mark);
    }

    /// The code of a declared error and, behind it, values.
    fn values_behind(&mut self, code: &Name, values: &[&'a Expr]) -> Reg {
        let first = self.code.alloc(1 + values.len());
        self.load(code.span, first, Value::string(code.node.as_str()));
        for (value, reg) in values.iter().zip(registers(first).skip(1)) {
            self.put(value, reg);
        }
        first
    }

    fn fail(&mut self, span: Span, code: &Name) {
        let names = &self.project.checked.names;
        let declared = self
            .journey
            .and_then(|journey| names.error_code(journey, &code.node));
        let Some(status) = declared.map(|error| error.status.node) else {
            return self.project.unexpected(span);
        };
        let mark = self.code.mark();
        let first = self.values_behind(code, &[]);
        self.answer(
            span,
            AnswerSite {
                status,
                body: AnswerBody::Problem,
                headers: Vec::new(),
            },
            first,
        );
        self.code.release(mark);
    }

    fn answer(&mut self, span: Span, site: AnswerSite, first: Reg) {
        let answer = self.project.tables.answer(site);
        self.code.emit(span, Op::Complete { answer, first });
    }

    fn collect(&mut self, span: Span, value: &'a Expr) {
        let mark = self.code.mark();
        let reg = self.value(value);
        match self.turn {
            Turn::Branch => self.code.emit(span, Op::Return { src: reg }),
            Turn::Forked => {
                let src = self.temp();
                self.code.emit(span, Op::Some { dst: src, src: reg });
                self.code.emit(span, Op::Return { src });
            }
            Turn::For { list, head } => {
                if let Some(list) = list {
                    self.code.emit(span, Op::Append { list, item: reg });
                }
                self.code.jump(span, head);
            }
            Turn::Repeat { .. } | Turn::Outside => self.project.unexpected(span),
        }
        self.code.release(mark);
    }

    /// The new accumulators are all computed before the first old one is overwritten.
    fn next_turn(&mut self, span: Span, values: &'a [Expr]) {
        let Turn::Repeat { first, head } = self.turn else {
            return self.project.unexpected(span);
        };
        let mark = self.code.mark();
        let new = self.code.alloc(values.len());
        for (value, reg) in values.iter().zip(registers(new)) {
            self.put(value, reg);
        }
        for (src, dst) in registers(new).zip(registers(first)).take(values.len()) {
            self.code.emit(span, Op::Take { dst, src });
        }
        self.code.jump(span, head);
        self.code.release(mark);
    }

    /// The end of a task.
    pub(super) fn end(&mut self, span: Span) {
        let mark = self.code.mark();
        let src = self.constant_in_temp(span, Value::Null);
        self.code.emit(span, Op::Return { src });
        self.code.release(mark);
    }

    /// `return outcome value`
    fn give(&mut self, span: Span, outcome: &Name, value: Option<&'a Expr>) {
        let mark = self.code.mark();
        let dst = self.temp();
        let tag = Value::string(outcome.node.as_str());
        let names = ["outcome", "value"];
        let types = &self.project.checked.types;
        let known = value.map_or(Some(Value::Null), |value| constant::fold(types, value));
        let known = known.and_then(|value| constant::record(names, [tag.clone(), value]));
        match (known, value) {
            (Some(result), _) => self.load(span, dst, result),
            (None, Some(value)) => {
                let tag = Source::Const(self.project.tables.constant(tag));
                let sources = vec![tag, self.source(value)];
                self.object_of(span, dst, names.map(Str::from).into(), sources);
            }
            (None, None) => self.project.unexpected(span),
        }
        self.code.emit(span, Op::Return { src: dst });
        self.code.release(mark);
    }
}

/// What traces call a step.
fn title(step: &Step) -> String {
    match &step.kind {
        StepKind::Let { name, .. } => format!("let {}", name.node),
        StepKind::If { .. } => "if".into(),
        StepKind::Match { .. } => "match".into(),
        StepKind::Call {
            connection,
            operation,
            ..
        } => format!("call {}.{}", connection.node, operation.node),
        StepKind::Validate { issuer, .. } => format!("validate token with {}", issuer.node),
        StepKind::Parallel { policy, .. } => match policy.node {
            ParallelPolicy::All => "parallel all".into(),
            ParallelPolicy::First => "parallel first".into(),
            ParallelPolicy::Settle => "parallel settle".into(),
        },
        StepKind::For { item, .. } => format!("for {}", item.node),
        StepKind::Repeat { .. } => "repeat".into(),
        StepKind::Run { sub, .. } => format!("run {}", sub.node),
        StepKind::Block { .. } => "block".into(),
        StepKind::Emit { name, .. } => format!("emit {}", name.node),
        StepKind::Complete { status, .. } => format!("complete {}", status.node),
        StepKind::Fail { code } => format!("fail {}", code.node),
        StepKind::Collect { .. } => "collect".into(),
        StepKind::Next { .. } => "next".into(),
        StepKind::Return { outcome, .. } => {
            let outcome = outcome.as_ref().map_or("", |outcome| &outcome.node);
            format!("return {outcome}").trim_end().to_owned()
        }
        StepKind::Store(step) => format!("{} {}", step.action.word(), step.store.node),
        StepKind::Atomically(_) => "atomically".into(),
        StepKind::Start(start) => format!("start {}", start.task.node),
        StepKind::Sleep(_) => "sleep".into(),
        StepKind::Wait(wait) => format!("wait {}", wait.signal.node),
        StepKind::Signal(signal) => format!("signal {}", signal.signal.node),
        StepKind::ReadBlob(_) => "read blob".into(),
        StepKind::Error => "error".into(),
    }
}
