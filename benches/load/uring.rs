//! Sending through `io_uring`: the packets of a slot with one system call.

#![allow(unsafe_code, reason = "the kernel reads the packets' memory; the io-uring crate cannot check that it lives")]

use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use io_uring::{IoUring, opcode, types};

/// A ring for at most [`DEPTH`] sends at a time.
pub(crate) struct Ring {
    ring: IoUring,
}

impl Ring {
    /// Fails where the kernel forbids it, as in most containers.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { ring: IoUring::new(DEPTH)? })
    }

    /// Sends a packet on each socket, and answers how many were sent when all are done.
    pub(crate) fn send_all<'a>(&mut self, packets: impl Iterator<Item = (&'a UdpSocket, &'a [u8])>) -> io::Result<u64> {
        let (mut waiting, mut sent) = (0, 0);
        for (socket, packet) in packets {
            let length = u32::try_from(packet.len()).unwrap_or(0);
            let entry = opcode::Send::new(types::Fd(socket.as_raw_fd()), packet.as_ptr(), length).build();
            // SAFETY: `packet` and `socket` are borrowed for 'a, which outlives this call, and
            // `finish` has waited for every submitted entry before it ends.
            if unsafe { self.ring.submission().push(&entry) }.is_err() {
                return Err(io::Error::other("the submission queue is full"));
            }
            waiting += 1;
            if waiting == DEPTH as usize {
                sent += self.finish(waiting)?;
                waiting = 0;
            }
        }
        if waiting > 0 {
            sent += self.finish(waiting)?;
        }
        Ok(sent)
    }

    fn finish(&mut self, count: usize) -> io::Result<u64> {
        self.ring.submit_and_wait(count)?;
        Ok(self.ring.completion().filter(|done| done.result() > 0).count() as u64)
    }
}

const DEPTH: u32 = 256;
