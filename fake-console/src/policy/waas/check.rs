//! A whole policy: rules, apps, effects.

use super::super::Collections;
use super::super::mistake::Mistakes;
use super::super::rule::{known_collections, label, rules, unique};
use super::super::shape::{Shape, check_shapes, must_be, told};
use super::super::spot::Spot;
use super::super::walk::rules_mut;
use super::{access, answers, api, captcha, clients};
use crate::random;
use serde_json::{Value, json};
use std::collections::HashSet;

const FIREWALL: &[&str] = &["disable", "alert", "prevent", "ban"];
const UNKNOWN_BOTS: &[&str] = &["disable", "alert", "prevent", "ban", "reCAPTCHA"];
const USER_BOTS: &[&str] = &["allow", "alert", "prevent", "ban", "reCAPTCHA"];
const UPLOADS: &[&str] = &["disable", "alert", "prevent"];
const LISTS: &[&str] = &["alert", "prevent"];
const CUSTOM: &[&str] = &["disable", "allow", "alert", "prevent", "ban"];

/// Where an effect stands in an application, and which values its capability knows (table of section 1.4).
/// `*` is every element of a list, or every member of an object that is a string.
const EFFECTS: &[(&str, &[&str])] = &[
    ("sqli.effect", FIREWALL),
    ("xss.effect", FIREWALL),
    ("cmdi.effect", FIREWALL),
    ("codeInjection.effect", FIREWALL),
    ("lfi.effect", FIREWALL),
    ("attackTools.effect", FIREWALL),
    ("shellshock.effect", FIREWALL),
    ("malformedReq.effect", FIREWALL),
    ("autoApplyPatchesSpec.effect", FIREWALL),
    ("intelGathering.infoLeakageEffect", FIREWALL),
    ("apiSpec.effect", FIREWALL),
    ("apiSpec.fallbackEffect", FIREWALL),
    ("apiSpec.queryParamFallbackEffect", FIREWALL),
    ("body.inspectionLimitExceededEffect", FIREWALL),
    ("networkControls.advancedProtectionEffect", FIREWALL),
    ("networkControls.subnets.fallbackEffect", LISTS),
    ("networkControls.countries.fallbackEffect", LISTS),
    ("headerSpecs.*.effect", LISTS),
    ("maliciousUpload.effect", UPLOADS),
    ("customRules.*.effect", CUSTOM),
    ("customRules.*.action", &["audit", "incident"]),
    ("botProtectionSpec.sessionValidation", FIREWALL),
    ("botProtectionSpec.jsInjectionSpec.timeoutEffect", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.archiving", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.businessAnalytics", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.careerSearch", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.contentFeedClients", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.educational", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.financial", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.mediaSearch", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.news", FIREWALL),
    ("botProtectionSpec.knownBotProtectionsSpec.searchEngineCrawlers", FIREWALL),
    ("botProtectionSpec.unknownBotProtectionSpec.apiLibraries", UNKNOWN_BOTS),
    ("botProtectionSpec.unknownBotProtectionSpec.botImpersonation", UNKNOWN_BOTS),
    ("botProtectionSpec.unknownBotProtectionSpec.browserImpersonation", UNKNOWN_BOTS),
    ("botProtectionSpec.unknownBotProtectionSpec.generic", UNKNOWN_BOTS),
    ("botProtectionSpec.unknownBotProtectionSpec.httpLibraries", UNKNOWN_BOTS),
    ("botProtectionSpec.unknownBotProtectionSpec.webAutomationTools", UNKNOWN_BOTS),
    ("botProtectionSpec.unknownBotProtectionSpec.webScrapers", UNKNOWN_BOTS),
    ("botProtectionSpec.unknownBotProtectionSpec.requestAnomalies.effect", UNKNOWN_BOTS),
    ("botProtectionSpec.userDefinedBots.*.effect", USER_BOTS),
];

/// What a Defender reads of a rule, beside its applications.
const RULE: [(&str, Shape); 3] =
    [("disabled", Shape::Flag), ("readTimeoutSeconds", Shape::Count), ("skipAPILearning", Shape::Flag)];

/// What a Defender reads of an application, beside effects.
const APPLICATION: [(&str, Shape); 6] = [
    ("appID", Shape::Text),
    ("banDurationMinutes", Shape::Count),
    ("disableEventIDHeader", Shape::Flag),
    ("body", Shape::Object),
    ("body.inspectionSizeBytes", Shape::Count),
    ("body.skip", Shape::Flag),
];

