use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Span};
use crate::flow::card::CardFile;
use crate::flow::file::FlowFile;

/// Facts that a citizen must find everywhere (on the phone, on the page, in the directory) and
/// that a card does not have: another number, a site that explains, access, appointments, busy and quiet hours, a
/// relay for who can't hear.
pub(super) fn check(card: &CardFile, out: &mut Vec<Diagnostic>) {
    let (facts, tree) = (&card.card, &card.tree);
    let desk = facts.desk.as_ref();
    let lacks = |there: bool, code, what: &str, owner: &str, help| {
        (!there).then(|| {
            let place = if tree.entry(owner).is_some() { owner } else { "name" };
            Diagnostic::warning(code, format!("the card does not say {what}"), Some(tree.key_place(place)))
                .label("a citizen would look for it")
                .help(help)
        })
    };
    let relay = !facts.relay.numbers.is_empty() || facts.relay.site.is_some();
    let said = |key: &str| tree.entry(key).is_some();
    let reference = facts.websites.iter().any(crate::service::Website::is_reference);
    out.extend(
        [
            lacks(!facts.phones.is_empty(), "card-no-phone", "by which number it is reached", "phones", PHONE),
            lacks(reference, "card-no-reference-site", "where procedures are explained", "websites", REFERENCE),
            lacks(desk.is_none_or(|d| d.access.is_some()), "card-no-access", "how the desk is entered", "desk", ACCESS),
            lacks(
                facts.appointments.is_some(),
                "card-no-appointments",
                "how to get an appointment",
                "name",
                APPOINTMENTS,
            ),
            lacks(said("busy"), "card-no-busy-hours", "when many phone", "name", BUSY),
            lacks(said("quiet"), "card-no-quiet-hours", "when it is quiet", "name", QUIET),
            lacks(relay, "card-no-relay", "how who can't hear reaches an agent", "relay", RELAY),
        ]
        .into_iter()
        .flatten(),
    );
    if facts.relay.hours.as_ref().is_some_and(|relay| !relay.opens_as(&facts.phone_hours)) {
        let message = "the relay for who can't hear has not the hours of the phone";
        out.push(
            Diagnostic::warning("relay-other-hours", message, Some(tree.place(&["relay", "hours"])))
                .label("since 1 October 2026 they must be the same")
                .help("have the relay at the hours of the phone, and take out `hours:`"),
        );
    }
}

/// Procedures of the card that no flow tells, or of which the way online or the agent's is not said.
pub(super) fn procedures(card: &CardFile, flows: &[FlowFile], out: &mut Vec<Diagnostic>) {
    let told: BTreeSet<&str> = flows.iter().flat_map(told).collect();
    for (i, procedure) in card.card.procedures.iter().enumerate() {
        let place = || card.tree.place(&["procedures", &i.to_string(), "name"]);
        let name = &procedure.name.fr;
        let warn = |code, message: String, label, help| {
            Diagnostic::warning(code, message, Some(place())).label(label).help(help)
        };
        if !procedure.id.as_deref().is_some_and(|id| told.contains(id)) {
            let message = format!("no flow tells the procedure « {name} »");
            out.push(warn("procedure-not-told", message, "never heard", TELL));
        }
        if procedure.online.is_none() {
            let message = format!("of the procedure « {name} » the way online is not said");
            out.push(warn("procedure-no-online", message, "only with an agent?", ONLINE));
        }
        if procedure.agent.is_none() {
            let message = format!("of the procedure « {name} » the way with an agent is not said");
            out.push(warn("procedure-no-agent", message, "only online?", AGENT));
        }
    }
}

/// The procedures that a flow's steps are about.
fn told(file: &FlowFile) -> impl Iterator<Item = &str> {
    file.ids().filter_map(|id| file.step_tree(id)?.at(&["about"])?.written())
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
