//! How true each simulated property is (`fargate.md` section 5).

use crate::definition::TaskDefinition;
use serde::Serialize;
use std::fmt;

/// How a property is simulated. A scenario may pass on the first two alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// As on Fargate, by the same kernel mechanism.
    Enforced,
    /// In another way, to the same end.
    Approximated,
    /// Nobody outside knows how it is on Fargate.
    Assumed,
    /// Not at all.
    NotSimulated,
}

impl fmt::Display for Fidelity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Enforced => "enforced",
            Self::Approximated => "approximated",
            Self::Assumed => "assumed",
            Self::NotSimulated => "not simulated",
        })
    }
}

/// A property and how it is simulated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Name.
    pub name: &'static str,
    /// How true.
    pub fidelity: Fidelity,
    /// How.
    pub how: &'static str,
}

/// When a property is one of a task.
type Applies = fn(&TaskDefinition) -> bool;

fn always(_: &TaskDefinition) -> bool {
    true
}

/// Every simulated property, the truest first.
const TABLE: [(&str, Fidelity, &str, Applies); 14] = {
    use Fidelity::{Approximated, Assumed, Enforced, NotSimulated};
    [
        ("network namespace", Enforced, "one for all containers, owned by the world container", always),
        ("start and stop order", Enforced, "dependsOn and volumesFrom, dependents stop first", always),
        (
            "capabilities",
            Enforced,
            "Docker's default set, plus SYS_PTRACE where the definition adds it",
            always,
        ),
        ("logs", Approximated, "captured locally; driver options are only checked", always),
        (
            "health checks",
            Approximated,
            "the first probe at once, more between intervals until healthy",
            |definition| definition.containers.iter().any(|container| container.health_check.is_some()),
        ),
        (
            "restart policy",
            Approximated,
            "the same container again; its period may be scaled, and a note says so",
            |definition| definition.containers.iter().any(|container| container.restart_policy.is_some()),
        ),
        (
            "task memory",
            Approximated,
            "as the limit of each container that has none of its own",
            |definition| definition.memory.is_some(),
        ),
        ("cpu", Approximated, "shares relative to the task's size", |definition| {
            definition.containers.iter().any(|container| container.cpu > 0)
        }),
        ("process namespace", Approximated, "that of the world container, shared by all", |definition| {
            definition.pid_mode.is_some()
        }),
        ("seccomp", Assumed, "the engine's default profile; Fargate's is not published", always),
        ("kernel", NotSimulated, "the engine's own", always),
        ("timing", NotSimulated, "no claim about the service's delays", always),
        ("credentials", NotSimulated, "fake and unsigned", |definition| definition.task_role_arn.is_some()),
        ("disk limit", NotSimulated, "not enforced", always),
    ]
};

fn property((name, fidelity, how, _): &(&'static str, Fidelity, &'static str, Applies)) -> Property {
    Property { name, fidelity: *fidelity, how }
}

/// Every property that a task may have.
#[must_use]
pub fn properties() -> Vec<Property> {
    TABLE.iter().map(property).collect()
}

/// What holds for a task of this definition.
pub(super) fn of(definition: &TaskDefinition) -> Vec<Property> {
    TABLE.iter().filter(|(.., applies)| applies(definition)).map(property).collect()
}
