//! The embed as a pure function: exact shape and order, and nothing else changed.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod properties;

use proofhouse_console::config::{Compatibility, ImageConfig};
use proofhouse_console::embed::{EmbedError, EmbedRequest, embed, embed_yaml};
use proofhouse_protocol::{EmbedNames, Secret};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SINGLE: &str = include_str!("../../../features/task-definitions/single.json");
const WEB_AND_WORKER: &str = include_str!("../../../features/task-definitions/web-and-worker.json");

fn request() -> EmbedRequest {
    EmbedRequest {
        console_address: "console.proofhouse.test".to_owned(),
        link_port: 8084,
        sidecar_image: "registry.proofhouse.test/tw_reference/defender:defender_34_04_145".to_owned(),
        install_bundle: Secret::new("QlVORExF"),
        filesystem_monitoring: false,
        fips: false,
        unprotected_without_bundle: false,
        extract_entrypoint: false,
        image_configs: BTreeMap::new(),
        names: EmbedNames::default(),
        compatibility: Compatibility::default(),
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn names(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|e| e[member].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_vendor_fixture_is_protected_in_the_exact_shape_and_order() {
    let protected = embed(parse(SINGLE), &request()).unwrap();
    insta::assert_snapshot!("single", serde_json::to_string_pretty(&protected).unwrap());
}

#[test]
fn every_container_of_a_task_is_wrapped() {
    let protected = embed(parse(WEB_AND_WORKER), &request()).unwrap();
    let containers = protected["containerDefinitions"].as_array().unwrap();
    assert_eq!(names(&protected["containerDefinitions"], "name"), ["web", "worker", "TwistlockDefender"]);
    assert_eq!(
        containers[0]["entryPoint"],
        json!(["/var/lib/twistlock/fargate/defender", "fargate", "entrypoint", "/docker-entrypoint.sh"])
    );
    assert_eq!(containers[0]["command"], json!(["nginx", "-g", "daemon off;"]));
    assert_eq!(containers[1]["entryPoint"][3], "entry.sh");
    assert_eq!(containers[1]["environment"][1], json!({"name": "TW_CONTAINER_NAME", "value": "worker"}));
}

#[test]
fn what_a_container_has_already_is_kept_and_never_doubled() {
    let definition = json!({"family": "f", "containerDefinitions": [{
        "name": "a", "image": "i", "entryPoint": ["/e"],
        "environment": [{"name": "TW_IMAGE_NAME", "value": "old"}, {"name": "MINE", "value": "1"}],
        "dependsOn": [{"containerName": "b", "condition": "START"}],
        "volumesFrom": [{"sourceContainer": "b"}],
        "linuxParameters": {"initProcessEnabled": true, "capabilities": {"add": ["SYS_PTRACE"], "drop": ["MKNOD"]}}
    }]});
    let protected = embed(definition, &request()).unwrap();
    let container = &protected["containerDefinitions"][0];
    assert_eq!(
        names(&container["environment"], "name"),
        [
            "MINE",
            "TW_IMAGE_NAME",
            "TW_CONTAINER_NAME",
            "DEFENDER_TYPE",
            "FARGATE_TASK",
            "FILESYSTEM_MONITORING",
            "FIPS_ENABLED"
        ]
    );
    assert_eq!(container["environment"][1]["value"], "i");
    assert_eq!(
        container["dependsOn"],
        json!([{"containerName": "b", "condition": "START"},
               {"containerName": "TwistlockDefender", "condition": "HEALTHY"}])
    );
    assert_eq!(
        container["volumesFrom"],
        json!([{"sourceContainer": "b"}, {"sourceContainer": "TwistlockDefender", "readOnly": false}])
    );
    assert_eq!(
        container["linuxParameters"],
        json!({"initProcessEnabled": true, "capabilities": {"add": ["SYS_PTRACE"], "drop": ["MKNOD"]}})
    );
}

#[test]
fn a_missing_entry_point_is_an_error_that_names_the_container() {
    for entry_point in [json!(null), json!([])] {
        let definition = json!({"family": "f", "containerDefinitions": [
            {"name": "fine", "image": "i", "entryPoint": ["/e"]},
            {"name": "broken", "image": "i", "entryPoint": entry_point, "command": ["x"]}]});
        let error = embed(definition, &request()).unwrap_err();
        assert_eq!(error, EmbedError::NoEntryPoint { container: "broken".to_owned() });
    }
}

#[test]
fn a_known_image_gives_its_entry_point_when_asked() {
    let image_configs = [(
        "httpd:2.4".to_owned(),
        ImageConfig { entrypoint: vec![], cmd: vec!["httpd-foreground".to_owned()] },
    )];
    let request = EmbedRequest { extract_entrypoint: true, image_configs: image_configs.into(), ..request() };
    let definition = json!({"family": "f", "containerDefinitions": [
        {"name": "web", "image": "docker.io/library/httpd:2.4", "command": null}]});
    let protected = embed(definition, &request).unwrap();
    let container = &protected["containerDefinitions"][0];
    assert_eq!(container["entryPoint"][3], "httpd-foreground");
    assert_eq!(container.get("command"), None);
}

#[test]
fn a_former_wrapper_and_sidecar_are_brought_up_to_date() {
    let definition = json!({"family": "f", "containerDefinitions": [
        {"name": "TwistlockDefender", "image": "old", "essential": false, "cpu": 256,
         "logConfiguration": {"logDriver": "awslogs"},
         "environment": [{"name": "WS_ADDRESS", "value": "wss://old:443"}, {"name": "EXTRA", "value": "kept"}],
         "secrets": [{"name": "INSTALL_BUNDLE", "valueFrom": "arn:aws:secretsmanager:x"}]},
        {"name": "app", "image": "i", "entryPoint":
            ["/var/lib/twistlock/fargate/fargate_defender.sh", "fargate", "entrypoint", "entry.sh"],
         "dependsOn": [{"containerName": "TwistlockDefender", "condition": "START"}]}]});
    let protected = embed(definition, &request()).unwrap();
    assert_eq!(names(&protected["containerDefinitions"], "name"), ["app", "TwistlockDefender"]);
    let (app, sidecar) = (&protected["containerDefinitions"][0], &protected["containerDefinitions"][1]);
    assert_eq!(
        app["entryPoint"],
        json!(["/var/lib/twistlock/fargate/defender", "fargate", "entrypoint", "entry.sh"])
    );
    assert_eq!(app["dependsOn"], json!([{"containerName": "TwistlockDefender", "condition": "HEALTHY"}]));
    assert_eq!(sidecar["image"], request().sidecar_image);
    assert_eq!(sidecar["essential"], false);
    assert_eq!(sidecar["cpu"], 256);
    assert_eq!(sidecar["logConfiguration"]["logDriver"], "awslogs");
    assert_eq!(
        names(&sidecar["environment"], "name"),
        ["DEFENDER_TYPE", "FARGATE_TASK", "WS_ADDRESS", "FILESYSTEM_MONITORING", "FIPS_ENABLED", "EXTRA"]
    );
    assert_eq!(sidecar["environment"][2]["value"], "wss://console.proofhouse.test:8084");
    assert_eq!(sidecar["healthCheck"]["command"][2], "healthcheck");
}

#[test]
fn what_it_adds_is_called_as_the_request_says_in_every_place() {
    let names = EmbedNames { sidecar: "Guard".into(), wrapper: vec!["/guard/run".into(), "--".into()] };
    let request = EmbedRequest { names: names.clone(), ..request() };
    let once = embed(parse(WEB_AND_WORKER), &request).unwrap();
    let text = once.to_string();
    assert!(!text.contains("Twistlock") && !text.contains("/var/lib/twistlock"), "{text}");
    let containers = once["containerDefinitions"].as_array().unwrap();
    let (sidecar, apps) = containers.split_last().unwrap();
    assert_eq!(sidecar["name"], "Guard");
    for app in apps {
        assert_eq!(app["entryPoint"].as_array().unwrap()[..2], ["/guard/run", "--"]);
        assert_eq!(app["dependsOn"][0]["containerName"], "Guard");
        assert_eq!(app["volumesFrom"][0]["sourceContainer"], "Guard");
    }
    assert_eq!(embed(once.clone(), &request).unwrap(), once, "a second embed changes nothing");
    let mut circle = once;
    let on = json!([{"containerName": circle["containerDefinitions"][0]["name"], "condition": "START"}]);
    circle["containerDefinitions"].as_array_mut().unwrap().last_mut().unwrap()["dependsOn"] = on;
    let error = embed(circle, &request).unwrap_err().to_string();
    assert!(error.contains("container 'Guard' depends on"), "{error}");
}

#[test]
fn the_answer_of_describe_task_definition_is_accepted() {
    let mut inner = parse(SINGLE);
    inner["taskDefinitionArn"] = json!("arn:aws:ecs:x");
    inner["revision"] = json!(3);
    inner["status"] = json!("ACTIVE");
    inner["compatibilities"] = json!(["EC2", "FARGATE"]);
    let described = json!({"taskDefinition": inner, "tags": [{"key": "k", "value": "v"}]});
    let protected = embed(described, &request()).unwrap();
    let mut expected = embed(parse(SINGLE), &request()).unwrap();
    expected["tags"] = json!([{"key": "k", "value": "v"}]);
    assert_eq!(protected, expected);
}

#[test]
fn the_null_log_configuration_of_the_real_console_is_a_switch() {
    let sidecar =
        |request: &EmbedRequest| embed(parse(SINGLE), request).unwrap()["containerDefinitions"][1].clone();
    assert_eq!(sidecar(&request()).get("logConfiguration"), None);
    let compatibility = Compatibility { null_log_configuration: true, ..Compatibility::default() };
    assert_eq!(
        sidecar(&EmbedRequest { compatibility, ..request() }).get("logConfiguration"),
        Some(&Value::Null)
    );
}

#[test]
fn documents_that_are_no_task_definition_are_refused() {
    let cases = [
        (json!([]), "expected an object"),
        (json!({}), "no containers"),
        (json!({"family": "f", "containerDefinitions": []}), "no containers"),
        (json!({"containerDefinitions": [{"name": "a", "image": "i", "entryPoint": ["e"]}]}), "no family"),
        (json!({"family": "f", "containerDefinitions": {}}), "'containerDefinitions' must be a list"),
        (json!({"family": "f", "containerDefinitions": [{"image": "i"}]}), "container 0: member 'name'"),
        (json!({"family": "f", "containerDefinitions": [{"name": "a"}]}), "container 'a': member 'image'"),
        (
            json!({"family": "f", "containerDefinitions": [{"name": "a", "image": "i", "entryPoint": "sh"}]}),
            "'entryPoint' must be a list",
        ),
        (
            json!({"family": "f", "containerDefinitions": [
                {"name": "a", "image": "i", "entryPoint": ["e"]},
                {"name": "TwistlockDefender", "dependsOn": [{"containerName": "a", "condition": "START"}]}]}),
            "depends on container 'a'",
        ),
    ];
    for (document, words) in cases {
        let error = embed(document.clone(), &request()).unwrap_err().to_string();
        assert!(error.contains(words), "{document}: {error}");
    }
    let nowhere = EmbedRequest { console_address: String::new(), ..request() };
    let error = embed(parse(SINGLE), &nowhere).unwrap_err().to_string();
    assert!(error.starts_with("missing console address for defender communication"), "{error}");
}

fn template() -> Value {
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"Path": {"Ref": "RolePath"}}},
            "One": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
                "Family": "one", "Cpu": 256, "ContainerDefinitions": [
                    {"Name": "app", "Image": "i", "EntryPoint": ["sh", "-c"], "Environment": [{"Name": "A", "Value": "1"}]}]}},
            "Two": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
                "Family": "two", "ContainerDefinitions": [{"Name": "app", "Image": "i", "EntryPoint": ["/e"]}]}}
        }
    })
}

