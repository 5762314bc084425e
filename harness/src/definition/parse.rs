//! From text to [`TaskDefinition`].

use super::json::{self, Node, Value};
use super::reader::{Place, Reader};
use super::task_definition::Source;
use super::*;

/// See [`TaskDefinition::parse`].
pub(super) fn task_definition(origin: &str, text: &str) -> Result<TaskDefinition, DefinitionError> {
    let fail = |problem| DefinitionError::one(origin, text, problem);
    let root = json::parse(text).map_err(|error| fail(recognise::not_json(text, error)))?;
    let root = unwrap(root);
    if root.get("containerDefinitions").is_none() {
        return Err(fail(recognise::other_json(&root)));
    }
    let mut reader = Reader::default();
    let place = Place { node: &root, path: String::new() };
    let definition = read(
        &mut reader,
        &place,
        Source { origin: origin.to_owned(), text: text.to_owned(), root: root.clone() },
    );
    if reader.problems.is_empty() {
        return Ok(definition);
    }
    reader.problems.sort_by_key(|problem| problem.span);
    Err(DefinitionError { origin: origin.to_owned(), text: text.to_owned(), problems: reader.problems })
}

/// Takes the wrapper of DescribeTaskDefinition off (`fargate.md` 1.1).
fn unwrap(root: Node) -> Node {
    if root.get("containerDefinitions").is_none()
        && let Value::Object(members) = &root.value
        && let Some(member) =
            members.iter().find(|m| m.key == "taskDefinition" && matches!(m.node.value, Value::Object(_)))
    {
        return member.node.clone();
    }
    root
}

fn read(reader: &mut Reader, root: &Place<'_>, source: Source) -> TaskDefinition {
    let family = reader.filled(root, "family");
    if family.is_none() && root.member("family").is_none() {
        reader.at(
            Span::new(root.node.span.start, root.node.span.start + 1),
            "family",
            "the task definition has no `family`",
            "give it a name: `\"family\": \"web\"`",
        );
    }
    let places = reader.objects(root, "containerDefinitions");
    if let Some(list) =
        root.node.get("containerDefinitions").filter(|_| places.is_empty() && reader.problems.is_empty())
    {
        reader.at(
            list.span,
            "containerDefinitions",
            "the task definition has no containers",
            "define at least one container",
        );
    }
    let containers = places.iter().map(|place| container(reader, place)).collect();
    let mut definition = TaskDefinition::new(family.unwrap_or_default(), containers, source);
    definition.revision = reader.number(root, "revision");
    // What is not a size is class E03 of the rules, with AWS's own words; here it only stays absent.
    definition.cpu = reader.filled(root, "cpu").and_then(|text| Cpu::parse(&text).ok());
    definition.memory = reader.filled(root, "memory").and_then(|text| Memory::parse(&text).ok());
    definition.network_mode = reader.filled(root, "networkMode");
    definition.pid_mode = match reader.text(root, "pidMode").as_deref() {
        Some("task") => Some(PidMode::Task),
        Some("host") => Some(PidMode::Host),
        _ => None,
    };
    definition.task_role_arn = reader.filled(root, "taskRoleArn").filter(|role| !role.is_empty());
    definition.execution_role_arn = reader.filled(root, "executionRoleArn").filter(|role| !role.is_empty());
    definition.ephemeral_storage =
        reader.object(root, "ephemeralStorage").and_then(|place| reader.number(&place, "sizeInGiB"));
    definition.volumes = reader.objects(root, "volumes").iter().map(|place| volume(reader, place)).collect();
    definition
}

fn volume(reader: &mut Reader, place: &Place<'_>) -> Volume {
    let given = |key: &str| place.member(key).is_some_and(|member| !member.node.is_void());
    let host_path = place.member("host").and_then(|host| host.member("sourcePath")).is_some();
    let source = if host_path {
        VolumeSource::Host
    } else if given("dockerVolumeConfiguration") {
        VolumeSource::Docker
    } else if given("efsVolumeConfiguration") {
        VolumeSource::Efs
    } else if given("s3filesVolumeConfiguration") {
        VolumeSource::S3Files
    } else if given("fsxWindowsFileServerVolumeConfiguration") {
        VolumeSource::FsxWindows
    } else if reader.flag(place, "configuredAtLaunch") == Some(true) {
        VolumeSource::ConfiguredAtLaunch
    } else {
        VolumeSource::Task
    };
    Volume { name: reader.filled(place, "name").unwrap_or_default(), source }
}

