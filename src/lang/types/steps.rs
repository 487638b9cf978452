//! Steps: what they bind, and whether what they are given fits.

use super::fit::Use;
use super::infer::{Checker, Surroundings};
use super::scope::Local;
use super::template::Want;
use super::{Ty, TypeTable, build, fit, report};
use crate::ast::{
    Auth, Block, Endpoint, Expr, FieldDecl, Handler, HandlerEvent, Journey, JourneyKind, Label,
    Name, Step, StepKind, StoreAction,
};
use crate::ends;
use crate::names::head;
use crate::walk;
use journey_machine::span::Span;
use std::sync::Arc;

/// Names that no binding may take.
const TAKEN: [&str; 6] = ["input", "request", "client", "config", "secret", "now"];

/// The turn or branch that steps stand in.
#[derive(Debug)]
pub(super) struct Turn<'j> {
    /// The journey.
    pub(super) journey: &'j Journey,
    /// What `collect` has given so far.
    pub(super) collected: Ty,
    /// Accumulators of the innermost `repeat`.
    pub(super) accumulators: Vec<(String, Ty, Span)>,
}

impl<'j> Turn<'j> {
    pub(super) fn new(journey: &'j Journey) -> Self {
        Self {
            journey,
            collected: Ty::Never,
            accumulators: Vec::new(),
        }
    }
}

impl Checker<'_, '_> {
    /// Checks a journey.
    pub(super) fn journey(&mut self, journey: &Journey) {
        let mark = self.scope.mark();
        match &journey.kind {
            JourneyKind::Endpoint(endpoint) => {
                self.surroundings = self.endpoint(journey);
                self.limits(endpoint);
            }
            JourneyKind::Sub { params, .. } => {
                self.surroundings = Surroundings::Sub;
                self.bind_params(params);
            }
            JourneyKind::Task(task) => {
                self.surroundings = Surroundings::Task;
                self.bind_params(&task.params);
            }
        }
        let mut turn = Turn::new(journey);
        self.block(&journey.body, &mut turn);
        if let Some(handler) = &journey.on_failure {
            self.handler(handler, Some(build::failure()), &mut turn);
        }
        self.leave(mark);
        self.surroundings = Surroundings::Declaration;
    }

    /// Parameters; what is labelled stays so.
    fn bind_params(&mut self, params: &[FieldDecl]) {
        for param in head::counted(params) {
            let field = build::field(param);
            let ty = if field.optional {
                Ty::Optional(Arc::new(field.ty))
            } else {
                field.ty
            };
            let place = |label| (field.label == Some(label)).then_some(param.ty.span);
            let local = Local {
                secret: place(Label::Secret),
                pii: place(Label::Pii),
                ..Local::new(ty, param.name.span)
            };
            self.bind_local(&param.name.node, local);
        }
    }

    fn endpoint(&self, journey: &Journey) -> Surroundings {
        let input = self
            .table
            .inputs
            .get(&journey.name.node)
            .cloned()
            .unwrap_or_default();
        let anyone = head::of_journey(journey).is_some_and(|h| matches!(h.auth, Auth::None(_)));
        Surroundings::Endpoint {
            input: Ty::Object(input),
            client: (!anyone).then(build::client),
        }
    }

    /// What requests are told apart by: something to compare, which is there.
    fn limits(&mut self, endpoint: &Endpoint) {
        for by in endpoint.limits.iter().flat_map(|used| &used.by) {
            let ty = self.infer(by);
            if !is_single(self.table.resolve(&ty)) {
                self.report(report::not_a_limit_key(by, &ty));
            }
        }
    }

    /// Steps in a scope of their own.
    pub(super) fn block(&mut self, block: &Block, turn: &mut Turn<'_>) {
        let mark = self.scope.mark();
        block.steps.iter().for_each(|s| self.step(s, turn));
        self.leave(mark);
    }

    pub(super) fn leave(&mut self, mark: super::scope::Mark) {
        for (name, span) in self.scope.leave(mark) {
            if !name.starts_with('_') {
                self.report(report::unused(&name, span));
            }
        }
    }

    /// Binds a name of a step.
    pub(super) fn bind(&mut self, name: &Name, ty: Ty) {
        self.bind_local(&name.node, Local::new(ty, name.span));
    }

