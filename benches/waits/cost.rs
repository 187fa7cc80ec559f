//! What the estimate costs.

use std::hint::black_box;
use std::time::Duration;

use svi::base::{AgentName, CallId, Instant};
use svi::queue::wait::{Estimator, Lesson, WaitEnd};
use svi::queue::{AgentState, AgentView, LineView, Standing, Then, View, WaiterView};

/// Prints the cost of an event, a look and a telling, by callers and agents.
#[allow(clippy::disallowed_methods, reason = "a measurement needs a clock")]
pub fn print() {
    println!("| waiting | agents | learn | look | tell |\n|--:|--:|--:|--:|--:|");
    for (callers, agents) in [(5, 3), (20, 10), (100, 50), (1000, 100), (10_000, 500)] {
        let mut estimator = Estimator::new();
        let start = std::time::Instant::now();
        for k in 0..10_000 {
            estimator.learn(&"q".into(), Lesson::Talk(Duration::from_secs(100 + k % 400)));
            estimator.learn(&"q".into(), Lesson::Wait(Duration::from_secs(k % 300), WaitEnd::Answered));
        }
        let learn = start.elapsed() / 20_000;
        let view = view(callers, agents);
        let now = Instant::from_start(Duration::from_secs(4000));
        let start = std::time::Instant::now();
        for _ in 0..20 {
            estimator.look(now, black_box(&view));
        }
        let look = start.elapsed() / 20;
        let standing =
            |ahead| Standing { queue: "q".into(), needs: Vec::new(), rank: ahead + 1, ahead, since: Instant::START };
        let start = std::time::Instant::now();
        for ahead in 0..callers {
            black_box(estimator.tell(now, CallId(ahead as u64), &standing(ahead)));
        }
        let tell = start.elapsed() / u32::try_from(callers).unwrap();
        println!("| {callers} | {agents} | {learn:.0?} | {look:.1?} | {tell:.1?} |");
    }
}

fn view(callers: usize, agents: usize) -> View {
    let at = |seconds: u64| Instant::from_start(Duration::from_secs(seconds));
    let waiter = |n: u64| WaiterView {
        who: CallId(n).into(),
        claim: n.cast_signed(),
        place: n,
        since: at(3500 + 500 * n / callers as u64),
    };
    let agent = |n: u64| AgentView {
        agent: AgentName::from(format!("a{n}").as_str()),
        state: AgentState::Talking,
        since: at(3500 + n % 500),
        until: None,
        serving: Some("q".into()),
        then: Then::GoesOn,
        lines: vec![0.into()],
    };
    let waiting = (0..callers as u64).map(waiter).collect();
    View {
        lines: vec![LineView { queue: "q".into(), needs: Vec::new(), waiting }],
        agents: (0..agents as u64).map(agent).collect(),
    }
}
