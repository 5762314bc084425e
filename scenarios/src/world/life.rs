//! The life of the scenario's task, and the ways into it.

use super::apps::FinishedRun;
use super::{ScenarioWorld, StepError, StepResult, embedding};
use crate::rig::RigError;
use proofhouse_harness::task::TaskError;
use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::{Observation, Source};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// How long a task that ends by itself may take.
pub(super) const END_LIMIT: Duration = Duration::from_secs(60);

/// How long the Defender may take to report a container that runs.
const WORKLOAD_LIMIT: Duration = Duration::from_secs(20);

/// How long a program from outside may take.
const EXEC_LIMIT: Duration = Duration::from_secs(15);

/// Whether an image could not be fetched, which is nobody's fault but the definition's.
fn is_unpulled(error: &RigError) -> bool {
    matches!(error, RigError::Task(TaskError::Stopped { unpulled, .. }) if !unpulled.is_empty())
}

impl ScenarioWorld {
    /// Policies, embed, task, and everything ready.
    pub(crate) async fn start_protected(&mut self) -> StepResult {
        self.put_policies().await?;
        let definition = self.definition()?.clone();
        let ports: Vec<u16> = self.policies.firewall_ports().iter().map(|ports| ports.exposed).collect();
        let internal: Vec<u16> = self.policies.firewall_ports().iter().map(|ports| ports.internal).collect();
        self.internet.open_ports = [ports.clone(), self.open_ports.clone()].concat();
        let internet = self.internet.clone();
        let rig = self.rig().await?;
        let mut embedded = rig.embed(&definition).await?;
        if self.sidecar_may_go {
            embedding::let_the_sidecar_go(&mut embedded)?;
        }
        let rig = self.rig().await?;
        let task = rig.start(&embedded, &internet).await?;
        let ready = task.ready(&[ports, internal].concat()).await;
        self.embedded = Some(embedded);
        self.expect_done("protected task came up", ready)?;
        self.expect_workloads().await?;
        let in_force = self.rig_ref()?.policy_in_force().await;
        self.expect_done("policy in force", in_force)
    }

    /// A container that runs is not yet one that the Defender has reported: its wrapper starts first.
    async fn expect_workloads(&self) -> StepResult {
        let apps = self.rig_ref()?.task()?.apps();
        let watch = std::sync::Arc::clone(&self.scene()?.watch);
        for app in apps {
            let reported = watch
                .wait_for(WORKLOAD_LIMIT, |record| {
                    matches!(record.observation(), Observation::Workload { container, .. } if *container == app)
                })
                .await;
            if reported.is_none() {
                let message =
                    format!("container \"{app}\" runs, but its Defender never reported to the Console");
                return self.conclude("protected task came up", false, message);
            }
        }
        Ok(())
    }

