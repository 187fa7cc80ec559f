use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::Messages;
use crate::base::limits;
use crate::callback::{Mail, Message};
use crate::config::{self, Security};
use crate::server::clock;
use crate::service::Card;

/// The cards of the services, by the services' names.
type Services = BTreeMap<String, Arc<Card>>;

/// Tells somebody by mail of each message that is left: at once, and again until it is
/// handed over or given up. What waits is in the store, and outlives the service.
pub(in crate::server) struct Mailer {
    messages: Messages,
    rules: config::Mail,
    from: Mailbox,
    to: Vec<Mailbox>,
    services: Services,
    smtp: AsyncSmtpTransport<Tokio1Executor>,
}

impl Mailer {
    /// Ready to run.
    ///
    /// # Errors
    /// When an address can't be used, or the system's certificates can't be read.
    pub(in crate::server) fn new(messages: Messages, rules: config::Mail, services: Services) -> Result<Self> {
        let smtp = transport(&rules)?;
        let from = rules.from.parse().with_context(|| format!("`mail.from`: `{}` is no address", rules.from))?;
        let address = |to: &String| to.parse().with_context(|| format!("`mail.to`: `{to}` is no address"));
        let to = rules.to.iter().map(address).collect::<Result<_>>()?;
        Ok(Self { messages, rules, from, to, services, smtp })
    }

    /// Sends what is due, for ever.
    pub(in crate::server) async fn run(self) {
        loop {
            match self.messages.store.mails_due(clock::wall(), limits::MAILS_AT_ONCE).await {
                Ok(due) => {
                    for message in due {
                        self.send(&message).await;
                    }
                }
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "mails that wait can't be read"),
            }
            tokio::select! {
                () = self.messages.left.notified() => {}
                () = clock::until(Some(clock::now() + LOOK)) => {}
            }
        }
    }

    /// Tries once, and writes down what became of it.
    async fn send(&self, message: &Message) {
        let outcome = match self.try_to_send(message, self.rules.sound).await {
            // A server that takes no sound, or none of this size, may take the news.
            Err(error) if self.rules.sound && is_permanent(&error) => self.try_to_send(message, false).await,
            outcome => outcome,
        };
        let (mail, due) = match outcome {
            Ok(()) => (Mail::Sent, None),
            Err(error) => {
                let tries = if let Mail::Waiting { tries } = message.mail { tries + 1 } else { 1 };
                let pause = Mail::pause(tries);
                let (id, error) = (message.id, format!("{error:#}"));
                match pause {
                    Some(again) => tracing::warn!(%id, error, tries, ?again, "a mail could not be sent"),
                    None => tracing::error!(%id, error, tries, "a mail was given up"),
                }
                let mail = if pause.is_some() { Mail::Waiting { tries } } else { Mail::Failed };
                (mail, pause.map(|pause| clock::wall() + pause))
            }
        };
        let what = if mail == Mail::Sent { "sent" } else if due.is_some() { "again" } else { "given-up" };
        metrics::counter!("svi_mails_total", "what" => what).increment(1);
        if let Err(error) = self.messages.store.set_mail(message.id, mail, due).await {
            // It stays due: better told twice than never.
            tracing::error!(id = %message.id, error = &error as &dyn std::error::Error, "what became of a mail is lost");
        }
    }

    async fn try_to_send(&self, message: &Message, sound: bool) -> Result<()> {
        let sound = match sound {
            true => Some(self.messages.folder.read(message.file.clone()).await.context("the sound can't be read")?),
            false => None,
        };
        let mail = self.letter(message, sound)?;
        let sending = self.smtp.send(mail);
        tokio::time::timeout(LONGEST, sending).await.context("the mail server takes too long")??;
        Ok(())
    }

    fn letter(&self, message: &Message, sound: Option<Vec<u8>>) -> Result<lettre::Message> {
        let card = self.services.get(&message.service);
        let name = card.map_or(message.service.as_str(), |card| &card.name);
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .subject(format!("Message vocal : {name}"))
            // The same at each try, so that one that came twice is known.
            .message_id(Some(format!("<{}@svi.invalid>", message.file.trim_end_matches(".wav"))));
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        let text = SinglePart::plain(text(message, card.map(Arc::as_ref), sound.is_some()));
        let mail = match sound {
            None => builder.singlepart(text),
            Some(sound) => {
                let kind = ContentType::parse("audio/wav").context("`audio/wav` is a type")?;
                let sound = Attachment::new(format!("{}.wav", message.id)).body(sound, kind);
                builder.multipart(MultiPart::mixed().singlepart(text).singlepart(sound))
            }
        };
        Ok(mail?)
    }
}

/// How often it is looked whether a mail is due again.
const LOOK: Duration = Duration::from_secs(10);
/// A mail with ten minutes of sound, over a slow line.
const LONGEST: Duration = Duration::from_secs(120);
/// What the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(30);

fn transport(rules: &config::Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let parameters = || TlsParameters::new(rules.host.clone()).context("TLS for mail can't be set up");
    let tls = match rules.security {
        Security::Tls => Tls::Wrapper(parameters()?),
        Security::StartTls => Tls::Required(parameters()?),
        Security::None => Tls::None,
    };
    let smtp = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(rules.host.as_str()).port(rules.port).tls(tls);
    let smtp = smtp.timeout(Some(ANSWER));
    Ok(match (&rules.username, &rules.password) {
        (Some(username), Some(password)) => {
            smtp.credentials(Credentials::new(username.clone(), password.reveal().clone())).build()
        }
        _ => smtp.build(),
    })
}

fn is_permanent(error: &anyhow::Error) -> bool {
    error.downcast_ref::<lettre::transport::smtp::Error>().is_some_and(lettre::transport::smtp::Error::is_permanent)
}

/// What the mail says, in French, then in English.
fn text(message: &Message, card: Option<&Card>, with_sound: bool) -> String {
    let (day, at) = match card.map(|card| card.phone_hours.local(message.at)) {
        Some((day, time)) => (day, time.to_string()),
        None => (message.at.utc().date_naive(), message.at.utc().format("%H:%M UTC").to_string()),
    };
    let day = day.format("%d/%m/%Y");
    let number = message.from.as_ref().map(|number| number.reveal().as_str());
    let seconds = message.length.as_secs_f64().round() as u64;
    let lasts = format!("{}:{:02}", seconds / 60, seconds % 60);
    let (service, n) = (card.map_or(message.service.as_str(), |card| &card.name), message.id.0);
    let listen = format!("svi messages get {n}");
    let mut text = format!(
        "Un message vocal a été laissé le {day} à {at}.\n\nService : {service}\nNuméro : {}\nDurée : {lasts}\n",
        number.unwrap_or("masqué")
    );
    if message.callback {
        text.push_str("La personne demande à être rappelée.\n");
    }
    let joined = if with_sound { "Le message est joint." } else { "Pour l'écouter :" };
    text.push_str(&format!("{joined} {listen}\n\n-- \n"));
    text.push_str(&format!(
        "A voice message was left on {day} at {at}. Number: {}. Length: {lasts}. To listen: {listen}\n",
        number.unwrap_or("withheld")
    ));
    text
}
