use super::machine::{Machine, Next};
use crate::base::Now;
use crate::flow::Hours;

impl Machine {
    /// Goes one way when open, another when closed; says nothing.
    pub(super) fn enter_hours(&mut self, now: Now, hours: &Hours) -> Next {
        let open = self.program.card.is_open(hours.kind, now.wall);
        Next::Go(if open { hours.open } else { hours.closed })
    }
}
