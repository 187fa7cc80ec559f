//! Each key is read, and each mistake is shown at its place.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::{Callbacks, Credentials, Keep, Role, Security, Settings, Supervision, Trunk};
use crate::diag::Source;
use crate::media::{Codec, KeysBy, KeysInSound, Secrecy};

fn read(text: &str) -> Result<Settings, String> {
    let source = Arc::new(Source { path: "svi.yaml".into(), text: text.into() });
    Settings::read(&source).map_err(|found| {
        let mut out = String::new();
        for d in found {
            let span = d.span.unwrap();
            let (line, column) = span.line_column();
            let marked = &text[span.bytes];
            let help = d.help.unwrap_or_default();
            let _ = writeln!(out, "{line}:{column} `{marked}` {}: {}; {help}", d.code, d.message);
        }
        out
    })
}

#[test]
fn no_file_and_an_empty_file_are_the_usual_settings() {
    assert_eq!(read("").unwrap(), Settings::default());
    assert_eq!(read("# nothing yet\n").unwrap(), Settings::default());
}

#[test]
fn every_key_is_read() {
    let settings = read(
        r#"
sip: { listen: "192.0.2.1:5070", advertise: sip.ville.example, realm: ville, digest: both }
http: { listen: "0.0.0.0:9090" }
rtp:
  { ports: 20000-20999, workers: 2, pin: true, tones: always, srtp: required, keys: [dtls], codecs: [g722, PCMA, g722] }
paths: { flows: /srv/flows, prompts: /srv/prompts, data: /var/lib/svi }
agents:
  - { name: amina, password: 0123 }
  - { name: bruno, ha1: 5f4dcc3b5aa765d61d8327deb882cf99 }
  - { name: chloe, number: "06 12 34 56 78" }
trunk:
  address: sip.provider.example
  username: ville
  password: secret
  presented: "01 43 12 45 67"
  prefixes: ["+33", "+32", "112"]
limits: { calls: 50, call_duration: 1h, media_silence: 45s }
store: "postgres://svi:hunter2@db.ville.example:5433/svi"
keep: { records: 730d, numbers: 30d, tickets: 10d, messages: 1d }
log: svi=debug
"#,
    )
    .unwrap();
    assert_eq!(settings.sip.advertise.as_deref(), Some("sip.ville.example"));
    assert_eq!((settings.sip.listen[0].at.port(), settings.http.listen.port()), (5070, 9090));
    assert_eq!((settings.rtp.ports, settings.rtp.workers, settings.rtp.pin), (20000..=20999, Some(2), true));
    assert_eq!((settings.rtp.tones, settings.rtp.srtp), (KeysInSound::Always, Secrecy::Required));
    assert_eq!(settings.rtp.keys, [KeysBy::Dtls]);
    assert_eq!(settings.rtp.codecs, [Codec::G722, Codec::Pcma]);
    assert_eq!(settings.paths.data.to_str(), Some("/var/lib/svi"));
    let Some(Credentials::Password(password)) = &settings.agents[0].credentials else { panic!() };
    assert_eq!(password.reveal(), "0123", "a password of digits keeps its zero");
    let Some(Credentials::Ha1(ha1)) = &settings.agents[1].credentials else { panic!() };
    assert!(ha1.md5.is_some() && ha1.sha256.is_none());
    assert_eq!(settings.agents[2].number.as_ref().unwrap().as_str(), "+33612345678");
    let [trunk] = &settings.trunks[..] else { panic!() };
    assert_eq!((trunk.host.as_str(), trunk.port), ("sip.provider.example", None));
    assert_eq!(trunk.presented.as_ref().unwrap().as_str(), "+33143124567");
    assert_eq!(settings.limits.call_duration, Duration::from_secs(3600));
    assert_eq!((settings.limits.calls, settings.limits.media_silence), (50, Duration::from_secs(45)));
    assert_eq!(settings.log.as_deref(), Some("svi=debug"));
    assert_eq!(settings.store.unwrap().reveal(), "postgres://svi:hunter2@db.ville.example:5433/svi");
    let days = |n: u64| Duration::from_secs(n * 86_400);
    let keep = Keep { records: days(730), numbers: days(30), tickets: days(10), messages: days(1) };
    assert_eq!(settings.keep, keep);
}

