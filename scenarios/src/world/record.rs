//! What the task and its containers must come to: waited for, and then checked by its record.

use super::life::END_LIMIT;
use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::RigError;
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{ContainerFacts, ContainerHappening, Source};
use proofhouse_protocol::task::{ContainerRecord, ContainerStatus, Health, StopCode, TaskStatus};
use proofhouse_reports::checks::{Check, ContainerMoment, FactExpectation, TaskExpectation};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::time::Duration;

/// How long a container of a running task may take to do what is expected of it; the shortest interval of a health check
/// is five seconds.
const CHANGE_LIMIT: Duration = Duration::from_secs(30);

/// How long a line of an app's log may take to arrive.
const LOG_LIMIT: Duration = Duration::from_secs(15);

/// A word of the ECS API, such as `HEALTHY` or `UserInitiated`.
fn word<T: DeserializeOwned>(word: &str) -> Result<T, StepError> {
    serde_json::from_value(json!(word))
        .map_err(|error| StepError::new(format!("\"{word}\" is no such word: {error}")))
}

impl ScenarioWorld {
    fn expect_task(&self, expect: TaskExpectation) -> StepResult {
        self.settle(&Check::Task { expect })
    }

    async fn wait_for_container(
        &self,
        container: &str,
        what: &'static str,
        is: impl Fn(&ContainerRecord) -> bool,
    ) -> StepResult {
        self.wait_for_task(CHANGE_LIMIT, what, |task| task.containers.get(container).is_some_and(&is)).await
    }

    /// The task runs and was not told to stop; with `all`, no container of it has exited or was started twice.
    pub(crate) async fn expect_running(&self, all: bool) -> StepResult {
        if !all {
            return self.expect_task(TaskExpectation::Running);
        }
        let containers: Vec<String> =
            self.rig_ref()?.task()?.task().plan().containers.iter().map(|one| one.name.clone()).collect();
        self.fence_engine_events(&containers).await?;
        self.expect_task(TaskExpectation::AllRunning)
    }

    /// A container exits with that code, or has.
    pub(crate) async fn expect_exit_code(&self, container: &str, code: i64) -> StepResult {
        self.wait_for_container(container, "an exit", |one| one.status == ContainerStatus::Stopped).await?;
        self.fence_engine_events(&[container.to_owned()]).await?;
        self.expect_task(TaskExpectation::Exited { container: container.to_owned(), code })
    }

    /// The first process of a container was started so often.
    pub(crate) async fn expect_starts(&self, container: &str, times: u32) -> StepResult {
        let enough = |one: &ContainerRecord| {
            one.status == ContainerStatus::Stopped
                || one.status == ContainerStatus::Running && one.restarts + 1 >= times
        };
        self.wait_for_container(container, "a start", enough).await?;
        self.fence_engine_events(&[container.to_owned()]).await?;
        self.expect_task(TaskExpectation::Started { container: container.to_owned(), times })
    }

    /// No process of the container was ever started.
    pub(crate) async fn expect_container_never_ran(&self, container: &str) -> StepResult {
        let over =
            |one: &ContainerRecord| one.status == ContainerStatus::Stopped || one.first_started_at.is_some();
        self.wait_for_container(container, "the end of a container", over).await?;
        self.expect_task(TaskExpectation::NeverStarted { container: container.to_owned() })
    }

    /// Why a container is as it is.
    pub(crate) async fn expect_reason(&self, container: &str, has: &str) -> StepResult {
        self.wait_for_container(container, "a reason", |one| one.reason.is_some()).await?;
        self.expect_task(TaskExpectation::Reason { container: container.to_owned(), has: has.to_owned() })
    }

    /// The health of a container becomes that, or is.
    pub(crate) async fn expect_health(&self, container: &str, expected: &str) -> StepResult {
        let is: Health = word(expected)?;
        self.wait_for_container(container, "a health", |one| one.health == is).await?;
        self.expect_task(TaskExpectation::Health { container: container.to_owned(), is })
    }

    /// What the health of the containers makes of the task's.
    pub(crate) fn expect_task_health(&self, expected: &str) -> StepResult {
        self.expect_task(TaskExpectation::TaskHealth(word(expected)?))
    }

    /// The task ends with that code and a reason that has that text, or has.
    pub(crate) async fn expect_stopped(&self, code: &str, because: &str) -> StepResult {
        let code: StopCode = word(code)?;
        self.wait_for_task(END_LIMIT, "the end of the task", |task| task.status == TaskStatus::Stopped)
            .await?;
        self.expect_task(TaskExpectation::Stopped { code, because: because.to_owned() })
    }

    /// The states that the task was told to be in, each later than the one before.
    pub(crate) async fn expect_states(&self, expected: &str) -> StepResult {
        let states: Vec<TaskStatus> = expected.split_whitespace().map(word).collect::<Result<_, _>>()?;
        self.wait_for_task(END_LIMIT, "the end of the task", |task| task.status == TaskStatus::Stopped)
            .await?;
        self.expect_task(TaskExpectation::States(states))
    }

    /// SIGTERM, nothing for so many seconds, then SIGKILL.
    pub(crate) fn expect_killed_after(&self, container: &str, seconds: u64) -> StepResult {
        self.expect_task(TaskExpectation::KilledAfter { container: container.to_owned(), seconds })
    }

    /// One container event before another.
    pub(crate) fn expect_order(
        &self,
        first: (&str, ContainerHappening),
        then: (&str, ContainerHappening),
    ) -> StepResult {
        let moment = |(container, event): (&str, ContainerHappening)| ContainerMoment {
            container: container.to_owned(),
            event,
        };
        self.expect_task(TaskExpectation::Before { first: moment(first), then: moment(then) })
    }

    /// A line of a log has that text, or soon has: lines take a moment from the app to here.
    pub(crate) async fn expect_log(&self, container: &str, text: &str) -> StepResult {
        let source = Source::Container(container.to_owned());
        let watch = self.watch()?;
        let found = watch.wait_for(LOG_LIMIT, |record| {
            record.recording.source == source
                && matches!(record.observation(), Observation::Log { line, .. } if line.contains(text))
        });
        if found.await.is_none() {
            self.record_limit(&format!("a line of \"{container}\" with `{text}`"), LOG_LIMIT, String::new());
        }
        self.settle(&Check::Wrote { container: container.to_owned(), text: text.to_owned() })
    }

    /// How the engine has a container.
    pub(crate) async fn expect_fact(&self, container: &str, expect: FactExpectation) -> StepResult {
        let it = self.rig_ref()?.task()?.container(container)?;
        let engine = ContainerFacts::from(&it.inspect().await.map_err(RigError::from)?);
        let planned = it.planned_facts();
        self.record_as(
            Source::Container(container.to_owned()),
            None,
            Observation::Inspected { planned, engine },
        );
        self.settle(&Check::Facts { container: container.to_owned(), expect })
    }
}
