use std::sync::Arc;
use std::time::Duration;

use super::heard;
use super::{Kind, Mismatch, Rehearsal};
use crate::base::{AgentName, Digit, limits};
use crate::call::By;
use crate::engine::{Note, QueueNews, TransferNews};
use crate::flow::{ANY_AGENT, End, Said, Trial, Turn};
use crate::sim::script::REACTION;
use crate::sim::{Line, Simulation, What};

/// The call of a test under way.
pub(super) struct Run<'a> {
    simulation: Simulation<'a>,
    /// Every sentence that was heard.
    heard: Vec<String>,
    /// Lines of the call that are among [`Self::heard`].
    listened: usize,
    /// Sentences before this are accounted for.
    next: usize,
    /// Sentences since the caller acted last begin here.
    since: usize,
    /// Steps in lines before this are accounted for.
    step: usize,
    /// Agents in lines before this are accounted for.
    agent: usize,
    /// Whether a key is pressed without waiting to be asked.
    pace: Pace,
    /// Lines that had happened when the last line of the test was found right.
    right: usize,
    /// What must not be heard until the caller acts.
    unwanted: Vec<(Arc<str>, Turn)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    WhenAsked,
    AtOnce,
}

impl<'a> Run<'a> {
    pub(super) fn new(simulation: Simulation<'a>) -> Self {
        Self {
            simulation,
            heard: Vec::new(),
            listened: 0,
            next: 0,
            since: 0,
            step: 0,
            agent: 0,
            pace: Pace::WhenAsked,
            right: 0,
            unwanted: Vec::new(),
        }
    }

    pub(super) fn rehearse(mut self, trial: &Trial) -> Rehearsal {
        let mismatch = self.call(trial).err();
        let taken = self.simulation.taken().clone();
        Rehearsal { lines: self.simulation.lines().to_vec(), right: self.right, taken, mismatch }
    }

    fn call(&mut self, trial: &Trial) -> Result<(), Mismatch> {
        for turn in &trial.call {
            self.right = self.simulation.lines().len();
            let pace = std::mem::replace(&mut self.pace, Pace::WhenAsked);
            self.turn(turn, pace)?;
        }
        if !self.unwanted.is_empty() || trial.keys_to_agent.is_some() || trial.time_to_agent.is_some() {
            while self.goes_on() {}
        }
        self.keep_quiet()?;
        self.bounds(trial)
    }

    fn turn(&mut self, turn: &Turn, pace: Pace) -> Result<(), Mismatch> {
        match &turn.what {
            Said::Hears(text) => self.hears(text).map_err(|kind| Mismatch::at(turn, kind)),
            Said::WaitsFor(text) => self.waits_for(text).map_err(|kind| Mismatch::at(turn, kind)),
            Said::HearsNot(text) => {
                self.unwanted.push((Arc::clone(text), turn.clone()));
                Ok(())
            }
            Said::Presses(keys) => keys.iter().try_for_each(|key| self.presses(turn, *key, pace)),
            Said::PressesNothing => self.presses_nothing(),
            Said::Waits(time) => {
                self.simulation.advance_by(*time);
                self.pace = Pace::AtOnce;
                Ok(())
            }
            Said::ComesTo(step) => self.comes_to(step).map_err(|kind| Mismatch::at(turn, kind)),
            Said::Reaches(agent) => self.reaches(agent.as_ref()).map_err(|kind| Mismatch::at(turn, kind)),
            Said::HangsUp => {
                self.keep_quiet()?;
                self.simulation.hang_up();
                Ok(())
            }
            Said::Ends(end) => self.ends(*end).map_err(|kind| Mismatch::at(turn, kind)),
        }
    }

    fn hears(&mut self, text: &Arc<str>) -> Result<(), Kind> {
        self.listens_for(text, Self::goes_on)
    }

    /// The caller does nothing more, whatever is asked, until this is heard.
    fn waits_for(&mut self, text: &Arc<str>) -> Result<(), Kind> {
        self.listens_for(text, Self::advance)
    }

    fn listens_for(&mut self, text: &Arc<str>, goes_on: fn(&mut Self) -> bool) -> Result<(), Kind> {
        loop {
            self.listen();
            if let Some(next) = heard::find(&self.heard, self.next, text) {
                self.next = next;
                return Ok(());
            }
            if !goes_on(self) {
                let heard = self.heard[self.next..].to_vec();
                return Err(Kind::NotHeard {
                    expected: Arc::clone(text),
                    nearest: heard::nearest(&heard, text),
                    heard,
                });
            }
        }
    }

    fn presses(&mut self, turn: &Turn, key: Digit, pace: Pace) -> Result<(), Mismatch> {
        if pace == Pace::WhenAsked {
            self.simulation.run_until_idle();
            self.simulation.advance_by(REACTION);
        }
        self.keep_quiet()?;
        if self.simulation.ending().is_some() {
            return Err(Mismatch::at(turn, Kind::Over));
        }
        self.acts();
        self.simulation.press(key);
        Ok(())
    }

    fn presses_nothing(&mut self) -> Result<(), Mismatch> {
        self.simulation.run_until_idle();
        self.keep_quiet()?;
        self.acts();
        let before = self.simulation.lines().len();
        while self.simulation.lines().len() == before && self.advance() {}
        Ok(())
    }

