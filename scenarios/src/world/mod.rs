//! The world of one scenario: what it has, what it did last, and the checks that it makes of it.

mod acceptance;
mod apps;
mod audits;
mod calls;
mod console_faults;
mod console_life;
mod definitions;
mod embedding;
pub(crate) mod exchanges;
mod exploration;
mod faults;
mod fences;
mod life;
mod lookups;
mod one_connection;
mod policies;
mod processes;
pub(crate) mod questions;
mod record;
mod remains;
mod series;
mod stand_ins;
mod stimulus;
mod stubs;
pub mod tables;

use crate::allowance::Allowance;
use crate::context::RunContext;
use crate::rig::{Internet, Rig, RigError};
use crate::suite::Case;
use crate::watch::Watch;
use policies::Policies;
use proofhouse_protocol::{Observation, Recorder as _, Recording, Source};
use proofhouse_reports::checks::{AsModelled, Check};
use proofhouse_reports::history::HistoryRecord;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use stimulus::{Doing, Stimulus};
use stubs::Stub;

/// Why a step did not pass.
#[derive(Debug)]
pub struct StepError(String);

/// What a step gives.
pub type StepResult = Result<(), StepError>;

impl StepError {
    /// The harness, or the scenario itself, is at fault: an error. That the subject is at fault only a check can say.
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
    /// Requests that the last stimulus from outside sent.
    sent: usize,
    /// SHA-256 of the last body that was sent in a coding.
    pub(crate) sent_sha256: String,
    /// Requests that were sent among each other: what, the token, how many.
    mixed: Vec<(String, String, usize)>,
    /// Token of the last call of the Console's API.
    call: Option<String>,
    /// Token of the call that read the policy before the last write.
    policy_before: Option<String>,
    /// Token of the last question to the simulated Fargate.
    question: Option<String>,
    stimulus: Option<Stimulus>,
    stubs: Vec<Stub>,
    /// What was made up and tried, until it is judged.
    modelled: Option<AsModelled>,
    pub(crate) sidecar_may_go: bool,
    /// Whether the embed is asked for file system monitoring.
    pub(crate) files_monitored: bool,
    /// The container of which the embedded definition says otherwise.
    pub(crate) not_monitored: Option<String>,
    /// Members of the embedded definition that are set before it is run.
    embedded_changes: Vec<(String, Value)>,
    /// The install bundle that the sidecar gets instead of the Console's.
    bundle: Option<String>,
    console_traits: console_life::Traits,
    /// What stands in the sidecar's environment beside what the embed puts there.
    sidecar_variables: Vec<(String, String)>,
    /// Whether the policy lets the client by whom fences go in pass in any case.
    bystander_passes: bool,
    volumes_had: Vec<String>,
    /// Steps that have begun.
    steps: usize,
    /// Whether a check of this step does not hold.
    unheld: AtomicBool,
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

    /// A step begins.
    pub(crate) fn begin_step(&mut self) {
        self.steps += 1;
        self.unheld.store(false, Ordering::Relaxed);
    }

    /// Whether the present step failed by a check, and not by an error.
    pub(crate) fn failed_by_a_check(&self) -> bool {
        self.unheld.load(Ordering::Relaxed)
    }

    /// Ends what the scenario began: captures it if it did not pass, makes the check that every scenario makes, and takes the
    /// task away.
    pub(crate) async fn leave(&mut self, passed: bool) {
        if self.scene.as_ref().is_none_or(|scene| scene.rig.is_none()) {
            return;
        }
        let protected = self.rig_ref().is_ok_and(Rig::is_protected);
        if protected {
            // Whether every audit has its stimulus can only be said behind a fence; where the scenario stopped its
            // Defender there is none, and what arrived is judged.
            self.fence_audits().await;
        }
        let Some(scene) = self.scene.as_mut() else { return };
        if protected {
            record(scene, Check::NoUnexplainedAudits {}.to_observation(None));
        }
        if let Some(rig) = scene.rig.take() {
            if !passed {
                rig.capture().await;
            }
            rig.take_down().await;
        }
    }

    fn scene(&self) -> Result<&Scene, StepError> {
        self.scene.as_ref().ok_or_else(|| StepError::new("the scenario has not begun"))
    }

    fn watch(&self) -> Result<Arc<Watch>, StepError> {
        Ok(Arc::clone(&self.scene()?.watch))
    }

    /// The Console and the task of the scenario; made when first needed.
    async fn rig(&mut self) -> Result<&mut Rig, StepError> {
        let scene = self.scene.as_mut().ok_or_else(|| StepError::new("the scenario has not begun"))?;
        if scene.rig.is_none() {
            let stage = Arc::clone(&scene.run.stage);
            let given = self.console_traits.given(stage.semantics());
            let rig = Rig::with_console(stage, &scene.case.meta.id, given, Arc::clone(&scene.watch)).await?;
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

    fn record_as(&self, source: Source, token: Option<&str>, observation: Observation) {
        if let Some(scene) = &self.scene {
            scene.watch.record(Recording { source, token: token.map(str::to_owned), observation });
        }
    }

    fn record_for(&self, token: &str, observation: Observation) {
        self.record_as(Source::Runner, Some(token), observation);
    }

    /// What the harness waited for did not come in its time: evidence that is missing, and nobody's failure.
    fn record_limit(&self, what: &str, limit: Duration, seen: String) {
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        self.record_as(
            Source::Runner,
            None,
            Observation::LimitPassed { what: what.to_owned(), limit_ms, seen },
        );
    }

    /// Something is done, with a token of its own; what comes back is in the records.
    fn begin_stimulus(&mut self, token: &str, doing: Doing, what: &str) {
        self.record_for(token, Observation::Stimulus { what: what.to_owned() });
        self.stimulus = Some(Stimulus { token: token.to_owned(), doing });
    }

    fn stimulus(&self) -> Result<&Stimulus, StepError> {
        self.stimulus
            .as_ref()
            .ok_or_else(|| StepError::new("nothing was done before that this step could look at"))
    }

    /// Records a check, and makes it on the records of the scenario so far, to go on only where it holds. What it concludes here
    /// is forgotten: the report makes it again.
    fn settle(&self, check: &Check) -> StepResult {
        record(self.scene()?, check.to_observation(self.steps.checked_sub(1)));
        let records = self.records();
        // As the history has it: without secrets, as the records before it.
        let kept = records.iter().enumerate().rev().find_map(|(place, record)| match record.observation() {
            Observation::Check { check, .. } => Some((place, check)),
            _ => None,
        });
        let Some((place, kept)) = kept else { return Err(StepError::new("the check was not recorded")) };
        let kept: Check = serde_json::from_value(kept.clone())
            .map_err(|error| StepError::new(format!("the check cannot be read back: {error}")))?;
        let conclusion = kept.judge(&records[..place]);
        if conclusion.is_held() {
            return Ok(());
        }
        self.unheld.store(true, Ordering::Relaxed);
        Err(StepError(conclusion.said))
    }

    /// As [`Self::settle`], of which only the answer is wanted, to know whether to go on waiting; nothing is recorded.
    fn would_hold(&self, check: &Check) -> bool {
        check.judge(&self.records()).is_held()
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
