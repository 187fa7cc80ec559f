//! The book against a small model of the world, with a crash between any two steps: writes,
//! offers, dials, answers and talks come in any order, and any of them may be the last thing
//! that a run of the service does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use proptest::prelude::*;

mod phoning;

use phoning::Caller;

use super::tests::{allowed, wish};
use super::{Asker, Book, By, DialogName, Input, Outcome, Output, Reason, Rules, Ticket, TicketState};
use crate::base::{AgentName, CallId, Instant, Now, Private, TicketId, WallTime};

/// One step of the world. Which ticket it concerns is the number modulo how many there are.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(u8),
    AskForSlot(u8),
    /// The oldest write reaches the disk.
    Written,
    /// The disk refuses the oldest write.
    NotWritten,
    Offer(u8),
    AgentAccepts(u8),
    AgentMissed(u8),
    CitizenAnswers(u8),
    CitizenFails(u8, Outcome),
    TalkEnds(u8),
    Cancel(u8),
    /// A citizen phones in and is recognised.
    Looks(u8),
    GetsPlace(u8),
    GetsThrough(u8),
    HangsUp(u8),
    CallerGone(u8),
    Lost(u8),
    Wait(u16),
    /// The service is killed; so many of the pending writes have reached the disk.
    Crash(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        Just(Outcome::Busy),
        Just(Outcome::NoAnswer),
        Just(Outcome::OutOfService),
        Just(Outcome::Refused),
        Just(Outcome::Stopped),
        Just(Outcome::NoLine),
    ];
    prop_oneof![
        4 => any::<u8>().prop_map(Step::Ask),
        1 => any::<u8>().prop_map(Step::AskForSlot),
        12 => Just(Step::Written),
        1 => Just(Step::NotWritten),
        6 => any::<u8>().prop_map(Step::Offer),
        6 => any::<u8>().prop_map(Step::AgentAccepts),
        1 => any::<u8>().prop_map(Step::AgentMissed),
        6 => any::<u8>().prop_map(Step::CitizenAnswers),
        2 => (any::<u8>(), outcome).prop_map(|(n, why)| Step::CitizenFails(n, why)),
        4 => any::<u8>().prop_map(Step::TalkEnds),
        1 => any::<u8>().prop_map(Step::Cancel),
        3 => any::<u8>().prop_map(Step::Looks),
        1 => any::<u8>().prop_map(Step::GetsPlace),
        1 => any::<u8>().prop_map(Step::GetsThrough),
        3 => any::<u8>().prop_map(Step::HangsUp),
        1 => any::<u8>().prop_map(Step::CallerGone),
        1 => any::<u8>().prop_map(Step::Lost),
        4 => (0_u16..1200).prop_map(Step::Wait),
        3 => any::<u8>().prop_map(Step::Crash),
    ]
}

/// What is being done for a ticket outside the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Live {
    AgentRings,
    /// The agent has accepted; the attempt is not on the disk yet.
    Accepted,
    Dialled(u32),
    Answered(u32),
    Talking(u32),
}

