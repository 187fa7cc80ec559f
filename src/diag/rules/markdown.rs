//! The pages as Markdown: one, or the whole book (`docs/rules.md`).

use std::fmt::Write as _;

use super::{About, Allowance, BASE, Rule, rules};
use crate::base::Language;
use crate::diag::Severity;

/// One page, its heading `level` deep.
pub fn page(rule: &Rule, language: Language, level: usize) -> String {
    let (words, said) = (rule.words(language), Said::of(language));
    let marks = "#".repeat(level);
    let severity = match rule.severity {
        Severity::Note => "",
        Severity::Error => said.error,
        Severity::Warning => said.warning,
    };
    let mut out = format!("{marks} {}\n\n**{}.** {severity}\n\n{}\n", rule.code, words.title, words.why);
    if rule.rests_on.is_empty() {
        let _ = write!(out, "\n{}\n", said.our_own);
    }
    for commitment in &rule.rests_on {
        let origin = commitment.origin;
        let _ = write!(out, "\n> {} ([{}]({}))\n", commitment.words(language), origin.name(language), origin.url);
    }
    if let Some(examples) = &rule.examples {
        for (heading, example) in [(said.wrong, examples.wrong), (said.right, examples.right)] {
            let _ = write!(out, "\n{heading}\n\n```yaml\n{example}```\n");
        }
    }
    let _ = write!(out, "\n**{}** {}\n\n{}\n", said.mend, words.mend, allowed(rule, language));
    out
}

/// Whether a rule's findings may be allowed, and how, in one sentence.
pub fn allowed(rule: &Rule, language: Language) -> String {
    match (rule.allowance, language) {
        (Allowance::Never, Language::En) => "It can't be allowed.".to_owned(),
        (Allowance::Never, Language::Fr) => "Cela ne peut être autorisé.".to_owned(),
        (Allowance::WithReason, Language::En) => {
            format!("It can be allowed with a written reason: `allow: {{ {}: \"why\" }}`.", rule.code)
        }
        (Allowance::WithReason, Language::Fr) => {
            format!("Cela peut être autorisé avec une raison écrite : `allow: {{ {}: \"pourquoi\" }}`.", rule.code)
        }
    }
}

/// Every page, with a list of them before.
pub fn book(language: Language) -> String {
    let said = Said::of(language);
    let mut out = format!("{}\n", said.preface);
    for about in About::ALL {
        let _ = write!(out, "\n**[{}](#{})**\n\n", about.title(language), anchor(about.title(language)));
        for rule in rules().iter().filter(|rule| rule.about == about) {
            let mark = if rule.severity == Severity::Warning { said.mark } else { "" };
            let _ = writeln!(out, "- [`{0}`](#{0}){mark} {1}", rule.code, rule.words(language).title);
        }
    }
    let _ = write!(out, "\n{}\n", said.base);
    for (name, text) in BASE {
        let _ = write!(out, "\n```yaml\n# {name}\n{text}```\n");
    }
    for about in About::ALL {
        let _ = write!(out, "\n## {}\n", about.title(language));
        for rule in rules().iter().filter(|rule| rule.about == about) {
            let _ = write!(out, "\n{}", page(rule, language, 3));
        }
    }
    out
}

/// A heading's name in an address, as GitHub and GitLab make it.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The words around the pages.
struct Said {
    error: &'static str,
    warning: &'static str,
    mark: &'static str,
    our_own: &'static str,
    wrong: &'static str,
    right: &'static str,
    mend: &'static str,
    preface: &'static str,
    base: &'static str,
}

impl Said {
    fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::Fr => &FR,
        }
    }
}

static EN: Said = Said {
    error: "An error: `serve` does not start with it.",
    warning: "A warning: `serve` starts all the same.",
    mark: " *w*",
    our_own: "This is a rule of our own; no text asks for it.",
    wrong: "Wrong:",
    right: "Right:",
    mend: "To mend it.",
    preface: "# The rules\n\n*[En français](rules.fr.md)*\n\nWhat `svi check` and `svi serve` look for, and why. `svi explain CODE` prints one page in the terminal. This file is made from the pages in `src/diag/rules/pages/` by `svi explain --format markdown`; a test says when it is out of date.\n\nAn error keeps `serve` from starting and makes `check` end with 1; a warning (*w*) does not.",
    base: "## The service of the examples\n\nThe examples are parts of this service: each replaces what it says of the same key or step. They are tests: each wrong one gives just its code, each right one nothing.",
};

static FR: Said = Said {
    error: "Une erreur : `serve` ne démarre pas.",
    warning: "Un avertissement : `serve` démarre quand même.",
    mark: " *a*",
    our_own: "C'est une règle à nous ; aucun texte ne la demande.",
    wrong: "À ne pas faire :",
    right: "À faire :",
    mend: "Pour corriger.",
    preface: "# Les règles\n\n*[In English](rules.md)*\n\nCe que `svi check` et `svi serve` cherchent, et pourquoi. `svi explain CODE --language fr` montre une page dans le terminal. Ce fichier est tiré des pages de `src/diag/rules/pages/` par `svi explain --format markdown --language fr` ; un test dit quand il n'est plus à jour.\n\nUne erreur empêche `serve` de démarrer et `check` finit avec 1 ; un avertissement (*a*) ne le fait pas.",
    base: "## Le service des exemples\n\nLes exemples sont des parties de ce service : chacun remplace ce qui y est dit de la même clé ou de la même étape. Ce sont des tests : chaque mauvais exemple donne son code et lui seul, chaque bon exemple ne donne rien.",
};
