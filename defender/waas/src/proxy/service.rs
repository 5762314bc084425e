//! One request: route, inspect, decide, forward.

use super::connection::Arrival;
use super::forward::Upstream;
use super::upgrade;
use super::{Body, block};
use crate::audit::{Scene, names};
use crate::auditor::{Auditor, Held};
use crate::bans::Bans;
use crate::client_address::Client;
use crate::clock::Clock;
use crate::finding::Finding;
use crate::policy::{Active, App, Route, Target};
use crate::{Attack, Detector, Match, RequestView, Unread, WaasConfig, event};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};
use proofhouse_protocol::{FirewallAudit, WaasEffect};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::SetOnce;

/// Everything that requests are decided by.
pub(crate) struct Firewall {
    pub(crate) config: WaasConfig,
    /// There once the rule set is loaded.
    detector: SetOnce<Detector>,
    pub(crate) auditor: Arc<Auditor>,
    pub(crate) clock: Arc<dyn Clock>,
    active: RwLock<Arc<Active>>,
    bans: Bans,
    upstream: Upstream,
}

impl std::fmt::Debug for Firewall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Firewall").field("config", &self.config).finish_non_exhaustive()
    }
}

/// A body as far as it was read.
struct Read {
    frames: VecDeque<Frame<bytes::Bytes>>,
    rest: Option<Incoming>,
    /// The inspected part.
    prefix: Vec<u8>,
    exceeded: bool,
}

/// Everything that is known of a request when it is decided on.
struct Facts<'a> {
    scene: Scene<'a>,
    read: &'a Read,
    matches: &'a [Match],
    /// Why the body was not inspected whole, although it was read.
    unread: Option<Unread>,
    /// Whether the framing of the request contradicts itself, so that it is answered 400 whatever was found.
    broken: bool,
}

