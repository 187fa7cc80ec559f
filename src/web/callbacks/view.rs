//! The page on which a callback is asked for.

use maud::{DOCTYPE, Markup, html};

use super::faults::{Fault, Trouble};
use super::office::{Consent, Filled, Noted, Offer, Office, SOON, slot_value};
use super::words;
use crate::base::{Language, WallTime, limits};
use crate::server::Outlook;

/// Where a page is found in its language.
pub(super) struct Paths {
    pub(super) ask: &'static str,
    pub(super) follow: &'static str,
    pub(super) cancel: &'static str,
}

/// French first.
pub(super) const PATHS: [Paths; 2] = [
    Paths { ask: "/rappel", follow: "/rappel/suivi", cancel: "/rappel/annuler" },
    Paths { ask: "/callback", follow: "/callback/follow", cancel: "/callback/cancel" },
];
pub(super) const STYLE: &str = "/rappel/style.css";

/// A page of one language, with the way to the same page in the other.
pub(super) struct Frame<'a> {
    pub(super) language: Language,
    pub(super) title: &'a str,
    /// Whose page it is.
    pub(super) name: &'a str,
    /// The path of the same page in the other language.
    pub(super) other: String,
}

/// The words of a language.
pub(super) fn say<'a>(language: Language, fr: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}

