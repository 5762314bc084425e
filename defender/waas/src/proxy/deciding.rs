//! What becomes of a request and of its answer: the protections in their order (section 2.3 of `waas.md`).

use super::Firewall;
use crate::audit::{Scene, names};
use crate::bans::Entity;
use crate::client_address::Client;
use crate::custom::{Exchange, Reply};
use crate::dos::Limits;
use crate::finding::Finding;
use crate::policy::App;
use crate::scrub::Secrets;
use crate::sessions::Session;
use crate::{Attack, Match, RequestView, Unread, WaasConfig};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, StatusCode};
use proofhouse_protocol::{FirewallAudit, WaasEffect};
use std::sync::OnceLock;

/// What was found out about the whole of a request.
#[derive(Debug, Default)]
pub(super) struct Inspected {
    pub(super) matches: Vec<Match>,
    /// Why the body was not inspected whole, although it was read.
    pub(super) unread: Option<Unread>,
    /// A file that is not allowed.
    pub(super) upload: Option<Finding>,
    /// What is not as the app's API says.
    pub(super) unexpected: Option<Finding>,
}

/// Everything that is known of a request beside its head.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) app: &'a App,
    pub(super) host: &'a str,
    pub(super) client: &'a Client,
    pub(super) event_id: &'a str,
    /// Whether the client's connection is encrypted.
    pub(super) encrypted: bool,
    /// The inspected part of the body, as it came.
    pub(super) body: &'a [u8],
    /// Whether the body is longer than that.
    pub(super) exceeded: bool,
    pub(super) inspected: &'a Inspected,
    /// Whether the framing of the request contradicts itself, so that it is answered 400 whatever was found.
    pub(super) broken: bool,
    /// The session, where the app has them.
    pub(super) session: Option<&'a Session>,
    /// Whether the client has to be given the page that starts one.
    pub(super) wants_page: bool,
    /// Whether the client has answered the app's question before.
    pub(super) answered: bool,
    /// An answer to it that this request brings.
    pub(super) solution: Option<&'a str>,
}

/// A request as it is decided on.
pub(super) struct Facts<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) known: Known<'a>,
    secrets: OnceLock<Secrets<'a>>,
}

impl Known<'_> {
    /// With the head of the request.
    pub(super) fn of<'b>(&'b self, config: &'b WaasConfig, request: &'b Parts) -> Facts<'b> {
        let Known { app, host, client, event_id, .. } = *self;
        Facts {
            scene: Scene { config, app, request, host, client, event_id },
            known: *self,
            secrets: OnceLock::new(),
        }
    }
}

impl Facts<'_> {
    /// The audit of a finding, without what audits must not tell. All audits are made here.
    pub(super) fn audit(&self, found: &Finding) -> FirewallAudit {
        let mut audit = self.scene.audit(found);
        self.secrets.get_or_init(|| self.secrets()).scrub_audit(&mut audit);
        audit
    }
    /// The session, if it is wanted and there is one; else the address.
    fn entity(&self, by_session: bool) -> Entity {
        match self.known.session {
            Some(Session::Valid(ticket)) if by_session => Entity::Session(ticket.id()),
            _ => Entity::Address(self.scene.client.address),
        }
    }

    /// What custom rules see.
    fn exchange<'b>(&'b self, reply: Option<Reply<'b>>) -> Exchange<'b> {
        let (scene, known) = (&self.scene, &self.known);
        let body = (known.body, scene.app.spec.body.inspection_size_bytes);
        Exchange::new(scene.request, scene.host, scene.client, known.encrypted, body, reply)
    }

    /// Who is banned for this request.
    fn banned_by(&self) -> Entity {
        self.entity(self.scene.app.spec.session_cookie_ban)
    }
}

impl<'a> Facts<'a> {
    fn secrets(&self) -> Secrets<'a> {
        let (scene, known) = (&self.scene, &self.known);
        let headers = &scene.request.headers;
        let mut lines: Vec<(&str, &[u8])> = vec![("host", scene.host.as_bytes())];
        lines.extend(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        scene.app.scrubbing.secrets(&RequestView {
            path: scene.request.uri.path().as_bytes(),
            query: scene.request.uri.query().map(str::as_bytes),
            headers: &lines,
            body: known.body,
            body_limit: scene.app.spec.body.inspection_size_bytes,
            ..RequestView::default()
        })
    }
}

