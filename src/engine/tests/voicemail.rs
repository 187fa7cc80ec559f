//! The voicemail: asked, spoken, kept, heard, done again.

use super::*;
use crate::base::{MessageId, TicketId, limits};
use crate::engine::{MessageNews, NoMessage};

fn answering(then: bool) -> Caller {
    let program = flow(&["message", "agents", "fin"], |at| {
        vec![voicemail(then.then(|| at("fin"))), queue(at("message")), hangup("Merci.")]
    });
    Caller::calls(program)
}

/// The same at this hour, with nothing written behind the message.
fn answering_at(hour: i64) -> Caller {
    Caller::calls_at(flow(&["message", "agents"], |at| vec![voicemail(None), queue(at("message"))]), hour)
}

fn kept(n: u64) -> MessageNews {
    MessageNews::Kept { message: MessageId(n) }
}

impl Caller {
    fn message(&mut self, news: MessageNews) -> Vec<String> {
        self.hears();
        self.tell(Input::Message(news));
        self.hears()
    }

    /// Hears the words and the beep, and speaks.
    fn speaks(&mut self) {
        self.message(MessageNews::Ready);
        assert_eq!(self.listen(), ["beep (to the end)"]);
        assert_eq!(self.listen(), ["record"]);
    }
}

#[test]
fn nothing_is_recorded_before_the_words_and_the_beep_were_heard() {
    let mut caller = answering(false);
    assert_eq!(caller.hears(), ["prepare 120 s"], "nothing is asked before there is room for the answer");
    assert_eq!(caller.message(MessageNews::Ready), ["Parlez. <SpeakAfterBeep> (to the end)"]);
    assert_eq!(caller.press("5"), [""; 0]);
    assert_eq!(caller.press("#"), [""; 0], "who is in a hurry does not hear it all again");
    assert_eq!(caller.listen(), ["beep (to the end)"]);
    assert_eq!(caller.listen(), ["record"]);
}

#[test]
fn the_caller_is_told_that_it_is_noted_once_it_is_kept() {
    let mut caller = answering(false);
    caller.speaks();
    assert_eq!(caller.press("5"), [""; 0]);
    assert_eq!(caller.press("#"), ["stop recording"]);
    assert_eq!(caller.wait(2), [""; 0], "nothing is said before");
    caller.tell(Input::Message(kept(1)));
    assert_eq!(caller.gets(), ["- message kept", "<MessageKept> <MessageChoices>"]);
    assert_eq!(caller.listen(), [""; 0]);
    assert_eq!(caller.wait(6), ["message left", "<Goodbye> (to the end)"]);
    assert_eq!(caller.listen(), ["hangup flow-end"]);
}

#[test]
fn a_silence_ends_it_without_a_key() {
    let mut caller = answering(true);
    caller.speaks();
    assert_eq!(caller.message(kept(1)), ["<MessageKept> <MessageChoices>"]);
    assert_eq!(caller.press("#"), ["message left", "Merci. (to the end)"]);
}

#[test]
fn it_can_be_heard_and_done_again_a_few_times() {
    let mut caller = answering(false);
    caller.speaks();
    caller.message(kept(1));
    assert_eq!(caller.press("1"), ["play message-1"]);
    assert_eq!(caller.listen(), ["<MessageChoices>"]);
    assert_eq!(caller.press("7"), ["<WrongKey> <MessageChoices>"]);
    for n in 2..=limits::MESSAGE_TAKES as u64 {
        assert_eq!(caller.press("2"), ["prepare 120 s", "stop"]);
        assert_eq!(caller.message(MessageNews::Ready), ["<SpeakAfterBeep> (to the end)"]);
        caller.listen();
        assert_eq!(caller.listen(), ["record"]);
        caller.message(kept(n));
    }
    assert_eq!(caller.press("2"), ["<WrongKey> <MessageChoicesLast>"]);
    assert_eq!(caller.press("1"), ["play message-5"]);
    assert_eq!(caller.press("#"), ["message left", "<Goodbye> (to the end)"]);
}

#[test]
fn who_says_nothing_is_asked_once_more() {
    let mut caller = answering_at(20);
    caller.speaks();
    assert_eq!(caller.message(MessageNews::Nothing), ["prepare 120 s"]);
    assert_eq!(caller.message(MessageNews::Ready), ["<NothingHeard> <SpeakAfterBeep> (to the end)"]);
    caller.listen();
    caller.listen();
    assert_eq!(
        caller.message(MessageNews::Nothing),
        ["message left", "<NothingHeard> <Hours> <Contact> <Goodbye> (to the end)"]
    );
}

#[test]
fn what_could_not_be_taken_or_kept_is_said_with_another_way() {
    let full = MessageNews::Refused(NoMessage::Full);
    let mut caller = answering(true);
    assert_eq!(caller.message(full), ["message left", "<NoMessages> <Contact>"]);
    assert_eq!(caller.listen(), ["Merci. (to the end)"]);

    let enough = MessageNews::Refused(NoMessage::Enough);
    let said = ["message left", "<EnoughMessages> <Hours> <Contact> <Goodbye> (to the end)"];
    assert_eq!(answering_at(20).message(enough), said);

    let mut caller = answering(true);
    caller.speaks();
    caller.press("#");
    caller.tell(Input::Message(MessageNews::NotKept));
    let said = ["- no message: not-kept", "message left", "<MessageNotKept> <Contact>"];
    assert_eq!(caller.gets(), said);
    assert_eq!(caller.message(kept(1)), [""; 0], "what comes too late changes nothing");
}

