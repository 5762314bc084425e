//! A Console, a task and the internet around it, joined the way they are in the field. Scenarios and `proofhouse up` use it.

mod client;
mod console;
mod defender;
mod error;
pub mod fargate;
pub(crate) mod fidelity;
mod internet;
mod patience;
mod running;
mod stage;
mod stranger;

use crate::saboteur::Saboteur;
use crate::watch::Watch;
pub use client::{Answer, ConsoleClient};
pub use console::{CONSOLE_NAME, ConsoleEnd, console_address};
pub use defender::{DefenderProfile, Fence, FirewallClock};
pub use error::{RigError, chain};
pub use internet::Internet;
pub use patience::{Patience, Wait};
use proofhouse_console::Version;
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::plan::Plan;
use proofhouse_harness::stand_ins::StandIns;
use proofhouse_protocol::observation::SharedRecorder;
use proofhouse_protocol::{Collection, Semantics};
pub use running::RunningTask;
use serde_json::Value;
pub use stage::{Stage, StageOptions};
use std::sync::Arc;
use std::time::Duration;

/// How long a task may take to run. Starting takes a second; a loaded machine must not make a verdict.
pub const READY_LIMIT: Duration = Duration::from_secs(40);

/// How long a changed policy may take to be in force (declared choice, `runtime-and-embed.md` 6).
pub const POLICY_LIMIT: Duration = Duration::from_secs(30);

/// A Console, and the task when it runs.
pub struct Rig {
    stage: Arc<Stage>,
    name: String,
    watch: Arc<Watch>,
    console: ConsoleEnd,
    task: Option<RunningTask>,
    stand_ins: StandIns,
    time_scale: f64,
    restart_scale: f64,
}

impl Rig {
    /// A rig with a Console of its own and no task yet. `name` labels what the task is made of.
    ///
    /// # Errors
    /// When the Console cannot start.
    pub async fn new(stage: Arc<Stage>, name: &str, watch: Arc<Watch>) -> Result<Self, RigError> {
        let semantics = stage.semantics().clone();
        Self::with_console(stage, name, (semantics, None), watch).await
    }

    /// As [`Self::new`], with a Console of other choices, and of another version than the newest.
    ///
    /// # Errors
    /// When the Console cannot start.
    pub async fn with_console(
        stage: Arc<Stage>,
        name: &str,
        (semantics, version): (Semantics, Option<Version>),
        watch: Arc<Watch>,
    ) -> Result<Self, RigError> {
        let recorder: SharedRecorder = Arc::<Watch>::clone(&watch);
        let console = ConsoleEnd::start(semantics, version, stage.defender().embed_names(), recorder).await?;
        if let Some(Saboteur::Link(sabotage)) = stage.saboteur() {
            console.console().sabotage(sabotage.clone());
        }
        Ok(Self {
            stage,
            name: name.to_owned(),
            watch,
            console,
            task: None,
            stand_ins: StandIns::default(),
            time_scale: 1.0,
            restart_scale: 1.0,
        })
    }

    /// Makes health checks and restart periods of tasks that start from now on so many times as fast.
    pub fn hasten(&mut self, times: u32) {
        self.time_scale = 1.0 / f64::from(times.max(1));
        self.hasten_restarts(times);
    }

    /// As [`Self::hasten`], of restart periods alone.
    pub fn hasten_restarts(&mut self, times: u32) {
        self.restart_scale = 1.0 / f64::from(times.max(1));
    }

    /// The Console's end.
    #[must_use]
    pub fn console(&self) -> &ConsoleEnd {
        &self.console
    }

    /// The administrator's client.
    #[must_use]
    pub fn client(&self) -> &ConsoleClient {
        self.console.client()
    }

    /// The client of another user.
    ///
    /// # Errors
    /// When the Console has no such user.
    pub fn client_of(&self, user: &str) -> Result<ConsoleClient, RigError> {
        self.console.client_of(user)
    }

    /// Version of the Console.
    #[must_use]
    pub fn console_version(&self) -> String {
        self.console.console().version().to_string()
    }

    /// Names of the Console's users, all of them the harness's own.
    #[must_use]
    pub fn users(&self) -> Vec<String> {
        self.console.users()
    }

