//! What a running flow will do from now on depends on this: for tests that try every way.

use std::fmt::Write as _;

use super::machine::Machine;
use super::state::State;
use super::waiting::Waiting;

impl Machine {
    /// The same for two machines that go on in the same way; deadlines are left out.
    pub(crate) fn fingerprint(&self) -> String {
        let mut text = format!(
            "{} {:?} {:?} {:?} {} {} {:?} {:?} ",
            self.step.0,
            self.language,
            self.menus,
            self.ahead,
            self.lead.is_some(),
            self.noticed,
            self.book,
            (&self.values, self.agent_tried, self.deaf)
        );
        let waiting = |waiting: &Waiting| {
            let Waiting { stage, hears, asked, told, closed, rung, .. } = waiting;
            format!("{stage:?} {hears:?} {asked:?} {told:?} {closed} {rung}")
        };
        let _ = match &self.state {
            State::Waiting(state) => write!(text, "waiting {}", waiting(state)),
            State::Noting(state) => {
                let place = state.waiting.as_deref().map(waiting);
                let asked = (&state.number, &state.misses, &state.lost);
                write!(text, "noting {:?} {:?} {place:?} {asked:?}", state.origin, state.stage)
            }
            State::Collecting(state) => write!(text, "collecting {}", state.fingerprint()),
            State::LookingUp(state) => write!(text, "looking up {}", state.fingerprint()),
            other => write!(text, "{other:?}"),
        };
        text
    }

    /// Whether a key is kept for a later step.
    pub(crate) fn has_ahead(&self) -> bool {
        !self.ahead.is_empty()
    }
}
