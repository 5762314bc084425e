//! The life of the scenario's task, and the ways into it.

use super::embedding::unwrapped;
use super::stimulus::{Doing, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::{READY_LIMIT, RigError, Wait, chain};
use proofhouse_harness::task::TaskError;
use proofhouse_protocol::Observation;
use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::observation::Source;
use proofhouse_protocol::task::{TaskRecord, TaskStatus};
use proofhouse_reports::checks::{Check, TaskExpectation};
use serde_json::Value;
use std::net::IpAddr;
use std::time::Duration;

/// How long a task that ends by itself may take.
pub(super) const END_LIMIT: Duration = Duration::from_secs(60);

/// How long the Defender may take to report a container that runs.
const WORKLOAD_LIMIT: Duration = Duration::from_secs(20);

/// How long the end of a task may take to be told of, once nobody answers in it.
const GONE_LIMIT: Duration = Duration::from_secs(5);

/// How long a program from outside may take.
const EXEC_LIMIT: Duration = Duration::from_secs(15);

impl ScenarioWorld {
    /// Policies, embed, task, and everything ready.
    pub(crate) async fn start_protected(&mut self) -> StepResult {
        self.come_up_protected().await?;
        self.expect_workloads().await?;
        self.expect_policy_in_force().await
    }

    /// Policies, embed, task, and every container and port there; whether the Console knows of it is not asked.
    pub(crate) async fn come_up_protected(&mut self) -> StepResult {
        self.put_policies().await?;
        let ports: Vec<u16> = self.policies.firewall_ports().iter().map(|ports| ports.exposed).collect();
        let internal: Vec<u16> = self.policies.firewall_ports().iter().map(|ports| ports.internal).collect();
        self.internet.open_ports = [ports.clone(), self.open_ports.clone()].concat();
        self.embed_it().await?;
        let embedded = self.embedded_to_run()?;
        self.start(&embedded).await?;
        self.expect_up(&[ports, internal].concat()).await
    }

    /// The definition as it is, and every container started.
    pub(crate) async fn start_bare(&mut self) -> StepResult {
        let definition = self.definition()?.clone();
        self.record_definition();
        self.internet.open_ports.clone_from(&self.open_ports);
        self.start(&definition).await?;
        self.expect_up(&[]).await
    }

    /// Starts a task of a definition; that it starts is a stimulus of its own.
    pub(super) async fn start(&mut self, definition: &Value) -> StepResult {
        let token = new_token();
        let family = unwrapped(definition)["family"].as_str().unwrap_or_default().to_owned();
        self.record_for(&token, Observation::Stimulus { what: format!("the task \"{family}\" starts") });
        let internet = self.internet.clone();
        self.rig().await?.start(definition, &internet, Some(&token)).await?;
        Ok(())
    }

    /// All containers have started, and someone listens at each of these ports.
    async fn expect_up(&mut self, ports: &[u16]) -> StepResult {
        let limit = self.patience(Wait::Ready, READY_LIMIT);
        match self.rig_ref()?.task()?.ready(ports, limit).await {
            Ok(()) => self.heard(Wait::Ready),
            Err(error) if is_unpulled(&error) => return Err(error.into()),
            // It is in the records that the task has ended.
            Err(RigError::Task(TaskError::Stopped { .. })) => {}
            Err(error @ (RigError::Task(TaskError::Late { .. }) | RigError::Socket(_))) => {
                self.missed(Wait::Ready);
                self.record_limit("a task that is ready", limit, chain(&error));
            }
            Err(error) => return Err(error.into()),
        }
        self.settle(&Check::Task { expect: TaskExpectation::CameUp })
    }

    /// A container that runs is not yet one that the Defender has reported: its wrapper starts first.
    async fn expect_workloads(&mut self) -> StepResult {
        let apps = self.rig_ref()?.task()?.apps();
        let watch = self.watch()?;
        let limit = self.patience(Wait::Workload, WORKLOAD_LIMIT);
        for app in apps {
            let reported = watch
                .wait_for(limit, |record| match record.observation() {
                    Observation::Workload { container, .. } => *container == app,
                    Observation::TaskRecord { record } => record.stopping,
                    _ => false,
                })
                .await;
            if self.has_ended() {
                return self.settle(&Check::Workloads {});
            }
            if reported.is_none() {
                self.missed(Wait::Workload);
                self.record_limit(&format!("a report of \"{app}\""), limit, String::new());
                self.fence_audits().await;
                return self.settle(&Check::Workloads {});
            }
        }
        self.heard(Wait::Workload);
        self.settle(&Check::Workloads {})
    }

    /// The bare definition, from start to end.
    pub(crate) async fn run_bare_to_its_end(&mut self) -> StepResult {
        let definition = self.definition()?.clone();
        self.record_definition();
        self.run_to_the_end(&definition).await
    }

    /// The protected definition, from start to end.
    pub(crate) async fn run_protected_to_its_end(&mut self) -> StepResult {
        self.put_policies().await?;
        self.embed_it().await?;
        let embedded = self.embedded_to_run()?;
        self.run_to_the_end(&embedded).await
    }

    /// Runs a task until it is over or its time is, and takes it away; what became of it is in the records.
    async fn run_to_the_end(&mut self, definition: &Value) -> StepResult {
        match self.start(definition).await {
            Ok(()) => {
                self.wait_for_task(END_LIMIT, "the end of the task", |task| {
                    task.status == TaskStatus::Stopped
                })
                .await?;
                self.rig().await?.remove_task().await;
                Ok(())
            }
            // An end so early that its surroundings were not there yet is an end, too.
            Err(_) if self.has_ended() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the record of the latest task says that it has ended.
    fn has_ended(&self) -> bool {
        let records = self.records();
        let last = records.iter().rev().find_map(|record| match record.observation() {
            Observation::TaskRecord { record } => Some(record.stopping),
            Observation::TaskBegan { .. } => Some(false),
            _ => None,
        });
        last.unwrap_or(false)
    }

    /// Waits until the task's record is as wanted, where the task is still there; that it never was is recorded.
    pub(super) async fn wait_for_task(
        &self,
        limit: Duration,
        what: &'static str,
        is: impl Fn(&TaskRecord) -> bool,
    ) -> StepResult {
        // A task that was taken away changes no more.
        let Ok(task) = self.rig_ref()?.task() else { return Ok(()) };
        if let Err(error) = task.task().wait_until(what, limit, is).await {
            self.record_limit(what, limit, chain(&RigError::from(error)));
        }
        Ok(())
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

    /// A signal for a container's main process, from outside of it.
    pub(crate) async fn signal(&mut self, container: &str, signal: &str) -> StepResult {
        self.ask(&format!("sends {signal} to \"{container}\""));
        self.rig_ref()?.task()?.container(container)?.kill(signal).await.map_err(RigError::from)?;
        Ok(())
    }

    /// The actor of a container does something; what, and what came back, is in the records.
    pub(super) async fn act(
        &mut self,
        container: &str,
        request: &Request,
        token: Option<&str>,
    ) -> Result<Reply, StepError> {
        let failed = match self.rig_ref()?.task()?.act(container, request, token).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        // Nobody answers in a container that has exited, of which the engine tells a little later.
        self.wait_for_task(GONE_LIMIT, "the end of a task whose actor does not answer", |task| task.stopping)
            .await?;
        let expect = TaskExpectation::Alive { container: container.to_owned() };
        self.settle(&Check::Task { expect })?;
        Err(failed.into())
    }

    pub(super) fn resolver_address(&self) -> Result<IpAddr, StepError> {
        Ok(IpAddr::V4(self.rig_ref()?.task()?.surroundings().network().resolver))
    }

    /// Looks at a path in a container.
    pub(super) async fn look(&self, container: &str, path: &str) -> StepResult {
        let it = self.rig_ref()?.task()?.container(container)?;
        let found = it.look(path).await.map_err(RigError::from)?;
        self.looked(container, path, found)
    }

    /// Looks at a file in a container, and at what is in it.
    pub(super) async fn look_into(&self, container: &str, path: &str) -> StepResult {
        let it = self.rig_ref()?.task()?.container(container)?;
        let mut found = it.look(path).await.map_err(RigError::from)?;
        if let Some(found) = &mut found {
            let bytes = it.read_file(path).await.map_err(RigError::from)?;
            found.bytes = Some(bytes.len() as u64);
            found.sha256 = Some(proofhouse_protocol::observation::sha256(&bytes));
        }
        self.looked(container, path, found)
    }

    fn looked(
        &self,
        container: &str,
        path: &str,
        found: Option<proofhouse_protocol::observation::Found>,
    ) -> StepResult {
        let observation = Observation::Looked { path: path.to_owned(), found };
        self.record_as(Source::Container(container.to_owned()), None, observation);
        Ok(())
    }

    /// Runs a program from outside the tree of a container's entry point.
    pub(super) async fn execute_from_outside(
        &self,
        container: &str,
        argv: &[String],
        token: &str,
    ) -> StepResult {
        let it = self.rig_ref()?.task()?.container(container)?;
        let words: Vec<&str> = argv.iter().map(String::as_str).collect();
        let code = it.exec(&words, EXEC_LIMIT).await.map_err(RigError::from)?.code;
        let observation = Observation::ExecutedFromOutside { argv: argv.to_vec(), code };
        self.record_as(Source::Container(container.to_owned()), Some(token), observation);
        Ok(())
    }

    /// A question to Fargate, or a stop, is a stimulus too; it is not what the steps behind it look at.
    pub(super) fn ask(&self, what: &str) -> String {
        let token = new_token();
        self.record_for(&token, Observation::Stimulus { what: what.to_owned() });
        token
    }

    /// How long to wait for a thing that a task of this shape has failed to do before.
    pub(super) fn patience(&self, wait: Wait, limit: Duration) -> Duration {
        self.scene().map_or(limit, |scene| scene.run.stage.patience().limit(&self.shape(), wait, limit))
    }

    /// It came.
    pub(super) fn heard(&self, wait: Wait) {
        if let Ok(scene) = self.scene() {
            scene.run.stage.patience().heard(&self.shape(), wait);
        }
    }

    /// It did not come.
    pub(super) fn missed(&self, wait: Wait) {
        if let Ok(scene) = self.scene() {
            scene.run.stage.patience().missed(&self.shape(), wait);
        }
    }

    /// The task's definition, by which tasks are alike.
    fn shape(&self) -> String {
        self.definition.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// The last thing done, where it was a program.
    pub(super) fn program_token(&self) -> Result<String, StepError> {
        let stimulus = self.stimulus()?;
        match stimulus.doing {
            Doing::Program { .. } => Ok(stimulus.token.clone()),
            _ => Err(StepError::new("the last thing done was not a program")),
        }
    }
}

/// Whether an image could not be fetched, which is nobody's fault but the definition's.
fn is_unpulled(error: &RigError) -> bool {
    matches!(error, RigError::Task(TaskError::Stopped { unpulled, .. }) if !unpulled.is_empty())
}
