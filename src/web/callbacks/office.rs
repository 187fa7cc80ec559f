//! What a citizen can do on the web: ask for a callback, see it and cancel it by its code.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use serde_json::json;

use super::faults::{Fault, Trouble};
use super::gate::{Gate, spaced};
use crate::base::{Chance, Language, Localized, PhoneNumber, Private, QueueName, Skill, WallTime, limits};
use crate::callback::{Asker, Refused, Source, When, Wish};
use crate::config::{Offered, Settings};
use crate::flow::{QueueRules, Service};
use crate::server::{Answer, BookDesk, Directory, Outlook, Whose, clock};
use crate::service::{Card, NotCallable, Slot, slots};
use crate::store::{Error, Store, hash_of_code};

/// Everything behind the pages and the API of callbacks: a handle that can be cloned.
#[derive(Clone, Debug)]
pub struct Office(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) book: BookDesk,
    pub(super) store: Store,
    /// Those that citizens may ask for on the web.
    pub(super) offers: Vec<Offer>,
    /// All of them, for the agents.
    queues: Vec<Offer>,
    pub(super) gate: Gate,
    pub(super) proxies: Vec<IpAddr>,
    pub(super) embed: Vec<String>,
    /// How long a ticket is kept once it is over.
    pub(super) kept: Duration,
}

/// A queue for which callbacks may be asked.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) queue: QueueName,
    /// As citizens know it.
    pub(super) name: Localized,
    pub(super) card: Arc<Card>,
    /// The languages for which an agent needs a skill.
    languages: Vec<Language>,
}

/// What a citizen has filled in.
#[derive(Clone, Debug, Default)]
pub(super) struct Filled {
    pub(super) number: String,
    pub(super) reason: String,
    /// Nothing where there is one queue only.
    pub(super) queue: Option<String>,
    /// `soon`, or the first moment of a slot in milliseconds.
    pub(super) when: String,
    pub(super) consent: Consent,
    /// A field that people do not see.
    pub(super) trap: String,
}

/// Whether the number may be kept until the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Consent {
    Given,
    #[default]
    NotGiven,
}

/// A request without a fault.
#[derive(Debug)]
pub(super) struct Checked<'o> {
    offer: &'o Offer,
    number: PhoneNumber,
    reason: Option<String>,
    when: When,
}

/// A promise.
#[derive(Debug)]
pub(super) struct Noted<'o> {
    pub(super) offer: &'o Offer,
    pub(super) number: Private<PhoneNumber>,
    pub(super) when: When,
    /// In groups of four.
    pub(super) code: String,
}

impl Office {
    /// What the settings offer.
    ///
    /// # Errors
    ///
    /// In words, when they offer what there is not.
    pub fn open(
        settings: &Settings,
        directory: &Directory,
        (book, store): (BookDesk, Store),
        chance: Chance,
    ) -> Result<Self, String> {
        let gate = Gate::open(settings.web.per_address, chance);
        Self::behind(gate, settings, directory, (book, store))
    }

