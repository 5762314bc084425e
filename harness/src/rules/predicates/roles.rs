//! What the task needs a role for (`fargate.md` 1.1).

use super::context::{Context, is_given};
use crate::definition::tree::Node;
use crate::rules::check::Blame;
use crate::rules::path::Hit;

fn needed(context: &Context<'_>, does: impl Fn(&Node) -> bool) -> Option<Blame> {
    if is_given(context.definition.root(), "executionRoleArn") {
        return None;
    }
    let container = context.containers().find(|container| does(container))?;
    Some(Blame::container(container.get("name").and_then(Node::text).unwrap_or_default()))
}

pub(super) fn for_awslogs(context: &Context<'_>, _: &Hit<'_>) -> Option<Blame> {
    needed(context, |container| {
        let driver = container.get("logConfiguration").and_then(|log| log.get("logDriver"));
        driver.and_then(Node::text) == Some("awslogs")
    })
}

pub(super) fn for_ecr(context: &Context<'_>, _: &Hit<'_>) -> Option<Blame> {
    needed(context, |container| {
        let image = container.get("image").and_then(Node::text).unwrap_or_default();
        // The second is the registry's name with IPv6.
        image.contains(".dkr.ecr.") || image.contains(".dkr-ecr.")
    })
}

pub(super) fn for_secrets(context: &Context<'_>, _: &Hit<'_>) -> Option<Blame> {
    needed(context, |container| is_given(container, "secrets"))
}

pub(super) fn for_credentials(context: &Context<'_>, _: &Hit<'_>) -> Option<Blame> {
    needed(context, |container| is_given(container, "repositoryCredentials"))
}

pub(super) fn for_log_secrets(context: &Context<'_>, _: &Hit<'_>) -> Option<Blame> {
    needed(context, |container| {
        container.get("logConfiguration").is_some_and(|log| is_given(log, "secretOptions"))
    })
}

pub(super) fn for_environment_files(context: &Context<'_>, _: &Hit<'_>) -> Option<Blame> {
    needed(context, |container| is_given(container, "environmentFiles"))
}

pub(super) fn of_the_task_for_s3files(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let given = hit.node.is_some_and(|node| !node.is_void());
    (given && !is_given(context.definition.root(), "taskRoleArn")).then(Blame::default)
}
