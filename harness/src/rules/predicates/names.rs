//! Names that lists share, or that a list has twice (`fargate.md` 1.8, E29).

use super::context::{Context, is_given, named};
use crate::definition::tree::Node;
use crate::rules::check::Blame;
use crate::rules::path::Hit;

/// What stands before the place in the same list of the same container.
fn before<'n>(context: &Context<'n>, hit: &Hit<'n>, list: &str) -> Option<Vec<&'n Node>> {
    let items = context.node_of(hit)?.get(list)?.items();
    Some(items.iter().take_while(|other| hit.node.is_none_or(|own| other.span != own.span)).collect())
}

fn has_name(items: &[&Node], member: &str, name: &str) -> bool {
    items.iter().any(|item| item.get(member).and_then(Node::text) == Some(name))
}

pub(super) fn secret_name(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let name = named(hit, "name").filter(|name| !name.is_empty())?;
    let variables = context.node_of(hit)?.get("environment").map(Node::items).unwrap_or_default();
    let help = if has_name(&variables.iter().collect::<Vec<_>>(), "name", name) {
        "remove it from <environment>, or from <secrets>"
    } else if has_name(&before(context, hit, "secrets")?, "name", name) {
        "leave one secret of that name"
    } else {
        return None;
    };
    Some(Blame::value(name).at("name").help(help))
}

pub(super) fn variable_twice(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let name = named(hit, "name").filter(|name| !name.is_empty())?;
    has_name(&before(context, hit, "environment")?, "name", name).then(|| Blame::value(name).at("name"))
}

pub(super) fn mount_twice(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let path = |node: &Node| {
        let path = node.get("containerPath").filter(|path| !path.is_open()).and_then(Node::text)?;
        Some(path.trim_end_matches('/').to_owned()).filter(|path| !path.is_empty())
    };
    let own = path(hit.node?)?;
    let twice =
        before(context, hit, "mountPoints")?.into_iter().any(|other| path(other).as_ref() == Some(&own));
    twice.then(|| Blame::value(own).at("containerPath"))
}

pub(super) fn volume_twice(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let name = named(hit, "name").filter(|name| !name.is_empty())?;
    let volumes = context.member("volumes")?.items().iter();
    let earlier: Vec<_> =
        volumes.take_while(|other| hit.node.is_none_or(|own| other.span != own.span)).collect();
    has_name(&earlier, "name", name).then(|| Blame::value(name).at("name"))
}

/// Over the whole task: Service Connect knows ports by their names.
pub(super) fn port_name(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let name = named(hit, "name").filter(|name| !name.is_empty())?;
    let containers = context.member("containerDefinitions")?.items().iter().take(hit.container?);
    let of_others = containers.filter_map(|container| container.get("portMappings")).flat_map(Node::items);
    let earlier: Vec<_> = of_others.chain(before(context, hit, "portMappings")?).collect();
    has_name(&earlier, "name", name).then(|| Blame::value(name).at("name"))
}

pub(super) fn second_router(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    hit.node.filter(|node| !node.is_void())?;
    let mut earlier = context.member("containerDefinitions")?.items().iter().take(hit.container?);
    let first = earlier.find(|container| is_given(container, "firelensConfiguration"))?;
    Some(Blame::value(first.get("name").and_then(Node::text).unwrap_or_default()))
}
