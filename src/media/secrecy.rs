use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::{Codec, Fingerprint, Handshake, Role};
use crate::base::Chance;

/// Whether sound is encrypted (SRTP, RFC 3711).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secrecy {
    /// Never: who insists on it is refused.
    #[default]
    Off,
    /// With who can; others are spoken to in the clear.
    Optional,
    /// With everybody: who can't is refused.
    Required,
}

/// How two sides come to their keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysBy {
    /// They tell them in the SDP (RFC 4568).
    Sdes,
    /// By a handshake where the sound will go (DTLS-SRTP, RFC 5763 and 5764).
    Dtls,
}

/// How sound is encrypted in this service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encryption {
    /// Whether.
    pub secrecy: Secrecy,
    /// How keys may come, what is preferred first.
    pub keys: Vec<KeysBy>,
    /// The fingerprint of our certificate; without one there is no handshake.
    pub fingerprint: Option<Fingerprint>,
}

/// How packets are encrypted and signed, as SDP names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// AES in counter mode, 80 bits of HMAC-SHA1 (RFC 4568, section 6.2): every phone has it.
    Cm128Sha80,
    /// The same with 32 bits.
    Cm128Sha32,
    /// AES-128 in Galois' counter mode (RFC 7714).
    Gcm128,
    /// The same with 256 bits.
    Gcm256,
}

/// A master key and its salt.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey(Box<[u8]>);

/// Where a leg's keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// They were told.
    Keys(Secret),
    /// The handshake will give them.
    Handshake(Handshake),
}

/// What both sides of a leg encrypt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// How.
    pub suite: Suite,
    /// What we send with.
    pub ours: MasterKey,
    /// What the peer sends with.
    pub theirs: MasterKey,
}

/// What a leg may offer to encrypt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnKeys {
    /// Whether the peer must agree.
    pub is_required: bool,
    /// Our part in the handshake that has been agreed on, which later offers keep.
    pub role: Option<Role>,
    /// Our fingerprint, and our name for the handshake.
    handshake: Option<(Fingerprint, String)>,
    ways: Box<[KeysBy]>,
    /// One for each suite.
    keys: [MasterKey; 4],
}

/// The name of a handshake has at least 120 bits of chance (RFC 8842, section 4).
const TLS_ID_BYTES: usize = 16;

/// Our end of a leg's sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Where it listens, as SDP tells it.
    pub address: SocketAddr,
    /// What it may encrypt with; nothing where it must not.
    pub keys: Option<Arc<OwnKeys>>,
    /// What it speaks, the best first.
    pub codecs: Arc<[Codec]>,
}

impl Suite {
    /// All, in the order in which they are offered: what every phone has first.
    pub const ALL: [Self; 4] = [Self::Cm128Sha80, Self::Gcm128, Self::Gcm256, Self::Cm128Sha32];

    /// Its name in SDP.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cm128Sha80 => "AES_CM_128_HMAC_SHA1_80",
            Self::Cm128Sha32 => "AES_CM_128_HMAC_SHA1_32",
            Self::Gcm128 => "AEAD_AES_128_GCM",
            Self::Gcm256 => "AEAD_AES_256_GCM",
        }
    }

    /// The suite of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }

    /// Bytes of its master key.
    pub fn key_bytes(self) -> usize {
        if self == Self::Gcm256 { 32 } else { 16 }
    }

    /// Bytes of its master salt.
    pub fn salt_bytes(self) -> usize {
        match self {
            Self::Cm128Sha80 | Self::Cm128Sha32 => 14,
            Self::Gcm128 | Self::Gcm256 => 12,
        }
    }
}

impl MasterKey {
    /// Key and salt in a row; `None` when they are not as long as the suite's.
    pub fn new(suite: Suite, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == suite.key_bytes() + suite.salt_bytes()).then(|| Self(bytes.into()))
    }

    /// Key and salt in a row.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl OwnKeys {
    /// Fresh keys for a leg; none where it shall not encrypt.
    pub fn draw(encryption: &Encryption, chance: &mut Chance) -> Option<Arc<Self>> {
        let is_required = match encryption.secrecy {
            Secrecy::Off => return None,
            Secrecy::Optional => false,
            Secrecy::Required => true,
        };
        let keys = Suite::ALL.map(|suite| {
            let words =
                (0..(suite.key_bytes() + suite.salt_bytes()).div_ceil(4)).flat_map(|_| chance.u32().to_be_bytes());
            MasterKey(words.take(suite.key_bytes() + suite.salt_bytes()).collect())
        });
        let fingerprint = encryption.fingerprint.clone().filter(|_| encryption.keys.contains(&KeysBy::Dtls));
        let handshake = fingerprint.map(|fingerprint| (fingerprint, chance.token(TLS_ID_BYTES)));
        let can = |way: &KeysBy| *way == KeysBy::Sdes || handshake.is_some();
        let ways = encryption.keys.iter().copied().filter(can).collect();
        Some(Arc::new(Self { is_required, role: None, handshake, ways, keys }))
    }

    /// How keys may come, what is preferred first.
    pub fn ways(&self) -> &[KeysBy] {
        &self.ways
    }

    /// Whether an offer of ours has keys of this kind: where the peer must agree, it has what
    /// we prefer, for a line can't insist on both.
    pub fn offers(&self, way: KeysBy) -> bool {
        if self.is_required { self.ways.first() == Some(&way) } else { self.ways.contains(&way) }
    }

    /// The fingerprint of our certificate, and our name for the handshake.
    pub fn handshake(&self) -> Option<(&Fingerprint, &str)> {
        self.handshake.as_ref().map(|(fingerprint, tls_id)| (fingerprint, tls_id.as_str()))
    }

    /// The key for a suite.
    pub fn of(&self, suite: Suite) -> &MasterKey {
        &self.keys[Suite::ALL.iter().position(|known| *known == suite).unwrap_or(0)]
    }
}

impl From<Secrecy> for Encryption {
    /// With keys in the SDP alone.
    fn from(secrecy: Secrecy) -> Self {
        Self { secrecy, keys: vec![KeysBy::Sdes], fingerprint: None }
    }
}

impl From<SocketAddr> for Port {
    fn from(address: SocketAddr) -> Self {
        Self { address, keys: None, codecs: Codec::ALL.into() }
    }
}
