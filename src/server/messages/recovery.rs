use std::error::Error;
use std::time::Duration;

use super::Messages;
use super::folder::{MENDED, PART};
use crate::base::limits;
use crate::store::{Message, MessageState};

/// What is shorter says nothing: the service ended with the caller's first breath.
const SHORTEST: Duration = Duration::from_millis(500);

impl Messages {
    /// Leaves what was said when the service ended last, and takes away files of no
    /// message. What can't be mended now stays as it is until the next start.
    pub async fn recover(&self) {
        for message in self.unfinished().await {
            let id = message.id;
            if let Err(error) = self.finish(message).await {
                tracing::error!(id, error = &error as &dyn Error, "an unfinished message can't be mended");
            }
        }
        self.sweep().await;
    }

    async fn unfinished(&self) -> Vec<Message> {
        let mut all = Vec::new();
        for state in [MessageState::Recording, MessageState::Kept] {
            match self.store.messages(Some(state), limits::MESSAGES_LISTED).await {
                Ok(some) => all.extend(some),
                Err(error) => tracing::error!(error = &error as &dyn Error, "unfinished messages can't be read"),
            }
        }
        all
    }

    async fn finish(&self, mut message: Message) -> Result<(), super::MessageError> {
        if message.state == MessageState::Recording {
            let (folder, file) = (self.folder.clone(), message.file.clone());
            let mended = tokio::task::spawn_blocking(move || folder.repair(&file)).await;
            let mended = mended.map_err(std::io::Error::other)??;
            let Some(length) = mended.filter(|length| *length >= SHORTEST) else {
                self.folder.erase(message.file).await?;
                return Ok(self.store.delete_message(message.id).await?);
            };
            message.length_ms = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
            self.store.finish_message(message.id, message.length_ms, None).await?;
            tracing::warn!(id = message.id, seconds = length.as_secs(), "a message that was cut off was mended");
        }
        Ok(self.leave(&message).await?)
    }

    /// A file whose row is gone was erased, or never begun.
    async fn sweep(&self) {
        for file in self.folder.files().unwrap_or_default() {
            let whole = std::path::Path::new(&file).with_extension("wav");
            let is_ours = [PART, MENDED, "wav"].iter().any(|kind| file.ends_with(&format!(".{kind}")));
            let known = self.store.message_of_file(&whole.to_string_lossy()).await;
            if is_ours && matches!(known, Ok(None)) && self.folder.erase(file.clone()).await.is_ok() {
                tracing::info!(file, "a sound of no message was taken away");
            }
        }
    }
}
