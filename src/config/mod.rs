//! Settings from file and command line, with the same diagnostics as flows.
