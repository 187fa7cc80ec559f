use std::fmt::Write as _;

use super::situation::{By, Facts, Phone, World};
use super::space::{Goal, Id, Space};
use crate::flow::StepId;
use crate::service::HoursKind;

/// What happens to one caller, from the first word on, as it is told to the admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::flow) struct Story(pub(in crate::flow) String);

/// One thing that happens: in this situation, by this, after this silence in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    pub(super) id: Id,
    pub(super) by: By,
    pub(super) pause: u32,
}

/// How a story ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ending {
    /// The call ends in this step.
    Ends(StepId),
    /// It comes back to this step, again and again.
    Round(StepId),
    /// An agent is called in this step.
    Agent(StepId),
    /// No agent is ever called.
    NoAgent,
    /// So many milliseconds have been heard.
    Heard(u32),
}

impl Story {
    /// The story of these legs.
    pub(super) fn new(space: &Space<'_>, legs: Vec<Leg>, ending: Ending) -> Self {
        let closed = legs.first().is_some_and(|leg| space.nodes[leg.id].at.phone == Phone::Closed);
        let relayed = (legs.first()).is_some_and(|leg| space.nodes[leg.id].at.facts.has(Facts::LEAD));
        let who = if relayed { "who calls through a relay" } else { "the caller" };
        let when = if closed { "when it is closed" } else { "in opening hours" };
        let mut events: Vec<Event> = legs.iter().flat_map(|leg| events(space, *leg, closed)).collect();
        if events.len() > MOST_EVENTS {
            let last = events.split_off(events.len() - MOST_EVENTS / 2);
            events.truncate(MOST_EVENTS / 2);
            events.push(Event::World("…"));
            events.extend(last);
        }
        let name = |step: StepId| &space.program().step(step).name;
        let end = match ending {
            Ending::Ends(step) => format!("the call ends in `{}`", name(step)),
            Ending::Round(step) => format!("it comes back to `{}`, again and again", name(step)),
            Ending::Agent(step) => format!("an agent is called in `{}`", name(step)),
            Ending::NoAgent => "no agent is ever called".to_owned(),
            Ending::Heard(millis) => format!("that is {} in which no key is listened to", seconds(millis)),
        };
        let mut text = when.to_owned();
        for (i, event) in events.iter().enumerate() {
            let goes_on = i > 0 && matches!(events[i - 1], Event::Caller(_));
            let _ = match event {
                Event::Caller(does) if goes_on => write!(text, ", {does}"),
                Event::Caller(does) => write!(text, "; {who} {does}"),
                Event::World(happens) => write!(text, "; {happens}"),
            };
        }
        let _ = write!(text, ": {end}");
        Self(text.replacen("; ", ", ", 1))
    }
}

impl Space<'_> {
    /// How a call comes to a situation, by the fewest events.
    pub(super) fn way_to(&self, id: Id) -> Vec<Leg> {
        let mut legs = Vec::new();
        let mut here = id;
        while let Some((from, by)) = self.nodes[here].from {
            let way = self.ways(from).iter().find(|way| way.by == by && way.to == Goal::At(here));
            legs.push(Leg { id: from, by, pause: way.map_or(0, |way| way.pause) });
            here = from;
        }
        legs.reverse();
        legs
    }
}

/// One thing that is told.
enum Event {
    /// What the caller hears or does.
    Caller(String),
    /// What happens without the caller.
    World(&'static str),
}

/// What is heard, and what comes of it.
fn events(space: &Space<'_>, leg: Leg, closed: bool) -> Vec<Event> {
    let node = &space.nodes[leg.id];
    let mut events = Vec::new();
    if node.hears > 0 {
        let words = shortened(&space.words.phrase(&node.at).to_string());
        events.push(Event::Caller(format!("hears « {words} » ({})", seconds(node.hears))));
    }
    let does = match leg.by {
        By::Nothing if leg.pause > 0 => format!("presses nothing for {}", seconds(leg.pause)),
        By::Nothing => return events,
        By::Key(digit) | By::Elsewhere(digit) => format!("presses {digit}"),
        By::Wrong => "presses a key that means nothing here".to_owned(),
        By::Typed(1) => "presses a key".to_owned(),
        By::Typed(n) => format!("types {n} digits"),
        By::Keys => "asks to be called back".to_owned(),
        // That it is closed has been said.
        By::World(World::Closed(HoursKind::Phone)) if closed => return events,
        By::World(world) => {
            events.extend(happens(world).map(Event::World));
            return events;
        }
    };
    events.push(Event::Caller(does));
    events
}

fn happens(world: World) -> Option<&'static str> {
    Some(match world {
        World::Open(HoursKind::Desk) => "the desk is open",
        World::Closed(HoursKind::Desk) => "the desk is closed",
        World::Open(HoursKind::Phone) | World::Room => return None,
        World::Closed(HoursKind::Phone) => "it has closed",
        World::Condition => "a condition decides",
        World::Answers => "the look-up is answered",
        World::NoAnswer => "the look-up fails",
        World::Answered => "somebody answers and hangs up again",
        World::Nobody => "no agent is there",
        World::Full => "the queue is full",
        World::Long => "the longest wait is over",
        World::Closes => "it closes",
        World::NotAnswered => "nobody answers there",
        World::Enough => "the caller has left enough messages today",
        World::NoRoom => "no message can be taken",
        World::Kept => "a message is kept",
        World::NothingSaid => "nothing is said after the beep",
        World::NotKept => "the message can not be kept",
        World::Promised => "a callback is promised",
        World::NotNoted => "no callback can be noted",
    })
}

/// The beginning of a long text.
fn shortened(words: &str) -> String {
    if words.chars().count() <= MOST_LETTERS {
        return words.to_owned();
    }
    let cut: String = words.chars().take(MOST_LETTERS).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{} …", whole.trim_end_matches([',', ' ', ':']))
}

/// Milliseconds as seconds, with a tenth where there is one.
pub(in crate::flow) fn seconds(millis: u32) -> String {
    let tenths = (u64::from(millis) + 50) / 100;
    match tenths % 10 {
        0 => format!("{} s", tenths / 10),
        tenth => format!("{}.{tenth} s", tenths / 10),
    }
}

/// Of what is heard, so many letters are told.
const MOST_LETTERS: usize = 48;
/// Of a long story, the first and the last events are told.
const MOST_EVENTS: usize = 24;
