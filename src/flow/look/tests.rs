use std::time::Duration;

use chrono::{TimeZone, Utc};

use super::*;
use crate::flow::tests::{AUDIO, CARD, FLOW, QUEUES};
use crate::flow::{Loaded, load};
use crate::speech::Fragment;

const PATH: &str = "test/accueil.yaml";

fn files(flow: &str) -> Vec<Arc<Source>> {
    vec![Source::new("test/service.yaml", CARD), Source::new("test/queues.yaml", QUEUES), Source::new(PATH, flow)]
}

fn look(flow: &str) -> Look {
    Look::new("test", &files(flow))
}

/// The byte where `within` begins behind `after`.
fn at(text: &str, after: &str, within: &str) -> usize {
    let start = text.find(after).unwrap() + after.len();
    start + text[start..].find(within).unwrap()
}

fn now() -> WallTime {
    Utc.with_ymd_and_hms(2026, 11, 24, 9, 0, 0).unwrap().into()
}

fn lines(spans: &[Span]) -> Vec<String> {
    spans
        .iter()
        .map(|s| format!("{}:{} {}", s.source.path, s.line_column().0, &s.source.text[s.bytes.clone()]))
        .collect()
}

fn offered(flow: &str, byte: usize) -> Vec<String> {
    look(flow).complete(PATH, byte).all.into_iter().map(|c| c.text.trim_end().to_owned()).collect()
}

#[test]
fn a_step_is_found_from_wherever_it_is_named() {
    let look = look(FLOW);
    for after in ["agent:", "key: 2\n        for: un agent\n        go:", "steps:"] {
        let byte = at(FLOW, after, "agents");
        let found = look.definition(PATH, byte).unwrap();
        assert_eq!(lines(&[found]), ["test/accueil.yaml:24 agents"], "{after}");
    }
    let queue = look.definition(PATH, at(FLOW, "queue:", "agents")).unwrap();
    assert_eq!(lines(&[queue]), ["test/queues.yaml:1 agents"]);
    assert_eq!(look.definition(PATH, at(FLOW, "say:", "Bonjour")), None);
    assert_eq!(look.definition("nowhere.yaml", 0), None);
}

#[test]
fn a_sub_flow_has_steps_of_its_own() {
    let text =
        "subflow: identite\nstart: demande\nsteps:\n  demande:\n    say: x\n    then: menu\n  menu:\n    return:\n";
    let file = Source::new("test/identite.yaml", text);
    let look = Look::new("test", &[files(FLOW), vec![file]].concat());
    let found = look.definition("test/identite.yaml", at(text, "then:", "menu")).unwrap();
    assert_eq!(lines(&[found]), ["test/identite.yaml:7 menu"]);
    assert_eq!(look.rename("test/identite.yaml", at(text, "then:", "menu"), "fin").unwrap().len(), 2);
}

#[test]
fn every_use_of_a_name_is_told_its_definition_first() {
    let look = look(FLOW);
    let steps = look.references(PATH, at(FLOW, "steps:", "menu"));
    assert_eq!(lines(&steps), ["test/accueil.yaml:13 menu", "test/accueil.yaml:11 menu", "test/accueil.yaml:23 menu"]);
    let queues = look.references("test/queues.yaml", 0);
    assert_eq!(lines(&queues), ["test/queues.yaml:1 agents", "test/accueil.yaml:25 agents"]);
}

/// The flow with the new name at every place that the rename gives.
fn renamed(flow: &str, byte: usize, new: &str) -> Result<String, NoRename> {
    let mut places = look(flow).rename(PATH, byte, new)?;
    places.sort_by_key(|span| std::cmp::Reverse(span.bytes.start));
    let mut text = flow.to_owned();
    for place in places {
        text.replace_range(place.bytes, new);
    }
    Ok(text)
}

fn faults(loaded: &Loaded) -> Vec<&'static str> {
    loaded.diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn a_renamed_step_leaves_a_flow_without_a_fault() {
    let quoted = FLOW.replace("go: infos", "go: \"infos\"");
    for (old, new) in [("infos", "renseignements"), ("agents", "à-l-accueil"), ("bonjour", "bonjour")] {
        let text = renamed(&quoted, at(&quoted, "steps:", old), new).unwrap();
        assert_eq!(faults(&load("test", &files(&text), &AUDIO)), [""; 0], "{text}");
        assert!(text.contains(&format!("\n  {new}:\n")), "{text}");
    }
    // The queue keeps its name.
    assert!(renamed(FLOW, at(FLOW, "agent:", "agents"), "humain").unwrap().contains("queue: agents"));
}

