//! Each of these is seen on SQLite and on PostgreSQL.

use serde_json::json;

use super::super::{
    Asked, CallBack, Kept, Listed, Mail, Message, MessageState, Store, Taux, TicketRow, Which, hash_of_code,
};
use super::{at, message, number, record, ticket};
use crate::base::{PhoneNumber, Private, TicketId};
use crate::call::Record;

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let fresh = super::super::Fresh::sqlite().await;
                super::$name(&fresh.store).await;
            })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                let fresh = super::super::Fresh::postgres().await;
                super::$name(&fresh.store).await;
            })*
        }
    };
}

on_both![
    records_come_back_the_newest_first,
    a_batch_of_records_is_kept_whole,
    the_number_stands_in_its_own_column_only,
    the_taux_counts_who_asked_in_hours_and_was_answered,
    a_ticket_comes_back_as_it_was_kept,
    an_older_version_never_replaces_a_newer_one,
    the_same_version_may_be_written_again_but_not_another_ticket_under_it,
    many_tickets_are_kept_with_one_wait,
    what_is_due_comes_in_the_order_of_its_time,
    open_tickets_are_found_at_the_start_and_ended_ones_are_not,
    an_id_never_goes_back,
    a_ticket_is_found_by_number_and_by_code,
    a_ticket_is_cancelled_by_id_by_number_and_by_code,
    tickets_are_listed_by_state_and_queue_page_by_page,
    a_code_beside_the_ticket_s_own_shows_it_until_it_is_withdrawn,
    who_is_being_called_is_not_cancelled_behind_the_agent_s_back,
    a_cancelled_ticket_is_not_written_over_by_who_still_holds_it,
    what_was_asked_is_counted_by_number_by_way_and_in_all,
    a_message_comes_back_as_it_was_kept_and_one_file_is_one_message,
    messages_are_listed_by_state_and_marked,
    a_message_is_recorded_kept_and_left,
    a_message_s_ticket_and_its_mark_are_one_write,
    a_number_s_messages_are_counted_and_those_without_one_apart,
    mails_are_due_in_their_order_until_they_are_sent,
    signs_that_a_database_does_not_like_are_kept_out,
    writing_can_be_tried,
];

async fn records_come_back_the_newest_first(store: &Store) {
    store.save(&record(1, 1_000)).await.unwrap();
    store.save(&Record { from: None, ..record(2, 2_000) }).await.unwrap();
    let rows = store.recent(10).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.started.millis()).collect::<Vec<_>>(), [2_000, 1_000]);
    assert_eq!(rows[0].from, None);
    assert_eq!(rows[1].from.as_ref().unwrap().reveal().as_str(), "+33612345678");
    assert_eq!(rows[1].record["told_ranks"], json!([3, 1]));
    assert_eq!(store.recent(1).await.unwrap().len(), 1);
}

async fn a_batch_of_records_is_kept_whole(store: &Store) {
    let records: Vec<Record> = (0..200).map(|call| record(call, 1_000 + i64::try_from(call).unwrap())).collect();
    store.save_all(&records).await.unwrap();
    store.save_all::<Record>(&[]).await.unwrap();
    assert_eq!(store.recent(1_000).await.unwrap().len(), 200);
}

async fn the_number_stands_in_its_own_column_only(store: &Store) {
    store.save(&record(1, 1_000)).await.unwrap();
    assert!(!store.recent(1).await.unwrap()[0].record.to_string().contains("612345678"));
}

async fn the_taux_counts_who_asked_in_hours_and_was_answered(store: &Store) {
    let unanswered = |call, at| Record { connected: None, ..record(call, at) };
    let records = [
        record(1, 10_000),
        record(2, 11_000),
        unanswered(3, 12_000),
        Record { asked_agent: None, ..unanswered(4, 12_000) },
        Record { asked_in_hours: false, ..unanswered(5, 12_000) },
        Record { service: "autre".into(), ..record(6, 12_000) },
        record(7, 99_000),
    ];
    store.save_all(&records).await.unwrap();
    let taux = store.taux_de_decroche("france-services", at(11_000), at(100_000)).await.unwrap();
    assert_eq!(taux, Taux { asked: 3, answered: 2 }, "1 and 2 asked a second after they came; 7 asked at 100 s");
    assert_eq!(Taux { asked: 4, answered: 3 }.share(), Some(0.75));
    assert_eq!(Taux::default().share(), None);
}

