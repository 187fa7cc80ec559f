use std::time::Duration;

use crate::base::{Chance, Instant};

/// Whether a trunk is there, by what it answers to OPTIONS: it is down when it has answered
/// two in a row with nothing or 503, and up when it has answered two in a row.
///
/// ```text
///   Unknown ──answer──> Up ──nothing, twice──> Down ──answer, twice──> Up
///      └─ nothing: stays, for an operator that answers no OPTIONS can take calls all the same
/// ```
#[derive(Debug)]
pub(crate) struct Pulse {
    every: Duration,
    state: PulseState,
    /// Answers in a row of the kind that is not expected of the state.
    against: u8,
    next: Instant,
    /// Which question waits for its answer, and until when.
    asked: Option<(u32, Instant)>,
    nth: u32,
}

/// Whether a trunk is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PulseState {
    /// It has not answered yet.
    Unknown,
    /// It answers.
    Up,
    /// It has stopped to.
    Down,
}

impl PulseState {
    /// The word in the log, the API and the metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Pulse {
    /// Asks at once, and then as often as that.
    pub(crate) fn new(every: Duration) -> Self {
        Self { every, state: PulseState::Unknown, against: 0, next: Instant::START, asked: None, nth: 0 }
    }

    /// Asks as often as that from now on.
    pub(crate) fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    pub(crate) fn state(&self) -> PulseState {
        self.state
    }

    /// When [`Self::ask`] or [`Self::give_up`] has something to do.
    pub(crate) fn deadline(&self) -> Instant {
        self.asked.map_or(self.next, |(_, until)| until)
    }

    /// The number of the question that is to be asked now.
    pub(crate) fn ask(&mut self, now: Instant) -> Option<u32> {
        if self.asked.is_some() || now < self.next {
            return None;
        }
        self.nth += 1;
        self.asked = Some((self.nth, now + PATIENCE));
        Some(self.nth)
    }

    /// Waits no longer than it should; the state, if that changes it.
    pub(crate) fn give_up(&mut self, now: Instant, chance: &mut Chance) -> Option<PulseState> {
        let (nth, _) = self.asked.filter(|(_, until)| now >= *until)?;
        self.answered(now, nth, None, chance)
    }

    /// An answer to a question, or none; the state, if that changes it.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        nth: u32,
        status: Option<u16>,
        chance: &mut Chance,
    ) -> Option<PulseState> {
        // One that comes after we gave up counts no more.
        self.asked.take_if(|(asked, _)| *asked == nth)?;
        // Whoever refuses is there; 503 says that it is not for calls, 408 that who is behind it is not.
        let is_there = status.is_some_and(|status| !matches!(status, 408 | 503));
        let expected = match self.state {
            PulseState::Unknown | PulseState::Up => true,
            PulseState::Down => false,
        };
        self.against = if is_there == expected { 0 } else { self.against + 1 };
        let before = self.state;
        self.state = match (self.state, is_there) {
            (PulseState::Unknown, true) => PulseState::Up,
            (PulseState::Up, false) if self.against >= DOWN_AFTER => PulseState::Down,
            (PulseState::Down, true) if self.against >= UP_AFTER => PulseState::Up,
            (state, _) => state,
        };
        if self.state != before {
            self.against = 0;
        }
        self.next = now + self.pause(chance);
        (self.state != before).then_some(self.state)
    }

    /// Until the next question: sooner while it is in doubt, and never in step with other services.
    fn pause(&self, chance: &mut Chance) -> Duration {
        let pause =
            if self.against > 0 && self.state != PulseState::Unknown { self.every.min(DOUBT) } else { self.every };
        pause * 9 / 10 + pause.mul_f64(chance.below(200) as f64 / 1_000.0)
    }
}

const DOWN_AFTER: u8 = 2;
const UP_AFTER: u8 = 2;
/// An answer that takes longer is none: four copies of the question were lost.
const PATIENCE: Duration = Duration::from_secs(8);
/// The longest pause while an answer was not the expected one.
const DOUBT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        pulse: Pulse,
        now: Instant,
        chance: Chance,
    }

    impl Bench {
        fn new() -> Self {
            Self { pulse: Pulse::new(Duration::from_secs(60)), now: Instant::START, chance: Chance::seeded(5) }
        }

        /// Waits for the next question, and answers it; how long it took, and what it changed.
        fn next(&mut self, status: Option<u16>) -> (u64, Option<PulseState>) {
            let before = self.now;
            self.now = self.now.max(self.pulse.deadline());
            let nth = self.pulse.ask(self.now).unwrap();
            assert_eq!(self.pulse.ask(self.now), None, "one at a time");
            let pause = self.now.since(before).as_secs();
            if status.is_none() {
                self.now = self.pulse.deadline();
                return (pause, self.pulse.give_up(self.now, &mut self.chance));
            }
            (pause, self.pulse.answered(self.now, nth, status, &mut self.chance))
        }
    }

    #[test]
    fn one_lost_answer_is_no_reason_and_two_are() {
        let mut bench = Bench::new();
        assert_eq!(bench.next(Some(200)), (0, Some(PulseState::Up)));
        let (pause, change) = bench.next(None);
        assert!((54..=66).contains(&pause) && change.is_none(), "{pause}");
        assert_eq!(bench.next(Some(200)).1, None, "it was one only");
        bench.next(None);
        let (pause, change) = bench.next(Some(503));
        assert!(pause <= 11, "sooner while it is in doubt: {pause}");
        assert_eq!(change, Some(PulseState::Down));
    }

    #[test]
    fn it_is_up_again_when_it_has_answered_twice_and_a_refusal_is_an_answer() {
        let mut bench = Bench::new();
        for status in [Some(200), None, None] {
            bench.next(status);
        }
        assert_eq!(bench.pulse.state(), PulseState::Down);
        assert_eq!(bench.next(Some(404)).1, None);
        assert_eq!(bench.next(None).1, None, "and down it stays");
        assert_eq!(bench.next(Some(405)).1, None);
        assert_eq!(bench.next(Some(200)).1, Some(PulseState::Up));
    }

    #[test]
    fn who_never_answers_a_question_is_not_taken_for_gone() {
        let mut bench = Bench::new();
        for _ in 0..5 {
            assert_eq!(bench.next(None).1, None);
        }
        assert_eq!(bench.pulse.state(), PulseState::Unknown);
    }

    #[test]
    fn an_answer_that_comes_too_late_counts_for_nothing() {
        let mut bench = Bench::new();
        bench.next(Some(200));
        bench.next(None);
        let (now, chance) = (bench.now, &mut bench.chance);
        assert_eq!(bench.pulse.answered(now, 2, Some(200), chance), None);
        assert_eq!(bench.next(None).1, Some(PulseState::Down));
    }
}
