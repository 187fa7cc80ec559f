use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use tokio::sync::mpsc;

use super::desk::Tools;
use super::folder::{NAME, Room, Sheet};
use crate::base::{CallId, Chance, Instant, LegId, MessageId, limits};
use crate::call::{Dictate, Input, Wanted};
use crate::engine::{MessageNews, NoMessage};
use crate::media::{Content, Dictation, DictationRules, Said, Unpacker};
use crate::server::clock;
use crate::server::media::Heard;
use crate::server::signalling::ToSignalling;
use crate::store::{CallBack, Mail, Message, MessageState};

/// Takes the message of one caller: from the first word to when it is left.
pub(super) struct Clerk {
    call: CallId,
    tools: Tools,
    chance: Chance,
    /// What the caller has left until now.
    kept: Option<Message>,
    open: Option<Open>,
}

/// A message that is, or will be, recorded.
struct Open {
    message: Message,
    sheet: Sheet,
    room: Room,
    at_most: Duration,
}

/// Why a recording ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The message is over.
    Over,
    /// The caller has left the step, or the call.
    Left,
}

/// What is wrong with the disk or the database, in words for an operator.
type Trouble = anyhow::Error;

/// How often what was said is written.
const ROUND: Duration = Duration::from_millis(200);
/// Without a packet for longer, the phone is silent; until then the network may be late.
const LATE: Duration = Duration::from_millis(600);
/// How long a caller may take to begin, and to think.
const BEGIN_WITHIN: Duration = Duration::from_secs(8);
const PAUSE: Duration = Duration::from_secs(5);
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Clerk {
    pub(super) fn new(call: CallId, tools: Tools, chance: Chance) -> Self {
        Self { call, tools, chance, kept: None, open: None }
    }

    /// Does what is ordered until the caller has left.
    pub(super) async fn run(mut self, mut orders: mpsc::Receiver<Dictate>) {
        while let Some(order) = orders.recv().await {
            match order {
                Dictate::Prepare(wanted) => self.prepare(*wanted).await,
                Dictate::Record { leg } => {
                    if self.record(leg, &mut orders).await == End::Left {
                        break;
                    }
                }
                Dictate::Stop => {}
                Dictate::Leave => break,
            }
        }
        // A message that was never begun.
        if let Some(open) = self.open.take() {
            self.forget(open).await;
        }
        if let Some(message) = self.kept.take() {
            if message.callback == CallBack::Wanted {
                // Who is not told of the callback has it all the same.
                let _ = self.tools.leaves.try_send((MessageId(message.id), self.call));
            }
            self.tools.messages.leave_surely(&message).await;
        }
    }

    async fn prepare(&mut self, wanted: Wanted) {
        if let Some(open) = self.open.take() {
            self.forget(open).await;
        }
        let news = match self.opened(wanted).await {
            Ok(open) => {
                self.open = Some(open);
                MessageNews::Ready
            }
            Err(why) => {
                tracing::warn!(call = %self.call, why = why.word(), "no message can be taken");
                MessageNews::Refused(why)
            }
        };
        self.tell(news).await;
    }

    /// Row and file of a new message.
    async fn opened(&mut self, wanted: Wanted) -> Result<Open, NoMessage> {
        let trouble = |what: &'static str| {
            move |error: Trouble| {
                tracing::error!(error = format!("{error:#}"), what, "no message can be taken");
                NoMessage::Trouble
            }
        };
        let (messages, at_most) = (&self.tools.messages, wanted.at_most.min(limits::MESSAGE));
        let folder = messages.folder.clone();
        let room = blocking(move || Ok(folder.room(at_most))).await.map_err(trouble("room"))??;
        let from = wanted.from.as_ref().map(|number| number.reveal().international());
        if self.kept.is_none() {
            let since = crate::base::WallTime::from_millis(wanted.at.millis() - DAY.as_millis() as i64);
            let count = messages.store.count_messages(from.as_ref(), since).await;
            let most = if from.is_some() { messages.rules.per_number } else { limits::MESSAGES_WITHHELD };
            if count.map_err(|e| trouble("count")(e.into()))? >= u64::from(most) {
                return Err(NoMessage::Enough);
            }
        }
        let mut message = Message {
            id: 0,
            service: wanted.service.to_string(),
            flow: wanted.flow.to_string(),
            queue: wanted.queue,
            number: from.map(crate::base::Private::new),
            started: wanted.at,
            length_ms: 0,
            file: file_name(wanted.at, &mut self.chance),
            state: MessageState::Recording,
            changed: wanted.at,
            changed_by: None,
            reason: wanted.name.map(|name| name.to_string()),
            ticket: None,
            callback: if wanted.callback { CallBack::Wanted } else { CallBack::No },
            mail: Mail::None,
        };
        message.id = messages.store.keep_message(&message).await.map_err(|e| trouble("row")(e.into()))?;
        let (folder, file) = (messages.folder.clone(), message.file.clone());
        match blocking(move || folder.begin(&file)).await {
            Ok(sheet) => Ok(Open { message, sheet, room, at_most }),
            Err(error) => {
                // A row without a sound is taken away at the next start at the latest.
                let _ = messages.store.delete_message(message.id).await;
                Err(trouble("file")(error))
            }
        }
    }

    /// Records until the caller is silent, presses a key or goes, and keeps it.
    async fn record(&mut self, leg: LegId, orders: &mut mpsc::Receiver<Dictate>) -> End {
        let Some(open) = self.open.take() else { return End::Over };
        let (sink, heard) = sync_channel(limits::MESSAGE_PACKETS);
        self.tools.media.tap(leg, sink);
        let Open { message, sheet, room, at_most } = open;
        let (mut ear, id) = (Ear::new(heard, at_most), message.id);
        let (sheet, end) = write(sheet, &mut ear, orders).await;
        let outcome = match sheet {
            Ok(sheet) => self.keep(Open { message, sheet, room, at_most }, ear).await,
            Err(error) => Err(error),
        };
        let news = match outcome {
            Ok(Some(message)) => {
                self.kept = Some(message);
                MessageNews::Kept { message: MessageId(id) }
            }
            Ok(None) => MessageNews::Nothing,
            Err(error) => {
                tracing::error!(
                    id,
                    error = format!("{error:#}"),
                    "a message could not be kept, and its caller is told"
                );
                MessageNews::NotKept
            }
        };
        self.tell(news).await;
        end
    }

    /// Completes file and row; nothing when nobody has spoken.
    async fn keep(&mut self, open: Open, ear: Ear) -> Result<Option<Message>, Trouble> {
        let mut rest = Vec::new();
        if ear.finish(&mut rest) == Said::Nothing {
            self.forget(open).await;
            return Ok(None);
        }
        // Room is kept for it until it is whole.
        let Open { mut message, mut sheet, room: _room, .. } = open;
        let length = blocking(move || {
            sheet.write(&rest)?;
            sheet.finish()
        });
        message.length_ms = u64::try_from(length.await?.as_millis()).unwrap_or(u64::MAX);
        if !self.tools.messages.keep(&message, self.kept.as_ref()).await? {
            anyhow::bail!("it was erased while it was spoken");
        }
        Ok(Some(message))
    }

    /// Takes away what nobody has spoken into. What can't be is taken away at the next start.
    async fn forget(&self, open: Open) {
        let Open { message, sheet, .. } = open;
        let _ = tokio::task::spawn_blocking(move || sheet.discard()).await;
        if let Err(error) = self.tools.messages.store.delete_message(message.id).await {
            tracing::warn!(id = message.id, %error, "an empty message can't be taken away");
        }
    }

    async fn tell(&self, news: MessageNews) {
        let input = Input::Message(news);
        let _ = self.tools.signalling.send(ToSignalling::Tell { call: self.call, input }).await;
    }
}

