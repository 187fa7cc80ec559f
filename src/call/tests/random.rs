//! Any order of offers, answers, refusals, time-outs, keys and hang-ups: at most one talk,
//! every leg ended once, the board told once of each agent, no supervisor left behind.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::base::PlayId;
use crate::call::{Mode, WatchOrder, Watched};

const AGENTS: [&str; 4] = ["amina", "bruno", "claire", "david"];

/// What happens next; `n` chooses an agent or a leg.
#[derive(Clone, Copy, Debug)]
enum Event {
    Offer(usize),
    Withdraw(usize),
    Port { n: usize, free: bool },
    Answer(usize),
    Refuse(usize),
    End { n: usize, why: DialogEnd },
    Key { n: usize, key: char },
    Heard { n: usize, play: u64 },
    Pass(u64),
    Star,
    Again,
    Watch(Mode),
    Unwatch,
    Noticed,
}

fn event() -> impl Strategy<Value = Event> {
    let n = 0..8_usize;
    prop_oneof![
        6 => (0..4_usize).prop_map(Event::Offer),
        1 => (0..4_usize).prop_map(Event::Withdraw),
        6 => (n.clone(), prop::bool::weighted(0.9)).prop_map(|(n, free)| Event::Port { n, free }),
        5 => n.clone().prop_map(Event::Answer),
        2 => n.clone().prop_map(Event::Refuse),
        2 => (n.clone(), prop_oneof![Just(DialogEnd::Bye), Just(DialogEnd::Dead)])
            .prop_map(|(n, why)| Event::End { n, why }),
        3 => (n.clone(), prop_oneof![Just('1'), Just('5')]).prop_map(|(n, key)| Event::Key { n, key }),
        3 => (n, 1..4_u64).prop_map(|(n, play)| Event::Heard { n, play }),
        2 => (1..12_u64).prop_map(Event::Pass),
        1 => Just(Event::Star),
        1 => Just(Event::Again),
        2 => prop::sample::select(Mode::ALL.to_vec()).prop_map(Event::Watch),
        1 => Just(Event::Unwatch),
        2 => Just(Event::Noticed),
    ]
}

/// A supervisor's leg, of another call.
const ZOE: LegId = LegId(512);

/// What is known of one leg from what the call has said.
#[derive(Debug, Default)]
struct Leg {
    opened: bool,
    invited: bool,
    over: bool,
    ends: usize,
    closes: usize,
}

/// The board and the world around one call, as simple as they can be.
struct World {
    story: Story,
    legs: BTreeMap<LegId, Leg>,
    /// Agents who ring for the caller, as the board has it.
    rung: BTreeSet<&'static str>,
    talking: Option<AgentName>,
    waits: bool,
    bridged: Option<LegId>,
    /// A supervisor who was not told that it is over.
    watched: bool,
}

impl World {
    fn new() -> Self {
        let mut story = Story::of(Some(OFFER), Settings { whisper: Whisper::Wait, ..settings() });
        story.opened(CALLER);
        let story = story.in_queue();
        Self {
            story,
            legs: BTreeMap::new(),
            rung: BTreeSet::new(),
            talking: None,
            waits: true,
            bridged: None,
            watched: false,
        }
    }

    fn tell(&mut self, input: Input) {
        let late = match &input {
            Input::Sip(sip::Event::Answered { leg, .. }) => self.legs.get(leg).filter(|l| l.ends > 0).map(|_| *leg),
            _ => None,
        };
        self.story.call.handle(self.story.now, input);
        let mut answers = Vec::new();
        while let Some(output) = self.story.call.poll() {
            self.see(output, late, &mut answers);
        }
        if self.talking.is_some() {
            let up = self.legs.values().filter(|leg| leg.invited && leg.closes == 0).count();
            assert_eq!(
                up, 1,
                "one phone only from the turn in which somebody has the call, whatever the board says later"
            );
        }
        for answer in answers {
            self.tell(Input::Queue(answer));
        }
    }

