//! What every measurement stands on.

use crate::arguments::BenchArguments;
use crate::failure::Failure;
use proofhouse_harness::engine::Engine;
use proofhouse_harness::images::{Assets, Images, Role};
use proofhouse_protocol::Semantics;
use proofhouse_reports::History;
use proofhouse_scenarios::Watch;
use proofhouse_scenarios::rig::{Rig, RigError, Stage, StageOptions};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What helps against most failures of a measurement.
const HINT: &str = "`proofhouse doctor` says what is missing on this machine";

/// A stage, and where things are.
pub struct Lab {
    stage: Arc<Stage>,
    assets: PathBuf,
    report: PathBuf,
}

/// A rig, and the watch over what is observed in it.
pub struct Setup {
    /// The rig.
    pub rig: Rig,
    /// Its watch.
    pub watch: Arc<Watch>,
}

/// A measurement that an error of the rig has ended.
pub fn failed(error: impl Into<RigError>) -> Failure {
    Failure::environment(&error.into(), HINT)
}

impl Lab {
    /// Prepares the stage.
    ///
    /// # Errors
    /// When there is no engine, or an asset is missing.
    pub async fn prepare(arguments: &BenchArguments) -> Result<Self, Failure> {
        let stage = Stage::prepare(StageOptions {
            assets: arguments.assets.assets.clone(),
            defender: arguments.assets.defender.clone(),
            features: arguments.features.clone(),
            semantics: Semantics::default(),
            saboteur: None,
            acted_in: true,
        })
        .await
        .map_err(failed)?;
        Ok(Self {
            stage: Arc::new(stage),
            assets: arguments.assets.assets.clone(),
            report: arguments.report.clone(),
        })
    }

    /// The stage.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The engine.
    pub fn engine(&self) -> Arc<dyn Engine> {
        self.stage.engine()
    }

    /// A file of the assets.
    pub fn asset(&self, name: &str) -> PathBuf {
        self.assets.join(name)
    }

    /// The folder of the reports.
    pub fn report(&self) -> &Path {
        &self.report
    }

    /// The reference of an image that only benchmarks use.
    ///
    /// # Errors
    /// When its asset is missing, or the engine refuses.
    pub async fn image(&self, role: Role) -> Result<String, Failure> {
        let images = Images::new(Assets::new(&self.assets));
        let hint = "`scripts/assets.sh --bench` makes what only benchmarks need; `make bench` calls it";
        let names = images
            .ensure(self.engine().as_ref(), &[role])
            .await
            .map_err(|error| Failure::environment(&error, hint))?;
        Ok(names.into_values().next().unwrap_or_default())
    }

    /// A Console, and room for a task. What is observed is forgotten with it.
    ///
    /// # Errors
    /// When the Console cannot start.
    pub async fn setup(&self, name: &str) -> Result<Setup, Failure> {
        let watch = Arc::new(Watch::new(&History::in_memory(), name));
        let rig = Rig::new(Arc::clone(&self.stage), name, Arc::clone(&watch)).await.map_err(failed)?;
        Ok(Setup { rig, watch })
    }

    /// A task definition of the features.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn definition(&self, name: &str) -> Result<Value, Failure> {
        let file = self.stage.features().join(format!("task-definitions/{name}.json"));
        let unreadable = |why: String| {
            Failure::input(
                format!("could not read \"{}\": {why}", file.display()),
                "name the folder of the features by `--features`",
            )
        };
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(error.to_string()))?;
        serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
    }
}
