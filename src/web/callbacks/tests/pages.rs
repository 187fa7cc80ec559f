use super::*;
use crate::base::Language;
use crate::queue::wait::Glance;
use crate::server::Outlook;
use crate::server::clock;
use crate::speech::Wait;
use crate::web::callbacks::office::Filled;
use crate::web::callbacks::view::Form;

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
const GOOD: &str = "queue=mairie%2Fagents&number=06+12+34+56+78&reason=&when=soon&consent=yes&website=";

async fn page(town: &Town, path: &str) -> Got {
    town.call(&format!("GET {path}"), &[], "").await
}

async fn send(town: &Town, path: &str, body: &str) -> Got {
    town.call(&format!("POST {path}"), &[FORM], body).await
}

/// What stands between the two first places of these texts.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no `{before}` in {text}")).1;
    rest.split_once(after).unwrap().0
}

#[tokio::test]
async fn the_form_speaks_french_and_english_and_the_browser_s_language_is_followed() {
    let town = Town::new().await;
    let french = page(&town, "/rappel").await;
    assert!(french.body.contains("<html lang=\"fr\">") && french.body.contains("Être rappelé"), "{french:?}");
    assert!(page(&town, "/callback").await.body.contains("<html lang=\"en\">"));
    let english = town.call("GET /rappel", &["Accept-Language: en-GB,en;q=0.9,fr;q=0.8"], "").await;
    assert_eq!((english.status, english.header("location")), (StatusCode::SEE_OTHER, "/callback"));
    assert_eq!(english.header("vary"), "Accept-Language");
    for wanted in ["fr-FR,fr;q=0.9,en;q=0.8", "de", "en;q=0.5,fr"] {
        let got = town.call("GET /rappel", &[&format!("Accept-Language: {wanted}")], "").await;
        assert_eq!(got.status, StatusCode::OK, "{wanted}");
    }
    let back = town.call("GET /rappel?lang=fr", &["Accept-Language: en"], "").await;
    assert_eq!(back.status, StatusCode::OK, "the link to French leads to French");
}

#[tokio::test]
async fn what_comes_from_outside_is_escaped() {
    let town = Town::new().await;
    let got =
        send(&town, "/rappel", "queue=mairie%2Fagents&number=%22%3E%3Cscript%3E&reason=%3C%2Ftextarea%3E%3Cb%3E").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.body.contains("value=\"&quot;&gt;&lt;script&gt;\"") && got.body.contains("&lt;/textarea&gt;&lt;b&gt;"));
    assert!(got.body.contains("Mairie &lt;de&gt; Test") && !got.body.contains("<script") && !got.body.contains("<de>"));
}

#[tokio::test]
async fn faults_stand_beside_their_fields_and_in_a_summary_that_leads_to_them() {
    let town = Town::new().await;
    let got = send(&town, "/callback", "queue=mairie%2Fagents&number=0892123456&reason=un+passeport").await;
    let body = &got.body;
    assert!(body.contains("<title>Error: Get a call back"), "{body}");
    let summary = between(body, "role=\"alert\"", "</div>");
    for (field, anchor) in [("number", "number"), ("when", "when-0"), ("consent", "consent")] {
        assert!(
            summary.contains(&format!("href=\"#{anchor}\"")) && body.contains(&format!("id=\"{anchor}\"")),
            "{anchor}"
        );
        assert!(body.contains(&format!("id=\"{field}-fault\"")), "{field}");
    }
    assert!(body.contains("aria-describedby=\"number-fault number-hint\" aria-invalid=\"true\""));
    assert!(body.contains(">un passeport</textarea>"), "what was typed stays");
}

