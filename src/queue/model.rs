//! The board against a naive model: any interleaving of what can happen.

use std::time::Duration;

use proptest::prelude::*;

use super::tests::rules;
use super::{Board, Input, Missed, Output, REST};
use crate::base::{AgentName, CallId, Instant, QueueName};

const QUEUES: [(&str, &[&str], usize); 2] = [("a", &["amina", "bruno"], 4), ("b", &["bruno", "chloe"], 6)];
const WRAP_UP: Duration = Duration::from_secs(30);

/// Who stands where, by plain lists: the laws are checked by looking at everyone.
#[derive(Default)]
struct Model {
    now: Instant,
    /// Who waits, in the order of arrival: caller, queue, the agent who is rung, the rank told.
    waiting: Vec<(CallId, usize, Option<AgentName>, usize)>,
    talking: Vec<(CallId, usize, AgentName)>,
    up: Vec<AgentName>,
    /// Who is left in peace until when.
    peace: Vec<(AgentName, Instant)>,
    /// Everyone who ever joined, in their order.
    arrivals: Vec<CallId>,
    /// Since when each agent is idle.
    idle: Vec<(AgentName, Instant)>,
}

impl Model {
    fn busy(&self, agent: &AgentName) -> bool {
        self.waiting.iter().any(|w| w.2.as_ref() == Some(agent))
            || self.talking.iter().any(|t| t.2 == *agent)
            || self.peace.iter().any(|p| p.0 == *agent)
    }

    fn free(&self, queue: usize) -> Vec<(Instant, AgentName)> {
        let members = QUEUES[queue].1.iter().map(|m| AgentName::from(*m));
        let free = members.filter(|m| self.up.contains(m) && !self.busy(m));
        free.map(|m| (self.idle.iter().find(|i| i.0 == m).unwrap().1, m)).collect()
    }

    fn arrived(&self, call: CallId) -> Option<usize> {
        self.arrivals.iter().rposition(|c| *c == call)
    }

    fn hope(&self, queue: usize) -> bool {
        QUEUES[queue].1.iter().any(|m| self.up.contains(&AgentName::from(*m)))
    }

    fn rank(&self, call: CallId) -> Option<usize> {
        let queue = self.waiting.iter().find(|w| w.0 == call)?.1;
        Some(self.waiting.iter().filter(|w| w.1 == queue).position(|w| w.0 == call).unwrap() + 1)
    }

    fn in_peace(&mut self, agent: AgentName, lasting: Duration) {
        if self.up.contains(&agent) {
            self.peace.push((agent, self.now + lasting));
        }
    }

    fn idle_from(&mut self, agent: AgentName, at: Instant) {
        self.idle.retain(|i| i.0 != agent);
        self.idle.push((agent, at));
    }

    /// What an input changes by itself; what the board makes of it is in `hear`.
    fn tell(&mut self, input: &Input) {
        match input {
            Input::Join { .. } | Input::Tick => {}
            Input::Leave { call } => {
                self.waiting.retain(|w| w.0 != *call);
                if let Some(i) = self.talking.iter().position(|t| t.0 == *call) {
                    let (_, _, agent) = self.talking.remove(i);
                    self.in_peace(agent, WRAP_UP);
                }
            }
            Input::Rejoin { call, .. } => {
                let i = self.talking.iter().position(|t| t.0 == *call).unwrap();
                let (call, queue, agent) = self.talking.remove(i);
                self.in_peace(agent, WRAP_UP);
                if self.hope(queue) {
                    let behind = |w: &(CallId, usize, Option<AgentName>, usize)| self.arrived(w.0) > self.arrived(call);
                    let at = self.waiting.iter().position(behind).unwrap_or(self.waiting.len());
                    self.waiting.insert(at, (call, queue, None, 0));
                    let rank = self.rank(call).unwrap();
                    self.waiting[at].3 = rank;
                }
            }
            Input::Answered { call, agent } => {
                let i = self.waiting.iter().position(|w| w.0 == *call).unwrap();
                let (call, queue, ..) = self.waiting.remove(i);
                self.talking.push((call, queue, agent.clone()));
            }
            Input::Missed { call, agent, .. } => {
                self.waiting.iter_mut().find(|w| w.0 == *call).unwrap().2 = None;
                self.in_peace(agent.clone(), REST);
            }
            Input::TalkEnded { call, agent } => {
                self.talking.retain(|t| t.0 != *call);
                self.in_peace(agent.clone(), WRAP_UP);
            }
            Input::AgentUp { agent } => {
                if !self.up.contains(agent) {
                    self.up.push(agent.clone());
                    if !self.busy(agent) {
                        self.idle_from(agent.clone(), self.now);
                    }
                }
            }
            Input::AgentDown { agent } => {
                self.up.retain(|a| a != agent);
                self.peace.retain(|p| p.0 != *agent);
            }
        }
        let over: Vec<_> = self.peace.extract_if(.., |p| p.1 <= self.now).collect();
        over.into_iter().for_each(|(agent, at)| self.idle_from(agent, at));
    }

