//! Port mappings (`fargate.md` 1.6).

use super::context::Context;
use crate::definition::tree::{Node, Value};
use crate::rules::check::{Blame, shown};
use crate::rules::path::Hit;

fn given<'n>(mapping: &'n Node, key: &str) -> Option<&'n Node> {
    mapping.get(key).filter(|node| !node.is_void() && !node.is_open())
}

fn port(mapping: &Node) -> Option<u16> {
    shown(given(mapping, "containerPort")?).parse().ok()
}

fn protocol(mapping: &Node) -> &str {
    match mapping.get("protocol").and_then(Node::text) {
        Some("udp") => "udp",
        _ => "tcp",
    }
}

pub(super) fn host_port(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let (host, container) = (given(hit.node?, "hostPort")?, given(hit.node?, "containerPort")?);
    let (host, container) = (shown(host), shown(container));
    (host != container).then(|| Blame::value(format!("{host} and {container}")).at("hostPort"))
}

pub(super) fn known_protocol(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let text = hit.node?.text()?;
    (!matches!(text, "" | "tcp" | "udp")).then(|| Blame::value(text))
}

/// Mappings of the same container, up to the one at the place.
fn before<'n>(context: &Context<'n>, hit: &Hit<'n>) -> Option<Vec<&'n Node>> {
    let list = context.member("containerDefinitions")?.items().get(hit.container?)?.get("portMappings")?;
    Some(list.items().iter().take_while(|other| hit.node.is_none_or(|own| other.span != own.span)).collect())
}

pub(super) fn one_protocol(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let own = port(hit.node?)?;
    let other = before(context, hit)?.into_iter().find(|other| port(other) == Some(own))?;
    (protocol(other) != protocol(hit.node?)).then(|| Blame::value(own.to_string()).at("protocol"))
}

pub(super) fn shared_port(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let own = (port(hit.node?)?, protocol(hit.node?));
    let items = context.member("containerDefinitions")?.items();
    let earlier = items.iter().take(hit.container?);
    let other =
        earlier.filter(|container| matches!(container.value, Value::Object(_))).find(|container| {
            let mappings = container.get("portMappings").map(Node::items).unwrap_or_default();
            mappings.iter().any(|mapping| port(mapping).map(|port| (port, protocol(mapping))) == Some(own))
        })?;
    let name = other.get("name").and_then(Node::text).unwrap_or_default();
    Some(Blame::value(format!("{} of '{name}'", own.0)).at("containerPort"))
}

fn range(mapping: &Node) -> Option<(u32, u32)> {
    let text = given(mapping, "containerPortRange")?.text()?;
    let (first, last) = text.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

pub(super) fn range_alone(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let mapping = hit.node?;
    let text = given(mapping, "containerPortRange")?;
    let beside = ["hostPort", "containerPort"].into_iter().find(|key| given(mapping, key).is_some())?;
    Some(Blame::value(format!("{} beside {beside}", shown(text))).at("containerPortRange"))
}

pub(super) fn range_order(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let (first, last) = range(hit.node?)?;
    if first == 0 || last > 65535 || first >= last {
        return Some(Blame::value(format!("{first}-{last}")).at("containerPortRange"));
    }
    let other = before(context, hit)?
        .into_iter()
        .filter_map(range)
        .find(|other| other.0 <= last && first <= other.1)?;
    Some(Blame::value(format!("{first}-{last} overlaps {}-{}", other.0, other.1)).at("containerPortRange"))
}

pub(super) fn number_of_ranges(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let ranges = hit.node?.items().iter().filter(|item| item.get("containerPortRange").is_some()).count();
    (ranges > 100).then(|| Blame::value(ranges.to_string()))
}
