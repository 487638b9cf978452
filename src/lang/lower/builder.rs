//! One function under construction: operations, labels, registers, handler ranges, places in the source.
//!
//! Building never fails: what cannot be encoded is remembered and refused by [`FunctionBuilder::finish`]. Code that no
//! path reaches is not emitted, so the caller need not ask before it closes a block with a jump.

use super::tables::Tables;
use journey_machine::limits::{MAX_OPS, MAX_REGISTERS};
use journey_machine::op::{Op, Operand, Reg};
use journey_machine::program::{
    Debug, Function, Handler, Naming, Path, Pc, Switch, SwitchId, TestId,
};
use journey_machine::span::Span;
use journey_machine::value::{Str, Value};

/// A place in the code that jumps name before it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Label(u16);

/// Where a handler range begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range(usize);

/// How many registers are in use: what stands above a mark is released together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark(usize);

/// Why a function cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// More registers than a frame may have, or more operations or jumps than can be named.
    TooLarge,
    /// The end can be reached: a fault of the compiler, for the checker refuses such journeys.
    FallsThrough,
}

#[derive(Debug, Default)]
struct Place {
    pc: Option<usize>,
    used: bool,
}

#[derive(Debug)]
struct Catch {
    start: usize,
    end: usize,
    target: Label,
    error: Reg,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct FunctionBuilder {
    name: Str,
    params: u16,
    code: Vec<Op>,
    labels: Vec<Place>,
    catches: Vec<Catch>,
    switches: Vec<(Path, Vec<(Value, Label)>)>,
    spans: Vec<(usize, Span)>,
    steps: Vec<(usize, Str)>,
    /// Start, end, register, name.
    names: Vec<(usize, Option<usize>, Reg, Str)>,
    registers: usize,
    most_registers: usize,
    reachable: bool,
    too_large: bool,
}

impl FunctionBuilder {
    pub(super) fn new(name: impl Into<Str>) -> Self {
        Self {
            name: name.into(),
            reachable: true,
            ..Self::default()
        }
    }

    pub(super) fn name(&self) -> &Str {
        &self.name
    }

    /// A register that holds a parameter; parameters come before everything else.
    pub(super) fn param(&mut self, name: &str) -> Reg {
        self.params = self.params.saturating_add(1);
        let reg = self.alloc(1);
        self.name_register(reg, name);
        reg
    }

    /// Consecutive free registers.
    pub(super) fn alloc(&mut self, count: usize) -> Reg {
        let first = self.registers;
        self.registers = first.saturating_add(count);
        self.most_registers = self.most_registers.max(self.registers);
        if self.registers > MAX_REGISTERS {
            self.too_large = true;
            return Reg(0);
        }
        Reg(u16::try_from(first).unwrap_or(0))
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.registers)
    }

    pub(super) fn release(&mut self, mark: Mark) {
        self.registers = mark.0;
    }

    /// From here on listings call the register so.
    pub(super) fn name_register(&mut self, reg: Reg, name: &str) {
        self.names.push((self.code.len(), None, reg, name.into()));
    }

    /// The register has lost its name.
    pub(super) fn unname_register(&mut self, reg: Reg) {
        let end = self.code.len();
        let open = self
            .names
            .iter_mut()
            .rev()
            .find(|(_, end, named, _)| *named == reg && end.is_none());
        if let Some((_, slot, ..)) = open {
            *slot = Some(end);
        }
    }

    /// A step of the journey begins here.
    pub(super) fn step(&mut self, label: impl Into<Str>) {
        if self.reachable {
            self.steps.push((self.code.len(), label.into()));
        }
    }

    pub(super) fn emit(&mut self, span: Span, op: Op) {
        if !self.reachable {
            return;
        }
        if self.spans.last().is_none_or(|(_, last)| *last != span) {
            self.spans.push((self.code.len(), span));
        }
        self.code.push(op);
        self.reachable = !op.diverts();
        if self.code.len() > MAX_OPS {
            self.too_large = true;
            self.code.clear();
        }
    }

    pub(super) fn label(&mut self) -> Label {
        let id = self.number(self.labels.len());
        self.labels.push(Place::default());
        Label(id)
    }

    /// The label stands here.
    pub(super) fn bind(&mut self, label: Label) {
        let here = self.code.len();
        if let Some(place) = self.labels.get_mut(usize::from(label.0)) {
            place.pc = Some(here);
            self.reachable |= place.used;
        }
    }

    /// A label that stands here.
    pub(super) fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    pub(super) fn jump(&mut self, span: Span, to: Label) {
        let to = self.target(to);
        self.emit(span, Op::Jump { to });
    }

