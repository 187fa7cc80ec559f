use std::collections::VecDeque;

use super::core::{Core, Sent};
use super::timer::Timer;
use crate::base::Instant;
use crate::base::Lifecycle;
use crate::sip::lifecycle::lifecycle;
use crate::sip::message::{Contact, Headers, Method, Request, Response};

lifecycle! {
    /// The client transaction of an INVITE (RFC 3261, section 17.1.1; RFC 6026, section 7.2).
    ///
    /// ```text
    ///                            | INVITE from TU
    ///          Timer A fires     | INVITE sent
    ///          Reset A,          V                      Timer B fires
    ///          INVITE sent +-----------+                or Transport Err.
    ///            +---------|           |--------------------------+
    ///            |         |  Calling  |                          |
    ///            +-------->|           |-----------+              |
    /// 300-699              +-----------+ 2xx       |              |
    /// ACK sent                |  | 1xx  2xx to TU  |              |
    /// resp. to TU             |  | 1xx to TU       |              |
    ///   +---------------------+  V                 |              |
    ///   |    1xx to TU     +-----------+           |              |
    ///   |       +----------|           |---------->|              |
    ///   |       |          |Proceeding | 2xx       |              |
    ///   |       +--------->|           | 2xx to TU |              |
    ///   |<-----------------+-----------+           |              |
    ///   | 300-699: ACK sent, resp. to TU           V              |
    ///   |    +-----------+                   +-----------+        |
    ///   +--->|           |--+ 300-699        |           |--+ 2xx |
    ///        | Completed |  | ACK sent       | Accepted  |  | to TU
    ///        |           |<-+                |           |<-+     |
    ///        +-----------+                   +-----------+        |
    ///              | Timer D fires                 | Timer M fires|
    ///              +------------>+------------+<---+--------------+
    ///                            | Terminated |
    ///                            +------------+
    /// ```
    pub(crate) enum State {
        /// Sent, no response yet.
        Calling { A => Calling, B => Terminated, Broken => Terminated, Provisional => Proceeding, Success => Accepted, Failure => Completed, Abandon => Terminated }
        /// The other side works on it.
        Proceeding { Provisional => Proceeding, Success => Accepted, Failure => Completed, Abandon => Terminated }
        /// Refused; late copies are acknowledged.
        Completed { Failure => Completed, D => Terminated }
        /// Accepted; every 2xx goes to the dialogs.
        Accepted { Success => Accepted, M => Terminated }
        /// Over.
        Terminated {}
    }
    on
    /// What happens to it.
    enum Event {
        /// A 1xx.
        Provisional,
        /// A 2xx.
        Success,
        /// 300 to 699.
        Failure,
        /// The dialog waits no longer for the answer to its CANCEL (RFC 3261, section 9.1).
        Abandon,
        /// It can't be sent.
        Broken,
        /// Timer A.
        A,
        /// Timer B.
        B,
        /// Timer D.
        D,
        /// Timer M.
        M,
    }
}

impl Event {
    /// The event of a response.
    pub(super) fn of(status: u16) -> Self {
        match status {
            0..200 => Self::Provisional,
            200..300 => Self::Success,
            300.. => Self::Failure,
        }
    }

    /// The event of a timer, if it is one of this machine's.
    pub(super) fn timer(timer: Timer) -> Option<Self> {
        match timer {
            Timer::A => Some(Self::A),
            Timer::B => Some(Self::B),
            Timer::D => Some(Self::D),
            Timer::M => Some(Self::M),
            Timer::E | Timer::F | Timer::G | Timer::H | Timer::I | Timer::J | Timer::K | Timer::L => None,
        }
    }
}

impl State {
    /// Sends the INVITE.
    pub(super) fn start(core: &mut Core, now: Instant, out: &mut VecDeque<Sent>) -> Self {
        core.send(out);
        core.start_resending(Timer::A, now);
        core.start(Timer::B, now);
        Self::Calling
    }

    /// Takes a step; `false` if the event means nothing in this state.
    pub(super) fn step(&mut self, event: Event, core: &mut Core, now: Instant, out: &mut VecDeque<Sent>) -> bool {
        let before = *self;
        let Some(after) = before.on(event) else { return false };
        *self = after;
        match event {
            Event::A => core.resend(Timer::A, None, now, out),
            Event::Provisional => core.timers.clear(),
            Event::Success if before != after => {
                core.timers.clear();
                core.start(Timer::M, now);
            }
            Event::Failure => {
                // By now it is the ACK that is sent again.
                core.send(out);
                if before != after {
                    core.timers.clear();
                    core.start(Timer::D, now);
                }
            }
            Event::Success | Event::Abandon | Event::Broken | Event::B | Event::D | Event::M => {}
        }
        true
    }
}

/// The ACK to a refusal (RFC 3261, section 17.1.1.3).
pub(super) fn ack(invite: &Request, refusal: &Response) -> Request {
    let mut ack = beside(invite, Method::Ack);
    ack.headers.to = refusal.headers.to.clone();
    ack
}

/// The CANCEL of an INVITE (RFC 3261, section 9.1).
pub(super) fn cancel(invite: &Request) -> Request {
    beside(invite, Method::Cancel)
}

/// A request of another method on the INVITE's branch.
fn beside(invite: &Request, method: Method) -> Request {
    Request {
        method: method.clone(),
        uri: invite.uri.clone(),
        headers: Headers {
            via: invite.headers.via.iter().take(1).cloned().collect(),
            cseq_method: method,
            contact: Contact::List(Vec::new()),
            record_route: Vec::new(),
            max_forwards: Some(70),
            other: Vec::new(),
            ..invite.headers.clone()
        },
        body: Vec::new(),
    }
}
