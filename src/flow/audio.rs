use std::time::Duration;

use crate::speech::Fragment;

/// What the language asks of the outside: whether a clip is there, and how long it is.
pub trait Audio {
    /// The length of a fragment's clip; `None` when nothing was recorded for it.
    fn length(&self, fragment: &Fragment) -> Option<Duration>;
}