/// Capabilities that a Defender reads whole (`waas.ProtectionConfig`).
const PROTECTIONS: [&str; 8] =
    ["sqli", "xss", "cmdi", "codeInjection", "lfi", "attackTools", "shellshock", "malformedReq"];

/// What a Defender reads of each of them.
const PROTECTION: [(&str, Shape); 3] = [
    ("exceptionFields", Shape::List),
    ("exceptionFields.*", Shape::Object),
    ("exceptionFields.*.key", Shape::Text),
];

/// Everything for which a real Console would refuse the policy. Messages name the rule.
pub(crate) fn check_waas(policy: &Value, collections: &Collections, lenient: bool) -> Mistakes {
    let mut found = Mistakes::default();
    let mut names = HashSet::new();
    for rule in rules(&Spot::root(policy), "firewall", &mut found) {
        unique(&rule, &mut names, &mut found);
        let Some(label) = label(&rule, &mut found) else { continue };
        known_collections(&rule, &label, collections, lenient, &mut found);
        check_shapes(&rule, &RULE, &label, &mut found);
        let Some(applications) = rule.member("applicationsSpec") else { continue };
        if !applications.value.is_array() {
            must_be(&applications, Shape::List, &label, &mut found);
        }
        let mut ids = HashSet::new();
        for application in applications.items() {
            check_application(&application, &label, &mut ids, &mut found);
        }
    }
    found
}

fn check_application<'a>(
    application: &Spot<'a>,
    label: &str,
    ids: &mut HashSet<&'a str>,
    found: &mut Mistakes,
) {
    if !application.value.is_object() {
        return must_be(application, Shape::Object, label, found);
    }
    if let Some(id) = application.member("appID")
        && let Some(text) = id.text()
        && !text.is_empty()
        && !ids.insert(text)
    {
        let message = format!("{label}: appID '{text}' is used twice");
        found.add(id.path, message, "give each application of a rule an id of its own, or none");
    }
    check_shapes(application, &APPLICATION, label, found);
    access::check(application, label, found);
    api::check(application, label, found);
    answers::check(application, label, found);
    clients::check(application, label, found);
    captcha::check(application, label, found);
    for protection in PROTECTIONS.into_iter().filter_map(|name| application.member(name)) {
        check_protection(&protection, label, found);
    }
    for (pattern, allowed) in EFFECTS {
        check_effects(application, pattern, allowed, label, found);
    }
}

fn check_protection(protection: &Spot<'_>, label: &str, found: &mut Mistakes) {
    if !protection.value.is_object() {
        return must_be(protection, Shape::Object, label, found);
    }
    check_shapes(protection, &PROTECTION, label, found);
    for field in protection.along("exceptionFields.*").iter().filter(|field| field.value.is_object()) {
        if !field.member("location").is_some_and(|location| location.value.is_string()) {
            let message = format!("{label}: an exception has no location");
            found.add(
                field.path.member("location"),
                message,
                "say which part of the request it is, such as 'query'",
            );
        }
    }
}

/// Checks what stands at the end of `pattern`; an empty effect counts as absent.
fn check_effects(application: &Spot<'_>, pattern: &str, allowed: &[&str], label: &str, found: &mut Mistakes) {
    for effect in application.along(pattern) {
        if !effect.text().is_some_and(|text| text.is_empty() || allowed.contains(&text)) {
            let message = format!("{label}: {}", told(&effect.path, Some(effect.value)));
            found.add(effect.path, message, format!("use one of {}", allowed.join(", ")));
        }
    }
}

