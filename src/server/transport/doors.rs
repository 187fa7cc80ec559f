use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;

use anyhow::{Context, Result, anyhow};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

use crate::base::limits;
use crate::config::Listen;
use crate::sip::{Hop, Transport};

/// An address that is listened on.
#[derive(Debug)]
pub(in crate::server) struct Bound {
    /// What is spoken there.
    pub(in crate::server) transport: Transport,
    /// The address, with the port that it got.
    pub(in crate::server) at: SocketAddr,
    /// As the settings wanted it.
    pub(in crate::server) listen: Listen,
    socket: Listening,
}

#[derive(Debug)]
enum Listening {
    Datagrams(UdpSocket),
    Connections(TcpListener),
}

impl Bound {
    /// Binds every address of the settings.
    ///
    /// # Errors
    /// When one is taken, or is none of this machine.
    pub(in crate::server) fn all(listen: &[Listen]) -> Result<Vec<Self>> {
        let mut bound = Vec::new();
        for listen in listen {
            bound.extend(Self::both(listen)?);
        }
        Ok(bound)
    }

    /// The transports of one address on one port. A port that the system chooses for UDP
    /// may be taken for TCP: then it chooses another.
    fn both(listen: &Listen) -> Result<Vec<Self>> {
        let attempts = if listen.at.port() == 0 { ATTEMPTS } else { 1 };
        let mut result = Err(anyhow!("SIP listens on nothing"));
        for _ in 0..attempts {
            let mut at = listen.at;
            let transports = listen.transports().into_iter().map(|transport| {
                let bound = Self::one(listen, transport, at)?;
                at.set_port(bound.at.port());
                Ok(bound)
            });
            result = transports.collect();
            if result.is_ok() {
                break;
            }
        }
        result
    }

    fn one(listen: &Listen, transport: Transport, at: SocketAddr) -> Result<Self> {
        let name = transport.name();
        let bind = || -> io::Result<(Listening, SocketAddr)> {
            if transport == Transport::Udp {
                let socket = UdpSocket::from_std(bind(at, Type::DGRAM, Protocol::UDP)?.into())?;
                // As much of it as the system allows (`net.core.rmem_max`).
                let _ = SockRef::from(&socket).set_recv_buffer_size(limits::SIP_SOCKET_BYTES);
                let at = socket.local_addr()?;
                return Ok((Listening::Datagrams(socket), at));
            }
            let socket = bind(at, Type::STREAM, Protocol::TCP)?;
            socket.listen(BACKLOG)?;
            let listener = TcpListener::from_std(socket.into())?;
            let at = listener.local_addr()?;
            Ok((Listening::Connections(listener), at))
        };
        let (socket, at) = bind().with_context(|| format!("SIP can't listen on {at} ({name})"))?;
        Ok(Self { transport, at, listen: listen.clone(), socket })
    }
}

/// A socket of one family: `[::]` does not take IPv4's place.
fn bind(at: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(at), kind.nonblocking(), Some(protocol))?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if kind == Type::STREAM {
        // Connections of the run before that still rest keep nobody from listening.
        socket.set_reuse_address(true)?;
    }
    socket.bind(&at.into())?;
    Ok(socket)
}

/// A socket that accepts connections, with its place among the doors and what is spoken there.
pub(super) type Listener = (u8, Transport, TcpListener);

/// The sockets for datagrams.
#[derive(Debug)]
pub(in crate::server) struct Doors(Vec<(u8, UdpSocket)>);

impl Doors {
    /// Takes the bound sockets apart: those for datagrams, and those that accept connections.
    pub(in crate::server) fn open(bound: Vec<Bound>) -> (Self, Vec<Listener>) {
        let (mut datagrams, mut listeners) = (Vec::new(), Vec::new());
        for (door, bound) in (0..).zip(bound) {
            match bound.socket {
                Listening::Datagrams(socket) => datagrams.push((door, socket)),
                Listening::Connections(listener) => listeners.push((door, bound.transport, listener)),
            }
        }
        (Self(datagrams), listeners)
    }

    /// How many there are.
    pub(in crate::server) fn len(&self) -> usize {
        self.0.len()
    }

    /// Waits until one of them has a datagram; for ever when there is none.
    pub(in crate::server) async fn readable(&self) -> io::Result<()> {
        poll_fn(|context| {
            for (_, socket) in &self.0 {
                if let Poll::Ready(ready) = socket.poll_recv_ready(context) {
                    return Poll::Ready(ready);
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Takes a datagram of the `nth` socket.
    ///
    /// # Errors
    /// `WouldBlock` when there is none, and what the socket says.
    pub(in crate::server) fn try_recv(&self, nth: usize, into: &mut [u8]) -> io::Result<(usize, Hop)> {
        let (door, socket) = self.0.get(nth).ok_or(io::ErrorKind::WouldBlock)?;
        let (length, from) = socket.try_recv_from(into)?;
        Ok((length, Hop { door: Some(*door), ..Hop::udp(from) }))
    }

    /// Sends a datagram. One that the system does not take is lost like others on the way.
    ///
    /// # Errors
    /// When there is no way to the peer.
    pub(in crate::server) async fn send(&self, to: Hop, bytes: &[u8]) -> Result<(), NoWay> {
        let own = |(door, _): &&(u8, UdpSocket)| Some(*door) == to.door;
        let family =
            |(_, socket): &&(u8, UdpSocket)| socket.local_addr().is_ok_and(|own| own.is_ipv4() == to.address.is_ipv4());
        let socket = self.0.iter().find(own).or_else(|| self.0.iter().find(family));
        let sent = match socket {
            Some((_, socket)) => socket.send_to(bytes, to.address).await,
            None => Err(io::ErrorKind::AddrNotAvailable.into()),
        };
        let Err(error) = sent else { return Ok(()) };
        tracing::debug!(to = %to.address, %error, "a SIP message could not be sent");
        match error.kind() {
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::AddrNotAvailable => {
                Err(NoWay)
            }
            _ => Ok(()),
        }
    }
}

/// There is no way to a peer: another datagram would fare no better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) struct NoWay;

/// Ports that the system may choose until one is free for both transports.
const ATTEMPTS: usize = 16;
/// Connections that wait to be accepted: a burst of phones after the power came back.
const BACKLOG: i32 = 1_024;
