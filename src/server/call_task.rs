//! One task per call: turns a [`Call`]'s outputs into deeds, and hands it what comes back.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tracing::Instrument;

use super::callbacks::ForBook;
use super::clock;
use super::hub::ToHub;
use super::lookup::LookUps;
use super::media::MediaPlane;
use super::messages::MessageDesk;
use super::observer::{Observer, Seen};
use super::prompts::PromptStore;
use super::signalling::ToSignalling;
use crate::base::{CallId, LegId, PlayId};
use crate::call::{Beep, CallEvent, Conversation, Dictate, Happened, Input, Output, Record};
use crate::engine::{LookUpNews, MusicFrom, Sound};
use crate::media::{Clip, Codec, Command, Encryption, OwnKeys, Port, Repeat, Secrecy};
use crate::store::Journal;
use crate::{queue, sip};

/// What every call task can reach; a call keeps the one that it began with.
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
    /// Who asks servers.
    pub(super) lookups: LookUps,
    /// Where callers' messages go.
    pub(super) messages: MessageDesk,
    /// Where records go.
    pub(super) journal: Journal,
    /// Where events are counted.
    pub(super) observer: Observer,
    /// The address that phones are told to send sound to, unless the endpoint knows it better.
    pub(super) sound: IpAddr,
    /// How sound is encrypted.
    pub(super) encryption: Encryption,
    /// What is spoken, the best first.
    pub(super) codecs: Arc<[Codec]>,
}

/// Runs a call to its end. A panic ends this call only: its legs are closed and its
/// place in the queue is given back.
pub(super) fn spawn(call: impl Conversation, inbox: Inbox, shell: Arc<CallShell>) {
    let id = call.id();
    let span = tracing::info_span!("call", %id);
    // In boxes: a task is as large as all that it may hold at once, for as long as it lives.
    let call = Box::new(call);
    let task = async move {
        let mut run = pin!(run(call, inbox, &shell));
        if poll_fn(|context| poll_caught(run.as_mut(), context)).await.is_err() {
            tracing::error!(%id, "a call has panicked");
            Box::pin(give_back(id, &shell)).await;
        }
        let _ = shell.signalling.send(ToSignalling::Over(id)).await;
    };
    tokio::spawn(task.instrument(span));
}

/// A call's inputs.
pub(super) type Inbox = futures_channel::mpsc::Receiver<Input>;

/// A future that has panicked, and must not be polled again.
struct Panicked;

fn poll_caught(future: Pin<&mut impl Future<Output = ()>>, context: &mut Context<'_>) -> Poll<Result<(), Panicked>> {
    match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(_) => Poll::Ready(Err(Panicked)),
    }
}

async fn run(mut call: Box<impl Conversation>, mut inbox: Inbox, shell: &Arc<CallShell>) {
    let mut orphaned = false;
    // The sound that was ordered last for each leg: what was ordered before it, or stopped, is not played.
    let mut loading: Vec<Loading> = Vec::new();
    // The legs that speak none of the telephone's codecs.
    let mut wide: Vec<(LegId, Codec)> = Vec::new();
    // The look-up whose answer is waited for.
    let mut looking: Option<oneshot::Receiver<LookUpNews>> = None;
    loop {
        let mut opened = Vec::new();
        while let Some(output) = call.poll() {
            match output {
                Output::Play { leg, play, sound, stop_on_key } => {
                    let codec = wide.iter().find(|(own, _)| *own == leg).map_or(Codec::Pcma, |(_, codec)| *codec);
                    let load = load(sound, codec, Arc::clone(shell));
                    loading.retain(|loading| loading.leg != leg);
                    loading.push(Loading { leg, play, stop_on_key, load: Box::pin(load) });
                }
                Output::Beep { leg, play, beep } => {
                    loading.retain(|loading| loading.leg != leg);
                    shell.media.command(tone(leg, play, beep));
                }
                Output::OpenMedia { leg } => opened.push(Input::MediaOpened { leg, local: open(leg, shell) }),
                Output::Media(command) => {
                    loading.retain(|loading| !silences(&command, loading.leg));
                    note_codec(&command, &mut wide);
                    shell.media.command(command);
                }
                Output::Sip(command) => shell.to_signalling(command).await,
                Output::Message { call, order } => shell.messages.order(call, order),
                Output::LookUp(order) => looking = Some(shell.lookups.ask(*order)),
                Output::Queue(input) => shell.to_hub(ToHub::Board(input)).await,
                Output::Book(input) => shell.to_hub(ToHub::Callbacks(ForBook::Input(Box::new(input)))).await,
                Output::Watch(order) => shell.to_hub(ToHub::Watch(order)).await,
                Output::Watched { leg, news } => shell.to_hub(ToHub::Watched { leg, news }).await,
                Output::Event(event) => {
                    log(&event);
                    shell.observer.see(Seen::Event(Box::new(event)));
                }
                Output::Ended(record) => {
                    let record: Arc<Record> = record.into();
                    shell.observer.see(Seen::Record(Arc::clone(&record)));
                    shell.journal.send(record);
                    return;
                }
                Output::Over => return,
            }
        }
        if !opened.is_empty() {
            opened.into_iter().for_each(|input| call.handle(clock::both(), input));
            continue;
        }
        tokio::select! {
            // Without an inbox the call was given up; its own deadlines end it.
            input = poll_fn(|context| Pin::new(&mut inbox).poll_next(context)), if !orphaned => {
                orphaned = input.is_none();
                call.handle(clock::both(), input.unwrap_or(Input::Shutdown));
            }
            news = poll_fn(|context| looked_up(&mut looking, context)) => call.handle(clock::both(), Input::LookUp(news)),
            sound = poll_fn(|context| loaded(&mut loading, context)) => shell.media.command(sound),
            () = clock::until(call.deadline()) => call.handle(clock::both(), Input::Tick),
        }
    }
}