struct World {
    book: Book,
    now: Now,
    disk: BTreeMap<TicketId, Ticket>,
    writes: VecDeque<Ticket>,
    line: BTreeSet<TicketId>,
    live: BTreeMap<TicketId, Live>,
    promised: BTreeSet<TicketId>,
    /// The attempts at which a citizen picked up.
    answered: BTreeSet<(TicketId, u32)>,
    /// Those that a crash cut off between the citizen's answer and the disk.
    gaps: BTreeSet<(TicketId, u32)>,
    /// Nobody who was being called may be dialled before this.
    guard: BTreeMap<TicketId, Instant>,
    disk_failed: bool,
    calls: u64,
    /// Who is on the phone with us.
    callers: Vec<Caller>,
    /// The tickets that a call of their citizen may end.
    settled: BTreeSet<TicketId>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            book: Book::new(Rules::default(), TicketId(1)),
            now: Now { wall: WallTime::from_millis(1_795_510_800_000), ..Now::default() },
            disk: BTreeMap::new(),
            writes: VecDeque::new(),
            line: BTreeSet::new(),
            live: BTreeMap::new(),
            promised: BTreeSet::new(),
            answered: BTreeSet::new(),
            gaps: BTreeSet::new(),
            guard: BTreeMap::new(),
            disk_failed: false,
            calls: 0,
            callers: Vec::new(),
            settled: BTreeSet::new(),
        };
        world.start();
        world
    }

    /// The service starts, with what the disk has.
    fn start(&mut self) {
        let first = self.disk.keys().next_back().map_or(1, |id| id.0 + 1);
        self.book = Book::new(Rules::default(), TicketId(first));
        self.tell(Input::Hours { queue: "a".into(), allowed: allowed("Mo-Fr 09:00-17:00") });
        for ticket in self.disk.clone().into_values() {
            self.tell(Input::Restored(ticket));
        }
        self.tell(Input::Ready);
    }

    fn tell(&mut self, input: Input) {
        self.book.handle(self.now, input);
        while let Some(output) = self.book.poll() {
            self.hear(output);
        }
    }

    fn on_disk(&self, id: TicketId) -> (TicketState, u32) {
        let ticket = &self.disk[&id];
        (ticket.state, ticket.attempt())
    }

    fn hear(&mut self, output: Output) {
        match output {
            Output::Keep(ticket) => self.writes.push_back(*ticket),
            Output::Promise { ticket, .. } => {
                assert!(self.disk.contains_key(&ticket), "{ticket} is promised and not on the disk");
                self.promised.insert(ticket);
            }
            Output::Join(line) => assert!(self.line.insert(line.ticket), "in line twice"),
            Output::Leave { ticket } => {
                self.line.remove(&ticket);
            }
            Output::Ring { ticket, .. } => {
                assert_eq!(self.live.insert(ticket.id, Live::AgentRings), None, "two live attempts");
            }
            Output::Dial { ticket, nth } => {
                assert_eq!(self.on_disk(ticket), (TicketState::Dialling, nth), "dialled before it is written");
                assert_eq!(self.live.insert(ticket, Live::Dialled(nth)), Some(Live::Accepted));
                let guard = self.guard.get(&ticket).copied().unwrap_or_default();
                assert!(self.now.mono >= guard, "{ticket} is dialled within the guard time");
                let number = self.disk[&ticket].number.clone();
                let same = |id: &TicketId| *id != ticket && self.disk[id].number == number;
                let twice = self.live.iter().any(|(id, live)| same(id) && *live != Live::AgentRings);
                assert!(!twice, "a number is called twice at once");
                let phones = self.callers.iter().any(|caller| caller.keeps_off(ticket, self.now));
                assert!(!phones, "a citizen who is on the phone is called");
            }
            Output::Bridge { ticket, nth } => {
                let written = self.on_disk(ticket) == (TicketState::Connected, nth);
                assert!(written || self.disk_failed, "bridged before it is written");
                assert_eq!(self.live.insert(ticket, Live::Talking(nth)), Some(Live::Answered(nth)));
            }
            Output::Stop { ticket } => self.stop(ticket),
            Output::EndOld { ticket, .. } => {
                self.guard.insert(ticket, self.now.mono + Rules::default().guard);
            }
            Output::Refused { .. }
            | Output::Known { .. }
            | Output::Diary { .. }
            | Output::Cancelled { .. }
            | Output::Arrived { .. }
            | Output::TakesPlace { .. } => {}
        }
    }

    /// What is being done for a ticket ends, as the call that does it would.
    fn stop(&mut self, id: TicketId) {
        if let Some(Live::Dialled(nth)) = self.live.remove(&id) {
            self.tell(Input::Failed { ticket: id, nth, why: Outcome::Stopped, not_before: None });
        }
    }

    fn pick(&self, n: u8, wanted: impl Fn(&Live) -> bool) -> Option<(TicketId, Live)> {
        let fit: Vec<_> = self.live.iter().filter(|(_, live)| wanted(live)).collect();
        fit.get(usize::from(n) % fit.len().max(1)).map(|(id, live)| (**id, **live))
    }

    fn open(&self, n: u8) -> Option<TicketId> {
        let open: Vec<TicketId> = self.book.tickets().map(|ticket| ticket.id).collect();
        open.get(usize::from(n) % open.len().max(1)).copied()
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Ask(n) | Step::AskForSlot(n) => {
                self.calls += 1;
                let mut wish = wish(Asker::Call(CallId(self.calls)), &format!("061234567{}", n % 5), self.now);
                if matches!(step, Step::AskForSlot(_)) {
                    let from = self.now.wall + Duration::from_secs(600);
                    wish.when = super::When::Slot { from, to: from + Duration::from_secs(3600) };
                }
                self.tell(Input::Ask(wish));
            }
            Step::Written => self.written(),
            Step::NotWritten => {
                if let Some(ticket) = self.writes.pop_front() {
                    self.disk_failed = true;
                    self.tell(Input::NotKept { ticket: ticket.id, version: ticket.version });
                }
            }
            Step::Offer(_)
            | Step::AgentAccepts(_)
            | Step::AgentMissed(_)
            | Step::CitizenAnswers(_)
            | Step::CitizenFails(..)
            | Step::TalkEnds(_) => self.take_call(step),
            Step::Cancel(n) => {
                if let Some(ticket) = self.open(n) {
                    self.tell(Input::Cancel { asker: Asker::Request(7), ticket, by: By::Api });
                }
            }
            Step::Looks(_) | Step::GetsPlace(_) | Step::GetsThrough(_) | Step::HangsUp(_) => self.take_caller(step),
            Step::CallerGone(n) => {
                let call = self.calls.saturating_sub(u64::from(n % 3));
                if !self.promised.iter().any(|id| self.disk[id].reason == Private::new(Some(call.to_string()))) {
                    self.tell(Input::Forget { asker: Asker::Call(CallId(call)) });
                }
            }
            Step::Lost(n) => {
                if let Some((ticket, _)) = self.pick(n, |_| true) {
                    self.live.remove(&ticket);
                    self.tell(Input::Lost { ticket });
                }
            }
            Step::Wait(seconds) => {
                self.now = self.now + Duration::from_secs(seconds.into());
                self.tell(Input::Tick);
            }
            Step::Crash(written) => {
                for _ in 0..usize::from(written) % (self.writes.len() + 1) {
                    self.reach_disk();
                }
                self.writes.clear();
                self.live.clear();
                self.callers.clear();
                self.note_gaps();
                self.line.clear();
                self.start();
            }
        }
    }

    /// What agents' and citizens' phones do.
    fn take_call(&mut self, step: Step) {
        let agent = AgentName::from("amina");
        match step {
            Step::Offer(n) => {
                let waiting: Vec<TicketId> =
                    self.line.iter().filter(|id| !self.live.contains_key(id)).copied().collect();
                if let Some(ticket) = waiting.get(usize::from(n) % waiting.len().max(1)) {
                    self.tell(Input::Offered { ticket: *ticket, agent });
                }
            }
            Step::AgentAccepts(n) => {
                if let Some((ticket, _)) = self.pick(n, |live| *live == Live::AgentRings) {
                    self.live.insert(ticket, Live::Accepted);
                    self.tell(Input::Accepted { ticket, agent, dialog: dialog(self.calls) });
                }
            }
            Step::AgentMissed(n) => {
                if let Some((ticket, _)) = self.pick(n, |live| *live == Live::AgentRings) {
                    self.live.remove(&ticket);
                    self.tell(Input::Missed { ticket, agent });
                }
            }
            Step::CitizenAnswers(n) => {
                if let Some((ticket, Live::Dialled(nth))) = self.pick(n, |live| matches!(live, Live::Dialled(_))) {
                    self.answered.insert((ticket, nth));
                    self.live.insert(ticket, Live::Answered(nth));
                    self.tell(Input::Answered { ticket, nth });
                }
            }
            Step::CitizenFails(n, why) => {
                if let Some((ticket, Live::Dialled(nth))) = self.pick(n, |live| matches!(live, Live::Dialled(_))) {
                    self.live.remove(&ticket);
                    self.tell(Input::Failed { ticket, nth, why, not_before: None });
                }
            }
            Step::TalkEnds(n) => {
                if let Some((ticket, Live::Talking(nth))) = self.pick(n, |live| matches!(live, Live::Talking(_))) {
                    self.live.remove(&ticket);
                    self.tell(Input::TalkEnded { ticket, nth });
                }
            }
            _ => {}
        }
    }

    /// What is cut off after the citizen's answer and before the disk knows is redone.
    fn note_gaps(&mut self) {
        let dialling = self.disk.values().filter(|ticket| ticket.state == TicketState::Dialling);
        let gaps = dialling.map(|ticket| (ticket.id, ticket.attempt())).filter(|gap| self.answered.contains(gap));
        self.gaps.extend(gaps.collect::<Vec<_>>());
    }

    fn reach_disk(&mut self) -> Option<Ticket> {
        let ticket = self.writes.pop_front()?;
        let newer = self.disk.get(&ticket.id).is_none_or(|old| old.version <= ticket.version);
        assert!(newer, "an older version is written over a newer one");
        self.disk.insert(ticket.id, ticket.clone());
        Some(ticket)
    }

    fn written(&mut self) {
        if let Some(ticket) = self.reach_disk() {
            self.tell(Input::Kept { ticket: ticket.id, version: ticket.version });
        }
    }

    /// From now on everything works, for some days.
    fn come_to_rest(&mut self) {
        while !self.callers.is_empty() {
            self.take(Step::HangsUp(0));
        }
        for _ in 0..2000 {
            if self.book.tickets().count() == 0 {
                return;
            }
            while !self.writes.is_empty() {
                self.written();
            }
            for step in [Step::Offer(0), Step::AgentAccepts(0), Step::Written, Step::CitizenAnswers(0), Step::Written] {
                self.take(step);
            }
            self.take(Step::TalkEnds(0));
            self.take(Step::Wait(300));
        }
    }

    fn judge(&self) {
        assert_eq!(self.book.tickets().count(), 0, "nothing is left open");
        for id in &self.promised {
            let ticket = &self.disk[id];
            let of = |all: &BTreeSet<(TicketId, u32)>| all.iter().filter(|(other, _)| other == id).count();
            let (answered, gaps) = (of(&self.answered), of(&self.gaps));
            assert!(answered <= 1 + gaps, "{id}: {answered} calls, {gaps} crashes in the gap");
            assert!(gaps <= ticket.redialled as usize, "{id}: {gaps} gaps, {} counted", ticket.redialled);
            match ticket.ended {
                Some(Reason::Talked) => assert!(answered >= 1, "{id} was never called"),
                Some(Reason::PhonedIn) => assert!(self.settled.contains(id), "{id} is over before its time"),
                Some(Reason::NotReached(_) | Reason::Cancelled(_) | Reason::Expired) => {}
                Some(Reason::Served | Reason::NotWritten) | None => panic!("{id} is lost: {:?}", ticket.state),
            }
        }
    }
}

fn dialog(n: u64) -> DialogName {
    DialogName { call_id: format!("c{n}"), from_tag: "f".into(), branch: "b".into(), to_tag: None }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_promise_is_lost_and_nobody_is_called_twice(steps in prop::collection::vec(step(), 0..250)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        world.come_to_rest();
        world.judge();
    }
}
