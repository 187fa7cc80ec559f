use tokio::sync::oneshot;

use crate::base::{AgentName, CallId};
use crate::call::{self, Errand, RecallOrder};
use crate::server::bans::ForGuard;
use crate::server::locate::{Found, Sought};
use crate::server::reload::Edition;
use crate::server::transport::Encryption;
use crate::server::trunks::TrunkLine;
use crate::sip::{self, PhoneLine};

/// What other tasks say to the signalling task.
#[derive(Debug)]
pub(in crate::server) enum ToSignalling {
    /// A call asks something of the endpoint.
    Sip(sip::Command),
    /// The hub speaks to a call.
    Tell {
        /// Whom.
        call: CallId,
        /// What.
        input: call::Input,
    },
    /// Somebody's own phone is to be rung for an errand.
    Ring {
        /// Who.
        who: AgentName,
        /// What for.
        errand: Errand,
    },
    /// A citizen is to be called back.
    CallBack {
        /// The call's id.
        id: CallId,
        /// Whom, and by whom.
        order: Box<RecallOrder>,
    },
    /// New calls are received with this from now on; those that are up keep what they have.
    Renew {
        /// The services that were reloaded.
        edition: Box<Edition>,
        /// Told once it is so.
        done: oneshot::Sender<()>,
    },
    /// A trunk was found.
    Located {
        /// Which, as it was sought.
        sought: Sought,
        /// Where.
        found: Found,
    },
    /// The trunks' names are to be looked up now.
    LookAgain,
    /// What encrypted connections to trunks are made with, which nothing needed before.
    Encrypt(Encryption),
    /// Something about the sources that are not heard.
    Bans(ForGuard),
    /// How the trunks are.
    Trunks(oneshot::Sender<Vec<TrunkLine>>),
    /// Which phones of agents there are.
    Phones(oneshot::Sender<Vec<PhoneLine>>),
    /// A call is over.
    Over(CallId),
    /// No new calls from now on; the task ends when the last one is over.
    Drain,
    /// Every call ends now.
    Shutdown,
}
