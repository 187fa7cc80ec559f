use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::tls::Encryption;
use crate::base::Instant;
use crate::server::clock;
use crate::sip::{ConnectionId, Framed, Framer, Hop, Transport, Unframed};

/// What the signalling task hears of connections.
#[derive(Debug)]
pub(in crate::server) enum News {
    /// Somebody has opened one.
    Accepted {
        /// Where.
        door: u8,
        /// What is spoken there.
        transport: Transport,
        /// The connection.
        stream: TcpStream,
        /// Who.
        peer: SocketAddr,
    },
    /// A message has come.
    Message {
        /// Over which.
        from: Hop,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// What has come is no message, and nothing more is read.
    Unframed {
        /// Over which.
        from: Hop,
        /// What it was.
        what: Unframed,
    },
    /// A peer has shown a certificate that we trust.
    Certified {
        /// Over which.
        id: ConnectionId,
        /// Whose it is: domains, or hosts.
        names: Vec<String>,
    },
    /// Encrypted connections are made with this from now on.
    Renewed(Encryption),
    /// One is closed, or was never opened.
    Closed {
        /// Which.
        id: ConnectionId,
        /// What did not get away.
        undelivered: Vec<Outgoing>,
    },
}

/// A message for a connection.
#[derive(Debug)]
pub(in crate::server) struct Outgoing {
    /// Where it was to go.
    pub(in crate::server) to: Hop,
    /// Its bytes.
    pub(in crate::server) bytes: Vec<u8>,
}

/// How long connections are waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Without anything that comes.
    pub(super) idle: Duration,
    /// With a message that has begun, or that is not taken, or a new connection.
    pub(super) slow: Duration,
}

/// Who has opened a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// We have, to say something.
    ByUs,
    /// A peer, who has to say something soon.
    ByPeer,
}

/// One connection's belongings.
pub(super) struct Connection {
    pub(super) hop: Hop,
    pub(super) outbox: mpsc::Receiver<Outgoing>,
    pub(super) news: mpsc::Sender<News>,
    pub(super) patience: Patience,
    pub(super) opened: Opened,
}

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("we have nothing more to say")]
    Ours,
    #[error("the peer has closed it")]
    Theirs,
    #[error("nothing came for too long")]
    Idle,
    #[error("a message did not come, or go, in time")]
    Slow,
    #[error("the service ends")]
    Gone,
    #[error("{0}")]
    Broken(#[from] io::Error),
}

/// What a connection is doing.
struct Talk {
    framer: Framer,
    /// Whether anything is read.
    listens: bool,
    /// Whether a whole message has come, or we have opened it ourselves.
    is_known: bool,
    /// When the connection is closed if nothing comes.
    until: Instant,
    /// Whether the message that is coming is what is waited for.
    is_coming: bool,
}

impl Connection {
    /// Speaks until one side has enough; then says what did not get away.
    pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(mut self, stream: io::Result<S>) {
        let end = match stream {
            Ok(mut stream) => {
                let end = self.talk(&mut stream).await;
                // A peer that does not listen any more does not hear the good-bye either.
                let _ = timeout(GOODBYE, stream.shutdown()).await;
                end
            }
            Err(error) => End::Broken(error),
        };
        let (peer, transport) = (self.hop.address, self.hop.transport.name());
        tracing::debug!(%peer, transport, %end, "a connection has ended");
        self.close().await;
    }

    async fn close(mut self) {
        self.outbox.close();
        let mut undelivered = Vec::new();
        while let Some(message) = self.outbox.recv().await {
            undelivered.push(message);
        }
        if let Some(id) = self.hop.connection {
            // Without the signalling task nobody waits for it.
            let _ = self.news.send(News::Closed { id, undelivered }).await;
        }
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S) -> End {
        let mut read = Vec::with_capacity(READ);
        let (is_known, patience) = match self.opened {
            Opened::ByUs => (true, self.patience.idle),
            Opened::ByPeer => (false, self.patience.slow),
        };
        let until = clock::now() + patience;
        let mut talk = Talk { framer: Framer::default(), listens: true, is_known, until, is_coming: !is_known };
        loop {
            let step = tokio::select! {
                came = stream.read_buf(&mut read), if talk.listens => self.read(stream, &mut talk, (came, &mut read)).await,
                message = self.outbox.recv() => match message {
                    Some(message) => self.write(stream, message).await,
                    None => Err(End::Ours),
                },
                () = clock::until(Some(talk.until)) => Err(if talk.is_coming { End::Slow } else { End::Idle }),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn read<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        talk: &mut Talk,
        (came, read): (io::Result<usize>, &mut Vec<u8>),
    ) -> Result<(), End> {
        if came? == 0 {
            return Err(End::Theirs);
        }
        talk.framer.take(read);
        read.clear();
        let mut is_whole = false;
        while let Some(framed) = talk.framer.poll() {
            let news = match framed {
                Ok(Framed::Message(bytes)) => {
                    is_whole = true;
                    News::Message { from: self.hop, bytes }
                }
                Ok(Framed::Ping) => {
                    self.put(stream, b"\r\n").await?;
                    continue;
                }
                Err(what) => {
                    talk.listens = false;
                    News::Unframed { from: self.hop, what }
                }
            };
            self.news.send(news).await.map_err(|_| End::Gone)?;
        }
        talk.is_known |= is_whole;
        if talk.is_known {
            let is_coming = talk.framer.has_begun() || !talk.listens;
            if !is_coming {
                talk.until = clock::now() + self.patience.idle;
            } else if is_whole || !talk.is_coming {
                talk.until = clock::now() + self.patience.slow;
            }
            talk.is_coming = is_coming;
        }
        Ok(())
    }

    /// Writes a message, and those that wait behind it.
    async fn write<S: AsyncWrite + Unpin>(&mut self, stream: &mut S, first: Outgoing) -> Result<(), End> {
        let mut bytes = first.bytes;
        while bytes.len() < TOGETHER
            && let Ok(next) = self.outbox.try_recv()
        {
            bytes.extend_from_slice(&next.bytes);
        }
        self.put(stream, &bytes).await
    }

    async fn put<S: AsyncWrite + Unpin>(&self, stream: &mut S, bytes: &[u8]) -> Result<(), End> {
        let written = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        match timeout(self.patience.slow, written).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(End::Slow),
        }
    }
}

/// Sets a connection up: no waiting for more before a message goes, and a sign of life now
/// and then, so that a peer that has vanished is noticed.
pub(super) fn prepare(stream: &TcpStream, patience: Patience) {
    // A system that can't still carries messages.
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(ALIVE).with_interval(ALIVE / 4));
    let _ = socket.set_tcp_user_timeout(Some(patience.slow.max(ALIVE / 4)));
}

/// Bytes read at once.
const READ: usize = 2_048;
/// Bytes that are written together, if so many wait.
const TOGETHER: usize = 16 * 1024;
/// How long a good-bye may take.
const GOODBYE: Duration = Duration::from_secs(1);
/// After so long a silence the other side's system is asked whether it is there.
const ALIVE: Duration = Duration::from_secs(120);
