//! The pages are true: their examples, their codes, their book.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::example::judged;
use crate::base::Language;
use crate::base::limits::{FLOW_STEPS, FLOW_VARIABLES};
use crate::diag::rules::{self, BASE, Rule};
use crate::diag::{Colour, framed};

/// The pages without examples: too long to print, or not told of a service's files alone but of
/// the reload of one that runs, a record of the directory or a test of a flow. Each with the
/// file, the test in which it is told, and the one in which it is not.
const UNPRINTED: [(&str, &str, [&str; 2]); 15] = [
    ("annuaire-contact", ANNUAIRE, [OTHERWISE, ALIKE]),
    ("annuaire-hours", ANNUAIRE, [OTHERWISE, ALIKE]),
    ("annuaire-address", ANNUAIRE, [OTHERWISE, ALIKE]),
    ("annuaire-comment", ANNUAIRE, ["an_exception_in_free_words_is_shown_and_never_made_hours", WHOLE]),
    ("annuaire-unclear", ANNUAIRE, ["what_can_not_be_read_as_hours_is_shown_as_it_is_written", WHOLE]),
    ("annuaire-unsaid", ANNUAIRE, ["a_record_without_exceptions_becomes_a_card_with_what_it_says", WHOLE]),
    ("unknown-flow", TRIAL, [MISTAKES, NO_MISTAKE]),
    ("unknown-agent", TRIAL, [MISTAKES, NO_MISTAKE]),
    ("too-many-steps", HERE, [TOO_LONG, AS_LONG]),
    ("too-many-variables", HERE, [TOO_LONG, AS_LONG]),
    (
        "offered-queue",
        "src/web/callbacks/office.rs",
        ["a_queue_that_is_offered_and_gone_is_told", "a_queue_that_is_offered_and_there_is_offered"],
    ),
    (
        "promised-queue",
        "src/server/reload/renewal.rs",
        [
            "a_queue_that_is_gone_although_callbacks_are_promised_is_told",
            "a_queue_that_stays_or_was_gone_before_is_not_told",
        ],
    ),
    ("unreadable-files", OPENING, ["files_that_can_not_be_read_are_told", REFUSED]),
    (
        "last-version",
        "tests/wire/versions.rs",
        [
            "a_service_that_is_started_with_a_broken_file_answers_with_what_ran_last",
            "a_service_that_is_killed_between_keeping_and_giving_has_the_new_flows_after_it",
        ],
    ),
    (
        "next-start",
        "src/config/changes.rs",
        ["what_sockets_and_the_disk_depend_on_counts_from_the_next_start", "who_answers_and_how_counts_at_once"],
    ),
];
const ANNUAIRE: &str = "src/service/annuaire/tests.rs";
const OTHERWISE: &str = "every_channel_that_says_otherwise_is_told_on_its_line";
const ALIKE: &str = "a_card_that_says_the_same_in_other_words_has_no_difference";
const WHOLE: &str = "without_a_desk_the_hours_are_those_of_the_phone_and_the_card_is_whole";
const TRIAL: &str = "src/flow/tests/trial.rs";
const MISTAKES: &str = "mistakes_in_a_test_are_told_where_they_are_written";
const NO_MISTAKE: &str = "a_test_has_a_time_a_crowd_and_a_dialogue";
const HERE: &str = "src/cli/explain/tests.rs";
const TOO_LONG: &str = "what_is_too_long_to_print_gives_its_code";
const AS_LONG: &str = "as_much_as_is_allowed_gives_no_code_of_length";
const OPENING: &str = "src/server/reload/opening.rs";
const REFUSED: &str = "files_that_are_refused_are_told_with_their_own_findings";

#[test]
fn the_service_that_examples_are_parts_of_has_no_fault() {
    let found = judged("# accueil.yaml\n");
    assert!(found.is_empty(), "{}", shown(&found));
}

#[test]
fn every_wrong_example_gives_just_its_code() {
    for (rule, examples) in with_examples() {
        let found = judged(examples.wrong);
        let codes: BTreeSet<&str> = found.iter().map(|d| d.code).collect();
        assert_eq!(codes, BTreeSet::from([rule.code]), "{}", shown(&found));
        assert!(found.iter().all(|d| d.severity == rule.severity), "the page of {} tells another severity", rule.code);
    }
}

#[test]
fn every_right_example_gives_nothing() {
    for (rule, examples) in with_examples() {
        let found = judged(examples.right);
        assert!(found.is_empty(), "the right example of {}\n{}", rule.code, shown(&found));
        assert_ne!(examples.wrong, examples.right, "{}", rule.code);
    }
}

#[test]
fn what_is_too_long_to_print_gives_its_code() {
    for (code, long) in too_long(1) {
        let found = judged(&long);
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [code]);
    }
}

#[test]
fn as_much_as_is_allowed_gives_no_code_of_length() {
    for (code, long) in too_long(0) {
        assert!(judged(&long).iter().all(|d| d.code != code), "{code}");
    }
}

/// So many steps, and so many variables, more than are allowed; those of the examples' flow are among them.
fn too_long(more: usize) -> [(&'static str, String); 2] {
    let base = BASE.iter().find(|(name, _)| *name == "accueil.yaml").map(|(_, text)| *text).unwrap();
    let steps = base.split("\nsteps:\n").nth(1).unwrap();
    let own = steps.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).count();
    let steps: String = (0..FLOW_STEPS - own + more).map(|n| format!("  pas-{n}:\n    say: \"Bonjour.\"\n")).collect();
    let variables: String = (0..FLOW_VARIABLES + more).map(|n| format!("  v{n}: number\n")).collect();
    [("too-many-steps", format!("steps:\n{steps}")), ("too-many-variables", format!("variables:\n{variables}"))]
}

