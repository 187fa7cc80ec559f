//! Calls of the past, as the service would have kept them.

#![allow(dead_code, reason = "each set of tests asks for a part of it")]

use std::path::Path;
use std::time::Duration;

use svi::base::{CallId, Instant, Now, PhoneNumber, Private, WallTime};
use svi::call::{By, CallEvent, Ending, Happened, Record, Recorder};
use svi::engine::{ExpectedWait, Note};
use svi::speech::Wait;
use svi::store::Store;

/// Monday 23 November 2026, 9:00 in Paris.
pub(crate) const MONDAY: i64 = 1_795_420_800_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

/// A call to `france-services` that asks for an agent at once.
pub(crate) struct Past {
    recorder: Recorder,
    call: CallId,
    came: Now,
}

impl Past {
    /// It came at this moment, in milliseconds since 1970.
    pub(crate) fn came(call: u64, at: i64, from: Option<&str>) -> Self {
        let came = Now { mono: Instant::START, wall: WallTime::from_millis(at) };
        let call = CallId(call);
        let from = from.map(|number| Private::new(PhoneNumber::parse(number).unwrap()));
        let arrived = Happened::Arrived {
            flow: "accueil".into(),
            service: "france-services".into(),
            to: "100".to_owned(),
            from,
            sip_call_id: format!("{}@past", call.0),
        };
        let joined = Happened::Joined { queue: "france-services/agents".into(), rank: 1 };
        let asked = Happened::Flow(Note::AskedAgent { open: true });
        let past = Self { recorder: Recorder::new(call, came), call, came };
        past.then(0, arrived).then(0, Happened::Answered).then(0, asked).then(0, joined)
    }

    fn then(mut self, seconds: u64, what: Happened) -> Self {
        let at = self.came + Duration::from_secs(seconds);
        self.recorder.push(&CallEvent { call: self.call, at, what });
        self
    }

    /// The caller is told a wait at once.
    pub(crate) fn told(self, spoken: Wait, [low, expected, high]: [u64; 3]) -> Self {
        let [low, expected, high] = [low, expected, high].map(Duration::from_secs);
        let wait = ExpectedWait { spoken, expected, low, high, longer: None };
        self.then(0, Happened::Flow(Note::ToldWait { rank: 1, wait }))
    }

    /// An agent answers after so many seconds, and they talk.
    pub(crate) fn answered(self, wait: u64, talk: u64, agent: &str) -> Self {
        let agent = || agent.into();
        self.then(wait, Happened::Ringing { agent: agent() })
            .then(wait, Happened::Connected { agent: agent() })
            .then(wait + talk, Happened::TalkEnded { agent: agent(), by: By::Agent })
    }

    /// A mark, given after so many seconds.
    pub(crate) fn marked(self, seconds: u64, mark: u8) -> Self {
        self.then(seconds, Happened::Flow(Note::Mark { name: "avis".into(), mark }))
    }

    /// The caller hangs up.
    pub(crate) fn ended(self, seconds: u64) -> Record {
        let ending = Ending { by: By::Caller, why: "hangup" };
        let past = self.then(seconds, Happened::Ended(ending));
        past.recorder.record(past.came + Duration::from_secs(seconds), ending, None)
    }
}

/// Keeps calls in the database of a data folder.
pub(crate) fn keep(data: &Path, calls: &[Record]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(data).await.unwrap();
        store.save_all(calls).await.unwrap();
        store.close().await;
    });
}
