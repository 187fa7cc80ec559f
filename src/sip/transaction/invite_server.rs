use std::collections::VecDeque;

use super::core::{Core, Sent};
use super::timer::{T2, Timer};
use crate::base::Instant;
use crate::base::Lifecycle;
use crate::sip::lifecycle::lifecycle;

lifecycle! {
    /// The server transaction of an INVITE (RFC 3261, section 17.2.1; RFC 6026, section 7.1).
    ///
    /// ```text
    ///                           | INVITE
    ///                           | pass INV to TU
    ///          INVITE           V send 100
    ///          send response +------------+
    ///              +---------|            |--------+ 101-199 from TU
    ///              |         | Proceeding |        | send response
    ///              +-------->|            |<-------+
    ///                        +------------+
    ///      300-699 from TU       |   | 2xx from TU
    ///      send response         |   | send response
    ///          +-----------------+   +------------------+
    ///   INVITE V           Timer G                      V    INVITE: -
    ///   send r.+-----------+ send r.               +-----------+  2xx from TU: send r.
    ///     +----|           |--+                    |           |--+
    ///     |    | Completed |  |                    | Accepted  |  | ACK to TU
    ///     +--->|           |<-+                    |           |<-+
    ///          +-----------+                       +-----------+
    ///      ACK |       | Timer H                         | Timer L
    ///        - |       | inform TU                       |
    ///          V       +---------------+                 |
    ///          +-----------+           |                 |
    ///   ACK: - | Confirmed |           |                 |
    ///          +-----------+           V                 |
    ///             | Timer I      +------------+          |
    ///             +------------->| Terminated |<---------+
    ///                            +------------+
    /// ```
    pub(crate) enum State {
        /// No final response yet.
        Proceeding { Request => Proceeding, Provisional => Proceeding, Success => Accepted, Failure => Completed }
        /// Refused, the ACK is awaited.
        Completed { Request => Completed, Ack => Confirmed, G => Completed, H => Terminated }
        /// Refused and acknowledged.
        Confirmed { Request => Confirmed, Ack => Confirmed, I => Terminated }
        /// Accepted; the dialog sends the 2xx again until its ACK.
        Accepted { Request => Accepted, Ack => Accepted, Success => Accepted, L => Terminated }
        /// Over.
        Terminated {}
    }
    on
    /// What happens to it.
    enum Event {
        /// The INVITE again.
        Request,
        /// An ACK on the INVITE's branch.
        Ack,
        /// We send a 1xx.
        Provisional,
        /// We send a 2xx.
        Success,
        /// We send 300 to 699.
        Failure,
        /// Timer G.
        G,
        /// Timer H.
        H,
        /// Timer I.
        I,
        /// Timer L.
        L,
    }
}

impl Event {
    /// The event of our response.
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
            Timer::G => Some(Self::G),
            Timer::H => Some(Self::H),
            Timer::I => Some(Self::I),
            Timer::L => Some(Self::L),
            Timer::A | Timer::B | Timer::D | Timer::E | Timer::F | Timer::J | Timer::K | Timer::M => None,
        }
    }
}

impl State {
    /// Takes a step; `false` if the event means nothing in this state.
    pub(super) fn step(&mut self, event: Event, core: &mut Core, now: Instant, out: &mut VecDeque<Sent>) -> bool {
        let before = *self;
        let Some(after) = before.on(event) else { return false };
        *self = after;
        match event {
            Event::Request if matches!(before, Self::Proceeding | Self::Completed) => core.send(out),
            Event::Provisional | Event::Success => {
                core.send(out);
                if before != after {
                    core.start(Timer::L, now);
                }
            }
            Event::Failure => {
                core.send(out);
                core.start_resending(Timer::G, now);
                core.start(Timer::H, now);
            }
            Event::Ack if before == Self::Completed => {
                core.timers.clear();
                core.start(Timer::I, now);
            }
            Event::G => core.resend(Timer::G, Some(T2), now, out),
            Event::Request | Event::Ack | Event::H | Event::I | Event::L => {}
        }
        true
    }
}
