use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Callbacks, LookUps, Mail, Messages, Outgoing, Sip, Trunk, Voice, Web, read, value};
use crate::base::{AgentName, PhoneNumber, Private, limits};
use crate::call::Transfers;
use crate::diag::{Diagnostic, Source};
use crate::media::{Codec, KeysBy, KeysInSound, Secrecy};
use crate::sip::GuardRules;
use crate::sip::digest::Algorithm;

/// What an operator can set; [`Settings::default`] is what runs without a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `sip:` signalling.
    pub sip: Sip,
    /// `http:` health, metrics and pages.
    pub http: Http,
    /// `rtp:` media.
    pub rtp: Rtp,
    /// `paths:` folders.
    pub paths: Paths,
    /// `flows:` when flows are loaded anew.
    pub flows: Flows,
    /// `agents:` the accounts of who answers.
    pub agents: Vec<Agent>,
    /// `codes:` what agents dial on their phones.
    pub codes: Codes,
    /// `pauses:` the reasons of a pause; the first has the digit 1 behind the code.
    pub pauses: Pauses,
    /// `whisper:` whether agents are told who it is before they hear a caller; yes when not said.
    pub whisper: Option<bool>,
    /// `supervision:` who may hear the talks of others.
    pub supervision: Supervision,
    /// `transfers:` what agents' phones may send callers on to.
    pub transfers: Transfers,
    /// `trunk:` or `trunks:` the ways to outside numbers, the one that is preferred first.
    pub trunks: Vec<Trunk>,
    /// `outgoing:` how many calls go out by all trunks together.
    pub outgoing: Outgoing,
    /// `limits:` what strangers can't exceed.
    pub limits: Limits,
    /// `bans:` how strangers who try passwords and numbers are met.
    pub bans: GuardRules,
    /// `callbacks:` how citizens are called back.
    pub callbacks: Callbacks,
    /// `messages:` what callers may leave.
    pub messages: Messages,
    /// `mail:` who is told of a message, if anybody is.
    pub mail: Option<Mail>,
    /// `store:` the address of a PostgreSQL database, with its password; SQLite in the
    /// data folder when not said.
    pub store: Option<Private<String>>,
    /// `keep:` how long personal data is kept.
    pub keep: Keep,
    /// `web:` what citizens may ask for on the web.
    pub web: Web,
    /// `voice:` the speech engine of `svi prompts render`.
    pub voice: Voice,
    /// `lookups:` the servers that flows may ask.
    pub lookups: LookUps,
    /// `log:` a filter such as `info` or `svi=debug`; `info` when not said.
    pub log: Option<String>,
}

impl Settings {
    /// Reads a settings file. Everything that is wrong in it is told at once.
    pub fn read(source: &Arc<Source>) -> Result<Self, Vec<Diagnostic>> {
        read::settings(source)
    }

    /// Takes another address for `store:`, such as the environment's, in place of the file's.
    ///
    /// # Errors
    ///
    /// What should have been written; the address itself, which has a password, is not in it.
    pub fn keep_in(&mut self, address: &str) -> Result<(), String> {
        self.store = value::store(address)?;
        Ok(())
    }
}

impl Settings {
    /// The algorithms to challenge agents' phones with, the preferred one first.
    pub fn digest(&self) -> Vec<Algorithm> {
        let secrets = self.agents.iter().filter_map(|agent| agent.credentials.as_ref());
        let no_md5 = |c: &Credentials| matches!(c, Credentials::Ha1(ha1) if ha1.md5.is_none());
        match &self.sip.digest {
            Some(algorithms) => algorithms.clone(),
            None if secrets.into_iter().any(no_md5) => vec![Algorithm::Sha256, Algorithm::Md5],
            None => vec![Algorithm::Md5],
        }
    }
}

/// Health, metrics and pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Http {
    /// `listen:` the TCP address and port; `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `token:` what programs on other machines must show to use the API; without it
    /// only this machine can.
    pub token: Option<Private<String>>,
}

impl Default for Http {
    fn default() -> Self {
        Self { listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080), token: None }
    }
}

/// Media.
#[derive(Clone, Debug, PartialEq)]
pub struct Rtp {
    /// `ports:` the UDP ports of the legs, both ends included; `16384-32767`.
    pub ports: RangeInclusive<u16>,
    /// `workers:` threads; one per core when not said.
    pub workers: Option<usize>,
    /// `pin:` whether each worker stays on a core of its own; no when not said.
    pub pin: bool,
    /// `tones:` whether keys are looked for in the callers' sound.
    pub tones: KeysInSound,
    /// `srtp:` whether sound is encrypted.
    pub srtp: Secrecy,
    /// `keys:` how its keys come, what is preferred first; `[sdes, dtls]`.
    pub keys: Vec<KeysBy>,
    /// `codecs:` what is spoken, the best first; all, A-law first.
    pub codecs: Vec<Codec>,
}

impl Default for Rtp {
    fn default() -> Self {
        Self {
            ports: 16384..=32767,
            workers: None,
            pin: false,
            tones: KeysInSound::default(),
            srtp: Secrecy::default(),
            keys: vec![KeysBy::Sdes, KeysBy::Dtls],
            codecs: Codec::ALL.into(),
        }
    }
}

