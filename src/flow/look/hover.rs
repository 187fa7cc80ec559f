use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use super::names::{Name, Named};
use super::walk::{Seen, walk};
use super::{Hover, Look, Sheet};
use crate::base::{Language, WallTime};
use crate::flow::file::{self, Context, FlowFile};
use crate::flow::graph;
use crate::flow::schema::{about, usual};
use crate::flow::sentences::heard_in;
use crate::flow::subflow::{SubFlows, is_subflow};
use crate::flow::yaml::{Entry, Field, Tree};
use crate::flow::{Audio, Program, Role, StepId, StepKind, allow, card, queues, step};
use crate::speech::Phrase;

/// What is known of how a step sounds.
pub(super) struct Ear<'a> {
    /// What is recorded.
    pub(super) audio: &'a dyn Audio,
    /// When it is heard: opening hours are told as of this moment.
    pub(super) now: WallTime,
}

/// What to show for a byte.
pub(super) fn hover(look: &Look, sheet: &Sheet, byte: usize, ear: &Ear<'_>) -> Option<Hover> {
    let path = &sheet.source.path;
    if let Some(name) = look.name_at(path, byte) {
        let text = match name.of {
            Named::Step => of_step(look, sheet, &name, ear),
            Named::Queue => of_queue(look, path, &name),
        };
        return text.map(|text| Hover { span: name.span, text });
    }
    let tree = sheet.tree.as_ref()?;
    let mut found = None;
    walk(sheet.role, tree, &mut |seen| {
        if let Seen::Key { entry, field, path } = seen {
            let is_here = |bytes: &std::ops::Range<usize>| (bytes.start..=bytes.end).contains(&byte);
            if found.is_none()
                && (is_here(&entry.key_span.bytes) || is_single(entry) && is_here(&entry.value.span.bytes))
            {
                found = of_key(field, &path).map(|text| Hover { span: entry.key_span.clone(), text });
            }
        }
    });
    found
}

fn is_single(entry: &Entry) -> bool {
    entry.value.written().is_some()
}

fn of_key(field: &Field, path: &str) -> Option<String> {
    let about = about(path)?;
    let mut text = format!("**{}**\n\n{}\n\n{}", field.name, about.fr, about.en);
    if let Some(usual) = usual(field.usual) {
        let value = usual.as_str().map_or_else(|| usual.to_string(), str::to_owned);
        let _ = write!(text, "\n\nPar défaut, by default: `{value}`");
    }
    Some(text)
}

/// The queue as it is written.
fn of_queue(look: &Look, path: &str, name: &Name) -> Option<String> {
    let place = look.places(path, name).into_iter().find(|place| place.defines)?;
    let sheet = look.sheet(&place.span.source.path)?;
    let span = &sheet.tree.as_ref()?.entry(&name.text)?.value.span;
    let written = sheet.source.text.get(place.span.bytes.start..span.bytes.end)?;
    Some(format!("```yaml\n{}\n```", written.trim_end()))
}

/// What a step is, what callers hear there, and how they come to an agent from it.
fn of_step(look: &Look, sheet: &Sheet, name: &Name, ear: &Ear<'_>) -> Option<String> {
    let steps = sheet.tree.as_ref()?.at(&["steps"])?;
    let verb = super::walk::step_shape(&steps.entry(&name.text)?.value)?.0;
    let mut text = format!("**{}**: {verb}", name.text);
    let Some(flow) = flow(look, sheet) else { return Some(text) };
    let names: Vec<_> = flow.program.steps.iter().map(|step| step.name.clone()).collect();
    let id = step::find(&names, "", &name.text)?;
    for language in languages(&flow, id) {
        let heard = heard_in(&flow.program, id, language, ear.now);
        if !heard.is_empty() {
            let _ = write!(text, "\n\n*{}*: {}", spoken(language), told(&heard, ear));
        }
    }
    text.push_str("\n\n");
    text.push_str(&to_an_agent(&flow.program, id));
    Some(text)
}

/// The languages in which callers can hear a step.
fn languages(flow: &FlowFile, id: StepId) -> Vec<Language> {
    let heard = graph::heard(&flow.program, &flow.languages);
    let here: Vec<Language> = heard.get(id.0 as usize).into_iter().flatten().copied().collect();
    if here.is_empty() { vec![flow.program.language] } else { here }
}

fn spoken(language: Language) -> &'static str {
    match language {
        Language::Fr => "français",
        Language::En => "English",
    }
}

/// The sentences, and the seconds where all of them are recorded.
fn told(heard: &[Phrase], ear: &Ear<'_>) -> String {
    let fragments = || heard.iter().flat_map(|phrase| &phrase.0);
    let length: Option<Duration> = fragments().map(|fragment| ear.audio.length(fragment)).sum();
    let length = match length {
        Some(length) => format!("{:.1} s", length.as_secs_f64()),
        None => "not all recorded".to_owned(),
    };
    let sentences: Vec<String> = heard.iter().map(Phrase::to_string).collect();
    let lines: String = sentences.iter().map(|sentence| format!("\n- {sentence}")).collect();
    format!("{length}\n{lines}")
}

/// How a caller comes to an agent from a step, by key and by silence.
fn to_an_agent(program: &Program, id: StepId) -> String {
    if graph::is_agent(program, id) {
        return "An agent answers here.".to_owned();
    }
    let name = |id: StepId| format!("`{}`", program.step(id).name);
    let by_key = format!("To an agent: `0`, to {}", name(program.agent));
    match by_silence(program, id) {
        Some(way) => {
            format!("{by_key}; pressing nothing: {}.", way.into_iter().map(name).collect::<Vec<_>>().join(" → "))
        }
        None => format!("{by_key}."),
    }
}

/// The way of a caller who presses nothing in opening hours; `None` when it leads to no agent.
fn by_silence(program: &Program, id: StepId) -> Option<Vec<StepId>> {
    let mut way = vec![id];
    while let Some(here) = way.last().copied().filter(|here| !graph::is_agent(program, *here)) {
        let next = graph::exits(program, here).into_iter().find(|exit| exit.by.is_silent())?.to;
        if way.contains(&next) || matches!(program.step(next).kind, StepKind::Hangup(_)) {
            return None;
        }
        way.push(next);
    }
    Some(way)
}

/// What can be read of a file, without what is allowed in it.
fn tree(sheet: &Sheet) -> Option<Tree> {
    let mut tree = sheet.tree.clone()?;
    allow::take(&mut tree, &mut Vec::new());
    Some(tree)
}

/// The flow of a file, as much of it as can be built.
fn flow(look: &Look, sheet: &Sheet) -> Option<FlowFile> {
    let subflows = look.sheets.iter().filter(|sheet| sheet.role == Role::Flow).filter_map(tree).filter(is_subflow);
    let of = |role| look.sheets.iter().find(move |sheet| sheet.role == role);
    let context = Context {
        service: look.service.clone(),
        card: of(Role::Service).and_then(tree).and_then(|tree| card::read(tree, &mut Vec::new())).map(|file| file.card),
        queues: of(Role::Queues).and_then(tree).and_then(|tree| queues::read(&look.service, &tree, &mut Vec::new())),
        subflows: Arc::new(SubFlows::read(subflows.collect(), &mut Vec::new())),
    };
    file::read(&context, tree(sheet)?, &mut Vec::new())
}
