use rtc_srtp::context::Context;

use super::protection::{Sealed, context};
use crate::media::{MasterKey, Suite};

/// Opens what comes with the peer's key, and remembers its sources (SSRC) alone.
///
/// The library begins to keep a source before it knows whose the packet is: whoever reaches the
/// port could fill the memory with names. So a name that is not the peer's yet is tried
/// elsewhere, in a context that is thrown away after some packets.
pub(super) struct Incoming {
    suite: Suite,
    key: MasterKey,
    context: Context,
    /// The names that are the peer's, of sound and of reports.
    known: [Vec<u32>; 2],
    trial: Context,
    tried: u32,
}

/// What a packet is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    /// RTP.
    Sound,
    /// RTCP.
    Report,
}

/// Packets that are tried before their names are forgotten.
const TRIED: u32 = 32;
/// Names that a peer may have in one call; a phone takes another when it begins anew. At the
/// next one, the others are forgotten.
const KNOWN: usize = 16;

impl Incoming {
    /// For one key; `None` when the library can't do it.
    pub(super) fn new(suite: Suite, key: &MasterKey) -> Option<Self> {
        let (contexts, known) = ([context(suite, key)?, context(suite, key)?], [Vec::new(), Vec::new()]);
        let [context, trial] = contexts;
        Some(Self { suite, key: key.clone(), context, known, trial, tried: 0 })
    }

    /// Opens a packet; `None` when it is not the peer's, or came before.
    pub(super) fn open(&mut self, content: Content, packet: &[u8]) -> Option<Sealed> {
        if matches!(content, Content::Report) && !is_encrypted(self.suite, packet) {
            return None;
        }
        let name = content.name(packet)?;
        if !self.known[content as usize].contains(&name) {
            self.meet(content, name, packet)?;
        }
        content.open(&mut self.context, packet)
    }

    /// Takes a name down if the packet is the peer's.
    fn meet(&mut self, content: Content, name: u32, packet: &[u8]) -> Option<()> {
        if self.tried == TRIED {
            (self.trial, self.tried) = (context(self.suite, &self.key)?, 0);
        }
        self.tried += 1;
        content.open(&mut self.trial, packet)?;
        if self.known[content as usize].len() == KNOWN {
            self.context = context(self.suite, &self.key)?;
            self.known.iter_mut().for_each(Vec::clear);
        }
        self.known[content as usize].push(name);
        Some(())
    }
}

/// Whether a report says that it is encrypted (E, RFC 3711, section 3.4). The library takes the
/// others for what they say, and looks at no tag; we have agreed on none.
fn is_encrypted(suite: Suite, packet: &[u8]) -> bool {
    // The word with the index is the last one, or there is a tag of ten bytes behind it.
    let from_the_end = match suite {
        Suite::Cm128Sha80 | Suite::Cm128Sha32 => 14,
        Suite::Gcm128 | Suite::Gcm256 => 4,
    };
    packet.len().checked_sub(from_the_end).and_then(|at| packet.get(at)).is_some_and(|byte| byte & 0x80 != 0)
}

impl Content {
    /// Who sends, as the packet says.
    fn name(self, packet: &[u8]) -> Option<u32> {
        let at = match self {
            Self::Sound => 8,
            Self::Report => 4,
        };
        packet.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
    }

    fn open(self, context: &mut Context, packet: &[u8]) -> Option<Sealed> {
        let opened = match self {
            Self::Sound => context.decrypt_rtp(packet),
            Self::Report => context.decrypt_rtcp(packet),
        };
        opened.ok().map(Sealed)
    }
}
