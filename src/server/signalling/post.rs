use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::super::callbacks::ForBook;
use super::super::locate::{Found, Sought};
use super::super::transport::News;
use super::super::{bans, clock, crash, trunks};
use super::{AT_ONCE, Signalling};
use crate::sip::{Event, Input, Output, Transport};
use crate::web;

/// What comes to the endpoint, and what it says.
impl Signalling {
    /// Takes what has arrived, as much as may be taken before the others have their turn.
    pub(super) async fn take_datagrams(&mut self, datagram: &mut [u8]) -> io::Result<usize> {
        let mut most = 0;
        for socket in 0..self.doors.len() {
            most = most.max(self.take_datagrams_of(socket, datagram).await?);
        }
        Ok(most)
    }

    async fn take_datagrams_of(&mut self, socket: usize, datagram: &mut [u8]) -> io::Result<usize> {
        for taken in 0..AT_ONCE {
            match self.doors.try_recv(socket, datagram) {
                Ok((length, from)) => {
                    let bytes = datagram[..length].to_vec();
                    self.drain_endpoint().await;
                    self.endpoint.handle(clock::now(), Input::Received { from, bytes });
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(taken),
                // A closed port at the other end (ICMP) is the peer's trouble, not ours.
                Err(e) if matches!(e.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(AT_ONCE)
    }

    /// A trunk was found, unless it is sought otherwise by now.
    pub(super) fn on_located(&mut self, sought: &Sought, found: Found) {
        if self.locator.remember(sought, &found) {
            let (trunk, Found { hops, ways }) = (Arc::clone(&sought.trunk), found);
            self.lines.locate(&trunk, &sought.host, &hops);
            let before = self.endpoint.trunks(clock::now());
            self.endpoint.handle(clock::now(), Input::Located { trunk, hops, ways });
            trunks::renewed(&before, &self.endpoint.trunks(clock::now()));
        }
    }

    pub(super) async fn take_news(&mut self, news: &mut mpsc::Receiver<News>) -> usize {
        for taken in 0..AT_ONCE {
            let Ok(news) = news.try_recv() else { return taken };
            self.on_news(news).await;
        }
        AT_ONCE
    }

    pub(super) async fn on_news(&mut self, news: News) {
        self.drain_endpoint().await;
        match news {
            News::Accepted { door, transport, stream, peer } => {
                if self.lines.is_crowded() {
                    let needed = self.endpoint.needed();
                    self.lines.make_room(|id, peer| needed.has(id, peer));
                }
                self.lines.welcome((door, transport), stream, peer);
            }
            News::Message { from, bytes } => {
                from.connection.into_iter().for_each(|id| self.lines.heard(id));
                self.endpoint.handle(clock::now(), Input::Received { from, bytes });
            }
            News::Unframed { from, what } => {
                self.endpoint.handle(clock::now(), Input::Unframed { from, what });
                self.drain_endpoint().await;
                from.connection.into_iter().for_each(|id| self.lines.finish(id));
            }
            News::Certified { id: connection, names } => {
                tracing::debug!(%connection, ?names, "a peer has shown a certificate");
                self.endpoint.handle(clock::now(), Input::Certified { connection, names });
            }
            News::Renewed(encryption) => self.lines.renew(encryption),
            News::Closed { id, undelivered } => {
                self.endpoint.handle(clock::now(), Input::Disconnected { connection: id });
                self.drain_endpoint().await;
                for bytes in self.lines.closed(id, undelivered) {
                    self.endpoint.handle(clock::now(), Input::Undelivered { bytes });
                    self.drain_endpoint().await;
                }
            }
        }
    }

    /// Does what the endpoint says, and tells it what could not be sent.
    pub(super) async fn drain_endpoint(&mut self) {
        let mut undelivered = VecDeque::new();
        loop {
            self.do_outputs(&mut undelivered).await;
            let Some(bytes) = undelivered.pop_front() else { return };
            self.endpoint.handle(clock::now(), Input::Undelivered { bytes });
        }
    }

    async fn do_outputs(&mut self, undelivered: &mut VecDeque<Vec<u8>>) {
        while let Some(output) = self.endpoint.poll() {
            match output {
                Output::Send { to, bytes } if to.transport == Transport::Udp => {
                    let sent = self.doors.send(to, &bytes).await;
                    crash::sent(&bytes);
                    if sent.is_err() {
                        undelivered.push_back(bytes);
                    }
                }
                Output::Send { to, bytes } => undelivered.extend(self.lines.send(to, bytes).err()),
                Output::Event(Event::Incoming(incoming)) => self.on_incoming(incoming),
                Output::Event(Event::Registered { agent, up }) => self.on_registered(agent, up),
                Output::Event(Event::StrandedUnanswered { call_id }) => self.tell_book(ForBook::Unanswered { call_id }),
                Output::Event(Event::TurnedAway) => web::metrics::refused("full"),
                Output::Event(Event::Blamed { source, fault, origin }) => bans::blamed(source, fault, origin),
                Output::Event(Event::Banned(ban)) => bans::banned(&ban),
                Output::Event(Event::Trunk { name, news }) => trunks::changed(&name, &news),
                Output::Event(event) => self.on_event(event),
            }
        }
    }
}
