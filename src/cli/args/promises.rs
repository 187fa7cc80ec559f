//! What is typed about messages and callbacks.

use std::path::PathBuf;

use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct Messages {
    /// What to do; without it, messages are listed.
    #[arg(value_enum, default_value_t = MessagesVerb::List)]
    pub(crate) verb: MessagesVerb,
    /// The message.
    #[arg(value_name = "ID", required_if_eq_any = [("verb", "get"), ("verb", "settle"), ("verb", "reopen"), ("verb", "delete")])]
    pub(crate) id: Option<u64>,
    /// Lists only those in this state.
    #[arg(long, value_enum, value_name = "STATE")]
    pub(crate) state: Option<MessagesState>,
    /// Where the sound is written; `message-ID.wav` by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Who does it, for the others to see.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) http: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessagesVerb {
    /// Shows them, the newest first.
    List,
    /// Fetches the sound, and says that it was heard.
    Get,
    /// Says that what it asked for is done.
    Settle,
    /// Says that it is not.
    Reopen,
    /// Erases it, sound and row.
    Delete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessagesState {
    /// Nobody has listened to it.
    New,
    /// Somebody has.
    Heard,
    /// What it asked for is done.
    Settled,
}

impl MessagesState {
    /// The word of the API.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Heard => "heard",
            Self::Settled => "settled",
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Callbacks {
    /// What to do; without it, callbacks are listed.
    #[arg(value_enum, default_value_t = CallbacksVerb::List)]
    pub(crate) verb: CallbacksVerb,
    /// The callback.
    #[arg(value_name = "ID", required_if_eq_any = [("verb", "show"), ("verb", "cancel")])]
    pub(crate) id: Option<u64>,
    /// Lists only those in this state; `open` has all that are not over.
    #[arg(long, value_enum, value_name = "STATE")]
    pub(crate) state: Option<CallbacksState>,
    /// Lists only those of this queue, with its service: `france-services/agents`; or the
    /// queue whose agents call.
    #[arg(long, value_name = "QUEUE", required_if_eq_any = [("verb", "add"), ("verb", "times")])]
    pub(crate) queue: Option<String>,
    /// Whom to call.
    #[arg(long, value_name = "NUMBER", required_if_eq("verb", "add"))]
    pub(crate) number: Option<String>,
    /// When: `soon`, or the first word of a line of `times`.
    #[arg(long, value_name = "WHEN", default_value = "soon")]
    pub(crate) when: String,
    /// Why, for the agent who calls.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) reason: String,
    /// Lists only those older than this one: the last line of the list before.
    #[arg(long, value_name = "ID")]
    pub(crate) before: Option<u64>,
    /// How many are listed, 1000 at most.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: u32,
    /// Prints what the API answers, as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) http: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CallbacksVerb {
    /// Shows them, the newest first.
    List,
    /// Shows one.
    Show,
    /// Cancels one: the citizen is not called.
    Cancel,
    /// Promises a citizen a call.
    Add,
    /// Shows the times that may be promised, beside as soon as possible.
    Times,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CallbacksState {
    /// Not over.
    Open,
    /// Promised; waits for its time or its turn.
    Kept,
    /// The citizen is being called.
    Dialling,
    /// The citizen was not reached, and is called again.
    Retry,
    /// Citizen and agent talk.
    Connected,
    /// They have talked.
    Done,
    /// The citizen was not reached.
    GivenUp,
    /// It is not wanted any more.
    Cancelled,
    /// It could not be written down, and was not promised.
    Refused,
}
