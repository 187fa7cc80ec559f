//! Dialogs (RFC 3261, sections 12 to 15): who is at the other end, how to reach them,
//! and where each leg is in its life.
//!
//! What does not live here: finding the leg that a message belongs to (the endpoint), and
//! sending again what got lost (the transactions; the 200 to an INVITE alone is ours).

mod called;
mod calling;
mod leg;
mod path;
mod refer;
mod reliable;
mod reoffer;
mod session;
mod state;
#[cfg(test)]
mod tests;
mod update;
mod within;

pub(crate) use calling::branch_again;
pub(crate) use leg::{Access, Ack, HOPS, Leg, LegTimer, OpenedBy, Outside, Owner, Purpose, Stack};
pub(crate) use path::{Dialog, Reach};
pub use session::SessionTimes;
pub(crate) use session::{RAISES, ask, refuse_brief};
pub(crate) use state::{Accepted, Cue, Invited, Inviting, Phase, State};
pub(crate) use within::{abilities, refuse_extensions, refuse_method};
