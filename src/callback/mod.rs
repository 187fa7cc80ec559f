//! The ticket and its book: due, retry, give up.
