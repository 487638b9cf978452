//! Functions that are tables: they only look at their parameters and give a constant. A call of one is answered where it
//! stands, without a frame.

use super::exec::walk;
use super::registers::Registers;
use crate::index::Reg;
use crate::op::Op;
use crate::program::{FuncId, Pc, Program};
use crate::value::Value;

/// What a table gives for consecutive registers. `None`: the function is none, the fuel does not last, or it ends in an
/// error; then it is to be called, and nothing has happened.
#[inline(never)]
pub(super) fn find<'p>(
    program: &'p Program,
    (table, first): (FuncId, Reg),
    regs: &Registers<'_>,
    fuel: &mut i64,
) -> Option<&'p Value> {
    let code = program.table(table)?;
    let (mut pc, mut left) = (Pc(0), *fuel);
    loop {
        left = left.checked_sub(1).filter(|left| *left >= 0)?;
        let next = Pc(pc.0.saturating_add(1));
        let op = *code.get(pc.index())?;
        pc = if let Op::Switch { value, table } = op {
            let (jumps, value) = (program.jumps(table), regs.at(behind(first, value))?);
            let to = jumps.of_text(value);
            to.map_or_else(|| jumps.find(value).ok(), Some)?
                .unwrap_or(next)
        } else if let Op::Unless { src, test, to } = op {
            let value = regs.at(behind(first, src))?;
            let holds = program.check(test);
            let holds = holds.holds(value, |bytes| walk(&mut left, bytes));
            if holds.ok()? { next } else { to }
        } else if let Op::Jump { to } = op {
            to
        } else if let Op::ReturnConst { value } = op {
            *fuel = left;
            return Some(&program[value]);
        } else {
            return None;
        };
    }
}

/// A parameter, among the registers of the caller.
fn behind(first: Reg, param: Reg) -> usize {
    first.index() + param.index()
}
