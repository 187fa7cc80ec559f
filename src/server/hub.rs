//! The hub: the one owner of the queue boards (and, from issue 5 on, of the callback book).

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::clock;
use super::signalling::ToSignalling;
use super::switchboard::{Switchboard, Told};
use crate::base::{AgentName, CallId, LegId, Lifecycle, TicketId, WallTime};
use crate::call::{self, WatchOrder, Watched};
use crate::callback::{self, Book, Rules};
use crate::engine::Place;
use crate::flow::QueueRules;
use crate::queue::wait::Forecast;
use crate::queue::{AgentState, Board, Input, Output, Waiting};
use crate::web::metrics;

/// What other tasks say to the hub.
#[derive(Debug)]
pub(super) enum ToHub {
    /// Something for the board.
    Board(Input),
    /// Something for the book of callbacks.
    Book(callback::Input),
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
    let mut hall = Hall { board: Board::new(queues), forecast: Forecast::new() };
    let mut roster = Roster::new(&hall.board, people.accounts);
    let mut switchboard = Switchboard::default();
    let mut book = Book::new(Rules::default(), TicketId(1));
    for agent in people.outside {
        hall.hear(Input::AgentUp { agent });
    }
    let mut moved = true;
    loop {
        while let Some(output) = hall.say() {
            moved |= matches!(output, Said::Board(Output::Agent { .. }));
            if tell(&signalling, &mut roster, output).await.is_err() {
                return;
            }
        }
        if std::mem::take(&mut moved) {
            metrics::agents(hall.board.agents().map(|(_, state)| state));
        }
        let told = tokio::select! {
            message = inbox.recv() => match message {
                Some(ToHub::Board(input)) => {
                    let told = switchboard.heard(&input);
                    hall.hear(input);
                    told
                }
                Some(ToHub::Book(input)) => unwritten(&mut book, input),
                Some(ToHub::Watch(order)) => switchboard.watch(order).into_iter().collect(),
                Some(ToHub::Watched { leg, news }) => vec![switchboard.watched(leg, news)],
                Some(ToHub::List(answer)) => {
                    // Whoever asked may have gone.
                    let _ = answer.send(roster.lines(&switchboard));
                    Vec::new()
                }
                None => return,
            },
            () = clock::until(hall.board.deadline()) => {
                hall.hear(Input::Tick);
                Vec::new()
            }
        };
        if pass_on(&signalling, told).await.is_err() {
            return;
        }
    }
}

/// No store keeps tickets yet, so that nothing is promised: `serve` refuses flows that offer
/// a callback, and whoever asks all the same is told that it is not noted.
fn unwritten(book: &mut Book, input: callback::Input) -> Vec<Told> {
    let mut told = Vec::new();
    book.handle(clock::both(), input);
    while let Some(output) = book.poll() {
        if let callback::Output::Keep(ticket) = &output {
            let (ticket, version) = (ticket.id, ticket.version);
            book.handle(clock::both(), callback::Input::NotKept { ticket, version });
        }
        told.extend(output.call().map(|call| (call, call::Input::Book(output))));
    }
    told
}

async fn pass_on(signalling: &mpsc::Sender<ToSignalling>, told: Vec<Told>) -> Result<(), ()> {
    for (call, input) in told {
        signalling.send(ToSignalling::Tell { call, input }).await.map_err(drop)?;
    }
    Ok(())
}

async fn tell(signalling: &mpsc::Sender<ToSignalling>, roster: &mut Roster, said: Said) -> Result<(), ()> {
    let (who, input) = match said {
        Said::Place(who, place) => (who, call::Input::Place(place)),
        Said::Board(Output::Agent { agent, state, pause }) => {
            tracing::info!(%agent, state = state.name(), pause = pause.as_deref(), "agent");
            roster.told(agent, state, pause);
            return Ok(());
        }
        Said::Board(output) => match addressee(&output) {
            Some(who) => (who, call::Input::Queue(output)),
            None => return Ok(()),
        },
    };
    match who {
        Waiting::Caller(call) => signalling.send(ToSignalling::Tell { call, input }).await.map_err(drop),
        // No ticket is on the board while nothing dials for one.
        Waiting::Ticket(ticket) => {
            tracing::error!(%ticket, "the board speaks to a ticket");
            Ok(())
        }
    }
}

/// The board, and the forecast that learns from all that it hears and says.
struct Hall {
    board: Board,
    forecast: Forecast,
}

/// What comes out of the hall.
enum Said {
    Board(Output),
    /// For who asked.
    Place(Waiting, Place),
}

impl Hall {
    fn hear(&mut self, input: Input) {
        let now = clock::now();
        self.forecast.told(now, &input).iter().for_each(metrics::promised);
        self.board.handle(now, input);
    }

    fn say(&mut self) -> Option<Said> {
        let (now, output) = (clock::now(), self.board.poll()?);
        self.forecast.said(now, &output).iter().for_each(metrics::promised);
        Some(match output {
            Output::Rank { who, rank } => Said::Place(who, self.forecast.place(now, &self.board, who, rank)),
            output => Said::Board(output),
        })
    }
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
