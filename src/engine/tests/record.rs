//! What a caller says in the middle of a call: the voicemail's machine, in the flow's words.

use super::*;
use crate::base::MessageId;
use crate::engine::{MessageNews, NoMessage};

/// A caller who is asked for the reason of the call, then led to the agents.
fn asked(change: impl FnOnce(&mut Voicemail)) -> Caller {
    Caller::calls(flow(&["motif", "agents"], |at| {
        let StepKind::Voicemail(mut record) = voicemail(Some(at("agents"))) else { unreachable!("a message") };
        record.taking = Taking::Record;
        record.name = Some("motif".into());
        change(&mut record);
        vec![StepKind::Voicemail(record), queue(at("motif"))]
    }))
}

fn news(caller: &mut Caller, news: MessageNews) -> Vec<String> {
    caller.hears();
    caller.tell(Input::Message(news));
    caller.hears()
}

const KEPT: MessageNews = MessageNews::Kept { message: MessageId(1) };

/// Hears the words and the beep, and speaks.
fn speaks(caller: &mut Caller) {
    assert_eq!(news(caller, MessageNews::Ready), ["Parlez. (to the end)"], "in the flow's words alone");
    assert_eq!(caller.listen(), ["beep (to the end)"]);
    assert_eq!(caller.listen(), ["record"]);
}

#[test]
fn it_is_kept_under_its_name_and_the_call_goes_on() {
    let mut caller = asked(|_| {});
    assert_eq!(caller.hears(), ["prepare motif"]);
    speaks(&mut caller);
    assert_eq!(caller.press("#"), ["stop recording"]);
    assert_eq!(news(&mut caller, KEPT), ["<MessageKept> <RecordChoices>"]);
    assert_eq!(caller.press("1"), ["play message-1"]);
    assert_eq!(caller.listen(), ["<RecordChoices>"]);
    assert_eq!(caller.press("#"), ["message left", "join s/agents", "stop"]);
}

#[test]
fn another_take_is_asked_for_in_the_same_words() {
    let mut caller = asked(|_| {});
    speaks(&mut caller);
    news(&mut caller, KEPT);
    assert_eq!(caller.press("2"), ["prepare motif", "stop"]);
    speaks(&mut caller);
}

#[test]
fn who_says_nothing_is_asked_once_more_and_the_call_goes_on() {
    let mut caller = asked(|_| {});
    speaks(&mut caller);
    assert_eq!(news(&mut caller, MessageNews::Nothing), ["prepare motif"]);
    assert_eq!(news(&mut caller, MessageNews::Ready), ["<NothingHeard> Parlez. (to the end)"]);
    caller.listen();
    caller.listen();
    assert_eq!(news(&mut caller, MessageNews::Nothing), ["message left", "<NothingHeard>"]);
    assert_eq!(caller.listen(), ["join s/agents"]);
}

#[test]
fn without_review_and_beep_it_counts_as_it_is() {
    let mut caller = asked(|record| (record.review, record.beep) = (Review::No, Beep::No));
    assert_eq!(news(&mut caller, MessageNews::Ready), ["Parlez. (to the end)"]);
    assert_eq!(caller.listen(), ["record"]);
    assert_eq!(news(&mut caller, KEPT), ["message left", "join s/agents"]);
}

#[test]
fn a_full_disk_costs_nobody_the_agent() {
    let mut caller = asked(|_| {});
    assert_eq!(news(&mut caller, MessageNews::Refused(NoMessage::Full)), ["message left", "<NoMessages>"]);
    assert_eq!(caller.listen(), ["join s/agents"]);
}
