use std::time::Duration;

use super::io::{Action, Keys, MessageNews, MessageOrder, NoMessage, Note, Sound};
use super::machine::{Machine, Next, State, Timer};
use super::speaking::{Manner, Then};
use crate::base::{Digit, MessageId, Now, limits};
use crate::flow::{Beep, Review, StepKind, Taking, Voicemail};
use crate::service::Topic;
use crate::speech::{self, CallbackWords, Phrase, Sentence};

/// A message is asked for, spoken, and kept; then it may be heard or done again.
#[derive(Clone, Debug, Default)]
pub(super) struct Recording {
    moment: Moment,
    /// The message that is kept.
    kept: Option<MessageId>,
    /// How often one was kept.
    takes: usize,
    /// How often nobody spoke after the beep.
    nothing: u32,
}

#[derive(Clone, Debug, Default)]
enum Moment {
    /// Room is made for a message; this is said when there is.
    Preparing(Phrase),
    /// The caller hears what to say and how.
    #[default]
    Asked,
    /// The caller hears the tone.
    Beeping,
    /// The caller speaks.
    Running,
    /// The caller has spoken, and hears nothing before it is kept.
    Saving,
    /// The caller knows that it is kept, and hears what may be done with it.
    Choosing,
    /// The caller hears it.
    Listening,
    /// The message is left, and a call back is being written down; this is said before what becomes of that.
    Promising(Phrase),
}

impl Machine {
    pub(super) fn enter_voicemail(&mut self, now: Now, voicemail: &Voicemail) -> Next {
        self.ahead.clear();
        self.state = State::Recording(Recording::default());
        let mut ask = self.words(&voicemail.ask);
        if voicemail.callback && self.own_number().is_none() {
            // Said before the message: a number may be spoken in it.
            ask.append(speech::callback(self.language, CallbackWords::NotCallable));
        }
        self.prepare(now, ask)
    }

    /// What was asked of the message's keeper has come about.
    pub(super) fn message_news(&mut self, now: Now, news: MessageNews) -> Next {
        let State::Recording(recording) = &mut self.state else { return Next::Stay };
        match (&mut recording.moment, news) {
            (Moment::Preparing(said), MessageNews::Ready) => {
                let mut phrase = std::mem::take(said);
                recording.moment = Moment::Asked;
                self.timers.clear();
                if self.taking() == Taking::Voicemail {
                    phrase.append(speech::sentence(self.language, Sentence::SpeakAfterBeep));
                }
                self.out.play(Sound::Phrase(phrase), Keys::Ignore);
                Next::Stay
            }
            (Moment::Preparing(_), MessageNews::Refused(why)) => {
                let said = match why {
                    NoMessage::Enough => Sentence::EnoughMessages,
                    NoMessage::Full | NoMessage::Trouble => Sentence::NoMessages,
                };
                self.no_message(now, said, why.word())
            }
            (Moment::Running | Moment::Saving, MessageNews::Kept { message }) => {
                recording.kept = Some(message);
                recording.takes += 1;
                self.out.note(Note::MessageKept);
                match self.voicemail().map(|voicemail| voicemail.review) {
                    Some(Review::No) => self.leave_message(now, Phrase::default()),
                    Some(Review::Yes) | None => self.offer_choices(Some(Sentence::MessageKept)),
                }
            }
            (Moment::Running | Moment::Saving, MessageNews::Nothing) => {
                recording.nothing += 1;
                let again = recording.nothing == 1;
                let mut words = speech::sentence(self.language, Sentence::NothingHeard);
                if again {
                    words.append(self.asked_again());
                    return self.prepare(now, words);
                }
                if self.is_taken_elsewhere() {
                    return self.leave_message(now, words);
                }
                self.message_left_behind();
                self.last_default(now, words)
            }
            (Moment::Running | Moment::Saving, MessageNews::NotKept) => {
                self.no_message(now, Sentence::MessageNotKept, "not-kept")
            }
            (Moment::Promising(said), MessageNews::Promised { slot, .. }) => {
                let mut phrase = std::mem::take(said);
                self.out.note(Note::Promised);
                phrase.append(self.promise(now, slot));
                self.message_over(phrase)
            }
            (Moment::Promising(said), MessageNews::NotPromised) => {
                let mut phrase = std::mem::take(said);
                self.out.note(Note::NotPromised);
                phrase.append(speech::callback(self.language, CallbackWords::NotNoted));
                phrase.append(speech::sentence(self.language, Sentence::MessageKept));
                self.message_over(phrase)
            }
            // What comes too late was given up, and the caller told so.
            (_, _) => Next::Stay,
        }
    }

