//! The model itself, and what it holds against the board.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{AGENTS, Help, QUEUES};
use crate::base::{AgentName, Instant, QueueName, Skill, limits};
use crate::flow::{Member, QueueRules, Strategy, WhenEmpty};
use crate::queue::{AgentState, Board, CallerKey, Input, Join, Left, Output, Refused, Waiting};

/// Who waits.
#[derive(Clone, Debug)]
pub(super) struct Waiter {
    pub(super) who: Waiting,
    pub(super) asked: usize,
    /// Where the caller waits for sure, and where perhaps.
    sure: Vec<usize>,
    perhaps: Vec<usize>,
    needs: Vec<Skill>,
    number: Option<CallerKey>,
    /// The arrival less the priority, in milliseconds, and the order of arrivals.
    place: (i128, u64),
    longest: Option<Instant>,
    helped_from: Option<Instant>,
    rung: Vec<AgentName>,
}

impl Waiter {
    /// Whether somebody holds a line for it.
    fn is_caller(&self) -> bool {
        matches!(self.who, Waiting::Caller(_))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Talk {
    pub(super) caller: Waiter,
    pub(super) agent: AgentName,
}

#[derive(Clone, Copy, Debug)]
struct Agent {
    reachable: bool,
    logged_in: bool,
    paused: bool,
    /// As the board told it.
    state: AgentState,
}

#[derive(Debug)]
struct Queue {
    rules: QueueRules,
    listed: bool,
    staffed: bool,
}

type Key = (Option<CallerKey>, Option<Waiting>);

#[derive(Debug)]
pub(super) struct Model {
    pub(super) now: Instant,
    pub(super) help: Help,
    queues: Vec<Queue>,
    agents: BTreeMap<AgentName, Agent>,
    pub(super) waiting: Vec<Waiter>,
    pub(super) talking: Vec<Talk>,
    arrivals: u64,
    kept: Vec<(Key, usize, (i128, u64), Instant)>,
    /// Phones that the call has stopped by itself, of which the board has yet to say so.
    stopped: Vec<(Waiting, AgentName)>,
    /// Who has asked to wait and has no answer yet.
    asking: Option<Waiter>,
}

impl Model {
    pub(super) fn new(queues: Vec<QueueRules>, help: Help) -> Self {
        let offline = Agent { reachable: false, logged_in: true, paused: false, state: AgentState::Offline };
        Self {
            now: Instant::START,
            help,
            queues: queues.into_iter().map(|rules| Queue { rules, listed: true, staffed: true }).collect(),
            agents: AGENTS.iter().map(|name| (AgentName::from(*name), offline)).collect(),
            waiting: Vec::new(),
            talking: Vec::new(),
            arrivals: 0,
            kept: Vec::new(),
            stopped: Vec::new(),
            asking: None,
        }
    }

    /// Whose phones ring for whom.
    pub(super) fn ringing(&self) -> Vec<(Waiting, AgentName)> {
        self.waiting.iter().flat_map(|w| w.rung.iter().map(|agent| (w.who, agent.clone()))).collect()
    }

    fn member(&self, queue: usize, agent: &AgentName) -> Option<&Member> {
        let queue = &self.queues[queue];
        queue.rules.members.iter().find(|m| queue.staffed && m.agent == *agent)
    }

    fn serves(&self, agent: &AgentName, queue: usize, needs: &[Skill]) -> bool {
        self.member(queue, agent).is_some_and(|m| needs.iter().all(|need| m.skills.contains(need)))
    }

    /// Who of the agents could help in a queue: at work, and not on a pause.
    fn hope(&self, queue: usize, needs: &[Skill]) -> (usize, usize) {
        let serving = self.agents.iter().filter(|(name, _)| self.serves(name, queue, needs));
        let here = serving.map(|(_, agent)| agent).filter(|a| a.reachable && a.logged_in);
        here.fold((0, 0), |(here, ready), a| (here + 1, ready + usize::from(!a.paused)))
    }

    /// Whether somebody has nothing to hope for there; a promised callback always has.
    fn hopeless(&self, queue: usize, w: &Waiter) -> bool {
        let (here, ready) = self.hope(queue, &w.needs);
        if matches!(w.who, Waiting::Ticket(_)) {
            return false;
        }
        match self.queues[queue].rules.when_empty {
            WhenEmpty::Refuse => ready == 0,
            WhenEmpty::WaitForPause => here == 0,
            WhenEmpty::Wait => false,
        }
    }

    fn in_queue(&self, queue: usize) -> impl Iterator<Item = &Waiter> {
        self.waiting.iter().filter(move |w| w.sure.contains(&queue))
    }

    /// When an agent's turn for this caller comes: the smallest first.
    fn turn(&self, agent: &AgentName, w: &Waiter, queues: &[usize]) -> Option<(i128, u64)> {
        let able = queues.iter().filter(|q| self.serves(agent, **q, &w.needs));
        let later = able.map(|q| {
            let level = i128::try_from(self.queues[*q].rules.level.as_millis()).unwrap();
            level * i128::from(self.member(*q, agent).unwrap().priority - 1)
        });
        later.min().map(|later| (w.place.0 + later, w.place.1))
    }

    fn keep(&mut self, w: &Waiter) {
        let key = key(w.number, w.who);
        self.kept.retain(|k| k.0 != key);
        self.kept.push((key, w.asked, w.place, self.now));
    }

    fn remove(&mut self, who: Waiting) -> Option<Waiter> {
        let i = self.waiting.iter().position(|w| w.who == who)?;
        let w = self.waiting.remove(i);
        Some(w)
    }

    /// What an input changes by itself; what the board makes of it is in `hear`.
    pub(super) fn tell(&mut self, input: &Input) {
        self.help_perhaps();
        match input {
            Input::Join(join) | Input::Send(join) => self.join(join),
            Input::Leave { who, why } => self.leave(*who, *why),
            Input::Hand { .. } | Input::Ask { .. } | Input::Told { .. } | Input::Tick => {}
            Input::Ready { .. } | Input::LeaveAlone { .. } => {}
            Input::Answered { who, agent } | Input::Handed { who, agent } => {
                let Some(mut caller) = self.remove(*who) else { return };
                caller.rung.retain(|other| other != agent);
                self.stopped.extend(caller.rung.drain(..).map(|other| (*who, other)));
                if !self.talking.iter().any(|talk| talk.agent == *agent) {
                    self.talking.push(Talk { caller, agent: agent.clone() });
                }
            }
            Input::Missed { who, agent, .. } => {
                self.waiting.iter_mut().filter(|w| w.who == *who).for_each(|w| w.rung.retain(|a| a != agent));
            }
            Input::TalkEnded { who, .. } => self.talking.retain(|talk| talk.caller.who != *who),
            Input::Rejoin { who, .. } => {
                let i = self.talking.iter().position(|talk| talk.caller.who == *who).unwrap();
                self.asking = Some(self.talking.remove(i).caller);
            }
            Input::AgentUp { agent } => self.agent(agent, |a| a.reachable = true),
            Input::AgentDown { agent } => self.agent(agent, |a| a.reachable = false),
            Input::LogIn { agent } => self.agent(agent, |a| (a.logged_in, a.paused) = (true, false)),
            Input::LogOut { agent } => self.agent(agent, |a| (a.logged_in, a.paused) = (false, false)),
            Input::Pause { agent, .. } => self.agent(agent, |a| a.paused = true),
            Input::Resume { agent } => self.agent(agent, |a| a.paused = false),
            Input::Rules(rules) => {
                for q in 0..self.queues.len() {
                    let new = rules.iter().find(|r| r.name == self.queues[q].rules.name);
                    let busy = self.waiting.iter().any(|w| w.sure.contains(&q) || w.perhaps.contains(&q));
                    let queue = &mut self.queues[q];
                    (queue.listed, queue.staffed) = (new.is_some(), new.is_some() || busy);
                    queue.rules = new.map_or_else(|| queue.rules.clone(), |new| QueueRules::clone(new));
                }
            }
        }
    }

    fn agent(&mut self, name: &AgentName, change: impl FnOnce(&mut Agent)) {
        // Who is unknown to the board can't be put on a pause; all of these are known.
        change(self.agents.get_mut(name).unwrap());
    }

    fn join(&mut self, join: &Join) {
        let asked = QUEUES.iter().position(|name| *name == join.queue.as_str()).unwrap();
        if self.waiting.iter().any(|w| w.who == join.who && w.asked == asked) {
            return;
        }
        // Joining gives up what the caller had elsewhere.
        self.leave(join.who, Left::WentOn);
        let bonus = self.queues[asked].rules.level * u32::from(join.priority);
        self.asking = Some(Waiter {
            who: join.who,
            asked,
            sure: vec![asked],
            perhaps: Vec::new(),
            needs: join.needs.clone(),
            number: join.caller,
            place: (millis(self.now.since_start()) - millis(bonus), self.arrivals),
            longest: None,
            helped_from: None,
            rung: Vec::new(),
        });
    }

    fn leave(&mut self, who: Waiting, why: Left) {
        self.talking.retain(|talk| talk.caller.who != who);
        let Some(mut w) = self.remove(who) else { return };
        w.rung.clear();
        match why {
            Left::Ended | Left::WentOn => self.keep(&w),
            Left::Callback(ticket) => {
                (w.who, w.longest, w.helped_from) = (ticket.into(), None, None);
                self.waiting.push(w);
            }
        }
    }

    /// Who has waited for long may wait in the second queue as well, and who has nobody
    /// to hope for in the first may wait in either only: the board says nothing of it.
    fn help_perhaps(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        for w in waiting.iter_mut().filter(|w| self.queues[w.asked].rules.overflow.is_some()) {
            if w.helped_from.is_some_and(|from| from <= self.now) && w.perhaps.is_empty() {
                w.perhaps = vec![1];
            }
            if w.rung.is_empty() && !w.sure.is_empty() && w.sure.iter().all(|q| self.hopeless(*q, w)) {
                (w.sure, w.perhaps) = (Vec::new(), vec![w.asked, 1]);
            }
        }
        self.waiting = waiting;
    }

    /// What the board said must be right as things stand.
    pub(super) fn hear(&mut self, output: &Output) {
        match output {
            Output::Joined { who, .. } => {
                if let Some(w) = self.asking.take() {
                    assert_eq!(w.who, *who);
                    self.joined(w);
                }
            }
            Output::Refused { who, why } => self.refused(*who, *why),
            Output::TimedOut { who } => {
                let w = self.remove(*who).expect("timed out without waiting");
                assert!(w.rung.is_empty(), "{who} was sent away while a phone rang");
                assert!(w.longest.is_some_and(|longest| longest <= self.now), "{who} timed out too early");
                self.keep(&w);
            }
            Output::Busy { .. } | Output::Rank { .. } => {}
            Output::Offer { who, agent, .. } => self.offered(*who, agent),
            Output::Withdraw { who, agent } => {
                let before = self.stopped.len();
                self.stopped.retain(|pair| *pair != (*who, agent.clone()));
                if before == self.stopped.len() {
                    let w = self.waiting.iter_mut().find(|w| w.who == *who && w.rung.contains(agent));
                    w.expect("withdrawn without ringing").rung.retain(|a| a != agent);
                }
            }
            Output::Agent { agent, state, pause } => {
                let known = self.agents.get_mut(agent).unwrap();
                // Letting callers ring ends in a pause by itself.
                known.paused |= pause.as_deref() == Some("unanswered");
                assert_eq!(known.paused, pause.is_some(), "{agent}'s pause");
                known.state = *state;
            }
        }
    }

    fn joined(&mut self, mut w: Waiter) {
        // Who lost the agent is let in again even where it is full.
        let new = w.place.1 == self.arrivals;
        if new {
            self.arrivals += 1;
            let key = key(w.number, w.who);
            for (_, queue, place, left) in self.kept.extract_if(.., |k| k.0 == key) {
                let fresh = self.now.since(left) <= limits::PLACE_KEPT;
                if queue == w.asked && fresh && place < w.place {
                    w.place = place;
                }
            }
        }
        let mut sure = std::mem::take(&mut w.sure);
        sure.retain(|q| {
            let inside = self.waiting.iter().filter(|w| w.sure.contains(q) || w.perhaps.contains(q));
            let inside = inside.filter(|w| w.is_caller()).count();
            let full = w.is_caller()
                && inside >= self.queues[*q].rules.capacity
                && self.queues[w.asked].rules.overflow.is_some();
            !(full && new || self.hopeless(*q, &w))
        });
        w.sure = sure;
        if w.sure.is_empty() {
            assert!(self.queues[w.asked].rules.overflow.is_some(), "{} waits for nobody", w.who);
            w.perhaps = vec![w.asked, 1];
        }
        let rules = &self.queues[w.asked].rules;
        w.longest = rules.max_wait.map(|wait| self.now + wait);
        w.helped_from = rules.overflow.as_ref().map(|o| self.now + o.after);
        if matches!(w.who, Waiting::Ticket(_)) {
            (w.longest, w.helped_from) = (None, None);
        }
        self.waiting.push(w);
    }

    fn refused(&mut self, who: Waiting, why: Refused) {
        let w = self.asking.take_if(|w| w.who == who).or_else(|| self.remove(who)).expect("refused unasked");
        assert!(w.rung.is_empty(), "{who} was sent away while a phone rang");
        let (here, ready) = self.hope(w.asked, &w.needs);
        let queue = &self.queues[w.asked];
        let unsure = self.help == Help::Overflow;
        match why {
            Refused::Full => {
                let callers = self.in_queue(w.asked).filter(|w| w.is_caller()).count();
                assert!(w.is_caller() && (unsure || callers >= queue.rules.capacity), "not full");
            }
            Refused::Nobody => assert!(unsure || (here == 0 && queue.rules.when_empty != WhenEmpty::Wait)),
            Refused::Paused => assert!(unsure || (ready == 0 && here > 0)),
            Refused::Closed => assert!(!queue.listed),
            Refused::Unknown => panic!("every queue was there once"),
        }
    }

    fn offered(&mut self, who: Waiting, agent: &AgentName) {
        self.help_perhaps();
        let me = self.waiting.iter().position(|w| w.who == who).expect("rung for who does not wait");
        let rung = self.ringing();
        assert!(!rung.iter().any(|(_, other)| other == agent), "{agent} is rung twice at once");
        assert!(!self.talking.iter().any(|talk| talk.agent == *agent), "{agent} is in a talk");
        let known = self.agents[agent];
        assert!(known.reachable && known.logged_in && !known.paused, "{agent} is not there");
        let queues: Vec<usize> = self.waiting[me].sure.iter().chain(&self.waiting[me].perhaps).copied().collect();
        let turn = self.turn(agent, &self.waiting[me], &queues).expect("the agent can't help");
        let mine = self.waiting[me].rung.len();
        let all = queues.iter().any(|q| self.queues[*q].rules.strategy == Strategy::RingAll);
        assert!(mine == 0 || all && self.waiting[me].is_caller(), "two phones ring for {who}");
        for w in self.waiting.iter().filter(|w| w.who != who && w.rung.is_empty()) {
            let theirs = self.turn(agent, w, &w.sure);
            assert!(theirs.is_none_or(|theirs| mine == 0 && theirs > turn), "{} was overtaken by {who}", w.who);
        }
        self.waiting[me].rung.push(agent.clone());
    }

    /// What must hold when the board has said everything.
    pub(super) fn settled(&mut self, board: &Board) {
        assert!(self.asking.is_none() && self.stopped.is_empty(), "something was left unsaid");
        self.agents_are_as_told(board);
        self.help_perhaps();
        for w in &self.waiting {
            let hopeless = |queues: &[usize]| queues.iter().all(|q| self.hopeless(*q, w));
            let hopes = !w.rung.is_empty() || !hopeless(&w.sure) || !hopeless(&w.perhaps);
            assert!(hopes, "{} waits for nobody", w.who);
            assert!(w.longest.is_none_or(|at| at > self.now) || !w.rung.is_empty(), "{} waits too long", w.who);
            assert!(board.rank(w.who).is_some(), "{} was lost", w.who);
        }
        let free = self.agents.iter().filter(|(_, a)| a.state == AgentState::Available);
        for (agent, _) in free {
            let unserved = |w: &&Waiter| w.rung.is_empty() && self.turn(agent, w, &w.sure).is_some();
            assert!(self.waiting.iter().find(unserved).is_none(), "somebody waits while {agent} is free");
        }
        if self.waiting.iter().all(|w| w.perhaps.is_empty()) {
            for w in &self.waiting {
                let ahead = |q: &usize| self.in_queue(*q).filter(|other| other.place < w.place).count();
                assert_eq!(board.rank(w.who), w.sure.iter().map(ahead).min().map(|n| n + 1), "{}'s rank", w.who);
            }
            for (q, name) in QUEUES.iter().enumerate() {
                assert_eq!(board.waiting(&QueueName::from(*name)), self.in_queue(q).count());
            }
        }
    }

    fn agents_are_as_told(&self, board: &Board) {
        let rung = self.ringing();
        for (name, state) in board.agents() {
            let agent = self.agents[name];
            assert_eq!(state, agent.state, "{name} was told otherwise");
            let rings = rung.iter().filter(|(_, other)| other == name).count();
            assert_eq!(rings, usize::from(state == AgentState::Ringing), "{name} is {state:?}");
            let talks = self.talking.iter().filter(|talk| talk.agent == *name).count();
            assert_eq!(talks, usize::from(state == AgentState::Talking), "{name} is {state:?}");
            let here = agent.reachable && agent.logged_in;
            match state {
                AgentState::Offline => assert!(!here),
                AgentState::Available => assert!(here && !agent.paused),
                AgentState::Paused => assert!(here && agent.paused),
                AgentState::WrapUp | AgentState::Resting => assert!(here && board.deadline().is_some()),
                AgentState::Ringing | AgentState::Talking => {}
            }
        }
    }

    pub(super) fn nobody_is_busy(&self, board: &Board) {
        assert!(self.waiting.is_empty() && self.talking.is_empty() && board.deadline().is_none());
        let idle = [AgentState::Offline, AgentState::Available, AgentState::Paused];
        assert!(board.agents().all(|(_, state)| idle.contains(&state)), "somebody stays in use");
    }
}

fn key(number: Option<CallerKey>, who: Waiting) -> Key {
    (number, number.is_none().then_some(who))
}

fn millis(duration: Duration) -> i128 {
    i128::try_from(duration.as_millis()).unwrap()
}
