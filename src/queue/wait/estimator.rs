use std::collections::BTreeMap;
use std::time::Duration;

use super::calibration::{Calibration, MISSED, Range};
use super::floor::{Doing, Floor, Who};
use super::lengths::{Lengths, Prior};
use super::outlook::{Outlook, PauseLaws, QueueLaws};
use super::patience::{Patience, WaitEnd};
use super::score::{Outcome, Promise};
use super::spoken::Spoken;
use crate::base::{CallId, Instant};

/// Expected waits for queues that share agents, learned from what happens in them.
///
/// [`Estimator::learn`] takes each length as it ends; [`Estimator::look`] takes the floor as
/// it is, every few seconds while somebody is to be told; [`Estimator::tell`] says what one
/// caller may be told. What was told is kept until the caller is answered or leaves, and
/// corrects the next ranges.
#[derive(Clone, Debug)]
pub struct Estimator {
    queues: Vec<Learner>,
    pauses: Lengths,
    /// Pauses begun, and calls handled, each with the prior.
    paused: f64,
    handled: f64,
    outlook: Option<Outlook>,
    at_work: Vec<usize>,
    told: BTreeMap<CallId, Told>,
}

#[derive(Clone, Debug)]
struct Learner {
    talks: Lengths,
    rings: Lengths,
    wrap_ups: Lengths,
    patience: Patience,
    calibration: Calibration,
}

/// Something that has ended and can be learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// A talk.
    Talk(Duration),
    /// From the first ring at an agent's to the answer.
    Ring(Duration),
    /// From the end of a talk until the agent was free again.
    WrapUp(Duration),
    /// A wait in the line, however it ended.
    Wait(Duration, WaitEnd),
}

/// A wait as it is expected from the moment of asking on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The mean.
    pub expected: Duration,
    /// One wait in ten is shorter.
    pub low: Duration,
    /// One wait in ten is longer.
    pub high: Duration,
}

/// What a caller may be told of the wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Telling {
    /// This.
    Wait(Promise),
    /// This, which is longer than what was told before, because there are fewer agents
    /// now: the reason is to be told with it.
    FewerAgents(Promise),
    /// Nothing: the data is too thin, nobody is at work, or the wait has become longer
    /// than was told and no reason is known. The rank is the truth that is left.
    Nothing,
}

#[derive(Clone, Debug)]
struct Told {
    queue: usize,
    at_work: usize,
    last: Promise,
    /// Everything told so far with the range it came from, as (since when, what).
    promises: Vec<(Instant, Promise, Range)>,
}

impl Estimator {
    /// An estimator for so many queues, with nothing learned.
    pub fn new(queues: usize) -> Self {
        let learner = || Learner {
            talks: Lengths::new(TALK),
            rings: Lengths::new(RING),
            wrap_ups: Lengths::new(WRAP_UP),
            patience: Patience::default(),
            calibration: Calibration::default(),
        };
        Self {
            queues: (0..queues).map(|_| learner()).collect(),
            pauses: Lengths::new(PAUSE),
            paused: PAUSES,
            handled: CALLS,
            outlook: None,
            at_work: vec![0; queues],
            told: BTreeMap::new(),
        }
    }

    /// Takes something that has ended in a queue. O(1).
    pub fn learn(&mut self, queue: usize, lesson: Lesson) {
        let Some(learner) = self.queues.get_mut(queue) else { return };
        match lesson {
            Lesson::Talk(length) => {
                learner.talks.learn(length.as_secs_f64());
                self.handled = self.handled * PAUSE_KEEP + 1.0;
                self.paused *= PAUSE_KEEP;
            }
            Lesson::Ring(length) => learner.rings.learn(length.as_secs_f64()),
            Lesson::WrapUp(length) => learner.wrap_ups.learn(length.as_secs_f64()),
            Lesson::Wait(length, end) => learner.patience.learn(length.as_secs_f64(), end),
        }
    }

    /// An agent has gone on a pause.
    pub fn learn_pause_begun(&mut self) {
        self.paused += 1.0;
    }

    /// An agent has come back from a pause of this length.
    pub fn learn_pause(&mut self, length: Duration) {
        self.pauses.learn(length.as_secs_f64());
    }

    /// Looks at the floor and draws what may come. Linear in agents and callers for small
    /// crowds and about two milliseconds for large ones, up to 3 000 in all.
    pub fn look(&mut self, now: Instant, floor: &Floor) {
        let mut laws = Vec::with_capacity(self.queues.len());
        for (queue, learner) in self.queues.iter_mut().enumerate() {
            let talking = floor.servers.iter().filter_map(|server| match server.doing {
                Doing::Talking { queue: of, since } if of == queue => Some(now.since(since).as_secs_f64()),
                Doing::Talking { .. }
                | Doing::Ringing { .. }
                | Doing::Free
                | Doing::Until(_)
                | Doing::Paused { .. } => None,
            });
            let line = floor.lines.get(queue).map_or(&[][..], Vec::as_slice);
            let waiting = line.iter().filter(|w| w.who == Who::Caller);
            laws.push(QueueLaws {
                talk: learner.talks.know(talking),
                ring: learner.rings.know(std::iter::empty()).law,
                wrap_up: learner.wrap_ups.mean(),
                hazards: learner.patience.know(waiting.map(|w| now.since(w.since).as_secs_f64())),
            });
        }
        let away = floor.servers.iter().filter_map(|server| match server.doing {
            Doing::Paused { since, .. } => Some(now.since(since).as_secs_f64()),
            Doing::Free | Doing::Ringing { .. } | Doing::Talking { .. } | Doing::Until(_) => None,
        });
        let pauses = PauseLaws { length: self.pauses.know(away), share: self.paused / self.handled };
        self.at_work = (0..self.queues.len()).map(|queue| floor.at_work(queue)).collect();
        if std::env::var("DBG").is_ok() { eprintln!("{:.0} mean {:.1} sg {:.3} err {:.4} ev {:.0} ring {:.2} wrap {:.2} pause {:.4}x{:.0} haz {:.4?}", now.since_start().as_secs_f64(), laws[0].talk.law.mean(), laws[0].talk.law.sigma, laws[0].talk.error, laws[0].talk.evidence, laws[0].ring.mean(), laws[0].wrap_up, pauses.share, pauses.length.law.mean(), [10.0,30.0,60.0,120.0,240.0,480.0,960.0].map(|t| laws[0].hazards.sum_to(t))); }
        self.outlook = Some(Outlook::draw(now, floor, &laws, &pauses));
    }

