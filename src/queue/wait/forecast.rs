//! The estimator beside a board: what it learns there, and what callers there may be told.

use std::collections::BTreeMap;
use std::time::Duration;

use super::estimator::{Estimator, Foreseen, Lesson};
use super::patience::WaitEnd;
use super::score::Outcome;
use crate::base::{AgentName, Instant, QueueName, Skill};
use crate::engine::{ExpectedWait, Longer, Place};
use crate::queue::{AgentState, Board, Input, Left, Output, Standing, Waiting};
use crate::speech::{QuietTime, Wait};

/// Watches a board's inputs and outputs, learns from them how long things last, and
/// answers a caller who asks for the place.
///
/// [`Self::told`] sees each input before the board does, [`Self::said`] each output.
#[derive(Debug, Default)]
pub struct Forecast {
    pub(super) estimator: Estimator,
    waits: BTreeMap<Waiting, Waits>,
    agents: BTreeMap<AgentName, Works>,
    quiet: BTreeMap<QueueName, QuietTime>,
}

/// A wait that was told in a queue, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// Where.
    pub queue: QueueName,
    /// What.
    pub outcome: Outcome,
}

/// A queue as somebody sees it who might join.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// The wait of one who would join now; nothing while too little is known, or nobody is at work.
    pub wait: Option<Wait>,
    /// When it is usually quiet, once the records have taught it.
    pub quiet: Option<QuietTime>,
}

/// Somebody in a queue.
#[derive(Debug)]
struct Waits {
    queue: QueueName,
    since: Instant,
    /// When the first phone rang for this caller.
    rung: Option<Instant>,
    /// What the last answer to a question for the place said.
    foreseen: Option<Foreseen>,
}

/// What an agent is doing that lasts.
#[derive(Debug)]
enum Works {
    Talking(QueueName, Instant),
    WrapUp(QueueName, Instant),
    Paused(Instant),
}

/// What is foreseen is drawn anew after this long, for all who ask: it costs a few
/// milliseconds, and waits are told in minutes.
const LOOK: Duration = Duration::from_secs(5);

impl Forecast {
    /// One that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The board is told this. What was promised to a caller whose wait ends by it, and
    /// what became of that.
    pub fn told(&mut self, now: Instant, input: &Input) -> Vec<Settled> {
        match input {
            Input::Join(join) | Input::Send(join) => {
                let since = join.since.unwrap_or(now);
                let waits = Waits { queue: join.queue.clone(), since, rung: None, foreseen: None };
                self.waits.entry(join.who).or_insert(waits);
            }
            Input::Rejoin { who, queue, .. } => {
                let waits = Waits { queue: queue.clone(), since: now, rung: None, foreseen: None };
                self.waits.insert(*who, waits);
            }
            Input::Leave { who, why: Left::Ended } => return self.ended(now, *who, Some(WaitEnd::Left)),
            // Who goes on in the flow, or takes a callback, has not lost patience.
            Input::Leave { who, why: Left::WentOn | Left::Callback(_) } => return self.ended(now, *who, None),
            Input::Answered { who, agent } | Input::Handed { who, agent } => return self.answered(now, *who, agent),
            Input::Missed { who, .. } => {
                if let Some(waits) = self.waits.get_mut(who) {
                    waits.rung = None;
                }
            }
            Input::TalkEnded { agent, .. } => {
                if let Some(Works::Talking(queue, since)) = self.agents.remove(agent) {
                    self.estimator.learn(&queue, Lesson::Talk(now.since(since)));
                    self.agents.insert(agent.clone(), Works::WrapUp(queue, now));
                }
            }
            Input::Told { who } => {
                if let Some(foreseen) = self.waits.get_mut(who).and_then(|waits| waits.foreseen.take()) {
                    self.estimator.keep(now, *who, &foreseen);
                }
            }
            Input::Ask { .. }
            | Input::Hand { .. }
            | Input::AgentUp { .. }
            | Input::AgentDown { .. }
            | Input::LogIn { .. }
            | Input::LogOut { .. }
            | Input::Pause { .. }
            | Input::Resume { .. }
            | Input::Ready { .. }
            | Input::LeaveAlone { .. }
            | Input::Rules(_)
            | Input::Tick => {}
        }
        Vec::new()
    }

