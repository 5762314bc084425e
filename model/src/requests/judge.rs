//! What becomes of a request, and what is told of it (sections 2.3, 2.4).

use super::access::{is_exempt, offences};
use super::api::unexpected;
use super::bot::bots;
use super::client::client;
use super::custom::{Meanings, Seen, Stage, said};
use super::endpoint::{exposes, first_app, first_rule};
use super::flood::{Counted, Moment, Sending, counted};
use super::found::{Found, found, orders, ways};
use super::{Place, Sent, Standing};
use crate::Trail;
use proofhouse_protocol::waas_policy::{ApplicationSpec, WaasRule};
use proofhouse_protocol::{WaasEffect, WaasPolicy};
use std::net::IpAddr;

/// What the client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// What the app answers to the request.
    OfApp,
    /// A page that says that it was refused.
    Page {
        /// Status.
        status: u16,
        /// The user's own page, with `#eventID` where the event id stands.
        own: Option<String>,
    },
    /// Nothing: nobody listens there.
    Nothing,
}

/// An audit that a Defender owes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `ruleName`.
    pub rule: String,
    /// `ruleAppID`.
    pub app: String,
    /// `type`.
    pub kind: &'static str,
    /// `effect`.
    pub effect: WaasEffect,
    /// `protection`, where that is documented.
    pub protection: Option<&'static str>,
    /// `attackField`, where that is known.
    pub place: Option<Place>,
    /// `subnet`.
    pub client: IpAddr,
    /// `msg`, where that is known.
    pub msg: Option<String>,
}

/// What is decided of a request, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What the client gets.
    pub answer: Answer,
    /// Whether the app gets the request, as it was sent. It may, and its answer be refused.
    pub reaches_app: bool,
    /// Whether the answer has an event id; nothing where that is not documented.
    pub event_id: Option<bool>,
    /// All that is told of it.
    pub audits: Vec<Told>,
    /// The app that the client is banned from from now on, or again.
    pub bans: Option<String>,
    /// What the client has sent to an app by now.
    pub(super) sending: Option<(String, Sending)>,
    /// The clauses by which it came about.
    pub trail: Trail,
}

/// What may come of a request at a moment, from a client that stands so with the apps, where the scripts of custom rules have these meanings: one for each
/// order in which protections may be asked, of which the reference says only that inspection ends at the first that blocks, and for each thing
/// that it does not say.
#[must_use]
pub fn judge_request(
    policy: &WaasPolicy,
    meanings: &Meanings,
    app_id: &str,
    (sent, moment): (&Sent, Moment),
    standing: &Standing,
) -> Vec<Judged> {
    let mut trail = Trail::default();
    let Some(rule) = first_rule(policy, app_id, &mut trail) else {
        trail.through("request.no-rule");
        return vec![unseen(Answer::Nothing, trail)];
    };
    let Some(app) = first_app(rule, sent, &mut trail) else {
        if !exposes(rule, sent.port) {
            trail.through("request.no-port");
            return vec![unseen(Answer::Nothing, trail)];
        }
        trail.through("request.no-endpoint");
        return vec![unseen(Answer::OfApp, trail)];
    };
    let client = client(sent, &mut trail);
    if is_exempt(app, &policy.network_lists, client, &mut trail) {
        return vec![unseen(Answer::OfApp, trail)];
    }
    let before = standing.sent.get(&app.app_id).cloned().unwrap_or_default();
    let scene = Scene { policy, meanings, rule, app, client, sent, moment, before };
    if standing.banned.contains(&app.app_id) {
        trail.through("request.banned");
        return vec![scene.still_banned(trail)];
    }
    let mut all: Vec<Judged> = Vec::new();
    for judged in scene.judged(trail) {
        if !all.contains(&judged) {
            all.push(judged);
        }
    }
    all
}

/// What comes of a request that nothing is looked at of.
fn unseen(answer: Answer, trail: Trail) -> Judged {
    let reaches_app = answer == Answer::OfApp;
    Judged { answer, reaches_app, event_id: None, audits: Vec::new(), bans: None, sending: None, trail }
}

/// An app that looks at the request of a client.
struct Scene<'a> {
    policy: &'a WaasPolicy,
    meanings: &'a Meanings,
    rule: &'a WaasRule,
    app: &'a ApplicationSpec,
    client: IpAddr,
    sent: &'a Sent,
    moment: Moment,
    /// What the client has sent before.
    before: Sending,
}

