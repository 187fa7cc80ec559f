use std::fmt::Write;

use super::week::{Told, osm};
use super::{Address, Record};
use crate::service::Region;

/// A card that was made from a record, and what a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The card's file. What the directory does not say and a card needs is left open in it, with a
    /// comment, so that `svi check` asks for it.
    pub yaml: String,
    /// What a person has to look at.
    pub findings: Vec<Finding>,
}

/// Something in a record that no program should decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `annuaire-comment`, `annuaire-unclear` or `annuaire-unsaid`.
    pub code: &'static str,
    /// One phrase.
    pub message: String,
    /// What to do.
    pub help: &'static str,
    /// The words of the directory that it is about.
    pub words: Option<String>,
}

/// Makes a card's file from a record of the directory. Free words are put beside the place as
/// comments, never turned into facts.
pub fn import(record: &Record) -> Imported {
    let mut draft = Draft { yaml: String::new(), findings: Vec::new() };
    draft.head(record);
    draft.phones(record);
    draft.emails(record);
    draft.websites(record);
    let desk = record.desk();
    if let Some(desk) = desk {
        draft.desk(desk);
    }
    draft.hours(record);
    draft.more(record);
    Imported { yaml: draft.yaml, findings: draft.findings }
}

struct Draft {
    yaml: String,
    findings: Vec<Finding>,
}

impl Draft {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.yaml, "{text}");
    }

    /// Free words as a comment, also where they have several lines.
    fn comment(&mut self, indent: &str, words: &str) {
        for line in words.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let _ = writeln!(self.yaml, "{indent}# {line}");
        }
    }

    fn tell(&mut self, code: &'static str, message: impl Into<String>, help: &'static str, words: Option<&str>) {
        let message = message.into().split_whitespace().collect::<Vec<_>>().join(" ");
        self.findings.push(Finding { code, message, help, words: words.map(str::to_owned) });
    }

    fn head(&mut self, record: &Record) {
        self.line("# From the directory of the administration (annuaire, DILA, Licence Ouverte 2.0).");
        let changed = match &*record.date_modification {
            "" => String::new(),
            date => format!(", changed on {date}"),
        };
        self.comment("", &format!("{}{changed}", record.nom));
        self.comment("", "What it does not say is left open, and `svi check` asks for it.");
        self.line(&format!("name: {}", quoted(&record.nom)));
        if !record.id.is_empty() {
            self.line(&format!("annuaire: {}", quoted(&record.id)));
        }
        let (region, zone) = whereabouts(record);
        if let Some(zone) = zone {
            self.line(&format!("timezone: {zone}"));
        }
        if region != Region::Metropole {
            self.line(&format!("region: {}", region.name()));
        }
    }

    fn purpose(&mut self, of: &str, written: &str) {
        if written.is_empty() {
            self.line("    purpose: \"\"  # to write, as it stands after « pour »");
            self.tell("annuaire-unsaid", format!("the directory does not say what {of} is for"), PURPOSE, None);
        } else {
            self.line(&format!("    purpose: {}", quoted(written)));
        }
    }

    fn phones(&mut self, record: &Record) {
        if record.telephone.is_empty() {
            self.tell("annuaire-unsaid", "the directory has no phone number", "write `phones:`", None);
            return;
        }
        self.line("phones:");
        for phone in &record.telephone {
            self.line(&format!("  - number: {}", quoted(&phone.valeur)));
            self.purpose(&format!("`{}`", phone.valeur), &phone.description);
        }
    }

    fn emails(&mut self, record: &Record) {
        if record.adresse_courriel.is_empty() {
            return;
        }
        self.line("emails:");
        for address in &record.adresse_courriel {
            self.line(&format!("  - address: {}", quoted(address)));
            self.purpose(&format!("`{address}`"), "");
        }
    }

    fn websites(&mut self, record: &Record) {
        if record.site_internet.is_empty() && record.formulaire_contact.is_empty() {
            return;
        }
        self.line("websites:");
        for site in &record.site_internet {
            self.line(&format!("  - url: {}", quoted(&site.valeur)));
            self.purpose(&format!("`{}`", site.valeur), &site.libelle);
        }
        for form in &record.formulaire_contact {
            self.line(&format!("  - url: {}", quoted(form)));
            self.purpose(&format!("the form `{form}`"), "");
        }
    }

    fn desk(&mut self, desk: &Address) {
        self.line("desk:");
        self.line(&format!("  address: {}", quoted(&desk.line())));
        let access = match (&*desk.accessibilite, &*desk.note_accessibilite) {
            ("ACC" | "", note) if !note.is_empty() => note,
            ("ACC", _) => "accessible en fauteuil roulant",
            ("NAC", "") => "non accessible en fauteuil roulant",
            ("", _) => return,
            (code, note) => {
                let words = if note.is_empty() { code.to_owned() } else { format!("{code} : {note}") };
                self.comment("  ", &format!("access: to write; the directory says: {words}"));
                let message = format!("the directory says of the access: {words}");
                self.tell("annuaire-unclear", message, "write `access:` in words", Some(code));
                return;
            }
        };
        self.line(&format!("  access: {}", quoted(access)));
    }

    fn hours(&mut self, record: &Record) {
        let told = Told::read(&record.plage_ouverture);
        let every_week = osm(&told.every_week);
        self.line("hours:");
        self.remarks(record, &told);
        let written = if every_week.is_empty() { None } else { Some(format!("{every_week}; PH off")) };
        if written.is_some() {
            self.comment("  ", "`PH off`: the directory says nothing of public holidays.");
        }
        let desk = record.desk().is_some();
        if desk {
            self.comment(
                "  ",
                "The directory does not say when the phone is answered; if it is when the desk is open:",
            );
            self.comment("  ", &format!("phone: {}", written.as_deref().map_or_else(|| "to write".into(), quoted)));
            self.tell("annuaire-unsaid", "the directory does not say when the phone is answered", PHONE_HOURS, None);
        }
        match (written, desk) {
            (Some(hours), true) => self.line(&format!("  desk: {}", quoted(&hours))),
            (Some(hours), false) => self.line(&format!("  phone: {}", quoted(&hours))),
            (None, _) => self.tell("annuaire-unsaid", "the directory has no hours for every week", HOURS, None),
        }
    }

    fn remarks(&mut self, record: &Record, told: &Told) {
        for (week, remark) in &told.remarked {
            let hours = osm(week);
            self.comment("  ", &format!("Not taken over, for its remark: {hours}"));
            self.comment("  ", &format!("« {remark} »"));
            let message = format!("the hours `{hours}` have a remark: « {remark} »");
            self.tell("annuaire-comment", message, REMARK, Some(remark));
        }
        for line in &told.unclear {
            self.comment("  ", &format!("Not taken over, can't be read as hours: {line}"));
            let message = format!("this can't be read as hours: {line}");
            self.tell("annuaire-unclear", message, "write what it means as hours", None);
        }
        if !record.commentaire_plage_ouverture.is_empty() {
            let words = &record.commentaire_plage_ouverture;
            self.comment("  ", &format!("The directory says of the hours: « {words} »"));
            let message = format!("the directory says of the hours: « {words} »");
            self.tell("annuaire-comment", message, REMARK, Some(words));
        }
    }

    /// What a card has no place for.
    fn more(&mut self, record: &Record) {
        for line in &record.telephone_accessible {
            let words = [&*line.valeur, &*line.description].join(" ");
            self.comment("", &format!("For who can't hear, the directory has: {words}"));
            let message = format!("for who can't hear, the directory has: {words}");
            self.tell("annuaire-unclear", message, "write what it is under `relay:`", Some(&line.valeur));
        }
        if !record.information_complementaire.is_empty() {
            let words = &record.information_complementaire;
            self.comment("", &format!("The directory also says: « {words} »"));
            let message = format!("the directory also says: « {words} »");
            self.tell("annuaire-comment", message, "write what callers need of it", Some(words));
        }
    }
}

