//! What becomes of a request and of its answer: the protections in their order (section 2.3 of `waas.md`).

use super::Firewall;
use crate::audit::{Scene, names};
use crate::client_address::Client;
use crate::finding::Finding;
use crate::policy::App;
use crate::{Attack, Match, Unread, WaasConfig};
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode};
use proofhouse_protocol::{FirewallAudit, WaasEffect};

/// Everything that is known of a request beside its head.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) app: &'a App,
    pub(super) host: &'a str,
    pub(super) client: &'a Client,
    pub(super) event_id: &'a str,
    /// Whether the body is longer than its inspected part.
    pub(super) exceeded: bool,
    pub(super) matches: &'a [Match],
    /// What is not as the app's API says.
    pub(super) unexpected: Option<&'a Finding>,
    /// Why the body was not inspected whole, although it was read.
    pub(super) unread: Option<Unread>,
    /// Whether the framing of the request contradicts itself, so that it is answered 400 whatever was found.
    pub(super) broken: bool,
}

/// A request as it is decided on.
pub(super) struct Facts<'a> {
    pub(super) scene: Scene<'a>,
    known: Known<'a>,
}

impl Known<'_> {
    /// With the head of the request.
    pub(super) fn of<'b>(&'b self, config: &'b WaasConfig, request: &'b Parts) -> Facts<'b> {
        let Known { app, host, client, event_id, .. } = *self;
        Facts { scene: Scene { config, app, request, host, client, event_id }, known: *self }
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

/// The protections in order of evaluation. What stands behind one that blocks does not count.
const STAGES: &[fn(&Firewall, &Facts<'_>) -> Vec<Finding>] =
    &[Firewall::access, Firewall::body_limit, Firewall::attacks, Firewall::api];

/// Those that look at answers.
const STAGES_OF_ANSWERS: &[fn(&Firewall, &Facts<'_>, &Answer<'_>) -> Vec<Finding>] = &[Firewall::leaks];

/// What is to happen with a request.
pub(super) enum Verdict {
    Forward(Vec<FirewallAudit>),
    Block,
}

impl Firewall {
    /// Bans first, then one stage after the other, until one blocks. While a client is banned all stages are looked at, as another
    /// attack starts the time anew.
    pub(super) fn decide(&self, facts: &Facts<'_>) -> Verdict {
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
        let verdict = self.weigh(facts, STAGES.iter().flat_map(|stage| stage(self, facts)));
        match verdict {
            (alerts, None) => Verdict::Forward(alerts),
            (alerts, Some(blocking)) => {
                alerts.into_iter().chain([blocking]).for_each(|audit| self.blocked(facts, audit));
                Verdict::Block
            }
        }
    }

    /// What the answer tells, once the application gave it; whether it may go to the client.
    pub(super) fn decide_on_answer(&self, facts: &Facts<'_>, answer: &Answer<'_>) -> bool {
        let found = STAGES_OF_ANSWERS.iter().flat_map(|stage| stage(self, facts, answer));
        let (alerts, blocking) = self.weigh(facts, found);
        let passes = blocking.is_none();
        for mut audit in alerts.into_iter().chain(blocking) {
            audit.status_code = Some(answer.status.as_u16());
            audit.response_header_names = names(answer.headers, None);
            self.auditor.send(audit);
        }
        passes
    }

    /// Audits of what was found up to what blocks, and of that. A ban begins here.
    fn weigh(
        &self,
        facts: &Facts<'_>,
        found: impl Iterator<Item = Finding>,
    ) -> (Vec<FirewallAudit>, Option<FirewallAudit>) {
        let scene = &facts.scene;
        let mut alerts = Vec::new();
        for found in found {
            match found.effect {
                WaasEffect::Disable => continue,
                WaasEffect::Allow => return (Vec::new(), None),
                WaasEffect::Alert => {
                    alerts.push(scene.audit(&found));
                    continue;
                }
                WaasEffect::Ban => {
                    let (app, client) = (scene.app, scene.client.address);
                    self.bans.ban(&app.spec.app_id, client, self.clock.now(), app.ban);
                }
                WaasEffect::Prevent | WaasEffect::ReCaptcha => {}
            }
            return (alerts, Some(scene.audit(&found)));
        }
        (alerts, None)
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
        let unreadable = facts.known.unread == Some(Unread::Coding);
        if unreadable && malformed != WaasEffect::Disable {
            let message = "Request body has a content coding that cannot be undone".to_owned();
            return vec![Finding::firewall("malformedRequest", malformed, message)];
        }
        let exceeded = facts.known.exceeded || facts.known.unread.is_some();
        if !exceeded || body.inspection_limit_exceeded_effect == WaasEffect::Disable {
            return Vec::new();
        }
        let message = if unreadable && !facts.known.exceeded {
            "Request body cannot be inspected: its content coding cannot be undone".to_owned()
        } else {
            format!("Request body exceeds the inspection limit of {} bytes", body.inspection_size_bytes)
        };
        vec![Finding::firewall("inspectionLimitExceeded", body.inspection_limit_exceeded_effect, message)]
    }

    /// What the rules found.
    fn attacks(&self, facts: &Facts<'_>) -> Vec<Finding> {
        let effect = |found: &Match| facts.scene.app.effect(found.attack);
        facts.known.matches.iter().map(|found| Finding::attack(found, effect(found))).collect()
    }

    /// What is not as the API says.
    fn api(&self, facts: &Facts<'_>) -> Vec<Finding> {
        facts.known.unexpected.cloned().into_iter().collect()
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
        self.auditor.send(audit);
    }
}
