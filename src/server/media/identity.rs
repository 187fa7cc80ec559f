use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rtc_dtls::config::{ClientAuthType, ConfigBuilder, HandshakeConfig, VerifyPeerCertificateFn};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::crypto_provider::{RTCCryptoProvider, default_provider};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_dtls::state::State;
use rtc_shared::error::Error;

use super::handshake::FLIGHT;
use crate::media::{Fingerprint, Handshake, MasterKey, Role, Secret, Suite};

/// Our certificate and its key (ECDSA, P-256), of this run alone: peers know it by the
/// fingerprint that each SDP tells them.
#[derive(Clone)]
pub struct Identity {
    certificate: Certificate,
    fingerprint: Fingerprint,
    crypto: Arc<dyn RTCCryptoProvider>,
}

/// No certificate could be made, or a handshake could not be begun.
#[derive(Debug, thiserror::Error)]
#[error("DTLS can't be used: {0}")]
pub struct HandshakeError(pub(super) String);

/// The label of the keys (RFC 5764, section 4.2).
const LABEL: &str = "EXTRACTOR-dtls_srtp";
impl Identity {
    /// Makes a key pair and its certificate.
    ///
    /// # Errors
    /// When the system has no chance to give.
    pub fn draw() -> Result<Self, HandshakeError> {
        let told = |error: &dyn fmt::Display| HandshakeError(error.to_string());
        let crypto = default_provider().map_err(|error| told(&error))?;
        let certificate = Certificate::generate_self_signed([NAME.to_owned()], crypto.crypto());
        let certificate = certificate.map_err(|error| told(&error))?;
        let leaf = certificate.certificate.first().ok_or_else(|| told(&"there is no certificate"))?;
        let fingerprint = Fingerprint::of(leaf);
        Ok(Self { certificate, fingerprint, crypto })
    }

    /// What SDP tells of it.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// For one attempt. The library calls `verify` once the peer has signed with the key of
    /// its certificate, and goes no further where that fails; nobody else vouches for it.
    pub(super) fn config(
        &self,
        role: Role,
        verify: VerifyPeerCertificateFn,
    ) -> Result<Arc<HandshakeConfig>, HandshakeError> {
        let builder = ConfigBuilder::default()
            .with_crypto_provider(Arc::clone(&self.crypto))
            .with_certificates(vec![self.certificate.clone()])
            .with_srtp_protection_profiles(Suite::ALL.map(profile).into())
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(verify))
            .with_server_name(NAME.to_owned())
            .with_flight_interval(FLIGHT);
        let config = builder.build(role == Role::Active, None);
        config.map(Arc::new).map_err(|error| HandshakeError(error.to_string()))
    }
}

/// The name in our certificate, which nobody looks at.
const NAME: &str = "svi";

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// Whose certificate the peer has shown to be its own, once it has.
#[derive(Debug, Default)]
pub(super) struct Shown {
    his: AtomicBool,
    another: AtomicBool,
}

impl Shown {
    /// That of SDP.
    pub(super) fn is_his(&self) -> bool {
        self.his.load(Ordering::Relaxed)
    }

    /// Another.
    pub(super) fn is_another(&self) -> bool {
        self.another.load(Ordering::Relaxed)
    }
}

/// Believes the certificate that SDP told of, and says in `shown` which one it was.
pub(super) fn verify(terms: &Handshake, shown: &Arc<Shown>) -> VerifyPeerCertificateFn {
    let (fingerprints, shown) = (terms.fingerprints.clone(), Arc::clone(shown));
    Arc::new(move |certificates: &[Vec<u8>], _: &[_]| {
        let leaf = certificates.first();
        let is_his = leaf.is_some_and(|leaf| fingerprints.iter().any(|fingerprint| fingerprint.is_of(leaf)));
        shown.his.store(is_his, Ordering::Relaxed);
        shown.another.store(!is_his, Ordering::Relaxed);
        is_his.then_some(()).ok_or_else(|| Error::Other("the certificate is not the one of the SDP".to_owned()))
    })
}

/// The keys of a handshake that is complete (RFC 5764, section 4.2).
pub(super) fn secret(state: &State) -> Option<Secret> {
    let chosen = state.srtp_protection_profile();
    let suite = Suite::ALL.into_iter().find(|suite| profile(*suite) == chosen)?;
    let (key, salt) = (suite.key_bytes(), suite.salt_bytes());
    let material = state.export_keying_material(LABEL, &[], 2 * (key + salt)).ok()?;
    let (keys, salts) = material.as_ref().split_at_checked(2 * key)?;
    let half = |second: usize| {
        let (key, salt) = (keys.chunks_exact(key).nth(second)?, salts.chunks_exact(salt).nth(second)?);
        MasterKey::new(suite, &[key, salt].concat())
    };
    let (client, server) = (half(0)?, half(1)?);
    let (ours, theirs) = if state.is_client() { (client, server) } else { (server, client) };
    Some(Secret { suite, ours, theirs })
}

fn profile(suite: Suite) -> SrtpProtectionProfile {
    match suite {
        Suite::Cm128Sha80 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        Suite::Cm128Sha32 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_32,
        Suite::Gcm128 => SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
        Suite::Gcm256 => SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
    }
}
