//! What is heard in a situation, and how long that lasts.

mod longest;
mod questions;

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use super::moves::fewest_digits;
use super::situation::{Facts, Human, Moment, Phone, Situation, World};
use crate::base::{Language, PhoneNumber, WallTime};
use crate::flow::{Audio, BargeIn, Program, StepKind, Taking, Voicemail};
use crate::service::{State, Topic};
use crate::speech::{self, CallbackWords, Phrase, Sentence};

pub(in crate::flow) use longest::Longest;

/// The words of a flow, with their lengths.
pub(in crate::flow) struct Words<'a> {
    pub(super) program: &'a Program,
    audio: &'a dyn Audio,
    longest: Longest<'a>,
    open: WallTime,
    closed: WallTime,
    lengths: RefCell<HashMap<Key, u32>>,
    told: RefCell<HashMap<(Topic, Language, bool), Phrase>>,
}

/// What the words of a moment depend on.
type Key = (u32, Moment, Language, bool, Human, Facts);

impl<'a> Words<'a> {
    /// The words of a flow; what has no clip is estimated.
    pub(in crate::flow) fn new(program: &'a Program, audio: &'a dyn Audio) -> Self {
        let (open, closed) = moments(program);
        let longest = Longest::of(program);
        Self { program, audio, longest, open, closed, lengths: RefCell::default(), told: RefCell::default() }
    }

    /// How long it lasts, in milliseconds; 0 where nothing is said.
    pub(super) fn millis(&self, at: &Situation) -> u32 {
        let facts = at.facts.only(Facts::NUMBER.with(Facts::LEAD));
        let key = (at.step.0, at.moment, at.language, at.phone == Phone::Closed, at.human, facts);
        if let Some(millis) = self.lengths.borrow().get(&key) {
            return *millis;
        }
        let phrase = self.phrase(at);
        // What is said can be answered by a key, however short its clip is.
        let millis = if phrase.is_empty() { 0 } else { self.length(&phrase).max(1) };
        self.lengths.borrow_mut().insert(key, millis);
        millis
    }

    /// Whether any key but `0` does anything while it is said.
    pub(super) fn is_listened(&self, at: &Situation) -> bool {
        if fault!(EverythingIsStopped) {
            return true;
        }
        match (&self.program.step(at.step).kind, at.moment) {
            (StepKind::Say(say), _) => say.barge_in == BargeIn::Allowed,
            // When it is closed `*` and `#` lead back from it.
            (StepKind::Tell(tell), _) => tell.barge_in == BargeIn::Allowed || at.phone == Phone::Closed,
            (kind, Moment::Enter | Moment::Again(_) | Moment::Wrong(_))
                if !matches!(kind, StepKind::Callback(_)) && kind.question().is_some() =>
            {
                kind.question().is_none_or(|question| question.barge_in == BargeIn::Allowed)
            }
            // `*` leads back to a menu.
            (StepKind::Queue(_), Moment::Notice) => at.facts.has(Facts::MENU),
            (StepKind::Transfer(_), Moment::Enter) => false,
            _ => true,
        }
    }

