//! A page in the terminal.

use crate::base::Language;
use crate::diag::Severity;
use crate::diag::rules::{self, Rule};

/// As wide as a page is comfortable to read, in characters.
const WIDTH: usize = 88;

/// A rule's page, without a newline at its end.
pub(super) fn page(rule: &Rule, language: Language, coloured: bool) -> String {
    let bold = |text: &str| if coloured { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() };
    let english = language == Language::En;
    let said = |en: &'static str, fr: &'static str| if english { en } else { fr };
    let words = rule.words(language);
    let severity = match rule.severity {
        Severity::Note => "note",
        Severity::Error => said("error", "erreur"),
        Severity::Warning => said("warning", "avertissement"),
    };
    let mut parts = vec![bold(&format!("{severity}[{}]: {}", rule.code, words.title)), wrapped(words.why, "")];
    for commitment in &rule.rests_on {
        let origin = commitment.origin;
        parts.push(format!(
            "{}\n{}\n  {}",
            wrapped(commitment.words(language), "  "),
            wrapped(origin.name(language), "  "),
            origin.url
        ));
    }
    if rule.rests_on.is_empty() {
        parts.push(wrapped(said("This is a rule of our own.", "C'est une règle à nous."), ""));
    }
    if let Some(examples) = &rule.examples {
        parts.push(format!("{}\n\n{}", bold(said("Wrong", "À ne pas faire")), indented(examples.wrong)));
        parts.push(format!("{}\n\n{}", bold(said("Right", "À faire")), indented(examples.right)));
    }
    parts.push(format!("{}\n\n{}", bold(said("To mend it", "Pour corriger")), wrapped(words.mend, "")));
    parts.push(wrapped(&rules::allowed(rule, language), ""));
    parts.join("\n\n")
}

fn indented(example: &str) -> String {
    example.trim_end().lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// The paragraphs in lines of at most [`WIDTH`] characters; of a link, its text.
fn wrapped(text: &str, indent: &str) -> String {
    let paragraph = |text: &str| {
        let mut lines = vec![indent.to_owned()];
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let word = without_link(word);
            let line = lines.last_mut().expect("invariant: there is always a line");
            let begun = line.len() > indent.len();
            if begun && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(format!("{indent}{word}"));
            } else {
                line.push_str(if begun { " " } else { "" });
                line.push_str(&word);
            }
        }
        lines.join("\n")
    };
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n\n")
}

/// `[flows.md](flows.md)` as `docs/flows.md`.
fn without_link(word: &str) -> String {
    match word.strip_prefix('[').and_then(|rest| rest.split_once("](")) {
        Some((_, rest)) => format!("docs/{}", rest.replacen(')', "", 1)),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_wrapped_and_links_are_places() {
        let long = format!("{} [flows.md](flows.md), and more.", "word ".repeat(30).trim_end());
        let out = wrapped(&long, "  ");
        assert!(out.lines().all(|line| line.starts_with("  ") && line.chars().count() <= WIDTH), "{out}");
        assert!(out.replace("\n ", "").ends_with("docs/flows.md, and more."), "{out}");
    }
}
