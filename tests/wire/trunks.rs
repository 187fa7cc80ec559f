//! A provider made by hand: we register with it, it calls us, it fails us, and we leave it.

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::Duration;

use super::media::call;
use super::service::{OPEN, Service, free, story};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(20);

/// A provider's proxy.
struct Provider(UdpSocket);

impl Provider {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(SOON)).unwrap();
        Self(socket)
    }

    fn at(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// The next message that begins so; others are copies of what was answered before.
    fn hear(&self, start: &str) -> (String, SocketAddr) {
        let mut buffer = [0; 8192];
        loop {
            let (length, from) = self.0.recv_from(&mut buffer).unwrap_or_else(|e| panic!("no `{start}` came: {e}"));
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.starts_with(start) {
                return (text, from);
            }
        }
    }

    fn answer(&self, request: &str, to: SocketAddr, status: &str, more: &str) {
        let copied = ["Via", "From", "To", "Call-ID", "CSeq"];
        let lines = request.lines().filter(|line| copied.iter().any(|name| line.starts_with(&format!("{name}:"))));
        let lines: String = lines.map(|line| format!("{line}\r\n")).collect();
        let text = format!("SIP/2.0 {status}\r\n{lines}{more}Content-Length: 0\r\n\r\n");
        self.0.send_to(text.as_bytes(), to).unwrap();
    }

    fn send(&self, service: &Service, method: &str, (user, to): (&str, &str), (call, more): (u32, &str)) {
        let (own, them, cseq) = (self.at(), service.sip, if method == "BYE" { 2 } else { 1 });
        let text = format!(
            "{method} sip:{user}@{them} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{method}{call}\r\n\
             From: <sip:+33612345678@{own}>;tag=a{call}\r\nTo: {to}\r\nCall-ID: call-{call}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:provider@{own}>\r\nMax-Forwards: 70\r\n{more}"
        );
        self.0.send_to(text.as_bytes(), them).unwrap();
    }
}

fn line<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {text}"))
}

fn trunks(service: &Service) -> String {
    let http = service.http.to_string();
    let ran = Command::new(env!("CARGO_BIN_EXE_svi")).args(["trunks", "--http", &http]).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn a_provider_that_we_register_with_calls_us_and_is_told_when_we_leave() {
    let provider = Provider::new();
    let settings = format!(
        "trunk: {{ address: \"{}\", username: mairie, password: clef, register: true, keep_alive: 30s, \
         numbers: [\"+33143124567\"] }}\n",
        provider.at()
    );
    let mut service = Service::of(OPEN, &[], &settings);
    let (options, us) = provider.hear("OPTIONS ");
    provider.answer(&options, us, "200 OK", "");
    let (register, us) = provider.hear("REGISTER ");
    let challenge = "WWW-Authenticate: Digest realm=\"operator\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"\r\n";
    provider.answer(&register, us, "401 Unauthorized", challenge);
    let again = loop {
        let (again, _) = provider.hear("REGISTER ");
        if again.contains("Authorization: Digest username=\"mairie\"") {
            break again;
        }
    };
    provider.answer(&again, us, "200 OK", &format!("{};expires=300\r\n", line(&again, "Contact:")));
    service.until_log("registered trunk=\"trunk\"", SOON);
    service.until_log("a trunk answers", SOON);
    let shown = trunks(&service);
    assert!(shown.contains("trunk") && shown.contains(" up ") && shown.contains("registered for"), "{shown}");
    assert_eq!((service.metric("svi_trunk_up"), service.metric("svi_trunk_registered")), (1.0, 1.0));

    let none = "Content-Length: 0\r\n\r\n";
    provider.send(&service, "INVITE", ("0143124599", "<sip:0143124599@operator>"), (1, none));
    provider.hear("SIP/2.0 404 ");
    service.until_log("a trunk sends calls to numbers that are not its own", SOON);

    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";
    let offer = format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len());
    provider.send(&service, "INVITE", ("mairie", "<sip:+33143124567@operator>"), (2, &offer));
    let (answer, _) = provider.hear("SIP/2.0 200 ");
    let to = line(&answer, "To:").trim_start_matches("To:").trim().to_owned();
    provider.send(&service, "ACK", ("mairie", &to), (2, none));
    provider.send(&service, "BYE", ("mairie", &to), (2, &none.replace("Content", "Reason: SIP;cause=200\r\nContent")));
    provider.hear("SIP/2.0 ");
    service.records_of(1);

    service.terminate();
    let (goodbye, us) = provider.hear("REGISTER ");
    assert_eq!(line(&goodbye, "Expires:"), "Expires: 0");
    provider.answer(&goodbye, us, "200 OK", "");
    service.until_ended(Duration::from_secs(5));
}

#[test]
fn a_call_goes_on_by_the_second_trunk_when_the_first_fails() {
    let (first, second) = (Provider::new(), free());
    let settings = format!(
        "agents: [{{ name: amina, number: \"+33611111111\", confirm: false }}]\nwhisper: false\ntrunks:\n\
         - {{ name: first, address: \"{}\", prefixes: [\"+336\"] }}\n\
         - {{ name: second, address: \"{second}\", username: svi, password: passe-partout, presented: \"+33143124567\" }}\n",
        first.at()
    );
    let service = Service::of_agents(OPEN, &[], &settings);
    let answering = Sipp::at(&service, "trunk", second).args(&["-m", "1"]).start();
    let failing = std::thread::spawn(move || {
        let (invite, us) = first.hear("INVITE ");
        first.answer(&invite, us, "503 Service Unavailable", "");
        first.hear("ACK ");
    });
    call(&service, "100", &["--keys", "1s:0", "--seconds", "6"]);
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina", "{:?}", story(record));
    assert_eq!(service.metric("svi_trunk_failures_total{trunk=\"first\"}"), 1.0);
    failing.join().unwrap();
    answering.succeed();
}
