use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use super::moves::{Ways, enter};
use super::situation::{By, Facts, Human, Moment, Move, Phone, Situation, To};
use super::words::Words;
use crate::flow::{Audio, Program, StepId, StepKind};

/// Every situation that a call can come to, with every way out of it.
pub(in crate::flow) struct Space<'a> {
    /// What is heard.
    pub(super) words: Words<'a>,
    /// The situations, those of the fewest events first.
    pub(super) nodes: Vec<Node>,
    /// All ways out, those of one situation together.
    pub(super) ways: Vec<Way>,
}

/// A situation's place in [`Space::nodes`].
pub(super) type Id = usize;

/// One situation.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: Situation,
    /// How long its words last, in milliseconds.
    pub(super) hears: u32,
    /// Whether any key but `0` does anything meanwhile.
    pub(super) listened: bool,
    ways: Range<usize>,
    /// The situation that a call comes from, and the way; none where a call begins.
    pub(super) from: Option<(Id, By)>,
}

/// A way out of a situation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) to: Goal,
    pub(super) by: By,
    /// The silence before it, in milliseconds.
    pub(super) pause: u32,
}

/// Where a way leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// On.
    At(Id),
    /// Back to the last menu, once the truth has been told.
    LastMenu,
    /// The call ends, with these told in the last words.
    End(Facts),
}

impl<'a> Space<'a> {
    /// Looks at everything that can happen in a flow.
    pub(in crate::flow) fn of(program: &'a Program, audio: &'a dyn Audio) -> Self {
        let mut space = Self { words: Words::new(program, audio), nodes: Vec::new(), ways: Vec::new() };
        let mut known = Known::default();
        for at in beginnings(program) {
            known.id(&mut space, at, None);
        }
        while let Some(id) = known.todo.pop_front() {
            let first = space.ways.len();
            let found = Ways::of(&space.words, space.nodes[id].at);
            let (hears, moves) = (found.hears, found.moves);
            for Move { to, by, pause } in moves {
                let to = match to {
                    To::At(at) => Goal::At(known.id(&mut space, at, Some((id, by)))),
                    To::LastMenu => Goal::LastMenu,
                    To::End(told) => Goal::End(told),
                };
                space.ways.push(Way { to, by, pause });
            }
            let listened = space.words.is_listened(&space.nodes[id].at);
            let node = &mut space.nodes[id];
            (node.hears, node.listened, node.ways) = (hears, listened, first..space.ways.len());
        }
        space
    }

    /// The flow.
    pub(in crate::flow) fn program(&self) -> &'a Program {
        self.words.program
    }

    /// The ways out of a situation.
    pub(super) fn ways(&self, id: Id) -> &[Way] {
        &self.ways[self.nodes[id].ways.clone()]
    }

    /// Every situation's place.
    pub(super) fn ids(&self) -> Range<Id> {
        0..self.nodes.len()
    }

    /// The step of a situation.
    pub(super) fn step(&self, id: Id) -> StepId {
        self.nodes[id].at.step
    }

    /// Whether a call ends here for good: nothing is to be proved of a hang-up.
    pub(super) fn is_hangup(&self, id: Id) -> bool {
        matches!(self.program().step(self.step(id)).kind, StepKind::Hangup(_))
    }

    /// Whether the step begins here.
    pub(super) fn is_entry(&self, id: Id) -> bool {
        self.nodes[id].at.moment == Moment::Enter
    }

    /// From which situations each one is come to.
    pub(super) fn sources(&self) -> Vec<Vec<Id>> {
        let mut sources = vec![Vec::new(); self.nodes.len()];
        for id in self.ids() {
            for way in self.ways(id) {
                if let Goal::At(to) = way.to {
                    sources[to].push(id);
                }
            }
        }
        sources
    }
}

/// The situations that are known already.
#[derive(Default)]
struct Known {
    ids: HashMap<Situation, Id>,
    todo: VecDeque<Id>,
}

impl Known {
    fn id(&mut self, space: &mut Space<'_>, at: Situation, from: Option<(Id, By)>) -> Id {
        *self.ids.entry(at).or_insert_with(|| {
            let id = space.nodes.len();
            space.nodes.push(Node { at, hears: 0, listened: true, ways: 0..0, from });
            self.todo.push_back(id);
            id
        })
    }
}

/// Where a call begins: open or closed, with a number that can be called back or without,
/// at the start, or at the agent for who calls through a relay service.
fn beginnings(program: &Program) -> Vec<Situation> {
    let asks_for_number = program.steps.iter().any(|step| match &step.kind {
        StepKind::Callback(_) => true,
        StepKind::Voicemail(voicemail) => voicemail.callback,
        _ => false,
    });
    let numbers = if asks_for_number { &[Facts::NUMBER, Facts::NONE][..] } else { &[Facts::NONE] };
    let relayed = (!program.card.relay.numbers.is_empty()).then_some((program.agent, Facts::LEAD));
    let mut all = Vec::new();
    for (step, lead) in std::iter::once((program.start, Facts::NONE)).chain(relayed) {
        for phone in [Phone::Open, Phone::Closed] {
            // Relay services show their number.
            let shown = if lead == Facts::NONE { numbers } else { &numbers[..1] };
            for number in shown {
                let (moment, human) = (Moment::Enter, Human::None);
                let facts = number.with(lead);
                let at = Situation { step, moment, language: program.language, phone, human, facts };
                all.push(enter(program, at));
            }
        }
    }
    all
}
