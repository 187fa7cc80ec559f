//! A service that is killed while callers ask for calls and citizens get them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use svi::base::{Chance, Private, WallTime};
use svi::store::{Store, TicketRow};

use super::super::service::{NOW, Service, free, wait_until};
use super::super::sipp::{Message, Running, Sipp};
use super::judge::{self, Attempt, Side};
use super::phones::Phones;

/// Everything at work.
pub(super) struct Drill {
    service: Service,
    callers: Option<Running>,
    citizens: Running,
    _phones: Phones,
    /// The database's address; nothing for SQLite.
    address: Option<String>,
    chance: Chance,
    /// When the service was dead, in microseconds on this machine's clock.
    kills: Vec<i64>,
    /// What the callers have said and heard, once they have all gone.
    log: Vec<Message>,
}

/// What the provider wants before it calls anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Nothing.
    Open,
    /// The password, which it asks for at each call.
    Password,
}

/// Where the service dies, in the order of a callback's life; the two `retry` follow a death
/// while a citizen was being called, so that a crash meets what the last one left.
const PLACES: [&str; 15] = [
    "before-asked",
    "after-asked",
    "before-dialling",
    "after-dialling",
    "dialled",
    "before-retry",
    "dialled",
    "after-retry",
    "before-ringing",
    "after-ringing",
    "answered",
    "before-connected",
    "after-connected",
    "before-done",
    "after-done",
];

/// The flow hangs up on nobody but who is promised a call: who finds no agent at work, just
/// after a crash, chooses again.
const FLOW: &str = r#"flow: accueil
numbers: ["+33143124567", "100"]
language: fr
agent: agents
start: agents
steps:
  agents:
    queue: agents
    announce: [rank]
    busy:
      when: { waiting: 1 }
      offer:
        - { key: 1, do: callback }
    nobody: encore
    full: encore
    long: encore
  encore:
    menu:
      - key: 1
        for: une carte d'identité ou un passeport
        go: agents
      - key: 2
        for: les horaires et l'adresse
        go: agents
"#;

