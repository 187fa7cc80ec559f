use std::collections::BTreeMap;

use super::*;
use crate::sip::{Command, Event, Identity, Input, Message, Output, Target, parse};

/// Which end of the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The one who calls in most tests.
    Caller,
    /// The one who is called.
    Callee,
}

/// A rule of the wire: whether it lets the message through.
type Rule = Box<dyn FnMut(End, &Message) -> bool>;

/// Two endpoints on a wire.
pub(super) struct Pair {
    pub(super) now: Instant,
    pub(super) caller: Endpoint,
    pub(super) callee: Endpoint,
    pub(super) latency: Duration,
    /// Percent of datagrams that are lost.
    pub(super) loss: usize,
    pub(super) rule: Rule,
    /// Everything that was put on the wire, as `caller > INVITE` or `callee > 200 INVITE`.
    pub(super) log: Vec<String>,
    events: Vec<(End, Event)>,
    wire: BTreeMap<(Instant, u64), (End, Vec<u8>)>,
    sent: u64,
    chance: Chance,
}

impl Pair {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            now: Instant::START,
            caller: endpoint(THERE, seed + 1000),
            callee: endpoint(HERE, seed + 2000),
            latency: millis(10),
            loss: 0,
            rule: Box::new(|_, _| true),
            log: Vec::new(),
            events: Vec::new(),
            wire: BTreeMap::new(),
            sent: 0,
            chance: Chance::seeded(seed),
        }
    }

    /// Loses the first `n` messages for which `which` holds.
    pub(super) fn lose(&mut self, mut n: usize, which: impl Fn(End, &str) -> bool + 'static) {
        self.rule = Box::new(move |end, message| {
            let lost = n > 0 && which(end, &title(message));
            n -= usize::from(lost);
            !lost
        });
    }

    pub(super) fn end(&mut self, end: End) -> &mut Endpoint {
        match end {
            End::Caller => &mut self.caller,
            End::Callee => &mut self.callee,
        }
    }

    /// Gives a command and puts what comes of it on the wire.
    pub(super) fn tell(&mut self, end: End, command: Command) {
        let now = self.now;
        self.end(end).handle(now, Input::Command(command));
        self.drain(end);
    }

    /// Lets so much time pass.
    pub(super) fn drive(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.next().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            if let Some((key, _)) = self.wire.first_key_value().filter(|(key, _)| key.0 <= self.now) {
                let (end, bytes) = self.wire.remove(&key.clone()).unwrap();
                let from = Hop::udp(address(if end == End::Callee { THERE } else { HERE }));
                let now = self.now;
                self.end(end).handle(now, Input::Received { from, bytes });
                self.drain(end);
                continue;
            }
            for end in [End::Caller, End::Callee] {
                let now = self.now;
                self.end(end).handle(now, Input::Tick);
                self.drain(end);
            }
        }
        self.now = until;
    }

    /// What the end has told since it was last asked.
    pub(super) fn events(&mut self, end: End) -> Vec<Event> {
        let (its, others) = std::mem::take(&mut self.events).into_iter().partition(|(who, _)| *who == end);
        self.events = others;
        its.into_iter().map(|(_, event)| event).collect()
    }

    /// How often a message was put on the wire.
    pub(super) fn count(&self, title: &str) -> usize {
        self.log.iter().filter(|line| *line == title).count()
    }

    /// Places a call and answers it after a ring.
    pub(super) fn connect(&mut self) {
        self.invite();
        self.drive(seconds(1));
        self.tell(End::Callee, Command::Ring { leg: FIRST });
        self.drive(seconds(1));
        self.tell(End::Callee, Command::Answer { leg: FIRST, sdp: "answer".into() });
        self.drive(seconds(1));
        self.events.clear();
    }

    /// Places a call.
    pub(super) fn invite(&mut self) {
        let to = Target::Uri(format!("sip:100@{HERE}"));
        let from = Identity { user: Some(crate::base::Private::new("0612345678".into())), display: None };
        self.tell(End::Caller, Command::Invite { leg: OUT, to, from, sdp: "offer".into() });
    }

    /// Nothing is left at either end once the last timers have run out.
    pub(super) fn assert_empty(&mut self) {
        self.drive(seconds(100));
        for end in [End::Caller, End::Callee] {
            let endpoint = self.end(end);
            assert_eq!((endpoint.legs(), endpoint.transactions()), (0, 0), "{end:?}");
            assert_eq!(endpoint.deadline(), None, "{end:?}");
        }
    }

    fn next(&self) -> Option<Instant> {
        let wire = self.wire.first_key_value().map(|(key, _)| key.0);
        [wire, self.caller.deadline(), self.callee.deadline()].into_iter().flatten().min()
    }

    fn drain(&mut self, end: End) {
        while let Some(output) = self.end(end).poll() {
            match output {
                Output::Send { to, bytes } => self.put(end, to.address, bytes),
                Output::Event(event) => self.events.push((end, event)),
            }
        }
    }

    fn put(&mut self, end: End, to: SocketAddr, bytes: Vec<u8>) {
        let message = parse(&bytes).expect("we write what we read");
        let (name, other) = match end {
            End::Caller => ("caller", End::Callee),
            End::Callee => ("callee", End::Caller),
        };
        assert_eq!(to, address(if other == End::Callee { HERE } else { THERE }), "{name} {}", title(&message));
        self.log.push(format!("{name} > {}", title(&message)));
        if !(self.rule)(end, &message) || self.chance.below(100) < self.loss {
            return;
        }
        self.sent += 1;
        self.wire.insert((self.now + self.latency, self.sent), (other, bytes));
    }
}

/// `INVITE`, or `200 INVITE`.
pub(super) fn title(message: &Message) -> String {
    match message {
        Message::Request(request) => request.method.to_string(),
        Message::Response(response) => format!("{} {}", response.status, response.headers.cseq_method),
    }
}