    /// The board says this.
    pub fn said(&mut self, now: Instant, output: &Output) -> Vec<Settled> {
        match output {
            Output::Offer { who, .. } => {
                if let Some(waits) = self.waits.get_mut(who) {
                    waits.rung.get_or_insert(now);
                }
            }
            Output::Refused { who, .. } | Output::TimedOut { who } => return self.ended(now, *who, None),
            Output::Agent { agent, state, .. } => self.agent(now, agent, *state),
            Output::Joined { .. } | Output::Busy { .. } | Output::Rank { .. } | Output::Withdraw { .. } => {}
        }
        Vec::new()
    }

    /// The place of a caller who asked for it and has this rank. Who is not in a queue
    /// any more is told the rank alone.
    pub fn place(&mut self, now: Instant, board: &Board, who: Waiting, rank: usize) -> Place {
        let Some(standing) = board.standing(who) else { return Place::ranked(rank) };
        self.look(now, board, &standing);
        // A phone rings for this caller: the wait ends in seconds, unless nobody answers.
        let is_rung = self.waits.get(&who).is_some_and(|waits| waits.rung.is_some());
        let foreseen = self.estimator.foresee(now, who, &standing).filter(|_| !is_rung);
        let wait = foreseen.as_ref().map(|foreseen| {
            let promise = foreseen.promise;
            let longer = foreseen.is_longer.then_some(Longer::FewerAgents);
            let (expected, low, high) = (promise.expected, promise.low, promise.high);
            ExpectedWait { spoken: promise.spoken, expected, low, high, longer }
        });
        if let Some(waits) = self.waits.get_mut(&who) {
            waits.foreseen = foreseen;
        }
        let snapshot = board.snapshot(&standing.queue, now);
        let abandoned =
            snapshot.as_ref().filter(|s| s.answered + s.abandoned >= SHARE_OF).and_then(|s| s.abandoned_share());
        Place {
            rank,
            waiting: snapshot.map_or(rank, |snapshot| snapshot.waiting),
            wait,
            abandoned: abandoned.map(|share| (share * 100.0).round() as u8),
            quiet: self.quiet.get(&standing.queue).copied(),
        }
    }

    /// What one may be told who would join a queue now, behind everybody there, and needs this.
    pub fn glance(&mut self, now: Instant, board: &Board, (queue, needs): (&QueueName, Vec<Skill>)) -> Glance {
        let quiet = self.quiet.get(queue).copied();
        let Some(view) = board.view(queue) else { return Glance { wait: None, quiet } };
        let lines = || view.lines.iter().filter(|line| line.queue == *queue);
        // Nothing can be drawn for a line in which nobody has ever stood.
        let Some(line) = lines().find(|line| line.needs == needs) else { return Glance { wait: None, quiet } };
        let (ahead, rank) = (line.waiting.len(), lines().map(|line| line.waiting.len()).sum::<usize>() + 1);
        let standing = Standing { queue: queue.clone(), needs, rank, ahead, since: now };
        self.look(now, board, &standing);
        let wait = self.estimator.estimate(now, &standing).map(|wait| Wait::covering(wait.low, wait.high));
        Glance { wait, quiet }
    }

    /// Draws anew what may come, when that was long ago.
    fn look(&mut self, now: Instant, board: &Board, standing: &Standing) {
        let is_old = self.estimator.looked(standing).is_none_or(|looked| now.since(looked) >= LOOK);
        if is_old && let Some(view) = board.view(&standing.queue) {
            self.estimator.look(now, &view);
        }
    }

    /// When it is usually quiet, as the records teach it, in place of what they taught
    /// before; a queue that is not named has none, and callers are told the card's.
    pub fn learn_quiet(&mut self, quiet: BTreeMap<QueueName, QuietTime>) {
        self.quiet = quiet;
    }

