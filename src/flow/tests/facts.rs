//! What a card must say, and how procedures and prices are told: each rule on both sides of its line.

use super::{AUDIO, CARD, FLOW, QUEUES, codes, files, flow, load, shown};
use crate::base::Language;
use crate::flow::Loaded;

fn with_card(card: &str, flow: &str) -> Loaded {
    load("test", &files(card, QUEUES, flow), &AUDIO)
}

/// What a card without some of its lines is told.
fn without(lines: &[&str]) -> Vec<&'static str> {
    let mut card = CARD.to_owned();
    for line in lines {
        assert!(card.contains(line), "{line} is not in the card");
        card = card.replace(line, "");
    }
    codes(&with_card(&card, FLOW))
}

#[test]
fn a_whole_card_is_told_nothing() {
    assert_eq!(codes(&with_card(CARD, FLOW)), [""; 0]);
}

#[test]
fn every_fact_that_a_card_lacks_is_told() {
    assert_eq!(without(&["phones:\n  - number: \"+33143124567\"\n    purpose: vos questions\n"]), ["card-no-phone"]);
    assert_eq!(without(&["appointments: avec un agent\n"]), ["card-no-appointments"]);
    assert_eq!(without(&["busy: { phone: \"Mo 09:00-11:00\" }\n"]), ["card-no-busy-hours"]);
    assert_eq!(without(&["relay: [\"+33978000000\"]\n"]), ["card-no-relay"]);
    let quiet = without(&["quiet: { phone: \"We 14:00-16:00\" }\n"]);
    assert!(quiet.contains(&"card-no-quiet-hours"), "{quiet:?}");
    let desk = format!("{CARD}desk:\n  address: 1 place du Marché\n");
    assert_eq!(codes(&with_card(&desk, FLOW)), ["card-no-access"]);
    insta::assert_snapshot!(shown(&with_card(&desk, FLOW)));
}

#[test]
fn busy_and_quiet_hours_may_be_those_that_are_measured() {
    let card = CARD.replace("\"Mo 09:00-11:00\"", "measured");
    assert_eq!(codes(&with_card(&card, FLOW)), [""; 0]);
}

#[test]
fn procedures_are_explained_at_service_public_or_at_a_site_of_one_s_own() {
    let site = |url: &str| CARD.replace("https://www.service-public.fr", url);
    for url in [
        "https://www.service-public.gouv.fr",
        "https://entreprendre.service-public.gouv.fr/x",
        "http://service-public.fr",
    ] {
        assert_eq!(codes(&with_card(&site(url), FLOW)), [""; 0], "{url}");
    }
    for url in ["https://mairie.example", "https://service-public.fr.example", "https://mon-service-public.fr"] {
        assert_eq!(codes(&with_card(&site(url), FLOW)), ["card-no-reference-site"], "{url}");
    }
    let own = site("https://mairie.example")
        .replace("    purpose: vos droits", "    purpose: vos droits\n    reference: true");
    assert_eq!(codes(&with_card(&own, FLOW)), [""; 0]);
}

#[test]
fn a_relay_has_the_hours_of_the_phone() {
    let relay = |hours: &str| {
        let keys = format!("relay: {{ site: \"https://relais.example\", hours: \"{hours}\" }}");
        codes(&with_card(&CARD.replace("relay: [\"+33978000000\"]", &keys), FLOW))
    };
    assert_eq!(relay("Mo,Tu,We,Th,Fr 09:00-17:00; PH off"), [""; 0]);
    assert_eq!(relay("Mo-Fr 09:00-16:00; PH off"), ["relay-other-hours"]);
    let site = CARD.replace("relay: [\"+33978000000\"]", "relay: { site: \"https://relais.example\" }");
    assert_eq!(codes(&with_card(&site, FLOW)), [""; 0]);
}

const PROCEDURE: &str = "procedures:\n  - id: identite\n    name: une carte d'identité\n    essentials: Il faut une photo.\n    \
                         online: https://ants.gouv.fr\n    agent: au téléphone ou à l'accueil\n";

fn about(card: &str, what: &str) -> Loaded {
    with_card(
        &format!("{CARD}{card}"),
        &flow(&[("    say: \"Bonjour.\"", &format!("    say: \"Bonjour.\"\n    about: {what}"))]),
    )
}

