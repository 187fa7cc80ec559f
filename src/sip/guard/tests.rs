use super::*;
use crate::base::AgentName;

const ATTACKER: &str = "203.0.113.4";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn at(seconds: u64) -> Instant {
    Instant::START + Duration::from_secs(seconds)
}

fn guard() -> Guard {
    Guard::new(GuardRules { never: vec!["10.0.0.0/8".parse().unwrap()], ..GuardRules::default() })
}

/// As many wrong passwords from where they say, one every second; what came of the last.
fn guess(guard: &mut Guard, source: &str, times: u64, origin: Origin) -> Blame {
    (0..times).map(|n| guard.blame(at(n), ip(source), Fault::Password, origin)).last().unwrap()
}

#[test]
fn ten_proven_faults_ban_a_source_for_an_hour_and_no_other() {
    let mut guard = guard();
    assert_eq!(guess(&mut guard, ATTACKER, 9, Origin::Proven), Blame::Counted);
    assert!(guard.hears(at(9), ip(ATTACKER)));
    let Blame::Banned(ban) = guard.blame(at(9), ip(ATTACKER), Fault::Number, Origin::Proven) else { panic!() };
    let expected =
        Ban { source: ip(ATTACKER), scope: Scope::Everything, fault: Fault::Number, faults: 10, until: at(9 + 3600) };
    assert_eq!(ban, expected);
    assert_eq!(guard.bans(at(10)), [ban]);
    assert!(!guard.hears(at(3608), ip(ATTACKER)) && guard.hears(at(3608), ip("203.0.113.5")));
    assert!(guard.hears(at(3609), ip(ATTACKER)));
    guard.expire(at(3609));
    assert!(guard.sources.is_empty() && guard.ends.is_empty() && guard.deadline().is_none());
}

#[test]
fn what_may_be_forged_bans_nobody_from_what_is_proven() {
    let mut guard = guard();
    let Blame::Banned(ban) = guess(&mut guard, ATTACKER, 10, Origin::Claimed) else { panic!() };
    assert_eq!(ban.scope, Scope::Unproven);
    assert!(guard.hears(at(10), ip(ATTACKER)) && !guard.answers(at(10), ip(ATTACKER), Origin::Claimed));
    assert!(guard.answers(at(10), ip(ATTACKER), Origin::Proven));
    let Blame::Banned(worse) = guess(&mut guard, ATTACKER, 10, Origin::Proven) else { panic!() };
    assert_eq!(worse.scope, Scope::Everything);
    assert_eq!(guard.bans(at(10)), [worse], "one source is one line");
}

#[test]
fn each_fault_doubles_the_pause_before_the_next_is_answered() {
    let mut guard = Guard::new(GuardRules { within: Duration::from_secs(10_000), ..GuardRules::default() });
    for (nth, pause) in [0, 0, 1, 2, 4, 8, 16, 32, 32].into_iter().enumerate() {
        let now = at(100 * nth as u64);
        guard.blame(now, ip(ATTACKER), Fault::Number, Origin::Claimed);
        let until = now + Duration::from_secs(pause);
        let just_before = now + Duration::from_millis((1_000 * pause).saturating_sub(1));
        assert!(guard.answers(until, ip(ATTACKER), Origin::Claimed), "{nth}");
        assert_eq!(guard.answers(just_before, ip(ATTACKER), Origin::Claimed), pause == 0, "{nth}");
        assert!(guard.answers(now, ip(ATTACKER), Origin::Proven), "nobody is slowed in another's name");
    }
}

#[test]
fn faults_of_long_ago_count_no_more_and_those_of_friends_never() {
    let mut guard = guard();
    for minute in 0..60 {
        guard.expire(at(minute * 67));
        assert_eq!(guard.blame(at(minute * 67), ip(ATTACKER), Fault::Password, Origin::Proven), Blame::Counted);
    }
    guess(&mut guard, "10.1.2.3", 100, Origin::Proven);
    assert!(guard.hears(at(100), ip("10.1.2.3")) && guard.answers(at(100), ip("10.1.2.3"), Origin::Claimed));
    assert!(guard.bans(at(100)).is_empty());
}

#[test]
fn a_ban_can_be_lifted_and_the_faults_are_forgotten_with_it() {
    let mut guard = guard();
    guess(&mut guard, ATTACKER, 10, Origin::Proven);
    assert!(guard.lift(at(10), ip(ATTACKER)));
    assert!(guard.hears(at(10), ip(ATTACKER)) && guard.bans(at(10)).is_empty() && guard.ends.is_empty());
    assert!(!guard.lift(at(10), ip(ATTACKER)));
    assert_eq!(guess(&mut guard, ATTACKER, 9, Origin::Proven), Blame::Counted);
}

#[test]
fn addresses_of_one_subscriber_are_one_source() {
    let mut guard = guard();
    for host in 0..10 {
        guard.blame(at(host), ip(&format!("2001:db8:0:7::{host:x}")), Fault::Password, Origin::Proven);
    }
    assert!(!guard.hears(at(10), ip("2001:db8:0:7:ffff::1")) && guard.hears(at(10), ip("2001:db8:0:8::1")));
    guess(&mut guard, "::ffff:203.0.113.4", 10, Origin::Proven);
    assert!(!guard.hears(at(10), ip(ATTACKER)), "a mapped address is the IPv4 one");
}

#[test]
fn an_account_that_many_try_is_looked_at_once_in_ten_seconds() {
    let mut guard = AccountTries::new(&GuardRules::default());
    let amina = AgentName::from("amina");
    for n in 0..50 {
        assert!(guard.may_try(at(n), &amina));
        guard.wrong(at(n), &amina);
    }
    let may: Vec<u64> = (60..100).filter(|n| guard.may_try(at(*n), &amina)).collect();
    assert_eq!(may, [60, 70, 80, 90]);
    assert!(guard.may_try(at(95), &AgentName::from("bruno")));
    assert!((600..610).all(|n| guard.may_try(at(n), &amina)), "ten minutes later nothing is known");
}

#[test]
fn a_flood_from_everywhere_fills_neither_memory_nor_log() {
    let mut guard = guard();
    let mut told = 0;
    for n in 0..200_000_u32 {
        let source = IpAddr::V4(std::net::Ipv4Addr::from_bits(0x5000_0000 + n));
        let now = Instant::START + Duration::from_micros(u64::from(n) * 50);
        told += u32::from(guard.blame(now, source, Fault::Number, Origin::Claimed) != Blame::Untold);
    }
    assert_eq!(guard.sources.len(), limits::WATCHED_SOURCES);
    assert_eq!(guard.ends.len(), limits::WATCHED_SOURCES);
    assert_eq!(told, 10 * limits::FAULTS_TOLD, "ten seconds");
}

#[test]
fn an_operator_whose_calls_are_answered_is_not_shut_out_for_wrong_numbers() {
    let mut guard = guard();
    guard.answered(at(0), ip(ATTACKER));
    for n in 0..100 {
        guard.blame(at(n), ip(ATTACKER), Fault::Number, Origin::Claimed);
    }
    assert!(guard.answers(at(100), ip(ATTACKER), Origin::Claimed) && guard.bans(at(100)).is_empty());
    guess(&mut guard, ATTACKER, 10, Origin::Proven);
    assert!(!guard.hears(at(100), ip(ATTACKER)), "it guesses no passwords");
    for n in 0..20_000_u32 {
        guard.answered(at(1), IpAddr::V4(std::net::Ipv4Addr::from_bits(0x5000_0000 + n)));
    }
    assert_eq!(guard.callers.len(), limits::CALLING_SOURCES);
}
