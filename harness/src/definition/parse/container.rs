//! The members of a container.

use crate::definition::reader::{Place, Reader};
use crate::definition::{
    Capabilities, Condition, ContainerDefinition, Dependency, HealthCheck, LinuxParameters, LogConfiguration,
    MountPoint, PortMapping, RestartPolicy, Secret, SystemControl, Tmpfs, Ulimit, VolumeFrom,
};

pub(super) fn container(reader: &mut Reader, place: &Place<'_>) -> ContainerDefinition {
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
