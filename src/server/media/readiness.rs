use std::io;
use std::mem::MaybeUninit;
use std::net::UdpSocket;

use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;

/// The kernel's list of sockets that have something to read.
///
/// It is asked once a slot and waited for never, so that no packet wakes a worker. It
/// tells a socket again for as long as something is there (level-triggered): one read
/// a slot is enough for a good phone, and none finds nothing.
#[derive(Debug)]
pub(super) struct Readiness(OwnedFd);

/// One of a leg's two sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The leg's seat.
    pub(super) seat: usize,
    /// Whether it is the socket of RTCP.
    pub(super) is_rtcp: bool,
}

/// Sockets that one look tells of.
pub(super) const ARRIVALS: usize = 1_024;

impl Readiness {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(epoll::create(CreateFlags::CLOEXEC)?))
    }

    /// Watches a socket until it is closed.
    pub(super) fn watch(&self, socket: &UdpSocket, token: Token) -> io::Result<()> {
        let data = EventData::new_u64((token.seat as u64) << 1 | u64::from(token.is_rtcp));
        Ok(epoll::add(&self.0, socket, data, EventFlags::IN)?)
    }

    /// Fills `ready` with the sockets that have something, at most [`ARRIVALS`], without
    /// waiting.
    pub(super) fn look(&self, ready: &mut Vec<Token>) {
        const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
        ready.clear();
        let mut events = [MaybeUninit::<Event>::uninit(); ARRIVALS];
        match epoll::wait(&self.0, &mut events, Some(&AT_ONCE)) {
            Ok((events, _)) => ready.extend(events.iter().map(Token::from)),
            Err(error) => tracing::debug!(%error, "the kernel's list of sockets can't be read in this slot"),
        }
    }
}

impl From<&Event> for Token {
    fn from(event: &Event) -> Self {
        let data = event.data.u64();
        Self { seat: (data >> 1) as usize, is_rtcp: data & 1 == 1 }
    }
}
