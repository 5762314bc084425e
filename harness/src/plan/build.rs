//! From a definition to a plan.

use super::defaults;
use super::environment::{Identity, environment};
use super::names::{container_labels, engine_name, metadata_id, uuid, volume_name};
use super::router::{self, Behind};
use super::when;
use super::{
    Described, ExposedPort, HealthProbe, Note, Plan, PlanError, PlanOptions, PlannedContainer, WORLD,
    new_task_id,
};
use crate::definition::{ContainerDefinition, HealthCheck, PidMode, TaskDefinition};
use crate::engine::{ContainerSpec, Mount, MountSource, Network, ProcessNamespace, Ulimit};
use crate::fidelity;
use crate::labels;
use crate::lifecycle::{Graph, Node, Restart};
use std::collections::BTreeMap;
use std::time::Duration;

/// See [`Plan::new`].
pub(super) fn plan(definition: &TaskDefinition, options: &PlanOptions) -> Result<Plan, PlanError> {
    if let Some(platform) = definition.foreign_platform() {
        return Err(PlanError::Platform { platform: platform.to_owned() });
    }
    let task_id = task_id(options)?;
    let mut nodes = nodes(definition, options)?;
    let behind = router::order(definition, &mut nodes);
    let graph = Graph::new(nodes)?;
    let credentials_id = definition.task_role_arn.as_ref().map(|_| uuid(&task_id));
    let mut builder = Builder {
        definition,
        options,
        task_id,
        credentials_id,
        behind,
        notes: Vec::new(),
        missing: Vec::new(),
    };
    let mut containers = Vec::new();
    for name in graph.order() {
        let container = definition.container(name).expect("the graph is made of the definition's containers");
        let node = graph.node(name).expect("its order names its nodes");
        containers.push(builder.container(container, node)?);
    }
    let Builder { task_id, credentials_id, notes, missing, .. } = builder;
    Ok(Plan {
        family: definition.family.clone(),
        revision: definition.revision.unwrap_or(1),
        region: options.region.clone(),
        cpu: definition.cpu,
        memory: definition.memory,
        storage: u64::try_from(definition.disk_size()).unwrap_or(0),
        task_role_arn: definition.task_role_arn.clone(),
        credentials_id,
        fault_injection: definition.fault_injection,
        labels: options.labels.clone(),
        world: world(options, &task_id),
        stop_order: graph.stop_waves(),
        ports: ports(definition),
        volumes: definition.volumes.iter().map(|volume| volume_name(&task_id, &volume.name)).collect(),
        containers,
        notes,
        missing,
        properties: fidelity::of(definition),
        graph,
        task_id,
    })
}

fn task_id(options: &PlanOptions) -> Result<String, PlanError> {
    let id = options.task_id.clone().unwrap_or_else(new_task_id);
    if id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        Ok(id)
    } else {
        Err(PlanError::TaskId { id })
    }
}

fn nodes(definition: &TaskDefinition, options: &PlanOptions) -> Result<Vec<(String, Node)>, PlanError> {
    let mut nodes: Vec<(String, Node)> = Vec::new();
    for container in &definition.containers {
        if nodes.iter().any(|(name, _)| *name == container.name) {
            return Err(PlanError::DuplicateName { name: container.name.clone() });
        }
        let node = Node {
            essential: container.essential,
            depends_on: container.depends_on.clone(),
            created_after: container.volumes_from.iter().map(|from| from.source_container.clone()).collect(),
            start_timeout: container.start_timeout.map(seconds),
            stop_timeout: seconds(container.stop_timeout.unwrap_or(30)),
            has_health_check: container.health_check.is_some(),
            restart: container.restart_policy.as_ref().map(|policy| Restart {
                ignored_exit_codes: policy.ignored_exit_codes.clone(),
                period: scaled(policy.attempt_period, options.restart_time_scale),
            }),
        };
        nodes.push((container.name.clone(), node));
    }
    Ok(nodes)
}

fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

fn scaled(value: i64, scale: f64) -> Duration {
    seconds(value).mul_f64(scale.max(0.0))
}