#[test]
fn a_template_is_protected_in_its_own_spelling_and_the_rest_passes_through() {
    let protected = embed(template(), &request()).unwrap();
    assert_eq!(protected["Resources"]["Role"], template()["Resources"]["Role"]);
    for (name, family) in [("One", "one"), ("Two", "two")] {
        let properties = &protected["Resources"][name]["Properties"];
        let sidecar = &properties["ContainerDefinitions"][1];
        assert_eq!(sidecar["Name"], "TwistlockDefender");
        assert_eq!(sidecar["Environment"][2], json!({"Name": "FARGATE_TASK", "Value": family}));
        assert_eq!(sidecar["HealthCheck"]["StartPeriod"], 1);
        let app = &properties["ContainerDefinitions"][0];
        assert_eq!(app["LinuxParameters"]["Capabilities"]["Add"], json!(["SYS_PTRACE"]));
        assert_eq!(app["VolumesFrom"], json!([{"SourceContainer": "TwistlockDefender", "ReadOnly": false}]));
    }
    assert_eq!(protected["Resources"]["One"]["Properties"]["Cpu"], 256);
    let compatibility = Compatibility { lower_case_health_check: true, ..Compatibility::default() };
    let quirk = embed(template(), &EmbedRequest { compatibility, ..request() }).unwrap();
    let check = &quirk["Resources"]["One"]["Properties"]["ContainerDefinitions"][1]["HealthCheck"];
    assert_eq!(check["startPeriod"], 1);
}

