//! The place in the queue while its caller asks for a callback: it is kept, and an agent's
//! answer comes first.

use std::sync::Arc;

use super::callback::{Noting, Origin, Stage};
use super::io::{Action, BookAsk, Note, QueueNews};
use super::machine::{Machine, Next, State};
use super::speaking::Then;
use super::waiting::Hears;
use crate::base::Now;
use crate::flow::{Queue, StepKind};
use crate::speech::{self, Phrase, Sentence};

impl Machine {
    /// Back to the music, or on to what comes at closing time.
    pub(super) fn leave_noting(&mut self, now: Now, before: Phrase) -> Next {
        self.timers.clear();
        if self.noting_at_step() {
            return self.leave_callback(now, before);
        }
        let program = Arc::clone(&self.program);
        let StepKind::Queue(queue) = &program.step(self.step).kind else { return Next::Stay };
        let State::Noting(noting) = std::mem::replace(&mut self.state, State::Transferring) else { return Next::Stay };
        let Noting { origin, waiting: Some(mut waiting), lost, .. } = *noting else { return Next::Stay };
        // Whose agent is about to answer is not led away.
        let stays = origin == Origin::Busy || waiting.rung;
        (waiting.hears, waiting.closed) = (Hears::Words, stays && !self.is_open(now));
        self.state = State::Waiting(waiting);
        if let Some((why, then)) = lost {
            return self.refused(why, then);
        }
        match stays {
            true => {
                self.look_again_at_closing(now);
                let mut phrase = before;
                if phrase.is_empty() {
                    phrase = speech::sentence(self.language, Sentence::Waiting);
                }
                self.say_waiting(phrase)
            }
            false => {
                self.out.push(Action::Leave);
                self.closed_after_offer(now, queue, before)
            }
        }
    }

    /// What the queue says meanwhile: an agent comes before every question.
    pub(super) fn queue_news_while_noting(&mut self, queue: &Queue, news: QueueNews) -> Next {
        let State::Noting(noting) = &mut self.state else { return Next::Stay };
        let Some(waiting) = &mut noting.waiting else { return Next::Stay };
        match news {
            QueueNews::Connected { .. } => {
                if matches!(noting.stage, Stage::Asked) {
                    self.out.push(Action::Book(BookAsk::Forget));
                }
                return self.talk(queue.answered);
            }
            QueueNews::Place(place) => waiting.place = Some(place),
            QueueNews::Full => noting.lost = Some((Sentence::QueueFull, Then::Go(queue.full))),
            QueueNews::Nobody => noting.lost = Some((Sentence::NobodyThere, Then::Go(queue.nobody))),
            QueueNews::TimedOut => noting.lost = Some((Sentence::WaitedTooLong, Then::Go(queue.long))),
            QueueNews::Ringing => waiting.rung = true,
            QueueNews::Still => waiting.rung = false,
            QueueNews::Joined { .. } | QueueNews::TalkEnded => {}
        }
        Next::Stay
    }

    /// Takes the offer of a busy queue.
    pub(super) fn take_callback(&mut self, now: Now) -> Next {
        self.start_noting(now, Origin::Busy)
    }

    /// Whether a callback may be offered: not again after it could not be noted.
    pub(super) fn may_note(&self) -> bool {
        !self.book.refused
    }

    /// At closing time: a call at another time, instead of the rest of the wait.
    pub(super) fn offer_at_closing(&mut self, now: Now) -> Next {
        self.out.note(Note::Took { offer: "callback" });
        self.start_noting(now, Origin::Closing)
    }
}
