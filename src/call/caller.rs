//! What happens on the caller's leg.

use super::leg::Leg;
use super::machine::{Call, Heard, Phase};
use super::ring::leave_alone;
use super::state::CallTurn;
use super::{By, Happened, Output};
use crate::base::{Digit, LegId, Now};
use crate::engine;
use crate::flow::Answering;
use crate::media;
use crate::sip::{self, DialogEnd};

impl Call {
    /// The caller's port is open: answer.
    pub(super) fn on_caller_media(&mut self, now: Now, local: Option<media::Port>) {
        if !matches!(self.phase, Phase::Arriving) {
            return;
        }
        let Some(local) = local else { return self.refuse(now, 503, "no-port") };
        let mut leg = Leg::new(self.caller, local);
        match self.incoming.offer.take() {
            Some(offer) => match leg.answer(&offer) {
                Ok(sdp) if self.program.answer == Answering::WhenNeeded => {
                    self.early = Some(sdp.as_str().into());
                    self.sip(sip::Command::Progress { leg: self.caller, sdp });
                    self.up(now, leg);
                }
                Ok(sdp) => {
                    self.sip(sip::Command::Answer { leg: self.caller, sdp });
                    self.up(now, leg);
                }
                Err(_) => self.refuse(now, 488, "no-codec"),
            },
            None => {
                let sdp = leg.offer(None);
                self.sip(sip::Command::Answer { leg: self.caller, sdp });
                self.phase = Phase::Offering(leg);
                self.turn(CallTurn::Offered);
            }
        }
    }

    /// Both directions are known: the flow begins.
    fn up(&mut self, now: Now, leg: Leg) {
        if let Some(stream) = leg.stream.clone() {
            self.media(media::Command::Connect { leg: self.caller, stream: *stream });
        }
        self.phase = Phase::Up(leg);
        self.turn(CallTurn::Answered);
        if self.early.is_none() {
            self.event(now, Happened::Answered);
        }
        self.tell_engine(now, engine::Input::Answered);
    }

    /// Answers a caller who has only heard us so far.
    pub(super) fn answer(&mut self, now: Now) {
        if let Some(sdp) = self.early.take() {
            self.sip(sip::Command::Answer { leg: self.caller, sdp: sdp.into() });
            self.event(now, Happened::Answered);
        }
    }

    fn refuse(&mut self, now: Now, status: u16, why: &'static str) {
        let retry_after = (status == 503).then_some(5);
        self.sip(sip::Command::Reject { leg: self.caller, status, retry_after });
        self.end(now, By::Us, why);
    }

    pub(super) fn on_sip(&mut self, now: Now, event: sip::Event) {
        match event {
            sip::Event::Cancelled { leg } if leg == self.caller => self.end(now, By::Caller, "cancelled"),
            sip::Event::Acked { leg, sdp } => self.on_acked(now, leg, sdp),
            sip::Event::Ended { leg, why } if leg == self.caller => match why {
                DialogEnd::Bye => self.end(now, By::Caller, "hangup"),
                DialogEnd::NoAck => self.end(now, By::Peer, "no-ack"),
                DialogEnd::Dead => self.end(now, By::Peer, "dead-peer"),
                DialogEnd::Expired => self.end(now, By::Peer, "expired"),
                DialogEnd::Unkeyed => self.end(now, By::Peer, "no-keys"),
                DialogEnd::Ours => {}
            },
            sip::Event::Digit { leg, digit } if leg == self.caller => self.on_info_digit(now, digit),
            sip::Event::Reason { leg, reason } => {
                let by = if leg == self.caller { By::Caller } else { By::Agent };
                self.event(now, Happened::Reason { by, reason });
            }
            sip::Event::Reoffered { leg, sdp } => self.on_reoffered(now, leg, sdp),
            sip::Event::ReofferAnswered { leg, sdp: Some(sdp) } => self.on_reoffer_answered(leg, &sdp),
            sip::Event::Digit { leg, digit } => self.on_side_digit(now, leg, digit),
            sip::Event::Answered { leg, sdp } => self.on_side_answered(now, leg, &sdp),
            sip::Event::Failed { leg, status, later } => {
                let agent = self.sides.of(leg).and_then(|side| side.agent().cloned());
                self.on_side_failed(now, leg, status);
                if let Some(input) = leave_alone(agent, later) {
                    self.board(input);
                }
            }
            sip::Event::Ended { leg, why } => self.on_side_ended(now, leg, why),
            sip::Event::Ringing { leg, .. } => self.on_handing_rings(leg),
            sip::Event::Referred { leg, referral } => self.on_referred(now, leg, &referral),
            sip::Event::Cancelled { leg } => self.on_side_failed(now, leg, 487),
            sip::Event::ReofferAnswered { .. }
            | sip::Event::Alive { .. }
            | sip::Event::Incoming(_)
            | sip::Event::StrandedUnanswered { .. }
            | sip::Event::TurnedAway
            | sip::Event::Blamed { .. }
            | sip::Event::Banned(_)
            | sip::Event::Trunk { .. }
            | sip::Event::Registered { .. } => {}
        }
    }

