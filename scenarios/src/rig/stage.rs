//! What every scenario of a run stands on: an engine, images, a Defender.

use super::defender::DefenderProfile;
use super::{Patience, RigError};
use crate::saboteur::Saboteur;
use proofhouse_harness::clean::{self, Scope};
use proofhouse_harness::engine::{self, Engine, EngineInfo};
use proofhouse_harness::fidelity;
use proofhouse_harness::images::{Assets, ImageNames, Images, Role};
use proofhouse_harness::labels::{self, RunLabels};
use proofhouse_harness::open_files;
use proofhouse_harness::plan::{PlanOptions, new_task_id};
use proofhouse_protocol::Semantics;
use proofhouse_reports::report::{Choice, Environment, Implementation};
use proofhouse_reports::verdict::Fidelity;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Registry of the account that AWS keeps for examples.
const EXAMPLE_REGISTRY: &str = "123456789012.dkr.ecr.";

/// What a stage is prepared from.
#[derive(Debug, Clone)]
pub struct StageOptions {
    /// Folder with binaries and root file systems.
    pub assets: PathBuf,
    /// Profile of the Defender; the reference Defender of the assets when absent.
    pub defender: Option<PathBuf>,
    /// Folder of the features, with the task definitions that scenarios name.
    pub features: PathBuf,
    /// Declared choices.
    pub semantics: Semantics,
    /// What goes wrong between each Defender and its surroundings.
    pub saboteur: Option<Saboteur>,
    /// Whether somebody acts in containers by the actors in them: scenarios do, users who keep a task do not.
    pub acted_in: bool,
}

/// What every scenario of a run stands on.
#[derive(Debug)]
pub struct Stage {
    engine: Arc<dyn Engine>,
    info: EngineInfo,
    images: ImageNames,
    defender: DefenderProfile,
    features: PathBuf,
    semantics: Semantics,
    saboteur: Option<Saboteur>,
    acted_in: bool,
    run_id: String,
    open_files: Option<i64>,
    patience: Patience,
}

impl Stage {
    /// Connects to the engine, takes away what dead runs have left, and makes the images.
    ///
    /// # Errors
    /// When no engine answers, an asset is missing, or the profile of the Defender cannot be used.
    pub async fn prepare(options: StageOptions) -> Result<Self, RigError> {
        Self::connect(options).await?.measured().await
    }

    /// As [`Self::prepare`], unless someone wants the command to end before the images are made.
    ///
    /// # Errors
    /// As [`Self::prepare`].
    pub async fn prepare_unless(
        options: StageOptions,
        interrupted: impl Future<Output = ()>,
    ) -> Result<Option<Self>, RigError> {
        let stage = tokio::select! {
            stage = Self::connect(options) => stage?,
            () = interrupted => return Ok(None),
        };
        // Not raced: it makes containers, and takes them away itself.
        stage.measured().await.map(Some)
    }

    async fn connect(options: StageOptions) -> Result<Self, RigError> {
        let defender = match &options.defender {
            Some(file) => DefenderProfile::load(file)?,
            None => DefenderProfile::reference(),
        };
        let engine = engine::connect().await?;
        let info = engine.info().await?;
        clean::clean(engine.as_ref(), &Scope::Dead).await?;
        let mut images = Images::new(Assets::new(&options.assets));
        if let Some(binary) = &defender.binary {
            images = images.with_defender(binary.clone());
        }
        let mut roles = vec![Role::World, Role::Actor, Role::Declaring, Role::Userland];
        if defender.image.is_none() {
            roles.push(Role::Defender);
        }
        let images = images.ensure(engine.as_ref(), &roles).await?;
        let run_id = new_task_id()[..12].to_owned();
        let StageOptions { features, semantics, saboteur, acted_in, .. } = options;
        Ok(Self {
            engine,
            info,
            images,
            defender,
            features,
            semantics,
            saboteur,
            acted_in,
            run_id,
            open_files: None,
            patience: Patience::default(),
        })
    }

    async fn measured(mut self) -> Result<Self, RigError> {
        let labels = RunLabels::new(&self.run_id, "open-files");
        self.open_files = open_files::cap(self.engine.as_ref(), self.image(Role::World), &labels).await?;
        Ok(self)
    }

