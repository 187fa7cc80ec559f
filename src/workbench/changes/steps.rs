use std::collections::BTreeMap;

use crate::base::{Language, Localized};
use crate::flow::{
    Assignment, BargeIn, Beep, Busy, Collect, Lookup, Menu, OfferAction, Program, Question, Queue, ReadBack, Review,
    Step, StepId, StepKind, Terminator, TypeAhead, ValueSource,
};
use crate::service::{HoursKind, Topic};

use super::aspect::{Aspect, aspect, heard, short};

/// Old names of steps with what they are called now: steps of which all the same
/// holds, but for their own names.
pub(super) fn renamed(old: &Program, new: &Program, language: Language) -> BTreeMap<String, String> {
    let has = |program: &Program, name: &str| program.steps.iter().any(|s| &*s.name == name);
    let gone = old.steps.iter().filter(|s| !has(new, &s.name));
    let come: Vec<&Step> = new.steps.iter().filter(|s| !has(old, &s.name)).collect();
    let mut names = BTreeMap::new();
    for step in gone {
        let was = aspects(old, step, language, &str::to_owned);
        let same = |other: &&&Step| aspects(new, other, language, &str::to_owned) == was;
        let taken = |other: &&&Step| names.values().all(|name: &String| **name != *other.name);
        if let Some(other) = come.iter().filter(taken).find(same) {
            names.insert(step.name.to_string(), other.name.to_string());
        }
    }
    names
}

/// What holds of a step; `called` gives the steps that it leads to their names of today.
pub(super) fn aspects(
    program: &Program,
    step: &Step,
    language: Language,
    called: &dyn Fn(&str) -> String,
) -> Vec<Aspect> {
    let w = words(language);
    let to = |id: StepId| called(&program.step(id).name);
    let end = |id: Option<StepId>| id.map_or_else(|| w.ends.to_owned(), to);
    match &step.kind {
        StepKind::Say(say) => {
            let whole = (say.barge_in == BargeIn::Refused).then(|| aspect(w.barge_in, w.refused));
            [aspect(w.hears, heard(&say.text)), aspect(w.then, to(say.then))].into_iter().chain(whole).collect()
        }
        StepKind::Menu(menu) => chooses(menu, w, &to),
        StepKind::Hours(hours) => {
            let kind = if hours.kind == HoursKind::Phone { w.phone } else { w.desk };
            vec![aspect(w.hours, kind), aspect(w.open, to(hours.open)), aspect(w.closed, to(hours.closed))]
        }
        StepKind::Tell(tell) => {
            let topics: Vec<String> = tell.topics.iter().map(|t| topic(program, *t)).collect();
            let whole = (tell.barge_in == BargeIn::Refused).then(|| aspect(w.barge_in, w.refused));
            [aspect(w.tells, topics.join(", ")), aspect(w.then, to(tell.then))].into_iter().chain(whole).collect()
        }
        StepKind::Collect(collect) => collects(collect, w, &to),
        StepKind::Queue(queue) => waits(queue, language, w, &to),
        StepKind::Transfer(transfer) => vec![
            aspect(w.transfer, transfer.to.to_string()),
            aspect(w.rings, short(transfer.ring)),
            aspect(w.failed, to(transfer.failed)),
            aspect(w.answered, end(transfer.then)),
        ],
        StepKind::Voicemail(voicemail) => vec![
            aspect(w.message, heard(&voicemail.ask)),
            aspect(w.longest, short(voicemail.at_most)),
            aspect(w.calls_back, if voicemail.callback { w.yes } else { w.no }),
            aspect(w.beep, if voicemail.beep == Beep::Yes { w.yes } else { w.no }),
            aspect(w.review, if voicemail.review == Review::Yes { w.yes } else { w.no }),
            aspect(w.then, end(voicemail.then)),
        ],
        StepKind::Callback(callback) => [
            aspect(w.callback, callback.queue.to_string()),
            aspect(w.promised, end(callback.then)),
            // The last default, in opening hours.
            aspect(w.otherwise, to(callback.otherwise.unwrap_or(program.agent))),
        ]
        .into_iter()
        .chain(asked(&callback.question, w))
        .collect(),
        StepKind::Survey(survey) => [
            aspect(w.asks, heard(&survey.ask)),
            aspect(w.scale, survey.scale.to_string()),
            aspect(w.then, end(survey.then)),
        ]
        .into_iter()
        .chain(asked(&survey.question, w))
        .collect(),
        StepKind::Set(set) => {
            (set.assignments.iter().map(|a| assigned(program, a))).chain([aspect(w.then, to(set.then))]).collect()
        }
        StepKind::Choose(choose) => (choose.branches.iter())
            .map(|branch| aspect(format!("{} {}", w.when, branch.written), to(branch.go)))
            .chain([aspect(w.otherwise, to(choose.otherwise))])
            .collect(),
        StepKind::Goto(goto) => vec![aspect(w.then, to(goto.to))],
        StepKind::Lookup(lookup) => looks_up(program, lookup, w, &to),
        StepKind::Hangup(hangup) => {
            vec![aspect(w.hangs_up, hangup.text.as_ref().map_or_else(|| w.nothing.to_owned(), heard))]
        }
    }
}

fn assigned(program: &Program, assignment: &Assignment) -> Aspect {
    let value = match &assignment.from {
        ValueSource::Written(value) => value.to_string(),
        ValueSource::Nothing => "—".to_owned(),
        ValueSource::Variable(id) => program.variable(*id).to_owned(),
    };
    aspect(format!("« {} »", program.variable(assignment.to)), value)
}

