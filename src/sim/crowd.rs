use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::scenario::{Room, Scenario};
use crate::base::{AgentName, CallId, Chance, Instant, QueueName, Skill};
use crate::callback::Line;
use crate::engine::{ExpectedWait, Place, QueueNews};
use crate::flow::{Member, QueueRules};
use crate::queue::{Board, Input, Join, Left, Output, Refused, Waiting};
use crate::speech::Wait;

/// The real board, with phantom callers before ours and phantom agents.
#[derive(Debug)]
pub(super) struct Crowd {
    board: Board,
    agenda: BTreeMap<(Instant, u64), Due>,
    scheduled: u64,
    chance: Chance,
    phase: Phase,
    news: VecDeque<News>,
    /// How many agents each queue has.
    agents: usize,
    /// The queue that ours is in.
    queue: Option<QueueName>,
}

/// What our caller's side is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// For the engine.
    Queue(QueueNews),
    /// An agent's phone rings for our caller.
    Ringing(AgentName),
}

#[derive(Debug)]
enum Due {
    Answers { call: CallId, agent: AgentName },
    Ends { call: CallId, agent: AgentName },
}

/// Before the call, talks are already running; afterwards phones ring first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Before,
    Running,
}

impl Crowd {
    /// The queues as they are when the call begins.
    pub(super) fn new(now: Instant, scenario: &Scenario) -> Self {
        let Scenario { waiting, agents, .. } = *scenario;
        let rules: Vec<Arc<QueueRules>> =
            scenario.service.queues.iter().map(|rules| staffed(rules, scenario)).collect();
        let mut crowd = Self {
            board: Board::new(rules.clone()),
            agenda: BTreeMap::new(),
            scheduled: 0,
            chance: Chance::seeded(scenario.seed),
            phase: Phase::Before,
            news: VecDeque::new(),
            agents,
            queue: None,
        };
        for agent in rules.iter().flat_map(|rules| &rules.members) {
            crowd.feed(now, Input::AgentUp { agent: agent.agent.clone() });
        }
        let mut phantom = OURS.0;
        for rules in &rules {
            for _ in 0..waiting + rules.members.len() {
                if crowd.board.waiting(&rules.name) >= waiting {
                    break;
                }
                phantom += 1;
                crowd.feed(now, Input::Join(Join::new(CallId(phantom), rules.name.clone())));
                crowd.tick(now);
            }
        }
        crowd.phase = Phase::Running;
        crowd
    }

    pub(super) fn join(&mut self, now: Instant, join: Join) {
        self.queue = Some(join.queue.clone());
        self.feed(now, Input::Join(join));
    }

    pub(super) fn leave(&mut self, now: Instant) {
        self.agenda.retain(|_, due| {
            let (Due::Answers { call, .. } | Due::Ends { call, .. }) = due;
            *call != OURS
        });
        self.feed(now, Input::Leave { who: OURS.into(), why: Left::WentOn });
    }

    /// A ticket gets in line, and its rank is told: at our caller's place, if it is for that.
    pub(super) fn hand_over(&mut self, now: Instant, line: Line) -> Option<usize> {
        let Line { ticket, queue, from, needs, priority, .. } = line;
        if from == Some(OURS) && self.board.rank(OURS).is_some() {
            self.feed(now, Input::Leave { who: OURS.into(), why: Left::Callback(ticket) });
        } else {
            self.leave(now);
            self.feed(now, Input::Join(Join { needs, priority, ..Join::new(ticket, queue) }));
        }
        self.board.rank(ticket)
    }

    pub(super) fn ask_place(&mut self, now: Instant) {
        self.feed(now, Input::Ask { who: OURS.into() });
    }

    pub(super) fn poll(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let agenda = self.agenda.first_key_value().map(|((at, _), _)| *at);
        agenda.into_iter().chain(self.board.deadline()).min()
    }

