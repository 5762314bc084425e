//! Port mappings (`fargate.md` 1.6).

use super::context::{Context, is_given};
use crate::definition::tree::Node;
use crate::rules::check::{Blame, shown};
use crate::rules::path::Hit;

fn given<'n>(mapping: &'n Node, key: &str) -> Option<&'n Node> {
    mapping.get(key).filter(|node| !node.is_void() && !node.is_open())
}

/// A port, written as a number or as a text.
fn number(node: &Node) -> Option<u16> {
    shown(node).trim().parse().ok()
}

fn port(mapping: &Node) -> Option<u16> {
    number(given(mapping, "containerPort")?)
}

fn protocol(mapping: &Node) -> &str {
    match mapping.get("protocol").and_then(Node::text) {
        Some("udp") => "udp",
        _ => "tcp",
    }
}

/// A mapping with a member that the API does not have is refused for that, before any call.
pub(super) fn container_port(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let mapping = hit.node?;
    let shape = context.table.shapes.get("PortMapping")?;
    if mapping.members().iter().any(|member| !shape.contains_key(&member.key)) {
        return None;
    }
    let without = ["containerPort", "containerPortRange"].into_iter().all(|key| !is_given(mapping, key));
    without.then(Blame::default)
}

pub(super) fn host_port(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let (host, container) = (given(hit.node?, "hostPort")?, given(hit.node?, "containerPort")?);
    let differ = match (number(host), number(container)) {
        (Some(host), Some(container)) => host != container,
        _ => shown(host) != shown(container),
    };
    let (host, container) = (shown(host), shown(container));
    differ.then(|| Blame::value(format!("{host} and {container}")).at("hostPort"))
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

/// Ports that a mapping takes, from the first to the last.
fn taken(mapping: &Node) -> Option<(u32, u32)> {
    port(mapping).map(|port| (port.into(), port.into())).or_else(|| range(mapping))
}

/// Earlier mappings of the task that take a port of this one. Two protocols of one container are another rule's, and so are two
/// ranges of it.
pub(super) fn shared_port(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let (own, own_protocol) = (taken(hit.node?)?, protocol(hit.node?));
    let items = context.member("containerDefinitions")?.items().iter().take(hit.container?);
    let of_others = items.filter_map(|container| container.get("portMappings")).flat_map(Node::items);
    let of_own = before(context, hit)?;
    let of_own = of_own
        .into_iter()
        .filter(|other| range(other).is_none() || range(hit.node.unwrap_or(other)).is_none());
    let shared = of_others.chain(of_own).find_map(|other| {
        let (first, last) = taken(other).filter(|_| protocol(other) == own_protocol)?;
        (first <= own.1 && own.0 <= last).then(|| first.max(own.0))
    })?;
    let member = if port(hit.node?).is_some() { "containerPort" } else { "containerPortRange" };
    Some(Blame::value(format!("{} host port '{shared}'", own_protocol.to_uppercase())).at(member))
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
