use std::str::FromStr;

use chrono::NaiveDate;
use chrono_tz::{TZ_VARIANTS, Tz};

use super::calendar::{Calendar, Closure};
use super::callable::Callbacks;
use super::card::{Card, Desk, Email, Jargon, Phone, Procedure, Relay, SiteRole, Website};
use super::document::{
    CallbacksDocument, CardDocument, ClosureDocument, LoadDocument, PhoneDocument, ProcedureDocument, RelayDocument,
    RelayKeys, Text,
};
use super::holiday::Region;
use super::hours::Hours;
use super::premium::is_premium;
use crate::base::{Localized, PhoneNumber};

/// One thing that is wrong with a card, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardProblem {
    /// The keys and list places that lead to it, such as `["phones", "0", "number"]`.
    pub path: Vec<String>,
    /// The rule's stable name.
    pub code: &'static str,
    /// The character of the value that it is about, from 0, if it is not about the whole value.
    pub at: Option<usize>,
    /// One phrase without a full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Card {
    /// Checks a card as it is written; everything that is wrong is said at once.
    ///
    /// The codes are `bad-timezone`, `bad-region`, `bad-number`, `premium-number`, `bad-email`,
    /// `bad-url`, `bad-date`, `bad-hours`, `school-holidays`, `sun-hours`, `never-open`, `same-procedure` and
    /// `empty-value`.
    pub fn build(document: CardDocument) -> Result<Self, Vec<CardProblem>> {
        let mut check = Check::default();
        let calendar = Calendar {
            zone: check.timezone(&document.timezone),
            region: check.region(&document.region),
            closures: check.closures(document.closures),
        };
        let hours = &document.hours;
        let phone_hours = check.phone_hours(&hours.phone, &calendar);
        let desk_hours = hours.desk.as_deref().and_then(|text| check.hours(&["hours", "desk"], text, &calendar));
        let name = check.text(&["name"], &document.name).into();
        let annuaire = document.annuaire.map(|id| check.text(&["annuaire"], &id).into());
        let phones = check.phones(document.phones);
        let emails = each(document.emails, |i, email| Email {
            address: check.email(i, &email.address),
            spoken: check.some_text(&["emails", i, "spoken"], email.spoken),
            purpose: check.localized(&["emails", i, "purpose"], email.purpose),
        });
        let websites = each(document.websites, |i, site| Website {
            url: check.url(&["websites", i, "url"], &site.url),
            spoken: check.some_text(&["websites", i, "spoken"], site.spoken),
            purpose: check.localized(&["websites", i, "purpose"], site.purpose),
            role: if site.reference { SiteRole::Reference } else { SiteRole::Own },
        });
        let desk = document.desk.map(|desk| Desk {
            address: check.localized(&["desk", "address"], desk.address),
            access: check.some_text(&["desk", "access"], desk.access),
        });
        let appointments = check.some_text(&["appointments"], document.appointments);
        let procedures = check.procedures(document.procedures);
        let relay = check.relay(document.relay, &calendar);
        let busy = check.load("busy", document.busy, &calendar);
        let quiet = check.load("quiet", document.quiet, &calendar);
        let callbacks = check.callbacks(document.callbacks, &calendar);
        let jargon = each(document.jargon, |i, jargon| Jargon {
            word: check.text(&["jargon", i, "word"], &jargon.word).into(),
            instead: check.text(&["jargon", i, "instead"], &jargon.instead).into(),
        });
        match phone_hours {
            Some(phone_hours) if check.problems.is_empty() => Ok(Self {
                name,
                annuaire,
                phones,
                emails,
                websites,
                desk,
                appointments,
                procedures,
                relay,
                phone_hours,
                desk_hours,
                busy,
                quiet,
                callbacks,
                jargon,
            }),
            _ => Err(check.problems),
        }
    }
}

/// What has been found so far.
#[derive(Default)]
struct Check {
    problems: Vec<CardProblem>,
}

impl Check {
    fn problem(&mut self, path: &[&str], code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        self.problems.push(CardProblem { path, code, at: None, message: message.into(), help: Some(help.into()) });
    }

