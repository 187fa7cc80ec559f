//! The citizens' pages: `/rappel` and `/callback` with what is below them.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Form, Query, Request, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;
use serde::Deserialize;

use super::faults::Trouble;
use super::gate::{read_code, spaced};
use super::office::{Consent, Filled, Offer, Office};
use super::problem::retry_after;
use super::seen::Withdrawn;
use super::source::{client, is_of_another_site};
use super::view::{self, Frame, PATHS, STYLE, ask_path, say};
use super::view_code::{self, NotShown};
use crate::base::{Language, limits};
use crate::server::clock;
use crate::web::pages::WebState;

pub(super) fn routes(state: &WebState) -> Router<WebState> {
    let mut routes = Router::new().route(STYLE, get(style));
    for language in Language::ALL {
        let paths = &PATHS[language as usize];
        routes = routes
            .route(paths.ask, get(move |state, query, headers| show(state, query, headers, language)))
            .route(paths.ask, post(move |state, come, form| ask(state, come, form, language)))
            .route(paths.follow, get(move |state| code(state, language)))
            .route(paths.follow, post(move |state, come, form| follow(state, come, form, language)))
            .route(paths.cancel, post(move |state, come, form| cancel(state, come, form, language)));
    }
    routes
        .route_layer(DefaultBodyLimit::max(limits::FORM_BYTES))
        .route_layer(from_fn_with_state(state.callbacks.clone(), frame))
}

/// From where a request comes.
#[derive(Debug)]
struct Come {
    peer: Option<SocketAddr>,
    headers: HeaderMap,
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Come {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        let extensions: &Extensions = &parts.extensions;
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        Ok(Self { peer, headers: parts.headers.clone() })
    }
}

/// Refuses forms of other sites, and says what a browser may do with a page.
async fn frame(State(office): State<Office>, request: Request, next: Next) -> Response {
    let foreign = request.method() == axum::http::Method::POST && is_of_another_site(request.headers());
    let mut response = if foreign {
        let why = "Ce formulaire vient d’un autre site.\nThis form comes from another site.\n";
        (StatusCode::FORBIDDEN, why).into_response()
    } else {
        next.run(request).await
    };
    let ancestors = super::ancestors(&office);
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let fixed = [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::REFERRER_POLICY, "same-origin")];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if office.0.embed.is_empty() {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("style.css"))
}

#[derive(Debug, Default, Deserialize)]
struct Chosen {
    service: Option<String>,
    /// `fr` for who wants French although the browser prefers English.
    lang: Option<String>,
}

async fn show(
    State(state): State<WebState>,
    Query(chosen): Query<Chosen>,
    headers: HeaderMap,
    language: Language,
) -> Response {
    let office = &state.callbacks;
    if language == Language::Fr && chosen.lang.is_none() && prefers_english(&headers) {
        let service = chosen.service.as_deref().and_then(|queue| office.offer(Some(queue)));
        let to = service.map_or_else(|| PATHS[1].ask.to_owned(), |offer| ask_path(Language::En, offer));
        return ([(header::VARY, "Accept-Language")], Redirect::to(&to)).into_response();
    }
    let mut response = match office.offer(chosen.service.as_deref()) {
        Some(offer) => form(office, offer, (&Filled::default(), &[]), language).await,
        None => {
            let frame = Frame { other: other_ask(language, None), ..plain(office, language, title(language)) };
            page(StatusCode::OK, &frame, &view::services(office, language))
        }
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    response
}

/// Whether English comes before French in what the browser's user reads.
fn prefers_english(headers: &HeaderMap) -> bool {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let weight = |code: &str| {
        let ranges = wanted.split(',').filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next()?.split('-').next()?;
            let q = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            tag.eq_ignore_ascii_case(code).then_some(q)
        });
        ranges.fold(0.0, f32::max)
    };
    weight("en") > weight("fr")
}

async fn form(
    office: &Office,
    offer: &Offer,
    (filled, faults): (&Filled, &[super::faults::Fault]),
    language: Language,
) -> Response {
    let outlook = office.outlook(offer, language).await;
    let now = clock::wall();
    let form = view::Form { language, office, offer, outlook, now, filled, faults };
    let asked = title(language);
    let wrong = format!("{}{asked}", say(language, "Erreur : ", "Error: "));
    let (status, title) = match faults {
        [] => (StatusCode::OK, asked),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, wrong.as_str()),
    };
    let frame = Frame { language, title, name: offer.name.get(language), other: other_ask(language, Some(offer)) };
    page(status, &frame, &form.view())
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    number: String,
    #[serde(default)]
    reason: String,
    queue: Option<String>,
    #[serde(default)]
    when: String,
    consent: Option<String>,
    #[serde(default)]
    website: String,
}

