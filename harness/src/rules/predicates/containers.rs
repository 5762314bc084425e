//! Containers, one by one and together (`fargate.md` 1.3).

use super::context::Context;
use crate::definition::tree::{Node, Value};
use crate::rules::check::{Blame, is_true, shown};
use crate::rules::path::Hit;

pub(super) fn none(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let none = match hit.node {
        None => true,
        Some(node) => {
            matches!(&node.value, Value::Array(items) if items.iter().all(|item| item.value == Value::Null))
        }
    };
    none.then(Blame::default)
}

pub(super) fn unique_name(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let name = hit.node?.text().filter(|name| !name.is_empty())?;
    let earlier = context.member("containerDefinitions")?.items().iter().take(hit.container?);
    let mut names = earlier.filter_map(|container| container.get("name")?.text());
    names.any(|other| other == name).then(|| Blame::value(name))
}

/// Whether a container is essential, as it is when nothing is said; none while that is not known.
pub(super) fn is_essential(container: &Node) -> Option<bool> {
    match container.get("essential") {
        None => Some(true),
        Some(node) if node.is_open() => None,
        Some(node) => Some(node.value == Value::Null || is_true(node)),
    }
}

pub(super) fn an_essential(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let open = hit.node?.items().iter().any(Node::is_open);
    let mut containers = context.containers().peekable();
    containers.peek()?;
    (!open && containers.all(|container| is_essential(container) == Some(false))).then(Blame::default)
}

pub(super) fn nofile(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let limit = hit.node?;
    limit.get("name").and_then(Node::text).filter(|name| *name == "nofile")?;
    let values =
        ["softLimit", "hardLimit"].into_iter().filter_map(|key| shown(limit.get(key)?).parse::<i64>().ok());
    values.into_iter().find(|value| *value > 1_048_576).map(|value| Blame::value(value.to_string()))
}

pub(super) fn namespaced(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let name = hit.node?.text()?;
    let known = name.starts_with("net.")
        || name.starts_with("kernel.msg")
        || name.starts_with("kernel.shm")
        || name == "kernel.sem"
        || name.starts_with("fs.mqueue.");
    (!known).then(|| Blame::value(name))
}
