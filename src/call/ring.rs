//! Phones that ring for the caller: one, or several at once, of which the first to
//! answer has the call.

use std::time::Duration;

use super::leg::Leg;
use super::machine::{Call, Timer};
use super::sides::{Move, Stage, Who};
use super::state::CallTurn;
use super::waiting::Entered;
use super::{Beep, By, Confirm, Happened, Output, Reach, Whisper};
use crate::base::{AgentName, Digit, LegId, Now, PhoneNumber, PlayId, Private};
use crate::engine::{self, Sound, TransferNews};
use crate::media;
use crate::queue::{self, Missed, Parted};
use crate::sip::{self, Identity, Target};
use crate::speech::press_one;

impl Call {
    pub(super) fn transfer(&mut self, now: Now, to: PhoneNumber, ring: Duration) {
        self.event(now, Happened::Transferring { to: to.clone() });
        self.ring(now, Who::Outside(to), ring);
    }

    /// Opens a leg. Its INVITE goes out when its port is there.
    pub(super) fn ring(&mut self, now: Now, who: Who, ring: Duration) -> LegId {
        if let Who::Agent(agent) = &who {
            self.event(now, Happened::Ringing { agent: agent.clone() });
        }
        if self.sides.is_empty() {
            self.turn(CallTurn::Rings);
        }
        let leg = self.sides.open(self.caller, who);
        self.timers.set(Timer::Ring(leg), now.mono + ring);
        self.outputs.push_back(Output::OpenMedia { leg });
        leg
    }

    pub(super) fn on_side_media(&mut self, now: Now, leg: LegId, local: Option<media::Port>) {
        let codec = self.caller_leg().and_then(|l| l.stream.as_ref()).map(|s| s.codec);
        if self.sides.of(leg).is_none_or(|side| side.stage != Stage::Opening) {
            // Somebody was quicker than the port: give it back.
            return self.media(media::Command::Close { leg });
        }
        if let Some(came) = self.came(leg) {
            return self.answer_side(now, leg, local, came.offer);
        }
        let Some(local) = local else { return self.on_side_failed(now, leg, 503) };
        let mut own = Leg::new(leg, local);
        let sdp = own.offer(codec);
        let Some(side) = self.sides.of_mut(leg) else { return };
        side.leg = Some(own);
        side.turn(Move::Invited);
        let who = side.who.clone();
        let (to, from) = self.dialled(&who);
        let invitation = self.invitation(leg, to, from, sdp);
        self.sip(invitation);
    }

    /// Whom to dial, and who is presented there: the caller to an agent's phone, the
    /// service to an outside number.
    fn dialled(&self, who: &Who) -> (Target, Identity) {
        let presented = self.settings.presented.as_ref().or_else(|| self.program.numbers.first());
        let service = Identity {
            user: presented.map(|n| Private::new(n.as_str().to_owned())),
            display: Some(self.program.card.name.to_string()),
        };
        match who {
            Who::Agent(agent) => match self.settings.reach(agent) {
                Reach::Number { number, .. } => (Target::Trunk(number.clone()), service),
                Reach::Registered => {
                    let caller = Identity { user: self.incoming.from_user.clone(), display: None };
                    (Target::Agent(agent.clone()), caller)
                }
            },
            Who::Outside(number) | Who::Handed(number) => (Target::Trunk(number.clone()), service),
        }
    }

    pub(super) fn on_side_answered(&mut self, now: Now, leg: LegId, sdp: &str) {
        let Some(side) = self.sides.of_mut(leg) else {
            // Given up a moment ago: the endpoint is told to end what was just answered.
            return self.sip(sip::Command::End { leg });
        };
        if side.stage != Stage::Ringing {
            return;
        }
        let Some(own) = &mut side.leg else { return };
        if own.accept(sdp).is_err() {
            return self.on_side_failed(now, leg, 488);
        }
        let (stream, who) = (own.stream.clone(), side.who.clone());
        self.timers.stop(Timer::Ring(leg));
        if let Some(stream) = stream {
            self.media(media::Command::Connect { leg, stream: *stream });
        }
        match self.confirm(&who) {
            Confirm::Key => {
                self.go(leg, Move::Answered);
                self.timers.set(Timer::Press(leg), now.mono + PRESS_WITHIN);
                self.ask_for_key(now, leg);
            }
            Confirm::Unasked => self.take(now, leg),
        }
    }

