//! One request: route, inspect, decide, forward.

use super::Firewall;
use super::answers::ask_for_readable;
use super::body::Part;
use super::connection::Arrival;
use super::deciding::Verdict;
use super::facts::{Inspected, Known};
use super::forward::without_connection;
use super::messages::{self, Call, Messages};
use super::rest::Rest;
use super::upgrade;
use super::{Body, block};
use crate::api::Arrived;
use crate::audit::names;
use crate::auditor::Held;
use crate::captcha;
use crate::client_address::Client;
use crate::discovery::{Entrance, Lesson};
use crate::policy::{App, Route, Speech, Target};
use crate::sessions::{Session, page};
use crate::statistics::{Began, Count};
use crate::{RequestView, Unread, event};
use hyper::body::Body as _;
use hyper::header::{CONNECTION, HeaderValue, SET_COOKIE};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long the first message of a call is waited for before its head goes on.
const FIRST_MESSAGE: Duration = Duration::from_millis(500);

impl Firewall {
    /// Answers a request.
    pub(super) async fn handle(
        self: &Arc<Self>,
        arrival: &Arrival,
        request: Request<Rest>,
    ) -> Result<Response<Body>, Infallible> {
        let framing = if request.version() == Version::HTTP_2 { None } else { arrival.findings.next() };
        let (parts, body) = request.into_parts();
        if parts.method == Method::CONNECT {
            // A tunnel would carry requests past the inspection, and there is nothing but the application behind.
            return Ok(last(block::plain(StatusCode::METHOD_NOT_ALLOWED)));
        }
        let host = host(&parts);
        let Some(Route { app, target }) =
            self.active().route(arrival.port, arrival.encrypted, &host, parts.uri.path())
        else {
            // The policy that opened this port is gone; its connections are about to end.
            return Ok(last(block::plain(StatusCode::SERVICE_UNAVAILABLE)));
        };
        let mut response = match app {
            Some(app) => self.inspected(arrival, parts, body, framing, &host, &app, target).await,
            None if framing.is_some() => last(block::plain(StatusCode::BAD_REQUEST)),
            None => self.forward(arrival, parts, Body::of_request(body), target).await,
        };
        if framing.is_some() {
            response = last(response);
        }
        Ok(response)
    }

