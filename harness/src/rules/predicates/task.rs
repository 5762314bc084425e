//! The task as a whole (`fargate.md` 1.1).

use super::context::{Context, is_given, named};
use crate::definition::tree::Node;
use crate::rules::check::Blame;
use crate::rules::path::Hit;

/// What App Mesh's proxy cannot do without; one of the first two is enough.
const PROXY: [&str; 4] = ["AppPorts", "ProxyIngressPort", "ProxyEgressPort", "EgressIgnoredIPs"];

pub(super) fn asks_for_fargate(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let given = hit.node.map(Node::items).unwrap_or_default();
    let words: Vec<&str> = given.iter().filter_map(Node::text).collect();
    let known = !given.is_empty() && !given.iter().any(Node::is_open);
    (known && !words.contains(&"FARGATE")).then(|| Blame::value(words.join(", ")))
}

pub(super) fn proxy(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let proxy = hit.node.filter(|node| !node.is_void())?;
    if let (Some(name), Some(names)) = (named(hit, "containerName"), context.names("containerDefinitions"))
        && !names.contains(&name)
    {
        return Some(
            Blame::value(format!("containerName '{name}' is not in the task")).help("correct the name"),
        );
    }
    let properties = proxy.get("properties");
    if properties.is_some_and(|list| list.is_open() || list.items().iter().any(Node::is_open)) {
        return None;
    }
    let items = properties.map(Node::items).unwrap_or_default();
    let has = |name: &str| {
        items
            .iter()
            .any(|item| item.get("name").and_then(Node::text) == Some(name) && is_given(item, "value"))
    };
    let missing = PROXY
        .into_iter()
        .find(|name| !has(name))
        .or_else(|| (!has("IgnoredUID") && !has("IgnoredGID")).then_some("IgnoredUID or IgnoredGID"))?;
    Some(Blame::value(format!("the property {missing} is missing")).help("add it to <properties>"))
}