fn container(reader: &mut Reader, place: &Place<'_>) -> ContainerDefinition {
    ContainerDefinition {
        name: reader.filled(place, "name").unwrap_or_default(),
        image: reader.filled(place, "image").unwrap_or_default(),
        essential: reader.flag(place, "essential").unwrap_or(true),
        entry_point: Some(reader.strings(place, "entryPoint")).filter(|argv| !argv.is_empty()),
        command: Some(reader.strings(place, "command")).filter(|argv| !argv.is_empty()),
        environment: pairs(reader, place, "environment", "value"),
        environment_files: pairs(reader, place, "environmentFiles", "value")
            .into_iter()
            .map(|(_, value)| value)
            .collect(),
        secrets: pairs(reader, place, "secrets", "valueFrom")
            .into_iter()
            .map(|(name, value_from)| Secret { name, value_from })
            .collect(),
        mount_points: reader
            .objects(place, "mountPoints")
            .iter()
            .map(|mount| mount_point(reader, mount))
            .collect(),
        volumes_from: reader
            .objects(place, "volumesFrom")
            .iter()
            .map(|from| volume_from(reader, from))
            .collect(),
        depends_on: reader
            .objects(place, "dependsOn")
            .iter()
            .filter_map(|item| dependency(reader, item))
            .collect(),
        health_check: reader.object(place, "healthCheck").and_then(|check| health_check(reader, &check)),
        start_timeout: reader.number(place, "startTimeout"),
        stop_timeout: reader.number(place, "stopTimeout"),
        cpu: reader.number(place, "cpu").unwrap_or(0),
        memory: reader.number(place, "memory"),
        memory_reservation: reader.number(place, "memoryReservation"),
        user: reader.filled(place, "user").filter(|user| !user.is_empty()),
        working_directory: reader.text(place, "workingDirectory").filter(|path| !path.is_empty()),
        readonly_root_filesystem: reader.flag(place, "readonlyRootFilesystem").unwrap_or(false),
        interactive: reader.flag(place, "interactive").unwrap_or(false),
        pseudo_terminal: reader.flag(place, "pseudoTerminal").unwrap_or(false),
        port_mappings: reader
            .objects(place, "portMappings")
            .iter()
            .map(|port| port_mapping(reader, port))
            .collect(),
        docker_labels: map(reader, place, "dockerLabels"),
        ulimits: reader.objects(place, "ulimits").iter().map(|limit| ulimit(reader, limit)).collect(),
        system_controls: pairs_named(reader, place, "systemControls", "namespace", "value")
            .into_iter()
            .map(|(namespace, value)| SystemControl { namespace, value })
            .collect(),
        linux_parameters: linux(reader, place),
        restart_policy: reader
            .object(place, "restartPolicy")
            .and_then(|policy| restart_policy(reader, &policy)),
        log_configuration: reader
            .object(place, "logConfiguration")
            .and_then(|log| log_configuration(reader, &log)),
        firelens: reader.object(place, "firelensConfiguration").and_then(|lens| reader.text(&lens, "type")),
    }
}

fn pairs(reader: &mut Reader, place: &Place<'_>, key: &str, value: &str) -> Vec<(String, String)> {
    pairs_named(reader, place, key, "name", value)
}

fn pairs_named(
    reader: &mut Reader,
    place: &Place<'_>,
    key: &str,
    name: &str,
    value: &str,
) -> Vec<(String, String)> {
    reader
        .objects(place, key)
        .iter()
        .map(|item| {
            (reader.text(item, name).unwrap_or_default(), reader.text(item, value).unwrap_or_default())
        })
        .collect()
}

fn map(reader: &mut Reader, place: &Place<'_>, key: &str) -> std::collections::BTreeMap<String, String> {
    let Some(object) = reader.object(place, key) else { return Default::default() };
    object
        .node
        .members()
        .iter()
        .filter_map(|member| reader.text(&object, &member.key).map(|value| (member.key.clone(), value)))
        .collect()
}

