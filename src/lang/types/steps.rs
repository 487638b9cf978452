//! Steps: what they bind, and whether what they are given fits.

use super::fit::Use;
use super::infer::{Checker, Surroundings};
use super::scope::Local;
use super::template::Want;
use super::{FieldTy, ObjectTy, Ty, build, fit, report};
use crate::ast::{Auth, Block, Branch, Expr, Handler, HandlerEvent, Journey, JourneyKind, Name, ParallelPolicy, Step, StepKind};
use crate::ends;
use crate::names::head;
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
    fn new(journey: &'j Journey) -> Self {
        Self { journey, collected: Ty::Never, accumulators: Vec::new() }
    }
}

impl Checker<'_, '_> {
    /// Checks a journey.
    pub(super) fn journey(&mut self, journey: &Journey) {
        let mark = self.scope.mark();
        match &journey.kind {
            JourneyKind::Endpoint(_) => self.surroundings = self.endpoint(journey),
            JourneyKind::Sub { params, .. } => {
                self.surroundings = Surroundings::Sub;
                for param in params {
                    let field = build::field(param);
                    let ty = if field.optional { Ty::Optional(Arc::new(field.ty)) } else { field.ty };
                    self.bind(&param.name, ty);
                }
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

    fn endpoint(&self, journey: &Journey) -> Surroundings {
        let input = self.table.inputs.get(&journey.name.node).cloned().unwrap_or_default();
        let anyone = head::of_journey(journey).is_some_and(|h| matches!(h.auth, Auth::None(_)));
        Surroundings::Endpoint { input: Ty::Object(input), client: (!anyone).then(build::client) }
    }

    /// Steps in a scope of their own.
    pub(super) fn block(&mut self, block: &Block, turn: &mut Turn<'_>) {
        let mark = self.scope.mark();
        block.steps.iter().for_each(|s| self.step(s, turn));
        self.leave(mark);
    }

    fn leave(&mut self, mark: super::scope::Mark) {
        for (name, span) in self.scope.leave(mark) {
            if !name.starts_with('_') {
                self.report(report::unused(&name, span));
            }
        }
    }

    /// Binds a name of a step.
    pub(super) fn bind(&mut self, name: &Name, ty: Ty) {
        let local = Local { ty, span: name.span, used: false, skipped_by: None, secret: None };
        self.bind_local(&name.node, local);
    }

    /// Binds a name, if it is free.
    pub(super) fn bind_local(&mut self, name: &str, mut local: Local) {
        let span = local.span;
        if TAKEN.contains(&name) {
            self.report(report::taken_name(name, span));
            return;
        }
        if !fit::moderate(&local.ty) {
            self.report(report::too_large(name, span));
            local.ty = Ty::Error;
        }
        self.table.bindings.insert(span, local.ty.clone());
        if let Some(first) = self.scope.bind(name, local).map(|l| l.span) {
            self.report(report::shadowed(name, span, first));
        }
    }

    /// Binds what a step gives: an optional if a handler lets the journey go on without it.
    fn bind_result(&mut self, name: Option<&Name>, ty: Ty, handlers: &[Handler]) {
        let Some(name) = name else { return };
        let skipped_by = handlers.iter().find(|h| ends::of_block(&h.block).through).map(|h| h.event.span);
        let ty = if skipped_by.is_some() { Ty::Optional(Arc::new(ty)) } else { ty };
        self.bind_local(&name.node, Local { ty, span: name.span, used: false, skipped_by, secret: None });
    }

    fn step(&mut self, step: &Step, turn: &mut Turn<'_>) {
        match &step.kind {
            StepKind::Let { name, value } => {
                let ty = self.infer(value);
                let secret = self.secret_in(value);
                let local = Local { ty, span: name.span, used: false, skipped_by: None, secret };
                self.bind_local(&name.node, local);
            }
            StepKind::If { branches, otherwise, on_failure } => {
                self.if_step(branches, otherwise.as_ref(), on_failure.as_ref(), turn);
            }
            StepKind::Match { subject, arms, otherwise } => self.match_step(subject, arms, otherwise.as_ref(), turn),
            StepKind::Call { connection, operation, args, binding, handlers } => {
                let ty = self.call_step(connection, operation, args, handlers, turn);
                self.bind_result(binding.as_ref(), ty, handlers);
            }
            StepKind::Validate { token, issuer, binding, handlers } => {
                self.check_text(token);
                let claims = self.table.claims.get(&issuer.node).map_or(Ty::Error, |c| Ty::Object(c.clone()));
                self.handlers(handlers, turn);
                self.bind_result(binding.as_ref(), claims, handlers);
            }
            StepKind::Parallel { policy, branches, binding, handlers } => {
                let ty = self.parallel(policy.node, branches, turn);
                self.handlers(handlers, turn);
                self.bind_result(binding.as_ref(), ty, handlers);
            }
            StepKind::For { item, index, list, block, binding, handlers, .. } => {
                let ty = self.for_step(item, index.as_ref(), list, block, turn);
                self.handlers(handlers, turn);
                self.bind_result(binding.as_ref(), ty, handlers);
            }
            StepKind::Repeat { condition, accumulators, block, binding, handlers, .. } => {
                let ty = self.repeat(condition, accumulators, block, turn);
                self.handlers(handlers, turn);
                self.bind_result(binding.as_ref(), ty, handlers);
            }
            StepKind::Run { sub, args, binding, handlers } => {
                let ty = self.run_step(sub, args, handlers, turn);
                self.bind_result(binding.as_ref(), ty, handlers);
            }
            StepKind::Block { block, handlers } => {
                self.block(block, turn);
                self.handlers(handlers, turn);
            }
            StepKind::Emit { data, .. } => self.emit(data.as_ref()),
            StepKind::Complete { status, body, location, headers } => {
                self.complete(turn.journey, status, body, location.as_ref(), headers);
            }
            StepKind::Collect { value } => {
                let ty = self.infer(value);
                turn.collected = self.table.join(&turn.collected, &ty).unwrap_or(Ty::Dyn);
            }
            StepKind::Next { values } => self.next(step.span, values, turn),
            StepKind::Return { outcome, value } => self.return_step(turn.journey, outcome, value.as_ref()),
            StepKind::Fail { .. } | StepKind::Error => {}
        }
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
        branches.iter().filter(|(_, b)| leaves(b)).for_each(|(condition, _)| self.assume(condition, false));
        if let ([(condition, _)], Some(block)) = (branches, otherwise)
            && leaves(block)
        {
            self.assume(condition, true);
        }
    }

    pub(super) fn handlers(&mut self, handlers: &[Handler], turn: &mut Turn<'_>) {
        handlers.iter().for_each(|h| self.handler(h, Some(build::failure()), turn));
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

    fn parallel(&mut self, policy: ParallelPolicy, branches: &[Branch], turn: &Turn<'_>) -> Ty {
        let mut fields = Vec::new();
        let mut first = Ty::Never;
        for branch in branches {
            let mut inside = Turn::new(turn.journey);
            self.block(&branch.block, &mut inside);
            let ends = ends::of_block(&branch.block);
            if ends.collects && ends.through {
                self.report(report::mixed_branch(&branch.name));
            }
            let ty = if ends.through && !ends.collects { Ty::Null } else { inside.collected };
            first = self.table.join(&first, &ty).unwrap_or(Ty::Dyn);
            let ty = if policy == ParallelPolicy::Settle { Ty::Optional(Arc::new(ty)) } else { ty };
            fields.push(FieldTy { declared: Some(branch.name.span), ..FieldTy::new(&branch.name.node, ty) });
        }
        match policy {
            ParallelPolicy::First => first,
            ParallelPolicy::All | ParallelPolicy::Settle => Ty::Object(Arc::new(ObjectTy::new(fields, false))),
        }
    }

    fn for_step(&mut self, item: &Name, index: Option<&Name>, list: &Expr, block: &Block, turn: &Turn<'_>) -> Ty {
        let of = self.infer(list);
        let ty = match self.table.resolve(&of).clone() {
            Ty::List(ty) => Ty::clone(&ty),
            Ty::Dyn => Ty::Dyn,
            Ty::Error | Ty::Never => Ty::Error,
            other => self.wrong(report::not_a_list(list, &other)),
        };
        let mark = self.scope.mark();
        self.bind(item, ty);
        index.iter().for_each(|name| self.bind(name, Ty::Int));
        let mut inside = Turn::new(turn.journey);
        self.block(block, &mut inside);
        self.leave(mark);
        Ty::List(Arc::new(inside.collected))
    }

    fn repeat(&mut self, condition: &Expr, accumulators: &[(Name, Expr)], block: &Block, turn: &Turn<'_>) -> Ty {
        let mut inside = Turn::new(turn.journey);
        for (name, value) in accumulators {
            let ty = self.infer(value);
            inside.accumulators.push((name.node.clone(), self.accumulator(&ty), name.span));
        }
        let mark = self.scope.mark();
        for ((name, _), (_, ty, _)) in accumulators.iter().zip(&inside.accumulators) {
            self.bind(name, ty.clone());
        }
        self.condition(condition);
        self.given(condition, true, |checker| checker.block(block, &mut inside));
        self.leave(mark);
        let field = |(name, ty, span): (String, Ty, Span)| FieldTy { declared: Some(span), ..FieldTy::new(name, ty) };
        Ty::Object(Arc::new(ObjectTy::new(inside.accumulators.into_iter().map(field).collect(), false)))
    }

    /// The type of an accumulator by its first value: what that leaves open is known at run time only.
    fn accumulator(&self, first: &Ty) -> Ty {
        match self.table.widen(first) {
            Ty::Null | Ty::Never => Ty::Dyn,
            Ty::List(item) => Ty::List(Arc::new(self.accumulator(&item))),
            Ty::Map(key, value) => Ty::Map(Arc::new(self.accumulator(&key)), Arc::new(self.accumulator(&value))),
            Ty::Optional(inner) => Ty::Optional(Arc::new(self.accumulator(&inner))),
            Ty::Object(object) => {
                let field = |f: &FieldTy| FieldTy { ty: self.accumulator(&f.ty), ..f.clone() };
                Ty::Object(Arc::new(ObjectTy::new(object.fields.iter().map(field).collect(), object.open)))
            }
            ty => ty,
        }
    }

    fn next(&mut self, span: Span, values: &[Expr], turn: &Turn<'_>) {
        let accumulators = &turn.accumulators;
        if values.len() != accumulators.len() && !accumulators.is_empty() {
            let names: Vec<String> = accumulators.iter().map(|(name, ..)| format!("`{name}`")).collect();
            self.report(report::wrong_count(span, values.len(), &names));
        }
        for (i, value) in values.iter().enumerate() {
            match accumulators.get(i) {
                Some((_, ty, declared)) => {
                    self.check(value, Want { ty, used: Use::Value, declared: Some(*declared), limits: &[] });
                }
                None => _ = self.infer(value),
            }
        }
    }

    /// An expression that must be a string.
    pub(super) fn check_text(&mut self, expr: &Expr) {
        self.check(expr, Want { ty: &Ty::String, used: Use::Value, declared: None, limits: &[] });
    }

    /// What an event handler of a call or a sub-journey gets where it is not a failure.
    pub(super) fn special_handlers(
        &mut self,
        handlers: &[Handler],
        turn: &mut Turn<'_>,
        of: impl Fn(&HandlerEvent) -> Option<Ty>,
    ) {
        for handler in handlers {
            let ty = match &handler.event.node {
                HandlerEvent::Status(_) | HandlerEvent::Outcome(_) => of(&handler.event.node),
                HandlerEvent::Timeout | HandlerEvent::Failure | HandlerEvent::Exhausted => Some(build::failure()),
            };
            self.handler(handler, ty, turn);
        }
    }
}
