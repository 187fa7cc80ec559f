use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::figures::Figures;
use super::outgoing::Outbound;
use crate::base::limits;

/// The two sockets of a leg.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
}

/// Expedited forwarding (RFC 3246), as routers want it marked for voice.
const VOICE: u32 = 46 << 2;

impl Pair {
    /// Binds `port` and the one above it.
    pub(super) fn bind(ip: IpAddr, port: u16) -> io::Result<Self> {
        Ok(Self { rtp: bind(SocketAddr::new(ip, port))?, rtcp: bind(SocketAddr::new(ip, port + 1))? })
    }

    /// The one place where sound leaves: header and payload go together, uncopied, in
    /// one call. A socket that is full or unreachable costs its own packet only.
    pub(super) fn transmit(&self, outbound: &Outbound<'_>, figures: &mut Figures) {
        let parts = [IoSlice::new(&outbound.header), IoSlice::new(outbound.payload)];
        match SockRef::from(&self.rtp).send_to_vectored(&parts, &outbound.target.into()) {
            Ok(_) => figures.sent += 1,
            Err(_) => figures.unsent += 1,
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM.nonblocking(), Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(limits::MEDIA_SOCKET_BYTES)?;
    if address.is_ipv4() {
        // A network that does not let us mark packets still carries them.
        let _ = socket.set_tos_v4(VOICE);
    }
    socket.bind(&address.into())?;
    Ok(socket.into())
}
