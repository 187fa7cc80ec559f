use super::{Asker, By, Input, Output, Refused, Source, When, Wish};
use crate::base::{CallId, Language, PhoneNumber, Private, QueueName, TicketId, WallTime};
use crate::engine::{BookAsk, BookNews};

/// What one call has asked the book and what the book has told it: turns the flow's words
/// into the book's and back.
#[derive(Clone, Debug)]
pub struct CallNotes {
    call: CallId,
    /// A wish has no answer yet.
    asks: bool,
    /// The ticket that the caller's number had when the call came, while it stands.
    known: Option<TicketId>,
    /// The book keeps the number from being called while this call is up.
    recognised: bool,
}

/// What the book is told of the caller beside the wish.
#[derive(Clone, Debug)]
pub struct About {
    /// The caller's number, unless it is withheld.
    pub caller: Option<Private<PhoneNumber>>,
    /// The language that the caller is spoken to in.
    pub language: Language,
    /// Since when the caller waits.
    pub since: WallTime,
    /// What the caller chose in the menus.
    pub reason: Option<String>,
}

impl CallNotes {
    /// A call that has asked nothing yet.
    pub fn new(call: CallId) -> Self {
        Self { call, asks: false, known: None, recognised: false }
    }

    /// Whether the number has a ticket, asked when a call comes.
    pub fn look(&self, number: &PhoneNumber) -> Input {
        Input::Look { asker: Asker::Call(self.call), number: Private::new(number.international()) }
    }

    /// The caller's number has this ticket from now on.
    pub fn has_ticket(&mut self, ticket: TicketId) {
        self.known = Some(ticket);
    }

    /// That the caller is about to wait in a queue, if the number had a ticket.
    pub fn phones_in(&self, number: &PhoneNumber, queue: &QueueName) -> Option<Input> {
        self.known?;
        let number = Private::new(number.international());
        Some(Input::PhonesIn { call: self.call, number, queue: queue.clone() })
    }

    /// That the caller has a place in a queue, if the number had a ticket.
    pub fn phoned_in(&self, number: &PhoneNumber, queue: &QueueName) -> Option<Input> {
        self.known?;
        let number = Private::new(number.international());
        Some(Input::PhonedIn { call: self.call, number, queue: queue.clone() })
    }

    /// That an agent has answered the caller, if the number had a ticket.
    pub fn got_through(&self, number: &PhoneNumber, queue: &QueueName) -> Option<Input> {
        self.known?;
        let number = Private::new(number.international());
        Some(Input::GotThrough { number, queue: queue.clone() })
    }

    /// That the call is over, if the number had a ticket.
    pub fn hung_up(&mut self, number: &PhoneNumber) -> Option<Input> {
        let number = Private::new(number.international());
        std::mem::take(&mut self.recognised).then_some(Input::HungUp { call: self.call, number })
    }

    /// What the flow asks, as the book understands it.
    pub fn ask(&mut self, ask: BookAsk, about: About) -> Option<Input> {
        let asker = Asker::Call(self.call);
        match ask {
            BookAsk::Wish { number, queue, needs, priority, slot } => {
                self.asks = true;
                Some(Input::Ask(Wish {
                    asker,
                    number,
                    caller: about.caller,
                    queue,
                    needs,
                    priority,
                    language: about.language,
                    source: Source::Queue,
                    reason: Private::new(about.reason),
                    message: None,
                    code: Private::new(None),
                    since: about.since,
                    when: slot.map_or(When::Soon, |(from, to)| When::Slot { from, to }),
                }))
            }
            BookAsk::Diary { queue } => Some(Input::Diary { asker, queue }),
            BookAsk::Forget => {
                self.asks = false;
                Some(Input::Forget { asker })
            }
            BookAsk::Cancel => self.known.take().map(|ticket| Input::Cancel { asker, ticket, by: By::Phone }),
        }
    }

    /// What the book says, as the flow understands it; nothing where it comes too late.
    pub fn news(&mut self, output: &Output) -> Option<BookNews> {
        match output {
            Output::Promise { when, .. } => {
                let slot = match when {
                    When::Soon => None,
                    When::Slot { from, to } => Some((*from, *to)),
                };
                std::mem::take(&mut self.asks).then_some(BookNews::Promised { slot })
            }
            Output::Refused { why, .. } => {
                self.asks = false;
                Some(if *why == Refused::SlotFull { BookNews::SlotTaken } else { BookNews::Refused })
            }
            Output::Diary { diary, .. } => Some(BookNews::Diary(diary.clone())),
            Output::Known { ticket, .. } => {
                self.known = Some(*ticket);
                self.recognised = true;
                Some(BookNews::Known)
            }
            Output::Cancelled { .. } => Some(BookNews::Cancelled),
            Output::TakesPlace { .. } => {
                self.known = None;
                Some(BookNews::PlaceKept)
            }
            Output::Keep(_)
            | Output::Arrived { .. }
            | Output::Join(_)
            | Output::Leave { .. }
            | Output::Ring { .. }
            | Output::Dial { .. }
            | Output::Bridge { .. }
            | Output::Stop { .. }
            | Output::EndOld { .. } => None,
        }
    }
}
