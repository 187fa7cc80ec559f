//! Reads a page: a few `key: value` lines between `---`, then `## en:`, `## fr:`, `## wrong`, `## right`.

use super::{About, Allowance, COMMITMENTS, Commitment, Examples, Rule, Words};
use crate::diag::Severity;

/// The rule that a page describes; the error says what the page lacks.
pub(super) fn parse(code: &'static str, text: &'static str) -> Result<Rule, String> {
    read(code, text).map_err(|lacks| format!("the page of {code}: {lacks}"))
}

fn read(code: &'static str, text: &'static str) -> Result<Rule, String> {
    let (head, body) = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .ok_or("it does not begin with lines between `---`")?;
    let value = |key: &str| head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
    let word = |key: &str| value(key).ok_or_else(|| format!("`{key}:` is missing"));
    let unprinted = value("example").is_some();
    Ok(Rule {
        code,
        about: about(word("about")?)?,
        severity: severity(word("severity")?)?,
        allowance: allowance(word("allow")?)?,
        rests_on: value("rests-on").map_or(Ok(Vec::new()), commitments)?,
        en: words(section(body, "en: ")?, "Mend")?,
        fr: words(section(body, "fr: ")?, "Corriger")?,
        examples: if unprinted {
            None
        } else {
            Some(Examples { wrong: fenced(section(body, "wrong\n")?)?, right: fenced(section(body, "right\n")?)? })
        },
    })
}

/// What stands after `## NAME`, up to the next such line.
fn section(body: &'static str, name: &str) -> Result<&'static str, String> {
    let wanted = format!("\n## {name}");
    let start = body.find(&wanted).ok_or_else(|| format!("`## {}` is missing", name.trim()))? + wanted.len();
    let rest = &body[start..];
    Ok(rest.find("\n## ").map_or(rest, |end| &rest[..end]))
}

/// Title, why, and what stands under `### HEADING`.
fn words(section: &'static str, heading: &str) -> Result<Words, String> {
    let (title, rest) = section.split_once('\n').ok_or("a title alone says nothing")?;
    let (why, mend) =
        rest.split_once(&format!("\n### {heading}\n")).ok_or_else(|| format!("`### {heading}` is missing"))?;
    let words = Words { title: title.trim(), why: why.trim(), mend: mend.trim() };
    if [words.title, words.why, words.mend].contains(&"") {
        return Err("a part of it is empty".to_owned());
    }
    Ok(words)
}

/// The text of the one block of YAML.
fn fenced(section: &'static str) -> Result<&'static str, String> {
    let (_, rest) = section.split_once("```yaml\n").ok_or("an example is no block of `yaml`")?;
    let (text, _) = rest.split_once("```").ok_or("an example is not closed")?;
    Ok(text)
}

fn about(word: &str) -> Result<About, String> {
    Ok(match word {
        "callers" => About::Callers,
        "card" => About::Card,
        "names" => About::Names,
        "form" => About::Form,
        "settings" => About::Settings,
        other => return Err(format!("`{other}` is nothing that a rule is about")),
    })
}

fn severity(word: &str) -> Result<Severity, String> {
    [Severity::Error, Severity::Warning]
        .into_iter()
        .find(|severity| severity.word() == word)
        .ok_or_else(|| format!("`{word}` is no severity"))
}

fn allowance(word: &str) -> Result<Allowance, String> {
    match word {
        "never" => Ok(Allowance::Never),
        "with-reason" => Ok(Allowance::WithReason),
        other => Err(format!("`{other}` says nothing of who may allow it")),
    }
}

fn commitments(list: &str) -> Result<Vec<&'static Commitment>, String> {
    let find = |id: &str| COMMITMENTS.iter().find(|c| c.id == id).ok_or_else(|| format!("no commitment is `{id}`"));
    list.split(", ").map(find).collect()
}
