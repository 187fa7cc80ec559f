//! The pages on which a request is seen and cancelled by its code.

use maud::{Markup, html};

use super::seen::{Progress, Seen, Withdrawn};
use super::view::{PATHS, say};
use super::words;
use crate::base::{Language, WallTime};

/// Why no request is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotShown {
    NoCode,
    Unknown,
    TooMany,
    NotNow,
}

/// Where the code is typed.
pub(super) fn ask(language: Language, wrong: Option<NotShown>) -> Markup {
    let text = wrong.map(|wrong| match wrong {
        NotShown::NoCode => say(language, "Indiquez votre code.", "Enter your code."),
        NotShown::Unknown => say(
            language,
            "Aucune demande n’a ce code. Vérifiez les seize caractères. Une demande terminée depuis longtemps est effacée.",
            "No request has this code. Check its sixteen characters. A request that is over for long is erased.",
        ),
        NotShown::TooMany => {
            say(language, "Trop d’essais. Réessayez dans quelques minutes.", "Too many tries. Try again in a few minutes.")
        }
        NotShown::NotNow => say(
            language,
            "Le suivi ne répond pas en ce moment. Votre demande reste enregistrée. Réessayez plus tard.",
            "Requests can’t be shown at this moment. Yours stays noted. Try again later.",
        ),
    });
    let described = if text.is_some() { "code-fault code-hint" } else { "code-hint" };
    html! {
        h1 { (say(language, "Suivre ou annuler une demande", "See or cancel a request")) }
        form method="post" action=(PATHS[language as usize].follow) novalidate {
            div.field.wrong[text.is_some()] {
                label for="code" { (say(language, "Le code de votre demande", "The code of your request")) }
                p.hint #code-hint {
                    (say(language, "Seize lettres et chiffres, donnés quand la demande a été enregistrée", "Sixteen letters and digits, given when the request was noted"))
                }
                @if let Some(text) = text { p.fault #code-fault role="alert" { (text) } }
                input #code type="text" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="40"
                    required aria-describedby=(described) aria-invalid=[text.map(|_| "true")] autofocus[text.is_some()];
            }
            button type="submit" { (say(language, "Voir la demande", "See the request")) }
        }
    }
}

/// A request, and the way to cancel it while the call is still to come.
pub(super) fn seen(language: Language, seen: &Seen<'_>, code: &str, now: WallTime) -> Markup {
    let state = match seen.progress {
        Progress::Noted => say(language, "Enregistrée : nous vous appelons.", "Noted: we will call you."),
        Progress::Calling => say(language, "Nous vous appelons en ce moment.", "We are calling you at this moment."),
        Progress::Called => say(language, "Terminée : nous nous sommes parlé.", "Over: we have talked."),
        Progress::NotReached => say(
            language,
            "Terminée : nous n’avons pas pu vous joindre. Vous pouvez faire une nouvelle demande.",
            "Over: we could not reach you. You can ask again.",
        ),
        Progress::Cancelled => say(language, "Annulée.", "Cancelled."),
    };
    html! {
        h1 { (say(language, "Votre demande de rappel", "Your callback request")) }
        div.panel {
            p.state { (state) }
            dl.hours {
                dt { (say(language, "numéro", "number")) } dd { (words::number_s_end(language, &seen.number)) }
                @if let Some(offer) = seen.offer {
                    @let hours = &offer.card.phone_hours;
                    dt { (say(language, "service", "service")) } dd { (offer.name.get(language)) }
                    dt { (say(language, "demandée", "asked for")) } dd { (words::moment(language, hours, seen.asked, now)) }
                    dt { (say(language, "rappel", "call")) } dd { (words::promised(language, hours, seen.when)) }
                }
            }
        }
        @if seen.progress == Progress::Noted {
            form method="post" action=(PATHS[language as usize].cancel) {
                input type="hidden" name="code" value=(code);
                button.second type="submit" { (say(language, "Annuler la demande", "Cancel the request")) }
            }
        }
    }
}

/// What became of a wish to cancel.
pub(super) fn withdrawn(language: Language, withdrawn: Withdrawn) -> Markup {
    let (title, text) = match withdrawn {
        Withdrawn::Done => (
            say(language, "Votre demande est annulée", "Your request is cancelled"),
            say(
                language,
                "Elle n’aura pas de suite. Une autre demande, faite par téléphone ou avant celle-ci pour le même numéro, reste enregistrée.",
                "Nothing will come of it. Another request, made by phone or before this one for the same number, stays noted.",
            ),
        ),
        Withdrawn::TooLate => (
            say(language, "Nous vous appelons en ce moment", "We are calling you at this moment"),
            say(
                language,
                "Il est trop tard pour annuler : dites-le à l’agent, ou ne répondez pas et annulez ensuite.",
                "It is too late to cancel: tell the agent, or don’t answer and cancel afterwards.",
            ),
        ),
        Withdrawn::Over => (
            say(language, "Cette demande est terminée", "This request is over"),
            say(language, "Il n’y a plus rien à annuler.", "There is nothing left to cancel."),
        ),
        Withdrawn::NotNow => (
            say(language, "Votre demande n’est pas annulée", "Your request is not cancelled"),
            say(
                language,
                "L’annulation n’a pas pu être enregistrée. Réessayez plus tard.",
                "That could not be written down. Try again later.",
            ),
        ),
    };
    let good = withdrawn == Withdrawn::Done;
    html! {
        h1 { (title) }
        div.panel.done-panel[good].error-panel[!good] role=(if good { "status" } else { "alert" }) { p { (text) } }
    }
}
