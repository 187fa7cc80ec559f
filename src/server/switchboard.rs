//! Which call holds which agent's talk, and who listens to it: what passes between a
//! supervisor's call and the other one goes through here.

use std::collections::HashMap;

use crate::base::{AgentName, CallId, LegId};
use crate::call::{Input, WatchOrder, Watched, call_of};
use crate::queue::{self, Waiting};

/// A fold over what calls tell the board.
#[derive(Debug, Default)]
pub(super) struct Switchboard {
    talks: HashMap<AgentName, CallId>,
    /// The supervisors' legs, each with the call that it hears.
    watches: HashMap<LegId, CallId>,
}

/// Something for a call.
pub(super) type Told = (CallId, Input);

impl Switchboard {
    /// The call that an agent talks in.
    pub(super) fn talk(&self, agent: &AgentName) -> Option<CallId> {
        self.talks.get(agent).copied()
    }

    /// Learns from what a call tells the board. A call that has gone without a word is
    /// made up for.
    pub(super) fn heard(&mut self, input: &queue::Input) -> Vec<Told> {
        match input {
            queue::Input::Answered { who: Waiting::Caller(call), agent }
            | queue::Input::Handed { who: Waiting::Caller(call), agent } => {
                // Who handed the caller on talks no more.
                self.talks.retain(|_, talk| talk != call);
                self.talks.insert(agent.clone(), *call);
                Vec::new()
            }
            queue::Input::TalkEnded { who: Waiting::Caller(call), .. }
            | queue::Input::Rejoin { who: Waiting::Caller(call), .. }
            | queue::Input::Leave { who: Waiting::Caller(call), .. } => self.ended(*call),
            _ => Vec::new(),
        }
    }

    fn ended(&mut self, call: CallId) -> Vec<Told> {
        self.talks.retain(|_, talk| *talk != call);
        let mut told = Vec::new();
        self.watches.retain(|leg, talk| {
            if *talk == call {
                told.push((call_of(*leg), Input::Watched(Watched::Over)));
            } else if call_of(*leg) == call {
                told.push((*talk, Input::Watch(WatchOrder::End { leg: *leg })));
            }
            *talk != call && call_of(*leg) != call
        });
        told
    }

    /// Whom a supervisor's wish goes to; back to the supervisor, if there is no such talk.
    pub(super) fn watch(&mut self, order: WatchOrder) -> Option<Told> {
        let talk = match &order {
            WatchOrder::Begin { leg, agent, .. } => {
                let Some(talk) = self.talk(agent) else {
                    return Some((call_of(*leg), Input::Watched(Watched::Over)));
                };
                self.watches.insert(*leg, talk);
                talk
            }
            WatchOrder::Change { leg, .. } => *self.watches.get(leg)?,
            WatchOrder::End { leg } => self.watches.remove(leg)?,
        };
        Some((talk, Input::Watch(order)))
    }

    /// What the supervisor's call is told.
    pub(super) fn watched(&mut self, leg: LegId, news: Watched) -> Told {
        if news == Watched::Over {
            self.watches.remove(&leg);
        }
        (call_of(leg), Input::Watched(news))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Mode;

    const TALK: CallId = CallId(1);
    const SUPERVISOR: LegId = LegId(512);

    fn talking() -> Switchboard {
        let mut board = Switchboard::default();
        let told = board.heard(&queue::Input::Answered { who: TALK.into(), agent: "amina".into() });
        assert!(told.is_empty());
        board
    }

    fn begin(agent: &str) -> WatchOrder {
        WatchOrder::Begin { leg: SUPERVISOR, agent: agent.into(), by: "zoe".into(), mode: Mode::Listen }
    }

    #[test]
    fn a_wish_goes_to_the_talk_and_the_answer_comes_back() {
        let mut board = talking();
        assert!(matches!(board.watch(begin("amina")), Some((TALK, Input::Watch(_)))));
        assert!(matches!(board.watched(SUPERVISOR, Watched::Begun), (CallId(2), Input::Watched(Watched::Begun))));
        let change = WatchOrder::Change { leg: SUPERVISOR, mode: Mode::Barge };
        assert!(matches!(board.watch(change), Some((TALK, Input::Watch(_)))));
        assert!(matches!(board.watch(begin("bruno")), Some((CallId(2), Input::Watched(Watched::Over)))));
    }

    #[test]
    fn whichever_call_vanishes_the_other_one_hears_of_it() {
        let mut board = talking();
        board.watch(begin("amina"));
        let leave = |call: CallId| queue::Input::Leave { who: call.into(), why: queue::Left::Ended };
        assert!(matches!(board.heard(&leave(CallId(2)))[..], [(TALK, Input::Watch(WatchOrder::End { .. }))]));
        board.watch(begin("amina"));
        assert!(matches!(board.heard(&leave(TALK))[..], [(CallId(2), Input::Watched(Watched::Over))]));
        assert_eq!(board.talk(&"amina".into()), None);
        assert!(board.watches.is_empty());
    }
}
