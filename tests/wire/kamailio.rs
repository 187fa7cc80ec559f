//! Kamailio in front: a proxy with Record-Route that speaks TCP to one side and UDP to the other.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::agents::talk;
use super::baresip::Phone;
use super::media::{samples, share_of_tone};
use super::service::{OPEN, Service, free, story, times, wait_until};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(30);

/// Kamailio at work; ended with the test.
pub(crate) struct Kamailio {
    child: Child,
    log: std::path::PathBuf,
    pub(crate) sip: SocketAddr,
}

impl Kamailio {
    /// A proxy at this address: what comes goes to the service, and what the service
    /// begins to a provider over TCP.
    pub(crate) fn start(service: &Service, sip: SocketAddr, provider: SocketAddr) -> Self {
        let dir = service.path("kamailio");
        fs::create_dir_all(&dir).unwrap();
        let config = include_str!("../support/kamailio.cfg")
            .replace("HERE", &sip.to_string())
            .replace("SERVICE", &service.sip.to_string())
            .replace("PROVIDER", &provider.to_string());
        fs::write(dir.join("kamailio.cfg"), config).unwrap();
        let log = dir.join("log.txt");
        let child = Command::new(KAMAILIO)
            .args(["-DD", "-E", "-m", "16", "-M", "4", "-f"])
            .arg(dir.join("kamailio.cfg"))
            .arg("-w")
            .arg(&dir)
            .arg("-Y")
            .arg(&dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .expect("kamailio is installed (tests/run does it)");
        let proxy = Self { child, log, sip };
        let is_up = wait_until(Duration::from_secs(10), &mut || TcpStream::connect(sip).is_ok());
        assert!(is_up, "kamailio does not start:\n{}", proxy.log());
        proxy
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How many requests of a method within calls have passed by a transport.
    fn passed(&self, method: &str, transport: &str) -> usize {
        let line = format!("PASSES {method} FROM {transport} TAG ");
        self.log().lines().filter_map(|l| l.split_once(&line)).filter(|(_, tag)| *tag != "<null>").count()
    }
}

/// In no path of who is not root.
const KAMAILIO: &str = "/usr/sbin/kamailio";

impl Drop for Kamailio {
    fn drop(&mut self) {
        // Its own end ends its children, which a SIGKILL would leave.
        let _ = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.child.id())).status();
        let _ = self.child.wait();
    }
}

/// What a phone has recorded, once its call is over.
fn recording(service: &Service, phone: &Phone) -> Vec<i16> {
    let recorded = || phone.heard().map(|path| samples(&path)).unwrap_or_default();
    service.until("the phone has closed its recording", SOON, || !recorded().is_empty());
    recorded()
}

#[test]
fn a_caller_by_tcp_is_led_held_and_bridged_through_kamailio() {
    let service = Service::of(OPEN, &[], "whisper: false\n");
    let proxy = Kamailio::start(&service, free(), free());
    let agent = Phone::agent(&service, "amina", 600);
    let citizen = Phone::caller_by("tcp", &service, ("0612345678", proxy.sip), (1000, ""));
    citizen.ask_for_an_agent_by(&service, &format!("sip:100@{};transport=tcp", proxy.sip));
    service.until_log("connected amina", SOON);
    citizen.command("hold", "");
    service.until_log("held by caller", SOON);
    citizen.command("resume", "");
    service.until_log("resumed by caller", SOON);
    let again = std::time::Instant::now();
    service.until("they talk again", SOON, || again.elapsed() > Duration::from_secs(2));
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!((record["agent"].as_str(), record["ending"]["by"].as_str()), (Some("amina"), Some("caller")));
    // baresip records nothing more of what it hears when it comes back from a hold of its own.
    let heard = recording(&service, &agent);
    let share = share_of_tone(&heard[heard.len().saturating_sub(8_000)..], 1000.0);
    assert!(share > 0.7, "the agent hears the caller's tone in {share:.2} of the last second");
    let within = ["ACK", "INVITE", "BYE"].map(|method| proxy.passed(method, "tcp"));
    assert_eq!(within, [3, 2, 1], "{}", proxy.log());
}

