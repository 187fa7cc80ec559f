//! What every caller hears is read before anyone calls.

use std::sync::Arc;

use super::clock;
use super::prompts::PromptStore;
use super::reload::Edition;
use crate::base::Now;
use crate::engine::{Action, Input, Machine, Sound};
use crate::flow::Program;
use crate::media::Codec;
use crate::speech::Phrase;

/// Reads each flow's first words and the queues' music, so that the first caller waits
/// for no file; everything else is read when somebody is first to hear it, within a
/// packet time.
pub(super) async fn first_sounds(Edition { directory, prompts, .. }: &Edition) {
    let now = clock::both();
    let flows = directory.services().iter().flat_map(|service| &service.flows);
    for phrase in flows.filter_map(|program| first_words(program, now)) {
        prompts.phrase(&phrase, Codec::Pcma).await;
    }
    for queue in directory.queues() {
        // A file that can't be played is told of with the others.
        let _ = prompts.music(&queue.music, Codec::Pcma).await;
    }
}

/// Says which files can't be played.
pub(super) async fn tell_faults(prompts: PromptStore) {
    for error in prompts.faults().await {
        tracing::error!(%error, "a prompt");
    }
}

/// What a call of now would hear first.
fn first_words(program: &Arc<Program>, now: Now) -> Option<Phrase> {
    let mut machine = Machine::new(Arc::clone(program), None);
    machine.handle(now, Input::Answered);
    std::iter::from_fn(|| machine.poll()).find_map(|action| match action {
        Action::Play { sound: Sound::Phrase(phrase), .. } => Some(phrase),
        _ => None,
    })
}