    fn answered(&mut self, now: Instant, who: Waiting, agent: &AgentName) -> Vec<Settled> {
        let Some(waits) = self.waits.get(&who) else { return Vec::new() };
        let queue = waits.queue.clone();
        if let Some(rung) = waits.rung {
            self.estimator.learn(&queue, Lesson::Ring(now.since(rung)));
        }
        self.agents.insert(agent.clone(), Works::Talking(queue, now));
        self.ended(now, who, Some(WaitEnd::Answered))
    }

    /// A wait has ended; without an end that says something about patience, only what was
    /// promised is settled.
    fn ended(&mut self, now: Instant, who: Waiting, end: Option<WaitEnd>) -> Vec<Settled> {
        let Some(waits) = self.waits.remove(&who) else { return Vec::new() };
        if let Some(end) = end {
            self.estimator.learn(&waits.queue, Lesson::Wait(now.since(waits.since), end));
        }
        let outcomes = self.estimator.ended(now, who, end.unwrap_or(WaitEnd::Left));
        let settled = |outcome| Settled { queue: waits.queue.clone(), outcome };
        outcomes.into_iter().map(settled).collect()
    }

    fn agent(&mut self, now: Instant, agent: &AgentName, state: AgentState) {
        match state {
            AgentState::Talking | AgentState::WrapUp => return,
            AgentState::Paused => {
                if !matches!(self.agents.get(agent), Some(Works::Paused(_))) {
                    self.estimator.learn_pause_begun();
                    self.agents.insert(agent.clone(), Works::Paused(now));
                }
                return;
            }
            AgentState::Available | AgentState::Ringing | AgentState::Resting | AgentState::Offline => {}
        }
        match self.agents.remove(agent) {
            Some(Works::Paused(since)) if state != AgentState::Offline => self.estimator.learn_pause(now.since(since)),
            Some(Works::WrapUp(queue, since)) if state == AgentState::Available => {
                self.estimator.learn(&queue, Lesson::WrapUp(now.since(since)));
            }
            Some(Works::Talking(..) | Works::WrapUp(..) | Works::Paused(_)) | None => {}
        }
    }
}

