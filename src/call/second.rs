//! What happens on the leg beside the caller's: an agent, or an outside number.

use std::net::SocketAddr;
use std::time::Duration;

use super::leg::{Leg, Second, SecondState, Who};
use super::machine::{Call, Phase, Timer};
use super::state::CallTurn;
use super::{By, Happened, Output, Reach};
use crate::base::{AgentName, LegId, Now, PhoneNumber, PlayId, QueueName, Skill};
use crate::engine::{self, QueueNews, Sound, TransferNews};
use crate::media;
use crate::queue::{self, Missed, Refused};
use crate::sip::{self, DialogEnd, Identity, Target};

impl Call {
    pub(super) fn join(&mut self, queue: QueueName, needs: Vec<Skill>, priority: u8) {
        self.queued = Some(queue.clone());
        let caller = self.incoming.from.as_ref().map(|number| number.reveal().into());
        let join = queue::Join { needs, priority, caller, ..queue::Join::new(self.id, queue) };
        self.board(queue::Input::Join(join));
    }

    pub(super) fn leave_queue(&mut self) {
        if self.queued.take().is_some() {
            self.board(queue::Input::Leave { who: self.id.into(), why: queue::Left::WentOn });
        }
        if !self.is_talking() {
            self.close_second();
        }
    }

    pub(super) fn on_queue(&mut self, now: Now, news: queue::Output) {
        if !matches!(self.phase, Phase::Up(_)) {
            return;
        }
        match news {
            queue::Output::Joined { rank, .. } => {
                if let Some(queue) = self.queued.clone() {
                    self.event(now, Happened::Joined { queue, rank });
                }
                self.tell_engine(now, engine::Input::Queue(QueueNews::Joined { rank }));
            }
            queue::Output::Rank { rank, .. } => {
                self.tell_engine(now, engine::Input::Queue(QueueNews::Rank { rank }));
            }
            queue::Output::Refused { why, .. } => self.on_refused(now, why),
            // The flow has no other way on yet: it is the one where nobody could help.
            queue::Output::TimedOut { .. } => self.on_refused(now, Refused::Nobody),
            queue::Output::Withdraw { agent, .. } => self.withdraw(&agent),
            queue::Output::Offer { agent, ring, .. } => self.ring(now, Who::Agent(agent), ring),
            queue::Output::Agent { .. } => {}
        }
    }

    fn on_refused(&mut self, now: Now, why: Refused) {
        let Some(queue) = self.queued.take() else { return };
        let news = match why {
            Refused::Full => QueueNews::Full,
            Refused::Nobody | Refused::Paused | Refused::Closed | Refused::Unknown => QueueNews::Nobody,
        };
        self.event(now, Happened::Refused { queue, why: why.word() });
        self.tell_engine(now, engine::Input::Queue(news));
    }

    pub(super) fn transfer(&mut self, now: Now, to: PhoneNumber, ring: Duration) {
        self.event(now, Happened::Transferring { to: to.clone() });
        self.ring(now, Who::Outside(to), ring);
    }

    /// Opens the second leg. Its INVITE goes out when its port is there.
    fn ring(&mut self, now: Now, who: Who, ring: Duration) {
        self.close_second();
        self.legs_opened += 1;
        let id = LegId(self.caller.0 + 1 + (self.legs_opened - 1) % 255);
        if let Who::Agent(agent) = &who {
            self.event(now, Happened::Ringing { agent: agent.clone() });
        }
        self.second = Some(Second { id, who, state: SecondState::Opening });
        self.turn(CallTurn::Rings);
        self.timers.set(Timer::Ring, now.mono + ring);
        self.outputs.push_back(Output::OpenMedia { leg: id });
    }

