use std::sync::Arc;

use crate::base::LegId;
use crate::media::{Codec, Port, Sealing, Stream};
use crate::sip::sdp;

/// One leg's place in the media plane and in SDP.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) id: LegId,
    pub(super) local: Port,
    /// The version of our session description, one more with each new one (RFC 3264, section 8).
    version: u64,
    /// What was agreed on, once it was.
    pub(super) stream: Option<Box<Stream>>,
}

impl Leg {
    pub(super) fn new(id: LegId, local: Port) -> Self {
        Self { id, local, version: 0, stream: None }
    }

    /// The answer to an offer; what was agreed on is kept.
    pub(super) fn answer(&mut self, offer: &str) -> Result<String, sdp::SdpError> {
        let local = self.next_local();
        let (answer, stream) = sdp::answer(offer, &local, &self.local.codecs, sdp::Direction::SendRecv)?;
        self.agree(stream);
        Ok(answer)
    }

    /// The answer to a re-INVITE, or an offer where it had none (RFC 3261, section 14.2).
    pub(super) fn answer_again(&mut self, offer: Option<&str>) -> Result<String, sdp::SdpError> {
        match offer {
            Some(offer) => self.answer(offer),
            None => Ok(self.offer(self.stream.as_ref().map(|stream| stream.codec))),
        }
    }

    /// An offer of ours, the preferred codec first.
    pub(super) fn offer(&mut self, preferred: Option<Codec>) -> String {
        let local = self.next_local();
        let mut codecs = self.local.codecs.to_vec();
        codecs.sort_by_key(|codec| Some(*codec) != preferred);
        sdp::offer(&local, &codecs, sdp::Direction::SendRecv)
    }

    /// Takes the answer to our offer.
    pub(super) fn accept(&mut self, answer: &str) -> Result<(), sdp::SdpError> {
        let stream = sdp::accept(answer, &self.place(), &self.local.codecs, sdp::Direction::SendRecv)?;
        self.agree(stream);
        Ok(())
    }

    /// Keeps what was agreed on, and for later offers who began the handshake.
    fn agree(&mut self, stream: Stream) {
        if let (Some(Sealing::Handshake(handshake)), Some(keys)) = (stream.secret.as_deref(), &mut self.local.keys) {
            Arc::make_mut(keys).role = Some(handshake.role);
        }
        self.stream = Some(Box::new(stream));
    }

    /// Whether the peer has put us on hold.
    pub(super) fn is_held(&self) -> bool {
        self.stream.as_ref().is_some_and(|stream| !stream.send)
    }

    fn next_local(&mut self) -> sdp::Local {
        self.version += 1;
        self.place()
    }

    fn place(&self) -> sdp::Local {
        let Port { address, keys, .. } = self.local.clone();
        sdp::Local { address, session: self.id.0, version: self.version, keys }
    }
}
