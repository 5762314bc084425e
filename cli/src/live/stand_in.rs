//! What a definition takes from elsewhere, and the ports that it and a policy expose.

use crate::arguments::TaskArguments;
use crate::failure::{Failure, chain};
use proofhouse_harness::stand_ins::{StandInError, StandIns};
use serde_json::{Value, json};

/// What the user gives for secrets and environment files.
pub fn given(arguments: &TaskArguments) -> Result<StandIns, Failure> {
    let Some(file) = &arguments.stand_ins else { return Ok(StandIns::default()) };
    StandIns::load(file).map_err(|error| {
        let help = match error {
            StandInError::Unreadable { .. } => "name files that exist and may be read",
            StandInError::Shape { .. } => {
                r#"write it as {"secrets": {"ARN or name": "value"}, "environmentFiles": {"ARN": "path"}}"#
            }
        };
        Failure::input(chain(&error), help)
    })
}

/// Replaces what only the user's AWS account has and nothing stands in for, and tells what was replaced: each secret becomes a
/// variable with its name as the value, environment files go. The bundle of a former sidecar goes too, because this Console
/// gives its own. The sidecar is called so.
pub fn replace(definition: &mut Value, sidecar: &str, stand_ins: &StandIns) -> Vec<String> {
    let mut notes = Vec::new();
    for container in containers(definition) {
        let name = container["name"].as_str().unwrap_or_default().to_owned();
        let given =
            |secret: &Value| secret["valueFrom"].as_str().is_some_and(|from| stand_ins.secret(from).is_ok());
        for secret in take_unless(container, "secrets", given) {
            let Some(variable) = secret["name"].as_str() else { continue };
            if name == sidecar && variable == "INSTALL_BUNDLE" {
                continue;
            }
            notes.push(format!(
                "\"{name}\" gets \"{variable}\" with its own name as the value: the secret is not here"
            ));
            let entry = json!({"name": variable, "value": variable});
            match container["environment"].as_array_mut() {
                Some(environment) => environment.push(entry),
                None => container["environment"] = json!([entry]),
            }
        }
        let given = |file: &Value| {
            file["value"].as_str().is_some_and(|arn| stand_ins.environment_file(arn).is_some())
        };
        for file in take_unless(container, "environmentFiles", given) {
            let file = file["value"].as_str().unwrap_or_default();
            notes.push(format!("\"{name}\" goes without the environment file \"{file}\": it is not here"));
        }
    }
    notes
}

/// Takes entries out of a list of a container, all but those that are given; an empty list goes too.
fn take_unless(container: &mut Value, list: &str, given: impl Fn(&Value) -> bool) -> Vec<Value> {
    let Some(members) = container.as_object_mut() else { return Vec::new() };
    let Some(Value::Array(entries)) = members.shift_remove(list) else { return Vec::new() };
    let (kept, taken): (Vec<_>, Vec<_>) = entries.into_iter().partition(given);
    if !kept.is_empty() {
        members.insert(list.to_owned(), Value::Array(kept));
    }
    taken
}

/// TCP ports of the definition's port mappings.
pub fn exposed_ports(definition: &Value) -> Vec<u16> {
    let mut definition = definition.clone();
    let mappings =
        containers(&mut definition).iter().filter_map(|container| container["portMappings"].as_array());
    mappings
        .flatten()
        .filter(|mapping| mapping["protocol"].as_str().is_none_or(|protocol| protocol == "tcp"))
        .filter_map(|mapping| port(&mapping["containerPort"]))
        .collect()
}

/// Ports of a WAAS policy: `exposedPort`, where it listens, or `internalPort`, where the app does.
pub fn waas_ports(policy: &Value, member: &str) -> Vec<u16> {
    let list = |value: &Value, pointer: &str| {
        value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let rules = list(policy, "/rules").into_iter().filter(|rule| rule["disabled"] != json!(true));
    rules
        .flat_map(|rule| list(&rule, "/applicationsSpec"))
        .flat_map(|app| list(&app, "/apiSpec/endpoints"))
        .filter_map(|endpoint| port(&endpoint[member]))
        .collect()
}

fn port(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0)
}

fn containers(definition: &mut Value) -> &mut [Value] {
    let whole = if definition.get("containerDefinitions").is_some() {
        Some(definition)
    } else {
        definition.get_mut("taskDefinition")
    };
    let list = whole.and_then(|whole| whole.get_mut("containerDefinitions")).and_then(Value::as_array_mut);
    list.map_or(&mut [], Vec::as_mut_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_here_is_replaced_and_told() {
        let mut definition = json!({"taskDefinition": {"containerDefinitions": [
            {"name": "web", "secrets": [{"name": "TOKEN", "valueFrom": "arn:x"}], "environment": [{"name": "A", "value": "b"}],
             "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::bucket/web.env"}]},
            {"name": "TwistlockDefender", "secrets": [{"name": "INSTALL_BUNDLE", "valueFrom": "arn:y"}]},
        ]}});
        let notes = replace(&mut definition, "TwistlockDefender", &StandIns::default());
        assert_eq!(notes.len(), 2, "{notes:?}");
        let expected = json!([
            {"name": "web", "environment": [{"name": "A", "value": "b"}, {"name": "TOKEN", "value": "TOKEN"}]},
            {"name": "TwistlockDefender"},
        ]);
        assert_eq!(definition["taskDefinition"]["containerDefinitions"], expected);
    }

    #[test]
    fn what_is_given_stays() {
        let mut given = StandIns::default();
        given.set_secret("arn:x", "1");
        given.set_environment_file("arn:aws:s3:::bucket/web.env", "A=b");
        let mut definition = json!({"containerDefinitions": [
            {"name": "web", "secrets": [{"name": "X", "valueFrom": "arn:x"}, {"name": "Y", "valueFrom": "arn:y"}],
             "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::bucket/web.env"}]},
        ]});
        let notes = replace(&mut definition, "TwistlockDefender", &given);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert_eq!(
            definition["containerDefinitions"][0],
            json!({"name": "web", "secrets": [{"name": "X", "valueFrom": "arn:x"}],
                "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::bucket/web.env"}],
                "environment": [{"name": "Y", "value": "Y"}]})
        );
    }

    #[test]
    fn ports_are_those_of_tcp_and_of_rules_in_force() {
        let definition = json!({"containerDefinitions": [
            {"name": "web", "portMappings": [{"containerPort": 80}, {"containerPort": 53, "protocol": "udp"}]},
        ]});
        assert_eq!(exposed_ports(&definition), [80]);
        let rule = |port, disabled| json!({"disabled": disabled, "applicationsSpec": [{"apiSpec": {"endpoints": [{"exposedPort": port}]}}]});
        assert_eq!(
            waas_ports(&json!({"rules": [rule(443, true), rule(8080, false)]}), "exposedPort"),
            [8080]
        );
    }
}
