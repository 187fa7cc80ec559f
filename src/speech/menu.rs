use super::phrase::Phrase;
use super::words::cardinal;
use crate::base::{Digit, Language};

/// One choice of a menu, the purpose before the key: one clip.
///
/// The purpose is a noun or an infinitive; a `pour` (or `for`, `to`) that it begins
/// with is not said twice.
pub fn menu_line(language: Language, purpose: &str, key: Digit) -> Phrase {
    let purpose = purpose.trim().trim_end_matches(['.', ',', ' ']);
    let mut letters = with_for(language, purpose);
    let first = letters.remove(0);
    Phrase::one(language, format!("{}{letters}, {}.", first.to_uppercase(), press(language, key)))
}

/// The agent's line, the last of every menu.
pub fn agent_line(language: Language) -> Phrase {
    let purpose = match language {
        Language::Fr => "parler à un agent",
        Language::En => "to speak to an agent",
    };
    menu_line(language, purpose, Digit::ZERO)
}

/// What a busy queue offers by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offered {
    /// To be called back.
    Callback,
    /// To hear when the wait is shorter.
    QuietHours,
    /// To leave a message.
    Message,
    /// To keep waiting.
    Continue,
}

/// An offer of a busy queue, such as `Pour être rappelé, tapez sur la touche numéro un.`
pub fn offer_line(language: Language, offered: Offered, key: Digit) -> Phrase {
    let purpose = match offered {
        Offered::Callback => ["être rappelé", "to be called back"],
        Offered::QuietHours => ["savoir quand l'attente est plus courte", "to know when the wait is shorter"],
        Offered::Message => ["laisser un message", "to leave a message"],
        Offered::Continue => ["continuer à attendre", "to keep waiting"],
    };
    menu_line(language, purpose[language as usize], key)
}

/// The purpose after `pour` or `for`, in small letters, unless it already begins with such a word.
pub(super) fn with_for(language: Language, purpose: &str) -> String {
    let leads: &[&str] = match language {
        Language::Fr => &["pour "],
        Language::En => &["for ", "to "],
    };
    let starts = |lead: &str| purpose.get(..lead.len()).is_some_and(|start| start.eq_ignore_ascii_case(lead));
    match leads.iter().find(|lead| starts(lead)) {
        Some(lead) => format!("{lead}{}", &purpose[lead.len()..]),
        None => format!("{}{purpose}", leads[0]),
    }
}

/// Speech recognisers and people hear "la touche numéro un" right, but not "tapez un".
pub(super) fn press(language: Language, key: Digit) -> String {
    match (language, key.number()) {
        (Language::Fr, Some(n)) => format!("tapez sur la touche numéro {}", cardinal(language, n.into())),
        (Language::Fr, None) if key == Digit::STAR => "tapez sur la touche étoile".to_owned(),
        (Language::Fr, None) => "tapez sur la touche dièse".to_owned(),
        (Language::En, Some(n)) => format!("press {}", cardinal(language, n.into())),
        (Language::En, None) if key == Digit::STAR => "press star".to_owned(),
        (Language::En, None) => "press hash".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(language: Language, purpose: &str, key: char) -> String {
        menu_line(language, purpose, Digit::from_char(key).unwrap()).to_string()
    }

    #[test]
    fn the_purpose_comes_before_the_key() {
        assert_eq!(
            line(Language::Fr, "une carte d'identité ou un passeport", '1'),
            "Pour une carte d'identité ou un passeport, tapez sur la touche numéro un."
        );
        assert_eq!(line(Language::Fr, "réécouter", '#'), "Pour réécouter, tapez sur la touche dièse.");
        assert_eq!(line(Language::Fr, "revenir", '*'), "Pour revenir, tapez sur la touche étoile.");
        assert_eq!(line(Language::En, "opening hours", '2'), "For opening hours, press two.");
        assert_eq!(agent_line(Language::Fr).to_string(), "Pour parler à un agent, tapez sur la touche numéro zéro.");
        assert_eq!(agent_line(Language::En).to_string(), "To speak to an agent, press zero.");
    }

    #[test]
    fn pour_is_not_said_twice() {
        assert_eq!(line(Language::Fr, "pour payer.", '3'), "Pour payer, tapez sur la touche numéro trois.");
        assert_eq!(line(Language::Fr, "Pour payer", '3'), "Pour payer, tapez sur la touche numéro trois.");
        assert_eq!(line(Language::Fr, "poursuivre", '3'), "Pour poursuivre, tapez sur la touche numéro trois.");
        assert_eq!(line(Language::En, "to pay", '3'), "To pay, press three.");
    }
}
