//! Those who ask the book without a call: the web site, the API and the command line.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Callbacks, Deed, ForBook};
use crate::base::{Now, QueueName, Skill, TicketId, limits};
use crate::callback::{Asker, By, Input, Output, Refused, Source, When, Wish};
use crate::queue::Board;
use crate::queue::wait::Glance;
use crate::server::clock;
use crate::server::hub::ToHub;
use crate::service::Diary;

/// Who waits for the book's answer, and has no call to be told it in.
#[derive(Debug, Default)]
pub(super) struct Requests {
    waiting: BTreeMap<u64, Waits>,
    last: u64,
}

#[derive(Debug)]
struct Waits {
    answer: oneshot::Sender<Answer>,
    /// The hash of the code that a new ticket would have.
    code: Option<String>,
}

/// A request to the book.
#[derive(Debug)]
pub(in crate::server) struct Request {
    wanted: Wanted,
    answer: oneshot::Sender<Answer>,
}

#[derive(Debug)]
enum Wanted {
    /// A callback; the asker of the wish is whoever the hub makes of it.
    Callback(Box<Wish>),
    Cancel(TicketId, By),
}

/// What the book answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is written down.
    Promised {
        /// The ticket.
        ticket: TicketId,
        /// Whose ticket it is.
        whose: Whose,
        /// When the citizen is called; of an earlier wish, if it is an earlier ticket.
        when: When,
    },
    /// It is cancelled, and that is written down.
    Cancelled,
    /// It is not done.
    Refused(Refused),
    /// The book did not answer in time, or has too much to do: nothing is promised.
    Overdue,
}

/// Whether a wish has made a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// It has, and the code is the ticket's.
    Own,
    /// The number had one already, with its own time and perhaps a code of its own.
    Earlier,
}

/// A queue as somebody sees it who might ask to be called.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// The present wait, and when it is usually quiet.
    pub glance: Glance,
    /// What is promised for times to come.
    pub diary: Diary,
}

/// Where the web side asks the book.
#[derive(Clone, Debug)]
pub struct BookDesk(pub(in crate::server) mpsc::Sender<ToHub>);

impl BookDesk {
    /// A desk without a service behind it: everything is overdue.
    #[cfg(test)]
    pub(crate) fn closed() -> Self {
        Self(mpsc::channel(1).0)
    }

    /// Asks for a callback; the wish's asker counts for nothing. Who stops waiting for the
    /// answer has asked for nothing: a ticket that was made meanwhile is cancelled.
    pub async fn ask(&self, wish: Wish) -> Answer {
        self.answer(Wanted::Callback(Box::new(wish))).await
    }

    /// The same for who has time: waits where the hub is behind, and for longer.
    pub(in crate::server) async fn ask_in_time(&self, wish: Wish, within: Duration) -> Answer {
        let (answer, receiver) = oneshot::channel();
        let request = Request { wanted: Wanted::Callback(Box::new(wish)), answer };
        if self.0.send(ToHub::Callbacks(ForBook::Request(request))).await.is_err() {
            return Answer::Overdue;
        }
        answered(receiver, within).await
    }

    /// Cancels a ticket.
    pub async fn cancel(&self, ticket: TicketId, by: By) -> Answer {
        self.answer(Wanted::Cancel(ticket, by)).await
    }

    /// How a queue looks to one who needs this; nothing is known when the hub has more to do.
    pub async fn outlook(&self, queue: &QueueName, needs: Vec<Skill>) -> Outlook {
        let (answer, outlook) = oneshot::channel();
        // Those who only look never fill the inbox.
        if self.0.capacity() < self.0.max_capacity() / 2
            || self.0.try_send(ToHub::Glance { queue: queue.clone(), needs, answer }).is_err()
        {
            return Outlook::default();
        }
        outlook.await.unwrap_or_default()
    }

