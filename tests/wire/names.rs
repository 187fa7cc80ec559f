//! Trunks that have a name: their records lead to them, and lead elsewhere a moment later.

use std::fs;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::Command;
use std::time::Duration;

use super::media::call;
use super::raw::{PRESS, RawCall};
use super::reload::reload;
use super::service::{OPEN, Service, free, story};
use super::sipp::Sipp;

#[path = "../support/names.rs"]
mod served;

use self::served::{NameServer, a, naptr, srv};

const SOON: Duration = Duration::from_secs(20);

fn socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    let at = socket.local_addr().unwrap();
    (socket, at)
}

/// The next request of this method; it is answered with a status.
fn hear(socket: &UdpSocket, method: &str, status: &str) -> String {
    let mut buffer = [0; 8192];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap_or_else(|e| panic!("no {method} came: {e}"));
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if text.starts_with(method) {
            let copied = ["Via:", "From:", "To:", "Call-ID:", "CSeq:", "Contact:"];
            let lines: Vec<&str> =
                text.lines().filter(|line| copied.iter().any(|name| line.starts_with(name))).collect();
            let answer = format!("SIP/2.0 {status}\r\n{}\r\nContent-Length: 0\r\n\r\n", lines.join("\r\n"));
            socket.send_to(answer.as_bytes(), from).unwrap();
            return text;
        }
    }
}

fn trunks(service: &Service) -> String {
    let http = service.http.to_string();
    let ran = Command::new(env!("CARGO_BIN_EXE_svi")).args(["trunks", "--http", &http]).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

fn change(service: &Service, from: &str, to: &str) {
    let path = service.path("svi.yaml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "the settings have no `{from}`");
    fs::write(path, text.replace(from, to)).unwrap();
}

/// A port where nobody listens.
fn dead() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_trunk_is_found_by_its_records_called_at_the_place_that_answers_and_followed_when_they_change() {
    let (answering, (moved, moved_to)) = (free(), socket());
    let host = ("main.operator.test.", a([127, 0, 0, 1]));
    let names = NameServer::of(vec![
        ("operator.test.", naptr(10, "SIP+D2T", "_sip._tcp.operator.test.")),
        ("operator.test.", naptr(20, "SIP+D2U", "_sip._udp.operator.test.")),
        ("_sip._tcp.operator.test.", srv(10, dead(), "main.operator.test.")),
        ("_sip._udp.operator.test.", srv(10, answering.port(), "main.operator.test.")),
        host.clone(),
    ]);
    let settings = format!(
        "agents: [{{ name: amina, number: \"+33611111111\", confirm: false }}, \
         {{ name: bruno, number: \"+33611111112\", confirm: false }}]\nwhisper: false\n\
         flows: {{ watch: false }}\nsip: {{ dns: [\"{}\"] }}\ntrunks:\n\
         - {{ name: lost, address: nowhere.test, prefixes: [\"+336\"] }}\n\
         - {{ name: main, address: operator.test, username: svi, password: passe-partout, \
         presented: \"+33143124567\" }}\n",
        names.at()
    );
    let service = Service::of_agents(OPEN, &[], &settings);
    service.until_log("a trunk is found trunk=\"main\" host=\"operator.test\" places=\"tcp 127.0.0.1:", SOON);
    service.until_log("a trunk is not found, and no call goes out by it", SOON);
    let shown = trunks(&service);
    assert!(shown.contains("lost") && shown.contains("`nowhere.test` has no address"), "{shown}");
    assert_eq!(service.metric("svi_trunk_found{trunk=\"lost\"}"), 0.0);

    let phone = Sipp::at(&service, "trunk", answering).args(&["-m", "1"]).start();
    call(&service, "100", &["--keys", "1s:0", "--seconds", "6"]);
    let record = &service.records_of(1)[0];
    assert!(record["agent"].is_string(), "{:?}", story(record));
    assert_eq!(service.metric("svi_trunk_failures_total{trunk=\"main\"}"), 1.0, "the first place is dead");
    phone.succeed();

    names.learn(vec![("_sip._udp.operator.test.", srv(10, moved_to.port(), "main.operator.test.")), host]);
    assert_eq!(reload(&service).1["result"], "unchanged");
    service.until("the trunk is found elsewhere", SOON, || trunks(&service).contains(&moved_to.to_string()));
    let mut caller = RawCall::dial(&service, "100", 101);
    caller.listen(Duration::from_millis(300));
    caller.press(0, &PRESS, 1);
    let invite = hear(&moved, "INVITE ", "486 Busy Here");
    assert!(invite.starts_with("INVITE sip:+3361111111") && invite.contains("@operator.test SIP/2.0"), "{invite}");
    caller.hang_up();
}

#[test]
fn a_trunk_that_is_added_by_a_reload_is_registered_with_and_left_when_it_is_taken_away() {
    let (provider, at) = socket();
    let service = Service::of(OPEN, &[], "flows: { watch: false }\n");
    let own = format!("trunk: {{ address: \"{at}\", username: mairie, password: clef, register: true }}\n");
    change(&service, "flows: { watch: false }\n", &format!("flows: {{ watch: false }}\n{own}"));
    assert_eq!(reload(&service).1["result"], "swapped");
    hear(&provider, "REGISTER ", "200 OK\r\nExpires: 300");
    service.until_log("registered trunk=\"trunk\"", SOON);
    assert!(trunks(&service).contains("registered for"), "{}", trunks(&service));

    change(&service, "register: true", "register: true, at_once: 3");
    assert_eq!(reload(&service).1["result"], "swapped");
    let shown = trunks(&service);
    assert!(shown.contains("registered for") && shown.contains("0 calls of 3"), "{shown}");

    change(&service, &own.replace("register: true", "register: true, at_once: 3"), "");
    service.signal("HUP");
    let goodbye = hear(&provider, "REGISTER ", "200 OK");
    assert!(goodbye.contains("\r\nExpires: 0\r\n"), "{goodbye}");
    service.until_log("a trunk is taken away", SOON);
    assert_eq!(trunks(&service), "");
}
