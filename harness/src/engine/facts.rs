//! A container in the words of the history: as it was asked for, and as its engine has it.

use super::{
    ContainerSpec, EngineHealthCheck, Inspection, Log, LogDriver, LogMode, MountSource, NamespaceInspection,
    Network, NetworkInspection, ProcessNamespace, RunState, Ulimit,
};
use proofhouse_protocol::observation::{ContainerFacts, LimitFact, MadeFacts, MountFact};
use std::collections::BTreeMap;

impl From<&ContainerSpec> for ContainerFacts {
    fn from(spec: &ContainerSpec) -> Self {
        let (driver, mode, buffer) = match &spec.log {
            Log::None => (LogDriver::None, LogMode::Blocking, None),
            Log::Blocking => (LogDriver::File, LogMode::Blocking, None),
            Log::NonBlocking { buffer } => (LogDriver::File, LogMode::NonBlocking, Some(buffer.clone())),
        };
        let mounts = spec.mounts.iter().map(|mount| MountFact {
            source: match &mount.source {
                MountSource::Volume { name, .. } => name.clone(),
                MountSource::Tmpfs { .. } => "memory".to_owned(),
            },
            target: mount.target.clone(),
            read_only: mount.read_only,
        });
        let volumes = spec.mounts.iter().filter_map(|mount| match &mount.source {
            MountSource::Volume { name, .. } => Some(name.clone()),
            MountSource::Tmpfs { .. } => None,
        });
        let network = match spec.network {
            Network::None => "none",
            Network::Of(_) => "container",
        };
        let processes = match spec.processes {
            ProcessNamespace::Private => "private",
            ProcessNamespace::Of(_) => "container",
        };
        let facts = MadeFacts {
            image: Some(spec.image.clone()),
            entry_point: spec.entrypoint.clone(),
            command: spec.command.clone(),
            variables: Some(names(&spec.environment)),
            user: spec.user.clone(),
            working_directory: spec.working_directory.clone(),
            capabilities_added: Some(spec.capabilities_add.clone()),
            capabilities_dropped: Some(spec.capabilities_drop.clone()),
            privileged: Some(false),
            read_only_root: Some(spec.read_only_root),
            init: Some(spec.init),
            ulimits: Some(limits(&spec.ulimits)),
            cpu_shares: spec.cpu_shares,
            memory: spec.memory,
            memory_reservation: spec.memory_reservation,
            network: Some(network.to_owned()),
            processes: Some(processes.to_owned()),
            mounts: Some(mounts.collect()),
            engine_restarts: Some(0),
        };
        Self {
            log_driver: Some(driver.to_string()),
            log_mode: Some(mode.to_string()),
            log_buffer: buffer,
            out_of_memory: None,
            engine_health: Some(EngineHealthCheck::None.to_string()),
            exit_code: None,
            running: None,
            volumes: volumes.collect(),
            made: Some(Box::new(facts)),
            more: BTreeMap::new(),
        }
    }
}

impl From<&Inspection> for ContainerFacts {
    fn from(seen: &Inspection) -> Self {
        let made = &seen.made;
        let mounts = made.mounts.iter().map(|mount| MountFact {
            source: mount.source.to_string(),
            target: mount.target.clone(),
            read_only: mount.read_only,
        });
        let network = match &made.network {
            NetworkInspection::None => "none",
            NetworkInspection::Of(_) => "container",
            NetworkInspection::Machine => "machine",
            NetworkInspection::Named(name) => name,
        };
        let processes = match made.processes {
            NamespaceInspection::Private => "private",
            NamespaceInspection::Of(_) => "container",
            NamespaceInspection::Machine => "machine",
        };
        let moments =
            [("created", seen.created_at), ("started", seen.started_at), ("finished", seen.finished_at)];
        let moments = moments.into_iter().filter_map(|(name, at)| Some((name.to_owned(), at?.to_string())));
        let words = [("id", &seen.id.0), ("image id", &made.image_id), ("error", &seen.error)];
        let words = words.into_iter().filter(|(_, word)| !word.is_empty());
        let more = moments.chain(words.map(|(name, word)| (name.to_owned(), word.clone())));
        let facts = MadeFacts {
            image: Some(made.image.clone()),
            entry_point: Some(made.entrypoint.clone()),
            command: Some(made.command.clone()),
            variables: Some(names(&made.environment)),
            user: Some(made.user.clone()),
            working_directory: Some(made.working_directory.clone()),
            capabilities_added: Some(made.capabilities_add.clone()),
            capabilities_dropped: Some(made.capabilities_drop.clone()),
            privileged: Some(made.privileged),
            read_only_root: Some(made.read_only_root),
            init: Some(made.init),
            ulimits: Some(limits(&made.ulimits)),
            cpu_shares: made.cpu_shares,
            memory: made.memory,
            memory_reservation: made.memory_reservation,
            network: Some(network.to_owned()),
            processes: Some(processes.to_owned()),
            mounts: Some(mounts.collect()),
            engine_restarts: Some(seen.restarts),
        };
        Self {
            log_driver: Some(made.log.driver.to_string()),
            log_mode: Some(made.log.mode.to_string()),
            log_buffer: made.log.buffer.clone(),
            out_of_memory: Some(seen.out_of_memory),
            engine_health: Some(seen.engine_health_check.to_string()),
            exit_code: seen.exit_code,
            running: Some(seen.state == RunState::Running),
            volumes: made.mounts.iter().filter_map(|mount| mount.volume().map(str::to_owned)).collect(),
            made: Some(Box::new(facts)),
            more: more.collect(),
        }
    }
}

/// Names alone: values may be secret.
fn names(environment: &[String]) -> Vec<String> {
    let names = environment.iter().map(|variable| variable.split('=').next().unwrap_or_default().to_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

fn limits(limits: &[Ulimit]) -> Vec<LimitFact> {
    limits
        .iter()
        .map(|limit| LimitFact { name: limit.name.clone(), soft: limit.soft, hard: limit.hard })
        .collect()
}
