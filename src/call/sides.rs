//! The legs beside the caller's, in one small table: whose phone it is, and how far it has come.

use super::leg::Leg;
use crate::base::{AgentName, LegId, Lifecycle, PhoneNumber, transitions};

/// A leg that this call has opened beside its caller's.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) id: LegId,
    pub(super) who: Who,
    pub(super) stage: Stage,
    /// Its place in the media plane, once the port is open.
    pub(super) leg: Option<Leg>,
}

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Who {
    Agent(AgentName),
    Outside(PhoneNumber),
    /// An outside number that an agent has sent the caller to.
    Handed(PhoneNumber),
}

/// How far a leg beside the caller's has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// A media port is being opened.
    Opening,
    /// The INVITE is out.
    Ringing,
    /// It was answered, by an agent or by a machine: a key must be pressed.
    Asked,
    /// The agent has the call, and hears who it is; the caller hears the music still.
    Briefed,
    /// Both hear each other.
    Talking,
    /// It is given back.
    Closed,
}

/// What moves such a leg on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// The port is open.
    Invited,
    /// Answered where a key must prove that it is a human.
    Answered,
    /// The agent has the call, and is told who it is.
    Taken,
    /// Both hear each other from now on.
    Bridged,
    /// Refused, given up, stopped or ended.
    Ended,
}

transitions! {
    Stage on Move
    states {
        Opening = "opening",
        Ringing = "ringing",
        Asked = "asked",
        Briefed = "briefed",
        Talking = "talking",
        Closed = "closed",
    }
    events {
        Invited = "invited": Opening => Ringing;
        Answered = "answered": Ringing => Asked;
        Taken = "taken": Ringing => Briefed, Asked => Briefed;
        Bridged = "bridged": Ringing => Talking, Asked => Talking, Briefed => Talking;
        Ended = "ended": Opening => Closed, Ringing => Closed, Asked => Closed, Briefed => Closed, Talking => Closed;
    }
}

impl Side {
    /// Whether the phone may still ring for somebody else's sake: nobody has the call there.
    pub(super) fn is_rung(&self) -> bool {
        matches!(self.stage, Stage::Opening | Stage::Ringing | Stage::Asked)
    }

    pub(super) fn is_talking(&self) -> bool {
        self.stage == Stage::Talking
    }

    pub(super) fn agent(&self) -> Option<&AgentName> {
        match &self.who {
            Who::Agent(agent) => Some(agent),
            Who::Outside(_) | Who::Handed(_) => None,
        }
    }

    /// Moves on in the table of [`Stage`]; false where the event means nothing.
    pub(super) fn turn(&mut self, event: Move) -> bool {
        let next = self.stage.on(event);
        self.stage = next.unwrap_or(self.stage);
        next.is_some()
    }
}

/// Every leg of one call beside the caller's.
///
/// At most one of them has the call (briefed or talking); when it has, no other is left.
#[derive(Clone, Debug, Default)]
pub(super) struct Sides {
    sides: Vec<Side>,
    opened: u64,
}

impl Sides {
    /// Adds a leg; its id is none that a leg of this call has.
    pub(super) fn open(&mut self, caller: LegId, who: Who) -> LegId {
        let id = loop {
            self.opened += 1;
            let id = LegId(caller.0 + 1 + (self.opened - 1) % IDS);
            if self.of(id).is_none() {
                break id;
            }
        };
        self.sides.push(Side { id, who, stage: Stage::Opening, leg: None });
        id
    }

    /// Adds a leg that has come from outside, under its own id.
    pub(super) fn adopt(&mut self, id: LegId, who: Who) {
        self.sides.push(Side { id, who, stage: Stage::Opening, leg: None });
    }

    /// Takes a leg out.
    pub(super) fn close(&mut self, id: LegId) -> Option<Side> {
        let index = self.sides.iter().position(|side| side.id == id)?;
        Some(self.sides.remove(index))
    }

    pub(super) fn of(&self, id: LegId) -> Option<&Side> {
        self.sides.iter().find(|side| side.id == id)
    }

    pub(super) fn of_mut(&mut self, id: LegId) -> Option<&mut Side> {
        self.sides.iter_mut().find(|side| side.id == id)
    }

    /// The leg to an agent's phone.
    pub(super) fn to_agent(&self, agent: &AgentName) -> Option<&Side> {
        self.sides.iter().find(|side| side.agent() == Some(agent))
    }

    /// The leg of whoever has the call: who is being told of it, or talks.
    pub(super) fn taker(&self) -> Option<&Side> {
        self.sides.iter().find(|side| !side.is_rung())
    }

    /// The leg of whom the caller hears.
    pub(super) fn talking(&self) -> Option<&Side> {
        self.sides.iter().find(|side| side.is_talking())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sides.is_empty()
    }

    /// Every leg's id, in the order in which they were opened.
    pub(super) fn ids(&self) -> Vec<LegId> {
        self.sides.iter().map(|side| side.id).collect()
    }
}

/// A call has 255 ids for the legs that it opens (see [`crate::sip::Incoming::leg`]); of
/// those, fewer than [`crate::base::limits::RUNG_AT_ONCE`] and one are in use at once.
const IDS: u64 = 255;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{dot, grid};

    #[test]
    fn the_life_of_a_leg_beside_the_caller_s_is_one_table() {
        insta::assert_snapshot!("side_graph", dot::<Stage>());
        insta::assert_snapshot!("side_grid", grid::<Stage>());
    }

    #[test]
    fn an_id_in_use_is_not_given_again() {
        let mut sides = Sides::default();
        let kept = sides.open(LegId(256), Who::Agent("amina".into()));
        for _ in 0..600 {
            let id = sides.open(LegId(256), Who::Agent("bruno".into()));
            assert!(id != kept && (257..512).contains(&id.0));
            sides.close(id);
        }
    }
}
