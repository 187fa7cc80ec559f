//! The record that each attempt to call a citizen leaves.

use std::sync::Arc;

use super::{Recall, Timer};
use crate::base::Now;
use crate::call::machine::FIGURES_WITHIN;
use crate::call::record::OtherMedia;
use crate::call::{By, CalledBack, Ending, Input, Output, RecallEvent, RecallStage, Record};
use crate::callback::Outcome;
use crate::media::{self, LegStats};

/// When the citizen's call came how far, and how it ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    /// The present moment.
    pub(super) now: Now,
    /// Who hung up.
    pub(super) by: By,
    dialled: Option<Now>,
    answered: Option<Now>,
    bridged: Option<Now>,
    outcome: Option<Outcome>,
}

impl Marks {
    pub(super) fn new(now: Now) -> Self {
        Self { now, by: By::Us, dialled: None, answered: None, bridged: None, outcome: None }
    }

    /// It has come further.
    pub(super) fn moved(&mut self, event: RecallEvent) {
        match event {
            RecallEvent::Dial => self.dialled = Some(self.now),
            RecallEvent::CitizenAnswered | RecallEvent::Greeted => self.answered = Some(self.now),
            RecallEvent::Bridge => self.bridged = Some(self.now),
            RecallEvent::AgentAnswered
            | RecallEvent::Accepted
            | RecallEvent::AgentTook
            | RecallEvent::AgentLost
            | RecallEvent::Ended => {}
        }
    }

    /// What came of it; who talked has talked, however it ended.
    pub(super) fn ends(&mut self, stage: RecallStage, why: Outcome) {
        let talked = stage == RecallStage::Talking && why != Outcome::Machine;
        self.outcome = Some(if talked { Outcome::Talked } else { why });
    }
}

/// What the media plane tells of the legs once they are closed.
#[derive(Debug, Default)]
pub(super) struct Figures {
    citizen: Option<Box<LegStats>>,
    agent: Option<Box<LegStats>>,
}

impl Recall {
    /// A citizen who was dialled leaves a record once the figures have come; else this is the end.
    pub(super) fn await_figures(&mut self) {
        if self.marks.dialled.is_some() && self.marks.outcome.is_some() {
            self.timers.set(Timer::Figures, self.marks.now.mono + FIGURES_WITHIN);
        } else {
            self.outputs.push_back(Output::Over);
        }
    }

    /// After the end: the figures of the legs, or no more of them.
    pub(super) fn on_figures(&mut self, now: Now, input: Input) {
        let is_late = match input {
            Input::Media(media::Event::Closed { leg, stats }) if leg == self.citizen_leg() => {
                self.figures.citizen = Some(Box::new(stats));
                false
            }
            Input::Media(media::Event::Closed { leg, stats }) if leg == self.agent_leg() => {
                self.figures.agent = Some(Box::new(stats));
                false
            }
            Input::Tick => self.timers.pop(now.mono).is_some(),
            _ => return,
        };
        let is_whole = self.figures.citizen.is_some() && (self.figures.agent.is_some() || self.marks.bridged.is_none());
        let Some(dialled) = self.marks.dialled.take_if(|_| is_whole || is_late) else { return };
        if let Some(outcome) = self.marks.outcome {
            self.timers.clear();
            self.outputs.push_back(Output::Ended(Box::new(self.record(dialled, outcome))));
        }
    }

    fn record(&self, dialled: Now, outcome: Outcome) -> Record {
        let (ticket, marks) = (&self.order.ticket, &self.marks);
        let service = ticket.queue.as_str().split('/').next().unwrap_or_default();
        let presented = self.order.service.user.as_ref().map(|user| user.reveal().clone());
        let since = |from: Option<Now>| from.map(|from| millis(from, marks.now));
        let rang = millis(dialled, marks.answered.unwrap_or(marks.now));
        Record {
            call: self.id,
            sip_call_id: self.order.dialog.call_id.clone(),
            service: Arc::from(service),
            flow: Arc::from(""),
            to: presented.unwrap_or_default(),
            from: Some(ticket.number.clone()),
            started: dialled.wall,
            answered: marks.answered.map(|at| at.wall),
            ended: marks.now.wall,
            language: Some(ticket.language),
            asked_agent: None,
            asked_in_hours: false,
            queue: Some(ticket.queue.clone()),
            rank: None,
            told_ranks: Vec::new(),
            told_waits: Vec::new(),
            agent: Some(self.order.agent.clone()),
            connected: marks.bridged.map(|at| at.wall),
            wait_ms: None,
            talk_ms: since(marks.bridged),
            survey: Vec::new(),
            ending: Ending { by: marks.by, why: outcome.word() },
            diverted: None,
            reason: None,
            media: self.figures.citizen.clone(),
            others: self.talked_to(),
            steps: Vec::new(),
            callback: Some(Box::new(CalledBack {
                ticket: ticket.id,
                attempt: self.nth(),
                source: ticket.source,
                rang_ms: rang,
                waited_ms: u64::try_from(dialled.wall.millis() - ticket.asked.millis()).unwrap_or(0),
            })),
        }
    }
}

impl Recall {
    /// The agent's media, where the two have talked.
    fn talked_to(&self) -> Box<[OtherMedia]> {
        let media = self.figures.agent.as_deref().cloned();
        let agent = Some(self.order.agent.clone());
        let talked = self.marks.bridged.map(|_| OtherMedia { leg: self.agent_leg(), agent, media });
        talked.into_iter().collect()
    }
}

fn millis(from: Now, to: Now) -> u64 {
    u64::try_from(to.mono.since(from.mono).as_millis()).unwrap_or(u64::MAX)
}
