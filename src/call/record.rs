use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::DivertedFrom;
use super::event::{By, CallEvent, Ending, Happened};
use crate::base::{
    AgentName, CallId, Language, LegId, Now, PhoneNumber, Private, QueueName, TicketId, WallTime, limits,
};
use crate::callback::Source;
use crate::engine::{ExpectedWait, Note};
use crate::media::LegStats;
use crate::sip::Reason;
use crate::speech::Wait;

/// The record of one call (CDR): a fold of its events.
///
/// It serializes without the caller's number; the store keeps that apart.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// The call.
    pub call: CallId,
    /// The caller's Call-ID.
    pub sip_call_id: String,
    /// The service.
    pub service: Arc<str>,
    /// The flow.
    pub flow: Arc<str>,
    /// The dialled number.
    pub to: String,
    /// The caller's number, unless withheld.
    #[serde(skip)]
    pub from: Option<Private<PhoneNumber>>,
    /// When the INVITE came.
    pub started: WallTime,
    /// When it was answered.
    pub answered: Option<WallTime>,
    /// When it ended.
    pub ended: WallTime,
    /// The language that the caller chose last.
    pub language: Option<Language>,
    /// The first time that the caller asked for an agent.
    pub asked_agent: Option<WallTime>,
    /// Whether that was in opening hours.
    pub asked_in_hours: bool,
    /// The last queue.
    pub queue: Option<QueueName>,
    /// The rank on entry.
    pub rank: Option<usize>,
    /// The ranks that were told, in order.
    pub told_ranks: Vec<usize>,
    /// The waits that were told, in order, each with what became of it.
    pub told_waits: Vec<ToldWait>,
    /// The agent who answered.
    pub agent: Option<AgentName>,
    /// When the agent answered.
    pub connected: Option<WallTime>,
    /// Milliseconds from asking to a human's answer.
    pub wait_ms: Option<u64>,
    /// Milliseconds of talk.
    pub talk_ms: Option<u64>,
    /// The marks that the caller gave.
    pub survey: Vec<Mark>,
    /// How it ended.
    pub ending: Ending,
    /// Who had sent the call on to us, where it was; the number is masked when written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diverted: Option<Box<DivertedFrom>>,
    /// Why the caller's leg ended, where the caller's side or we have said so on the wire
    /// (RFC 3326), such as `Q.850 16`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::diverted::in_words")]
    pub reason: Option<Reason>,
    /// The caller's media.
    pub media: Option<Box<LegStats>>,
    /// The media of whom the caller talked to, in the order in which they left.
    pub others: Box<[OtherMedia]>,
    /// The story, one line per event, milliseconds since the start; no digit is in it.
    pub steps: Vec<StepLine>,
    /// The attempt, where it is a citizen who was called back: then nobody asked for an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<Box<CalledBack>>,
}

/// An attempt to call a citizen back. What came of it is the record's ending.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CalledBack {
    /// The promise.
    pub ticket: TicketId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// By which way it was asked for.
    pub source: Source,
    /// How long the citizen's phone rang, in milliseconds.
    pub rang_ms: u64,
    /// From the wish to this attempt, in milliseconds.
    pub waited_ms: u64,
}

/// The media of a leg beside the caller's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OtherMedia {
    /// The leg, until the call is over.
    #[serde(skip)]
    pub leg: LegId,
    /// The agent; null for a number outside.
    pub agent: Option<AgentName>,
    /// Its figures, once the media plane has told them.
    #[serde(flatten)]
    pub media: Option<LegStats>,
}

/// A wait that was told: a promise, and what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldWait {
    /// Milliseconds since the call arrived.
    pub at_ms: u64,
    /// The rank then.
    pub rank: usize,
    /// What was said.
    pub spoken: Wait,
    /// The mean that was expected.
    pub expected_ms: u64,
    /// One wait in ten was expected to be shorter.
    pub low_ms: u64,
    /// One wait in ten was expected to be longer.
    pub high_ms: u64,
    /// From then to the agent's answer, or until the caller left the queue.
    pub waited_ms: Option<u64>,
    /// Whether an agent answered.
    pub answered: bool,
}

/// A mark given in a survey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// The survey's step.
    pub step: Arc<str>,
    /// From 1.
    pub mark: u8,
}

/// One line of a record's story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepLine {
    /// Milliseconds since the call arrived.
    pub at_ms: u64,
    /// What happened, such as `step menu` or `connected amina`.
    pub what: String,
}

/// Folds a call's events into its [`Record`].
#[derive(Clone, Debug)]
pub struct Recorder {
    record: Record,
    began: Now,
    asked: Option<Now>,
    connected: Option<Now>,
}

