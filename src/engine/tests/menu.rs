//! Silence, wrong keys and languages.

use super::*;

fn one_menu() -> Program {
    flow(&["menu", "agents"], |at| vec![menu(&[('1', "rien", at("menu"))]), queue(at("menu"))])
}

const MENU: &str = "Pour rien, 1. <0>";

#[test]
fn silence_is_counted_from_the_last_word() {
    let mut caller = Caller::calls(one_menu());
    assert_eq!(caller.wait(60), [""; 0]);
    caller.listen();
    assert_eq!(caller.wait(4), [""; 0]);
    assert_eq!(caller.wait(1), [format!("<Silence> {MENU}")]);
}

#[test]
fn silence_leads_to_the_agent() {
    let mut caller = Caller::calls(one_menu());
    for words in ["<Silence>", "<SilenceAgain>"] {
        caller.listen();
        assert_eq!(caller.wait(5), [format!("{words} {MENU}")]);
    }
    caller.listen();
    assert_eq!(caller.wait(5), ["join s/agents"]);
    assert_eq!(caller.news(QueueNews::Joined { rank: 1 }), ["<ToAgent> <rank 1> (to the end)"]);
}

#[test]
fn wrong_keys_lead_to_the_agent() {
    let mut caller = Caller::calls(one_menu());
    assert_eq!(caller.press("7"), [format!("<WrongKey> {MENU}")]);
    assert_eq!(caller.press("8"), [format!("<WrongKeyAgain> {MENU}")]);
    assert_eq!(caller.press("9"), ["join s/agents", "stop"]);
}

#[test]
fn a_wrong_key_typed_ahead_forgets_the_keys_behind_it() {
    let mut caller = Caller::calls(flow(&["loi", "menu", "agents"], |at| {
        vec![say_all("Loi.", at("menu")), menu(&[('1', "rien", at("loi"))]), queue(at("menu"))]
    }));
    caller.press("91");
    assert_eq!(caller.listen(), [format!("<WrongKey> {MENU}")]);
    assert!(caller.machine.ahead.is_empty());
}

#[test]
fn a_menu_left_and_entered_again_counts_afresh() {
    let mut caller = Caller::calls(one_menu());
    for _ in 0..5 {
        assert_eq!(caller.press("7"), [format!("<WrongKey> {MENU}")]);
        assert_eq!(caller.press("1"), [MENU]);
    }
}

#[test]
fn a_choice_of_language_is_spoken_in_it_and_switches_the_call() {
    let mut program = flow(&["menu", "bonjour", "agents"], |at| {
        let mut kind = menu(&[('1', "le français", at("bonjour")), ('2', "English", at("bonjour"))]);
        if let StepKind::Menu(menu) = &mut kind {
            menu.choices[1].language = Some(Language::En);
            menu.choices[1].purpose.en = Some("English".into());
        }
        let words = Localized { fr: "Bonjour.".into(), en: Some("Hello.".into()) };
        let greet = StepKind::Say(Say { text: words, barge_in: BargeIn::Allowed, then: at("menu") });
        vec![kind, greet, queue(at("menu"))]
    });
    program.language = Language::Fr;
    let mut machine = Machine::new(Arc::new(program), None);
    machine.handle(Now::default(), Input::Answered);
    let phrase = |machine: &mut Machine| loop {
        if let Action::Play { sound: Sound::Phrase(phrase), .. } = machine.poll().unwrap() {
            return phrase.0.iter().map(|f| f.language).collect::<Vec<_>>();
        }
    };
    assert_eq!(phrase(&mut machine), [Language::Fr, Language::En, Language::Fr]);
    machine.handle(Now::default(), Input::Digit(key_of('2')));
    assert_eq!(phrase(&mut machine), [Language::En]);
    assert_eq!(machine.language(), Language::En);
}

#[test]
fn a_choice_by_star_wins_over_going_back() {
    let mut caller = Caller::calls(flow(&["menu", "fin", "agents"], |at| {
        vec![menu(&[('*', "finir", at("fin"))]), hangup("Fini."), queue(at("menu"))]
    }));
    assert_eq!(caller.press("*"), ["Fini. (to the end)"]);
}

/// A choice of language as the first step, and a greeting.
fn languages(change: impl FnOnce(&mut Menu)) -> Program {
    flow(&["langue", "bonjour", "agents"], |at| {
        let choice = |key, language, fr: &str, en: &str| Choice {
            key: key_of(key),
            purpose: Localized { fr: fr.into(), en: Some(en.into()) },
            language: Some(language),
            go: at("bonjour"),
        };
        let StepKind::Menu(mut menu) = menu(&[]) else { unreachable!("a menu") };
        menu.choices =
            vec![choice('1', Language::Fr, "le français", "French"), choice('2', Language::En, "l'anglais", "English")];
        change(&mut menu);
        let words = Localized { fr: "Bonjour.".into(), en: Some("Hello.".into()) };
        let greet = StepKind::Say(Say { text: words, barge_in: BargeIn::Allowed, then: at("agents") });
        vec![StepKind::Menu(menu), greet, queue(at("bonjour"))]
    })
}

const LANGUAGES: &str = "Pour le français, 1. For English, press two. <0> To speak to an agent, press zero.";

#[test]
fn a_choice_of_language_is_asked_and_asked_again_in_each_of_them() {
    let both = |fr: &str, en: &str| Localized { fr: fr.into(), en: Some(en.into()) };
    let mut caller = Caller::calls(languages(|menu| {
        menu.ask = Some(both("Bienvenue.", "Welcome."));
        menu.question.on_wrong = vec![both("Un ou deux.", "One or two.")];
    }));
    assert_eq!(caller.hears(), [format!("Bienvenue. Welcome. {LANGUAGES}")]);
    assert_eq!(caller.press("7"), [format!("Un ou deux. One or two. Bienvenue. Welcome. {LANGUAGES}")]);
    caller.listen();
    let again = caller.wait(5);
    assert_eq!(again, [format!("<Silence> We did not get an answer. Bienvenue. Welcome. {LANGUAGES}")]);
}

#[test]
fn what_has_no_translation_is_said_once() {
    let mut caller = Caller::calls(languages(|menu| menu.ask = Some(text("Bienvenue."))));
    assert_eq!(caller.hears(), [format!("Bienvenue. {LANGUAGES}")]);
}

#[test]
fn the_language_that_was_chosen_is_noted() {
    let mut caller = Caller::calls(languages(|_| {}));
    caller.hears();
    caller.tell(Input::Digit(key_of('2')));
    assert_eq!(caller.gets(), ["- key 2", "- language en", "- step bonjour", "Hello."]);
}
