use std::sync::Arc;
use std::time::Duration;

use super::io::{Action, Keys, Note, QueueNews, Sound};
use super::machine::{Machine, Next, State, Timer};
use super::speaking::{Manner, Then};
use crate::base::{Digit, Instant, Now, Skill};
use crate::flow::{AtClosing, Program, Queue, StepKind};
use crate::service;
use crate::speech::Phrase;
use crate::speech::{self, Sentence};

/// The caller waits in a queue.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Said before the first words, such as that an agent is being called.
    lead: Option<Sentence>,
    /// The place, from 1, once the queue has told it.
    rank: Option<usize>,
    /// The rank that the caller was told last, and when.
    told: Option<(usize, Instant)>,
    /// The caller asked for it, and hears it even if it is the same.
    again: bool,
}

impl Machine {
    /// Wants an agent: joins the queue when it is open.
    pub(super) fn enter_queue(&mut self, now: Now, queue: &Queue) -> Next {
        let lead = self.lead.take();
        if lead.is_none() {
            self.note_asked(now);
        }
        if !self.is_open(now) {
            return self.closed(now, queue.closed);
        }
        self.ahead.clear();
        let needs = self.needs(queue);
        self.out.push(Action::Join { queue: queue.queue.clone(), needs, priority: queue.priority });
        self.state = State::Waiting(Waiting { lead, ..Waiting::default() });
        self.look_again_at_closing(now);
        Next::Stay
    }

    /// What the agent must be able to do: what the step says, and the caller's language
    /// where the queue has agents for it.
    fn needs(&self, queue: &Queue) -> Vec<Skill> {
        let mut needs = queue.needs.clone();
        if self.program.queue(&queue.queue).is_some_and(|rules| rules.languages.contains(&self.language)) {
            needs.push(Skill::from(self.language.code()));
        }
        needs
    }

    pub(super) fn queue_news(&mut self, now: Now, news: QueueNews) -> Next {
        if matches!(self.state, State::Talking { .. }) {
            match news {
                QueueNews::TalkEnded => return self.talk_ended(),
                QueueNews::Rank { .. } | QueueNews::Connected { .. } => return Next::Stay,
                // The agent vanished: the caller is in the queue again, or nobody is left.
                QueueNews::Joined { .. } | QueueNews::Full | QueueNews::Nobody => {
                    self.state = State::Waiting(Waiting { lead: Some(Sentence::AgentGone), ..Waiting::default() });
                }
            }
        }
        let program = Arc::clone(&self.program);
        let Some((queue, waiting)) = self.waiting(&program) else { return Next::Stay };
        match news {
            QueueNews::Joined { rank } if waiting.rank.is_none() => {
                waiting.rank = Some(rank);
                self.joined(now, queue, rank)
            }
            QueueNews::Joined { rank } | QueueNews::Rank { rank } => {
                waiting.rank = Some(rank);
                self.rank_due(now)
            }
            QueueNews::Full => self.refused(Sentence::QueueFull, Then::Go(queue.full)),
            QueueNews::Nobody => self.refused(Sentence::NobodyThere, Then::Go(queue.nobody)),
            QueueNews::Connected { .. } => self.talk(queue.answered),
            QueueNews::TalkEnded => Next::Stay,
        }
    }

    fn joined(&mut self, now: Now, queue: &Queue, rank: usize) -> Next {
        let State::Waiting(waiting) = &mut self.state else { return Next::Stay };
        let lead = waiting.lead.take();
        if queue.busy.as_ref().is_some_and(|busy| busy.when_waiting.is_some_and(|n| rank > n)) {
            self.out.note(Note::Trouble { what: "offers can't be made yet" });
        }
        // Who was told to be led to an agent need not be told to wait for one as well.
        let mut phrase = speech::sentence(self.language, lead.unwrap_or(Sentence::Waiting));
        if queue.announce_rank {
            phrase.append(self.rank_words(now, rank));
        }
        self.out.play(Sound::Phrase(phrase), Keys::Ignore);
        Next::Stay
    }

    /// The caller is not, or no longer, in the queue.
    fn refused(&mut self, why: Sentence, then: Then) -> Next {
        let phrase = speech::sentence(self.language, why);
        self.speak(phrase, Manner::Interruptible, then)
    }

    /// Tells the rank if it is another than was told, not too soon after the last time.
    fn rank_due(&mut self, now: Now) -> Next {
        let program = Arc::clone(&self.program);
        let Some((queue, waiting)) = self.waiting(&program) else { return Next::Stay };
        let (Some(rank), Some((told, at))) = (waiting.rank, waiting.told) else { return Next::Stay };
        if !queue.announce_rank {
            return Next::Stay;
        }
        let again = std::mem::take(&mut waiting.again);
        if !again && rank == told {
            self.timers.set(Timer::Rank, now.mono + RANK_LOOK);
        } else if !again && now.mono.since(at) < RANK_PAUSE {
            self.timers.set(Timer::Rank, at + RANK_PAUSE);
        } else {
            let phrase = self.rank_words(now, rank);
            self.out.play(Sound::Phrase(phrase), Keys::Ignore);
        }
        Next::Stay
    }