    /// Binds a name, if it is free.
    pub(super) fn bind_local(&mut self, name: &str, mut local: Local) {
        let span = local.span;
        if self.environment.is_some() {
            return self.scope.shadow(name, local);
        }
        if TAKEN.contains(&name) || crate::expr::is_reserved(name) {
            self.report(report::taken_name(name, span));
            return;
        }
        if !fit::moderate(&local.ty) {
            self.report(report::too_large(name, span));
            local.ty = Ty::Error;
        }
        self.table.bindings.insert(span, local.ty.clone());
        let secret = local.secret.map(|source| (span, source));
        self.table.secrets.extend(secret);
        if let Some(first) = self.scope.bind(name, local).map(|l| l.span) {
            self.report(report::shadowed(name, span, first));
        }
    }

    /// Binds what a step gives: an optional if a handler lets the journey go on without it.
    fn bind_result(&mut self, name: Option<&Name>, ty: Ty, step: &Step) {
        let Some(name) = name else { return };
        let handlers = walk::handlers(step);
        let skipped_by = handlers
            .iter()
            .find(|h| ends::of_block(&h.block).through)
            .map(|h| h.event.span);
        let ty = if skipped_by.is_some() {
            Ty::Optional(Arc::new(ty))
        } else {
            ty
        };
        self.bind_local(
            &name.node,
            Local {
                skipped_by,
                longest: longest(step),
                ..Local::new(ty, name.span)
            },
        );
    }

    fn step(&mut self, step: &Step, turn: &mut Turn<'_>) {
        match &step.kind {
            StepKind::Let { name, value } => self.let_step(name, value),
            StepKind::If {
                branches,
                otherwise,
                on_failure,
            } => {
                self.if_step(branches, otherwise.as_ref(), on_failure.as_ref(), turn);
            }
            StepKind::Match {
                subject,
                arms,
                otherwise,
            } => {
                self.match_step(subject, arms, otherwise.as_ref(), turn);
            }
            StepKind::Call { binding, .. }
            | StepKind::Validate { binding, .. }
            | StepKind::Parallel { binding, .. }
            | StepKind::For { binding, .. }
            | StepKind::Repeat { binding, .. }
            | StepKind::Run { binding, .. } => {
                let ty = self.result(step, turn);
                self.bind_result(binding.as_ref(), ty, step);
            }
            StepKind::Block { block, handlers } => {
                self.block(block, turn);
                self.handlers(handlers, turn);
            }
            StepKind::Emit { data, .. } => self.emit(data.as_ref()),
            StepKind::Complete {
                status,
                body,
                location,
                headers,
            } => {
                self.complete(turn.journey, (status, body), location.as_ref(), headers);
            }
            StepKind::Collect { value } => {
                let ty = self.infer(value);
                turn.collected = self.table.join(&turn.collected, &ty).unwrap_or(Ty::Dyn);
            }
            StepKind::Next { values } => {
                let end = values.last().map_or(step.span.end, |v| v.span.end);
                self.next(Span { end, ..step.span }, values, turn);
            }
            StepKind::Return { outcome, value } => {
                self.return_step(turn.journey, outcome.as_ref(), value.as_ref());
            }
            StepKind::Atomically(it) => self.block(&it.block, turn),
            StepKind::Store(_) | StepKind::Start(_) | StepKind::Wait(_) | StepKind::ReadBlob(_) => {
                self.state(step, turn);
            }
            StepKind::Sleep(time) => self.delay(time),
            StepKind::Signal(signal) => self.signal_step(signal),
            StepKind::Fail { .. } | StepKind::Error => {}
        }
    }

    /// Steps on what survives a run that bind something.
    fn state(&mut self, step: &Step, turn: &mut Turn<'_>) {
        let (binding, ty) = match &step.kind {
            StepKind::Store(store) => (&store.binding, self.store_step(store, turn)),
            StepKind::Start(start) => (&start.binding, self.start_step(start)),
            StepKind::Wait(wait) => (&wait.binding, self.wait_step(wait, turn)),
            StepKind::ReadBlob(read) => (&read.binding, self.read_blob(read, turn)),
            _ => return,
        };
        self.bind_result(binding.as_ref(), ty, step);
    }

    fn let_step(&mut self, name: &Name, value: &Expr) {
        let ty = self.infer(value);
        let (secret, pii) = (self.secret_in(value), self.labelled_in(value, Label::Pii));
        self.bind_local(
            &name.node,
            Local {
                secret,
                pii,
                ..Local::new(ty, name.span)
            },
        );
    }

