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

/// Something that those who watch a run want to know.
#[derive(Debug, Clone)]
pub enum Progress {
    /// A scenario begins.
    Began(Case),
    /// A scenario is over.
    Ended(Box<ScenarioResult>),
}

/// What the scenarios of one run share.
pub(crate) struct RunContext {
    pub suite: Suite,
    pub history: History,
    pub stage: Arc<Stage>,
    pub limit: Duration,
    pub progress: UnboundedSender<Progress>,
}

impl RunContext {
    pub fn tell(&self, progress: Progress) {
        // Nobody may be listening any more; the history has it all.
        let _nobody = self.progress.send(progress);
    }

    /// Judges a scenario that is over, for those who watch; the report judges again from the whole history.
    pub fn finish(&self, case: &Case) {
        let recorder = self.history.for_scenario(&case.meta.id);
        record(&recorder, Source::Runner, Observation::ScenarioEnded { attempt: 1 });
        let result = judge(&self.history.scenario(&case.meta.id), &case.meta);
        self.tell(Progress::Ended(Box::new(result)));
    }
}
