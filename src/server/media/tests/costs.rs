//! What a packet costs a worker: no allocation.

use std::sync::mpsc::{channel, sync_channel};

use super::*;
use crate::server::media::figures::Board;
use crate::server::media::orders::Order;
use crate::server::media::seat::Place;
use crate::server::media::socket::Sockets;
use crate::server::media::wheel::SLOTS;
use crate::server::media::worker::{Equipment, Worker};

/// A worker without a thread, which is turned by hand.
fn worker() -> Worker {
    let (_, orders) = sync_channel(1);
    let (events, _) = tokio::sync::mpsc::channel(1);
    let (give_back, _) = channel();
    let neighbours = Arc::new([]);
    let keys_in_sound = KeysInSound::default();
    let (board, chance) = (Arc::new(Board::default()), Chance::seeded(1));
    let equipment = Equipment {
        desk: 0,
        neighbours,
        orders,
        events,
        board,
        give_back,
        chance,
        silence: PATIENT,
        keys_in_sound,
        locksmith: None,
    };
    Worker::new(equipment).unwrap()
}

fn seat(worker: &mut Worker, leg: LegId) -> Phone {
    let sockets = (21_000..31_999).step_by(2).find_map(|port| Sockets::bind(LOOPBACK, port).ok()).unwrap();
    let local = sockets.rtp.local_addr().unwrap();
    let socket = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    let stream = stream(socket.local_addr().unwrap(), Codec::Pcma, EVENT);
    worker.obey(Order::Open { leg, sockets, port: local.port() });
    worker.obey(Order::Command(Command::Connect { leg, stream }));
    Phone { socket, leg: local, codec: Codec::Pcma, sequence: 1, timestamp: 0 }
}

#[test]
fn a_packet_that_is_played_silent_bridged_mixed_or_received_allocates_nothing() {
    let mut worker = worker();
    let ids: Vec<LegId> = (256..306).map(LegId).collect();
    let mut phones: Vec<Phone> = ids.iter().map(|&leg| seat(&mut worker, leg)).collect();
    let at = |leg: usize| Place { leg: ids[leg], desk: 0 };
    for &leg in &ids[..20] {
        // Short clips, so that joints and the turn of the music are played too.
        let clip = Arc::new(Clip::tone(440.0, -10.0, Duration::from_millis(70)));
        let clips = vec![Arc::clone(&clip), clip];
        worker.obey(Order::Command(Command::Play {
            leg,
            play: PlayId(1),
            clips,
            repeat: Repeat::Forever,
            stop_on_key: true,
        }));
    }
    for (leg, sources) in [(30, vec![31]), (31, vec![30]), (40, vec![41, 42]), (41, vec![40, 42])] {
        let sources = sources.into_iter().map(at).collect();
        worker.obey(Order::Hear { leg: ids[leg], sources, is_bridge: false });
    }
    let mut round = || {
        phones.iter_mut().for_each(|phone| phone.speak(1));
        (0..SLOTS).for_each(|_| worker.turn());
    };
    (0..5).for_each(|_| round());
    let cost = allocation_counter::measure(|| (0..20).for_each(|_| round()));
    assert_eq!((cost.count_total, cost.bytes_total), (0, 0));
    let sent = worker.figures();
    assert_eq!((sent.received, sent.relayed, sent.unsent), (25 * 50, 25 * 2, 0));
    assert!(sent.sent >= 25 * 48, "{sent:?}");
}