    /// What a task does not do, or not in time, is the doing of what is tested: the Defender, or the simulated Fargate where
    /// there is none; unless the world, an image or the engine is at fault.
    pub(super) fn expect_done<T>(&self, what: &str, outcome: Result<T, RigError>) -> Result<T, StepError> {
        match outcome {
            Ok(done) => Ok(done),
            Err(error) if is_unpulled(&error) => Err(error.into()),
            Err(error @ (RigError::Task(_) | RigError::Wait(_) | RigError::Socket(_))) => {
                self.conclude(what, false, crate::rig::chain(&error))?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The definition as it is, and every container started.
    pub(crate) async fn start_bare(&mut self) -> StepResult {
        self.ask("runs the task");
        let definition = self.definition()?.clone();
        self.internet.open_ports.clone_from(&self.open_ports);
        let internet = self.internet.clone();
        let task = self.rig().await?.start(&definition, &internet).await?;
        let ready = task.ready(&[]).await;
        self.expect_done("task came up", ready)
    }

    /// The bare definition, from start to end.
    pub(crate) async fn run_bare_to_its_end(&mut self) -> StepResult {
        self.ask("runs the task to its end");
        let definition = self.definition()?.clone();
        self.bare_run = Some(self.run_to_the_end(&definition).await?);
        Ok(())
    }

    /// The protected definition, from start to end.
    pub(crate) async fn run_protected_to_its_end(&mut self) -> StepResult {
        self.put_policies().await?;
        let definition = self.definition()?.clone();
        let embedded = self.rig().await?.embed(&definition).await?;
        self.protected_run = Some(self.run_to_the_end(&embedded).await?);
        self.embedded = Some(embedded);
        Ok(())
    }

    async fn run_to_the_end(&mut self, definition: &Value) -> Result<FinishedRun, StepError> {
        let seen = self.records().len();
        let internet = self.internet.clone();
        let rig = self.rig().await?;
        let protected = embedding::is_protected(definition);
        let ended = match rig.start(definition, &internet).await {
            Ok(task) => task.over(END_LIMIT).await,
            // An end so early that its surroundings were not there yet is an end, too.
            Err(RigError::Task(TaskError::Stopped { record, .. })) if !protected => Ok(*record),
            Err(error) => return Err(error.into()),
        };
        rig.remove_task().await;
        let record = self.expect_done("task ended", ended)?;
        let mut output: BTreeMap<String, String> = BTreeMap::new();
        for record in &self.records()[seen..] {
            if let (Source::Container(name), Observation::Log { stream, line }) =
                (&record.recording.source, record.observation())
                && stream == "stdout"
            {
                let text = output.entry(name.clone()).or_default();
                text.push_str(line);
                text.push('\n');
            }
        }
        Ok(FinishedRun { record, output })
    }

    /// A faster pace for health checks and restarts.
    pub(crate) async fn hasten(&mut self, times: u32) -> StepResult {
        self.rig().await?.hasten(times);
        Ok(())
    }

    /// As StopTask.
    pub(crate) async fn stop_task(&mut self) -> StepResult {
        self.ask("stops the task");
        self.rig_ref()?.task()?.stop().await?;
        Ok(())
    }

    /// Takes the task away, and keeps in mind which volumes it had.
    pub(crate) async fn remove_task(&mut self) -> StepResult {
        self.ask("removes the task");
        self.volumes_had = self.rig_ref()?.task()?.volumes().await?;
        self.rig().await?.remove_task().await;
        Ok(())
    }

    /// SIGKILL.
    pub(crate) async fn kill(&mut self, container: &str) -> StepResult {
        self.rig_ref()?.task()?.container(container)?.kill("SIGKILL").await.map_err(RigError::from)?;
        Ok(())
    }

    /// The actor of a container does something.
    pub(super) async fn act(
        &mut self,
        container: &str,
        request: &Request,
        token: Option<&str>,
    ) -> Result<Reply, StepError> {
        Ok(self.rig_ref()?.task()?.act(container, request, token).await?)
    }

    pub(super) async fn fence(&mut self) -> StepResult {
        Ok(self.rig_ref()?.fence().await?)
    }

    pub(super) fn resolver_address(&self) -> Result<IpAddr, StepError> {
        Ok(IpAddr::V4(self.rig_ref()?.task()?.surroundings().network().resolver))
    }

    pub(super) async fn path_exists(&self, container: &str, path: &str) -> Result<bool, StepError> {
        let container = self.rig_ref()?.task()?.container(container)?;
        Ok(container.path_exists(path).await.map_err(RigError::from)?)
    }

    pub(super) async fn file(&self, container: &str, path: &str) -> Result<Vec<u8>, StepError> {
        let container = self.rig_ref()?.task()?.container(container)?;
        Ok(container.read_file(path).await.map_err(RigError::from)?)
    }

    pub(super) async fn execute_from_outside(
        &self,
        container: &str,
        argv: &[String],
    ) -> Result<i64, StepError> {
        let container = self.rig_ref()?.task()?.container(container)?;
        let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
        Ok(container.exec(&argv, EXEC_LIMIT).await.map_err(RigError::from)?.code)
    }
}