    /// What was being said to the caller, or played, has been heard.
    pub(super) fn voicemail_heard(&mut self, now: Now) -> Next {
        let beeps = self.voicemail().is_some_and(|voicemail| voicemail.beep == Beep::Yes);
        let State::Recording(recording) = &mut self.state else { return Next::Stay };
        match recording.moment {
            Moment::Asked if beeps => {
                recording.moment = Moment::Beeping;
                self.out.play(Sound::Beep, Keys::Ignore);
            }
            Moment::Asked | Moment::Beeping => self.start_recording(now),
            Moment::Choosing => self.timers.set(Timer::Patience, now.mono + self.patience(PATIENCE)),
            Moment::Listening => return self.offer_choices(None),
            Moment::Preparing(_) | Moment::Running | Moment::Saving | Moment::Promising(_) => {}
        }
        Next::Stay
    }

    pub(super) fn voicemail_key(&mut self, now: Now, digit: Digit) -> Next {
        let State::Recording(recording) = &self.state else { return Next::Stay };
        match recording.moment {
            Moment::Running if digit == Digit::HASH => {
                self.note_key(digit);
                self.stop_recording(now)
            }
            Moment::Choosing | Moment::Listening => self.choice_key(now, digit),
            // A caller who is in a hurry does not hear it all again.
            _ if digit == Digit::HASH => Next::Stay,
            Moment::Running => self.fixed_key(digit).unwrap_or(Next::Stay),
            _ => self.global_key(digit).unwrap_or(Next::Stay),
        }
    }

    /// Something has not come in time.
    pub(super) fn message_overdue(&mut self, now: Now) -> Next {
        let State::Recording(recording) = &mut self.state else { return Next::Stay };
        match &mut recording.moment {
            Moment::Preparing(_) => self.no_message(now, Sentence::NoMessages, "overdue"),
            Moment::Running => self.stop_recording(now),
            Moment::Saving => self.no_message(now, Sentence::MessageNotKept, "overdue"),
            // Nothing is promised and nothing denied: it may still be written down.
            Moment::Promising(said) => {
                let said = std::mem::take(said);
                self.message_over(said)
            }
            Moment::Asked | Moment::Beeping | Moment::Choosing | Moment::Listening => Next::Stay,
        }
    }

    /// The caller does nothing with the message, as most do: it is left.
    pub(super) fn message_silence(&mut self, now: Now) -> Next {
        self.leave_message(now, Phrase::default())
    }

    /// The step is left, by whatever way: what was said stays.
    pub(super) fn message_left_behind(&mut self) {
        if matches!(&self.state, State::Recording(recording) if !matches!(recording.moment, Moment::Promising(_))) {
            self.out.push(Action::Message(MessageOrder::Leave));
        }
    }

    /// On to a step; where there is none, a good-bye ends the call.
    pub(super) fn on_or_goodbye(&mut self, then: Option<crate::flow::StepId>) -> Next {
        match then {
            Some(step) => Next::Go(step),
            None => self.say_last(Sentence::Goodbye, "flow-end"),
        }
    }

    fn voicemail(&self) -> Option<&Voicemail> {
        match &self.program.step(self.step).kind {
            StepKind::Voicemail(voicemail) => Some(voicemail),
            _ => None,
        }
    }

    /// Asks for room; the words are heard when there is.
    fn prepare(&mut self, now: Now, words: Phrase) -> Next {
        let Some(Voicemail { at_most, name, .. }) = self.voicemail() else { return Next::Stay };
        let (at_most, name) = (*at_most, name.clone());
        let callback = self.calls_back();
        let State::Recording(recording) = &mut self.state else { return Next::Stay };
        recording.moment = Moment::Preparing(words);
        self.timers.set(Timer::Message, now.mono + PREPARED_WITHIN);
        self.out.push(Action::Message(MessageOrder::Prepare { at_most, callback, name }));
        Next::Stay
    }

    /// Whether the caller is called back for the message.
    fn calls_back(&self) -> bool {
        self.voicemail().is_some_and(|voicemail| voicemail.callback) && self.own_number().is_some()
    }

    fn start_recording(&mut self, now: Now) {
        let at_most = self.voicemail().map_or(Duration::ZERO, |voicemail| voicemail.at_most);
        if let State::Recording(recording) = &mut self.state {
            recording.moment = Moment::Running;
        }
        self.timers.set(Timer::Message, now.mono + at_most + OVERDUE);
        self.out.push(Action::Message(MessageOrder::Record));
    }

    /// What is said before another take: where we don't say how it is begun, the flow's words again.
    fn asked_again(&self) -> Phrase {
        match self.voicemail() {
            Some(Voicemail { taking: Taking::Record, ask, .. }) => self.words(ask),
            _ => Phrase::default(),
        }
    }

    fn taking(&self) -> Taking {
        self.voicemail().map_or(Taking::Voicemail, |voicemail| voicemail.taking)
    }

    fn stop_recording(&mut self, now: Now) -> Next {
        let State::Recording(recording) = &mut self.state else { return Next::Stay };
        recording.moment = Moment::Saving;
        self.timers.set(Timer::Message, now.mono + KEPT_WITHIN);
        self.out.push(Action::Message(MessageOrder::Stop));
        Next::Stay
    }

