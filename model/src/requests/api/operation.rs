//! What a request is beside all that its app declares.

use super::super::Sent;
use super::parameter::{Seen, fit};
use super::resource::{Led, decoded, leads};
use super::value::Fit;
use crate::Trail;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApiMethod, ApiSpec, ApplicationSpec, ParamLocation, ParamType};

/// W64 to W71: the effects that a request may have by not being as declared; nothing is one of them, where it may have none. Without paths there is no
/// API (choice).
pub(in crate::requests) fn unexpected(
    app: &ApplicationSpec,
    sent: &Sent,
    trail: &mut Trail,
) -> Vec<Option<WaasEffect>> {
    let spec = &app.api_spec;
    if spec.paths.is_empty() {
        return vec![None];
    }
    let effects = [spec.effect, spec.fallback_effect, spec.query_param_fallback_effect];
    if effects.into_iter().all(|effect| of_api(effect).is_none()) {
        trail.through("request.api-off");
        return vec![None];
    }
    let mut all = Vec::new();
    for led in leads(app, sent, trail) {
        for effect in of_led(&led, app, sent, trail) {
            if !all.contains(&effect) {
                all.push(effect);
            }
        }
    }
    all
}

/// Section 1.4: the others are no effects of API protection.
fn of_api(effect: WaasEffect) -> Option<WaasEffect> {
    match effect {
        WaasEffect::Alert | WaasEffect::Prevent | WaasEffect::Ban => Some(effect),
        WaasEffect::Disable | WaasEffect::Allow | WaasEffect::ReCaptcha => None,
    }
}

fn of_led(led: &Led<'_>, app: &ApplicationSpec, sent: &Sent, trail: &mut Trail) -> Vec<Option<WaasEffect>> {
    let spec = &app.api_spec;
    match led {
        Led::Unclear => {
            trail.through("request.api-unclear");
            let effects = [spec.effect, spec.fallback_effect, spec.query_param_fallback_effect];
            std::iter::once(None).chain(effects.map(of_api)).collect()
        }
        Led::Nowhere => {
            trail.through("request.api-unknown-path");
            vec![fallen_back(spec, trail)]
        }
        Led::To(methods, captured) => match methods.iter().find(|one| one.method == sent.method) {
            Some(method) => of_method(method, &Seen { app, sent, captured }, trail),
            None => {
                trail.through("request.api-unknown-method");
                vec![fallen_back(spec, trail)]
            }
        },
    }
}

/// W66, W67.
fn fallen_back(spec: &ApiSpec, trail: &mut Trail) -> Option<WaasEffect> {
    let effect = of_api(spec.fallback_effect);
    if effect.is_none() {
        trail.through("request.api-fallback-off");
    }
    effect
}

/// W64, W65, W68: what its parameters have as effect, else what others have.
fn of_method(method: &ApiMethod, seen: &Seen<'_>, trail: &mut Trail) -> Vec<Option<WaasEffect>> {
    let spec = &seen.app.api_spec;
    let declared = Fit::of_all(method.parameters.iter().map(|param| {
        let fit = fit(param, seen, trail);
        if let Fit::Wrong(clause) = fit {
            trail.through(clause_of(param.location));
            trail.through(clause);
        }
        fit
    }));
    let others = undeclared(method, seen.sent);
    let of_others = match others {
        Fit::Fine => vec![None],
        Fit::Wrong(_) => vec![of_api(spec.query_param_fallback_effect)],
        Fit::Unclear => vec![None, of_api(spec.query_param_fallback_effect)],
    };
    let effect = of_api(spec.effect);
    match (declared, effect) {
        (Fit::Fine, _) => {
            trail.through(match others {
                Fit::Fine => "request.api-conforms",
                Fit::Wrong(clause) => clause,
                Fit::Unclear => "request.api-unclear",
            });
            of_others
        }
        (Fit::Wrong(_), Some(effect)) => {
            if matches!(others, Fit::Wrong(_)) {
                trail.through("request.api-told-once");
            }
            vec![Some(effect)]
        }
        (Fit::Wrong(_), None) => {
            // Whether others count behind what is wrong and has no effect is not documented.
            trail.through("request.api-parameters-off");
            [vec![None], of_others].concat()
        }
        (Fit::Unclear, effect) => {
            trail.through("request.api-unclear");
            [vec![None, effect], of_others].concat()
        }
    }
}

/// W68: whether the query has a parameter that the method has not. With one of type object it may have any (choice).
fn undeclared(method: &ApiMethod, sent: &Sent) -> Fit {
    let own: Vec<_> = method.parameters.iter().filter(|one| one.location == ParamLocation::Query).collect();
    if own.iter().any(|one| one.kind == Some(ParamType::Object)) {
        return Fit::Unclear;
    }
    let names = sent.parameters().into_iter().map(|(name, _)| decoded(name, true));
    let others = names.filter(|name| !own.iter().any(|one| one.name == *name));
    Fit::of_all(others.map(|name| match own.iter().any(|one| one.name.eq_ignore_ascii_case(&name)) {
        true => Fit::Unclear,
        false => Fit::Wrong("request.api-undeclared"),
    }))
}

/// W64.
fn clause_of(place: ParamLocation) -> &'static str {
    match place {
        ParamLocation::Path => "request.api-in-path",
        ParamLocation::Query => "request.api-in-query",
        ParamLocation::Header => "request.api-in-header",
        ParamLocation::Cookie => "request.api-in-cookie",
        ParamLocation::FormData => "request.api-in-form",
        ParamLocation::Multipart => "request.api-in-multipart",
        ParamLocation::Xml => "request.api-in-xml",
        ParamLocation::Json | ParamLocation::Body => "request.api-in-json",
    }
}
