//! What stands in for the services that a definition takes values from.

use super::{ScenarioWorld, StepResult};
use proofhouse_protocol::{Recorder as _, Secret};

impl ScenarioWorld {
    /// The value of a secret, by its `valueFrom`.
    pub(crate) async fn give_secret(&mut self, name: &str, value: &str) -> StepResult {
        self.watch()?.keep_secret("secret of the definition", &Secret::new(value));
        self.rig().await?.stand_ins_mut().set_secret(name, value);
        Ok(())
    }

    /// The text of an environment file, by its ARN.
    pub(crate) async fn give_environment_file(&mut self, arn: &str, text: &str) -> StepResult {
        self.rig().await?.stand_ins_mut().set_environment_file(arn, text);
        Ok(())
    }
}