async fn ask(
    State(state): State<WebState>,
    come: Come,
    fields: Result<Form<Fields>, FormRejection>,
    language: Language,
) -> Response {
    let Fields { number, reason, queue, when, consent, website: trap } = match fields {
        Ok(Form(fields)) => fields,
        Err(wrong) => return (wrong.status(), wrong.body_text()).into_response(),
    };
    let consent = if consent.is_some() { Consent::Given } else { Consent::NotGiven };
    let filled = Filled { number, reason, queue, when, consent, trap };
    let office = &state.callbacks;
    let Some(offer) = office.offer(filled.queue.as_deref()) else {
        return Redirect::to(PATHS[language as usize].ask).into_response();
    };
    let from = client(come.peer, &come.headers, &office.0.proxies);
    let trouble = match office.ask(from, &filled, language).await {
        Ok(noted) => {
            let title = say(language, "Votre demande est enregistrée", "Your request is noted");
            let frame =
                Frame { language, title, name: offer.name.get(language), other: other_ask(language, Some(offer)) };
            return page(StatusCode::CREATED, &frame, &view::noted(language, &noted));
        }
        Err(Trouble::Faults(faults)) => return form(office, offer, (&filled, &faults), language).await,
        Err(trouble) => trouble,
    };
    let status = match trouble {
        Trouble::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Trouble::Faults(_) | Trouble::NotNow => StatusCode::SERVICE_UNAVAILABLE,
    };
    let title = say(language, "Votre demande n’est pas enregistrée", "Your request is not noted");
    let frame = Frame { language, title, name: offer.name.get(language), other: other_ask(language, Some(offer)) };
    let mut response = page(status, &frame, &view::trouble(language, &trouble, offer, clock::wall()));
    if let Some(seconds) = retry_after(&trouble) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
}

async fn code(State(state): State<WebState>, language: Language) -> Response {
    code_page(&state.callbacks, language, (StatusCode::OK, None))
}

fn code_page(office: &Office, language: Language, (status, wrong): (StatusCode, Option<NotShown>)) -> Response {
    let asked = say(language, "Suivre ou annuler une demande", "See or cancel a request");
    let told = format!("{}{asked}", say(language, "Erreur : ", "Error: "));
    let title = if wrong.is_some() { told.as_str() } else { asked };
    page(status, &plain(office, language, title), &view_code::ask(language, wrong))
}

async fn follow(
    State(state): State<WebState>,
    come: Come,
    typed: Result<Form<Code>, FormRejection>,
    language: Language,
) -> Response {
    let office = &state.callbacks;
    match shown(office, &come, typed).await {
        Ok((code, seen)) => {
            let frame = plain(office, language, say(language, "Votre demande de rappel", "Your callback request"));
            page(StatusCode::OK, &frame, &view_code::seen(language, &seen, &spaced(&code), clock::wall()))
        }
        Err(wrong) => code_page(office, language, not_shown(wrong)),
    }
}

async fn cancel(
    State(state): State<WebState>,
    come: Come,
    typed: Result<Form<Code>, FormRejection>,
    language: Language,
) -> Response {
    let office = &state.callbacks;
    let (code, seen) = match shown(office, &come, typed).await {
        Ok(found) => found,
        Err(wrong) => return code_page(office, language, not_shown(wrong)),
    };
    let withdrawn = office.withdraw(&code, &seen).await;
    let status = match withdrawn {
        Withdrawn::Done => StatusCode::OK,
        Withdrawn::TooLate | Withdrawn::Over => StatusCode::CONFLICT,
        Withdrawn::NotNow => StatusCode::SERVICE_UNAVAILABLE,
    };
    let frame = plain(office, language, say(language, "Annuler une demande", "Cancel a request"));
    page(status, &frame, &view_code::withdrawn(language, withdrawn))
}

async fn shown<'s>(
    office: &'s Office,
    come: &Come,
    typed: Result<Form<Code>, FormRejection>,
) -> Result<(crate::base::Private<String>, super::seen::Seen<'s>), NotShown> {
    let typed = typed.map_or_else(|_| String::new(), |Form(typed)| typed.code);
    if typed.trim().is_empty() {
        return Err(NotShown::NoCode);
    }
    let from = client(come.peer, &come.headers, &office.0.proxies);
    office.0.gate.shows_code(from).await.map_err(|_| NotShown::TooMany)?;
    let code = read_code(&typed).ok_or(NotShown::Unknown)?;
    let seen = office.seen(&code).await.map_err(|_| NotShown::NotNow)?;
    Ok((code, seen.ok_or(NotShown::Unknown)?))
}

fn not_shown(wrong: NotShown) -> (StatusCode, Option<NotShown>) {
    let status = match wrong {
        NotShown::NoCode => StatusCode::UNPROCESSABLE_ENTITY,
        NotShown::Unknown => StatusCode::NOT_FOUND,
        NotShown::TooMany => StatusCode::TOO_MANY_REQUESTS,
        NotShown::NotNow => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Some(wrong))
}

fn title(language: Language) -> &'static str {
    say(language, "Être rappelé", "Get a call back")
}

/// A page that is about no queue.
fn plain<'a>(office: &'a Office, language: Language, title: &'a str) -> Frame<'a> {
    let name = match &office.0.offers[..] {
        [only] => only.name.get(language),
        _ => say(language, "Rappel téléphonique", "Phone callback"),
    };
    let other = match language {
        Language::Fr => PATHS[1].follow.to_owned(),
        Language::En => PATHS[0].follow.to_owned(),
    };
    Frame { language, title, name, other }
}

/// The form in the other language.
fn other_ask(language: Language, offer: Option<&Offer>) -> String {
    let other = match language {
        Language::Fr => Language::En,
        Language::En => Language::Fr,
    };
    let path = offer.map_or_else(|| PATHS[other as usize].ask.to_owned(), |offer| ask_path(other, offer));
    match (other, offer) {
        (Language::Fr, Some(_)) => format!("{path}&lang=fr"),
        (Language::Fr, None) => format!("{path}?lang=fr"),
        (Language::En, _) => path,
    }
}

fn page(status: StatusCode, frame: &Frame<'_>, main: &Markup) -> Response {
    (status, Html(frame.page(main).into_string())).into_response()
}
