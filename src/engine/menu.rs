use std::sync::Arc;

use super::io::{Keys, Sound};
use super::machine::{Machine, Next, State, Timer};
use crate::base::{Digit, Language, Now};
use crate::flow::{Choice, Menu, StepKind};
use crate::speech::Phrase;
use crate::speech::{self, Sentence};

/// A menu waits for a key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choosing {
    silences: u32,
    wrong_keys: u32,
}

impl Machine {
    /// Speaks the choices, unless a key typed ahead makes the choice.
    pub(super) fn enter_menu(&mut self, menu: &Menu) -> Next {
        self.lead = None;
        match self.menus.iter().position(|m| *m == self.step) {
            Some(place) => self.menus.truncate(place + 1),
            None => self.menus.push(self.step),
        }
        self.state = State::Choosing(Choosing::default());
        match self.ahead.pop_front() {
            Some(digit) => self.menu_key(digit),
            None => self.speak_menu(menu, None),
        }
    }

    pub(super) fn menu_key(&mut self, digit: Digit) -> Next {
        self.timers.clear();
        self.out.interrupt();
        let program = Arc::clone(&self.program);
        let StepKind::Menu(menu) = &program.step(self.step).kind else { return Next::Stay };
        if digit != Digit::ZERO
            && let Some(choice) = menu.choices.iter().find(|c| c.key == digit)
        {
            self.note_key(digit);
            self.language = choice.language.unwrap_or(self.language);
            return Next::Go(choice.go);
        }
        self.global_key(digit).unwrap_or_else(|| self.wrong_key(menu, digit))
    }

    /// A wrong key says that the caller is lost, so what was typed behind it is forgotten.
    fn wrong_key(&mut self, menu: &Menu, digit: Digit) -> Next {
        self.note_key(digit);
        self.ahead.clear();
        let State::Choosing(choosing) = &mut self.state else { return Next::Stay };
        choosing.wrong_keys += 1;
        let words = if choosing.wrong_keys > 1 { Sentence::WrongKeyAgain } else { Sentence::WrongKey };
        if choosing.wrong_keys >= menu.wrong_keys {
            return Next::Agent;
        }
        self.speak_menu(menu, Some(words))
    }

    /// The last word has been heard: the caller may think now.
    pub(super) fn menu_heard(&mut self, now: Now) -> Next {
        if let StepKind::Menu(menu) = &self.program.step(self.step).kind {
            self.timers.set(Timer::Patience, now.mono + self.patience(menu.patience));
        }
        Next::Stay
    }

    pub(super) fn menu_silence(&mut self) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Menu(menu) = &program.step(self.step).kind else { return Next::Stay };
        let State::Choosing(choosing) = &mut self.state else { return Next::Stay };
        choosing.silences += 1;
        let words = if choosing.silences > 1 { Sentence::SilenceAgain } else { Sentence::Silence };
        if choosing.silences > menu.silences {
            return Next::Agent;
        }
        self.speak_menu(menu, Some(words))
    }

    fn speak_menu(&mut self, menu: &Menu, before: Option<Sentence>) -> Next {
        let mut phrase = before.map(|s| speech::sentence(self.language, s)).unwrap_or_default();
        if let Some(ask) = &menu.ask {
            phrase.append(self.words(ask));
        }
        for choice in &menu.choices {
            phrase.append(choice_line(choice, self.language));
        }
        phrase.append(speech::agent_line(self.language));
        self.out.play(Sound::Phrase(phrase), Keys::Stop);
        Next::Stay
    }
}

/// A choice of language is spoken in the language that it leads to.
fn choice_line(choice: &Choice, language: Language) -> Phrase {
    let wanted = choice.language.unwrap_or(language);
    speech::menu_line(choice.purpose.language(wanted), choice.purpose.get(wanted), choice.key)
}
