//! The prover of `flow` held against the engine: of random flows, both say the same.
//!
//! What the prover says comes from its own model of what can happen. Here the real
//! [`Machine`](crate::engine::Machine) is driven through every choice of its caller and of
//! the world, and what it does is judged by other means. Nothing of the prover, of the
//! rules or of the graph of a flow is used: only the flow, and what the engine does.

mod bordered;
mod choices;
mod generator;
mod judge;
mod line;
mod search;
mod tests;