    /// What the board said must be right as things stand.
    fn hear(&mut self, output: &Output, asked: Option<(CallId, usize)>) {
        match output {
            Output::Joined { call, rank } => {
                if self.rank(*call).is_none() {
                    let (asked, queue) = asked.unwrap();
                    assert_eq!(asked, *call);
                    assert!(self.hope(queue), "{call} waits for nobody");
                    self.waiting.push((*call, queue, None, *rank));
                    self.arrivals.push(*call);
                }
                assert_eq!(self.rank(*call), Some(*rank), "the rank on entry");
                let queue = self.waiting.iter().find(|w| w.0 == *call).unwrap().1;
                // Who lost the agent is let in again even where it is full; agents bound how many.
                let most = QUEUES[queue].2 + QUEUES[queue].1.len();
                assert!(self.waiting.iter().filter(|w| w.1 == queue).count() <= most, "too many");
            }
            Output::Refused { call, .. } => {
                let (asked, queue) = asked.unwrap();
                assert_eq!(asked, *call);
                let full = self.waiting.iter().filter(|w| w.1 == queue).count() >= QUEUES[queue].2;
                assert!(full || !self.hope(queue), "{call} was refused for no reason");
            }
            Output::Rank { call, rank } => {
                assert_eq!(self.rank(*call), Some(*rank), "the rank of {call}");
                let told = &mut self.waiting.iter_mut().find(|w| w.0 == *call).unwrap().3;
                assert_ne!(*told, *rank, "told for nothing");
                *told = *rank;
            }
            Output::Offer { call, agent, .. } => {
                let me = self.waiting.iter().find(|w| w.0 == *call).expect("rung for who does not wait");
                assert_eq!(me.2, None, "{call} offered twice at once");
                let first = self.waiting.iter().find(|w| w.1 == me.1 && w.2.is_none()).unwrap();
                assert_eq!(first.0, *call, "somebody was overtaken");
                let free = self.free(me.1);
                let since = free.iter().find(|f| f.1 == *agent).expect("rung while busy or gone").0;
                assert!(free.iter().all(|f| f.0 >= since), "{agent} is not the longest idle");
                self.waiting.iter_mut().find(|w| w.0 == *call).unwrap().2 = Some(agent.clone());
            }
            Output::Nobody { call } => {
                let i = self.waiting.iter().position(|w| w.0 == *call && w.2.is_none()).unwrap();
                assert!(!self.hope(self.waiting[i].1), "{call} was sent away");
                self.waiting.remove(i);
            }
            Output::Agent { .. } => {}
        }
    }

    /// What must hold when the board has said everything.
    fn settled(&self, board: &Board) {
        for (q, (name, ..)) in QUEUES.iter().enumerate() {
            let hoping = self.waiting.iter().any(|w| w.1 == q && w.2.is_none());
            assert!(!hoping || self.free(q).is_empty(), "a caller waits while an agent is free");
            assert!(!hoping || self.hope(q), "a caller waits for nobody");
            let queue = QueueName::from(*name);
            assert_eq!(board.waiting(&queue), self.waiting.iter().filter(|w| w.1 == q).count());
            assert_eq!(board.free_agents(&queue), self.free(q).len());
        }
        for (call, _, _, told) in &self.waiting {
            assert_eq!(Some(*told), self.rank(*call), "{call} was told an old rank");
            assert_eq!(board.rank(*call), Some(*told));
        }
    }
}