/// A rule that is never seen to keep silent might tell everybody; one that is never seen to
/// tell might tell nobody.
#[test]
fn every_rule_has_a_case_on_both_sides_of_its_line() {
    let without: Vec<&str> = rules::rules().iter().filter(|r| r.examples.is_none()).map(|r| r.code).collect();
    assert_eq!(without, UNPRINTED.map(|(code, _, _)| code), "a page without examples has its tests in this list");
    for (code, file, tests) in UNPRINTED {
        let text = fs::read_to_string(file).unwrap();
        for test in tests {
            let is_there =
                text.contains(&format!("#[test]\nfn {test}()")) || text.contains(&format!("#[test]\n    fn {test}()"));
            assert!(is_there, "{code}: {file} has no test `{test}`");
        }
    }
}

/// Every code that the source can tell has a page, and every page is of such a code.
#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    let mut told = BTreeSet::new();
    let mut unread = Vec::new();
    for path in sources(Path::new("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let code = lines.join("\n");
        let shown = path.to_str().unwrap();
        if LISTED.contains(&shown) {
            told.extend(literals(&code))
        } else {
            told.extend(codes(&code))
        }
        if told_by_name(&code) && !NAMED.contains(&shown) && !LISTED.contains(&shown) {
            unread.push(path);
        }
    }
    assert!(unread.is_empty(), "the code of a diagnostic is written where it is made, as a literal: {unread:?}");
    let pages: BTreeSet<String> = rules::rules().iter().map(|rule| rule.code.to_owned()).collect();
    let without: Vec<&String> = told.difference(&pages).collect();
    assert!(without.is_empty(), "write src/diag/rules/pages/CODE.md, and name it in rules/mod.rs, for {without:?}");
    let forgotten: Vec<&String> = pages.difference(&told).collect();
    assert!(forgotten.is_empty(), "nothing tells {forgotten:?}");
    let files = fs::read_dir("src/diag/rules/pages").unwrap().count();
    assert_eq!(files, pages.len(), "a page is not named in rules/mod.rs");
}

/// Where a code is passed on: what is passed is read by [`codes`] where it is written.
const NAMED: [&str; 5] = [
    "src/cli/card.rs",
    "src/config/document.rs",
    "src/flow/card.rs",
    "src/flow/step/choose.rs",
    "src/flow/trial/read.rs",
];

/// Where codes go through closures: every literal that looks like a code is one.
const LISTED: [&str; 3] =
    ["src/flow/lint/facts.rs", "src/service/annuaire/compare.rs", "src/service/annuaire/import.rs"];

/// What comes before the code, at every place that makes a diagnostic or what becomes one.
const MAKERS: [&str; 8] =
    ["Diagnostic::error(", "Diagnostic::warning(", ".refuse(", ".tell(", ".problem(", " code: ", ".code(", "unknown("];

fn literals(text: &str) -> Vec<String> {
    let looks = |word: &&str| word.contains('-') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    text.split('"').filter(looks).map(str::to_owned).collect()
}

fn codes(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for maker in MAKERS {
        for (at, _) in text.match_indices(maker) {
            let mut rest = &text[at + maker.len()..];
            if maker == ".problem(" {
                // The path comes first: `&["closures", i, "to"],` or `path,`.
                rest = rest.trim_start();
                let end =
                    if rest.starts_with("&[") { rest.find("],").map(|i| i + 2) } else { rest.find(',').map(|i| i + 1) };
                rest = &rest[end.unwrap_or(rest.len())..];
            }
            let literal = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            found.extend(literal.map(str::to_owned));
        }
    }
    found
}

/// Whether a diagnostic is made with a code that is no literal.
fn told_by_name(text: &str) -> bool {
    ["Diagnostic::error(", "Diagnostic::warning("]
        .iter()
        .any(|maker| text.match_indices(maker).any(|(at, _)| !text[at + maker.len()..].trim_start().starts_with('"')))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && !path.to_str().unwrap().contains("tests") {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_book_of_rules_is_current() {
    for (language, path) in [(Language::En, "docs/rules.md"), (Language::Fr, "docs/rules.fr.md")] {
        // As with the snapshots.
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(path, rules::book(language)).unwrap();
        }
        let written = fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == rules::book(language),
            "{path} is out of date: INSTA_UPDATE=always cargo test --lib explain"
        );
    }
}

#[test]
fn the_commitments_that_rules_show_each_have_one() {
    for commitment in &rules::COMMITMENTS {
        let rests = rules::rules().iter().any(|r| r.rests_on.iter().any(|c| c.id == commitment.id));
        assert_eq!(rests, commitment.shown != rules::Shown::ByMeasure, "{}", commitment.id);
    }
}

fn with_examples() -> impl Iterator<Item = (&'static Rule, &'static rules::Examples)> {
    rules::rules().iter().filter_map(|rule| Some((rule, rule.examples.as_ref()?)))
}

fn shown(found: &[crate::diag::Diagnostic]) -> String {
    found.iter().map(|d| framed(d, Colour::Never)).collect::<Vec<_>>().join("\n\n")
}
