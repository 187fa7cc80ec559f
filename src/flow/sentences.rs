use std::collections::BTreeSet;
use std::sync::Arc;

use super::asked::question_texts;
use super::graph::heard;
use super::spoken::spoken;
use super::yaml::{self, Tree};
use super::{Menu, Program, Queue, Service, Step, StepId, StepKind};
use crate::base::{Language, Localized, WallTime};
use crate::diag::{Source, Span};
use crate::service::Topic;
use crate::speech::{Fragment, Phrase, agent_line, card_fragments, menu_line, notice, procedure, purpose_line, tell};

/// A text that is known before any call, and so is one recorded clip.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// The words in their language.
    pub fragment: Fragment,
    /// Where it is written; `None` for what is made from the card.
    pub span: Option<Span>,
    /// The step that says it; `None` for what is made from the card.
    pub step: Option<Arc<str>>,
}

/// Every fixed sentence of a service, each once, in the languages that it can be heard
/// in: what its flows say and what is told of its card. What is put together at run
/// time (numbers, times) is [`crate::speech::vocabulary`]'s.
pub fn sentences(service: &Service) -> Vec<Sentence> {
    let mut all = Vec::new();
    let mut languages = BTreeSet::new();
    for program in &service.flows {
        let trees = sources(program);
        let heard = heard(program, &promised(trees.first()));
        languages.extend(heard.iter().flatten().copied());
        let keys = |step: &Step| {
            let tree = trees.iter().find(|tree| Arc::ptr_eq(tree.source(), &step.span.source))?;
            tree.at(&["steps", step.name.rsplit('/').next()?])
        };
        all.extend(flow_sentences(program, &keys, &heard));
    }
    for language in languages {
        let made = card_fragments(language, &service.card);
        all.extend(made.into_iter().map(|fragment| Sentence { fragment, span: None, step: None }));
    }
    each_once(all)
}

/// The files of a flow and of its sub-flows, read again for their places, the flow's first.
fn sources(program: &Program) -> Vec<Tree> {
    let mut sources: Vec<&Arc<Source>> = Vec::new();
    for step in &program.steps {
        if sources.iter().all(|known| !Arc::ptr_eq(known, &step.span.source)) {
            sources.push(&step.span.source);
        }
    }
    sources.into_iter().filter_map(|source| yaml::parse(source, &mut Vec::new())).collect()
}

/// The languages that a flow's header promises besides its own.
fn promised(tree: Option<&Tree>) -> Vec<Language> {
    let list = tree.and_then(|t| t.at(&["languages"])).map_or(&[][..], Tree::items);
    list.iter().filter_map(|item| Language::from_code(item.written()?)).collect()
}

/// Every fixed sentence of one flow, in the order of its steps.
pub(super) fn flow_sentences<'t>(
    program: &Program,
    keys: &dyn Fn(&Step) -> Option<&'t Tree>,
    heard: &[BTreeSet<Language>],
) -> Vec<Sentence> {
    let mut all = Vec::new();
    for ((i, step), languages) in (0u32..).zip(&program.steps).zip(heard) {
        let keys = keys(step);
        let asked_again = |l: &Language| {
            let each = step.kind.languages(*l);
            let texts = question_texts(&step.kind);
            texts
                .into_iter()
                .flat_map(move |(path, text)| each.clone().into_iter().map(move |l| (said(l, text), path.clone())))
        };
        let all_of = |l: &Language| step_sentences(program, StepId(i), *l).into_iter().chain(asked_again(l));
        for (phrase, path) in languages.iter().flat_map(all_of) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let span = keys.and_then(|k| k.at(&path)).map_or_else(|| step.span.clone(), |t| t.span.clone());
            all.extend(phrase.0.into_iter().map(|fragment| Sentence {
                fragment,
                span: Some(span.clone()),
                step: Some(step.name.clone()),
            }));
        }
    }
    each_once(all)
}