#[test]
fn a_name_that_is_taken_or_none_is_refused() {
    let byte = at(FLOW, "steps:", "infos");
    assert_eq!(renamed(FLOW, byte, "menu"), Err(NoRename::Taken("menu".into())));
    for bad in ["", "1", "a b", "a:", "-a", "yes", "é#"] {
        assert_eq!(renamed(FLOW, byte, bad), Err(NoRename::Malformed(bad.into())), "{bad}");
    }
    assert_eq!(renamed(FLOW, at(FLOW, "queue:", "agents"), "x"), Err(NoRename::Queue));
    assert_eq!(renamed(FLOW, at(FLOW, "say:", "Bonjour"), "x"), Err(NoRename::NotAStep));
}

#[test]
fn a_step_shows_what_is_heard_and_the_way_to_an_agent() {
    let hover = look(FLOW).hover(PATH, at(FLOW, "then:", "ouverture"), &AUDIO, now()).unwrap();
    assert_eq!(
        hover.text,
        "**ouverture**: hours\n\nTo an agent: `0`, to `agents`; pressing nothing: `ouverture` → `menu` → `agents`."
    );
    let hover = look(FLOW).hover(PATH, at(FLOW, "open:", "menu"), &AUDIO, now()).unwrap();
    insta::assert_snapshot!(hover.text);
    let english = "language: en\n        for: English\n        go: menu";
    let both = FLOW.replace("for: un agent\n        go: agents", english);
    let both = both.replace("les horaires\n", "{ fr: les horaires, en: opening hours }\n");
    let hover = look(&both).hover(PATH, at(&both, "open:", "menu"), &AUDIO, now()).unwrap();
    assert!(
        hover.text.contains("*English*: 6.0 s") && hover.text.contains("For opening hours, press one."),
        "{}",
        hover.text
    );
    let told = look(FLOW).hover(PATH, at(FLOW, "go:", "infos"), &AUDIO, now()).unwrap();
    assert!(told.text.contains("lundi"), "{}", told.text);
}

/// Nothing is recorded.
struct Silence;

impl Audio for Silence {
    fn length(&self, _: &Fragment) -> Option<Duration> {
        None
    }
}

#[test]
fn what_is_not_recorded_has_no_seconds() {
    let hover = look(FLOW).hover(PATH, at(FLOW, "steps:", "bonjour"), &Silence, now()).unwrap();
    assert!(hover.text.contains("*français*: not all recorded\n\n- Bonjour."), "{}", hover.text);
}

#[test]
fn a_key_is_explained_in_both_languages() {
    let flow = FLOW.replace("  infos:\n", "    patience: 5s\n  infos:\n");
    for word in ["patience", "5s"] {
        let hover = look(&flow).hover(PATH, at(&flow, "go: agents", word), &AUDIO, now()).unwrap();
        assert!(hover.text.starts_with("**patience**\n\nLe temps pour réfléchir"), "{}", hover.text);
        assert!(hover.text.ends_with("Par défaut, by default: `5s`"), "{}", hover.text);
    }
    let queue = look(FLOW).hover(PATH, at(FLOW, "queue:", "agents"), &AUDIO, now()).unwrap();
    assert_eq!(queue.text, "```yaml\nagents:\n  members: [amina]\n  at_closing: serve\n```");
}

#[test]
fn a_name_that_is_being_typed_is_completed() {
    for typed in ["then: ", "then: men"] {
        let flow = FLOW.replacen("then: menu", typed, 1);
        let byte = at(&flow, "tell: [hours]", typed) + typed.len();
        assert_eq!(
            offered(&flow, byte),
            ["bonjour", "ouverture", "menu", "infos", "agents", "ferme", "fin"],
            "{typed}"
        );
    }
    let flow = FLOW.replace("queue: agents", "queue: s");
    let completions = look(&flow).complete(PATH, at(&flow, "queue: ", "s") + 1);
    assert_eq!(&flow[completions.typed.clone()], "s");
    let names: Vec<_> = completions.all.iter().map(|c| (c.text.as_str(), c.what)).collect();
    assert_eq!(names, [("agents", Offered::Queue), ("support", Offered::Queue)]);
}

