//! Settings from one YAML file, with the same diagnostics as flows.
//!
//! What does not live here: opening the file, and what the command line changes in
//! the settings; both are the shell's.
//!
//! ```
//! use std::sync::Arc;
//! use svi::config::Settings;
//! use svi::diag::Source;
//!
//! let text = "http: { listen: '0.0.0.0:9000' }".to_owned();
//! let settings = Settings::read(&Arc::new(Source { path: "svi.yaml".into(), text })).unwrap();
//! assert_eq!(settings.http.listen.port(), 9000);
//! assert_eq!(settings.sip.listen[0].at.port(), 5060);
//! ```

mod accounts;
mod bans;
mod callbacks;
mod changes;
mod document;
mod lookups;
mod messages;
mod read;
mod settings;
mod sip;
#[cfg(test)]
mod tests;
mod trunks;
mod value;
mod voice;
mod web;

pub use callbacks::Callbacks;
pub use lookups::{LookUpServer, LookUps};
pub use messages::{Mail, Messages, Security};
pub use settings::{
    Agent, Codes, Credentials, Flows, Ha1, Http, Keep, Limits, Paths, Pauses, Role, Rtp, Settings, Supervision,
};
pub use sip::{Connections, Listen, Sip, Tls};
pub use trunks::{Outgoing, Trunk};
pub use voice::{Voice, VoiceServer};
pub use web::{Offered, Web};
