//! How a caller asks to be called back: the number, the time, the promise.
//!
//! Who waits in a queue keeps the place all the while, and an agent's answer ends this
//! talk with a machine at once.

mod times;

use std::time::Duration;

use super::io::{Action, BookAsk, BookNews, Keys, Note, Sound};
use super::machine::{Machine, Next, State, Timer};
use super::question::Misses;
use super::speaking::Then;
use super::waiting::Waiting;
use crate::base::{Digit, Now, PhoneNumber, Private, WallTime, limits};
use crate::flow::{Callback, Miss, Question};
use crate::service::{Diary, NotCallable, Slot};
use crate::speech::{self, CallbackWords, Phrase, Sentence};

/// A callback is being asked for.
#[derive(Clone, Debug)]
pub(super) struct Noting {
    pub(super) origin: Origin,
    /// The place in the queue, where there is one.
    pub(super) waiting: Option<Box<Waiting>>,
    pub(super) stage: Stage,
    pub(super) number: Option<PhoneNumber>,
    choices: Vec<Choice>,
    /// What is promised already, as far as it is known: the book has the last word.
    diary: Diary,
    pub(super) misses: Misses,
    /// The place was lost meanwhile: said afterwards.
    pub(super) lost: Option<(Sentence, Then)>,
}

/// Why the caller is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is busy, and the caller took the offer.
    Busy,
    /// It has closed.
    Closing,
    /// The flow has led here, and the caller waits in no queue.
    Step,
}

#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// The number has been read back.
    Confirming,
    /// A number is typed.
    Typing(String),
    /// The times have been told.
    Choosing,
    /// The book has been asked.
    Asked,
}

/// Why what was typed or pressed is of no use.
#[derive(Clone, Copy, Debug)]
enum Why {
    /// In our own words, where the flow has none.
    Ours(Sentence),
    /// Whatever the flow says.
    Truth(CallbackWords),
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    Soon,
    Slot(Slot),
}

impl Noting {
    /// Nothing is asked yet.
    pub(super) fn new(origin: Origin, waiting: Option<Box<Waiting>>) -> Self {
        let stage = Stage::Typing(String::new());
        let (choices, diary) = (Vec::new(), Diary::default());
        Self { origin, waiting, stage, number: None, choices, diary, misses: Misses::default(), lost: None }
    }
}

impl Machine {
    /// Asks by which number and when, the caller's own number first.
    pub(super) fn start_noting(&mut self, now: Now, origin: Origin) -> Next {
        let State::Waiting(_) = &self.state else { return Next::Stay };
        let State::Waiting(waiting) = std::mem::replace(&mut self.state, State::Transferring) else {
            return Next::Stay;
        };
        self.state = State::Noting(Box::new(Noting::new(origin, Some(waiting))));
        let before = match origin {
            Origin::Busy | Origin::Step => Phrase::default(),
            Origin::Closing => speech::callback(self.language, CallbackWords::ClosedOffer),
        };
        self.begin_noting(now, before)
    }

    /// The first question: the caller's own number, or which one.
    pub(super) fn begin_noting(&mut self, now: Now, before: Phrase) -> Next {
        let own = self.own_number();
        let State::Noting(noting) = &mut self.state else { return Next::Stay };
        if own.is_some() {
            noting.stage = Stage::Confirming;
        }
        noting.number = own;
        if let Some((queue, ..)) = self.calls_back_from() {
            self.out.push(Action::Book(BookAsk::Diary { queue }));
        }
        self.ask_for_callback(now, before)
    }

    /// The present question, after some other words.
    fn ask_for_callback(&mut self, now: Now, mut phrase: Phrase) -> Next {
        self.timers.clear();
        let language = self.language;
        let State::Noting(noting) = &self.state else { return Next::Stay };
        match (&noting.stage, &noting.number) {
            (Stage::Confirming, Some(number)) => phrase.append(speech::read_back(language, number)),
            (Stage::Confirming, None) | (Stage::Typing(_), _) => {
                phrase.append(speech::callback(language, CallbackWords::TypeNumber));
            }
            (Stage::Choosing, _) => {
                let today = self.program.card.phone_hours.local(now.wall).0;
                for (key, choice) in (1..).zip(&noting.choices) {
                    phrase.append(match choice {
                        Choice::Soon => speech::soon_line(language, key),
                        Choice::Slot(slot) => speech::slot_line(language, slot, (today, key)),
                    });
                }
            }
            (Stage::Asked, _) => return Next::Stay,
        }
        self.out.play(Sound::Phrase(phrase), Keys::Stop);
        Next::Stay
    }

