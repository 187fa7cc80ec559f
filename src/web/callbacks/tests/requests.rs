use serde_json::{Value, json};

use super::*;

const JSON: &[&str] = &["Content-Type: application/json"];
const NUMBER: &str = "06 12 34 56 78";

fn wish(number: &str) -> Value {
    json!({ "number": number, "when": "soon", "consent": true, "reason": " une carte \n d'identité" })
}

async fn ask(town: &Town, body: &Value) -> Got {
    town.call("POST /api/v1/callbacks", JSON, &body.to_string()).await
}

async fn mine(town: &Town, method: &str, code: &str) -> Got {
    town.call(&format!("{method} /api/v1/callbacks/mine"), &[&format!("Callback-Code: {code}")], "").await
}

fn code(got: &Got) -> String {
    got.json()["code"].as_str().unwrap_or_else(|| panic!("{got:?}")).to_owned()
}

#[tokio::test]
async fn a_promise_is_answered_once_it_is_on_the_disk_and_only_the_hash_of_its_code_is() {
    let town = Town::new().await;
    let got = ask(&town, &wish(NUMBER)).await;
    assert_eq!(got.status, StatusCode::CREATED, "{got:?}");
    let (body, code) = (got.json(), code(&got));
    assert_eq!(
        (&body["number"], &body["slot"], &body["state"]),
        (&"+33•••••••78".into(), &Value::Null, &"noted".into())
    );
    assert_eq!(got.header("cache-control"), "no-store");
    let rows = town.store.open_tickets().await.unwrap();
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(row.number.as_ref().unwrap().reveal().as_str(), "+33612345678");
    assert_eq!((row.source.as_str(), &row.rest["reason"]), ("web", &"une carte d'identité".into()));
    let hash = row.code.clone().unwrap();
    assert!(hash.len() == 64 && !hash.contains(&code.replace('-', "").to_lowercase()));
}