impl Recorder {
    /// A record that begins now.
    pub fn new(call: CallId, now: Now) -> Self {
        let record = Record {
            call,
            sip_call_id: String::new(),
            service: "".into(),
            flow: "".into(),
            to: String::new(),
            from: None,
            started: now.wall,
            answered: None,
            ended: now.wall,
            language: None,
            asked_agent: None,
            asked_in_hours: false,
            queue: None,
            rank: None,
            told_ranks: Vec::new(),
            told_waits: Vec::new(),
            agent: None,
            connected: None,
            wait_ms: None,
            talk_ms: None,
            survey: Vec::new(),
            ending: Ending { by: By::Us, why: "panic" },
            diverted: None,
            reason: None,
            media: None,
            others: Box::default(),
            steps: Vec::new(),
            callback: None,
        };
        Self { record, began: now, asked: None, connected: None }
    }

    /// Takes the next event.
    pub fn push(&mut self, event: &CallEvent) {
        let record = &mut self.record;
        match &event.what {
            Happened::Arrived { flow, service, to, from, sip_call_id } => {
                record.flow = Arc::clone(flow);
                record.service = Arc::clone(service);
                record.to.clone_from(to);
                record.from.clone_from(from);
                record.sip_call_id.clone_from(sip_call_id);
            }
            Happened::Diverted { number, why } => {
                record.diverted = Some(Box::new(DivertedFrom { number: number.clone(), why }));
            }
            Happened::Reason { by: By::Caller | By::Us, reason } => record.reason = Some(*reason),
            Happened::Answered => record.answered = Some(event.at.wall),
            Happened::Flow(Note::Language(language)) => record.language = Some(*language),
            Happened::Flow(Note::AskedAgent { open }) => {
                record.asked_in_hours |= open;
                if self.asked.is_none() {
                    self.asked = Some(event.at);
                    record.asked_agent = Some(event.at.wall);
                }
            }
            Happened::Flow(Note::ToldRank { rank }) if record.told_ranks.len() < TOLD_RANKS => {
                record.told_ranks.push(*rank);
            }
            Happened::Flow(Note::ToldWait { rank, wait }) if record.told_waits.len() < TOLD_RANKS => {
                record.told_waits.push(told_wait(millis(self.began, event.at), *rank, *wait));
            }
            Happened::Flow(Note::Mark { name, mark }) if record.survey.len() < MARKS => {
                record.survey.push(Mark { step: Arc::clone(name), mark: *mark });
            }
            // Whoever goes to another step waits no more.
            Happened::Flow(Note::Step { .. }) | Happened::Refused { .. } | Happened::Ended(_) => {
                self.kept(event.at, Kept::Left);
            }
            Happened::Joined { queue, rank } => {
                record.queue = Some(queue.clone());
                record.rank.get_or_insert(*rank);
            }
            Happened::Connected { agent } => {
                record.agent = Some(agent.clone());
                self.connected = Some(event.at);
                if record.connected.is_none() {
                    record.connected = Some(event.at.wall);
                    record.wait_ms = self.asked.map(|asked| millis(asked, event.at));
                }
                self.kept(event.at, Kept::Answered);
            }
            Happened::TalkEnded { .. } => {
                if let Some(connected) = self.connected.take() {
                    *record.talk_ms.get_or_insert(0) += millis(connected, event.at);
                }
            }
            Happened::Flow(_)
            | Happened::Reason { .. }
            | Happened::Heard { .. }
            | Happened::Ringing { .. }
            | Happened::Missed { .. }
            | Happened::Stopped { .. }
            | Happened::Watched { .. }
            | Happened::WatchEnded { .. }
            | Happened::Errand { .. }
            | Happened::Hold { .. }
            | Happened::Handing { .. }
            | Happened::Handed { .. }
            | Happened::HandingFailed { .. }
            | Happened::Transferring { .. }
            | Happened::Transferred
            | Happened::TransferFailed { .. } => {}
        }
        self.line(event);
    }

    /// The caller talks no more to this leg.
    pub fn left(&mut self, leg: LegId, agent: Option<AgentName>) {
        let others = &mut self.record.others;
        if others.len() < OTHERS {
            // A slice takes less room than a list, and there are thousands of calls.
            *others = others.iter().cloned().chain([OtherMedia { leg, agent, media: None }]).collect();
        }
    }

    /// The figures of a leg have come; those of one that the caller never talked to are dropped.
    pub fn heard_other(&mut self, leg: LegId, media: LegStats) {
        let waiting = |other: &&mut OtherMedia| other.leg == leg && other.media.is_none();
        if let Some(other) = self.record.others.iter_mut().find(waiting) {
            other.media = Some(media);
        }
    }

    /// Whether the caller has heard an agent.
    pub fn has_talked(&self) -> bool {
        self.record.connected.is_some()
    }

    /// The record of the call that has ended.
    pub fn record(&self, now: Now, ending: Ending, media: Option<LegStats>) -> Record {
        Record { ended: now.wall, ending, media: media.map(Box::new), ..self.record.clone() }
    }

