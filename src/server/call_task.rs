//! One task per call: turns a [`Call`]'s outputs into deeds, and hands it what comes back.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::Instrument;

use super::clock;
use super::hub::ToHub;
use super::media::MediaPlane;
use super::observer::{Observer, Seen};
use super::prompts::PromptStore;
use super::signalling::ToSignalling;
use crate::base::{CallId, LegId, PlayId};
use crate::call::{Beep, CallEvent, Conversation, Happened, Input, Output};
use crate::engine::Sound;
use crate::media::{Clip, Command, Repeat};
use crate::store::Journal;
use crate::{queue, sip};

/// What every call task can reach.
#[derive(Clone)]
pub(super) struct CallShell {
    /// The signalling task.
    pub(super) signalling: mpsc::Sender<ToSignalling>,
    /// The hub.
    pub(super) hub: mpsc::Sender<ToHub>,
    /// The media plane.
    pub(super) media: MediaPlane,
    /// The recorded prompts.
    pub(super) prompts: PromptStore,
    /// Where records go.
    pub(super) journal: Journal,
    /// Where events are counted.
    pub(super) observer: Observer,
    /// The address that phones are told to send sound to.
    pub(super) advertise: IpAddr,
}

/// Runs a call to its end. A panic ends this call only: its legs are closed and its
/// place in the queue is given back.
pub(super) fn spawn(call: impl Conversation, inbox: mpsc::Receiver<Input>, shell: CallShell) {
    let id = call.id();
    let span = tracing::info_span!("call", %id);
    let task = tokio::spawn(run(call, inbox, shell.clone()).instrument(span));
    tokio::spawn(async move {
        if task.await.is_err() {
            tracing::error!(%id, "a call has panicked");
            give_back(id, &shell).await;
        }
        let _ = shell.signalling.send(ToSignalling::Over(id)).await;
    });
}

async fn run(mut call: impl Conversation, mut inbox: mpsc::Receiver<Input>, shell: CallShell) {
    let mut orphaned = false;
    let (load, mut loaded) = mpsc::channel(SOUNDS_LOADING);
    // The sound that was ordered last for each leg: what was ordered before it, or stopped, is not played.
    let mut wanted = HashMap::new();
    loop {
        let mut answers = Vec::new();
        while let Some(output) = call.poll() {
            if let Output::Ended(record) = output {
                shell.observer.see(Seen::Record(record.clone()));
                shell.journal.send(*record);
                return;
            }
            match &output {
                Output::Over => return,
                Output::Play { leg, play, .. } => {
                    wanted.insert(*leg, *play);
                }
                Output::Media(Command::Bridge { leg, with }) => {
                    wanted.retain(|l, _| l != leg && l != with);
                }
                Output::Media(Command::Stop { leg } | Command::Close { leg }) | Output::Beep { leg, .. } => {
                    wanted.remove(leg);
                }
                _ => {}
            }
            answers.extend(carry_out(output, &shell, &load).await);
        }
        if !answers.is_empty() {
            for answer in answers {
                call.handle(clock::both(), answer);
            }
            continue;
        }
        tokio::select! {
            // Without an inbox the call was given up; its own deadlines end it.
            input = inbox.recv(), if !orphaned => {
                orphaned = input.is_none();
                call.handle(clock::both(), input.unwrap_or(Input::Shutdown));
            }
            Some(sound) = loaded.recv() => {
                let Loaded { leg, play, .. } = &sound;
                if wanted.get(leg) == Some(play) {
                    shell.media.command(sound.into());
                }
            }
            () = clock::until(call.deadline()) => call.handle(clock::both(), Input::Tick),
        }
    }
}