#[test]
fn a_call_through_kamailio_is_ended_by_us() {
    let service = Service::silent(OPEN, &[], "agents: [{ name: amina, password: secret }]\nwhisper: false\n");
    let proxy = Kamailio::start(&service, free(), free());
    let agent = Phone::agent(&service, "amina", 600);
    let citizen = Phone::caller_by("tcp", &service, ("0612345678", proxy.sip), (1000, ""));
    citizen.ask_for_an_agent_by(&service, &format!("sip:100@{};transport=tcp", proxy.sip));
    service.until_log("connected amina", SOON);
    agent.command("hangup", "");
    service.until_log("talk ended amina", SOON);
    citizen.command("sndcode", "5");
    let record = &service.records_of(1)[0];
    assert_eq!(record["ending"]["by"], "flow", "{record}");
    service.until("the caller's phone is hung up", SOON, || citizen.log().contains("session closed"));
    assert_eq!(proxy.passed("BYE", "udp"), 1, "{}", proxy.log());
}

#[test]
fn session_timers_updates_and_holds_pass_kamailio() {
    let service = Service::start(OPEN);
    let proxy = Kamailio::start(&service, free(), free());
    for scenario in ["session", "hold"] {
        Sipp::over(&service, scenario, "100", proxy.sip).run();
    }
    assert_eq!((proxy.passed("UPDATE", "udp"), proxy.passed("BYE", "udp")), (2, 2), "{}", proxy.log());
}

/// A phone that nothing but its connection to the proxy leads to.
fn phone_behind(service: &Service, proxy: &Kamailio, more: &str) -> Phone {
    let over = format!(";outbound=\"sip:{};transport=tcp\"{more}", proxy.sip);
    Phone::over_more(service, "amina", ("tcp", service.sip), (600, &over))
}

#[test]
fn a_phone_behind_kamailio_registers_with_path_is_rung_and_either_side_hangs_up() {
    let service = Service::of(OPEN, &[], "whisper: false\n");
    let proxy = Kamailio::start(&service, free(), free());
    let agent = phone_behind(&service, &proxy, "");
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    talk(&service, &agent, &citizen);
    service.until("the agent's phone is hung up", SOON, || agent.log().contains("session closed"));
    assert_eq!(["ACK", "BYE"].map(|method| proxy.passed(method, "udp")), [1, 1], "{}", proxy.log());
    service.until_log("agent=amina state=\"wrap-up\"", SOON);
    service.post("/api/v1/agents/amina/resume", "{}");
    citizen.ask_for_an_agent(&service, 1);
    service.until("amina has the second call", SOON, || service.log().matches("connected amina").count() == 2);
    agent.command("hangup", "");
    service.until("the talk is over", SOON, || service.log().matches("talk ended amina").count() == 2);
    assert_eq!(proxy.passed("BYE", "tcp"), 1, "{}", proxy.log());
}

/// The phone keeps its way open itself (`+sip.instance`, `reg-id`), and the proxy says that it can (`;ob`).
#[test]
fn a_phone_behind_kamailio_registers_with_outbound_and_is_rung() {
    let service = Service::of(OPEN, &[], "log: svi=debug\nwhisper: false\n");
    let proxy = Kamailio::start(&service, free(), free());
    let agent = phone_behind(&service, &proxy, ";sipnat=outbound");
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    talk(&service, &agent, &citizen);
}

/// We speak UDP to the proxy, and the proxy TCP to the number's phone.
#[test]
fn an_outside_number_is_reached_through_kamailio_and_either_side_ends_the_call() {
    let (proxy, provider) = (free(), free());
    let settings = format!(
        "agents: [{{ name: amina, number: \"+33611111111\", confirm: false }}]\nwhisper: false\n\
         trunk: {{ address: \"{proxy}\", presented: \"+33143124567\", prefixes: [\"+33\"] }}\n"
    );
    let service = Service::of_agents(OPEN, &[], &settings);
    let proxy = Kamailio::start(&service, proxy, provider);
    let outside = Phone::behind_trunk(&service, "+33611111111", provider, 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    citizen.command("hangup", "");
    service.until("the number's phone is hung up", SOON, || outside.log().contains("session closed"));
    assert_eq!(proxy.passed("BYE", "udp"), 1, "{}", proxy.log());
    let first = &service.records_of(1)[0];
    service.until_log("agent=amina state=\"wrap-up\"", SOON);
    service.post("/api/v1/agents/amina/resume", "{}");
    citizen.ask_for_an_agent(&service, 1);
    service.until("amina has the second call", SOON, || service.log().matches("connected amina").count() == 2);
    outside.command("hangup", "");
    service.until("the number's BYE", SOON, || proxy.passed("BYE", "tcp") == 1);
    service.until("the talk is over", SOON, || service.log().matches("talk ended amina").count() == 2);
    citizen.command("hangup", "");
    let second = &service.records_of(2)[1];
    assert_eq!([first, second].map(|record| times(record, "connected amina")), [1, 1], "{:?}", story(second));
}
