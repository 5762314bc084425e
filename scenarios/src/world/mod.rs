//! The world of one scenario: what it has, what it did last, and what it may conclude.

mod acceptance;
mod apps;
mod audits;
mod calls;
mod definitions;
mod embedding;
mod exchanges;
mod faults;
mod life;
mod lookups;
mod policies;
mod processes;
mod record;
mod remains;
mod stand_ins;
mod stimulus;
mod stubs;
pub mod tables;

use crate::context::RunContext;
use crate::rig::fargate::Judgement;
use crate::rig::{Answer, Internet, Rig, RigError};
use crate::suite::Case;
use crate::watch::Watch;
use crate::watchdog::Allowance;
use apps::FinishedRun;
use policies::Policies;
use proofhouse_protocol::{Observation, Recorder as _, Recording, Source};
use proofhouse_reports::checks::Check;
use proofhouse_reports::history::HistoryRecord;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use stimulus::{Outcome, Stimulus};
use stubs::Stub;

/// Why a step did not pass. A conclusion is recorded before it becomes one, so the text is for people only.
#[derive(Debug)]
pub struct StepError(String);

/// What a step gives.
pub type StepResult = Result<(), StepError>;

impl StepError {
    /// The harness, or the scenario itself, is at fault.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<RigError> for StepError {
    fn from(error: RigError) -> Self {
        Self(crate::rig::chain(&error))
    }
}

/// The world of one scenario.
#[derive(Default, cucumber::World)]
#[world(init = Self::default)]
pub struct ScenarioWorld {
    scene: Option<Scene>,
    definition: Option<Value>,
    embedded: Option<Value>,
    pub(crate) policies: Policies,
    pub(crate) open_ports: Vec<u16>,
    pub(crate) internet: Internet,
    answer: Option<Answer>,
    policy_before: Option<Value>,
    doing: String,
    stimulus: Option<Stimulus>,
    stubs: Vec<Stub>,
    bare_run: Option<FinishedRun>,
    protected_run: Option<FinishedRun>,
    judgement: Option<Judgement>,
    pub(crate) sidecar_may_go: bool,
    volumes_had: Vec<String>,
}

/// What the runner gives a scenario before its first step.
struct Scene {
    run: Arc<RunContext>,
    case: Case,
    watch: Arc<Watch>,
    allowance: Allowance,
    rig: Option<Rig>,
}

impl fmt::Debug for ScenarioWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let case = self.scene.as_ref().map(|scene| scene.case.meta.id.as_str());
        f.debug_struct("ScenarioWorld")
            .field("case", &case)
            .field("stimulus", &self.stimulus)
            .finish_non_exhaustive()
    }
}

impl ScenarioWorld {
    /// Puts the scenario on its stage.
    pub(crate) fn enter(&mut self, run: &Arc<RunContext>, case: &Case) {
        let watch = Arc::new(Watch::new(&run.history, &case.meta.id));
        let allowance = Allowance::from_now(run.time_limit);
        self.scene = Some(Scene { run: Arc::clone(run), case: case.clone(), watch, allowance, rig: None });
    }

    /// The time that the scenario has; none before it has begun.
    pub(crate) fn allowance(&self) -> Option<Allowance> {
        self.scene.as_ref().map(|scene| scene.allowance)
    }

    /// Ends what the scenario began: captures it if it did not pass, judges what was left unsaid, and takes the task away.
    pub(crate) async fn leave(&mut self, passed: bool) {
        let Some(scene) = self.scene.as_mut() else { return };
        if let Some(rig) = scene.rig.take() {
            if rig.is_protected() {
                // Whether every audit has its stimulus can only be said behind a fence; where the scenario stopped its
                // Defender there is none, and what arrived is judged.
                let _no_link = rig.fence().await;
                let finding = Check::NoUnexplainedAudits {}.judge(&scene.watch.records());
                record(scene, finding.into_observation());
            }
            if !passed {
                rig.capture().await;
            }
            rig.take_down().await;
        }
    }

    fn scene(&self) -> Result<&Scene, StepError> {
        self.scene.as_ref().ok_or_else(|| StepError::new("the scenario has not begun"))
    }

    /// The Console and the task of the scenario; made when first needed.
    async fn rig(&mut self) -> Result<&mut Rig, StepError> {
        let scene = self.scene.as_mut().ok_or_else(|| StepError::new("the scenario has not begun"))?;
        if scene.rig.is_none() {
            let rig =
                Rig::new(Arc::clone(&scene.run.stage), &scene.case.meta.id, Arc::clone(&scene.watch)).await?;
            scene.rig = Some(rig);
        }
        scene.rig.as_mut().ok_or_else(|| StepError::new("the rig was made above"))
    }

    /// The rig, where a step before has made it.
    fn rig_ref(&self) -> Result<&Rig, StepError> {
        self.scene()?.rig.as_ref().ok_or_else(|| StepError::new("nothing was started before"))
    }

    fn records(&self) -> Vec<HistoryRecord> {
        self.scene.as_ref().map(|scene| scene.watch.records()).unwrap_or_default()
    }

    fn record_for(&self, token: &str, observation: Observation) {
        if let Some(scene) = &self.scene {
            scene.watch.record(Recording {
                source: Source::Runner,
                token: Some(token.to_owned()),
                observation,
            });
        }
    }

    fn begin_stimulus(&mut self, token: &str, what: &str) {
        self.stimulus = None;
        what.clone_into(&mut self.doing);
        self.record_for(token, Observation::Stimulus { what: what.to_owned() });
    }

    fn end_stimulus(&mut self, token: String, outcome: Outcome) {
        let what = std::mem::take(&mut self.doing);
        self.stimulus = Some(Stimulus { token, what, outcome });
    }

    fn stimulus(&self) -> Result<&Stimulus, StepError> {
        self.stimulus
            .as_ref()
            .ok_or_else(|| StepError::new("nothing was done before that this step could look at"))
    }

    /// A conclusion that the step has drawn from values; the message says what was expected and what was seen.
    fn conclude(&self, check: &str, holds: bool, message: String) -> StepResult {
        self.settle(Check::Stated { what: check.to_owned(), holds, message })
    }

    /// A conclusion from the records of the scenario so far.
    fn settle(&self, check: Check) -> StepResult {
        let conclusion = check.judge(&self.records());
        let (holds, message) = (conclusion.holds, conclusion.message.clone());
        record(self.scene()?, conclusion.into_observation());
        if holds { Ok(()) } else { Err(StepError(message)) }
    }

    fn definition(&self) -> Result<&Value, StepError> {
        self.definition.as_ref().ok_or_else(|| StepError::new("the scenario has no task definition"))
    }

    fn embedded(&self) -> Result<&Value, StepError> {
        self.embedded.as_ref().ok_or_else(|| StepError::new("nothing was embedded before"))
    }
}

fn record(scene: &Scene, observation: Observation) {
    scene.watch.record(Recording { source: Source::Runner, token: None, observation });
}