    #[expect(clippy::too_many_arguments, reason = "all of them describe one request, and live only here")]
    async fn inspected(
        self: &Arc<Self>,
        arrival: &Arrival,
        mut parts: Parts,
        body: Rest,
        framing: Option<&'static str>,
        host: &str,
        app: &Arc<App>,
        target: Target,
    ) -> Response<Body> {
        let (event_id, began) = (event::new_id(), Began::now());
        let forwarded = parts.headers.get_all("x-forwarded-for");
        let client = Client::of(forwarded.iter().map(HeaderValue::as_bytes), arrival.peer.ip());
        if app.access.is_exempt(&client) && framing.is_none() {
            return self.forward(arrival, parts, Body::of_request(body), target).await;
        }
        let client = client.located(self.countries.wait().await);
        let session = app
            .spec
            .session_cookie_enabled
            .then(|| self.sessions.read(&parts.headers, &client, app.captcha.as_ref(), self.clock.now()));
        let answered = self.has_answered(app, session.as_ref());
        let may_answer = app.captcha.is_some() && !answered && captcha::is_form(&parts);
        let has_body = !body.is_end_stream();
        let mut body = Body::of_request(body);
        let by_message = target.speech == Speech::Http2 && messages::are_in(&parts);
        let mut part = if app.spec.body.skip && !may_answer {
            Part::default()
        } else {
            let limit = match app.spec.body.skip {
                true => captcha::LONGEST_SOLUTION,
                false => app.spec.body.inspection_size_bytes,
            };
            let part = async {
                if by_message {
                    body.fill_message(limit, FIRST_MESSAGE).await
                } else {
                    body.fill(limit).await
                }
            };
            match tokio::time::timeout(app.read_timeout, part).await {
                Ok(Ok(part)) => part,
                Ok(Err(_)) => {
                    self.statistics.count(Count::Unreadable);
                    return last(block::plain(StatusCode::BAD_REQUEST));
                }
                Err(_) => {
                    self.statistics.count(Count::Timeout);
                    return last(block::plain(StatusCode::INTERNAL_SERVER_ERROR));
                }
            }
        };
        let solution = may_answer.then(|| captcha::solution(&part.bytes)).flatten();
        if app.spec.body.skip {
            part = Part::default();
        }
        let begun = Instant::now();
        let arrived = Arrived {
            port: arrival.port,
            encrypted: arrival.encrypted,
            host,
            body_read: part.read && !part.exceeded,
        };
        let inspected = self.inspect(&parts, &arrived, &part, has_body, framing, app).await;
        let kept = app.reads_answers().then(|| parts.clone());
        let known = Known {
            app,
            host,
            client: &client,
            event_id: &event_id,
            encrypted: arrival.encrypted,
            body: &part.bytes,
            exceeded: part.exceeded,
            inspected: &inspected,
            broken: framing.is_some(),
            session: session.as_ref(),
            wants_page: wants_page(app, &parts, session.as_ref()) && framing.is_none(),
            answered,
            solution: solution.as_deref(),
        };
        let mut looked_at = true;
        let verdict = self.decide(&known.of(&self.config, &parts));
        let exceeded = part.exceeded || inspected.unread.is_some();
        self.statistics.inspected(begun.elapsed(), part.bytes.len(), exceeded);
        self.count_outcome(&verdict, framing.is_some());
        let alerts = match verdict {
            Verdict::Block if framing.is_some() => return last(block::plain(StatusCode::BAD_REQUEST)),
            Verdict::Block => return block::response(app, &event_id),
            Verdict::Page(alerts) => {
                let cookie = self.sessions.begin(&app.spec, &parts.headers, &client, self.clock.now());
                let response = page(cookie);
                complete(self.auditor.hold(alerts), &response);
                return with_event_id(response, app, &event_id);
            }
            Verdict::Question(alerts) => return self.question(&known.of(&self.config, &parts), alerts),
            Verdict::Solution(token, alerts) => {
                return self.judge_solution(&known.of(&self.config, &parts), &token, alerts).await;
            }
            Verdict::Forward(alerts) => alerts,
            Verdict::Allow => {
                looked_at = false;
                Vec::new()
            }
        };
        let begins = session == Some(Session::Absent) && !app.spec.bot_protection_spec.interstitial_page;
        let cookie =
            begins.then(|| self.sessions.begin(&app.spec, &parts.headers, &client, self.clock.now()));
        let (lesson, teaches) = (Lesson::of(&parts), app.learns && looked_at && alerts.is_empty());
        let held = self.auditor.hold(alerts);
        if framing.is_some() {
            let response = last(block::plain(StatusCode::BAD_REQUEST));
            complete(held, &response);
            return response;
        }
        let refused = Arc::new(AtomicBool::new(false));
        if by_message && part.read {
            body.watch(Messages::new(Call {
                firewall: Arc::clone(self),
                app: Arc::clone(app),
                parts: parts.clone(),
                host: host.to_owned(),
                client: client.clone(),
                session: session.clone(),
                event_id: event_id.clone(),
                encrypted: arrival.encrypted,
                refused: Arc::clone(&refused),
            }));
        }
        // What ends the inspection of a request ends it for its answer too.
        let kept = kept.filter(|_| looked_at);
        if kept.is_some() {
            ask_for_readable(&mut parts.headers);
        }
        let mut response = self.forward(arrival, parts, body, target).await;
        if refused.load(Ordering::Acquire) && response.status() == StatusCode::BAD_GATEWAY {
            response = block::response(app, &event_id);
        }
        complete(held, &response);
        let status = response.status().as_u16();
        let failed = self.is_failed(&mut response, &lesson, &began);
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let mut clean = true;
            if let Some(kept) = &kept {
                (response, clean) = match self.look_at_answer(&known.of(&self.config, kept), response).await {
                    Ok(passed) => passed,
                    Err(mut instead) => {
                        if !self.is_failed(&mut instead, &lesson, &began) && !failed {
                            self.statistics.answered(status);
                        }
                        return instead;
                    }
                };
            }
            if teaches && clean {
                let entrance = Entrance { port: arrival.port, tls: arrival.encrypted, host };
                self.learner.hear(app, entrance, &lesson, &response);
            }
            app.rewriting.apply(response.headers_mut(), arrival.encrypted);
            if let Some(cookie) = cookie {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
        }
        if !failed {
            self.statistics.answered(status);
        }
        with_event_id(response, app, &event_id)
    }

    /// Whether the client has answered the question of the app, if there is one, and the answer still counts.
    fn has_answered(&self, app: &App, session: Option<&Session>) -> bool {
        match (&app.captcha, session) {
            (Some(captcha), Some(Session::Valid(ticket))) => {
                self.sessions.has_answered(ticket, captcha, self.clock.now())
            }
            _ => false,
        }
    }