    /// The wait has ended: what was told is held against what happened.
    fn kept(&mut self, at: Now, kept: Kept) {
        let now = millis(self.began, at);
        for told in self.record.told_waits.iter_mut().filter(|told| told.waited_ms.is_none()) {
            told.waited_ms = Some(now.saturating_sub(told.at_ms));
            told.answered = kept == Kept::Answered;
        }
    }

    /// Adds the event to the story. A story that is too long keeps its start and its end.
    fn line(&mut self, event: &CallEvent) {
        let Some(what) = event.what.story() else { return };
        let steps = &mut self.record.steps;
        if steps.len() >= limits::EVENTS_PER_CALL {
            steps.remove(limits::EVENTS_PER_CALL / 2);
        }
        steps.push(StepLine { at_ms: millis(self.began, event.at), what });
    }
}

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Answered,
    Left,
}

fn told_wait(at_ms: u64, rank: usize, wait: ExpectedWait) -> ToldWait {
    let ms = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
    ToldWait {
        at_ms,
        rank,
        spoken: wait.spoken,
        expected_ms: ms(wait.expected),
        low_ms: ms(wait.low),
        high_ms: ms(wait.high),
        waited_ms: None,
        answered: false,
    }
}

fn millis(from: Now, to: Now) -> u64 {
    u64::try_from(to.mono.since(from.mono).as_millis()).unwrap_or(u64::MAX)
}

/// Ranks kept in one record: a caller hears one each 30 s, so this is an hour and a half.
const TOLD_RANKS: usize = 180;
/// Talks of one call whose media is kept: an agent, a second one, and some after a transfer.
const OTHERS: usize = 8;
/// Surveys of one call: a flow has one, and may lead back to the agent.
const MARKS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Instant;
    use crate::engine::Place;

    fn recorded(events: &[(u64, Happened)]) -> Record {
        let at = |seconds| {
            let wall = WallTime::from_millis(1_795_510_800_000) + Duration::from_secs(seconds);
            Now { mono: Instant::from_start(Duration::from_secs(seconds)), wall }
        };
        let mut recorder = Recorder::new(CallId(1), at(0));
        for (seconds, what) in events {
            recorder.push(&CallEvent { call: CallId(1), at: at(*seconds), what: what.clone() });
        }
        recorder.record(at(900), Ending { by: By::Caller, why: "hangup" }, None)
    }

    fn told(spoken: Wait) -> Happened {
        let [expected, low, high] = [300, 200, 400].map(Duration::from_secs);
        let wait = ExpectedWait { spoken, expected, low, high, longer: None };
        let rank = Place::ranked(3).rank;
        Happened::Flow(Note::ToldWait { rank, wait })
    }

    #[test]
    fn each_told_wait_is_held_against_what_happened() {
        let answered = Happened::Connected { agent: "amina".into() };
        let record = recorded(&[(10, told(Wait::AboutFive)), (100, told(Wait::Under(5))), (250, answered)]);
        let waits: Vec<_> = record.told_waits.iter().map(|w| (w.spoken, w.waited_ms, w.answered)).collect();
        assert_eq!(waits, [(Wait::AboutFive, Some(240_000), true), (Wait::Under(5), Some(150_000), true)]);
        let first = serde_json::to_value(&record.told_waits[0]).unwrap();
        let expected = serde_json::json!({
            "at_ms": 10_000, "rank": 3, "spoken": "about_five", "expected_ms": 300_000, "low_ms": 200_000,
            "high_ms": 400_000, "waited_ms": 240_000, "answered": true,
        });
        assert_eq!(first, expected);
    }

    #[test]
    fn who_leaves_the_queue_has_waited_until_then() {
        let ended = Happened::Ended(Ending { by: By::Caller, why: "hangup" });
        let left = Happened::Flow(Note::Step { name: "message".into() });
        let refused = Happened::Refused { queue: "s/agents".into(), why: "too-long" };
        for end in [ended, left, refused] {
            let record = recorded(&[(10, told(Wait::Over(30))), (70, end)]);
            assert_eq!((record.told_waits[0].waited_ms, record.told_waits[0].answered), (Some(60_000), false));
        }
    }

    #[test]
    fn marks_are_kept_with_their_step() {
        let mark = |mark| Happened::Flow(Note::Mark { name: "avis".into(), mark });
        let record = recorded(&[(10, mark(4))]);
        assert_eq!(record.survey, [Mark { step: "avis".into(), mark: 4 }]);
        assert_eq!(record.steps[0].what, "marked avis", "the mark is no part of the story");
    }
    #[test]
    fn the_language_that_was_chosen_last_is_kept() {
        let chose = |language| Happened::Flow(Note::Language(language));
        assert_eq!(recorded(&[]).language, None);
        let record = recorded(&[(1, chose(Language::En)), (2, chose(Language::Fr))]);
        assert_eq!(record.language, Some(Language::Fr));
        assert_eq!(record.steps[0].what, "language en");
    }
}
