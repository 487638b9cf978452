//! Functions of one frame that ask for no effect: single expressions, error shapes. They need no tasks, and their
//! registers can be used again.

use super::exec::{Cursor, Env, Exit};
use super::input::Reads;
use super::random::Random;
use super::registers::Registers;
use super::trap::{Memory, Raised, Trap};
use super::values::position;
use super::{Cause, Limits, Surroundings};
use crate::op::{Operand, Reg};
use crate::program::{ConstId, FuncId, Function, Pc, Program};
use crate::value::{EvalError, Timestamp, Value};

/// Evaluates one function as often as wanted. Parameters keep their values from one evaluation to the next, unless
/// the function itself changes them; what compiled expressions never do.
#[derive(Debug)]
pub struct Evaluator<'p> {
    program: &'p Program,
    function: &'p Function,
    around: Surroundings,
    now: Timestamp,
    random: Random,
    /// Steps and bytes of each evaluation.
    steps: i64,
    memory: Memory,
    registers: Vec<Value>,
    /// One past the last register that the function writes.
    written: usize,
    /// Of each parameter, once one of them came as JSON.
    reads: Vec<Reads>,
}

/// Where a function's value is when it has ended.
enum End {
    Constant(ConstId),
    Register(Reg),
}

impl<'p> Evaluator<'p> {
    /// Of a function of this program, its parameters null, its time the epoch, its seed zero.
    #[must_use]
    pub fn new(program: &'p Program, function: FuncId) -> Self {
        let function = &program[function];
        Self {
            program,
            function,
            around: Surroundings::default(),
            now: Timestamp::EPOCH,
            random: Random::new(0),
            steps: 0,
            memory: Memory(0),
            written: written(function),
            registers: vec![Value::Null; function.registers.into()],
            reads: Vec::new(),
        }
        .with_limits(Limits::default())
    }

    /// The same, with what else a run has.
    #[must_use]
    pub fn within(mut self, around: Surroundings, now: Timestamp, seed: u128) -> Self {
        self.around = around;
        self.now = now;
        self.random = Random::new(seed);
        self
    }

    /// The same with other limits than the default ones; they hold for each evaluation.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.steps = i64::try_from(limits.steps).unwrap_or(i64::MAX);
        self.memory = Memory(limits.memory);
        self
    }

    /// Sets a parameter; one that the function does not have is dropped.
    pub fn bind(&mut self, param: usize, value: Value) {
        let params = usize::from(self.function.params);
        if let Some(slot) = self.registers.iter_mut().take(params).nth(param) {
            *slot = value;
        }
    }

    /// Sets a parameter to what a JSON tree says without types, as [`crate::json::read_json`] does. Only what the
    /// function reads of it is converted. What is declared as anything else than JSON has it, a timestamp or a
    /// double that may be written as a whole number, is to be decoded as its type, and bound as a value.
    ///
    /// # Errors
    /// It is nested too deeply.
    pub fn bind_json(&mut self, param: usize, json: &serde_json::Value) -> Result<(), EvalError> {
        if self.reads.is_empty() {
            self.reads = (0..self.function.params)
                .map(|param| Reads::of(self.program, self.function, Reg(param)))
                .collect();
        }
        let slot = self.registers.get_mut(param);
        self.reads
            .get(param)
            .zip(slot)
            .map_or(Ok(()), |(reads, slot)| reads.convert(json, slot))
    }

    /// The function's value for its parameters.
    ///
    /// # Errors
    /// What an evaluation fails with; [`Cause::Malformed`] if the function asks for an effect, calls another or ends
    /// in an answer.
    pub fn evaluate(&mut self) -> Result<Value, Cause> {
        match self.run() {
            Ok(End::Constant(value)) => {
                self.clear();
                // Made where it stays: a value that moves in parts has to be waited for.
                if let Value::Int(n) = self.program[value] {
                    Ok(Value::Int(n))
                } else {
                    Ok(self.program[value].copied())
                }
            }
            Ok(End::Register(src)) => {
                let result = self.result(src);
                self.clear();
                Ok(result?)
            }
            Err(cause) => {
                self.clear();
                Err(cause)
            }
        }
    }

    /// Frees what the function has written.
    #[inline(always)]
    fn clear(&mut self) {
        let own = usize::from(self.function.params)..self.written;
        for register in self.registers.get_mut(own).unwrap_or_default() {
            register.replace(Value::Null);
        }
    }

    fn result(&mut self, src: Reg) -> Result<Value, Trap> {
        let mut registers = Registers::new(&mut self.registers);
        if src.0 < self.function.params {
            registers.value(src)
        } else {
            registers.take(src)
        }
    }

    #[inline(always)]
    fn run(&mut self) -> Result<End, Cause> {
        let mut memory = self.memory;
        let mut env = Env {
            program: self.program,
            around: &self.around,
            now: self.now,
            memory: &mut memory,
            random: &mut self.random,
        };
        let mut cursor = Cursor {
            pc: 0,
            fuel: self.steps,
        };
        let mut registers = Registers::new(&mut self.registers);
        loop {
            match env.run(&self.function.code, &mut registers, &mut cursor) {
                Exit::Return { src } => return Ok(End::Register(src)),
                Exit::ReturnConst { value } => return Ok(End::Constant(value)),
                Exit::Trap(trap) => match trap.raised() {
                    Raised::Error(error) => {
                        cursor.pc = catch(self.function, &mut registers, cursor.pc, error)?;
                    }
                    Raised::Fatal(fatal) => return Err(fatal.into()),
                },
                Exit::Fuel => return Err(Cause::Steps),
                Exit::Call { .. }
                | Exit::Perform { .. }
                | Exit::Scope { .. }
                | Exit::Fork { .. }
                | Exit::Join { .. }
                | Exit::Complete { .. } => return Err(Cause::Malformed),
            }
        }
    }
}

/// One past the last register that the function writes, those of its handlers included.
fn written(function: &Function) -> usize {
    let mut end = 0;
    let mut write = |reg: Reg| end = end.max(reg.index() + 1);
    for handler in &function.handlers {
        write(handler.error);
    }
    for op in &function.code {
        op.operands(|operand| {
            if let Operand::Write(reg) | Operand::Update(reg) = operand {
                write(reg);
            } else if let Operand::Iteration(iter) = operand {
                write(position(iter));
            }
        });
    }
    end
}

/// Where the handler of the operation before `pc` begins, which now has the error.
fn catch(
    function: &Function,
    registers: &mut Registers<'_>,
    pc: usize,
    error: EvalError,
) -> Result<usize, Cause> {
    let last = u16::try_from(pc.saturating_sub(1)).unwrap_or(u16::MAX);
    let Some(handler) = function.handler(Pc(last)) else {
        return Err(Cause::Uncaught(error));
    };
    registers.set(handler.error, error.into());
    Ok(handler.target.index())
}

/// The value of a function for these arguments, evaluated once.
///
/// # Errors
/// As [`Evaluator::evaluate`].
pub fn evaluate(
    program: &Program,
    function: FuncId,
    args: Vec<Value>,
    around: Surroundings,
    now: Timestamp,
    seed: u128,
) -> Result<Value, Cause> {
    let mut evaluator = Evaluator::new(program, function).within(around, now, seed);
    for (param, value) in args.into_iter().enumerate() {
        evaluator.bind(param, value);
    }
    evaluator.evaluate()
}
