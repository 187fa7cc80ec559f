//! A whole service in memory on a virtual clock: the same structs, no network.
