//! The record that each attempt to call a citizen leaves.

use std::sync::Arc;

use super::Recall;
use crate::base::Now;
use crate::call::{By, CalledBack, Ending, Output, RecallEvent, RecallStage, Record};
use crate::callback::Outcome;

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

impl Recall {
    /// The last output: the record of a citizen who was dialled, else nothing but the end.
    pub(super) fn last_word(&self) -> Output {
        match (self.marks.dialled, self.marks.outcome) {
            (Some(dialled), Some(outcome)) => Output::Ended(Box::new(self.record(dialled, outcome))),
            _ => Output::Over,
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
            media: None,
            others: Box::default(),
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

fn millis(from: Now, to: Now) -> u64 {
    u64::try_from(to.mono.since(from.mono).as_millis()).unwrap_or(u64::MAX)
}