    pub(super) fn noting_key(&mut self, now: Now, digit: Digit) -> Next {
        let between = self.patience(BETWEEN);
        let State::Noting(noting) = &mut self.state else { return Next::Stay };
        match &mut noting.stage {
            Stage::Asked if digit == Digit::ZERO => self.out.push(Action::Book(BookAsk::Forget)),
            Stage::Asked => return Next::Stay,
            Stage::Typing(typed) if digit.number().is_some() => {
                self.out.interrupt();
                self.timers.clear();
                typed.push(digit.as_char());
                if typed.len() >= limits::COLLECTED_DIGITS {
                    return self.number_typed(now);
                }
                self.timers.set(Timer::NextDigit, now.mono + between);
                return Next::Stay;
            }
            Stage::Typing(typed) if !typed.is_empty() && digit == Digit::HASH => return self.number_typed(now),
            Stage::Typing(typed) if !typed.is_empty() => {
                typed.clear();
                let deleted = speech::sentence(self.language, Sentence::Deleted);
                return self.ask_for_callback(now, deleted);
            }
            Stage::Confirming | Stage::Typing(_) | Stage::Choosing => {}
        }
        self.note_key(digit);
        self.out.interrupt();
        match digit {
            Digit::HASH => self.ask_for_callback(now, Phrase::default()),
            Digit::STAR if self.noting_at_step() && !self.menus.is_empty() => Next::Back,
            Digit::STAR => self.leave_noting(now, Phrase::default()),
            Digit::ZERO => self.noting_agent(now),
            _ => self.noting_choice(now, digit),
        }
    }

    fn noting_choice(&mut self, now: Now, digit: Digit) -> Next {
        let State::Noting(noting) = &mut self.state else { return Next::Stay };
        let nth = usize::from(digit.number().unwrap_or(0));
        match (&noting.stage, nth) {
            (Stage::Confirming, 1) => self.choose_time(now),
            (Stage::Confirming, 2) => {
                noting.stage = Stage::Typing(String::new());
                self.ask_for_callback(now, Phrase::default())
            }
            (Stage::Choosing, 1..) if nth <= noting.choices.len() => {
                let choice = noting.choices[nth - 1];
                self.ask_book(now, choice)
            }
            _ => self.noting_wrong(now, Why::Ours(Sentence::WrongKey)),
        }
    }

    /// What was typed or pressed is of no use; after some times the caller is left alone with it.
    fn noting_wrong(&mut self, now: Now, why: Why) -> Next {
        let question = self.noting_question();
        let State::Noting(noting) = &mut self.state else { return Next::Stay };
        let nth = noting.misses.count(Miss::Wrong);
        let said = match (why, question.words(Miss::Wrong, nth)) {
            (Why::Ours(_), Some(own)) => self.words(own),
            (Why::Ours(ours), None) => speech::sentence(self.language, ours),
            (Why::Truth(words), _) => speech::callback(self.language, words),
        };
        match question.is_enough(Miss::Wrong, nth) {
            true => self.leave_noting(now, said),
            false => self.ask_for_callback(now, said),
        }
    }

    /// How the questions are asked again: as the step says, else as usual.
    fn noting_question(&self) -> Question {
        self.program.step(self.step).kind.question().cloned().unwrap_or(Callback::QUESTION)
    }

    /// The number is complete, by `#` or a pause: it is read back before it counts.
    pub(super) fn number_typed(&mut self, now: Now) -> Next {
        self.timers.clear();
        let State::Noting(noting) = &mut self.state else { return Next::Stay };
        let Stage::Typing(typed) = &mut noting.stage else { return Next::Stay };
        let typed = std::mem::take(typed);
        if typed == "0" {
            self.note_key(Digit::ZERO);
            return self.noting_agent(now);
        }
        let number = PhoneNumber::parse(&typed).map_err(|_| NotCallable::NoNumber);
        match number.and_then(|number| self.program.card.callbacks.number(&number)) {
            Ok(number) => {
                noting.number = Some(number);
                noting.stage = Stage::Confirming;
                self.ask_for_callback(now, Phrase::default())
            }
            Err(NotCallable::NoNumber) if typed.len() < FRENCH_DIGITS => {
                self.noting_wrong(now, Why::Ours(Sentence::WrongNumberTyped))
            }
            Err(_) => self.noting_wrong(now, Why::Truth(CallbackWords::NotCallable)),
        }
    }

    /// Nothing is said until the book has answered.
    fn ask_book(&mut self, now: Now, choice: Choice) -> Next {
        let Some((queue, needs, priority)) = self.calls_back_from() else { return Next::Stay };
        let State::Noting(noting) = &mut self.state else { return Next::Stay };
        let Some(number) = noting.number.clone() else { return Next::Stay };
        noting.stage = Stage::Asked;
        let slot = match choice {
            Choice::Soon => None,
            Choice::Slot(slot) => Some((slot.begins, slot.ends)),
        };
        self.timers.clear();
        self.timers.set(Timer::Book, now.mono + BOOK_WITHIN);
        self.out.push(Action::Book(BookAsk::Wish { number: Private::new(number), queue, needs, priority, slot }));
        Next::Stay
    }

