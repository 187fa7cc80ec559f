use super::Words;
use crate::base::{Language, Localized};
use crate::flow::prove::situation::Moment;
use crate::flow::sentences::{MenuPart, menu_sentences};
use crate::flow::{Menu, Miss, Question, spoken};
use crate::speech::{self, Phrase, Sentence};

impl Words<'_> {
    /// A text with the longest values that its variables can hold.
    pub(super) fn said(&self, language: Language, text: &Localized) -> Phrase {
        if text.get(language).trim().is_empty() {
            return Phrase::default();
        }
        spoken(text.get(language), text.language(language), |name| self.longest.value(name))
    }

    /// What is said before a question is asked again: the flow's own words, or ours; nothing
    /// the first time.
    pub(super) fn missed(&self, language: Language, question: &Question, moment: Moment) -> Option<Phrase> {
        let (own, ours) = match moment {
            Moment::Again(1) => (question.words(Miss::Silence, 1), Sentence::Silence),
            Moment::Again(nth) => (question.words(Miss::Silence, nth.into()), Sentence::SilenceAgain),
            Moment::Wrong(1) => (question.words(Miss::Wrong, 1), Sentence::WrongKey),
            Moment::Wrong(nth) => (question.words(Miss::Wrong, nth.into()), Sentence::WrongKeyAgain),
            _ => return None,
        };
        Some(own.map_or_else(|| speech::sentence(language, ours), |own| self.said(language, own)))
    }

    /// A question; asked again, with other words before it, and shorter where the flow says so.
    pub(super) fn asked(&self, language: Language, moment: Moment, (question, ask): (&Question, &Localized)) -> Phrase {
        let Some(mut phrase) = self.missed(language, question, moment) else { return self.said(language, ask) };
        phrase.append(self.said(language, question.again.as_ref().unwrap_or(ask)));
        phrase
    }

    pub(super) fn menu(&self, language: Language, menu: &Menu, moment: Moment) -> Phrase {
        let languages = menu.languages(language);
        let missed = languages.iter().filter_map(|language| self.missed(*language, &menu.question, moment));
        let mut phrase = Phrase(missed.flat_map(|phrase| phrase.0).collect());
        let short = menu.question.again.as_ref().filter(|_| !phrase.is_empty());
        if let Some(text) = short.or(menu.ask.as_ref()) {
            languages.iter().for_each(|language| phrase.append(self.said(*language, text)));
        }
        for (line, part) in menu_sentences(language, menu) {
            match part {
                MenuPart::Agent => phrase.append(line),
                MenuPart::Choice(_) if short.is_none() => phrase.append(line),
                MenuPart::Choice(_) | MenuPart::Ask => {}
            }
        }
        phrase
    }
}