    /// The same for services that were reloaded; who has asked often is remembered.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn renewed(&self, settings: &Settings, directory: &Directory) -> Result<Self, String> {
        let Inner { gate, book, store, .. } = &*self.0;
        Self::behind(gate.clone(), settings, directory, (book.clone(), store.clone()))
    }

    fn behind(
        gate: Gate,
        settings: &Settings,
        directory: &Directory,
        (book, store): (BookDesk, Store),
    ) -> Result<Self, String> {
        let of = |service: &Arc<Service>, rules: &Arc<QueueRules>| Offer {
            queue: rules.name.clone(),
            name: Localized { fr: Arc::clone(&service.card.name), en: None },
            card: Arc::clone(&service.card),
            languages: rules.languages.clone(),
        };
        let services = directory.services().iter();
        let queues: Vec<Offer> =
            services.flat_map(|service| service.queues.iter().map(move |rules| of(service, rules))).collect();
        let offers = offered(&settings.web.callbacks, &queues)?;
        if !offers.is_empty() && settings.trunks.is_empty() {
            return Err("`web.callbacks`: nobody can be called back without a `trunk`".into());
        }
        let (proxies, embed) = (settings.web.proxies.clone(), settings.web.embed.clone());
        let kept = settings.keep.tickets;
        Ok(Self(Arc::new(Inner { book, store, offers, queues, gate, proxies, embed, kept })))
    }

    /// An office that offers nothing, without a service behind it.
    #[cfg(test)]
    pub(in crate::web) fn closed(store: Store) -> Self {
        let chance = Chance::seeded(1);
        Self::open(&Settings::default(), &Directory::default(), (BookDesk::closed(), store), chance).unwrap()
    }

    /// Whether anything is offered.
    pub(super) fn is_open(&self) -> bool {
        !self.0.offers.is_empty()
    }

    /// The queue that was chosen, or the only one.
    pub(super) fn offer(&self, queue: Option<&str>) -> Option<&Offer> {
        match (queue, &self.0.offers[..]) {
            (None, [only]) => Some(only),
            (queue, offers) => offers.iter().find(|offer| Some(offer.queue.as_str()) == queue),
        }
    }

    /// Any queue of any service.
    pub(super) fn any(&self, queue: &QueueName) -> Option<&Offer> {
        self.0.queues.iter().find(|offer| offer.queue == *queue)
    }

    /// The present wait of a queue, and its quiet time.
    pub(super) async fn outlook(&self, offer: &Offer, language: Language) -> Outlook {
        self.0.book.outlook(&offer.queue, offer.needs(language)).await
    }

    /// Asks for a callback. What is answered as noted is on the disk; it takes the same time
    /// and says the same whether the number has a ticket already or not.
    pub(super) async fn ask(&self, from: IpAddr, filled: &Filled, language: Language) -> Result<Noted<'_>, Trouble> {
        counter!("svi_web_callbacks_asked_total").increment(1);
        let asked = async {
            let checked = self.check(filled, language).await.map_err(Trouble::Faults)?;
            let code = self.0.gate.asks(from).await.map_err(|again| Trouble::TooMany { again: Some(again) })?;
            let not_before = clock::now() + EVEN;
            let noted = self.note(checked, code, language).await;
            clock::until(Some(not_before)).await;
            noted
        };
        let noted = asked.await;
        match &noted {
            Ok(_) => counter!("svi_web_callbacks_promised_total").increment(1),
            Err(trouble) => counter!("svi_web_callbacks_refused_total", "why" => trouble.word()).increment(1),
        }
        noted
    }

    /// The request without its faults, or all of them.
    async fn check(&self, filled: &Filled, language: Language) -> Result<Checked<'_>, Vec<Fault>> {
        let Some(offer) = self.offer(filled.queue.as_deref()) else { return Err(vec![Fault::NoQueue]) };
        let fields = (&*filled.number, &*filled.reason, &*filled.when);
        let checked = self.check_fields(offer, fields, language).await;
        let mut faults = checked.as_ref().err().cloned().unwrap_or_default();
        if filled.consent == Consent::NotGiven {
            faults.push(Fault::NoConsent);
        }
        if !filled.trap.is_empty() {
            faults.push(Fault::Trap);
        }
        checked
            .map_err(|_| faults.clone())
            .and_then(|checked| if faults.is_empty() { Ok(checked) } else { Err(faults) })
    }

    /// A number, a reason and a time without their faults, or all of them.
    pub(super) async fn check_fields<'o>(
        &self,
        offer: &'o Offer,
        (number_text, reason, chosen): (&str, &str, &str),
        language: Language,
    ) -> Result<Checked<'o>, Vec<Fault>> {
        let mut faults = Vec::new();
        let number = number(&offer.card, number_text).map_err(|fault| faults.push(fault)).ok();
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        let reason: String = reason.chars().filter(|c| !c.is_control()).collect();
        if reason.chars().count() > limits::REASON_LETTERS {
            faults.push(Fault::LongReason);
        }
        let outlook = self.outlook(offer, language).await;
        let when = when(offer, &outlook, clock::wall(), chosen);
        if when.is_none() {
            faults.push(if chosen.is_empty() { Fault::NoTime } else { Fault::TakenTime });
        }
        match (number, when) {
            (Some(number), Some(when)) if faults.is_empty() => {
                Ok(Checked { offer, number, reason: (!reason.is_empty()).then_some(reason), when })
            }
            _ => Err(faults),
        }
    }

    /// What an agent promises a citizen, who gets no code.
    pub(super) async fn promise_for_agent(&self, checked: Checked<'_>, language: Language) -> Answer {
        self.0.book.ask(checked.wish(Source::Agent, language)).await
    }

    async fn note<'o>(
        &'o self,
        checked: Checked<'o>,
        code: Private<String>,
        language: Language,
    ) -> Result<Noted<'o>, Trouble> {
        let wish = Wish { code: Private::new(Some(hash_of_code(&code))), ..checked.wish(Source::Web, language) };
        let Checked { offer, number, when, .. } = checked;
        match self.0.book.ask(wish).await {
            Answer::Promised { whose: Whose::Own, .. } => {}
            Answer::Promised { ticket, whose: Whose::Earlier, .. } => {
                let asked = json!({ "when": when, "asked": clock::wall() });
                self.0.store.keep_code(&code, ticket, &asked).await.map_err(|error| not_kept(&error))?;
            }
            Answer::Refused(Refused::NoLine) => return Err(Trouble::Faults(vec![Fault::Number(NotCallable::Abroad)])),
            Answer::Refused(Refused::SlotFull) => return Err(Trouble::Faults(vec![Fault::TakenTime])),
            Answer::Refused(Refused::TooOften) => return Err(Trouble::TooMany { again: None }),
            Answer::Refused(_) | Answer::Overdue | Answer::Cancelled => return Err(Trouble::NotNow),
        }
        Ok(Noted { offer, number: Private::new(number), when, code: spaced(&code) })
    }
}

