//! What a service that is restarted remembers of its callers' waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::MONDAY;
use crate::base::{AgentName, CallId, Instant, Now, WallTime};
use crate::call::past::{Lessons, PastCall};
use crate::call::{By, CallEvent, Ending, Happened, Recorder};
use crate::engine::{Note, Place};
use crate::flow::QueueRules;
use crate::queue::wait::Forecast;
use crate::queue::{Board, Input, Join, Left, Output};

/// One agent and the callers, as the hub and the calls see them.
struct Floor {
    board: Board,
    forecast: Forecast,
    seconds: u64,
    calls: BTreeMap<u64, Recorder>,
    records: Vec<PastCall>,
}

impl Floor {
    fn new() -> Self {
        let rules = QueueRules::new("s/agents".into(), vec![AgentName::from("amina").into()]);
        let board = Board::new(vec![Arc::new(rules)]);
        let (calls, records) = (BTreeMap::new(), Vec::new());
        let mut floor = Self { board, forecast: Forecast::new(), seconds: 0, calls, records };
        floor.tell(Input::AgentUp { agent: "amina".into() });
        floor
    }

    fn now(&self) -> Now {
        let since = Duration::from_secs(self.seconds);
        Now { mono: Instant::from_start(since), wall: WallTime::from_millis(MONDAY) + since }
    }

    fn tell(&mut self, input: Input) {
        let now = self.now().mono;
        self.forecast.told(now, &input);
        self.board.handle(now, input);
        while let Some(output) = self.board.poll() {
            self.forecast.said(now, &output);
            if let Output::Offer { who: crate::queue::Waiting::Caller(CallId(call)), agent, .. } = output {
                self.happens(call, Happened::Ringing { agent });
            }
        }
    }

    fn happens(&mut self, call: u64, what: Happened) {
        let event = CallEvent { call: CallId(call), at: self.now(), what };
        self.calls.entry(call).or_insert_with(|| Recorder::new(CallId(call), event.at)).push(&event);
    }

    fn pass(&mut self, seconds: u64) {
        self.seconds += seconds;
        self.tell(Input::Tick);
    }

    fn join(&mut self, call: u64) {
        self.happens(call, Happened::Flow(Note::AskedAgent { open: true }));
        self.happens(call, Happened::Joined { queue: "s/agents".into(), rank: 1 });
        self.tell(Input::Join(Join::new(CallId(call), "s/agents".into())));
    }

    fn answer(&mut self, call: u64) {
        self.tell(Input::Answered { who: CallId(call).into(), agent: "amina".into() });
        self.happens(call, Happened::Connected { agent: "amina".into() });
    }

    fn end(&mut self, call: u64) {
        let ending = Ending { by: By::Caller, why: "hangup" };
        self.happens(call, Happened::Ended(ending));
        let record = self.calls.remove(&call).unwrap().record(self.now(), ending, None);
        self.records.push(serde_json::from_value(serde_json::to_value(record).unwrap()).unwrap());
    }

    /// A caller is served while the next waits, and another gives up.
    fn serve(&mut self, call: u64) {
        self.pass(4);
        self.answer(call);
        self.pass(60);
        self.join(call + 1);
        let impatient = 1000 + call;
        self.join(impatient);
        self.pass(20 + call % 4 * 30);
        self.tell(Input::Leave { who: CallId(impatient).into(), why: Left::Ended });
        self.end(impatient);
        self.pass(60 + call % 5 * 50);
        self.tell(Input::TalkEnded { who: CallId(call).into(), agent: "amina".into() });
        self.happens(call, Happened::TalkEnded { agent: "amina".into(), by: By::Caller });
        self.end(call);
        self.pass(20);
        self.tell(Input::Ready { agent: "amina".into() });
    }
}

fn seconds(place: &Place) -> [f64; 3] {
    let wait = place.wait.unwrap();
    [wait.expected, wait.low, wait.high].map(|wait| wait.as_secs_f64())
}

#[test]
fn a_restarted_service_expects_nearly_the_same_waits() {
    let mut floor = Floor::new();
    floor.join(1);
    (1..=60).for_each(|call| floor.serve(call));
    floor.pass(4);
    floor.answer(61);
    floor.pass(90);
    (62..=66).for_each(|call| floor.join(call));

    let mut lessons = Lessons::default();
    floor.records.iter().for_each(|call| lessons.push(call));
    let mut restarted = Forecast::new();
    lessons.in_order().iter().for_each(|(queue, recalled)| restarted.recall(queue, recalled));

    let mut cold = Forecast::new();
    for (rank, call) in (62..=66).enumerate() {
        let (now, who) = (floor.now().mono, CallId(call).into());
        let before = floor.forecast.place(now, &floor.board, who, rank + 1);
        let after = restarted.place(now, &floor.board, who, rank + 1);
        for (before, after) in seconds(&before).iter().zip(seconds(&after)) {
            assert!((after / before - 1.0).abs() < 0.1, "rank {}: {before} s before, {after} s after", rank + 1);
        }
        assert_eq!(cold.place(now, &floor.board, who, rank + 1).wait, None, "nothing is remembered without records");
    }
}

#[test]
fn broken_promises_are_remembered() {
    let spread = |waited: i64| {
        let mut floor = Floor::new();
        floor.join(1);
        (1..=20).for_each(|call| floor.serve(call));
        floor.join(40);
        let mut lessons = Lessons::default();
        floor.records.iter().for_each(|call| lessons.push(call));
        for at in 0..40 {
            let told = serde_json::json!({ "under": 5 });
            let call = super::Made::answered(at * 300, waited, 60, "bruno").told(told, [30, 100, 200]);
            lessons.push(&call.call());
        }
        let mut forecast = Forecast::new();
        lessons.in_order().iter().for_each(|(queue, recalled)| forecast.recall(queue, recalled));
        let place = forecast.place(floor.now().mono, &floor.board, CallId(40).into(), 2);
        let [expected, _, high] = seconds(&place);
        (high - expected) / expected
    };
    assert!(spread(400) > 1.5 * spread(100), "{} and {}", spread(400), spread(100));
}
