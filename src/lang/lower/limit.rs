//! Rate limits: what the server must know of them, and the functions that say by what requests are told apart.

use super::Project;
use super::frame::{Frame, Turn};
use crate::ast::{self, LimitUse};
use journey_machine::manifest::{self, Limit, LimitId};
use journey_machine::op::Op;
use journey_machine::program::FuncId;

impl<'a> Project<'a> {
    pub(super) fn limits(&self) -> Vec<Limit> {
        let limits = self.checked.names.limits.values();
        limits.filter_map(|limit| declared(limit)).collect()
    }

    /// What a journey is held to, in the order of its head.
    pub(super) fn limit_uses(
        &mut self,
        journey: &'a ast::Journey,
        uses: &'a [LimitUse],
    ) -> Vec<manifest::LimitUse> {
        let mut limited = Vec::with_capacity(uses.len());
        for used in uses {
            if let Some(limit) = self.limit(&used.limit.node) {
                let key = self.limit_key(journey, used);
                limited.push(manifest::LimitUse { limit, key });
            }
        }
        limited
    }

    fn limit(&self, name: &str) -> Option<LimitId> {
        let place = self.checked.names.limits.keys().position(|n| *n == name)?;
        u16::try_from(place).ok().map(LimitId)
    }

    /// The list of what requests are told apart by.
    fn limit_key(&mut self, journey: &'a ast::Journey, used: &'a LimitUse) -> FuncId {
        let id = self.reserve();
        let name = format!("{} limit {}", journey.name.node, used.limit.node);
        let mut frame = Frame::new(self, name, Some(journey), Turn::Outside);
        let src = frame.temp();
        let by: Vec<&ast::Expr> = used.by.iter().collect();
        frame.list_of(used.span, src, &by);
        frame.code.emit(used.span, Op::Return { src });
        let code = frame.code;
        self.finish(id, code, used.span);
        id
    }
}

fn declared(limit: &ast::RateLimit) -> Option<Limit> {
    let rate = limit.rate.as_ref()?.node;
    let count = u32::try_from(rate.count).ok()?;
    let burst = limit.burst.as_ref().map(|burst| burst.node);
    Some(Limit {
        name: (&limit.name.node).into(),
        docs: (&limit.docs).into(),
        count,
        per: rate.per,
        burst: burst.map_or(Some(count), |burst| u32::try_from(burst).ok())?,
    })
}
