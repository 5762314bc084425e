//! The life of the scenario's task.

use super::apps::FinishedRun;
use super::stimulus::{Exchange, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::RigError;
use proofhouse_harness::lifecycle::{TaskRecord, TaskStatus};
use proofhouse_harness::services::HttpRequest;
use proofhouse_harness::task::TaskError;
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::checks::{Check, EventSelector};
use proofhouse_reports::history::HistoryRecord;
use proofhouse_wire::actor::{Reply, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// How long a task that ends by itself may take.
const END_LIMIT: Duration = Duration::from_secs(60);

/// How long the Defender may take to report a container that runs.
const WORKLOAD_LIMIT: Duration = Duration::from_secs(20);

/// How long a line of an app's log may take to arrive.
const LOG_LIMIT: Duration = Duration::from_secs(15);

/// How long a failing health check may take to be noticed; the shortest interval is five seconds.
const HEALTH_LIMIT: Duration = Duration::from_secs(30);

/// How long a program from outside may take.
const EXEC_LIMIT: Duration = Duration::from_secs(15);

/// A client that asks for nothing in particular (TEST-NET-3).
const BYSTANDER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 250));

/// Whether an image could not be fetched, which is nobody's fault but the definition's.
fn is_unpulled(error: &RigError) -> bool {
    matches!(error, RigError::Task(TaskError::Stopped { unpulled, .. }) if !unpulled.is_empty())
}

impl ScenarioWorld {
    /// A definition of the folder of features.
    pub(crate) fn use_definition(&mut self, name: &str) -> StepResult {
        let file = self.scene()?.run.stage.features().join(format!("task-definitions/{name}.json"));
        let text = std::fs::read_to_string(&file)
            .map_err(|error| StepError::new(format!("could not read \"{}\": {error}", file.display())))?;
        self.use_definition_text(&text)
    }

    /// A definition as text.
    pub(crate) fn use_definition_text(&mut self, text: &str) -> StepResult {
        let definition: Value = serde_json::from_str(text)
            .map_err(|error| StepError::new(format!("the task definition is not JSON: {error}")))?;
        self.definition = Some(definition);
        Ok(())
    }

    /// Another command for one container.
    pub(crate) fn change_command(&mut self, name: &str, command: &str) -> StepResult {
        let words = shell_words::split(command).map_err(|error| {
            StepError::new(format!("the command {command:?} cannot be split into words: {error}"))
        })?;
        let containers =
            self.definition.as_mut().and_then(|whole| whole["containerDefinitions"].as_array_mut());
        let container =
            containers
                .into_iter()
                .flatten()
                .find(|container| container["name"] == json!(name))
                .ok_or_else(|| StepError::new(format!("the definition has no container \"{name}\"")))?;
        container["command"] = json!(words);
        Ok(())
    }

