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

/// What holds for a task of this definition.
pub(super) fn of(definition: &TaskDefinition) -> Vec<Property> {
    use Fidelity::{Approximated, Assumed, Enforced, NotSimulated};
    let mut rows = vec![
        ("network namespace", Enforced, "one for all containers, owned by the world container"),
        ("start and stop order", Enforced, "dependsOn and volumesFrom, dependents stop first"),
        ("capabilities", Enforced, "Docker's default set, plus SYS_PTRACE where the definition adds it"),
        ("seccomp", Assumed, "the engine's default profile; Fargate's is not published"),
        ("kernel", NotSimulated, "the engine's own"),
        ("timing", NotSimulated, "no claim about the service's delays"),
        ("logs", Approximated, "captured locally; driver options are only checked"),
    ];
    if definition.containers.iter().any(|container| container.health_check.is_some()) {
        rows.push((
            "health checks",
            Approximated,
            "the first probe at once, more between intervals until healthy",
        ));
    }
    if definition.memory.is_some() {
        rows.push(("task memory", Approximated, "as the limit of each container that has none of its own"));
    }
    if definition.containers.iter().any(|container| container.cpu > 0) {
        rows.push(("cpu", Approximated, "shares relative to the task's size"));
    }
    if definition.pid_mode.is_some() {
        rows.push(("process namespace", Approximated, "that of the world container, shared by all"));
    }
    if definition.task_role_arn.is_some() {
        rows.push(("credentials", NotSimulated, "fake and unsigned"));
    }
    rows.push(("disk limit", NotSimulated, "not enforced"));
    rows.sort_by_key(|(_, fidelity, _)| *fidelity);
    rows.into_iter().map(|(name, fidelity, how)| Property { name, fidelity, how }).collect()
}
