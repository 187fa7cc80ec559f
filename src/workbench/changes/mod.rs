//! What callers, and agents, notice of a change: two versions of the services in,
//! sentences out.
//!
//! Both versions are broken up into [aspects](aspect::Aspect): a subject ("key 2 at
//! `menu`") with what holds of it ("a residence permit, to `sejour`"). What differs is said; what is only
//! called otherwise (a step that was renamed) is not.

mod aspect;
mod facts;
mod queues;
mod steps;
mod ways;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Language;
use crate::flow::{Program, Service};

use aspect::{Aspect, differences};

/// What changes in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The place: a step and how a caller comes to it, the card, a queue.
    pub place: String,
    /// What changes there, a sentence each.
    pub lines: Vec<String>,
}

/// Everything that callers and agents notice, flow by flow; empty when it is nothing.
pub fn changes(old: &[Arc<Service>], new: &[Arc<Service>], language: Language) -> Vec<Change> {
    let mut out = Vec::new();
    for service in new {
        let Some(before) = old.iter().find(|s| s.name == service.name) else {
            out.push(whole(language, service, true));
            continue;
        };
        let between = |what: &str, old: Vec<Aspect>, new: Vec<Aspect>| Change {
            place: format!("{} · {what}", service.name),
            lines: differences(language, &old, &new),
        };
        out.push(between(
            words(language).card,
            facts::card(&before.card, language),
            facts::card(&service.card, language),
        ));
        out.extend(queues::changes(before, service, language));
        for program in &service.flows {
            match before.flows.iter().find(|p| p.name == program.name) {
                Some(was) => out.extend(flow(was, program, language)),
                None => out.push(one_flow(language, program, true)),
            }
        }
        let gone = before.flows.iter().filter(|p| service.flows.iter().all(|n| n.name != p.name));
        out.extend(gone.map(|program| one_flow(language, program, false)));
    }
    let gone = old.iter().filter(|s| new.iter().all(|n| n.name != s.name));
    out.extend(gone.map(|service| whole(language, service, false)));
    out.retain(|change| !change.lines.is_empty());
    out
}

/// The changes as text: each place on a line, what changes there below it.
pub fn text(changes: &[Change]) -> String {
    let block = |change: &Change| {
        let lines: String = change.lines.iter().map(|line| format!("  {line}\n")).collect();
        format!("{}\n{lines}", change.place)
    };
    changes.iter().map(block).collect::<Vec<_>>().join("\n")
}

/// What changes in one flow: its head, then its steps as callers come to them.
fn flow(old: &Program, new: &Program, language: Language) -> Vec<Change> {
    let renamed = steps::renamed(old, new, language);
    let called = |name: &str| renamed.get(name).cloned().unwrap_or_else(|| name.to_owned());
    let head = differences(language, &facts::head(old, language, &called), &facts::head(new, language, &str::to_owned));
    let mut out = vec![Change { place: format!("{} · {}", new.service, new.name), lines: head }];
    let ways = ways::ways(new, language);
    let before: BTreeMap<String, Vec<Aspect>> =
        old.steps.iter().map(|step| (called(&step.name), steps::aspects(old, step, language, &called))).collect();
    let place = |name: &str, way: &str| format!("{} · {} · {name}{way}", new.service, new.name);
    for (id, way) in &ways {
        let step = new.step(*id);
        let aspects = steps::aspects(new, step, language, &str::to_owned);
        let lines = match before.get(&*step.name) {
            Some(was) => differences(language, was, &aspects),
            None => aspect::all_new(language, &aspects),
        };
        out.push(Change { place: place(&step.name, way), lines });
    }
    let stays = |name: &str| ways.iter().any(|(id, _)| &*new.step(*id).name == name);
    for (id, way) in ways::ways(old, language) {
        let name = called(&old.step(id).name);
        if !stays(&name) {
            out.push(Change { place: place(&name, &way), lines: vec![words(language).unreached.to_owned()] });
        }
    }
    out
}

fn whole(language: Language, service: &Service, is_new: bool) -> Change {
    let words = words(language);
    let numbers: Vec<String> = service.flows.iter().flat_map(|p| &p.numbers).map(ToString::to_string).collect();
    let line = if is_new { words.answered } else { words.unanswered };
    Change { place: service.name.to_string(), lines: vec![line.replace("{}", &numbers.join(", "))] }
}

fn one_flow(language: Language, program: &Program, is_new: bool) -> Change {
    let words = words(language);
    let numbers: Vec<String> = program.numbers.iter().map(ToString::to_string).collect();
    let line = if is_new { words.answered } else { words.unanswered };
    Change {
        place: format!("{} · {}", program.service, program.name),
        lines: vec![line.replace("{}", &numbers.join(", "))],
    }
}

struct Words {
    card: &'static str,
    unreached: &'static str,
    answered: &'static str,
    unanswered: &'static str,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::Fr => &Words {
            card: "fiche du service",
            unreached: "plus aucun appelant n'arrive à cette étape",
            answered: "répond désormais au {}",
            unanswered: "ne répond plus au {}",
        },
        Language::En => &Words {
            card: "the service's card",
            unreached: "no caller comes to this step any more",
            answered: "now answers {}",
            unanswered: "does not answer {} any more",
        },
    }
}
