//! Questions that a table cannot ask, by the name that it calls them.

use super::check::{Blame, shown};
use super::path::Hit;
use super::{Date, Table};
use crate::definition::json::{Node, Value};
use crate::definition::{Condition, ContainerDefinition, Cpu, Memory, TaskDefinition};
use crate::lifecycle::{self, Graph, GraphError};

/// What a question may look at.
pub(super) struct Context<'a> {
    pub table: &'a Table,
    pub definition: &'a TaskDefinition,
    pub date: Date,
}

/// Names that [`ask`] knows.
#[cfg(test)]
pub(super) const NAMES: [&str; 23] = [
    "cpu_size",
    "size_pair",
    "role_for_awslogs",
    "role_for_ecr",
    "role_for_secrets",
    "awslogs_group",
    "awslogs_prefix",
    "host_port",
    "unique_name",
    "an_essential",
    "depends_on_known",
    "depends_on_essential",
    "depends_on_healthy",
    "cycle",
    "volumes_from_known",
    "known_volume",
    "firelens_router",
    "sum_of_cpu",
    "container_memory",
    "efs_iam",
    "efs_root",
    "efs_port",
    "unknown_member",
];

/// Places and words for what is wrong; none when nothing is. A name that is not known finds nothing, so that an older
/// harness can read a newer table.
pub(super) fn ask<'n>(name: &str, context: &Context<'n>, hit: &Hit<'n>) -> Vec<(Hit<'n>, Blame)> {
    let task = context.definition;
    let here = |blame: Option<Blame>| blame.map(|blame| (hit.clone(), blame)).into_iter().collect::<Vec<_>>();
    let container = hit.container.and_then(|index| task.containers.get(index));
    match name {
        "cpu_size" => here(cpu_size(context, hit)),
        "size_pair" => here(size_pair(context)),
        "role_for_awslogs" => {
            here(needs_role(task, |c| c.log_configuration.as_ref().is_some_and(|l| l.driver == "awslogs")))
        }
        "role_for_ecr" => here(needs_role(task, |c| c.image.contains(".dkr.ecr."))),
        "role_for_secrets" => here(needs_role(task, |c| !c.secrets.is_empty())),
        "awslogs_group" => here(container.and_then(|c| awslogs_without(c, "awslogs-group"))),
        "awslogs_prefix" => here(container.and_then(|c| awslogs_without(c, "awslogs-stream-prefix"))),
        "host_port" => here(hit.node.and_then(host_port)),
        "unique_name" => here(unique_name(task, hit)),
        "an_essential" => here((!task.containers.iter().any(|c| c.essential)).then(Blame::default)),
        "depends_on_known" => here(depends_on(hit, |other, _| task.container(other).is_none())),
        "depends_on_essential" => here(depends_on(hit, |other, condition| {
            matches!(condition, Condition::Complete | Condition::Success)
                && task.container(other).is_some_and(|c| c.essential)
        })),
        "depends_on_healthy" => here(depends_on(hit, |other, condition| {
            condition == Condition::Healthy && task.container(other).is_some_and(|c| c.health_check.is_none())
        })),
        "cycle" => here(cycle(task, container)),
        "volumes_from_known" => here(
            named(hit, "sourceContainer").filter(|name| task.container(name).is_none()).map(Blame::value),
        ),
        "known_volume" => here(
            named(hit, "sourceVolume")
                .filter(|name| !task.volumes.iter().any(|v| v.name == *name))
                .map(Blame::value),
        ),
        "firelens_router" => here(firelens_router(task)),
        "sum_of_cpu" => here(sum_of_cpu(task)),
        "container_memory" => here(container_memory(task, container)),
        "efs_iam" => here(efs_iam(hit)),
        "efs_root" => here(efs_root(hit)),
        "efs_port" => here(efs_port(hit)),
        "unknown_member" => unknown_members(context, hit),
        _ => Vec::new(),
    }
}

fn cpu_size(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let text = shown(hit.node?);
    let possible = Cpu::parse(&text).is_ok_and(|cpu| context.table.has_cpu(context.date, cpu.0));
    (!possible).then(|| Blame::value(text))
}

fn size_pair(context: &Context<'_>) -> Option<Blame> {
    let root = context.definition.root();
    let given = |key| root.get(key).filter(|node| !node.is_void()).map(shown);
    let (cpu, memory) = (given("cpu")?, given("memory")?);
    let Cpu(units) = Cpu::parse(&cpu).ok()?;
    // An impossible CPU size is class E03 and named there.
    if !context.table.has_cpu(context.date, units) {
        return None;
    }
    let possible = Memory::parse(&memory).is_ok_and(|mib| context.table.has_pair(context.date, units, mib.0));
    (!possible).then(|| Blame {
        value: format!("cpu {cpu}, memory {memory}"),
        container: None,
        help: Some(format!(
            "with {units} CPU units, memory is {} MiB",
            context.table.memory_for(context.date, units)
        )),
    })
}

fn needs_role(task: &TaskDefinition, does: impl Fn(&ContainerDefinition) -> bool) -> Option<Blame> {
    if task.execution_role_arn.is_some() {
        return None;
    }
    let container = task.containers.iter().find(|container| does(container))?;
    Some(Blame { container: Some(container.name.clone()), ..Blame::default() })
}

fn awslogs_without(container: &ContainerDefinition, option: &str) -> Option<Blame> {
    let log = container.log_configuration.as_ref().filter(|log| log.driver == "awslogs")?;
    (!log.options.contains_key(option)).then(Blame::default)
}

