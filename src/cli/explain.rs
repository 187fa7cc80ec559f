//! `svi explain`: the page of a code, or the list of all.

use std::io::IsTerminal;

use anyhow::{Result, bail};

use super::args::{Explain, ExplainFormat};
use super::{Verdict, say};
use crate::base::Language;
use crate::diag::Severity;
use crate::diag::rules::{self, About, Rule};

mod terminal;

pub(crate) fn run(args: &Explain) -> Result<Verdict> {
    let Some(code) = &args.code else {
        say(&match args.format {
            ExplainFormat::Text => list(args.language),
            ExplainFormat::Markdown => rules::book(args.language).trim_end().to_owned(),
        });
        return Ok(Verdict::Good);
    };
    // What is copied from a finding may have its brackets.
    let code = code.trim_matches(['[', ']']);
    let Some(rule) = rules::rule(code) else { bail!("there is no rule `{code}`; {}", nearest(code)) };
    let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    say(&match args.format {
        ExplainFormat::Text => terminal::page(rule, args.language, coloured),
        ExplainFormat::Markdown => rules::page(rule, args.language, 1).trim_end().to_owned(),
    });
    Ok(Verdict::Good)
}

/// Every code with its title, by chapter; warnings are marked.
fn list(language: Language) -> String {
    let widest = rules::rules().iter().map(|rule| rule.code.len()).max().unwrap_or_default();
    let line = |rule: &Rule| {
        let mark = if rule.severity == Severity::Warning { "w" } else { " " };
        format!("  {:widest$} {mark} {}", rule.code, rule.words(language).title)
    };
    let chapter = |about: About| {
        let lines: Vec<String> = rules::rules().iter().filter(|rule| rule.about == about).map(line).collect();
        format!("{}\n{}", about.title(language), lines.join("\n"))
    };
    About::ALL.map(chapter).join("\n\n")
}

/// What was perhaps meant.
fn nearest(code: &str) -> String {
    let near = rules::rules().iter().map(|rule| (strsim::damerau_levenshtein(code, rule.code), rule.code)).min();
    match near {
        Some((distance, near)) if distance <= 1 + code.len() / 3 => format!("did you mean `{near}`?"),
        _ => "`svi explain` lists all".to_owned(),
    }
}

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;
