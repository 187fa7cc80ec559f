//! The simulated call centres.

use serde::{Deserialize, Serialize};

use super::laws::{Length, Patience};

/// A day of a call centre, from its opening to its closing.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub queues: Vec<QueueTruth>,
    /// For each agent, the queues answered.
    pub agents: Vec<Vec<usize>>,
    /// Agents who come and go, in order: seconds from the opening, agent, whether present.
    pub shifts: Vec<(f64, usize, bool)>,
    /// Breaks: one in the mean after so many seconds of work, and how long they last.
    pub breaks: Option<(f64, Length)>,
    /// One waiting caller in so many is told a wait and measured.
    pub stride: usize,
    pub kind: Kind,
    pub history: History,
}

/// What the estimator knows at the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    Nothing,
    /// What it learned on another day.
    ADay,
}

/// What a scenario is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Steady,
    /// Agents come, go and pause.
    StaffChanges,
}

#[derive(Clone, Debug)]
pub struct QueueTruth {
    pub talk: Length,
    pub patience: Patience,
    /// Calls an hour, averaged over the day.
    pub rate: f64,
    /// From, to (seconds), and by how much the rate is multiplied between them.
    pub rush: Option<(f64, f64, f64)>,
}

/// The opening hours: half past eight hours.
pub const DAY: f64 = 8.5 * 3600.0;
pub const WRAP_UP: f64 = 30.0;
/// An agent answers after two to six seconds.
pub const RING: (f64, f64) = (2.0, 6.0);

/// The calls of each half hour against the day's mean: two peaks.
const SHAPE: [f64; 17] =
    [0.75, 1.05, 1.25, 1.35, 1.3, 1.1, 0.9, 0.7, 0.75, 1.0, 1.2, 1.25, 1.15, 1.0, 0.85, 0.75, 0.65];

impl QueueTruth {
    fn new(talk: f64, rate: f64) -> Self {
        Self { talk: Length::new(talk, 0.8), patience: Patience::USUAL, rate, rush: None }
    }

    /// Calls a second at a time of the day.
    pub fn rate_at(&self, seconds: f64) -> f64 {
        let shape = SHAPE.get((seconds / 1800.0) as usize).copied().unwrap_or(0.0);
        let rush = self.rush.filter(|(from, to, _)| (*from..*to).contains(&seconds)).map_or(1.0, |(.., by)| by);
        self.rate / 3600.0 * shape * rush
    }

    /// No rate of the day is above this.
    pub fn peak(&self) -> f64 {
        self.rate / 3600.0 * 1.35 * self.rush.map_or(1.0, |(.., by)| by)
    }
}

/// Calls an hour that load so many agents by so much.
fn calls(agents: f64, load: f64, talk: f64) -> f64 {
    load * agents * 3600.0 / (talk + WRAP_UP + f64::midpoint(RING.0, RING.1))
}

fn steady(name: &'static str, agents: usize, load: f64) -> Scenario {
    Scenario {
        name,
        queues: vec![QueueTruth::new(300.0, calls(agents as f64, load, 300.0))],
        agents: vec![vec![0]; agents],
        shifts: Vec::new(),
        breaks: None,
        stride: match agents {
            0..=3 => 1,
            4..=10 => 2,
            11..=30 => 12,
            _ => 60,
        },
        kind: Kind::Steady,
        history: History::Nothing,
    }
}

pub fn all() -> Vec<Scenario> {
    let mut all = vec![
        steady("3 agents, load 0.7", 3, 0.7),
        steady("3 agents, load 1.0", 3, 1.0),
        steady("3 agents, load 1.3", 3, 1.3),
        steady("10 agents, load 0.7", 10, 0.7),
        steady("10 agents, load 1.0", 10, 1.0),
        steady("10 agents, load 1.3", 10, 1.3),
        steady("30 agents, load 0.85", 30, 0.85),
        steady("30 agents, load 1.0", 30, 1.0),
        steady("30 agents, load 1.3", 30, 1.3),
        steady("100 agents, load 0.9", 100, 0.9),
        steady("100 agents, load 1.0", 100, 1.0),
        steady("100 agents, load 1.3", 100, 1.3),
    ];
    let changing = |name, agents, load| Scenario { kind: Kind::StaffChanges, ..steady(name, agents, load) };
    let breaks = Some((5400.0, Length::new(720.0, 0.5)));
    all.push(Scenario { breaks, ..changing("10 agents, breaks", 10, 0.9) });
    let hour = |h: f64| h * 3600.0;
    all.push(Scenario { shifts: vec![(hour(1.5), 2, false)], ..changing("3 agents, one falls ill", 3, 0.8) });
    let ill = (0..3).map(|a| (hour(1.5), a, false)).collect();
    all.push(Scenario { shifts: ill, ..changing("10 agents, three fall ill", 10, 0.9) });
    // Half go to lunch together, and some come late and go early.
    let mut lunch: Vec<(f64, usize, bool)> = Vec::new();
    for agent in 0..5 {
        lunch.extend([(hour(3.5), agent, false), (hour(4.5), agent, true)]);
    }
    for agent in 5..8 {
        lunch.extend([(hour(0.0), agent, false), (hour(1.5), agent, true), (hour(7.0), agent, false)]);
    }
    lunch.sort_by(|a, b| a.0.total_cmp(&b.0));
    all.push(Scenario { shifts: lunch, ..changing("10 agents, lunch and shifts", 10, 0.9) });
    let mut rush = steady("10 agents, sudden rush", 10, 0.8);
    rush.queues[0].rush = Some((hour(2.0), hour(2.5), 3.0));
    all.push(rush);
    let mut rush = steady("30 agents, sudden rush", 30, 0.8);
    rush.queues[0].rush = Some((hour(2.0), hour(2.5), 3.0));
    all.push(Scenario { name: "30 agents, sudden rush, second day", history: History::ADay, ..rush.clone() });
    all.push(rush);
    all.push(Scenario {
        queues: vec![QueueTruth::new(300.0, calls(5.0, 1.15, 300.0)), QueueTruth::new(200.0, calls(5.0, 0.9, 200.0))],
        agents: (0..10).map(|a| [vec![0], vec![0, 1], vec![1]][(a + 2) / 4].clone()).collect(),
        ..steady("two queues, 4 of 10 agents shared", 10, 1.0)
    });
    all
}

impl Scenario {
    /// The share of talks that a break follows: a talk is some six minutes of work.
    pub fn break_share(&self) -> f64 {
        self.breaks.map_or(0.0, |(every, _)| 1.0 - (-334.0 / every).exp())
    }
}