    fn see(&mut self, output: Output, late: Option<LegId>, answers: &mut Vec<queue::Output>) {
        match output {
            Output::OpenMedia { leg } => {
                assert!(self.waits && self.talking.is_none(), "a leg is opened for nobody");
                let new = self.legs.insert(leg, Leg::default());
                assert!(new.is_none_or(|old| old.closes == 1 || !old.opened), "an id is given again too soon");
            }
            Output::Sip(sip::Command::Invite { leg, .. }) => {
                assert!(self.waits && self.talking.is_none(), "a phone rings for nobody");
                self.legs.get_mut(&leg).unwrap().invited = true;
            }
            Output::Sip(sip::Command::End { leg } | sip::Command::EndFor { leg, .. })
                if leg != CALLER && late != Some(leg) =>
            {
                self.legs.get_mut(&leg).unwrap().ends += 1;
            }
            Output::Media(media::Command::Close { leg }) if leg != CALLER => {
                self.legs.get_mut(&leg).unwrap().closes += 1;
                if self.bridged == Some(leg) {
                    self.bridged = None;
                }
            }
            Output::Media(media::Command::Hear { leg, sources }) => {
                assert!(sources.is_empty() || self.bridged.is_some(), "who is in no talk hears nobody");
                for leg in sources.into_iter().chain([leg]).filter(|leg| ![CALLER, ZOE].contains(leg)) {
                    assert_eq!(self.bridged, Some(leg), "only the one who talks is heard");
                }
            }
            Output::Watched { news: Watched::Over, .. } => {
                assert!(std::mem::take(&mut self.watched), "told twice that it is over");
            }
            Output::Media(media::Command::Bridge { with, .. }) => {
                // Once more when a supervisor has gone.
                assert!(self.bridged.replace(with).is_none_or(|before| before == with), "two talks");
                assert!(self.talking.is_some(), "the board was told before");
            }
            Output::Queue(input) => self.board(input, answers),
            Output::Ended(record) => self.story.record = Some(*record),
            _ => {}
        }
    }

    fn board(&mut self, input: queue::Input, answers: &mut Vec<queue::Output>) {
        let who = CallId(1).into();
        match input {
            queue::Input::Answered { agent, .. } => {
                assert!(self.talking.is_none() && self.rung.remove(agent.as_str()), "{agent} was not rung");
                self.talking = Some(agent);
                for other in std::mem::take(&mut self.rung) {
                    answers.push(queue::Output::Withdraw { who, agent: other.into() });
                }
            }
            queue::Input::Missed { agent, .. } => {
                assert!(self.rung.remove(agent.as_str()), "{agent} was not rung, or is told of twice");
            }
            queue::Input::TalkEnded { agent, .. } => {
                assert_eq!(self.talking.take(), Some(agent), "this talk was not, or is over");
                self.waits = false;
            }
            queue::Input::Rejoin { .. } => {
                assert!(self.talking.take().is_some());
                answers.push(queue::Output::Joined { who, rank: 1 });
            }
            queue::Input::Leave { .. } => {
                (self.waits, self.talking) = (false, None);
                self.rung.clear();
            }
            queue::Input::Join(_) => {
                self.waits = true;
                answers.push(queue::Output::Joined { who, rank: 1 });
            }
            _ => {}
        }
    }

    /// A leg that the network still knows.
    fn leg(&self, n: usize) -> Option<LegId> {
        let legs: Vec<LegId> = self.legs.iter().filter(|(_, l)| l.invited && !l.over).map(|(id, _)| *id).collect();
        legs.get(n % legs.len().max(1)).copied()
    }

