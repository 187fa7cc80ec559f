use std::sync::Arc;
use std::time::Duration;

use super::announce::GAP;
use super::io::{Action, Keys, Note, Place, QueueNews, Sound};
use super::machine::{Machine, Next, State, Timer};
use super::speaking::{Manner, Then};
use super::waiting::{Asked, Hears, Stage, Waiting};
use crate::base::{Digit, Now, QueueName, Skill};
use crate::flow::{AtClosing, Queue, StepKind};
use crate::service;
use crate::speech::{self, Sentence};

impl Machine {
    /// Wants an agent: joins the queue when it is open, after the notice.
    pub(super) fn enter_queue(&mut self, now: Now, queue: &Queue) -> Next {
        let lead = self.lead.take();
        if lead.is_none() {
            self.note_asked(now);
        }
        if !self.is_open(now) {
            return self.closed(now, queue.closed);
        }
        self.ahead.clear();
        self.state = State::Waiting(Box::new(Waiting::new(now.mono, Stage::Notice, lead)));
        match self.program.notice.filter(|_| !self.noticed) {
            Some(notice) => {
                let phrase = speech::notice(self.language, notice);
                self.out.play(Sound::Phrase(phrase), Keys::Ignore);
            }
            None => self.join(now, queue),
        }
        Next::Stay
    }

    /// No answer could cut the notice, since the queue is joined only now.
    pub(super) fn notice_heard(&mut self, now: Now, queue: &Queue) -> Next {
        self.noticed = true;
        if let Some(notice) = self.program.notice {
            self.out.note(Note::Noticed(notice));
        }
        if !self.is_open(now) {
            return self.closed(now, queue.closed);
        }
        self.join(now, queue);
        Next::Stay
    }

    fn join(&mut self, now: Now, queue: &Queue) {
        self.agent_tried = true;
        if let State::Waiting(waiting) = &mut self.state {
            (waiting.stage, waiting.since) = (Stage::Joining, now.mono);
        }
        let needs = self.needs(&queue.queue, &queue.needs);
        self.out.push(Action::Join { queue: queue.queue.clone(), needs, priority: queue.priority });
        self.look_again_at_closing(now);
    }

    /// What the agent must be able to do: what the step says, and the caller's language
    /// where the queue has agents for it.
    pub(super) fn needs(&self, queue: &QueueName, needs: &[Skill]) -> Vec<Skill> {
        let mut needs = needs.to_vec();
        if self.program.queue(queue).is_some_and(|rules| rules.languages.contains(&self.language)) {
            needs.push(Skill::from(self.language.code()));
        }
        needs
    }

    pub(super) fn queue_news(&mut self, now: Now, news: QueueNews) -> Next {
        if matches!(self.state, State::Talking { .. }) {
            match news {
                QueueNews::TalkEnded => return self.talk_ended(),
                QueueNews::Place(_) | QueueNews::Ringing | QueueNews::Still | QueueNews::Connected { .. } => {
                    return Next::Stay;
                }
                // The agent vanished: the caller is in the queue again, or nobody is left.
                QueueNews::Joined { .. } | QueueNews::Full | QueueNews::Nobody | QueueNews::TimedOut => {
                    let waiting = Waiting::new(now.mono, Stage::Joining, Some(Sentence::AgentGone));
                    self.state = State::Waiting(Box::new(waiting));
                    self.look_again_at_closing(now);
                }
            }
        }
        let program = Arc::clone(&self.program);
        if let (StepKind::Queue(queue), State::Noting(_)) = (&program.step(self.step).kind, &self.state) {
            return self.queue_news_while_noting(queue, news);
        }
        let Some((queue, waiting)) = self.waiting(&program) else { return Next::Stay };
        match (news, waiting.stage) {
            (QueueNews::TalkEnded, _) | (_, Stage::Notice | Stage::Out(..)) => Next::Stay,
            (QueueNews::Joined { rank }, Stage::Joining) => {
                waiting.stage = Stage::Here;
                waiting.place = Some(Place::ranked(rank));
                self.begin_announcements(now, queue)
            }
            (QueueNews::Joined { .. }, Stage::Here) | (QueueNews::Place(_), Stage::Joining) => Next::Stay,
            (QueueNews::Place(place), Stage::Here) => {
                waiting.place = Some(place);
                self.place_known(now)
            }
            (QueueNews::Ringing, _) => {
                waiting.rung = true;
                Next::Stay
            }
            (QueueNews::Still, _) => {
                waiting.rung = false;
                self.still_waiting(now, queue)
            }
            (QueueNews::Full, _) => self.out_of_queue(Sentence::QueueFull, Then::Go(queue.full)),
            (QueueNews::Nobody, _) => self.out_of_queue(Sentence::NobodyThere, Then::Go(queue.nobody)),
            (QueueNews::TimedOut, _) => self.out_of_queue(Sentence::WaitedTooLong, Then::Go(queue.long)),
            (QueueNews::Connected { .. }, _) => self.talk(queue.answered),
        }
    }

    /// The caller is not, or no longer, in the queue, and is told so after the present words.
    fn out_of_queue(&mut self, why: Sentence, then: Then) -> Next {
        if let State::Waiting(waiting) = &mut self.state
            && waiting.is_spoken_to()
            && self.out.is_speaking()
        {
            waiting.stage = Stage::Out(why, then);
            self.timers.clear();
            return Next::Stay;
        }
        self.refused(why, then)
    }