    pub(super) fn on_second_media(&mut self, now: Now, leg: LegId, local: Option<SocketAddr>) {
        let codec = self.caller_leg().and_then(|l| l.stream.as_ref()).map(|s| s.codec);
        let Some(second) = self.second.as_mut().filter(|s| s.id == leg) else {
            // The caller was quicker than the port: give it back.
            return self.media(media::Command::Close { leg });
        };
        let Some(local) = local else { return self.on_second_failed(now, leg, 503) };
        let mut own = Leg::new(leg, local);
        let sdp = own.offer(codec);
        second.state = SecondState::Ringing(own);
        let (to, from) = self.dialled();
        self.sip(sip::Command::Invite { leg, to, from, sdp });
    }

    /// Whom to dial, and who is presented there: the caller to an agent's phone, the
    /// service to an outside number.
    fn dialled(&self) -> (Target, Identity) {
        let caller = Identity { user: self.incoming.from_user.clone(), display: None };
        let presented = self.settings.presented.as_ref().or_else(|| self.program.numbers.first());
        let service = Identity {
            user: presented.map(|n| crate::base::Private::new(n.as_str().to_owned())),
            display: Some(self.program.card.name.to_string()),
        };
        match self.second.as_ref().map(|s| &s.who) {
            Some(Who::Agent(agent)) => match self.settings.reach.iter().find(|(name, _)| name == agent) {
                Some((_, Reach::Number(number))) => (Target::Trunk(number.clone()), service),
                Some((_, Reach::Registered)) | None => (Target::Agent(agent.clone()), caller),
            },
            Some(Who::Outside(number)) => (Target::Trunk(number.clone()), service),
            None => (Target::Uri(String::new()), service),
        }
    }

    pub(super) fn on_second_answered(&mut self, now: Now, leg: LegId, sdp: &str) {
        let Some(second) = self.second.as_mut().filter(|s| s.id == leg) else {
            // Given up a moment ago: the endpoint is told to end what was just answered.
            return self.sip(sip::Command::End { leg });
        };
        let SecondState::Ringing(own) = &mut second.state else { return };
        if own.accept(sdp).is_err() {
            self.sip(sip::Command::End { leg });
            return self.on_second_failed(now, leg, 488);
        }
        let own = own.clone();
        let stream = own.stream.clone();
        second.state = SecondState::Talking(own);
        let who = second.who.clone();
        self.turn(CallTurn::Connected);
        self.timers.stop(Timer::Ring);
        if let Some(stream) = stream {
            self.media(media::Command::Connect { leg, stream });
        }
        // The engine stops the announcement first: what is bridged is heard alone.
        match who {
            Who::Agent(agent) => {
                self.board(queue::Input::Answered { who: self.id.into(), agent: agent.clone() });
                self.event(now, Happened::Connected { agent: agent.clone() });
                self.tell_engine(now, engine::Input::Queue(QueueNews::Connected { agent }));
            }
            Who::Outside(_) => {
                self.event(now, Happened::Transferred);
                self.tell_engine(now, engine::Input::Transfer(TransferNews::Connected));
            }
        }
        self.media(media::Command::Bridge { leg: self.caller, with: leg });
    }

    /// The board wants an agent left alone; one who has answered meanwhile is not.
    fn withdraw(&mut self, agent: &AgentName) {
        let rings = |second: &Second| !second.is_talking() && second.who == Who::Agent(agent.clone());
        if self.second.as_ref().is_some_and(rings) {
            self.close_second();
        }
    }

    pub(super) fn on_ring_over(&mut self, now: Now) {
        let Some(second) = &self.second else { return };
        self.missed(now, second.id, Missed::NoAnswer, 408);
    }

    pub(super) fn on_second_failed(&mut self, now: Now, leg: LegId, status: u16) {
        let why = match status {
            486 | 600 | 603 | 403 => Missed::Rejected,
            _ => Missed::Unreachable,
        };
        self.missed(now, leg, why, status);
    }

