//! Every call that a flow can have, as a graph of moments.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::choices::Event;
use super::line::{Awaited, Caller, Line, Owed, Sky};
use crate::flow::{Program, StepId, StepKind};
use crate::service::HoursKind;

/// All moments of all calls.
pub(super) struct Calls {
    pub(super) moments: Vec<Moment>,
    /// The moments at which calls begin.
    pub(super) beginnings: Vec<(usize, Vec<StepId>)>,
    /// Every step that was entered.
    pub(super) entered: BTreeSet<StepId>,
}

/// One moment of a call.
#[derive(Debug)]
pub(super) struct Moment {
    /// The steps that have just been entered; the last one runs.
    pub(super) entries: Vec<StepId>,
    /// What is being said, in milliseconds; nothing where it is silent.
    pub(super) hears: Option<u32>,
    /// No key but `0` does anything.
    pub(super) deaf: bool,
    /// A server is asked, and nothing is said.
    pub(super) asks: bool,
    /// An agent is being called.
    pub(super) agent: bool,
    pub(super) sought: bool,
    pub(super) served: bool,
    pub(super) owed: bool,
    /// Hours and another contact were told.
    pub(super) told: bool,
    pub(super) over: bool,
    pub(super) trouble: bool,
    /// A key waits for a later step.
    pub(super) ahead: bool,
    pub(super) options: Vec<Choice>,
}

/// What may be chosen, by the caller or by the world, and what comes of it under each sky.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) by: By,
    /// In milliseconds.
    pub(super) pause: u32,
    pub(super) to: Vec<(usize, Vec<StepId>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Silence,
    /// A key that was offered, or `0`.
    Offered,
    /// Any other keys.
    Keys,
    World,
}

/// Looks at every call; nothing where there are too many moments.
pub(super) fn calls(program: &Arc<Program>) -> Option<Calls> {
    let calls = Calls { moments: Vec::new(), beginnings: Vec::new(), entered: BTreeSet::new() };
    let mut search = Search { program: Arc::clone(program), calls, ids: HashMap::new(), todo: VecDeque::new() };
    let asks = |kind: &StepKind| match kind {
        StepKind::Callback(_) => true,
        StepKind::Voicemail(voicemail) => voicemail.callback,
        _ => false,
    };
    let numbers = if program.steps.iter().any(|s| asks(&s.kind)) { &[true, false][..] } else { &[false] };
    let mut callers: Vec<Caller> = numbers.iter().map(|number| Caller { number: *number, relayed: false }).collect();
    callers.extend((!program.card.relay.numbers.is_empty()).then_some(Caller { number: true, relayed: true }));
    let owed = Arc::new(Owed::of(program));
    for who in callers {
        for sky in skies(&[true, false], &[true, false]) {
            let line = Line::new((program, &owed), sky, who);
            let entered = line.seen.entered.clone();
            let id = search.id(line);
            search.calls.beginnings.push((id, entered));
        }
    }
    while let Some((id, line)) = search.todo.pop_front() {
        if search.calls.moments.len() > MOST_MOMENTS {
            return None;
        }
        if !line.seen.over && !line.seen.trouble {
            search.look(id, &line);
        }
    }
    Some(search.calls)
}

fn skies(phones: &[bool], desks: &[bool]) -> Vec<Sky> {
    let mut skies = Vec::new();
    for (phone, desk) in phones.iter().flat_map(|phone| desks.iter().map(|desk| (*phone, *desk))) {
        skies.extend([true, false].map(|luck| Sky { phone, desk, luck }));
    }
    skies
}

struct Search {
    program: Arc<Program>,
    calls: Calls,
    ids: HashMap<String, usize>,
    todo: VecDeque<(usize, Line)>,
}

impl Search {
    fn id(&mut self, line: Line) -> usize {
        self.calls.entered.extend(line.seen.entered.iter().copied());
        let key = line.key();
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let id = self.calls.moments.len();
        self.calls.moments.push(moment(&line));
        self.ids.insert(key, id);
        self.todo.push_back((id, line));
        id
    }

