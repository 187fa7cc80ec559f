use std::sync::Arc;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::words;
use crate::base::{Language, Localized, WallTime};
use crate::flow::Service;
use crate::service::{Card, Hours, json_ld_script};
use crate::web::callbacks::words as common;

/// Where the page is found in its language; French first.
pub(super) const PATHS: [&str; 2] = ["/horaires", "/hours"];
pub(super) const STYLE: &str = "/horaires/style.css";
pub(super) const CSS: &str = concat!(include_str!("../callbacks/style.css"), include_str!("style.css"));

/// The page of one card.
pub(super) struct Page<'a> {
    pub(super) language: Language,
    pub(super) card: &'a Card,
    pub(super) now: WallTime,
    pub(super) place: Place,
}

/// Where a page stands.
pub(super) enum Place {
    /// On the service's own web server.
    Web {
        /// The folder's name, where there are several services.
        service: Option<String>,
        /// Where a callback is asked for, if it can be.
        callback: Option<String>,
    },
    /// In a file of its own.
    File,
}

impl Page<'_> {
    pub(super) fn html(&self) -> Markup {
        let (language, card) = (self.language, self.card);
        let title = say(language, "Horaires et contacts", "Opening hours and contact");
        let data = json_ld_script(language, card, self.now);
        let head = html! {
            title { (title) " – " (card.name) }
            (self.links())
            script type="application/ld+json" { (PreEscaped(data)) }
        };
        let main = html! {
            h1 { (title) }
            (self.phone())
            (self.desk())
            (self.exceptions())
            (self.online())
            (self.appointments())
            (self.procedures())
            (self.relay())
        };
        document(language, &head, &self.header(), &main)
    }

    fn links(&self) -> Markup {
        let service = match &self.place {
            Place::File => return html! { style { (PreEscaped(CSS)) } },
            Place::Web { service, .. } => service.as_deref(),
        };
        html! {
            link rel="stylesheet" href=(STYLE);
            @for language in Language::ALL {
                link rel="alternate" hreflang=(language.code()) href=(path(language, service));
            }
        }
    }

    fn header(&self) -> Markup {
        let other = match (self.language, &self.place) {
            (_, Place::File) => None,
            (Language::Fr, Place::Web { service, .. }) => Some((Language::En, "English", service)),
            (Language::En, Place::Web { service, .. }) => Some((Language::Fr, "Français", service)),
        };
        html! {
            p.name { (self.card.name) }
            @if let Some((language, name, service)) = other {
                a href=(path(language, service.as_deref())) hreflang=(language.code()) lang=(language.code()) { (name) }
            }
        }
    }

    /// The numbers with their purposes, whether they are answered now, and when it is busy and quiet.
    fn phone(&self) -> Markup {
        let (language, card) = (self.language, self.card);
        html! {
            section.panel aria-labelledby="phone" {
                h2 #phone { (say(language, "Par téléphone", "By phone")) }
                @for phone in &card.phones {
                    p {
                        a.number href={ "tel:" (phone.number.international().as_str()) } { (common::phone(&phone.number)) }
                        br; (self.for_what(&phone.purpose))
                    }
                }
                (self.hours(&card.phone_hours))
                @if let Some(busy) = &card.busy {
                    p { (say(language, "Beaucoup d’appels : ", "Many calls: ")) (words::week(language, busy, self.now)) "." }
                }
                @if let Some(quiet) = &card.quiet {
                    p { (say(language, "Moins d’attente : ", "Shorter waits: ")) (words::week(language, quiet, self.now)) "." }
                }
                @if let Place::Web { callback: Some(callback), .. } = &self.place {
                    p { a href=(callback) { (say(language, "Être rappelé", "Get a call back")) } }
                }
            }
        }
    }

    fn desk(&self) -> Markup {
        let (language, card) = (self.language, self.card);
        html! {
            @if card.desk.is_some() || card.desk_hours.is_some() {
                section.panel aria-labelledby="desk" {
                    h2 #desk { (say(language, "À l’accueil", "At our desk")) }
                    @if let Some(desk) = &card.desk {
                        p { (self.text(&desk.address)) }
                        @if let Some(access) = &desk.access {
                            p { (say(language, "Accès : ", "Access: ")) (self.text(access)) "." }
                        }
                    }
                    @if let Some(hours) = &card.desk_hours { (self.hours(hours)) }
                }
            }
        }
    }

    /// Whether it is open, and the week.
    fn hours(&self, hours: &Hours) -> Markup {
        let (language, now) = (self.language, self.now);
        html! {
            p.state { (common::state(language, hours, now)) "." }
            dl.hours {
                @for (days, times) in common::week(language, hours, now) { dt { (days) } dd { (times) } }
            }
        }
    }

    /// Closed days and other hours in the months that come.
    fn exceptions(&self) -> Markup {
        let (language, card) = (self.language, self.card);
        let phone = words::exceptions(language, &card.phone_hours, self.now);
        let desk = card.desk_hours.as_ref().map(|hours| words::exceptions(language, hours, self.now));
        let same = desk.as_ref().is_none_or(|desk| *desk == phone);
        html! {
            section aria-labelledby="exceptions" {
                h2 #exceptions { (say(language, "Fermetures et horaires exceptionnels", "Closures and other hours")) }
                @if same {
                    (list(language, &phone))
                } @else {
                    h3 { (say(language, "Au téléphone", "On the phone")) }
                    (list(language, &phone))
                    h3 { (say(language, "À l’accueil", "At our desk")) }
                    (list(language, desk.as_deref().unwrap_or_default()))
                }
            }
        }
    }

    fn online(&self) -> Markup {
        let (language, card) = (self.language, self.card);
        html! {
            @if !(card.websites.is_empty() && card.emails.is_empty()) {
                section aria-labelledby="online" {
                    h2 #online { (say(language, "Sur internet et par courriel", "On the internet and by e-mail")) }
                    ul {
                        @for site in &card.websites {
                            li { a href=(site.url) { (words::site(&site.url)) } (colon(language)) (self.for_what(&site.purpose)) }
                        }
                        @for email in &card.emails {
                            li { a href={ "mailto:" (email.address) } { (email.address) } (colon(language)) (self.for_what(&email.purpose)) }
                        }
                    }
                }
            }
        }
    }

    fn appointments(&self) -> Markup {
        html! {
            @if let Some(appointments) = &self.card.appointments {
                section aria-labelledby="appointments" {
                    h2 #appointments { (say(self.language, "Prendre rendez-vous", "Make an appointment")) }
                    p.sentence { (self.text(appointments)) "." }
                }
            }
        }
    }

    fn procedures(&self) -> Markup {
        let (language, card) = (self.language, self.card);
        html! {
            @if !card.procedures.is_empty() {
                section aria-labelledby="procedures" {
                    h2 #procedures { (say(language, "Vos démarches", "What you can do here")) }
                    @for procedure in &card.procedures {
                        h3.sentence { (self.text(&procedure.name)) }
                        p { (self.text(&procedure.essentials)) "." }
                        @if procedure.online.is_some() || procedure.agent.is_some() {
                            ul {
                                @if let Some(online) = &procedure.online {
                                    li { (say(language, "En ligne : ", "Online: ")) a href=(online) { (words::site(online)) } }
                                }
                                @if let Some(agent) = &procedure.agent {
                                    li { (say(language, "Avec un agent : ", "With an agent: ")) (self.text(agent)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn relay(&self) -> Markup {
        let (language, relay) = (self.language, &self.card.relay);
        html! {
            @if !relay.numbers.is_empty() || relay.site.is_some() {
                section aria-labelledby="relay" {
                    h2 #relay { (say(language, "Vous entendez ou parlez difficilement", "If hearing or speaking is difficult")) }
                    p {
                        (say(language,
                            "Appelez-nous par un service de relais (langue des signes, texte, parole complétée) : son appel arrive directement à un agent, sans menu.",
                            "Call us through a relay service (sign language, text, cued speech): its call goes straight to an agent, without a menu."))
                    }
                    @if let Some(site) = &relay.site {
                        p { (say(language, "Service de relais : ", "Relay service: ")) a href=(site) { (words::site(site)) } }
                    }
                    @match &relay.hours {
                        Some(hours) => (self.hours(hours)),
                        None => p { (say(language, "Aux heures du téléphone.", "At the hours of the phone.")) },
                    }
                }
            }
        }
    }

    /// What a contact is for.
    fn for_what(&self, purpose: &Localized) -> Markup {
        html! { (say(self.language, "pour ", "for ")) (self.text(purpose)) }
    }

    /// A text of the card, marked where it is not in the page's language.
    fn text(&self, text: &Localized) -> Markup {
        let written = text.language(self.language);
        let words = text.get(self.language).trim().trim_end_matches('.');
        html! {
            @if written == self.language { (words) } @else { span lang=(written.code()) { (words) } }
        }
    }
}

/// The choice of a service, where there are several.
pub(super) fn services(language: Language, services: &[Arc<Service>]) -> Markup {
    let title = say(language, "Horaires et contacts", "Opening hours and contact");
    let (other, name) = match language {
        Language::Fr => (Language::En, "English"),
        Language::En => (Language::Fr, "Français"),
    };
    let head = html! { title { (title) } link rel="stylesheet" href=(STYLE); };
    let header = html! {
        p.name { (say(language, "Accueil téléphonique", "Telephone reception")) }
        a href=(path(other, None)) hreflang=(other.code()) lang=(other.code()) { (name) }
    };
    let main = html! {
        h1 { (title) }
        @if services.is_empty() {
            p { (say(language, "Ce serveur n’a pas de service.", "This server has no service.")) }
        }
        ul.services {
            @for service in services {
                li { a href=(path(language, Some(&service.name))) { (service.card.name) } }
            }
        }
    };
    document(language, &head, &header, &main)
}

fn document(language: Language, head: &Markup, header: &Markup, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                (head)
            }
            body {
                a.skip href="#main" { (say(language, "Aller au contenu", "Skip to content")) }
                header { (header) }
                main #main { (main) }
                footer {
                    p {
                        (say(language, "Ces informations sont celles que donne l’accueil téléphonique.",
                            "This is what callers are told on the phone."))
                    }
                }
            }
        }
    }
}

fn list(language: Language, lines: &[String]) -> Markup {
    html! {
        @if lines.is_empty() {
            p { (say(language, "Rien de particulier dans les trois mois qui viennent.", "Nothing unusual in the next three months.")) }
        } @else {
            ul { @for line in lines { li.sentence { (line) } } }
        }
    }
}

fn path(language: Language, service: Option<&str>) -> String {
    let path = PATHS[language as usize];
    match service {
        None => path.to_owned(),
        Some(service) => format!("{path}?service={}", words::encoded(service)),
    }
}

/// What stands between a contact and its purpose.
fn colon(language: Language) -> &'static str {
    say(language, " : ", ": ")
}

/// The words of a language.
fn say<'a>(language: Language, fr: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}
