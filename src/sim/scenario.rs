use std::sync::Arc;

use super::lookups::Answers;
use crate::base::{PhoneNumber, WallTime};
use crate::flow::{Program, Service};

/// One simulated call: who calls what, when, and how many are there already.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The service, for its queues.
    pub service: Arc<Service>,
    /// The flow that is called.
    pub program: Arc<Program>,
    /// When the call begins.
    pub at: WallTime,
    /// Callers who wait in each queue when the call begins.
    pub waiting: usize,
    /// Agents of each queue who are logged in; busy ones when somebody waits.
    pub agents: usize,
    /// Whether a queue takes one more caller.
    pub room: Room,
    /// Whether an outside number answers.
    pub outside: Far,
    /// The caller's number, unless withheld.
    pub caller: Option<PhoneNumber>,
    /// What servers answer; those that are not in it don't.
    pub answers: Answers,
    /// The same call for the same seed.
    pub seed: u64,
}

impl Scenario {
    /// A call at this time from a withheld number, while two agents are free.
    pub fn new(service: Arc<Service>, program: Arc<Program>, at: WallTime) -> Self {
        let Crowding { waiting, agents } = Crowding::default();
        Self {
            service,
            program,
            at,
            waiting,
            agents,
            room: Room::Enough,
            outside: Far::Answers,
            caller: None,
            answers: Answers::default(),
            seed: 1,
        }
    }
}

/// Whether a queue takes one more caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// As many as its rules say.
    #[default]
    Enough,
    /// Those who wait fill it.
    Full,
}

/// What an outside number does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Far {
    /// It answers after a few seconds.
    #[default]
    Answers,
    /// It rings until the flow gives up.
    Silent,
}

/// How full the queues are: `waiting=12,agents=3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowding {
    /// Callers who wait in each queue.
    pub waiting: usize,
    /// Agents who are logged in.
    pub agents: usize,
}

/// Why a text is not a [`Crowding`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// The name is neither `waiting` nor `agents`.
    #[error("`{0}` is not known; write `waiting=12,agents=3`")]
    Name(String),
    /// What follows the name is no number, or too large.
    #[error("`{0}` needs a number from 0 to {MOST}")]
    Number(String),
}

impl Default for Crowding {
    /// Nobody waits, two agents are free.
    fn default() -> Self {
        Self { waiting: 0, agents: 2 }
    }
}

impl std::str::FromStr for Crowding {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut crowding = Self::default();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, number) = item.split_once('=').unwrap_or((item, ""));
            let number = number.trim().parse().ok().filter(|n| *n <= MOST);
            let place = match name.trim() {
                "waiting" => &mut crowding.waiting,
                "agents" => &mut crowding.agents,
                other => return Err(ScenarioError::Name(other.to_owned())),
            };
            *place = number.ok_or_else(|| ScenarioError::Number(name.trim().to_owned()))?;
        }
        Ok(crowding)
    }
}

/// More phantoms than this say nothing more about a flow.
const MOST: usize = 1000;
