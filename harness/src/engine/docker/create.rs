//! Creating a container.

use super::DockerEngine;
use crate::engine::{
    ContainerId, ContainerSpec, EngineError, Log, Mount, MountSource, Network, ProcessNamespace,
};
use bollard::models::{
    ContainerCreateBody, HealthConfig, HostConfig, HostConfigLogConfig, Mount as DockerMount, MountType,
    MountVolumeOptions, ResourcesUlimits,
};
use bollard::query_parameters::CreateContainerOptionsBuilder;
use std::collections::HashMap;

impl DockerEngine {
    pub(super) async fn create_container(&self, spec: &ContainerSpec) -> Result<ContainerId, EngineError> {
        let options = CreateContainerOptionsBuilder::new().name(&spec.name).build();
        let what = format!("creating container `{}` from `{}`", spec.name, spec.image);
        let created = self.within(&what, self.docker.create_container(Some(options), body(spec))).await;
        match created {
            Ok(created) => {
                let id = ContainerId(created.id);
                if spec.memory.is_some() {
                    self.memory.limit(&id);
                }
                Ok(id)
            }
            Err(EngineError::NotFound { message, .. }) if message.contains("No such image") => {
                Err(EngineError::NoImage { image: spec.image.clone(), why: message })
            }
            Err(error) => Err(error),
        }
    }
}

fn body(spec: &ContainerSpec) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(spec.image.clone()),
        entrypoint: spec.entrypoint.clone(),
        cmd: spec.command.clone(),
        env: Some(spec.environment.clone()),
        user: spec.user.clone(),
        working_dir: spec.working_directory.clone(),
        hostname: spec.hostname.clone(),
        labels: Some(spec.labels.clone().into_iter().collect()),
        open_stdin: Some(spec.stdin),
        stdin_once: Some(spec.stdin),
        attach_stdin: Some(spec.stdin),
        tty: Some(spec.terminal),
        // ECS ignores an image's HEALTHCHECK (`fargate.md` 1.7), and probes of a definition are run by the harness.
        healthcheck: Some(HealthConfig { test: Some(vec!["NONE".to_owned()]), ..HealthConfig::default() }),
        host_config: Some(host(spec)),
        ..ContainerCreateBody::default()
    }
}

fn host(spec: &ContainerSpec) -> HostConfig {
    let (volumes, memory): (Vec<&Mount>, Vec<&Mount>) =
        spec.mounts.iter().partition(|mount| matches!(mount.source, MountSource::Volume { .. }));
    HostConfig {
        network_mode: Some(match &spec.network {
            Network::None => "none".to_owned(),
            Network::Of(owner) => format!("container:{owner}"),
        }),
        pid_mode: match &spec.processes {
            ProcessNamespace::Private => None,
            ProcessNamespace::Of(owner) => Some(format!("container:{owner}")),
        },
        cap_add: some(spec.capabilities_add.clone()),
        cap_drop: some(spec.capabilities_drop.clone()),
        mounts: some(volumes.into_iter().map(volume).collect()),
        tmpfs: Some(
            memory
                .into_iter()
                .filter_map(|mount| match &mount.source {
                    MountSource::Tmpfs { options } => Some((mount.target.clone(), options.clone())),
                    MountSource::Volume { .. } => None,
                })
                .collect::<HashMap<_, _>>(),
        ),
        volumes_from: some(
            spec.volumes_from
                .iter()
                .map(|(source, read_only)| if *read_only { format!("{source}:ro") } else { source.clone() })
                .collect(),
        ),
        readonly_rootfs: Some(spec.read_only_root),
        init: spec.init.then_some(true),
        ulimits: some(
            spec.ulimits
                .iter()
                .map(|limit| ResourcesUlimits {
                    name: Some(limit.name.clone()),
                    soft: Some(limit.soft),
                    hard: Some(limit.hard),
                })
                .collect(),
        ),
        sysctls: Some(spec.sysctls.clone().into_iter().collect()),
        memory: spec.memory.and_then(|bytes| i64::try_from(bytes).ok()),
        memory_reservation: spec.memory_reservation.and_then(|bytes| i64::try_from(bytes).ok()),
        cpu_shares: spec.cpu_shares.and_then(|shares| i64::try_from(shares).ok()),
        log_config: Some(log(&spec.log)),
        ..HostConfig::default()
    }
}

fn log(log: &Log) -> HostConfigLogConfig {
    let option = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let (driver, options) = match log {
        Log::None => ("none", Vec::new()),
        Log::Blocking => ("json-file", vec![option("mode", "blocking")]),
        Log::NonBlocking { buffer } => {
            ("json-file", vec![option("mode", "non-blocking"), option("max-buffer-size", buffer)])
        }
    };
    HostConfigLogConfig { typ: Some(driver.to_owned()), config: Some(options.into_iter().collect()) }
}

fn volume(mount: &Mount) -> DockerMount {
    let (name, labels) = match &mount.source {
        MountSource::Volume { name, labels } => (Some(name.clone()), labels.clone()),
        MountSource::Tmpfs { .. } => (None, Default::default()),
    };
    DockerMount {
        typ: Some(MountType::VOLUME),
        source: name,
        target: Some(mount.target.clone()),
        read_only: Some(mount.read_only),
        volume_options: Some(MountVolumeOptions {
            labels: Some(labels.into_iter().collect()),
            ..MountVolumeOptions::default()
        }),
        ..DockerMount::default()
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    if list.is_empty() { None } else { Some(list) }
}