    /// Id of the run.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> Arc<dyn Engine> {
        Arc::clone(&self.engine)
    }

    /// The Defender under test.
    #[must_use]
    pub fn defender(&self) -> &DefenderProfile {
        &self.defender
    }

    /// What tasks have failed to do in time.
    #[must_use]
    pub fn patience(&self) -> &Patience {
        &self.patience
    }

    /// The folder of the features.
    #[must_use]
    pub fn features(&self) -> &Path {
        &self.features
    }

    /// The declared choices.
    #[must_use]
    pub fn semantics(&self) -> &Semantics {
        &self.semantics
    }

    /// The reference of an image that was made.
    pub(super) fn image(&self, role: Role) -> &str {
        self.images.get(&role).map_or("", String::as_str)
    }

    /// The most open files that the engine gives a container, where that is less than Fargate gives.
    #[must_use]
    pub fn open_files(&self) -> Option<i64> {
        self.open_files
    }

    /// What is tested.
    #[must_use]
    pub fn implementation(&self) -> Implementation {
        let image = self.defender.image.clone().unwrap_or_else(|| self.image(Role::Defender).to_owned());
        let image_digest = image.rsplit_once(':').map(|(_, tag)| tag.to_owned()).unwrap_or_default();
        Implementation {
            name: self.defender.name.clone(),
            version: self.defender.version.clone(),
            image,
            image_digest,
        }
    }

    /// Where it is tested.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let info = &self.info;
        Environment {
            docker: info.version.clone(),
            engine_api: info.api_version.clone(),
            kernel: info.kernel.clone(),
            cgroup: info.cgroup_version.clone(),
            storage_driver: info.storage_driver.clone(),
            architecture: info.architecture.clone(),
            cpus: u32::try_from(info.cpus).unwrap_or(0),
            memory_bytes: u64::try_from(info.memory).unwrap_or(0),
            more: self
                .open_files
                .map(|cap| ("open files".to_owned(), format!("requested 65535, got {cap}")))
                .into_iter()
                .collect(),
        }
    }

    /// Choices of the harness beside those of the semantics.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        let mut choices = self.defender.choices.clone();
        choices.extend(self.saboteur.as_ref().map(|saboteur| Choice {
            question: "Sabotage between the Defender and its surroundings, so that nothing here is held against it".to_owned(),
            choice: saboteur.to_string(),
        }));
        choices
    }

    /// What goes wrong between each Defender and its surroundings.
    #[must_use]
    pub fn saboteur(&self) -> Option<&Saboteur> {
        self.saboteur.as_ref()
    }

    /// How far the simulated properties can be trusted.
    #[must_use]
    pub fn fidelity(&self) -> Vec<Fidelity> {
        super::fidelity::table(&fidelity::properties())
    }

    /// What no scenario can say anything about: each property that cannot carry a pass.
    #[must_use]
    pub fn not_simulated(&self) -> Vec<String> {
        fidelity::properties()
            .iter()
            .filter(|property| !property.fidelity.can_carry_a_pass())
            .map(|property| format!("{} ({}): {}", property.name, property.fidelity, property.how))
            .collect()
    }

    /// The options of a plan of this run.
    #[must_use]
    pub fn plan_options(&self, scenario: &str) -> PlanOptions {
        let mut options = PlanOptions::new(RunLabels::new(&self.run_id, scenario), self.image(Role::World));
        let defender = self.defender.image.clone().unwrap_or_else(|| self.image(Role::Defender).to_owned());
        options.open_files = self.open_files;
        options.name_actors = self.acted_in;
        options.images.insert("registry.proofhouse.test/*".to_owned(), defender);
        options.images.insert("proofhouse/userland".to_owned(), self.image(Role::Userland).to_owned());
        // Scenarios name it to be rejected; where a rule fails to, nobody must be asked for it over a network.
        options.images.insert(format!("{EXAMPLE_REGISTRY}*"), self.image(Role::Userland).to_owned());
        options.images.insert("proofhouse/declaring".to_owned(), self.image(Role::Declaring).to_owned());
        options.images.insert("proofhouse/actor".to_owned(), self.image(Role::Actor).to_owned());
        options
    }

    /// What exists on the engine for a scenario of this run.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn created_for(&self, scenario: &str) -> Result<Vec<String>, RigError> {
        let labels = [format!("{}={}", labels::RUN, self.run_id), format!("{}={scenario}", labels::SCENARIO)];
        let containers = self.engine.list(&labels).await?.into_iter().map(|one| one.name);
        let volumes = self.engine.list_volumes(&labels).await?.into_iter().map(|one| one.name);
        Ok(containers.chain(volumes).collect())
    }

    /// Removes those of these volumes that are there, and tells which. A volume that an image declares has no label to find
    /// it by.
    ///
    /// # Errors
    /// When the engine does not answer or refuses.
    pub async fn remove_volumes(&self, names: &[String]) -> Result<Vec<String>, RigError> {
        let all = self.engine.list_volumes(&[]).await?.into_iter().map(|volume| volume.name);
        let found: Vec<String> = all.filter(|name| names.contains(name)).collect();
        for name in &found {
            self.engine.remove_volume(name).await?;
        }
        Ok(found)
    }

    /// Removes what the run has left on the engine, and tells it.
    ///
    /// # Errors
    /// When the engine does not answer or refuses.
    pub async fn sweep(&self) -> Result<Vec<String>, RigError> {
        Ok(clean::clean(self.engine.as_ref(), &Scope::Run(self.run_id.clone())).await?.describe())
    }
}
