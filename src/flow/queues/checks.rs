//! What is checked of a queue beyond its form.

use super::QueueRules;
use crate::base::Skill;
use crate::diag::{Diagnostic, Span};
use crate::flow::yaml::{Entry, Tree, suggestion};

/// Checks one queue of the file. Codes: `duplicate-member`, `unknown-queue`, `unknown-skill`.
pub(super) fn queue(file: &Tree, entry: &Entry, rules: &QueueRules, out: &mut Vec<Diagnostic>) {
    let place = |path: &[&str]| entry.value.place(path);
    for (n, member) in rules.members.iter().enumerate() {
        if rules.members[..n].iter().any(|earlier| earlier.agent == member.agent) {
            let message = format!("the agent `{}` is a member of the queue `{}` twice", member.agent, entry.key);
            out.push(
                Diagnostic::error("duplicate-member", message, Some(place(&["members", &n.to_string()])))
                    .label("already in the list")
                    .help("write each agent once"),
            );
        }
    }
    if let Some(to) = entry.value.at(&["overflow", "to"]).and_then(Tree::written) {
        out.extend(overflow(file, &entry.key, to, place(&["overflow", "to"])));
    }
    for language in &rules.languages {
        let skill = Skill::from(language.code());
        if !rules.members.iter().any(|m| m.skills.contains(&skill)) {
            let message = format!("no agent of the queue `{}` has the skill `{skill}`", entry.key);
            out.push(
                Diagnostic::error("unknown-skill", message, Some(place(&["languages"])))
                    .label("callers in this language would find nobody")
                    .help(format!("write `{{ agent: …, skills: [{skill}] }}` for who speaks it")),
            );
        }
    }
}

fn overflow(file: &Tree, own: &str, to: &str, span: Span) -> Option<Diagnostic> {
    if to == own {
        let message = format!("the queue `{own}` overflows into itself");
        return Some(
            Diagnostic::error("unknown-queue", message, Some(span))
                .label("the same queue")
                .help("name another queue, or leave `overflow:` out"),
        );
    }
    if file.entry(to).is_some() {
        return None;
    }
    let help = suggestion(to, file.entries().iter().map(|e| &*e.key));
    Some(
        Diagnostic::error("unknown-queue", format!("there is no queue `{to}`"), Some(span))
            .label("no queue of this name")
            .help(help.unwrap_or_else(|| "write this queue in the same file".to_owned())),
    )
}
