use std::time::Duration;

use super::menu::with_for;
use super::number::phone;
use super::phrase::Phrase;
use super::time;
use crate::base::{Language, PhoneNumber};

/// What an agent hears of a caller before the two hear each other: `trois minutes`
/// `d'attente.`, and the line of what the caller chose.
pub fn brief(language: Language, waited: Duration, purpose: Option<Phrase>) -> Phrase {
    let mut phrase = time::duration(language, waited);
    phrase.push(language, WAITED[language as usize]);
    phrase.append(purpose.unwrap_or_default());
    phrase
}

/// What a caller chose, to the agent: `Pour un permis de conduire.`
pub fn purpose_line(language: Language, purpose: &str) -> Phrase {
    let mut letters = with_for(language, purpose.trim().trim_end_matches(['.', ',', ' ']));
    let first = letters.remove(0);
    Phrase::one(language, format!("{}{letters}.", first.to_uppercase()))
}

/// Asks who answers at an outside number for the key that takes the call: an answering
/// machine presses none.
pub fn press_one(language: Language) -> Phrase {
    Phrase::one(language, PRESS_ONE[language as usize])
}

/// Whom an agent is about to call back, for a ticket.
pub fn recall(language: Language, number: &PhoneNumber) -> Phrase {
    let mut phrase = Phrase::one(language, RECALL[language as usize]);
    phrase.append(phone(language, number));
    phrase
}

/// Every clip of this file that no flow writes, lengths of time left out.
pub(super) fn clips(language: Language) -> Vec<String> {
    [WAITED, PRESS_ONE, RECALL].map(|clip| clip[language as usize].to_owned()).to_vec()
}

const WAITED: [&str; 2] = ["d'attente.", "of waiting."];
const RECALL: [&str; 2] = ["Vous allez rappeler le", "You are going to call back"];
const PRESS_ONE: [&str; 2] = ["Appuyez sur un pour prendre l'appel.", "Press one to take the call."];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_hears_how_long_and_for_what() {
        let said = |language, purpose| {
            brief(language, Duration::from_secs(180), Some(purpose_line(language, purpose))).to_string()
        };
        insta::assert_snapshot!([
            said(Language::Fr, "un permis de conduire"),
            said(Language::Fr, "Pour un rendez-vous."),
            said(Language::En, "a driving licence"),
        ].join("\n"), @r"
        trois minutes d'attente. Pour un permis de conduire.
        trois minutes d'attente. Pour un rendez-vous.
        three minutes of waiting. For a driving licence.
        ");
        assert_eq!(press_one(Language::Fr).to_string(), "Appuyez sur un pour prendre l'appel.");
    }
}
