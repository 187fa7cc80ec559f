//! An agent's phone sends the caller on (REFER): to another agent, to a queue, to a number.

use std::time::Duration;

use super::leg::Leg;
use super::machine::Call;
use super::sides::{Move, Who};
use super::waiting::{Entered, Queued};
use super::{By, Happened, Output, TransferTo};
use crate::base::{AgentName, LegId, Now, PhoneNumber, QueueName};
use crate::media::{self, Port};
use crate::queue::{self, Join, Parted};
use crate::service::is_premium;
use crate::sip::{self, Incoming, Referral, Taking};

/// A caller who is being sent on.
#[derive(Debug)]
pub(super) struct Handing {
    /// The agent who wants it.
    by: AgentName,
    /// The agent's leg, for as long as it is there.
    from: Option<LegId>,
    goal: Goal,
    /// The leg that is rung for it.
    rung: Option<LegId>,
    /// The queue that the caller came from.
    back: Option<QueueName>,
    /// Where it is the other phone that has come.
    came: Option<Came>,
    /// Who sends the caller on, in the words of the agent's phone (RFC 3892).
    referred_by: Option<String>,
}

/// A phone that has called to take the place of the agent's.
#[derive(Clone, Debug)]
pub(super) struct Came {
    /// Its offer, where it made one.
    pub(super) offer: Option<String>,
}

/// Where the caller is sent.
#[derive(Clone, Debug, PartialEq)]
enum Goal {
    /// To an agent, whose phone may have spoken with the first one's already.
    Agent(AgentName, Option<Taking>),
    Queue(QueueName),
    Number(PhoneNumber),
}

impl Call {
    /// The phone of an agent asks for it. Whatever is refused is refused before anything happens.
    pub(super) fn on_referred(&mut self, now: Now, leg: LegId, referral: &Referral) {
        let by = self.sides.of(leg).filter(|side| side.is_talking()).and_then(|side| side.agent().cloned());
        let goal = match &by {
            Some(by) if self.handing.is_none() => self.goal(by, referral),
            // A caller, or who is being told who calls, sends nobody anywhere.
            Some(_) | None => Err(403),
        };
        let (by, goal) = match (by, goal) {
            (Some(by), Ok(goal)) => (by, goal),
            (_, Err(status)) => return self.sip(sip::Command::RefuseRefer { leg, status }),
            (None, Ok(_)) => return,
        };
        self.sip(sip::Command::AcceptRefer { leg });
        let to = match &goal {
            Goal::Agent(agent, _) => format!("agent {agent}"),
            Goal::Queue(queue) => format!("queue {queue}"),
            Goal::Number(_) => "a number".to_owned(),
        };
        self.event(now, Happened::Handing { by: by.clone(), to });
        self.hold_music();
        let back = self.queued.as_ref().map(|queued| queued.queue.clone());
        let referred_by = referral.referred_by.as_ref().map(|by| by.reveal().clone());
        let handing = Handing { by, from: Some(leg), goal: goal.clone(), rung: None, back, came: None, referred_by };
        self.handing = Some(Box::new(handing));
        match goal {
            Goal::Agent(agent, _) => self.board(queue::Input::Hand { who: self.id.into(), agent }),
            Goal::Queue(queue) => {
                self.board(queue::Input::Send(Join { since: self.brief.since, ..Join::new(self.id, queue) }));
            }
            Goal::Number(number) => self.ring_for_handing(now, Who::Handed(number), RING),
        }
    }

    /// The phone of an agent wants to take the place of another's, who has asked it to.
    pub(super) fn on_replaced(&mut self, now: Now, incoming: Incoming) {
        let (leg, from) = (incoming.leg, incoming.replaces);
        let side = from.and_then(|from| self.sides.of(from)).filter(|side| side.is_talking());
        let by = side.and_then(|side| side.agent().cloned());
        let may = self.handing.is_none() && self.settings.transfers.to.contains(&TransferTo::Agents);
        let (Some(by), Some(to), true) = (by, incoming.agent, may) else {
            return self.sip(sip::Command::Reject { leg, status: 403, retry_after: None });
        };
        self.event(now, Happened::Handing { by: by.clone(), to: format!("agent {to}") });
        self.sides.adopt(leg, Who::Agent(to.clone()));
        let back = self.queued.as_ref().map(|queued| queued.queue.clone());
        let (goal, came) = (Goal::Agent(to, None), Some(Came { offer: incoming.offer }));
        self.handing = Some(Box::new(Handing { by, from, goal, rung: Some(leg), back, came, referred_by: None }));
        self.outputs.push_back(Output::OpenMedia { leg });
    }