/// The protections in order of evaluation (section 2.3 of `waas.md`). Each is looked at only if none before it blocked.
const STAGES: &[fn(&Firewall, &Facts<'_>) -> Vec<Finding>] =
    &[Firewall::access, Firewall::body_limit, Firewall::attacks];

/// What is to happen with a request.
enum Verdict {
    Forward(Vec<FirewallAudit>),
    Block,
}

impl Firewall {
    pub(crate) fn new(config: WaasConfig, auditor: Arc<Auditor>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            config,
            detector: SetOnce::new(),
            auditor,
            clock,
            active: RwLock::default(),
            bans: Bans::default(),
            upstream: Upstream::new(),
        })
    }

    /// Gives it the rule set, once.
    pub(crate) fn equip(&self, detector: Detector) {
        self.detector.set(detector).expect("the rule set is loaded once");
    }

    /// The policy in force.
    pub(crate) fn active(&self) -> Arc<Active> {
        Arc::clone(&self.active.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decides by another policy from now on. Bans end with the app that made them, unless it stays as it was: a
    /// declared choice.
    pub(crate) fn activate(&self, active: Arc<Active>) {
        let former = std::mem::replace(
            &mut *self.active.write().unwrap_or_else(PoisonError::into_inner),
            Arc::clone(&active),
        );
        self.bans.retain(|app| active.keeps(&former, app));
    }

    /// Answers a request.
    pub(super) async fn handle(
        &self,
        arrival: &Arrival,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        let framing = if request.version() == Version::HTTP_2 { None } else { arrival.findings.next() };
        let (parts, body) = request.into_parts();
        if parts.method == Method::CONNECT {
            // A tunnel would carry requests past the inspection, and there is nothing but the application behind.
            return Ok(last(block::plain(StatusCode::METHOD_NOT_ALLOWED)));
        }
        let host = host(&parts);
        let Some(Route { app, target }) = self.active().route(arrival.port, &host, parts.uri.path()) else {
            // The policy that opened this port is gone; its connections are about to end.
            return Ok(last(block::plain(StatusCode::SERVICE_UNAVAILABLE)));
        };
        let mut response = match app {
            Some(app) => self.inspected(arrival, parts, body, framing, &host, &app, target).await,
            None if framing.is_some() => last(block::plain(StatusCode::BAD_REQUEST)),
            None => self.forward(arrival, parts, Body::new(VecDeque::new(), Some(body)), target).await,
        };
        if framing.is_some() {
            response = last(response);
        }
        Ok(response)
    }

    #[expect(clippy::too_many_arguments, reason = "all of them describe one request, and live only here")]
    async fn inspected(
        &self,
        arrival: &Arrival,
        parts: Parts,
        body: Incoming,
        framing: Option<&'static str>,
        host: &str,
        app: &App,
        target: Target,
    ) -> Response<Body> {
        let event_id = event::new_id();
        let forwarded = parts.headers.get_all("x-forwarded-for");
        let client = Client::of(forwarded.iter().map(HeaderValue::as_bytes), arrival.peer.ip());
        if app.access.is_exempt(&client) && framing.is_none() {
            return self.forward(arrival, parts, Body::new(VecDeque::new(), Some(body)), target).await;
        }
        let has_body = !body.is_end_stream();
        let limit = (!app.spec.body.skip && !target.grpc).then_some(app.spec.body.inspection_size_bytes);
        let read = match tokio::time::timeout(app.read_timeout, read(body, limit)).await {
            Ok(Ok(read)) => read,
            Ok(Err(_)) => return last(block::plain(StatusCode::BAD_REQUEST)),
            Err(_) => return last(block::plain(StatusCode::INTERNAL_SERVER_ERROR)),
        };
        let (matches, unread) = self.matches(&parts, host, &read, has_body, framing, app).await;
        let scene =
            Scene { config: &self.config, app, request: &parts, host, client: &client, event_id: &event_id };
        let broken = framing.is_some();
        let alerts = match self.decide(&Facts { scene, read: &read, matches: &matches, unread, broken }) {
            Verdict::Block if broken => return last(block::plain(StatusCode::BAD_REQUEST)),
            Verdict::Block => return block::response(app, &event_id),
            Verdict::Forward(alerts) => alerts,
        };
        let held = self.auditor.hold(alerts);
        let mut response = if framing.is_some() {
            last(block::plain(StatusCode::BAD_REQUEST))
        } else {
            self.forward(arrival, parts, Body::new(read.frames, read.rest), target).await
        };
        complete(held, &response);
        if !app.spec.disable_event_id_header {
            let id = HeaderValue::from_str(&event_id).expect("a UUID is a header value");
            response.headers_mut().insert(block::EVENT_ID, id);
        }
        response
    }

    async fn matches(
        &self,
        parts: &Parts,
        host: &str,
        read: &Read,
        has_body: bool,
        framing: Option<&str>,
        app: &App,
    ) -> (Vec<Match>, Option<Unread>) {
        let mut headers: Vec<(&str, &[u8])> = Vec::with_capacity(parts.headers.len() + 1);
        headers.extend(parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        if parts.version == Version::HTTP_2 {
            headers.push(("host", host.as_bytes()));
        }
        let view = RequestView {
            method: parts.method.as_str(),
            http2: parts.version == Version::HTTP_2,
            path: parts.uri.path().as_bytes(),
            query: parts.uri.query().map(str::as_bytes),
            headers: &headers,
            has_body,
            body: &read.prefix,
            framing,
            body_limit: app.spec.body.inspection_size_bytes,
        };
        let unread = view.unread();
        if app.wanted.is_empty() {
            return (Vec::new(), unread);
        }
        (self.detector.wait().await.inspect(&view, app.wanted, &app.exceptions), unread)
    }

    /// Bans first, then one stage after the other, until one blocks (section 2.3 of `waas.md`). While a client is banned all
    /// stages are looked at, as another attack starts the time anew.
    fn decide(&self, facts: &Facts<'_>) -> Verdict {
        let scene = &facts.scene;
        let app = scene.app;
        let (id, client, now) = (&app.spec.app_id, scene.client.address, self.clock.now());
        if self.bans.is_banned(id, client, now) {
            let found = STAGES.iter().flat_map(|stage| stage(self, facts));
            if found.into_iter().any(|found| found.effect == WaasEffect::Ban) {
                self.bans.ban(id, client, now, app.ban);
            }
            let minutes = app.spec.ban_duration_minutes;
            let message = format!("Client exceeded violations. Banning client for {minutes}m");
            let banned = Finding::firewall("violationsExceeded", WaasEffect::Ban, message);
            self.blocked(facts, scene.audit(&banned));
            return Verdict::Block;
        }
        let mut alerts = Vec::new();
        for found in STAGES.iter().flat_map(|stage| stage(self, facts)) {
            match found.effect {
                WaasEffect::Disable => continue,
                WaasEffect::Allow => return Verdict::Forward(Vec::new()),
                WaasEffect::Alert => {
                    alerts.push(scene.audit(&found));
                    continue;
                }
                WaasEffect::Ban => self.bans.ban(id, client, now, app.ban),
                WaasEffect::Prevent | WaasEffect::ReCaptcha => {}
            }
            alerts.into_iter().for_each(|alert| self.blocked(facts, alert));
            self.blocked(facts, scene.audit(&found));
            return Verdict::Block;
        }
        Verdict::Forward(alerts)
    }

    /// Who may come; its place in the order is a declared choice, before what looks at the request itself.
    fn access(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let scene = &facts.scene;
        let access = &scene.app.access;
        access.of_client(scene.client).into_iter().chain(access.of_headers(&scene.request.headers)).collect()
    }

    /// A body that is longer than what is inspected, or that cannot be read.
    fn body_limit(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let app = facts.scene.app;
        let body = &app.spec.body;
        let malformed = app.effect(Attack::MalformedRequest);
        if facts.unread == Some(Unread::Coding) && malformed != WaasEffect::Disable {
            let message = "Request body has a content coding that cannot be undone".to_owned();
            return vec![Finding::firewall("malformedRequest", malformed, message)];
        }
        let exceeded = facts.read.exceeded || facts.unread.is_some();
        if !exceeded || body.inspection_limit_exceeded_effect == WaasEffect::Disable {
            return Vec::new();
        }
        let message =
            format!("Request body exceeds the inspection limit of {} bytes", body.inspection_size_bytes);
        vec![Finding::firewall("inspectionLimitExceeded", body.inspection_limit_exceeded_effect, message)]
    }

    /// What the rules found.
    fn attacks(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let effect = |found: &Match| facts.scene.app.effect(found.attack);
        facts.matches.iter().map(|found| Finding::attack(found, effect(found))).collect()
    }

    /// Sends an audit of a request that the client gets no other answer to than the block page.
    fn blocked(&self, facts: &Facts<'_>, mut audit: FirewallAudit) {
        let custom = &facts.scene.app.spec.custom_block_response;
        audit.status_code = Some(match custom.enabled {
            _ if facts.broken => 400,
            true => custom.code,
            false => 403,
        });
        self.auditor.send(audit);
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
            return block::plain(StatusCode::BAD_GATEWAY);
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
                return block::plain(StatusCode::BAD_GATEWAY);
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
            for name in ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"] {
                response.headers_mut().remove(name);
            }
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

/// Alerts go out with the application's answer.
fn complete(held: Held, response: &Response<Body>) {
    held.complete(response.status().as_u16(), &names(response.headers(), None));
}

/// The host that the client asked for.
fn host(parts: &Parts) -> String {
    let header = parts.headers.get("host").map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    header.or_else(|| parts.uri.authority().map(|host| host.as_str().to_owned())).unwrap_or_default()
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

/// Reads a body until it ends or is longer than the limit; without a limit nothing is read.
async fn read(body: Incoming, limit: Option<usize>) -> Result<Read, hyper::Error> {
    let mut read = Read { frames: VecDeque::new(), rest: Some(body), prefix: Vec::new(), exceeded: false };
    let Some(limit) = limit else {
        return Ok(read);
    };
    while let Some(rest) = &mut read.rest {
        if rest.is_end_stream() {
            read.rest = None;
            break;
        }
        let Some(frame) = http_body_util::BodyExt::frame(rest).await.transpose()? else {
            read.rest = None;
            break;
        };
        if let Some(data) = frame.data_ref() {
            let room = limit - read.prefix.len();
            read.exceeded = data.len() > room;
            read.prefix.extend_from_slice(&data[..data.len().min(room)]);
        }
        read.frames.push_back(frame);
        if read.exceeded {
            break;
        }
    }
    Ok(read)
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
