use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::desk::{Inbox, Order, Wanted};
use super::history::{History, now};
use super::notes::Notes;
use super::owners::Owners;
use super::watch::{self, Saved, Watched};
use super::{By, Checked, Edition, Opening, Outcome, Reading, Swapped};
use crate::base::QueueName;
use crate::config::Settings;
use crate::diag::{Diagnostic, has_errors};
use crate::flow::{Changes, Texts};
use crate::server::directory::Directory;
use crate::server::prompts::PromptStore;
use crate::server::{accounts, crash, warm};
use crate::store::{How, Version};
use crate::web::Office;

/// The task that reloads.
pub(in crate::server) struct Renewal {
    pub(super) reading: Arc<dyn Reading>,
    owners: Owners,
    pub(super) runs: Runs,
    pub(super) history: History,
}

/// What runs.
pub(super) struct Runs {
    /// Its version; nothing where it could not be kept.
    pub(super) number: Option<u64>,
    /// The files that it was made of.
    pub(super) texts: Texts,
    pub(super) edition: Edition,
}

/// Files without an error, that nobody has been given yet.
pub(super) struct Ready {
    pub(super) texts: Texts,
    edition: Edition,
    office: Office,
    pub(super) swapped: Swapped,
}

impl Renewal {
    /// Of what a service has begun with: its version, and the edition that it was given.
    pub(in crate::server) fn of(opening: Opening, (number, edition): (Option<u64>, Edition), owners: Owners) -> Self {
        let Opening { reading, history, texts, .. } = opening;
        let runs = Runs { number, texts, edition };
        Self { reading, owners, runs, history }
    }

    /// Has ready what the first callers hear, and begins to take orders.
    ///
    /// # Errors
    /// When the system takes no interest in SIGHUP.
    pub(in crate::server) fn start(self, inbox: Inbox) -> io::Result<()> {
        let hangup = signal(SignalKind::hangup())?;
        let edition = self.runs.edition.clone();
        tokio::spawn(async move {
            warm::first_sounds(&edition).await;
            warm::tell_faults(edition.prompts).await;
        });
        let (saves, saved) = mpsc::channel(1);
        let watched = Watched {
            flows: self.reading.root().to_owned(),
            prompts: self.settings().paths.prompts.clone(),
            settings: self.reading.settings_file().map(Path::to_owned),
        };
        tokio::spawn(watch::run(watched, saves));
        tokio::spawn(self.run(inbox, hangup, saved));
        Ok(())
    }