    pub(super) fn noting_heard(&mut self, now: Now) -> Next {
        self.timers.set(Timer::Patience, now.mono + self.patience(PATIENCE));
        Next::Stay
    }

    pub(super) fn noting_silence(&mut self, now: Now) -> Next {
        let question = self.noting_question();
        let State::Noting(noting) = &mut self.state else { return Next::Stay };
        let (nth, origin) = (noting.misses.count(Miss::Silence), noting.origin);
        match (self.words_of_miss(&question, (Miss::Silence, nth), Sentence::Silence), origin) {
            (Some(before), _) => self.ask_for_callback(now, before),
            (None, Origin::Step) => self.callback_unanswered(now),
            (None, Origin::Busy | Origin::Closing) => self.leave_noting(now, Phrase::default()),
        }
    }

    /// What the book answers; what it says to nobody who asked is kept for later.
    pub(super) fn book_news(&mut self, now: Now, news: BookNews) -> Next {
        match (&mut self.state, news) {
            (State::Noting(noting), BookNews::Diary(diary)) => {
                noting.diary = diary;
                Next::Stay
            }
            (State::Noting(noting), BookNews::SlotTaken) if matches!(noting.stage, Stage::Asked) => {
                self.slot_taken(now)
            }
            (State::Noting(noting), BookNews::Promised { slot }) if matches!(noting.stage, Stage::Asked) => {
                self.promised(now, slot)
            }
            (State::Noting(noting), BookNews::Refused) if matches!(noting.stage, Stage::Asked) => self.not_noted(now),
            (State::Reminding(_), news @ (BookNews::Cancelled | BookNews::Refused)) => self.reminder_answered(news),
            (_, BookNews::Known) => {
                self.book.known = true;
                Next::Stay
            }
            (State::Waiting(waiting), BookNews::PlaceKept) => {
                waiting.lead = Some(Sentence::PlaceOfTicket);
                Next::Stay
            }
            (
                _,
                BookNews::Promised { .. }
                | BookNews::Refused
                | BookNews::SlotTaken
                | BookNews::Diary(_)
                | BookNews::Cancelled
                | BookNews::PlaceKept,
            ) => Next::Stay,
        }
    }

    fn promised(&mut self, now: Now, slot: Option<(WallTime, WallTime)>) -> Next {
        let phrase = self.promise(now, slot);
        self.out.note(Note::Promised);
        self.callback_promised(phrase)
    }

    /// That it is noted, and for when.
    pub(super) fn promise(&self, now: Now, slot: Option<(WallTime, WallTime)>) -> Phrase {
        let hours = &self.program.card.phone_hours;
        match slot {
            None => speech::callback(self.language, CallbackWords::NotedSoon),
            Some((begins, ends)) => {
                let ((day, from), (_, to)) = (hours.local(begins), hours.local(ends));
                let slot = Slot { day, from, to, begins, ends };
                speech::noted_slot(self.language, &slot, hours.local(now.wall).0)
            }
        }
    }

    /// The caller's own number, if it can be called back.
    pub(super) fn own_number(&self) -> Option<PhoneNumber> {
        self.caller.as_ref().and_then(|number| self.program.card.callbacks.number(number).ok())
    }

    /// The book does not answer: what it may still write down is not wanted any more.
    pub(super) fn book_overdue(&mut self, now: Now) -> Next {
        match &self.state {
            State::Noting(_) => {
                self.out.push(Action::Book(BookAsk::Forget));
                self.not_noted(now)
            }
            State::Reminding(_) => self.reminder_answered(BookNews::Refused),
            _ => Next::Stay,
        }
    }

    /// Nothing is promised: that is said, and the caller has what there was before.
    fn not_noted(&mut self, now: Now) -> Next {
        self.book.refused = true;
        self.out.note(Note::NotPromised);
        let State::Noting(noting) = &self.state else { return Next::Stay };
        let place = noting.origin == Origin::Busy && noting.lost.is_none();
        let words = if place { CallbackWords::NotNotedPlaceKept } else { CallbackWords::NotNoted };
        self.leave_noting(now, speech::callback(self.language, words))
    }

    pub(super) fn noting_at_step(&self) -> bool {
        matches!(&self.state, State::Noting(noting) if noting.origin == Origin::Step)
    }

    /// The agent is where the caller waits; who has lost the place asks for one anew.
    fn noting_agent(&mut self, now: Now) -> Next {
        match &self.state {
            State::Noting(noting) if noting.lost.is_some() || noting.origin == Origin::Step => Next::Agent,
            _ => self.leave_noting(now, Phrase::default()),
        }
    }
}

/// How long a caller may think.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a caller may look for the next digit.
const BETWEEN: Duration = Duration::from_secs(4);
/// The book answers as fast as the disk; a caller is not kept in silence for longer than this.
const BOOK_WITHIN: Duration = Duration::from_secs(3);
const FRENCH_DIGITS: usize = 10;
