use std::collections::VecDeque;

use super::core::{Core, Sent};
use super::timer::{T2, Timer};
use crate::base::Instant;
use crate::base::Lifecycle;
use crate::sip::lifecycle::lifecycle;

lifecycle! {
    /// The client transaction of a request other than INVITE (RFC 3261, section 17.1.2).
    ///
    /// ```text
    ///                          | Request from TU
    ///                          | send request
    ///      Timer E             V
    ///      send request  +-----------+
    ///          +---------|           |-------------------+
    ///          |         |  Trying   |  Timer F          |
    ///          +-------->|           |  or Transport Err.|
    ///                    +-----------+  inform TU        |
    ///       200-699         |  |                         |
    ///       resp. to TU     |  |1xx                      |
    ///       +---------------+  |resp. to TU              |
    ///       |                  |                         |
    ///       |   Timer E        V       Timer F           |
    ///       |   send req +-----------+ or Transport Err. |
    ///       |  +---------|           | inform TU         |
    ///       |  |         |Proceeding |------------------>|
    ///       |  +-------->|           |-----+             |
    ///       |            +-----------+     |1xx          |
    ///       |              |      ^        |resp to TU   |
    ///       | 200-699      |      +--------+             |
    ///       | resp. to TU  V                             |
    ///       |            +-----------+                   |
    ///       +----------->| Completed |                   |
    ///                    +-----------+                   |
    ///                      | Timer K                     |
    ///                      V                             |
    ///                    +-----------+                   |
    ///                    | Terminated|<------------------+
    ///                    +-----------+
    /// ```
    pub(crate) enum State {
        /// Sent, no response yet.
        Trying { E => Trying, F => Terminated, Broken => Terminated, Provisional => Proceeding, Final => Completed }
        /// The other side works on it.
        Proceeding { E => Proceeding, F => Terminated, Broken => Terminated, Provisional => Proceeding, Final => Completed }
        /// Answered; late copies are absorbed.
        Completed { K => Terminated }
        /// Over.
        Terminated {}
    }
    on
    /// What happens to it.
    enum Event {
        /// A 1xx.
        Provisional,
        /// 200 to 699.
        Final,
        /// It can't be sent.
        Broken,
        /// Timer E.
        E,
        /// Timer F.
        F,
        /// Timer K.
        K,
    }
}

impl Event {
    /// The event of a response.
    pub(super) fn of(status: u16) -> Self {
        if status < 200 { Self::Provisional } else { Self::Final }
    }

    /// The event of a timer, if it is one of this machine's.
    pub(super) fn timer(timer: Timer) -> Option<Self> {
        match timer {
            Timer::E => Some(Self::E),
            Timer::F => Some(Self::F),
            Timer::K => Some(Self::K),
            Timer::A | Timer::B | Timer::D | Timer::G | Timer::H | Timer::I | Timer::J | Timer::L | Timer::M => None,
        }
    }
}

impl State {
    /// Sends the request.
    pub(super) fn start(core: &mut Core, now: Instant, out: &mut VecDeque<Sent>) -> Self {
        core.send(out);
        core.start_resending(Timer::E, now);
        core.start(Timer::F, now);
        Self::Trying
    }

    /// Takes a step; `false` if the event means nothing in this state.
    pub(super) fn step(&mut self, event: Event, core: &mut Core, now: Instant, out: &mut VecDeque<Sent>) -> bool {
        let before = *self;
        let Some(after) = before.on(event) else { return false };
        *self = after;
        match event {
            Event::E if before == Self::Trying => core.resend(Timer::E, Some(T2), now, out),
            Event::E => core.resend_slowly(Timer::E, now, out),
            Event::Final => {
                core.timers.clear();
                core.start(Timer::K, now);
            }
            Event::Provisional | Event::Broken | Event::F | Event::K => {}
        }
        true
    }
}
