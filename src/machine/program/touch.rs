//! What an operation does with one register: reads all of what it holds, reads parts of it, writes it.

use super::{Op, Operand, Path, Program, Reg, Source};

impl Program {
    /// The parts of what the register holds that an operation reads, if it reads nothing else of it.
    pub(crate) fn parts_read(&self, op: Op, reg: Reg) -> Option<Vec<Path>> {
        if let Op::Field { obj, field, .. }
        | Op::Has { obj, field, .. }
        | Op::OptField { obj, field, .. } = op
        {
            return (obj == reg).then(|| vec![Path(vec![self[field].clone()])]);
        }
        if let Op::Path { obj, path, .. } = op {
            return (obj == reg).then(|| vec![self[path].clone()]);
        }
        if let Op::Object { dst, sources, .. } = op
            && dst != reg
        {
            return parts_of(&self[sources], reg);
        }
        if let Op::Switch { value, table } = op {
            return (value == reg).then(|| vec![self[table].path.clone()]);
        }
        if let Op::Unless { src, test, .. } = op {
            let questions = || self[test].0.iter().map(|question| question.path.clone());
            return (src == reg).then(|| questions().collect());
        }
        None
    }

    /// Does an operation read the register?
    pub(crate) fn reads(&self, op: Op, reg: Reg) -> bool {
        let window = self.window(op);
        let mut found = window.is_some_and(|(first, count)| is_among(reg, first, count));
        if let Op::Object { sources, .. } = op {
            found |= self[sources].iter().any(|it| it.register() == Some(reg));
        }
        op.operands(|operand| {
            if let Operand::Read(known) | Operand::Update(known) = operand {
                found |= known == reg;
            }
            if let Operand::Iteration(first) = operand {
                found |= is_among(reg, first, 2);
            }
        });
        found
    }

    /// Does an operation write the register, whatever it holds?
    pub(crate) fn writes(&self, op: Op, reg: Reg) -> bool {
        let mut found = false;
        op.operands(|operand| {
            if let Operand::Write(known) = operand {
                found |= known == reg;
            }
        });
        found
    }
}

fn is_among(reg: Reg, first: Reg, count: usize) -> bool {
    (first.index()..first.index() + count).contains(&reg.index())
}

/// The parts that sources look at, if they look at nothing else of the register.
fn parts_of(sources: &[Source], reg: Reg) -> Option<Vec<Path>> {
    let mut found = Vec::new();
    for source in sources
        .iter()
        .filter(|source| source.register() == Some(reg))
    {
        let Source::Part(_, path) = source else {
            return None;
        };
        found.push(path.clone());
    }
    Some(found)
}
