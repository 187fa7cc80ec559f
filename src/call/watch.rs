//! A supervisor who listens to a talk, from a call of the supervisor's own.

use super::machine::Call;
use super::ring::NOTICE;
use super::{Beep, Happened, Notice, Output};
use crate::base::{AgentName, LegId, Now};
use crate::media;

/// How a supervisor takes part in a talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Hears both, and is heard by nobody.
    Listen,
    /// Hears both, and is heard by the agent.
    Whisper,
    /// All hear all.
    Barge,
}

impl Mode {
    /// Every mode, in the order of the keys that choose it: 1, 2, 3.
    pub const ALL: [Self; 3] = [Self::Listen, Self::Whisper, Self::Barge];

    /// The word in the log, the record and the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Whisper => "whisper",
            Self::Barge => "barge",
        }
    }
}

/// What a supervisor's call asks of the call that holds the talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchOrder {
    /// Let this leg take part.
    Begin {
        /// The supervisor's leg, which belongs to the other call.
        leg: LegId,
        /// The agent whose talk it is.
        agent: AgentName,
        /// The supervisor.
        by: AgentName,
        /// How.
        mode: Mode,
    },
    /// Take part in another way.
    Change {
        /// The supervisor's leg.
        leg: LegId,
        /// How.
        mode: Mode,
    },
    /// The supervisor has gone.
    End {
        /// The supervisor's leg.
        leg: LegId,
    },
}

/// What a supervisor's call is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The supervisor hears the talk from now on.
    Begun,
    /// There is no talk to hear, or no longer, or somebody else hears it.
    Over,
}

/// A supervisor in this call's talk: one at a time.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    leg: LegId,
    by: AgentName,
    mode: Mode,
    heard: Hears,
}

/// Whether the supervisor hears the talk yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hears {
    /// Not before who is listened to has been given notice.
    AfterNotice,
    Now,
}

impl Call {
    pub(super) fn on_watch(&mut self, now: Now, order: WatchOrder) {
        match order {
            WatchOrder::Begin { leg, agent, by, mode } => {
                let talks = self.sides.talking().is_some_and(|side| side.agent() == Some(&agent));
                if !talks || self.watch.is_some() {
                    return self.outputs.push_back(Output::Watched { leg, news: Watched::Over });
                }
                self.watch = Some(Box::new(Watch { leg, by, mode, heard: Hears::AfterNotice }));
                self.give_notice(now);
            }
            WatchOrder::Change { leg, mode } => {
                let Some(watch) = self.watch.as_mut().filter(|watch| watch.leg == leg && watch.mode != mode) else {
                    return;
                };
                watch.mode = mode;
                if watch.heard == Hears::Now {
                    self.note_watch(now);
                    self.hear_each_other();
                }
            }
            WatchOrder::End { leg } => {
                if let Some(watch) = self.watch.take_if(|watch| watch.leg == leg) {
                    self.event(now, Happened::WatchEnded { by: watch.by });
                    self.hear_each_other();
                }
            }
        }
    }

    /// A tone to whom the settings name; the supervisor hears nothing before its end.
    fn give_notice(&mut self, now: Now) {
        let Some(agent) = self.sides.talking().map(|side| side.id) else { return };
        let notice = self.settings.notice;
        let told = [(notice.agent, agent), (notice.caller, self.caller)];
        let told: Vec<LegId> =
            told.into_iter().filter(|(notice, _)| *notice == Notice::Tone).map(|(_, leg)| leg).collect();
        if told.is_empty() {
            return self.begin_watch(now);
        }
        for leg in told {
            self.outputs.push_back(Output::Beep { leg, play: NOTICE, beep: Beep::Attention });
        }
    }

    pub(super) fn on_notice_heard(&mut self, now: Now) {
        if self.watch.as_ref().is_some_and(|watch| watch.heard == Hears::AfterNotice) {
            self.begin_watch(now);
        }
    }

    fn begin_watch(&mut self, now: Now) {
        let Some(watch) = &mut self.watch else { return };
        watch.heard = Hears::Now;
        let leg = watch.leg;
        self.note_watch(now);
        self.outputs.push_back(Output::Watched { leg, news: Watched::Begun });
        self.hear_each_other();
        self.music_on_hold();
    }

    fn note_watch(&mut self, now: Now) {
        if let Some(Watch { by, mode, .. }) = self.watch.as_deref().cloned() {
            self.event(now, Happened::Watched { by, mode });
        }
    }

    /// Orders who hears whom in the talk. While the agent holds the call, the caller hears
    /// music and the rest is ordered when the hold is over.
    pub(super) fn hear_each_other(&mut self) {
        let Some(side) = self.sides.talking() else { return };
        let (caller, agent) = (self.caller, side.id);
        let held = side.leg.as_ref().is_some_and(super::leg::Leg::is_held);
        let watch = self.watch.as_ref().filter(|watch| watch.heard == Hears::Now).map(|watch| (watch.leg, watch.mode));
        let Some((leg, mode)) = watch else {
            if !held {
                self.media(media::Command::Bridge { leg: caller, with: agent });
            }
            return;
        };
        // Not by a bridge: it would make the two deaf to whom they have just begun to hear.
        let (to_agent, to_caller) = match mode {
            Mode::Listen => (vec![caller], vec![agent]),
            Mode::Whisper => (vec![caller, leg], vec![agent]),
            Mode::Barge => (vec![caller, leg], vec![agent, leg]),
        };
        self.media(media::Command::Hear { leg, sources: vec![caller, agent] });
        if !held {
            self.media(media::Command::Hear { leg: agent, sources: to_agent });
            self.media(media::Command::Hear { leg: caller, sources: to_caller });
        }
    }

    /// The talk is over, and the listening with it.
    pub(super) fn unwatch(&mut self, now: Now) {
        if let Some(Watch { leg, by, .. }) = self.watch.take().map(|watch| *watch) {
            self.media(media::Command::Hear { leg, sources: Vec::new() });
            self.event(now, Happened::WatchEnded { by });
            self.outputs.push_back(Output::Watched { leg, news: Watched::Over });
        }
    }
}
