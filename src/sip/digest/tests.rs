use std::net::IpAddr;
use std::time::Duration;

use super::*;
use crate::base::{Instant, limits};

/// RFC 7616, section 3.9.1: the same request with both hashes.
fn mufasa(algorithm: Algorithm) -> Credentials {
    Credentials {
        username: "Mufasa".to_owned(),
        realm: "http-auth@example.org".to_owned(),
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".to_owned(),
        uri: "/dir/index.html".to_owned(),
        response: String::new(),
        algorithm,
        opaque: None,
        qop: Some(Qop { cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ".to_owned(), nc: "00000001".to_owned() }),
    }
}

fn get() -> Method {
    Method::Other("GET".to_owned())
}

#[test]
fn the_examples_of_rfc_7616_give_their_answers() {
    let answer = |algorithm: Algorithm| {
        let ha1 = algorithm.ha1("Mufasa", "http-auth@example.org", "Circle of Life");
        response(&mufasa(algorithm), &get(), &ha1)
    };
    assert_eq!(answer(Algorithm::Md5), "8ca523f5e9506fed4657c9700eebdbec");
    assert_eq!(answer(Algorithm::Sha256), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

#[test]
fn the_example_of_rfc_2617_gives_its_answer() {
    let credentials = Credentials {
        realm: "testrealm@host.com".to_owned(),
        nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093".to_owned(),
        qop: Some(Qop { cnonce: "0a4f113b".to_owned(), nc: "00000001".to_owned() }),
        ..mufasa(Algorithm::Md5)
    };
    let ha1 = Algorithm::Md5.ha1("Mufasa", "testrealm@host.com", "Circle Of Life");
    assert_eq!(ha1, "939e7578ed9e3c518a452acee763bce9");
    assert_eq!(response(&credentials, &get(), &ha1), "6629fae49393a05397450978507c4ef1");
    let without = Credentials { qop: None, ..credentials };
    assert_eq!(response(&without, &get(), &ha1), "670fd8c2df070c60b045671b8b24ff02");
}

#[test]
fn only_the_right_answer_opens_the_door() {
    let secrets = Secrets::of_password("Mufasa", "http-auth@example.org", "Circle of Life");
    for algorithm in [Algorithm::Sha256, Algorithm::Md5] {
        let mut credentials = mufasa(algorithm);
        credentials.response = response(&credentials, &get(), secrets.ha1(algorithm).unwrap()).to_ascii_uppercase();
        assert_eq!(verify(&credentials, &get(), &secrets), Ok(()));
        assert_eq!(verify(&credentials, &Method::Register, &secrets), Err(DigestError::Wrong));
        assert_eq!(verify(&credentials, &get(), &Secrets::default()), Err(DigestError::NoSecret));
        credentials.response.pop();
        assert_eq!(verify(&credentials, &get(), &secrets), Err(DigestError::Wrong));
        credentials.response.clear();
        assert_eq!(verify(&credentials, &get(), &secrets), Err(DigestError::Wrong));
    }
}

#[test]
fn an_account_that_only_has_an_md5_secret_is_not_opened_with_sha256() {
    let secrets = Secrets { ha1_sha256: None, ..Secrets::of_password("Mufasa", "http-auth@example.org", "x") };
    assert_eq!(verify(&mufasa(Algorithm::Sha256), &get(), &secrets), Err(DigestError::NoSecret));
}

#[test]
fn a_challenge_is_offered_with_sha256_first_and_reads_back() {
    let both = BOTH.map(|a| Challenge::new(a, "svi \"mairie\"", "abc", true));
    let text = both.each_ref().map(ToString::to_string);
    assert_eq!(text[0], r#"Digest realm="svi \"mairie\"", nonce="abc", algorithm=SHA-256, stale=true, qop="auth""#);
    assert!(text[1].contains("algorithm=MD5"), "{}", text[1]);
    assert_eq!(Challenge::parse(&text[0]), Ok(both[0].clone()));
    assert_eq!(Challenge::parse(&text[1]), Ok(both[1].clone()));
}

#[test]
fn challenges_of_the_field_are_read() {
    let asterisk = r#"Digest  realm="asterisk",nonce="1589/9f",opaque="0a",algorithm=md5,qop="auth""#;
    let challenge = Challenge::parse(asterisk).unwrap();
    assert_eq!(
        (challenge.algorithm, challenge.qop_auth, challenge.opaque.as_deref()),
        (Algorithm::Md5, true, Some("0a"))
    );
    let bare = Challenge::parse(r#"digest nonce=abc, realm="a, b""#).unwrap();
    assert_eq!(
        (bare.realm.as_str(), bare.algorithm, bare.qop_auth, bare.stale),
        ("a, b", Algorithm::Md5, false, false)
    );
    let joined = r#"Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=SHA-512-256, Basic realm="x", Digest realm="r", nonce="n", algorithm=SHA-256"#;
    let read = Challenge::parse_all(joined);
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].algorithm, Algorithm::Sha256);
    for unreadable in
        ["", "Digest", "Basic realm=x", r#"Digest realm="r""#, r#"Digest realm="r", nonce="n", qop="auth-int""#]
    {
        assert_eq!(Challenge::parse(unreadable), Err(DigestError::Unreadable), "{unreadable}");
    }
}

#[test]
fn credentials_of_the_field_are_read() {
    let phone = r#"Digest username="amina", realm="svi", nonce="n,\"1", uri="sip:svi.example;transport=udp", response="0f", algorithm=MD5, cnonce="c", nc=0000000a, qop=auth, opaque="""#;
    let credentials = Credentials::parse(phone).unwrap();
    assert_eq!(credentials.nonce, "n,\"1");
    assert_eq!(credentials.uri, "sip:svi.example;transport=udp");
    assert_eq!(credentials.opaque.as_deref(), Some(""));
    assert_eq!(credentials.qop, Some(Qop { cnonce: "c".to_owned(), nc: "0000000a".to_owned() }));
    assert_eq!(Credentials::parse(&credentials.to_string()), Ok(credentials));
    let truncated = r#"Digest username="amina", realm="svi, nonce="#;
    assert_eq!(Credentials::parse(truncated), Err(DigestError::Unreadable));
    let qop_without_count = r#"Digest username="a", realm="s", nonce="n", uri="u", response="0f", qop=auth"#;
    assert_eq!(Credentials::parse(qop_without_count), Err(DigestError::Unreadable));
}

#[test]
fn what_the_client_answers_the_server_verifies() {
    let mut chance = Chance::seeded(1);
    let headers = BOTH.map(|a| Challenge::new(a, "svi", "nonce", false).to_string());
    let asked = Asked { method: &Method::Invite, uri: "sip:+33143124567@trunk.example" };
    let known = Secrets::of_password("amina", "svi", "secret");
    let md5_only = Secrets { ha1_sha256: None, ..known.clone() };
    for (secret, chosen) in [
        (ClientSecret::Password("secret".to_owned()), Algorithm::Sha256),
        (ClientSecret::Ha1(known.clone()), Algorithm::Sha256),
        (ClientSecret::Ha1(md5_only), Algorithm::Md5),
    ] {
        let challenges = headers.iter().map(String::as_str);
        let value = authorize(challenges, "amina", &secret, asked, &mut chance, 1).unwrap();
        let credentials = Credentials::parse(&value).unwrap();
        assert_eq!(credentials.algorithm, chosen);
        assert_eq!(credentials.qop.as_ref().unwrap().nc, "00000001");
        assert_eq!(verify(&credentials, &Method::Invite, &known), Ok(()));
    }
    let nothing = ClientSecret::Ha1(Secrets::default());
    let challenges = headers.iter().map(String::as_str);
    assert_eq!(authorize(challenges, "amina", &nothing, asked, &mut chance, 1), Err(DigestError::NoSecret));
    assert_eq!(authorize(["Basic realm=x"], "amina", &nothing, asked, &mut chance, 1), Err(DigestError::Unreadable));
}

#[test]
fn a_nonce_is_fresh_then_stale_and_a_strangers_is_foreign() {
    let mut chance = Chance::seeded(1);
    let phone: IpAddr = "192.0.2.7".parse().unwrap();
    let nonces = Nonces::new(&mut chance);
    let made = Instant::from_start(Duration::from_secs(10));
    let nonce = nonces.issue(made, phone);
    assert_eq!(nonces.check(made, &nonce, phone), Freshness::Fresh);
    assert_eq!(nonces.check(made + (limits::NONCE - Duration::from_millis(1)), &nonce, phone), Freshness::Fresh);
    assert_eq!(nonces.check(made + limits::NONCE, &nonce, phone), Freshness::Stale);
    assert_eq!(nonces.check(Instant::START, &nonce, phone), Freshness::Stale);
    assert_eq!(Nonces::new(&mut chance).check(made, &nonce, phone), Freshness::Foreign);
    assert_eq!(nonces.check(made, &nonce, "192.0.2.8".parse().unwrap()), Freshness::Foreign, "made for another");
    assert_eq!(nonces.check(made, &nonce, "::ffff:192.0.2.7".parse().unwrap()), Freshness::Fresh);
    let mut younger = nonce.clone().into_bytes();
    younger[11] ^= 1;
    assert_eq!(nonces.check(made, &String::from_utf8(younger).unwrap(), phone), Freshness::Foreign);
    for foreign in ["", "été", "zzzzzzzzzzzz00", "000000002710"] {
        assert_eq!(nonces.check(made, foreign, phone), Freshness::Foreign, "{foreign}");
    }
}

const BOTH: [Algorithm; 2] = [Algorithm::Sha256, Algorithm::Md5];
