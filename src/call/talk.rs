//! The caller and one other hear each other.

use super::leg::Leg;
use super::machine::{Call, Timer};
use super::sides::{Move, Side, Who};
use super::state::CallTurn;
use super::waiting::Entered;
use super::{By, Happened, Output};
use crate::base::{AgentName, LegId, Now, PlayId};
use crate::engine::{self, MusicFrom, QueueNews, Sound, TransferNews};
use crate::media;
use crate::queue::{self, Missed, Parted};
use crate::sip::DialogEnd;

impl Call {
    /// Lets the caller and whoever took the call hear each other.
    pub(super) fn bridge(&mut self, now: Now, leg: LegId) {
        let Some(who) = self.sides.of(leg).filter(|side| !side.is_talking()).map(|side| side.who.clone()) else {
            return;
        };
        self.timers.stop(Timer::Brief(leg));
        self.go(leg, Move::Bridged);
        self.turn(CallTurn::Connected);
        // The engine stops the announcement first: what is bridged is heard alone.
        match who {
            Who::Agent(agent) => {
                self.event(now, Happened::Connected { agent: agent.clone() });
                if let Some(queue) = self.queued.as_ref().map(|queued| queued.queue.clone()) {
                    self.note(|notes, number| notes.got_through(number, &queue));
                }
                self.tell_engine(now, engine::Input::Queue(QueueNews::Connected { agent }));
            }
            Who::Outside(_) => {
                self.event(now, Happened::Transferred);
                self.tell_engine(now, engine::Input::Transfer(TransferNews::Connected));
            }
            Who::Handed(_) => self.event(now, Happened::Transferred),
        }
        self.media(media::Command::Bridge { leg: self.caller, with: leg });
    }

    /// The dialog of a leg beside the caller's is over.
    pub(super) fn on_side_ended(&mut self, now: Now, leg: LegId, why: DialogEnd) {
        let Some(side) = self.sides.of(leg) else { return };
        // Who hangs up instead of pressing the key does not want the call.
        if side.is_rung() {
            let status = if why == DialogEnd::Bye { 603 } else { 480 };
            return self.on_side_failed(now, leg, status);
        }
        if !side.is_talking() {
            let why = if why == DialogEnd::Bye { Missed::Rejected } else { Missed::Unreachable };
            return self.declined(now, leg, why);
        }
        let who = side.who.clone();
        let by = if why == DialogEnd::Bye { By::Agent } else { By::Peer };
        if self.on_referrer_gone(now, leg, by) {
            return;
        }
        self.close_side(now, leg);
        match who {
            Who::Agent(agent) => self.on_talk_ended(now, agent, by),
            Who::Outside(_) => self.tell_engine(now, engine::Input::Transfer(TransferNews::TalkEnded)),
            // To the flow it is the talk with the agent that has ended.
            Who::Handed(_) => self.tell_engine(now, engine::Input::Queue(QueueNews::TalkEnded)),
        }
    }

    /// The agent has gone, the caller is still there. An agent who vanished (a dead
    /// phone, a cut network) gives the caller back to the queue, at the old place.
    fn on_talk_ended(&mut self, now: Now, agent: AgentName, by: By) {
        self.event(now, Happened::TalkEnded { agent: agent.clone(), by });
        match (by, &mut self.queued) {
            (By::Peer, Some(queued)) => {
                queued.entered = Entered::Asked;
                let queue = queued.queue.clone();
                self.board(queue::Input::Rejoin { who: self.id.into(), queue, why: Parted::Vanished });
            }
            _ => {
                self.queued = None;
                self.board(queue::Input::TalkEnded { who: self.id.into(), agent });
                self.tell_engine(now, engine::Input::Queue(QueueNews::TalkEnded));
            }
        }
    }

    /// The agent has put the call on hold, or takes it up again.
    pub(super) fn on_hold(&mut self, leg: LegId, held: bool) {
        if !self.sides.of(leg).is_some_and(Side::is_talking) {
            return;
        }
        match held {
            true => self.music_on_hold(),
            false => self.hear_each_other(),
        }
    }

    /// While the agent holds the call, the caller hears the queue's music, not silence.
    pub(super) fn music_on_hold(&mut self) {
        let held = self.sides.talking().and_then(|side| side.leg.as_ref()).is_some_and(Leg::is_held);
        if held {
            self.hold_music();
        }
    }

    /// The caller hears the queue's music in place of the agent.
    pub(super) fn hold_music(&mut self) {
        let rules = self.queued.as_ref().and_then(|queued| self.program.queue(&queued.queue));
        let Some(music) = rules.map(|rules| rules.music.clone()) else { return };
        self.media(media::Command::Unbridge { leg: self.caller });
        let (leg, sound) = (self.caller, Sound::Music { name: music, from: MusicFrom::WhereItWas });
        self.outputs.push_back(Output::Play { leg, play: HOLD_MUSIC, sound, stop_on_key: false });
    }
}

/// The order of the music that a held caller hears; the flow counts up from 0 and never gets here.
const HOLD_MUSIC: PlayId = PlayId(u64::MAX);
