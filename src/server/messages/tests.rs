//! The folder and what a start mends, on a real disk.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::time::timeout;

use super::folder::Folder;
use super::{MessageError, MessageRules, Messages};
use crate::base::{MessageId, PhoneNumber, Private, WallTime};
use crate::engine::NoMessage;
use crate::store::{CallBack, Health, Mail, Message, MessageState, Store};

const RULES: MessageRules = MessageRules { per_number: 10, space: 10 << 20, mail: false };

/// Longer than a locked database and a few tries take.
const LONG: Duration = Duration::from_secs(30);

pub(super) async fn messages() -> (tempfile::TempDir, Messages) {
    let data = tempfile::tempdir().unwrap();
    let messages = Messages::open(Store::open(data.path()).await.unwrap(), RULES).unwrap();
    (data, messages)
}

pub(super) fn message(file: &str) -> Message {
    Message {
        id: 0,
        service: "s".into(),
        flow: "accueil".into(),
        queue: None,
        number: None,
        started: WallTime::from_millis(1_000),
        length_ms: 0,
        file: file.into(),
        state: MessageState::Recording,
        changed: WallTime::from_millis(1_000),
        changed_by: None,
        reason: None,
        ticket: None,
        callback: CallBack::No,
        mail: Mail::None,
    }
}

fn second_of(sample: i16) -> Vec<i16> {
    vec![sample; 8_000]
}

