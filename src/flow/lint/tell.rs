use crate::diag::Diagnostic;
use crate::flow::StepKind;
use crate::flow::file::FlowFile;
use crate::service::{Card, HoursKind, Topic};

/// A step that asks the card for what is not in it: the caller would hear nothing, or
/// always "closed".
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let card = &file.program.card;
    for id in file.ids() {
        match &file.program.step(id).kind {
            StepKind::Tell(tell) => {
                for (i, topic) in tell.topics.iter().enumerate() {
                    let Some(key) = lacking(card, *topic) else { continue };
                    let place = file.place(id, &["tell", &i.to_string()]);
                    out.push(
                        Diagnostic::error("nothing-to-tell", format!("the card says nothing of `{key}`"), Some(place))
                            .label("the caller would hear nothing")
                            .help(format!("write `{key}:` in `service.yaml`")),
                    );
                }
            }
            StepKind::Hours(hours) if hours.kind == HoursKind::Desk && card.desk_hours.is_none() => {
                out.push(
                    Diagnostic::error(
                        "bad-hours",
                        "the card has no hours of the desk",
                        Some(file.place(id, &["hours"])),
                    )
                    .label("always closed")
                    .help("write `hours: { desk: … }` in `service.yaml`"),
                );
            }
            StepKind::Hours(_)
            | StepKind::Say(_)
            | StepKind::Menu(_)
            | StepKind::Collect(_)
            | StepKind::Set(_)
            | StepKind::Choose(_)
            | StepKind::Goto(_)
            | StepKind::Lookup(_)
            | StepKind::Queue(_)
            | StepKind::Transfer(_)
            | StepKind::Voicemail(_)
            | StepKind::Callback(_)
            | StepKind::Survey(_)
            | StepKind::Hangup(_) => {}
        }
    }
}

/// The key of the card that a topic needs and that is not there.
fn lacking(card: &Card, topic: Topic) -> Option<&'static str> {
    let (key, there) = match topic {
        Topic::Hours => ("hours", true),
        Topic::Contact => ("websites", !(card.phones.is_empty() && card.emails.is_empty() && card.websites.is_empty())),
        Topic::Address => ("desk", card.desk.is_some()),
        Topic::Appointments => ("appointments", card.appointments.is_some()),
        Topic::Busy => ("busy", card.busy.is_some()),
        Topic::Quiet => ("quiet", card.quiet.is_some()),
        Topic::Procedure(nth) => ("procedures", card.procedures.len() > nth),
    };
    (!there).then_some(key)
}
