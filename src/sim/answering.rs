use std::collections::VecDeque;
use std::time::Duration;

use crate::base::{Instant, MessageId, TicketId};
use crate::engine::{MessageNews, MessageOrder};

/// Takes the messages of a simulated caller, who speaks for as long as most do.
#[derive(Debug, Default)]
pub(super) struct Answering {
    news: VecDeque<MessageNews>,
    /// Whether the caller is called back, once there is a message.
    callback: bool,
    kept: bool,
    /// Until when the caller speaks.
    speaks: Option<Instant>,
}

/// How long a simulated caller speaks.
pub(super) const SPOKEN: Duration = Duration::from_secs(12);

impl Answering {
    pub(super) fn handle(&mut self, now: Instant, order: MessageOrder) {
        match order {
            MessageOrder::Prepare { callback, .. } => {
                self.callback = callback;
                self.news.push_back(MessageNews::Ready);
            }
            MessageOrder::Record => self.speaks = Some(now + SPOKEN),
            MessageOrder::Stop => self.tick(),
            MessageOrder::Leave => {
                let promised = MessageNews::Promised { ticket: TicketId(1), slot: None };
                let news = (self.callback && self.kept).then_some(promised).into_iter().collect();
                *self = Self { news, ..Self::default() };
            }
        }
    }

    /// The caller has spoken.
    pub(super) fn tick(&mut self) {
        if self.speaks.take().is_some() {
            self.kept = true;
            self.news.push_back(MessageNews::Kept { message: MessageId(1) });
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.speaks
    }

    pub(super) fn poll(&mut self) -> Option<MessageNews> {
        self.news.pop_front()
    }
}
