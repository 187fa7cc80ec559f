use super::phrase::Phrase;
use crate::base::Language;

/// A fixed sentence that the engine says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sentence {
    /// An agent has been found and is being connected.
    Connecting,
    /// The caller waits for an agent.
    Waiting,
    /// An agent who dialled a code is logged in now.
    LoggedIn,
    /// The same, logged out.
    LoggedOut,
    /// The same, on a pause.
    OnPause,
    /// The same, free to be rung.
    Available,
    /// The queue takes nobody more.
    QueueFull,
    /// No agent is logged in.
    NobodyThere,
    /// Who joined before closing time is served.
    ServedAfterClosing,
    /// It has closed and who waits is served no more today.
    ClosedWhileWaiting,
    /// Agents have gone on a break, or home: the wait is longer than was told.
    FewerAgents,
    /// The caller has waited for as long as the queue lets anybody wait.
    WaitedTooLong,
    /// The agent could not be reached; the caller keeps the place.
    AgentGone,
    /// The caller has the place of a callback, which is cancelled.
    PlaceOfTicket,
    /// The caller is led to an agent.
    ToAgent,
    /// The key is no choice.
    WrongKey,
    /// A second key is no choice.
    WrongKeyAgain,
    /// No key was pressed.
    Silence,
    /// Again no key was pressed.
    SilenceAgain,
    /// The typed number has too few digits.
    WrongNumberTyped,
    /// The typed number is none that can be.
    WrongNumber,
    /// The typed digits are forgotten.
    Deleted,
    /// Nobody answered where the caller was being transferred.
    TransferFailed,
    /// How a message is begun and ended; the beep follows.
    SpeakAfterBeep,
    /// The message was heard and is kept.
    MessageKept,
    /// What may be done with a kept message.
    MessageChoices,
    /// The same, once it has been done again often enough.
    MessageChoicesLast,
    /// What may be done with a message in the middle of a call.
    RecordChoices,
    /// The same, once it has been done again often enough.
    RecordChoicesLast,
    /// Nobody has spoken after the beep.
    NothingHeard,
    /// The message could not be kept.
    MessageNotKept,
    /// No message can be taken now.
    NoMessages,
    /// This number has left as many messages today as one may.
    EnoughMessages,
    /// Every line of the service is taken.
    LinesBusy,
    /// Something went wrong on our side.
    TechnicalTrouble,
    /// The last words.
    Goodbye,
}

impl Sentence {
    /// Every sentence.
    pub const ALL: [Self; 36] = [
        Self::Connecting,
        Self::Waiting,
        Self::LoggedIn,
        Self::LoggedOut,
        Self::OnPause,
        Self::Available,
        Self::QueueFull,
        Self::NobodyThere,
        Self::ServedAfterClosing,
        Self::ClosedWhileWaiting,
        Self::FewerAgents,
        Self::WaitedTooLong,
        Self::AgentGone,
        Self::PlaceOfTicket,
        Self::ToAgent,
        Self::WrongKey,
        Self::WrongKeyAgain,
        Self::Silence,
        Self::SilenceAgain,
        Self::WrongNumberTyped,
        Self::WrongNumber,
        Self::Deleted,
        Self::TransferFailed,
        Self::SpeakAfterBeep,
        Self::MessageKept,
        Self::MessageChoices,
        Self::MessageChoicesLast,
        Self::RecordChoices,
        Self::RecordChoicesLast,
        Self::NothingHeard,
        Self::MessageNotKept,
        Self::NoMessages,
        Self::EnoughMessages,
        Self::LinesBusy,
        Self::TechnicalTrouble,
        Self::Goodbye,
    ];
}

/// A fixed sentence, one clip.
pub fn sentence(language: Language, sentence: Sentence) -> Phrase {
    let (fr, en) = words(sentence);
    Phrase::one(
        language,
        match language {
            Language::Fr => fr,
            Language::En => en,
        },
    )
}

