use std::collections::BTreeMap;
use std::time::Duration;

use super::calibration::{Calibration, MISSED, Range};
use super::lengths::{Known, Lengths, Prior};
use super::outlook::{Outlook, PauseLaws, QueueLaws};
use super::patience::{Patience, WaitEnd};
use super::score::{Outcome, Promise};
use crate::base::{Instant, QueueName};
use crate::queue::{AgentState, Standing, View, Waiting};
use crate::speech::Wait;

/// Expected waits, learned from what happens in the queues.
///
/// [`Estimator::learn`] takes each length as it ends; [`Estimator::look`] takes the board's
/// view, every few seconds while somebody is to be told; [`Estimator::tell`] says what one
/// caller may be told. What was told is kept until the caller is answered or leaves, and
/// corrects the next ranges.
#[derive(Clone, Debug)]
pub struct Estimator {
    queues: BTreeMap<QueueName, Learner>,
    pauses: Lengths,
    /// Pauses begun, and calls handled, each with the prior.
    paused: f64,
    handled: f64,
    /// One for each group of queues that share agents.
    outlooks: Vec<Outlook>,
    told: BTreeMap<Waiting, Told>,
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

/// What a caller may be told, as long as nothing has been.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// What is told.
    pub promise: Promise,
    /// It is longer than what was told before, because there are fewer agents now.
    pub is_longer: bool,
    queue: QueueName,
    at_work: usize,
    range: Range,
}

#[derive(Clone, Debug)]
struct Told {
    queue: QueueName,
    at_work: usize,
    last: Promise,
    /// The first range, which the calibration learns from.
    range: Range,
    /// Everything told so far, and when.
    promises: Vec<(Instant, Promise)>,
}

impl Default for Estimator {
    fn default() -> Self {
        Self {
            queues: BTreeMap::new(),
            pauses: Lengths::new(PAUSE),
            paused: PAUSES,
            handled: CALLS,
            outlooks: Vec::new(),
            told: BTreeMap::new(),
        }
    }
}

impl Default for Learner {
    fn default() -> Self {
        Self {
            talks: Lengths::new(TALK),
            rings: Lengths::new(RING),
            wrap_ups: Lengths::new(WRAP_UP),
            patience: Patience::default(),
            calibration: Calibration::default(),
        }
    }
}

