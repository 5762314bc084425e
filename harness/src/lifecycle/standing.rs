//! How far the dependencies of a container are (`fargate.md` 2.2).

use super::Machine;
use crate::definition::{Condition, Dependency};
use proofhouse_protocol::task::{ContainerStatus, Health};
use std::time::Duration;

/// Where a dependency stands.
pub(super) enum Standing {
    Satisfied,
    Waiting,
    Failed(String),
}

impl Machine {
    /// Where that dependency stands now.
    pub(super) fn standing(&self, dependency: &Dependency) -> Standing {
        let name = &dependency.container;
        let record = &self.task.containers[name];
        let ran = record.first_started_at.is_some();
        let stopped = record.status == ContainerStatus::Stopped;
        let running = record.status == ContainerStatus::Running;
        if stopped && !ran {
            return Standing::Failed(format!("`{name}` never started"));
        }
        let satisfied = match dependency.condition {
            Condition::Start => running || stopped,
            Condition::Complete => stopped,
            Condition::Success if stopped && record.exit_code != Some(0) => {
                let code = record.exit_code.map_or_else(|| "no code".to_owned(), |code| code.to_string());
                return Standing::Failed(format!("`{name}` exited with {code}, condition SUCCESS"));
            }
            Condition::Success => stopped,
            Condition::Healthy if stopped => {
                return Standing::Failed(format!(
                    "`{name}` stopped before it was healthy, condition HEALTHY"
                ));
            }
            Condition::Healthy => running && record.health == Health::Healthy,
        };
        if satisfied {
            return Standing::Satisfied;
        }
        match self.start_deadline(dependency) {
            Some(deadline) if self.now >= deadline => Standing::Failed(format!(
                "startTimeout of `{name}` exceeded, condition {}",
                dependency.condition
            )),
            _ => Standing::Waiting,
        }
    }

    /// When a dependency counts as failed; never for START.
    pub(super) fn start_deadline(&self, dependency: &Dependency) -> Option<Duration> {
        if dependency.condition == Condition::Start {
            return None;
        }
        let timeout = self.graph.node(&dependency.container)?.start_timeout?;
        Some(self.task.containers[&dependency.container].first_started_at? + timeout)
    }

    /// Dependencies that containers wait for now.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (&String, &Dependency)> {
        let open = !self.task.stopping;
        self.graph
            .nodes()
            .filter(move |(name, _)| open && self.task.containers[*name].status == ContainerStatus::Created)
            .flat_map(|(name, node)| node.depends_on.iter().map(move |dependency| (name, dependency)))
            .filter(|(_, dependency)| matches!(self.standing(dependency), Standing::Waiting))
    }
}
