//! Programs as text for people: goldens, `journey compile --list`. Deterministic.
//!
//! ```text
//! function greet params 1 registers 3
//!      # let name
//!      0: field &r0:input .name@0 ->r1:name
//!      1: jump_if &r2 3
//!      2: const "Hello" ->r2
//!   >  3: complete 200 json &r2..r2
//!      catch 0..2 to 3 r2
//! ```
//!
//! `&` is read, `->` is written, `&->` is both; `>` marks where a jump, a handler or a loop leads.

mod durable;
mod limit;
mod literal;
mod operand;
mod site;

pub use literal::Literal;
pub use site::Site;

use crate::manifest::{Journey, Manifest, Segment};
use crate::program::{Function, Handler, Pc, Program};
use operand::Operands;
use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

/// The whole program.
#[must_use]
pub fn list(program: &Program) -> String {
    Listing(program).to_string()
}

struct Listing<'a>(&'a Program);

impl Display for Listing<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for journey in &self.0.manifest.journeys {
            let function = &self.0[journey.function].name;
            writeln!(
                f,
                "journey {} {} {} runs {function}",
                journey.name,
                journey.methods.join(","),
                Path(journey)
            )?;
            limit::uses(f, self.0, journey)?;
        }
        durable::declarations(f, self.0)?;
        limit::declarations(f, &self.0.manifest.limits)?;
        for (index, function) in self.0.functions.iter().enumerate() {
            if index > 0 || declares(&self.0.manifest) {
                writeln!(f)?;
            }
            Body {
                program: self.0,
                function,
            }
            .fmt(f)?;
        }
        Ok(())
    }
}

fn declares(manifest: &Manifest) -> bool {
    !(manifest.journeys.is_empty()
        && manifest.stores.is_empty()
        && manifest.tasks.is_empty()
        && manifest.signals.is_empty()
        && manifest.limits.is_empty())
}

/// The path of a journey, as it is written.
struct Path<'a>(&'a Journey);

impl Display for Path<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for segment in &self.0.path {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Param(index) => {
                    let param = self.0.input.params.get(usize::from(*index));
                    write!(f, "/{{{}}}", param.map_or("?", |param| &param.name))?;
                }
            }
        }
        if self.0.path.is_empty() {
            f.write_str("/")
        } else {
            Ok(())
        }
    }
}

struct Body<'a> {
    program: &'a Program,
    function: &'a Function,
}

impl Display for Body<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let function = self.function;
        writeln!(
            f,
            "function {} params {} registers {}",
            function.name, function.params, function.registers
        )?;
        let targets = self.targets();
        for (pc, op) in (0..).map(Pc).zip(&function.code) {
            let steps = &function.debug.steps;
            steps
                .iter()
                .filter(|(at, _)| *at == pc)
                .try_for_each(|(_, label)| writeln!(f, "     # {label}"))?;
            let mark = if targets.contains(&pc) { '>' } else { ' ' };
            let operands = Operands {
                program: self.program,
                function,
                pc,
                op: *op,
            };
            writeln!(f, "  {mark} {:>3}: {}{operands}", pc.0, op.name())?;
        }
        function
            .handlers
            .iter()
            .try_for_each(|handler| self.handler(f, handler))
    }
}

impl Body<'_> {
    fn handler(&self, f: &mut Formatter<'_>, handler: &Handler) -> fmt::Result {
        let name = operand::Register {
            function: self.function,
            pc: handler.target,
            reg: handler.error,
        };
        writeln!(
            f,
            "     catch {}..{} to {} {name}",
            handler.start.0, handler.end.0, handler.target.0
        )
    }

    /// Where control comes from somewhere else than the operation before.
    fn targets(&self) -> BTreeSet<Pc> {
        let mut targets: BTreeSet<Pc> = self
            .function
            .handlers
            .iter()
            .map(|handler| handler.target)
            .collect();
        for op in &self.function.code {
            op.operands(|operand| targets.extend(self.program.targets(operand)));
        }
        targets
    }
}
