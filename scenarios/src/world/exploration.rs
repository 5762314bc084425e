//! What a seed makes up, tried in the task of a scenario.

use super::stimulus::new_token;
use super::{ScenarioWorld, StepError, StepResult};
use crate::explore::{CONTAINERS, Field, TRIALS, places};
use proofhouse_generators::{Area, Campaign};
use proofhouse_reports::checks::Check;

impl ScenarioWorld {
    /// Starts the task of explorations, and tries the first round of a seed in it.
    pub(crate) async fn try_all(&mut self, number: usize, seed: u64, areas: &str) -> StepResult {
        let areas = match areas {
            "programs" => vec![Area::Programs],
            "names" => vec![Area::Names],
            "programs-and-names" => vec![Area::Programs, Area::Names],
            "requests" => vec![Area::Requests],
            other => {
                let text = format!(
                    "nothing is made up of \"{other}\"; there are programs, names, programs-and-names, requests"
                );
                return Err(StepError::new(text));
            }
        };
        let round = Campaign::of(seed, &areas, places(), CONTAINERS).round(
            0,
            number.div_ceil(TRIALS),
            number.min(TRIALS),
        );
        let (watch, token) = (self.watch()?, new_token());
        let semantics = self.scene()?.run.stage.semantics().clone();
        let mut field = Field::enter(self.rig().await?, &watch, &token).await?;
        for batch in &round.batches {
            field.carry_out(batch).await?;
        }
        self.modelled = Some(field.check(&semantics).await?);
        Ok(())
    }

    /// All that was tried came to what the model says.
    pub(crate) fn expect_as_modelled(&mut self) -> StepResult {
        let check = self.modelled.take().ok_or_else(|| StepError::new("nothing was made up before"))?;
        self.settle(&Check::AsModelled(check))
    }
}
