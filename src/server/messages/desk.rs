use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::Messages;
use super::clerk::Clerk;
use super::promises::Leaves;
use crate::base::{CallId, Chance, MessageId, limits};
use crate::call::Dictate;
use crate::media::Clip;
use crate::server::media::MediaPlane;
use crate::server::signalling::ToSignalling;

/// Where calls leave what they want of their callers' messages: never waits.
#[derive(Clone, Debug)]
pub(in crate::server) struct MessageDesk {
    orders: mpsc::Sender<(CallId, Dictate)>,
    messages: Messages,
}

/// What a clerk works with.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    pub(super) messages: Messages,
    pub(super) media: MediaPlane,
    /// Where calls are told what became of it.
    pub(super) signalling: mpsc::Sender<ToSignalling>,
    /// Who makes tickets of messages.
    pub(super) leaves: Leaves,
}

impl MessageDesk {
    /// Opens the desk, on a task of its own.
    pub(in crate::server) fn open(
        messages: Messages,
        media: MediaPlane,
        (signalling, leaves): (mpsc::Sender<ToSignalling>, Leaves),
        chance: Chance,
    ) -> Self {
        let (orders, inbox) = mpsc::channel(limits::MESSAGE_ORDERS);
        tokio::spawn(run(inbox, Tools { messages: messages.clone(), media, signalling, leaves }, chance));
        Self { orders, messages }
    }

    /// Passes an order on. A caller whose order is lost is told after a while that no
    /// message was taken.
    pub(in crate::server) fn order(&self, call: CallId, order: Dictate) {
        if self.orders.try_send((call, order)).is_err() {
            tracing::error!(%call, "the desk of messages does not keep up");
        }
    }

    /// The sound of a message that was just left.
    pub(in crate::server) async fn clip(&self, message: MessageId) -> Option<Arc<Clip>> {
        self.messages.clip(message).await
    }
}

/// Gives each call's orders to its clerk, until every [`MessageDesk`] is gone.
async fn run(mut inbox: mpsc::Receiver<(CallId, Dictate)>, tools: Tools, mut chance: Chance) {
    let mut clerks: HashMap<CallId, mpsc::Sender<Dictate>> = HashMap::new();
    while let Some((call, order)) = inbox.recv().await {
        clerks.retain(|_, clerk| !clerk.is_closed());
        if matches!(order, Dictate::Prepare(_)) && !clerks.contains_key(&call) {
            let (clerk, orders) = mpsc::channel(CLERK_ORDERS);
            tokio::spawn(Clerk::new(call, tools.clone(), chance.split()).run(orders));
            clerks.insert(call, clerk);
        }
        let is_last = matches!(order, Dictate::Leave);
        let lost = clerks.get(&call).is_some_and(|clerk| clerk.try_send(order).is_err());
        if lost {
            tracing::error!(%call, "a message's clerk does not keep up");
        }
        if is_last {
            // Without its sender the clerk leaves what there is, also when the order was lost.
            clerks.remove(&call);
        }
    }
}

/// Orders of one call that may wait: a caller makes a few in a minute.
const CLERK_ORDERS: usize = 16;
