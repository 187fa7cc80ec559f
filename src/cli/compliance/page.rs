//! The report as one page that needs nothing else and prints well.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::facts::Fact;
use super::{Compliance, Finding, Held, Verdict};
use crate::base::Language;

const STYLE: &str = include_str!("style.css");

/// The page in one language.
pub(super) fn page(report: &Compliance, language: Language) -> Markup {
    let said = Said { language };
    html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (said.title()) " · " (names(report)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.kind { (said.title()) }
                    h1 { (names(report)) }
                    p { (said.made(report)) }
                }
                main {
                    (overview(report, &said))
                    @for held in &report.commitments { (commitment(held, &said)) }
                    (others(report, &said))
                    (read(report, &said))
                }
            }
        }
    }
}

fn names(report: &Compliance) -> String {
    let names: Vec<&str> = report.services.iter().map(|service| service.name.as_str()).collect();
    if names.is_empty() { "svi".to_owned() } else { names.join(", ") }
}

/// Every commitment with its verdict, in one table.
fn overview(report: &Compliance, said: &Said) -> Markup {
    html! {
        section aria-labelledby="overview" {
            h2 #overview { (said.get("En bref", "In short")) }
            p { (said.count(report)) }
            table {
                thead {
                    tr {
                        th scope="col" { (said.get("Engagement", "Commitment")) }
                        th scope="col" { (said.get("État", "State")) }
                    }
                }
                tbody {
                    @for held in &report.commitments {
                        tr {
                            th scope="row" { a href=(format!("#{}", held.id)) { (held.commitment.words(said.language)) } }
                            td { (badge(held.verdict, said)) }
                        }
                    }
                }
            }
        }
    }
}

fn badge(verdict: Verdict, said: &Said) -> Markup {
    let kind = match verdict {
        Verdict::Proved | Verdict::Allowed => "badge good",
        Verdict::Gap | Verdict::Unproved => "badge bad",
        Verdict::Measured | Verdict::Compared => "badge other",
    };
    html! { span class=(kind) { (said.verdict(verdict)) } }
}

/// One commitment: its words, its source, its proof or its gaps.
fn commitment(held: &Held, said: &Said) -> Markup {
    let origin = held.commitment.origin;
    html! {
        section.commitment aria-labelledby=(held.id) {
            h2 #(held.id) { (held.commitment.words(said.language)) }
            p.source {
                (badge(held.verdict, said)) " "
                a href=(origin.url) { (origin.name(said.language)) }
            }
            p { (said.proof(held)) }
            (findings(&held.gaps, said))
            (findings(&held.allowed, said))
            @if !held.facts.is_empty() {
                ul { @for fact in &held.facts { li { (said.fact(fact)) } } }
            }
        }
    }
}

/// Findings as they were told, with the title of their page; what `svi check` says is English.
fn findings(findings: &[Finding], said: &Said) -> Markup {
    let place = |finding: &Finding| {
        let path = finding.path.as_ref()?;
        Some(format!("{path}:{}:{}", finding.line.unwrap_or(1), finding.column.unwrap_or(1)))
    };
    html! {
        @for finding in findings {
            div.finding {
                p {
                    strong { @if let Some(rule) = finding.rule { (rule.words(said.language).title) } @else { (finding.code) } }
                    " " code { (finding.code) }
                }
                @if let Some(place) = place(finding) { p { code { (place) } } }
                p lang="en" {
                    (finding.message)
                    @if let Some(help) = &finding.help { ": " (help) }
                }
                @if let Some(story) = &finding.story { p.story lang="en" { (story) } }
                @if let Some(reason) = &finding.allowed {
                    p { (said.get("Autorisé, parce que : ", "Allowed, because: ")) q { (reason) } }
                }
            }
        }
    }
}

fn others(report: &Compliance, said: &Said) -> Markup {
    html! {
        @if !report.others.is_empty() {
            section aria-labelledby="others" {
                h2 #others { (said.get("Autres constats", "Other findings")) }
                p { (said.get("Ils ne touchent aucun engagement ; ce sont des règles de svi.", "They touch no commitment; they are rules of svi.")) }
                (findings(&report.others, said))
            }
        }
    }
}

/// What the report is of.
fn read(report: &Compliance, said: &Said) -> Markup {
    html! {
        section aria-labelledby="files" {
            h2 #files { (said.get("Fichiers vérifiés", "Files checked")) }
            p { (said.get("Le rapport vaut pour ces fichiers, que leur empreinte SHA-256 désigne, et pour eux seuls.", "The report is of these files, which their SHA-256 names, and of these only.")) }
            ul.files { @for file in &report.files { li { code { (file.path) } " " code.sum { (file.sha256) } } } }
        }
    }
}