    /// When the floor was looked at last.
    pub fn looked(&self) -> Option<Instant> {
        self.outlook.as_ref().map(|outlook| outlook.drawn)
    }

    /// The wait from now on of the rank (from 1, not counting who is rung for) of a queue;
    /// none while too little is known, or when nobody is at work. Microseconds.
    pub fn estimate(&self, now: Instant, queue: usize, rank: usize) -> Option<Estimate> {
        let Range { low, mean, high, .. } = self.range(now, queue, rank)?;
        let seconds = Duration::from_secs_f64;
        Some(Estimate { expected: seconds(mean), low: seconds(low), high: seconds(high) })
    }

    /// What a caller of this rank may be told now; it is kept as told.
    pub fn tell(&mut self, now: Instant, call: CallId, queue: usize, rank: usize) -> Telling {
        let Some(range) = self.range(now, queue, rank) else { return Telling::Nothing };
        let [expected, low, high] = [range.mean, range.low, range.high].map(Duration::from_secs_f64);
        let promise = Promise { spoken: Spoken::covering(low, high), rank, expected, low, high };
        let at_work = self.at_work[queue];
        let Some(told) = self.told.get_mut(&call) else {
            let promises = vec![(now, promise, range)];
            self.told.insert(call, Told { queue, at_work, last: promise, promises });
            return Telling::Wait(promise);
        };
        let longer = promise.spoken.is_longer_than(told.last.spoken);
        if longer && at_work >= told.at_work {
            return Telling::Nothing;
        }
        (told.at_work, told.last) = (at_work, promise);
        if told.promises.len() < PROMISES {
            told.promises.push((now, promise, range));
        }
        if longer { Telling::FewerAgents(promise) } else { Telling::Wait(promise) }
    }

    /// The caller's wait has ended: what became of everything told. The first promise
    /// corrects the next ranges.
    pub fn ended(&mut self, now: Instant, call: CallId, end: WaitEnd) -> Vec<Outcome> {
        let Some(told) = self.told.remove(&call) else { return Vec::new() };
        if let (Some((since, _, range)), Some(learner)) = (told.promises.first(), self.queues.get_mut(told.queue)) {
            learner.calibration.learn(*range, now.since(*since).as_secs_f64(), end);
        }
        let outcome = |(since, promise, _): &(Instant, Promise, Range)| Outcome {
            promise: *promise,
            waited: now.since(*since),
            end,
        };
        told.promises.iter().map(outcome).collect()
    }

    fn range(&self, now: Instant, queue: usize, rank: usize) -> Option<Range> {
        let learner = self.queues.get(queue)?;
        if learner.talks.evidence() < THIN || self.at_work[queue] == 0 {
            return None;
        }
        let waits = self.outlook.as_ref()?.waits(now, queue, rank);
        let mean = waits.iter().sum::<f64>() / waits.len().max(1) as f64;
        let drawn = Range {
            low: quantile(&waits, MISSED),
            median: quantile(&waits, 0.5),
            mean,
            high: quantile(&waits, 1.0 - MISSED),
        };
        Some(learner.calibration.stretch(drawn))
    }
}

/// The quantile of sorted values, the k-th of n standing for the share k/(n + 1)
/// (Weibull's plotting position).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = (share * (sorted.len() + 1) as f64 - 1.0).clamp(0.0, last as f64);
    let (below, part) = (at.floor(), at.fract());
    let low = sorted[below as usize];
    low + part * (sorted[(below as usize + 1).min(last)] - low)
}

/// A belief of one talk: it is soon outweighed.
const TALK: Prior = Prior { mean: 300.0, sigma: 0.8, weight: 1.0, half_life: 1000.0 };
const RING: Prior = Prior { mean: 5.0, sigma: 0.5, weight: 3.0, half_life: 200.0 };
const WRAP_UP: Prior = Prior { mean: 20.0, sigma: 0.5, weight: 1.0, half_life: 200.0 };
const PAUSE: Prior = Prior { mean: 600.0, sigma: 0.8, weight: 3.0, half_life: 200.0 };
/// The prior: one pause in a hundred calls, as weak as a tenth of a pause.
const PAUSES: f64 = 0.1;
const CALLS: f64 = 10.0;
/// A call or a pause counts half after 700 calls.
const PAUSE_KEEP: f64 = 0.999;
/// With fewer talks than this nothing is said: the mean of ten is known to a third.
const THIN: f64 = 10.0;
/// Promises kept of one caller: an hour and more of telling every 30 s.
const PROMISES: usize = 128;
