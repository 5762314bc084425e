//! The question of reCAPTCHA v2 (section 1.4 of `waas.md`, S9).

use super::super::mistake::Mistakes;
use super::super::shape::{Shape, check_shapes, told};
use super::super::spot::Spot;
use super::Secrets;
use super::answers::is_page;
use proofhouse_protocol::Secret;

const SPEC: &str = "botProtectionSpec.reCAPTCHASpec";

/// What a Defender reads of it.
const SHAPES: [(&str, Shape); 11] = [
    ("enabled", Shape::Flag),
    ("siteKey", Shape::Text),
    ("secretKey", Shape::Object),
    ("secretKey.encrypted", Shape::Text),
    ("secretKey.plain", Shape::Text),
    ("type", Shape::Text),
    ("allSessions", Shape::Flag),
    ("successExpirationHours", Shape::Count),
    ("customPageSpec", Shape::Object),
    ("customPageSpec.enabled", Shape::Flag),
    ("customPageSpec.body", Shape::Text),
];

/// Hours that an answer counts at most.
const LONGEST: u64 = 720;

/// All but the secret key, of which only the whole Console knows what is wrong with it.
pub(super) fn check(application: &Spot<'_>, label: &str, found: &mut Mistakes) {
    check_shapes(application, &[(SPEC, Shape::Object)], label, found);
    for spec in application.along(SPEC) {
        check_shapes(&spec, &SHAPES, label, found);
        for kind in spec.along("type") {
            if kind.text().is_some_and(|text| !["", "checkbox", "invisible"].contains(&text)) {
                let message = format!("{label}: {}", told(&kind.path, Some(kind.value)));
                found.add(kind.path, message, "use one of checkbox, invisible");
            }
        }
        for hours in spec.along("successExpirationHours") {
            if hours.value.as_u64().is_some_and(|hours| hours > LONGEST) {
                let message = format!("{label}: {}", told(&hours.path, Some(hours.value)));
                found.add(hours.path, message, format!("give a number of hours, {LONGEST} at most"));
            }
        }
        if is_on(&spec) {
            check_use(application, &spec, label, found);
        }
    }
}

/// What it takes to ask.
fn check_use(application: &Spot<'_>, spec: &Spot<'_>, label: &str, found: &mut Mistakes) {
    if !application.member("sessionCookieEnabled").is_some_and(|sessions| sessions.value == true) {
        let message =
            format!("{label}: reCAPTCHA is on, but the app has no sessions, which remember the answers");
        found.add(spec.path.member("enabled"), message, "switch `sessionCookieEnabled` on");
    }
    if spec.member("siteKey").is_none_or(|key| key.text() == Some("")) {
        let message = format!("{label}: reCAPTCHA has no site key");
        found.add(spec.path.member("siteKey"), message, "give the site key that the service gave you");
    }
    let Some(page) = spec.member("customPageSpec").filter(is_on) else { return };
    let body = page.member("body");
    if !body.is_some_and(|body| body.text().is_none_or(is_page)) {
        let message = format!("{label}: the page of reCAPTCHA is no html page");
        found.add(page.path.member("body"), message, "begin it with <html and end it with </html>");
    }
}

/// What is wrong with the secret key of an app that asks.
pub(super) fn check_secret(application: &Spot<'_>, known: &Secrets, label: &str, found: &mut Mistakes) {
    for spec in application.along(SPEC).iter().filter(|spec| is_on(spec)) {
        let key = spec.member("secretKey");
        let text = |name: &str| {
            let text = key.as_ref().and_then(|key| key.member(name)).and_then(|text| text.text());
            text.filter(|text| !text.is_empty())
        };
        let path = spec.path.member("secretKey");
        match (text("plain"), text("encrypted")) {
            (Some(_), _) => {}
            (None, Some(token)) if known.knows(token) => {}
            (None, Some(_)) => {
                let message = format!("{label}: this Console knows no such encrypted key");
                found.add(path.member("encrypted"), message, "an export holds no keys: give it as `plain`");
            }
            (None, None) => {
                let message = format!("{label}: reCAPTCHA has no secret key");
                found.add(path, message, "give the secret key that the service gave you as `plain`");
            }
        }
    }
}

/// The secret keys that a policy carries.
pub(super) fn secret_keys(policy: &Spot<'_>) -> Vec<Secret> {
    let plain = policy.along("rules.*.applicationsSpec.*.botProtectionSpec.reCAPTCHASpec.secretKey.plain");
    plain.iter().filter_map(Spot::text).map(Secret::new).collect()
}

fn is_on(spec: &Spot<'_>) -> bool {
    spec.member("enabled").is_some_and(|enabled| enabled.value == true)
}