    /// What is heard.
    pub(in crate::flow) fn phrase(&self, at: &Situation) -> Phrase {
        let language = at.language;
        match (&self.program.step(at.step).kind, at.moment) {
            (_, Moment::Goodbye) => self.goodbye(at),
            (StepKind::Say(say), _) => self.said(language, &say.text),
            (StepKind::Tell(tell), _) => self.told(at, &tell.topics),
            (StepKind::Menu(menu), moment) => self.menu(language, menu, moment),
            (StepKind::Collect(collect), Moment::Confirm(nth)) => {
                let silent = (nth > 0).then(|| speech::sentence(language, Sentence::Silence));
                let mut phrase = silent.unwrap_or_default();
                phrase.append(speech::typed_back(language, &"4".repeat(fewest_digits(collect).into())));
                phrase
            }
            (StepKind::Collect(collect), moment) => self.asked(language, moment, (&collect.question, &collect.ask)),
            (StepKind::Survey(survey), moment) => self.asked(language, moment, (&survey.question, &survey.ask)),
            (StepKind::Queue(_), moment) => self.queue(at, moment),
            (StepKind::Transfer(_), Moment::NotReached) => speech::sentence(language, Sentence::TransferFailed),
            (StepKind::Transfer(_), _) if at.facts.has(Facts::LEAD) => speech::sentence(language, Sentence::ToAgent),
            (StepKind::Transfer(_), _) => speech::sentence(language, Sentence::Connecting),
            (StepKind::Voicemail(voicemail), moment) => {
                let ends = voicemail.then.is_none();
                let mut phrase = self.message(at, voicemail, moment);
                match moment {
                    Moment::Promised | Moment::NotNoted if ends => {
                        phrase.append(speech::sentence(language, Sentence::Goodbye));
                    }
                    Moment::NoMessage(_) if ends && !at.has_agent_left() => phrase.append(self.last_default(at)),
                    _ => {}
                }
                phrase
            }
            (StepKind::Callback(callback), moment) => {
                let mut phrase = self.callback(at, moment);
                match moment {
                    Moment::Promised if callback.then.is_none() => {
                        phrase.append(speech::sentence(language, Sentence::Goodbye));
                    }
                    Moment::NotNoted if callback.otherwise.is_none() && !at.has_agent_left() => {
                        phrase.append(self.last_default(at));
                    }
                    _ => {}
                }
                phrase
            }
            (StepKind::Hangup(hangup), _) => {
                hangup.text.iter().map(|text| self.said(language, text)).next().unwrap_or_default()
            }
            (StepKind::Lookup(lookup), Moment::Enter) => {
                lookup.say.iter().map(|text| self.said(language, text)).next().unwrap_or_default()
            }
            (
                StepKind::Lookup(_) | StepKind::Hours(_) | StepKind::Set(_) | StepKind::Goto(_) | StepKind::Choose(_),
                _,
            ) => Phrase::default(),
        }
    }

    fn length(&self, phrase: &Phrase) -> u32 {
        let one = |fragment| self.audio.length(fragment).unwrap_or_else(|| speech::estimated_length(fragment));
        let all: Duration = phrase.0.iter().map(one).sum();
        u32::try_from(all.as_millis()).unwrap_or(u32::MAX / 8)
    }

    /// The last words: another contact where no callback came about, then the good-bye.
    fn goodbye(&self, at: &Situation) -> Phrase {
        match self.program.step(at.step).kind {
            StepKind::Callback(_) => self.last_default(at),
            _ => speech::sentence(at.language, Sentence::Goodbye),
        }
    }

    fn last_default(&self, at: &Situation) -> Phrase {
        let mut phrase = match at.phone {
            Phone::Closed => self.topics(at, &[Topic::Hours, Topic::Contact]),
            Phone::Open | Phone::Since => self.topics(at, &[Topic::Contact]),
        };
        phrase.append(speech::sentence(at.language, Sentence::Goodbye));
        phrase
    }

    /// Facts of the card; who is told the hours when it is closed hears that first.
    fn told(&self, at: &Situation, topics: &[Topic]) -> Phrase {
        let mut phrase = Phrase::default();
        if at.phone == Phone::Closed && topics.contains(&Topic::Hours) {
            phrase.append(speech::open_state(at.language, &self.program.card.phone_hours, self.closed));
        }
        phrase.append(self.topics(at, topics));
        phrase
    }

    fn topics(&self, at: &Situation, topics: &[Topic]) -> Phrase {
        let mut phrase = Phrase::default();
        for topic in topics {
            let closed = at.phone == Phone::Closed;
            let now = if closed { self.closed } else { self.open };
            let mut told = self.told.borrow_mut();
            let words = (told.entry((*topic, at.language, closed)))
                .or_insert_with(|| speech::tell(at.language, &self.program.card, *topic, now));
            phrase.append(words.clone());
        }
        phrase
    }

    fn queue(&self, at: &Situation, moment: Moment) -> Phrase {
        let sentence = |which| speech::sentence(at.language, which);
        match moment {
            Moment::Notice => self.program.notice.map(|n| speech::notice(at.language, n)).unwrap_or_default(),
            Moment::Truth => self.told(at, &[Topic::Hours, Topic::Contact]),
            Moment::Out(World::Nobody) => sentence(Sentence::NobodyThere),
            Moment::Out(World::Full) => sentence(Sentence::QueueFull),
            Moment::Out(World::Long) => sentence(Sentence::WaitedTooLong),
            Moment::Out(_) => sentence(Sentence::ClosedWhileWaiting),
            _ => Phrase::default(),
        }
    }

