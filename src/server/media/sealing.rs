use std::net::SocketAddr;

use super::handshake::Step;
use super::locksmith::Knock;
use super::socket::Agreed;
use super::worker::Worker;
use crate::base::LegId;
use crate::media::{Event, Stream};

impl Worker {
    /// Encrypts a leg's sound as was agreed on; false where nothing can be sent.
    pub(super) fn seal(&mut self, leg: LegId, stream: &Stream) -> bool {
        let Some(seat) = self.seats.of(leg) else { return false };
        let (signalled, desk) = (stream.remote, self.desk);
        let knock = match seat.sockets.agree(stream.secret.as_deref()) {
            Agreed::Ready => return true,
            Agreed::Kept(terms) => Knock::Moved { leg, desk, signalled, terms },
            Agreed::Handshake(terms) => Knock::Begin { leg, desk, signalled, terms },
            Agreed::Impossible => {
                tracing::error!(%leg, "the leg's sound can't be encrypted: it is not sent");
                return false;
            }
        };
        let is_begun = matches!(knock, Knock::Moved { .. }) || self.knock(knock);
        if !is_begun {
            tracing::warn!(%leg, "too many handshakes wait: this leg has no keys");
            self.emit(Event::Unkeyed { leg });
        }
        true
    }

    /// Tells the locksmith; false when that has too much to do, or is not there.
    pub(super) fn knock(&self, knock: Knock) -> bool {
        self.locksmith.as_ref().is_some_and(|locksmith| locksmith.try_send(knock).is_ok())
    }

    /// Hands on a datagram of a handshake that is in the inbox; what finds no room is sent again
    /// by the peer.
    pub(super) fn pass_on(&mut self, leg: LegId, from: SocketAddr, length: usize) {
        let is_read = self.knock(Knock::Came { leg, from, datagram: self.inbox[..length].into() });
        self.figures.floods += u64::from(!is_read);
    }

    /// Carries out what has come of a leg's handshake.
    pub(super) fn on_handshake(&mut self, leg: LegId, step: Step) {
        let Some(seat) = self.seats.of(leg) else { return };
        match step {
            Step::Send { to, datagram } => seat.sockets.send(&datagram, to),
            Step::Keys { from, secret } => {
                if let Some(latch) = seat.leg.latch() {
                    latch.prove(from);
                }
                if !seat.sockets.unlock(&secret) {
                    self.emit(Event::Unkeyed { leg });
                }
            }
            Step::Failed { why } => {
                tracing::warn!(%leg, why, "a leg has no keys");
                self.emit(Event::Unkeyed { leg });
            }
        }
    }
}