impl CallShell {
    /// Asks the endpoint for something; waits where the signalling task is behind.
    async fn to_signalling(&self, command: sip::Command) {
        if let Err(TrySendError::Full(message)) = self.signalling.try_send(ToSignalling::Sip(command)) {
            let _ = Box::pin(self.signalling.send(message)).await;
        }
    }

    /// Tells the hub something; waits where it is behind.
    async fn to_hub(&self, message: ToHub) {
        if let Err(TrySendError::Full(message)) = self.hub.try_send(message) {
            let _ = Box::pin(self.hub.send(message)).await;
        }
    }
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
/// The tone after which a message is recorded.
const BEEP_HERTZ: f64 = 1_000.0;

/// Our address and port of a new leg, as SDP shall tell it.
fn open(leg: LegId, shell: &CallShell) -> Option<Port> {
    // Keys are drawn from the system's own chance, which nobody can guess from what was seen.
    let encryption = &shell.encryption;
    let drawn = if encryption.secrecy == Secrecy::Off { Ok(None) } else { super::chance().map(Some) };
    let keys = match drawn {
        Ok(chance) => chance.and_then(|mut chance| OwnKeys::draw(encryption, &mut chance)),
        Err(error) => {
            tracing::error!(%error, "no keys can be drawn for a leg");
            return None;
        }
    };
    match shell.media.open(leg) {
        Ok(bound) => {
            let address = SocketAddr::new(shell.sound, bound.port());
            Some(Port { address, keys, codecs: Arc::clone(&shell.codecs) })
        }
        Err(error) => {
            tracing::error!(%error, "no media port could be opened");
            None
        }
    }
}

/// A sound whose clips are being read: the first caller of a prompt waits for the disk,
/// but goes on being listened to.
struct Loading {
    leg: LegId,
    play: PlayId,
    stop_on_key: bool,
    load: Pin<Box<dyn Future<Output = Clips> + Send>>,
}

/// Whether what is being read for a leg is not to be played after this order.
fn silences(order: &Command, leg: LegId) -> bool {
    match order {
        Command::Stop { leg: own } | Command::Close { leg: own } => *own == leg,
        Command::Bridge { leg: own, with } => *own == leg || *with == leg,
        Command::Hear { leg: own, sources } => *own == leg && !sources.is_empty(),
        Command::Connect { .. } | Command::Play { .. } | Command::Unbridge { .. } | Command::SendDigits { .. } => false,
    }
}

/// Keeps which legs speak a codec that clips are encoded in only once somebody speaks it.
fn note_codec(order: &Command, wide: &mut Vec<(LegId, Codec)>) {
    let leg = order.leg();
    match order {
        Command::Connect { stream, .. } => {
            wide.retain(|(own, _)| *own != leg);
            if stream.codec.law().is_none() {
                wide.push((leg, stream.codec));
            }
        }
        Command::Close { .. } => wide.retain(|(own, _)| *own != leg),
        _ => {}
    }
}

/// The news of the look-up that is waited for.
fn looked_up(looking: &mut Option<oneshot::Receiver<LookUpNews>>, context: &mut Context<'_>) -> Poll<LookUpNews> {
    let Some(receiver) = looking else { return Poll::Pending };
    match Pin::new(receiver).poll(context) {
        Poll::Pending => Poll::Pending,
        Poll::Ready(news) => {
            *looking = None;
            // Nobody will answer any more: the call gives up by itself in its time.
            news.map_or(Poll::Pending, Poll::Ready)
        }
    }
}

/// What a sound is made of, and whether it begins again at its end.
type Clips = (Vec<Arc<Clip>>, Repeat);

/// The order to play what has been read.
fn loaded(loading: &mut Vec<Loading>, context: &mut Context<'_>) -> Poll<Command> {
    for at in 0..loading.len() {
        if let Poll::Ready((clips, repeat)) = loading[at].load.as_mut().poll(context) {
            let Loading { leg, play, stop_on_key, .. } = loading.swap_remove(at);
            return Poll::Ready(Command::Play { leg, play, clips, repeat, stop_on_key });
        }
    }
    Poll::Pending
}

async fn load(sound: Sound, codec: Codec, shell: Arc<CallShell>) -> Clips {
    match sound {
        Sound::Phrase(phrase) => (shell.prompts.phrase(&phrase, codec).await, Repeat::Once),
        Sound::Music { name, from } => {
            let repeat = match from {
                MusicFrom::Start => Repeat::Forever,
                MusicFrom::WhereItWas => Repeat::Resumed,
            };
            (music(&name, codec, &shell).await, repeat)
        }
        Sound::Beep => (vec![Arc::new(Clip::tone(BEEP_HERTZ, BEEP_LEVEL, BEEP))], Repeat::Once),
        Sound::Message(message) => (shell.messages.clip(message).await.into_iter().collect(), Repeat::Once),
    }
}

async fn music(name: &str, codec: Codec, shell: &CallShell) -> Vec<Arc<Clip>> {
    match shell.prompts.music(name, codec).await {
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
    shell.messages.order(id, Dictate::Leave);
    let _ = shell.hub.send(ToHub::Callbacks(ForBook::Gone(id))).await;
    for n in 0..256 {
        let leg = LegId((id.0 << 8) + n);
        shell.media.command(Command::Close { leg });
        let _ = shell.signalling.send(ToSignalling::Sip(sip::Command::End { leg })).await;
    }
}
