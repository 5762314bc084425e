//! When a container is created and started, in words.

use crate::definition::{Condition, ContainerDefinition};
use crate::lifecycle::Node;

/// When it is created, and why.
pub(super) fn created(container: &ContainerDefinition) -> String {
    let sources: Vec<&str> =
        container.volumes_from.iter().map(|from| from.source_container.as_str()).collect();
    if sources.is_empty() {
        "at once".to_owned()
    } else {
        format!("after {} (volumesFrom)", sources.join(", "))
    }
}

/// When it is started, and why. A log router that it waits for although nobody has written it is named.
pub(super) fn started(node: &Node, router: Option<&str>) -> String {
    if node.depends_on.is_empty() {
        return "when created".to_owned();
    }
    let conditions = node.depends_on.iter().map(|on| match router {
        Some(router) if on.container == router => {
            format!("{router} has started (START, because it logs through it)")
        }
        _ => format!("{} {}", on.container, reached(on.condition)),
    });
    format!("when {}", conditions.collect::<Vec<_>>().join(" and "))
}

fn reached(condition: Condition) -> &'static str {
    match condition {
        Condition::Start => "has started (START)",
        Condition::Complete => "has ended (COMPLETE)",
        Condition::Success => "has ended with 0 (SUCCESS)",
        Condition::Healthy => "is healthy (HEALTHY)",
    }
}
