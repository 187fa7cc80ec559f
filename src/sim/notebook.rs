use crate::base::{Now, TicketId};
use crate::callback::{About, Allowed, Book, CallNotes, Input, Line, Output, Rules};
use crate::engine::{BookAsk, BookNews};
use crate::flow::Service;

use super::crowd::OURS;

/// The real book, with a disk that always works.
#[derive(Debug)]
pub(super) struct Notebook {
    book: Book,
    notes: CallNotes,
    /// What the tickets' places are asked of the board.
    lines: Vec<Line>,
}

impl Notebook {
    pub(super) fn new(now: Now, service: &Service) -> Self {
        let book = Book::new(Rules::default(), TicketId(1));
        let mut notebook = Self { book, notes: CallNotes::new(OURS), lines: Vec::new() };
        for queue in &service.queues {
            let allowed = Allowed::of(&service.card, queue);
            notebook.tell(now, Input::Hours { queue: queue.name.clone(), allowed });
        }
        notebook.tell(now, Input::Ready);
        notebook
    }

    /// What the flow asks, and what is answered.
    pub(super) fn ask(&mut self, now: Now, ask: BookAsk, about: About) -> Vec<BookNews> {
        match self.notes.ask(ask, about) {
            Some(input) => self.tell(now, input),
            None => Vec::new(),
        }
    }

    /// The next ticket that wants a place in a line.
    pub(super) fn line(&mut self) -> Option<Line> {
        self.lines.pop()
    }

    fn tell(&mut self, now: Now, input: Input) -> Vec<BookNews> {
        let mut news = Vec::new();
        self.book.handle(now, input);
        while let Some(output) = self.book.poll() {
            news.extend(self.notes.news(&output));
            match output {
                Output::Keep(ticket) => {
                    self.book.handle(now, Input::Kept { ticket: ticket.id, version: ticket.version });
                }
                Output::Join(line) => self.lines.push(line),
                Output::Promise { .. }
                | Output::Refused { .. }
                | Output::Known { .. }
                | Output::Diary { .. }
                | Output::Cancelled { .. }
                | Output::Leave { .. }
                | Output::Arrived { .. }
                | Output::TakesPlace { .. }
                | Output::Ring { .. }
                | Output::Dial { .. }
                | Output::Bridge { .. }
                | Output::Stop { .. }
                | Output::EndOld { .. } => {}
            }
        }
        news
    }
}
