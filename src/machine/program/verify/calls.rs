//! No function runs itself, not even by way of others: frames are bounded, and what runs first has an order.

use super::{Place, Problem, VerifyError};
use crate::program::{FuncId, Parts};

/// Every function behind all those it calls or forks.
pub(super) fn order(parts: &Parts) -> Result<Vec<FuncId>, VerifyError> {
    let mut graph = Graph::of(parts);
    let mut order: Vec<FuncId> = (0..)
        .map(FuncId)
        .zip(&graph.open)
        .filter(|(_, open)| **open == 0)
        .map(|(id, _)| id)
        .collect();
    let mut next = 0;
    while let Some(&done) = order.get(next) {
        next += 1;
        graph.close(done, &mut order);
    }
    match graph.open.iter().zip(0..).find(|(open, _)| **open > 0) {
        Some((_, index)) => Err(Problem::Broken("runs itself, perhaps by way of others")
            .at(Place::Function(FuncId(index)))),
        None => Ok(order),
    }
}

struct Graph {
    /// Of each function: the functions that run it, once for each operation that does.
    callers: Vec<Vec<FuncId>>,
    /// Of each function: its operations that run a function which has no place in the order yet.
    open: Vec<u32>,
}

impl Graph {
    fn of(parts: &Parts) -> Self {
        let count = parts.functions.len();
        let mut graph = Self {
            callers: vec![Vec::new(); count],
            open: vec![0; count],
        };
        for (caller, (function, open)) in (0..)
            .map(FuncId)
            .zip(parts.functions.iter().zip(&mut graph.open))
        {
            for callee in function.code.iter().filter_map(|op| op.callee()) {
                *open += 1;
                graph
                    .callers
                    .get_mut(callee.index())
                    .into_iter()
                    .for_each(|callers| callers.push(caller));
            }
        }
        graph
    }

    /// `done` has got its place: functions that waited for it alone get theirs.
    fn close(&mut self, done: FuncId, order: &mut Vec<FuncId>) {
        for caller in self.callers.get(done.index()).into_iter().flatten() {
            if let Some(open) = self.open.get_mut(caller.index()) {
                *open -= 1;
                order.extend((*open == 0).then_some(*caller));
            }
        }
    }
}