    /// Reloads on SIGHUP, when a file is saved, and when somebody asks for it, for as long as
    /// there is a desk.
    async fn run(mut self, Inbox { mut orders, state }: Inbox, mut hangup: Signal, mut saved: mpsc::Receiver<Saved>) {
        let notes = Notes::new(state);
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order, &notes).await,
                    None => return,
                },
                _ = hangup.recv() => {
                    let by = By::way(How::Signal);
                    notes.tell(&by, &self.reload(&by).await, self.runs.number);
                }
                // Without its sender nobody watches.
                Some(Saved { who }) = saved.recv() => {
                    let by = By { how: How::Watch, who };
                    match self.settings().flows.watch {
                        true => notes.tell(&by, &self.reload(&by).await, self.runs.number),
                        false => notes.saved(self.differs().await),
                    }
                }
            }
        }
    }

    async fn obey(&mut self, Order { wanted, by, answer }: Order, notes: &Notes) {
        let outcome = match wanted {
            Wanted::Reload => self.reload(&by).await,
            Wanted::Rollback { version, unsaved } => self.rollback(version, unsaved, &by).await,
        };
        notes.tell(&by, &outcome, self.runs.number);
        // Whoever asked may have gone.
        let _ = answer.send(outcome);
    }

    async fn reload(&mut self, by: &By) -> Outcome {
        match self.prepare().await {
            Ok(ready) => {
                let number = self.keep(&ready, by).await;
                crash::at("version-kept");
                Outcome::Swapped(Box::new(self.swap(ready, number).await))
            }
            Err(outcome) => {
                // Files that were saved as they were say nothing of names.
                if matches!(outcome, Outcome::Same(_)) && by.how != How::Watch {
                    self.owners.look_again().await;
                }
                outcome
            }
        }
    }

    /// Keeps what is about to run as a version: other prompts alone are none. A database that
    /// fails keeps no change from the callers.
    async fn keep(&self, Ready { texts, swapped, .. }: &Ready, by: &By) -> Option<u64> {
        if *texts == self.runs.texts {
            return self.runs.number;
        }
        let version = Version { changes: swapped.files.clone(), ..now(by.how, by.who.as_deref()) };
        let kept = self.history.keep(version, texts).await;
        kept.inspect_err(|error| tracing::error!(%error, "what is about to run can't be kept as a version")).ok()
    }

    /// Reads and checks what is on the disk.
    async fn prepare(&self) -> Result<Ready, Outcome> {
        let (texts, prompts) = self.read().await?;
        let (settings, mut told) = self.read_settings().await?;
        let same_files = texts == self.runs.texts && prompts.is_same(&self.runs.edition.prompts);
        if same_files && settings == self.runs.edition.settings {
            return Err(Outcome::Same(told.into()));
        }
        let mut ready = self.check(texts, prompts, settings).await?;
        told.extend(ready.swapped.warnings.iter().cloned());
        ready.swapped.warnings = told.into();
        Ok(ready)
    }

    fn settings(&self) -> &Arc<Settings> {
        &self.runs.edition.settings
    }

    /// The settings as they are to count at once, and a word on what has to wait.
    async fn read_settings(&self) -> Result<(Arc<Settings>, Vec<Diagnostic>), Outcome> {
        let reading = Arc::clone(&self.reading);
        let read = spawn_blocking(move || reading.settings()).await;
        let written = read.map_err(|_| Outcome::Unread(BROKEN.into()))?;
        let written = written.map_err(|diagnostics| Outcome::Refused(diagnostics.into()))?;
        let waits = self.settings().from_next_start(&written);
        let told = (!waits.is_empty()).then(|| {
            let message = format!("these settings count from the next start: {}", waits.join(", "));
            Diagnostic::warning("next-start", message, None).help("restart the service when it is quiet")
        });
        Ok((Arc::new(self.settings().renewed(&written)), told.into_iter().collect()))
    }

    /// What is on the disk.
    pub(super) async fn read(&self) -> Result<(Texts, PromptStore), Outcome> {
        let (reading, prompts) = (Arc::clone(&self.reading), self.runs.edition.prompts.clone());
        let read = spawn_blocking(move || anyhow::Ok((reading.texts()?, prompts.reopen()?))).await;
        read.map_err(anyhow::Error::from).flatten().map_err(|error| Outcome::Unread(format!("{error:#}").into()))
    }

    /// Whether the files on the disk are others than those that run.
    async fn differs(&self) -> bool {
        self.read().await.map_or(true, |(texts, _)| texts != self.runs.texts)
    }

    /// Checks texts with all that `svi check` has, and with what is promised to callers.
    pub(super) async fn check(
        &self,
        texts: Texts,
        prompts: PromptStore,
        settings: Arc<Settings>,
    ) -> Result<Ready, Outcome> {
        let reading = Arc::clone(&self.reading);
        let (runs, by) = (self.runs.texts.clone(), Arc::clone(&settings));
        let check = move || (reading.check(&texts, &prompts, &by), texts.changes_since(&runs), texts, prompts);
        let checked = spawn_blocking(check).await;
        let (checked, files, texts, prompts) = checked.map_err(|_| Outcome::Unread(BROKEN.into()))?;
        let Checked { services, mut diagnostics } = checked;
        let directory = Arc::new(Directory::new(services));
        let office = self.owners.office().renewed(&settings, &directory);
        // What is missing because its file has an error is not told as gone.
        if !has_errors(&diagnostics) {
            diagnostics.extend(office.as_ref().err().map(|why| Diagnostic::error("offered-queue", why, None)));
            let old = &self.runs.edition.directory;
            let promised = self.owners.promised().await;
            diagnostics.extend(without_line(&settings, &directory, &promised));
            diagnostics.extend(broken_promises(old, &directory, promised));
        }
        let Ok(office) = office else { return Err(Outcome::Refused(diagnostics.into())) };
        if has_errors(&diagnostics) {
            return Err(Outcome::Refused(diagnostics.into()));
        }
        let old = self.runs.edition.directory.services().iter().map(Arc::as_ref);
        let changes = Changes::between(old, directory.services().iter().map(Arc::as_ref));
        let calls = Arc::new(accounts::calls(&settings, directory.first_language()));
        let edition = Edition { settings, directory, prompts, calls };
        Ok(Ready {
            texts,
            edition,
            office,
            swapped: Swapped { version: None, files, changes, warnings: diagnostics.into() },
        })
    }

    /// Puts it in the place of what runs: when this returns, the next call gets it.
    pub(super) async fn swap(&mut self, ready: Ready, number: Option<u64>) -> Swapped {
        let Ready { texts, edition, office, swapped } = ready;
        // So that the first caller waits for no file.
        warm::first_sounds(&edition).await;
        self.owners.give(&edition, office).await;
        if !edition.prompts.is_same(&self.runs.edition.prompts) {
            tokio::spawn(warm::tell_faults(edition.prompts.clone()));
        }
        self.runs = Runs { number, texts, edition };
        Swapped { version: number, ..swapped }
    }
}

