//! The question that only people answer, through the proxy and with a service of our own.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::proxy::*;
use proofhouse_protocol::WaasEffect;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

struct FakeClock(Mutex<Instant>);

impl FakeClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Instant::now())))
    }

    fn advance(&self, hours: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(hours * 3600);
    }
}

impl proofhouse_waas::Clock for FakeClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

/// Says yes to tokens that begin with `human`, of whoever knows the secret.
async fn service() -> App {
    App::start(|request| {
        let text = String::from_utf8_lossy(request).into_owned();
        let right = text.contains("secret=hush%2Fhush&response=human");
        let said = if right {
            json!({"success": true})
        } else {
            json!({"success": false, "error-codes": ["invalid-input-response"]})
        };
        let said = said.to_string();
        Answer::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}", said.len()).into_bytes())
    })
    .await
}

fn asking(more: Value, others: Value) -> Value {
    let mut question = json!({"enabled": true, "siteKey": "6LcSite", "secretKey": {"plain": "hush/hush"}});
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut bots = json!({"reCAPTCHASpec": question});
    bots.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    json!({"sessionCookieEnabled": true, "botProtectionSpec": bots})
}

fn everybody() -> Value {
    asking(json!({"allSessions": true}), json!({}))
}

fn curls() -> Value {
    asking(json!({}), json!({"unknownBotProtectionSpec": {"httpLibraries": "reCAPTCHA"}}))
}

struct Site {
    edge: Edge,
    clock: Arc<FakeClock>,
    app: App,
}

impl Site {
    async fn of(spec: Value, service: &App) -> Self {
        let (app, clock) = (App::hello().await, FakeClock::new());
        let address = format!("http://127.0.0.1:{}/siteverify?x", service.port);
        let edge = Edge::start_asking(&address, app.port, spec, clock.clone()).await;
        Self { edge, clock, app }
    }

    async fn ask(&self, method: &str, client: &str, cookie: &str, form: &str) -> String {
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        let body = match form {
            "" => String::from("\r\n"),
            form => format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
                form.len()
            ),
        };
        let head = format!(
            "{method} /page?a=b HTTP/1.1\r\nHost: h\r\nUser-Agent: curl/8\r\nX-Forwarded-For: {client}\r\n{cookie}{body}"
        );
        self.edge.raw(head).await
    }

    async fn get(&self, cookie: &str) -> String {
        self.ask("GET", "203.0.113.7", cookie, "").await
    }

    /// Posts a token, and gives the answer.
    async fn answer(&self, cookie: &str, token: &str) -> String {
        self.ask("POST", "203.0.113.7", cookie, &format!("g-recaptcha-response={token}")).await
    }

    async fn told(&mut self) -> Vec<(String, WaasEffect, String)> {
        let audits = self.edge.audits().await;
        audits.into_iter().map(|audit| (audit.kind, audit.effect, audit.msg)).collect()
    }
}

fn crumb(answer: &str) -> String {
    let set = header(answer, "Set-Cookie").unwrap_or_else(|| panic!("a cookie is set: {answer}"));
    set.split(';').next().unwrap().to_owned()
}

fn told(kind: &str, effect: WaasEffect, message: &str) -> (String, WaasEffect, String) {
    (kind.to_owned(), effect, message.to_owned())
}

#[tokio::test]
async fn who_has_answered_passes_until_the_hours_are_over() {
    let service = service().await;
    let mut site = Site::of(everybody(), &service).await;
    let page = site.get("").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("data-sitekey=\"6LcSite\""), "{page}");
    let first = crumb(&page);
    assert!(site.get(&first).await.contains("data-sitekey"), "a session is no answer");
    let back = site.answer(&first, "human%2B1").await;
    assert!(back.starts_with("HTTP/1.1 303"), "{back}");
    assert_eq!(header(&back, "Location"), Some("/page?a=b"));
    assert!(site.app.seen().is_empty());
    let second = crumb(&back);
    assert!(site.get(&second).await.ends_with("hello"));
    assert!(
        site.ask("POST", "203.0.113.7", &second, "g-recaptcha-response=of-the-app").await.ends_with("hello")
    );
    // The question of the app's own form reaches the app, and not the service.
    assert_eq!(service.seen().len(), 1);
    assert!(service.seen()[0].starts_with("POST /siteverify?x HTTP/1.1\r\n"));
    assert!(service.seen()[0].ends_with("secret=hush%2Fhush&response=human%2B1&remoteip=203.0.113.7"));
    assert!(site.ask("GET", "203.0.113.8", &second, "").await.contains("data-sitekey"), "another client");
    assert!(site.told().await.is_empty());
    site.clock.advance(23);
    assert!(site.get(&second).await.ends_with("hello"));
    site.clock.advance(1);
    assert!(site.get(&second).await.contains("data-sitekey"));
    let (_, counted) = site.edge.waas.statistics();
    assert_eq!((counted.re_captchas, counted.forwarded_requests, counted.blocked_requests), (5, 3, 0));
    assert_eq!(counted.total_requests, 8);
}

