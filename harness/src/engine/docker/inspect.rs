//! From Docker's description of a container to ours.

use super::DockerEngine;
use crate::engine::{
    ContainerId, EngineError, EngineHealthCheck, Inspection, LogDriver, LogInspection, LogMode, MadeWith,
    MountInspection, MountOrigin, NamespaceInspection, NetworkInspection, RunState, Ulimit,
};
use bollard::models::{
    ContainerConfig, ContainerInspectResponse, Health, HealthStatusEnum, HostConfigLogConfig, MountPoint,
    ResourcesUlimits,
};
use bollard::query_parameters::InspectContainerOptions;
use jiff::Timestamp;
use std::collections::HashMap;

impl DockerEngine {
    pub(super) async fn inspect_container(&self, id: &ContainerId) -> Result<Inspection, EngineError> {
        let what = format!("inspecting container {id}");
        let seen =
            self.within(&what, self.docker.inspect_container(&id.0, None::<InspectContainerOptions>)).await?;
        let mut seen = inspection(id, seen);
        seen.out_of_memory |= self.memory.killed(id);
        Ok(seen)
    }
}

fn inspection(id: &ContainerId, mut seen: ContainerInspectResponse) -> Inspection {
    let now = seen.state.take().unwrap_or_default();
    let state = now.status.map_or(RunState::Unknown, |status| state(status.as_ref()));
    let restarts = seen.restart_count.and_then(positive).unwrap_or(0);
    // Its type in bollard depends on who else uses bollard; its JSON does not.
    let created_at = serde_json::to_value(seen.created.take()).ok();
    let created_at = created_at.as_ref().and_then(|moment| time(moment.as_str()?));
    Inspection {
        id: id.clone(),
        made: made_with(seen),
        state,
        pid: now.pid.unwrap_or_default(),
        exit_code: now.exit_code.filter(|code| match state {
            RunState::Exited | RunState::Dead => true,
            // One whose program could not be run keeps the code of that, and is never more than created.
            RunState::Created => *code != 0,
            _ => false,
        }),
        out_of_memory: now.oom_killed.unwrap_or_default(),
        error: now.error.unwrap_or_default(),
        restarts,
        engine_health_check: health_check(now.health.as_ref()),
        created_at,
        started_at: now.started_at.as_deref().and_then(time),
        finished_at: now.finished_at.as_deref().and_then(time),
    }
}

fn made_with(seen: ContainerInspectResponse) -> MadeWith {
    let config = seen.config.unwrap_or_default();
    let host = seen.host_config.unwrap_or_default();
    let mut mounts: Vec<_> = seen.mounts.unwrap_or_default().into_iter().map(mount).collect();
    mounts.extend(host.tmpfs.unwrap_or_default().into_iter().map(|(target, options)| MountInspection {
        source: MountOrigin::Memory,
        target,
        read_only: options.split(',').any(|option| option == "ro"),
    }));
    // Docker lists them in no order.
    mounts.sort_by(|one, other| one.target.cmp(&other.target));
    let ContainerConfig { image, entrypoint, cmd, env, user, working_dir, stop_signal, labels, .. } = config;
    MadeWith {
        image: image.unwrap_or_default(),
        image_id: seen.image.unwrap_or_default(),
        entrypoint: entrypoint.unwrap_or_default(),
        command: cmd.unwrap_or_default(),
        environment: env.unwrap_or_default(),
        user: user.unwrap_or_default(),
        working_directory: working_dir.unwrap_or_default(),
        stop_signal: stop_signal.filter(|signal| !signal.is_empty()).unwrap_or_else(|| "SIGTERM".to_owned()),
        labels: labels.unwrap_or_default().into_iter().collect(),
        mounts,
        log: log(host.log_config),
        network: network(host.network_mode.as_deref()),
        processes: namespace(host.pid_mode.as_deref()),
        privileged: host.privileged.unwrap_or_default(),
        capabilities_add: host.cap_add.unwrap_or_default(),
        capabilities_drop: host.cap_drop.unwrap_or_default(),
        read_only_root: host.readonly_rootfs.unwrap_or_default(),
        init: host.init.unwrap_or_default(),
        ulimits: host.ulimits.unwrap_or_default().into_iter().map(ulimit).collect(),
        cpu_shares: host.cpu_shares.and_then(positive),
        memory: host.memory.and_then(positive),
        memory_reservation: host.memory_reservation.and_then(positive),
    }
}

/// Docker's 0 (and less) is "none was asked for".
fn positive(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|&number| number > 0)
}

/// Docker's moment for "never" is the begin of year 1.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|&time: &Timestamp| time > Timestamp::UNIX_EPOCH)
}

/// A state by Docker's name for it.
pub(super) fn state(name: &str) -> RunState {
    match name {
        "created" => RunState::Created,
        // One that is asked to stop runs until it has ended.
        "running" | "stopping" => RunState::Running,
        "paused" => RunState::Paused,
        "restarting" => RunState::Restarting,
        "removing" => RunState::Removing,
        "exited" => RunState::Exited,
        "dead" => RunState::Dead,
        _ => RunState::Unknown,
    }
}

