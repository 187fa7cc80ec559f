//! The hub: the one owner of the queue boards and of the callback book.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::callbacks::{Callbacks, Deed, ForBook, Outlook};
use super::clock;
use super::directory::Directory;
use super::signalling::ToSignalling;
use super::switchboard::{Switchboard, Told};
use crate::base::{AgentName, CallId, LegId, Lifecycle, QueueName, Skill, WallTime};
use crate::call::{self, WatchOrder, Watched};
use crate::callback::{self, Ticket};
use crate::engine::Place;
use crate::flow::QueueRules;
use crate::queue::wait::{Forecast, Recalled};
use crate::queue::{AgentState, Board, Input, Output, Waiting};
use crate::sip;
use crate::speech::QuietTime;
use crate::web::metrics;

/// What other tasks say to the hub.
#[derive(Debug)]
pub(super) enum ToHub {
    /// Something for the board.
    Board(Input),
    /// Something for the book of callbacks.
    Callbacks(ForBook),
    /// A supervisor wants something of an agent's talk.
    Watch(WatchOrder),
    /// The call of that talk answers.
    Watched {
        /// The supervisor's leg.
        leg: LegId,
        /// What.
        news: Watched,
    },
    /// What the records taught, before the service was restarted; the oldest first.
    Recall(Vec<(QueueName, Recalled)>),
    /// When it is usually quiet.
    Quiet(BTreeMap<QueueName, QuietTime>),
    /// Who wants to know how long the wait is at present in a queue, for one who needs these skills.
    Glance {
        /// Which.
        queue: QueueName,
        /// What the agent must be able to do.
        needs: Vec<Skill>,
        /// Who wants to know.
        answer: oneshot::Sender<Outlook>,
    },
    /// Who wants to know what the agents are doing.
    List(oneshot::Sender<Vec<AgentLine>>),
    /// How many callbacks are open, by queue.
    Promised(oneshot::Sender<BTreeMap<QueueName, usize>>),
    /// The services were reloaded: their queues go by other rules from now on.
    Renew {
        /// Every service.
        directory: Arc<Directory>,
        /// Everybody with an account.
        people: People,
        /// The ways to outside numbers.
        trunks: Vec<sip::Trunk>,
        /// Told once it is so.
        done: oneshot::Sender<()>,
    },
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

/// Who is on the boards.
#[derive(Debug)]
pub(super) struct People {
    /// Everybody with an account.
    pub(super) accounts: Vec<AgentName>,
    /// Those who are reached through the trunk: they are always there.
    pub(super) outside: Vec<AgentName>,
}

/// What was promised before the service was started, and to whom it answers.
pub(super) struct Promises {
    /// Every service.
    pub(super) directory: Arc<Directory>,
    /// The tickets of the store.
    pub(super) tickets: Vec<Ticket>,
}

/// Runs the boards until every sender is gone.
pub(super) async fn run(
    queues: Vec<Arc<QueueRules>>,
    people: People,
    (mut callbacks, begin): (Callbacks, Promises),
    mut inbox: mpsc::Receiver<ToHub>,
    signalling: mpsc::Sender<ToSignalling>,
) {
    let mut hall = Hall::open(queues, people.outside);
    let mut roster = Roster::new(&hall.board, people.accounts);
    let mut switchboard = Switchboard::default();
    let mut moved = true;
    let mut deeds = callbacks.start(&begin.directory, begin.tickets, &hall.board);
    loop {
        if carry_out(&signalling, &mut hall, std::mem::take(&mut deeds)).await.is_err() {
            return;
        }
        while let Some(output) = hall.say() {
            let Some(output) = for_the_book(&mut callbacks, &hall.board, output, &mut deeds) else {
                continue;
            };
            moved |= matches!(output, Said::Board(Output::Agent { .. }));
            if tell(&signalling, &mut roster, output).await.is_err() {
                return;
            }
        }
        if !deeds.is_empty() {
            continue;
        }
        if std::mem::take(&mut moved) {
            metrics::agents(hall.board.agents().map(|(_, state)| state));
        }
        let told = tokio::select! {
            message = inbox.recv() => match message {
                Some(message) => hear((&mut hall, &mut callbacks), (&mut switchboard, &mut roster), message, &mut deeds),
                None => return,
            },
            () = clock::until(hall.board.deadline()) => {
                hall.hear(Input::Tick);
                Vec::new()
            }
            () = clock::until(callbacks.deadline()) => {
                deeds = callbacks.hear(callback::Input::Tick, &hall.board);
                Vec::new()
            }
        };
        if pass_on(&signalling, told).await.is_err() {
            return;
        }
    }
}

/// Takes what another task says; what the switchboard tells calls, and what the book wants, follow.
fn hear(
    (hall, callbacks): (&mut Hall, &mut Callbacks),
    (switchboard, roster): (&mut Switchboard, &mut Roster),
    message: ToHub,
    deeds: &mut Vec<Deed>,
) -> Vec<Told> {
    match message {
        // A phone that registers no more says nothing of who is reached at an outside number.
        ToHub::Board(Input::AgentDown { agent }) if hall.outside.contains(&agent) => {}
        ToHub::Board(mut input) => {
            let told = switchboard.heard(&input);
            let after = callbacks.overhear(&mut input);
            hall.hear(input);
            after.into_iter().for_each(|input| hall.hear(input));
            return told;
        }
        ToHub::Callbacks(message) => *deeds = callbacks.take(message, &hall.board),
        ToHub::Watch(order) => return switchboard.watch(order).into_iter().collect(),
        ToHub::Watched { leg, news } => return vec![switchboard.watched(leg, news)],
        ToHub::Recall(lessons) => lessons.iter().for_each(|(queue, recalled)| hall.forecast.recall(queue, recalled)),
        ToHub::Quiet(quiet) => hall.forecast.learn_quiet(quiet),
        ToHub::Glance { queue, needs, answer } => {
            let glance = hall.forecast.glance(clock::now(), &hall.board, (&queue, needs));
            // Whoever asked may have gone.
            let _ = answer.send(Outlook { glance, diary: callbacks.diary(&queue) });
        }
        ToHub::List(answer) => {
            // Whoever asked may have gone.
            let _ = answer.send(roster.lines(switchboard));
        }
        ToHub::Promised(answer) => {
            // Whoever asked may have gone.
            let _ = answer.send(callbacks.promised());
        }
        ToHub::Renew { directory, people, trunks, done } => {
            hall.hear(Input::Rules(directory.queues()));
            hall.reach(people.outside);
            roster.renew(&hall.board, people.accounts);
            callbacks.call_through(trunks);
            *deeds = callbacks.renew(&directory, &hall.board);
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }
    Vec::new()
}

/// Does what the book wants; the board's own answers come by its outputs.
async fn carry_out(signalling: &mpsc::Sender<ToSignalling>, hall: &mut Hall, deeds: Vec<Deed>) -> Result<(), ()> {
    for deed in deeds {
        match deed {
            Deed::Board(input) => hall.hear(input),
            Deed::Tell(call, input) => {
                signalling.send(ToSignalling::Tell { call, input }).await.map_err(drop)?;
            }
            Deed::Signal(message) => signalling.send(message).await.map_err(drop)?,
        }
    }
    Ok(())
}

/// Gives the book what the board says of a ticket; what is for somebody else comes back.
fn for_the_book(callbacks: &mut Callbacks, board: &Board, said: Said, deeds: &mut Vec<Deed>) -> Option<Said> {
    match said {
        Said::Board(output) if matches!(addressee(&output), Some(Waiting::Ticket(_))) => {
            deeds.extend(callbacks.board_says(output, board));
            None
        }
        said => Some(said),
    }
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
        // The book hears those itself.
        Waiting::Ticket(_) => Ok(()),
    }
}

/// The board, and the forecast that learns from all that it hears and says.
struct Hall {
    board: Board,
    forecast: Forecast,
    /// Those who are reached through the trunk: they are always there.
    outside: BTreeSet<AgentName>,
}

/// What comes out of the hall.
enum Said {
    Board(Output),
    /// For who asked.
    Place(Waiting, Place),
}

impl Hall {
    /// Nobody waits, and those are there whom no phone has to register for.
    fn open(queues: Vec<Arc<QueueRules>>, outside: Vec<AgentName>) -> Self {
        let mut hall = Self { board: Board::new(queues), forecast: Forecast::new(), outside: BTreeSet::new() };
        hall.reach(outside);
        hall
    }

    /// These are reached through the trunk from now on, and no others.
    fn reach(&mut self, outside: Vec<AgentName>) {
        let before = std::mem::replace(&mut self.outside, outside.into_iter().collect());
        let gone: Vec<AgentName> = before.difference(&self.outside).cloned().collect();
        let new: Vec<AgentName> = self.outside.difference(&before).cloned().collect();
        gone.into_iter().for_each(|agent| self.hear(Input::AgentDown { agent }));
        new.into_iter().for_each(|agent| self.hear(Input::AgentUp { agent }));
    }

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
        | Output::Busy { who, .. }
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
        let mut roster = Self(BTreeMap::new());
        roster.renew(board, accounts);
        roster
    }

    /// Shows who is a member of a queue or has an account, and who is neither while there is more to tell.
    fn renew(&mut self, board: &Board, accounts: Vec<AgentName>) {
        let since = clock::wall();
        let members = board.agents().map(|(name, _)| name.clone());
        let shown: BTreeSet<AgentName> = members.chain(accounts).collect();
        self.0.retain(|agent, seen| shown.contains(agent) || seen.state != AgentState::Offline);
        for agent in shown {
            self.0.entry(agent).or_insert(Seen { state: AgentState::Offline, pause: None, since });
        }
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