#[tokio::test]
async fn what_was_said_before_the_end_is_mended_whatever_the_header_says() {
    let (data, messages) = messages().await;
    let id = messages.store.keep_message(&message("messages/a.wav")).await.unwrap();
    let mut sheet = messages.folder.begin("messages/a.wav").unwrap();
    sheet.write(&second_of(700)).unwrap();
    let part = data.path().join("messages/a.part");
    // As if the program had ended between two writes: a sample and a half more than the header knows.
    let mut bytes = fs::read(&part).unwrap();
    std::mem::forget(sheet);
    bytes.extend([1, 2, 3]);
    bytes[40..44].copy_from_slice(&[0; 4]);
    fs::write(&part, bytes).unwrap();

    messages.recover().await;
    let left = messages.one(MessageId(id)).await.unwrap();
    assert_eq!((left.state, left.length_ms), (MessageState::New, 1_000));
    let mut wav = hound::WavReader::new(Cursor::new(messages.sound(MessageId(id)).await.unwrap())).unwrap();
    let samples: Vec<i16> = wav.samples().map(Result::unwrap).collect();
    assert_eq!((samples.len(), samples[0], samples[8_000]), (8_001, 700, i16::from_le_bytes([1, 2])));
    assert!(!part.exists());
    let mode = fs::metadata(data.path().join(&left.file)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_start_leaves_what_was_kept_and_takes_away_what_nobody_said() {
    let (data, messages) = messages().await;
    for (file, seconds) in [("messages/kept.wav", 1), ("messages/empty.wav", 0), ("messages/gone.wav", 0)] {
        let id = messages.store.keep_message(&message(file)).await.unwrap();
        if file.contains("gone") {
            continue;
        }
        let mut sheet = messages.folder.begin(file).unwrap();
        (0..seconds).for_each(|_| sheet.write(&second_of(700)).unwrap());
        if seconds > 0 {
            sheet.finish().unwrap();
            messages.store.finish_message(id, 1_000, None).await.unwrap();
        }
    }
    fs::write(data.path().join("messages/stray.wav"), "of no message").unwrap();
    fs::write(data.path().join("messages/note.txt"), "not ours").unwrap();
    messages.recover().await;
    let left = messages.list(None).await.unwrap();
    assert_eq!(left.iter().map(|m| m.file.as_str()).collect::<Vec<_>>(), ["messages/kept.wav"]);
    let mut files = messages.folder.files().unwrap();
    files.sort();
    assert_eq!(files, ["messages/kept.wav", "messages/note.txt"]);
}

#[tokio::test]
async fn what_is_not_left_yet_is_nobody_s_business_and_what_is_erased_is_gone() {
    let (data, messages) = messages().await;
    let id = messages.store.keep_message(&message("messages/a.wav")).await.unwrap();
    assert!(matches!(messages.one(MessageId(id)).await, Err(MessageError::None)));
    assert!(matches!(messages.set(MessageId(id), MessageState::Settled, "amina").await, Err(MessageError::None)));
    messages.folder.begin("messages/a.wav").unwrap().finish().unwrap();
    messages.store.finish_message(id, 0, None).await.unwrap();
    let kept = messages.store.message(id).await.unwrap().unwrap();
    messages.leave(&kept).await.unwrap();
    assert_eq!(messages.set(MessageId(id), MessageState::Settled, "amina").await.unwrap().changed_by.unwrap(), "amina");
    messages.erase(MessageId(id)).await.unwrap();
    assert!(matches!(messages.one(MessageId(id)).await, Err(MessageError::None)));
    assert_eq!(fs::read_dir(data.path().join("messages")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_message_is_shown_once_a_locked_database_is_free_again() {
    let (data, messages) = messages().await;
    let id = messages.store.keep_message(&message("messages/a.wav")).await.unwrap();
    messages.store.finish_message(id, 1_000, None).await.unwrap();
    let kept = messages.store.message(id).await.unwrap().unwrap();
    let mut health = messages.store.health();
    let lock = lock(data.path()).await;
    let leaving = tokio::spawn({
        let messages = messages.clone();
        async move { messages.leave_surely(&kept).await }
    });
    timeout(LONG, health.wait_for(|health| *health != Health::Works)).await.unwrap().unwrap();
    lock.close().await.unwrap();
    timeout(LONG, leaving).await.unwrap().unwrap();
    assert_eq!(messages.one(MessageId(id)).await.unwrap().state, MessageState::New);
}

#[tokio::test]
async fn what_is_forgotten_while_it_is_spoken_takes_its_sound_with_it() {
    let (_data, messages) = messages().await;
    let number = PhoneNumber::parse("+33612345678").unwrap();
    let mut spoken = Message { number: Some(Private::new(number.clone())), ..message("messages/a.wav") };
    spoken.id = messages.store.keep_message(&spoken).await.unwrap();
    let sheet = messages.folder.begin(&spoken.file).unwrap();
    messages.store.forget(&number, WallTime::from_millis(2_000)).await.unwrap().1.unwrap();
    sheet.finish().unwrap();
    assert!(!messages.keep(&spoken, None).await.unwrap());
    assert_eq!(messages.folder.files().unwrap(), [""; 0]);
}

/// The id of a message that is left.
pub(super) async fn left(messages: &Messages, file: &str) -> u64 {
    let id = messages.store.keep_message(&message(file)).await.unwrap();
    messages.store.finish_message(id, 1_000, None).await.unwrap();
    messages.leave(&messages.store.message(id).await.unwrap().unwrap()).await.unwrap();
    id
}

/// Nobody else can write until this connection is closed.
pub(super) async fn lock(data: &Path) -> SqliteConnection {
    let mut other = SqliteConnectOptions::new().filename(data.join("svi.db")).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    other
}

#[test]
fn room_is_given_as_far_as_the_space_goes_and_given_back() {
    let data = tempfile::tempdir().unwrap();
    // A minute is 960 000 bytes.
    let folder = Folder::open(data.path(), 2_000_000).unwrap();
    let minute = Duration::from_secs(59);
    let first = folder.room(minute).unwrap();
    let second = folder.room(minute).unwrap();
    assert_eq!(folder.room(minute).unwrap_err(), NoMessage::Full);
    drop(first);
    fs::write(data.path().join("messages/a.wav"), vec![0; 900_000]).unwrap();
    assert_eq!(folder.room(minute).unwrap_err(), NoMessage::Full, "what others have left is counted");
    drop(second);
    assert!(folder.room(minute).is_ok());
    fs::remove_dir_all(data.path().join("messages")).unwrap();
    assert_eq!(folder.room(minute).unwrap_err(), NoMessage::Trouble);
}
