//! Reads a record's story back: the words that [`Happened::story`](crate::call::Happened::story) writes.

use crate::base::{AgentName, QueueName};
use crate::call::StepLine;

/// A stay in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Which.
    pub queue: QueueName,
    /// When it began, in milliseconds since the call came.
    pub joined_ms: u64,
    /// When it ended.
    pub ended_ms: u64,
    /// How it ended.
    pub end: StayEnd,
    /// When the phone first rang of those that led to the answer.
    pub rung_ms: Option<u64>,
}

/// How a stay in a queue ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StayEnd {
    /// An agent answered.
    Answered(AgentName),
    /// The caller hung up, or the line broke.
    HungUp,
    /// The flow went on: by a key, by the queue's rules, or because the service was stopped.
    WentOn,
}

/// A talk with an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Talk {
    /// The queue that the caller came from.
    pub(super) queue: Option<QueueName>,
    pub(super) agent: AgentName,
    pub(super) from_ms: u64,
    pub(super) to_ms: u64,
}

/// An agent's phone that was rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) agent: AgentName,
    pub(super) at_ms: u64,
    /// Since when the caller had been waiting.
    pub(super) joined_ms: u64,
}

/// One line of a story, as far as queues and agents are in it.
#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Joined(&'a str),
    Refused(&'a str),
    Ringing(&'a str),
    Missed,
    Connected(&'a str),
    TalkEnded(&'a str),
    WentOn,
    Ended(&'a str),
}

impl<'a> Line<'a> {
    fn read(what: &'a str) -> Option<Self> {
        // Names may hold spaces; the words after them may not.
        let before_last = |text: &'a str| text.rsplit_once(' ').map(|(name, _)| name);
        let (verb, rest) = what.split_once(' ')?;
        match verb {
            "joined" => rest.rsplit_once(" at ").map(|(queue, _)| Self::Joined(queue)),
            "refused" => before_last(rest).map(Self::Refused),
            "ringing" => Some(Self::Ringing(rest)),
            "missed" => Some(Self::Missed),
            "connected" => Some(Self::Connected(rest)),
            "talk" => rest.strip_prefix("ended ").map(Self::TalkEnded),
            "step" => Some(Self::WentOn),
            // Quiet hours are told in the queue, and who goes on waiting has said so.
            "took" => (!matches!(rest, "quiet-hours" | "continue")).then_some(Self::WentOn),
            "ended" => before_last(rest).map(Self::Ended),
            _ => None,
        }
    }
}

fn lines(steps: &[StepLine]) -> impl Iterator<Item = (u64, Line<'_>)> {
    steps.iter().filter_map(|step| Some((step.at_ms, Line::read(&step.what)?)))
}

/// The stays in queues, in order.
pub(super) fn stays(steps: &[StepLine]) -> Vec<Stay> {
    let mut stays = Vec::new();
    let mut open: Option<Stay> = None;
    for (at, line) in lines(steps) {
        let end = match line {
            Line::Joined(queue) => {
                let (queue, end) = (queue.into(), StayEnd::WentOn);
                let stay = Stay { queue, joined_ms: at, ended_ms: at, end: end.clone(), rung_ms: None };
                stays.extend(open.replace(stay).map(|stay| Stay { ended_ms: at, end, ..stay }));
                continue;
            }
            Line::Ringing(_) => {
                if let Some(stay) = &mut open {
                    stay.rung_ms.get_or_insert(at);
                }
                continue;
            }
            Line::Missed => {
                if let Some(stay) = &mut open {
                    stay.rung_ms = None;
                }
                continue;
            }
            Line::TalkEnded(_) => continue,
            Line::Connected(agent) => StayEnd::Answered(agent.into()),
            Line::Refused(_) | Line::WentOn => StayEnd::WentOn,
            Line::Ended(by) => {
                if matches!(by, "caller" | "peer") {
                    StayEnd::HungUp
                } else {
                    StayEnd::WentOn
                }
            }
        };
        stays.extend(open.take().map(|stay| Stay { ended_ms: at, end, ..stay }));
    }
    stays
}

/// The last queue that did not take the caller, or gave the caller back.
pub(super) fn refused_by(steps: &[StepLine]) -> Option<QueueName> {
    let refused = lines(steps).filter_map(|(_, line)| match line {
        Line::Refused(queue) => Some(queue.into()),
        _ => None,
    });
    refused.last()
}

/// The talks that have ended.
pub(super) fn talks(steps: &[StepLine]) -> Vec<Talk> {
    let mut talks = Vec::new();
    let mut queue: Option<QueueName> = None;
    let mut open: Vec<(AgentName, u64)> = Vec::new();
    for (at, line) in lines(steps) {
        match line {
            Line::Joined(name) => queue = Some(name.into()),
            Line::Connected(agent) => open.push((agent.into(), at)),
            Line::TalkEnded(agent) => {
                if let Some(at_open) = open.iter().position(|(talking, _)| talking.as_str() == agent) {
                    let (agent, from_ms) = open.swap_remove(at_open);
                    talks.push(Talk { queue: queue.clone(), agent, from_ms, to_ms: at });
                }
            }
            Line::Refused(_) | Line::Ringing(_) | Line::Missed | Line::WentOn | Line::Ended(_) => {}
        }
    }
    talks
}

/// The agents' phones that were rung for a waiting caller.
pub(super) fn rings(steps: &[StepLine]) -> Vec<Ring> {
    let mut rings = Vec::new();
    let mut joined: Option<u64> = None;
    for (at, line) in lines(steps) {
        match line {
            Line::Joined(_) => joined = Some(at),
            Line::Ringing(agent) => {
                rings.extend(joined.map(|joined_ms| Ring { agent: agent.into(), at_ms: at, joined_ms }));
            }
            Line::Refused(_) | Line::Connected(_) | Line::WentOn | Line::Ended(_) => joined = None,
            Line::Missed | Line::TalkEnded(_) => {}
        }
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{By, Ending, Happened};
    use crate::engine::Note;
    use crate::queue::Missed;

    /// What the recorder would write.
    fn told(events: &[(u64, Happened)]) -> Vec<StepLine> {
        let line = |(at_ms, what): &(u64, Happened)| Some(StepLine { at_ms: *at_ms, what: what.story()? });
        events.iter().filter_map(line).collect()
    }

    fn joined(rank: usize) -> Happened {
        Happened::Joined { queue: "france services/agents".into(), rank }
    }

    fn stay(from: u64, to: u64, end: StayEnd, rung_ms: Option<u64>) -> Stay {
        Stay { queue: "france services/agents".into(), joined_ms: from, ended_ms: to, end, rung_ms }
    }

    fn ended(by: By) -> Happened {
        Happened::Ended(Ending { by, why: "hangup" })
    }

    #[test]
    fn what_the_recorder_writes_is_read_back() {
        let amina = || AgentName::from("amina");
        let steps = told(&[
            (900, Happened::Flow(Note::Step { name: "attente".into() })),
            (1_000, joined(2)),
            (2_000, Happened::Ringing { agent: "jean marc".into() }),
            (9_000, Happened::Missed { agent: "jean marc".into(), why: Missed::NoAnswer }),
            (9_500, Happened::Flow(Note::Took { offer: "quiet-hours" })),
            (10_000, Happened::Ringing { agent: amina() }),
            (12_000, Happened::Connected { agent: amina() }),
            (72_000, Happened::TalkEnded { agent: amina(), by: By::Agent }),
            (73_000, Happened::Flow(Note::Step { name: "avis".into() })),
            (80_000, ended(By::Flow)),
        ]);
        assert_eq!(stays(&steps), [stay(1_000, 12_000, StayEnd::Answered(amina()), Some(10_000))]);
        let queue = Some("france services/agents".into());
        assert_eq!(talks(&steps), [Talk { queue, agent: amina(), from_ms: 12_000, to_ms: 72_000 }]);
        let jean = Ring { agent: "jean marc".into(), at_ms: 2_000, joined_ms: 1_000 };
        assert_eq!(rings(&steps), [jean, Ring { agent: amina(), at_ms: 10_000, joined_ms: 1_000 }]);
    }

    #[test]
    fn who_hangs_up_has_given_up_and_who_goes_on_has_not() {
        let step = || Happened::Flow(Note::Step { name: "message".into() });
        let refused = || Happened::Refused { queue: "france services/agents".into(), why: "too-long" };
        let took = || Happened::Flow(Note::Took { offer: "callback" });
        for (last, end) in [
            (ended(By::Caller), StayEnd::HungUp),
            (ended(By::Peer), StayEnd::HungUp),
            (ended(By::Us), StayEnd::WentOn),
            (step(), StayEnd::WentOn),
            (refused(), StayEnd::WentOn),
            (took(), StayEnd::WentOn),
        ] {
            assert_eq!(stays(&told(&[(5, joined(1)), (60, last)])), [stay(5, 60, end, None)]);
        }
        assert_eq!(refused_by(&told(&[(5, refused())])), Some("france services/agents".into()));
    }

    #[test]
    fn a_story_in_other_words_teaches_nothing() {
        let steps = ["joined", "joined x", "talk", "ended", "", "refused", "connected"];
        let steps: Vec<_> = steps.iter().map(|what| StepLine { at_ms: 0, what: (*what).to_owned() }).collect();
        assert!(stays(&steps).is_empty() && talks(&steps).is_empty() && rings(&steps).is_empty());
    }
}
