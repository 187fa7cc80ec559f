use tokio::sync::{mpsc, oneshot, watch};

use super::{By, FlowsState, How, Outcome};
use crate::base::WallTime;
use crate::server::clock;

/// Where the pages, the API and signals ask for a reload.
#[derive(Clone, Debug)]
pub struct FlowsDesk {
    orders: mpsc::Sender<Order>,
    state: watch::Receiver<FlowsState>,
}

/// What is asked for.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) by: By,
    pub(super) answer: oneshot::Sender<Outcome>,
}

/// The other side of the desk.
#[derive(Debug)]
pub(in crate::server) struct Inbox {
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) state: watch::Sender<FlowsState>,
}

impl FlowsDesk {
    /// A desk, and what its task takes.
    pub(in crate::server) fn open() -> (Self, Inbox) {
        let (sender, orders) = mpsc::channel(ORDERS);
        let state = FlowsState { since: clock::wall(), by: By::way(How::Start), differs: None };
        let (state, seen) = watch::channel(state);
        (Self { orders: sender, state: seen }, Inbox { orders, state })
    }

    /// A desk without a service behind it: nothing is ever reloaded.
    pub fn closed() -> Self {
        let state = FlowsState { since: WallTime::from_millis(0), by: By::way(How::Start), differs: None };
        Self { orders: mpsc::channel(1).0, state: watch::channel(state).1 }
    }

    /// Reloads the flows; nothing when the service is stopping.
    pub async fn reload(&self, by: By) -> Option<Outcome> {
        let (answer, outcome) = oneshot::channel();
        self.orders.send(Order { by, answer }).await.ok()?;
        outcome.await.ok()
    }

    /// What runs.
    pub fn state(&self) -> FlowsState {
        self.state.borrow().clone()
    }
}

/// Orders that may wait; a reload takes a fraction of a second.
const ORDERS: usize = 16;