    pub(super) fn refused(&mut self, why: Sentence, then: Then) -> Next {
        let phrase = speech::sentence(self.language, why);
        self.speak(phrase, Manner::Interruptible, then)
    }

    /// A key is answered at once, whatever is being said. None loses the place but `*`,
    /// and that only where there is a menu to go to, and an offer that says so.
    pub(super) fn queue_key(&mut self, now: Now, digit: Digit) -> Next {
        let program = Arc::clone(&self.program);
        let Some((queue, waiting)) = self.waiting(&program) else { return Next::Stay };
        let (stage, joined) = (waiting.stage, waiting.asked == Some(Asked::Joined));
        if digit == Digit::STAR && !self.menus.is_empty() {
            self.note_key(digit);
            if matches!(stage, Stage::Joining | Stage::Here) {
                self.out.push(Action::Leave);
            }
            return Next::Back;
        }
        if let Stage::Out(why, then) = stage {
            return self.refused(why, then);
        }
        if let Some(offer) = self.offer_of_key(now, queue, digit) {
            return self.take_offer(now, offer);
        }
        match (digit, stage) {
            (Digit::HASH, Stage::Here) => {
                self.note_key(digit);
                self.ask_place(now, Asked::Again)
            }
            (Digit::ZERO, Stage::Here) if !joined => {
                self.note_key(digit);
                let phrase = speech::sentence(self.language, Sentence::Waiting);
                self.say_waiting(phrase)
            }
            // On the way to the agent already, and about to hear the place.
            (Digit::ZERO | Digit::HASH, _) => {
                self.note_key(digit);
                Next::Stay
            }
            _ => Next::Stay,
        }
    }

    /// At closing time, who waits is told what becomes of the place.
    pub(super) fn queue_still_open(&mut self, now: Now) -> Next {
        if self.is_open(now) {
            self.look_again_at_closing(now);
            return Next::Stay;
        }
        let State::Waiting(waiting) = &mut self.state else { return Next::Stay };
        waiting.closed = true;
        let silent = waiting.hears == Hears::Music || waiting.stage == Stage::Joining;
        let program = Arc::clone(&self.program);
        match self.waiting(&program) {
            Some((queue, _)) if silent => match self.closed_after_words(now, queue) {
                Next::Stay => self.look_again(now),
                next => next,
            },
            Some(_) | None => Next::Stay,
        }
    }

    /// No phone rings any more: if it has closed meanwhile, that is told now.
    fn still_waiting(&mut self, now: Now, queue: &Queue) -> Next {
        match &self.state {
            State::Waiting(waiting) if waiting.closed && waiting.hears == Hears::Music => {
                self.closed_after_words(now, queue)
            }
            _ => Next::Stay,
        }
    }

    fn is_rung(&self) -> bool {
        matches!(&self.state, State::Waiting(waiting) if waiting.rung)
    }

    /// It has closed, and nothing is being said: who is served stays, who is told leaves.
    pub(super) fn closed_after_words(&mut self, now: Now, queue: &Queue) -> Next {
        match self.at_closing(queue) {
            AtClosing::Serve => Next::Stay,
            // Whose agent is about to answer is not led away.
            AtClosing::Callback | AtClosing::Tell if self.is_rung() => Next::Stay,
            AtClosing::Callback if self.may_note() => self.offer_at_closing(now),
            AtClosing::Callback | AtClosing::Tell => {
                self.out.push(Action::Leave);
                self.closed_while_waiting(now, queue.closed)
            }
        }
    }

    fn at_closing(&self, queue: &Queue) -> AtClosing {
        self.program.queue(&queue.queue).map_or(AtClosing::Serve, |rules| rules.at_closing)
    }

    /// It has closed, and the last words are long enough ago.
    pub(super) fn closing_due(&mut self, now: Now, queue: &Queue) -> Next {
        match self.at_closing(queue) {
            AtClosing::Serve => self.say_closed(now),
            AtClosing::Callback | AtClosing::Tell => self.closed_after_words(now, queue),
        }
    }

    /// Who is served after closing time is told so, once.
    fn say_closed(&mut self, now: Now) -> Next {
        let State::Waiting(waiting) = &mut self.state else { return Next::Stay };
        waiting.closed = false;
        waiting.due.gap = Some(now.mono + GAP);
        let phrase = speech::sentence(self.language, Sentence::ServedAfterClosing);
        self.say_waiting(phrase)
    }

    pub(super) fn look_again_at_closing(&mut self, now: Now) {
        if let service::State::Open { until: Some(until) } = self.program.card.phone_hours.state(now.wall) {
            let left = u64::try_from(until.millis() - now.wall.millis()).unwrap_or(0);
            // A step of the wall's clock is noticed by looking more than once.
            let look = Duration::from_millis(left).clamp(SHORTEST_LOOK, LONGEST_LOOK);
            self.timers.set(Timer::Closing, now.mono + look);
        }
    }
}

/// A waiting call looks at the closing time, but not more often than this …
const SHORTEST_LOOK: Duration = Duration::from_secs(1);
/// … nor less often than this, in case that the wall's clock is set.
const LONGEST_LOOK: Duration = Duration::from_secs(600);