#[tokio::test]
async fn the_confirmation_has_the_code_and_the_code_shows_and_cancels_the_request() {
    let town = Town::new().await;
    let got = send(&town, "/rappel", GOOD).await;
    assert_eq!(got.status, StatusCode::CREATED, "{got:?}");
    assert!(got.body.contains("06\u{a0}12\u{a0}34\u{a0}56\u{a0}78") && got.body.contains("dès que possible"));
    let code = between(&got.body, "<p class=\"code\">", "</p>").to_owned();
    let seen = send(&town, "/callback/follow", &format!("code={code}")).await;
    assert!(seen.body.contains("Noted: we will call you.") && seen.body.contains("ends in 78"), "{seen:?}");
    assert!(!seen.body.contains("612345678"), "the number is masked for whoever has found the code");
    let gone = send(&town, "/rappel/annuler", &format!("code={code}")).await;
    assert!(gone.status == StatusCode::OK && gone.body.contains("Votre demande est annulée"), "{gone:?}");
    assert!(town.store.open_tickets().await.unwrap().is_empty());
    let seen = send(&town, "/rappel/suivi", &format!("code={code}")).await;
    assert!(seen.body.contains("Annulée.") && !seen.body.contains("/rappel/annuler"));
    for (typed, status) in [("", StatusCode::UNPROCESSABLE_ENTITY), ("0000", StatusCode::NOT_FOUND)] {
        let got = send(&town, "/rappel/suivi", &format!("code={typed}")).await;
        assert!(got.status == status && got.body.contains("id=\"code-fault\""), "{got:?}");
    }
}

#[tokio::test]
async fn a_robot_that_fills_every_field_is_not_served() {
    let town = Town::new().await;
    let got = send(&town, "/rappel", &format!("{GOOD}http://spam.example")).await;
    assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.body.contains("Laissez ce champ vide."));
    assert!(town.store.open_tickets().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_form_that_another_site_sends_asks_for_nothing() {
    let town = Town::new().await;
    let lines = [FORM, "Host: rappel.example", "Sec-Fetch-Site: cross-site"];
    let got = town.call("POST /rappel", &lines, GOOD).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(town.store.open_tickets().await.unwrap().is_empty());
    let own = [FORM, "Host: rappel.example", "Sec-Fetch-Site: same-origin"];
    assert_eq!(town.call("POST /rappel", &own, GOOD).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn browsers_run_nothing_and_show_the_pages_in_frames_of_allowed_sites_only() {
    let town = Town::new().await;
    let got = page(&town, "/rappel").await;
    let policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!((got.header("content-security-policy"), got.header("x-frame-options")), (policy, "DENY"));
    assert_eq!((got.header("referrer-policy"), got.header("cache-control")), ("same-origin", "no-store"));
    let embedded = Town::with(|settings| {
        two_queues(settings);
        settings.web.embed = vec!["https://www.mairie.example".into()];
    })
    .await;
    let got = page(&embedded, "/callback").await;
    assert!(got.header("content-security-policy").ends_with("frame-ancestors 'self' https://www.mairie.example"));
    assert_eq!(got.header("x-frame-options"), "");
    assert_eq!(page(&town, "/rappel/style.css").await.header("content-type"), "text/css; charset=utf-8");
}

#[tokio::test]
async fn where_there_are_several_queues_the_service_is_chosen_first() {
    let town = Town::with(two_queues).await;
    let got = page(&town, "/callback").await;
    assert!(got.body.contains("/callback?service=mairie%2Ftitres\">Residence permits</a>"), "{}", got.body);
    let form = page(&town, "/callback?service=mairie%2Ftitres").await;
    assert!(form.body.contains("name=\"queue\" value=\"mairie/titres\""));
    assert!(form.body.contains("/rappel?service=mairie%2Ftitres&amp;lang=fr"), "the other language keeps the choice");
}

#[tokio::test]
async fn who_can_not_be_served_is_told_that_nothing_is_noted_and_how_to_call() {
    let town = Town::new().await;
    town.store.close().await;
    let got = send(&town, "/rappel", GOOD).await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(got.body.contains("nous ne vous rappellerons pas") && got.body.contains("href=\"tel:+33143124567\""));
    assert!(!got.body.contains("est enregistrée"));
}

#[tokio::test]
async fn the_present_wait_is_shown_where_it_is_known_and_nothing_is_said_where_not() {
    let town = Town::new().await;
    let office = &town.office;
    let shown = |wait| {
        let (offer, filled) = (office.offer(None).unwrap(), Filled::default());
        let (language, now) = (Language::Fr, clock::wall());
        let outlook = Outlook { glance: Glance { wait, quiet: None }, ..Outlook::default() };
        Form { language, office, offer, outlook, now, filled: &filled, faults: &[] }.view().into_string()
    };
    let told = shown(Some(Wait::Between(5, 10)));
    assert!(told.contains("Attente en ce moment : <strong>de 5 à 10\u{a0}minutes</strong>"), "{told}");
    assert!(!shown(None).contains("Attente"));
    assert!(!page(&town, "/rappel").await.body.contains("Attente"), "nobody has waited yet");
}