    pub(super) fn jump_if(&mut self, span: Span, cond: Reg, to: Label) {
        let to = self.target(to);
        self.emit(span, Op::JumpIf { cond, to });
    }

    pub(super) fn jump_unless(&mut self, span: Span, cond: Reg, to: Label) {
        let to = self.target(to);
        self.emit(span, Op::JumpUnless { cond, to });
    }

    pub(super) fn next(&mut self, span: Span, item: Reg, iter: Reg, exit: Label) {
        let exit = self.target(exit);
        self.emit(span, Op::Next { item, iter, exit });
    }

    /// Goes to `to` unless the test holds.
    pub(super) fn unless(&mut self, span: Span, (src, test): (Reg, TestId), to: Label) {
        let to = self.target(to);
        self.emit(span, Op::Unless { src, test, to });
    }

    /// The iteration goes to the next item for which the test holds, or to `exit`.
    pub(super) fn seek(&mut self, span: Span, (iter, test): (Reg, TestId), exit: Label) {
        let exit = self.target(exit);
        self.emit(span, Op::Seek { iter, test, exit });
    }

    /// Goes on at the arm of a part of the value in `value`, else behind. Of equal constants the first counts.
    pub(super) fn switch(
        &mut self,
        span: Span,
        (value, path): (Reg, Path),
        arms: Vec<(Value, Label)>,
    ) {
        for (_, label) in &arms {
            self.target(*label);
        }
        let table = self.number(self.switches.len());
        self.switches.push((path, arms));
        self.emit(
            span,
            Op::Switch {
                value,
                table: SwitchId(table),
            },
        );
    }

    fn number(&mut self, place: usize) -> u16 {
        self.too_large |= place > usize::from(u16::MAX);
        u16::try_from(place).unwrap_or(0)
    }

    pub(super) fn open(&self) -> Range {
        Range(self.code.len())
    }

    /// Errors raised since `range` was opened go to `target`. Inner ranges are closed before outer ones.
    pub(super) fn close(&mut self, range: Range, target: Label, error: Reg) {
        let end = self.code.len();
        if range.0 >= end {
            return;
        }
        if let Some(place) = self.labels.get_mut(usize::from(target.0)) {
            place.used = true;
        }
        self.catches.push(Catch {
            start: range.0,
            end,
            target,
            error,
        });
    }

    /// Until [`Self::finish`] a jump holds its label where its target will stand.
    fn target(&mut self, label: Label) -> Pc {
        if let Some(place) = self.labels.get_mut(usize::from(label.0)) {
            place.used |= self.reachable;
        }
        Pc(label.0)
    }

    /// The function, or why there is none.
    pub(super) fn finish(mut self, tables: &mut Tables) -> Result<Function, Refusal> {
        if self.too_large {
            return Err(Refusal::TooLarge);
        }
        if self.reachable {
            return Err(Refusal::FallsThrough);
        }
        self.shorten();
        let layout = Layout::of(&self);
        let code = self.encode(&layout, tables);
        Ok(Function {
            params: self.params,
            registers: u16::try_from(self.most_registers).map_err(|_| Refusal::TooLarge)?,
            code,
            handlers: self.handlers(&layout),
            debug: self.debug(&layout),
            name: self.name,
        })
    }

    fn encode(&self, layout: &Layout, tables: &mut Tables) -> Vec<Op> {
        let mut code = Vec::with_capacity(self.code.len());
        for (op, _) in self
            .code
            .iter()
            .zip(&layout.idle)
            .filter(|(_, idle)| !**idle)
        {
            let mut op = *op;
            if let Op::Jump { to }
            | Op::JumpIf { to, .. }
            | Op::JumpUnless { to, .. }
            | Op::Unless { to, .. }
            | Op::Seek { exit: to, .. }
            | Op::Next { exit: to, .. } = &mut op
            {
                *to = layout.label(Label(to.0));
            } else if let Op::Switch { table, .. } = &mut op {
                *table = tables.switch(self.arms(*table, layout));
            }
            code.push(op);
        }
        code
    }

    /// A jump to a return is that return, and a constant that is returned at once needs no register.
    fn shorten(&mut self) {
        for at in 0..self.code.len() {
            if let (Some(Op::Jump { .. }), Some(src)) = (self.code.get(at), self.returned(at)) {
                self.replace(at, Op::Return { src });
            }
        }
        for at in 0..self.code.len() {
            if let Some(Op::Const { dst, value }) = self.code.get(at).copied()
                && self.returned(at + 1) == Some(dst)
            {
                self.replace(at, Op::ReturnConst { value });
            }
        }
    }