    async fn answer(&self, wanted: Wanted) -> Answer {
        let (sender, answer) = oneshot::channel();
        let request = ForBook::Request(Request { wanted, answer: sender });
        if self.0.try_send(ToHub::Callbacks(request)).is_err() {
            return Answer::Overdue;
        }
        answered(answer, WITHIN).await
    }
}

async fn answered(answer: oneshot::Receiver<Answer>, within: Duration) -> Answer {
    tokio::select! {
        answer = answer => answer.unwrap_or(Answer::Overdue),
        () = clock::until(Some(clock::now() + within)) => Answer::Overdue,
    }
}

#[cfg(test)]
impl Request {
    /// The wish, and where its answer goes.
    pub(in crate::server) fn into_wish(self) -> Option<(Wish, oneshot::Sender<Answer>)> {
        match self.wanted {
            Wanted::Callback(wish) => Some((*wish, self.answer)),
            Wanted::Cancel(..) => None,
        }
    }
}

impl Callbacks {
    /// Takes a request, if not too many wait already.
    pub(super) fn request(&mut self, request: Request, board: &Board) -> Vec<Deed> {
        let mut deeds = Vec::new();
        for gone in self.requests.gone() {
            deeds.extend(self.hear(Input::Forget { asker: gone }, board));
        }
        let Request { wanted, answer } = request;
        let refused = match &wanted {
            _ if self.requests.waiting.len() >= limits::REQUESTS => Some(Answer::Overdue),
            // Before the book looks whether the number has a ticket: nobody on the web learns that.
            Wanted::Callback(wish) if wish.source == Source::Web => {
                self.book.refuses_any(clock::wall(), wish).map(Answer::Refused)
            }
            Wanted::Callback(_) | Wanted::Cancel(..) => None,
        };
        if let Some(refused) = refused {
            // Whoever asked may have gone.
            let _ = answer.send(refused);
            return deeds;
        }
        let code = match &wanted {
            Wanted::Callback(wish) => wish.code.reveal().clone(),
            Wanted::Cancel(..) => None,
        };
        let asker = self.requests.enter(Waits { answer, code });
        let input = match wanted {
            Wanted::Callback(wish) => Input::Ask(Wish { asker, ..*wish }),
            Wanted::Cancel(ticket, by) => Input::Cancel { asker, ticket, by },
        };
        deeds.extend(self.hear(input, board));
        deeds
    }

    /// Gives the book's answer to whoever asked. Nothing is promised to who has gone.
    pub(super) fn answer(&mut self, now: Now, id: u64, output: &Output) {
        if matches!(output, Output::Diary { .. }) {
            // The refusal follows.
            return;
        }
        let Some(waits) = self.requests.waiting.remove(&id) else { return };
        let answer = match *output {
            Output::Promise { ticket, when, .. } => {
                let whose = if self.is_of(ticket, waits.code.as_ref()) { Whose::Own } else { Whose::Earlier };
                Answer::Promised { ticket, whose, when }
            }
            Output::Cancelled { .. } => Answer::Cancelled,
            Output::Refused { why, .. } => Answer::Refused(why),
            _ => Answer::Overdue,
        };
        if waits.answer.send(answer).is_err() && matches!(answer, Answer::Promised { .. }) {
            self.book.handle(now, Input::Forget { asker: Asker::Request(id) });
        }
    }

    fn is_of(&self, ticket: TicketId, code: Option<&String>) -> bool {
        code.is_some() && self.book.ticket(ticket).is_some_and(|ticket| ticket.code.reveal().as_ref() == code)
    }
}

impl Requests {
    fn enter(&mut self, waits: Waits) -> Asker {
        self.last += 1;
        self.waiting.insert(self.last, waits);
        Asker::Request(self.last)
    }

    /// Those who do not wait any more.
    fn gone(&mut self) -> Vec<Asker> {
        let gone = self.waiting.extract_if(.., |_, waits| waits.answer.is_closed());
        gone.map(|(id, _)| Asker::Request(id)).collect()
    }
}

/// The book answers as fast as the disk; nobody waits before a web page for longer than this.
const WITHIN: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