#[test]
fn where_and_how_long_is_told_when_it_is_wrong_and_the_password_is_not() {
    assert_eq!(read("store: sqlite").unwrap().store, None);
    let text = "store: mysql://svi:hunter2@db/svi\nkeep: { records: 1y, numbers: 0d, tickets: 9999d, mail: 3d }\n";
    let source = Arc::new(Source { path: "svi.yaml".into(), text: text.into() });
    let found = Settings::read(&source).unwrap_err();
    let told: Vec<String> =
        found.iter().map(|d| format!("{} {}", d.message, d.help.clone().unwrap_or_default())).collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(told[0].contains("`store`") && told.iter().all(|line| !line.contains("hunter2")), "{told:?}");
    assert!(told[1].contains("`90d`") && told[4].contains("`mail` is not a key"), "{told:?}");
    let mut settings = Settings::default();
    assert!(!settings.keep_in("hunter2").unwrap_err().contains("hunter2"));
    settings.keep_in("postgresql://svi@db/svi").unwrap();
    assert!(settings.store.is_some());
}

#[test]
fn what_agents_dial_and_may_hear_is_read() {
    let settings = read(
        r#"
http: { token: 0123456789abcdef }
agents:
  - { name: amina, password: x, extension: "021" }
  - { name: chloe, number: "06 12 34 56 78", confirm: false }
  - { name: zoe, password: x, role: supervisor }
trunk: { address: sip.provider.example }
codes: { pause: "*55", supervise: "*7" }
pauses: [repas, formation]
whisper: false
supervision: { allowed: true, notice_caller: false }
"#,
    )
    .unwrap();
    let [amina, chloe, zoe] = &settings.agents[..] else { panic!() };
    assert_eq!((amina.extension.as_deref(), amina.confirm, amina.role), (Some("021"), true, Role::Agent));
    assert_eq!((chloe.confirm, zoe.role), (false, Role::Supervisor));
    assert_eq!((&*settings.codes.pause, &*settings.codes.supervise, &*settings.codes.log_in), ("*55", "*7", "*11"));
    assert_eq!(settings.pauses.0, ["repas".into(), "formation".into()]);
    assert_eq!(settings.whisper, Some(false));
    let told = Supervision { allowed: true, notice_agent: true, notice_caller: false };
    assert_eq!(settings.supervision, told);
    assert_eq!(settings.http.token.unwrap().reveal(), "0123456789abcdef");
}

#[test]
fn mistakes_in_what_agents_dial_are_told() {
    let text = r#"http: { token: short }
agents:
  - { name: amina, password: x, extension: "21", confirm: true }
  - { name: bruno, password: x, extension: "21", role: boss }
  - { name: chloe, password: x, extension: vingt }
codes: { pause: "13", log_in: "*1", ready: "*15" }
pauses: []
supervision: { allowed: perhaps, notice: yes }
"#;
    insta::assert_snapshot!(read(text).unwrap_err());
}

#[test]
fn no_secret_is_printed() {
    let text = "agents: [{name: amina, password: hunter2}]\ntrunk: {address: a, username: u, password: hunter2}\n\
                http: {token: hunter2hunter2hunter2}\nstore: postgres://svi:hunter2@db/svi";
    assert!(!format!("{:?}", read(text).unwrap()).contains("hunter2"));
}

#[test]
fn french_numbers_may_be_called_when_nothing_else_is_listed() {
    let Trunk { prefixes, .. } = read("trunk: {address: a}").unwrap().trunks.remove(0);
    assert_eq!(prefixes, ["+33"]);
}

#[test]
fn every_mistake_is_told_at_its_place_in_one_run() {
    let text = r#"# réglages
sip: { listn: "0.0.0.0:5060", advertise: "a b" }
http: { listen: 8080 }
rtp: { ports: 30000-20000, workers: 0, pin: maybe }
paths: flows
agents:
  - { name: amélie, password: x }
  - { name: amina, password: x, ha1: 5f4dcc3b5aa765d61d8327deb882cf99 }
  - { name: amina, ha1: 5f4d }
  - { name: bruno }
  - { password: x }
  - { name: chloe, number: "0892705050" }
trunk: { password: x, presented: 12a, prefixes: [France, "+3389", "118218"] }
limits: { calls: many, call_duration: 2, media_silence: 0s }
log:
quelque_chose: 1
"#;
    insta::assert_snapshot!(read(text).unwrap_err());
}

#[test]
fn a_list_that_is_none_and_a_value_that_is_one_are_told() {
    let text = "agents: amina\nhttp: { listen: [1] }\ntrunk: { address: a, prefixes: +33 }\n";
    insta::assert_snapshot!(read(text).unwrap_err());
}

#[test]
fn an_outside_number_needs_a_trunk() {
    insta::assert_snapshot!(read("agents: [{ name: amina, number: '0612345678' }]").unwrap_err());
}

#[test]
fn what_is_no_yaml_is_told_once() {
    insta::assert_snapshot!(
        ["sip: {", "sip: {}\nhttp: {}\nsip: {}\n", "- a\n", "sip: &x {}\n", "sip: !x {}\n", "[a]: b\n", "a: b: c\n",]
            .map(|text| read(text).unwrap_err())
            .concat()
    );
}

