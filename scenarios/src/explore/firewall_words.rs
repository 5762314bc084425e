//! Policies of the firewall in the words of steps.

use super::feature::{aligned_pairs, pretty, quoted, scope};
use proofhouse_generators::{APP_PORT, PORTS};
use proofhouse_model::requests::Attack;
use proofhouse_protocol::waas_policy::{ApiSpec, ApplicationSpec, Endpoint, WaasRule};
use proofhouse_protocol::{WaasEffect, WaasPolicy};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The policy without the list of nobody, which no step makes.
pub(super) fn of_somebody(policy: &WaasPolicy) -> WaasPolicy {
    let mut policy = policy.clone();
    for app in policy.rules.iter_mut().flat_map(|rule| &mut rule.applications_spec) {
        let controls = &mut app.network_controls;
        let subnets = &mut controls.subnets;
        let named = [
            &mut controls.exception_subnets,
            &mut controls.network_controls_exception_subnets.subnets,
            &mut subnets.allow,
            &mut subnets.alert,
            &mut subnets.prevent,
            &mut app.dos_config.excluded_network_lists,
        ];
        named.into_iter().for_each(|names| names.retain(|name| name != "nobody"));
    }
    policy
}

/// The custom rules that apps attach.
pub(super) fn given_customs(policy: &WaasPolicy) -> Vec<String> {
    let apps = policy.rules.iter().flat_map(|rule| &rule.applications_spec);
    let attached: BTreeSet<u64> = apps.flat_map(|app| &app.custom_rules).map(|one| one.id).collect();
    let rules = policy.custom_rules.iter().filter(|rule| attached.contains(&rule.id));
    let each = rules.map(|rule| {
        let what = if rule.kind == "waas-response" { "responses" } else { "requests" };
        let head = format!("the custom rule {} \"{}\" for {what}", rule.id, rule.name);
        format!("{head}, with message \"{}\":\n{}", rule.message, quoted(&rule.script))
    });
    each.collect()
}

/// A rule in words, where words can say it.
pub(super) fn given_rule(rule: &WaasRule, number: usize, apps: &mut usize) -> Option<Vec<String>> {
    if rule.disabled {
        return None;
    }
    let scope = match scope(&rule.collections)?.as_str() {
        "every container" => String::new(),
        scope => format!(" for {scope}"),
    };
    let mut steps = Vec::new();
    for (at, app) in rule.applications_spec.iter().enumerate() {
        let (exposed, name) = (PORTS[0], &rule.name);
        let table = table(app);
        steps.push(match at {
            0 => format!("the firewall rule \"{name}\"{scope} from port {exposed} to port {APP_PORT}:\n{table}"),
            _ => format!("the firewall rule \"{name}\" has another app from port {exposed} to port {APP_PORT}:\n{table}"),
        });
        // The number that a scenario gives an app by itself.
        let usual = if at == 0 { number + 1 } else { *apps + 1 };
        *apps += 1;
        let more = more(app, &format!("app-{usual:04X}"));
        if more.as_object().is_some_and(|more| !more.is_empty()) {
            steps.push(format!(
                "the app of the firewall rule \"{name}\" also has:\n{}",
                quoted(&pretty(&more))
            ));
        }
    }
    Some(steps)
}

fn table(app: &ApplicationSpec) -> String {
    let all = Attack::ALL.into_iter().map(|attack| (attack.word(), attack.settings(app).effect));
    let mut rows = vec![("protection", "effect".to_owned())];
    rows.extend(
        all.filter(|(_, effect)| *effect != WaasEffect::Disable)
            .map(|(word, effect)| (word, effect.to_string())),
    );
    if rows.len() == 1 {
        rows.push(("sqli", WaasEffect::Disable.to_string()));
    }
    aligned_pairs(&rows)
}

/// Settings of an app for which tables have no words.
fn more(app: &ApplicationSpec, usual_id: &str) -> Value {
    let plain = |endpoint: &Endpoint| {
        (endpoint.host.as_str(), endpoint.base_path.as_str(), endpoint.exposed_port) == ("*", "*", PORTS[0])
    };
    let usual = ApplicationSpec::default();
    let (own, usual) = (json!(app), json!(usual));
    let mut more = Map::new();
    for (name, value) in own.as_object().into_iter().flatten() {
        let effect_only = value.get("exceptionFields").is_some_and(|fields| *fields == json!([]));
        if usual[name] != *value && !effect_only && name != "appID" && name != "apiSpec" {
            more.insert(name.clone(), without_usual(value, &usual[name]));
        }
    }
    let mut spec = api(&app.api_spec);
    if !matches!(app.api_spec.endpoints.as_slice(), [one] if plain(one)) {
        let endpoints: Vec<_> = app.api_spec.endpoints.iter().map(endpoint).collect();
        spec.insert("endpoints".to_owned(), json!(endpoints));
    }
    if !spec.is_empty() {
        more.insert("apiSpec".to_owned(), Value::Object(spec));
    }
    if app.app_id != usual_id {
        more.insert("appID".to_owned(), json!(app.app_id));
    }
    Value::Object(more)
}

/// What an app declares of its API, without what says nothing.
fn api(spec: &ApiSpec) -> Map<String, Value> {
    let mut own = json!(spec);
    let mut paths = own["paths"].take();
    for path in paths.as_array_mut().into_iter().flatten() {
        for method in path["methods"].as_array_mut().into_iter().flatten() {
            let Some(parameters) = method["parameters"].as_array_mut() else { continue };
            if parameters.is_empty() {
                method.as_object_mut().and_then(|method| method.remove("parameters"));
                continue;
            }
            for parameter in parameters.iter_mut().filter_map(Value::as_object_mut) {
                parameter.retain(|_, value| *value != json!(false));
            }
        }
    }
    let mut all = Map::new();
    for effect in ["effect", "fallbackEffect", "queryParamFallbackEffect"] {
        if own[effect] != json!(WaasEffect::Disable) {
            all.insert(effect.to_owned(), own[effect].take());
        }
    }
    if paths.as_array().is_some_and(|paths| !paths.is_empty()) {
        all.insert("paths".to_owned(), paths);
    }
    all
}

/// Members of an object that are not as they always are.
fn without_usual(value: &Value, usual: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let own = members.iter().filter(|(name, value)| usual[name.as_str()] != **value);
    Value::Object(own.map(|(name, value)| (name.clone(), without_usual(value, &usual[name]))).collect())
}

fn endpoint(endpoint: &Endpoint) -> Value {
    json!({"host": endpoint.host, "basePath": endpoint.base_path, "exposedPort": endpoint.exposed_port,
        "internalPort": endpoint.internal_port})
}

/// A policy without members that are as they always are.
pub(super) fn slim(mut policy: Value) -> Value {
    let usual = json!(ApplicationSpec::default());
    let rules = policy["rules"].as_array_mut().into_iter().flatten();
    for app in rules.filter_map(|rule| rule["applicationsSpec"].as_array_mut()).flatten() {
        if let Some(members) = app.as_object_mut() {
            members.retain(|name, value| usual[name.as_str()] != *value);
        }
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_is_told_without_what_says_nothing() {
        let written = json!({"fallbackEffect": "prevent", "paths": [{"path": "/", "methods": [
            {"method": "GET"}, {"method": "POST", "parameters": [
                {"name": "n", "location": "json", "type": "integer", "required": true, "max": 9.0}]}]}]});
        let spec: ApiSpec = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(Value::Object(api(&spec)), written);
        assert_eq!(Value::Object(api(&ApiSpec::default())), json!({}));
    }
}