fn host_port(mapping: &Node) -> Option<Blame> {
    let (host, container) = (shown(mapping.get("hostPort")?), shown(mapping.get("containerPort")?));
    // 0 and null ask for the same port.
    let same = host == container || host == "0" || mapping.get("hostPort")?.is_void();
    (!same).then(|| Blame::value(format!("{host} and {container}")))
}

fn unique_name(task: &TaskDefinition, hit: &Hit<'_>) -> Option<Blame> {
    let index = hit.container?;
    let name = &task.containers.get(index)?.name;
    let twice = !name.is_empty() && task.containers.iter().take(index).any(|other| other.name == *name);
    twice.then(|| Blame::value(name))
}

fn named(hit: &Hit<'_>, key: &str) -> Option<String> {
    hit.node?.get(key)?.text().map(str::to_owned)
}

fn depends_on(hit: &Hit<'_>, wrong: impl Fn(&str, Condition) -> bool) -> Option<Blame> {
    let other = named(hit, "containerName")?;
    let condition = Condition::parse(&named(hit, "condition")?)?;
    wrong(&other, condition).then(|| Blame::value(other))
}

/// Blames the container with which the cycle begins.
fn cycle(task: &TaskDefinition, container: Option<&ContainerDefinition>) -> Option<Blame> {
    let nodes = task.containers.iter().map(|container| {
        let known = |name: &str| task.container(name).is_some();
        let node = lifecycle::Node {
            depends_on: container.depends_on.iter().filter(|on| known(&on.container)).cloned().collect(),
            created_after: container
                .volumes_from
                .iter()
                .map(|from| from.source_container.clone())
                .filter(|name| known(name))
                .collect(),
            ..lifecycle::Node::default()
        };
        (container.name.clone(), node)
    });
    match Graph::new(nodes.collect()) {
        Err(GraphError::Cycle { cycle }) if cycle.first() == container.map(|container| &container.name) => {
            Some(Blame::value(cycle.join(" -> ")))
        }
        _ => None,
    }
}

fn firelens_router(task: &TaskDefinition) -> Option<Blame> {
    let uses = |c: &&ContainerDefinition| {
        c.log_configuration.as_ref().is_some_and(|log| log.driver == "awsfirelens")
    };
    let user = task.containers.iter().find(uses)?;
    let has_router = task.containers.iter().any(|container| container.firelens.is_some());
    (!has_router).then(|| Blame { container: Some(user.name.clone()), ..Blame::default() })
}

fn sum_of_cpu(task: &TaskDefinition) -> Option<Blame> {
    let Cpu(units) = task.cpu?;
    let sum = task.containers.iter().fold(0i64, |sum, container| sum.saturating_add(container.cpu));
    (u64::try_from(sum).is_ok_and(|sum| sum > units)).then(|| Blame::value(format!("{sum} of {units}")))
}

fn container_memory(task: &TaskDefinition, container: Option<&ContainerDefinition>) -> Option<Blame> {
    let Memory(mib) = task.memory?;
    let own = container?.memory?;
    (u64::try_from(own).is_ok_and(|own| own > mib)).then(|| Blame::value(format!("{own} of {mib} MiB")))
}

fn enabled(efs: &Node, key: &str) -> bool {
    efs.get(key).and_then(Node::text) == Some("ENABLED")
}

fn efs_iam(hit: &Hit<'_>) -> Option<Blame> {
    let efs = hit.node?;
    let iam = efs.get("authorizationConfig").is_some_and(|authorization| enabled(authorization, "iam"));
    (iam && !enabled(efs, "transitEncryption")).then(Blame::default)
}

fn efs_root(hit: &Hit<'_>) -> Option<Blame> {
    let efs = hit.node?;
    efs.get("authorizationConfig")?.get("accessPointId")?.text().filter(|id| !id.is_empty())?;
    let root = efs.get("rootDirectory")?.text()?;
    (!root.is_empty() && root != "/").then(|| Blame::value(root))
}

fn efs_port(hit: &Hit<'_>) -> Option<Blame> {
    let efs = hit.node?;
    let port = efs.get("transitEncryptionPort").is_some_and(|port| port.value != Value::Null);
    (port && !enabled(efs, "transitEncryption")).then(Blame::default)
}

/// Members that neither registration nor description knows, at the task and in its containers.
fn unknown_members<'n>(context: &Context<'n>, hit: &Hit<'n>) -> Vec<(Hit<'n>, Blame)> {
    let members = &context.table.members;
    let root = context.definition.root();
    let at_task: Vec<&String> = members.task.iter().chain(&members.described).collect();
    let mut wrong = unknown_in(root, "", &at_task, hit);
    let at_container: Vec<&String> = members.container.iter().collect();
    for (index, container) in
        root.get("containerDefinitions").map(Node::items).unwrap_or_default().iter().enumerate()
    {
        let in_container = Hit { container: Some(index), ..hit.clone() };
        wrong.extend(unknown_in(
            container,
            &format!("containerDefinitions[{index}]."),
            &at_container,
            &in_container,
        ));
    }
    wrong
}

fn unknown_in<'n>(object: &Node, prefix: &str, known: &[&String], hit: &Hit<'n>) -> Vec<(Hit<'n>, Blame)> {
    let unknown = object.members().iter().filter(|member| !known.contains(&&member.key));
    unknown
        .map(|member| {
            let near = known.iter().find(|name| name.eq_ignore_ascii_case(&member.key));
            let help = match near {
                Some(near) => format!("write it `{near}`"),
                None => "remove it, or put it where it belongs".to_owned(),
            };
            let place = Hit { span: member.key_span, path: format!("{prefix}{}", member.key), ..hit.clone() };
            (place, Blame { value: member.key.clone(), container: None, help: Some(help) })
        })
        .collect()
}