    fn choice_key(&mut self, now: Now, digit: Digit) -> Next {
        self.timers.clear();
        self.out.interrupt();
        let State::Recording(recording) = &mut self.state else { return Next::Stay };
        match (digit.number(), recording.kept) {
            (Some(1), Some(message)) => {
                recording.moment = Moment::Listening;
                self.note_key(digit);
                self.out.play(Sound::Message(message), Keys::Stop);
                Next::Stay
            }
            (Some(2), _) if recording.takes < limits::MESSAGE_TAKES => {
                self.note_key(digit);
                let words = self.asked_again();
                self.prepare(now, words)
            }
            _ if digit == Digit::HASH => {
                self.note_key(digit);
                self.leave_message(now, Phrase::default())
            }
            _ => match self.global_key(digit) {
                Some(next) => next,
                None => self.offer_choices(Some(Sentence::WrongKey)),
            },
        }
    }

    fn offer_choices(&mut self, before: Option<Sentence>) -> Next {
        self.timers.clear();
        let taking = self.taking();
        let State::Recording(recording) = &mut self.state else { return Next::Stay };
        recording.moment = Moment::Choosing;
        let choices = match (taking, recording.takes < limits::MESSAGE_TAKES) {
            (Taking::Voicemail, true) => Sentence::MessageChoices,
            (Taking::Voicemail, false) => Sentence::MessageChoicesLast,
            (Taking::Record, true) => Sentence::RecordChoices,
            (Taking::Record, false) => Sentence::RecordChoicesLast,
        };
        let mut phrase = before.map(|s| speech::sentence(self.language, s)).unwrap_or_default();
        phrase.append(speech::sentence(self.language, choices));
        self.out.play(Sound::Phrase(phrase), Keys::Stop);
        Next::Stay
    }

    /// No message was taken or kept: the caller is told so, and another way. One that was
    /// to be done again stands as it was, and this is said in place of that.
    fn no_message(&mut self, now: Now, said: Sentence, why: &'static str) -> Next {
        self.out.note(Note::NoMessage { why });
        let mut phrase = match &self.state {
            State::Recording(Recording { kept: Some(_), .. }) => {
                let mut phrase = speech::sentence(self.language, Sentence::TechnicalTrouble);
                phrase.append(speech::sentence(self.language, Sentence::MessageKept));
                phrase
            }
            _ => speech::sentence(self.language, said),
        };
        if !self.is_taken_elsewhere() {
            self.message_left_behind();
            return self.last_default(now, phrase);
        }
        // In the middle of a call the flow goes on, mostly to an agent.
        if self.taking() == Taking::Voicemail {
            phrase.append(speech::tell(self.language, &self.program.card, Topic::Contact, now.wall));
        }
        self.leave_message(now, phrase)
    }

    /// Whether a message is kept, or the flow goes on in a way of its own.
    fn is_taken_elsewhere(&self) -> bool {
        let kept = matches!(&self.state, State::Recording(Recording { kept: Some(_), .. }));
        kept || self.voicemail().is_some_and(|voicemail| voicemail.then.is_some())
    }

    /// The message is left, if there is one: once a call back is promised, if one is wanted, this
    /// is said, and it goes on.
    fn leave_message(&mut self, now: Now, words: Phrase) -> Next {
        let calls_back = self.calls_back();
        let kept = matches!(&self.state, State::Recording(Recording { kept: Some(_), .. }));
        if !calls_back || !kept {
            return self.message_over(words);
        }
        self.message_left_behind();
        if let State::Recording(recording) = &mut self.state {
            recording.moment = Moment::Promising(words);
        }
        self.timers.set(Timer::Message, now.mono + PROMISED_WITHIN);
        Next::Stay
    }

    /// Says this and leaves the step.
    fn message_over(&mut self, mut words: Phrase) -> Next {
        let Some(&Voicemail { then, .. }) = self.voicemail() else { return Next::Stay };
        if let (Some(step), true) = (then, words.is_empty()) {
            return Next::Go(step);
        }
        self.message_left_behind();
        match then {
            Some(step) => self.speak(words, Manner::Interruptible, Then::Go(step)),
            None => {
                words.append(speech::sentence(self.language, Sentence::Goodbye));
                self.speak(words, Manner::Last, Then::Hangup("flow-end"))
            }
        }
    }
}

/// A row and a file take a few milliseconds; who has waited this long has heard nothing.
const PREPARED_WITHIN: Duration = Duration::from_secs(4);
/// What has been said is waited for a little longer: it would be said in vain.
const KEPT_WITHIN: Duration = Duration::from_secs(10);
/// The book answers as fast as the disk; a caller is not kept in silence for longer than this.
const PROMISED_WITHIN: Duration = Duration::from_secs(3);
/// Whoever records ends it by itself; this much later nobody does any more.
const OVERDUE: Duration = Duration::from_secs(5);
/// How long a caller may think about the choices.
const PATIENCE: Duration = Duration::from_secs(6);
