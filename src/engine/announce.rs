//! What a waiting caller is told, and when: the place, the offers, the comfort sentences.

use std::sync::Arc;
use std::time::Duration;

use super::io::{Action, Keys, MusicFrom, Note, Sound};
use super::machine::{Machine, Next, State, Timer};
use super::waiting::{Asked, Due, Hears, Stage, Waiting};
use crate::base::Now;
use crate::flow::{Program, Queue, StepKind};
use crate::speech::{self, Phrase, Sentence};

/// How much of the place is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Say {
    /// All that the flow tells.
    All,
    /// What is due and has changed.
    Changed,
}

impl Machine {
    /// The caller is in the queue: the first words, with the place of this moment.
    pub(super) fn begin_announcements(&mut self, now: Now, queue: &Queue) -> Next {
        if queue.announce.wait.is_some() || queue.busy.is_some() {
            return self.ask_place(now, Asked::Joined);
        }
        self.first_words(now, queue)
    }

    pub(super) fn ask_place(&mut self, now: Now, why: Asked) -> Next {
        if let State::Waiting(waiting) = &mut self.state {
            let first = waiting.asked == Some(Asked::Joined);
            let pending = waiting.asked.is_some();
            waiting.asked = Some(if first { Asked::Joined } else { why });
            if !pending {
                self.out.push(Action::AskPlace);
                self.timers.set(Timer::Place, now.mono + PLACE_WITHIN);
            }
        }
        Next::Stay
    }

    /// The queue does not say the place: what it said last has to do.
    pub(super) fn place_overdue(&mut self, now: Now) -> Next {
        self.place_known(now)
    }

    /// Tells what the place was asked for.
    pub(super) fn place_known(&mut self, now: Now) -> Next {
        let program = Arc::clone(&self.program);
        let Some((queue, waiting)) = self.waiting(&program) else { return Next::Stay };
        let Some(asked) = waiting.asked.take() else { return Next::Stay };
        self.timers.stop(Timer::Place);
        match asked {
            Asked::Joined => self.first_words(now, queue),
            Asked::Again => self.say_again(now, queue),
            Asked::Due => self.say_what_is_due(now, queue),
        }
    }

    fn first_words(&mut self, now: Now, queue: &Queue) -> Next {
        let State::Waiting(waiting) = &mut self.state else { return Next::Stay };
        waiting.due = Due::begin(now.mono, queue);
        // Who was told to be led to an agent need not be told to wait for one as well.
        let lead = waiting.lead.take().unwrap_or(Sentence::Waiting);
        let mut phrase = speech::sentence(self.language, lead);
        phrase.append(self.place_words(now, queue, Say::All));
        phrase.append(self.offer_words(now, queue));
        self.say_waiting(phrase)
    }

    /// The caller wants to hear it again.
    fn say_again(&mut self, now: Now, queue: &Queue) -> Next {
        let mut phrase = self.place_words(now, queue, Say::All);
        phrase.append(self.offer_words(now, queue));
        if phrase.is_empty() {
            phrase = speech::sentence(self.language, Sentence::Waiting);
        }
        self.say_waiting(phrase)
    }

    /// Something may be due.
    pub(super) fn announcement_due(&mut self, now: Now) -> Next {
        let program = Arc::clone(&self.program);
        let Some((queue, waiting)) = self.waiting(&program) else { return Next::Stay };
        // After the words it is looked again.
        if waiting.is_spoken_to() || waiting.stage != Stage::Here {
            return Next::Stay;
        }
        if waiting.closed {
            return self.closing_due(now, queue);
        }
        let due = &waiting.due;
        if [due.rank, due.wait, due.offers].into_iter().any(|due| Due::is_due(due, now.mono)) {
            return self.ask_place(now, Asked::Due);
        }
        self.say_what_is_due(now, queue)
    }

    /// One announcement, the weightiest first; what it leaves out comes after the next gap.
    fn say_what_is_due(&mut self, now: Now, queue: &Queue) -> Next {
        let State::Waiting(waiting) = &mut self.state else { return Next::Stay };
        // A key may have been answered since the place was asked for.
        if waiting.is_spoken_to() || waiting.due.gap.is_some_and(|gap| now.mono < gap) {
            return self.look_again(now);
        }
        let mut phrase = self.place_words(now, queue, Say::Changed);
        if phrase.is_empty() && self.is_waiting_due(now, |due| due.offers) {
            phrase = self.offer_words(now, queue);
        }
        if phrase.is_empty() && self.is_waiting_due(now, |due| due.comfort) {
            phrase = self.comfort_words(now, queue);
        }
        if phrase.is_empty() {
            if let State::Waiting(waiting) = &mut self.state {
                let due = &mut waiting.due;
                for due in [&mut due.rank, &mut due.wait, &mut due.offers] {
                    Due::look_later(due, now.mono);
                }
            }
            return self.look_again(now);
        }
        self.say_waiting(phrase)
    }