    fn message(&self, at: &Situation, voicemail: &Voicemail, moment: Moment) -> Phrase {
        let Voicemail { ask, callback, taking, then, .. } = voicemail;
        let sentence = |which| speech::sentence(at.language, which);
        let mut phrase = match moment {
            Moment::Asked(0) => self.said(at.language, ask),
            Moment::Asked(_) => sentence(Sentence::NothingHeard),
            Moment::Kept => sentence(Sentence::MessageKept),
            Moment::Promised => speech::callback(at.language, CallbackWords::NotedSoon),
            Moment::NotNoted => speech::callback(at.language, CallbackWords::NotNoted),
            Moment::NoMessage(World::Enough) => sentence(Sentence::EnoughMessages),
            Moment::NoMessage(World::NothingSaid) => sentence(Sentence::NothingHeard),
            Moment::NoMessage(World::NotKept) => sentence(Sentence::MessageNotKept),
            Moment::NoMessage(_) => sentence(Sentence::NoMessages),
            _ => Phrase::default(),
        };
        match moment {
            Moment::Asked(nth) => {
                if nth == 0 && *callback && !at.facts.has(Facts::NUMBER) {
                    phrase.append(speech::callback(at.language, CallbackWords::NotCallable));
                }
                if nth > 0 && *taking == Taking::Record {
                    phrase.append(self.said(at.language, ask));
                }
                if *taking == Taking::Voicemail {
                    phrase.append(sentence(Sentence::SpeakAfterBeep));
                }
            }
            Moment::Kept => phrase.append(sentence(Sentence::MessageChoices)),
            Moment::NotNoted => phrase.append(sentence(Sentence::MessageKept)),
            Moment::NoMessage(why) if why != World::NothingSaid && then.is_some() && *taking == Taking::Voicemail => {
                phrase.append(self.topics(at, &[Topic::Contact]));
            }
            _ => {}
        }
        phrase
    }

    fn callback(&self, at: &Situation, moment: Moment) -> Phrase {
        let words = |which| speech::callback(at.language, which);
        match moment {
            Moment::Promised => words(CallbackWords::NotedSoon),
            Moment::NotNoted => words(CallbackWords::NotNoted),
            Moment::Enter | Moment::Again(_) | Moment::Wrong(_) => {
                let question = match number().filter(|_| at.facts.has(Facts::NUMBER)) {
                    Some(number) => speech::read_back(at.language, &number),
                    None => words(CallbackWords::TypeNumber),
                };
                // Here a second silence has the words of the first.
                let nth = if matches!(moment, Moment::Again(_)) { Moment::Again(1) } else { moment };
                let asks = self.program.step(at.step).kind.question();
                let mut phrase = asks.and_then(|asks| self.missed(at.language, asks, nth)).unwrap_or_default();
                phrase.append(question);
                phrase
            }
            _ => Phrase::default(),
        }
    }
}

/// A number as callers have it, for how long it takes to read one back.
fn number() -> Option<PhoneNumber> {
    PhoneNumber::parse(NUMBER).ok()
}

/// A moment at which it is open and one at which it is closed, in an ordinary week, for
/// what is told of the hours.
fn moments(program: &Program) -> (WallTime, WallTime) {
    let hours = &program.card.phone_hours;
    let day = Duration::from_secs(24 * 3600);
    let (mut open, mut closed) = match hours.state(ORDINARY) {
        State::Open { until } => (ORDINARY, until.unwrap_or(ORDINARY)),
        State::Closed { opens } => (opens.unwrap_or(ORDINARY), ORDINARY),
    };
    if hours.is_open(closed) {
        closed = ORDINARY + day / 2;
    }
    if !hours.is_open(open) {
        open = ORDINARY;
    }
    (open, closed)
}

/// A number from a range that is kept for fiction.
const NUMBER: &str = "+33353010001";
/// Tuesday 3 March 2026, ten in Paris: no holiday is near.
const ORDINARY: WallTime = WallTime::from_millis(1_772_528_400_000);