/// Trunks without a number to present, and promises that no trunk is left for.
fn without_line(settings: &Settings, directory: &Directory, promised: &BTreeMap<QueueName, usize>) -> Vec<Diagnostic> {
    let unnamed = accounts::trunks(settings, directory.first_number().as_ref()).is_err().then(|| {
        let message = "a trunk has no number to present, and no service has one";
        Diagnostic::error("missing-key", message, None).help("add `presented:` to the trunk")
    });
    let calls: usize = promised.values().sum();
    let lost = (settings.trunks.is_empty() && calls > 0).then(|| {
        let message = format!("there is no trunk any more, and callbacks are promised: {calls}");
        let help = "put it back until the citizens are called, or cancel them: `svi callbacks list --state open`";
        Diagnostic::error("no-trunk", message, None).help(help)
    });
    unnamed.into_iter().chain(lost).collect()
}

/// Queues that are taken away although somebody is to be called back for them. Who waits
/// in such a queue is served all the same, so that only promises for later are in the way.
fn broken_promises(old: &Directory, new: &Directory, promised: BTreeMap<QueueName, usize>) -> Vec<Diagnostic> {
    let has = |directory: &Directory, queue: &QueueName| directory.queues().iter().any(|rules| rules.name == *queue);
    // One that was gone before is no reason to refuse what mends something else.
    let gone = promised.into_iter().filter(|(queue, _)| has(old, queue) && !has(new, queue));
    let finding = |(queue, calls): (QueueName, usize)| {
        let message = format!("the queue `{queue}` is gone, and callbacks are promised for it: {calls}");
        let help = "put it back until the citizens are called, or cancel them: `svi callbacks list --state open`";
        Diagnostic::error("promised-queue", message, None).help(help)
    };
    gone.map(finding).collect()
}

const BROKEN: &str = "the check itself has failed; the log has the panic";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::diag::Source;
    use crate::diag::rules::BASE;
    use crate::flow::{self, Audio};
    use crate::speech::Fragment;

    struct Recorded;

    impl Audio for Recorded {
        fn length(&self, _: &Fragment) -> Option<Duration> {
            Some(Duration::from_secs(1))
        }
    }

    /// The service of the rules' examples, with these queues beside its own.
    fn directory(more: &str) -> Directory {
        let text =
            |name: &str, text: &str| if name == "queues.yaml" { format!("{text}{more}") } else { text.to_owned() };
        let files = BASE.map(|(name, base)| Source::new(name, text(name, base)));
        let loaded = flow::load("mairie", &files, &Recorded);
        Directory::new(vec![Arc::new(loaded.service.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics)))])
    }

    fn told(old: &Directory, new: &Directory) -> Vec<Diagnostic> {
        broken_promises(old, new, BTreeMap::from([(QueueName::from("mairie/guichet"), 2)]))
    }

    const DESK: &str = "guichet:\n  members: [chloe]\n  at_closing: serve\n";

    #[test]
    fn a_queue_that_is_gone_although_callbacks_are_promised_is_told() {
        let told = told(&directory(DESK), &directory(""));
        assert_eq!(told.iter().map(|d| d.code).collect::<Vec<_>>(), ["promised-queue"]);
        assert!(
            told[0].message.contains("`mairie/guichet`") && told[0].message.ends_with(": 2"),
            "{}",
            told[0].message
        );
    }

    #[test]
    fn a_trunk_is_not_taken_away_while_callbacks_are_promised_and_needs_a_number_to_present() {
        let promised = BTreeMap::from([(QueueName::from("mairie/agents"), 3)]);
        let codes = |settings: &Settings, numbers: &str, promised: &BTreeMap<QueueName, usize>| {
            let files = BASE.map(|(name, base)| Source::new(name, base.replace("+33143124567", numbers)));
            let service = flow::load("mairie", &files, &Recorded).service;
            let directory = Directory::new(service.into_iter().map(Arc::new).collect());
            without_line(settings, &directory, promised).iter().map(|d| d.code).collect::<Vec<_>>()
        };
        let mut settings = Settings::default();
        assert_eq!(codes(&settings, "+33143124567", &promised), ["no-trunk"]);
        assert_eq!(codes(&settings, "+33143124567", &BTreeMap::new()), [""; 0]);
        settings.trunks.push(crate::config::Trunk::at("sip.operator.example"));
        assert_eq!(codes(&settings, "+33143124567", &promised), [""; 0]);
        assert_eq!(codes(&settings, "100", &promised), ["missing-key"]);
    }

    #[test]
    fn a_queue_that_stays_or_was_gone_before_is_not_told() {
        assert_eq!(told(&directory(DESK), &directory(DESK)), []);
        assert_eq!(told(&directory(""), &directory("")), []);
        assert_eq!(broken_promises(&directory(DESK), &directory(""), BTreeMap::new()), []);
    }
}
