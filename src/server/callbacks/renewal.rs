//! What the book goes by when the services are reloaded.

use std::collections::{BTreeMap, BTreeSet};

use super::{Callbacks, Deed};
use crate::base::QueueName;
use crate::call::RecallOrder;
use crate::callback::{Allowed, Input, Ticket, Wish};
use crate::queue::Board;
use crate::server::directory::Directory;
use crate::sip;

impl Callbacks {
    /// Goes by the hours, the music and the names of these services from now on. A queue that
    /// was taken away keeps its own for the calls that are under way there.
    pub(in crate::server) fn renew(&mut self, directory: &Directory, board: &Board) -> Vec<Deed> {
        let (mut deeds, mut listed) = (Vec::new(), BTreeSet::new());
        for service in directory.services() {
            let number = service.flows.iter().flat_map(|flow| &flow.numbers).next();
            let presented = self.trunks.first().map(|trunk| &trunk.presented).or(number);
            let identity = RecallOrder::presented(presented, &service.card.name);
            for queue in &service.queues {
                listed.insert(queue.name.clone());
                self.services.insert(queue.name.clone(), identity.clone());
                self.music.insert(queue.name.clone(), queue.music.clone());
                let allowed = Allowed::of(&service.card, queue);
                deeds.extend(self.hear(Input::Hours { queue: queue.name.clone(), allowed }, board));
            }
        }
        self.gone = self.services.keys().filter(|queue| !listed.contains(*queue)).cloned().collect();
        let open: Vec<Ticket> = self.book.tickets().cloned().collect();
        self.tell_strays(&open);
        deeds
    }

    /// Calls through these trunks from now on.
    pub(in crate::server) fn call_through(&mut self, trunks: Vec<sip::Trunk>) {
        self.trunks = trunks;
    }

    /// How many calls are promised for each queue.
    pub(in crate::server) fn promised(&self) -> BTreeMap<QueueName, usize> {
        count(self.book.tickets().filter(|ticket| !ticket.state.is_over()))
    }

    /// Whether anybody could keep this promise: there is a line to the number, and a queue.
    pub(super) fn may_promise(&self, wish: &Wish) -> bool {
        let has_line = self.trunks.iter().any(|trunk| trunk.allows(wish.number.reveal()));
        has_line && !self.gone.contains(&wish.queue)
    }

    /// Tells the operator of open tickets for queues that no service has.
    pub(super) fn tell_strays(&self, tickets: &[Ticket]) {
        for (queue, tickets) in self.strays(tickets) {
            tracing::error!(
                %queue,
                tickets,
                "callbacks are promised for a queue that there is no more: nobody will be called. \
                 Put the queue back under this name, or cancel them"
            );
        }
    }

    /// How many open tickets are for queues that no service has: it was renamed, or taken away.
    pub(super) fn strays(&self, tickets: &[Ticket]) -> BTreeMap<QueueName, usize> {
        let listed = |queue: &QueueName| self.services.contains_key(queue) && !self.gone.contains(queue);
        let open = tickets.iter().filter(|ticket| !ticket.state.is_over());
        count(open.filter(|ticket| !listed(&ticket.queue)))
    }
}

fn count<'t>(tickets: impl Iterator<Item = &'t Ticket>) -> BTreeMap<QueueName, usize> {
    let mut counts = BTreeMap::new();
    for ticket in tickets {
        *counts.entry(ticket.queue.clone()).or_insert(0) += 1;
    }
    counts
}
