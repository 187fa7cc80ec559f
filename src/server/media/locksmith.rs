//! The thread that makes the handshakes of all legs: their arithmetic takes a millisecond,
//! which a worker has not.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::handshake::{Handshaking, Step};
use super::identity::Identity;
use super::orders::Order;
use crate::base::{Instant, LegId, limits};
use crate::media::Handshake;
use crate::server::clock;

/// What a worker tells the locksmith.
#[derive(Debug)]
pub(super) enum Knock {
    /// A leg needs keys.
    Begin {
        /// The leg.
        leg: LegId,
        /// Its worker's number.
        desk: usize,
        /// Where SDP says that the peer listens.
        signalled: SocketAddr,
        /// What was agreed on.
        terms: Box<Handshake>,
    },
    /// Its peer is elsewhere now.
    Moved {
        /// The leg.
        leg: LegId,
        /// Its worker's number.
        desk: usize,
        /// Where SDP says that the peer listens.
        signalled: SocketAddr,
        /// What was agreed on, as before.
        terms: Box<Handshake>,
    },
    /// A datagram of a handshake.
    Came {
        /// The leg.
        leg: LegId,
        /// Who has sent it.
        from: SocketAddr,
        /// What it is.
        datagram: Box<[u8]>,
    },
    /// The leg is closed.
    Gone {
        /// The leg.
        leg: LegId,
    },
    /// The plane is gone.
    Stop,
}

struct Locksmith {
    identity: Identity,
    knocks: Receiver<Knock>,
    desks: Arc<[SyncSender<Order>]>,
    doors: HashMap<LegId, Door>,
    /// When to look at all doors.
    due: Option<Instant>,
}

struct Door {
    desk: usize,
    handshaking: Handshaking,
}

/// Starts the thread.
///
/// # Errors
/// When it can't be had.
pub(super) fn start(
    identity: Identity,
    desks: Arc<[SyncSender<Order>]>,
) -> io::Result<(SyncSender<Knock>, JoinHandle<()>)> {
    let (sender, knocks) = sync_channel(limits::HANDSHAKE_QUEUE);
    let mut locksmith = Locksmith { identity, knocks, desks, doors: HashMap::new(), due: None };
    let thread = Builder::new().name("handshakes".to_owned()).spawn(move || locksmith.run())?;
    Ok((sender, thread))
}

impl Locksmith {
    fn run(&mut self) {
        loop {
            let knock = match self.due {
                None => self.knocks.recv().map_err(RecvTimeoutError::from),
                Some(due) => self.knocks.recv_timeout(due.since(clock::now())),
            };
            let now = clock::now();
            match knock {
                Ok(Knock::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(knock) => self.hear(now, knock),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.due.is_some_and(|due| now >= due) {
                self.look(now);
            }
        }
    }

    fn hear(&mut self, now: Instant, knock: Knock) {
        match knock {
            Knock::Begin { leg, desk, signalled, terms } => {
                let origin = clock::origin();
                let handshaking = Handshaking::new(now, origin, self.identity.clone(), *terms, signalled);
                self.doors.insert(leg, Door { desk, handshaking });
                self.attend(leg, |_| {});
            }
            Knock::Moved { leg, desk, signalled, terms } => {
                let identity = &self.identity;
                self.doors.entry(leg).or_insert_with(|| {
                    let origin = clock::origin();
                    let handshaking = Handshaking::settled(now, origin, identity.clone(), *terms, signalled);
                    Door { desk, handshaking }
                });
                self.attend(leg, |handshaking| handshaking.moved(now, signalled));
            }
            Knock::Came { leg, from, datagram } => {
                self.attend(leg, |handshaking| handshaking.receive(now, from, &datagram));
            }
            Knock::Gone { leg } => {
                self.doors.remove(&leg);
            }
            Knock::Stop => {}
        }
    }

    /// Looks at every door for what is due.
    fn look(&mut self, now: Instant) {
        self.due = None;
        let legs: Vec<LegId> = self.doors.keys().copied().collect();
        for leg in legs {
            self.attend(leg, |handshaking| {
                if handshaking.due().is_some_and(|due| now >= due) {
                    handshaking.tick(now);
                }
            });
        }
    }

    /// Does something at a door and carries out what comes of it. A mistake there ends that
    /// handshake alone.
    fn attend(&mut self, leg: LegId, act: impl FnOnce(&mut Handshaking)) {
        let Some(door) = self.doors.get_mut(&leg) else { return };
        let desk = &self.desks[door.desk];
        // A worker that is gone has no legs any more.
        let tell = |step| drop(desk.send(Order::Handshake { leg, step }));
        if catch_unwind(AssertUnwindSafe(|| act(&mut door.handshaking))).is_err() {
            tracing::error!(%leg, "a handshake has panicked");
            self.doors.remove(&leg);
            return tell(Step::Failed { why: "a fault of the program" });
        }
        while let Some(step) = door.handshaking.poll() {
            tell(step);
        }
        match door.handshaking.due() {
            Some(due) => self.due = Some(self.due.map_or(due, |before| before.min(due))),
            None => drop(self.doors.remove(&leg)),
        }
    }
}