    /// The second side could not be had: the caller keeps the place, or the flow goes on.
    fn missed(&mut self, now: Now, leg: LegId, why: Missed, status: u16) {
        let Some(second) = self.second.as_ref().filter(|s| s.id == leg && !s.is_talking()) else { return };
        let who = second.who.clone();
        self.close_second();
        match who {
            Who::Agent(agent) => {
                self.event(now, Happened::Missed { agent: agent.clone(), why });
                self.board(queue::Input::Missed { who: self.id.into(), agent, why });
            }
            Who::Outside(_) => {
                self.event(now, Happened::TransferFailed { status });
                self.tell_engine(now, engine::Input::Transfer(TransferNews::Failed));
            }
        }
    }

    pub(super) fn on_second_ended(&mut self, now: Now, leg: LegId, why: DialogEnd) {
        let Some(second) = self.second.as_ref().filter(|s| s.id == leg) else { return };
        if !second.is_talking() {
            return self.on_second_failed(now, leg, 480);
        }
        let who = second.who.clone();
        let by = if why == DialogEnd::Bye { By::Agent } else { By::Peer };
        self.close_second();
        match who {
            Who::Agent(agent) => self.on_talk_ended(now, agent, by),
            Who::Outside(_) => self.tell_engine(now, engine::Input::Transfer(TransferNews::TalkEnded)),
        }
    }

    /// The agent has gone, the caller is still there. An agent who vanished (a dead
    /// phone, a cut network) gives the caller back to the queue, at the old place.
    fn on_talk_ended(&mut self, now: Now, agent: AgentName, by: By) {
        self.event(now, Happened::TalkEnded { agent: agent.clone(), by });
        match (by, self.queued.clone()) {
            (By::Peer, Some(queue)) => {
                self.board(queue::Input::Rejoin { who: self.id.into(), queue });
            }
            _ => {
                self.queued = None;
                self.board(queue::Input::TalkEnded { who: self.id.into(), agent });
                self.tell_engine(now, engine::Input::Queue(QueueNews::TalkEnded));
            }
        }
    }

    /// While the agent holds the call, the caller hears the queue's music, not silence.
    pub(super) fn on_agent_hold(&mut self, held: bool) {
        let Some(second) = self.second.as_ref().filter(|s| s.is_talking()) else { return };
        let with = second.id;
        let music = self.queued.as_ref().and_then(|q| self.program.queue(q)).map(|rules| rules.music.clone());
        match (held, music) {
            (true, Some(music)) => {
                self.media(media::Command::Unbridge { leg: self.caller });
                let (leg, sound) = (self.caller, Sound::Music(music));
                self.outputs.push_back(Output::Play { leg, play: HOLD_MUSIC, sound, stop_on_key: false });
            }
            (true, None) => {}
            (false, _) => self.media(media::Command::Bridge { leg: self.caller, with }),
        }
    }

    /// Ends the second leg with the call; a talk is given back to the board first.
    pub(super) fn drop_second(&mut self, now: Now, by: By) {
        if let Some(Second { who: Who::Agent(agent), state: SecondState::Talking(_), .. }) = self.second.clone() {
            self.event(now, Happened::TalkEnded { agent: agent.clone(), by });
            self.board(queue::Input::TalkEnded { who: self.id.into(), agent });
            self.queued = None;
        }
        self.close_second();
    }

    fn close_second(&mut self) {
        self.timers.stop(Timer::Ring);
        let Some(second) = self.second.take() else { return };
        if second.is_talking() {
            self.turn(CallTurn::Released);
            self.media(media::Command::Unbridge { leg: self.caller });
        } else {
            self.turn(CallTurn::Missed);
        }
        if !matches!(second.state, SecondState::Opening) {
            self.sip(sip::Command::End { leg: second.id });
            self.media(media::Command::Close { leg: second.id });
        }
    }
}

/// The order of the music that a held caller hears; the flow counts up from 0 and never gets here.
const HOLD_MUSIC: PlayId = PlayId(u64::MAX);
