//! A book with its hub and disk, for the tests of those who ask it without a call.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{BookDesk, Callbacks, Disk, restore};
use crate::base::{Chance, PhoneNumber};
use crate::callback::{Book, Rules};
use crate::server::Directory;
use crate::server::hub::{self, People, Promises};
use crate::sip::{Transport, Trunk};
use crate::store::Store;

/// Begins a hub whose trunk calls France; what it wants of calls is dropped.
pub(crate) async fn desk(store: &Store, directory: Directory, rules: Rules) -> BookDesk {
    let directory = Arc::new(directory);
    let (to_hub, inbox) = mpsc::channel(64);
    let (signalling, mut orders) = mpsc::channel(64);
    tokio::spawn(async move { while orders.recv().await.is_some() {} });
    let (first, tickets) = restore(store).await.unwrap();
    let disk = Disk::open(store.clone(), to_hub.clone());
    let presented = PhoneNumber::parse("+33143124567").unwrap();
    let at = "192.0.2.9:5060".parse().unwrap();
    let trunk = Trunk { prefixes: vec!["+33".into()], ..Trunk::at(Transport::Udp, at, "operator.example", presented) };
    let book = Callbacks::new(Book::new(rules, first), vec![trunk], disk, Chance::seeded(1));
    let people = People { accounts: Vec::new(), outside: Vec::new() };
    let promises = Promises { directory: Arc::clone(&directory), tickets };
    tokio::spawn(hub::run(directory.queues(), people, (book, promises), inbox, signalling));
    BookDesk(to_hub)
}