/// What the application answered.
pub(super) struct Answer<'a> {
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    /// The inspected part of the body, without content codings.
    pub(super) body: &'a [u8],
    /// Whether the body is text.
    pub(super) text: bool,
}

type Stage = fn(&Firewall, &Facts<'_>) -> Vec<Finding>;
type StageOfAnswers = fn(&Firewall, &Facts<'_>, &Answer<'_>) -> Vec<Finding>;

/// The protections in order of evaluation. What stands behind one that blocks does not count.
const STAGES: &[Stage] = &[Firewall::custom_rules, Firewall::access, Firewall::bots];

/// Those that are asked once a client has a session, where it needs one: a page that asks for it stands before them.
const STAGES_BEHIND_SESSIONS: &[Stage] = &[Firewall::body_limit, Firewall::attacks, Firewall::api];

/// Last, those that count: who is banned is not counted.
const COUNTING_STAGES: &[Stage] = &[Firewall::flood];

/// Those that look at answers.
const STAGES_OF_ANSWERS: &[StageOfAnswers] =
    &[Firewall::custom_rules_of_answers, Firewall::leaks, Firewall::flood_of_answers];

/// What is to happen with a request.
pub(super) enum Verdict {
    /// It goes to the application.
    Forward(Vec<FirewallAudit>),
    /// The same, and something has ended the inspection of it.
    Allow,
    /// The client gets the page that starts a session.
    Page(Vec<FirewallAudit>),
    /// The client gets the page with the question that only people answer.
    Question(Vec<FirewallAudit>),
    /// The client has answered it; somebody else says whether that is right.
    Solution(String, Vec<FirewallAudit>),
    /// The client gets the block page.
    Block,
}

/// What is to happen with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// It goes to the client, and nothing was found in it.
    Clean,
    /// It goes to the client.
    Open,
    /// The client gets the block page.
    Closed,
}

/// What came of some stages.
enum Outcome {
    /// Nothing blocks.
    Go(Vec<FirewallAudit>),
    /// Something ends the inspection.
    Allowed,
    /// This blocks, and that was found before.
    Blocked(Vec<FirewallAudit>, Box<FirewallAudit>),
}

impl Firewall {
    /// Bans first, then one stage after the other, until one blocks. While a client is banned all stages are looked at, as another
    /// attack starts the time anew.
    pub(super) fn decide(&self, facts: &Facts<'_>) -> Verdict {
        let scene = &facts.scene;
        let app = scene.app;
        let (id, client, now) = (&app.spec.app_id, facts.banned_by(), self.clock.now());
        if self.bans.is_banned(id, &client, now) {
            let stages = STAGES.iter().chain(STAGES_BEHIND_SESSIONS);
            let found = stages.flat_map(|stage| stage(self, facts));
            if found.into_iter().any(|found| found.effect == WaasEffect::Ban) {
                self.bans.ban(id, &client, now, app.ban);
            }
            let minutes = app.spec.ban_duration_minutes;
            let message = format!("Client exceeded violations. Banning client for {minutes}m");
            let banned = Finding::firewall("violationsExceeded", WaasEffect::Ban, message);
            self.blocked(facts, facts.audit(&banned));
            return Verdict::Block;
        }
        let mut alerts = match self.weigh(facts, STAGES.iter().flat_map(|stage| stage(self, facts))) {
            Outcome::Go(alerts) => alerts,
            Outcome::Allowed => return Verdict::Allow,
            Outcome::Blocked(alerts, blocking) if facts.is_asked_for(&blocking) => {
                return self.ask(facts, alerts, Some(*blocking));
            }
            Outcome::Blocked(alerts, blocking) => return self.block(facts, alerts, *blocking),
        };
        if facts.asks_everybody() {
            return self.ask(facts, alerts, None);
        }
        if facts.known.wants_page {
            return Verdict::Page(alerts);
        }
        let stages = STAGES_BEHIND_SESSIONS.iter().chain(COUNTING_STAGES);
        match self.weigh(facts, stages.flat_map(|stage| stage(self, facts))) {
            Outcome::Go(more) => {
                alerts.extend(more);
                Verdict::Forward(alerts)
            }
            Outcome::Allowed => Verdict::Allow,
            Outcome::Blocked(more, blocking) => {
                alerts.extend(more);
                self.block(facts, alerts, *blocking)
            }
        }
    }

