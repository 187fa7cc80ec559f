//! The board against a naive model: any interleaving of what can happen.
//!
//! The model keeps plain lists of who waits, rings and talks, and looks at everyone at
//! each step. What the board says is judged by laws, not predicted.

mod laws;

use std::sync::Arc;
use std::time::Duration;

use laws::Model;
use proptest::prelude::*;

use super::tests::rules;
use super::{Board, CallerKey, Input, Join, Left, Missed, Parted, Waiting};
use crate::base::{CallId, PhoneNumber, Skill, TicketId};
use crate::flow::{self, Overflow, QueueRules, WhenEmpty};

const QUEUES: [&str; 3] = ["a", "b", "c"];
const AGENTS: [&str; 4] = ["amina", "bruno", "chloe", "dina"];

/// Whether callers may be helped by a second queue, which the board does without a word.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Help {
    None,
    Overflow,
}

/// The queues of one version of the files.
fn version(n: usize, help: Help) -> Vec<QueueRules> {
    let speaks = |queue: &mut QueueRules, member: usize| queue.members[member].skills = vec![Skill::from("en")];
    let mut a = rules("a", &["amina", "bruno/2", "dina"], 4);
    let mut b = rules("b", &["bruno", "chloe"], 6);
    let mut c = rules("c", &["chloe/3", "dina"], 5);
    speaks(&mut a, 1);
    speaks(&mut b, 1);
    a.max_wait = Some(Duration::from_secs(150));
    c.strategy = flow::Strategy::RingAll;
    if help == Help::Overflow {
        a.overflow = Some(Overflow { to: "b".into(), after: Duration::from_secs(45) });
    }
    match n {
        0 => vec![a, b, c],
        1 => {
            (a.strategy, b.strategy, c.strategy) =
                (flow::Strategy::RingAll, flow::Strategy::RoundRobin, flow::Strategy::FewestCalls);
            (a.when_empty, b.pause_after, a.wrap_up) = (WhenEmpty::WaitForPause, Some(1), Duration::ZERO);
            vec![a, b, c]
        }
        2 => {
            (a.strategy, b.when_empty, b.affinity) =
                (flow::Strategy::LeastRecent, WhenEmpty::Wait, Some(Duration::from_secs(600)));
            a.members.truncate(1);
            vec![a, b]
        }
        _ => {
            a.members.remove(0);
            b.level = Duration::from_secs(10);
            vec![a, b, c]
        }
    }
}

/// A wish; the present state turns it into an input that makes sense, or a stray one.
#[derive(Clone, Debug)]
enum Wish {
    Join {
        call: u64,
        queue: usize,
        priority: u8,
        english: bool,
        number: Option<u8>,
    },
    Leave(u64, bool),
    TakeCallback(usize),
    Answer(usize),
    /// Somebody answers who was rung a moment ago, or was not.
    CrossedAnswer(usize, usize),
    Miss(usize, Missed),
    EndTalk(usize),
    Vanish(usize, Parted),
    Agent(usize, Deed),
    Reload(usize),
    Ask(u64),
    Wait(u64),
}

#[derive(Clone, Copy, Debug)]
enum Deed {
    Up,
    Down,
    LogIn,
    LogOut,
    Pause,
    Resume,
    Ready,
}

fn wish() -> impl Strategy<Value = Wish> {
    let why = prop_oneof![Just(Missed::NoAnswer), Just(Missed::Rejected), Just(Missed::Unreachable)];
    let parted = prop_oneof![Just(Parted::Vanished), why.clone().prop_map(Parted::Declined)];
    let join = (0_u64..16, 0_usize..3, prop_oneof![3 => Just(0_u8), 1 => 1..3_u8], prop::bool::weighted(0.3));
    let number = prop::option::weighted(0.5, 0..4_u8);
    let rare = prop_oneof![
        Just(Deed::Down),
        Just(Deed::LogIn),
        Just(Deed::LogOut),
        Just(Deed::Pause),
        Just(Deed::Resume),
        Just(Deed::Ready)
    ];
    prop_oneof![
        8 => (join, number).prop_map(|((call, queue, priority, english), number)| {
            Wish::Join { call, queue, priority, english, number }
        }),
        3 => (0_u64..16, any::<bool>()).prop_map(|(call, ended)| Wish::Leave(call, ended)),
        1 => (0_usize..8).prop_map(Wish::TakeCallback),
        6 => (0_usize..8).prop_map(Wish::Answer),
        1 => (0_usize..8, 0_usize..4).prop_map(|(n, agent)| Wish::CrossedAnswer(n, agent)),
        4 => (0_usize..8, why).prop_map(|(n, why)| Wish::Miss(n, why)),
        4 => (0_usize..8).prop_map(Wish::EndTalk),
        1 => (0_usize..8, parted).prop_map(|(n, why)| Wish::Vanish(n, why)),
        5 => (0_usize..4).prop_map(|agent| Wish::Agent(agent, Deed::Up)),
        5 => (0_usize..4, rare).prop_map(|(agent, deed)| Wish::Agent(agent, deed)),
        1 => (0_usize..4).prop_map(Wish::Reload),
        1 => (0_u64..16).prop_map(Wish::Ask),
        7 => (0_u64..40).prop_map(Wish::Wait),
    ]
}