#[test]
fn an_intrinsic_function_is_refused_with_its_path() {
    let mut document = template();
    document["Resources"]["Two"]["Properties"]["ContainerDefinitions"][0]["Image"] =
        json!({"Fn::Sub": "${A}"});
    let error = embed(document, &request()).unwrap_err();
    assert_eq!(
        error,
        EmbedError::Intrinsic {
            path: "Resources.Two.Properties.ContainerDefinitions[0].Image".to_owned(),
            function: "Fn::Sub".to_owned()
        }
    );
}

#[test]
fn yaml_comes_back_as_yaml_and_tags_are_refused() {
    let text = "# a comment\nType: AWS::ECS::TaskDefinition\nProperties:\n  Family: \"0123\"\n  Cpu: 256\n  \
                ContainerDefinitions:\n    - Name: app\n      Image: i\n      EntryPoint: [sh, -c]\n";
    let protected = embed_yaml(text, &request()).unwrap();
    let value: Value = serde_saphyr::from_str(&protected).unwrap();
    assert_eq!(value["Properties"]["Family"], "0123");
    assert_eq!(value["Properties"]["Cpu"], 256);
    assert_eq!(value["Properties"]["ContainerDefinitions"][1]["Name"], "TwistlockDefender");
    let tagged = text.replace("Image: i", "Image: !Ref Image");
    let error = embed_yaml(&tagged, &request()).unwrap_err().to_string();
    assert!(error.contains("Ref"), "{error}");
}
