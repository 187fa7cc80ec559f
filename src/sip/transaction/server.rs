use std::collections::VecDeque;

use super::core::{Core, Sent};
use super::timer::Timer;
use crate::base::Instant;
use crate::base::Lifecycle;
use crate::sip::lifecycle::lifecycle;

lifecycle! {
    /// The server transaction of a request other than INVITE (RFC 3261, section 17.2.2).
    ///
    /// ```text
    ///                      | Request received
    ///                      | pass to TU
    ///                      V
    ///                +-----------+
    ///                |           |
    ///                | Trying    |-------------+
    ///                |           |             |
    ///                +-----------+             | 200-699 from TU
    ///                      |                   | send response
    ///                      | 1xx from TU       |
    ///                      | send response     |
    ///     Request          V      1xx from TU  |
    ///     send resp. +-----------+ send resp.  |
    ///         +------|           |-----+       |
    ///         |      |Proceeding |     |       |
    ///         +----->|           |<----+       |
    ///                +-----------+             |
    ///                      | 200-699 from TU   |
    ///     Request          | send response     |
    ///     send resp.       V                   |
    ///         +------+-----------+             |
    ///         |      | Completed |<------------+
    ///         +----->|           |
    ///                +-----------+
    ///                      | Timer J
    ///                      V
    ///                +-----------+
    ///                | Terminated|
    ///                +-----------+
    /// ```
    pub(crate) enum State {
        /// No response yet.
        Trying { Request => Trying, Provisional => Proceeding, Final => Completed }
        /// A 1xx has been sent.
        Proceeding { Request => Proceeding, Provisional => Proceeding, Final => Completed }
        /// Answered; a late copy of the request is answered the same.
        Completed { Request => Completed, J => Terminated }
        /// Over.
        Terminated {}
    }
    on
    /// What happens to it.
    enum Event {
        /// The request again.
        Request,
        /// We send a 1xx.
        Provisional,
        /// We send 200 to 699.
        Final,
        /// Timer J.
        J,
    }
}

impl Event {
    /// The event of our response.
    pub(super) fn of(status: u16) -> Self {
        if status < 200 { Self::Provisional } else { Self::Final }
    }

    /// The event of a timer, if it is this machine's.
    pub(super) fn timer(timer: Timer) -> Option<Self> {
        (timer == Timer::J).then_some(Self::J)
    }
}

impl State {
    /// Takes a step; `false` if the event means nothing in this state.
    pub(super) fn step(&mut self, event: Event, core: &mut Core, now: Instant, out: &mut VecDeque<Sent>) -> bool {
        let Some(after) = self.on(event) else { return false };
        *self = after;
        match event {
            Event::Request | Event::Provisional => core.send(out),
            Event::Final => {
                core.send(out);
                core.start(Timer::J, now);
            }
            Event::J => {}
        }
        true
    }
}
