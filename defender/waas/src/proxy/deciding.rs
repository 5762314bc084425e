//! What becomes of a request and of its answer: the protections in their order (section 2.3 of `waas.md`).

use super::Firewall;
use super::facts::{Answer, Facts};
use crate::audit::names;
use crate::custom::Reply;
use crate::dos::Limits;
use crate::finding::Finding;
use crate::sessions::Session;
use crate::{Attack, Match, Unread};
use hyper::{Method, StatusCode};
use proofhouse_protocol::{FirewallAudit, WaasEffect};

type Stage = fn(&Firewall, &Facts<'_>) -> Vec<Finding>;
type StageOfAnswers = fn(&Firewall, &Facts<'_>, &Answer<'_>) -> Vec<Finding>;

/// The protections in order of evaluation. What stands behind one that blocks does not count.
const STAGES: &[Stage] = &[Firewall::custom_rules, Firewall::access, Firewall::bots];

/// Those that are asked once a client has a session, where it needs one: a page that asks for it stands before them.
const STAGES_BEHIND_SESSIONS: &[Stage] = &[Firewall::body_limit, Firewall::attacks, Firewall::api];

/// Last, those that count: who is banned is not counted.
const COUNTING_STAGES: &[Stage] = &[Firewall::flood];

/// Those that look at a message of a call, behind the first. API protection is not one: a document says nothing of what is in messages of
/// gRPC, and the rest of the call was looked at with its head.
const STAGES_OF_MESSAGES: &[Stage] =
    &[Firewall::custom_rules_of_messages, Firewall::known_bots, Firewall::body_limit, Firewall::attacks];

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

    /// Whether a message of a call may go on that has begun already.
    pub(super) fn decide_on_message(&self, facts: &Facts<'_>) -> bool {
        match self.weigh(facts, STAGES_OF_MESSAGES.iter().flat_map(|stage| stage(self, facts))) {
            Outcome::Allowed => true,
            Outcome::Go(alerts) => {
                for audit in alerts {
                    self.statistics.told_of(&audit);
                    self.auditor.send(audit);
                }
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

    /// Bots whose requests are not looked at.
    fn known_bots(&self, facts: &Facts<'_>) -> Vec<Finding> {
        self.bots(facts).into_iter().take(1).filter(|found| found.effect == WaasEffect::Allow).collect()
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

    /// Those that look at what is in messages.
    fn custom_rules_of_messages(&self, facts: &Facts<'_>) -> Vec<Finding> {
        facts.scene.app.custom.of_message(&facts.exchange(None))
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