/// A share of fewer than this many callers says little.
const SHARE_OF: u32 = 10;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::CallId;
    use crate::flow::QueueRules;
    use crate::queue::{Join, Missed};

    /// A board with one agent, and the forecast that watches it.
    struct Floor {
        board: Board,
        forecast: Forecast,
        now: Instant,
        outcomes: Vec<Settled>,
        places: Vec<Place>,
    }

    impl Floor {
        fn new() -> Self {
            let rules = QueueRules::new("aide".into(), vec![AgentName::from("amina").into()]);
            let board = Board::new(vec![Arc::new(rules)]);
            let mut floor = Self {
                board,
                forecast: Forecast::new(),
                now: Instant::START,
                outcomes: Vec::new(),
                places: Vec::new(),
            };
            floor.tell(Input::AgentUp { agent: "amina".into() });
            floor
        }

        /// So many talks are over, and caller 20 is in one.
        fn after_talks(count: u64) -> Self {
            let mut floor = Self::new();
            for call in 1..=count {
                floor.join(call);
                floor.serve(call);
            }
            floor.join(20);
            floor.tell(Input::Answered { who: CallId(20).into(), agent: "amina".into() });
            floor
        }

        fn tell(&mut self, input: Input) {
            self.outcomes.extend(self.forecast.told(self.now, &input));
            self.board.handle(self.now, input);
            while let Some(output) = self.board.poll() {
                self.outcomes.extend(self.forecast.said(self.now, &output));
                if let Output::Rank { who, rank } = output {
                    let place = self.forecast.place(self.now, &self.board, who, rank);
                    self.places.push(place);
                }
            }
        }

        fn pass(&mut self, seconds: u64) {
            self.now += Duration::from_secs(seconds);
            self.tell(Input::Tick);
        }

        fn join(&mut self, call: u64) {
            self.tell(Input::Join(Join::new(CallId(call), "aide".into())));
        }

        /// The one who was waiting first talks for two minutes.
        fn serve(&mut self, call: u64) {
            let (who, agent) = (CallId(call).into(), AgentName::from("amina"));
            self.tell(Input::Answered { who, agent: agent.clone() });
            self.pass(120);
            self.tell(Input::TalkEnded { who, agent: agent.clone() });
            self.tell(Input::Ready { agent });
        }

        fn ask(&mut self, call: u64) -> Place {
            self.tell(Input::Ask { who: CallId(call).into() });
            *self.places.last().unwrap()
        }
    }

    #[test]
    fn nothing_is_foreseen_before_ten_talks_and_then_what_they_lasted() {
        let mut floor = Floor::after_talks(12);
        floor.join(21);
        floor.join(22);
        let place = floor.ask(22);
        assert_eq!((place.rank, place.waiting), (2, 2));
        let wait = place.wait.expect("twelve talks are enough");
        let minutes = wait.expected.as_secs_f64() / 60.0;
        assert!((3.0..5.5).contains(&minutes), "two talks of two minutes come before: {minutes}");

        let mut cold = Floor::after_talks(0);
        cold.join(21);
        assert_eq!(cold.ask(21).wait, None);
    }

    #[test]
    fn who_only_looks_sees_the_wait_behind_everybody_and_changes_nothing() {
        let mut floor = Floor::after_talks(12);
        (21..27).for_each(|call| floor.join(call));
        let first = floor.ask(21).wait.map(|wait| wait.spoken);
        let queue = QueueName::from("aide");
        let glance = |floor: &mut Floor| floor.forecast.glance(floor.now, &floor.board, (&queue, Vec::new())).wait;
        let seen = glance(&mut floor).expect("twelve talks are enough");
        assert!(seen.is_longer_than(first.unwrap()), "six talks of two minutes come before: {seen}");
        assert_eq!(glance(&mut floor), Some(seen));
        assert_eq!(floor.ask(21).wait.map(|wait| wait.spoken), first);
        let other = floor.forecast.glance(floor.now, &floor.board, (&queue, vec!["en".into()]));
        assert_eq!(other, Glance::default(), "nothing is known of those who need something else");
        assert_eq!(glance(&mut Floor::after_talks(0)), None);
    }

    #[test]
    fn who_is_rung_for_is_told_no_wait() {
        let mut floor = Floor::after_talks(12);
        floor.tell(Input::TalkEnded { who: CallId(20).into(), agent: "amina".into() });
        floor.tell(Input::Ready { agent: "amina".into() });
        floor.join(21);
        assert_eq!(floor.ask(21).wait, None, "her phone rings");
        floor.tell(Input::Missed { who: CallId(21).into(), agent: "amina".into(), why: Missed::NoAnswer });
        assert!(floor.ask(21).wait.is_some(), "she did not answer");
    }

    #[test]
    fn what_was_told_is_held_against_what_came_and_what_was_only_asked_is_not() {
        let mut floor = Floor::after_talks(12);
        for call in [21, 22] {
            floor.join(call);
            assert!(floor.ask(call).wait.is_some());
        }
        floor.tell(Input::Told { who: CallId(21).into() });
        floor.pass(60);
        floor.tell(Input::TalkEnded { who: CallId(20).into(), agent: "amina".into() });
        floor.tell(Input::Ready { agent: "amina".into() });
        floor.tell(Input::Answered { who: CallId(21).into(), agent: "amina".into() });
        floor.tell(Input::Leave { who: CallId(22).into(), why: Left::Ended });
        let [Settled { outcome, .. }] = floor.outcomes[..] else { panic!("{:?}", floor.outcomes) };
        assert_eq!((outcome.waited, outcome.end), (Duration::from_secs(60), WaitEnd::Answered));
        assert!(matches!(outcome.promise.spoken, Wait::Under(_) | Wait::Between(..) | Wait::AboutFive));
        assert!(floor.forecast.waits.is_empty(), "nothing is kept of who has left");
    }
}
