use crate::base::Language;
use crate::flow::{OfferAction, Program, StepId, StepKind};
use crate::service::HoursKind;

use super::{Arrow, Way};

/// All arrows of a flow; those of one way between the same two steps are one, their
/// labels together.
pub(super) fn arrows(program: &Program, language: Language) -> Vec<Arrow> {
    let mut all: Vec<Arrow> = Vec::new();
    for (id, _) in (0u32..).map(StepId).zip(&program.steps) {
        for (to, label, way) in ways(program, id, language) {
            let same = |a: &&mut Arrow| (a.from, a.to, a.way) == (id, to, way);
            match all.iter_mut().find(same) {
                Some(arrow) if label.is_empty() || arrow.label.split(", ").any(|l| l == label) => {}
                Some(arrow) if arrow.label.is_empty() => arrow.label = label,
                Some(arrow) => arrow.label = format!("{}, {label}", arrow.label),
                None => all.push(Arrow { from: id, to, label, way, to_agent: false }),
            }
        }
    }
    all
}

/// Whether a caller who presses nothing in opening hours takes this arrow.
pub(super) fn by_itself(program: &Program, arrow: &Arrow) -> bool {
    match (&program.step(arrow.from).kind, arrow.way) {
        (StepKind::Hours(hours), _) => hours.kind == HoursKind::Desk || arrow.to == hours.open,
        (StepKind::Say(_) | StepKind::Tell(_) | StepKind::Survey(_) | StepKind::Voicemail(_), Way::Usual) => true,
        (StepKind::Set(_) | StepKind::Goto(_) | StepKind::Choose(_) | StepKind::Lookup(_), _) | (_, Way::Silence) => {
            true
        }
        (_, Way::Usual | Way::Otherwise | Way::Zero) => false,
    }
}

/// The ways out of one step, `0`, `*` and `#` not among them.
fn ways(program: &Program, id: StepId, language: Language) -> Vec<(StepId, String, Way)> {
    let words = words(language);
    let on = |to: StepId| (to, String::new(), Way::Usual);
    let when = |to: StepId, label: &str| (to, label.to_owned(), Way::Usual);
    let silence = (program.agent, words.silence.to_owned(), Way::Silence);
    let otherwise = |to: StepId, label: &str| (to, label.to_owned(), Way::Otherwise);
    match &program.step(id).kind {
        StepKind::Say(say) => vec![on(say.then)],
        StepKind::Tell(tell) => vec![on(tell.then)],
        StepKind::Menu(menu) => {
            menu.choices.iter().map(|c| (c.go, c.key.to_string(), Way::Usual)).chain([silence]).collect()
        }
        StepKind::Hours(hours) => vec![when(hours.open, words.open), otherwise(hours.closed, words.closed)],
        StepKind::Collect(collect) => vec![when(collect.then, words.typed), silence],
        StepKind::Queue(queue) => {
            let refused = [(queue.nobody, words.nobody), (queue.full, words.full), (queue.long, words.long)];
            let offers = queue.busy.iter().flat_map(|busy| &busy.offers);
            let messages = offers.filter_map(|offer| match offer.action {
                OfferAction::Message(to) => Some((to, offer.key.to_string(), Way::Usual)),
                OfferAction::Callback | OfferAction::QuietHours | OfferAction::Continue => None,
            });
            (queue.answered.iter().map(|to| when(*to, words.answered)))
                .chain(messages)
                .chain(refused.map(|(to, label)| otherwise(to, label)))
                .chain(queue.closed.map(|to| otherwise(to, words.closed)))
                .collect()
        }
        StepKind::Transfer(transfer) => (transfer.then.iter().map(|to| when(*to, words.answered)))
            .chain([otherwise(transfer.failed, words.failed)])
            .collect(),
        StepKind::Voicemail(voicemail) => voicemail.then.map(on).into_iter().collect(),
        StepKind::Callback(callback) => (callback.then.iter().map(|to| when(*to, words.promised)))
            // In opening hours the last default is the agent.
            .chain([(callback.otherwise.unwrap_or(program.agent), words.otherwise.to_owned(), Way::Silence)])
            .collect(),
        StepKind::Survey(survey) => survey.then.map(on).into_iter().collect(),
        StepKind::Set(set) => vec![on(set.then)],
        StepKind::Goto(goto) => vec![on(goto.to)],
        StepKind::Choose(choose) => (choose.branches.iter().map(|branch| when(branch.go, &branch.written)))
            .chain([otherwise(choose.otherwise, words.otherwise)])
            .collect(),
        StepKind::Lookup(lookup) => vec![on(lookup.then), otherwise(lookup.failed, words.failed)],
        StepKind::Hangup(_) => Vec::new(),
    }
}

struct Words {
    open: &'static str,
    closed: &'static str,
    silence: &'static str,
    typed: &'static str,
    nobody: &'static str,
    full: &'static str,
    long: &'static str,
    answered: &'static str,
    failed: &'static str,
    promised: &'static str,
    otherwise: &'static str,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::Fr => &Words {
            open: "ouvert",
            closed: "fermé",
            silence: "silence",
            typed: "numéro tapé",
            nobody: "personne",
            full: "file pleine",
            long: "trop long",
            answered: "après l'appel",
            failed: "pas de réponse",
            promised: "rappel promis",
            otherwise: "sinon",
        },
        Language::En => &Words {
            open: "open",
            closed: "closed",
            silence: "silence",
            typed: "number typed",
            nobody: "nobody",
            full: "queue full",
            long: "too long",
            answered: "after the talk",
            failed: "no answer",
            promised: "callback promised",
            otherwise: "otherwise",
        },
    }
}
