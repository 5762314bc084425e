//! Log drivers and their options (`fargate.md` 1.3).

use super::context::{Context, is_given, named};
use crate::definition::tree::{Node, Value};
use crate::rules::check::Blame;
use crate::rules::path::Hit;

fn awslogs_without(hit: &Hit<'_>, option: &str) -> Option<Blame> {
    named(hit, "logDriver").filter(|driver| *driver == "awslogs")?;
    let options = hit.node?.get("options").filter(|options| options.value != Value::Null);
    let open = options.is_some_and(Node::is_open);
    (!open && !options.is_some_and(|options| is_given(options, option))).then(Blame::default)
}

pub(super) fn group(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    awslogs_without(hit, "awslogs-group")
}

pub(super) fn prefix(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    awslogs_without(hit, "awslogs-stream-prefix")
}

pub(super) fn region(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    awslogs_without(hit, "awslogs-region")
}

pub(super) fn router(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let driver = |container: &Node| {
        let driver = container.get("logConfiguration").and_then(|log| log.get("logDriver"));
        driver.and_then(Node::text) == Some("awsfirelens")
    };
    let user = context.containers().find(|container| driver(container))?;
    let open = hit.node.is_some_and(|list| list.items().iter().any(Node::is_open));
    let router = context.containers().any(|container| is_given(container, "firelensConfiguration"));
    (!open && !router).then(|| Blame::container(user.get("name").and_then(Node::text).unwrap_or_default()))
}