    /// Does what is due.
    pub(super) fn tick(&mut self, now: Instant) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            match entry.remove() {
                Due::Answers { call, agent } => self.answers(now, call, agent),
                Due::Ends { call, agent } => {
                    self.feed(now, Input::TalkEnded { who: call.into(), agent });
                    if call == OURS {
                        self.news.push_back(News::Queue(QueueNews::TalkEnded));
                    }
                }
            }
        }
        self.feed(now, Input::Tick);
    }

    fn answers(&mut self, now: Instant, call: CallId, agent: AgentName) {
        self.feed(now, Input::Answered { who: call.into(), agent: agent.clone() });
        let mut lasts = talk(&mut self.chance);
        if self.phase == Phase::Before {
            lasts = lasts.mul_f64(share(&mut self.chance));
        }
        self.schedule(now + lasts, Due::Ends { call, agent: agent.clone() });
        if call == OURS {
            self.news.push_back(News::Queue(QueueNews::Connected { agent }));
        }
    }

    fn feed(&mut self, now: Instant, input: Input) {
        self.board.handle(now, input);
        while let Some(output) = self.board.poll() {
            self.board_says(now, output);
        }
    }

    fn board_says(&mut self, now: Instant, output: Output) {
        let news = match output {
            Output::Offer { who: Waiting::Caller(call), agent, ring } => return self.offered(now, call, agent, ring),
            Output::Withdraw { who, agent } => return self.withdrawn(who, &agent),
            Output::Joined { who: WE, rank } => QueueNews::Joined { rank },
            Output::Rank { who: WE, rank } => QueueNews::Place(self.place(rank)),
            Output::Refused { who: WE, why: Refused::Full } => QueueNews::Full,
            Output::Refused {
                who: WE,
                why: Refused::Nobody | Refused::Paused | Refused::Closed | Refused::Unknown,
            } => QueueNews::Nobody,
            Output::TimedOut { who: WE } => QueueNews::TimedOut,
            // Phantoms hear nothing.
            Output::Joined { .. }
            | Output::Busy { .. }
            | Output::Rank { .. }
            | Output::Refused { .. }
            | Output::TimedOut { .. }
            | Output::Offer { .. }
            | Output::Agent { .. } => return,
        };
        self.news.push_back(News::Queue(news));
    }

    /// What our caller is told: the board's rank, and the wait that a steady crowd makes.
    fn place(&self, rank: usize) -> Place {
        let waiting = self.queue.as_ref().map_or(rank, |queue| self.board.waiting(queue));
        let rings = self.agenda.values().any(|due| matches!(due, Due::Answers { call: OURS, .. }));
        let wait = if rings { Some(around(ANSWERS, 1)) } else { expected(rank, self.agents) };
        Place { waiting: waiting.max(rank), wait, ..Place::ranked(rank) }
    }

    fn offered(&mut self, now: Instant, call: CallId, agent: AgentName, ring: Duration) {
        let picks_up = match self.phase {
            Phase::Before => Duration::ZERO,
            Phase::Running => Duration::from_millis(2000 + self.chance.below(4000) as u64).min(ring),
        };
        if call == OURS {
            self.news.push_back(News::Ringing(agent.clone()));
        }
        self.schedule(now + picks_up, Due::Answers { call, agent });
    }

    fn withdrawn(&mut self, who: Waiting, agent: &AgentName) {
        let rings = |due: &Due| matches!(due, Due::Answers { call, agent: a } if who == (*call).into() && a == agent);
        self.agenda.retain(|_, due| !rings(due));
    }

    fn schedule(&mut self, at: Instant, due: Due) {
        self.scheduled += 1;
        self.agenda.insert((at, self.scheduled), due);
    }
}

/// The rules with so many agents: the members first, then agents without a name who can
/// do whatever a member can.
fn staffed(rules: &Arc<QueueRules>, scenario: &Scenario) -> Arc<QueueRules> {
    let skills: Vec<Skill> = rules.members.iter().flat_map(|m| m.skills.clone()).collect();
    let spare = (rules.members.len() + 1..).map(|n| {
        let agent = AgentName::from(format!("agent-{n}").as_str());
        Member { skills: skills.clone(), ..Member::from(agent) }
    });
    let members = rules.members.iter().cloned().chain(spare).take(scenario.agents).collect();
    let capacity = match scenario.room {
        Room::Enough => rules.capacity,
        Room::Full => scenario.waiting,
    };
    Arc::new(QueueRules { members, capacity, ..QueueRules::clone(rules) })
}

/// The wait of a rank while so many agents talk and wrap up without a pause: each of
/// them frees a place every [`TURN`], as much spread around it as a talk.
fn expected(rank: usize, agents: usize) -> Option<ExpectedWait> {
    let (rank, agents) = (u32::try_from(rank).ok()?, u32::try_from(agents).ok().filter(|agents| *agents > 0)?);
    Some(around(TURN * rank / agents, rank))
}

fn around(expected: Duration, rank: u32) -> ExpectedWait {
    let spread = expected.mul_f64(SPREAD / f64::from(rank).sqrt());
    let (low, high) = (expected.saturating_sub(spread), expected + spread);
    ExpectedWait { spoken: Wait::covering(low, high), expected, low, high, longer: None }
}

/// The length of a talk: log-normal, four minutes in the mean, as talks are.
fn talk(chance: &mut Chance) -> Duration {
    // Twelve shares make a bell curve of width one around six.
    let bell = (0..12).map(|_| share(chance)).sum::<f64>() - 6.0;
    let seconds = 200.0 * (0.6 * bell).exp();
    Duration::from_secs_f64(seconds.clamp(20.0, 1800.0))
}

/// A share from 0 to 1.
fn share(chance: &mut Chance) -> f64 {
    f64::from(chance.u32()) / f64::from(u32::MAX)
}

/// A talk in the mean, and the time to write it down.
const TURN: Duration = Duration::from_secs(270);
/// An agent who is rung for answers within this.
const ANSWERS: Duration = Duration::from_secs(6);
/// Eight waits in ten lie this share of the mean around it, for the first in the line.
const SPREAD: f64 = 0.8;
/// Our caller.
pub(super) const OURS: CallId = CallId(0);
/// Our caller, as the board says.
const WE: Waiting = Waiting::Caller(OURS);