    fn is_waiting_due(&self, now: Now, which: fn(&Due) -> Option<crate::base::Instant>) -> bool {
        matches!(&self.state, State::Waiting(waiting) if Due::is_due(which(&waiting.due), now.mono))
    }

    /// Rank and wait in words. Where the wait is not known, or has become longer and
    /// nobody knows why, the rank is the truth that is left.
    fn place_words(&mut self, now: Now, queue: &Queue, say: Say) -> Phrase {
        let mut phrase = Phrase::default();
        let State::Waiting(waiting) = &mut self.state else { return phrase };
        let Some(place) = waiting.place else { return phrase };
        let (announce, due) = (&queue.announce, &mut waiting.due);
        let is_due = |due: Option<_>| say == Say::All || Due::is_due(due, now.mono);
        let wants_wait = announce.wait.is_some() && is_due(due.wait);
        let wants_rank = announce.rank.is_some() && is_due(due.rank);
        let (told, rank) = (waiting.told.wait, waiting.told.rank);
        let wait = if announce.wait.is_some() { waiting.tellable_wait() } else { None };
        let instead = wants_wait && wait.is_none();
        if (wants_rank || instead) && (say == Say::All || rank != Some(place.rank)) {
            waiting.told.rank = Some(place.rank);
            waiting.due.rank = announce.rank.map(|period| now.mono + period);
            Due::look_later(&mut waiting.due.wait, now.mono);
            self.out.note(Note::ToldRank { rank: place.rank });
            phrase.append(speech::rank(self.language, place.rank));
        }
        if let Some(wait) = wait.filter(|w| wants_wait && (say == Say::All || told != Some(w.spoken))) {
            if let State::Waiting(waiting) = &mut self.state {
                waiting.told.wait = Some(wait.spoken);
                waiting.due.wait = announce.wait.map(|period| now.mono + period);
            }
            if told.is_some_and(|told| wait.spoken.is_longer_than(told)) {
                phrase.append(speech::sentence(self.language, Sentence::FewerAgents));
            }
            self.out.note(Note::ToldWait { rank: place.rank, wait });
            phrase.append(speech::wait(self.language, wait.spoken));
        }
        phrase
    }

    fn comfort_words(&mut self, now: Now, queue: &Queue) -> Phrase {
        let State::Waiting(waiting) = &mut self.state else { return Phrase::default() };
        waiting.due.comfort = Some(now.mono + queue.announce.comfort);
        let turn = waiting.told.comforts;
        waiting.told.comforts += 1;
        let text = queue.comfort.get(turn % queue.comfort.len().max(1));
        text.map(|text| self.words(text)).unwrap_or_default()
    }

    /// Says something to who waits; music follows.
    pub(super) fn say_waiting(&mut self, phrase: Phrase) -> Next {
        if let State::Waiting(waiting) = &mut self.state {
            waiting.hears = Hears::Words;
        }
        self.out.play(Sound::Phrase(phrase), Keys::Ignore);
        Next::Stay
    }

    /// The last word has been heard: music goes on where it was.
    pub(super) fn queue_heard(&mut self, now: Now) -> Next {
        let program = Arc::clone(&self.program);
        let Some((queue, waiting)) = self.waiting(&program) else { return Next::Stay };
        match waiting.stage {
            Stage::Notice => return self.notice_heard(now, queue),
            Stage::Out(why, then) => return self.refused(why, then),
            Stage::Joining => return Next::Stay,
            Stage::Here => {}
        }
        waiting.due.gap = Some(now.mono + GAP);
        waiting.hears = Hears::Music;
        let from = std::mem::replace(&mut waiting.music, MusicFrom::WhereItWas);
        if waiting.closed {
            let next = self.closed_after_words(now, queue);
            if next != Next::Stay || !matches!(self.state, State::Waiting(_)) {
                return next;
            }
        }
        if let Some(rules) = program.queue(&queue.queue) {
            self.out.play(Sound::Music { name: Arc::clone(&rules.music), from }, Keys::Ignore);
        }
        self.look_again(now)
    }

    /// Sets the time of the next announcement.
    pub(super) fn look_again(&mut self, now: Now) -> Next {
        if let State::Waiting(waiting) = &self.state {
            let closing = if waiting.closed { waiting.due.gap.or(Some(now.mono)) } else { None };
            if let Some(next) = closing.or(waiting.due.next()) {
                self.timers.set(Timer::Announce, next);
            }
        }
        Next::Stay
    }

    pub(super) fn waiting<'a, 'p>(&'a mut self, program: &'p Program) -> Option<(&'p Queue, &'a mut Waiting)> {
        match (&program.step(self.step).kind, &mut self.state) {
            (StepKind::Queue(queue), State::Waiting(waiting)) => Some((queue, waiting)),
            _ => None,
        }
    }
}

/// Between the end of an announcement and the beginning of the next.
pub(super) const GAP: Duration = Duration::from_secs(20);
/// The hub answers within milliseconds; a caller is not kept in silence for longer than this.
const PLACE_WITHIN: Duration = Duration::from_secs(1);