async fn a_ticket_comes_back_as_it_was_kept(store: &Store) {
    let full =
        TicketRow { code: Some("c0de".into()), attempts: 2, version: 5, ended: Some(at(99)), ..ticket(1, 1_000) };
    let largest = TicketId(u64::try_from(i64::MAX).unwrap());
    let bare = TicketRow { id: largest, number: None, rest: json!(null), ..ticket(2, 0) };
    for ticket in [full, bare] {
        assert_eq!(store.keep_ticket(&ticket).await.unwrap(), Kept::Written);
        assert_eq!(store.ticket(ticket.id).await.unwrap(), Some(ticket));
    }
    assert_eq!(store.ticket(TicketId(3)).await.unwrap(), None);
}

async fn an_older_version_never_replaces_a_newer_one(store: &Store) {
    let version = |version, state: &str| TicketRow { version, state: state.into(), ..ticket(1, 1_000) };
    for (ticket, kept) in [
        (version(3, "dialling"), Kept::Written),
        (version(2, "kept"), Kept::Older),
        (version(4, "connected"), Kept::Written),
        (version(3, "dialling"), Kept::Older),
    ] {
        assert_eq!(store.keep_ticket(&ticket).await.unwrap(), kept, "{ticket:?}");
    }
    assert_eq!(store.ticket(TicketId(1)).await.unwrap().unwrap().state, "connected");
}

async fn the_same_version_may_be_written_again_but_not_another_ticket_under_it(store: &Store) {
    let one = ticket(1, 1_000);
    let other = TicketRow { rest: json!({ "language": "en" }), ..one.clone() };
    let states = [(&one, Kept::Written), (&one, Kept::Written), (&other, Kept::Older)];
    for (ticket, kept) in states {
        assert_eq!(store.keep_ticket(ticket).await.unwrap(), kept);
    }
    assert_eq!(store.ticket(one.id).await.unwrap(), Some(one));
}

async fn many_tickets_are_kept_with_one_wait(store: &Store) {
    let mut tickets: Vec<TicketRow> = (1..=300).map(|id| ticket(id, 1_000)).collect();
    assert_eq!(store.keep_tickets(&tickets).await.unwrap(), vec![Kept::Written; 300]);
    tickets[7].rest = json!({});
    let kept = store.keep_tickets(&tickets).await.unwrap();
    assert_eq!(kept.iter().filter(|kept| **kept == Kept::Older).count(), 1);
    assert_eq!(kept[7], Kept::Older, "each has its own answer");
    assert!(store.keep_tickets(&[]).await.unwrap().is_empty());
}

fn ids(tickets: &[TicketRow]) -> Vec<u64> {
    tickets.iter().map(|ticket| ticket.id.0).collect()
}

async fn what_is_due_comes_in_the_order_of_its_time(store: &Store) {
    let due = |id, due| TicketRow { due: at(due), ..ticket(id, 0) };
    let ended = TicketRow { ended: Some(at(1)), ..due(5, 50) };
    store.keep_tickets(&[due(1, 300), due(2, 100), due(3, 100), due(4, 400), ended]).await.unwrap();
    assert_eq!(ids(&store.due_tickets(at(300), 10).await.unwrap()), [2, 3, 1]);
    assert_eq!(ids(&store.due_tickets(at(1_000), 2).await.unwrap()), [2, 3]);
    assert!(store.due_tickets(at(99), 10).await.unwrap().is_empty());
}