#[test]
fn a_procedure_that_is_told_has_both_its_ways() {
    assert_eq!(codes(&about(PROCEDURE, "identite")), [""; 0]);
    let online = PROCEDURE.replace("    online: https://ants.gouv.fr\n", "");
    assert_eq!(codes(&about(&online, "identite")), ["procedure-no-online"]);
    let agent = PROCEDURE.replace("    agent: au téléphone ou à l'accueil\n", "");
    assert_eq!(codes(&about(&agent, "identite")), ["procedure-no-agent"]);
}

#[test]
fn a_procedure_that_no_flow_tells_is_told() {
    assert_eq!(codes(&with_card(&format!("{CARD}{PROCEDURE}"), FLOW)), ["procedure-not-told"]);
    let nameless = PROCEDURE.replace("  - id: identite\n    name", "  - name");
    assert_eq!(codes(&with_card(&format!("{CARD}{nameless}"), FLOW)), ["procedure-not-told"]);
}

#[test]
fn a_step_is_about_a_procedure_of_the_card() {
    insta::assert_snapshot!(shown(&about(PROCEDURE, "identité")));
    let twice = PROCEDURE.replace("procedures:\n", "");
    let twice = format!("{PROCEDURE}{twice}");
    assert_eq!(codes(&about(&twice, "identite")), ["same-procedure"]);
}

#[test]
fn the_card_s_own_words_of_a_procedure_are_told_with_both_ways() {
    let card = format!("{CARD}{PROCEDURE}");
    let told = with_card(&card, &flow(&[("tell: [hours]", "tell: [procedure]\n    about: identite")]));
    assert_eq!(codes(&told), [""; 0]);
    let service = told.service.unwrap();
    let said: Vec<String> =
        crate::speech::procedure(Language::Fr, &service.card, 0).0.iter().map(|f| f.text.to_string()).collect();
    let wanted =
        ["Il faut une photo.", "En ligne : ants point gouv point f r.", "Avec un agent : au téléphone ou à l'accueil."];
    assert_eq!(said, wanted);
    let listed = crate::flow::sentences(&service);
    for sentence in wanted {
        assert!(listed.iter().any(|s| &*s.fragment.text == sentence), "{sentence} is to be recorded");
    }
    let lost = with_card(&card, &flow(&[("tell: [hours]", "tell: [procedure]")]));
    assert_eq!(codes(&lost), ["procedure-not-told", "missing-key"]);
}

#[test]
fn a_premium_number_is_told_in_every_text_of_the_card_and_in_words() {
    let said = |text: &str| codes(&with_card(&CARD.replace("avec un agent", text), FLOW));
    for text in [
        "au 08 92 12 34 56",
        "au +33 892 12 34 56",
        "au 118 218",
        "au zéro huit, quatre-vingt-dix-neuf, douze, treize, quatorze",
    ] {
        assert_eq!(said(text), ["premium-number"], "{text}");
    }
    for text in
        ["au 08 09 12 34 56", "au 01 43 12 45 67", "au zéro un, quarante-trois, douze, treize, quatorze", "au 3020"]
    {
        assert_eq!(said(text), [""; 0], "{text}");
    }
    let menu = flow(&[("for: les horaires", "for: les horaires au 0899 12 34 56")]);
    assert_eq!(codes(&with_card(CARD, &menu)), ["premium-number"]);
    let queues = QUEUES.replacen("members: [amina]", "members: [amina, \"0899123456\"]", 1);
    assert_eq!(codes(&load("test", &files(CARD, &queues, FLOW), &AUDIO)), ["premium-number"]);
}

#[test]
fn a_short_number_whose_price_is_its_owner_s_choice_is_told() {
    let phone = |number: &str| codes(&with_card(&CARD.replace("+33143124567", number), FLOW));
    assert_eq!(phone("3939"), ["number-price-unknown"]);
    assert_eq!(phone("1013"), ["number-price-unknown"]);
    assert_eq!(phone("3020"), [""; 0]);
    insta::assert_snapshot!(shown(&with_card(&CARD.replace("avec un agent", "appelez le 3939"), FLOW)));
}
