use std::sync::Arc;

use super::io::{Action, Keys, Sound, TransferNews};
use super::machine::{Machine, Next, State};
use super::speaking::{Manner, Then};
use crate::base::Now;
use crate::flow::{StepKind, Transfer};
use crate::speech::{self, Sentence};

impl Machine {
    /// Rings an outside number; the caller hears so, then music until somebody answers.
    pub(super) fn enter_transfer(&mut self, _now: Now, transfer: &Transfer) -> Next {
        self.ahead.clear();
        self.agent_tried = true;
        let lead = self.lead.take();
        self.state = State::Transferring;
        self.out.push(Action::Transfer { to: transfer.to.clone(), ring: transfer.ring });
        let words = speech::sentence(self.language, lead.unwrap_or(Sentence::Connecting));
        self.out.play(Sound::Phrase(words), Keys::Ignore);
        Next::Stay
    }

    pub(super) fn transfer_heard(&mut self) -> Next {
        self.music_meanwhile();
        Next::Stay
    }

    pub(super) fn transfer_news(&mut self, news: TransferNews) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Transfer(transfer) = &program.step(self.step).kind else { return Next::Stay };
        match (news, &self.state) {
            (TransferNews::Connected, State::Transferring) => self.talk(transfer.then),
            (TransferNews::Failed, State::Transferring) => {
                let phrase = speech::sentence(self.language, Sentence::TransferFailed);
                self.speak(phrase, Manner::Interruptible, Then::Go(transfer.failed))
            }
            (TransferNews::TalkEnded, State::Talking { .. }) => self.talk_ended(),
            (TransferNews::Connected | TransferNews::Failed | TransferNews::TalkEnded, _) => Next::Stay,
        }
    }
}
