use serde_json::json;

use super::*;

async fn promise(town: &Town, fields: Value) -> Got {
    let mut body = json!({ "number": "0612345678", "queue": "mairie/agents" });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    town.here_with("POST /api/v1/callbacks/by-agent", &body.to_string()).await
}

#[tokio::test]
async fn an_agent_promises_a_citizen_a_call_also_for_a_queue_that_is_not_on_the_web() {
    let town = Town::with(|_| {}).await;
    let got = promise(&town, json!({ "reason": "dossier  CAF" })).await;
    assert_eq!(got.status, StatusCode::CREATED, "{got:?}");
    assert_eq!(got.json(), json!({ "id": 1, "slot": null }));
    let one = town.here("GET /api/v1/callbacks/1").await.json();
    let told = [&one["source"], &one["number"], &one["reason"], &one["state"]].map(|value| value.as_str().unwrap());
    assert_eq!(told, ["agent", "+33612345678", "dossier CAF", "kept"]);
}

#[tokio::test]
async fn a_number_that_has_a_ticket_is_promised_that_one() {
    let town = Town::new().await;
    let times = town.here("GET /api/v1/callbacks/by-agent?queue=mairie/agents").await.json();
    let later = times["slots"][0]["when"].clone();
    let first = promise(&town, json!({ "when": later })).await.json();
    assert_eq!(first["id"], 1);
    assert_eq!(promise(&town, json!({})).await.json(), first, "at its own time");
}

#[tokio::test]
async fn an_agent_chooses_among_the_times_that_have_room() {
    let town = Town::new().await;
    let times = town.here("GET /api/v1/callbacks/by-agent?queue=mairie/agents").await.json();
    let first = &times["slots"][0];
    let got = promise(&town, json!({ "when": first["when"] })).await.json();
    assert_eq!(got["slot"], json!({ "from": first["from"], "to": first["to"] }), "{times}");
}

#[tokio::test]
async fn what_an_agent_can_not_promise_is_told() {
    let town = Town::new().await;
    let why = async |fields: Value| {
        let got = promise(&town, fields).await;
        let json = got.json();
        (got.status.as_u16(), json["errors"][0]["why"].as_str().or(json["type"].as_str()).unwrap().to_owned())
    };
    assert_eq!(why(json!({ "number": "0899123456" })).await, (422, "premium".into()));
    assert_eq!(why(json!({ "when": "yesterday" })).await, (422, "taken-time".into()));
    assert_eq!(why(json!({ "reason": "x".repeat(2_000) })).await, (422, "long-reason".into()));
    assert_eq!(why(json!({ "queue": "mairie/nobody" })).await, (404, "urn:svi:problem:no-queue".into()));
    town.store.close().await;
    assert_eq!(why(json!({})).await, (503, "urn:svi:problem:not-now".into()));
}

#[tokio::test]
async fn what_agents_promise_is_for_this_machine_or_the_token_alone() {
    let town = Town::new().await;
    for what in ["GET /api/v1/callbacks/by-agent?queue=mairie/agents", "POST /api/v1/callbacks/by-agent"] {
        assert_eq!(town.call(what, &["Host: localhost"], "{}").await.status, StatusCode::UNAUTHORIZED, "{what}");
    }
}
