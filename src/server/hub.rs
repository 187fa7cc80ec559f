//! The hub: the one owner of the queue boards (and, from issue 5 on, of the callback book).

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::clock;
use super::signalling::ToSignalling;
use super::switchboard::{Switchboard, Told};
use crate::base::{AgentName, CallId, LegId, Lifecycle, WallTime};
use crate::call::{self, WatchOrder, Watched};
use crate::flow::QueueRules;
use crate::queue::{AgentState, Board, Input, Output, Waiting};
use crate::web::metrics;

/// What other tasks say to the hub.
#[derive(Debug)]
pub(super) enum ToHub {
    /// Something for the board.
    Board(Input),
    /// A supervisor wants something of an agent's talk.
    Watch(WatchOrder),
    /// The call of that talk answers.
    Watched {
        /// The supervisor's leg.
        leg: LegId,
        /// What.
        news: Watched,
    },
    /// Who wants to know what the agents are doing.
    List(oneshot::Sender<Vec<AgentLine>>),
}

/// One agent, as people and programs see it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct AgentLine {
    /// Who.
    pub agent: AgentName,
    /// What the agent is doing: `offline`, `available`, `ringing`, `talking`, `wrap-up`, `resting` or `paused`.
    pub state: &'static str,
    /// Why the agent is on a pause, or will be after the talk.
    pub pause: Option<Arc<str>>,
    /// Since when, in milliseconds since 1970.
    pub since: WallTime,
    /// The call that the agent talks in.
    pub call: Option<CallId>,
}

/// Who is on the boards when the hub begins.
pub(super) struct People {
    /// Everybody with an account.
    pub(super) accounts: Vec<AgentName>,
    /// Those who are reached through the trunk: they are always there.
    pub(super) outside: Vec<AgentName>,
}

/// Runs the boards until every sender is gone.
pub(super) async fn run(
    queues: Vec<Arc<QueueRules>>,
    people: People,
    mut inbox: mpsc::Receiver<ToHub>,
    signalling: mpsc::Sender<ToSignalling>,
) {
    let mut board = Board::new(queues);
    let mut roster = Roster::new(&board, people.accounts);
    let mut switchboard = Switchboard::default();
    for agent in people.outside {
        board.handle(clock::now(), Input::AgentUp { agent });
    }
    let mut moved = true;
    loop {
        while let Some(output) = board.poll() {
            moved |= matches!(output, Output::Agent { .. });
            if tell(&signalling, &mut roster, output).await.is_err() {
                return;
            }
        }
        if std::mem::take(&mut moved) {
            metrics::agents(board.agents().map(|(_, state)| state));
        }
        let told = tokio::select! {
            message = inbox.recv() => match message {
                Some(ToHub::Board(input)) => {
                    let told = switchboard.heard(&input);
                    board.handle(clock::now(), input);
                    told
                }
                Some(ToHub::Watch(order)) => switchboard.watch(order).into_iter().collect(),
                Some(ToHub::Watched { leg, news }) => vec![switchboard.watched(leg, news)],
                Some(ToHub::List(answer)) => {
                    // Whoever asked may have gone.
                    let _ = answer.send(roster.lines(&switchboard));
                    Vec::new()
                }
                None => return,
            },
            () = clock::until(board.deadline()) => {
                board.handle(clock::now(), Input::Tick);
                Vec::new()
            }
        };
        if pass_on(&signalling, told).await.is_err() {
            return;
        }
    }
}

async fn pass_on(signalling: &mpsc::Sender<ToSignalling>, told: Vec<Told>) -> Result<(), ()> {
    for (call, input) in told {
        signalling.send(ToSignalling::Tell { call, input }).await.map_err(drop)?;
    }
    Ok(())
}

async fn tell(signalling: &mpsc::Sender<ToSignalling>, roster: &mut Roster, output: Output) -> Result<(), ()> {
    match addressee(&output) {
        Some(Waiting::Caller(call)) => {
            let input = call::Input::Queue(output);
            signalling.send(ToSignalling::Tell { call, input }).await.map_err(drop)?;
        }
        // No ticket is on the board while nothing dials for one.
        Some(Waiting::Ticket(ticket)) => tracing::error!(%ticket, "the board speaks to a ticket"),
        None => {
            if let Output::Agent { agent, state, pause } = output {
                tracing::info!(%agent, state = state.name(), pause = pause.as_deref(), "agent");
                roster.told(agent, state, pause);
            }
        }
    }
    Ok(())
}

fn addressee(output: &Output) -> Option<Waiting> {
    match output {
        Output::Joined { who, .. }
        | Output::Refused { who, .. }
        | Output::TimedOut { who }
        | Output::Rank { who, .. }
        | Output::Offer { who, .. }
        | Output::Withdraw { who, .. } => Some(*who),
        Output::Agent { .. } => None,
    }
}

/// What every agent is doing: a fold over what the board says.
#[derive(Debug)]
struct Roster(BTreeMap<AgentName, Seen>);

#[derive(Debug)]
struct Seen {
    state: AgentState,
    pause: Option<Arc<str>>,
    since: WallTime,
}

impl Roster {
    fn new(board: &Board, accounts: Vec<AgentName>) -> Self {
        let since = clock::wall();
        let members = board.agents().map(|(name, _)| name.clone());
        let offline = |name| (name, Seen { state: AgentState::Offline, pause: None, since });
        Self(members.chain(accounts).map(offline).collect())
    }

    fn told(&mut self, agent: AgentName, state: AgentState, pause: Option<Arc<str>>) {
        let since = match self.0.get(&agent) {
            // A pause that is to come changes the line, but not since when.
            Some(seen) if seen.state == state => seen.since,
            Some(_) | None => clock::wall(),
        };
        self.0.insert(agent, Seen { state, pause, since });
    }

    fn lines(&self, switchboard: &Switchboard) -> Vec<AgentLine> {
        let line = |(agent, seen): (&AgentName, &Seen)| AgentLine {
            agent: agent.clone(),
            state: seen.state.name(),
            pause: seen.pause.clone(),
            since: seen.since,
            call: switchboard.talk(agent),
        };
        self.0.iter().map(line).collect()
    }
}
