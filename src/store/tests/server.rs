//! One PostgreSQL server for all tests of this program; each has a database of its own.

use std::sync::OnceLock;

#[path = "../../../tests/support/postgres.rs"]
mod postgres;

pub(super) use postgres::{PASSWORD, Postgres};

pub(super) fn shared() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(Postgres::start)
}
