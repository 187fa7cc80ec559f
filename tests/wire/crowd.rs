//! Fifty callers and five agents for two minutes, all of them SIPp. Judged by SIPp's own
//! logs, by the records, and by what the service says of its agents.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::service::{OPEN, Service, story, times};
use super::sipp::{Running, Sipp};

const CALLERS: usize = 50;
const AGENTS: [&str; 5] = ["amina", "bruno", "claire", "david", "elise"];

/// Agents who are not briefed and rest for a second: talks of eight seconds leave time for fifty.
const QUEUE: &str = "agents:
  members: [amina, bruno, claire, david, elise]
  wrap_up: 1s
  whisper: false
  at_closing: serve
";

/// What two programs on a busy machine may take to write down the same moment.
const SLACK: i64 = 500_000;

/// The shipped flow, where the place is told more often, and the call ends with the talk.
pub(crate) fn flow() -> String {
    let shipped = include_str!("../../flows/france-services/accueil.yaml");
    let (before, survey) = shipped.split_once("  avis:\n").expect("the shipped flow has a survey");
    let (_, after) = survey.split_once("  calme:\n").expect("and a step after it");
    let flow = format!("{before}  calme:\n{after}");
    let flow = flow.replace("announce: [rank, wait]", "announce: { rank: 20s, wait: 20s }");
    flow.replace("    answered: avis\n", "")
}

fn start() -> Service {
    let accounts = AGENTS.map(|agent| format!("{{ name: {agent}, password: secret }}")).join(", ");
    let files = [("accueil.yaml", &*flow()), ("queues.yaml", QUEUE)];
    Service::of_agents(OPEN, &files, &format!("agents: [{accounts}]\n"))
}

/// One caller by the record; microseconds on the service's clock.
struct Caller<'r> {
    number: String,
    record: &'r Value,
    joined: i64,
    connected: i64,
}

impl<'r> Caller<'r> {
    fn of(record: &'r Value) -> Self {
        let number = record["sip_call_id"].as_str().unwrap().split('-').next().unwrap().to_owned();
        let line = |start: &str| {
            assert_eq!(lines(record, start).len(), 1, "once for each caller: {start}: {:?}", story(record));
            lines(record, start)[0].0
        };
        Self { number, record, joined: line("joined "), connected: line("connected ") }
    }
}