async fn open_tickets_are_found_at_the_start_and_ended_ones_are_not(store: &Store) {
    let ended = TicketRow { ended: Some(at(9)), state: "done".into(), ..ticket(2, 200) };
    store.keep_tickets(&[ticket(1, 100), ended, ticket(3, 300)]).await.unwrap();
    assert_eq!(ids(&store.open_tickets().await.unwrap()), [1, 3]);
    assert_eq!(ids(&store.tickets_since(at(200), 10).await.unwrap()), [3, 2], "the caps want those as well");
    assert_eq!(ids(&store.tickets_since(at(0), 1).await.unwrap()), [3]);
}

async fn an_id_never_goes_back(store: &Store) {
    assert_eq!(store.next_ticket_id().await.unwrap(), TicketId(1));
    let ended = TicketRow { ended: Some(at(0)), ..ticket(41, 0) };
    store.keep_ticket(&ended).await.unwrap();
    assert_eq!(store.next_ticket_id().await.unwrap(), TicketId(42));
    let (erased, done) = store.expire(&super::erasure::keep(), super::erasure::LATER).await;
    done.unwrap();
    assert_eq!((erased.tickets, store.ticket(TicketId(41)).await.unwrap()), (1, None));
    assert_eq!(store.next_ticket_id().await.unwrap(), TicketId(42), "41 may be in somebody's e-mail");
}

async fn a_ticket_is_found_by_number_and_by_code(store: &Store) {
    let code = Private::new("pq7w2k9d4x8m6z3t".to_owned());
    let first = TicketRow { number: Some(number()), ended: Some(at(5)), ..ticket(1, 100) };
    let second = TicketRow { number: Some(number()), code: Some(hash_of_code(&code)), ..ticket(2, 200) };
    store.keep_tickets(&[first, second.clone(), ticket(3, 300)]).await.unwrap();
    for spelled in ["+33612345678", "06 12 34 56 78", "0033612345678"] {
        let number = PhoneNumber::parse(spelled).unwrap();
        assert_eq!(store.ticket_of(&number).await.unwrap(), Some(second.clone()), "{spelled}");
    }
    assert_eq!(store.ticket_with(&code).await.unwrap(), Some(second.clone()));
    assert_eq!(store.ticket_with(&Private::new("pq7w2k9d4x8m6z3s".to_owned())).await.unwrap(), None);
    assert!(!second.code.unwrap().contains("pq7w"), "the code itself is not kept");
}

async fn a_ticket_is_cancelled_by_id_by_number_and_by_code(store: &Store) {
    let code = Private::new("pq7w2k9d4x8m6z3t".to_owned());
    let numbered = TicketRow { number: Some(number()), ..ticket(2, 0) };
    let coded = TicketRow { code: Some(hash_of_code(&code)), ..ticket(3, 0) };
    store.keep_tickets(&[ticket(1, 0), numbered, coded]).await.unwrap();
    let written_otherwise = Private::new(PhoneNumber::parse("0612345678").unwrap());
    for which in [Which::Id(TicketId(1)), Which::Number(written_otherwise), Which::Code(code)] {
        let cancelled = store.cancel_ticket(&which, at(50)).await.unwrap().unwrap();
        assert_eq!((cancelled.state.as_str(), cancelled.ended), ("cancelled", Some(at(50))));
        assert_eq!(store.cancel_ticket(&which, at(60)).await.unwrap(), None, "once");
    }
    assert!(store.open_tickets().await.unwrap().is_empty());
}

async fn tickets_are_listed_by_state_and_queue_page_by_page(store: &Store) {
    let done = TicketRow { state: "done".into(), ended: Some(at(9)), ..ticket(2, 0) };
    let other = TicketRow { queue: "prefecture/titres".into(), ..ticket(3, 0) };
    store.keep_tickets(&[ticket(1, 0), done, other, ticket(4, 0)]).await.unwrap();
    let ids = async |listed: Listed, n| {
        let rows = store.list_tickets(&listed, n).await.unwrap();
        rows.iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(Listed::default(), 9).await, [4, 3, 2, 1]);
    assert_eq!(ids(Listed::default(), 2).await, [4, 3]);
    assert_eq!(ids(Listed { before: Some(TicketId(3)), ..Listed::default() }, 2).await, [2, 1]);
    assert_eq!(ids(Listed { states: vec!["done", "cancelled"], ..Listed::default() }, 9).await, [2]);
    assert_eq!(ids(Listed { open: true, ..Listed::default() }, 9).await, [4, 3, 1]);
    let queue = Some("prefecture/titres".into());
    assert_eq!(ids(Listed { queue, open: true, ..Listed::default() }, 9).await, [3]);
}