#[test]
fn how_citizens_are_called_back_is_read() {
    let text = "callbacks: { first: citizen, attempts: 5, spacing: 1h, ring: 45s, guard: 2s, expire: 3d, open: 50, per_number: 2, \
                per_caller: 1, withheld: 9, per_source: 100, per_day: 200 }";
    let Callbacks { rules, ring } = read(text).unwrap().callbacks;
    assert_eq!(rules.first, crate::callback::First::Citizen);
    let seconds = |of: Duration| of.as_secs();
    assert_eq!((rules.attempts, seconds(rules.spacing), seconds(rules.guard)), (5, 3600, 2));
    assert_eq!((seconds(ring), seconds(rules.longest), rules.capacity), (45, 3 * 86_400, 50));
    let caps = [rules.per_number, rules.per_caller, rules.withheld, rules.per_source, rules.per_day];
    assert_eq!(caps, [2, 1, 9, 100, 200]);
    let one = read("callbacks: { attempts: 1 }").unwrap().callbacks;
    assert_eq!(Callbacks { rules: crate::callback::Rules { attempts: 3, ..one.rules }, ..one }, Callbacks::default());
}

#[test]
fn mistakes_about_callbacks_are_told() {
    insta::assert_snapshot!(
        read("callbacks: { first: both, attempts: 11, spacing: 15, ring: 3m, expire: 4h, per_number: 0, retries: 2 }")
            .unwrap_err()
    );
    insta::assert_snapshot!(read("callbacks: { spacing: 48h, expire: 2d }").unwrap_err());
}

#[test]
fn messages_and_who_is_told_of_them_are_read() {
    let settings = read(
        r#"
messages: { space: 500MB, per_number: 3 }
mail:
  server: smtp.ville.example
  username: svi
  password: "0123"
  from: svi@ville.example
  to: [accueil@ville.example, "Accueil <b@ville.example>"]
  sound: true
"#,
    )
    .unwrap();
    assert_eq!((settings.messages.space, settings.messages.per_number), (500 << 20, 3));
    let mail = settings.mail.unwrap();
    assert_eq!((mail.host.as_str(), mail.port, mail.security), ("smtp.ville.example", 587, Security::StartTls));
    assert_eq!((mail.to.len(), mail.sound), (2, true));
    assert!(!format!("{mail:?}").contains("0123"), "a password is never printed");
    let port = |text: &str| read(text).unwrap().mail.unwrap().port;
    assert_eq!(port("mail: { server: m.example, security: tls, from: a@b.example, to: [a@b.example] }"), 465);
    assert_eq!(port("mail: { server: 'localhost:2525', security: none, from: a@b.example, to: [a@b.example] }"), 2525);
}

#[test]
fn mistakes_about_messages_and_mail_are_told() {
    insta::assert_snapshot!(
        read("messages: { space: 2, per_number: 0 }\nmail: { security: ssl, from: nobody, to: [], username: svi }\n")
            .unwrap_err()
    );
    insta::assert_snapshot!(
        read("mail: { server: m, security: none, username: a, password: b, from: a@b.example, to: [a@b.example] }")
            .unwrap_err()
    );
}

#[test]
fn what_is_offered_on_the_web_is_read_and_nothing_is_when_not_said() {
    let settings = read(
        r#"web:
  callbacks:
    - queue: france-services/agents
    - { queue: prefecture/titres, name: Titres de séjour, name_en: Residence permits }
  embed: ["https://www.Mairie.example"]
  proxies: [192.0.2.7]
  per_address: 3
"#,
    )
    .unwrap();
    let web = settings.web;
    assert_eq!(
        web.callbacks.iter().map(|offered| offered.queue.as_str()).collect::<Vec<_>>(),
        ["france-services/agents", "prefecture/titres"]
    );
    assert_eq!(&*web.callbacks[1].name.as_ref().unwrap().get(crate::base::Language::En).clone(), "Residence permits");
    assert_eq!((web.embed[0].as_str(), web.per_address), ("https://www.mairie.example", 3));
    assert_eq!(web.proxies, ["192.0.2.7".parse::<std::net::IpAddr>().unwrap()]);
    let usual = read("web: { per_address: 1 }").unwrap().web;
    assert!(usual.callbacks.is_empty() && usual.embed.is_empty() && usual.proxies.iter().all(|p| p.is_loopback()));
}

#[test]
fn mistakes_about_the_web_are_told() {
    insta::assert_snapshot!(
        read(
            "web:\n  callbacks:\n    - { queue: agents }\n    - { name: X }\n    - { queue: a/b, name_en: X }\n    \
             - { queue: a/b }\n  embed: [\"*\", \"https://a.example; script-src *\"]\n  proxies: [proxy]\n"
        )
        .unwrap_err()
    );
}