fn looks_up(program: &Program, lookup: &Lookup, w: &Words, to: &dyn Fn(StepId) -> String) -> Vec<Aspect> {
    let taken = lookup.take.iter().map(|t| aspect(format!("« {} »", program.variable(t.to)), t.pointer.to_string()));
    let said = lookup.say.iter().map(|text| aspect(w.hears, heard(text)));
    let asked = [aspect(w.looks_up, lookup.url.written.to_string()), aspect(w.longest, short(lookup.within))];
    let leads = [aspect(w.then, to(lookup.then)), aspect(w.failed, to(lookup.failed))];
    said.chain(asked).chain(taken).chain(leads).collect()
}

fn chooses(menu: &Menu, w: &Words, to: &dyn Fn(StepId) -> String) -> Vec<Aspect> {
    let choice = |c: &crate::flow::Choice| {
        let language = c.language.map_or_else(String::new, |l| format!(" [{}]", l.code()));
        aspect(format!("{} {}", w.key, c.key), format!("{}{language} → {}", heard(&c.purpose), to(c.go)))
    };
    let mut all: Vec<Aspect> = menu.ask.iter().map(|ask| aspect(w.asks, heard(ask))).collect();
    all.extend(menu.choices.iter().map(choice));
    if menu.choices.len() > 1 {
        let order: Vec<String> = menu.choices.iter().map(|c| c.key.to_string()).collect();
        all.push(aspect(w.order, order.join(", ")));
    }
    all.push(aspect(w.patience, short(menu.patience)));
    all.extend(asked(&menu.question, w));
    all
}

/// How a question is asked, and asked again.
fn asked(question: &Question, w: &Words) -> Vec<Aspect> {
    let mut all =
        vec![aspect(w.silences, question.silences.to_string()), aspect(w.wrong_keys, question.wrong.to_string())];
    let each = |subject: &str, texts: &[Localized]| {
        (1..).zip(texts).map(|(i, text)| aspect(format!("{subject} {i}"), heard(text))).collect::<Vec<_>>()
    };
    all.extend(each(w.on_silence, &question.on_silence));
    all.extend(each(w.on_wrong, &question.on_wrong));
    all.extend(question.again.iter().map(|text| aspect(w.again, heard(text))));
    all.extend((question.barge_in == BargeIn::Refused).then(|| aspect(w.barge_in, w.refused)));
    all.extend((question.type_ahead == TypeAhead::Forgotten).then(|| aspect(w.type_ahead, w.forgotten)));
    all
}

fn collects(collect: &Collect, w: &Words, to: &dyn Fn(StepId) -> String) -> Vec<Aspect> {
    let mut all = vec![
        aspect(w.asks, heard(&collect.ask)),
        aspect(w.digits, collect.form.to_string()),
        aspect(w.hash_ends, if collect.terminator == Terminator::Hash { w.yes } else { w.no }),
        aspect(w.read_back, if collect.read_back == ReadBack::Yes { w.yes } else { w.no }),
        aspect(w.patience, short(collect.patience)),
        aspect(w.between, short(collect.between)),
        aspect(w.then, to(collect.then)),
    ];
    all.extend(asked(&collect.question, w));
    all
}

fn waits(queue: &Queue, language: Language, w: &Words, to: &dyn Fn(StepId) -> String) -> Vec<Aspect> {
    let often = |every: Option<std::time::Duration>| every.map_or_else(|| w.nothing.to_owned(), short);
    let mut all = vec![
        aspect(w.waits, queue.queue.to_string()),
        aspect(w.rank, often(queue.announce.rank)),
        aspect(w.wait, often(queue.announce.wait)),
        aspect(w.priority, queue.priority.to_string()),
    ];
    if !queue.needs.is_empty() {
        let needs: Vec<String> = queue.needs.iter().map(ToString::to_string).collect();
        all.push(aspect(w.needs, needs.join(", ")));
    }
    all.extend((1..).zip(&queue.comfort).map(|(i, text)| aspect(format!("{} {i}", w.comfort), heard(text))));
    if let Some(busy) = &queue.busy {
        all.push(aspect(w.busy, when(busy, w)));
        all.extend(busy.offers.iter().map(|offer| {
            let leads = match offer.action {
                OfferAction::Message(id) => format!(" → {}", to(id)),
                OfferAction::Callback | OfferAction::QuietHours | OfferAction::Continue => String::new(),
            };
            aspect(format!("{} {}", w.offer, offer.key), format!("« {} »{leads}", offer.line(language)))
        }));
    }
    all.push(aspect(w.nobody, to(queue.nobody)));
    all.push(aspect(w.full, to(queue.full)));
    all.push(aspect(w.long, to(queue.long)));
    all.extend(queue.closed.map(|id| aspect(w.closed, to(id))));
    all.push(aspect(w.answered, queue.answered.map_or_else(|| w.ends.to_owned(), to)));
    all
}

fn when(busy: &Busy, w: &Words) -> String {
    let wait = busy.when_wait.map(|wait| format!("{} {}", w.wait, short(wait)));
    let waiting = busy.when_waiting.map(|n| format!("{n} {}", w.waiting));
    let abandoned = busy.when_abandoned.map(|share| format!("{share} % {}", w.abandoned));
    [wait, waiting, abandoned].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The word that flows have for a topic: admins know it, in both languages.
fn topic(program: &Program, topic: Topic) -> String {
    let word = match topic {
        Topic::Hours => "hours",
        Topic::Contact => "contact",
        Topic::Address => "address",
        Topic::Appointments => "appointments",
        Topic::Busy => "busy",
        Topic::Quiet => "quiet",
        Topic::Procedure(nth) => {
            return program.card.procedures.get(nth).map_or_else(String::new, |procedure| heard(&procedure.name));
        }
    };
    word.to_owned()
}

mod vocabulary;

use vocabulary::{Words, words};
