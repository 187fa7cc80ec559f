use super::*;
use crate::sip::Transport;

const NOW: Instant = Instant::START;

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn trunk(name: &str, host: u8, prefixes: &[&str]) -> Trunk {
    let at = SocketAddr::from(([192, 0, 2, host], 5060));
    let prefixes = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
    Trunk {
        name: name.into(),
        prefixes,
        ..Trunk::at(Transport::Udp, at, &format!("{name}.example"), number("+33143124567"))
    }
}

fn trunks(all: Vec<Trunk>, caps: Caps) -> Trunks {
    Trunks::new(all, caps, &mut Chance::seeded(1))
}

fn id(trunks: &Trunks, name: &str) -> TrunkId {
    trunks.named(name).unwrap()
}

fn names(trunks: &Trunks, to: &str) -> Result<Vec<String>, NoExit> {
    let exits = trunks.exits(NOW, &number(to))?;
    Ok(exits.iter().map(|exit| trunks.get(exit.trunk).unwrap().trunk.name.to_string()).collect())
}

#[test]
fn the_longest_prefix_comes_first_then_the_order_of_the_settings() {
    let all = vec![trunk("one", 1, &["+33"]), trunk("two", 2, &["+336", "+33"]), trunk("three", 3, &["+44", "+33"])];
    let trunks = trunks(all, Caps::default());
    assert_eq!(names(&trunks, "0143124567").unwrap(), ["one", "two", "three"]);
    assert_eq!(names(&trunks, "0612345678").unwrap(), ["two", "one", "three"]);
    assert_eq!(names(&trunks, "+442071234567").unwrap(), ["three"]);
    assert_eq!(names(&trunks, "+3225551212"), Err(NoExit { status: 403, later: None }));
}

#[test]
fn a_trunk_that_is_down_or_rests_is_passed_over_and_without_any_the_call_fails() {
    let mut one = trunk("one", 1, &["+33"]);
    one.keep_alive = Some(Duration::from_secs(60));
    let mut trunks = trunks(vec![one, trunk("two", 2, &["+33"])], Caps::default());
    let (mut chance, mut now) = (Chance::seeded(2), NOW);
    let one = id(&trunks, "one");
    let pulse = trunks.get_mut(one).unwrap().places[0].pulse.as_mut().unwrap();
    for status in [Some(200), None, None] {
        now = now.max(pulse.deadline());
        let nth = pulse.ask(now).unwrap();
        pulse.answered(now, nth, status, &mut chance);
    }
    assert_eq!(names(&trunks, "0143124567").unwrap(), ["two"]);
    let two = id(&trunks, "two");
    trunks.rest(NOW, two, 86_400);
    assert_eq!(names(&trunks, "0143124567"), Err(NoExit { status: 503, later: None }));
    assert!(trunks.exits(NOW + REST, &number("0143124567")).is_ok(), "five minutes at most");
}

#[test]
fn a_full_trunk_is_passed_over_and_when_all_are_full_it_is_told_when_to_ask_again() {
    let mut one = trunk("one", 1, &["+33"]);
    one.caps.at_once = Some(1);
    let mut trunks = trunks(vec![one, trunk("two", 2, &["+33"])], Caps { at_once: None, per_hour: Some(3) });
    let one = id(&trunks, "one");
    trunks.begin(NOW, LegId(1), one);
    assert_eq!(names(&trunks, "0143124567").unwrap(), ["two"]);
    let two = id(&trunks, "two");
    trunks.begin(NOW, LegId(2), two);
    let two = id(&trunks, "two");
    trunks.begin(NOW, LegId(3), two);
    for leg in [1, 2, 3] {
        trunks.end(LegId(leg));
        trunks.end(LegId(leg));
    }
    assert!(trunks.is_idle());
    assert_eq!(names(&trunks, "0143124567"), Err(NoExit { status: 503, later: Some(Later::Capped(3_600)) }));
}

#[test]
fn a_call_that_goes_on_by_another_trunk_counts_there_and_once_in_all() {
    let mut trunks = trunks(vec![trunk("one", 1, &["+33"]), trunk("two", 2, &["+33"])], Caps::default());
    let one = id(&trunks, "one");
    trunks.begin(NOW, LegId(1), one);
    let two = id(&trunks, "two");
    trunks.begin(NOW, LegId(1), two);
    let calls = |trunks: &Trunks| trunks.states(NOW).iter().map(|state| state.calls).collect::<Vec<_>>();
    assert_eq!((calls(&trunks), trunks.total.counts(NOW)), (vec![0, 1], (1, 1)));
    trunks.end(LegId(1));
    assert_eq!((calls(&trunks), trunks.total.counts(NOW)), (vec![0, 0], (0, 1)));
}

#[test]
fn a_trunk_is_known_by_its_address_its_networks_and_its_certificate() {
    let mut one = trunk("one", 1, &[]);
    one.from = vec!["198.51.100.0/24".parse().unwrap()];
    one.numbers = vec!["+33143124567".into()];
    let trunks = trunks(vec![one], Caps::default());
    let named = ["ONE.example".to_owned()];
    for (ip, names, known) in [
        ("192.0.2.1", &[][..], true),
        ("198.51.100.77", &[], true),
        ("203.0.113.1", &named, true),
        ("203.0.113.1", &[], false),
    ] {
        let from = (ip.parse().unwrap(), names);
        assert_eq!(trunks.is_of_one(from.0, from.1), known, "{ip}");
        assert_eq!(trunks.misdirected(from, "0143124567"), None);
        assert_eq!(trunks.misdirected(from, "0143124568").is_some(), known, "a stranger's is not the trunk's");
    }
}

#[test]
fn two_trunks_of_one_operator_take_the_numbers_of_either() {
    let of = |name: &str, taken: &str| Trunk { numbers: vec![taken.into()], ..trunk(name, 1, &[]) };
    let trunks = trunks(vec![of("one", "+331"), of("two", "+332")], Caps::default());
    let from = ("192.0.2.1".parse().unwrap(), &[][..]);
    assert_eq!((trunks.misdirected(from, "0143124567"), trunks.misdirected(from, "0243124567")), (None, None));
    assert_eq!(trunks.misdirected(from, "0343124567"), Some(id(&trunks, "one")));
}

#[test]
fn a_call_to_the_account_is_for_whom_its_to_names() {
    let mut one = trunk("one", 1, &[]);
    (one.username, one.register) = ("ville".into(), Some(Duration::from_secs(600)));
    let trunks = trunks(vec![one], Caps::default());
    let from = ("192.0.2.1".parse().unwrap(), &[][..]);
    let called = |dialled, to| trunks.called(from, Some(dialled), to);
    assert_eq!(called("ville", Some("+33143124567")), Some("+33143124567"));
    assert_eq!(called("0143124567", Some("+33999999999")), Some("0143124567"));
    assert_eq!(called("ville", Some("ville")), Some("ville"));
    let stranger = ("203.0.113.1".parse().unwrap(), &[][..]);
    assert_eq!(trunks.called(stranger, Some("ville"), Some("+33143124567")), Some("ville"));
}