    fn comes_to(&mut self, step: &Arc<str>) -> Result<(), Kind> {
        let mut passed = Vec::new();
        loop {
            while let Some(line) = self.simulation.lines().get(self.step) {
                self.step += 1;
                match &line.what {
                    What::Note(Note::Step { name }) if name == step => return Ok(()),
                    What::Note(Note::Step { name }) => passed.push(Arc::clone(name)),
                    _ => {}
                }
            }
            if !self.goes_on() {
                return Err(Kind::NoStep { expected: Arc::clone(step), passed });
            }
        }
    }

    fn reaches(&mut self, agent: Option<&AgentName>) -> Result<(), Kind> {
        loop {
            while let Some(line) = self.simulation.lines().get(self.agent) {
                self.agent += 1;
                let Some(found) = answers(line) else { continue };
                return match agent {
                    Some(wanted) if found != wanted.as_str() => {
                        Err(Kind::NoAgent { expected: wanted.to_string(), found: Some(found.to_owned()) })
                    }
                    Some(_) | None => Ok(()),
                };
            }
            if !self.goes_on() {
                let expected = agent.map_or(ANY_AGENT, AgentName::as_str).to_owned();
                return Err(Kind::NoAgent { expected, found: None });
            }
        }
    }

    /// The caller does nothing more until it has come to this end, or the call is over.
    fn ends(&mut self, wanted: End) -> Result<(), Kind> {
        while !self.has_come_to(wanted) && self.advance() {}
        if self.has_come_to(wanted) {
            return Ok(());
        }
        let in_order = [End::Agent, End::Promise, End::Message, End::HangUp];
        let found = in_order.into_iter().find(|end| self.has_come_to(*end));
        Err(Kind::OtherEnd { expected: wanted, found: found.unwrap_or(End::Queue) })
    }

    fn has_come_to(&self, end: End) -> bool {
        let lines = self.simulation.lines();
        match end {
            End::Agent => lines.iter().any(|line| answers(line).is_some()),
            End::Promise => lines.iter().any(|line| line.what == What::Note(Note::Promised)),
            End::Message => lines.iter().any(|line| line.what == What::Note(Note::MessageKept)),
            End::HangUp => self.simulation.ending().is_some_and(|ending| ending.by != By::Caller),
            End::Queue => lines.iter().rev().find_map(|line| waits(&line.what)).unwrap_or(false),
        }
    }

    fn bounds(&self, trial: &Trial) -> Result<(), Mismatch> {
        let lines = self.simulation.lines();
        let asked = lines.iter().position(|line| matches!(line.what, What::Note(Note::AskedAgent { open: true })));
        let keys = asked.map(|at| lines[..at].iter().filter(|line| matches!(line.what, What::Key { .. })).count());
        let time = asked.map(|at| lines[at].at);
        if let Some(bound) = trial.keys_to_agent.as_ref().filter(|bound| keys.is_none_or(|keys| keys > bound.most)) {
            let kind = Kind::Keys { most: bound.most, needed: keys };
            return Err(Mismatch { span: bound.span.clone(), line: bound.span.clone(), kind });
        }
        if let Some(bound) = trial.time_to_agent.as_ref().filter(|bound| time.is_none_or(|time| time > bound.most)) {
            let kind = Kind::Time { most: bound.most, needed: time };
            return Err(Mismatch { span: bound.span.clone(), line: bound.span.clone(), kind });
        }
        Ok(())
    }

    /// Nothing was heard since the caller acted last that should not be.
    fn keep_quiet(&mut self) -> Result<(), Mismatch> {
        self.listen();
        for (text, turn) in std::mem::take(&mut self.unwanted) {
            if let Some(end) = heard::find(&self.heard, self.since, &text) {
                let heard = self.heard[end - 1].clone();
                return Err(Mismatch::at(&turn, Kind::Heard { unwanted: text, heard }));
            }
        }
        Ok(())
    }

    /// What was heard until now is no answer to what the caller does next.
    fn acts(&mut self) {
        self.listen();
        (self.next, self.since) = (self.heard.len(), self.heard.len());
        self.step = self.simulation.lines().len();
    }

    fn listen(&mut self) {
        for line in &self.simulation.lines()[self.listened..] {
            if line.what == What::Says {
                self.heard.extend(heard::sentences(&line.text));
            }
        }
        self.listened = self.simulation.lines().len();
    }

    /// Lets the next thing happen, unless the flow waits for the caller.
    fn goes_on(&mut self) -> bool {
        !self.simulation.asks() && self.advance()
    }

    fn advance(&mut self) -> bool {
        let within = |at: Duration| at <= limits::CALL_DURATION;
        self.simulation.next_at().is_some_and(within) && self.simulation.advance_to_next()
    }
}

/// Who answers in this line.
fn answers(line: &Line) -> Option<&str> {
    match &line.what {
        What::Queue(QueueNews::Connected { agent }) => Some(agent.as_str()),
        What::Transfer(TransferNews::Connected) => Some(ANY_AGENT),
        _ => None,
    }
}

/// Whether the caller waits in a queue from this line on.
fn waits(what: &What) -> Option<bool> {
    match what {
        What::Queue(QueueNews::Joined { .. } | QueueNews::Place(_)) => Some(true),
        What::Queue(_) | What::Leaves | What::Ends(_) | What::Ticket { .. } => Some(false),
        What::Begins
        | What::Answered
        | What::Key { .. }
        | What::Says
        | What::Sounds
        | What::Note(_)
        | What::Transfer(_)
        | What::Rings => None,
    }
}