    fn replace(&mut self, at: usize, op: Op) {
        if let Some(old) = self.code.get_mut(at) {
            *old = op;
        }
    }

    /// By operation: does any other lead to it, other than the one before?
    fn led_to(&self) -> Vec<bool> {
        let mut led_to = vec![false; self.code.len()];
        let mut mark = |label: Label| {
            let place = self.labels.get(usize::from(label.0));
            if let Some(flag) = place.and_then(|place| led_to.get_mut(place.pc?)) {
                *flag = true;
            }
        };
        self.catches.iter().for_each(|catch| mark(catch.target));
        for op in &self.code {
            op.operands(|operand| {
                if let Operand::Target(Pc(label)) = operand {
                    mark(Label(label));
                }
            });
        }
        let arms = self.switches.iter().flat_map(|(_, arms)| arms);
        arms.for_each(|(_, label)| mark(*label));
        led_to
    }

    /// The register that an operation returns, or the one it jumps to.
    fn returned(&self, at: usize) -> Option<Reg> {
        let at = match self.code.get(at)? {
            Op::Jump { to } => self.labels.get(to.index())?.pc?,
            _ => at,
        };
        match self.code.get(at)? {
            Op::Return { src } => Some(*src),
            _ => None,
        }
    }

    fn arms(&self, table: SwitchId, layout: &Layout) -> Switch {
        let (path, arms) = self
            .switches
            .get(usize::from(table.0))
            .cloned()
            .unwrap_or_default();
        let mut arms: Vec<(Value, Pc)> = arms
            .into_iter()
            .map(|(value, label)| (value, layout.label(label)))
            .collect();
        arms.sort_by(|(a, _), (b, _)| Switch::order(a, b));
        arms.dedup_by(|(a, _), (b, _)| Switch::order(a, b).is_eq());
        Switch { path, arms }
    }

    fn handlers(&self, layout: &Layout) -> Vec<Handler> {
        let place = |c: &Catch| Handler {
            start: layout.pc(c.start),
            end: layout.pc(c.end),
            target: layout.label(c.target),
            error: c.error,
        };
        self.catches
            .iter()
            .map(place)
            .filter(|h| h.start < h.end)
            .collect()
    }

    fn debug(&self, layout: &Layout) -> Debug {
        let mut spans: Vec<(Pc, Span)> = Vec::new();
        for (pc, span) in self.spans.iter().map(|(pc, span)| (layout.pc(*pc), *span)) {
            match spans.last_mut() {
                Some(last) if last.0 == pc => last.1 = span,
                _ => spans.push((pc, span)),
            }
        }
        let names = self.names.iter().map(|(start, end, reg, name)| Naming {
            start: layout.pc(*start),
            end: layout.pc(end.unwrap_or(self.code.len())),
            reg: *reg,
            name: name.clone(),
        });
        Debug {
            spans,
            steps: self
                .steps
                .iter()
                .map(|(pc, label)| (layout.pc(*pc), label.clone()))
                .collect(),
            names: names.filter(|n| n.start < n.end).collect(),
        }
    }
}

/// Where everything comes to stand once jumps to the very next operation are left out, and what none leads to.
struct Layout {
    /// By operation: is it left out?
    idle: Vec<bool>,
    /// By operation, and one past the last: its place.
    places: Vec<u16>,
    /// By label: its operation.
    labels: Vec<usize>,
}

impl Layout {
    fn of(builder: &FunctionBuilder) -> Self {
        let labels: Vec<usize> = builder.labels.iter().map(|l| l.pc.unwrap_or(0)).collect();
        let mut reachable = true;
        let led_to = builder.led_to();
        let is_idle = |(pc, (op, led_to)): (usize, (&Op, &bool))| {
            reachable |= led_to;
            let idle = !reachable
                || matches!(op, Op::Jump { to } if labels.get(to.index()) == Some(&(pc + 1)));
            reachable &= idle || !op.diverts();
            idle
        };
        let idle: Vec<bool> = builder
            .code
            .iter()
            .zip(&led_to)
            .enumerate()
            .map(is_idle)
            .collect();
        let mut place = 0_u16;
        let mut places = Vec::with_capacity(idle.len() + 1);
        for idle in &idle {
            places.push(place);
            place = place.saturating_add(u16::from(!idle));
        }
        places.push(place);
        Self {
            idle,
            places,
            labels,
        }
    }

    fn pc(&self, pc: usize) -> Pc {
        Pc(self.places.get(pc).copied().unwrap_or(0))
    }

    fn label(&self, label: Label) -> Pc {
        self.pc(self.labels.get(usize::from(label.0)).copied().unwrap_or(0))
    }
}
