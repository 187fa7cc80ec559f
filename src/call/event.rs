use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Mode;
use crate::base::{AgentName, CallId, Now, PhoneNumber, Private, QueueName};
use crate::engine::Note;
use crate::queue::Missed;
use crate::sip::Reason;

/// One thing that happened in a call, and when: the truth that the record, the
/// log, the metrics and the transcript are folded from.
#[derive(Clone, Debug, PartialEq)]
pub struct CallEvent {
    /// Which call.
    pub call: CallId,
    /// When.
    pub at: Now,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// A call came in and a flow was found for it.
    Arrived {
        /// The flow.
        flow: Arc<str>,
        /// The service.
        service: Arc<str>,
        /// The dialled number.
        to: String,
        /// The caller's number, unless withheld.
        from: Option<Private<PhoneNumber>>,
        /// The caller's Call-ID.
        sip_call_id: String,
    },
    /// Somebody had sent the call on to us.
    Diverted {
        /// Which number was dialled before, where it is one.
        number: Option<Private<PhoneNumber>>,
        /// Why, in a word of RFC 5806.
        why: &'static str,
    },
    /// A leg ended, or is about to, for a reason that was told (RFC 3326).
    Reason {
        /// Who told it.
        by: By,
        /// Which.
        reason: Reason,
    },
    /// The caller was answered (200 OK).
    Answered,
    /// The flow did something.
    Flow(Note),
    /// Words that were played; music is `♪ name`.
    Heard {
        /// The words.
        words: String,
    },
    /// The caller waits in a queue.
    Joined {
        /// Which.
        queue: QueueName,
        /// The rank.
        rank: usize,
    },
    /// The queue did not take the caller, or gave the caller back.
    Refused {
        /// Which.
        queue: QueueName,
        /// `full`, `nobody`, `paused`, `closed`, `unknown` or `too-long`.
        why: &'static str,
    },
    /// An agent's phone is being rung.
    Ringing {
        /// Who.
        agent: AgentName,
    },
    /// The agent could not be had.
    Missed {
        /// Who.
        agent: AgentName,
        /// Why.
        why: Missed,
    },
    /// The agent's phone was stopped: another was quicker, or it was not wanted any more.
    Stopped {
        /// Who.
        agent: AgentName,
    },
    /// Caller and agent hear each other.
    Connected {
        /// Who.
        agent: AgentName,
    },
    /// The talk with the agent has ended.
    TalkEnded {
        /// Who.
        agent: AgentName,
        /// Who ended it.
        by: By,
    },
    /// A supervisor hears the talk from now on, or takes part in another way.
    Watched {
        /// Who.
        by: AgentName,
        /// How.
        mode: Mode,
    },
    /// The supervisor hears it no more.
    WatchEnded {
        /// Who.
        by: AgentName,
    },
    /// An agent has dialled a code.
    Errand {
        /// Who.
        who: AgentName,
        /// What for: `login`, `logout`, `pause`, `resume`, `ready` or `supervise`.
        what: &'static str,
    },
    /// A side put the other on hold, or resumed.
    Hold {
        /// Which side.
        by: By,
        /// On hold now.
        held: bool,
    },
    /// An agent sends the caller on.
    Handing {
        /// Who.
        by: AgentName,
        /// Where: `agent bruno`, `queue mairie/agents`, `a number`.
        to: String,
    },
    /// Whoever the caller was sent to has the caller.
    Handed {
        /// Who had sent the caller.
        by: AgentName,
    },
    /// It could not be done.
    HandingFailed {
        /// Who had wanted it.
        by: AgentName,
        /// The SIP status.
        status: u16,
    },
    /// The caller is being connected to an outside number.
    Transferring {
        /// Which.
        to: PhoneNumber,
    },
    /// The outside number answered.
    Transferred,
    /// The outside number did not answer.
    TransferFailed {
        /// The SIP status.
        status: u16,
    },
    /// The call is over.
    Ended(Ending),
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The citizen.
    Caller,
    /// The agent.
    Agent,
    /// The flow, as it is written.
    Flow,
    /// The network or a phone that broke the rules.
    Peer,
    /// This server.
    Us,
}