fn words(sentence: Sentence) -> (&'static str, &'static str) {
    match sentence {
        Sentence::Connecting => ("Nous vous mettons en relation avec un agent.", "We are connecting you to an agent."),
        Sentence::Waiting => {
            ("Merci de patienter, un agent va vous répondre.", "Please hold, an agent will answer you.")
        }
        Sentence::QueueFull => (
            "Trop de personnes attendent en ce moment. Merci de rappeler un peu plus tard.",
            "Too many people are waiting at the moment. Please call again a little later.",
        ),
        Sentence::NobodyThere => ("Aucun agent n'est disponible en ce moment.", "No agent is available at the moment."),
        Sentence::ServedAfterClosing => (
            "Nous venons de fermer, mais vous gardez votre place. Un agent va vous répondre.",
            "We have just closed, but you keep your place. An agent will answer you.",
        ),
        Sentence::ClosedWhileWaiting => (
            "Nous venons de fermer. Nos agents ne pourront pas vous répondre aujourd'hui.",
            "We have just closed. Our agents can no longer answer you today.",
        ),
        Sentence::FewerAgents => (
            "Des agents se sont absentés, l'attente est plus longue que prévu.",
            "Some agents have left, the wait is longer than expected.",
        ),
        Sentence::LoggedIn => ("Vous êtes connecté.", "You are logged in."),
        Sentence::LoggedOut => ("Vous êtes déconnecté.", "You are logged out."),
        Sentence::OnPause => ("Vous êtes en pause.", "You are on a pause."),
        Sentence::Available => ("Vous êtes disponible.", "You are available."),
        Sentence::WaitedTooLong => {
            ("Aucun agent n'a pu vous répondre. Veuillez nous excuser.", "No agent could take your call. We are sorry.")
        }
        Sentence::AgentGone => (
            "L'agent n'a pas pu prendre votre appel. Vous gardez votre place.",
            "The agent could not take your call. You keep your place.",
        ),
        Sentence::PlaceOfTicket => (
            "Vous gardez la place de votre demande de rappel, qui est annulée.",
            "You keep the place of your callback request, which is cancelled.",
        ),
        Sentence::ToAgent => ("Nous vous passons un agent.", "We are putting you through to an agent."),
        Sentence::WrongKey => ("Cette touche ne correspond à aucun choix.", "This key does not match any choice."),
        Sentence::WrongKeyAgain => (
            "Cette touche n'est pas non plus dans la liste. Écoutez bien les choix.",
            "This key is not on the list either. Please listen to the choices.",
        ),
        Sentence::Silence => ("Nous n'avons pas reçu de réponse.", "We did not get an answer."),
        Sentence::SilenceAgain => ("Nous n'avons toujours pas reçu de réponse.", "We still did not get an answer."),
        Sentence::WrongNumberTyped => ("Ce numéro n'est pas complet.", "This number is not complete."),
        Sentence::WrongNumber => ("Ce numéro n'est pas correct.", "This number is not correct."),
        Sentence::Deleted => ("Numéro effacé.", "Number deleted."),
        Sentence::TransferFailed => {
            ("Votre correspondant ne répond pas.", "There is no answer at the number we called for you.")
        }
        Sentence::SpeakAfterBeep
        | Sentence::MessageKept
        | Sentence::MessageChoices
        | Sentence::MessageChoicesLast
        | Sentence::RecordChoices
        | Sentence::RecordChoicesLast
        | Sentence::NothingHeard
        | Sentence::MessageNotKept
        | Sentence::NoMessages
        | Sentence::EnoughMessages => message_words(sentence),
        Sentence::LinesBusy => (
            "Toutes nos lignes sont occupées. Merci de rappeler un peu plus tard.",
            "All our lines are busy. Please call again a little later.",
        ),
        Sentence::TechnicalTrouble => {
            ("Nous avons un problème technique. Veuillez nous excuser.", "We have a technical problem. We are sorry.")
        }
        Sentence::Goodbye => ("Merci de votre appel. Au revoir.", "Thank you for your call. Goodbye."),
    }
}

/// What is said around a message.
fn message_words(sentence: Sentence) -> (&'static str, &'static str) {
    match sentence {
        Sentence::SpeakAfterBeep => (
            "Parlez après le bip. Pour terminer, raccrochez, ou tapez sur la touche dièse.",
            "Speak after the beep. To finish, hang up, or press the hash key.",
        ),
        Sentence::MessageChoices => (
            "Pour l'écouter, tapez sur la touche numéro un. Pour le refaire, tapez sur la touche numéro deux. \
             Sinon, vous pouvez raccrocher.",
            "To listen to it, press one. To record it again, press two. Otherwise, you may hang up.",
        ),
        Sentence::MessageChoicesLast => (
            "Pour l'écouter, tapez sur la touche numéro un. Sinon, vous pouvez raccrocher.",
            "To listen to it, press one. Otherwise, you may hang up.",
        ),
        Sentence::RecordChoices => (
            "Pour continuer, tapez sur la touche dièse. Pour écouter votre message, tapez sur la touche numéro un. \
             Pour le refaire, tapez sur la touche numéro deux.",
            "To continue, press hash. To listen to your message, press one. To record it again, press two.",
        ),
        Sentence::RecordChoicesLast => (
            "Pour continuer, tapez sur la touche dièse. Pour écouter votre message, tapez sur la touche numéro un.",
            "To continue, press hash. To listen to your message, press one.",
        ),
        Sentence::NothingHeard => ("Nous n'avons rien entendu.", "We did not hear anything."),
        Sentence::MessageNotKept => (
            "Votre message n'a pas pu être enregistré. Veuillez nous excuser.",
            "Your message could not be recorded. We are sorry.",
        ),
        Sentence::NoMessages => {
            ("Nous ne pouvons pas prendre de message en ce moment.", "We can not take a message at the moment.")
        }
        Sentence::EnoughMessages => (
            "Vous nous avez déjà laissé plusieurs messages aujourd'hui. Nous les écouterons.",
            "You have already left us several messages today. We will listen to them.",
        ),
        // Its own last: the others have words of their own.
        _ => ("Votre message est enregistré.", "Your message has been recorded."),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_sentence_has_its_own_words_and_ends() {
        for language in Language::ALL {
            let said: HashSet<String> = Sentence::ALL.iter().map(|s| sentence(language, *s).to_string()).collect();
            assert_eq!(said.len(), Sentence::ALL.len());
            assert!(said.iter().all(|s| s.ends_with('.')));
        }
    }
}
