//! The stage of tasks that a user keeps, and what stands in for services of the user's account.

use crate::arguments::TaskArguments;
use crate::failure::{Failure, chain};
use proofhouse_harness::stand_ins::{StandInError, StandIns};
use proofhouse_protocol::Semantics;
use proofhouse_scenarios::rig::{Stage, StageOptions};
use std::path::PathBuf;
use std::sync::Arc;

/// Makes the images and all else that tasks stand on, unless someone wants the command to end before.
pub async fn stage(
    arguments: &TaskArguments,
    interrupted: impl Future<Output = ()>,
) -> Result<Option<Arc<Stage>>, Failure> {
    let options = StageOptions {
        assets: arguments.assets.assets.clone(),
        defender: arguments.assets.defender.clone(),
        features: PathBuf::new(),
        semantics: Semantics::named(arguments.profile.as_str()).unwrap_or_default(),
    };
    let stage = Stage::prepare_unless(options, interrupted).await;
    Ok(stage.map_err(|error| Failure::machine(&error))?.map(Arc::new))
}

/// What the user gives for secrets and environment files.
pub fn stand_ins(arguments: &TaskArguments) -> Result<StandIns, Failure> {
    let Some(file) = &arguments.stand_ins else { return Ok(StandIns::default()) };
    StandIns::load(file).map_err(|error| {
        let help = match error {
            StandInError::Unreadable { .. } => "name files that exist and may be read",
            StandInError::Shape { .. } => {
                r#"write it as {"secrets": {"ARN or name": "value"}, "environmentFiles": {"ARN": "path"}}"#
            }
        };
        Failure::input(chain(&error), help)
    })
}