    /// Whether a message of a call may go on that has begun already. Custom rules and the API see the first message only: a declared
    /// choice, as both speak of requests.
    pub(super) fn decide_on_message(&self, facts: &Facts<'_>) -> bool {
        let stages: [Stage; 2] = [Self::body_limit, Self::attacks];
        match self.weigh(facts, stages.into_iter().flat_map(|stage| stage(self, facts))) {
            Outcome::Allowed => true,
            Outcome::Go(alerts) => {
                alerts.into_iter().for_each(|audit| self.auditor.send(audit));
                true
            }
            Outcome::Blocked(alerts, blocking) => {
                self.block(facts, alerts, *blocking);
                false
            }
        }
    }

    /// What the answer tells, once the application gave it.
    pub(super) fn decide_on_answer(&self, facts: &Facts<'_>, answer: &Answer<'_>) -> Passage {
        let found = STAGES_OF_ANSWERS.iter().flat_map(|stage| stage(self, facts, answer));
        let (alerts, blocking, passage) = match self.weigh(facts, found) {
            Outcome::Go(alerts) if alerts.is_empty() => return Passage::Clean,
            Outcome::Go(alerts) => (alerts, None, Passage::Open),
            Outcome::Allowed => return Passage::Open,
            Outcome::Blocked(alerts, blocking) => (alerts, Some(*blocking), Passage::Closed),
        };
        for mut audit in alerts.into_iter().chain(blocking) {
            audit.status_code = Some(answer.status.as_u16());
            audit.response_header_names = names(answer.headers, None);
            self.statistics.told_of(&audit);
            self.auditor.send(audit);
        }
        passage
    }

    /// Audits of what was found up to what blocks, and of that. A ban begins here.
    fn weigh(&self, facts: &Facts<'_>, found: impl Iterator<Item = Finding>) -> Outcome {
        let scene = &facts.scene;
        let mut alerts = Vec::new();
        // Who has answered is no bot.
        let found = found.filter(|found| found.effect != WaasEffect::ReCaptcha || !facts.known.answered);
        for found in found {
            match found.effect {
                WaasEffect::Disable => continue,
                WaasEffect::Allow => return Outcome::Allowed,
                WaasEffect::Alert => {
                    alerts.push(facts.audit(&found));
                    continue;
                }
                WaasEffect::Ban => {
                    let (app, now) = (scene.app, self.clock.now());
                    self.bans.ban(&app.spec.app_id, &facts.banned_by(), now, app.ban);
                }
                WaasEffect::Prevent | WaasEffect::ReCaptcha => {}
            }
            return Outcome::Blocked(alerts, Box::new(facts.audit(&found)));
        }
        Outcome::Go(alerts)
    }

    pub(super) fn block(
        &self,
        facts: &Facts<'_>,
        alerts: Vec<FirewallAudit>,
        blocking: FirewallAudit,
    ) -> Verdict {
        alerts.into_iter().chain([blocking]).for_each(|audit| self.blocked(facts, audit));
        Verdict::Block
    }

    /// Clients that are no people, and sessions that are none.
    fn bots(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let (scene, app) = (&facts.scene, facts.scene.app);
        let mut found = app.bots.find(scene.client, scene.request, scene.host);
        if found.first().is_some_and(|found| found.effect == WaasEffect::Allow) {
            return found;
        }
        let effect = app.spec.bot_protection_spec.session_validation;
        let odd = match facts.known.session {
            Some(Session::Invalid) => Some(("sessionValidation", "Session cookie is not valid")),
            Some(Session::Absent) if scene.request.method != Method::GET => {
                Some(("missingCookie", "Session cookie is missing"))
            }
            _ => None,
        };
        if let Some((kind, message)) = odd.filter(|_| effect != WaasEffect::Disable) {
            let session = Finding::firewall(kind, effect, message.to_owned());
            found.insert(0, Finding { protection: "bot", ..session });
        }
        found
    }

    /// A client that sends too much.
    fn flood(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let limits = facts.scene.app.dos.as_ref().filter(|limits| !limits.wait_for_answer());
        limits.and_then(|limits| self.count(facts, limits, None)).into_iter().collect()
    }

