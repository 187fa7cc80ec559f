use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::figures::Figures;
use super::outgoing::Outbound;
use crate::base::limits;
use crate::media::{Handshake, RtcpPort, Sealing, Secret};
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
    protection: Protected,
    /// The handshake that gives the keys.
    handshake: Option<Box<Handshake>>,
}

/// How what goes and comes is encrypted.
#[derive(Debug)]
enum Protected {
    /// Not at all.
    Plain,
    /// The keys are not there yet: nothing goes, and nothing that comes can be read.
    Waiting,
    /// With these keys.
    By(Box<Protection>),
}

/// What is to be done before sound can go as was agreed.
#[derive(Debug)]
pub(super) enum Agreed {
    /// Nothing.
    Ready,
    /// Nothing: the keys of the handshake before stay.
    Kept(Box<Handshake>),
    /// A handshake.
    Handshake(Box<Handshake>),
    /// It can't be done.
    Impossible,
}

/// What a datagram is once it is opened.
pub(super) enum Opened<'a> {
    /// It came in the clear, as was agreed.
    Plain(&'a [u8]),
    /// It was encrypted.
    Secret(Sealed),
    /// It is of a handshake (DTLS).
    Handshake,
    /// It came before the keys.
    Early,
    /// It is not the peer's.
    Refused,
}

/// Expedited forwarding (RFC 3246), as routers want it marked for voice.
const VOICE: u32 = 46 << 2;

impl Sockets {
    /// Binds `port`; the one above it stays this leg's.
    pub(super) fn bind(ip: IpAddr, port: u16) -> io::Result<Self> {
        let is_dual = ip == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        Ok(Self {
            rtp: bind(SocketAddr::new(ip, port))?,
            rtcp: None,
            is_dual,
            protection: Protected::Plain,
            handshake: None,
        })
    }

    /// Binds the port above for RTCP.
    pub(super) fn open_rtcp(&mut self) -> io::Result<&UdpSocket> {
        let mut address = self.rtp.local_addr()?;
        address.set_port(address.port().checked_add(1).ok_or(io::ErrorKind::AddrNotAvailable)?);
        Ok(self.rtcp.insert(bind(address)?))
    }

    /// Encrypts from now on as was agreed, or no more.
    pub(super) fn agree(&mut self, sealing: Option<&Sealing>) -> Agreed {
        match sealing {
            None => {
                (self.protection, self.handshake) = (Protected::Plain, None);
                Agreed::Ready
            }
            Some(Sealing::Keys(secret)) => {
                self.handshake = None;
                if self.unlock(secret) { Agreed::Ready } else { Agreed::Impossible }
            }
            Some(Sealing::Handshake(terms)) if self.handshake.as_deref() == Some(terms) => {
                Agreed::Kept(Box::new(terms.clone()))
            }
            Some(Sealing::Handshake(terms)) => {
                self.protection = Protected::Waiting;
                Agreed::Handshake(self.handshake.insert(Box::new(terms.clone())).clone())
            }
        }
    }

    /// Encrypts with these keys; false when that can't be done.
    pub(super) fn unlock(&mut self, secret: &Secret) -> bool {
        let protection = match std::mem::replace(&mut self.protection, Protected::Waiting) {
            Protected::By(before) => before.renew(secret),
            Protected::Plain | Protected::Waiting => Protection::new(secret),
        };
        let Some(protection) = protection else { return false };
        self.protection = Protected::By(Box::new(protection));
        true
    }

    /// Whether the keys come, or came, by a handshake.
    pub(super) fn has_handshake(&self) -> bool {
        self.handshake.is_some()
    }

    /// Whether the keys are missing.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.protection, Protected::Waiting)
    }

    /// Opens what came: nothing in the clear where it was agreed to encrypt. The first byte
    /// tells a handshake from sound (RFC 7983).
    pub(super) fn open<'a>(&mut self, datagram: &'a [u8]) -> Opened<'a> {
        if self.handshake.is_some() && matches!(datagram, [20..=63, ..]) {
            return Opened::Handshake;
        }
        let protection = match &mut self.protection {
            Protected::Plain => return Opened::Plain(datagram),
            Protected::Waiting => return Opened::Early,
            Protected::By(protection) => protection,
        };
        let opened = if rtcp::is_rtcp(datagram) { protection.open_rtcp(datagram) } else { protection.open(datagram) };
        opened.map_or(Opened::Refused, Opened::Secret)
    }

    /// Sends a datagram of a handshake; one that is lost is sent again.
    pub(super) fn send(&self, datagram: &[u8], target: SocketAddr) {
        let _ = self.rtp.send_to(datagram, self.written(target));
    }

    /// Sends RTCP. A report that is lost is followed by the next one, and a goodbye is
    /// courtesy only: the signalling has said it already.
    pub(super) fn report(&mut self, port: RtcpPort, bytes: &[u8], target: SocketAddr) {
        let sealed = match &mut self.protection {
            Protected::Plain => None,
            Protected::Waiting => return,
            Protected::By(protection) => match protection.seal_rtcp(bytes) {
                Some(sealed) => Some(sealed),
                None => return,
            },
        };
        let bytes = sealed.as_ref().map_or(bytes, AsRef::as_ref);
        let socket = match port {
            // It would need a handshake of its own (RFC 5764, section 4.1.2): no report is sent.
            RtcpPort::Next if self.handshake.is_some() => None,
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
            Protected::Waiting => return,
            Protected::Plain => {
                let parts = [IoSlice::new(&outbound.header), IoSlice::new(outbound.payload)];
                SockRef::from(&self.rtp).send_to_vectored(&parts, &target.into())
            }
            Protected::By(protection) => {
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