async fn a_code_beside_the_ticket_s_own_shows_it_until_it_is_withdrawn(store: &Store) {
    let code = Private::new("2F7KQ9ZX4M8TB6WH".to_owned());
    store.keep_ticket(&ticket(1, 0)).await.unwrap();
    store.keep_code(&code, TicketId(1), &json!({ "when": "soon" })).await.unwrap();
    let row = store.code(&code).await.unwrap().unwrap();
    assert_eq!((row.ticket, &row.asked["when"], row.withdrawn), (TicketId(1), &json!("soon"), None));
    store.withdraw_code(&code, at(7)).await.unwrap();
    store.withdraw_code(&code, at(8)).await.unwrap();
    assert_eq!(store.code(&code).await.unwrap().unwrap().withdrawn, Some(at(7)), "withdrawn once");
    assert!(store.ticket(TicketId(1)).await.unwrap().unwrap().ended.is_none(), "the ticket stands");
    assert_eq!(store.code(&Private::new("another".to_owned())).await.unwrap(), None);
}

async fn who_is_being_called_is_not_cancelled_behind_the_agent_s_back(store: &Store) {
    for (id, state) in [(1, "dialling"), (2, "connected")] {
        store.keep_ticket(&TicketRow { state: state.into(), ..ticket(id, 0) }).await.unwrap();
        assert_eq!(store.cancel_ticket(&Which::Id(TicketId(id)), at(50)).await.unwrap(), None);
    }
    assert_eq!(store.open_tickets().await.unwrap().len(), 2);
}

async fn a_cancelled_ticket_is_not_written_over_by_who_still_holds_it(store: &Store) {
    let held = TicketRow { version: 4, state: "kept".into(), ..ticket(1, 0) };
    store.keep_ticket(&held).await.unwrap();
    store.cancel_ticket(&Which::Id(held.id), at(50)).await.unwrap();
    let dialling = TicketRow { version: 5, state: "dialling".into(), ..held };
    assert_eq!(store.keep_ticket(&dialling).await.unwrap(), Kept::Older, "nobody may be called for it");
}

async fn what_was_asked_is_counted_by_number_by_way_and_in_all(store: &Store) {
    let of = |id, asked| TicketRow { number: Some(number()), ended: Some(at(asked)), ..ticket(id, asked) };
    let web = TicketRow { source: "web".into(), ..ticket(4, 250) };
    store.keep_tickets(&[of(1, 100), of(2, 200), ticket(3, 200), web]).await.unwrap();
    let national = Asked::By(Private::new(PhoneNumber::parse("0612345678").unwrap()));
    for (who, from, count) in [
        (Asked::All, 0, 4),
        (Asked::All, 200, 3),
        (national.clone(), 0, 2),
        (national, 101, 1),
        (Asked::From("web".into()), 0, 1),
        (Asked::From("agent".into()), 0, 0),
    ] {
        assert_eq!(store.count_asked(&who, at(from)).await.unwrap(), count, "{who:?} {from}");
    }
}

