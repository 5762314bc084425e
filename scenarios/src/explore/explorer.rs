//! Rounds of a campaign, each in a task of its own.

use super::coverage::Coverage;
use super::field::Field;
use crate::rig::{Rig, RigError, Stage};
use crate::watch::Watch;
use proofhouse_generators::{Campaign, Round};
use proofhouse_protocol::observation::{Source, record};
use proofhouse_reports::ScenarioMeta;
use proofhouse_reports::checks::{AsModelled, Check, Judgement};
use proofhouse_reports::history::{History, HistoryRecord};
use std::sync::Arc;

/// Policies of a round.
pub const POLICIES: usize = 10;

/// Trials under each.
pub const TRIALS: usize = 60;

/// A round, judged.
pub struct RoundDone {
    /// What it was.
    pub round: Round,
    /// What came of it.
    pub judgement: Judgement,
    /// What the model was asked.
    pub check: AsModelled,
    /// All that was observed.
    pub records: Vec<HistoryRecord>,
}

/// Runs rounds.
pub struct Explorer {
    stage: Arc<Stage>,
    campaign: Campaign,
    coverage: Coverage,
}

impl Explorer {
    /// An explorer of a campaign.
    #[must_use]
    pub fn new(stage: Arc<Stage>, campaign: Campaign) -> Self {
        let coverage = Coverage::of(campaign.areas());
        Self { stage, campaign, coverage }
    }

    /// What was covered until now.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Runs a round.
    ///
    /// # Errors
    /// When the environment fails.
    pub async fn round(&mut self, number: u32, history: &History) -> Result<RoundDone, RigError> {
        let round = self.campaign.round(number, POLICIES, TRIALS);
        let done = try_round(&self.stage, round, history).await?;
        self.coverage.add(&done);
        Ok(done)
    }
}

/// Tries everything of a round in a fresh task, and judges it.
pub(super) async fn try_round(
    stage: &Arc<Stage>,
    round: Round,
    history: &History,
) -> Result<RoundDone, RigError> {
    let id = format!("explored-{:03}", round.number);
    let watch = Arc::new(Watch::new(history, &id));
    let recorder = history.for_scenario(&id);
    record(&recorder, Source::Runner, meta(&id).to_observation(1, &stage.defender().embed_names()));
    let mut rig = Rig::new(Arc::clone(stage), &id, Arc::clone(&watch)).await?;
    let tried = tried_in(&mut rig, &watch, &round, stage).await;
    rig.take_down().await;
    let check = tried?;
    let records = watch.records();
    let judgement = check.judgement(&records);
    record(&recorder, Source::Runner, Check::AsModelled(check.clone()).to_observation(None));
    Ok(RoundDone { round, judgement, check, records })
}

async fn tried_in(
    rig: &mut Rig,
    watch: &Arc<Watch>,
    round: &Round,
    stage: &Arc<Stage>,
) -> Result<AsModelled, RigError> {
    let mut field = Field::enter(rig, watch, "start").await?;
    for batch in &round.batches {
        field.carry_out(batch).await?;
    }
    field.check(stage.semantics()).await
}

fn meta(id: &str) -> ScenarioMeta {
    ScenarioMeta::made_up(id, "Exploration", "Everything that is tried comes to what the model says")
}
