use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::sync::watch;

use super::Messages;
use crate::base::limits;
use crate::config::{self, Security};
use crate::server::clock;
use crate::server::directory::Directory;
use crate::service::Card;
use crate::store::{CallBack, Mail, Message};

/// Tells somebody by mail of each message that is left: at once, and again until it is
/// handed over or given up. What waits is in the store, and outlives the service.
pub(in crate::server) struct Mailer {
    messages: Messages,
    rules: config::Mail,
    from: Mailbox,
    to: Vec<Mailbox>,
    directory: watch::Receiver<Arc<Directory>>,
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    /// What became of mails and could not be written down, by their messages: only of
    /// what was due at the last look, [`limits::MAILS_AT_ONCE`] at most.
    unmarked: BTreeMap<u64, Mail>,
}

impl Mailer {
    /// Ready to run.
    ///
    /// # Errors
    /// When an address can't be used, or the system's certificates can't be read.
    pub(in crate::server) fn new(
        messages: Messages,
        rules: config::Mail,
        directory: watch::Receiver<Arc<Directory>>,
    ) -> Result<Self> {
        let smtp = transport(&rules)?;
        let from = rules.from.parse().with_context(|| format!("`mail.from`: `{}` is no address", rules.from))?;
        let address = |to: &String| to.parse().with_context(|| format!("`mail.to`: `{to}` is no address"));
        let to = rules.to.iter().map(address).collect::<Result<_>>()?;
        Ok(Self { messages, rules, from, to, directory, smtp, unmarked: BTreeMap::new() })
    }

    /// Sends what is due, for ever.
    pub(in crate::server) async fn run(mut self) {
        let mut left = self.messages.left();
        loop {
            self.look().await;
            tokio::select! {
                // Ours is one of the senders: there is always one.
                _ = left.changed() => {}
                () = clock::until(Some(clock::now() + LOOK)) => {}
            }
        }
    }

    /// Sends what is due now.
    async fn look(&mut self) {
        let now = clock::wall();
        let due = match self.messages.store.mails_due(now, limits::MAILS_AT_ONCE).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "mails that wait can't be read");
                return;
            }
        };
        self.unmarked.retain(|id, _| due.iter().any(|message| message.id == *id));
        for mut message in due {
            let mail = match self.unmarked.get(&message.id) {
                None => self.send(&message).await,
                Some(&mail @ Mail::Waiting { due, .. }) if due <= now => {
                    message.mail = mail;
                    self.send(&message).await
                }
                // Nothing is sent twice because a disk is full.
                Some(&mail) => mail,
            };
            self.mark(message.id, mail).await;
        }
    }

    /// Tries once; what became of it.
    async fn send(&self, message: &Message) -> Mail {
        let outcome = match self.try_to_send(message, self.rules.sound).await {
            // A server that takes no sound, or none of this size, may take the news.
            Err(error) if self.rules.sound && is_permanent(&error) => self.try_to_send(message, false).await,
            outcome => outcome,
        };
        let (mail, what) = match outcome {
            Ok(()) => (Mail::Sent, "sent"),
            Err(error) => again(message, &format!("{error:#}")),
        };
        metrics::counter!("svi_mails_total", "what" => what).increment(1);
        mail
    }

    /// Writes down what became of a mail, or remembers it until the next look.
    async fn mark(&mut self, id: u64, mail: Mail) {
        match self.messages.store.mark_mail(id, mail).await {
            Ok(()) => drop(self.unmarked.remove(&id)),
            Err(error) => {
                // A start in between sends it again: better told twice than never.
                let error: &dyn std::error::Error = &error;
                tracing::error!(id, error, "what became of a mail can't be written down yet");
                self.unmarked.insert(id, mail);
            }
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
        let directory = Arc::clone(&self.directory.borrow());
        let card = directory.service(&message.service).map(|service| &*service.card);
        let name = card.map_or(message.service.as_str(), |card| &card.name);
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .subject(format!("Message vocal : {name}"))
            // The same at each try, so that one that came twice is known.
            .message_id(Some(format!(
                "<{}@svi.invalid>",
                message.file.trim_start_matches("messages/").trim_end_matches(".wav")
            )));
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        let text = SinglePart::plain(text(message, card, sound.is_some()));
        let mail = match sound {
            None => builder.singlepart(text),
            Some(sound) => {
                let kind = ContentType::parse("audio/wav").context("`audio/wav` is a type")?;
                let sound = Attachment::new(format!("message-{}.wav", message.id)).body(sound, kind);
                builder.multipart(MultiPart::mixed().singlepart(text).singlepart(sound))
            }
        };
        Ok(mail?)
    }
}

/// What becomes of a mail that could not be sent, and the word of the measure.
fn again(message: &Message, error: &str) -> (Mail, &'static str) {
    let tries = if let Mail::Waiting { tries, .. } = message.mail { tries + 1 } else { 1 };
    match pause(tries) {
        Some(pause) => {
            tracing::warn!(id = message.id, error, tries, again = ?pause, "a mail could not be sent");
            (Mail::Waiting { due: clock::wall() + pause, tries }, "again")
        }
        None => {
            tracing::error!(id = message.id, error, tries, "a mail was given up");
            (Mail::Failed, "given-up")
        }
    }
}

