use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Span};
use crate::flow::StepKind;
use crate::flow::card::CardFile;
use crate::flow::file::FlowFile;
use crate::service::{Topic, Website};

/// Facts that a citizen must find everywhere (on the phone, on the page, in the directory) and
/// that a card does not have: another number, a site that explains, access, appointments, busy and quiet hours, a
/// relay for who can't hear.
pub(super) fn check(card: &CardFile, out: &mut Vec<Diagnostic>) {
    let (facts, tree) = (&card.card, &card.tree);
    let relay = !facts.relay.numbers.is_empty() || facts.relay.site.is_some();
    let said = |key: &str| tree.entry(key).is_some();
    let reference = facts.websites.iter().any(Website::is_reference);
    let access = facts.desk.as_ref().is_none_or(|desk| desk.access.is_some());
    let sought = [
        Sought {
            code: "card-no-phone",
            key: "phones",
            said: !facts.phones.is_empty(),
            what: "by which number it is reached",
            help: PHONE,
        },
        Sought {
            code: "card-no-reference-site",
            key: "websites",
            said: reference,
            what: "where procedures are explained",
            help: REFERENCE,
        },
        Sought { code: "card-no-access", key: "desk", said: access, what: "how the desk is entered", help: ACCESS },
        Sought {
            code: "card-no-appointments",
            key: "name",
            said: facts.appointments.is_some(),
            what: "how to get an appointment",
            help: APPOINTMENTS,
        },
        Sought { code: "card-no-busy-hours", key: "name", said: said("busy"), what: "when many phone", help: BUSY },
        Sought { code: "card-no-quiet-hours", key: "name", said: said("quiet"), what: "when it is quiet", help: QUIET },
        Sought {
            code: "card-no-relay",
            key: "relay",
            said: relay,
            what: "how who can't hear reaches an agent",
            help: RELAY,
        },
    ];
    out.extend(sought.iter().filter(|fact| !fact.said).map(|fact| {
        let place = tree.key_place(if said(fact.key) { fact.key } else { "name" });
        Diagnostic::warning(fact.code, format!("the card does not say {}", fact.what), Some(place))
            .label("a citizen would look for it")
            .help(fact.help)
    }));
    if facts.relay.hours.as_ref().is_some_and(|relay| !relay.opens_as(&facts.phone_hours)) {
        let message = "the relay for who can't hear has not the hours of the phone";
        out.push(
            Diagnostic::warning("relay-other-hours", message, Some(tree.place(&["relay", "hours"])))
                .label("since 1 October 2026 they must be the same")
                .help("have the relay at the hours of the phone, and take out `hours:`"),
        );
    }
}

/// A fact that a citizen looks for.
struct Sought {
    code: &'static str,
    /// Where it is, or should be.
    key: &'static str,
    said: bool,
    what: &'static str,
    help: &'static str,
}

/// Procedures of the card that no flow tells, or of which the way online or the agent's is not said.
pub(super) fn procedures(card: &CardFile, flows: &[FlowFile], out: &mut Vec<Diagnostic>) {
    let told: BTreeSet<&str> = flows.iter().flat_map(told).collect();
    for (i, procedure) in card.card.procedures.iter().enumerate() {
        let place = || card.tree.place(&["procedures", &i.to_string(), "name"]);
        let name = &procedure.name.fr;
        if !procedure.id.as_deref().is_some_and(|id| told.contains(id)) {
            let message = format!("no flow tells the procedure « {name} »");
            out.push(Diagnostic::warning("procedure-not-told", message, Some(place())).label("never heard").help(TELL));
        }
        if procedure.online.is_none() {
            let message = format!("of the procedure « {name} » the way online is not said");
            out.push(
                Diagnostic::warning("procedure-no-online", message, Some(place()))
                    .label("only with an agent?")
                    .help(ONLINE),
            );
        }
        if procedure.agent.is_none() {
            let message = format!("of the procedure « {name} » the way with an agent is not said");
            out.push(
                Diagnostic::warning("procedure-no-agent", message, Some(place())).label("only online?").help(AGENT),
            );
        }
    }
}

/// The procedures that a flow's steps are about.
fn told(file: &FlowFile) -> impl Iterator<Item = &str> {
    let told = |id| {
        let says = match &file.program.step(id).kind {
            StepKind::Tell(tell) => tell.topics.iter().any(|topic| matches!(topic, Topic::Procedure(_))),
            _ => true,
        };
        file.step_tree(id).filter(|_| says)?.at(&["about"])?.written()
    };
    file.ids().filter_map(told)
}

/// What is written about a procedure that there is not.
pub(in crate::flow) fn unknown_procedure(id: &str, known: &[&str], span: Span) -> Diagnostic {
    let message = format!("the card has no procedure `{id}`");
    let diagnostic = Diagnostic::error("unknown-procedure", message, Some(span)).label("no procedure of this `id`");
    match crate::flow::yaml::suggestion(id, known.iter().copied()) {
        Some(help) => diagnostic.help(help),
        None => diagnostic.help("write it under `procedures:` in `service.yaml`, with its `id:`"),
    }
}

const PHONE: &str = "write `phones:`, each with its `purpose:`";
const REFERENCE: &str =
    "list https://www.service-public.gouv.fr under `websites:`, or mark your own site with `reference: true`";
const ACCESS: &str = "write `access:` under `desk:`, such as `entrée de plain-pied`";
const APPOINTMENTS: &str = "write `appointments:`";
const BUSY: &str = "write `busy: { phone: … }`, or `busy: { phone: measured }`";
const QUIET: &str = "write `quiet: { phone: … }`, or `quiet: { phone: measured }`";
const RELAY: &str = "write under `relay:` the numbers that your relay service calls from, and its `site:`";
const TELL: &str = "give it an `id:`, and write `about:` with that id in the step that tells it";
const ONLINE: &str = "write `online:` with the address where it is done";
const AGENT: &str = "write `agent:`, such as `au téléphone ou à l'accueil`";
