//! Speech before the call is answered (`answer: when-needed`).

use std::time::Duration;

use super::situation::By;
use super::space::{Goal, Id, Space, Way};
use crate::flow::{Answering, StepId};

/// Speech that lasts longer than networks wait for an answer.
#[derive(Debug)]
pub(in crate::flow) struct Late {
    /// The step whose words are the first too many.
    pub(in crate::flow) at: StepId,
    /// How long all of it lasts, in milliseconds.
    pub(in crate::flow) millis: u32,
}

/// The longest speech that a silent caller hears before the call is answered or ends, where
/// it is longer than this.
pub(in crate::flow) fn late(space: &Space<'_>, limit: Duration) -> Option<Late> {
    let program = space.program();
    if program.answer != Answering::WhenNeeded {
        return None;
    }
    let unanswered = |id: Id| !program.step(space.step(id)).kind.needs_answer();
    let silent = |_: Id, way: &Way| matches!(way.by, By::Nothing | By::World(_));
    let lengths = space.longest(unanswered, silent);
    let limit = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
    let begins = space.ids().filter(|id| space.nodes[*id].from.is_none());
    let first = begins.max_by_key(|id| lengths[*id]).filter(|id| lengths[*id] > limit)?;
    let (millis, mut here, mut heard) = (lengths[first], first, 0_u32);
    loop {
        heard = heard.saturating_add(space.nodes[here].hears);
        if heard > limit {
            return Some(Late { at: space.step(here), millis });
        }
        let ways = space.ways(here).iter().filter(|way| silent(here, way));
        let next = ways.filter_map(|way| if let Goal::At(to) = way.to { Some(to) } else { None });
        here = next.max_by_key(|to| lengths[*to]).filter(|to| lengths[*to] > 0)?;
    }
}
