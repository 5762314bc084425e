//! What is left of a task that was removed, and how long a container would have to stop.

use super::{ScenarioWorld, StepResult};
use crate::rig::fargate;
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{DefinitionRole, Source};
use proofhouse_reports::checks::Check;

impl ScenarioWorld {
    /// How long a container has to stop.
    pub(crate) fn expect_stop_timeout(&self, container: &str, seconds: u64) -> StepResult {
        self.ask("plans the definition");
        self.record_definition();
        let definition = self.definition()?.clone();
        self.record_plan(DefinitionRole::Original, &definition)?;
        self.settle(&Check::StopTimeout { container: container.to_owned(), seconds })
    }

    /// What would be created for a version of the definition.
    pub(super) fn record_plan(&self, role: DefinitionRole, definition: &serde_json::Value) -> StepResult {
        let scene = self.scene()?;
        let options = scene.run.stage.plan_options(&scene.case.meta.id);
        let (plan, stop_timeouts_ms) = fargate::planned("the definition", definition, options)?;
        self.record_as(Source::Fargate, None, Observation::Planned { role, plan, stop_timeouts_ms });
        Ok(())
    }

    /// Neither containers nor volumes of the scenario exist.
    pub(crate) async fn expect_nothing_created(&self) -> StepResult {
        let scene = self.scene()?;
        let labelled = scene.run.stage.created_for(&scene.case.meta.id).await?;
        let observation = Observation::Remains { labelled, unlabelled: Vec::new(), had: 0 };
        self.record_as(Source::Engine, None, observation);
        self.settle(&Check::NothingOnTheEngine { removed: false })
    }

    /// No container and no volume of the scenario is there, nor a volume that the removed task had without a label. What
    /// is left is removed then, for it would stay for ever.
    pub(crate) async fn expect_nothing_left(&self) -> StepResult {
        let scene = self.scene()?;
        let stage = &scene.run.stage;
        let labelled = stage.created_for(&scene.case.meta.id).await?;
        let unlabelled = stage.remove_volumes(&self.volumes_had).await?;
        let observation = Observation::Remains { labelled, unlabelled, had: self.volumes_had.len() };
        self.record_as(Source::Engine, None, observation);
        self.settle(&Check::NothingOnTheEngine { removed: true })
    }
}