/// How a call ended, in two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Ending {
    /// Who ended it.
    pub by: By,
    /// Why: `hangup`, `cancelled`, `flow-end`, `flow-loop`, `no-port`, `no-ack`, `no-codec`,
    /// `too-long`, `shutdown`, `dead-peer`, `expired`, `no-keys`.
    pub why: &'static str,
}

impl Happened {
    /// The event in a few words for the record's story; no number, no digit, nothing that
    /// a citizen said is in it. `None` for what the story does without.
    pub fn story(&self) -> Option<String> {
        Some(match self {
            Self::Arrived { flow, service, .. } => format!("arrived {service}/{flow}"),
            Self::Diverted { why, .. } => format!("diverted {why}"),
            Self::Reason { by: By::Us, .. } => return None,
            Self::Reason { by, reason } => format!("reason {} {reason}", by.word()),
            Self::Answered => "answered".to_owned(),
            Self::Flow(Note::Step { name }) => format!("step {name}"),
            Self::Flow(Note::Key { .. }) => "key".to_owned(),
            Self::Flow(Note::Language(language)) => format!("language {language}"),
            Self::Flow(Note::Collected { name, .. }) => format!("typed {name}"),
            Self::Flow(Note::AskedAgent { open: true }) => "asked agent".to_owned(),
            Self::Flow(Note::AskedAgent { open: false }) => "asked agent while closed".to_owned(),
            Self::Flow(Note::ToldRank { rank }) => format!("told rank {rank}"),
            Self::Flow(Note::ToldWait { wait, .. }) => format!("told wait {}", wait.spoken),
            Self::Flow(Note::Noticed(notice)) => format!("told notice {}", notice.word()),
            Self::Flow(Note::Valued { name, .. }) => format!("set {name}"),
            Self::Flow(Note::Chose { branch: Some(branch) }) => format!("condition {} holds", branch + 1),
            Self::Flow(Note::LookedUp { name, outcome }) => format!("looked up {name}: {outcome}"),
            Self::Flow(Note::Chose { branch: None }) => "no condition holds".to_owned(),
            Self::Flow(Note::Took { offer }) => format!("took {offer}"),
            Self::Flow(Note::Promised) => "promised callback".to_owned(),
            Self::Flow(Note::NotPromised) => "refused callback".to_owned(),
            Self::Flow(Note::Mark { name, .. }) => format!("marked {name}"),
            Self::Flow(Note::MessageKept) => "left a message".to_owned(),
            Self::Flow(Note::NoMessage { why }) => format!("no message {why}"),
            Self::Flow(Note::Trouble { what }) => format!("trouble {what}"),
            Self::Heard { .. } => return None,
            Self::Joined { queue, rank } => format!("joined {queue} at {rank}"),
            Self::Refused { queue, why } => format!("refused {queue} {why}"),
            Self::Ringing { agent } => format!("ringing {agent}"),
            Self::Missed { agent, why } => format!("missed {agent} {}", why.word()),
            Self::Stopped { agent } => format!("stopped {agent}"),
            Self::Connected { agent } => format!("connected {agent}"),
            Self::TalkEnded { agent, .. } => format!("talk ended {agent}"),
            Self::Watched { by, mode } => format!("supervised by {by} {}", mode.word()),
            Self::WatchEnded { by } => format!("supervision ended {by}"),
            Self::Errand { who, what } => format!("dialled {who} {what}"),
            Self::Hold { by, held: true } => format!("held by {}", by.word()),
            Self::Hold { by, held: false } => format!("resumed by {}", by.word()),
            Self::Handing { by, to } => format!("{by} hands on to {to}"),
            Self::Handed { by } => format!("handed on by {by}"),
            Self::HandingFailed { by, status } => format!("handing on by {by} failed {status}"),
            Self::Transferring { .. } => "transferring".to_owned(),
            Self::Transferred => "transferred".to_owned(),
            Self::TransferFailed { status } => format!("transfer failed {status}"),
            Self::Ended(ending) => format!("ended {} {}", ending.by.word(), ending.why),
        })
    }
}

impl By {
    /// The word in records and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Agent => "agent",
            Self::Flow => "flow",
            Self::Peer => "peer",
            Self::Us => "us",
        }
    }
}
