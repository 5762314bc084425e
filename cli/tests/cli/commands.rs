//! `embed`, `validate` and `plan`, with good input and bad.

use crate::support::{Place, definition};
use serde_json::{Value, json};
use std::io::Write as _;

const REJECTED: &str = r#"{
  "family": "shop",
  "networkMode": "bridge",
  "cpu": "256",
  "memory": "256",
  "containerDefinitions": [
    {"name": "web", "image": "nginx:1.27", "privileged": true}
  ]
}
"#;

const TEMPLATE: &str = "\
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: !Ref Cpu
      Memory: 512
      NetworkMode: awsvpc
      containerDefinitions: []
      ContainerDefinitions:
        - Name: web
          Image: nginx:1.27
          StopTimeout: 121
          PortMappings:
            - ContainerPort: 80
              HostPort: 8080
              Protocol: TCP
";

#[test]
fn a_definition_that_is_not_json() {
    let place = Place::with("task.json", "{\n  \"family\": \"shop\",\n  \"cpu\": 256,,\n}\n");
    insta::assert_snapshot!(place.run(&["embed", "task.json"]).seen());
    for command in ["validate", "plan", "up"] {
        let ended = place.run(&[command, "task.json"]);
        assert_eq!(ended.code, Some(2), "{command}: {}", ended.stderr);
        assert!(ended.stderr.contains("task.json:3:"), "{command}: {}", ended.stderr);
        place.assert_nothing_left(ended.pid);
    }
}

#[test]
fn a_definition_without_containers() {
    let place = Place::with("task.json", "{\n  \"family\": \"shop\",\n  \"containerDefinitions\": []\n}\n");
    let ended = place.run(&["embed", "task.json"]);
    insta::assert_snapshot!(ended.seen());
    for command in ["validate", "plan", "up"] {
        assert!(place.run(&[command, "task.json"]).seen().contains("has no containers"), "{command}");
    }
    place.assert_nothing_left(ended.pid);
}

#[test]
fn a_file_that_is_not_there() {
    insta::assert_snapshot!(Place::new().run(&["validate", "nowhere.json"]).seen());
}

#[test]
fn what_fargate_rejects_is_underlined() {
    let place = Place::with("task.json", REJECTED).and("good.json", &definition("plain.json"));
    insta::assert_snapshot!(
        place.run(&["validate", "task.json", "good.json", "--date", "2026-06-30"]).seen()
    );
}

#[test]
fn what_fargate_rejects_as_json() {
    let place = Place::with("task.json", REJECTED);
    let ended = place.run(&["validate", "--json", "task.json", "--date", "2026-06-30"]);
    assert_eq!(ended.code, Some(2));
    let verdicts: Value = serde_json::from_str(&ended.stdout).unwrap();
    let found: Vec<_> =
        verdicts[0]["findings"].as_array().unwrap().iter().map(|f| (&f["path"], &f["line"])).collect();
    let expected = [("networkMode", 3), ("memory", 5), ("containerDefinitions[0].privileged", 7)];
    assert_eq!(json!(found), json!(expected), "{verdicts}");
    assert_eq!(verdicts[0]["accepted"], json!(false));
}

