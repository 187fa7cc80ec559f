use super::machine::{Machine, Next};
use crate::base::Now;
use crate::flow::{Hours, StepId};

impl Machine {
    /// Goes one way when open, another when closed; says nothing.
    pub(super) fn enter_hours(&mut self, now: Now, hours: &Hours) -> Next {
        Next::Go(self.way_by_hours(now, hours))
    }

    pub(super) fn way_by_hours(&self, now: Now, hours: &Hours) -> StepId {
        let open = self.program.card.is_open(hours.kind, now.wall);
        if open { hours.open } else { hours.closed }
    }
}
