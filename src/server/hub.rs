//! The hub: the one owner of the queue boards (and, from issue 5 on, of the callback book).

use std::sync::Arc;

use tokio::sync::mpsc;

use super::clock;
use super::signalling::ToSignalling;
use crate::base::{AgentName, Lifecycle};
use crate::flow::QueueRules;
use crate::queue::{Board, Input, Output, Waiting};
use crate::web::metrics;

/// Runs the boards until every sender is gone.
///
/// `outside` are the agents who are reached through the trunk: they are always there.
pub(super) async fn run(
    queues: Vec<Arc<QueueRules>>,
    outside: Vec<AgentName>,
    mut inbox: mpsc::Receiver<Input>,
    signalling: mpsc::Sender<ToSignalling>,
) {
    let mut board = Board::new(queues);
    for agent in outside {
        board.handle(clock::now(), Input::AgentUp { agent });
    }
    let mut moved = true;
    loop {
        while let Some(output) = board.poll() {
            moved |= matches!(output, Output::Agent { .. });
            if tell(&signalling, output).await.is_err() {
                return;
            }
        }
        if std::mem::take(&mut moved) {
            metrics::agents(board.agents().map(|(_, state)| state));
        }
        tokio::select! {
            input = inbox.recv() => match input {
                Some(input) => board.handle(clock::now(), input),
                None => return,
            },
            () = clock::until(board.deadline()) => board.handle(clock::now(), Input::Tick),
        }
    }
}

async fn tell(signalling: &mpsc::Sender<ToSignalling>, output: Output) -> Result<(), ()> {
    match addressee(&output) {
        Some(Waiting::Caller(call)) => {
            signalling.send(ToSignalling::Queue { call, news: output }).await.map_err(drop)?;
        }
        // No ticket is on the board while nothing dials for one.
        Some(Waiting::Ticket(ticket)) => tracing::error!(%ticket, "the board speaks to a ticket"),
        None => {
            if let Output::Agent { agent, state, pause } = output {
                tracing::info!(%agent, state = state.name(), pause = pause.as_deref(), "agent");
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