/// The page's own words.
struct Said {
    language: Language,
}

impl Said {
    fn get<'a>(&self, fr: &'a str, en: &'a str) -> &'a str {
        match self.language {
            Language::Fr => fr,
            Language::En => en,
        }
    }

    fn title(&self) -> &'static str {
        self.get("Rapport de conformité de l'accueil téléphonique", "Compliance report of the telephone reception")
    }

    fn made(&self, report: &Compliance) -> String {
        let (at, svi) = (report.at, report.svi);
        match self.language {
            Language::Fr => format!("Fait le {} par svi {svi}.", at.format("%d/%m/%Y à %H:%M")),
            Language::En => format!("Made on {} by svi {svi}.", at.format("%-d %B %Y at %H:%M")),
        }
    }

    /// A fact; a French colon does not begin a line.
    fn fact(&self, fact: &Fact) -> String {
        match self.language {
            Language::Fr => fact.fr.replace(" :", "\u{a0}:"),
            Language::En => fact.en.clone(),
        }
    }

    fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Proved => self.get("Prouvé", "Proved"),
            Verdict::Allowed => self.get("Prouvé, avec exceptions", "Proved, with exceptions"),
            Verdict::Gap => self.get("Non tenu", "Not kept"),
            Verdict::Unproved => self.get("Non prouvé", "Not proved"),
            Verdict::Measured => self.get("Se mesure", "To be measured"),
            Verdict::Compared => self.get("Se compare", "To be compared"),
        }
    }

    /// How many commitments are proved, and how many are not kept.
    fn count(&self, report: &Compliance) -> String {
        let count =
            |wanted: &[Verdict]| report.commitments.iter().filter(|held| wanted.contains(&held.verdict)).count();
        let proved = count(&[Verdict::Proved, Verdict::Allowed]);
        let (gaps, open) = (count(&[Verdict::Gap]), count(&[Verdict::Unproved]));
        let rest = count(&[Verdict::Measured, Verdict::Compared]);
        match self.language {
            Language::Fr => format!(
                "Sur {} engagements : prouvés par l'examen de tous les parcours, {proved} ; non tenus, {gaps} ; non prouvés, {open} ; que les fichiers ne peuvent montrer, {rest}.",
                report.commitments.len()
            ),
            Language::En => format!(
                "Of {} commitments: proved by looking at every way through the flows, {proved}; not kept, {gaps}; not proved, {open}; not to be seen in the files, {rest}.",
                report.commitments.len()
            ),
        }
    }

    /// What stands behind the verdict, in a sentence.
    fn proof(&self, held: &Held) -> String {
        let rules = held.rules.join(", ");
        match (held.verdict, self.language) {
            (Verdict::Proved, Language::Fr) => format!("Ces règles ont examiné tous les parcours et n'ont rien trouvé : {rules}."),
            (Verdict::Proved, Language::En) => format!("These rules have looked at every flow and found nothing: {rules}."),
            (Verdict::Allowed, Language::Fr) => format!("Ces règles ont examiné tous les parcours : {rules}. Ce qu'elles ont trouvé est autorisé par écrit."),
            (Verdict::Allowed, Language::En) => format!("These rules have looked at every flow: {rules}. What they found is allowed in writing."),
            (Verdict::Gap, Language::Fr) => format!("Ces règles ont examiné les parcours : {rules}. Elles ont trouvé :"),
            (Verdict::Gap, Language::En) => format!("These rules have looked at the flows: {rules}. They found:"),
            (Verdict::Unproved, Language::Fr) => "Des erreurs empêchent de lire tous les parcours : rien n'est prouvé tant qu'elles ne sont pas corrigées.".to_owned(),
            (Verdict::Unproved, Language::En) => "Errors keep some flows from being read: nothing is proved until they are mended.".to_owned(),
            (Verdict::Measured, Language::Fr) => "Seuls de vrais appels le montrent : svi report le mesure.".to_owned(),
            (Verdict::Measured, Language::En) => "Only real calls show it: svi report measures it.".to_owned(),
            (Verdict::Compared, Language::Fr) => {
                "Seule une comparaison le montre : svi card check compare la fiche à l'annuaire de l'administration.".to_owned()
            }
            (Verdict::Compared, Language::En) => {
                "Only a comparison shows it: svi card check puts the card beside the directory of the administration.".to_owned()
            }
        }
    }
}