    fn text<'a>(&mut self, path: &[&str], text: &'a str) -> &'a str {
        let text = text.trim();
        if text.is_empty() {
            self.problem(path, "empty-value", "this text is empty", "write it, or leave the key out");
        }
        text
    }

    fn localized(&mut self, path: &[&str], Text(text): Text) -> Localized {
        self.text(path, &text.fr);
        if let Some(en) = &text.en {
            self.text(path, en);
        }
        text
    }

    fn some_text(&mut self, path: &[&str], text: Option<Text>) -> Option<Localized> {
        text.map(|text| self.localized(path, text))
    }

    fn timezone(&mut self, name: &str) -> Tz {
        name.parse().unwrap_or_else(|_| {
            let known = TZ_VARIANTS.iter().map(|zone| zone.name());
            self.problem(&["timezone"], "bad-timezone", format!("`{name}` is no time zone"), did_you_mean(name, known));
            Tz::Europe__Paris
        })
    }

    fn region(&mut self, name: &str) -> Region {
        Region::from_str(name).unwrap_or_else(|_| {
            let known = Region::ALL.map(Region::name);
            let help = did_you_mean(name, known.into_iter());
            let message = format!("`{name}` is no region with public holidays of its own");
            self.problem(&["region"], "bad-region", message, format!("{help}; known are {}", known.join(", ")));
            Region::Metropole
        })
    }

    fn closures(&mut self, closures: Vec<ClosureDocument>) -> Vec<Closure> {
        let closures = each(closures, |i, closure| {
            let from = self.date(&["closures", i, "from"], &closure.from)?;
            let to = match &closure.to {
                Some(to) => self.date(&["closures", i, "to"], to)?,
                None => from,
            };
            if to < from {
                let message = format!("the closure ends on {to}, before it begins on {from}");
                self.problem(&["closures", i, "to"], "bad-date", message, "write the later day in `to`");
            }
            let reason = self.some_text(&["closures", i, "reason"], closure.reason);
            Some(Closure { from, to, reason })
        });
        closures.into_iter().flatten().collect()
    }

    fn date(&mut self, path: &[&str], text: &str) -> Option<NaiveDate> {
        let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
        if date.is_none() {
            self.problem(
                path,
                "bad-date",
                format!("`{text}` is no day"),
                "write year, month and day, such as 2026-12-24",
            );
        }
        date
    }

    fn phone_hours(&mut self, text: &str, calendar: &Calendar) -> Option<Hours> {
        let path = ["hours", "phone"];
        let hours = self.hours(&path, text, calendar)?;
        if !hours.ever_opens() {
            let help = "write when an agent answers, such as `Mo-Fr 09:00-12:30,14:00-17:00; PH off`";
            self.problem(&path, "never-open", format!("the hours `{text}` are never open"), help);
        }
        Some(hours)
    }

    fn hours(&mut self, path: &[&str], text: &str, calendar: &Calendar) -> Option<Hours> {
        Hours::with_calendar(text, calendar.clone())
            .map_err(|error| {
                self.problem(path, error.code, error.message, error.help);
                if let Some(problem) = self.problems.last_mut() {
                    problem.at = error.at;
                }
            })
            .ok()
    }

    /// `measured` is no hours: the statistics know them.
    fn load(&mut self, key: &str, load: Option<LoadDocument>, calendar: &Calendar) -> Option<Hours> {
        let load = load.filter(|load| load.phone.trim() != "measured")?;
        self.hours(&[key, "phone"], &load.phone, calendar)
    }

    fn callbacks(&mut self, document: CallbacksDocument, calendar: &Calendar) -> Callbacks {
        let mut callbacks = Callbacks::usual(calendar.clone());
        for (i, prefix) in document.abroad.into_iter().enumerate() {
            let digits = prefix.strip_prefix('+').unwrap_or_default();
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                let path = ["callbacks", "abroad", &i.to_string()];
                let message = format!("`{prefix}` is no prefix of a country");
                self.problem(&path, "bad-number", message, "write it with its `+`, such as `\"+32\"`");
            }
            callbacks.abroad.push(prefix);
        }
        if let Some(text) = document.hours {
            callbacks.lawful = self.hours(&["callbacks", "hours"], &text, calendar).unwrap_or(callbacks.lawful);
        }
        callbacks
    }

    fn phones(&mut self, phones: Vec<PhoneDocument>) -> Vec<Phone> {
        let phones = each(phones, |i, phone| {
            let path = ["phones", i, "number"];
            let number = self.number(&path, &phone.number);
            let purpose = self.localized(&["phones", i, "purpose"], phone.purpose);
            let number = number?;
            self.refuse_premium(&path, &number, &phone.number);
            Some(Phone { number, purpose })
        });
        phones.into_iter().flatten().collect()
    }

    fn refuse_premium(&mut self, path: &[&str], number: &PhoneNumber, written: &str) {
        if is_premium(number) {
            let message = format!("`{written}` costs more than an ordinary call");
            self.problem(path, "premium-number", message, "give a number at the ordinary price or a free one");
        }
    }

    fn relay(&mut self, document: Option<RelayDocument>, calendar: &Calendar) -> Relay {
        let (keys, prefix): (_, &[&str]) = match document {
            None => return Relay::default(),
            Some(RelayDocument::Numbers(numbers)) => (RelayKeys { numbers, ..RelayKeys::default() }, &["relay"]),
            Some(RelayDocument::Full(keys)) => (keys, &["relay", "numbers"]),
        };
        let numbers = each(keys.numbers, |i, text| {
            let path = [prefix, &[i]].concat();
            let number = self.number(&path, &text)?;
            self.refuse_premium(&path, &number, &text);
            Some(number)
        });
        Relay {
            numbers: numbers.into_iter().flatten().collect(),
            site: keys.site.map(|url| self.url(&["relay", "site"], &url)),
            hours: keys.hours.and_then(|text| self.hours(&["relay", "hours"], &text, calendar)),
        }
    }

    fn procedures(&mut self, procedures: Vec<ProcedureDocument>) -> Vec<Procedure> {
        let mut ids: Vec<String> = Vec::new();
        each(procedures, |i, procedure| {
            let id = procedure.id.map(|id| self.text(&["procedures", i, "id"], &id).to_owned());
            if let Some(id) = &id {
                if ids.contains(id) {
                    let message = format!("two procedures are called `{id}`");
                    self.problem(&["procedures", i, "id"], "same-procedure", message, "give one of them another `id`");
                }
                ids.push(id.clone());
            }
            Procedure {
                id: id.map(Into::into),
                name: self.localized(&["procedures", i, "name"], procedure.name),
                essentials: self.localized(&["procedures", i, "essentials"], procedure.essentials),
                online: procedure.online.map(|url| self.url(&["procedures", i, "online"], &url)),
                agent: self.some_text(&["procedures", i, "agent"], procedure.agent),
            }
        })
    }

    fn number(&mut self, path: &[&str], text: &str) -> Option<PhoneNumber> {
        let help = "write it as `+33143124567`, or a short number as it is dialled";
        let number = match PhoneNumber::parse(text) {
            Ok(number) => number.international(),
            Err(error) => {
                self.problem(path, "bad-number", format!("`{text}` is no phone number: {error}"), help);
                return None;
            }
        };
        let french = number.as_str().strip_prefix("+33").map(str::len);
        let cut = number.as_str().starts_with('0') && number.as_str().len() != 10;
        if french.is_some_and(|len| len != 9) || cut {
            self.problem(path, "bad-number", format!("`{text}` has not the ten digits of a French number"), help);
        }
        Some(number)
    }

    fn email(&mut self, i: &str, text: &str) -> String {
        let text = text.trim();
        let good = text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !text.contains(char::is_whitespace) && is_host(host));
        if !good {
            let message = format!("`{text}` is no e-mail address");
            self.problem(&["emails", i, "address"], "bad-email", message, "write it as `accueil@mairie.example`");
        }
        text.to_owned()
    }

    fn url(&mut self, path: &[&str], text: &str) -> String {
        let text = text.trim();
        let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#', ':']).next());
        if !host.is_some_and(is_host) || text.contains(char::is_whitespace) {
            let message = format!("`{text}` is no web address");
            self.problem(path, "bad-url", message, "write it as `https://www.service-public.gouv.fr`");
        }
        text.to_owned()
    }
}

/// Two labels at least, apart by dots.
fn is_host(host: &str) -> bool {
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    host.contains('.') && host.split('.').all(label)
}

/// Maps a list with each item's place in words, as a path has it.
fn each<T, U>(items: Vec<T>, mut f: impl FnMut(&str, T) -> U) -> Vec<U> {
    items.into_iter().enumerate().map(|(i, item)| f(&i.to_string(), item)).collect()
}

fn did_you_mean<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    let likeness = |name: &str| strsim::jaro_winkler(&wrong.to_lowercase(), &name.to_lowercase());
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or_default();
    format!("did you mean `{best}`?")
}

#[cfg(test)]
mod tests;