    fn happen(&mut self, event: Event) {
        let who = CallId(1).into();
        match event {
            Event::Offer(n) => {
                let agent = AgentName::from(AGENTS[n]);
                let offer = queue::Output::Offer { who, agent: agent.clone(), ring: Duration::from_secs(20) };
                if self.waits && self.talking.as_ref().is_some_and(|talking| *talking != agent) {
                    // It has crossed the answer, of which the board hears now.
                    self.tell(Input::Queue(offer));
                    self.tell(Input::Queue(queue::Output::Withdraw { who, agent }));
                } else if self.waits && self.talking.is_none() && self.rung.insert(AGENTS[n]) {
                    self.tell(Input::Queue(offer));
                }
            }
            Event::Withdraw(n) => {
                if self.rung.remove(AGENTS[n]) {
                    self.tell(Input::Queue(queue::Output::Withdraw { who, agent: AGENTS[n].into() }));
                }
            }
            Event::Port { n, free } => self.port(n, free),
            Event::Answer(n) => self.on_leg(n, |leg| sip::Event::Answered { leg, sdp: OFFER.to_owned() }, false),
            Event::Refuse(n) => self.on_leg(n, |leg| sip::Event::Failed { leg, status: 486, later: None }, true),
            Event::End { n, why } => self.on_leg(n, |leg| sip::Event::Ended { leg, why }, true),
            Event::Key { n, key } => {
                if let Some(leg) = self.leg(n) {
                    let digit = Digit::from_char(key).unwrap();
                    self.tell(Input::Media(media::Event::Digit { leg, digit }));
                }
            }
            Event::Heard { n, play } => {
                if let Some(leg) = self.leg(n) {
                    self.tell(Input::Media(media::Event::Finished { leg, play: PlayId(play) }));
                }
            }
            Event::Pass(seconds) => {
                self.open_ports();
                self.story.now = self.story.now + Duration::from_secs(seconds);
                self.tell(Input::Tick);
            }
            // The hub answers for a call that is over.
            Event::Watch(_) if self.story.record.is_some() => {}
            Event::Watch(mode) => {
                // Whoever changes between talks is no bother; the hub knows one supervisor.
                let order = match (self.watched, &self.talking) {
                    (true, _) => WatchOrder::Change { leg: ZOE, mode },
                    (false, agent) => {
                        self.watched = true;
                        let agent = agent.clone().unwrap_or_else(|| "amina".into());
                        WatchOrder::Begin { leg: ZOE, agent, by: "zoe".into(), mode }
                    }
                };
                self.tell(Input::Watch(order));
            }
            Event::Unwatch => {
                self.watched = false;
                self.tell(Input::Watch(WatchOrder::End { leg: ZOE }));
            }
            Event::Noticed => {
                if let Some(leg) = self.bridged {
                    self.tell(Input::Media(media::Event::Finished { leg, play: PlayId(u64::MAX - 1) }));
                }
            }
            Event::Star => self.tell(Input::Media(media::Event::Digit { leg: CALLER, digit: Digit::STAR })),
            Event::Again => self.tell(Input::Media(media::Event::Digit { leg: CALLER, digit: Digit::ZERO })),
        }
    }

    fn port(&mut self, n: usize, free: bool) {
        let opening: Vec<LegId> = self.legs.iter().filter(|(_, l)| !l.opened).map(|(id, _)| *id).collect();
        let Some(leg) = opening.get(n % opening.len().max(1)).copied() else { return };
        let known = self.legs.get_mut(&leg).unwrap();
        known.opened = true;
        known.closes += usize::from(!free);
        let local = free.then(desk::port);
        self.tell(Input::MediaOpened { leg, local });
        let known = self.legs.get_mut(&leg).unwrap();
        known.closes = known.closes.min(1);
    }

    /// A port takes some microseconds: it is there before any time passes.
    fn open_ports(&mut self) {
        let opening: Vec<LegId> = self.legs.iter().filter(|(_, l)| !l.opened).map(|(id, _)| *id).collect();
        for leg in opening {
            self.legs.get_mut(&leg).unwrap().opened = true;
            self.tell(Input::MediaOpened { leg, local: Some(desk::port()) });
        }
    }

    fn on_leg(&mut self, n: usize, event: impl Fn(LegId) -> sip::Event, last: bool) {
        if let Some(leg) = self.leg(n) {
            self.legs.get_mut(&leg).unwrap().over |= last;
            self.tell(Input::Sip(event(leg)));
        }
    }
}

proptest! {
    #[test]
    fn at_most_one_talk_every_leg_ended_once_each_agent_told_once(events in prop::collection::vec(event(), 1..60)) {
        let mut world = World::new();
        for event in events {
            world.happen(event);
        }
        world.tell(Input::Sip(sip::Event::Ended { leg: CALLER, why: DialogEnd::Bye }));
        world.open_ports();
        world.tell(Input::Media(media::Event::Closed { leg: CALLER, stats: LegStats::default() }));
        prop_assert!(world.story.record.is_some(), "the record comes");
        prop_assert!(world.talking.is_none() && !world.waits, "the board knows that it is over");
        prop_assert!(!world.watched, "the supervisor knows that it is over");
        for (id, leg) in &world.legs {
            prop_assert_eq!(leg.closes, 1, "{} {:?}", id, leg);
            prop_assert_eq!(leg.ends, usize::from(leg.invited), "{} {:?}", id, leg);
        }
        prop_assert_eq!(world.story.call.deadline(), None);
    }
}
