//! Voice messages: recorded to files beside the database, listed, played and told by mail.
//!
//! A clerk per call takes its caller's message: the row is written before the first
//! word, the sound as it is spoken, and both are on the disk before the caller is told.
//! Whatever the service was doing when it ended, [`Messages::recover`] leaves what was
//! said to whoever reads messages.
//!
//! What does not live here: what a caller hears of it ([`crate::engine`]), and what is
//! speech and what is silence ([`crate::media`]).

mod clerk;
mod desk;
mod folder;
mod mail;
mod promises;
mod recovery;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

pub(super) use desk::MessageDesk;
pub(super) use mail::Mailer;
pub(super) use promises::Promiser;

use self::folder::Folder;
use super::clock;
use crate::base::MessageId;
use crate::media::Clip;
use crate::store::{self, CallBack, Mail, Message, MessageState, Store};

/// What is kept of callers' messages: a handle that can be cloned.
#[derive(Clone, Debug)]
pub struct Messages {
    store: Store,
    folder: Folder,
    rules: MessageRules,
    /// A message was left, and its mail may be sent.
    left: Arc<watch::Sender<()>>,
}

/// How many messages there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRules {
    /// What one number may leave in 24 hours.
    pub per_number: u32,
    /// What all of them may take on the disk, in bytes.
    pub space: u64,
    /// Whether somebody is told of each by mail.
    pub mail: bool,
}

/// Why something could not be done with a message.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// There is no such message, or its caller is not done yet.
    #[error("there is no such message")]
    None,
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The sound can't be read or erased.
    #[error("the sound of the message can't be read or erased")]
    Sound(#[from] io::Error),
}

impl Messages {
    /// The messages of this folder, which is made when it is missing.
    ///
    /// # Errors
    /// When the folder can't be made or read.
    pub fn open(store: Store, rules: MessageRules) -> io::Result<Self> {
        let folder = Folder::open(store.data(), rules.space)?;
        Ok(Self { store, folder, rules, left: Arc::default() })
    }

    /// Messages that were left, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, state: Option<MessageState>) -> Result<Vec<Message>, MessageError> {
        Ok(self.store.messages(state, crate::base::limits::MESSAGES_LISTED).await?)
    }

    /// One that was left.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn one(&self, id: MessageId) -> Result<Message, MessageError> {
        let message = self.store.message(id.0).await?;
        message.filter(|m| !matches!(m.state, MessageState::Recording | MessageState::Kept)).ok_or(MessageError::None)
    }

    /// Its sound, a WAV file.
    ///
    /// # Errors
    /// When there is none, or it can't be read.
    pub async fn sound(&self, id: MessageId) -> Result<Vec<u8>, MessageError> {
        let message = self.one(id).await?;
        Ok(self.folder.read(message.file).await?)
    }

    /// Says how far a message is.
    ///
    /// # Errors
    /// When there is none, or it can't be written down.
    pub async fn set(&self, id: MessageId, state: MessageState, by: &str) -> Result<Message, MessageError> {
        self.one(id).await?;
        self.store.mark_message(id.0, state, (by, clock::wall())).await?.ok_or(MessageError::None)
    }

    /// Erases a message: its sound first, so that no sound is left that no row tells of.
    ///
    /// # Errors
    /// When there is none, or it can't be erased.
    pub async fn erase(&self, id: MessageId) -> Result<(), MessageError> {
        let message = self.one(id).await?;
        self.folder.erase(message.file).await?;
        Ok(self.store.delete_message(id.0).await?)
    }

    /// Wakes whoever is to do something for a message that was left: who sends mails, and who
    /// makes tickets.
    pub(super) fn left(&self) -> watch::Receiver<()> {
        self.left.subscribe()
    }

    /// The sound of a message that its caller has just left; nothing when it can't be read.
    pub(super) async fn clip(&self, id: MessageId) -> Option<Arc<Clip>> {
        let message = self.store.message(id.0).await.ok().flatten()?;
        match self.folder.clip(message.file).await {
            Ok(clip) => Some(Arc::new(clip)),
            Err(error) => {
                tracing::error!(%id, %error, "a caller can't hear the message again");
                None
            }
        }
    }

    /// Keeps a message whose sound is whole, in place of another. Whether it is kept: one
    /// that was erased while it was spoken takes its sound with it.
    async fn keep(&self, message: &Message, instead_of: Option<&Message>) -> Result<bool, MessageError> {
        let before = instead_of.map(|before| before.id);
        if !self.store.finish_message(message.id, message.length_ms, before).await? {
            self.folder.erase(message.file.clone()).await?;
            return Ok(false);
        }
        if let Some(before) = instead_of {
            // A sound without a row is taken away at the next start at the latest.
            let _ = self.folder.erase(before.file.clone()).await;
        }
        Ok(true)
    }

    /// Leaves a message, however long the store takes to take it: its caller was told that
    /// it is recorded, so it is shown. What the service's end cuts off is left by the next start.
    ///
    /// As many wait here as there are messages on the disk: a store that takes nothing
    /// takes no new ones either.
    async fn leave_surely(&self, message: &Message) {
        let mut pause = FIRST_PAUSE;
        while let Err(error) = self.leave(message).await {
            let id = message.id;
            tracing::error!(id, error = &error as &dyn Error, again = ?pause, "a message is on the disk, but not shown yet");
            clock::until(Some(clock::now() + pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// A message is left for good: somebody may be told, and its caller called back.
    async fn leave(&self, message: &Message) -> Result<(), store::Error> {
        let now = clock::wall();
        let mail = if self.rules.mail { Mail::Waiting { due: now, tries: 0 } } else { Mail::None };
        if !self.store.leave_message(message.id, now, mail).await? {
            // Its caller was forgotten meanwhile.
            return Ok(());
        }
        metrics::counter!("svi_messages_total").increment(1);
        let (id, seconds, service) = (message.id, message.length_ms / 1_000, &message.service);
        let callback = message.callback == CallBack::Wanted;
        tracing::info!(id, seconds, service, callback, "a message was left");
        self.left.send_replace(());
        Ok(())
    }
}

/// How long until a message is offered to the store again; doubled each time, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
