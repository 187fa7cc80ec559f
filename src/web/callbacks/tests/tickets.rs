use serde_json::json;

use super::*;

async fn asked(town: &Town, numbers: &[&str]) {
    for number in numbers {
        let body = json!({ "number": number, "when": "soon", "consent": true, "queue": "mairie/agents" }).to_string();
        let got = town.call("POST /api/v1/callbacks", &["Content-Type: application/json"], &body).await;
        assert_eq!(got.status, StatusCode::CREATED, "{got:?}");
    }
}

async fn ids(town: &Town, query: &str) -> Vec<u64> {
    let body = town.here(&format!("GET /api/v1/callbacks{query}")).await.json();
    body["callbacks"].as_array().unwrap().iter().map(|line| line["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn tickets_are_for_this_machine_or_the_token_alone() {
    let town = Town::new().await;
    for what in ["GET /api/v1/callbacks", "GET /api/v1/callbacks/1", "DELETE /api/v1/callbacks/1"] {
        assert_eq!(town.call(what, &["Host: localhost"], "").await.status, StatusCode::UNAUTHORIZED, "{what}");
    }
}

#[tokio::test]
async fn tickets_are_listed_shown_and_cancelled() {
    let town = Town::new().await;
    asked(&town, &["0612345671", "0612345672", "0612345673"]).await;
    assert_eq!(ids(&town, "").await, [3, 2, 1]);
    assert_eq!(ids(&town, "?limit=2").await, [3, 2]);
    let page = town.here("GET /api/v1/callbacks?limit=2").await.json();
    assert_eq!(page["before"], 2);
    assert_eq!(ids(&town, "?limit=2&before=2").await, [1]);
    assert_eq!(ids(&town, "?state=kept&queue=mairie/agents").await, [3, 2, 1]);
    assert_eq!(ids(&town, "?queue=mairie/titres").await, [0; 0]);
    let one = town.here("GET /api/v1/callbacks/2").await.json();
    assert_eq!(
        (&one["state"], &one["number"], &one["source"]),
        (&"kept".into(), &"+33612345672".into(), &"web".into())
    );
    assert_eq!((&one["slot"], &one["attempts"], &one["why"]), (&Value::Null, &0.into(), &Value::Null));

    assert_eq!(town.here("DELETE /api/v1/callbacks/2?by=cli").await.status, StatusCode::NO_CONTENT);
    let one = town.here("GET /api/v1/callbacks/2").await.json();
    assert_eq!((&one["state"], &one["why"]), (&"cancelled".into(), &"cancelled".into()));
    assert_eq!((ids(&town, "?state=open").await, ids(&town, "?state=cancelled").await), (vec![3, 1], vec![2]));
}

#[tokio::test]
async fn what_can_not_be_cancelled_or_listed_says_why() {
    let town = Town::new().await;
    asked(&town, &["0612345671"]).await;
    assert_eq!(town.here("DELETE /api/v1/callbacks/1").await.status, StatusCode::NO_CONTENT);
    let again = town.here("DELETE /api/v1/callbacks/1").await;
    assert_eq!((again.status, again.json()["title"].as_str()), (StatusCode::CONFLICT, Some("this callback is over")));
    for what in ["GET /api/v1/callbacks/9", "DELETE /api/v1/callbacks/9"] {
        assert_eq!(town.here(what).await.status, StatusCode::NOT_FOUND, "{what}");
    }
    let word = town.here("GET /api/v1/callbacks?state=lost").await;
    assert_eq!(
        (word.status, word.json()["type"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("urn:svi:problem:no-state"))
    );
    assert_eq!(town.here("GET /api/v1/callbacks?sort=x").await.status, StatusCode::BAD_REQUEST);
}
