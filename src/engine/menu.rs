use std::sync::Arc;

use super::io::Note;
use super::machine::{Machine, Next, State, Timer};
use super::question::Misses;
use crate::base::{Digit, Language, Now};
use crate::flow::{Choice, Menu, Miss, StepKind};
use crate::speech::Phrase;
use crate::speech::{self, Sentence};

/// A menu waits for a key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choosing {
    misses: Misses,
}

impl Machine {
    /// Speaks the choices, unless a key typed ahead makes the choice.
    pub(super) fn enter_menu(&mut self, now: Now, menu: &Menu) -> Next {
        self.lead = None;
        match self.menus.iter().position(|m| *m == self.step) {
            Some(place) => self.menus.truncate(place + 1),
            None => self.menus.push(self.step),
        }
        self.state = State::Choosing(Choosing::default());
        self.begin_question(&menu.question);
        match self.ahead.pop_front() {
            Some(digit) => self.menu_key(now, digit),
            None => {
                let whole = self.whole_menu(menu);
                self.speak_menu(now, menu, whole)
            }
        }
    }

    pub(super) fn menu_key(&mut self, now: Now, digit: Digit) -> Next {
        self.timers.clear();
        self.out.interrupt();
        let program = Arc::clone(&self.program);
        let StepKind::Menu(menu) = &program.step(self.step).kind else { return Next::Stay };
        if digit != Digit::ZERO
            && let Some(choice) = menu.choices.iter().find(|c| c.key == digit)
        {
            self.note_key(digit);
            if let Some(language) = choice.language {
                self.language = language;
                self.out.note(Note::Language(language));
            }
            return Next::Go(choice.go);
        }
        if let Some(next) = self.global_key(digit) {
            return next;
        }
        // A wrong key says that the caller is lost, so what was typed behind it is forgotten.
        self.note_key(digit);
        self.ahead.clear();
        self.menu_missed(now, Miss::Wrong)
    }

    /// The last word has been heard: the caller may think now.
    pub(super) fn menu_heard(&mut self, now: Now) -> Next {
        if let StepKind::Menu(menu) = &self.program.step(self.step).kind {
            self.timers.set(Timer::Patience, now.mono + self.patience(menu.patience));
        }
        Next::Stay
    }

    pub(super) fn menu_silence(&mut self, now: Now) -> Next {
        self.menu_missed(now, Miss::Silence)
    }

    fn menu_missed(&mut self, now: Now, miss: Miss) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Menu(menu) = &program.step(self.step).kind else { return Next::Stay };
        let State::Choosing(choosing) = &mut self.state else { return Next::Stay };
        let nth = choosing.misses.count(miss);
        let ours = match (miss, nth) {
            (Miss::Silence, 1) => Sentence::Silence,
            (Miss::Silence, _) => Sentence::SilenceAgain,
            (Miss::Wrong, 1) => Sentence::WrongKey,
            (Miss::Wrong, _) => Sentence::WrongKeyAgain,
        };
        if menu.question.is_enough(miss, nth) {
            return Next::Agent;
        }
        let mut phrase = self.in_each(menu, |language| match menu.question.words(miss, nth) {
            Some(own) => self.words_in(language, own),
            None => speech::sentence(language, ours),
        });
        phrase.append(match &menu.question.again {
            Some(short) => self.in_each(menu, |language| self.words_in(language, short)),
            None => self.whole_menu(menu),
        });
        self.speak_menu(now, menu, phrase)
    }

    /// Says something in each language that the menu is spoken in.
    fn in_each(&self, menu: &Menu, say: impl Fn(Language) -> Phrase) -> Phrase {
        let mut said: Vec<Phrase> = Vec::new();
        for language in menu.languages(self.language) {
            let words = say(language);
            // What has no translation is not said twice.
            if !said.contains(&words) {
                said.push(words);
            }
        }
        Phrase(said.into_iter().flat_map(|phrase| phrase.0).collect())
    }

    fn whole_menu(&self, menu: &Menu) -> Phrase {
        let mut phrase = self.in_each(menu, |l| menu.ask.as_ref().map(|ask| self.words_in(l, ask)).unwrap_or_default());
        for choice in &menu.choices {
            phrase.append(choice_line(choice, self.language));
        }
        phrase
    }

    /// Says it, and the agent's line last.
    fn speak_menu(&mut self, now: Now, menu: &Menu, mut phrase: Phrase) -> Next {
        phrase.append(self.in_each(menu, speech::agent_line));
        self.play_words(now, phrase, menu.question.barge_in);
        Next::Stay
    }
}

/// A choice of language is spoken in the language that it leads to.
fn choice_line(choice: &Choice, language: Language) -> Phrase {
    let wanted = choice.language.unwrap_or(language);
    speech::menu_line(choice.purpose.language(wanted), choice.purpose.get(wanted), choice.key)
}
