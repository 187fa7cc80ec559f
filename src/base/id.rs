use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub Arc<str>);

        impl $name {
            /// The name as it is written in the files.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

number_id!(
    /// One caller's whole story on this server.
    CallId, "call-"
);
number_id!(
    /// One SIP dialog with its media: the caller's, an agent's, a trunk's.
    LegId, "leg-"
);
number_id!(
    /// One order to play something, so that its end can be told from another's.
    PlayId, "play-"
);
number_id!(
    /// A promise to call a citizen back.
    TicketId, "ticket-"
);
number_id!(
    /// A message that a caller has left.
    MessageId, "message-"
);
name_id!(
    /// An agent's account name, such as `amina`.
    AgentName
);
name_id!(
    /// A queue's full name: the service's folder, a slash, the queue's key (`france-services/agents`).
    QueueName
);
name_id!(
    /// What an agent can do and a caller may need: a language (`en`), a field of work (`fiscal`).
    Skill
);