    /// The same where it takes the answer to know what counts.
    fn flood_of_answers(&self, facts: &Facts<'_>, answer: &Answer<'_>) -> Vec<Finding> {
        let limits = facts.scene.app.dos.as_ref().filter(|limits| limits.wait_for_answer());
        limits.and_then(|limits| self.count(facts, limits, Some(answer.status))).into_iter().collect()
    }

    fn count(&self, facts: &Facts<'_>, limits: &Limits, status: Option<StatusCode>) -> Option<Finding> {
        let scene = &facts.scene;
        let (id, client, now) = (&scene.app.spec.app_id, facts.entity(limits.by_session), self.clock.now());
        let path = scene.request.uri.path();
        if !limits.counts(scene.client, &scene.request.method, path, status) {
            return None;
        }
        let found = limits.judge(self.floods.count(id, &client, now)?)?;
        (found.effect == WaasEffect::Ban || self.floods.is_news(id, &client, now)).then_some(found)
    }

    /// Custom rules go before everything else.
    fn custom_rules(&self, facts: &Facts<'_>) -> Vec<Finding> {
        facts.scene.app.custom.of_request(&facts.exchange(None))
    }

    /// Those that look at answers.
    fn custom_rules_of_answers(&self, facts: &Facts<'_>, answer: &Answer<'_>) -> Vec<Finding> {
        let Answer { status, headers, body, .. } = *answer;
        facts.scene.app.custom.of_answer(&facts.exchange(Some(Reply { status, headers, body })))
    }

    /// Who may come; its place in the order is a declared choice, before what looks at the request itself.
    fn access(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let scene = &facts.scene;
        let access = &scene.app.access;
        let found =
            access.of_client(scene.client).into_iter().chain(access.of_headers(&scene.request.headers));
        found.chain(facts.known.inspected.upload.clone()).collect()
    }

    /// A body that is longer than what is inspected, or that cannot be read.
    fn body_limit(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let app = facts.scene.app;
        let body = &app.spec.body;
        let malformed = app.effect(Attack::MalformedRequest);
        let unreadable = facts.known.inspected.unread == Some(Unread::Coding);
        if unreadable && malformed != WaasEffect::Disable {
            let message = "Request body has a content coding that cannot be undone".to_owned();
            return vec![Finding::firewall("malformedRequest", malformed, message)];
        }
        let exceeded = facts.known.exceeded || facts.known.inspected.unread.is_some();
        if !exceeded || body.inspection_limit_exceeded_effect == WaasEffect::Disable {
            return Vec::new();
        }
        let message = match facts.known.inspected.unread {
            Some(Unread::Coding) if !facts.known.exceeded => {
                "Request body cannot be inspected: its content coding cannot be undone".to_owned()
            }
            Some(Unread::Many) if !facts.known.exceeded => {
                "Request has more values than can be inspected one by one".to_owned()
            }
            _ => format!("Request body exceeds the inspection limit of {} bytes", body.inspection_size_bytes),
        };
        vec![Finding::firewall("inspectionLimitExceeded", body.inspection_limit_exceeded_effect, message)]
    }

    /// What the rules found.
    fn attacks(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let effect = |found: &Match| facts.scene.app.effect(found.attack);
        facts.known.inspected.matches.iter().map(|found| Finding::attack(found, effect(found))).collect()
    }

    /// What is not as the API says.
    fn api(&self, facts: &Facts<'_>) -> Vec<Finding> {
        facts.known.inspected.unexpected.clone().into_iter().collect()
    }

    /// Contents that no client may see.
    fn leaks(&self, facts: &Facts<'_>, answer: &Answer<'_>) -> Vec<Finding> {
        let effect = facts.scene.app.spec.intel_gathering.info_leakage_effect;
        if effect == WaasEffect::Disable {
            return Vec::new();
        }
        let leak = self.detector().and_then(|detector| detector.leak(answer.body, answer.text));
        leak.map(|leak| Finding::leak(&leak, effect)).into_iter().collect()
    }

    /// Sends an audit of a request that the client gets no other answer to than the block page.
    fn blocked(&self, facts: &Facts<'_>, mut audit: FirewallAudit) {
        let custom = &facts.scene.app.spec.custom_block_response;
        audit.status_code = Some(match custom.enabled {
            _ if facts.known.broken => 400,
            true => custom.code,
            false => 403,
        });
        self.statistics.told_of(&audit);
        self.auditor.send(audit);
    }
}