    /// What came with a phone that has called, if it is this one.
    pub(super) fn came(&self, leg: LegId) -> Option<Came> {
        self.handing.as_ref().filter(|handing| handing.rung == Some(leg))?.came.clone()
    }

    /// Answers a phone that has called: it has the caller.
    pub(super) fn answer_side(&mut self, now: Now, leg: LegId, local: Option<Port>, offer: Option<String>) {
        let mut own = local.map(|local| Leg::new(leg, local));
        let sdp = match (&mut own, offer) {
            (Some(own), Some(offer)) => own.answer(&offer).map_err(|_| 488),
            (Some(own), None) => Ok(own.offer(None)),
            (None, _) => Err(503),
        };
        let sdp = match sdp {
            Ok(sdp) => sdp,
            Err(status) => {
                self.sip(sip::Command::Reject { leg, status, retry_after: None });
                return self.on_side_failed(now, leg, status);
            }
        };
        let stream = own.as_ref().and_then(|own| own.stream.clone());
        if let Some(side) = self.sides.of_mut(leg) {
            side.leg = own;
            side.turn(Move::Invited);
        }
        self.sip(sip::Command::Answer { leg, sdp });
        if let Some(stream) = stream {
            self.media(media::Command::Connect { leg, stream: *stream });
        }
        self.take(now, leg);
    }

    /// Where the caller would be sent, if it is allowed.
    fn goal(&self, by: &AgentName, referral: &Referral) -> Result<Goal, u16> {
        let may = |to| self.settings.transfers.to.contains(&to);
        let to = referral.to.reveal().as_str();
        if let Some(agent) = self.settings.agent(to) {
            let taking = match (referral.known, &referral.replaces) {
                (Some(leg), _) => Some(Taking::Partner(leg)),
                (None, replaces) => replaces.clone().map(Taking::Named),
            };
            let allowed = may(TransferTo::Agents) && agent != by;
            return if allowed { Ok(Goal::Agent(agent.clone(), taking)) } else { Err(403) };
        }
        if referral.replaces.is_some() {
            return Err(403);
        }
        let named = [format!("{}/{to}", self.program.service), to.to_owned()];
        let queue = named.into_iter().find_map(|name| self.program.queue(&QueueName::from(name.as_str())));
        if let Some(queue) = queue {
            return if may(TransferTo::Queues) { Ok(Goal::Queue(queue.name.clone())) } else { Err(403) };
        }
        let number = PhoneNumber::parse(to).map_err(|_| 404_u16)?;
        let allowed = !is_premium(&number) && sip::is_listed(&number, &self.settings.transfers.numbers);
        if allowed { Ok(Goal::Number(number)) } else { Err(403) }
    }

    fn ring_for_handing(&mut self, now: Now, who: Who, ring: Duration) {
        let leg = self.ring(now, who, ring);
        if let Some(handing) = &mut self.handing {
            handing.rung = Some(leg);
        }
    }

    /// The board rings the agent that a caller is sent to; `false` when the offer is for something else.
    pub(super) fn on_handing_offer(&mut self, now: Now, agent: &AgentName, ring: Duration) -> bool {
        let wanted = self.handing.as_ref().is_some_and(|handing| {
            handing.rung.is_none() && matches!(&handing.goal, Goal::Agent(wanted, _) if wanted == agent)
        });
        if wanted {
            self.ring_for_handing(now, Who::Agent(agent.clone()), ring);
        }
        wanted
    }

    /// The agent is not free. Who has just spoken with the first one waits for the caller all the same.
    pub(super) fn on_busy(&mut self, now: Now, agent: &AgentName) {
        let Some(Goal::Agent(wanted, taking)) = self.handing.as_ref().map(|handing| handing.goal.clone()) else {
            return;
        };
        match taking {
            _ if wanted != *agent => {}
            Some(_) => self.ring_for_handing(now, Who::Agent(wanted), RING),
            None => self.hand_back(now, 486),
        }
    }

    /// The INVITE to a phone.
    pub(super) fn invitation(&self, leg: LegId, to: sip::Target, from: sip::Identity, sdp: String) -> sip::Command {
        let handing = self.handing.as_ref().filter(|handing| handing.rung == Some(leg));
        match handing.map(|handing| (&handing.goal, &handing.referred_by)) {
            Some((Goal::Agent(_, taking), referred_by)) if matches!(to, sip::Target::Agent(_)) => {
                let (taking, referred_by) = (taking.clone(), referred_by.clone());
                sip::Command::InviteInPlace { leg, to, from, sdp, taking, referred_by }
            }
            _ => sip::Command::Invite { leg, to, from, sdp },
        }
    }

