use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::Messages;
use crate::base::{CallId, Language, MessageId, Private, TicketId, limits};
use crate::call;
use crate::callback::{Asker, Refused, Source, When, Wish};
use crate::engine::MessageNews;
use crate::server::callbacks::{Answer, BookDesk};
use crate::server::clock;
use crate::server::directory::Directory;
use crate::server::signalling::ToSignalling;
use crate::store::Message;

/// Which call leaves a message that its caller wants to be called back for.
pub(in crate::server) type Leaves = mpsc::Sender<(MessageId, CallId)>;

/// Makes tickets of the messages whose callers want to be called back: at once, and after a
/// start those that have none yet. The store knows which: a ticket and its message's mark
/// are one write, so that no message ever makes two.
pub(in crate::server) struct Promiser {
    messages: Messages,
    book: BookDesk,
    signalling: mpsc::Sender<ToSignalling>,
    directory: watch::Receiver<Arc<Directory>>,
    leaves: mpsc::Receiver<(MessageId, CallId)>,
    /// The calls that wait for what becomes of their messages.
    calls: BTreeMap<u64, CallId>,
}

/// What the book has said.
enum Said {
    /// It is written down.
    Promised(TicketId, When),
    /// It is not, and will not be.
    Refused(Refused),
    /// Nobody knows: it is asked again.
    Nothing,
}

impl Promiser {
    /// Begins to make tickets; whoever leaves messages says so to what comes out.
    pub(in crate::server) fn start(
        messages: Messages,
        book: BookDesk,
        signalling: mpsc::Sender<ToSignalling>,
        directory: watch::Receiver<Arc<Directory>>,
    ) -> Leaves {
        let (sender, leaves) = mpsc::channel(limits::MESSAGE_ORDERS);
        tokio::spawn(Self { messages, book, signalling, directory, leaves, calls: BTreeMap::new() }.run());
        sender
    }

    async fn run(mut self) {
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

    /// Asks for a ticket for every message that wants one and has none.
    async fn look(&mut self) {
        while let Ok((message, call)) = self.leaves.try_recv() {
            self.calls.insert(message.0, call);
            if self.calls.len() > limits::MESSAGE_ORDERS {
                self.calls.pop_first();
            }
        }
        let wanted = match self.messages.store.callbacks_wanted(AT_ONCE).await {
            Ok(wanted) => wanted,
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "messages that want a callback can't be read");
                return;
            }
        };
        for message in wanted {
            if let Err(error) = self.promise(&message).await {
                let id = message.id;
                tracing::error!(id, error = &error as &dyn Error, "a message's callback can't be written down yet");
            }
        }
    }

    async fn promise(&mut self, message: &Message) -> Result<(), crate::store::Error> {
        let (id, store) = (message.id, &self.messages.store);
        match self.ask(message).await {
            Said::Promised(ticket, when) => {
                store.give_ticket(id, ticket).await?;
                tracing::info!(id, %ticket, "a message has its callback");
                let slot = match when {
                    When::Soon => None,
                    When::Slot { from, to } => Some((from, to)),
                };
                self.tell(id, MessageNews::Promised { ticket, slot }).await;
            }
            Said::Refused(why) => {
                store.refuse_callback(id).await?;
                tracing::warn!(id, why = why.word(), "a message has no callback: who reads it calls");
                self.tell(id, MessageNews::NotPromised).await;
            }
            Said::Nothing => tracing::warn!(id, "a message has no callback yet"),
        }
        Ok(())
    }

    async fn ask(&self, message: &Message) -> Said {
        let Some(wish) = self.wish(message) else { return Said::Refused(Refused::NoLine) };
        match self.book.ask_in_time(wish, ANSWER).await {
            Answer::Promised { ticket, when, .. } => Said::Promised(ticket, when),
            // What could not be written down may be written down later.
            Answer::Refused(Refused::NotKept) => Said::Nothing,
            Answer::Refused(why) => Said::Refused(why),
            Answer::Cancelled | Answer::Overdue => Said::Nothing,
        }
    }

    /// Nothing where nobody can be called, or nobody is there to call.
    fn wish(&self, message: &Message) -> Option<Wish> {
        let directory = Arc::clone(&self.directory.borrow());
        let service = directory.service(&message.service)?;
        let queue = message.queue.clone().filter(|queue| service.queues.iter().any(|q| q.name == *queue))?;
        let flow = service.flows.iter().find(|flow| *flow.name == *message.flow);
        let number = service.card.callbacks.number(message.number.as_ref()?.reveal()).ok()?;
        Some(Wish {
            // The book gives it one.
            asker: Asker::Request(0),
            number: Private::new(number),
            caller: message.number.clone(),
            queue,
            needs: Vec::new(),
            priority: 0,
            language: flow.map_or(Language::Fr, |flow| flow.language),
            source: Source::Voicemail,
            reason: Private::new(Some(MessageId(message.id).to_string())),
            message: Some(MessageId(message.id)),
            code: Private::new(None),
            since: message.started,
            when: When::Soon,
        })
    }

    async fn tell(&mut self, message: u64, news: MessageNews) {
        if let Some(call) = self.calls.remove(&message) {
            let input = call::Input::Message(news);
            let _ = self.signalling.send(ToSignalling::Tell { call, input }).await;
        }
    }
}