/// A wish; the present state turns it into an input that makes sense, or a stray one.
#[derive(Clone, Debug)]
enum Wish {
    Join(u64, usize),
    Leave(u64),
    Answer(usize),
    Miss(usize, Missed),
    EndTalk(usize),
    Vanish(usize),
    Up(usize),
    Down(usize),
    Wait(u64),
}

fn wish() -> impl Strategy<Value = Wish> {
    let why = prop_oneof![Just(Missed::NoAnswer), Just(Missed::Rejected), Just(Missed::Unreachable)];
    prop_oneof![
        4 => (0_u64..16, 0_usize..2).prop_map(|(call, queue)| Wish::Join(call, queue)),
        2 => (0_u64..16).prop_map(Wish::Leave),
        4 => (0_usize..8).prop_map(Wish::Answer),
        2 => (0_usize..8, why).prop_map(|(n, why)| Wish::Miss(n, why)),
        3 => (0_usize..8).prop_map(Wish::EndTalk),
        2 => (0_usize..8).prop_map(Wish::Vanish),
        3 => (0_usize..3).prop_map(Wish::Up),
        1 => (0_usize..3).prop_map(Wish::Down),
        4 => (0_u64..40).prop_map(Wish::Wait),
    ]
}

fn input(model: &mut Model, wish: &Wish) -> Input {
    let agents = ["amina", "bruno", "chloe"];
    let rung: Vec<_> = model.waiting.iter().filter_map(|w| w.2.clone().map(|agent| (w.0, agent))).collect();
    match *wish {
        Wish::Join(call, queue) => Input::Join { call: CallId(call), queue: QUEUES[queue].0.into() },
        Wish::Leave(call) => Input::Leave { call: CallId(call) },
        Wish::Answer(n) if !rung.is_empty() => {
            let (call, agent) = rung[n % rung.len()].clone();
            Input::Answered { call, agent }
        }
        Wish::Miss(n, why) if !rung.is_empty() => {
            let (call, agent) = rung[n % rung.len()].clone();
            Input::Missed { call, agent, why }
        }
        Wish::EndTalk(n) if !model.talking.is_empty() => {
            let (call, _, agent) = model.talking[n % model.talking.len()].clone();
            Input::TalkEnded { call, agent }
        }
        Wish::Vanish(n) if !model.talking.is_empty() => {
            let (call, queue, _) = model.talking[n % model.talking.len()];
            Input::Rejoin { call, queue: QUEUES[queue].0.into() }
        }
        Wish::Up(n) => Input::AgentUp { agent: agents[n].into() },
        Wish::Down(n) => Input::AgentDown { agent: agents[n].into() },
        Wish::Wait(seconds) => {
            model.now += Duration::from_secs(seconds);
            Input::Tick
        }
        Wish::Answer(_) | Wish::Miss(..) | Wish::EndTalk(_) | Wish::Vanish(_) => Input::Tick,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nobody_is_lost_overtaken_or_rung_for_twice(wishes in prop::collection::vec(wish(), 0..120)) {
        let queues = QUEUES.iter().map(|(name, members, capacity)| rules(name, members, *capacity)).collect();
        let mut board = Board::new(queues);
        let mut model = Model::default();
        for wish in &wishes {
            let input = input(&mut model, wish);
            let mut asked = None;
            if let Input::Rejoin { call, queue } = &input {
                asked = Some((*call, QUEUES.iter().position(|q| q.0 == queue.as_str()).unwrap()));
            }
            if let Input::Join { call, queue } = &input {
                let target = QUEUES.iter().position(|q| q.0 == queue.as_str()).unwrap();
                asked = Some((*call, target));
                // Joining gives up what the caller had, except the place in the same queue.
                if !model.waiting.iter().any(|w| w.0 == *call && w.1 == target) {
                    model.tell(&Input::Leave { call: *call });
                }
            }
            model.tell(&input);
            board.handle(model.now, input);
            while let Some(output) = board.poll() {
                model.hear(&output, asked);
            }
            model.settled(&board);
        }
    }
}
