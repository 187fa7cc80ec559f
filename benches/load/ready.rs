//! Which sockets have something, by `epoll`, edge-triggered.

use std::net::UdpSocket;

use anyhow::Result;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

/// The sockets that are watched.
pub(crate) struct Ready {
    epoll: Epoll,
    events: Vec<EpollEvent>,
}

impl Ready {
    /// Watches these; each is known by its place.
    pub(crate) fn new<'a>(sockets: impl Iterator<Item = &'a UdpSocket>) -> Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::empty())?;
        let flags = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
        let mut count = 0;
        for socket in sockets {
            epoll.add(socket, EpollEvent::new(flags, count))?;
            count += 1;
        }
        Ok(Self { epoll, events: vec![EpollEvent::empty(); usize::try_from(count)?] })
    }

    /// The places of those that have got something since they were asked last.
    pub(crate) fn now(&mut self) -> Result<impl Iterator<Item = usize>> {
        let count = self.epoll.wait(&mut self.events, EpollTimeout::ZERO)?;
        Ok(self.events[..count].iter().filter_map(|event| usize::try_from(event.data()).ok()))
    }
}
