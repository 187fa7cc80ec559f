//! PostgreSQL's lock by which one service at a time works on a database: two would both call
//! a citizen back. The server lets go of it when the connection ends, however it ends.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::watch;

use super::Trouble;

/// Whether the lock is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// It is.
    Ours,
    /// The connection that held it is gone, and it is asked for anew.
    Away,
    /// Another service has it: this one writes nothing any more.
    Taken,
}

/// Takes the lock, and waits as long as the server may need to notice that whoever had it is gone.
///
/// # Errors
///
/// [`Trouble::Locked`] when another service holds it.
pub(super) async fn lock(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let options = options.clone().options([
        ("lock_timeout", PATIENCE),
        ("statement_timeout", "0"),
        ("tcp_keepalives_idle", "3"),
        ("tcp_keepalives_interval", "2"),
        ("tcp_keepalives_count", "2"),
    ]);
    let mut connection = options.connect().await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut connection).await?;
    Ok(connection)
}

/// Looks whether the lock is still ours, and takes it again when the server was away.
pub(super) async fn keep(options: PgConnectOptions, mut connection: PgConnection, held: watch::Sender<Held>) {
    loop {
        tokio::select! {
            // Nobody writes any more.
            () = held.closed() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if matches!(tokio::time::timeout(ANSWER, connection.ping()).await, Ok(Ok(()))) {
            held.send_if_modified(|known| std::mem::replace(known, Held::Ours) != Held::Ours);
            continue;
        }
        held.send_replace(Held::Away);
        match lock(&options).await {
            Ok(again) => {
                connection = again;
                held.send_replace(Held::Ours);
            }
            Err(error) if Trouble::of(&error) == Trouble::Locked => {
                held.send_replace(Held::Taken);
                tracing::error!(
                    "another service works on the database: this one keeps nothing any more; end one of them"
                );
                return held.closed().await;
            }
            Err(_) => {}
        }
    }
}

/// The lock's number: `svi` in ASCII.
const LOCK: i64 = 0x0073_7669;
/// How often is looked. Who takes the lock while the server restarts can work beside us for so long.
const LOOK: Duration = Duration::from_secs(1);
/// How long the server may take to answer.
const ANSWER: Duration = Duration::from_secs(3);
/// Longer than the server needs to notice that a machine has gone: 3 s and twice 2.
const PATIENCE: &str = "10s";
