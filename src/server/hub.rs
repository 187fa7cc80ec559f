//! The hub: the one owner of the queue boards (and, from issue 5 on, of the callback book).

use std::sync::Arc;

use tokio::sync::mpsc;

use super::clock;
use super::signalling::ToSignalling;
use crate::base::{AgentName, CallId};
use crate::flow::QueueRules;
use crate::queue::{Board, Input, Output};
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
    loop {
        while let Some(output) = board.poll() {
            if tell(&signalling, output).await.is_err() {
                return;
            }
        }
        metrics::agents(board.agents().map(|(_, state)| state));
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
    let Some(call) = addressee(&output) else {
        if let Output::Agent { agent, state } = output {
            tracing::info!(%agent, state, "agent");
        }
        return Ok(());
    };
    signalling.send(ToSignalling::Queue { call, news: output }).await.map_err(drop)
}

fn addressee(output: &Output) -> Option<CallId> {
    match output {
        Output::Joined { call, .. }
        | Output::Refused { call, .. }
        | Output::Rank { call, .. }
        | Output::Offer { call, .. }
        | Output::Nobody { call } => Some(*call),
        Output::Agent { .. } => None,
    }
}