#[test]
fn what_fargate_accepts_ends_well_also_from_standard_input() {
    let place = Place::new();
    let mut command = place.command(&["validate", "-", "--date", "2026-06-30"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(definition("plain.json").as_bytes()).unwrap();
    let ended = crate::support::Ended::of(child);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let judged = "judged by the rules in force on 2026-06-30, as known on ";
    assert!(
        ended.stdout.starts_with(&format!("standard input: Fargate accepts it\n{judged}")),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_template_is_judged_in_its_own_spelling() {
    let place = Place::with("template.yaml", TEMPLATE)
        .and("request.json", r#"{"cluster": "c", "taskDefinition": "web:7"}"#);
    insta::assert_snapshot!(
        place.run(&["validate", "template.yaml", "request.json", "--date", "2026-06-30"]).seen()
    );
}

/// The members of `--json` are API, as the exit codes are.
#[test]
fn the_json_of_a_template() {
    let place = Place::with("template.yaml", TEMPLATE);
    let ended = place.run(&["validate", "--json", "template.yaml", "--date", "2026-06-30"]);
    insta::assert_snapshot!(ended.seen());
}

#[test]
fn bytes_that_are_no_text() {
    let place = Place::new();
    std::fs::write(place.path("task.json"), [0xff, 0xfe, b'{', 0, b'}', 0]).unwrap();
    insta::assert_snapshot!(place.run(&["validate", "task.json"]).seen());
}

#[test]
fn a_date_that_is_none() {
    let place = Place::with("task.json", REJECTED);
    insta::assert_snapshot!(place.run(&["validate", "task.json", "--date", "yesterday"]).seen());
}

#[test]
fn an_embedded_definition_has_the_sidecar_last_and_the_address_asked_for() {
    let place = Place::with("task.json", &definition("web-and-worker.json"));
    let ended =
        place.run(&["embed", "task.json", "--console-address", "192.0.2.1", "--filesystem-monitoring"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let embedded: Value = serde_json::from_str(&ended.stdout).unwrap();
    let sidecar = embedded["containerDefinitions"].as_array().unwrap().last().unwrap();
    assert_eq!(sidecar["name"], json!("TwistlockDefender"));
    assert_eq!(sidecar["environment"][3], json!({"name": "WS_ADDRESS", "value": "wss://192.0.2.1:8084"}));
    assert_eq!(sidecar["environment"][4], json!({"name": "FILESYSTEM_MONITORING", "value": "true"}));
    let again = Place::with("task.json", &ended.stdout).run(&["validate", "task.json"]);
    assert_eq!(again.code, Some(0), "Fargate accepts what was embedded: {}", again.stderr);
}

/// What embedding adds is more than a definition may be long, and it makes one name a variable and a secret.
#[test]
fn embedding_says_what_fargate_would_reject_only_then() {
    let mut task: Value = serde_json::from_str(&definition("plain.json")).unwrap();
    let container = &mut task["containerDefinitions"][0];
    container["secrets"] = json!([{"name": "FIPS_ENABLED", "valueFrom": "/shop/fips"}]);
    container["environment"] = json!([{"name": "A", "value": "x".repeat(64_500)}]);
    let place = Place::with("task.json", &task.to_string());
    let validated = place.run(&["validate", "task.json"]);
    assert_eq!(validated.code, Some(0), "{}", validated.stderr);
    let ended = place.run(&["embed", "task.json", "--console-address", "192.0.2.1"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let told = ended.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    for words in [
        "(E30): the task definition is too long",
        "Max allowed length is '65536' bytes",
        "(E29): The secret name",
    ] {
        assert!(told.contains(words), "{told}");
    }
    let again = Place::with("task.json", &ended.stdout).run(&["validate", "task.json"]);
    assert_eq!(again.code, Some(2), "{}", again.stdout);
}

#[test]
fn cloudformation_is_embedded_as_json_and_as_yaml() {
    let template = json!({"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
        "Family": "shop", "ContainerDefinitions": [{"Name": "web", "Image": "nginx", "EntryPoint": ["nginx"]}]}}}});
    let yaml = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Family: shop\n      \
                ContainerDefinitions:\n        - Name: web\n          Image: nginx\n          EntryPoint: [nginx]\n";
    let place = Place::with("template.json", &template.to_string()).and("template.yaml", yaml);
    let ended = place.run(&["embed", "template.json"]);
    let embedded: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
    let containers = &embedded["Resources"]["Task"]["Properties"]["ContainerDefinitions"];
    assert_eq!(containers[1]["Name"], json!("TwistlockDefender"));
    let ended = place.run(&["embed", "template.yaml"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("Name: TwistlockDefender"), "{}", ended.stdout);
}

#[test]
fn a_container_without_an_entry_point_is_underlined() {
    let text = REJECTED.replace("\"privileged\": true", "\"command\": [\"nginx\"]");
    insta::assert_snapshot!(Place::with("task.json", &text).run(&["embed", "task.json"]).seen());
}

#[test]
fn a_plan_says_what_would_be_created() {
    let place = Place::with("task.json", &definition("web-and-worker.json"));
    let ended = place.run(&["plan", "--protect", "task.json"]);
    insta::with_settings!({filters => [(r"id [0-9a-f]{32}", "id [task id]")]}, {
        insta::assert_snapshot!(ended.seen());
    });
    place.assert_nothing_left(ended.pid);
}

#[test]
fn a_plan_holds_no_secrets() {
    let text = REJECTED.replace(
        "\"privileged\": true",
        "\"entryPoint\": [\"nginx\"], \"secrets\": [{\"name\": \"TOKEN\", \"valueFrom\": \"arn:aws:ssm:token\"}]",
    );
    let ended = Place::with("task.json", &text).run(&["plan", "--protect", "--json", "task.json"]);
    let plan: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
    assert!(ended.stdout.contains("\"INSTALL_BUNDLE=<redacted>\""), "{}", ended.stdout);
    assert!(ended.stdout.contains("\"TOKEN=<arn:aws:ssm:token>\""), "{}", ended.stdout);
    assert_eq!(plan["family"], json!("shop"));
}

#[test]
fn fidelity_prints_the_table_and_what_a_requirement_leans_on() {
    let whole = Place::new().run(&["fidelity"]);
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    for label in ["enforced", "approximated", "assumed", "not simulated"] {
        assert!(whole.stdout.contains(label), "{label}: {}", whole.stdout);
    }
    let found = Place::new().run(&["fidelity", "t30", "--json"]);
    let rows: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(rows[0]["name"], "instance metadata");
    assert_eq!(rows[0]["fidelity"], "enforced");
    assert_eq!(rows.as_array().unwrap().len(), 1);
    let nothing = Place::new().run(&["fidelity", "no-such-word"]);
    assert_ne!(nothing.code, Some(0));
    assert!(nothing.stderr.contains("no simulated property has \"no-such-word\""), "{}", nothing.stderr);
}

#[test]
fn a_task_of_another_platform_is_not_planned() {
    let task = json!({
        "family": "f", "runtimePlatform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"},
        "containerDefinitions": [{"name": "web", "image": "nginx:1.27"}],
    });
    let outcome = Place::with("task.json", &task.to_string()).run(&["plan", "task.json"]);
    assert_ne!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("the task is for `ARM64`"), "{}", outcome.stderr);
}