/// How long until the next try, after so many in vain: half a minute, doubled each time
/// up to an hour; nothing once it was tried for about a day.
fn pause(tries: u32) -> Option<Duration> {
    (tries < TRIES).then(|| (FIRST_PAUSE * 2_u32.saturating_pow(tries.min(16).saturating_sub(1))).min(LONGEST_PAUSE))
}

const TRIES: u32 = 30;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// How often it is looked whether a mail is due again.
const LOOK: Duration = Duration::from_secs(10);
/// A mail with ten minutes of sound, over a slow line.
const LONGEST: Duration = Duration::from_secs(120);
/// What the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(30);

fn transport(rules: &config::Mail) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let parameters = || {
        let mut tls = TlsParameters::builder(rules.host.clone());
        for certificate in rules.ca.iter().map(|path| trusted(path)) {
            tls = tls.add_root_certificate(certificate?);
        }
        tls.build().context("TLS for mail can't be set up")
    };
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

/// A certificate that is trusted beside the system's.
fn trusted(path: &Path) -> Result<Certificate> {
    let name = || format!("`mail.ca`: `{}`", path.display());
    let pem = std::fs::read(path).with_context(|| format!("{} can't be read", name()))?;
    Certificate::from_pem(&pem).with_context(|| format!("{} holds no certificate (PEM)", name()))
}

fn is_permanent(error: &anyhow::Error) -> bool {
    error.downcast_ref::<lettre::transport::smtp::Error>().is_some_and(lettre::transport::smtp::Error::is_permanent)
}

/// What the mail says, in French, then in English.
fn text(message: &Message, card: Option<&Card>, with_sound: bool) -> String {
    let (day, at) = match card.map(|card| card.phone_hours.local(message.started)) {
        Some((day, time)) => (day, time.to_string()),
        None => (message.started.utc().date_naive(), message.started.utc().format("%H:%M UTC").to_string()),
    };
    let day = day.format("%d/%m/%Y");
    let number = message.number.as_ref().map(|number| number.reveal().as_str());
    let seconds = (message.length_ms + 500) / 1_000;
    let lasts = format!("{}:{:02}", seconds / 60, seconds % 60);
    let (service, n) = (card.map_or(message.service.as_str(), |card| &card.name), message.id);
    let listen = format!("svi messages get {n}");
    let mut text = format!(
        "Un message vocal a été laissé le {day} à {at}.\n\nService : {service}\nNuméro : {}\nDurée : {lasts}\n",
        number.unwrap_or("masqué")
    );
    if message.callback != CallBack::No {
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

#[cfg(test)]
mod tests {
    use sqlx::Connection;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;
    use tokio::sync::watch;

    use super::super::tests::{left, lock, messages};
    use super::*;

    /// A mail server that takes everything: its port, and how many mails it has taken.
    async fn server() -> (u16, watch::Receiver<u32>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (taken, count) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (read, mut write) = stream.split();
                let mut lines = BufReader::new(read).lines();
                let (mut answer, mut in_letter) = ("220 hello\r\n", false);
                loop {
                    if !answer.is_empty() && write.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                    let Ok(Some(line)) = lines.next_line().await else { break };
                    answer = match line.as_str() {
                        "." if in_letter => {
                            taken.send_modify(|n| *n += 1);
                            in_letter = false;
                            "250 taken\r\n"
                        }
                        _ if in_letter => "",
                        "DATA" => {
                            in_letter = true;
                            "354 go on\r\n"
                        }
                        _ => "250 good\r\n",
                    };
                }
            }
        });
        (port, count)
    }

    #[tokio::test]
    async fn a_mail_is_not_sent_again_while_it_can_not_be_written_down() {
        let (data, messages) = messages().await;
        let id = left(&messages, "messages/a.wav").await;
        let (port, taken) = server().await;
        messages.store.mark_mail(id, Mail::Waiting { due: clock::wall(), tries: 0 }).await.unwrap();
        let rules = config::Mail {
            host: "127.0.0.1".into(),
            port,
            security: Security::None,
            ca: None,
            username: None,
            password: None,
            from: "svi@example.org".into(),
            to: vec!["accueil@example.org".into()],
            sound: false,
        };
        let mut mailer = Mailer::new(messages.clone(), rules, watch::channel(Arc::default()).1).unwrap();
        let lock = lock(data.path()).await;
        mailer.look().await;
        mailer.look().await;
        assert_eq!(*taken.borrow(), 1, "sent, and not again");
        lock.close().await.unwrap();
        mailer.look().await;
        assert_eq!(*taken.borrow(), 1);
        assert_eq!(messages.store.message(id).await.unwrap().unwrap().mail, Mail::Sent);
        assert!(mailer.unmarked.is_empty());
    }

    #[test]
    fn a_mail_is_tried_for_about_a_day_more_and_more_rarely() {
        let pauses: Vec<u64> = (1..).map_while(pause).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses[..9], [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        let day: u64 = pauses.iter().sum();
        assert!((20 * 3600..26 * 3600).contains(&day), "{day} s");
        assert_eq!(pause(u32::MAX), None);
    }
}
