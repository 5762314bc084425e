//! What the scenarios of one run share.

use crate::rig::Stage;
use crate::suite::{Case, Suite};
use proofhouse_protocol::observation::record;
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::ScenarioResult;
use proofhouse_reports::history::History;
use proofhouse_reports::verdict::judge;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// A scenario that is over, for those who watch a run.
pub type Progress = Box<ScenarioResult>;

/// What the scenarios of one run share.
pub(crate) struct RunContext {
    pub suite: Suite,
    pub history: History,
    pub stage: Arc<Stage>,
    pub time_limit: Duration,
    pub take_down_limit: Duration,
    pub progress: UnboundedSender<Progress>,
}

impl RunContext {
    /// Judges a scenario that is over, for those who watch; the report judges again from the whole history.
    pub fn finish(&self, case: &Case) {
        let recorder = self.history.for_scenario(&case.meta.id);
        record(&recorder, Source::Runner, Observation::ScenarioEnded { attempt: 1 });
        let result = judge(&self.history.scenario(&case.meta.id), &case.meta);
        // Nobody may be listening any more; the history has it all.
        let _nobody = self.progress.send(Box::new(result));
    }
}