    /// Everything that takes the whole request to find out.
    async fn inspect(
        &self,
        parts: &Parts,
        arrived: &Arrived<'_>,
        part: &Part,
        has_body: bool,
        framing: Option<&str>,
        app: &App,
    ) -> Inspected {
        let mut headers: Vec<(&str, &[u8])> = Vec::with_capacity(parts.headers.len() + 1);
        headers.extend(parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        if parts.version == Version::HTTP_2 {
            headers.push(("host", arrived.host.as_bytes()));
        }
        let view = RequestView {
            method: parts.method.as_str(),
            http2: parts.version == Version::HTTP_2,
            path: parts.uri.path().as_bytes(),
            query: parts.uri.query().map(str::as_bytes),
            headers: &headers,
            has_body,
            body: &part.bytes,
            framing,
            body_limit: app.spec.body.inspection_size_bytes,
        };
        let (mut matches, mut many) = (Vec::new(), app.api.is_some() && view.has_too_many_fields());
        if !app.wanted.is_empty() {
            let detector = self.detector.wait().await;
            let inputs = view.inputs();
            many |= inputs.left_out();
            matches = detector.inspect_read(&view, inputs, app.wanted, &app.exceptions);
        }
        let upload = app.uploads.as_ref().and_then(|uploads| uploads.check(&view));
        let unexpected = app.api.as_ref().and_then(|api| api.check(&view, arrived));
        let unread = view.unread().or(many.then_some(Unread::Many));
        Inspected { matches, unread, upload, unexpected }
    }

    /// Hands the request to the application, and its answer back.
    async fn forward(
        &self,
        arrival: &Arrival,
        mut parts: Parts,
        body: Body,
        target: Target,
    ) -> Response<Body> {
        if target.port == 0 {
            tracing::error!(port = arrival.port, "the endpoint names no port of the application");
            return block::failed("the endpoint names no port of the application".to_owned());
        }
        let switching = upgrade::is_asked(&parts);
        let client_end = switching.then(|| parts.extensions.remove::<hyper::upgrade::OnUpgrade>()).flatten();
        let closes = closes(&parts);
        let http2 = parts.version == Version::HTTP_2;
        let peer: IpAddr = arrival.peer.ip();
        let mut response = match self.upstream.send(parts, body, target, peer, client_end.is_some()).await {
            Ok(response) => response,
            Err(error) => {
                tracing::warn!(port = target.port, error = %chain(&error), "the application did not answer");
                return block::failed(format!("the application did not answer: {}", chain(&error)));
            }
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS
            && let Some(client_end) = client_end
        {
            arrival.findings.switch();
            upgrade::join(client_end, hyper::upgrade::on(&mut response));
            return response.map(|_| Body::default());
        }
        if http2 {
            without_connection(response.headers_mut());
            *response.version_mut() = Version::HTTP_2;
        } else {
            if closes {
                // The server says so itself; the application's word on its own connection would contradict it.
                response.headers_mut().remove(CONNECTION);
            }
            *response.version_mut() = Version::HTTP_11;
        }
        response.map(Body::from)
    }
}

/// The answer with the id by which audits name the request, if the app wants that.
pub(super) fn with_event_id(mut response: Response<Body>, app: &App, event_id: &str) -> Response<Body> {
    if !app.spec.disable_event_id_header {
        let id = HeaderValue::from_str(event_id).expect("a UUID is a header value");
        response.headers_mut().insert(block::EVENT_ID, id);
    }
    response
}

/// Alerts go out with the application's answer.
pub(super) fn complete(held: Held, response: &Response<Body>) {
    held.complete(response.status().as_u16(), &names(response.headers(), None));
}

/// The host that the client asked for.
fn host(parts: &Parts) -> String {
    let header = parts.headers.get("host").map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    header.or_else(|| parts.uri.authority().map(|host| host.as_str().to_owned())).unwrap_or_default()
}

/// Whether the client has to be given the page that starts a session: where the app has one, and whoever has none asks for a page.
fn wants_page(app: &App, parts: &Parts, session: Option<&Session>) -> bool {
    let has_none = session.is_some_and(|session| !matches!(session, Session::Valid(_)));
    app.spec.bot_protection_spec.interstitial_page && has_none && parts.method == Method::GET
}

/// Whether the client ends the connection behind this request.
fn closes(parts: &Parts) -> bool {
    let asked = parts.headers.get_all(CONNECTION).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|value| value.split(',').any(|item| item.trim().eq_ignore_ascii_case("close")))
    });
    asked || parts.version == Version::HTTP_10
}

/// The last answer of its connection.
fn last(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
