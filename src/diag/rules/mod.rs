//! Every code that can be shown, with its page: why it is, which commitment it rests on,
//! a wrong and a right example, how to mend it, whether it may be allowed.
//!
//! The pages are Markdown, `pages/CODE.md`. Their examples are parts of one service,
//! [`BASE`], and are tests: each wrong one gives just its code, each right one none.

mod commitments;
mod markdown;
mod page;

use std::sync::LazyLock;

pub use commitments::{COMMITMENTS, Commitment, Origin, Shown};
pub use markdown::{allowed, book, page};

use super::Severity;
use crate::base::Language;

/// One code's page.
#[derive(Debug)]
pub struct Rule {
    /// The code, such as `no-agent-path`.
    pub code: &'static str,
    /// What it is about.
    pub about: About,
    /// How bad it is.
    pub severity: Severity,
    /// Whether an admin may allow it.
    pub allowance: Allowance,
    /// The commitments that it keeps; none when it is a rule of our own.
    pub rests_on: Vec<&'static Commitment>,
    /// Its words in French.
    pub fr: Words,
    /// Its words in English.
    pub en: Words,
    /// An example that gives just this code, and the same mended; none of both where one
    /// would be too long to print.
    pub examples: Option<Examples>,
}

/// A page's words in one language, in Markdown.
#[derive(Debug)]
pub struct Words {
    /// What is wrong, without a full stop.
    pub title: &'static str,
    /// What callers are spared.
    pub why: &'static str,
    /// What to write.
    pub mend: &'static str,
}

/// Parts of a service: each replaces what [`BASE`] says of the same key or step. The first
/// line may name the file (`# service.yaml`, `# svi.yaml`), else it is the flow, and what
/// it lacks (`# service.yaml without quiet`, `# without service.yaml`).
#[derive(Debug)]
pub struct Examples {
    /// What gives the code.
    pub wrong: &'static str,
    /// The same, mended.
    pub right: &'static str,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// What callers live through.
    Callers,
    /// The card's facts.
    Card,
    /// Names that lead to something.
    Names,
    /// How a file is written.
    Form,
    /// The settings of `svi serve`.
    Settings,
}

/// Whether a finding may be allowed, with a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// By nobody.
    Never,
    /// By `allow: { code: "why" }`.
    WithReason,
}

impl Rule {
    /// Its words in a language.
    pub fn words(&self, language: Language) -> &Words {
        match language {
            Language::Fr => &self.fr,
            Language::En => &self.en,
        }
    }

    /// Where its page is, from the repository's folder.
    pub fn place(&self) -> String {
        format!("docs/rules.md#{}", self.code)
    }
}

impl About {
    /// Everything, in the order of the book.
    pub const ALL: [Self; 5] = [Self::Callers, Self::Card, Self::Names, Self::Form, Self::Settings];

    /// The chapter's title.
    pub fn title(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Callers, Language::En) => "What callers live through",
            (Self::Callers, Language::Fr) => "Ce que vivent les appelants",
            (Self::Card, Language::En) => "The card",
            (Self::Card, Language::Fr) => "La fiche",
            (Self::Names, Language::En) => "Names and what they lead to",
            (Self::Names, Language::Fr) => "Les noms et ce à quoi ils mènent",
            (Self::Form, Language::En) => "How a file is written",
            (Self::Form, Language::Fr) => "L'écriture des fichiers",
            (Self::Settings, Language::En) => "The settings",
            (Self::Settings, Language::Fr) => "Les réglages",
        }
    }
}

/// Every rule, in the order of the book.
pub fn rules() -> &'static [Rule] {
    &RULES
}

/// The page of a code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    rules().iter().find(|rule| rule.code == code)
}

/// The service that examples are parts of: file names and texts.
pub const BASE: [(&str, &str); 3] = [
    ("service.yaml", include_str!("base/service.yaml")),
    ("queues.yaml", include_str!("base/queues.yaml")),
    ("accueil.yaml", include_str!("base/accueil.yaml")),
];

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules: Vec<Rule> =
        PAGES.iter().map(|(code, text)| page::parse(code, text).expect("invariant: tests read every page")).collect();
    rules.sort_by_key(|rule| rule.about);
    rules
});

/// The pages' texts, by code.
macro_rules! pages {
    ($($code:literal),* $(,)?) => { &[$(($code, include_str!(concat!("pages/", $code, ".md")))),*] };
}

/// Each chapter's most telling rules first.
const PAGES: &[(&str, &str)] = pages![
    "no-agent-path",
    "busy-offers-little",
    "closed-tells-little",
    "premium-number",
    "number-price-unknown",
    "menu-too-deep",
    "menu-too-wide",
    "menu-too-long",
    "endless-speech",
    "late-answer",
    "hangup-before-agent",
    "long-sentence",
    "key-before-purpose",
    "jargon",
    "unreachable-step",
    "bad-placeholder",
    "nothing-to-tell",
    "missing-prompt",
    "unfit-audio",
    "missing-translation",
    "number-taken",
    "callback-no-queue",
    "never-said",
    "no-such-number",
    "condition-never-true",
    "never-set",
    "message-too-long",
    "card-no-phone",
    "card-no-reference-site",
    "card-no-access",
    "card-no-appointments",
    "card-no-busy-hours",
    "card-no-quiet-hours",
    "card-no-relay",
    "relay-other-hours",
    "procedure-not-told",
    "procedure-no-online",
    "procedure-no-agent",
    "same-procedure",
    "bad-hours",
    "never-open",
    "school-holidays",
    "sun-hours",
    "bad-date",
    "bad-timezone",
    "bad-region",
    "bad-number",
    "bad-email",
    "bad-url",
    "annuaire-contact",
    "annuaire-hours",
    "annuaire-address",
    "annuaire-comment",
    "annuaire-unclear",
    "annuaire-unsaid",
    "missing-file",
    "unknown-step",
    "unknown-queue",
    "unknown-skill",
    "unknown-music",
    "unknown-flow",
    "unknown-agent",
    "unknown-procedure",
    "unknown-variable",
    "unknown-subflow",
    "subflow-cycle",
    "unused-subflow",
    "return-outside",
    "name-taken",
    "bad-variable",
    "duplicate-member",
    "reserved-key",
    "shadowed-key",
    "yaml-syntax",
    "tab-indent",
    "unquoted",
    "cut-by-comma",
    "cut-by-colon",
    "cut-by-comment",
    "empty-value",
    "duplicate-key",
    "unknown-key",
    "missing-key",
    "wrong-type",
    "two-in-one",
    "bad-condition",
    "bad-pattern",
    "bad-pointer",
    "too-many-steps",
    "too-many-variables",
    "allow-never",
    "allow-unknown",
    "allow-unused",
    "no-trunk",
    "no-account",
    "lookup-not-allowed",
    "wrong-value",
    "not-a-value",
    "not-a-list",
    "not-a-section",
    "duplicate-agent",
    "duplicate-extension",
    "duplicate-queue",
    "same-code",
    "two-secrets",
    "useless-key",
    "offered-queue",
    "promised-queue",
    "unreadable-files",
    "last-version",
    "next-start",
];
