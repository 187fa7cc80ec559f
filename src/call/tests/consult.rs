//! One agent's phone calls another's.

use super::*;
use crate::call::Consult;

/// Amina has dialled bruno, and both ports are open.
struct Phones {
    consult: Consult,
    said: Vec<String>,
}

impl Phones {
    fn dialled(offer: Option<&str>, to: &str) -> Self {
        let now = Now { mono: Instant::START, wall: WallTime::from_millis(0) };
        let consult = Consult::new(now, incoming(offer), ("amina".into(), to.into()), Arc::new(settings()));
        let mut phones = Self { consult, said: Vec::new() };
        phones.drain();
        for leg in [CALLER, AGENT] {
            phones.tell(Input::MediaOpened { leg, local: Some(desk::port()) });
        }
        phones
    }

    fn tell(&mut self, input: Input) {
        self.said.clear();
        self.consult.handle(Now { mono: Instant::START, wall: WallTime::from_millis(0) }, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.consult.poll() {
            self.said.push(line(&output));
        }
    }

    fn sip(&mut self, event: sip::Event) {
        self.tell(Input::Sip(event));
    }

    fn says(&self, line: &str) -> bool {
        self.said.iter().any(|said| said.starts_with(line))
    }
}

#[test]
fn two_agents_hear_each_other_and_leave_together() {
    for offer in [Some(OFFER), None] {
        let mut phones = Phones::dialled(offer, "bruno");
        assert!(phones.says("invite leg-257 Agent"), "{:?}", phones.said);
        phones.sip(sip::Event::Ringing { leg: AGENT, to_tag: None });
        assert!(phones.says("sip Ring"), "{:?}", phones.said);
        phones.sip(sip::Event::Answered { leg: AGENT, sdp: OFFER.into() });
        assert!(phones.says("answer leg-256") && phones.says("bridge leg-256 leg-257"), "{:?}", phones.said);
        assert_eq!(phones.says("connect leg-256"), offer.is_some());
        phones.sip(sip::Event::Acked { leg: CALLER, sdp: offer.is_none().then(|| OFFER.into()) });
        assert_eq!(phones.says("connect leg-256"), offer.is_none());
        phones.sip(sip::Event::Ended { leg: AGENT, why: DialogEnd::Bye });
        assert!(phones.says("end leg-256") && phones.says("close leg-257") && phones.says("over"), "{:?}", phones.said);
    }
}

#[test]
fn who_can_not_be_had_is_told_as_it_is() {
    let mut phones = Phones::dialled(Some(OFFER), "bruno");
    phones.sip(sip::Event::Failed { leg: AGENT, status: 486, later: None });
    assert!(phones.says("reject leg-256 486") && phones.says("over"), "{:?}", phones.said);
    let mut phones = Phones::dialled(Some(OFFER), "bruno");
    phones.sip(sip::Event::Cancelled { leg: CALLER });
    assert!(phones.says("end leg-257") && phones.says("over"), "{:?}", phones.said);
    let phones = Phones::dialled(Some(OFFER), "claire");
    assert!(phones.says("reject leg-256 480") && !phones.says("invite"), "she is reached outside: {:?}", phones.said);
}
