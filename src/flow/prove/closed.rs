//! When it is closed: the hours and another way of contact, whatever the caller does.

use super::situation::{By, Facts, World};
use super::space::{Goal, Id, Space};
use super::story::{Ending, Leg, Story};
use crate::flow::StepId;

/// A caller who is not told what is owed when it is closed.
#[derive(Debug)]
pub(in crate::flow) struct Untold {
    /// The step at which the call ends, or comes round again.
    pub(in crate::flow) at: StepId,
    /// The steps since it was found closed.
    pub(in crate::flow) steps: Vec<StepId>,
    /// Whether it comes round again.
    pub(in crate::flow) goes_round: bool,
    /// Whether the hours are lacking.
    pub(in crate::flow) hours: bool,
    /// Whether another way of contact is lacking.
    pub(in crate::flow) contact: bool,
    /// Who meets it.
    pub(in crate::flow) story: Story,
}

/// The nearest caller who is hung up on, or goes round for ever by doing nothing, and was
/// not told the hours and another way of contact.
pub(in crate::flow) fn untold(space: &Space<'_>) -> Option<Untold> {
    let owed = |id: Id| space.nodes[id].at.is_owed();
    for id in space.ids().filter(|id| owed(*id)) {
        for way in space.ways(id) {
            let Goal::End(told) = way.to else { continue };
            let told = space.nodes[id].at.facts.with(told);
            let served = matches!(way.by, By::World(World::Answered) | By::Keys);
            if !served && !told.has(Facts::HOURS.with(Facts::CONTACT)) {
                let mut legs = space.way_to(id);
                legs.push(Leg { id, by: way.by, pause: way.pause });
                return Some(untold_by(space, legs, told, Ending::Ends(space.step(id))));
            }
        }
    }
    let round = space.round(|from, way, to| {
        let silent = matches!(way.by, By::Nothing | By::World(_));
        silent && owed(from) && owed(to)
    })?;
    let first = round.first()?.id;
    let mut legs = space.way_to(first);
    legs.extend(&round);
    Some(untold_by(space, legs, space.nodes[first].at.facts, Ending::Round(space.step(first))))
}

fn untold_by(space: &Space<'_>, legs: Vec<Leg>, told: Facts, ending: Ending) -> Untold {
    let owed = legs.iter().filter(|leg| space.nodes[leg.id].at.is_owed());
    let steps: Vec<StepId> = owed.map(|leg| space.step(leg.id)).collect();
    let at = steps.last().copied().unwrap_or(space.program().start);
    let goes_round = matches!(ending, Ending::Round(_));
    let (hours, contact) = (!told.has(Facts::HOURS), !told.has(Facts::CONTACT));
    Untold { at, steps, goes_round, hours, contact, story: Story::new(space, legs, ending) }
}
