//! Whose call it is: a trunk is known by its address, its networks and its certificate.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::baresip::Phone;
use super::certificates::{Authority, Paper};
use super::peer::Peer;
use super::service::{OPEN, Service, free, story};

const SOON: Duration = Duration::from_secs(20);

/// An address of this machine's that is another than most have.
fn free_at(last: u8) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, last], free().port()))
}

#[test]
fn a_call_from_the_trunk_s_networks_is_the_trunk_s_and_another_is_a_stranger_s() {
    let trunk = format!("trunk: {{ address: \"{}\", from: [127.0.0.64/28, 127.0.0.9] }}\n", free_at(8));
    let service = Service::silent(OPEN, &[], &format!("agents: [{{ name: amina, password: secret }}]\n{trunk}"));
    let claims = "P-Asserted-Identity: <tel:+33199887766>\r\n";
    for (nth, (last, is_trunk)) in [(8, true), (9, true), (79, true), (80, false), (1, false)].into_iter().enumerate() {
        let mut caller = Peer::at(&service, "0612345678", free_at(last));
        let (mut call, _) = caller.call("0143124567", claims, true);
        caller.connected(&mut call);
        assert_eq!(caller.ask(&mut call, "BYE", ""), "200");
        let record = service.records_of(nth + 1).remove(nth);
        let known = if is_trunk { "+33•••••••66" } else { "061•••••78" };
        assert_eq!(record["from"], known, "127.0.0.{last}: {record}");
        let (wrong, _) = caller.call("0143129999", "", true);
        assert!(caller.answer_to(&wrong, "INVITE").starts_with("SIP/2.0 404 "));
    }
    assert_eq!(service.metric("svi_sip_faults_total{fault=\"unknown-number\"}"), 2.0, "a trunk does nothing wrong");
}

/// Calls a number over TLS by OpenSSL, with a certificate or without: the first answer that is
/// not 100, or nothing where the connection is ended.
fn call(at: SocketAddr, authority: &Authority, paper: Option<&Paper>, number: &str) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", "-quiet", "-verify_return_error", "-connect", &at.to_string(), "-CAfile"]);
    openssl.arg(&authority.certificate);
    if let Some(Paper { certificate, key }) = paper {
        openssl.arg("-cert").arg(certificate).arg("-key").arg(key);
    }
    let mut client = openssl
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    let invite = format!(
        "INVITE sip:{number}@{at} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK{id}\r\nMax-Forwards: 70\r\n\
         From: <sip:0612345678@localhost>;tag=1\r\nTo: <sip:{number}@{at}>\r\nCall-ID: {id}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:a@127.0.0.1:9;transport=tls>\r\nContent-Length: 0\r\n\r\n",
        id = client.id()
    );
    // Who is not believed has gone already.
    let _ = client.stdin.as_mut().unwrap().write_all(invite.as_bytes());
    let (lines, heard) = mpsc::channel();
    let out = BufReader::new(client.stdout.take().unwrap());
    let reader = thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
    let lines = std::iter::from_fn(|| heard.recv_timeout(SOON).ok());
    let answer = lines.filter(|line| line.starts_with("SIP/2.0 ")).find(|line| line != "SIP/2.0 100 Trying");
    drop(heard);
    client.kill().unwrap();
    client.wait().unwrap();
    drop(reader.join());
    answer.unwrap_or_default()
}

/// Three have certificates of the same authority: two trunks, and somebody else.
#[test]
fn each_of_several_trunks_is_believed_with_its_own_certificate_alone() {
    let dirs = [0; 2].map(|_| tempfile::tempdir().unwrap());
    let [ours, others] = [Authority::new(dirs[0].path()), Authority::new(dirs[1].path())];
    let of = |authority: &Authority, name: &str| authority.sign(name, &format!("URI:sip:{name}"));
    let (server, tls) = (ours.sign("server", "IP:127.0.0.1"), free());
    let settings = format!(
        "sip: {{ tls: {{ certificate: {}, key: {}, clients: {} }} }}\ntrunks:\n\
         - {{ name: east, address: 127.0.0.8, transport: tls, numbers: [\"+33143124567\"] }}\n\
         - {{ name: west, address: 127.0.0.9, transport: tls, numbers: [\"+33143128888\"] }}\n",
        server.certificate.display(),
        server.key.display(),
        ours.certificate.display()
    );
    let service = Service::listening(OPEN, vec![format!("udp:{}", free()), format!("tls:{tls}")], &settings);
    let [east, west, somebody] = ["127.0.0.8", "127.0.0.9", "127.0.0.10"].map(|name| of(&ours, name));
    let refused = |trunk: &str| {
        let line = format!("a trunk sends calls to numbers that are not its own trunk=\"{trunk}\"");
        service.log().matches(&line).count()
    };
    for (paper, number, answer, told) in [
        (Some(&east), "0143124567", "SIP/2.0 200 OK", [0, 0]),
        (Some(&east), "0143128888", "SIP/2.0 404 Not Found", [1, 0]),
        (Some(&west), "0143124567", "SIP/2.0 404 Not Found", [1, 1]),
        // Neither somebody else nor who shows none is a trunk: what the flows answer is open to all.
        (Some(&somebody), "0143124567", "SIP/2.0 200 OK", [1, 1]),
        (Some(&somebody), "0143128888", "SIP/2.0 404 Not Found", [1, 1]),
        (None, "0143128888", "SIP/2.0 404 Not Found", [1, 1]),
        // Another authority's word is worth nothing.
        (Some(&of(&others, "127.0.0.8")), "0143124567", "", [1, 1]),
    ] {
        assert_eq!(call(tls, &ours, paper, number), answer, "{number} {told:?}\n{}", service.log());
        service.until(&format!("it is told {told:?}"), SOON, || ["east", "west"].map(refused) == told);
    }
    assert_eq!(service.metric("svi_sip_faults_total{fault=\"unknown-number\"}"), 2.0);
}

/// The first one's certificate is for another host: nothing is said to it, and the call goes on
/// by the second.
#[test]
fn a_call_goes_on_by_the_next_trunk_when_the_certificate_is_another_s() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    let paper = authority.sign("localhost", "DNS:localhost");
    let both = authority.both(&paper);
    let at = [free(), free()];
    let settings = format!(
        "sip: {{ tls: {{ certificate: {cert}, key: {key}, trust: {ca} }} }}\nwhisper: false\n\
         agents: [{{ name: amina, number: \"+33611111111\", confirm: false }}]\ntrunks:\n\
         - {{ name: first, address: \"127.0.0.1:{}\", transport: tls }}\n\
         - {{ name: second, address: \"localhost:{}\", transport: tls }}\n",
        at[0].port() + 1,
        at[1].port() + 1,
        cert = paper.certificate.display(),
        key = paper.key.display(),
        ca = authority.certificate.display(),
    );
    let service = Service::of_agents(OPEN, &[], &format!("log: svi=debug\n{settings}"));
    let [first, _second] = at.map(|at| Phone::behind_tls_trunk(&service, "+33611111111", (at, &both), 440));
    let citizen = Phone::citizen(&service, 880);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina", "{:?}", story(record));
    assert!(service.log().contains("invalid peer certificate"), "{}", service.log());
    assert!(!first.log().contains("Incoming call"), "{}", first.log());
}