    /// What a step gives where it succeeds; its handlers are checked, too.
    fn result(&mut self, step: &Step, turn: &mut Turn<'_>) -> Ty {
        let handlers = walk::handlers(step);
        let ty = match &step.kind {
            StepKind::Call {
                connection,
                operation,
                args,
                ..
            } => {
                return self.call_step((connection, operation), args, handlers, turn);
            }
            StepKind::Run { sub, args, .. } => return self.run_step(sub, args, handlers, turn),
            StepKind::Validate { token, issuer, .. } => {
                self.check_text(token);
                self.note_secret(token);
                let claims = self.table.claims.get(&issuer.node);
                claims.map_or(Ty::Error, |c| Ty::Object(c.clone()))
            }
            StepKind::Parallel {
                policy, branches, ..
            } => self.parallel(policy.node, branches, turn),
            StepKind::For {
                item,
                index,
                list,
                block,
                ..
            } => self.for_step((item, index.as_ref()), list, block, turn),
            StepKind::Repeat {
                condition,
                accumulators,
                block,
                ..
            } => self.repeat(condition, accumulators, block, turn),
            _ => Ty::Error,
        };
        self.handlers(handlers, turn);
        ty
    }

    fn if_step(
        &mut self,
        branches: &[(Expr, Block)],
        otherwise: Option<&Block>,
        on_failure: Option<&Handler>,
        turn: &mut Turn<'_>,
    ) {
        let mark = self.scope.mark();
        for (condition, block) in branches {
            self.condition(condition);
            self.given(condition, true, |checker| checker.block(block, turn));
            self.assume(condition, false);
        }
        otherwise.iter().for_each(|block| self.block(block, turn));
        self.scope.forget(mark);
        if let Some(handler) = on_failure {
            self.handler(handler, Some(build::failure()), turn);
            if ends::of_block(&handler.block).through {
                return;
            }
        }
        // What a branch that does not come back has asked is known from here on.
        let leaves = |block: &Block| !ends::of_block(block).through;
        branches
            .iter()
            .filter(|(_, b)| leaves(b))
            .for_each(|(condition, _)| self.assume(condition, false));
        if let ([(condition, _)], Some(block)) = (branches, otherwise)
            && leaves(block)
        {
            self.assume(condition, true);
        }
    }

    pub(super) fn handlers(&mut self, handlers: &[Handler], turn: &mut Turn<'_>) {
        handlers
            .iter()
            .for_each(|h| self.handler(h, Some(build::failure()), turn));
    }

    /// A handler; `None`: what it gets is not known.
    pub(super) fn handler(&mut self, handler: &Handler, ty: Option<Ty>, turn: &mut Turn<'_>) {
        let mark = self.scope.mark();
        if let Some(name) = &handler.binding {
            self.bind(name, ty.unwrap_or(Ty::Error));
        }
        self.block(&handler.block, turn);
        self.leave(mark);
    }

    /// An expression that must be a string.
    pub(super) fn check_text(&mut self, expr: &Expr) {
        self.check(
            expr,
            Want {
                ty: &Ty::String,
                used: Use::Value,
                declared: None,
                limits: &[],
            },
        );
    }

    /// What an event handler of a call or a sub-journey gets where it is not a failure.
    pub(super) fn special_handlers(
        &mut self,
        handlers: &[Handler],
        turn: &mut Turn<'_>,
        of: impl Fn(&TypeTable, &HandlerEvent) -> Option<Ty>,
    ) {
        for handler in handlers {
            let ty = match &handler.event.node {
                HandlerEvent::Status(_) | HandlerEvent::Outcome(_) => {
                    of(&self.table, &handler.event.node)
                }
                HandlerEvent::Timeout
                | HandlerEvent::Failure
                | HandlerEvent::Exhausted
                | HandlerEvent::Missing
                | HandlerEvent::Conflict => Some(build::failure()),
            };
            self.handler(handler, ty, turn);
        }
    }
}

/// How many items a step gives at most, if it gives a list.
fn longest(step: &Step) -> Option<u64> {
    match &step.kind {
        StepKind::For { max, .. } => Some(max.node),
        StepKind::Store(store) => match &store.action {
            StoreAction::Find { max, .. } => Some(max.node),
            _ => None,
        },
        _ => None,
    }
}

/// Is it one value that is there, not several and not an absent one?
fn is_single(ty: &Ty) -> bool {
    match ty {
        Ty::Nullable(inner) => is_single(inner),
        Ty::List(_) | Ty::Map(..) | Ty::Object(_) | Ty::Optional(_) | Ty::Type | Ty::Opaque(..) => {
            false
        }
        _ => true,
    }
}