fn world(options: &PlanOptions, task_id: &str) -> ContainerSpec {
    ContainerSpec {
        name: engine_name(task_id, WORLD),
        image: options.world_image.clone(),
        command: options.world_command.clone(),
        environment: options
            .world_environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect(),
        hostname: Some(options.hostname.clone()),
        labels: container_labels(options, task_id, WORLD, &BTreeMap::new()),
        network: Network::None,
        capabilities_add: vec!["NET_ADMIN".to_owned(), "SYS_ADMIN".to_owned()],
        stdin: true,
        ..ContainerSpec::default()
    }
}

struct Builder<'a> {
    definition: &'a TaskDefinition,
    options: &'a PlanOptions,
    task_id: String,
    credentials_id: Option<String>,
    behind: BTreeMap<String, Behind>,
    notes: Vec<Note>,
    missing: Vec<String>,
}

impl Builder<'_> {
    fn note(&mut self, container: &ContainerDefinition, text: impl Into<String>) {
        self.notes.push(Note { container: container.name.clone(), text: text.into() });
    }

    fn container(
        &mut self,
        container: &ContainerDefinition,
        node: &Node,
    ) -> Result<PlannedContainer, PlanError> {
        let metadata_id = metadata_id(&self.task_id, &container.name);
        let spec = self.spec(container, &metadata_id)?;
        if spec.image != container.image {
            self.note(container, format!("image `{}` stands for `{}`", spec.image, container.image));
        }
        let described = Described::of(container, &self.task_id);
        let health = container.health_check.as_ref().map(|check| self.probe(container, check));
        if let (Some(policy), Some(restart)) = (&container.restart_policy, &node.restart)
            && restart.period != seconds(policy.attempt_period)
        {
            let (said, scaled) = (policy.attempt_period, restart.period.as_secs_f64());
            self.note(container, format!("its restartAttemptPeriod of {said} s is taken for {scaled} s"));
        }
        Ok(PlannedContainer {
            name: container.name.clone(),
            definition_image: container.image.clone(),
            essential: container.essential,
            created: when::created(container),
            started: self.when_started(container, node),
            stop_timeout: node.stop_timeout,
            metadata_id,
            health,
            described,
            spec,
        })
    }

    /// When it is started; an order that is left out is noted.
    fn when_started(&mut self, container: &ContainerDefinition, node: &Node) -> String {
        let router = self.definition.log_router().map(|router| router.name.as_str());
        let behind = self.behind.get(&container.name).copied();
        if let (Some(Behind::LeftOut), Some(router)) = (behind, router) {
            let text = format!(
                "it logs through {router}, which waits for it: its order behind it is left out, and lines from before are lost"
            );
            self.note(container, text);
        }
        when::started(node, router.filter(|_| behind == Some(Behind::Added)))
    }

    fn spec(
        &mut self,
        container: &ContainerDefinition,
        metadata_id: &str,
    ) -> Result<ContainerSpec, PlanError> {
        let identity = Identity { metadata_id, credentials_id: self.credentials_id.as_deref() };
        let linux = &container.linux_parameters;
        let world = engine_name(&self.task_id, WORLD);
        let own_memory = container.memory.and_then(mebibytes);
        Ok(ContainerSpec {
            name: engine_name(&self.task_id, &container.name),
            image: self.options.local_image(&container.image),
            entrypoint: container.entry_point.clone(),
            command: container.command.clone(),
            environment: environment(container, &identity, self.options, &mut self.missing),
            user: container.user.clone(),
            working_directory: container.working_directory.clone(),
            hostname: None,
            labels: container_labels(self.options, &self.task_id, &container.name, &container.docker_labels),
            network: Network::Of(world.clone()),
            processes: match self.definition.pid_mode {
                Some(PidMode::Task) => ProcessNamespace::Of(world),
                _ => ProcessNamespace::Private,
            },
            capabilities_add: linux.capabilities.add.clone(),
            capabilities_drop: linux.capabilities.drop.clone(),
            mounts: self.mounts(container)?,
            volumes_from: container
                .volumes_from
                .iter()
                .map(|from| (engine_name(&self.task_id, &from.source_container), from.read_only))
                .collect(),
            read_only_root: container.readonly_root_filesystem,
            init: linux.init,
            ulimits: self.ulimits(container),
            sysctls: container
                .system_controls
                .iter()
                .map(|control| (control.namespace.clone(), control.value.clone()))
                .collect(),
            memory: own_memory.or(self.definition.memory.map(crate::definition::Memory::bytes)),
            memory_reservation: container.memory_reservation.and_then(mebibytes),
            cpu_shares: self.cpu_shares(container),
            stdin: container.interactive,
            terminal: container.pseudo_terminal,
            log: defaults::log(container),
        })
    }

    /// Shares are relative to everything on the engine's machine, where the task has no vCPU of its own. So the whole
    /// task's size counts as Docker's default of 1024. A container that names none has two units (`fargate.md` 1.3); where
    /// no container does, all are equal, and the engine's default does the same.
    fn cpu_shares(&self, container: &ContainerDefinition) -> Option<u64> {
        self.definition.containers.iter().find(|any| any.cpu > 0)?;
        let cpu = u64::try_from(container.cpu).unwrap_or(0).max(defaults::LEAST_CPU);
        let task = self.definition.cpu.map_or(1024, |cpu| cpu.0.max(1));
        Some((cpu * 1024 / task).max(2))
    }

    fn ulimits(&mut self, container: &ContainerDefinition) -> Vec<Ulimit> {
        let (limits, requested) = defaults::ulimits(container, self.options.open_files);
        if let (Some(requested), Some(cap)) = (requested, self.options.open_files) {
            self.note(container, format!("ulimit nofile: requested {requested}, the engine gives {cap}"));
        }
        limits
    }

    fn mounts(&self, container: &ContainerDefinition) -> Result<Vec<Mount>, PlanError> {
        let mut mounts = Vec::new();
        for mount in &container.mount_points {
            if !self.definition.volumes.iter().any(|volume| volume.name == mount.source_volume) {
                return Err(PlanError::UnknownVolume {
                    container: container.name.clone(),
                    volume: mount.source_volume.clone(),
                });
            }
            let mut labels = self.options.labels.to_map();
            labels.insert(labels::TASK.to_owned(), self.task_id.clone());
            let name = volume_name(&self.task_id, &mount.source_volume);
            mounts.push(Mount {
                source: MountSource::Volume { name, labels },
                target: mount.container_path.clone(),
                read_only: mount.read_only,
            });
        }
        for tmpfs in &container.linux_parameters.tmpfs {
            let size = format!("size={}m", tmpfs.size);
            let options = std::iter::once(size)
                .chain(tmpfs.mount_options.iter().cloned())
                .collect::<Vec<_>>()
                .join(",");
            mounts.push(Mount {
                source: MountSource::Tmpfs { options },
                target: tmpfs.container_path.clone(),
                read_only: false,
            });
        }
        Ok(mounts)
    }

    /// The Console writes its health check without `CMD` in front, and such a check would never run
    /// (`runtime-and-embed.md` 4.6).
    fn probe(&mut self, container: &ContainerDefinition, check: &HealthCheck) -> HealthProbe {
        let argv = match check.command.split_first() {
            Some((word, rest)) if word == "CMD" => rest.to_vec(),
            // The shell takes the first word for its line, and the others for the line's parameters.
            Some((word, rest)) if word == "CMD-SHELL" => {
                ["/bin/sh", "-c"].map(str::to_owned).into_iter().chain(rest.iter().cloned()).collect()
            }
            _ => {
                self.note(
                    container,
                    "its health check has neither CMD nor CMD-SHELL in front; CMD was put there",
                );
                check.command.clone()
            }
        };
        let scale = self.options.health_time_scale;
        let interval = scaled(check.interval, scale).max(Duration::from_millis(50));
        if interval != seconds(check.interval) {
            let (said, scaled) = (check.interval, interval.as_secs_f64());
            self.note(container, format!("its health check runs every {scaled} s instead of every {said} s"));
        }
        HealthProbe {
            argv,
            interval,
            timeout: seconds(check.timeout.max(1)),
            retries: u32::try_from(check.retries).unwrap_or(3).max(1),
            start_period: scaled(check.start_period, scale),
        }
    }
}

fn ports(definition: &TaskDefinition) -> Vec<ExposedPort> {
    definition
        .containers
        .iter()
        .flat_map(|container| {
            container.port_mappings.iter().filter_map(|mapping| {
                Some(ExposedPort {
                    container: container.name.clone(),
                    port: mapping.container_port?,
                    protocol: mapping.protocol.clone(),
                })
            })
        })
        .collect()
}

fn mebibytes(mib: i64) -> Option<u64> {
    u64::try_from(mib).ok().filter(|mib| *mib > 0).map(|mib| mib * 1024 * 1024)
}