impl Frame<'_> {
    pub(super) fn page(&self, main: &Markup) -> Markup {
        let Self { language, title, name, other } = self;
        let language = *language;
        html! {
            (DOCTYPE)
            html lang=(language.code()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (title) " – " (name) }
                    link rel="stylesheet" href=(STYLE);
                }
                body {
                    a.skip href="#main" { (say(language, "Aller au contenu", "Skip to content")) }
                    header {
                        p.name { (name) }
                        @match language {
                            Language::Fr => a href=(other) hreflang="en" lang="en" { "English" },
                            Language::En => a href=(other) hreflang="fr" lang="fr" { "Français" },
                        }
                    }
                    main #main { (main) }
                    footer {
                        nav aria-label=(say(language, "Vos demandes", "Your requests")) {
                            a href=(PATHS[language as usize].ask) { (say(language, "Demander un rappel", "Ask for a callback")) }
                            " · "
                            a href=(PATHS[language as usize].follow) {
                                (say(language, "Suivre ou annuler une demande", "See or cancel a request"))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The choice of a service, where there are several.
pub(super) fn services(office: &Office, language: Language) -> Markup {
    html! {
        h1 { (say(language, "Être rappelé", "Get a call back")) }
        p { (say(language, "Quel service doit vous rappeler ?", "Which service shall call you back?")) }
        ul.services {
            @for offer in &office.0.offers {
                li { a href=(ask_path(language, offer)) lang=[lang_of(offer, language)] { (offer.name.get(language)) } }
            }
        }
    }
}

/// The path of the form of a queue.
pub(super) fn ask_path(language: Language, offer: &Offer) -> String {
    format!("{}?service={}", PATHS[language as usize].ask, offer.queue.as_str().replace('/', "%2F"))
}

/// The language of a name that is not written in the page's.
fn lang_of(offer: &Offer, language: Language) -> Option<&'static str> {
    let written = offer.name.language(language);
    (written != language).then(|| written.code())
}

/// The form, with what was filled in and what is wrong with it.
pub(super) struct Form<'a> {
    pub(super) language: Language,
    pub(super) office: &'a Office,
    pub(super) offer: &'a Offer,
    pub(super) outlook: Outlook,
    pub(super) now: WallTime,
    pub(super) filled: &'a Filled,
    pub(super) faults: &'a [Fault],
}

impl Form<'_> {
    pub(super) fn view(&self) -> Markup {
        let language = self.language;
        html! {
            h1 { (say(language, "Être rappelé", "Get a call back")) }
            (self.summary())
            p {
                (say(language, "Laissez votre numéro : un agent vous appelle, dès que possible ou au moment que vous choisissez.",
                    "Leave your number: an agent calls you, as soon as possible or at a time that you choose."))
            }
            (self.present())
            form method="post" action=(PATHS[language as usize].ask) novalidate {
                input type="hidden" name="queue" value=(self.offer.queue.as_str());
                p.hint.required { (say(language, "Les champs sont obligatoires, sauf indication contraire.", "Fields are required unless said otherwise.")) }
                (self.number())
                (self.reason())
                (self.when())
                (self.consent())
                div.trap aria-hidden="true" {
                    label for="website" { (say(language, "Laissez ce champ vide", "Leave this field empty")) }
                    input #website type="text" name="website" tabindex="-1" autocomplete="off";
                }
                button type="submit" { (say(language, "Demander le rappel", "Ask for the call")) }
            }
        }
    }

    /// What is wrong, with the way to each field.
    fn summary(&self) -> Markup {
        let language = self.language;
        html! {
            @if !self.faults.is_empty() {
                div.panel.error-panel role="alert" tabindex="-1" autofocus {
                    h2 { (say(language, "Votre demande n’est pas encore enregistrée", "Your request is not noted yet")) }
                    ul {
                        @for fault in self.faults {
                            li { a href={ "#" (anchor(*fault)) } { (fault.text(language)) } }
                        }
                    }
                }
            }
        }
    }

    /// The hours, and the present wait where it is known.
    fn present(&self) -> Markup {
        let (language, hours) = (self.language, &self.offer.card.phone_hours);
        let wait = self.outlook.glance.wait.filter(|_| hours.is_open(self.now));
        html! {
            section.panel aria-labelledby="present" {
                h2 #present { (say(language, "Par téléphone", "By phone")) }
                @for phone in &self.offer.card.phones {
                    p { a href={ "tel:" (phone.number.international().as_str()) } { (words::phone(&phone.number)) } }
                }
                p.state { (words::state(language, hours, self.now)) "." }
                @if let Some(wait) = wait {
                    p { (say(language, "Attente en ce moment : ", "Wait at this moment: ")) strong { (words::wait(language, wait)) } "." }
                }
                dl.hours {
                    @for (days, times) in words::week(language, hours, self.now) {
                        dt { (days) } dd { (times) }
                    }
                }
            }
        }
    }

    fn number(&self) -> Markup {
        let language = self.language;
        let fault = self.fault("number");
        html! {
            div.field.wrong[fault.is_some()] {
                label for="number" { (say(language, "Votre numéro de téléphone", "Your phone number")) }
                p.hint #number-hint { (say(language, "Par exemple 06 12 34 56 78", "For example 06 12 34 56 78")) }
                (told("number", fault, language))
                input #number type="tel" name="number" value=(self.filled.number) autocomplete="tel" inputmode="tel" maxlength="30"
                    required aria-describedby=(described("number", fault)) aria-invalid=[fault.map(|_| "true")];
            }
        }
    }

    fn reason(&self) -> Markup {
        let language = self.language;
        let fault = self.fault("reason");
        html! {
            div.field.wrong[fault.is_some()] {
                label for="reason" { (say(language, "Motif de l’appel (facultatif)", "Reason for the call (optional)")) }
                p.hint #reason-hint {
                    (say(language, "En quelques mots, sans donnée confidentielle. ", "In a few words, nothing confidential. "))
                    (limits::REASON_LETTERS) (say(language, " caractères au plus.", " characters at most."))
                }
                (told("reason", fault, language))
                textarea #reason name="reason" rows="3" autocomplete="off"
                    aria-describedby=(described("reason", fault)) aria-invalid=[fault.map(|_| "true")] { (self.filled.reason) }
            }
        }
    }

    fn when(&self) -> Markup {
        let (language, hours) = (self.language, &self.offer.card.phone_hours);
        let soon = match words::reopens(&self.offer.card, self.now) {
            None => say(language, "Dès que possible", "As soon as possible").to_owned(),
            Some(opens) => format!(
                "{}{}",
                say(language, "Dès la réouverture, à partir de : ", "As soon as we reopen, from: "),
                words::moment(language, hours, opens, self.now)
            ),
        };
        let slots = self.offer.slots(&self.outlook, self.now);
        let slots = slots
            .iter()
            .map(|slot| (slot_value(slot), words::slot(language, hours, (slot.begins, slot.ends), self.now)));
        let choices: Vec<(String, String)> = std::iter::once((SOON.to_owned(), soon)).chain(slots).collect();
        let fault = self.fault("when");
        html! {
            fieldset.field.wrong[fault.is_some()] aria-describedby=[fault.map(|_| "when-fault")] {
                legend { (say(language, "Quand souhaitez-vous être rappelé ?", "When shall we call?")) }
                (told("when", fault, language))
                @for (nth, (value, text)) in choices.iter().enumerate() {
                    @let id = format!("when-{nth}");
                    div.choice {
                        input #(id) type="radio" name="when" value=(value) checked[self.filled.when == *value] required;
                        label for=(id) { (capital(text)) }
                    }
                }
            }
        }
    }

    fn consent(&self) -> Markup {
        let language = self.language;
        let fault = self.fault("consent");
        let days = words::days(self.office.0.kept);
        html! {
            div.field.wrong[fault.is_some()] {
                (told("consent", fault, language))
                div.choice {
                    input #consent type="checkbox" name="consent" value="yes" checked[self.filled.consent == Consent::Given]
                        required aria-describedby=(described("consent", fault)) aria-invalid=[fault.map(|_| "true")];
                    label for="consent" {
                        (say(language, "J’accepte que mon numéro et le motif soient gardés pour me rappeler.",
                            "I agree that my number and the reason are kept in order to call me back."))
                    }
                }
                p.hint #consent-hint {
                    @match language {
                        Language::Fr => { "Ils ne servent à rien d’autre, et sont effacés " (days) " jours après la fin de la demande." },
                        Language::En => { "They serve nothing else, and are erased " (days) " days after the request has ended." },
                    }
                }
            }
        }
    }

    fn fault(&self, field: &str) -> Option<Fault> {
        self.faults.iter().copied().find(|fault| fault.field() == field)
    }
}