    /// Policies, embed, task, and everything ready.
    pub(crate) async fn start_protected(&mut self) -> StepResult {
        self.put_policies().await?;
        let definition = self.definition()?.clone();
        let ports: Vec<u16> = self.policies.firewall_ports().iter().map(|ports| ports.exposed).collect();
        let internal: Vec<u16> = self.policies.firewall_ports().iter().map(|ports| ports.internal).collect();
        self.internet.open_ports = [ports.clone(), self.open_ports.clone()].concat();
        let internet = self.internet.clone();
        let rig = self.rig().await?;
        let embedded = rig.embed(&definition).await?;
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

    /// What a protected task does not do, or not in time, is the Defender's doing, unless the world, an image or the engine
    /// is at fault.
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
        let definition = self.definition()?.clone();
        self.internet.open_ports.clone_from(&self.open_ports);
        let internet = self.internet.clone();
        let task = self.rig().await?.start(&definition, &internet).await?;
        Ok(task.ready(&[]).await?)
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
        let ended = rig.start(definition, &internet).await?.over(END_LIMIT).await;
        let protected = rig.is_protected();
        rig.remove_task().await;
        let record = if protected { self.expect_done("protected task ended", ended)? } else { ended? };
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

    /// As StopTask.
    pub(crate) async fn stop_task(&mut self) -> StepResult {
        self.ask("stops the task");
        self.rig_ref()?.task()?.stop().await?;
        Ok(())
    }

    /// SIGKILL.
    pub(crate) async fn kill(&mut self, container: &str) -> StepResult {
        self.rig_ref()?.task()?.container(container)?.kill("SIGKILL").await.map_err(RigError::from)?;
        Ok(())
    }

    /// None has exited, none was started twice.
    pub(crate) async fn expect_all_running(&mut self) -> StepResult {
        let record = self.rig_ref()?.task()?.task().record();
        let wrong: Vec<_> = record
            .containers
            .iter()
            .filter(|(_, container)| container.stopped_at.is_some() || container.restarts > 0)
            .map(|(name, container)| {
                format!("\"{name}\" (exit code {:?}, {} restarts)", container.exit_code, container.restarts)
            })
            .collect();
        self.conclude(
            "containers running",
            wrong.is_empty() && record.status == TaskStatus::Running,
            format!(
                "expected every container of the running task to run since its start, not so {}",
                wrong.join(", ")
            ),
        )
    }

    /// The code of a container that has exited.
    pub(crate) async fn expect_exit_code(&mut self, container: &str, expected: i64) -> StepResult {
        let found = self.task_record()?.exit_codes().get(container).copied().flatten();
        self.conclude(
            "exit code",
            found == Some(expected),
            format!("expected that \"{container}\" exits with {expected}, it has {found:?}"),
        )
    }

    /// The task that ran to its end, or the one that is there.
    fn task_record(&self) -> Result<TaskRecord, StepError> {
        match self.protected_run.as_ref().or(self.bare_run.as_ref()) {
            Some(run) => Ok(run.record.clone()),
            None => Ok(self.rig_ref()?.task()?.task().record()),
        }
    }

    /// No process of the container was ever started.
    pub(crate) fn expect_container_never_ran(&self, container: &str) -> StepResult {
        let record = self.task_record()?;
        let found = record.containers.get(container).and_then(|record| record.first_started_at);
        self.conclude(
            "container never ran",
            record.containers.contains_key(container) && found.is_none(),
            format!("expected that \"{container}\" never runs, it started after {found:?}"),
        )
    }

    /// Why a container is as it is.
    pub(crate) fn expect_reason(&self, container: &str, class: &str) -> StepResult {
        let record = self.task_record()?;
        let found = record.containers.get(container).and_then(|record| record.reason.clone());
        self.conclude(
            "reason of a container",
            found.as_deref().is_some_and(|reason| reason.contains(class)),
            format!("expected the reason of \"{container}\" to have \"{class}\", it is {found:?}"),
        )
    }

    /// Why the task is over.
    pub(crate) fn expect_stopped(&self, code: &str, reason: &str) -> StepResult {
        let stop = self.task_record()?.stop;
        let found = stop.map(|stop| (format!("{:?}", stop.code), stop.reason)).unwrap_or_default();
        self.conclude(
            "stop of the task",
            found.0 == code && found.1.contains(reason),
            format!(
                "expected stop code {code} because \"{reason}\", it is {} because \"{}\"",
                found.0, found.1
            ),
        )
    }

    /// Its health check has failed often enough, or soon has.
    pub(crate) async fn expect_unhealthy(&self, container: &str) -> StepResult {
        let watch = std::sync::Arc::clone(&self.scene()?.watch);
        let told = watch.wait_for(HEALTH_LIMIT, |record| {
            record.recording.source == Source::Container(container.to_owned())
                && matches!(record.observation(), Observation::ContainerEvent { event, .. } if event == "unhealthy")
        });
        self.conclude(
            "container unhealthy",
            told.await.is_some(),
            format!(
                "expected that \"{container}\" becomes unhealthy; it did not within {} s",
                HEALTH_LIMIT.as_secs()
            ),
        )
    }

    /// Neither stopped nor stopping.
    pub(crate) fn expect_running(&self) -> StepResult {
        let record = self.task_record()?;
        let reason = record.stop.map(|stop| stop.reason);
        self.conclude(
            "task running",
            record.status == TaskStatus::Running && !record.stopping,
            format!("expected a running task, it is {} ({reason:?})", record.status),
        )
    }

    /// One container event before another.
    pub(crate) fn expect_order(&self, before: (&str, &str), after: (&str, &str)) -> StepResult {
        let event = |(container, event): (&str, &str)| {
            EventSelector::kind("container_event").field("event", event).field("/source/container", container)
        };
        self.settle(Check::Order { before: event(before), after: event(after) })
    }

    /// The task ends by itself with that code.
    pub(crate) async fn expect_stop_code(&mut self, expected: &str) -> StepResult {
        let ended = self.rig_ref()?.task()?.over(END_LIMIT).await;
        let stop = match ended {
            Ok(record) => record.stop,
            Err(error) => {
                let message = format!(
                    "expected the stop code {expected}, but the task does not stop: {}",
                    crate::rig::chain(&error)
                );
                return self.conclude("stop code", false, message);
            }
        };
        let found = stop.as_ref().map(|stop| format!("{:?}", stop.code)).unwrap_or_default();
        let reason = stop.map(|stop| stop.reason).unwrap_or_default();
        self.conclude(
            "stop code",
            found == expected,
            format!("expected the stop code {expected}, it is \"{found}\" ({reason})"),
        )
    }

    /// A line of a log has that text, or soon has: lines take a moment from the app to here.
    pub(crate) async fn expect_log(&self, container: &str, text: &str) -> StepResult {
        let source = Source::Container(container.to_owned());
        let line = |record: &HistoryRecord| match record.observation() {
            Observation::Log { line, .. } if record.recording.source == source => Some(line.clone()),
            _ => None,
        };
        let watch = std::sync::Arc::clone(&self.scene()?.watch);
        let found =
            watch.wait_for(LOG_LIMIT, |record| line(record).is_some_and(|line| line.contains(text))).await;
        let lines: Vec<String> = self.records().iter().filter_map(line).collect();
        self.conclude(
            "log",
            found.is_some(),
            format!("expected \"{text}\" in the log of \"{container}\", it has {lines:?}"),
        )
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

    pub(super) async fn exchange_with(
        &self,
        client: IpAddr,
        method: &str,
        target: &str,
        port: u16,
        headers: &[(String, String)],
        token: &str,
    ) -> Result<Exchange, StepError> {
        let mut request = HttpRequest::new(method, target);
        request.headers = headers.to_vec();
        request.token = Some(token.to_owned());
        let exchange = self.rig_ref()?.task()?.request(client, port, &request).await;
        Ok(Exchange::of(method, target, exchange))
    }

    /// Waits until the app has told of the request with that token.
    pub(super) async fn await_app_request(&self, token: &str) -> StepResult {
        // In vain means that the app did not see it; the check says so.
        let _seen = self
            .scene()?
            .watch
            .wait_for(LOG_LIMIT, |record| {
                matches!(record.observation(), Observation::AppRequest { token: Some(found), .. } if found == token)
            })
            .await;
        Ok(())
    }

    /// A request that nothing can be held against, through the same firewall as the last one, until the app has told of it.
    pub(super) async fn follow_with_a_clean_request(&mut self) -> StepResult {
        let port = self
            .policies
            .firewall_ports()
            .first()
            .map(|ports| ports.exposed)
            .ok_or_else(|| StepError::new("the scenario has no firewall rule"))?;
        let token = new_token();
        let exchange = self.exchange_with(BYSTANDER, "GET", "/", port, &[], &token).await?;
        let watch = std::sync::Arc::clone(&self.scene()?.watch);
        let told = watch
            .wait_for(LOG_LIMIT, |record| {
                matches!(record.observation(), Observation::AppRequest { token: Some(found), .. } if *found == token)
            })
            .await;
        if told.is_none() {
            return Err(StepError::new(format!(
                "the app never told of a clean request that was sent after, so its silence proves nothing (status {:?}, {:?})",
                exchange.status, exchange.error
            )));
        }
        Ok(())
    }

    /// The same request to the app's own port, past its security group, which is not what is looked at here.
    pub(super) async fn ask_the_app_itself(
        &self,
        method: &str,
        target: &str,
        port: u16,
    ) -> Result<Exchange, StepError> {
        let mut request = HttpRequest::new(method, target);
        request.token = Some(new_token());
        let exchange = self.rig_ref()?.task()?.request_past_the_group(BYSTANDER, port, &request).await;
        Ok(Exchange::of(method, target, exchange))
    }
}
