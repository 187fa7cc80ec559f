//! How texts are worded.

use super::{AUDIO, codes, flow, loaded, wrong};

/// The codes of the usual flow with this welcome.
fn said(words: &str) -> Vec<&'static str> {
    codes(&loaded(&flow(&[("\"Bonjour.\"", &format!("\"{words}\""))]), &AUDIO))
}

#[test]
fn a_sentence_has_at_most_25_words() {
    let words = |count: usize| vec!["mot"; count].join(" ");
    assert_eq!(said(&format!("{}. {} !", words(25), words(25))), [""; 0]);
    assert_eq!(said(&words(26)), ["long-sentence"]);
    insta::assert_snapshot!(wrong(&[("\"Bonjour.\"", &format!("\"{}.\"", words(30)))]));
}

#[test]
fn the_purpose_comes_before_the_key() {
    assert_eq!(said("Pour un agent, tapez sur la touche numéro zéro."), [""; 0]);
    assert_eq!(said("Tapez votre numéro pour continuer."), [""; 0], "no key is named");
    assert_eq!(said("Appuyez sur la touche étoile pour revenir."), ["key-before-purpose"]);
    insta::assert_snapshot!(wrong(&[("\"Bonjour.\"", "\"Bonjour. Tapez 1 pour un agent.\"")]));
}

#[test]
fn words_of_offices_are_told_with_ordinary_ones() {
    assert_eq!(said("Cet appel n'est pas surtaxé. Un agent vous répond."), [""; 0]);
    assert_eq!(said("La téléprocédure est ouverte aux usagers."), ["jargon"]);
    assert_eq!(said("Les messages sont écoutés."), [""; 0], "a part of a word is no word");
    insta::assert_snapshot!(wrong(&[("\"Bonjour.\"", "\"La démarche est dématérialisée.\"")]));
}