/// What is wrong, beside its field.
fn told(field: &str, fault: Option<Fault>, language: Language) -> Markup {
    html! { @if let Some(fault) = fault { p.fault id={ (field) "-fault" } { (fault.text(language)) } } }
}

/// The ids of what is said of a field: what is wrong first.
fn described(field: &str, fault: Option<Fault>) -> String {
    match fault {
        Some(_) => format!("{field}-fault {field}-hint"),
        None => format!("{field}-hint"),
    }
}

/// Where a fault is mended.
fn anchor(fault: Fault) -> &'static str {
    match fault.field() {
        "when" => "when-0",
        field => field,
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// It is noted: what is promised, the code, and what comes next.
pub(super) fn noted(language: Language, noted: &Noted<'_>) -> Markup {
    let hours = &noted.offer.card.phone_hours;
    let when = words::promised(language, hours, noted.when);
    let paths = &PATHS[language as usize];
    html! {
        h1 { (say(language, "Votre demande est enregistrée", "Your request is noted")) }
        div.panel.done-panel role="status" {
            p {
                (say(language, "Nous vous appelons au ", "We call you at ")) strong { (words::phone(noted.number.reveal())) }
                ", " strong { (when) } "."
            }
            p {
                (say(language, "Si une demande était déjà en cours pour ce numéro, c’est elle qui compte, à l’heure prévue : vous recevrez un seul appel.",
                    "If a request was already open for this number, that one counts, at its time: you will get one call."))
            }
        }
        h2 { (say(language, "Votre code", "Your code")) }
        p.code { (noted.code) }
        p {
            (say(language, "Notez-le ou imprimez cette page : il permet de suivre ou d’annuler la demande. Nous ne pouvons pas vous le redonner. ",
                "Write it down or print this page: with it you can see or cancel the request. We can’t give it to you again. "))
            a href=(paths.follow) { (say(language, "Suivre ou annuler une demande", "See or cancel a request")) }
        }
        h2 { (say(language, "Et ensuite ?", "What comes next?")) }
        ul {
            li { (say(language, "Gardez votre téléphone près de vous.", "Keep your phone at hand.")) }
            li { (say(language, "Si vous ne répondez pas, nous réessayons plus tard.", "If you don’t answer, we try again later.")) }
            li { (say(language, "Nous ne demandons jamais de mot de passe ni de paiement par téléphone.", "We never ask for a password or a payment on the phone.")) }
        }
        form method="post" action=(paths.cancel) {
            input type="hidden" name="code" value=(noted.code);
            button.second type="submit" { (say(language, "Annuler la demande", "Cancel the request")) }
        }
    }
}

/// Nothing is noted, and it is not the citizen's fault: another way.
pub(super) fn trouble(language: Language, trouble: &Trouble, offer: &Offer, now: WallTime) -> Markup {
    let hours = &offer.card.phone_hours;
    html! {
        h1 { (say(language, "Votre demande n’est pas enregistrée", "Your request is not noted")) }
        div.panel.error-panel role="alert" {
            p { (trouble.text(language)) }
            @for phone in &offer.card.phones {
                p { a href={ "tel:" (phone.number.international().as_str()) } { (words::phone(&phone.number)) } }
            }
            p.state { (words::state(language, hours, now)) "." }
            dl.hours {
                @for (days, times) in words::week(language, hours, now) { dt { (days) } dd { (times) } }
            }
        }
        p { a href=(ask_path(language, offer)) { (say(language, "Revenir au formulaire", "Back to the form")) } }
    }
}
