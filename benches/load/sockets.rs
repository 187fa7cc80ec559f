//! UDP sockets whose datagrams are stamped by the kernel when they arrive.

use std::io::IoSliceMut;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, setsockopt, sockopt};

use crate::clock::{self, Nanos};

/// A bound socket that never blocks and stamps what arrives.
pub(crate) fn stamped(ip: Ipv4Addr, port: u16) -> Result<UdpSocket> {
    let socket = plain(ip, port)?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true).context("SO_TIMESTAMPNS")?;
    Ok(socket)
}

/// A bound socket that never blocks.
pub(crate) fn plain(ip: Ipv4Addr, port: u16) -> Result<UdpSocket> {
    let socket = UdpSocket::bind((ip, port)).with_context(|| format!("no socket at {ip}:{port}"))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The socket of one side's signalling: its buffer holds the answers to a burst.
pub(crate) fn signalling(at: SocketAddrV4) -> Result<UdpSocket> {
    let socket = stamped(*at.ip(), at.port())?;
    // Above the system's maximum only root may; the default holds about 150 messages.
    if setsockopt(&socket, sockopt::RcvBufForce, &SIGNALLING_BUFFER).is_err() {
        setsockopt(&socket, sockopt::RcvBuf, &SIGNALLING_BUFFER).context("SO_RCVBUF")?;
    }
    Ok(socket)
}

/// As many open files as the system lets this process have.
pub(crate) fn raise_open_files() -> Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most).context("RLIMIT_NOFILE")
}

/// Reads many datagrams with one system call.
pub(crate) struct Inbox {
    headers: MultiHeaders<SockaddrIn>,
    buffers: Vec<Vec<u8>>,
}

impl Inbox {
    /// For datagrams of at most `size` bytes.
    pub(crate) fn new(size: usize) -> Self {
        // The kernel shortens the room for control messages to what it has used, and it is
        // not restored between calls: exactly one time stamp fits, and there always is one.
        let stamp = nix::cmsg_space!(nix::sys::time::TimeSpec);
        Self { headers: MultiHeaders::preallocate(BATCH, Some(stamp)), buffers: vec![vec![0; size]; BATCH] }
    }

    /// Hands over everything that has come: bytes, arrival (real time), sender.
    pub(crate) fn drain(&mut self, socket: &UdpSocket, mut each: impl FnMut(&[u8], Nanos, SocketAddrV4)) {
        loop {
            let mut slices: Vec<_> = self.buffers.iter_mut().map(|b| [IoSliceMut::new(b)]).collect();
            let Ok(batch) =
                recvmmsg(socket.as_raw_fd(), &mut self.headers, slices.iter_mut(), MsgFlags::MSG_DONTWAIT, None)
            else {
                return;
            };
            let mut count = 0;
            for message in batch {
                count += 1;
                let Some(buffer) = message.iovs().next() else { continue };
                let stamps = message.cmsgs().ok().into_iter().flatten();
                let stamp = stamps.filter_map(|c| match c {
                    ControlMessageOwned::ScmTimestampns(at) => Some(clock::nanos(at)),
                    _ => None,
                });
                let at = stamp.last().unwrap_or_else(clock::real);
                let from = message.address.map_or(NOBODY, |a| SocketAddrV4::new(a.ip(), a.port()));
                each(&buffer[..message.bytes.min(buffer.len())], at, from);
            }
            if count < BATCH {
                return;
            }
        }
    }
}

/// Datagrams read with one call: three tenths of a second of one stream.
const BATCH: usize = 16;
const SIGNALLING_BUFFER: usize = 16 << 20;
const NOBODY: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);