/// Gives an id to each app that has none, in the form that the real Console generates [S21].
pub(crate) fn name_apps(policy: &mut Value) {
    let apps = rules_mut(policy)
        .flat_map(|rule| rule.get_mut("applicationsSpec").and_then(Value::as_array_mut))
        .flatten();
    for app in apps.filter_map(Value::as_object_mut) {
        if app.get("appID").and_then(Value::as_str).unwrap_or_default().is_empty() {
            app.insert("appID".to_owned(), json!(format!("app-{}", random::hex::<2>().to_uppercase())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::waas_for_link;

    fn collections() -> Collections {
        Collections::new("2026-01-01T00:00:00Z", false)
    }

    fn policy(app: Value) -> Value {
        json!({"rules": [{"name": "w", "collections": [{"name": "All"}], "applicationsSpec": [app]}]})
    }

    #[test]
    fn an_app_with_known_effects_is_accepted() {
        let policy = policy(json!({
            "appID": "app-0001",
            "apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 8080}],
                        "effect": "disable", "fallbackEffect": ""},
            "sqli": {"effect": "ban", "exceptionFields": null},
            "botProtectionSpec": {"unknownBotProtectionSpec": {"generic": "reCAPTCHA",
                "requestAnomalies": {"effect": "alert", "threshold": 9}},
                "knownBotProtectionsSpec": {"news": "prevent"}, "userDefinedBots": [{"effect": "allow"}],
                "reCAPTCHASpec": {"enabled": false, "siteKey": "", "secretKey": {}, "type": "checkbox", "allSessions": true,
                    "successExpirationHours": 24, "customPageSpec": null}},
            "networkControls": {"deniedSubnetsEffect": "whatever", "subnets": {"fallbackEffect": "alert"}},
            "customBlockResponse": {"enabled": false, "code": 0}
        }));
        check_waas(&policy, &collections(), false).refuse(&policy).unwrap();
        let typed = waas_for_link(&policy, &collections()).unwrap();
        assert_eq!(typed.rules[0].applications_spec[0].api_spec.endpoints[0].exposed_port, 80);
    }

    fn message(policy: &Value) -> String {
        check_waas(policy, &collections(), false).refuse(policy).unwrap_err().message
    }

    #[test]
    fn every_mistake_is_told_in_the_order_of_the_document() {
        let policy = json!({"rules": [
            {"name": "w", "collections": [{"name": "nope"}], "readTimeoutSeconds": -1, "applicationsSpec": [
                {"sqli": {"effect": "block", "exceptionFields": [{"key": "x"}]}, "xss": 7,
                 "apiSpec": {"endpoints": [{"exposedPort": 0, "tls": "no"}, {"exposedPort": 80, "internalPort": 70000}]},
                 "customBlockResponse": {"enabled": true, "code": 99}},
                null]},
            {"name": "w", "applicationsSpec": {}}]});
        let refusal = check_waas(&policy, &collections(), false).refuse(&policy).unwrap_err();
        let paths: Vec<_> = refusal.mistakes.iter().map(|mistake| mistake.path.to_string()).collect();
        assert_eq!(
            paths,
            [
                "rules[0].collections[0].name",
                "rules[0].readTimeoutSeconds",
                "rules[0].applicationsSpec[0].sqli.effect",
                "rules[0].applicationsSpec[0].sqli.exceptionFields[0].location",
                "rules[0].applicationsSpec[0].xss",
                "rules[0].applicationsSpec[0].apiSpec.endpoints[0].exposedPort",
                "rules[0].applicationsSpec[0].apiSpec.endpoints[0].tls",
                "rules[0].applicationsSpec[0].apiSpec.endpoints[1].internalPort",
                "rules[0].applicationsSpec[0].customBlockResponse.code",
                "rules[0].applicationsSpec[0].customBlockResponse.body",
                "rules[0].applicationsSpec[1]",
                "rules[1].name",
                "rules[1].applicationsSpec",
                "rules[1].collections",
            ]
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (app, words) in [
            (json!({"sqli": {"effect": "reCAPTCHA"}}), "sqli.effect: rule 'w': sqli.effect is \"reCAPTCHA\""),
            (json!({"xss": {"effect": "block"}}), "use one of disable, alert, prevent, ban"),
            (
                json!({"networkControls": {"countries": {"allow": ["DE", "de"]}}}),
                "countries.allow[1] is \"de\", which is no country",
            ),
            (json!({"networkControls": {"countries": {"alert": ["DEU"]}}}), "countries.alert[0]"),
            (json!({"networkControls": {"countries": {"prevent": "DE"}}}), "countries.prevent"),
            (json!({"networkControls": {"countries": {"enabled": "yes"}}}), "countries.enabled"),
            (
                json!({"networkControls": {"countries": {"fallbackEffect": "ban"}}}),
                "countries.fallbackEffect",
            ),
            (json!({"headerSpecs": [{"effect": "alert"}, {"effect": "ban"}]}), "headerSpecs[1].effect"),
            (json!({"maliciousUpload": {"effect": "ban"}}), "maliciousUpload.effect"),
            (
                json!({"botProtectionSpec": {"knownBotProtectionsSpec": {"news": "reCAPTCHA"}}}),
                "botProtectionSpec.knownBotProtectionsSpec.news",
            ),
            (json!({"networkControls": {"subnets": {"fallbackEffect": "ban"}}}), "subnets.fallbackEffect"),
            (
                json!({"customBlockResponse": {"enabled": true, "code": 418, "body": "<p>no</p>"}}),
                "customBlockResponse.body: rule 'w': the page of the custom block response is no html page",
            ),
            (json!({"customBlockResponse": {"enabled": true, "code": 600, "body": "<html></html>"}}), "600"),
            (json!({"tlsConfig": {"minTLSVersion": "1.4"}}), "use one of 1.0, 1.1, 1.2, 1.3"),
            (json!({"responseHeaderSpecs": [{"name": "a b"}]}), "responseHeaderSpecs[0].name"),
            (
                json!({"responseHeaderSpecs": [{"name": "a", "values": ["b\r\nc"]}]}),
                "responseHeaderSpecs[0].values[0]",
            ),
            (json!({"dosConfig": {"ban": {"burst": -1}}}), "dosConfig.ban.burst"),
            (
                json!({"dosConfig": {"matchConditions": [{"responseCodeRanges": [{"start": 500, "end": 400}]}]}}),
                "responseCodeRanges[0]: rule 'w': a range of response codes has no start, or ends before it",
            ),
            (
                json!({"botProtectionSpec": {"unknownBotProtectionSpec": {"requestAnomalies": {"threshold": 4}}}}),
                "use 3 (strict), 6 (moderate) or 9 (lax)",
            ),
            (
                json!({"botProtectionSpec": {"userDefinedBots": [{"headerName": "a b"}]}}),
                "userDefinedBots[0]",
            ),
            (
                json!({"botProtectionSpec": {"reCAPTCHASpec": {"type": "v3"}}}),
                "reCAPTCHASpec.type: rule 'w': reCAPTCHASpec.type is \"v3\"",
            ),
            (
                json!({"botProtectionSpec": {"reCAPTCHASpec": {"successExpirationHours": 721}}}),
                "give a number of hours, 720 at most",
            ),
            (
                json!({"botProtectionSpec": {"reCAPTCHASpec": {"enabled": true, "siteKey": "k"}}}),
                "reCAPTCHA is on, but the app has no sessions",
            ),
            (
                json!({"sessionCookieEnabled": true, "botProtectionSpec": {"reCAPTCHASpec": {"enabled": true}}}),
                "reCAPTCHA has no site key",
            ),
            (
                json!({"sessionCookieEnabled": true, "botProtectionSpec": {"reCAPTCHASpec": {"enabled": true,
                    "siteKey": "k", "customPageSpec": {"enabled": true, "body": "<p>no</p>"}}}}),
                "the page of reCAPTCHA is no html page",
            ),
            (
                json!({"botProtectionSpec": {"reCAPTCHASpec": {"customPageSpec": {"enabled": 1}}}}),
                "customPageSpec.enabled",
            ),
            (json!({"sessionCookieSameSite": "lax"}), "use one of Lax, Strict, None"),
            (json!({"apiSpec": {"endpoints": [{"host": "*"}]}}), "endpoints[0].exposedPort"),
            (json!({"apiSpec": {"endpoints": [{"exposedPort": 70000}]}}), "70000"),
            (
                json!({"customBlockResponse": {"enabled": true, "code": 99}}),
                "rule 'w': customBlockResponse.code is 99",
            ),
            (json!({"customBlockResponse": {"enabled": true, "code": 600}}), "100 to 599"),
            (
                json!({"customBlockResponse": {"enabled": true}}),
                "rule 'w': customBlockResponse.code is missing",
            ),
            (
                json!(7),
                "applicationsSpec[0]: failed to unmarshal rule 'w': rules[0].applicationsSpec[0] is 7: give an object",
            ),
        ] {
            let message = message(&policy(app.clone()));
            assert!(message.contains(words), "{app}: {message}");
        }
        let twice = json!({"rules": [{"name": "w", "collections": [{"name": "All"}],
            "applicationsSpec": [{"appID": "a"}, {"appID": "a"}]}]});
        assert!(message(&twice).contains("applicationsSpec[1].appID: rule 'w': appID 'a' is used twice"));
    }

    #[test]
    fn an_app_without_an_id_gets_one_and_others_keep_theirs() {
        let mut policy = policy(json!({"appID": "app-0001"}));
        policy["rules"][0]["applicationsSpec"].as_array_mut().unwrap().push(json!({}));
        name_apps(&mut policy);
        let apps = &policy["rules"][0]["applicationsSpec"];
        assert_eq!(apps[0]["appID"], "app-0001");
        let id = apps[1]["appID"].as_str().unwrap();
        assert!(id.starts_with("app-") && id.len() == 8, "{id}");
    }
}
