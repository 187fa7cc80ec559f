//! What the queue board costs: events a second, and a tick, with many who wait.
//!
//! `cargo bench --bench board`

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use svi::base::{AgentName, CallId, Instant, QueueName};
use svi::flow::{Member, QueueRules};
use svi::queue::{Board, Input, Join, Left, Output, Waiting};

const WAITING: [u64; 3] = [100, 1_000, 10_000];
const AGENTS: usize = 500;

/// A full board: every agent of two queues talks, and so many callers wait.
struct Hall {
    board: Board,
    now: Instant,
    queues: [QueueName; 2],
    next: u64,
    waiting: u64,
    talks: Vec<(Waiting, AgentName)>,
}

impl Hall {
    fn new(waiting: u64) -> Self {
        let queues = [QueueName::from("s/a"), QueueName::from("s/b")];
        let agents: Vec<AgentName> = (0..AGENTS).map(|n| AgentName::from(format!("agent-{n}").as_str())).collect();
        let rules = |queue: &QueueName, agents: &[AgentName]| {
            let members = agents.iter().cloned().map(Member::from).collect();
            let rules = QueueRules::new(queue.clone(), members);
            Arc::new(QueueRules { capacity: 10_000, wrap_up: Duration::ZERO, max_wait: Some(HOUR), ..rules })
        };
        // A third of the agents answers both.
        let staff = [rules(&queues[0], &agents[..2 * AGENTS / 3]), rules(&queues[1], &agents[AGENTS / 3..])];
        let board = Board::new(staff.into());
        let mut hall = Self { board, now: Instant::START, queues, next: 0, waiting, talks: Vec::new() };
        for agent in agents {
            hall.tell(Input::AgentUp { agent });
        }
        while hall.talks.len() < AGENTS {
            hall.join();
        }
        for _ in 0..waiting {
            hall.join();
        }
        hall
    }

    /// One event with everything that comes of it; whoever is rung answers at once.
    fn tell(&mut self, input: Input) -> usize {
        self.board.handle(self.now, input);
        let mut events = 1;
        while let Some(output) = self.board.poll() {
            if let Output::Offer { who, agent, .. } = output {
                self.talks.push((who, agent.clone()));
                self.board.handle(self.now, Input::Answered { who, agent });
                events += 1;
            }
        }
        events
    }

    fn join(&mut self) -> usize {
        self.now += Duration::from_millis(1);
        self.next += 1;
        let queue = usize::from(self.next.is_multiple_of(2));
        self.tell(Input::Join(Join::new(CallId(self.next), self.queues[queue].clone())))
    }

    /// Two callers join, one asks for the rank, one in the middle of the line hangs up,
    /// a talk ends and the next caller is answered: as many wait as before.
    fn go_on(&mut self) -> usize {
        let mut events = self.join() + self.join();
        let middle = self.middle();
        events += self.tell(Input::Ask { who: CallId(self.next).into() });
        events += self.tell(Input::Leave { who: middle.into(), why: Left::Ended });
        let (who, agent) = self.talks.swap_remove(0);
        events + self.tell(Input::TalkEnded { who, agent })
    }

    fn middle(&self) -> CallId {
        CallId(self.next - self.waiting / 2)
    }
}

const HOUR: Duration = Duration::from_secs(3600);

fn events(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("events");
    for waiting in WAITING {
        let mut hall = Hall::new(waiting);
        group.throughput(Throughput::Elements(hall.go_on() as u64));
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter(|| black_box(hall.go_on()));
        });
    }
    group.finish();
}

fn ranks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rank");
    for waiting in WAITING {
        let hall = Hall::new(waiting);
        let middle = hall.middle();
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter(|| black_box(hall.board.rank(black_box(middle))));
        });
    }
    group.finish();
}

fn ticks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick");
    for waiting in WAITING {
        let mut hall = Hall::new(waiting);
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter(|| hall.tell(black_box(Input::Tick)));
        });
    }
    group.finish();
}

/// What an estimate looks at: no part of an event, drawn up every few seconds.
fn views(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("view");
    for waiting in WAITING {
        let hall = Hall::new(waiting);
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter(|| black_box(hall.board.view(&hall.queues[0])));
        });
    }
    group.finish();
}

criterion_group!(board, events, ranks, ticks, views);
criterion_main!(board);
