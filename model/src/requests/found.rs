//! What the app firewall finds in a request (sections 2.7, 2.8, 2.13).

use super::exception::is_free;
use super::{Attack, Place, Sent};
use crate::Trail;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::ApplicationSpec;

/// Something that the app firewall finds.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub kind: &'static str,
    pub effect: WaasEffect,
    pub place: Option<Place>,
    attack: Option<Attack>,
}

/// What may be found of one attack: one of these, or nothing.
pub(super) type OneOf = Vec<Found>;

/// What the app firewall finds for sure, and what it may find: of a body that is longer than what is inspected only the beginning is looked at, and
/// where that ends in a structure is nobody's word. W22, W47 to W54, W58 to W61.
pub(super) fn found(app: &ApplicationSpec, sent: &Sent, trail: &mut Trail) -> (Vec<Found>, Vec<OneOf>) {
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
pub(super) fn ways(perhaps: &[OneOf]) -> Vec<Vec<Found>> {
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
pub(super) fn orders(found: &[Found]) -> Vec<Vec<Found>> {
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