#[test]
fn a_key_that_is_being_typed_is_completed_with_what_is_not_written_yet() {
    let flow = FLOW.replace("  infos:\n", "    wr\n  infos:\n");
    let keys = ["ask:", "patience:", "silences:", "wrong_keys:", "on_silence:", "on_wrong:", "again:"];
    let of_menu = offered(&flow, at(&flow, "go: agents\n", "wr") + 2);
    assert_eq!(of_menu, [keys.as_slice(), &["barge_in:", "type_ahead:"]].concat());
    let flow = FLOW.replace("  fin:\n", "  neu:\n    \n  fin:\n");
    let verbs = offered(&flow, at(&flow, "neu:\n", "\n"));
    assert!(verbs.contains(&"say:".to_owned()) && verbs.contains(&"queue:".to_owned()), "{verbs:?}");
    let flow = FLOW.replace("key: 1, do: quiet-hours", "key: 1, do: ");
    assert_eq!(offered(&flow, at(&flow, "do:", " ") + 1), ["callback", "quiet-hours", "message", "continue"]);
    let flow = FLOW.replace("tell: [hours]", "tell: ");
    assert_eq!(offered(&flow, at(&flow, "tell:", " ") + 1)[0], "[hours]");
}

#[test]
fn a_text_is_not_completed() {
    assert_eq!(offered(FLOW, at(FLOW, "say: \"", "Bon") + 3), [""; 0]);
}

#[test]
fn an_outline_has_every_step_with_its_kind() {
    let outline = look(FLOW).outline(PATH);
    let keys: Vec<_> = outline.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(keys, ["flow", "numbers", "agent", "start", "steps"]);
    let steps: Vec<_> = outline[4].parts.iter().map(|s| format!("{} {}", s.name, s.detail)).collect();
    assert_eq!(
        steps,
        ["bonjour say", "ouverture hours", "menu menu", "infos tell", "agents queue", "ferme tell", "fin hangup"]
    );
    let queues = look(FLOW).outline("test/queues.yaml");
    assert_eq!((queues[1].name.as_str(), queues[1].detail.as_str()), ("support", "bruno"));
}

/// Every question at forty places of each file; each answer's places must be in their files.
fn ask_everything(files: &[Arc<Source>]) {
    let look = Look::new("test", files);
    for file in files {
        look.outline(&file.path);
        for byte in (0..=file.text.len() + 1).step_by(1 + file.text.len() / 40) {
            let mut spans = look.references(&file.path, byte);
            spans.extend(look.definition(&file.path, byte));
            spans.extend(look.rename(&file.path, byte, "autre").unwrap_or_default());
            spans.extend(look.hover(&file.path, byte, &AUDIO, now()).map(|hover| hover.span));
            for span in spans {
                assert!(span.source.text.get(span.bytes).is_some());
            }
        }
        let middle = file.text.len() / 2;
        for byte in [0, middle, file.text.len()] {
            let typed = look.complete(&file.path, byte).typed;
            assert!(file.text.get(typed).is_some());
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]
    /// Whatever is half typed, there is an answer, or none; never a panic.
    #[test]
    fn no_half_typed_file_is_too_much(at in 0usize..6000, cut in 0usize..60, put in r#"[ \n\t:#,\[\]{}"'*&!|>é𝄞0-9a-z-]{0,12}"#, which in 0usize..3, whole in proptest::bool::ANY) {
        let shipped = [
            include_str!("../../../flows/prefecture/service.yaml"),
            include_str!("../../../flows/prefecture/queues.yaml"),
            include_str!("../../../flows/prefecture/accueil.yaml"),
        ];
        let small = [CARD, QUEUES, FLOW];
        let mut texts = if whole { shipped } else { small }.map(str::to_owned);
        let text = &mut texts[which];
        let start = text.floor_char_boundary(at % text.len());
        let end = text.floor_char_boundary((start + cut).min(text.len()));
        text.replace_range(start..end, &put);
        let names = ["service.yaml", "queues.yaml", "accueil.yaml"];
        let files: Vec<_> = names.iter().zip(&texts).map(|(name, text)| Source::new(*name, text.as_str())).collect();
        ask_everything(&files);
    }
}