/// Writes what the ear hears until it is over. A slow disk is waited for here, while
/// packets wait for the ear; the media plane never is.
async fn write(mut sheet: Sheet, ear: &mut Ear, orders: &mut mpsc::Receiver<Dictate>) -> (Result<Sheet, Trouble>, End) {
    loop {
        let ordered = tokio::select! {
            order = orders.recv() => Some(order),
            () = clock::until(Some(clock::now() + ROUND)) => None,
        };
        let samples = ear.listen(clock::now());
        if !samples.is_empty() {
            let written = blocking(move || sheet.write(&samples).map(|()| sheet)).await;
            sheet = match written {
                Ok(sheet) => sheet,
                Err(error) => {
                    let end = if matches!(ordered, Some(None | Some(Dictate::Leave))) { End::Left } else { End::Over };
                    return (Err(error), end);
                }
            };
        }
        match ordered {
            Some(None | Some(Dictate::Leave)) => return (Ok(sheet), End::Left),
            Some(Some(Dictate::Stop)) => return (Ok(sheet), End::Over),
            // Nothing else is ordered of a message that is being recorded.
            Some(Some(Dictate::Prepare(_) | Dictate::Record { .. })) | None => {}
        }
        if ear.is_over() {
            return (Ok(sheet), End::Over);
        }
    }
}

/// Hears what a leg sends, as samples to be written.
struct Ear {
    heard: Receiver<Heard>,
    unpacker: Unpacker,
    dictation: Dictation,
    /// When the last sound came.
    last: Instant,
}

impl Ear {
    fn new(heard: Receiver<Heard>, at_most: Duration) -> Self {
        let dictation = Dictation::new(DictationRules { at_most, begin_within: BEGIN_WITHIN, pause: PAUSE });
        Self { heard, unpacker: Unpacker::default(), dictation, last: clock::now() }
    }

    /// What has come since it listened last, and is to be written.
    fn listen(&mut self, now: Instant) -> Vec<i16> {
        let (mut samples, mut out) = (Vec::new(), Vec::new());
        while let Ok(heard) = self.heard.try_recv() {
            let (sequence, timestamp, content) = (heard.header.sequence, heard.header.timestamp, heard.content());
            self.unpacker.push(sequence, timestamp, content, &mut samples);
            if matches!(content, Content::Sound(..)) {
                self.last = now;
            }
        }
        self.dictation.push(&samples, &mut out);
        let silent = now.since(self.last);
        if silent >= LATE {
            self.dictation.idle(silent);
        }
        out
    }

    fn is_over(&self) -> bool {
        self.dictation.over().is_some()
    }

    /// The last that is to be written, and whether anybody has spoken.
    fn finish(mut self, out: &mut Vec<i16>) -> Said {
        let mut samples = Vec::new();
        self.unpacker.finish(&mut samples);
        self.dictation.push(&samples, out);
        self.dictation.finish(out)
    }
}

/// Does something that waits for the disk where waiting hurts nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T, Trouble> {
    Ok(tokio::task::spawn_blocking(work).await??)
}

/// A name that sorts by time, and that nobody guesses.
fn file_name(at: crate::base::WallTime, chance: &mut Chance) -> String {
    format!("{NAME}/{}-{}.wav", at.utc().format("%Y%m%d-%H%M%S"), chance.token(8))
}
