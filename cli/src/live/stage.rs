//! The stage of tasks that a user keeps.

use crate::arguments::TaskArguments;
use crate::failure::Failure;
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
        saboteur: None,
        acted_in: false,
    };
    let stage = Stage::prepare_unless(options, interrupted).await;
    Ok(stage.map_err(|error| Failure::machine(&error))?.map(Arc::new))
}
