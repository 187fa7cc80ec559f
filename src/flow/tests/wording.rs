//! How texts are worded.

use super::{AUDIO, CARD, QUEUES, codes, files, flow, load, loaded, shown, wrong};

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
    let card = format!("{CARD}jargon:\n  - {{ word: Guichet unique, instead: accueil }}\n");
    let own = |words: &str| {
        let flow = flow(&[("\"Bonjour.\"", &format!("\"{words}\""))]);
        load("test", &files(&card, QUEUES, &flow), &AUDIO)
    };
    assert_eq!(codes(&own("Bienvenue au guichet.")), [""; 0]);
    assert!(shown(&own("Bienvenue au guichet unique.")).contains("say « accueil »"), "the card's own list");
    assert_eq!(codes(&own("La téléprocédure est ouverte.")), ["jargon"], "beside the usual one");
    insta::assert_snapshot!(wrong(&[("\"Bonjour.\"", "\"La démarche est dématérialisée.\"")]));
}