impl Model {
    fn input(&mut self, wish: &Wish, tickets: &mut u64) -> Input {
        let rung = self.ringing();
        match *wish {
            Wish::Join { call, queue, priority, english, number } => {
                let needs = english.then(|| Skill::from("en")).into_iter().collect();
                let number = number.map(|n| PhoneNumber::parse(&format!("06123456{n:02}")).unwrap());
                let caller = number.as_ref().map(CallerKey::from);
                Input::Join(Join { needs, priority, caller, ..Join::new(CallId(call), QUEUES[queue].into()) })
            }
            Wish::Leave(call, ended) => {
                let why = if ended { Left::Ended } else { Left::WentOn };
                Input::Leave { who: CallId(call).into(), why }
            }
            Wish::TakeCallback(n) if !self.waiting.is_empty() => {
                *tickets += 1;
                let who = self.waiting[n % self.waiting.len()].who;
                Input::Leave { who, why: Left::Callback(TicketId(*tickets)) }
            }
            Wish::Answer(n) if !rung.is_empty() => {
                let (who, agent) = rung[n % rung.len()].clone();
                Input::Answered { who, agent }
            }
            Wish::CrossedAnswer(n, agent) if !self.waiting.is_empty() => {
                Input::Answered { who: self.waiting[n % self.waiting.len()].who, agent: AGENTS[agent].into() }
            }
            Wish::Miss(n, why) if !rung.is_empty() => {
                let (who, agent) = rung[n % rung.len()].clone();
                Input::Missed { who, agent, why }
            }
            Wish::EndTalk(n) if !self.talking.is_empty() => {
                let talk = &self.talking[n % self.talking.len()];
                Input::TalkEnded { who: talk.caller.who, agent: talk.agent.clone() }
            }
            Wish::Vanish(n, why) if !self.talking.is_empty() => {
                let talk = &self.talking[n % self.talking.len()];
                Input::Rejoin { who: talk.caller.who, queue: QUEUES[talk.caller.asked].into(), why }
            }
            Wish::Agent(agent, deed) => deed.of(AGENTS[agent]),
            Wish::Reload(n) => Input::Rules(version(n, self.help).into_iter().map(Arc::new).collect()),
            Wish::Ask(call) => Input::Ask { who: CallId(call).into() },
            Wish::Wait(seconds) => {
                self.now += Duration::from_secs(seconds);
                Input::Tick
            }
            Wish::TakeCallback(_)
            | Wish::Answer(_)
            | Wish::CrossedAnswer(..)
            | Wish::Miss(..)
            | Wish::EndTalk(_)
            | Wish::Vanish(..) => Input::Tick,
        }
    }

    fn play(&mut self, board: &mut Board, input: Input) {
        self.tell(&input);
        board.handle(self.now, input);
        while let Some(output) = board.poll() {
            self.hear(&output);
        }
        self.settled(board);
    }
}

impl Deed {
    fn of(self, agent: &str) -> Input {
        let agent = agent.into();
        match self {
            Self::Up => Input::AgentUp { agent },
            Self::Down => Input::AgentDown { agent },
            Self::LogIn => Input::LogIn { agent },
            Self::LogOut => Input::LogOut { agent },
            Self::Pause => Input::Pause { agent, reason: "café".into() },
            Self::Resume => Input::Resume { agent },
            Self::Ready => Input::Ready { agent },
        }
    }
}

fn holds(wishes: &[Wish], help: Help) {
    let first = version(0, help);
    let mut board = Board::new(first.iter().cloned().map(Arc::new).collect());
    let mut model = Model::new(first, help);
    let mut tickets = 0;
    for wish in wishes {
        let input = model.input(wish, &mut tickets);
        model.play(&mut board, input);
    }
    // When everybody has gone, nothing is in use any more.
    let mut all: Vec<Waiting> = model.waiting.iter().map(|w| w.who).collect();
    all.extend(model.talking.iter().map(|talk| talk.caller.who));
    for who in all {
        model.play(&mut board, Input::Leave { who, why: Left::Ended });
    }
    model.now += Duration::from_secs(3600);
    model.play(&mut board, Input::Tick);
    model.nobody_is_busy(&board);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(384))]

    #[test]
    fn nobody_is_lost_overtaken_or_served_twice(wishes in prop::collection::vec(wish(), 0..150)) {
        holds(&wishes, Help::None);
    }

    #[test]
    fn nor_where_another_queue_helps(wishes in prop::collection::vec(wish(), 0..150)) {
        holds(&wishes, Help::Overflow);
    }
}