#[tokio::test]
async fn what_is_wrong_is_told_for_every_field_at_once() {
    let town = Town::new().await;
    let got = ask(&town, &json!({ "number": "0892 12 34 56", "reason": "x".repeat(201), "language": "en" })).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(got.header("content-type"), "application/problem+json");
    let body = got.json();
    let errors: Vec<_> =
        body["errors"].as_array().unwrap().iter().map(|e| format!("{} {}", e["field"], e["why"])).collect();
    assert_eq!(
        errors,
        [r#""number" "premium""#, r#""reason" "long-reason""#, r#""when" "no-time""#, r#""consent" "no-consent""#]
    );
    assert_eq!(body["errors"][0]["detail"], "We don’t call premium-rate numbers. Enter another one.");
    for (number, why) in [
        ("", "no-number"),
        ("12", "not-personal"),
        ("0612", "no-number"),
        ("06 12 abc", "no-number"),
        ("+32 2 512 34 56", "abroad"),
        ("3939", "not-personal"),
        ("0800 12 34 56", "not-personal"),
    ] {
        let got = ask(&town, &wish(number)).await;
        assert_eq!(got.json()["errors"][0]["why"], why, "{number}");
    }
    assert!(town.store.open_tickets().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_its_reason() {
    let town = Town::new().await;
    for (lines, body, status) in [
        (JSON, "{", StatusCode::BAD_REQUEST),
        (JSON, r#"{"numero": "1"}"#, StatusCode::UNPROCESSABLE_ENTITY),
        (&[][..], "number=1", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (JSON, &format!(r#"{{"number": "{}"}}"#, "1".repeat(5_000)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let got = town.call("POST /api/v1/callbacks", lines, body).await;
        assert_eq!((got.status, got.header("content-type")), (status, "application/problem+json"), "{body:.40}");
    }
}

#[tokio::test]
async fn a_slot_is_taken_only_when_it_is_offered() {
    let town = Town::new().await;
    let offers = town.call("GET /api/v1/callbacks/offers", &[], "").await.json();
    let slots = offers["offers"][0]["slots"].as_array().unwrap().clone();
    assert_eq!((slots.len(), &offers["offers"][0]["queue"]), (4, &"mairie/agents".into()));
    let mut body = wish(NUMBER);
    body["when"] = slots[1]["when"].clone();
    let got = ask(&town, &body).await;
    assert_eq!(got.status, StatusCode::CREATED, "{got:?}");
    assert_eq!(got.json()["slot"], json!({ "from": slots[1]["from"], "to": slots[1]["to"] }));
    body["when"] = "1".into();
    assert_eq!(ask(&town, &body).await.json()["errors"][0]["why"], "taken-time");
}

#[tokio::test]
async fn when_no_more_can_be_noted_nobody_learns_which_number_has_a_ticket() {
    let rules = Rules { per_source: 1, ..Rules::default() };
    let town = Town::of(rules, |settings| {
        settings.web.callbacks = vec![Offered { queue: "mairie/agents".into(), name: None }];
    })
    .await;
    assert_eq!(ask(&town, &wish(NUMBER)).await.status, StatusCode::CREATED);
    for number in [NUMBER, "0612345679"] {
        assert_eq!(ask(&town, &wish(number)).await.status, StatusCode::SERVICE_UNAVAILABLE, "{number}");
    }
}

#[tokio::test]
async fn nobody_learns_whether_a_number_has_a_ticket() {
    let town = Town::new().await;
    let (first, second) = (ask(&town, &wish(NUMBER)).await, ask(&town, &wish("+33 6 12 34 56 78")).await);
    let shape = |got: &Got| {
        let mut body = got.json();
        body["code"] = Value::Null;
        (got.status, body)
    };
    assert_eq!(shape(&first), shape(&second));
    assert_eq!(town.store.open_tickets().await.unwrap().len(), 1, "one ticket");
    let codes = [code(&first), code(&second)];
    assert_ne!(codes[0], codes[1]);
    let seen = async |code: &str| {
        let mut body = mine(&town, "GET", code).await.json();
        body["asked"] = Value::Null;
        body
    };
    assert_eq!(seen(&codes[0]).await, seen(&codes[1]).await);
    assert_eq!(seen(&codes[0]).await["state"], "noted");

    let gone = mine(&town, "DELETE", &codes[1]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(seen(&codes[1]).await["state"], "cancelled");
    assert_eq!(town.store.open_tickets().await.unwrap().len(), 1, "the ticket of somebody else stands");
    assert_eq!(seen(&codes[0]).await["state"], "noted");
}

#[tokio::test]
async fn the_owner_of_the_code_sees_and_cancels_the_ticket() {
    let town = Town::new().await;
    let code = code(&ask(&town, &wish(NUMBER)).await);
    let seen = mine(&town, "GET", &code.to_lowercase()).await;
    assert_eq!((seen.json()["state"].as_str(), seen.header("cache-control")), (Some("noted"), "no-store"));
    assert_eq!(mine(&town, "DELETE", &code).await.status, StatusCode::NO_CONTENT);
    assert!(town.store.open_tickets().await.unwrap().is_empty());
    assert_eq!(mine(&town, "GET", &code).await.json()["state"], "cancelled");
    assert_eq!(mine(&town, "DELETE", &code).await.status, StatusCode::NO_CONTENT, "again, as after a lost answer");
    for wrong in ["0000-0000-0000-0000", "x", ""] {
        let got = mine(&town, "GET", wrong).await;
        assert_eq!(
            (got.status, got.json()["type"].as_str()),
            (StatusCode::NOT_FOUND, Some("urn:svi:problem:no-request"))
        );
    }
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back_and_how_else_to_reach_us() {
    let town = Town::with(|settings| {
        two_queues(settings);
        settings.web.callbacks.truncate(1);
        settings.web.per_address = 2;
    })
    .await;
    for number in ["0612345671", "0612345672"] {
        assert_eq!(ask(&town, &wish(number)).await.status, StatusCode::CREATED);
    }
    let got = ask(&town, &wish("0612345673")).await;
    assert_eq!(got.status, StatusCode::TOO_MANY_REQUESTS);
    let again: u64 = got.header("retry-after").parse().unwrap();
    assert!((1_700..=1_801).contains(&again), "{again}");
    assert_eq!(got.json()["phones"], json!(["+33143124567"]));
    assert_eq!(town.store.open_tickets().await.unwrap().len(), 2);
    // Another address has its own; what it claims to forward is not believed.
    let body = wish("0612345673").to_string();
    let lines = ["Content-Type: application/json", "X-Forwarded-For: 198.51.100.7"];
    let other = town.from("203.0.113.5", "POST /api/v1/callbacks", &lines, &body).await;
    assert_eq!(other.status, StatusCode::CREATED);
    let behind = town.from("127.0.0.1", "POST /api/v1/callbacks", &lines, &body).await;
    assert_eq!(behind.status, StatusCode::TOO_MANY_REQUESTS, "the proxy of this machine is");
}

#[tokio::test]
async fn a_number_that_asked_too_often_is_refused_in_the_same_words_as_an_address() {
    let town = Town::new().await;
    for _ in 0..6 {
        let code = code(&ask(&town, &wish(NUMBER)).await);
        assert_eq!(mine(&town, "DELETE", &code).await.status, StatusCode::NO_CONTENT);
    }
    let got = ask(&town, &wish(NUMBER)).await;
    assert_eq!(
        (got.status, got.json()["type"].as_str()),
        (StatusCode::TOO_MANY_REQUESTS, Some("urn:svi:problem:too-many"))
    );
}

#[tokio::test]
async fn nothing_is_promised_when_it_can_not_be_written_down_and_another_way_is_told() {
    let town = Town::new().await;
    town.store.close().await;
    let got = ask(&town, &wish(NUMBER)).await;
    assert_eq!(
        (got.status, got.json()["type"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("urn:svi:problem:not-now"))
    );
    assert_eq!((&got.json()["phones"], &got.json()["opening_hours"]), (&json!(["+33143124567"]), &json!("24/7")));
    assert_eq!(mine(&town, "GET", "0000-0000-0000-0000").await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn where_there_are_several_queues_one_is_to_be_named() {
    let town = Town::with(two_queues).await;
    assert_eq!(ask(&town, &wish(NUMBER)).await.json()["errors"][0]["why"], "no-queue");
    let mut body = wish(NUMBER);
    body["queue"] = "mairie/titres".into();
    assert_eq!(ask(&town, &body).await.json()["queue"], "mairie/titres");
    body["queue"] = "mairie/other".into();
    assert_eq!(ask(&town, &body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