/// Does what the call asks for; some things answer at once.
async fn carry_out(output: Output, shell: &CallShell, load: &mpsc::Sender<Loaded>) -> Option<Input> {
    match output {
        Output::Sip(command) => {
            let _ = shell.signalling.send(ToSignalling::Sip(command)).await;
        }
        Output::Media(command) => shell.media.command(command),
        Output::OpenMedia { leg } => {
            let local = shell.media.open(leg);
            if let Err(error) = &local {
                tracing::error!(%error, "no media port could be opened");
            }
            let local = local.ok().map(|bound| SocketAddr::new(shell.advertise, bound.port()));
            return Some(Input::MediaOpened { leg, local });
        }
        Output::Play { leg, play, sound, stop_on_key } => {
            let (shell, load) = (shell.clone(), load.clone());
            tokio::spawn(async move {
                let (clips, repeat) = clips(&sound, &shell).await;
                let _ = load.send(Loaded { leg, play, clips, repeat, stop_on_key }).await;
            });
        }
        Output::Beep { leg, play, beep } => shell.media.command(tone(leg, play, beep)),
        Output::Queue(input) => {
            let _ = shell.hub.send(ToHub::Board(input)).await;
        }
        Output::Watch(order) => {
            let _ = shell.hub.send(ToHub::Watch(order)).await;
        }
        Output::Watched { leg, news } => {
            let _ = shell.hub.send(ToHub::Watched { leg, news }).await;
        }
        Output::Event(event) => {
            log(&event);
            shell.observer.see(Seen::Event(Box::new(event)));
        }
        Output::Ended(_) | Output::Over => {}
    }
    None
}

/// A tone as a sound: what it tells is in its pitch.
fn tone(leg: LegId, play: PlayId, beep: Beep) -> Command {
    let hertz = match beep {
        Beep::Done => 880.0,
        Beep::Attention => 1_400.0,
        Beep::Over => 440.0,
    };
    let clip = Clip::tone(hertz, BEEP_LEVEL, BEEP);
    Command::Play { leg, play, clips: vec![Arc::new(clip)], repeat: Repeat::Once, stop_on_key: false }
}

/// A tone that is noticed, and louder than nobody's speech, in dBm0.
const BEEP_LEVEL: f64 = -15.0;
const BEEP: Duration = Duration::from_millis(300);

/// A sound whose clips have been read: the first caller of a prompt waits for the disk,
/// but goes on being listened to.
struct Loaded {
    leg: LegId,
    play: PlayId,
    clips: Vec<Arc<Clip>>,
    repeat: Repeat,
    stop_on_key: bool,
}

impl From<Loaded> for Command {
    fn from(Loaded { leg, play, clips, repeat, stop_on_key }: Loaded) -> Self {
        Self::Play { leg, play, clips, repeat, stop_on_key }
    }
}

/// Sounds of one call that may be on their way; each new one makes the others moot.
const SOUNDS_LOADING: usize = 16;

async fn clips(sound: &Sound, shell: &CallShell) -> (Vec<Arc<Clip>>, Repeat) {
    match sound {
        Sound::Phrase(phrase) => (shell.prompts.phrase(phrase).await, Repeat::Once),
        Sound::Music(name) => (music(name, shell).await, Repeat::Forever),
    }
}

async fn music(name: &str, shell: &CallShell) -> Vec<Arc<Clip>> {
    match shell.prompts.music(name).await {
        Ok(clip) => vec![clip],
        Err(error) => {
            tracing::error!(%error, "a caller hears no music");
            Vec::new()
        }
    }
}

fn log(event: &CallEvent) {
    match &event.what {
        Happened::Heard { words } => tracing::debug!(words, "heard"),
        Happened::Flow(_) => {
            if let Some(story) = event.what.story() {
                tracing::debug!("{story}");
            }
        }
        what => {
            if let Some(story) = what.story() {
                tracing::info!("{story}");
            }
        }
    }
}

/// Closes whatever a broken call may have left: its legs' ids are known from its own.
async fn give_back(id: CallId, shell: &CallShell) {
    let leave = queue::Input::Leave { who: id.into(), why: queue::Left::Ended };
    let _ = shell.hub.send(ToHub::Board(leave)).await;
    for n in 0..256 {
        let leg = LegId((id.0 << 8) + n);
        shell.media.command(Command::Close { leg });
        let _ = shell.signalling.send(ToSignalling::Sip(sip::Command::End { leg })).await;
    }
}
