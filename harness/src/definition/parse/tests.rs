//! Texts as people have them, and what is made of them.

use crate::definition::*;
use proptest::prelude::*;

const DESCRIBED: &str = r#"
{
  "taskDefinition": {
    "taskDefinitionArn": "arn:aws:ecs:us-east-1:000000000000:task-definition/web:7",
    "family": "web", "revision": 7, "status": "ACTIVE",
    "networkMode": "awsvpc", "cpu": 256, "memory": ".5 GB",
    "taskRoleArn": "web-role", "volumes": [{"name": "data", "host": {}}],
    "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
    "containerDefinitions": [{
      "name": "app", "image": "nginx:1.25", "cpu": 0, "memory": "128", "essential": "true",
      "entryPoint": ["entry.sh"], "command": null, "links": [], "ulimits": null,
      "environment": [{"name": "A", "value": "${LEFT_ALONE}"}], "mountPoints": [{"sourceVolume": "data", "containerPath": "/d"}],
      "dependsOn": [{"containerName": "side", "condition": "HEALTHY"}]
    }, {"name": "side", "image": "side:1", "healthCheck": {"command": ["/bin/ok"]}, "restartPolicy": {"enabled": false}}]
  }
}"#;

#[test]
fn reads_described_output_with_all_its_noise() {
    let definition = TaskDefinition::parse("web.json", DESCRIBED).unwrap();
    assert_eq!((definition.family.as_str(), definition.revision), ("web", Some(7)));
    assert_eq!((definition.cpu, definition.memory), (Some(Cpu(256)), Some(Memory(512))));
    let app = definition.container("app").unwrap();
    assert_eq!(app.entry_point, Some(vec!["entry.sh".to_owned()]));
    assert_eq!((app.command.as_ref(), app.memory, app.essential), (None, Some(128), true));
    assert_eq!(app.environment, [("A".to_owned(), "${LEFT_ALONE}".to_owned())]);
    assert_eq!(app.depends_on[0].condition, Condition::Healthy);
    let side = definition.container("side").unwrap();
    assert_eq!(side.health_check.as_ref().unwrap().interval, 30);
    assert_eq!(side.restart_policy, None);
    assert_eq!(definition.volumes[0].source, VolumeSource::Task);
    assert!(definition.text()[definition.root().span.start..].starts_with("{\n    \"taskDefinitionArn\""));
}

#[test]
fn bare_and_wrapped_are_the_same_task() {
    let start = DESCRIBED.find("{\n    \"task").unwrap();
    let bare = &DESCRIBED[start..DESCRIBED.rfind('}').unwrap()];
    let json = |text| serde_json::to_value(TaskDefinition::parse("x", text).unwrap()).unwrap();
    assert_eq!(json(bare), json(DESCRIBED));
}

#[test]
fn names_what_is_something_else() {
    let cases = [
        ("", "the text is empty"),
        ("  \n\t\n", "the text is empty"),
        (r#"{"taskDefinition": "web:7", "cluster": "c", "launchType": "FARGATE"}"#, "RunTask"),
        (r#"{"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition"}}}"#, "CloudFormation template"),
        (r#"{"Family": "web", "ContainerDefinitions": []}"#, "CloudFormation resource"),
        (r#"[{"name": "a", "image": "b"}]"#, "list of container definitions"),
        (r#"{"name": "a", "image": "b"}"#, "one container definition"),
        (r#"{"tasks": []}"#, "list of running tasks"),
        ("AWSTemplateFormatVersion: 2010-09-09\nResources:\n  T: 1\n", "CloudFormation template in YAML"),
        ("family: web\ncontainerDefinitions:\n- name: a\n", "YAML"),
        ("services:\n  web:\n    image: x\n", "compose file"),
        ("resource \"aws_ecs_task_definition\" \"web\" {\n}\n", "Terraform"),
        ("hello\n", "plain text"),
        ("42", "single value"),
        (r#"{"family": "a", "containerDefinitions": []}"#, "no containers"),
        (r#"{"family": "a", "containerDefinitions": null}"#, "no containers"),
        (r#"{"containerDefinitions": [{"name": "a", "image": "b"}]}"#, "no `family`"),
        (r#"{"family": "a", "cpu": ${CPU}, "containerDefinitions": []}"#, "placeholder `${CPU}`"),
        (r#"{"family": "a", "cpu": <CPU>}"#, "placeholder `<CPU>`"),
        (r#"{"family": "a", "cpu": $CPU, "containerDefinitions": []}"#, "placeholder `$CPU`"),
        (
            r#"{"family": "<FAMILY>", "containerDefinitions": [{"name": "a", "image": "b"}]}"#,
            "placeholder `<FAMILY>`",
        ),
        (r#"{"family": "a", "containerDefinitions": "x"}"#, "expected a list, found a string"),
        (r#"{"family": "a", "containerDefinitions": [1]}"#, "expected an object, found a number"),
    ];
    for (text, expected) in cases {
        let error = TaskDefinition::parse("f.json", text).unwrap_err();
        assert!(error.to_string().contains(expected), "{text:?}: {error}");
        assert!(
            error.problems.iter().all(|problem| !problem.help.is_empty() && problem.span.end <= text.len())
        );
    }
}

#[test]
fn collects_every_problem_at_its_place() {
    let text = r#"{"family": "a", "containerDefinitions": [{"name": "a", "image": "${REPO}/x", "memory": "lots",
            "dependsOn": [{"containerName": "b", "condition": "healthy"}]}]}"#;
    let error = TaskDefinition::parse("web.json", text).unwrap_err();
    let found: Vec<_> =
        error.problems.iter().map(|p| (p.path.as_str(), &text[p.span.start..p.span.end])).collect();
    assert_eq!(
        found,
        [
            ("containerDefinitions[0].image", "\"${REPO}/x\""),
            ("containerDefinitions[0].memory", "\"lots\""),
            ("containerDefinitions[0].dependsOn[0].condition", "\"healthy\""),
        ]
    );
    assert!(
        error
            .to_string()
            .starts_with("web.json:1:65: containerDefinitions[0].image: the placeholder `${REPO}`")
    );
}

proptest! {
    #[test]
    fn any_text_gives_a_definition_or_a_place(text in "[ \\n{}\\[\\]\",:a-z<>$]{0,60}") {
        if let Err(error) = TaskDefinition::parse("x", &text) {
            prop_assert!(!error.problems.is_empty());
            for problem in &error.problems {
                prop_assert!(problem.span.end <= text.len() && !problem.message.is_empty());
            }
        }
    }
}
