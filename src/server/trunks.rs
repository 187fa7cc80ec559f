//! The trunks as they are: told to the log and the measures, and shown by API.

use std::net::SocketAddr;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::signalling::ToSignalling;
use crate::sip::{PulseState, Registered, RegistrationNews, TrunkNews, TrunkState};
use crate::web::metrics;

/// A trunk as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrunkLine {
    /// Its name.
    pub name: Arc<str>,
    /// Its host, as the settings name it.
    pub host: String,
    /// Where its requests go, the first one first; none while its name is not found.
    pub addresses: Vec<SocketAddr>,
    /// `udp`, `tcp` or `tls`.
    pub transport: &'static str,
    /// `up`, `down` or `unknown`; `unasked` where it is not asked, and `not-found` while its name is not.
    pub state: &'static str,
    /// Whether we are registered; `None` where we need not be.
    pub registered: Option<bool>,
    /// How many seconds the registration still lasts.
    pub registered_for: Option<u64>,
    /// The status of the last registration that was refused; 408 where nothing came.
    pub refusal: Option<u16>,
    /// How many seconds it wants no calls.
    pub rests_for: Option<u64>,
    /// Calls that are out by it.
    pub calls: u32,
    /// How many it may have at once.
    pub at_once: Option<u32>,
    /// Those that went out within the last hour.
    pub last_hour: usize,
    /// How many may within an hour.
    pub per_hour: Option<u32>,
}

impl From<TrunkState> for TrunkLine {
    fn from(state: TrunkState) -> Self {
        let (registered, registered_for, refusal) = match state.registered {
            None => (None, None, None),
            Some(Registered::For(seconds)) => (Some(true), Some(seconds), None),
            Some(Registered::No { refusal }) => (Some(false), None, refusal),
        };
        Self {
            addresses: state.hops.iter().map(|hop| hop.address).collect(),
            transport: state.hops.first().map_or("", |hop| hop.transport.word()),
            state: match state.pulse {
                _ if state.hops.is_empty() => "not-found",
                None => "unasked",
                Some(pulse) => pulse.word(),
            },
            host: state.domain,
            registered,
            registered_for,
            refusal,
            rests_for: state.rests,
            calls: state.calls,
            at_once: state.caps.at_once,
            last_hour: state.last_hour,
            per_hour: state.caps.per_hour,
            name: state.name,
        }
    }
}

/// The trunks by API.
#[derive(Clone, Debug)]
pub struct TrunksDesk(pub(super) mpsc::Sender<ToSignalling>);

impl TrunksDesk {
    /// Every trunk, in the order of the settings; `None` when the service is stopping.
    pub async fn list(&self) -> Option<Vec<TrunkLine>> {
        let (answer, trunks) = oneshot::channel();
        self.0.send(ToSignalling::Trunks(answer)).await.ok()?;
        trunks.await.ok()
    }

    /// A desk without a service behind it.
    pub fn closed() -> Self {
        Self(mpsc::channel(1).0)
    }
}

/// Tells which trunks are others after a reload, or after one was found elsewhere.
pub(super) fn renewed(before: &[TrunkState], after: &[TrunkState]) {
    for old in before {
        let new = after.iter().find(|new| new.name == old.name);
        // A measure of what is not asked any more, or has not answered yet, says nothing.
        let is_known = |pulse: Option<PulseState>| matches!(pulse, Some(PulseState::Up | PulseState::Down));
        if is_known(old.pulse) && !new.is_some_and(|new| is_known(new.pulse)) {
            metrics::trunk_unasked(&old.name);
        }
        if old.registered.is_some() && new.is_none_or(|new| new.registered.is_none()) {
            metrics::trunk_unregistered(&old.name);
        }
        if new.is_none() {
            tracing::info!(trunk = &*old.name, calls = old.calls, "a trunk is taken away, and its calls go on");
        }
    }
    for new in after.iter().filter(|new| before.iter().all(|old| old.name != new.name)) {
        tracing::info!(trunk = &*new.name, "a trunk is added");
    }
}

