use super::address::spoken_address;
use super::menu::with_for;
use super::number::phone;
use super::phrase::{Fragment, Phrase};
use crate::base::{Language, Localized};
use crate::service::{Card, Closure, Desk, Email, Phone, Procedure, Website};

/// Every clip that telling this card needs beyond the vocabulary: its own sentences, and
/// the French ones where English was not written.
pub fn card_fragments(language: Language, card: &Card) -> Vec<Fragment> {
    let mut phrase = Phrase::default();
    phrase.0.extend(card.phones.iter().map(|p| phone_lead(language, p)));
    phrase.0.extend(card.emails.iter().map(|e| email_sentence(language, e)));
    phrase.0.extend(card.websites.iter().map(|w| website_sentence(language, w)));
    phrase.append(desk(language, card));
    phrase.append(appointments(language, card));
    let hours = [Some(&card.phone_hours), card.desk_hours.as_ref()];
    for closure in hours.into_iter().flatten().flat_map(|h| h.closures()) {
        phrase.append(closure_reason(language, closure));
    }
    phrase.0.sort_unstable();
    phrase.0.dedup();
    phrase.0
}

/// Every phone, e-mail and web site with its purpose.
pub(super) fn contact(language: Language, card: &Card) -> Phrase {
    let mut phrase = Phrase::default();
    for known in &card.phones {
        phrase.0.push(phone_lead(language, known));
        phrase.append(phone(language, &known.number));
    }
    phrase.0.extend(card.emails.iter().map(|e| email_sentence(language, e)));
    phrase.0.extend(card.websites.iter().map(|w| website_sentence(language, w)));
    phrase
}

/// The desk's address and its access.
pub(super) fn desk(language: Language, card: &Card) -> Phrase {
    let mut phrase = Phrase::default();
    let Some(Desk { address, access }) = &card.desk else { return phrase };
    phrase.0.push(after(["L'accueil se trouve ", "Our desk is at "], language, address));
    if let Some(access) = access {
        phrase.0.push(after(["Accès : ", "Access: "], language, access));
    }
    phrase
}

/// How to get an appointment.
pub(super) fn appointments(language: Language, card: &Card) -> Phrase {
    let lead = ["Pour prendre rendez-vous : ", "To make an appointment: "];
    Phrase(card.appointments.iter().map(|text| after(lead, language, text)).collect())
}

/// The essentials of a procedure, then how it is done online and with an agent. Its clips are needed
/// where a flow tells it, and are not among [`card_fragments`].
pub fn procedure(language: Language, card: &Card, nth: usize) -> Phrase {
    let mut phrase = Phrase::default();
    let Some(Procedure { essentials, online, agent, .. }) = card.procedures.get(nth) else { return phrase };
    phrase.0.push(after(["", ""], language, essentials));
    if let Some(online) = online {
        let (lead, colon) = (["En ligne", "Online"][language as usize], COLON[language as usize]);
        phrase.0.push(Fragment::new(language, ended(&format!("{lead}{colon}{}", spoken_address(language, online)))));
    }
    phrase.0.extend(agent.iter().map(|agent| after(["Avec un agent : ", "With an agent: "], language, agent)));
    phrase
}

/// Why a closure is, if the card says it.
pub(super) fn closure_reason(language: Language, closure: &Closure) -> Phrase {
    let lead = ["Motif : ", "Reason: "];
    Phrase(closure.reason.iter().map(|reason| after(lead, language, reason)).collect())
}

fn phone_lead(language: Language, phone: &Phone) -> Fragment {
    let (language, purpose) = in_its_language(language, &phone.purpose);
    let lead = ["Par téléphone", "By phone"][language as usize];
    Fragment::new(language, format!("{lead}, {}{}", with_for(language, purpose), COLON[language as usize].trim_end()))
}

fn email_sentence(language: Language, email: &Email) -> Fragment {
    let lead = ["Par courriel", "By e-mail"];
    addressed(language, lead, &email.purpose, &email.address, email.spoken.as_ref())
}

fn website_sentence(language: Language, website: &Website) -> Fragment {
    let lead = ["Sur internet", "On the internet"];
    addressed(language, lead, &website.purpose, &website.url, website.spoken.as_ref())
}

fn addressed(
    language: Language,
    lead: [&str; 2],
    purpose: &Localized,
    written: &str,
    spoken: Option<&Localized>,
) -> Fragment {
    let (language, purpose) = in_its_language(language, purpose);
    let address = match spoken {
        Some(spoken) => spoken.get(language).to_string(),
        None => spoken_address(language, written),
    };
    let (lead, colon) = (lead[language as usize], COLON[language as usize]);
    Fragment::new(language, ended(&format!("{lead}, {}{colon}{address}", with_for(language, purpose))))
}

/// A text of the card after words of the language that it is written in.
fn after(lead: [&str; 2], language: Language, text: &Localized) -> Fragment {
    let (language, text) = in_its_language(language, text);
    Fragment::new(language, ended(&format!("{}{text}", lead[language as usize])))
}

fn in_its_language(language: Language, text: &Localized) -> (Language, &str) {
    (text.language(language), text.get(language).trim().trim_end_matches('.'))
}

fn ended(sentence: &str) -> String {
    let sentence = sentence.trim();
    if sentence.ends_with(['.', '!', '?']) { sentence.to_owned() } else { format!("{sentence}.") }
}

const COLON: [&str; 2] = [" : ", ": "];
