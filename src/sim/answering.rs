use std::collections::VecDeque;
use std::time::Duration;

use crate::base::{Instant, MessageId};
use crate::engine::{MessageNews, MessageOrder};

/// Takes the messages of a simulated caller, who speaks for as long as most do.
#[derive(Debug, Default)]
pub(super) struct Answering {
    news: VecDeque<MessageNews>,
    /// Until when the caller speaks.
    speaks: Option<Instant>,
}

/// How long a simulated caller speaks.
pub(super) const SPOKEN: Duration = Duration::from_secs(12);

impl Answering {
    pub(super) fn handle(&mut self, now: Instant, order: MessageOrder) {
        match order {
            MessageOrder::Prepare { .. } => self.news.push_back(MessageNews::Ready),
            MessageOrder::Record => self.speaks = Some(now + SPOKEN),
            MessageOrder::Stop => self.tick(),
            MessageOrder::Leave => *self = Self::default(),
        }
    }

    /// The caller has spoken.
    pub(super) fn tick(&mut self) {
        if self.speaks.take().is_some() {
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