/// Messages that are looked at in one go.
const AT_ONCE: u32 = 64;
/// How often it is looked whether one could not be asked for before.
const LOOK: Duration = Duration::from_secs(10);
/// The book answers when the disk has; one that hangs is given up by the store before.
const ANSWER: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sqlx::Connection;

    use super::super::tests::{lock, message, messages};
    use super::*;
    use crate::base::{PhoneNumber, WallTime};
    use crate::diag::Source as File;
    use crate::flow::{Audio, load};
    use crate::server::callbacks::{ForBook, Whose};
    use crate::server::hub::ToHub;
    use crate::speech::Fragment;
    use crate::store::{CallBack, MessageState, TicketRow};

    struct Recorded;

    impl Audio for Recorded {
        fn length(&self, _: &Fragment) -> Option<Duration> {
            Some(Duration::from_secs(2))
        }
    }

    fn directory() -> watch::Receiver<Arc<Directory>> {
        let files = [
            File::new("service.yaml", include_str!("../../../flows/france-services/service.yaml")),
            File::new("queues.yaml", include_str!("../../../flows/france-services/queues.yaml")),
            File::new("accueil.yaml", include_str!("../../../flows/france-services/accueil.yaml")),
        ];
        let service = load("france-services", &files, &Recorded).service.unwrap();
        watch::channel(Arc::new(Directory::new(vec![Arc::new(service)]))).1
    }

    struct House {
        promiser: Promiser,
        hub: mpsc::Receiver<ToHub>,
        signals: mpsc::Receiver<ToSignalling>,
        leaves: Leaves,
    }

    /// A service that has just started.
    fn house(messages: &Messages) -> House {
        let ((hub, hub_inbox), (signalling, signals)) = (mpsc::channel(8), mpsc::channel(8));
        let (leaves, inbox) = mpsc::channel(8);
        let (messages, directory, calls) = (messages.clone(), directory(), BTreeMap::new());
        let promiser = Promiser { messages, book: BookDesk(hub), signalling, directory, leaves: inbox, calls };
        House { promiser, hub: hub_inbox, signals, leaves }
    }

    impl House {
        /// Looks once while the book answers so; the wish, if the book was asked.
        async fn look(&mut self, answer: impl AsyncFnOnce(&Wish) -> Option<Answer>) -> Option<Wish> {
            let Self { promiser, hub, .. } = self;
            let mut asked = None;
            tokio::join!(promiser.look(), async {
                if let Ok(Some(ToHub::Callbacks(ForBook::Request(request)))) =
                    tokio::time::timeout(Duration::from_millis(500), hub.recv()).await
                {
                    let (wish, sender) = request.into_wish().unwrap();
                    if let Some(said) = answer(&wish).await {
                        sender.send(said).unwrap();
                    }
                    asked = Some(wish);
                }
            });
            asked
        }

        fn told(&mut self) -> Option<MessageNews> {
            match self.signals.try_recv() {
                Ok(ToSignalling::Tell { call: CALL, input: call::Input::Message(news) }) => Some(news),
                _ => None,
            }
        }
    }

    const CALL: CallId = CallId(5);

    async fn left(messages: &Messages, queue: &str) -> u64 {
        let number = PhoneNumber::parse("0612345678").unwrap().international();
        let left = Message {
            service: "france-services".into(),
            queue: Some(queue.into()),
            number: Some(Private::new(number)),
            callback: CallBack::Wanted,
            state: MessageState::New,
            ..message("messages/a.wav")
        };
        messages.store.keep_message(&left).await.unwrap()
    }

    fn promise(ticket: u64) -> Option<Answer> {
        Some(Answer::Promised { ticket: TicketId(ticket), whose: Whose::Earlier, when: When::Soon })
    }

    fn refuse(why: Refused) -> Option<Answer> {
        Some(Answer::Refused(why))
    }

    #[tokio::test]
    async fn a_message_is_asked_for_once_and_its_caller_hears_the_promise() {
        let (_data, messages) = messages().await;
        let id = left(&messages, "france-services/agents").await;
        let mut house = house(&messages);
        house.leaves.try_send((MessageId(id), CALL)).unwrap();
        let wish = house.look(async |_| promise(7)).await.unwrap();
        assert_eq!(
            (wish.source, wish.queue.as_str(), wish.since),
            (Source::Voicemail, "france-services/agents", WallTime::from_millis(1_000))
        );
        assert_eq!((wish.message, wish.number.reveal().as_str()), (Some(MessageId(id)), "+33612345678"));
        assert_eq!(wish.reason.reveal().as_deref(), Some("message-1"), "the agent can find it");
        assert_eq!(house.told(), Some(MessageNews::Promised { ticket: TicketId(7), slot: None }));
        assert_eq!(messages.store.message(id).await.unwrap().unwrap().ticket, Some(TicketId(7)));
        assert!(house.look(async |_| promise(8)).await.is_none(), "and never again");
    }

    #[tokio::test]
    async fn a_crash_between_the_ticket_and_its_answer_makes_no_second_ticket() {
        let (_data, messages) = messages().await;
        let id = left(&messages, "france-services/agents").await;
        let store = messages.store.clone();
        // The ticket is written down as the book does it, and the service ends before anybody is told.
        let row = |id: u64, wish: &Wish| TicketRow {
            id: TicketId(id),
            version: 0,
            state: "asked".into(),
            number: Some(wish.number.clone()),
            queue: wish.queue.clone(),
            source: "voicemail".into(),
            code: None,
            asked: wish.since,
            due: wish.since,
            attempts: 0,
            ended: None,
            rest: json!({ "message": wish.message }),
        };
        let write = async |wish: &Wish| {
            store.keep_ticket(&row(3, wish)).await.unwrap();
            None
        };
        assert!(house(&messages).look(write).await.is_some());
        assert!(house(&messages).look(async |_| promise(4)).await.is_none(), "after the restart it has its ticket");
        assert_eq!(messages.store.message(id).await.unwrap().unwrap().ticket, Some(TicketId(3)));
    }

    #[tokio::test]
    async fn a_crash_before_the_ticket_is_written_loses_nothing() {
        let (_data, messages) = messages().await;
        left(&messages, "france-services/agents").await;
        assert!(house(&messages).look(async |_| None).await.is_some());
        assert!(house(&messages).look(async |_| promise(4)).await.is_some(), "it is asked again");
    }

    #[tokio::test]
    async fn what_can_not_be_promised_is_told_and_not_asked_again() {
        let (_data, messages) = messages().await;
        let id = left(&messages, "france-services/agents").await;
        let mut house = house(&messages);
        house.leaves.try_send((MessageId(id), CALL)).unwrap();
        assert!(house.look(async |_| refuse(Refused::NotKept)).await.is_some());
        assert_eq!(house.told(), None, "it may be written down later");
        assert!(house.look(async |_| refuse(Refused::TooOften)).await.is_some());
        assert_eq!(house.told(), Some(MessageNews::NotPromised));
        assert!(house.look(async |_| promise(4)).await.is_none());
        assert_eq!(messages.store.message(id).await.unwrap().unwrap().callback, CallBack::Refused);
    }

    #[tokio::test]
    async fn a_mark_that_can_not_be_written_keeps_the_caller_from_being_told() {
        let (data, messages) = messages().await;
        let id = left(&messages, "france-services/agents").await;
        let mut house = house(&messages);
        house.leaves.try_send((MessageId(id), CALL)).unwrap();
        let lock = lock(data.path()).await;
        assert!(house.look(async |_| promise(7)).await.is_some());
        assert_eq!(house.told(), None);
        lock.close().await.unwrap();
        assert!(house.look(async |_| promise(7)).await.is_some(), "one number is one ticket: the same is promised");
        assert!(house.told().is_some());
    }

    #[tokio::test]
    async fn for_a_queue_that_is_gone_nobody_is_promised_anything() {
        let (_data, messages) = messages().await;
        let id = left(&messages, "france-services/gone").await;
        assert!(house(&messages).look(async |_| promise(4)).await.is_none());
        assert_eq!(messages.store.message(id).await.unwrap().unwrap().callback, CallBack::Refused);
    }
}
