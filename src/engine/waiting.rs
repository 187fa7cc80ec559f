use std::time::Duration;

use super::io::{ExpectedWait, MusicFrom, Place};
use super::speaking::Then;
use crate::base::Instant;
use crate::flow::{Busy, Queue};
use crate::speech::{Sentence, Wait};

/// The caller waits in a queue.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) stage: Stage,
    /// Said before the first words, such as that an agent is being called.
    pub(super) lead: Option<Sentence>,
    pub(super) since: Instant,
    pub(super) hears: Hears,
    /// Where the music goes on.
    pub(super) music: MusicFrom,
    /// What the queue said last.
    pub(super) place: Option<Place>,
    /// Why the place is being asked for.
    pub(super) asked: Option<Asked>,
    pub(super) told: Told,
    pub(super) due: Due,
    /// It has closed, and that is still to be told.
    pub(super) closed: bool,
    /// An agent's phone rings for this caller.
    pub(super) rung: bool,
}

/// How far the caller has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The notice is being heard, before the place is taken: no answer may cut it.
    Notice,
    /// The queue has been asked to take the caller.
    Joining,
    /// In the queue.
    Here,
    /// Out of the queue: the last words are heard out, then this is said.
    Out(Sentence, Then),
}

/// What the caller hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hears {
    /// Words, or nothing yet.
    Words,
    /// Music, which may be left at any moment.
    Music,
}

/// Why the place is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// For the first words.
    Joined,
    /// Something is due.
    Due,
    /// The caller wants to hear it.
    Again,
}

/// What the caller was told last.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) rank: Option<usize>,
    pub(super) wait: Option<Wait>,
    /// The offers were made: their keys work from then on.
    pub(super) offers: bool,
    /// How many comfort sentences.
    pub(super) comforts: usize,
}

/// When each kind of announcement may come next; what is not told never comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Due {
    pub(super) rank: Option<Instant>,
    pub(super) wait: Option<Instant>,
    pub(super) offers: Option<Instant>,
    pub(super) comfort: Option<Instant>,
    /// No announcement comes before this.
    pub(super) gap: Option<Instant>,
}

impl Waiting {
    pub(super) fn new(now: Instant, stage: Stage, lead: Option<Sentence>) -> Self {
        Self {
            stage,
            lead,
            since: now,
            hears: Hears::Words,
            music: MusicFrom::Start,
            place: None,
            asked: None,
            told: Told::default(),
            due: Due::default(),
            closed: false,
            rung: false,
        }
    }

    /// Whether words are being heard, which only an agent's answer or a key cuts.
    pub(super) fn is_spoken_to(&self) -> bool {
        self.hears == Hears::Words && self.stage != Stage::Joining
    }

    /// Whether it is busy, by what the queue said last.
    pub(super) fn is_busy(&self, busy: &Busy) -> bool {
        let Some(place) = &self.place else { return false };
        let at_least = |is: Option<u64>, limit: Option<u64>| is.zip(limit).is_some_and(|(is, limit)| is >= limit);
        let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
        at_least(place.wait.map(|wait| millis(wait.expected)), busy.when_wait.map(millis))
            || busy.when_waiting.is_some_and(|limit| place.waiting >= limit)
            || at_least(place.abandoned.map(u64::from), busy.when_abandoned.map(u64::from))
    }

    /// The wait that may be told: never a longer one without the reason.
    pub(super) fn tellable_wait(&self) -> Option<ExpectedWait> {
        let mut wait = self.place.as_ref()?.wait?;
        wait.spoken = self.told.wait.map_or(wait.spoken, |told| wait.spoken.after(told));
        let longer = self.told.wait.is_some_and(|told| wait.spoken.is_longer_than(told));
        (!longer || wait.longer.is_some()).then_some(wait)
    }
}

impl Due {
    /// When the first words have been said: everything comes after its period.
    pub(super) fn begin(now: Instant, queue: &Queue) -> Self {
        let announce = &queue.announce;
        Self {
            rank: announce.rank.map(|period| now + period),
            wait: announce.wait.map(|period| now + period),
            offers: queue.busy.as_ref().map(|_| now + LOOK),
            comfort: (!queue.comfort.is_empty()).then(|| now + announce.comfort),
            gap: None,
        }
    }

    /// When to look whether there is something to say.
    pub(super) fn next(&self) -> Option<Instant> {
        let first = [self.rank, self.wait, self.offers, self.comfort].into_iter().flatten().min()?;
        Some(self.gap.map_or(first, |gap| first.max(gap)))
    }

    pub(super) fn is_due(due: Option<Instant>, now: Instant) -> bool {
        due.is_some_and(|due| due <= now)
    }

    /// What was due and had nothing to say is looked at again after a while.
    pub(super) fn look_later(due: &mut Option<Instant>, now: Instant) {
        if Self::is_due(*due, now) {
            *due = Some(now + LOOK);
        }
    }
}

/// What has nothing to say is asked for again after this.
const LOOK: Duration = Duration::from_secs(10);
