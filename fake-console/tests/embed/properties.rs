//! The whitelist of section 4.1: what is left when it is taken away must be what went in.

use crate::request;
use proofhouse_console::embed::embed;
use proptest::prelude::*;
use serde_json::{Value, json};

const OURS: [&str; 6] = [
    "TW_IMAGE_NAME",
    "TW_CONTAINER_NAME",
    "DEFENDER_TYPE",
    "FARGATE_TASK",
    "FILESYSTEM_MONITORING",
    "FIPS_ENABLED",
];

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z][a-z0-9-]{0,8}", "[ -~]{0,12}", Just("a\n\"b\" 'c'".to_owned())]
}

fn any_leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        any_text().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        proptest::collection::vec(any_text(), 0..3).prop_map(Value::from),
        proptest::collection::btree_map("[a-z]{1,4}", any_text(), 0..3).prop_map(|m| json!(m)),
    ]
}

fn maybe<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(value)
}

fn any_container(name: String) -> impl Strategy<Value = Value> {
    let environment = proptest::collection::vec(("[A-Z]{1,6}", any_text()), 0..3)
        .prop_map(|e| e.into_iter().map(|(n, v)| json!({"name": n, "value": v})).collect::<Value>());
    let others = proptest::collection::btree_map("x[a-zA-Z]{1,6}", any_leaf(), 0..4);
    (
        proptest::collection::vec(any_text(), 1..4),
        maybe(prop_oneof![
            Just(Value::Null),
            proptest::collection::vec(any_text(), 0..3).prop_map(Value::from)
        ]),
        maybe(environment),
        maybe(prop_oneof![
            Just(json!([])),
            Just(Value::Null),
            Just(json!([{"containerName": "other", "condition": "START"}]))
        ]),
        maybe(prop_oneof![
            Just(json!({"initProcessEnabled": true})),
            Just(json!({"capabilities": {"add": [], "drop": ["ALL"]}})),
            Just(json!({"capabilities": null, "tmpfs": []}))
        ]),
        maybe(prop_oneof![Just(json!([])), Just(json!([{"sourceContainer": "other", "readOnly": true}]))]),
        others,
    )
        .prop_map(move |(entry_point, command, environment, depends_on, linux, volumes, others)| {
            let mut container = json!({"name": name, "image": "repo/image:1", "entryPoint": entry_point});
            for (key, value) in [
                ("command", command),
                ("environment", environment),
                ("dependsOn", depends_on),
                ("linuxParameters", linux),
                ("volumesFrom", volumes),
            ] {
                if let Some(value) = value {
                    container[key] = value;
                }
            }
            for (key, value) in others {
                container[key] = value;
            }
            container
        })
}

fn any_definition() -> impl Strategy<Value = Value> {
    let containers = (1_usize..4)
        .prop_flat_map(|n| (0..n).map(|i| any_container(format!("c{i}")).boxed()).collect::<Vec<_>>());
    (containers, proptest::collection::btree_map("x[a-zA-Z]{1,6}", any_leaf(), 0..4)).prop_map(
        |(containers, others)| {
            let mut definition = json!({"cpu": "256", "family": "fam", "containerDefinitions": containers});
            for (key, value) in others {
                definition[key] = value;
            }
            definition
        },
    )
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn restore_list(container: &mut Value, original: &Value, key: &str, ours: impl Fn(&Value) -> bool) {
    let list = container[key].as_array_mut().unwrap();
    let before = list.len();
    list.retain(|entry| !ours(entry));
    assert!(before > list.len(), "{key} lacks what the embed adds");
    if list.is_empty() {
        match original.get(key) {
            None => drop(container.as_object_mut().unwrap().shift_remove(key)),
            Some(value) if is_empty(value) => container[key] = value.clone(),
            Some(_) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_but_the_whitelist_changes(definition in any_definition()) {
        let protected = embed(definition.clone(), &request()).unwrap();
        let mut restored = protected.clone();
        let containers = restored["containerDefinitions"].as_array_mut().unwrap();
        let sidecar = containers.pop().unwrap();
        prop_assert_eq!(&sidecar["name"], "TwistlockDefender");
        let originals = definition["containerDefinitions"].as_array().unwrap();
        prop_assert_eq!(containers.len(), originals.len());
        for (container, original) in containers.iter_mut().zip(originals) {
            let entry_point = container["entryPoint"].as_array_mut().unwrap();
            let prefix: Vec<Value> = entry_point.drain(..3).collect();
            prop_assert_eq!(json!(prefix), json!(["/var/lib/twistlock/fargate/defender", "fargate", "entrypoint"]));
            let added: Vec<_> = container["environment"].as_array().unwrap().iter().rev().take(6).rev()
                .map(|e| e["name"].as_str().unwrap()).collect();
            prop_assert_eq!(added, OURS);
            restore_list(container, original, "environment", |e| OURS.contains(&e["name"].as_str().unwrap()));
            restore_list(container, original, "dependsOn", |e| e["containerName"] == "TwistlockDefender");
            restore_list(container, original, "volumesFrom", |e| e["sourceContainer"] == "TwistlockDefender");
            let mut linux = container["linuxParameters"].clone();
            let added = linux["capabilities"]["add"].as_array_mut().unwrap().pop().unwrap();
            prop_assert_eq!(added, "SYS_PTRACE");
            let stripped = match original.get("linuxParameters") {
                None => { prop_assert_eq!(linux, json!({"capabilities": {"add": []}})); None }
                Some(before) => {
                    let mut after = linux;
                    let capabilities = before.get("capabilities");
                    if capabilities.is_none_or(Value::is_null) {
                        prop_assert_eq!(&after["capabilities"], &json!({"add": []}));
                        match capabilities {
                            None => drop(after.as_object_mut().unwrap().shift_remove("capabilities")),
                            Some(null) => after["capabilities"] = null.clone(),
                        }
                    }
                    Some(after)
                }
            };
            match stripped {
                None => drop(container.as_object_mut().unwrap().shift_remove("linuxParameters")),
                Some(linux) => container["linuxParameters"] = linux,
            }
        }
        // As text, so that the order of members counts too.
        prop_assert_eq!(restored.to_string(), definition.to_string());
    }

    #[test]
    fn a_second_embed_changes_nothing(definition in any_definition()) {
        let once = embed(definition, &request()).unwrap();
        let twice = embed(once.clone(), &request()).unwrap();
        prop_assert_eq!(twice.to_string(), once.to_string());
    }
}