impl Estimator {
    /// An estimator that has learned nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes something that has ended in a queue. O(log queues).
    pub fn learn(&mut self, queue: &QueueName, lesson: Lesson) {
        if !self.queues.contains_key(queue) {
            self.queues.insert(queue.clone(), Learner::default());
        }
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

    /// Looks at queues that share agents, and draws what may come. Linear in agents and
    /// callers, and about two milliseconds for up to 3 000 of both together.
    pub fn look(&mut self, now: Instant, view: &View) {
        let age = |since: Instant| now.since(since).as_secs_f64();
        let mut laws = Vec::with_capacity(view.lines.len());
        for line in &view.lines {
            let learner = self.queues.entry(line.queue.clone()).or_default();
            let talking = view
                .agents
                .iter()
                .filter(|agent| agent.state == AgentState::Talking && agent.serving.as_ref() == Some(&line.queue));
            let waiting = line.waiting.iter().filter(|w| matches!(w.who, Waiting::Caller(_)));
            laws.push(QueueLaws {
                talk: learner.talks.know(talking.map(|agent| age(agent.since))),
                ring: learner.rings.know(std::iter::empty()).law,
                wrap_up: learner.wrap_ups.mean(),
                hazards: learner.patience.know(waiting.map(|waiter| age(waiter.since))),
            });
        }
        let away = view.agents.iter().filter(|agent| agent.state == AgentState::Paused);
        let length: Known = self.pauses.know(away.map(|agent| age(agent.since)));
        let pauses = PauseLaws { length, share: self.paused / self.handled };
        self.outlooks.retain(|outlook| !outlook.is_about(view));
        self.outlooks.push(Outlook::draw(now, view, &laws, &pauses));
    }

    /// When a caller's line was looked at last.
    pub fn looked(&self, standing: &Standing) -> Option<Instant> {
        self.outlooks.iter().find(|outlook| outlook.fan(standing).is_some()).map(|outlook| outlook.drawn)
    }

    /// The wait from now on of a caller who stands here; none while too little is known, or
    /// when nobody is at work. Microseconds.
    pub fn estimate(&self, now: Instant, standing: &Standing) -> Option<Estimate> {
        let (Range { low, mean, high, .. }, _) = self.range(now, standing)?;
        let seconds = Duration::from_secs_f64;
        Some(Estimate { expected: seconds(mean), low: seconds(low), high: seconds(high) })
    }

    /// What a caller who stands here may be told now; it is kept as told.
    pub fn tell(&mut self, now: Instant, who: impl Into<Waiting>, standing: &Standing) -> Telling {
        let who = who.into();
        let Some(foreseen) = self.foresee(now, who, standing) else { return Telling::Nothing };
        self.keep(now, who, &foreseen);
        if foreseen.is_longer { Telling::FewerAgents(foreseen.promise) } else { Telling::Wait(foreseen.promise) }
    }

    /// The same without keeping it; `None` where nothing is to be told.
    pub fn foresee(&self, now: Instant, who: impl Into<Waiting>, standing: &Standing) -> Option<Foreseen> {
        let (range, at_work) = self.range(now, standing)?;
        let [expected, low, high] = [range.mean, range.low, range.high].map(Duration::from_secs_f64);
        let mut promise = Promise { spoken: Wait::covering(low, high), rank: standing.rank, expected, low, high };
        let told = self.told.get(&who.into());
        let is_longer = told.is_some_and(|told| promise.spoken.is_longer_than(told.last.spoken));
        if let Some(told) = told {
            if is_longer && at_work >= told.at_work {
                return None;
            }
            promise.spoken = promise.spoken.after(told.last.spoken);
        }
        Some(Foreseen { promise, is_longer, queue: standing.queue.clone(), at_work, range })
    }

    /// The caller has been told what was foreseen.
    pub fn keep(&mut self, now: Instant, who: impl Into<Waiting>, foreseen: &Foreseen) {
        let &Foreseen { promise, at_work, range, ref queue, .. } = foreseen;
        let first = || Told { queue: queue.clone(), at_work, last: promise, range, promises: Vec::new() };
        let told = self.told.entry(who.into()).or_insert_with(first);
        (told.at_work, told.last) = (at_work, promise);
        if told.promises.len() < PROMISES {
            told.promises.push((now, promise));
        }
    }

    /// A wait has ended: what became of everything told. The first promise corrects the
    /// next ranges.
    pub fn ended(&mut self, now: Instant, who: impl Into<Waiting>, end: WaitEnd) -> Vec<Outcome> {
        let Some(told) = self.told.remove(&who.into()) else { return Vec::new() };
        if let (Some((since, _)), Some(learner)) = (told.promises.first(), self.queues.get_mut(&told.queue)) {
            learner.calibration.learn(told.range, now.since(*since).as_secs_f64(), end);
        }
        let outcome =
            |(since, promise): &(Instant, Promise)| Outcome { promise: *promise, waited: now.since(*since), end };
        told.promises.iter().map(outcome).collect()
    }

    /// Takes the first wait that a caller was told in the past, and what became of it.
    pub(super) fn learn_promise(&mut self, queue: &QueueName, outcome: &Outcome) {
        let Outcome { promise, waited, end } = outcome;
        let [mean, low, high] = [promise.expected, promise.low, promise.high].map(|d| d.as_secs_f64());
        // Only what is missed by those who left depends on where in the range the median is.
        let range = Range { low, median: mean.clamp(low, high.max(low)), mean, high };
        let learner = self.queues.entry(queue.clone()).or_default();
        learner.calibration.learn(range, waited.as_secs_f64(), *end);
    }

    /// The calibrated range, and how many agents are at work for it.
    fn range(&self, now: Instant, standing: &Standing) -> Option<(Range, usize)> {
        let learner = self.queues.get(&standing.queue)?;
        let (outlook, fan) = self.outlooks.iter().find_map(|outlook| Some((outlook, outlook.fan(standing)?)))?;
        if learner.talks.evidence() < THIN || fan.at_work == 0 {
            return None;
        }
        let waits = outlook.waits(now, fan, standing.ahead);
        let drawn = Range {
            low: quantile(&waits, MISSED),
            median: quantile(&waits, 0.5),
            mean: waits.iter().sum::<f64>() / waits.len().max(1) as f64,
            high: quantile(&waits, 1.0 - MISSED),
        };
        Some((learner.calibration.stretch(drawn), fan.at_work))
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
