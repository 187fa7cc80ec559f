//! What the records teach the hub: at the start what was learned before it, and each night
//! when it is usually quiet. Callers are answered meanwhile.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono::Days;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

use super::clock;
use super::directory::Directory;
use super::hub::ToHub;
use crate::base::{QueueName, WallTime, limits};
use crate::call::past::{Lessons, PastCall, Usual};
use crate::flow::Service;
use crate::speech::QuietTime;
use crate::store::{Error, Filed, Span, Store};

/// Teaches the hub for as long as there is one.
pub(super) async fn attend(store: Store, directories: watch::Receiver<Arc<Directory>>, hub: mpsc::Sender<ToHub>) {
    clock::until(Some(clock::now() + SETTLED)).await;
    if let Err(error) = recall(&store, &hub).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "nothing is recalled: waits are learned anew");
    }
    loop {
        let directory = Arc::clone(&directories.borrow());
        match quiet(&store, &directory).await {
            Ok(quiet) => {
                for (queue, time) in &quiet {
                    let times = format!("{}-{}", time.from, time.to);
                    tracing::info!(%queue, weekday = time.weekday, times, wait = %time.wait, "it is quietest");
                }
                let queues = quiet.len();
                if hub.send(ToHub::Quiet(quiet)).await.is_err() {
                    return;
                }
                tracing::debug!(queues, "quiet hours are known");
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "quiet hours could not be learned");
            }
        }
        clock::until(Some(clock::now() + until_night(&directory))).await;
    }
}

/// How long things lasted and what became of promises, from the newest records.
async fn recall(store: &Store, hub: &mpsc::Sender<ToHub>) -> Result<(), Error> {
    let now = clock::wall();
    let span = Span { from: before(now, limits::LESSONS_AGE), to: now };
    let (mut lessons, mut records, mut last) = (Lessons::default(), 0, None);
    while records < limits::LESSONS {
        let page = store.page_back(span, last.as_ref()).await?;
        let Some(oldest) = page.last() else { break };
        last = Some(oldest.clone());
        records += page.len();
        lessons = spawn_blocking(move || study(lessons, &page)).await.unwrap_or_default();
    }
    let lessons = spawn_blocking(move || lessons.in_order()).await.unwrap_or_default();
    if !lessons.is_empty() {
        tracing::info!(records, lessons = lessons.len(), "recalled how long callers wait and talk");
    }
    for some in lessons.chunks(AT_ONCE) {
        if hub.send(ToHub::Recall(some.to_vec())).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Reading a page of JSON takes milliseconds, which are not the signalling thread's to give.
fn study(mut lessons: Lessons, page: &[Filed]) -> Lessons {
    // What cannot be read teaches nothing; the report tells of it.
    page.iter()
        .filter_map(|filed| serde_json::from_str::<PastCall>(&filed.text).ok())
        .for_each(|call| lessons.push(&call));
    lessons
}

/// The quiet hours of every queue.
async fn quiet(store: &Store, directory: &Directory) -> Result<BTreeMap<QueueName, QuietTime>, Error> {
    let mut quiet = BTreeMap::new();
    for service in directory.services() {
        quiet.extend(quiet_of(store, service).await?);
    }
    Ok(quiet)
}

/// Day by day, from today back.
async fn quiet_of(store: &Store, service: &Service) -> Result<BTreeMap<QueueName, QuietTime>, Error> {
    let (now, hours) = (clock::wall(), &service.card.phone_hours);
    let (mut usual, mut calls) = (Usual::default(), 0);
    for back in 0..=limits::QUIET_DAYS {
        let date = hours.local(now).0.checked_sub_days(Days::new(back));
        let Some(Range { start: from, end: to }) = date.and_then(|date| hours.day(date)) else { break };
        let day = store.asked(&service.name, Span { from, to }, limits::QUIET_CALLS - calls).await?;
        calls += day.len();
        usual.learn(hours, &day);
        if calls >= limits::QUIET_CALLS {
            break;
        }
    }
    Ok(usual.quiet(hours, now))
}

/// The time until the night, when the fewest phone.
fn until_night(directory: &Directory) -> Duration {
    let hours = directory.services().first().map(|service| &service.card.phone_hours);
    let minute = hours.map_or(0, |hours| hours.local(clock::wall()).1.minutes());
    let minutes = if minute < NIGHT { NIGHT - minute } else { NIGHT + 24 * 60 - minute };
    Duration::from_secs(u64::from(minutes) * 60)
}

fn before(at: WallTime, duration: Duration) -> WallTime {
    WallTime::from_millis(at.millis() - i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}

/// The first who ask are answered first: nobody waits in a queue so soon.
const SETTLED: Duration = Duration::from_millis(200);
/// Three in the morning, in minutes.
const NIGHT: u16 = 180;
/// Lessons of one message: a fraction of a millisecond of the hub's time.
const AT_ONCE: usize = 512;
