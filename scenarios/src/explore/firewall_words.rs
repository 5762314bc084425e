//! Policies of the firewall in the words of steps.

use super::feature::{aligned_pairs, pretty, quoted, scope};
use proofhouse_generators::{APP_PORT, PORTS};
use proofhouse_model::requests::Attack;
use proofhouse_protocol::waas_policy::{ApplicationSpec, Endpoint, WaasRule};
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
    if !matches!(app.api_spec.endpoints.as_slice(), [one] if plain(one)) {
        let endpoints: Vec<_> = app.api_spec.endpoints.iter().map(endpoint).collect();
        more.insert("apiSpec".to_owned(), json!({"endpoints": endpoints}));
    }
    if app.app_id != usual_id {
        more.insert("appID".to_owned(), json!(app.app_id));
    }
    Value::Object(more)
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
