use tokio::sync::mpsc;

use super::callbacks::ForBook;
use super::clock;
use super::hub::ToHub;
use crate::base::{PhoneNumber, Private};
use crate::store::{Erased, Error, Store, Wiped};

/// Forgets persons: in the store first, then in what the running service remembers.
#[derive(Clone, Debug)]
pub struct Forgetting {
    pub(super) store: Store,
    pub(super) hub: mpsc::Sender<ToHub>,
}

impl Forgetting {
    /// One whose service remembers nothing.
    #[cfg(test)]
    pub(crate) fn closed(store: Store) -> Self {
        Self { store, hub: mpsc::channel(1).0 }
    }

    /// Erases a number, however it is written, with its messages and callbacks; whoever is
    /// rung or dialled for it is rung no more.
    ///
    /// # Errors
    ///
    /// When the database does not answer: what it has is kept, and doing it again is safe.
    /// The book has let go of the number all the same.
    pub async fn forget(&self, number: &PhoneNumber) -> Result<(Erased, Result<Wiped, Error>), Error> {
        let done = self.store.forget(number, clock::wall()).await;
        // Nothing that the book still writes of it is taken: the store's version is the last.
        let _ = self.hub.send(ToHub::Callbacks(ForBook::Erase(Private::new(number.clone())))).await;
        done
    }
}