async fn a_message_comes_back_as_it_was_kept_and_one_file_is_one_message(store: &Store) {
    let mut kept = message("messages/a.wav", 1_000);
    kept.mail = Mail::Waiting { due: at(5), tries: 2 };
    kept.id = store.keep_message(&kept).await.unwrap();
    assert_eq!(store.message(kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(store.keep_message(&kept).await.unwrap(), kept.id, "written again after a doubt");
    let mut bare = message("messages/b.wav", 2_000);
    (bare.number, bare.queue, bare.reason, bare.ticket) = (None, None, None, None);
    bare.id = store.keep_message(&bare).await.unwrap();
    assert!(bare.id > kept.id);
    assert_eq!(store.message_of_file("messages/b.wav").await.unwrap(), Some(bare));
    assert_eq!(store.message_of_file("messages/c.wav").await.unwrap(), None, "left behind by a crash");
}

async fn messages_are_listed_by_state_and_marked(store: &Store) {
    let mut all = Vec::new();
    for n in 0..3 {
        all.push(store.keep_message(&message(&format!("messages/{n}.wav"), 1_000 + n)).await.unwrap());
    }
    let heard = store.mark_message(all[1], MessageState::Heard, ("amina", at(9_000))).await.unwrap().unwrap();
    assert_eq!((heard.state, heard.changed_by.as_deref()), (MessageState::Heard, Some("amina")));
    let listed = |state| async move {
        store.messages(state, 10).await.unwrap().iter().map(|message| message.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(None).await, [all[2], all[1], all[0]]);
    assert_eq!(listed(Some(MessageState::New)).await, [all[2], all[0]]);
    assert_eq!(listed(Some(MessageState::Heard)).await, [all[1]]);
    assert_eq!(store.mark_message(999, MessageState::Settled, ("amina", at(0))).await.unwrap(), None);
}

async fn a_message_is_recorded_kept_and_left(store: &Store) {
    let unfinished = |file: &str| Message { state: MessageState::Recording, length_ms: 0, ..message(file, 1_000) };
    let first = store.keep_message(&unfinished("messages/a.wav")).await.unwrap();
    assert_eq!(store.messages(None, 10).await.unwrap(), [], "nobody has left it yet");
    assert!(!store.leave_message(first, at(1), Mail::None).await.unwrap(), "nothing was said yet");
    assert!(store.finish_message(first, 2_500, None).await.unwrap());
    let second =
        store.keep_message(&Message { callback: CallBack::Wanted, ..unfinished("messages/b.wav") }).await.unwrap();
    assert!(store.finish_message(second, 3_500, Some(first)).await.unwrap());
    assert_eq!(store.message(first).await.unwrap(), None, "it was done again");
    assert!(store.leave_message(second, at(9), Mail::Waiting { due: at(9), tries: 0 }).await.unwrap());
    let left = store.messages(None, 10).await.unwrap();
    assert_eq!(
        (left[0].id, left[0].length_ms, left[0].state, left[0].callback),
        (second, 3_500, MessageState::New, CallBack::Wanted)
    );
    assert_eq!(store.mails_due(at(9), 10).await.unwrap(), left);
    assert_eq!(store.callbacks_wanted(10).await.unwrap(), [], "it has its ticket");
    let wish = Message { ticket: None, callback: CallBack::Wanted, ..message("messages/c.wav", 3_000) };
    let wish = store.keep_message(&wish).await.unwrap();
    store.keep_message(&Message { ticket: None, ..message("messages/d.wav", 3_000) }).await.unwrap();
    assert_eq!(store.callbacks_wanted(10).await.unwrap().iter().map(|m| m.id).collect::<Vec<_>>(), [wish]);
    store.give_ticket(wish, TicketId(9)).await.unwrap();
    assert_eq!(store.callbacks_wanted(10).await.unwrap(), []);
    store.refuse_callback(wish).await.unwrap();
    assert_eq!(store.message(wish).await.unwrap().unwrap().callback, CallBack::Wanted, "what is promised stays");
    assert_eq!(store.message(wish).await.unwrap().unwrap().ticket, Some(TicketId(9)));
    store.delete_message(second).await.unwrap();
    assert!(!store.finish_message(second, 1, None).await.unwrap(), "it was erased meanwhile");
}

async fn a_message_s_ticket_and_its_mark_are_one_write(store: &Store) {
    let wish = |file: &str| Message { ticket: None, callback: CallBack::Wanted, ..message(file, 3_000) };
    let wish = store.keep_message(&wish("messages/a.wav")).await.unwrap();
    let promised = || async { store.message(wish).await.unwrap().unwrap().ticket };
    let asked = |id| TicketRow { rest: json!({ "message": wish }), state: "asked".into(), ..ticket(id, 1_000) };
    let other = TicketRow { state: "asked".into(), ..ticket(8, 1_000) };
    assert_eq!(store.keep_tickets(&[other, asked(9)]).await.unwrap(), [Kept::Written; 2]);
    assert_eq!((promised().await, store.callbacks_wanted(10).await.unwrap()), (Some(TicketId(9)), vec![]));
    store.keep_ticket(&asked(10)).await.unwrap();
    assert_eq!(promised().await, Some(TicketId(9)), "the first one stands");
    let refused = TicketRow { state: "refused".into(), version: 2, ended: Some(at(1)), ..asked(9) };
    store.keep_ticket(&refused).await.unwrap();
    assert_eq!(promised().await, None, "what was not promised is asked again");
    assert_eq!(store.callbacks_wanted(10).await.unwrap().len(), 1);
    store.keep_ticket(&asked(11)).await.unwrap();
    let cancelled = |by: &str| json!({ "message": wish, "ended": { "cancelled": by } });
    let cancelled = |id, version, by: &str| TicketRow {
        rest: cancelled(by),
        state: "cancelled".into(),
        version,
        ended: Some(at(1)),
        ..asked(id)
    };
    store.keep_ticket(&cancelled(11, 2, "phone")).await.unwrap();
    assert_eq!(promised().await, Some(TicketId(11)), "who does not want it any more is not called after all");
    store.keep_ticket(&cancelled(11, 3, "unpromised")).await.unwrap();
    assert_eq!(promised().await, None, "nobody was told");
    store.refuse_callback(wish).await.unwrap();
    assert_eq!(store.callbacks_wanted(10).await.unwrap(), [], "it is not asked for ever");
    assert_eq!(store.message(wish).await.unwrap().unwrap().callback, CallBack::Refused);
}

async fn a_number_s_messages_are_counted_and_those_without_one_apart(store: &Store) {
    for (file, started) in [("messages/a.wav", 900), ("messages/b.wav", 1_000), ("messages/c.wav", 2_000)] {
        store.keep_message(&message(file, started)).await.unwrap();
    }
    store.keep_message(&Message { number: None, ..message("messages/d.wav", 1_500) }).await.unwrap();
    let number = message("", 0).number.unwrap();
    assert_eq!(store.count_messages(Some(number.reveal()), at(1_000)).await.unwrap(), 2);
    assert_eq!(store.count_messages(None, at(1_000)).await.unwrap(), 1);
}

async fn mails_are_due_in_their_order_until_they_are_sent(store: &Store) {
    let mut all = Vec::new();
    for (n, due) in [30, 10, 20].into_iter().enumerate() {
        let mut waiting = message(&format!("messages/{n}.wav"), 0);
        waiting.mail = Mail::Waiting { due: at(due), tries: 0 };
        all.push(store.keep_message(&waiting).await.unwrap());
    }
    store.keep_message(&message("messages/silent.wav", 0)).await.unwrap();
    let due = |now| async move {
        store.mails_due(at(now), 10).await.unwrap().iter().map(|message| message.id).collect::<Vec<_>>()
    };
    assert_eq!(due(25).await, [all[1], all[2]]);
    store.mark_mail(all[1], Mail::Sent).await.unwrap();
    store.mark_mail(all[2], Mail::Waiting { due: at(90), tries: 1 }).await.unwrap();
    assert_eq!(due(50).await, [all[0]]);
    store.mark_mail(all[0], Mail::Failed).await.unwrap();
    assert_eq!(due(100).await, [all[2]]);
}

async fn signs_that_a_database_does_not_like_are_kept_out(store: &Store) {
    let odd = Record { sip_call_id: "a\0b'; DROP TABLE records; --é".into(), ..record(1, 1_000) };
    store.save(&odd).await.unwrap();
    let text = "SELECT sip_call_id FROM records";
    let row = store.read_one(super::super::engine::Statement::new(text)).await.unwrap();
    assert_eq!(row.unwrap().text().unwrap(), "ab'; DROP TABLE records; --é");
}

async fn writing_can_be_tried(store: &Store) {
    store.probe().await.unwrap();
    store.probe().await.unwrap();
}
