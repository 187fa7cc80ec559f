//! Random waits: no two announcements within 20 s, no word cut, no key lost, and every
//! caller ends with an agent or with a way that was told.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

use super::waiting::{at, reception};
use super::*;
use crate::engine::Longer;
use crate::engine::machine::State;

#[derive(Clone, Debug)]
enum Event {
    Key(char),
    /// The words end.
    Heard,
    /// So many milliseconds pass, tick by tick.
    Later(u64),
    /// What the queue says from now on when it is asked.
    Stands(Place),
    /// The queue says it unasked.
    Says(Place),
}

/// How the wait ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Answered,
    Nobody,
    TimedOut,
    Closing,
}

fn place() -> impl Strategy<Value = Place> {
    let wait = option::of((prop::sample::select(Wait::STEPS.to_vec()), option::of(Just(Longer::FewerAgents))));
    (1..12_usize, wait, option::of(0..100_u8)).prop_map(|(rank, wait, abandoned)| {
        let mut place = Place { abandoned, ..at(rank, wait.map(|(spoken, _)| spoken)) };
        if let (Some(expected), Some((_, longer))) = (&mut place.wait, wait) {
            expected.longer = longer;
        }
        place
    })
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => prop::sample::select("0123456789#".chars().collect::<Vec<_>>()).prop_map(Event::Key),
        6 => Just(Event::Heard),
        8 => (0..30_000_u64).prop_map(Event::Later),
        3 => place().prop_map(Event::Stands),
        1 => place().prop_map(Event::Says),
    ]
}

/// A caller in the queue, and what is watched over.
struct Watch {
    caller: Caller,
    place: Place,
    /// Words are being heard.
    words: bool,
    /// The end of the last words, or of what a key cut.
    ended: Option<Instant>,
    /// A key is waiting for its words.
    wished: bool,
    told: Option<Wait>,
}

impl Watch {
    fn new(place: Place) -> Self {
        let mut caller = Caller::calls_at(reception(|_| ()), 16);
        caller.press("1");
        let mut watch = Self { caller, place, words: false, ended: None, wished: false, told: None };
        watch.caller.tell(Input::Queue(QueueNews::Joined { rank: place.rank }));
        watch
    }

    /// Takes every action, answers the queue's questions, and judges what is said.
    fn drain(&mut self) -> Result<Vec<String>, TestCaseError> {
        let mut lines = Vec::new();
        while let Some(action) = self.caller.machine.poll() {
            lines.push(line(&action));
            match action {
                Action::AskPlace => {
                    self.caller.machine.handle(self.caller.now, Input::Queue(QueueNews::Place(self.place)));
                }
                Action::Play { play, sound, .. } => {
                    self.caller.play = Some(play);
                    self.plays(&sound, &lines)?;
                }
                Action::Stop => self.words = false,
                Action::Note(Note::ToldWait { wait, .. }) => {
                    let longer = self.told.is_some_and(|told| wait.spoken.is_longer_than(told));
                    prop_assert!(!longer || wait.longer.is_some(), "longer without a reason: {:?}", lines);
                    self.told = Some(wait.spoken);
                }
                _ => {}
            }
        }
        Ok(lines)
    }

    fn plays(&mut self, sound: &Sound, lines: &[String]) -> Result<(), TestCaseError> {
        let now = self.caller.now.mono;
        if matches!(sound, Sound::Music { .. }) {
            prop_assert!(!self.words, "music cuts the words: {:?}", lines);
            return Ok(());
        }
        if matches!(self.caller.machine.state, State::Waiting(_)) && !self.wished {
            prop_assert!(!self.words, "words cut words: {:?}", lines);
            let gap = self.ended.map(|ended| now.since(ended));
            prop_assert!(gap.is_none_or(|gap| gap >= secs(20)), "{:?} after the last: {:?}", gap, lines);
        }
        (self.words, self.wished) = (true, false);
        Ok(())
    }

