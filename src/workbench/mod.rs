//! What an admin sees of flows besides their words: the [picture] of one, and what
//! [changes] for callers from one version to the next.
//!
//! What does not live here: whether a flow is right, which is [`crate::flow`]'s, and
//! reading and writing files, which is the command line's.

pub mod changes;
pub mod picture;

#[cfg(test)]
mod tests;
