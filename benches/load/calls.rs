//! `load calls`: so many callers at once, what they hear, and what it costs the server.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::{Ipv4Addr, SocketAddrV4};

use anyhow::{Result, ensure};
use clap::Args;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::account::{Account, Sample};
use crate::acting::{excuse, excuse_new_partners};
use crate::agents::{self, Agents};
use crate::callers::{self, Callers};
use crate::clock::{self, Nanos, SECOND};
use crate::lines::{self, Lines};
use crate::packet::EVENT;
use crate::plan::{Act, Life};
use crate::talker::Talker;
use crate::witness::Witness;

/// The callers and what they do.
#[derive(Args, Clone, Debug)]
pub(crate) struct CallsArgs {
    /// Callers at once.
    #[arg(long, short)]
    pub(crate) n: usize,
    /// The number that they call; several for callers of a soak, who choose.
    #[arg(long, value_delimiter = ',', required = true)]
    to: Vec<String>,
    /// Where the server listens.
    #[arg(long, default_value = "127.0.0.1:5060")]
    server: SocketAddrV4,
    /// The server's process: what it uses is counted.
    #[arg(long)]
    pid: Option<i32>,
    /// Calls a second while the callers come.
    #[arg(long, default_value_t = 100.0)]
    rate: f64,
    /// Seconds after the last answer that are not measured.
    #[arg(long, default_value_t = 3.0)]
    warm: f64,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 15.0)]
    seconds: f64,
    /// Callers send sound; without it they only listen.
    #[arg(long)]
    pub(crate) speak: bool,
    /// Phones of agents, at 127.0.0.1:5080; they send sound.
    #[arg(long, default_value_t = 0)]
    agents: usize,
    /// The end of the numbers of agents who let it ring for ever.
    #[arg(long, default_value = "0002")]
    patient: String,
    /// What callers do: stay; `ivr` (a key after 1 to 4 s, gone after 12 to 18, and again);
    /// `head` (every ten seconds, who came first leaves and comes again); `soak` (random keys,
    /// holds and hang-ups).
    #[arg(long, value_enum, default_value_t = Life::Stay)]
    pub(crate) life: Life,
    /// Further calls a second while measuring, each of which shall be refused.
    #[arg(long, default_value_t = 0.0)]
    refused: f64,
    /// Seconds between two looks at the server's memory; 0 for none.
    #[arg(long, default_value_t = 0.0)]
    look: f64,
    /// A core, mostly the server's, on which somebody notes when it stands still.
    #[arg(long)]
    witness: Option<usize>,
    /// Chance, so that a run can be repeated.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What is under way.
enum Stage {
    Coming,
    Warming(Nanos),
    Measuring(Nanos),
    Leaving(Nanos),
}

/// One run's belongings.
pub(crate) struct Run {
    pub(crate) args: CallsArgs,
    pub(crate) callers: Callers,
    agents: Option<Agents>,
    pub(crate) chance: StdRng,
    pub(crate) acts: BinaryHeap<Reverse<(Nanos, usize, u32, Act)>>,
    /// Counts a caller's calls: an act planned for an earlier one is not done.
    pub(crate) turns: Vec<u32>,
    /// Who has the call on hold.
    pub(crate) held: Vec<bool>,
    began: Nanos,
    placed: usize,
    stage: Stage,
    pub(crate) first: usize,
    extra: Extra,
    account: Account,
    witness: Option<Witness>,
    before: Option<Sample>,
    looks: Vec<Value>,
    looked: Nanos,
    figures: Value,
    idle: Sample,
}

/// Callers who come while the service is full.
#[derive(Default)]
struct Extra {
    from: Nanos,
    placed: usize,
    full: u64,
    without_retry_after: u64,
    otherwise: u64,
}

