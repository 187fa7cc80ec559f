//! What the call asks the book of callbacks, and what the book says.

use super::Output;
use super::machine::Call;
use crate::base::{Now, PhoneNumber, WallTime};
use crate::callback::{self, About, CallNotes};
use crate::engine::{self, BookAsk, BookNews, MessageNews};
use crate::queue::{self, Left};

impl Call {
    /// Whether the caller's number has a ticket is asked before the caller hears anything.
    pub(super) fn look_at_book(&mut self) {
        if let Some(number) = &self.incoming.from {
            let look = self.notes.look(number.reveal());
            self.outputs.push_back(Output::Book(look));
        }
    }

    /// Tells the book what happens to a caller whose number had a ticket.
    pub(super) fn note(&mut self, what: impl FnOnce(&mut CallNotes, &PhoneNumber) -> Option<callback::Input>) {
        let number = self.incoming.from.as_ref();
        if let Some(input) = number.and_then(|number| what(&mut self.notes, number.reveal())) {
            self.outputs.push_back(Output::Book(input));
        }
    }

    pub(super) fn ask_book(&mut self, now: Now, ask: BookAsk) {
        let waited = self.brief.since.map(|since| now.mono.since(since)).unwrap_or_default();
        let waited = i64::try_from(waited.as_millis()).unwrap_or(i64::MAX);
        let language = self.engine.language();
        let since = WallTime::from_millis(now.wall.millis().saturating_sub(waited));
        let about =
            About { caller: self.incoming.from.clone(), language, since, reason: self.brief.purpose_in(language) };
        if let Some(input) = self.notes.ask(ask, about) {
            self.outputs.push_back(Output::Book(input));
        }
    }

    /// A caller who goes on to an agent after a message takes the place of the ticket that was
    /// promised with it.
    pub(super) fn on_message(&mut self, now: Now, news: MessageNews) {
        if let MessageNews::Promised { ticket, .. } = news {
            if self.sides.taker().is_some() {
                return self.outputs.push_back(Output::Book(callback::Input::Served { ticket }));
            }
            self.notes.has_ticket(ticket);
        }
        self.tell_engine(now, engine::Input::Message(news));
    }

    /// A promise hands the caller's place over to the ticket, before it is spoken; not where
    /// an agent has answered meanwhile.
    pub(super) fn on_book(&mut self, now: Now, output: &callback::Output) {
        let Some(news) = self.notes.news(output) else { return };
        if let (BookNews::Promised { .. }, callback::Output::Promise { ticket, .. }) = (&news, output) {
            if self.sides.taker().is_some() {
                return self.outputs.push_back(Output::Book(callback::Input::Served { ticket: *ticket }));
            }
            self.queued = None;
            self.board(queue::Input::Leave { who: self.id.into(), why: Left::Callback(*ticket) });
            self.close_sides(now);
        }
        self.tell_engine(now, engine::Input::Book(news));
    }
}
