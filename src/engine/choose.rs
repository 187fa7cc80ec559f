use super::io::Note;
use super::machine::{Machine, Next};
use crate::base::Now;
use crate::flow::Choose;

impl Machine {
    /// Goes where the first condition that holds leads; says nothing.
    pub(super) fn enter_choose(&mut self, now: Now, choose: &Choose) -> Next {
        let branch = choose.branches.iter().position(|branch| branch.condition.holds(&self.moment(now)));
        self.out.note(Note::Chose { branch });
        Next::Go(branch.map_or(choose.otherwise, |at| choose.branches[at].go))
    }
}