impl Scene<'_> {
    /// Custom rules first (section 2.3), then what else speaks against it, in each order that there may be.
    fn judged(&self, mut trail: Trail) -> Vec<Judged> {
        let customs = self.of_custom_rules(Stage::Request, &mut trail);
        let behind_customs = trail.clone();
        let found = self.found_in_orders(&mut trail);
        let mut all = Vec::new();
        for (ends, told) in customs {
            match ends {
                Some(Ends::Allowed) => all.push(self.allowed(told, behind_customs.clone())),
                Some(Ends::Blocked(effect)) => {
                    let mut trail = behind_customs.clone();
                    if found.iter().any(|order| !order.is_empty()) {
                        trail.through("request.custom-first");
                    }
                    all.push(self.blocked(effect, told, trail));
                }
                None => {
                    for order in &found {
                        all.extend(self.weigh(&told, order, trail.clone()));
                    }
                }
            }
        }
        all
    }

    /// What custom rules come to: how inspection ends there, if it does, and what they tell.
    fn of_custom_rules(&self, stage: Stage, trail: &mut Trail) -> Vec<(Option<Ends>, Vec<Told>)> {
        let body = &self.app.body;
        let seen = Seen {
            sent: self.sent,
            client: self.client,
            whole: !body.skip && self.sent.body.len() <= body.inspection_size_bytes,
            status: (stage == Stage::Answer).then_some(self.sent.app_status),
        };
        let all = said(stage, (self.policy, self.meanings), self.app, &seen, trail);
        let each = all.into_iter().map(|one| {
            let ends = if one.allows { Some(Ends::Allowed) } else { one.blocks().map(Ends::Blocked) };
            let told = one
                .told
                .into_iter()
                .map(|(effect, msg)| Told { msg, ..self.told("customRule", effect, Some("custom"), None) });
            (ends, told.collect())
        });
        each.collect()
    }

    /// What else speaks against it, in each order. What is found by access control is found before bots (choice), they before attacks, and
    /// attacks before what is not as the API says.
    fn found_in_orders(&self, trail: &mut Trail) -> Vec<Vec<Told>> {
        let access = offences(self.app, &self.policy.network_lists, self.client, self.sent, trail);
        let access: Vec<Told> = access
            .into_iter()
            .map(|one| self.told(one.kind, one.effect, Some("accessControl"), one.place))
            .collect();
        let ways_of_bots = bots(self.app, &self.policy.network_lists, self.client, self.sent, trail);
        let (sure, perhaps) = found(self.app, self.sent, trail);
        let orders: Vec<_> =
            ways(&perhaps).into_iter().flat_map(|more| orders(&[sure.clone(), more].concat())).collect();
        let blocks = |one: &Found| matches!(one.effect, WaasEffect::Prevent | WaasEffect::Ban);
        let of_api = unexpected(self.app, self.sent, trail);
        if orders.iter().flatten().any(blocks) && of_api.iter().any(Option::is_some) {
            trail.through("request.api-behind-firewall");
        }
        let mut all = Vec::new();
        for bots in ways_of_bots {
            if !bots.is_empty() && orders.iter().any(|order| !order.is_empty()) {
                trail.through("request.bot-first");
            }
            let bots = bots.into_iter().map(|(kind, effect)| self.told(kind, effect, Some("bot"), None));
            let before: Vec<Told> = access.iter().cloned().chain(bots).collect();
            for order in &orders {
                let found = order
                    .iter()
                    .map(|one| self.told(one.kind, one.effect, Some("firewall"), one.place.clone()));
                let found: Vec<Told> = before.iter().cloned().chain(found).collect();
                all.extend(of_api.iter().map(|effect| {
                    let of_api =
                        effect.map(|effect| self.told("unexpectedAPI", effect, Some("firewall"), None));
                    found.iter().cloned().chain(of_api).collect()
                }));
            }
        }
        all
    }

    /// W108: inspection goes on after an alert, and ends at what blocks.
    fn weigh(&self, before: &[Told], found: &[Told], mut trail: Trail) -> Vec<Judged> {
        let mut audits = before.to_vec();
        for told in found {
            if told.effect == WaasEffect::Allow {
                // Whether what was found before is told of then is not documented.
                return vec![self.allowed(Vec::new(), trail.clone()), self.allowed(audits, trail)];
            }
            audits.push(told.clone());
            if matches!(told.effect, WaasEffect::Prevent | WaasEffect::Ban) {
                return vec![self.blocked(told.effect, audits, trail)];
            }
            trail.through("request.alerted");
        }
        let floods = counted(
            self.app,
            &self.policy.network_lists,
            self.client,
            (self.sent, self.moment),
            &self.before,
            &mut trail,
        );
        let answers = self.of_custom_rules(Stage::Answer, &mut trail);
        let each = floods.into_iter().flat_map(|Counted { effects, sending }| {
            let told = effects.iter().map(|effect| self.told("dos", *effect, Some("dos"), None));
            let audits: Vec<Told> = audits.iter().cloned().chain(told).collect();
            let sending = Some((self.app.app_id.clone(), sending));
            let mut trail = trail.clone();
            for effect in &effects {
                trail.through(if *effect == WaasEffect::Ban {
                    "request.flood-banned"
                } else {
                    "request.flood-told-of"
                });
            }
            if effects.contains(&WaasEffect::Ban) {
                return self.flooded(&audits, sending, &trail);
            }
            let behind = answers.iter().map(|answer| Judged {
                sending: sending.clone(),
                ..self.answered(answer, &audits, trail.clone())
            });
            behind.collect()
        });
        each.collect()
    }

    /// W73. Where it takes the answer to know what counts, the app has got the request by then, and who gets its answer is not documented.
    fn flooded(&self, audits: &[Told], sending: Option<(String, Sending)>, trail: &Trail) -> Vec<Judged> {
        let blocked = Judged { sending, ..self.blocked(WaasEffect::Ban, audits.to_vec(), trail.clone()) };
        let conditions = &self.app.dos_config.match_conditions;
        if conditions.iter().all(|one| one.response_code_ranges.is_empty()) {
            return vec![blocked];
        }
        let late = Judged { reaches_app: true, ..blocked.clone() };
        let passes = Judged { answer: Answer::OfApp, ..late.clone() };
        vec![blocked, late, passes]
    }

    /// What the app answers, or what custom rules make of it.
    fn answered(
        &self,
        (ends, told): &(Option<Ends>, Vec<Told>),
        audits: &[Told],
        mut trail: Trail,
    ) -> Judged {
        let audits = [audits, told].concat();
        if let Some(Ends::Blocked(effect)) = ends {
            trail.through("request.custom-of-answer");
            return Judged { reaches_app: true, ..self.blocked(*effect, audits, trail) };
        }
        trail.through("request.passes");
        let event_id = self.has_event_id(&mut trail);
        Judged {
            answer: Answer::OfApp,
            reaches_app: true,
            event_id,
            audits,
            bans: None,
            sending: None,
            trail,
        }
    }

    /// W99.
    fn allowed(&self, audits: Vec<Told>, trail: Trail) -> Judged {
        Judged { audits, sending: self.perhaps_more(), ..unseen(Answer::OfApp, trail) }
    }

    fn blocked(&self, effect: WaasEffect, audits: Vec<Told>, mut trail: Trail) -> Judged {
        if effect == WaasEffect::Ban {
            trail.through("request.bans");
            return self.refused(audits, Some(self.app.app_id.clone()), trail);
        }
        trail.through("request.prevented");
        self.refused(audits, None, trail)
    }

    /// W25. Whether an attack of a banned client begins the ban anew is for a clock to tell.
    fn still_banned(&self, trail: Trail) -> Judged {
        let told = self.told("violationsExceeded", WaasEffect::Ban, None, None);
        self.refused(vec![told], Some(self.app.app_id.clone()), trail)
    }

    /// W56: the user's own page, else that of the product.
    fn refused(&self, audits: Vec<Told>, bans: Option<String>, mut trail: Trail) -> Judged {
        let custom = &self.app.custom_block_response;
        let answer = if custom.enabled {
            trail.through("request.own-page");
            Answer::Page { status: custom.code, own: Some(custom.body.clone()) }
        } else {
            Answer::Page { status: 403, own: None }
        };
        let event_id = self.has_event_id(&mut trail);
        Judged { answer, reaches_app: false, event_id, audits, bans, sending: self.perhaps_more(), trail }
    }

    /// Whether what ends before clients are counted counts is not documented.
    fn perhaps_more(&self) -> Option<(String, Sending)> {
        Some((self.app.app_id.clone(), self.before.perhaps_more(self.app)))
    }

    /// W55.
    fn has_event_id(&self, trail: &mut Trail) -> Option<bool> {
        let has = !self.app.disable_event_id_header;
        trail.through(if has { "request.event-id" } else { "request.no-event-id" });
        Some(has)
    }

    fn told(
        &self,
        kind: &'static str,
        effect: WaasEffect,
        protection: Option<&'static str>,
        place: Option<Place>,
    ) -> Told {
        let (rule, app) = (self.rule.name.clone(), self.app.app_id.clone());
        Told { rule, app, kind, effect, protection, place, client: self.client, msg: None }
    }
}

/// How custom rules end the inspection.
#[derive(Debug, Clone, Copy)]
enum Ends {
    Allowed,
    Blocked(WaasEffect),
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
