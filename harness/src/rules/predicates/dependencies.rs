//! Which container waits for which (`fargate.md` 2.2).

use super::containers::is_essential;
use super::context::{Context, is_given, named};
use crate::lifecycle::{self, Graph, GraphError};
use crate::rules::check::Blame;
use crate::rules::path::Hit;

pub(super) fn known(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let other = named(hit, "containerName")?;
    (!context.names("containerDefinitions")?.contains(&other))
        .then(|| Blame::value(other).at("containerName"))
}

pub(super) fn essential(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let other = named(hit, "containerName")?;
    named(hit, "condition").filter(|condition| matches!(*condition, "COMPLETE" | "SUCCESS"))?;
    (is_essential(context.container_named(other)?) == Some(true)).then(|| Blame::value(other).at("condition"))
}

pub(super) fn healthy(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let other = named(hit, "containerName")?;
    named(hit, "condition").filter(|condition| *condition == "HEALTHY")?;
    let check = context.container_named(other)?.get("healthCheck");
    let has_check = check.is_some_and(|check| check.is_open() || is_given(check, "command"));
    (!has_check).then(|| Blame::value(other).at("condition"))
}

/// Blames the container with which the cycle begins.
pub(super) fn cycle(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    context.names("containerDefinitions")?;
    let task = context.definition;
    let own = context.container(hit)?;
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
        Err(GraphError::Cycle { cycle }) if cycle.first() == Some(&own.name) => {
            Some(Blame::value(cycle.join(" -> ")))
        }
        _ => None,
    }
}

pub(super) fn volumes_from_known(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let other = named(hit, "sourceContainer")?;
    (!context.names("containerDefinitions")?.contains(&other))
        .then(|| Blame::value(other).at("sourceContainer"))
}
