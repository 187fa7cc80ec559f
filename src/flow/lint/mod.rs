//! What is well written and still must not, or should not, meet a caller: one file per
//! rule. Rules that look at one step run always; those that look at the whole graph run
//! when it has no hole, so that one mistake is not told ten times.

mod agent_path;
mod busy;
mod callback;
mod closed;
mod closing;
mod conditions;
mod depth;
mod endless;
mod facts;
mod hangup;
mod keys;
mod late;
mod length;
mod premium;
mod prompts;
mod spoken;
mod taken;
mod tell;
mod texts;
mod translation;
mod unreachable;
mod variables;
mod width;
mod wording;

use std::collections::BTreeSet;

use super::Audio;
use super::card::CardFile;
use super::file::FlowFile;
use super::graph::heard;
use super::prove::Space;
use super::sentences::flow_sentences;
use crate::base::Language;
use crate::diag::Diagnostic;

pub(super) use closing::closing;
pub(super) use facts::unknown_procedure;
pub(super) use premium::written as premium_numbers;
pub(super) use taken::taken;

/// Every rule about one flow.
pub(super) fn flow(file: &FlowFile, audio: &dyn Audio, out: &mut Vec<Diagnostic>) {
    keys::check(file, out);
    width::check(file, out);
    premium::check(file, out);
    tell::check(file, out);
    conditions::check(file, out);
    spoken::check(file, out);
    variables::check(file, out);
    busy::check(file, out);
    wording::check(file, out);
    let heard = languages(file);
    if file.whole {
        let space = Space::of(&file.program, audio);
        unreachable::check(file, &space, out);
        let lost = agent_path::check(file, &space, out);
        endless::check(file, &space, &lost, out);
        depth::check(file, &space, out);
        late::check(file, &space, out);
        // Where `0` and silence lead nowhere, nothing that is told behind them counts.
        if !lost.contains(&file.program.agent) {
            closed::check(file, &space, &lost, out);
        }
        callback::check(file, out);
        hangup::check(file, out);
        translation::check(file, &heard, out);
    }
    length::check(file, &heard, audio, out);
    prompts::check(&flow_sentences(&file.program, &|step| file.keys(&step.name), &heard), audio, out);
}

/// Every rule about a card and the flows that tell it.
pub(super) fn card(card: &CardFile, flows: &[FlowFile], audio: &dyn Audio, out: &mut Vec<Diagnostic>) {
    facts::check(card, out);
    facts::procedures(card, flows, out);
    premium::card(card, out);
    let spoken: BTreeSet<Language> = flows.iter().flat_map(languages).flatten().collect();
    for language in spoken {
        translation::card(card, language, out);
        prompts::card(card, language, audio, out);
    }
}

/// The languages of each step; of a graph with a hole, every step in the flow's own.
fn languages(file: &FlowFile) -> Vec<BTreeSet<Language>> {
    match file.whole {
        true => heard(&file.program, &file.languages),
        false => vec![BTreeSet::from([file.program.language]); file.program.steps.len()],
    }
}
