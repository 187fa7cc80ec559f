//! `svi simulate`: a flow in the terminal.

use anyhow::{Result, bail};

use super::Verdict;
use super::args::Simulate;

pub(crate) fn run(_: &Simulate) -> Result<Verdict> {
    bail!("not yet")
}
