//! Looks for a caller who is not served, among thousands of random ones.
//!
//! Each has a flow, a time, a crowd and a mood of its own. Who comes to a step, or leaves
//! one in a way, that nobody came to before is kept, and others begin from that story:
//! so the search goes where it has not been. The same seed makes the same callers, in
//! whatever order they are played.

mod judge;
mod shrink;
mod story;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use judge::Fault;
use story::Story;

use super::{Coverage, estimated_length, transcript};
use crate::base::Chance;
use crate::flow::{Program, Service};
use crate::speech::Fragment;

/// How long a clip lasts, for callers who are played side by side.
pub type Lengths<'a> = &'a (dyn Fn(&Fragment) -> Duration + Sync);

/// A random caller who was not served as a flow has to.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which of the callers, from 0; the same for the same seed.
    pub caller: usize,
    /// What went wrong.
    pub fault: Fault,
    story: Story,
}

/// The call of a failure, as short as it gets.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The whole call.
    pub transcript: String,
    /// The call as a test that fails until the flow is mended.
    pub test: String,
}

/// What became of one random caller.
#[derive(Clone, Debug)]
pub struct Played {
    story: Story,
    fault: Option<Fault>,
    taken: Coverage,
}

/// The search: [`Self::callers`] gives callers, [`Self::play`] plays one, [`Self::learn`]
/// takes what became of them.
#[derive(Debug)]
pub struct Search {
    service: Arc<Service>,
    programs: Vec<Arc<Program>>,
    seed: u64,
    begun: usize,
    /// Stories that came where nobody had been.
    kept: Vec<Story>,
    covered: Vec<Coverage>,
    failures: Vec<Failure>,
}

/// A caller who is to be played.
#[derive(Clone, Debug)]
pub struct Caller(Story);

impl Search {
    /// Among callers of these flows of a service.
    pub fn new(service: &Arc<Service>, programs: &[Arc<Program>], seed: u64) -> Self {
        Self {
            service: Arc::clone(service),
            programs: programs.to_vec(),
            seed,
            begun: 0,
            kept: Vec::new(),
            covered: programs.iter().map(|program| Coverage::new(Arc::clone(program))).collect(),
            failures: Vec::new(),
        }
    }

    /// The next callers, at most so many. All of them can be played before the first is learned from.
    pub fn callers(&mut self, n: usize) -> Vec<Caller> {
        let from = self.begun;
        self.begun += n;
        (from..self.begun).map(|caller| Caller(self.story(caller))).collect()
    }

    /// Plays a caller.
    pub fn play(caller: &Caller, lengths: Lengths<'_>) -> Played {
        let (simulation, fault) = judge::play(&caller.0, lengths);
        Played { story: caller.0.clone(), fault, taken: simulation.taken().clone() }
    }

    /// Takes what became of callers, in the order in which they were given out.
    pub fn learn(&mut self, played: Vec<Played>) {
        let first = self.begun - played.len();
        for (at, Played { story, fault, taken }) in played.into_iter().enumerate() {
            if let Some(fault) = fault {
                self.failures.push(Failure { caller: first + at, fault, story: story.clone() });
            }
            let program = &story.scenario.program;
            if let Some(covered) = self.covered.iter_mut().find(|c| Arc::ptr_eq(c.program(), program))
                && covered.add(&taken)
                && self.kept.len() < KEPT
            {
                self.kept.push(story);
            }
        }
    }

    /// Who was not served.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// Where the callers have been, for each flow.
    pub fn covered(&self) -> &[Coverage] {
        &self.covered
    }

    fn story(&self, caller: usize) -> Story {
        let mut chance = Chance::seeded(self.seed ^ (caller as u64).wrapping_mul(SPREAD));
        match self.kept.len() {
            0 => Story::random(&self.service, &self.programs, &mut chance),
            kept if chance.below(2) == 0 => {
                let mut story = self.kept[chance.below(kept)].clone();
                for _ in 0..=chance.below(3) {
                    story = story.varied(&mut chance);
                }
                story
            }
            _ => Story::random(&self.service, &self.programs, &mut chance),
        }
    }
}

impl Failure {
    /// The shortest call that goes wrong in the same way.
    pub fn shrunk(&self, lengths: Lengths<'_>) -> Shrunk {
        let name = format!("appelant {}", self.caller);
        let story = shrink::shrink(&self.story, self.fault, lengths);
        let (simulation, _) = judge::play(&story, lengths);
        Shrunk { transcript: transcript(simulation.lines()), test: shrink::test(&name, &story, self.fault, lengths) }
    }
}

/// Lets `n` random callers into a flow and answers those who were not served: an agent
/// wanted in opening hours was neither reached nor refused with the truth, the truth was
/// not told when closed, the flow was stuck or went round.
pub fn random(service: &Arc<Service>, program: &Arc<Program>, n: usize, seed: u64) -> Vec<Failure> {
    hearing(service, program, n, seed, &estimated_length)
}

/// The same with clips of other lengths.
pub(super) fn hearing(
    service: &Arc<Service>,
    program: &Arc<Program>,
    n: usize,
    seed: u64,
    lengths: Lengths<'_>,
) -> Vec<Failure> {
    let mut search = Search::new(service, std::slice::from_ref(program), seed);
    for _ in 0..n.div_ceil(ROUND) {
        let callers = search.callers(ROUND.min(n - search.begun));
        let played = callers.iter().map(|caller| Search::play(caller, lengths)).collect();
        search.learn(played);
    }
    search.failures
}

/// Callers that are played before the next ones learn from them.
pub const ROUND: usize = 64;
/// Stories that others may begin from.
const KEPT: usize = 4096;
/// An odd number without a pattern, so that neighbours have nothing in common.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