/// What one step says in one language, each with the path of the key it is written under.
fn step_sentences(program: &Program, id: StepId, language: Language) -> Vec<(Phrase, Vec<String>)> {
    let path = |keys: &[&str]| keys.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>();
    match &program.step(id).kind {
        StepKind::Say(say) => vec![(said(language, &say.text), path(&["say"]))],
        StepKind::Menu(menu) => {
            let choice = |i: usize| path(&["menu", &i.to_string(), "for"]);
            let lines = menu_sentences(language, menu).into_iter().map(|(phrase, part)| match part {
                MenuPart::Ask => (phrase, path(&["ask"])),
                MenuPart::Choice(i) => (phrase, choice(i)),
                MenuPart::Agent => (phrase, Vec::new()),
            });
            // An agent hears them too, before the caller.
            let told = menu.choices.iter().enumerate().filter(|(_, c)| c.language.is_none());
            let told =
                told.map(|(i, c)| (purpose_line(c.purpose.language(language), c.purpose.get(language)), choice(i)));
            lines.chain(told).collect()
        }
        StepKind::Collect(collect) => vec![(said(language, &collect.ask), path(&["collect", "ask"]))],
        StepKind::Voicemail(voicemail) => {
            vec![(said(language, &voicemail.ask), path(&[voicemail.taking.verb(), "ask"]))]
        }
        StepKind::Survey(survey) => vec![(said(language, &survey.ask), path(&["survey", "ask"]))],
        StepKind::Hangup(hangup) => hangup.text.iter().map(|text| (said(language, text), path(&["hangup"]))).collect(),
        StepKind::Queue(queue) => queue_sentences(language, program, queue),
        StepKind::Tell(tell) => {
            let told = tell.topics.iter().filter_map(|topic| match topic {
                Topic::Procedure(nth) => Some((procedure(language, &program.card, *nth), path(&["about"]))),
                _ => None,
            });
            told.collect()
        }
        StepKind::Lookup(lookup) => {
            lookup.say.iter().map(|text| (said(language, text), path(&["lookup", "say"]))).collect()
        }
        StepKind::Hours(_)
        | StepKind::Set(_)
        | StepKind::Choose(_)
        | StepKind::Goto(_)
        | StepKind::Transfer(_)
        | StepKind::Callback(_) => Vec::new(),
    }
}

/// What a caller hears at a step, in order; of what depends on the call (ranks, waits,
/// numbers) nothing. Opening hours are told as of `now`.
pub(super) fn heard_in(program: &Program, id: StepId, language: Language, now: WallTime) -> Vec<Phrase> {
    match &program.step(id).kind {
        StepKind::Menu(menu) => menu_sentences(language, menu).into_iter().map(|(phrase, _)| phrase).collect(),
        StepKind::Tell(facts) => {
            let told = facts.topics.iter().map(|topic| tell(language, &program.card, *topic, now));
            told.filter(|phrase| !phrase.is_empty()).collect()
        }
        _ => step_sentences(program, id, language).into_iter().map(|(phrase, _)| phrase).collect(),
    }
}

/// What a waiting caller hears of the flow's own words, and the notice before it.
fn queue_sentences(language: Language, program: &Program, queue: &Queue) -> Vec<(Phrase, Vec<String>)> {
    let path = |keys: &[&str], i: usize| keys.iter().map(|k| (*k).to_owned()).chain([i.to_string()]).collect();
    let offers = queue.busy.iter().flat_map(|busy| &busy.offers);
    let mut all: Vec<_> = program.notice.iter().map(|n| (notice(language, *n), Vec::new())).collect();
    all.extend(queue.comfort.iter().enumerate().map(|(i, text)| (said(language, text), path(&["comfort"], i))));
    all.extend(offers.enumerate().map(|(i, offer)| (offer.line(language), path(&["busy", "offer"], i))));
    all
}

/// A line of a spoken menu.
#[derive(Clone, Copy, Debug)]
pub(super) enum MenuPart {
    /// What is said before the choices.
    Ask,
    /// A choice, by its place.
    Choice(usize),
    /// The agent's line.
    Agent,
}

/// A menu as it is spoken: the question, the choices, the agent's line last; a choice of
/// language in each of them.
pub(super) fn menu_sentences(language: Language, menu: &Menu) -> Vec<(Phrase, MenuPart)> {
    let mut lines = Vec::new();
    let languages = menu.languages(language);
    if let Some(ask) = &menu.ask {
        lines.extend(languages.iter().map(|language| (said(*language, ask), MenuPart::Ask)));
    }
    for (i, choice) in menu.choices.iter().enumerate() {
        let wanted = choice.language.unwrap_or(language);
        let line = menu_line(choice.purpose.language(wanted), choice.purpose.get(wanted), choice.key);
        lines.push((line, MenuPart::Choice(i)));
    }
    lines.extend(languages.iter().map(|language| (agent_line(*language), MenuPart::Agent)));
    lines
}

fn said(language: Language, text: &Localized) -> Phrase {
    // What variables hold is spoken with the words of numbers.
    spoken(text.get(language), text.language(language), |_| None)
}

fn each_once(all: Vec<Sentence>) -> Vec<Sentence> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(|sentence| seen.insert(sentence.fragment.clone())).collect()
}
