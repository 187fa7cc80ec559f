//! What a queue step says while its callers wait.

use std::time::Duration;

use super::{AGENTS, AUDIO, CARD, QUEUES, codes, files, flow, load, loaded, shown};
use crate::base::{Digit, Language};
use crate::flow::{Announce, Loaded, OfferAction, Program, Queue, StepKind, sentences};
use crate::speech::Notice;

const OFFER: &str = "    busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }\n";

/// The flow whose queue step has these keys.
fn with(keys: &str) -> Loaded {
    loaded(&flow(&[(AGENTS, &format!("    queue: agents\n{keys}"))]), &AUDIO)
}

fn program(loaded: Loaded) -> Program {
    let told = shown(&loaded);
    let service = loaded.service.unwrap_or_else(|| panic!("{told}"));
    Program::clone(&service.flows[0])
}

fn queue(keys: &str) -> Queue {
    let program = program(with(keys));
    match &program.step(program.agent).kind {
        StepKind::Queue(queue) => queue.clone(),
        other => panic!("{other:?}"),
    }
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn announcements_are_named_or_given_a_period_each() {
    let announced = |line: &str| queue(&format!("{line}{OFFER}")).announce;
    assert_eq!(announced(""), Announce { rank: Some(secs(30)), ..Announce::USUAL });
    let both = Announce { rank: Some(secs(30)), wait: Some(secs(60)), ..Announce::USUAL };
    assert_eq!(announced("    announce: [rank, wait]\n"), both);
    let long = announced("    announce: { rank: 40s, wait: 90s, comfort: 45s, offers: 3m }\n");
    let expected = Announce { rank: Some(secs(40)), wait: Some(secs(90)), comfort: secs(45), offers: secs(180) };
    assert_eq!(long, expected);
    assert_eq!(announced("    announce: { wait: 1m }\n"), Announce { wait: Some(secs(60)), ..Announce::USUAL });
}

#[test]
fn comfort_busy_and_offers_are_read() {
    let read = queue(
        "    comfort: [\"Merci.\", { fr: \"Encore.\", en: \"Still.\" }]
    busy:
      when: { wait: 90s, waiting: 5, abandoned: 20% }
      offer:
        - { key: 1, do: quiet-hours, for: connaître les heures calmes }
        - { key: 2, do: message, go: infos }
        - { key: 3, do: continue }
    long: infos
",
    );
    assert_eq!(read.comfort.len(), 2);
    let busy = read.busy.unwrap();
    assert_eq!((busy.when_wait, busy.when_waiting, busy.when_abandoned), (Some(secs(90)), Some(5), Some(20)));
    let actions: Vec<_> = busy.offers.iter().map(|offer| offer.action.clone()).collect();
    assert_eq!(actions, [OfferAction::QuietHours, OfferAction::Message(read.long), OfferAction::Continue]);
    let lines: Vec<String> = busy.offers.iter().map(|offer| offer.line(Language::Fr).to_string()).collect();
    assert_eq!(lines[0], "Pour connaître les heures calmes, tapez sur la touche numéro un.");
    assert_eq!(lines[1], "Pour laisser un message, tapez sur la touche numéro deux.");
    assert_eq!(busy.offers[2].key, Digit::from_char('3').unwrap());
}

#[test]
fn after_the_longest_wait_the_flow_goes_where_nobody_does() {
    let queue = queue(OFFER);
    assert_eq!(queue.long, queue.nobody);
}

#[test]
fn fewer_than_two_solutions_in_a_busy_queue_are_told() {
    insta::assert_snapshot!(shown(&with("")));
    let told = |keys: &str| codes(&with(keys));
    assert_eq!(told(&format!("    announce: []\n{OFFER}")), ["busy-offers-little"], "the quiet hours alone");
    assert_eq!(told("    busy: { when: { wait: 2m }, offer: [{ key: 3, do: continue }] }\n"), ["busy-offers-little"]);
    let callback = "    busy: { when: { wait: 2m }, offer: [{ key: 1, do: callback }] }\n";
    assert_eq!(told(callback), [""; 0], "rank and callback");
}

#[test]
fn a_message_lasts_ten_minutes_at_most() {
    let voicemail = |at_most: &str| {
        let step = format!("  fin:\n    voicemail: {{ ask: \"Parlez.\", at_most: {at_most} }}\n");
        codes(&loaded(&flow(&[("  fin:\n    hangup: \"Au revoir.\"\n", &step)]), &AUDIO))
    };
    assert_eq!(voicemail("10m"), [""; 0]);
    assert_eq!(voicemail("601s"), ["message-too-long"]);
}

#[test]
fn a_message_that_becomes_a_callback_is_a_solution() {
    let voicemail = |callback: bool| {
        let step = format!("  fin:\n    voicemail: {{ ask: \"Parlez.\", callback: {callback} }}\n");
        let offer = "    busy: { when: { wait: 2m }, offer: [{ key: 1, do: message, go: fin }] }";
        let flow =
            flow(&[(AGENTS, &format!("    queue: agents\n{offer}")), ("  fin:\n    hangup: \"Au revoir.\"\n", &step)]);
        codes(&loaded(&flow, &AUDIO))
    };
    assert_eq!(voicemail(true), [""; 0]);
    assert_eq!(voicemail(false), ["busy-offers-little"]);
}

#[test]
fn offers_that_can_not_be_kept_are_told() {
    insta::assert_snapshot!(shown(&with(
        "    busy: { when: {}, offer: [{ key: 1, do: message }, { key: 1, do: quiet-hours }] }\n"
    )));
    let without = CARD.replace("quiet: { phone: \"We 14:00-16:00\" }\n", "");
    let told = load("test", &files(&without, QUEUES, &flow(&[])), &AUDIO);
    assert_eq!(codes(&told), ["card-no-quiet-hours", "nothing-to-tell"]);
    let share = with("    busy: { when: { abandoned: 20 }, offer: [{ key: 1, do: quiet-hours }] }\n");
    insta::assert_snapshot!(shown(&share));
}

#[test]
fn a_queue_says_what_becomes_of_who_waits_at_closing_time() {
    let queues = QUEUES.replace("  at_closing: serve\n", "");
    insta::assert_snapshot!(shown(&load("test", &files(CARD, &queues, &flow(&[])), &AUDIO)));
}

#[test]
fn the_notice_is_read_and_has_its_words() {
    let flow = flow(&[("start: bonjour", "start: bonjour\nnotice: recorded")]);
    let service = loaded(&flow, &AUDIO).service.unwrap();
    assert_eq!(service.flows[0].notice, Some(Notice::Recorded));
    let said: Vec<_> = sentences(&service).into_iter().map(|s| s.fragment.text).collect();
    assert!(said.iter().any(|text| &**text == "Cet appel peut être enregistré."));
    assert!(said.iter().any(|text| text.starts_with("Pour savoir quand l'attente est plus courte")));
}

#[test]
fn who_calls_back_for_a_message_is_a_queue() {
    let step = "  fin:\n    voicemail: { ask: \"Parlez.\", callback: true }\n";
    let transfer = "    transfer: \"0143124567\"\n    failed: fin\n";
    let flow = flow(&[(AGENTS, transfer), ("  fin:\n    hangup: \"Au revoir.\"\n", step)]);
    insta::assert_snapshot!(shown(&loaded(&flow, &AUDIO)));
}

/// The faultless flow whose key 1 leads to a callback with these keys.
fn asking(keys: &str) -> Loaded {
    let step = format!("  fin:\n    hangup: \"Au revoir.\"\n  rappel:\n{keys}");
    let choice = "      - key: 2\n        for: un agent\n        go: agents\n";
    let other = choice.replace("go: agents", "go: rappel").replace("un agent", "un rappel");
    loaded(&flow(&[("  fin:\n    hangup: \"Au revoir.\"\n", &step), (choice, &other)]), &AUDIO)
}

#[test]
fn a_callback_is_a_step_of_its_own() {
    let program = program(asking("    callback: agents\n    then: fin\n    otherwise: agents\n"));
    let step = program.steps.iter().find(|step| &*step.name == "rappel").unwrap();
    let StepKind::Callback(callback) = &step.kind else { panic!("{step:?}") };
    assert_eq!((callback.queue.as_str(), callback.priority), ("test/agents", 0));
    assert_eq!(callback.otherwise, Some(program.agent));
    assert!(callback.then.is_some());
}

#[test]
fn a_callback_that_can_not_be_made_is_told() {
    insta::assert_snapshot!(shown(&asking("    callback: agent\n    needs: [fiscal]\n    otherwise: agents\n")));
}

#[test]
fn a_callback_that_is_not_wanted_leads_to_the_agent_by_itself() {
    assert_eq!(shown(&asking("    callback: agents\n")), "");
}

#[test]
fn a_callback_behind_a_busy_queue_s_offer_is_a_solution() {
    let offer = "    queue: agents\n    busy: { when: { wait: 2m }, offer: [{ key: 1, do: message, go: fin }] }";
    let step = "  fin:\n    callback: agents\n";
    let flow = flow(&[(AGENTS, offer), ("  fin:\n    hangup: \"Au revoir.\"\n", step)]);
    assert_eq!(codes(&loaded(&flow, &AUDIO)), [""; 0]);
}
