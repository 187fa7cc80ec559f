//! What can happen at a moment of a call: the keys of the caller, silence, and what the world does.

use super::line::{Awaited, Line};
use crate::base::{Digit, MessageId, Private, TicketId};
use crate::engine::{BookNews, Input, LookUpNews, MessageNews, NoMessage, QueueNews, TransferNews};
use crate::flow::StepKind;

/// Something that happens.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// The caller does nothing.
    Silence,
    /// The caller presses keys.
    Keys(Vec<Digit>),
    /// The world decides.
    World(Input),
    /// A server answers before the last word, and the caller does nothing.
    Meanwhile(Input),
    /// It closes while the caller waits.
    Closing,
}

/// How far a number is typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typing {
    Nothing,
    Begun,
}

impl Line {
    /// What the caller can do, or the world, whoever is to move.
    pub(super) fn events(&self) -> Vec<Event> {
        if self.hears.is_none() && self.awaited != Awaited::Nothing {
            let mut events = self.worlds();
            if self.awaited == Awaited::Answer {
                events.extend(self.keys());
            }
            if self.awaited == Awaited::Agent {
                events.push(Event::Closing);
                events.extend(self.keys());
                if self.machine.fingerprint().contains("noting ") {
                    events.push(Event::Silence);
                }
            }
            return events;
        }
        let mut events = self.keys();
        events.push(Event::Silence);
        if self.awaited == Awaited::Answer {
            events.extend(self.answers().map(Event::Meanwhile));
        }
        events
    }

    fn keys(&self) -> Vec<Event> {
        let typing = self.typing();
        let digits = match self.kind() {
            // Further digits lead nowhere else.
            Some(StepKind::Collect(_)) if typing == Some(Typing::Begun) => "1*",
            Some(StepKind::Collect(_)) => "01*",
            _ if typing == Some(Typing::Begun) => "*",
            _ if typing == Some(Typing::Nothing) => "0*",
            // Whether a known number is right; a wrong key is only asked again.
            Some(StepKind::Callback(_)) if self.machine.wants_key() => "01*",
            // Which key cuts a text does not matter; one that chooses nothing stands for all.
            _ if !self.machine.wants_key() => "07*",
            _ => "0127*",
        };
        let mut events: Vec<Event> = (digits.chars().filter_map(Digit::from_char))
            .filter(|key| !(self.seen.ahead && *key != Digit::ZERO))
            // Who goes back when it is closed has left of the own will.
            .filter(|key| !(self.seen.owed && *key == Digit::STAR))
            .map(|key| Event::Keys(vec![key]))
            .collect();
        events.extend(self.header_key().map(|key| Event::Keys(vec![key])));
        if typing == Some(Typing::Nothing) && !matches!(self.kind(), Some(StepKind::Collect(_))) {
            events.push(Event::Keys("0353010001#".chars().filter_map(Digit::from_char).collect()));
        }
        events
    }

    /// A key of the flow's header, where a key may lead away.
    fn header_key(&self) -> Option<Digit> {
        use StepKind::{Hangup, Menu, Say, Survey, Tell, Voicemail};
        let away = matches!(self.kind()?, Say(_) | Menu(_) | Tell(_) | Survey(_) | Voicemail(_) | Hangup(_));
        let hears = self.hears.is_some() || self.machine.wants_key();
        self.header.filter(|_| away && hears && !self.seen.ahead)
    }

    /// What a server can answer: yes, no, or nothing of use.
    fn answers(&self) -> [Input; 3] {
        let order = self.asked.map_or(0, |asked| asked.order);
        let found = |yes: bool| LookUpNews::Answered { order, json: Private::new(serde_json::json!({ "connu": yes })) };
        [found(true), found(false), LookUpNews::Failed { order, why: "refused" }].map(Input::LookUp)
    }

    /// Whether a number is being typed, as the engine says.
    fn typing(&self) -> Option<Typing> {
        let state = self.machine.fingerprint();
        let is = |text: &str| state.contains(text);
        match () {
            () if is("stage: Confirming") => None,
            () if is("Typing(\"\")") || is("typed: \"\"") => Some(Typing::Nothing),
            () if is("Typing(\"") || is("typed: \"") => Some(Typing::Begun),
            () => None,
        }
    }

    fn worlds(&self) -> Vec<Event> {
        let queue = |news: &[QueueNews]| news.iter().cloned().map(Input::Queue).collect::<Vec<_>>();
        let message = |news: &[MessageNews]| news.iter().cloned().map(Input::Message).collect::<Vec<_>>();
        let inputs = match self.awaited {
            Awaited::Nothing => Vec::new(),
            Awaited::Place => queue(&[QueueNews::Joined { rank: 9 }, QueueNews::Full, QueueNews::Nobody]),
            Awaited::Agent => {
                queue(&[QueueNews::Connected { agent: "amina".into() }, QueueNews::Nobody, QueueNews::TimedOut])
            }
            Awaited::Outside => vec![Input::Transfer(TransferNews::Connected), Input::Transfer(TransferNews::Failed)],
            Awaited::TalkEnd { outside: true } => vec![Input::Transfer(TransferNews::TalkEnded)],
            Awaited::TalkEnd { outside: false } => queue(&[QueueNews::TalkEnded]),
            Awaited::Room => message(&[
                MessageNews::Ready,
                MessageNews::Refused(NoMessage::Enough),
                MessageNews::Refused(NoMessage::Full),
            ]),
            Awaited::Message => {
                let kept = MessageNews::Kept { message: MessageId(1) };
                message(&[kept, MessageNews::Nothing, MessageNews::NotKept])
            }
            Awaited::Promise => {
                let promised = MessageNews::Promised { ticket: TicketId(1), slot: None };
                message(&[promised, MessageNews::NotPromised])
            }
            Awaited::Answer => self.answers().into(),
            Awaited::Book => [BookNews::Promised { slot: None }, BookNews::Refused].map(Input::Book).into(),
        };
        inputs.into_iter().map(Event::World).collect()
    }

    /// Whether a caller who looks for an agent would press these keys: what was offered, and `0`.
    pub(super) fn offers(&self, keys: &[Digit]) -> bool {
        let [key] = keys else { return false };
        let number = key.number();
        match self.kind() {
            // Nobody knows whether the server leaves the time for a key.
            _ if self.hears.is_none() && self.awaited == Awaited::Answer => false,
            _ if *key == Digit::ZERO => true,
            Some(StepKind::Menu(menu)) => self.machine.wants_key() && menu.choices.iter().any(|c| c.key == *key),
            Some(StepKind::Collect(_)) => self.machine.wants_key() && number.is_some(),
            Some(StepKind::Survey(survey)) => {
                self.machine.wants_key() && number.is_some_and(|mark| mark <= survey.scale)
            }
            _ => false,
        }
    }
}
