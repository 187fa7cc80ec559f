//! The pages are true: their examples, their codes, their book.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::example::judged;
use crate::base::Language;
use crate::base::limits::{FLOW_STEPS, FLOW_VARIABLES};
use crate::diag::rules::{self, Rule};
use crate::diag::{Colour, framed};

/// The pages without examples: too long to print, or not told of a service's files alone but of
/// the reload of one that runs, a record of the directory or a test of a flow, which all have
/// tests of their own.
const UNPRINTED: [&str; 15] = [
    "annuaire-contact",
    "annuaire-hours",
    "annuaire-address",
    "annuaire-comment",
    "annuaire-unclear",
    "annuaire-unsaid",
    "unknown-flow",
    "unknown-agent",
    "too-many-steps",
    "too-many-variables",
    "offered-queue",
    "promised-queue",
    "unreadable-files",
    "last-version",
    "next-start",
];

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
    let steps: String = (0..=FLOW_STEPS).map(|n| format!("  pas-{n}:\n    say: \"Bonjour.\"\n")).collect();
    let variables: String = (0..=FLOW_VARIABLES).map(|n| format!("  v{n}: number\n")).collect();
    for (key, lines, code) in [("steps", steps, "too-many-steps"), ("variables", variables, "too-many-variables")] {
        let found = judged(&format!("{key}:\n{lines}"));
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [code]);
    }
    let without: Vec<&str> = rules::rules().iter().filter(|r| r.examples.is_none()).map(|r| r.code).collect();
    assert_eq!(without, UNPRINTED);
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