impl Checked<'_> {
    /// As the book is asked; it gives it an asker.
    fn wish(&self, source: Source, language: Language) -> Wish {
        Wish {
            asker: Asker::Request(0),
            number: Private::new(self.number.clone()),
            caller: None,
            queue: self.offer.queue.clone(),
            needs: self.offer.needs(language),
            priority: 0,
            language,
            source,
            reason: Private::new(self.reason.clone()),
            message: None,
            code: Private::new(None),
            since: clock::wall(),
            when: self.when,
        }
    }
}

impl Offer {
    /// What an agent must be able to do, as for a caller who waits.
    fn needs(&self, language: Language) -> Vec<Skill> {
        let wanted = self.languages.contains(&language);
        wanted.then(|| Skill::from(language.code())).into_iter().collect()
    }

    /// The times to choose from, beside as soon as possible.
    pub(super) fn slots(&self, outlook: &Outlook, now: WallTime) -> Vec<Slot> {
        let learned = outlook.glance.quiet.map(|quiet| (quiet.weekday, quiet.from, quiet.to));
        slots(&self.card, learned, now, (SLOTS, &outlook.diary))
    }
}

/// The number as it is called, checked as a caller's is.
fn number(card: &Card, text: &str) -> Result<PhoneNumber, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::NoNumber);
    }
    let number = PhoneNumber::parse(text).map_err(|_| Fault::Number(NotCallable::NoNumber))?;
    card.callbacks.number(&number).map_err(Fault::Number)
}

/// The chosen time, if it is offered, or was while the form was filled in.
fn when(offer: &Offer, outlook: &Outlook, now: WallTime, chosen: &str) -> Option<When> {
    if chosen == SOON {
        return Some(When::Soon);
    }
    let before = WallTime::from_millis(now.millis() - i64::try_from(FILLING_IN.as_millis()).unwrap_or(0));
    let offered = [now, before].into_iter().flat_map(|at| offer.slots(outlook, at));
    let slot = offered.into_iter().find(|slot| slot_value(slot) == chosen)?;
    Some(When::Slot { from: slot.begins, to: slot.ends })
}

/// How a slot is called in a form and in the API.
pub(super) fn slot_value(slot: &Slot) -> String {
    slot.begins.millis().to_string()
}

fn not_kept(error: &Error) -> Trouble {
    tracing::error!(%error, "the code of a callback could not be written down");
    Trouble::NotNow
}

/// The choice of no slot.
pub(super) const SOON: &str = "soon";
/// Times to choose from.
const SLOTS: usize = 4;
/// Who needs longer to fill in the form is asked to choose again. Less than the hour that
/// lies between now and the first slot.
const FILLING_IN: Duration = Duration::from_secs(30 * 60);
/// An answer takes at least so long: one write to the disk more or less is not seen in it.
const EVEN: Duration = Duration::from_millis(250);

/// The queues that the settings offer, as citizens know them; in words, the first that is not there.
fn offered(wanted: &[Offered], queues: &[Offer]) -> Result<Vec<Offer>, String> {
    let offer = |offered: &Offered| {
        let missing = || format!("`web.callbacks`: no service has a queue `{}`", offered.queue);
        let found = queues.iter().find(|offer| offer.queue == offered.queue).ok_or_else(missing)?;
        let name = offered.name.clone().unwrap_or_else(|| found.name.clone());
        Ok(Offer { name, ..found.clone() })
    };
    wanted.iter().map(offer).collect()
}

#[cfg(test)]
mod tests {
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

    /// The queues of the service of the rules' examples.
    fn queues() -> Vec<Offer> {
        let loaded = flow::load("mairie", &BASE.map(|(name, text)| Source::new(name, text)), &Recorded);
        let service = loaded.service.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let of = |rules: &Arc<QueueRules>| Offer {
            queue: rules.name.clone(),
            name: Localized { fr: Arc::clone(&service.card.name), en: None },
            card: Arc::clone(&service.card),
            languages: rules.languages.clone(),
        };
        service.queues.iter().map(of).collect()
    }

    fn offers(queue: &str) -> Result<Vec<Offer>, String> {
        offered(&[Offered { queue: QueueName::from(queue), name: None }], &queues())
    }

    #[test]
    fn a_queue_that_is_offered_and_gone_is_told() {
        let told = offers("mairie/guichet").unwrap_err();
        assert_eq!(told, "`web.callbacks`: no service has a queue `mairie/guichet`");
    }

    #[test]
    fn a_queue_that_is_offered_and_there_is_offered() {
        let offers = offers("mairie/agents").unwrap();
        assert_eq!(offers[0].name.fr, offers[0].card.name);
        assert_eq!(offered(&[], &queues()).unwrap().len(), 0);
    }
}
