use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::figures::Figures;
use super::outgoing::Outbound;
use crate::base::limits;
use crate::media::{RtcpPort, Secret};
use crate::rtp::{Protection, Sealed, rtcp};

/// The sockets of a leg.
#[derive(Debug)]
pub(super) struct Sockets {
    pub(super) rtp: UdpSocket,
    /// That of RTCP on the port above, once there is one: most calls of a wave end before,
    /// and a socket is the dearest part of a short call.
    pub(super) rtcp: Option<UdpSocket>,
    /// Whether they carry IPv4 too, in addresses of IPv6 that stand for it.
    is_dual: bool,
    /// What goes and comes is encrypted with it.
    protection: Option<Box<Protection>>,
}

/// What a datagram is once it is opened.
pub(super) enum Opened<'a> {
    /// It came in the clear, as was agreed.
    Plain(&'a [u8]),
    /// It was encrypted.
    Secret(Sealed),
    /// It is not the peer's.
    Refused,
}

/// Expedited forwarding (RFC 3246), as routers want it marked for voice.
const VOICE: u32 = 46 << 2;

impl Sockets {
    /// Binds `port`; the one above it stays this leg's.
    pub(super) fn bind(ip: IpAddr, port: u16) -> io::Result<Self> {
        let is_dual = ip == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        Ok(Self { rtp: bind(SocketAddr::new(ip, port))?, rtcp: None, is_dual, protection: None })
    }

    /// Binds the port above for RTCP.
    pub(super) fn open_rtcp(&mut self) -> io::Result<&UdpSocket> {
        let mut address = self.rtp.local_addr()?;
        address.set_port(address.port().checked_add(1).ok_or(io::ErrorKind::AddrNotAvailable)?);
        Ok(self.rtcp.insert(bind(address)?))
    }

    /// Encrypts from now on, or no more; false when what was agreed on can't be done.
    pub(super) fn protect(&mut self, secret: Option<&Secret>) -> bool {
        self.protection = match (secret, self.protection.take()) {
            (None, _) => return true,
            (Some(secret), Some(before)) => before.renew(secret).map(Box::new),
            (Some(secret), None) => Protection::new(secret).map(Box::new),
        };
        self.protection.is_some()
    }

    /// Opens what came: nothing in the clear where it was agreed to encrypt.
    pub(super) fn open<'a>(&mut self, datagram: &'a [u8]) -> Opened<'a> {
        let Some(protection) = &mut self.protection else { return Opened::Plain(datagram) };
        let opened = if rtcp::is_rtcp(datagram) { protection.open_rtcp(datagram) } else { protection.open(datagram) };
        opened.map_or(Opened::Refused, Opened::Secret)
    }

    /// Sends RTCP. A report that is lost is followed by the next one, and a goodbye is
    /// courtesy only: the signalling has said it already.
    pub(super) fn report(&mut self, port: RtcpPort, bytes: &[u8], target: SocketAddr) {
        let sealed = self.protection.as_mut().map(|protection| protection.seal_rtcp(bytes));
        let bytes = match &sealed {
            None => bytes,
            Some(Some(sealed)) => sealed.as_ref(),
            Some(None) => return,
        };
        let socket = match port {
            RtcpPort::Shared => Some(&self.rtp),
            RtcpPort::Next => self.rtcp.as_ref(),
        };
        if let Some(socket) = socket {
            let _ = socket.send_to(bytes, self.written(target));
        }
    }

    /// The one place where sound leaves: header and payload go together, uncopied, in
    /// one call. A socket that is full or unreachable costs its own packet only.
    pub(super) fn transmit(&mut self, outbound: &Outbound<'_>, figures: &mut Figures) {
        let target = self.written(outbound.target);
        let sent = match &mut self.protection {
            None => {
                let parts = [IoSlice::new(&outbound.header), IoSlice::new(outbound.payload)];
                SockRef::from(&self.rtp).send_to_vectored(&parts, &target.into())
            }
            Some(protection) => {
                let sealed = protection.seal(&[&outbound.header[..], outbound.payload].concat());
                let sealed = sealed.ok_or_else(|| io::Error::other("a packet can't be encrypted"));
                sealed.and_then(|sealed| self.rtp.send_to(sealed.as_ref(), target))
            }
        };
        match sent {
            Ok(_) => figures.sent += 1,
            Err(_) => figures.unsent += 1,
        }
    }

    /// An address as these sockets want it.
    fn written(&self, target: SocketAddr) -> SocketAddr {
        match target {
            SocketAddr::V4(v4) if self.is_dual => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
            SocketAddr::V4(_) | SocketAddr::V6(_) => target,
        }
    }
}

/// The address of who sent something, as SDP and everybody else write it.
pub(super) fn canonical(from: SocketAddr) -> SocketAddr {
    match from {
        SocketAddr::V4(_) => from,
        SocketAddr::V6(v6) => SocketAddr::new(v6.ip().to_canonical(), v6.port()),
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM.nonblocking(), Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(limits::MEDIA_SOCKET_BYTES)?;
    if address.is_ipv4() {
        // A network that does not let us mark packets still carries them.
        let _ = socket.set_tos_v4(VOICE);
    }
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
        let _ = socket.set_tclass_v6(VOICE);
    }
    socket.bind(&address.into())?;
    Ok(socket.into())
}