    fn on_acked(&mut self, now: Now, leg: LegId, sdp: Option<String>) {
        if leg != self.caller {
            let own = self.sides.of_mut(leg).and_then(|side| side.leg.as_mut());
            if let (Some(sdp), Some(own)) = (sdp, own)
                && own.accept(&sdp).is_ok()
                && let Some(stream) = own.stream.clone()
            {
                self.media(media::Command::Connect { leg, stream: *stream });
            }
            return;
        }
        let Some(sdp) = sdp else { return };
        let Some(own) = self.caller_leg() else { return };
        if own.accept(&sdp).is_err() {
            return self.end(now, By::Us, "no-codec");
        }
        let own = own.clone();
        match self.phase {
            Phase::Offering(_) => self.up(now, own),
            Phase::Up(_) => {
                if let Some(stream) = own.stream {
                    self.media(media::Command::Connect { leg, stream: *stream });
                }
            }
            Phase::Arriving | Phase::Closing(_) | Phase::Over => {}
        }
    }

    /// A key by SIP INFO; passed over when the phone also sends its keys in RTP.
    fn on_info_digit(&mut self, now: Now, digit: Digit) {
        if self.heard == Heard::Rtp {
            return;
        }
        match self.sides.talking().map(|side| side.id) {
            Some(leg) => self.media(media::Command::SendDigits { leg, digits: vec![digit] }),
            None => {
                if self.playing == engine::Keys::Stop {
                    self.media(media::Command::Stop { leg: self.caller });
                }
                self.tell_engine(now, engine::Input::Digit(digit));
            }
        }
    }

    /// Hold, resume or a new address, from either side.
    fn on_reoffered(&mut self, now: Now, leg: LegId, sdp: Option<String>) {
        let by = if leg == self.caller { By::Caller } else { By::Agent };
        let own = match by {
            By::Caller => self.caller_leg(),
            _ => self.sides.of_mut(leg).and_then(|side| side.leg.as_mut()),
        };
        let Some(own) = own else { return self.sip(sip::Command::RejectReoffer { leg }) };
        let was_held = own.is_held();
        let answer = own.answer_again(sdp.as_deref());
        let (held, stream) = (own.is_held(), own.stream.clone());
        match answer {
            Ok(sdp) => {
                // What was agreed on last is what the 200 says again.
                if let Some(early) = self.early.as_mut().filter(|_| leg == self.caller) {
                    *early = sdp.as_str().into();
                }
                self.sip(sip::Command::AnswerReoffer { leg, sdp });
            }
            Err(_) => return self.sip(sip::Command::RejectReoffer { leg }),
        }
        if let Some(stream) = stream {
            self.media(media::Command::Connect { leg, stream: *stream });
        }
        if held != was_held {
            self.event(now, Happened::Hold { by, held });
            if by == By::Agent {
                self.on_hold(leg, held);
            }
        }
    }

    /// The peer's answer to what we said again to refresh the session; what can't be read changes nothing.
    fn on_reoffer_answered(&mut self, leg: LegId, sdp: &str) {
        let own = match leg == self.caller {
            true => self.caller_leg(),
            false => self.sides.of_mut(leg).and_then(|side| side.leg.as_mut()),
        };
        let Some(own) = own else { return };
        let before = own.stream.clone();
        if own.accept(sdp).is_ok()
            && own.stream != before
            && let Some(stream) = own.stream.clone()
        {
            self.media(media::Command::Connect { leg, stream: *stream });
        }
    }

    pub(super) fn sip(&mut self, command: sip::Command) {
        self.outputs.push_back(Output::Sip(command));
    }
}
