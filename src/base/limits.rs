//! Everything that a stranger can make grow has its bound here, with the reason beside it.

use std::time::Duration;

/// The largest SIP message read or written, in bytes: a UDP datagram can't be larger.
pub const SIP_MESSAGE_BYTES: usize = 65_535;
/// The start line and the headers of one SIP message, in bytes: real ones have under 4 KiB, with
/// a signed identity (RFC 8224) and a long history under 8; beyond it 513.
pub const SIP_HEADER_BYTES: usize = 16 * 1024;
/// The body of one SIP message, in bytes: the SDP of a video phone in a browser has under 8 KiB; beyond it 413.
pub const SIP_BODY_BYTES: usize = 16 * 1024;
/// Parts of one multipart body: SDP, a location and what an exchange adds, twice over.
pub const SIP_BODY_PARTS: usize = 8;
/// A request in a datagram: one that is larger may be cut on its way, and goes over a connection (RFC 3261, section 18.1.1).
pub const SIP_REQUEST_DATAGRAM: usize = 1_300;
/// Connections for SIP at once, when the settings do not say: each phone has one, and each an open file.
pub const SIP_CONNECTIONS: usize = 2_000;
/// Those of one address, when the settings do not say: the phones of a large office behind one address.
pub const SIP_CONNECTIONS_PER_ADDRESS: usize = 200;
/// A connection over which nothing comes for this long is closed, when the settings do not
/// say: a phone that registers for an hour, the longest that is granted, speaks within it.
pub const SIP_CONNECTION_IDLE: Duration = Duration::from_secs(70 * 60);
/// The longest that a message may be in coming or going over a connection, or a connection
/// in being made, when the settings do not say.
pub const SIP_CONNECTION_SLOW: Duration = Duration::from_secs(10);
/// Messages that wait for one connection: a burst, and a bound for who does not read.
pub const SIP_CONNECTION_QUEUE: usize = 256;
/// Messages of all connections that wait for the signalling task; more wait at their connections.
/// One connection that floods us may have all of them, and everybody else's next message waits
/// behind them, though not behind the flood.
pub const SIP_ARRIVALS: usize = 128;
/// Addresses to listen on for SIP: two families, three transports, two networks, and some.
pub const SIP_DOORS: usize = 16;
/// Header lines in one SIP message: real ones have under 40, a scanner's may have thousands.
pub const SIP_HEADERS: usize = 128;
/// Parameters of one address, URI or Via: real ones have under 15, and each costs memory well above its bytes.
pub const SIP_PARAMETERS: usize = 32;
/// Media lines in one SDP: audio, video, slides and text of a video phone, twice over.
pub const SDP_MEDIA: usize = 16;
/// Fingerprints of one peer's certificates that are read: one for each of a few hashes.
pub const SDP_FINGERPRINTS: usize = 8;
/// SIP transactions kept at once: 32 s of 1 500 short calls a second, about 70 MiB.
pub const SIP_TRANSACTIONS: usize = 100_000;
/// OPTIONS and REGISTERs kept to know their copies that come by another way: 32 s of 10 000
/// phones that register anew, about 1 MiB.
pub const HEARD_REQUESTS: usize = 20_000;
/// Dialogs kept at once: two legs for each call and a margin.
pub const SIP_DIALOGS: usize = 20_000;
/// Trunks: two operators, each with some accounts, twice over.
pub const TRUNKS: usize = 16;
/// Addresses of one trunk: a pair at each of two places.
pub const TRUNK_ADDRESSES: usize = 4;
/// Records of one kind that are looked at when a trunk's domain is looked up, and servers for names that are asked.
pub const TRUNK_RECORDS: usize = 16;
/// Calls that are out at once by all trunks, when the settings do not say: what a large
/// service has; a stolen password must not fill every line of the operator.
pub const OUTGOING_AT_ONCE: u32 = 100;
/// Calls that go out within an hour by all trunks, when the settings do not say: fifty agents
/// with a call every two minutes.
pub const OUTGOING_PER_HOUR: u32 = 1_500;
/// Contacts registered by one agent: a desk phone, a softphone and a spare or two.
pub const CONTACTS_PER_AGENT: usize = 4;
/// How often a phone is asked whether it is there, when the settings do not say: a router at
/// home forgets a way of datagrams after 30 s or more (RFC 5626, section 4.4).
pub const PHONE_PING: Duration = Duration::from_secs(25);
/// How long the answer of a phone is waited for: a question is sent five times meanwhile, of
/// which a line that loses one packet in five loses all in one case of a hundred and fifty.
/// Phones that answer none cost memory for this long each time.
pub const PHONE_ANSWER: Duration = Duration::from_secs(8);
/// Questions in a row that a phone leaves without an answer before it counts as gone: one may be lost.
pub const PHONE_MISSES: u8 = 2;
/// How often a phone shall say that its connection lives (RFC 5626, section 4.4.1): routers
/// forget connections after minutes.
pub const FLOW_TIMER: Duration = Duration::from_secs(120);
/// Letters of what a phone says that it is: the longest in the field have 60.
pub const SOFTWARE_LETTERS: usize = 64;
/// The shortest and longest registration granted (RFC 3261, section 10.3, step 7).
pub const REGISTRATION: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3600));
/// How long a digest nonce can be used.
pub const NONCE: Duration = Duration::from_secs(300);
/// Addresses whose faults are remembered: a botnet of some size; about 8 MiB.
pub const WATCHED_SOURCES: usize = 50_000;
/// Addresses that have sent us a call which was answered: operators' proxies, and the lines of some towns.
pub const CALLING_SOURCES: usize = 10_000;
/// Faults of strangers that are told within a second: enough for `fail2ban`, too few for a disk to fill.
pub const FAULTS_TOLD: u32 = 20;
/// Calls at once, when the settings do not say: two thirds of what one core carries.
pub const CALLS: usize = 1_000;
/// Events of calls that wait to be counted: a second of 1 000 calls' worth.
pub const EVENTS_WAITING: usize = 16_384;
/// Calls at once from one number: a switchboard behind one number has a few; more is a mistake or an attack.
pub const CALLS_PER_CALLER: usize = 30;
/// Callers waiting in one queue, when the queue does not say.
pub const QUEUE_CAPACITY: usize = 200;
/// How long the place of who hung up, was cut off or went back to the menu is kept: time to phone again.
pub const PLACE_KEPT: Duration = Duration::from_secs(180);
/// Places kept for who may phone again: as many as the largest queue has.
pub const PLACES_KEPT: usize = 10_000;
/// Callers of whom it is known which agent they spoke with: some days of a busy service, about 5 MiB.
pub const AFFINITIES: usize = 50_000;
/// The longest that an agent's phone is left alone because it said so: a wrong figure must
/// not take an agent away for a day.
pub const REST_ASKED: Duration = Duration::from_secs(600);
/// The longest that a callback waits because the called side said so; the next opening is sooner.
pub const CALLBACK_ASKED: Duration = Duration::from_secs(12 * 3600);
/// Phones that ring for one caller at once: each is a leg with a port and an INVITE.
pub const RUNG_AT_ONCE: usize = 20;
/// Steps of a flow that may run without waiting for the caller: a flow that goes round is stopped.
pub const STEPS_WITHOUT_WAITING: usize = 64;
/// Keys that a caller may type ahead of the menus.
pub const TYPE_AHEAD: usize = 16;
/// What no key stops is heard for this long at most; then a key stops it.
pub const UNSTOPPABLE: Duration = Duration::from_secs(20);
/// Digits of one typed number: E.164 has 15.
pub const COLLECTED_DIGITS: usize = 32;
/// Events kept in the record of one call: a longer story keeps its start and its end.
pub const EVENTS_PER_CALL: usize = 512;
/// A call may last this long: two hours, after which it is ended with a reason.
pub const CALL_DURATION: Duration = Duration::from_secs(2 * 3600);
/// Without a packet for this long, the leg's phone is asked whether it still lives.
pub const MEDIA_SILENCE: Duration = Duration::from_secs(30);
/// A freed media port rests this long, so that a late packet meets nobody else.
pub const PORT_REST: Duration = Duration::from_secs(5);
/// A flow file's size: a 1 000-step flow is about 100 KiB.
pub const FLOW_BYTES: u64 = 1 << 20;
/// The files of all services together: eighty flows of 1 000 steps; a version of them is kept whole.
pub const FLOWS_BYTES: usize = 8 << 20;
/// Bytes of a file of the directory of the administration: the whole of it has a few hundred million.
pub const ANNUAIRE_BYTES: u64 = 1 << 30;
/// Versions of the services' files that are kept: a day of many small changes, 160 MiB at the very most.
pub const VERSIONS: u64 = 20;
/// Files of one service that the language server reads: a folder with more is no service.
pub const EDITOR_FILES: usize = 200;
/// Files that an editor may have open at the language server, each at most [`FLOW_BYTES`] long.
pub const EDITOR_OPEN: usize = 500;
/// The longest clip or music: ten minutes, 10 MB in both codecs.
pub const CLIP_SECONDS: u32 = 600;
/// Datagrams taken from one leg in one slot of 2 ms: a good phone sends one in ten
/// slots, a burst after a stall of the network some; a flood waits and is dropped by
/// the kernel, and delays nobody.
pub const PACKETS_PER_SLOT: usize = 8;
/// The kernel's buffer of what a leg has not read, in bytes: a second of packets.
pub const MEDIA_SOCKET_BYTES: usize = 64 * 1024;
/// Datagrams of one handshake (DTLS), and bytes: a good one takes some 10 and 5 KiB, and three
/// times that with losses.
pub const HANDSHAKE_DATAGRAMS: u32 = 120;
/// Their bytes.
pub const HANDSHAKE_BYTES: usize = 96 * 1024;
/// Attempts at a handshake that one leg takes part in: strangers' cost no more than these.
pub const HANDSHAKES: u32 = 12;
/// How long a leg waits for its keys.
pub const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How long the last flight is sent again to who has not heard it: twice a segment's life
/// (RFC 6347, section 4.2.4), which is a minute on the telephone's networks.
pub const HANDSHAKE_KEPT: Duration = Duration::from_secs(60);
/// Datagrams of handshakes that wait to be read, of all legs.
pub const HANDSHAKE_QUEUE: usize = 1_024;
/// Orders to one media worker that it has not read: it reads them all every 2 ms.
pub const MEDIA_ORDERS: usize = 4_096;
/// The kernel's buffer of SIP that has not been read, in bytes: a burst of 1 500 calls.
pub const SIP_SOCKET_BYTES: usize = 4 << 20;
/// Media events that the call plane has not read; beyond it they wait at the worker.
pub const MEDIA_EVENTS: usize = 4_096;
/// Media events that wait at a worker: 16 for each of 4 000 legs, then the oldest go.
pub const MEDIA_EVENTS_WAITING: usize = 65_536;
/// Keys that wait to be sent on one leg.
pub const DIGITS_TO_SEND: usize = 64;
/// Open callback tickets: a month of a busy service, about 30 MiB.
pub const TICKETS: usize = 100_000;
/// Versions of tickets that wait for the disk: a second of 1 000 writes and four times as many.
pub const TICKETS_UNWRITTEN: usize = 4_096;
/// Callbacks that one number may ask for within a day, in all queues: asking, cancelling and asking again thrice.
pub const TICKETS_PER_NUMBER: u32 = 6;
/// Callbacks to others that may be asked for from one number within a day: for somebody at
/// home, and a slip of the finger. Who asks for the own number has [`TICKETS_PER_NUMBER`].
pub const TICKETS_PER_CALLER: u32 = 3;
/// Callbacks within a day from calls without a number: nobody knows how many people these
/// are, and all of them together must leave the queues to the others.
pub const TICKETS_WITHHELD: u32 = 200;
/// Callbacks within a day by one way (the queues' keys, messages, the web site, agents): a busy day of 50 agents.
pub const TICKETS_PER_SOURCE: u32 = 5_000;
/// Callbacks within a day in all: what fifty agents can make beside their calls, twice over.
pub const TICKETS_PER_DAY: u32 = 10_000;
/// Callbacks that one address may ask for on the web within an hour, when the settings do not
/// say: a family, or the shared computer of a counter.
pub const WEB_REQUESTS_PER_ADDRESS: u32 = 10;
/// Callbacks that may be asked for on the web within an hour, by all addresses together:
/// what fifty agents can call.
pub const WEB_REQUESTS: u32 = 600;
/// Codes that one address may show within an hour: who mistypes one tries a few times.
pub const CODES_PER_ADDRESS: u32 = 60;
/// Codes that all addresses may show within an hour: with 80 bits a code is never guessed.
pub const CODES_SHOWN: u32 = 6_000;
/// The body of a form: the longest reason with every letter written as `%XX%XX%XX%XX`, and the rest.
pub const FORM_BYTES: usize = 8_192;
/// Letters of the reason of a callback that is asked for on the web.
pub const REASON_LETTERS: usize = 200;
/// Tickets in one answer of the API.
pub const TICKETS_LISTED: u32 = 1_000;
/// Requests of the web site and the API that wait for the book's answer: a second of a busy hour, many times over.
pub const REQUESTS: usize = 256;
/// Calls to one citizen that a crash may cut off before the ticket is given up: a ticket that always kills the service ends.
pub const CALLBACKS_INTERRUPTED: usize = 20;
/// Records that wait for the disk: two seconds of 4 000 short calls a second, eight minutes of 17; about 12 MiB.
pub const JOURNAL: usize = 8_192;
/// Records from which a restarted service learns how long things last, the newest: three
/// times as many talks as count half in what is learned.
pub const LESSONS: usize = 3_000;
/// Records older than this teach nothing at a restart: a service that was closed for a
/// month still knows how long its talks last.
pub const LESSONS_AGE: Duration = Duration::from_secs(60 * 24 * 3600);
/// Calls of one service from which quiet hours are learned, the newest days first: a
/// quarter of a year of 5 000 a day, a few seconds of work each night.
pub const QUIET_CALLS: usize = 450_000;
/// The days before today that quiet hours are learned from: a quarter of a year.
pub const QUIET_DAYS: u64 = 91;
/// Variables of one flow: a call keeps them all.
pub const FLOW_VARIABLES: usize = 64;
/// Letters of one value: a status, a name, an address.
pub const VALUE_LETTERS: usize = 1_000;
/// The longest that a look-up may keep a caller waiting.
pub const LOOKUP_WITHIN: Duration = Duration::from_secs(20);
/// How often a look-up is tried again: a server in trouble is not helped by more.
pub const LOOKUP_RETRIES: u32 = 3;
/// An answer to a look-up, in bytes: a file with its whole history.
pub const LOOKUP_BYTES: usize = 64 * 1024;
/// Look-ups that are made at once: what a small server bears.
pub const LOOKUPS_AT_ONCE: usize = 32;
/// Look-ups that wait for their turn; their callers' time goes on meanwhile.
pub const LOOKUPS_WAITING: usize = 1_024;
/// Conditions of one `choose:` step: each is held against those before it when a flow is loaded.
pub const CHOOSE_BRANCHES: usize = 20;
/// Steps of one flow: the rules look at every step from every step.
pub const FLOW_STEPS: usize = 1_000;
/// The body of a request to the API: a name and a reason.
pub const API_BODY_BYTES: usize = 4_096;
/// The longest message: ten minutes, 9.6 MB; the longest clip that can be played back.
pub const MESSAGE: Duration = Duration::from_secs(600);
/// How often a caller may do a message again: each is written, and the one before it erased.
pub const MESSAGE_TAKES: usize = 5;
/// Messages that one number may leave in 24 hours, when the settings do not say.
pub const MESSAGES_PER_NUMBER: u32 = 10;
/// Messages without a number in 24 hours: nobody knows how many people these are.
pub const MESSAGES_WITHHELD: u32 = 200;
/// The folder of messages, when the settings do not say: 34 hours of speech.
pub const MESSAGES_BYTES: u64 = 2 << 30;
/// What messages leave free of the disk: the database must go on.
pub const DISK_RESERVE: u64 = 64 << 20;
/// Packets of one message that wait for its writer: ten seconds of a disk that stands still.
pub const MESSAGE_PACKETS: usize = 512;
/// Orders about messages that wait for the desk, and of one call for its clerk.
pub const MESSAGE_ORDERS: usize = 1_024;
/// Messages in one answer of the API.
pub const MESSAGES_LISTED: u32 = 1_000;
/// Mails that are read from the store at once, to be sent one after the other.
pub const MAILS_AT_ONCE: u32 = 32;