/// Tells what has changed.
pub(super) fn changed(name: &str, news: &TrunkNews) {
    match news {
        TrunkNews::Pulse(state) => {
            metrics::trunk_up(name, *state == PulseState::Up);
            match state {
                PulseState::Down => tracing::warn!(trunk = name, "a trunk does not answer: no call goes out by it"),
                PulseState::Up | PulseState::Unknown => tracing::info!(trunk = name, "a trunk answers"),
            }
        }
        TrunkNews::Registration(RegistrationNews::Registered) => {
            metrics::trunk_registered(name, true);
            tracing::info!(trunk = name, "registered");
        }
        TrunkNews::Registration(RegistrationNews::Failed { status, again, lost }) => {
            if *lost {
                metrics::trunk_registered(name, false);
            }
            tracing::warn!(trunk = name, status, again, "a registration has failed");
        }
        TrunkNews::Misdirected { dialled } => {
            tracing::warn!(trunk = name, "a trunk sends calls to numbers that are not its own");
            tracing::debug!(trunk = name, dialled = dialled.reveal(), "one of them");
        }
        TrunkNews::Passed { status } => {
            metrics::trunk_passed(name);
            tracing::warn!(trunk = name, status, "a call goes on by another way");
        }
        TrunkNews::Capped => {
            metrics::capped();
            tracing::warn!("a call did not go out: as many as `at_once` or `per_hour` allows have");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::{Caps, Hop};

    #[test]
    fn a_trunk_is_shown_in_words_that_programs_can_read() {
        let at = "192.0.2.9:5060".parse().unwrap();
        let state = TrunkState {
            name: "main".into(),
            domain: "sip.operator.example".into(),
            hops: vec![Hop::udp(at)],
            pulse: Some(PulseState::Down),
            registered: Some(Registered::No { refusal: Some(403) }),
            rests: None,
            calls: 2,
            last_hour: 7,
            caps: Caps { at_once: Some(30), per_hour: None },
        };
        let line = serde_json::to_value(TrunkLine::from(state.clone())).unwrap();
        let shown = (&line["state"], &line["registered"], &line["refusal"], &line["addresses"][0], &line["transport"]);
        assert_eq!(shown, (&"down".into(), &false.into(), &403.into(), &at.to_string().into(), &"udp".into()));
        let lost = TrunkLine::from(TrunkState { hops: Vec::new(), ..state.clone() });
        assert_eq!((lost.state, lost.host.as_str()), ("not-found", "sip.operator.example"));
        let plain = TrunkLine::from(TrunkState { pulse: None, registered: Some(Registered::For(60)), ..state });
        assert_eq!((plain.state, plain.registered, plain.registered_for), ("unasked", Some(true), Some(60)));
    }

    #[test]
    fn a_trunk_that_is_gone_or_asked_elsewhere_is_no_longer_measured_as_it_was() {
        let state = |name: &str, pulse| TrunkState {
            name: name.into(),
            domain: "sip.operator.example".into(),
            hops: Vec::new(),
            pulse: Some(pulse),
            registered: Some(Registered::For(60)),
            rests: None,
            calls: 0,
            last_hour: 0,
            caps: Caps::default(),
        };
        let recorder = metrics::recorder();
        ::metrics::with_local_recorder(&recorder, || {
            for name in ["moved", "gone", "stays"] {
                metrics::trunk_up(name, true);
                metrics::trunk_registered(name, true);
            }
            let before = ["moved", "gone", "stays"].map(|name| state(name, PulseState::Up));
            renewed(&before, &[state("moved", PulseState::Unknown), state("stays", PulseState::Up)]);
        });
        let text = recorder.handle().render();
        for line in [
            "svi_trunk_up{trunk=\"moved\"} NaN",
            "svi_trunk_up{trunk=\"gone\"} NaN",
            "svi_trunk_up{trunk=\"stays\"} 1",
            "svi_trunk_registered{trunk=\"moved\"} 1",
            "svi_trunk_registered{trunk=\"gone\"} NaN",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