    fn happens(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::Heard if self.words => self.heard()?,
            Event::Heard => {}
            Event::Stands(place) => self.place = *place,
            Event::Says(place) => drop(self.caller.tell(Input::Queue(QueueNews::Place(*place)))),
            Event::Later(ms) => self.later(*ms)?,
            Event::Key(key) => self.key(*key)?,
        }
        self.drain()?;
        Ok(())
    }

    fn heard(&mut self) -> Result<(), TestCaseError> {
        (self.words, self.ended) = (false, Some(self.caller.now.mono));
        let play = self.caller.play.unwrap();
        self.caller.tell(Input::Finished(play));
        self.drain()?;
        Ok(())
    }

    /// Time passes as it does on a call: no deadline is passed over.
    fn later(&mut self, ms: u64) -> Result<(), TestCaseError> {
        let end = self.caller.now + Duration::from_millis(ms);
        while let Some(next) = self.caller.machine.deadline().filter(|next| *next <= end.mono) {
            self.caller.now = self.caller.now + next.since(self.caller.now.mono);
            self.caller.tell(Input::Tick);
            self.drain()?;
        }
        self.caller.now = self.caller.now + end.mono.since(self.caller.now.mono);
        Ok(())
    }

    /// `0` and `#` are always answered by words, and so is the key of an offer that was made.
    fn key(&mut self, key: char) -> Result<(), TestCaseError> {
        self.drain()?;
        if !matches!(self.caller.machine.state, State::Waiting(_)) {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.words, false);
        self.wished = true;
        let offered = match &self.caller.machine.state {
            State::Waiting(waiting) => waiting.told.offers && self.caller.now.mono.since(waiting.since) >= secs(1),
            _ => false,
        };
        self.caller.tell(Input::Digit(key_of(key)));
        let lines = self.drain()?;
        let spoken = self.words;
        let took = lines.iter().any(|l| l.starts_with("- took"));
        match key {
            '0' | '#' => prop_assert!(spoken, "{} is lost: {:?}", key, lines),
            '1' | '2' | '4' if offered => prop_assert!(took && spoken, "{} is lost: {:?}", key, lines),
            _ => {}
        }
        // A key without a meaning has cut nothing.
        if !spoken {
            self.words = before;
        }
        self.wished = false;
        Ok(())
    }

    /// The wait ends; then the caller presses nothing.
    fn ends(&mut self, end: End) -> Result<(), TestCaseError> {
        if !matches!(self.caller.machine.state, State::Waiting(_)) {
            return Ok(());
        }
        match end {
            End::Answered => {
                self.caller.tell(Input::Queue(QueueNews::Connected { agent: "amina".into() }));
                self.drain()?;
                let talks = matches!(self.caller.machine.state, State::Talking { .. });
                prop_assert!(talks, "the agent is there");
                prop_assert!(!self.words, "the words stop at once");
                return Ok(());
            }
            End::Nobody => drop(self.caller.tell(Input::Queue(QueueNews::Nobody))),
            End::TimedOut => drop(self.caller.tell(Input::Queue(QueueNews::TimedOut))),
            End::Closing => self.later(2 * 3_600_000)?,
        }
        let mut said = self.drain()?;
        for _ in 0..8 {
            if !matches!(self.caller.machine.state, State::Waiting(_)) || !self.words {
                break;
            }
            (self.words, self.ended) = (false, Some(self.caller.now.mono));
            self.caller.tell(Input::Finished(self.caller.play.unwrap()));
            said.extend(self.drain()?);
        }
        let way = match end {
            End::Nobody => "<NobodyThere>",
            End::TimedOut => "<WaitedTooLong>",
            End::Closing | End::Answered => return Ok(()),
        };
        prop_assert!(said.iter().any(|l| l.starts_with(way)), "{:?} is not told: {:?}", end, said);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_wait_is_never_rude(
        first in place(),
        events in vec(event(), 0..60),
        end in prop::sample::select(vec![End::Answered, End::Nobody, End::TimedOut, End::Closing]),
        leaves in prop::bool::ANY,
    ) {
        let mut watch = Watch::new(first);
        watch.drain()?;
        for event in &events {
            watch.happens(event)?;
        }
        if leaves && matches!(watch.caller.machine.state, State::Waiting(_)) {
            watch.caller.tell(Input::Digit(Digit::STAR));
            let lines: Vec<String> = watch.caller.hears();
            prop_assert_eq!(&lines[0], "leave", "the exit key is lost: {:?}", lines);
            return Ok(());
        }
        watch.ends(end)?;
    }
}
