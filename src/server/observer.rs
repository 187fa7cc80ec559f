//! The one owner of the measures: folds every call's events, in their order.

use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::mpsc;

use super::clock;
use crate::base::limits;
use crate::call::{CallEvent, Record};
use crate::web::metrics::{self, Metrics};

/// What is counted.
#[derive(Debug)]
pub(super) enum Seen {
    /// Something happened in a call.
    Event(Box<CallEvent>),
    /// A call has ended.
    Record(Arc<Record>),
}

/// Where calls leave what happened: never waits.
#[derive(Clone, Debug)]
pub(super) struct Observer(mpsc::Sender<Seen>);

impl Observer {
    /// Starts the task that counts.
    pub(super) fn start(handle: PrometheusHandle) -> Self {
        let (sender, inbox) = mpsc::channel(limits::EVENTS_WAITING);
        tokio::spawn(run(inbox, handle));
        Self(sender)
    }

    /// Leaves something to be counted; what there is no room for is left out and counted itself.
    pub(super) fn see(&self, seen: Seen) {
        if self.0.try_send(seen).is_err() {
            metrics::not_counted();
        }
    }
}

async fn run(mut inbox: mpsc::Receiver<Seen>, handle: PrometheusHandle) {
    let mut metrics = Metrics::default();
    let mut upkeep = clock::now() + UPKEEP;
    loop {
        tokio::select! {
            seen = inbox.recv() => match seen {
                Some(Seen::Event(event)) => metrics.fold(&event),
                Some(Seen::Record(record)) => metrics::record(&record),
                None => return,
            },
            () = clock::until(Some(upkeep)) => {
                handle.run_upkeep();
                upkeep = clock::now() + UPKEEP;
            }
        }
    }
}

/// How often histograms are folded: without it those that nobody reads grow.
const UPKEEP: Duration = Duration::from_secs(5);