/// Runs it; the figures.
pub(crate) fn run(args: CallsArgs) -> Result<Value> {
    ensure!(args.n > 0 && args.rate > 0.0, "no caller, or none a second");
    let mut lines = Lines::new();
    let mut callers = Callers::new(SocketAddrV4::new(CALLERS, 5090), args.server)?;
    lines.add(CALLERS, BASE, args.n)?;
    for line in 0..args.n {
        callers.add(address(CALLERS, line));
    }
    for _ in 0..EXTRAS {
        callers.add(address(CALLERS, args.n));
    }
    let agents = match args.agents {
        0 => None,
        count => {
            let first = lines.add(AGENTS, BASE, count)?;
            let phones = (0..count).map(|n| (first + n, address(AGENTS, n))).collect();
            Some(Agents::new(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 5080), &args.patient, phones)?)
        }
    };
    let account = Account::of(args.pid);
    let mut run = Run {
        chance: StdRng::seed_from_u64(args.seed),
        turns: vec![0; args.n + EXTRAS],
        held: vec![false; args.n],
        acts: BinaryHeap::new(),
        began: clock::monotonic(),
        placed: 0,
        stage: Stage::Coming,
        first: 0,
        extra: Extra::default(),
        idle: account.sample(),
        witness: args.witness.map(Witness::on).transpose()?,
        before: None,
        looks: Vec::new(),
        looked: 0,
        figures: Value::Null,
        account,
        callers,
        agents,
        args,
    };
    lines::run(&mut lines, |lines, now| run.turn(lines, now));
    Ok(run.figures)
}

impl Run {
    /// One turn; whether all is over.
    fn turn(&mut self, lines: &mut Lines, now: Nanos) -> bool {
        self.callers.turn();
        while let Some(news) = self.callers.poll() {
            self.on_caller(lines, news, now);
        }
        if let Some(agents) = &mut self.agents {
            agents.turn();
            while let Some(news) = agents.poll() {
                on_agent(lines, news);
            }
        }
        self.act(lines, now);
        excuse_new_partners(lines, &self.held);
        self.advance(lines, now)
    }

    fn advance(&mut self, lines: &mut Lines, now: Nanos) -> bool {
        match self.stage {
            Stage::Coming => {
                let due = ((now - self.began) as f64 / 1e9 * self.args.rate) as usize + 1;
                // After a stall of ours they come at twice the pace, not at once.
                let due = due.min(self.placed + (self.args.rate / 500.0) as usize + 1);
                while self.placed < due.min(self.args.n) {
                    self.place(self.placed);
                    self.placed += 1;
                }
                let settled = || (0..self.args.n).all(|c| self.callers.is_up(c) || self.callers.is_idle(c));
                let patience = self.began + clock::seconds(self.args.n as f64 / self.args.rate + 35.0);
                let alive = !matches!(self.args.life, Life::Stay | Life::Head);
                if self.placed == self.args.n && (alive || settled() || now > patience) {
                    self.stage = Stage::Warming(now + clock::seconds(self.args.warm));
                }
            }
            Stage::Warming(until) if now >= until => {
                lines.begin();
                self.before = Some(self.account.sample());
                self.stage = Stage::Measuring(clock::monotonic() + clock::seconds(self.args.seconds));
                self.extra.from = now;
                if matches!(self.args.life, Life::Head) {
                    self.acts.push(Reverse((now + SECOND, 0, 0, Act::Head)));
                }
            }
            Stage::Measuring(until) if now >= until => self.conclude(lines, now),
            Stage::Measuring(_) => {
                self.further(now);
                self.look(now);
            }
            Stage::Leaving(until) => {
                let leaving = (0..self.args.n).filter(|c| self.callers.is_up(*c)).take(2).collect::<Vec<_>>();
                for caller in &leaving {
                    lines.close(*caller);
                    self.callers.hang_up(*caller);
                }
                let over = leaving.is_empty() && (0..self.args.n).all(|c| self.callers.is_idle(c));
                if over || now > until {
                    let after = self.account.sample();
                    self.figures["left"] = json!({ "all": over, "resident_kib": after.resident_kib });
                    self.figures["calls"] = self.callers.to_json();
                    return true;
                }
            }
            Stage::Warming(_) => {}
        }
        false
    }

