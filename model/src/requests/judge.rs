//! What becomes of a request, and what is told of it (sections 2.3, 2.4).

use super::access::{Offence, is_exempt, offences};
use super::client::client;
use super::endpoint::{exposes, first_app, first_rule};
use super::exception::is_free;
use super::{Attack, Place, Sent};
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
        if !exposes(rule, sent.port) {
            trail.through("request.no-port");
            return vec![free(Answer::Nothing, trail)];
        }
        trail.through("request.no-endpoint");
        return vec![free(Answer::OfApp, trail)];
    };
    let client = client(sent, &mut trail);
    if is_exempt(app, &policy.network_lists, client, &mut trail) {
        return vec![free(Answer::OfApp, trail)];
    }
    let access = offences(app, &policy.network_lists, client, sent, &mut trail);
    let scene = Scene { rule, app, client };
    let (sure, perhaps) = found(app, sent, &mut trail);
    if banned.contains(&app.app_id) {
        trail.through("request.banned");
        return vec![scene.still_banned(trail)];
    }
    let mut all: Vec<Judged> = Vec::new();
    for order in ways(&perhaps).into_iter().flat_map(|more| orders(&[sure.clone(), more].concat())) {
        let judged = scene.weigh(&access, &order, trail.clone());
        if !all.contains(&judged) {
            all.push(judged);
        }
    }
    all
}

/// Something that the app firewall finds.
#[derive(Debug, Clone)]
struct Found {
    kind: &'static str,
    effect: WaasEffect,
    place: Option<Place>,
    attack: Option<Attack>,
}

/// What may be found of one attack: one of these, or nothing.
type OneOf = Vec<Found>;

/// What the app firewall finds for sure, and what it may find: of a body that is longer than what is inspected only the beginning is looked at, and
/// where that ends in a structure is nobody's word. W22, W47 to W54, W58 to W61.
fn found(app: &ApplicationSpec, sent: &Sent, trail: &mut Trail) -> (Vec<Found>, Vec<OneOf>) {
    let (mut sure, mut perhaps) = (Vec::new(), Vec::new());
    let exceeds = !app.body.skip && sent.body.len() > app.body.inspection_size_bytes;
    let effect = app.body.inspection_limit_exceeded_effect;
    if exceeds && effect != WaasEffect::Disable {
        trail.through("request.body-limit");
        sure.push(Found { kind: "inspectionLimitExceeded", effect, place: None, attack: None });
    }
    if sent.coded_sha256.is_some() {
        trail.through("request.coded-body");
    }
    for planted in &sent.attacks {
        let settings = planted.attack.settings(app);
        let in_body = planted.place.spot.is_body();
        let effect = planted.attack.effect(app);
        if effect == WaasEffect::Disable {
            trail.through("request.protection-off");
        }
        if in_body && app.body.skip {
            trail.through("request.bodies-skipped");
        } else if in_body && exceeds {
            // A structure that is cut off has no names: nobody says where something stands in it, and what frees a name may not hold.
            trail.through("request.beyond-limit");
            perhaps.push(cut_off(planted.attack, app));
        } else if effect != WaasEffect::Disable
            && !is_free(&settings.exception_fields, &planted.place, sent, trail)
        {
            trail.through(clause_of(planted.attack));
            trail.through(clause_of_place(&planted.place));
            let place = planted.place.spot.word().map(|_| planted.place.clone());
            let attack = Some(planted.attack);
            sure.push(Found { kind: planted.attack.audit_type(), effect, place, attack });
        }
    }
    if sent.attacks.is_empty() {
        trail.through("request.benign");
    }
    (sure, perhaps)
}

/// What may be found of an attack that may have been cut off: itself, or what its beginning happens to be. `phpinfo()` begins with a command.
fn cut_off(attack: Attack, app: &ApplicationSpec) -> OneOf {
    const OF_TEXTS: [Attack; 6] =
        [Attack::Sqli, Attack::Xss, Attack::Cmdi, Attack::CodeInjection, Attack::Lfi, Attack::Shellshock];
    let others = OF_TEXTS.into_iter().filter(|other| *other != attack);
    let all = std::iter::once(attack).chain(others).map(|one| (one, one.effect(app)));
    let kept = all.filter(|(_, effect)| *effect != WaasEffect::Disable);
    kept.map(|(one, effect)| Found { kind: one.audit_type(), effect, place: None, attack: Some(one) })
        .collect()
}

/// One of each of these, or none.
fn ways(perhaps: &[OneOf]) -> Vec<Vec<Found>> {
    let Some((first, rest)) = perhaps.split_first() else { return vec![Vec::new()] };
    let without = ways(rest);
    let with =
        first.iter().flat_map(|one| without.iter().map(|way| [vec![one.clone()], way.clone()].concat()));
    with.chain(without.clone()).collect()
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
fn orders(found: &[Found]) -> Vec<Vec<Found>> {
    let Some((first, rest)) = found.split_first() else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut next = order.clone();
            next.insert(at, first.clone());
            let of = |attack| next.iter().position(|one| one.attack == Some(attack));
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
    fn weigh(&self, access: &[Offence], found: &[Found], mut trail: Trail) -> Judged {
        let access = access.iter().map(|one| {
            let told = self.told(one.kind, one.effect, Some("accessControl"), one.place.clone());
            (one.effect, told)
        });
        let found = found
            .iter()
            .map(|one| (one.effect, self.told(one.kind, one.effect, Some("firewall"), one.place.clone())));
        let mut audits = Vec::new();
        for (effect, told) in access.chain(found) {
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
