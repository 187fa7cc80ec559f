use std::collections::VecDeque;

use super::io::{Action, Keys, Note, Sound};
use crate::base::PlayId;

/// What a machine has said and not yet handed out, and the sound that the caller hears.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    actions: VecDeque<Action>,
    hearing: Option<Hearing>,
    plays: u64,
}

/// The sound that the media plane was last asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    /// Its end is waited for.
    Wanted(PlayId),
    /// Nobody waits for its end: it is stopped unless another sound takes its place.
    Unwanted,
}

impl Outbox {
    pub(super) fn push(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    pub(super) fn note(&mut self, note: Note) {
        self.push(Action::Note(note));
    }

    pub(super) fn play(&mut self, sound: Sound, keys: Keys) {
        self.plays += 1;
        let play = PlayId(self.plays);
        self.hearing = Some(Hearing::Wanted(play));
        self.push(Action::Play { play, sound, keys });
    }

    /// Gives up the sound that is playing. It is stopped by [`Self::settle`], so
    /// that a sound that follows at once needs no stop before it.
    pub(super) fn interrupt(&mut self) {
        if self.hearing.is_some() {
            self.hearing = Some(Hearing::Unwanted);
        }
    }

    /// Whether this is the end of the sound that is waited for.
    pub(super) fn finished(&mut self, play: PlayId) -> bool {
        let wanted = self.hearing == Some(Hearing::Wanted(play));
        if wanted {
            self.hearing = None;
        }
        wanted
    }

    /// Stops a sound that nobody waits for. A key may have stopped it in the media
    /// plane, but not one that came as SIP INFO.
    pub(super) fn settle(&mut self) {
        if self.hearing == Some(Hearing::Unwanted) {
            self.hearing = None;
            self.push(Action::Stop);
        }
    }

    /// Whether the caller hears something whose end is waited for.
    pub(super) fn is_speaking(&self) -> bool {
        matches!(self.hearing, Some(Hearing::Wanted(_)))
    }

    pub(super) fn poll(&mut self) -> Option<Action> {
        let action = self.actions.pop_front();
        if action.is_none() {
            // Most of its time a flow waits, and needs no room for what it has said.
            self.actions = VecDeque::new();
        }
        action
    }

    /// Ends the call: nothing that plays matters any more.
    pub(super) fn hang_up(&mut self, why: &'static str) {
        self.hearing = None;
        self.push(Action::Hangup { why });
    }

    /// The caller has gone: whatever was not handed out is forgotten.
    pub(super) fn forget(&mut self) {
        self.hearing = None;
        self.actions.clear();
    }
}
