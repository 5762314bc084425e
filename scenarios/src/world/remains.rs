//! What the engine says of the task's containers, and what is left of a task that was removed.

use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::{RigError, fargate};
use proofhouse_harness::engine::{EngineHealthCheck, Inspection};

impl ScenarioWorld {
    pub(crate) async fn inspect(&self, container: &str) -> Result<Inspection, StepError> {
        let container = self.rig_ref()?.task()?.container(container)?;
        Ok(container.inspect().await.map_err(RigError::from)?)
    }

    /// The kernel killed a process of the container for want of memory.
    pub(crate) async fn expect_out_of_memory(&self, container: &str) -> StepResult {
        let found = self.inspect(container).await?.out_of_memory;
        self.conclude(
            "out of memory",
            found,
            format!("expected that \"{container}\" ran out of memory, the engine says {found}"),
        )
    }

    /// The engine itself runs no health check, whatever the image says.
    pub(crate) async fn expect_no_check_of_the_engine(&self, container: &str) -> StepResult {
        let found = self.inspect(container).await?.engine_health_check;
        self.conclude(
            "no health check of the image",
            found == EngineHealthCheck::None,
            format!("expected that nobody checks the health of \"{container}\", the engine says {found:?}"),
        )
    }

    /// How long a container has to stop.
    pub(crate) fn expect_stop_timeout(&self, container: &str, seconds: u64) -> StepResult {
        self.ask("plans the definition");
        let options = self.scene()?.run.stage.plan_options(&self.scene()?.case.meta.id);
        let found = fargate::stop_timeout("the definition", self.definition()?, &options, container)?;
        self.conclude(
            "stop timeout",
            found.is_some_and(|found| found.as_secs() == seconds),
            format!("expected {seconds} s for \"{container}\", it has {found:?}"),
        )
    }

    /// No container and no volume of the scenario is there, nor a volume that the removed task had without a label. What
    /// is left is removed then, for it would stay for ever.
    pub(crate) async fn expect_nothing_left(&self) -> StepResult {
        let scene = self.scene()?;
        let stage = &scene.run.stage;
        let left = stage.created_for(&scene.case.meta.id).await?;
        let unlabelled = stage.remove_volumes(&self.volumes_had).await?;
        let had = self.volumes_had.len();
        let all = [left, unlabelled].concat();
        self.conclude(
            "nothing left",
            all.is_empty(),
            format!(
                "expected that nothing is left of a task that had {had} volumes, there is {}",
                all.join(", ")
            ),
        )
    }
}
