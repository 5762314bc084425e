//! What a WAAS policy must look like (sections 1.2 to 1.4 of `waas.md`).

use super::Collections;
use super::refusal::Refusal;
use super::runtime::{known_collections, named, rules};
use crate::random;
use serde_json::{Map, Value, json};
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
    ("botProtectionSpec.knownBotProtectionsSpec.*", FIREWALL),
    ("botProtectionSpec.unknownBotProtectionSpec.*", UNKNOWN_BOTS),
    ("botProtectionSpec.unknownBotProtectionSpec.requestAnomalies.effect", UNKNOWN_BOTS),
    ("botProtectionSpec.userDefinedBots.*.effect", USER_BOTS),
];

/// Refuses a policy that a real Console would refuse. The message names the rule, the app and the member.
pub(crate) fn check_waas(policy: &Value, collections: &Collections, lenient: bool) -> Result<(), Refusal> {
    let Some(policy) = policy.as_object() else {
        return Err(Refusal::bad("failed to unmarshal firewall policy: expected an object with rules"));
    };
    let mut names = HashSet::new();
    for (index, rule) in rules(policy, "firewall")?.iter().enumerate() {
        let (name, rule) = named(rule, index, &mut names)?;
        known_collections(name, rule, collections, lenient)?;
        let mut apps = HashSet::new();
        for (index, app) in applications(name, rule)?.iter().enumerate() {
            let Some(members) = app.as_object() else {
                return Err(Refusal::bad(format!(
                    "rule '{name}': applicationsSpec[{index}] must be an object"
                )));
            };
            let id = members.get("appID").and_then(Value::as_str).unwrap_or_default();
            if !id.is_empty() && !apps.insert(id) {
                return Err(Refusal::bad(format!("rule '{name}': appID '{id}' is used twice")));
            }
            let place = format!("rule '{name}', applicationsSpec[{index}]");
            for (path, allowed) in EFFECTS {
                check_effect(&place, app, path, allowed)?;
            }
            endpoints(&place, app)?;
            block_response(&place, app)?;
        }
    }
    Ok(())
}

fn applications<'a>(name: &str, rule: &'a Map<String, Value>) -> Result<&'a [Value], Refusal> {
    match rule.get("applicationsSpec") {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(apps)) => Ok(apps),
        Some(_) => Err(Refusal::bad(format!("rule '{name}': applicationsSpec must be a list"))),
    }
}

/// Walks `path` from `value`, and checks the strings at its end.
fn check_effect(place: &str, value: &Value, path: &str, allowed: &[&str]) -> Result<(), Refusal> {
    fn walk(place: &str, value: &Value, seen: &str, path: &str, allowed: &[&str]) -> Result<(), Refusal> {
        let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
        let next: Vec<(String, &Value)> = match (step, value) {
            ("*", Value::Array(items)) => {
                items.iter().enumerate().map(|(i, item)| (format!("{seen}[{i}]"), item)).collect()
            }
            ("*", Value::Object(members)) => members
                .iter()
                .filter(|(_, member)| member.is_string())
                .map(|(name, member)| (format!("{seen}.{name}"), member))
                .collect(),
            (step, value) => value
                .get(step)
                .map(|member| {
                    let dot = if seen.is_empty() { "" } else { "." };
                    (format!("{seen}{dot}{step}"), member)
                })
                .into_iter()
                .collect(),
        };
        for (seen, member) in next {
            match rest {
                Some(rest) => walk(place, member, &seen, rest, allowed)?,
                None => match member {
                    Value::Null => {}
                    Value::String(effect) if effect.is_empty() || allowed.contains(&effect.as_str()) => {}
                    other => {
                        return Err(Refusal::bad(format!(
                            "{place}: {seen} is {other}: use one of {}",
                            allowed.join(", ")
                        )));
                    }
                },
            }
        }
        Ok(())
    }
    walk(place, value, "", path, allowed)
}