impl Drill {
    /// Starts the service with its agents, callers and citizens, on SQLite or at a database's address.
    pub(super) fn start(address: Option<String>, access: Access) -> Self {
        let store = address.as_ref().map(|address| format!("store: {address}\n")).unwrap_or_default();
        let agents: Vec<String> = (1..=AGENTS).map(|n| format!("agent{n}")).collect();
        let card = include_str!("../../../flows/france-services/service.yaml");
        let facts = card.split_once("hours:\n").expect("the shipped card has hours").0;
        let card = format!("{facts}hours: {{ phone: \"24/7\", desk: \"24/7\" }}\ncallbacks: {{ hours: \"24/7\" }}\n");
        let queue =
            format!("agents:\n  members: [{}]\n  wrap_up: 0s\n  ring: 60s\n  at_closing: serve\n", agents.join(", "));
        let accounts = agents.iter().map(|agent| format!("{{ name: {agent}, password: secret }}"));
        let provider = free();
        let settings = format!(
            "log: svi=debug\nagents: [{}]\ncallbacks: {{ guard: 2s, spacing: 1s }}\n{store}trunk:\n  address: {provider}\n  \
             username: svi\n  password: passe-partout\n  presented: \"+33143124567\"\n  prefixes: [\"+33\"]\n",
            accounts.collect::<Vec<_>>().join(", ")
        );
        let files = [("accueil.yaml", FLOW), ("service.yaml", &*card), ("queues.yaml", &*queue)];
        let service = Service::silent(NOW, &files, &settings);
        let phones = Phones::start(service.sip, &agents);
        let open: &[&str] = if access == Access::Open { &["-set", "open", "1"] } else { &[] };
        let citizens = Sipp::at(&service, "citizens", provider).args(&CITIZENS).args(open).logged().start();
        let numbers = service.path("numbers.csv");
        let lines: String = (0..10_000).map(|n| format!("+3361234{n:04}\n")).collect();
        fs::write(&numbers, format!("SEQUENTIAL\n{lines}")).unwrap();
        let load = ["-r", "6", "-l", "200", "-timeout", "7200s", "-inf", numbers.to_str().unwrap()];
        let callers = Sipp::new(&service, "promised", "100").args(&load).logged().start();
        let seed = std::env::var("SVI_CRASH_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(SEED);
        println!("seed {seed}");
        let chance = Chance::seeded(seed);
        let (kills, log) = (Vec::new(), Vec::new());
        Self { service, callers: Some(callers), citizens, _phones: phones, address, chance, kills, log }
    }

    /// Lets the service die at each place, and proves that it was there.
    pub(super) fn die_at_every_place(&mut self) {
        self.service.until("a callback was made", LONG, || self.service.log().contains("ended=\"talked\""));
        self.kill();
        for place in PLACES {
            let nth = if place.ends_with("retry") { 1 } else { 1 + self.chance.below(3) };
            let note = self.service.path("note");
            let _ = fs::remove_file(&note);
            let order = format!("{place}:{nth}");
            self.service.restart(NOW, &[("SVI_DIE_AT", &order), ("SVI_DIE_NOTE", note.to_str().unwrap())]);
            let ended = self.until_dead(&order);
            self.kills.push(now());
            let left = fs::read_to_string(&note).unwrap_or_default();
            let signal = ended.signal();
            assert_eq!((signal, left.trim()), (Some(9), place), "log:\n{}", self.service.log());
            println!("killed at {order}");
        }
        self.service.restart(NOW, &[]);
    }

    fn until_dead(&mut self, order: &str) -> ExitStatus {
        let (service, mut ended) = (&mut self.service, None);
        wait_until(LONG, &mut || {
            ended = service.ended();
            ended.is_some()
        });
        ended.unwrap_or_else(|| panic!("it has not come to {order}; log:\n{}", self.service.log()))
    }

    /// Kills it so often, each time at a moment that the dice choose: also while it starts.
    pub(super) fn kill_at_random(&mut self, times: usize) {
        for _ in 0..times {
            let moment = Instant::now() + Duration::from_millis(100 + self.chance.below(3_000) as u64);
            let service = &mut self.service;
            wait_until(moment.saturating_duration_since(Instant::now()), &mut || service.ended().is_some());
            assert!(self.service.ended().is_none(), "it has ended by itself; log:\n{}", self.service.log());
            self.kill();
            self.service.restart(NOW, &[]);
        }
        println!("killed {times} times at random");
    }

    /// The database stops, cutting every connection: callers and calls go on, nothing new is promised.
    pub(super) fn go_on_without(&mut self, stop: impl FnOnce()) {
        self.service.until("it is ready", LONG, || self.service.get("/readyz").0 == 200);
        stop();
        self.service.until("it is told", LONG, || self.service.get("/readyz").1.contains("fails"));
        let refused = || self.service.log().matches("refused callback").count();
        let before = refused();
        self.service.until("callers are told that nothing is noted", LONG, || refused() > before + 5);
        assert!(self.service.ended().is_none(), "it has ended by itself; log:\n{}", self.service.log());
    }

    /// The database is back: promises are made again, and what happened meanwhile is written down.
    pub(super) fn go_on_with(&mut self, resume: impl FnOnce()) {
        resume();
        self.service.until("it works again", LONG, || !self.service.get("/readyz").1.contains("fails"));
        let before = self.served().len();
        self.service.until("citizens are called again", LONG, || self.served().len() > before + 5);
        let behind = || {
            let ended = self.served();
            let open = self.tickets().into_iter().filter(|ticket| ticket.ended.is_none());
            open.filter(|ticket| ended.contains(&number(ticket))).count()
        };
        self.service.until("the database knows what has happened", LONG, || behind() == 0);
    }

    /// Who was called and has hung up.
    fn served(&self) -> BTreeSet<String> {
        let attempts = judge::attempts(&self.citizens.messages());
        let done =
            attempts.into_iter().filter(|(_, all)| all.iter().any(|a| a.answered.is_some() && a.ended.is_some()));
        done.map(|(number, _)| number).collect()
    }

    /// No more callers and no more kills: every ticket comes to its end.
    pub(super) fn come_to_rest(&mut self) {
        self.service.until("it is ready", LONG, || self.service.get("/readyz").0 == 200);
        let before = self.served().len();
        self.service.until("citizens are called again", LONG, || self.served().len() > before + 5);
        self.log = self.callers.take().expect("the callers are stopped once").stop();
        let open = || self.tickets().iter().filter(|ticket| ticket.ended.is_none()).count();
        self.service.until("every ticket is over", REST, || open() == 0);
        self.service.terminate();
        assert_eq!(self.service.exit_code(LONG), Some(0), "log:\n{}", self.service.log());
    }

    pub(super) fn judge(&self) {
        let (promised, callers) = (judge::promised(&self.log), judge::callers(&self.log));
        let attempts = judge::attempts(&self.citizens.messages());
        let tickets: BTreeMap<String, TicketRow> = self.tickets().into_iter().map(|t| (number(&t), t)).collect();
        let answered = |number: &String| -> Vec<&Attempt> {
            attempts.get(number).into_iter().flatten().filter(|attempt| attempt.answered.is_some()).collect()
        };
        for number in &promised {
            assert!(
                !answered(number).is_empty(),
                "{number} was promised a call, and got none: {:?}",
                attempts.get(number)
            );
        }
        let (mut again, mut unheard, mut never) = (0, 0, 0);
        for (number, all) in &attempts {
            assert!(callers.contains(number), "{number} is called and has never asked");
            let (ticket, answers) = (&tickets[number], answered(number));
            let mut counted = ticket.rest["redialled"].as_u64().unwrap_or(0);
            for (n, early) in answers.iter().enumerate().take(answers.len().saturating_sub(1)) {
                let outcome = outcome(ticket, &early.call_id);
                // A citizen who hangs up while it is being written down that there was an answer has heard nobody.
                if outcome == "refused" && early.by == Some(Side::Citizen) {
                    unheard += 1;
                    continue;
                }
                assert_eq!(outcome, "interrupted", "{number} is called again: {early:?} of {answers:?}");
                // Also while the phone rang: who picks up before the service is back has been called.
                let since = early.dialled - SLACK..answers[n + 1].dialled;
                assert!(self.kills.iter().any(|kill| since.contains(kill)), "{number}: no crash between {answers:?}");
                assert!(counted > 0, "{number}: a second call is not counted: {answers:?}");
                (again, counted) = (again + 1, counted - 1);
            }
            for pair in all.windows(2) {
                let over = pair[0].ended.is_some_and(|ended| ended <= pair[1].dialled);
                assert!(over, "{number} has two calls at once: {pair:?}");
            }
        }
        for (number, ticket) in &tickets {
            // Nothing was noted for who was told so, or had gone: the database did not answer in time.
            let unpromised = matches!(ticket.state.as_str(), "cancelled" | "refused") && !promised.contains(number);
            assert!(ticket.state == "done" || unpromised, "{number}: {ticket:?}");
            never += usize::from(unpromised);
        }
        let cut = attempts.values().flatten().filter(|a| a.answered.is_some() && a.by == Some(Side::Service)).count();
        println!(
            "{} called, {} heard the promise; {} tickets, {never} of them taken back unpromised; {} calls to citizens, \
             {} answered; {again} called again after a crash in the gap, {unheard} as they had hung up unheard; \
             {cut} hung up on; {} deaths",
            callers.len(),
            promised.len(),
            tickets.len(),
            attempts.values().flatten().count(),
            attempts.keys().map(|number| answered(number).len()).sum::<usize>(),
            self.kills.len(),
        );
        assert!(promised.len() > 30, "{} promises are too few to tell anything", promised.len());
        assert!(unheard * 20 < promised.len(), "{unheard} citizens were kept in silence for two seconds");
    }

    fn tickets(&self) -> Vec<TicketRow> {
        let data = self.service.path("data");
        let read = async {
            let store = match &self.address {
                None => Store::open(&data).await,
                Some(address) => Store::connect(&data, &Private::new(address.clone())).await,
            };
            let store = store.unwrap();
            let all = store.tickets_since(WallTime::from_millis(0), 100_000).await.unwrap();
            store.close().await;
            all
        };
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(read)
    }

    fn kill(&mut self) {
        self.service.kill();
        self.kills.push(now());
    }
}

/// What became of an attempt, as the ticket has it.
fn outcome(ticket: &TicketRow, call_id: &str) -> String {
    let attempts = ticket.rest["attempts"].as_array().cloned().unwrap_or_default();
    let attempt = attempts.into_iter().find(|attempt| attempt["dialog"]["call_id"] == call_id);
    attempt.unwrap_or_default()["outcome"].as_str().unwrap_or_default().to_owned()
}

fn number(ticket: &TicketRow) -> String {
    ticket.number.as_ref().map(|number| number.reveal().to_string()).unwrap_or_default()
}

fn now() -> i64 {
    // As SIPp writes it: local time.
    chrono::Local::now().naive_local().and_utc().timestamp_micros()
}

const AGENTS: usize = 8;
const SEED: u64 = 20_261_125;
const LONG: Duration = Duration::from_secs(60);
/// The guard time, and every line behind it.
const REST: Duration = Duration::from_secs(90);
/// What two programs on a busy machine may take to write down the same moment, in microseconds.
const SLACK: i64 = 100_000;
/// A message that comes too late, or twice, ends no call: the phones have what they were told.
const CITIZENS: [&str; 4] = ["-timeout", "7200s", "-default_behaviors", "all,-abortunexp"];