fn mount_point(reader: &mut Reader, place: &Place<'_>) -> MountPoint {
    MountPoint {
        source_volume: reader.text(place, "sourceVolume").unwrap_or_default(),
        container_path: reader.text(place, "containerPath").unwrap_or_default(),
        read_only: reader.flag(place, "readOnly").unwrap_or(false),
    }
}

fn volume_from(reader: &mut Reader, place: &Place<'_>) -> VolumeFrom {
    VolumeFrom {
        source_container: reader.text(place, "sourceContainer").unwrap_or_default(),
        read_only: reader.flag(place, "readOnly").unwrap_or(false),
    }
}

fn dependency(reader: &mut Reader, place: &Place<'_>) -> Option<Dependency> {
    let container = reader.text(place, "containerName").unwrap_or_default();
    let word = reader.text(place, "condition")?;
    let condition = Condition::parse(&word);
    if condition.is_none() {
        let at = place.member("condition")?;
        reader.problem(
            &at,
            format!("`{word}` is not a condition"),
            "write `START`, `COMPLETE`, `SUCCESS` or `HEALTHY`, in capital letters",
        );
    }
    Some(Dependency { container, condition: condition? })
}

fn health_check(reader: &mut Reader, place: &Place<'_>) -> Option<HealthCheck> {
    let command = reader.strings(place, "command");
    if command.is_empty() {
        return None;
    }
    Some(HealthCheck {
        command,
        interval: reader.number(place, "interval").unwrap_or(30),
        timeout: reader.number(place, "timeout").unwrap_or(5),
        retries: reader.number(place, "retries").unwrap_or(3),
        start_period: reader.number(place, "startPeriod").unwrap_or(0),
    })
}

fn port_mapping(reader: &mut Reader, place: &Place<'_>) -> PortMapping {
    let mut port = |key| reader.number(place, key).and_then(|number| u16::try_from(number).ok());
    let (container_port, host_port) = (port("containerPort"), port("hostPort"));
    let udp = reader.text(place, "protocol").as_deref() == Some("udp");
    PortMapping { container_port, host_port, protocol: if udp { "udp" } else { "tcp" }.to_owned() }
}

fn ulimit(reader: &mut Reader, place: &Place<'_>) -> Ulimit {
    Ulimit {
        name: reader.text(place, "name").unwrap_or_default(),
        soft: reader.number(place, "softLimit").unwrap_or(0),
        hard: reader.number(place, "hardLimit").unwrap_or(0),
    }
}

fn linux(reader: &mut Reader, place: &Place<'_>) -> LinuxParameters {
    let Some(linux) = reader.object(place, "linuxParameters") else { return LinuxParameters::default() };
    let capabilities = reader
        .object(&linux, "capabilities")
        .map(|place| Capabilities {
            add: reader.strings(&place, "add"),
            drop: reader.strings(&place, "drop"),
        })
        .unwrap_or_default();
    let tmpfs = reader
        .objects(&linux, "tmpfs")
        .iter()
        .map(|place| Tmpfs {
            container_path: reader.text(place, "containerPath").unwrap_or_default(),
            size: reader.number(place, "size").unwrap_or(0),
            mount_options: reader.strings(place, "mountOptions"),
        })
        .collect();
    LinuxParameters { capabilities, init: reader.flag(&linux, "initProcessEnabled").unwrap_or(false), tmpfs }
}

fn restart_policy(reader: &mut Reader, place: &Place<'_>) -> Option<RestartPolicy> {
    let codes =
        reader.strings(place, "ignoredExitCodes").iter().filter_map(|code| code.parse().ok()).collect();
    let attempt_period = reader.number(place, "restartAttemptPeriod").unwrap_or(300);
    (reader.flag(place, "enabled") == Some(true))
        .then_some(RestartPolicy { ignored_exit_codes: codes, attempt_period })
}

fn log_configuration(reader: &mut Reader, place: &Place<'_>) -> Option<LogConfiguration> {
    let driver = reader.text(place, "logDriver")?;
    Some(LogConfiguration { driver, options: map(reader, place, "options") })
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert!(
            definition.text()[definition.root().span.start..].starts_with("{\n    \"taskDefinitionArn\"")
        );
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
                error
                    .problems
                    .iter()
                    .all(|problem| !problem.help.is_empty() && problem.span.end <= text.len())
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
}
