//! The message that a caller leaves: what the flow wants of it, with what the call knows.

use std::sync::Arc;
use std::time::Duration;

use super::{Call, Output};
use crate::base::{CallId, LegId, Now, PhoneNumber, Private, QueueName, WallTime};
use crate::engine::MessageOrder;
use crate::flow::StepKind;

/// What a call asks of who keeps messages, in this order: [`Self::Prepare`],
/// [`Self::Record`], [`Self::Stop`], as often as the caller likes, then [`Self::Leave`].
#[derive(Clone, Debug)]
pub enum Dictate {
    /// Makes room for a message.
    Prepare(Box<Wanted>),
    /// Records what this leg sends from now on.
    Record {
        /// The caller's leg.
        leg: LegId,
    },
    /// Ends the recording.
    Stop,
    /// The caller has left it: what is being recorded, or was kept last.
    Leave,
}

/// A message that a caller is about to leave.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The call.
    pub call: CallId,
    /// The service.
    pub service: Arc<str>,
    /// The flow.
    pub flow: Arc<str>,
    /// The queue of the flow's agent, whose agents listen to it.
    pub queue: Option<QueueName>,
    /// The caller's number, unless withheld.
    pub from: Option<Private<PhoneNumber>>,
    /// When the caller begins.
    pub at: WallTime,
    /// The longest that it may be.
    pub at_most: Duration,
    /// Whether the caller is called back for it.
    pub callback: bool,
    /// What it is called in the list of messages.
    pub name: Option<Arc<str>>,
}

impl Call {
    /// Passes on what the flow wants of the message.
    pub(super) fn dictate(&mut self, now: Now, order: MessageOrder) {
        let order = match order {
            MessageOrder::Prepare { at_most, callback, name } => {
                self.leaves_message = true;
                Dictate::Prepare(Box::new(Wanted {
                    call: self.id,
                    service: Arc::clone(&self.program.service),
                    flow: Arc::clone(&self.program.name),
                    queue: self.agents_queue(),
                    from: self.incoming.from.clone(),
                    at: now.wall,
                    at_most,
                    callback,
                    name,
                }))
            }
            MessageOrder::Record => Dictate::Record { leg: self.caller },
            MessageOrder::Stop => Dictate::Stop,
            MessageOrder::Leave => return self.leave_message(),
        };
        self.outputs.push_back(Output::Message { call: self.id, order });
    }

    fn agents_queue(&self) -> Option<QueueName> {
        match &self.program.step(self.program.agent).kind {
            StepKind::Queue(queue) => Some(queue.queue.clone()),
            _ => None,
        }
    }

    /// Whoever hangs up after speaking has left the message.
    pub(super) fn leave_message(&mut self) {
        if std::mem::take(&mut self.leaves_message) {
            self.outputs.push_back(Output::Message { call: self.id, order: Dictate::Leave });
        }
    }
}