#[tokio::test]
async fn only_suspects_are_asked_where_it_is_an_effect() {
    let service = service().await;
    let mut site = Site::of(curls(), &service).await;
    let browser = "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: Mozilla/5.0 Firefox/115.0\r\n\r\n";
    assert!(site.edge.raw(browser).await.ends_with("hello"));
    let page = site.get("").await;
    assert!(page.contains("data-sitekey"), "{page}");
    assert!(site.ask("POST", "203.0.113.7", &crumb(&page), "a=b").await.starts_with("HTTP/1.1 403"));
    assert!(site.ask("DELETE", "203.0.113.7", &crumb(&page), "").await.starts_with("HTTP/1.1 403"));
    let solved = crumb(&site.answer(&crumb(&page), "human").await);
    assert!(site.get(&solved).await.ends_with("hello"));
    let required = |method: &str| {
        let message = format!("{method} request when a reCAPTCHA page is required");
        told("recaptchaRequired", WaasEffect::Prevent, &message)
    };
    assert_eq!(
        site.told().await,
        [
            told(
                "httpLibrary",
                WaasEffect::ReCaptcha,
                "Detected HTTP Library in header User-Agent, value curl/8"
            ),
            required("POST"),
            required("DELETE"),
        ]
    );
    let (_, counted) = site.edge.waas.statistics();
    assert_eq!(
        (counted.re_captchas, counted.action_counts.re_captcha, counted.action_counts.prevent),
        (2, 1, 2)
    );
}

#[tokio::test]
async fn what_is_wrong_or_was_used_lets_nobody_through() {
    let service = service().await;
    let mut site = Site::of(everybody(), &service).await;
    let cookie = crumb(&site.get("").await);
    assert!(site.answer(&cookie, "machine").await.starts_with("HTTP/1.1 403"));
    assert!(site.answer(&cookie, "human").await.starts_with("HTTP/1.1 303"));
    let again = site.answer(&cookie, "human").await;
    assert!(again.starts_with("HTTP/1.1 403") && header(&again, "Set-Cookie").is_none(), "{again}");
    assert_eq!(service.seen().len(), 2);
    let failed = |why: &str| {
        let message = format!("Failed reCAPTCHA verification: {why}");
        told("recaptchaVerificationFailed", WaasEffect::Prevent, &message)
    };
    let said = site.told().await;
    assert_eq!(said, [failed("invalid-input-response"), failed("the response was used before")]);
    assert!(site.app.seen().is_empty());
}

#[tokio::test]
async fn a_service_that_does_not_answer_lets_nobody_through_and_holds_nobody_up() {
    let gate = Arc::new(tokio::sync::Notify::new());
    let silent = Arc::clone(&gate);
    let service = App::start(move |_| Answer::After(Arc::clone(&silent), Vec::new())).await;
    let mut site = Site::of(curls(), &service).await;
    let cookie = crumb(&site.get("").await);
    let (answer, ()) = tokio::join!(site.answer(&cookie, "human"), async {
        while service.seen().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // It is being asked; others are served.
        let browser = "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: Mozilla/5.0 Firefox/115.0\r\n\r\n";
        assert!(site.edge.raw(browser).await.ends_with("hello"));
    });
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let message = "Failed reCAPTCHA verification: the verification service did not answer";
    let failed = told("recaptchaVerificationFailed", WaasEffect::Prevent, message);
    assert_eq!(site.told().await[1..], [failed]);
    drop(gate);
}

#[tokio::test]
async fn an_answer_is_read_where_bodies_are_not_inspected() {
    let service = service().await;
    let mut spec = everybody();
    spec["body"] = json!({"skip": true});
    let site = Site::of(spec, &service).await;
    let cookie = crumb(&site.get("").await);
    let solved = site.answer(&cookie, "human").await;
    assert!(solved.starts_with("HTTP/1.1 303"), "{solved}");
    let (_, counted) = site.edge.waas.statistics();
    assert_eq!(counted.inspected_body_bytes, 0);
}

#[tokio::test]
async fn nobody_is_asked_where_nothing_can_be_remembered() {
    let service = service().await;
    let mut spec = curls();
    spec["sessionCookieEnabled"] = json!(false);
    let mut site = Site::of(spec, &service).await;
    assert!(site.get("").await.starts_with("HTTP/1.1 403"));
    assert_eq!(site.told().await[0].1, WaasEffect::ReCaptcha);
}

#[tokio::test]
async fn neither_key_nor_token_is_told() {
    let service = service().await;
    let mut site = Site::of(everybody(), &service).await;
    let cookie = crumb(&site.get("").await);
    let answers =
        [site.get(&cookie).await, site.answer(&cookie, "machine").await, site.answer(&cookie, "human").await];
    let audits = serde_json::to_string(&site.edge.audits().await).unwrap();
    for text in answers.iter().chain([&audits]) {
        assert!(!text.contains("hush") && !text.contains("machine") && !text.contains("human"), "{text}");
    }
}