    /// Whether a key must be pressed there: at outside numbers of agents only, as the settings say.
    fn confirm(&self, who: &Who) -> Confirm {
        match who {
            Who::Agent(agent) => match self.settings.reach(agent) {
                Reach::Number { confirm, .. } => *confirm,
                Reach::Registered => Confirm::Unasked,
            },
            Who::Outside(_) | Who::Handed(_) => Confirm::Unasked,
        }
    }

    /// Asks for the key: a tone first, which is heard even where the voice is not.
    pub(super) fn ask_for_key(&mut self, now: Now, leg: LegId) {
        if self.sides.of(leg).is_some_and(|side| side.stage == Stage::Asked) {
            self.timers.set(Timer::Ask(leg), now.mono + ASK_AGAIN);
            self.outputs.push_back(Output::Beep { leg, play: ASK, beep: Beep::Attention });
        }
    }

    /// A key on a leg beside the caller's: 1 takes the call, any key ends the briefing.
    pub(super) fn on_side_digit(&mut self, now: Now, leg: LegId, digit: Digit) {
        match self.sides.of(leg).map(|side| side.stage) {
            Some(Stage::Asked) if digit.as_char() == '1' => self.take(now, leg),
            Some(Stage::Briefed) => self.bridge(now, leg),
            Some(Stage::Opening | Stage::Ringing | Stage::Asked | Stage::Talking | Stage::Closed) | None => {}
        }
    }

    pub(super) fn on_side_heard(&mut self, now: Now, leg: LegId, play: PlayId) {
        match (self.sides.of(leg).map(|side| side.stage), play) {
            (Some(Stage::Asked), ASK) => {
                let sound = Sound::Phrase(press_one(self.program.language));
                self.outputs.push_back(Output::Play { leg, play: ASK_WORDS, sound, stop_on_key: false });
            }
            (Some(Stage::Briefed), BRIEF) => self.bridge(now, leg),
            _ => {}
        }
    }

    /// Whoever is at this phone has the call: every other phone is stopped at once.
    pub(super) fn take(&mut self, now: Now, leg: LegId) {
        for timer in [Timer::Press(leg), Timer::Ask(leg)] {
            self.timers.stop(timer);
        }
        let handed = self.handed_over(now, leg);
        self.stop_others(now, leg);
        let Some(agent) = self.sides.of(leg).and_then(|side| side.agent().cloned()) else {
            return self.bridge(now, leg);
        };
        let who = self.id.into();
        self.board(match handed {
            true => queue::Input::Handed { who, agent },
            false => queue::Input::Answered { who, agent },
        });
        if self.whisper() == Whisper::None {
            return self.bridge(now, leg);
        }
        self.go(leg, Move::Taken);
        self.timers.set(Timer::Brief(leg), now.mono + BRIEF_WITHIN);
        let sound = Sound::Phrase(self.brief.words(now.mono, self.program.language));
        self.outputs.push_back(Output::Play { leg, play: BRIEF, sound, stop_on_key: false });
    }

    /// Whether the agent is told who it is: as the caller's queue says, else as the settings do.
    fn whisper(&self) -> Whisper {
        let rules = self.queued.as_ref().and_then(|queued| self.program.queue(&queued.queue));
        match rules.and_then(|rules| rules.whisper) {
            Some(true) => Whisper::Wait,
            Some(false) => Whisper::None,
            None => self.settings.whisper,
        }
    }

    fn stop_others(&mut self, now: Now, leg: LegId) {
        for other in self.sides.ids().into_iter().filter(|other| *other != leg) {
            let agent = self.sides.of(other).and_then(|side| side.agent().cloned());
            self.close_side_for(now, other, Some(sip::Reason::ELSEWHERE));
            if let Some(agent) = agent {
                self.event(now, Happened::Stopped { agent });
            }
        }
    }

    /// The phone could not be had: the caller keeps the place, or the flow goes on.
    pub(super) fn on_side_failed(&mut self, now: Now, leg: LegId, status: u16) {
        let why = match status {
            486 | 600 | 603 | 403 => Missed::Rejected,
            _ => Missed::Unreachable,
        };
        self.missed(now, leg, why, status);
    }

    pub(super) fn missed(&mut self, now: Now, leg: LegId, why: Missed, status: u16) {
        let Some(who) = self.sides.of(leg).filter(|side| side.is_rung()).map(|side| side.who.clone()) else { return };
        self.close_side(now, leg);
        match who {
            Who::Agent(agent) => {
                self.event(now, Happened::Missed { agent: agent.clone(), why });
                self.board(queue::Input::Missed { who: self.id.into(), agent, why });
            }
            Who::Outside(_) => {
                self.event(now, Happened::TransferFailed { status });
                self.tell_engine(now, engine::Input::Transfer(TransferNews::Failed));
            }
            Who::Handed(_) => self.event(now, Happened::TransferFailed { status }),
        }
        self.on_handing_missed(now, leg, status);
    }

