//! Who is told of a message by mail, by a real mail server (aiosmtpd).

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::certificates::certificates;
use super::service::{Service, free, wait_until};
use super::voicemail::{after_the_beep, answering, messages};

/// A mail server that keeps what it takes in a folder.
struct MailServer(Child);

impl MailServer {
    fn start(at: SocketAddr, folder: &Path) -> Self {
        let child = Command::new("/usr/bin/python3")
            .args(["-m", "aiosmtpd", "-n", "-l", &at.to_string(), "-c", "aiosmtpd.handlers.Mailbox"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python3-aiosmtpd is installed (tests/run does it)");
        let server = Self(child);
        assert!(wait_until(Duration::from_secs(20), &mut || TcpStream::connect(at).is_ok()), "no mail server");
        server
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn mails(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("new")).into_iter().flatten().flatten();
    files.map(|file| fs::read_to_string(file.path()).unwrap()).collect()
}

fn leave_message(service: &Service, nth: usize) {
    let mut call = after_the_beep(service, nth);
    call.say(700.0, Duration::from_secs(1));
    call.hang_up();
}

fn settings(at: SocketAddr, more: &str) -> String {
    format!(
        "mail: {{ server: \"{at}\", security: none, from: svi@ville.example, to: [accueil@ville.example]{more} }}\n"
    )
}

#[test]
fn a_mail_tells_of_a_message_without_its_sound() {
    let at = free();
    let service = answering(&settings(at, ""));
    let folder = service.path("mails");
    let _server = MailServer::start(at, &folder);
    leave_message(&service, 1);
    service.until("the mail", Duration::from_secs(30), || mails(&folder).len() == 1);
    let mail = &mails(&folder)[0];
    for line in ["From: svi@ville.example", "To: accueil@ville.example", "svi messages get 1", "+33612345678", "0:0"] {
        assert!(mail.contains(line), "{line}: {mail}");
    }
    assert!(!mail.contains("audio/wav"), "{mail}");
    service.until("it is written down", Duration::from_secs(10), || messages(&service, 1)[0]["mail"] == "sent");
    assert!(!service.log().contains("612345678"), "no number in the log");
}

#[test]
fn a_mail_is_tried_again_and_has_the_sound_when_wanted() {
    let at = free();
    let service = answering(&settings(at, ", sound: true"));
    leave_message(&service, 1);
    service.until_log("a mail could not be sent", Duration::from_secs(30));
    assert_eq!(messages(&service, 1)[0]["mail"], "waiting");
    let folder = service.path("mails");
    let _server = MailServer::start(at, &folder);
    service.until("the mail", Duration::from_secs(60), || mails(&folder).len() == 1);
    let mail = &mails(&folder)[0];
    assert!(mail.contains("Content-Type: audio/wav") && mail.contains("UklGR"), "a WAV file in base64");
    service.until("it is written down", Duration::from_secs(10), || messages(&service, 1)[0]["mail"] == "sent");
}

#[test]
fn a_mail_goes_through_a_server_that_wants_tls_and_a_login() {
    let dir = tempfile::tempdir().unwrap();
    let [authority, certificate, key] = certificates(dir.path());
    let (at, folder) = (free(), dir.path().join("mails"));
    let child = Command::new("/usr/bin/python3")
        .arg("tests/support/mail_server.py")
        .arg(at.port().to_string())
        .args([&certificate, &key, &folder])
        .spawn()
        .unwrap();
    let _server = MailServer(child);
    assert!(wait_until(Duration::from_secs(20), &mut || TcpStream::connect(at).is_ok()), "no mail server");
    let settings = |more: &str| {
        format!(
            "mail:\n  server: localhost:{}\n  username: svi\n  password: passe-partout\n  \
             from: svi@ville.example\n  to: [accueil@ville.example]\n{more}",
            at.port()
        )
    };
    // Nobody the system knows has signed it: nothing is said to it, least of all the password.
    let strange = answering(&settings(""));
    leave_message(&strange, 1);
    strange.until_log("a mail could not be sent", Duration::from_secs(30));
    assert!(!folder.join("logins").exists(), "no login is shown to a server that is not trusted");
    drop(strange);

    let service = answering(&settings(&format!("  ca: {}\n", authority.display())));
    leave_message(&service, 1);
    service.until("the mail", Duration::from_secs(60), || mails(&folder).len() == 1);
    assert_eq!(fs::read_to_string(folder.join("logins")).unwrap(), "svi good tls=True\n");
    service.until("it is written down", Duration::from_secs(10), || messages(&service, 1)[0]["mail"] == "sent");
    assert!(!service.log().contains("passe-partout"), "the password is in no log");
}
