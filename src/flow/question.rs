use super::{BargeIn, Menu, StepKind};
use crate::base::{Digit, Language, Localized};

/// How a question is asked, and asked again to who gives no answer or one of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Whether a key stops it.
    pub barge_in: BargeIn,
    /// What becomes of the keys that were pressed before it.
    pub type_ahead: TypeAhead,
    /// The words after each silence, in place of our own.
    pub on_silence: Vec<Localized>,
    /// The words after each wrong answer, in place of our own.
    pub on_wrong: Vec<Localized>,
    /// The question in fewer words, for when it is asked again.
    pub again: Option<Localized>,
    /// How often it is asked again to who says nothing.
    pub silences: u32,
    /// How many wrong answers are one too many.
    pub wrong: u32,
}

/// What becomes of keys that are pressed before a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeAhead {
    /// They answer it.
    Kept,
    /// They are forgotten.
    Forgotten,
}

/// Why a question has no answer yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// No key was pressed.
    Silence,
    /// The keys were of no use.
    Wrong,
}

impl Question {
    /// A question in our own words, asked again so often.
    pub const fn usual(silences: u32, wrong: u32) -> Self {
        Self {
            barge_in: BargeIn::Allowed,
            type_ahead: TypeAhead::Kept,
            on_silence: Vec::new(),
            on_wrong: Vec::new(),
            again: None,
            silences,
            wrong,
        }
    }

    /// Whether it is not asked again after so many of these, from 1.
    pub fn is_enough(&self, miss: Miss, nth: u32) -> bool {
        match miss {
            Miss::Silence => nth > self.silences,
            Miss::Wrong => nth >= self.wrong,
        }
    }

    /// The flow's own words for the nth of these, from 1; behind the last ones, these again.
    pub fn words(&self, miss: Miss, nth: u32) -> Option<&Localized> {
        let words = match miss {
            Miss::Silence => &self.on_silence,
            Miss::Wrong => &self.on_wrong,
        };
        let place = usize::try_from(nth).unwrap_or(usize::MAX).saturating_sub(1);
        words.get(place).or(words.last())
    }

    /// Every text of its own, each with the key that it is written under and its place there.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, Option<usize>, &Localized)> {
        let on_silence = self.on_silence.iter().enumerate().map(|(i, text)| ("on_silence", Some(i), text));
        let on_wrong = self.on_wrong.iter().enumerate().map(|(i, text)| ("on_wrong", Some(i), text));
        on_silence.chain(on_wrong).chain(self.again.iter().map(|text| ("again", None, text)))
    }
}

impl Menu {
    /// The languages that it is spoken in to a caller of this one: where every choice is one of
    /// a language, the caller may understand but one of them, and everything is said in each.
    pub fn languages(&self, language: Language) -> Vec<Language> {
        let offered: Vec<Language> = self.choices.iter().filter_map(|choice| choice.language).collect();
        if offered.is_empty() || offered.len() < self.choices.len() {
            return vec![language];
        }
        let mut each = Vec::new();
        for language in offered {
            if !each.contains(&language) {
                each.push(language);
            }
        }
        each
    }
}

impl StepKind {
    /// How it asks, if it asks for keys.
    pub fn question(&self) -> Option<&Question> {
        match self {
            Self::Menu(menu) => Some(&menu.question),
            Self::Callback(callback) => Some(&callback.question),
            Self::Collect(collect) => Some(&collect.question),
            Self::Survey(survey) => Some(&survey.question),
            Self::Say(_)
            | Self::Hours(_)
            | Self::Tell(_)
            | Self::Set(_)
            | Self::Choose(_)
            | Self::Goto(_)
            | Self::Lookup(_)
            | Self::Queue(_)
            | Self::Transfer(_)
            | Self::Voicemail(_)
            | Self::Hangup(_) => None,
        }
    }

    /// The languages in which its question is asked of a caller of this one.
    pub fn languages(&self, language: Language) -> Vec<Language> {
        match self {
            Self::Menu(menu) => menu.languages(language),
            _ => vec![language],
        }
    }

    /// Whether the step has no use of its own for a key, so that the header's takes it. In a
    /// queue, in a transfer and while a number is typed a key never leads away.
    pub fn leaves_to_header(&self, key: Digit) -> bool {
        match self {
            Self::Say(_) | Self::Tell(_) | Self::Voicemail(_) | Self::Hangup(_) => true,
            Self::Menu(menu) => menu.choices.iter().all(|choice| choice.key != key),
            Self::Survey(survey) => key.number().is_none_or(|mark| mark > survey.scale),
            Self::Hours(_)
            | Self::Set(_)
            | Self::Choose(_)
            | Self::Goto(_)
            | Self::Lookup(_)
            | Self::Collect(_)
            | Self::Queue(_)
            | Self::Transfer(_)
            | Self::Callback(_) => false,
        }
    }
}
