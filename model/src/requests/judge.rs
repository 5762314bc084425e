//! What becomes of a request, and what is told of it (sections 2.3, 2.4).

use super::access::{Offence, is_exempt, offences};
use super::client::client;
use super::endpoint::{first_app, first_rule};
use super::exception::is_free;
use super::{Attack, Place, Planted, Sent};
use crate::Trail;
use proofhouse_protocol::waas_policy::{ApplicationSpec, WaasRule};
use proofhouse_protocol::{WaasEffect, WaasPolicy};
use std::collections::BTreeSet;
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
}

/// What is decided of a request, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What the client gets. The app gets the request where the answer is the app's, as it was sent, and never else.
    pub answer: Answer,
    /// Whether the answer has an event id; nothing where that is not documented.
    pub event_id: Option<bool>,
    /// All that is told of it.
    pub audits: Vec<Told>,
    /// The app that the client is banned from from now on, or again.
    pub bans: Option<String>,
    /// The clauses by which it came about.
    pub trail: Trail,
}

/// What may come of a request, from a client that is banned from some apps: one for each order in which protections may be asked, of which
/// the reference says only that inspection ends at the first that blocks.
#[must_use]
pub fn judge_request(
    policy: &WaasPolicy,
    app_id: &str,
    sent: &Sent,
    banned: &BTreeSet<String>,
) -> Vec<Judged> {
    let mut trail = Trail::default();
    let free = |answer, trail| Judged { answer, event_id: None, audits: Vec::new(), bans: None, trail };
    let Some(rule) = first_rule(policy, app_id, &mut trail) else {
        trail.through("request.no-rule");
        return vec![free(Answer::Nothing, trail)];
    };
    let Some(app) = first_app(rule, sent, &mut trail) else {
        trail.through("request.no-endpoint");
        return vec![free(Answer::OfApp, trail)];
    };
    let client = client(sent, &mut trail);
    if is_exempt(app, &policy.network_lists, client, &mut trail) {
        return vec![free(Answer::OfApp, trail)];
    }
    let access = offences(app, &policy.network_lists, client, sent, &mut trail);
    let scene = Scene { rule, app, client };
    let attacks = found(app, sent, &mut trail);
    if banned.contains(&app.app_id) {
        trail.through("request.banned");
        return vec![scene.still_banned(trail)];
    }
    let mut all: Vec<Judged> = Vec::new();
    for order in orders(&attacks) {
        let judged = scene.weigh(&access, &order, trail.clone());
        if !all.contains(&judged) {
            all.push(judged);
        }
    }
    all
}

/// W22, W47 to W54, W61: the attacks that a protection of the app looks for, and finds.
fn found<'s>(app: &ApplicationSpec, sent: &'s Sent, trail: &mut Trail) -> Vec<&'s Planted> {
    let mut found = Vec::new();
    for planted in &sent.attacks {
        let settings = planted.attack.settings(app);
        if planted.attack.effect(app) == WaasEffect::Disable {
            trail.through("request.protection-off");
        } else if planted.place.spot.is_body() && app.body.skip {
            trail.through("request.bodies-skipped");
        } else if !is_free(&settings.exception_fields, &planted.place, sent, trail) {
            trail.through(clause_of(planted.attack));
            trail.through(clause_of_place(&planted.place));
            found.push(planted);
        }
    }
    if sent.attacks.is_empty() {
        trail.through("request.benign");
    }
    found
}

/// W12 to W20.
fn clause_of(attack: Attack) -> &'static str {
    match attack {
        Attack::Sqli => "request.sqli",
        Attack::Xss => "request.xss",
        Attack::Cmdi => "request.cmdi",
        Attack::CodeInjection => "request.code-injection",
        Attack::Lfi => "request.lfi",
        Attack::AttackTools => "request.attack-tools",
        Attack::Shellshock => "request.shellshock",
        Attack::MalformedReq => "request.malformed",
    }
}

/// W29 to W36.
fn clause_of_place(place: &Place) -> &'static str {
    use super::Spot;
    match place.spot {
        Spot::Url => "request.in-path",
        Spot::Query => "request.in-query",
        Spot::Cookie => "request.in-cookie",
        Spot::Header => "request.in-header",
        Spot::FormBody => "request.in-form",
        Spot::MultipartBody => "request.in-multipart",
        Spot::JsonBody => "request.in-json",
        Spot::XmlBody => "request.in-xml",
        Spot::RawBody => "request.in-raw-body",
        Spot::Request => "request.as-a-whole",
    }
}

/// All orders of what was found. W16: local file inclusion stands before command injection.
fn orders<'s>(found: &[&'s Planted]) -> Vec<Vec<&'s Planted>> {
    let Some((first, rest)) = found.split_first() else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut next = order.clone();
            next.insert(at, first);
            let of = |attack| next.iter().position(|one: &&Planted| one.attack == attack);
            match (of(Attack::Lfi), of(Attack::Cmdi)) {
                (Some(lfi), Some(cmdi)) if cmdi < lfi => {}
                _ => all.push(next),
            }
        }
    }
    all
}

/// An app that looks at the request of a client.
struct Scene<'a> {
    rule: &'a WaasRule,
    app: &'a ApplicationSpec,
    client: IpAddr,
}

impl Scene<'_> {
    /// W108: inspection goes on after an alert, and ends at what blocks. What is found by access control is found before attacks (choice).
    fn weigh(&self, access: &[Offence], attacks: &[&Planted], mut trail: Trail) -> Judged {
        let access = access.iter().map(|one| {
            let told = self.told(one.kind, one.effect, Some("accessControl"), one.place.clone());
            (one.effect, told)
        });
        let attacks = attacks.iter().map(|one| {
            let effect = one.attack.effect(self.app);
            let place = one.place.spot.word().map(|_| one.place.clone());
            (effect, self.told(one.attack.audit_type(), effect, Some("firewall"), place))
        });
        let mut audits = Vec::new();
        for (effect, told) in access.chain(attacks) {
            audits.push(told);
            match effect {
                WaasEffect::Prevent => {
                    trail.through("request.prevented");
                    return self.refused(audits, None, trail);
                }
                WaasEffect::Ban => {
                    trail.through("request.bans");
                    return self.refused(audits, Some(self.app.app_id.clone()), trail);
                }
                _ => trail.through("request.alerted"),
            }
        }
        trail.through("request.passes");
        Judged { answer: Answer::OfApp, event_id: self.has_event_id(&mut trail), audits, bans: None, trail }
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
        Judged { answer, event_id: self.has_event_id(&mut trail), audits, bans, trail }
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
        Told { rule, app, kind, effect, protection, place, client: self.client }
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
