use std::sync::Arc;
use std::time::Duration;

use super::io::{Action, Keys, MusicFrom, Note, Sound};
use super::machine::{Machine, Next, State, Timer};
use crate::base::{Digit, Instant, Now, Private};
use crate::flow::{Lookup, Method, StepId, StepKind, Value, ValueSource};

/// What a flow wants looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookUpOrder {
    /// Which of the call's look-ups this is; comes back in [`LookUpNews`].
    pub order: u32,
    /// The step that asks, for logs.
    pub step: Arc<str>,
    /// How the server is asked.
    pub method: Method,
    /// The address, with what the caller has typed in it.
    pub url: Private<String>,
    /// The JSON that is sent.
    pub body: Option<Private<String>>,
    /// The longest that it may take, every try included.
    pub within: Duration,
    /// How often it is tried again.
    pub retries: u32,
}

/// What became of a look-up.
#[derive(Clone, Debug, PartialEq)]
pub enum LookUpNews {
    /// The server has answered.
    Answered {
        /// To which order.
        order: u32,
        /// What.
        json: Private<serde_json::Value>,
    },
    /// There is no answer.
    Failed {
        /// To which order.
        order: u32,
        /// Why: one word, for the record and the log.
        why: &'static str,
    },
}

/// A server is asked; the caller hears so, then music.
#[derive(Clone, Debug)]
pub(super) struct LookingUp {
    /// Which of the call's look-ups this is: news of another one come too late.
    order: u32,
    /// When it is given up.
    until: Instant,
    /// Whether the sentence is being said.
    speaks: bool,
    /// Where it goes on, once the sentence has been heard.
    then: Option<StepId>,
}

#[cfg(test)]
impl LookingUp {
    /// The same for two look-ups that go on in the same way; deadlines are left out.
    pub(super) fn fingerprint(&self) -> String {
        format!("{} {:?}", self.speaks, self.then)
    }
}

impl Machine {
    /// Asks a server. Whatever becomes of it, the flow goes on within the time that the step says.
    pub(super) fn enter_lookup(&mut self, now: Now, lookup: &Lookup) -> Next {
        let Some(url) = lookup.url.filled(|id| self.values.get(id).cloned()) else {
            self.note_looked_up("no-value");
            return Next::Go(lookup.failed);
        };
        self.lookups += 1;
        let until = now.mono + lookup.within + GRACE;
        self.state =
            State::LookingUp(LookingUp { order: self.lookups, until, speaks: lookup.say.is_some(), then: None });
        self.out.push(Action::LookUp(Box::new(LookUpOrder {
            order: self.lookups,
            step: Arc::clone(&self.program.step(self.step).name),
            method: lookup.method,
            url: Private::new(url),
            body: (lookup.method == Method::Post).then(|| Private::new(self.sent(lookup).to_string())),
            within: lookup.within,
            retries: lookup.retries,
        })));
        match &lookup.say {
            Some(text) => {
                let phrase = self.words(text);
                self.out.play(Sound::Phrase(phrase), Keys::Ignore);
                self.timers.set(Timer::LookUp, until);
            }
            None => self.timers.set(Timer::LookUp, until.min(now.mono + SILENCE)),
        }
        Next::Stay
    }

    /// What is sent: a variable without a value is `null`.
    fn sent(&self, lookup: &Lookup) -> serde_json::Value {
        let value = |source: &ValueSource| match source {
            ValueSource::Written(value) => value.to_json(),
            ValueSource::Nothing => serde_json::Value::Null,
            ValueSource::Variable(id) => self.values.get(*id).map_or(serde_json::Value::Null, Value::to_json),
        };
        lookup.send.iter().map(|(key, source)| (key.to_string(), value(source))).collect()
    }

    /// The sentence has been heard: on, or music until there is an answer.
    pub(super) fn lookup_heard(&mut self) -> Next {
        let State::LookingUp(looking) = &mut self.state else { return Next::Stay };
        looking.speaks = false;
        match looking.then {
            Some(step) => Next::Go(step),
            None => {
                self.music_meanwhile();
                Next::Stay
            }
        }
    }

    pub(super) fn lookup_key(&mut self, digit: Digit) -> Next {
        match digit {
            Digit::ZERO | Digit::STAR => self.global_key(digit).unwrap_or(Next::Stay),
            // Saying it again would ask the server again.
            Digit::HASH => Next::Stay,
            _ => {
                self.keep_ahead(digit);
                Next::Stay
            }
        }
    }

    /// Nothing was said and the answer takes its time, or the time is over.
    pub(super) fn lookup_waits(&mut self, now: Now) -> Next {
        let State::LookingUp(looking) = &self.state else { return Next::Stay };
        let until = looking.until;
        if now.mono < until {
            self.timers.set(Timer::LookUp, until);
            self.music_meanwhile();
            return Next::Stay;
        }
        self.lookup_done(None, "time-out")
    }

    pub(super) fn lookup_news(&mut self, news: LookUpNews) -> Next {
        match (&self.state, &news) {
            (State::LookingUp(looking), LookUpNews::Answered { order, .. } | LookUpNews::Failed { order, .. })
                if looking.order == *order && looking.then.is_none() => {}
            _ => return Next::Stay,
        }
        let json = match news {
            LookUpNews::Answered { json, .. } => json,
            LookUpNews::Failed { why, .. } => return self.lookup_done(None, why),
        };
        let program = Arc::clone(&self.program);
        let StepKind::Lookup(lookup) = &program.step(self.step).kind else { return Next::Stay };
        let taken = lookup.taken(json.reveal(), |id| program.variables[id.0 as usize].kind);
        let why = if taken.is_some() { "answered" } else { "not-as-declared" };
        self.lookup_done(taken, why)
    }

    /// It goes on: with what was found, or without; a sentence that is being said is heard out.
    fn lookup_done(&mut self, taken: Option<Vec<Value>>, outcome: &'static str) -> Next {
        let program = Arc::clone(&self.program);
        let StepKind::Lookup(lookup) = &program.step(self.step).kind else { return Next::Stay };
        // What is known is not undone by the step's time running out while a sentence is heard.
        self.timers.stop(Timer::LookUp);
        self.note_looked_up(outcome);
        let to = if taken.is_some() { lookup.then } else { lookup.failed };
        for (take, value) in lookup.take.iter().zip(taken.into_iter().flatten()) {
            let name = Self::variable_name(&program, take.to);
            self.out.note(Note::Valued { name, value: Private::new(value.to_string()) });
            self.values.set(take.to, Some(value));
        }
        match &mut self.state {
            State::LookingUp(looking) if looking.speaks => {
                looking.then = Some(to);
                Next::Stay
            }
            _ => Next::Go(to),
        }
    }

    pub(super) fn music_meanwhile(&mut self) {
        if let Some(rules) = self.program.queues.first() {
            let (name, from) = (Arc::clone(&rules.music), MusicFrom::Start);
            self.out.play(Sound::Music { name, from }, Keys::Ignore);
        }
    }

    fn note_looked_up(&mut self, outcome: &'static str) {
        let name = Arc::clone(&self.program.step(self.step).name);
        self.out.note(Note::LookedUp { name, outcome });
    }
}

/// So much later than the time of the step the engine gives up by itself: the shell keeps the time.
const GRACE: Duration = Duration::from_millis(500);
/// A pause in which nobody wonders whether the line is dead.
const SILENCE: Duration = Duration::from_secs(1);
