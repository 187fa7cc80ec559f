use std::sync::Arc;
use std::time::Duration;

use super::answering::SPOKEN;
use super::crowd::News;
use super::scenario::Far;
use super::simulation::Simulation;
use super::transcript::{What, Who, sentences};
use crate::base::{Instant, PhoneNumber, PlayId};
use crate::engine::{Input, Keys, Place, QueueNews, Sound, TransferNews};
use crate::service::Topic;
use crate::speech::{self, Phrase, Sentence};

/// What the caller hears.
pub(super) struct Sounding {
    pub(super) play: PlayId,
    /// When it ends; music does not.
    pub(super) ends: Option<Instant>,
    pub(super) keys: Keys,
}

/// The outside number of a transfer.
pub(super) enum Outside {
    Rings { until: Instant },
    Talks { until: Instant },
}

/// What happens, as lines of the transcript.
impl Simulation<'_> {
    pub(super) fn play(&mut self, play: PlayId, sound: &Sound, keys: Keys) {
        let ends = match sound {
            Sound::Phrase(phrase) => {
                self.log(Who::Service, What::Says, sentences(phrase));
                if !self.seen.truth {
                    self.seen.truth = self.is_truth(phrase);
                }
                let length: Duration = phrase.0.iter().map(self.lengths).sum();
                Some(self.now.mono + length.max(SHORTEST))
            }
            Sound::Music { name, .. } => {
                self.log(Who::Music, What::Sounds, name.to_string());
                None
            }
            Sound::Beep => {
                self.log(Who::Service, What::Sounds, "bip".to_owned());
                Some(self.now.mono + SHORTEST)
            }
            Sound::Message(_) => {
                self.log(Who::Service, What::Sounds, "le message".to_owned());
                Some(self.now.mono + SPOKEN)
            }
        };
        self.sounding = Some(Sounding { play, ends, keys });
    }

    fn is_truth(&mut self, phrase: &Phrase) -> bool {
        let language = self.machine.language();
        let holds = |said: &Phrase| !said.0.is_empty() && phrase.0.windows(said.0.len()).any(|part| part == said.0);
        if holds(&speech::sentence(language, Sentence::ClosedWhileWaiting)) {
            return true;
        }
        // The week is in every telling of the hours, and costs too much to be reckoned for each phrase.
        let card = Arc::clone(&self.scenario.program.card);
        if self.hours.iter().all(|(of, _)| *of != language) {
            self.hours.push((language, speech::tell(language, &card, Topic::Hours, self.scenario.at)));
        }
        let at_first = self.hours.iter().filter(|(of, _)| *of == language);
        let may_be = at_first.flat_map(|(_, said)| &said.0).any(|fragment| phrase.0.contains(fragment));
        may_be && holds(&speech::tell(language, &card, Topic::Hours, self.now.wall))
    }

    pub(super) fn queue_says(&mut self, news: News) {
        let news = match news {
            News::Ringing(agent) => {
                self.log(Who::Agent, What::Rings, format!("ça sonne chez {agent}"));
                return self.machine.handle(self.now, Input::Queue(QueueNews::Ringing));
            }
            News::Queue(news) => news,
        };
        self.trail.queue(&news);
        let (who, text) = match &news {
            QueueNews::Joined { rank } => (Who::Queue, format!("entre dans la file, rang {rank}")),
            QueueNews::Place(place) if self.rank == Some(place.rank) => {
                return self.machine.handle(self.now, Input::Queue(news));
            }
            QueueNews::Place(place) => (Who::Queue, format!("rang {}", place.rank)),
            QueueNews::Full => (Who::Queue, "la file est pleine".to_owned()),
            QueueNews::Nobody => (Who::Queue, "aucun agent n'est connecté".to_owned()),
            QueueNews::TimedOut => (Who::Queue, "l'attente la plus longue est passée".to_owned()),
            QueueNews::Connected { agent } => (Who::Agent, format!("{agent} répond")),
            QueueNews::TalkEnded => (Who::Agent, "l'agent raccroche".to_owned()),
            QueueNews::Ringing => (Who::Agent, "ça sonne".to_owned()),
            QueueNews::Still => (Who::Agent, "ça ne sonne plus".to_owned()),
        };
        self.log(who, What::Queue(news.clone()), text);
        if let QueueNews::Joined { rank } | QueueNews::Place(Place { rank, .. }) = news {
            self.rank = Some(rank);
        }
        self.seen.talked |= matches!(news, QueueNews::Connected { .. });
        self.seen.refused |= matches!(news, QueueNews::Full | QueueNews::Nobody | QueueNews::TimedOut);
        self.machine.handle(self.now, Input::Queue(news));
    }

    pub(super) fn rings_outside(&mut self, to: &PhoneNumber, ring: Duration) {
        self.log(Who::Agent, What::Rings, format!("ça sonne au {to}"));
        let rings = match self.scenario.outside {
            Far::Answers => ring.min(PICKS_UP),
            Far::Silent => ring,
        };
        self.outside = Some(Outside::Rings { until: self.now.mono + rings });
    }

    pub(super) fn outside_due(&self) -> Option<Instant> {
        self.outside.as_ref().map(|(Outside::Rings { until } | Outside::Talks { until })| *until)
    }

    pub(super) fn outside_goes_on(&mut self) {
        let (next, text, news) = match self.outside.take() {
            Some(Outside::Rings { .. }) if self.scenario.outside == Far::Silent => {
                (None, "personne ne répond", TransferNews::Failed)
            }
            Some(Outside::Rings { .. }) => {
                self.seen.talked = true;
                let until = self.now.mono + OUTSIDE_TALK;
                (Some(Outside::Talks { until }), "le correspondant répond", TransferNews::Connected)
            }
            Some(Outside::Talks { .. }) => (None, "le correspondant raccroche", TransferNews::TalkEnded),
            None => return,
        };
        self.outside = next;
        self.trail.transfer(&news);
        self.log(Who::Agent, What::Transfer(news.clone()), text.to_owned());
        self.tell(Input::Transfer(news));
    }
}

/// No clip is shorter, so that time goes on.
const SHORTEST: Duration = Duration::from_millis(20);
/// An outside number answers after this.
const PICKS_UP: Duration = Duration::from_secs(6);
/// A talk with an outside number lasts this long.
const OUTSIDE_TALK: Duration = Duration::from_secs(180);