    /// The phone that is rung for it rings.
    pub(super) fn on_handing_rings(&mut self, leg: LegId) {
        if self.handing.as_ref().is_some_and(|handing| handing.rung == Some(leg)) {
            self.tell_referrer(180);
        }
    }

    /// Whoever answers now has the caller: the first agent has done it; `false` when nobody was
    /// to be sent there.
    pub(super) fn handed_over(&mut self, now: Now, leg: LegId) -> bool {
        let Some(handing) = self.handing.take_if(|handing| handing.rung == Some(leg)) else { return false };
        self.event(now, Happened::Handed { by: handing.by.clone() });
        self.release(now, &handing);
        if matches!(handing.goal, Goal::Number(_)) {
            self.queued = None;
            self.board(queue::Input::TalkEnded { who: self.id.into(), agent: handing.by });
        }
        true
    }

    /// Whether the caller is being sent to a queue.
    pub(super) fn is_handed_to_queue(&self) -> bool {
        self.handing.as_ref().is_some_and(|handing| matches!(handing.goal, Goal::Queue(_)))
    }

    /// The queue that the caller was sent to has the caller.
    pub(super) fn on_handed_to_queue(&mut self, now: Now) {
        let Some(handing) = self.handing.take_if(|handing| matches!(handing.goal, Goal::Queue(_))) else { return };
        let Goal::Queue(queue) = handing.goal.clone() else { return };
        self.event(now, Happened::Handed { by: handing.by.clone() });
        self.release(now, &handing);
        self.queued = Some(Queued { queue, entered: Entered::Asked, rung: false });
    }

    /// Lets the first agent go, whose part is done.
    fn release(&mut self, now: Now, handing: &Handing) {
        let Some(leg) = handing.from else { return };
        self.sip(sip::Command::ReferProgress { leg, status: 200 });
        self.close_side_for(now, leg, Some(sip::Reason::NORMAL));
        self.event(now, Happened::TalkEnded { agent: handing.by.clone(), by: By::Agent });
    }

    /// It could not be done: the caller goes back to the agent, who is told; or, if the agent has
    /// gone, to the front of the queue.
    pub(super) fn hand_back(&mut self, now: Now, status: u16) {
        let Some(handing) = self.handing.take() else { return };
        self.event(now, Happened::HandingFailed { by: handing.by.clone(), status });
        match (handing.from, handing.goal) {
            (Some(leg), _) => {
                self.sip(sip::Command::ReferProgress { leg, status });
                self.hear_each_other();
            }
            // The queue has had the caller since the agent went.
            (None, Goal::Agent(..)) => {}
            (None, Goal::Queue(_) | Goal::Number(_)) => {
                if let Some(queue) = handing.back {
                    self.join(now, queue, Vec::new(), 0);
                }
            }
        }
    }

    /// A phone could not be had; whether it was the one that is rung for it.
    pub(super) fn on_handing_missed(&mut self, now: Now, leg: LegId, status: u16) {
        if self.handing.as_ref().is_some_and(|handing| handing.rung == Some(leg)) {
            self.hand_back(now, status);
        }
    }

    /// The agent hangs up, or vanishes, before it is done; `false` when nothing was under way.
    /// The caller waits for whoever is rung, at the front of the queue that the caller came from.
    pub(super) fn on_referrer_gone(&mut self, now: Now, leg: LegId, by: By) -> bool {
        let Some(handing) = self.handing.as_mut().filter(|handing| handing.from == Some(leg)) else { return false };
        handing.from = None;
        let (agent, goal) = (handing.by.clone(), handing.goal.clone());
        self.close_side(now, leg);
        self.event(now, Happened::TalkEnded { agent: agent.clone(), by });
        self.hold_music();
        match (goal, &mut self.queued) {
            (Goal::Agent(..), Some(queued)) => {
                queued.entered = Entered::Asked;
                let queue = queued.queue.clone();
                self.board(queue::Input::Rejoin { who: self.id.into(), queue, why: Parted::Vanished });
            }
            (Goal::Number(_), _) => {
                self.queued = None;
                self.board(queue::Input::TalkEnded { who: self.id.into(), agent });
            }
            // The board lets the agent go when the other queue has the caller.
            (Goal::Agent(..) | Goal::Queue(_), _) => {}
        }
        true
    }

    fn tell_referrer(&mut self, status: u16) {
        if let Some(leg) = self.handing.as_ref().and_then(|handing| handing.from) {
            self.sip(sip::Command::ReferProgress { leg, status });
        }
    }
}

/// How long a phone rings that no queue has a time for.
const RING: Duration = Duration::from_secs(30);