/// The lines of a story that begin so: when, and the last word.
fn lines(record: &Value, start: &str) -> Vec<(i64, String)> {
    let steps = record["steps"].as_array().unwrap().iter();
    let found = steps.filter(|step| step["what"].as_str().unwrap().starts_with(start));
    let began = record["started"].as_i64().unwrap();
    let line = |step: &Value| {
        let at = began + step["at_ms"].as_i64().unwrap();
        (at * 1_000, step["what"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned())
    };
    found.map(line).collect()
}

/// One call at an agent's phone, by the phone's own log.
struct Visit {
    caller: String,
    from: i64,
    to: i64,
}

fn visits(phone: &Running) -> Vec<Visit> {
    let mut dialogs: BTreeMap<String, Visit> = BTreeMap::new();
    for message in phone.messages() {
        let call = message.header("Call-ID").to_owned();
        if message.is("INVITE ") {
            let from = message.header("From");
            let caller = from.split_once("+3361234").map_or(from, |(_, rest)| rest);
            let caller = caller.split('@').next().unwrap().to_owned();
            dialogs.entry(call).or_insert(Visit { caller, from: message.at, to: message.at });
        } else if let Some(visit) = dialogs.get_mut(&call) {
            visit.to = message.at;
        }
    }
    let mut visits: Vec<Visit> = dialogs.into_values().collect();
    visits.sort_by_key(|visit| visit.from);
    visits
}

#[test]
fn fifty_callers_and_five_agents_are_served_once_in_order_and_told_the_truth() {
    let service = start();
    let phones = AGENTS.map(|agent| Sipp::phone(&service, "desk", agent));
    for agent in AGENTS {
        service.until_log(&format!("agent={agent} up=true"), Duration::from_secs(20));
    }
    let crowd = ["-m", "50", "-l", "50", "-r", "1", "-rp", "700", "-timeout", "280s"];
    // Every one of them has been answered, has waited and has been hung up on after the talk, or this fails.
    Sipp::new(&service, "waits", "100").args(&crowd).start().succeed();
    let records = service.records_of(CALLERS);
    assert_eq!(records.len(), CALLERS);
    let mut callers: Vec<Caller<'_>> = records.iter().map(Caller::of).collect();
    callers.sort_by_key(|caller| caller.joined);
    let visits: Vec<Vec<Visit>> = phones.iter().map(visits).collect();
    served_once(&callers, &visits);
    in_order(&callers, &visits);
    callers.iter().for_each(|caller| ranks_are_true(caller, &callers));
    waits_are_kept(&service, &callers);
    nobody_is_in_use(&service);
}

/// Each caller rang at one phone once, was let in by it, and no phone had two calls at once.
fn served_once(callers: &[Caller<'_>], visits: &[Vec<Visit>]) {
    for caller in callers {
        let Caller { number, record, .. } = caller;
        let rung = visits.iter().flatten().filter(|visit| visit.caller == *number).count();
        assert_eq!((rung, times(record, "ended agent hangup")), (1, 1), "caller {number}: {:?}", story(record));
        assert!(lines(record, "missed ").is_empty(), "caller {number}: {:?}", story(record));
    }
    assert_eq!(visits.iter().flatten().count(), callers.len(), "and nobody else rang");
    for (agent, visits) in AGENTS.iter().zip(visits) {
        assert!(!visits.is_empty(), "{agent} was never rung");
        for pair in visits.windows(2) {
            let early = pair[0].to - pair[1].from;
            assert!(early < 0, "{agent} was rung {early} µs before the last call was over");
        }
    }
}

/// Who joined first was rung for first.
fn in_order(callers: &[Caller<'_>], visits: &[Vec<Visit>]) {
    let rung: BTreeMap<&str, i64> = visits.iter().flatten().map(|visit| (&*visit.caller, visit.from)).collect();
    for (n, later) in callers.iter().enumerate() {
        for earlier in callers[..n].iter().filter(|earlier| earlier.joined + SLACK < later.joined) {
            let overtaken = rung[&*earlier.number] - rung[&*later.number];
            assert!(overtaken < SLACK, "{} overtook {} by {overtaken} µs", later.number, earlier.number);
        }
    }
}

/// Each rank counts those who came before and were not answered yet.
fn ranks_are_true(caller: &Caller<'_>, callers: &[Caller<'_>]) {
    let ranks = [lines(caller.record, "joined "), lines(caller.record, "told rank ")].concat();
    assert!(ranks.len() >= 2 || caller.connected - caller.joined < 2 * SLACK, "caller {} heard no rank", caller.number);
    for (at, rank) in ranks {
        let ahead = |joined: i64, answered: i64| {
            let others = callers.iter().filter(|other| other.number != caller.number);
            others.filter(|other| other.joined < joined && other.connected > answered).count()
        };
        let surely = ahead(caller.joined - SLACK, at + SLACK);
        let perhaps = ahead(caller.joined + SLACK, at - SLACK);
        let rank: usize = rank.parse().unwrap();
        let range = surely + 1..=perhaps + 1;
        assert!(range.contains(&rank), "caller {} was told rank {rank} and had {range:?}", caller.number);
    }
}

/// Each told wait is in the record with what became of it; few were longer than told. Once
/// half of the talks have outweighed what is believed before the first one (five minutes),
/// what was expected is about what came.
fn waits_are_kept(service: &Service, callers: &[Caller<'_>]) {
    let mut answers: Vec<i64> = callers.iter().map(|caller| caller.connected / 1_000).collect();
    answers.sort_unstable();
    let (mut told_in_all, mut late, mut longer) = (0, Vec::new(), 0);
    for caller in callers {
        let told = caller.record["told_waits"].as_array().unwrap();
        for wait in told {
            let at = caller.record["started"].as_i64().unwrap() + wait["at_ms"].as_i64().unwrap();
            let waited = wait["waited_ms"].as_i64().expect("every wait has ended");
            let seen = caller.connected / 1_000 - at;
            assert!((waited - seen).abs() <= 2 && wait["answered"] == true, "{wait} and {seen} ms");
            if at > answers[CALLERS / 2] {
                late.push((wait["expected_ms"].as_i64().unwrap() - waited).abs());
            }
            longer += usize::from(top(&wait["spoken"]).is_some_and(|top| waited > top));
        }
        let spoken = lines(caller.record, "told wait ").len();
        assert_eq!(spoken, told.len(), "{:?}", story(caller.record));
        told_in_all += told.len();
    }
    late.sort_unstable();
    println!("{told_in_all} waits told, {longer} longer than told; errors of the later ones in ms: {late:?}");
    assert!(told_in_all >= 15, "after ten talks waits are told: {told_in_all}");
    assert!(longer * 5 <= told_in_all, "{longer} of {told_in_all} callers waited longer than told");
    assert!(late.get(late.len() / 2).is_none_or(|median| *median < 45_000), "half of the waits are far off: {late:?}");
    let counted = service.metric("svi_told_waits_total");
    assert!((counted - told_in_all as f64).abs() < 0.5, "{counted} in the metrics, {told_in_all} in the records");
}

/// The longest wait that was said, in milliseconds.
fn top(spoken: &Value) -> Option<i64> {
    let minutes = match spoken.as_str() {
        Some("about_five") => Some(7),
        _ => spoken["under"].as_i64().or_else(|| spoken["between"][1].as_i64()),
    };
    minutes.map(|minutes| minutes * 60_000)
}

/// After the wrap-up every agent is free, and no call is left.
fn nobody_is_in_use(service: &Service) {
    let states = || -> Vec<(String, Value)> {
        let list: Value = serde_json::from_str(&service.get("/api/v1/agents").1).unwrap_or_default();
        let lines = list["agents"].as_array().cloned().unwrap_or_default();
        lines.iter().map(|line| (line["state"].as_str().unwrap_or_default().to_owned(), line["call"].clone())).collect()
    };
    let free = || vec![("available".to_owned(), Value::Null); AGENTS.len()];
    service.until("every agent is free", Duration::from_secs(30), || states() == free());
    service.until("no call is up", Duration::from_secs(30), || service.metric("svi_calls_active") < 0.5);
}
