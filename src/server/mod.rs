//! The only owner of sockets, clock and threads: signalling task, hub task, call
//! tasks and media workers.
//!
//! What does not live here: any decision about a call; those are made by the core,
//! which this room feeds and obeys.

mod accounts;
mod agents;
mod bans;
mod call_task;
mod callbacks;
pub mod clock;
mod crash;
mod descriptors;
mod directory;
mod footprint;
mod forget;
pub(crate) mod https;
mod hub;
mod locate;
mod lookup;
pub mod media;
pub mod messages;
mod observer;
mod pace;
pub mod prompts;
mod reload;
mod schooling;
mod signalling;
mod start;
mod switchboard;
mod transport;
mod trunks;
mod upkeep;
mod warm;

pub use agents::{AgentView, AgentsDesk, PhoneView, Refusal};
pub use bans::{BanLine, BansDesk};
#[cfg(test)]
pub(crate) use callbacks::house::desk;
pub use callbacks::{Answer, BookDesk, Outlook, Whose};
pub use directory::Directory;
pub use forget::Forgetting;
pub use hub::AgentLine;
pub use reload::{
    Begin, By, Checked, Differs, FlowsDesk, FlowsState, Hindrance, History, Opening, Outcome, Reading, Swapped, Unsaved,
};
pub use start::{Running, chance, start};
pub use trunks::{TrunkLine, TrunksDesk};
pub use upkeep::StoreState;
