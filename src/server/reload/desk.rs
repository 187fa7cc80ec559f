use tokio::sync::{mpsc, oneshot, watch};

use super::history::History;
use super::{By, Differs, FlowsState, Outcome, Unsaved};
use crate::server::clock;
use crate::store::How;

/// Where the pages and the API ask for other flows, and for what there was.
#[derive(Clone, Debug)]
pub struct FlowsDesk {
    orders: mpsc::Sender<Order>,
    state: watch::Receiver<FlowsState>,
    history: History,
}

/// What is asked for.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) wanted: Wanted,
    pub(super) by: By,
    pub(super) answer: oneshot::Sender<Outcome>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    /// What is on the disk.
    Reload,
    /// A version; without a number the one before.
    Rollback { version: Option<u64>, unsaved: Unsaved },
}

/// The other side of the desk.
#[derive(Debug)]
pub(in crate::server) struct Inbox {
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) state: watch::Sender<FlowsState>,
}

impl FlowsDesk {
    /// A desk, and what its task takes.
    pub(in crate::server) fn open(history: History, version: Option<u64>, differs: Option<Differs>) -> (Self, Inbox) {
        let (sender, orders) = mpsc::channel(ORDERS);
        let (state, seen) =
            watch::channel(FlowsState { version, since: clock::wall(), by: By::way(How::Start), differs });
        (Self { orders: sender, state: seen, history }, Inbox { orders, state })
    }

    /// A desk without a service behind it: nothing is ever reloaded.
    #[cfg(test)]
    pub(crate) fn closed(store: &crate::store::Store) -> Self {
        Self::open(History::of(store, std::path::Path::new("flows")), None, None).0
    }

    /// Reloads the flows; nothing when the service is stopping.
    pub async fn reload(&self, by: By) -> Option<Outcome> {
        self.order(Wanted::Reload, by).await
    }

    /// Puts a version back, or the one before; nothing when the service is stopping.
    pub async fn rollback(&self, version: Option<u64>, unsaved: Unsaved, by: By) -> Option<Outcome> {
        self.order(Wanted::Rollback { version, unsaved }, by).await
    }

    async fn order(&self, wanted: Wanted, by: By) -> Option<Outcome> {
        let (answer, outcome) = oneshot::channel();
        self.orders.send(Order { wanted, by, answer }).await.ok()?;
        outcome.await.ok()
    }

    /// What runs.
    pub fn state(&self) -> FlowsState {
        self.state.borrow().clone()
    }

    /// What there was.
    pub fn history(&self) -> &History {
        &self.history
    }
}

/// Orders that may wait; a reload takes a fraction of a second.
const ORDERS: usize = 16;