fn endpoints(place: &str, app: &Value) -> Result<(), Refusal> {
    let list = app.pointer("/apiSpec/endpoints").filter(|list| !list.is_null());
    let Some(list) = list else { return Ok(()) };
    let Some(list) = list.as_array() else {
        return Err(Refusal::bad(format!("{place}: apiSpec.endpoints must be a list")));
    };
    for (index, endpoint) in list.iter().enumerate() {
        for (member, required) in [("exposedPort", true), ("internalPort", false)] {
            let port = endpoint.get(member).filter(|port| !port.is_null());
            let valid = match port {
                None => !required,
                Some(port) => port.as_u64().is_some_and(|port| port <= 65_535 && (port > 0 || !required)),
            };
            if !valid {
                return Err(Refusal::bad(format!(
                    "{place}: apiSpec.endpoints[{index}].{member} is {}: give a port, 1 to 65535",
                    port.unwrap_or(&Value::Null)
                )));
            }
        }
    }
    Ok(())
}

fn block_response(place: &str, app: &Value) -> Result<(), Refusal> {
    let Some(custom) = app.get("customBlockResponse") else { return Ok(()) };
    if custom.get("enabled").and_then(Value::as_bool) != Some(true) {
        return Ok(());
    }
    let code = custom.get("code").and_then(Value::as_u64);
    if code.is_some_and(|code| (100..=599).contains(&code)) {
        return Ok(());
    }
    Err(Refusal::bad(format!(
        "{place}: customBlockResponse.code is {}: give an http status, 100 to 599",
        custom.get("code").unwrap_or(&Value::Null)
    )))
}

/// Gives an id to each app that has none, in the form that the real Console generates [S21].
pub(crate) fn name_apps(policy: &mut Value) {
    let rules = policy.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten();
    let apps =
        rules.flat_map(|rule| rule.get_mut("applicationsSpec").and_then(Value::as_array_mut)).flatten();
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
                "knownBotProtectionsSpec": {"news": "prevent"}, "userDefinedBots": [{"effect": "allow"}]},
            "networkControls": {"deniedSubnetsEffect": "whatever", "subnets": {"fallbackEffect": "alert"}},
            "customBlockResponse": {"enabled": false, "code": 0}
        }));
        check_waas(&policy, &collections(), false).unwrap();
        let typed = waas_for_link(&policy, &collections()).unwrap();
        assert_eq!(typed.rules[0].applications_spec[0].api_spec.endpoints[0].exposed_port, 80);
    }

    #[test]
    fn mistakes_are_named() {
        for (app, words) in [
            (json!({"sqli": {"effect": "reCAPTCHA"}}), "sqli.effect is \"reCAPTCHA\""),
            (json!({"xss": {"effect": "block"}}), "use one of disable, alert, prevent, ban"),
            (json!({"headerSpecs": [{"effect": "alert"}, {"effect": "ban"}]}), "headerSpecs[1].effect"),
            (json!({"maliciousUpload": {"effect": "ban"}}), "maliciousUpload.effect"),
            (
                json!({"botProtectionSpec": {"knownBotProtectionsSpec": {"news": "reCAPTCHA"}}}),
                "botProtectionSpec.knownBotProtectionsSpec.news",
            ),
            (json!({"networkControls": {"subnets": {"fallbackEffect": "ban"}}}), "subnets.fallbackEffect"),
            (json!({"apiSpec": {"endpoints": [{"host": "*"}]}}), "endpoints[0].exposedPort"),
            (json!({"apiSpec": {"endpoints": [{"exposedPort": 70000}]}}), "70000"),
            (json!({"customBlockResponse": {"enabled": true, "code": 99}}), "customBlockResponse.code is 99"),
            (json!({"customBlockResponse": {"enabled": true, "code": 600}}), "100 to 599"),
            (json!({"customBlockResponse": {"enabled": true}}), "customBlockResponse.code is null"),
            (json!(7), "applicationsSpec[0] must be an object"),
        ] {
            let message = check_waas(&policy(app.clone()), &collections(), false).unwrap_err().message;
            assert!(message.contains(words), "{app}: {message}");
        }
        let twice = json!({"rules": [{"name": "w", "collections": [{"name": "All"}],
            "applicationsSpec": [{"appID": "a"}, {"appID": "a"}]}]});
        assert!(check_waas(&twice, &collections(), false).unwrap_err().message.contains("'a' is used twice"));
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