    /// Whether one of these steps looks at these hours.
    fn asks(&self, entered: &[StepId], wanted: HoursKind) -> bool {
        entered.iter().any(|step| match &self.program.step(*step).kind {
            StepKind::Hours(hours) => hours.kind == wanted,
            StepKind::Queue(_) => wanted == HoursKind::Phone,
            StepKind::Choose(_) => wanted == HoursKind::Desk,
            _ => false,
        })
    }

    fn look(&mut self, id: usize, line: &Line) {
        let desks = &[true, false];
        let phones = if line.seen.owed { &[false][..] } else { &[true, false] };
        // What the caller has no say in is one choice, whatever comes of it.
        let mut world = Choice { by: By::World, pause: 0, to: Vec::new() };
        let mut silence = Choice { by: By::Silence, pause: 0, to: Vec::new() };
        let mut options = Vec::new();
        for event in line.events() {
            let mut choice = Choice { by: by(line, &event), pause: 0, to: Vec::new() };
            let closing = matches!(event, Event::Closing);
            if closing && line.seen.owed {
                continue;
            }
            for phone in phones.iter().copied().filter(|phone| !closing || !phone) {
                let mut looks = line.is_at_notice();
                let mut rest = skies(&[phone], desks).into_iter();
                while let Some(sky) = rest.next() {
                    let mut next = line.clone();
                    let pause = next.happen(sky, &event);
                    let asked = |kind| self.asks(&next.seen.entered, kind);
                    looks |= asked(HoursKind::Phone);
                    if !asked(HoursKind::Desk) {
                        rest = Vec::new().into_iter();
                    }
                    // It has closed and nothing of the flow has noticed: as if it were open.
                    if !phone && !next.seen.owed && !closing {
                        continue;
                    }
                    choice.pause = u32::try_from(pause.as_millis()).unwrap_or(u32::MAX);
                    let entered = next.seen.entered.clone();
                    let to = (self.id(next), entered);
                    if !choice.to.contains(&to) {
                        choice.to.push(to);
                    }
                }
                if !looks {
                    break;
                }
            }
            let all = match choice.by {
                By::World => &mut world,
                By::Silence => &mut silence,
                By::Offered | By::Keys => {
                    options.push(choice);
                    continue;
                }
            };
            all.pause = all.pause.max(choice.pause);
            all.to.extend(choice.to);
        }
        options.extend([silence, world].into_iter().filter(|choice| !choice.to.is_empty()));
        self.calls.moments[id].options = options;
    }
}

fn by(line: &Line, event: &Event) -> By {
    match event {
        Event::Silence | Event::Meanwhile(_) => By::Silence,
        Event::Keys(keys) if line.offers(keys) => By::Offered,
        Event::Keys(_) => By::Keys,
        Event::World(_) | Event::Closing => By::World,
    }
}

fn moment(line: &Line) -> Moment {
    let seen = &line.seen;
    let hears = line.hears.as_ref().map(|heard| u32::try_from(heard.length.as_millis()).unwrap_or(u32::MAX));
    let sky = Sky { phone: !seen.owed, desk: true, luck: true };
    Moment {
        entries: seen.entered.clone(),
        hears,
        deaf: hears.is_some() && line.is_deaf(sky),
        asks: hears.is_none() && line.awaited == Awaited::Answer,
        agent: matches!(line.awaited, Awaited::Place | Awaited::Agent | Awaited::Outside),
        sought: seen.sought,
        served: seen.served,
        owed: seen.owed,
        told: seen.hours && seen.contact,
        over: seen.over,
        trouble: seen.trouble,
        ahead: seen.ahead,
        options: Vec::new(),
    }
}

/// More moments than this say no more of the prover than fewer, and take long.
const MOST_MOMENTS: usize = 600;