    /// The agent hung up on hearing who it is, or vanished: the caller is where the caller was.
    pub(super) fn declined(&mut self, now: Now, leg: LegId, why: Missed) {
        let Some(agent) = self.sides.of(leg).and_then(|side| side.agent().cloned()) else { return };
        self.close_side(now, leg);
        self.event(now, Happened::Missed { agent: agent.clone(), why });
        match &mut self.queued {
            Some(queued) => {
                queued.entered = Entered::Back;
                let queue = queued.queue.clone();
                self.board(queue::Input::Rejoin { who: self.id.into(), queue, why: Parted::Declined(why) });
            }
            None => self.board(queue::Input::TalkEnded { who: self.id.into(), agent }),
        }
    }

    /// Gives every leg beside the caller's back with the call; a talk is given back to the board first.
    pub(super) fn drop_sides(&mut self, now: Now, by: By) {
        let taken = self.sides.taker().and_then(|side| Some((side.agent()?.clone(), side.is_talking())));
        if let Some((agent, talked)) = taken {
            if talked {
                self.event(now, Happened::TalkEnded { agent: agent.clone(), by });
            }
            self.board(queue::Input::TalkEnded { who: self.id.into(), agent });
            self.queued = None;
        }
        self.close_sides(now);
    }

    pub(super) fn close_sides(&mut self, now: Now) {
        for leg in self.sides.ids() {
            self.close_side(now, leg);
        }
    }

    pub(super) fn close_side(&mut self, now: Now, leg: LegId) {
        self.close_side_for(now, leg, None);
    }

    /// The same, and the phone is told why.
    pub(super) fn close_side_for(&mut self, now: Now, leg: LegId, reason: Option<sip::Reason>) {
        let Some(mut side) = self.sides.close(leg) else { return };
        for timer in [Timer::Ring(leg), Timer::Ask(leg), Timer::Press(leg), Timer::Brief(leg)] {
            self.timers.stop(timer);
        }
        if side.is_talking() {
            self.recorder.left(leg, side.agent().cloned());
            self.unwatch(now);
            self.turn(CallTurn::Released);
            if !self.sides.is_empty() {
                self.turn(CallTurn::Rings);
            }
            self.media(media::Command::Unbridge { leg: self.caller });
        } else if self.sides.is_empty() {
            self.turn(CallTurn::Missed);
        }
        // A port that is still being opened is closed when it comes.
        if side.stage != Stage::Opening {
            self.sip(match reason {
                Some(reason) => sip::Command::EndFor { leg, reason },
                None => sip::Command::End { leg },
            });
            self.media(media::Command::Close { leg });
        }
        side.turn(Move::Ended);
    }

    /// Moves a leg on in the table of [`Stage`].
    pub(super) fn go(&mut self, leg: LegId, event: Move) {
        let Some(side) = self.sides.of_mut(leg) else { return };
        let stage = side.stage;
        let moved = side.turn(event);
        debug_assert!(moved, "{event:?} means nothing to a leg that is {stage:?}");
    }
}

/// What the board is told of an agent whose phone has said when to try again.
pub(super) fn leave_alone(agent: Option<AgentName>, later: Option<sip::Later>) -> Option<queue::Input> {
    let (sip::Later::Asked(seconds) | sip::Later::Capped(seconds)) = later?;
    Some(queue::Input::LeaveAlone { agent: agent?, at_least: Duration::from_secs(seconds.into()) })
}

/// How long the key may take: the tone and the words twice. The board gives a ringing up
/// 10 s after its time, so that this must be shorter.
const PRESS_WITHIN: Duration = Duration::from_secs(9);
const ASK_AGAIN: Duration = Duration::from_millis(4_500);
/// The longest briefing has five clips and lasts 6 s; a media worker that tells nothing must not keep the two apart.
const BRIEF_WITHIN: Duration = Duration::from_secs(10);
/// What is played to the legs beside the caller's.
const ASK: PlayId = PlayId(1);
const ASK_WORDS: PlayId = PlayId(2);
const BRIEF: PlayId = PlayId(3);
/// What is played to both in a talk; the flow's own orders count up from 0 and never get here.
pub(super) const NOTICE: PlayId = PlayId(u64::MAX - 1);