/// Whose holidays are kept and which clock is right, by the commune's code or the postal code.
fn whereabouts(record: &Record) -> (Region, Option<&'static str>) {
    let postal = record.desk().map(|desk| &*desk.code_postal).unwrap_or_default();
    let code = match POSTAL.iter().find(|(own, _)| *own == postal) {
        Some((_, code)) => code,
        None if record.code_insee_commune.is_empty() => postal,
        None => &record.code_insee_commune,
    };
    let area = AREAS.iter().find(|(start, ..)| code.starts_with(start));
    area.map_or((Region::Metropole, None), |(_, region, zone)| (*region, *zone))
}

/// In double quotes, as YAML and JSON both read it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("invariant: a text always serializes")
}

const PURPOSE: &str = "write it as `purpose:`, as it stands after « pour »";
const PHONE_HOURS: &str = "write it as `phone:` under `hours:`";
const HOURS: &str = "write them under `hours:`";
const REMARK: &str = "write what it means as hours or as `closures:`";
/// Two islands have postal codes among those of Guadeloupe, and codes of their own.
const POSTAL: [(&str, &str); 2] = [("97133", "977"), ("97150", "978")];
/// The first digits of a commune's code, its holidays and its clock.
const AREAS: [(&str, Region, Option<&str>); 11] = [
    ("57", Region::AlsaceMoselle, None),
    ("67", Region::AlsaceMoselle, None),
    ("68", Region::AlsaceMoselle, None),
    ("971", Region::Guadeloupe, Some("America/Guadeloupe")),
    ("972", Region::Martinique, Some("America/Martinique")),
    ("973", Region::Guyane, Some("America/Cayenne")),
    ("974", Region::LaReunion, Some("Indian/Reunion")),
    ("975", Region::SaintPierreEtMiquelon, Some("America/Miquelon")),
    ("976", Region::Mayotte, Some("Indian/Mayotte")),
    ("977", Region::SaintBarthelemy, Some("America/St_Barthelemy")),
    ("978", Region::SaintMartin, Some("America/Marigot")),
];