    /// The end of the measurement.
    fn conclude(&mut self, lines: &mut Lines, now: Nanos) {
        let up = (0..self.args.n).filter(|c| self.callers.is_up(*c)).count();
        let after = self.account.sample();
        let server = self.before.as_ref().map(|before| after.since(before));
        let rtp = lines.end();
        self.figures = json!({
            "n": self.args.n,
            "up": up,
            "server": server,
            "idle_kib": self.idle.resident_kib,
            "from_the_start": after.since(&self.idle),
            "rtp": rtp,
            "agents": self.agents.as_ref().map(Agents::to_json),
            "looks": self.looks,
            "witness": self.witness.as_ref().map(|witness| witness.to_json(lines.began())),
            "refused": { "placed": self.extra.placed, "with_503": self.extra.full,
                "without_retry_after": self.extra.without_retry_after, "otherwise": self.extra.otherwise },
        });
        self.acts.clear();
        self.stage = Stage::Leaving(now + 60 * SECOND);
    }

    pub(crate) fn place(&mut self, caller: usize) {
        let number = &self.args.to[self.chance.random_range(0..self.args.to.len())];
        self.turns[caller] += 1;
        self.callers.call(caller, number);
    }

    /// A caller of those who shall be refused.
    fn further(&mut self, now: Nanos) {
        let due = ((now - self.extra.from) as f64 / 1e9 * self.args.refused) as usize;
        while self.extra.placed < due {
            let caller = self.args.n + self.extra.placed % EXTRAS;
            self.extra.placed += 1;
            if self.callers.is_idle(caller) {
                self.callers.call(caller, &self.args.to[0]);
            }
        }
    }

    fn look(&mut self, now: Nanos) {
        if self.args.look > 0.0 && now >= self.looked + clock::seconds(self.args.look) {
            self.looked = now;
            let at = lines::round((now - self.extra.from) as f64 / 1e9, 1);
            let sample = self.account.sample();
            self.looks.push(json!([at, sample.resident_kib, sample.steal as f64 / 100.0]));
        }
    }

    fn on_caller(&mut self, lines: &mut Lines, news: callers::News, now: Nanos) {
        match news {
            callers::News::Answered { caller, session } if caller < self.args.n => {
                let keys = !matches!(self.args.life, Life::Stay | Life::Head);
                let talker = (self.args.speak || keys)
                    .then(|| Talker::new(caller as u32, session.codec, session.event, self.args.speak));
                lines.open(caller, session.to, talker);
                let turn = self.turns[caller];
                for (after, act) in self.args.life.begin(&mut self.chance) {
                    self.acts.push(Reverse((now + after, caller, turn, act)));
                }
            }
            callers::News::Answered { caller, .. } => {
                self.extra.otherwise += 1;
                self.callers.hang_up(caller);
            }
            callers::News::Refused { caller, status, retry_after } if caller >= self.args.n => {
                self.extra.full += u64::from(status == 503);
                self.extra.otherwise += u64::from(status != 503);
                self.extra.without_retry_after += u64::from(!retry_after);
            }
            callers::News::Refused { caller, .. } | callers::News::Lost { caller } | callers::News::Over { caller } => {
                if caller < self.args.n && !matches!(self.stage, Stage::Leaving(_)) {
                    lines.close(caller);
                    self.held[caller] = false;
                    self.turns[caller] += 1;
                    if let Some(pause) = self.args.life.again(&mut self.chance) {
                        self.acts.push(Reverse((now + pause, caller, self.turns[caller], Act::Call)));
                    }
                }
            }
            // The silence of a hold is nobody's fault; it ends when its end is agreed.
            callers::News::Changed { caller } => {
                if !self.held[caller] {
                    excuse(lines, caller, false);
                }
            }
        }
    }
}

fn on_agent(lines: &mut Lines, news: agents::News) {
    match news {
        agents::News::Answered { line, session } => {
            let talker = Talker::new(line as u32, session.codec, session.event.or(Some(EVENT)), true);
            lines.open(line, session.to, Some(talker));
            lines.all[line].judge.await_partner();
        }
        agents::News::Over { line } => lines.close(line),
    }
}

fn address(ip: Ipv4Addr, n: usize) -> SocketAddrV4 {
    SocketAddrV4::new(ip, BASE + u16::try_from(2 * n).unwrap_or(0))
}

/// Where the phones of callers and agents are: apart from the server's address, so that no
/// range of ports meets another.
const CALLERS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const AGENTS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const BASE: u16 = 10_000;
/// Callers at once who shall be refused.
const EXTRAS: usize = 500;