fn health_check(health: Option<&Health>) -> EngineHealthCheck {
    match health.and_then(|health| health.status) {
        None | Some(HealthStatusEnum::EMPTY | HealthStatusEnum::NONE) => EngineHealthCheck::None,
        Some(HealthStatusEnum::STARTING) => EngineHealthCheck::Starting,
        Some(HealthStatusEnum::HEALTHY) => EngineHealthCheck::Healthy,
        Some(HealthStatusEnum::UNHEALTHY) => EngineHealthCheck::Unhealthy,
    }
}

fn mount(mount: MountPoint) -> MountInspection {
    let path = mount.source.unwrap_or_default();
    let source = match (mount.name, mount.typ.as_deref()) {
        (Some(name), _) if !name.is_empty() => MountOrigin::Volume { name, path },
        (_, Some("tmpfs")) => MountOrigin::Memory,
        _ => MountOrigin::Path(path),
    };
    MountInspection {
        source,
        target: mount.destination.unwrap_or_default(),
        read_only: !mount.rw.unwrap_or_default(),
    }
}

fn log(config: Option<HostConfigLogConfig>) -> LogInspection {
    let HostConfigLogConfig { typ, config } = config.unwrap_or_default();
    let mut options: HashMap<String, String> = config.unwrap_or_default();
    LogInspection {
        driver: match typ.as_deref() {
            None | Some("" | "none") => LogDriver::None,
            Some("json-file" | "local") => LogDriver::File,
            Some(other) => LogDriver::Other(other.to_owned()),
        },
        mode: match options.get("mode").map(String::as_str) {
            Some("non-blocking") => LogMode::NonBlocking,
            _ => LogMode::Blocking,
        },
        buffer: options.remove("max-buffer-size"),
    }
}

fn network(mode: Option<&str>) -> NetworkInspection {
    match mode.unwrap_or("default") {
        "none" => NetworkInspection::None,
        "host" => NetworkInspection::Machine,
        other => match other.strip_prefix("container:") {
            Some(owner) => NetworkInspection::Of(ContainerId(owner.to_owned())),
            None => NetworkInspection::Named(other.to_owned()),
        },
    }
}

fn namespace(mode: Option<&str>) -> NamespaceInspection {
    match mode.unwrap_or_default() {
        "host" => NamespaceInspection::Machine,
        other => match other.strip_prefix("container:") {
            Some(owner) => NamespaceInspection::Of(ContainerId(owner.to_owned())),
            None => NamespaceInspection::Private,
        },
    }
}

fn ulimit(limit: ResourcesUlimits) -> Ulimit {
    Ulimit {
        name: limit.name.unwrap_or_default(),
        soft: limit.soft.unwrap_or_default(),
        hard: limit.hard.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(seen: serde_json::Value) -> Inspection {
        inspection(&ContainerId("c".to_owned()), serde_json::from_value(seen).unwrap())
    }

    #[test]
    fn what_docker_tells_is_typed() {
        let seen = read(json!({
            "Created": "2026-01-02T03:04:05.678Z", "Image": "sha256:00", "RestartCount": 2,
            "State": {
                "Status": "exited", "Running": false, "OOMKilled": true, "Pid": 0, "ExitCode": 137, "Error": "",
                "StartedAt": "2026-01-02T03:04:06Z", "FinishedAt": "2026-01-02T03:04:07Z",
                "Health": {"Status": "unhealthy"},
            },
            "Config": {
                "Image": "app:1", "Entrypoint": ["/run"], "Cmd": null, "Env": ["A=b"], "User": "1000", "WorkingDir": "/w",
                "Labels": {"l": "m"}, "StopSignal": "SIGINT",
            },
            "HostConfig": {
                "NetworkMode": "container:abc", "PidMode": "container:abc", "CapAdd": ["SYS_PTRACE"], "Privileged": false,
                "ReadonlyRootfs": true, "CpuShares": 256, "Memory": 16777216, "MemoryReservation": 0,
                "Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 4096}], "Init": true,
                "LogConfig": {"Type": "json-file", "Config": {"mode": "non-blocking", "max-buffer-size": "10m"}},
                "Tmpfs": {"/fast": "size=1m,ro"},
            },
            "Mounts": [
                {"Type": "volume", "Name": "v", "Source": "/var/v", "Destination": "/z", "RW": false},
                {"Type": "bind", "Source": "/etc", "Destination": "/b", "RW": true},
            ],
        }));
        insta::assert_json_snapshot!(seen);
    }

    #[test]
    fn what_docker_leaves_out_is_nothing() {
        let seen = read(json!({"State": {
            "Status": "created", "ExitCode": 0, "StartedAt": "0001-01-01T00:00:00Z", "Health": {"Status": "none"},
        }}));
        assert_eq!((seen.state, seen.exit_code, seen.started_at), (RunState::Created, None, None));
        assert_eq!(seen.engine_health_check, EngineHealthCheck::None);
        assert_eq!(seen.made.log.driver, LogDriver::None);
        assert_eq!(seen.made.stop_signal, "SIGTERM");
        assert_eq!((seen.made.memory, seen.made.processes), (None, NamespaceInspection::Private));
        assert_eq!(seen.made.network, NetworkInspection::Named("default".to_owned()));
    }
}