    /// Knocks at the Defender link without a bundle of this Console, and tells every message that came.
    ///
    /// # Errors
    /// When the stranger cannot even try.
    pub async fn knock(&self, with_foreign_certificate: bool) -> Result<Vec<String>, RigError> {
        stranger::knock(&self.console, with_foreign_certificate).await
    }

    /// The task.
    ///
    /// # Errors
    /// When none was started.
    pub fn task(&self) -> Result<&RunningTask, RigError> {
        self.task.as_ref().ok_or(RigError::NoTask)
    }

    /// Whether the task that runs has a Defender.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.task.as_ref().is_some_and(RunningTask::is_protected)
    }

    /// Embeds a definition through the Console's API.
    ///
    /// # Errors
    /// When the Console refuses.
    pub async fn embed(&self, definition: &Value) -> Result<Value, RigError> {
        self.console.embed(definition).await
    }

    /// Values of secrets and environment files for the tasks that are started from now on.
    pub fn stand_ins_mut(&mut self) -> &mut StandIns {
        &mut self.stand_ins
    }

    /// Starts a task of a definition, protected or not, in an internet. It is returned to when its surroundings are there;
    /// [`RunningTask::ready`] waits for its containers.
    ///
    /// # Errors
    /// When the definition cannot be planned, or the task cannot be brought up.
    pub async fn start(
        &mut self,
        definition: &Value,
        internet: &Internet,
        token: Option<&str>,
    ) -> Result<&RunningTask, RigError> {
        let definition = TaskDefinition::parse(&self.name, &definition.to_string())?;
        let mut options = self.stage.plan_options(&self.name);
        options.stand_ins = self.stand_ins.clone();
        options.health_time_scale = self.time_scale;
        options.restart_time_scale = self.restart_scale;
        let plan = Plan::new(&definition, &options)?;
        let mut internet = internet.clone();
        if let Some(Saboteur::LateDns(by)) = self.stage.saboteur() {
            internet.dns_lateness = *by;
        }
        let recorder: SharedRecorder = Arc::<Watch>::clone(&self.watch);
        let sidecar = self.stage.defender().embed_names().sidecar;
        let task = RunningTask::start(
            self.stage.engine(),
            plan,
            &internet,
            &self.console,
            (&sidecar, token),
            recorder,
        )
        .await?;
        Ok(self.task.insert(task))
    }

    /// Waits until what the task's Defender had decided so far has arrived at the Console.
    ///
    /// # Errors
    /// When there is no Defender, or its fence does not come out.
    pub async fn fence(&self, within: Duration) -> Result<(), RigError> {
        self.console.fence(within).await
    }

    /// Waits until the Defender of the task, if one runs, decides by the Console's current policy.
    ///
    /// # Errors
    /// When it refuses the policy, or takes longer than the bound.
    pub async fn policy_in_force(&self, within: Duration) -> Result<(), RigError> {
        if self.is_protected() { self.console.policy_in_force(within).await } else { Ok(()) }
    }

    /// Creates a collection unless the Console has one of that name.
    ///
    /// # Errors
    /// When the Console refuses for another reason.
    pub async fn ensure_collection(&self, collection: &Collection) -> Result<(), RigError> {
        let document = serde_json::to_value(collection).map_err(|error| RigError::Zone(error.to_string()))?;
        self.ensure("/collections", &document).await
    }

    /// Makes a network list, unless the Console has one of its name.
    pub(crate) async fn ensure_network_list(&self, list: &Value) -> Result<(), RigError> {
        self.ensure("/policies/firewall/app/network-list", list).await
    }

    async fn ensure(&self, path: &str, document: &Value) -> Result<(), RigError> {
        let answer = self.client().call("POST", path, Some(document), None).await?;
        if answer.is_success() || answer.status == 409 {
            return Ok(());
        }
        Err(RigError::Refused {
            call: format!("POST {path}"),
            status: answer.status,
            error: answer.body.to_string(),
        })
    }

    /// Takes what is there of the task for whoever looks for the cause of a failure.
    pub async fn capture(&self) {
        if let Some(task) = &self.task {
            task.capture().await;
        }
    }

    /// Takes the task away, without a trace, so that another can be started.
    pub async fn remove_task(&mut self) {
        if let Some(task) = self.task.take() {
            task.remove(&*self.watch).await;
        }
    }

    /// Takes everything away.
    pub async fn take_down(mut self) {
        self.remove_task().await;
        self.console.shutdown().await;
    }
}