    /// The rank is asked for when it may be told, so that it is the present one.
    pub(super) fn ask_rank(&mut self, now: Now) -> Next {
        if matches!(self.state, State::Waiting(_)) {
            self.out.push(Action::AskRank);
            self.timers.set(Timer::Rank, now.mono + RANK_LOOK);
        }
        Next::Stay
    }

    fn rank_words(&mut self, now: Now, rank: usize) -> Phrase {
        if let State::Waiting(waiting) = &mut self.state {
            waiting.told = Some((rank, now.mono));
        }
        self.timers.set(Timer::Rank, now.mono + RANK_PAUSE);
        self.out.note(Note::ToldRank { rank });
        speech::rank(self.language, rank)
    }

    /// Music between the announcements.
    pub(super) fn queue_heard(&mut self) -> Next {
        let program = Arc::clone(&self.program);
        if let Some((queue, _)) = self.waiting(&program)
            && let Some(rules) = program.queue(&queue.queue)
        {
            self.out.play(Sound::Music(Arc::clone(&rules.music)), Keys::Ignore);
        }
        Next::Stay
    }

    /// No key loses the place but `*`, and that only where there is a menu to go to.
    pub(super) fn queue_key(&mut self, now: Now, digit: Digit) -> Next {
        let program = Arc::clone(&self.program);
        let Some((queue, waiting)) = self.waiting(&program) else { return Next::Stay };
        if digit == Digit::STAR || waiting.rank.is_none() {
            return self.leave_for_menu(digit);
        }
        let phrase = match digit {
            Digit::HASH if queue.announce_rank => {
                waiting.again = true;
                self.note_key(digit);
                return self.ask_rank(now);
            }
            Digit::ZERO | Digit::HASH => speech::sentence(self.language, Sentence::Waiting),
            _ => return Next::Stay,
        };
        self.note_key(digit);
        self.out.play(Sound::Phrase(phrase), Keys::Ignore);
        Next::Stay
    }

    fn leave_for_menu(&mut self, digit: Digit) -> Next {
        if digit != Digit::STAR || self.menus.is_empty() {
            return Next::Stay;
        }
        self.note_key(digit);
        self.out.push(Action::Leave);
        Next::Back
    }

    /// At closing time, who waits is told what becomes of the place.
    pub(super) fn queue_still_open(&mut self, now: Now) -> Next {
        if self.is_open(now) {
            self.look_again_at_closing(now);
            return Next::Stay;
        }
        let program = Arc::clone(&self.program);
        let Some((queue, _)) = self.waiting(&program) else { return Next::Stay };
        match program.queue(&queue.queue).map_or(AtClosing::Serve, |rules| rules.at_closing) {
            AtClosing::Serve => {
                let phrase = speech::sentence(self.language, Sentence::ServedAfterClosing);
                self.out.play(Sound::Phrase(phrase), Keys::Ignore);
                Next::Stay
            }
            // A callback can't be promised yet, so the truth is told.
            AtClosing::Callback | AtClosing::Tell => {
                self.out.push(Action::Leave);
                self.closed_while_waiting(now, queue.closed)
            }
        }
    }

    fn look_again_at_closing(&mut self, now: Now) {
        if let service::State::Open { until: Some(until) } = self.program.card.phone_hours.state(now.wall) {
            let left = u64::try_from(until.millis() - now.wall.millis()).unwrap_or(0);
            // A step of the wall's clock is noticed by looking more than once.
            let look = Duration::from_millis(left).clamp(SHORTEST_LOOK, LONGEST_LOOK);
            self.timers.set(Timer::Closing, now.mono + look);
        }
    }

    fn waiting<'a, 'p>(&'a mut self, program: &'p Program) -> Option<(&'p Queue, &'a mut Waiting)> {
        match (&program.step(self.step).kind, &mut self.state) {
            (StepKind::Queue(queue), State::Waiting(waiting)) => Some((queue, waiting)),
            _ => None,
        }
    }
}

/// A changed rank is not told more often than this …
const RANK_PAUSE: Duration = Duration::from_secs(30);
/// … and one that was the same is asked for again after this.
const RANK_LOOK: Duration = Duration::from_secs(10);
/// A waiting call looks at the closing time, but not more often than this …
const SHORTEST_LOOK: Duration = Duration::from_secs(1);
/// … nor less often than this, in case that the wall's clock is set.
const LONGEST_LOOK: Duration = Duration::from_secs(600);