#[test]
fn in_opening_hours_who_could_leave_none_is_led_to_the_agent_once() {
    let full = || MessageNews::Refused(NoMessage::Full);
    let mut caller = answering_at(10);
    assert_eq!(caller.message(full()), ["message left", "<NoMessages>"]);
    assert_eq!(caller.listen(), ["join s/agents"]);
    assert_eq!(caller.news(QueueNews::Nobody), ["<NobodyThere>"]);
    assert_eq!(caller.listen(), ["prepare 120 s"]);
    assert_eq!(caller.message(full()), ["message left", "<NoMessages> <Contact> <Goodbye> (to the end)"]);

    let mut caller = answering_at(10);
    for _ in 0..2 {
        caller.speaks();
        caller.message(MessageNews::Nothing);
    }
    assert_eq!(caller.listen(), ["join s/agents"], "an empty line in a message is a silent caller");
}

#[test]
fn a_message_that_could_not_be_done_again_is_said_to_be_kept() {
    let said = ["message left", "<TechnicalTrouble> <MessageKept> <Contact>"];
    let again = || {
        let mut caller = answering(true);
        caller.speaks();
        caller.message(kept(1));
        assert_eq!(caller.press("2"), ["prepare 120 s", "stop"]);
        caller
    };
    assert_eq!(again().message(MessageNews::Refused(NoMessage::Full)), said);
    assert_eq!(again().wait(4), said, "nobody answers");
    let mut caller = again();
    caller.speaks();
    assert_eq!(caller.message(MessageNews::NotKept), said);
    let mut caller = again();
    caller.speaks();
    caller.press("#");
    assert_eq!(caller.wait(10), said);
}

#[test]
fn a_disk_that_says_nothing_is_told_like_one_that_is_full() {
    let mut caller = answering(true);
    assert_eq!(caller.wait(4), ["message left", "<NoMessages> <Contact>"]);

    let mut caller = answering(true);
    caller.speaks();
    assert_eq!(caller.wait(125), ["stop recording"], "nobody has ended it");
    assert_eq!(caller.wait(10), ["message left", "<MessageNotKept> <Contact>"]);
}

#[test]
fn zero_leads_to_the_agent_and_what_was_said_is_left() {
    let mut caller = answering(false);
    caller.speaks();
    assert_eq!(caller.press("0"), ["message left", "join s/agents"]);
}

/// A message that its caller, of this number, is called back for.
fn calling_back(number: Option<&str>, then: bool) -> Caller {
    let program = flow(&["message", "agents", "fin"], |at| {
        let StepKind::Voicemail(taken) = voicemail(then.then(|| at("fin"))) else { unreachable!() };
        let message = StepKind::Voicemail(Voicemail { callback: true, ..taken });
        vec![message, queue(at("message")), hangup("Merci.")]
    });
    Caller::calls_from(program, 10, number.map(|number| PhoneNumber::parse(number).unwrap()))
}

fn left_by(number: &str, then: bool) -> Caller {
    let mut caller = calling_back(Some(number), then);
    caller.speaks();
    caller.message(kept(1));
    assert_eq!(caller.press("#"), ["message left", "stop"], "nothing is said before it is written down");
    caller
}

const PROMISED: MessageNews = MessageNews::Promised { ticket: TicketId(7), slot: None };
const NOTED: &str = "C'est noté, nous vous rappelons dès que possible.";

#[test]
fn a_call_back_is_promised_once_it_is_written_down() {
    let mut caller = left_by("0612345678", false);
    caller.tell(Input::Message(PROMISED));
    assert_eq!(caller.gets(), ["- promised".to_owned(), format!("{NOTED} <Goodbye> (to the end)")]);
    assert_eq!(caller.listen(), ["hangup flow-end"]);

    let mut caller = left_by("0612345678", true);
    assert_eq!(caller.message(PROMISED), [NOTED]);
    assert_eq!(caller.listen(), ["Merci. (to the end)"]);

    let slot = Some((tuesday(14), tuesday(16)));
    let said = left_by("0612345678", true).message(MessageNews::Promised { ticket: TicketId(7), slot });
    assert_eq!(
        said,
        ["C'est noté, nous vous rappelons aujourd'hui de quatorze heures à seize heures"],
        "an earlier wish"
    );
}

#[test]
fn what_is_not_promised_is_said_so_and_what_nobody_knows_is_not_said() {
    let mut caller = left_by("0612345678", true);
    let said = "Votre demande n'a pas pu être notée. <MessageKept>";
    assert_eq!(caller.message(MessageNews::NotPromised), [said]);

    let mut caller = left_by("0612345678", false);
    assert_eq!(caller.wait(3), ["<Goodbye> (to the end)"]);
    assert_eq!(caller.message(PROMISED), [""; 0], "too late to be said");
}

#[test]
fn who_can_not_be_called_back_hears_so_before_the_message() {
    for number in [None, Some("0892123456"), Some("+3225551234")] {
        let mut caller = calling_back(number, false);
        let said = "Parlez. Nous ne pouvons pas rappeler ce numéro. <SpeakAfterBeep> (to the end)";
        assert_eq!(caller.message(MessageNews::Ready), [said], "{number:?}");
        caller.listen();
        caller.listen();
        caller.message(kept(1));
        assert_eq!(caller.press("#"), ["message left", "<Goodbye> (to the end)"], "and nothing is waited for");
    }
}

#[test]
fn who_wants_an_agent_does_not_wait_for_the_promise() {
    assert_eq!(left_by("0612345678", false).press("0"), ["join s/agents"]);
}