/// Folders, from where the program was started.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// `flows:` one folder per service; `flows`.
    pub flows: PathBuf,
    /// `prompts:` sound files; `prompts`.
    pub prompts: PathBuf,
    /// `data:` what is kept: the database and the records; `data`.
    pub data: PathBuf,
}

impl Default for Paths {
    fn default() -> Self {
        Self { flows: "flows".into(), prompts: "prompts".into(), data: "data".into() }
    }
}

/// When flows are loaded anew, but for when somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flows {
    /// `watch:` whether it is when a file is saved; yes when not said.
    pub watch: bool,
}

impl Default for Flows {
    fn default() -> Self {
        Self { watch: true }
    }
}

/// The account of one agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// `name:` as queues call it, and the user name of the phone's account.
    pub name: AgentName,
    /// `password:`, or `ha1:` and `ha1_sha256:`; `None` for who has only an outside number.
    pub credentials: Option<Credentials>,
    /// `number:` an outside number, rung through the trunk in place of a registered phone.
    pub number: Option<PhoneNumber>,
    /// `confirm:` whether 1 must be pressed at the outside number, so that no answering
    /// machine takes a citizen; yes when not said.
    pub confirm: bool,
    /// `role:` `agent` when not said.
    pub role: Role,
    /// `extension:` the digits that a supervisor dials behind the code to hear this agent.
    pub extension: Option<Arc<str>>,
}

impl Agent {
    /// An agent with a phone that registers, and nothing out of the ordinary.
    pub fn new(name: AgentName, credentials: Option<Credentials>) -> Self {
        Self { name, credentials, number: None, confirm: true, role: Role::Agent, extension: None }
    }
}

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Answers callers.
    Agent,
    /// May hear the talks of others, where supervision is allowed; may answer callers too.
    Supervisor,
}

/// What agents dial on their phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// `log_in:`; `*11`.
    pub log_in: Arc<str>,
    /// `log_out:`; `*12`.
    pub log_out: Arc<str>,
    /// `pause:`, alone or with the digit of a reason behind it; `*13`.
    pub pause: Arc<str>,
    /// `resume:` the end of a pause; `*14`.
    pub resume: Arc<str>,
    /// `ready:` the end of the wrap-up time; `*15`.
    pub ready: Arc<str>,
    /// `supervise:` with the extension of an agent behind it; `*20`.
    pub supervise: Arc<str>,
}

impl Default for Codes {
    fn default() -> Self {
        let [log_in, log_out, pause, resume, ready, supervise] =
            ["*11", "*12", "*13", "*14", "*15", "*20"].map(Arc::from);
        Self { log_in, log_out, pause, resume, ready, supervise }
    }
}

/// The reasons of a pause, one to nine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pauses(pub Vec<Arc<str>>);

impl Default for Pauses {
    fn default() -> Self {
        Self(vec!["pause".into()])
    }
}

/// Whether supervisors may hear talks, and who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supervision {
    /// `allowed:`; no when not said.
    pub allowed: bool,
    /// `notice_agent:` whether the agent hears a tone before; yes when not said.
    pub notice_agent: bool,
    /// `notice_caller:` whether the caller does; yes when not said.
    pub notice_caller: bool,
}

impl Default for Supervision {
    fn default() -> Self {
        Self { allowed: false, notice_agent: true, notice_caller: true }
    }
}

/// What an agent's phone must prove to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Credentials {
    /// The password itself.
    Password(Private<String>),
    /// Only its hashes, so that the file holds no password.
    Ha1(Ha1),
}

/// The hashes of `name:realm:password` (RFC 8760, section 2.4), lower-case hex.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ha1 {
    /// `ha1:` MD5, 32 hex digits.
    pub md5: Option<Private<String>>,
    /// `ha1_sha256:` SHA-256, 64 hex digits.
    pub sha256: Option<Private<String>>,
}

/// What strangers can't exceed.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// `calls:` at once; one more is told 503 and when to come back.
    pub calls: usize,
    /// `call_duration:` after which a call is ended, such as `2h`.
    pub call_duration: Duration,
    /// `media_silence:` without a packet, after which a phone is asked whether it
    /// lives, such as `30s`.
    pub media_silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls: limits::CALLS, call_duration: limits::CALL_DURATION, media_silence: limits::MEDIA_SILENCE }
    }
}

/// How long what tells of a person is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// `records:` the figures of a call; 400 days: a year and a month, to compare with the year before.
    pub records: Duration,
    /// `numbers:` the caller's number, the Call-ID and the story in them; 90 days.
    pub numbers: Duration,
    /// `tickets:` callbacks, once they are over; 90 days.
    pub tickets: Duration,
    /// `messages:` voice messages with their sound; 30 days.
    pub messages: Duration,
}

impl Default for Keep {
    fn default() -> Self {
        let days = |n: u64| Duration::from_secs(n * 24 * 3600);
        Self { records: days(400), numbers: days(90), tickets: days(90), messages: days(30) }
    }
}
