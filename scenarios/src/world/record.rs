//! What is expected of the task's record: how its containers are, and how it ended.

use super::life::END_LIMIT;
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_harness::lifecycle::{ContainerRecord, ContainerStatus, Health, TaskRecord, TaskStatus};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::checks::{Check, EventSelector};
use proofhouse_reports::history::HistoryRecord;
use std::time::Duration;

/// How long a container of a running task may take to do what is expected of it; the shortest interval of a health check
/// is five seconds.
const CHANGE_LIMIT: Duration = Duration::from_secs(30);

/// How long a line of an app's log may take to arrive.
const LOG_LIMIT: Duration = Duration::from_secs(15);

/// How much later than its time SIGKILL may come; a loaded machine must not make a verdict, and the default is far off.
const KILL_MARGIN: Duration = Duration::from_secs(8);

/// What happened to a container, in order.
fn happenings<'a>(
    records: &'a [HistoryRecord],
    container: &str,
    wanted: &str,
) -> impl Iterator<Item = (&'a HistoryRecord, &'a str)> {
    let source = Source::Container(container.to_owned());
    records.iter().filter_map(move |record| match record.observation() {
        Observation::ContainerEvent { event, detail, .. }
            if event == wanted && record.recording.source == source =>
        {
            Some((record, detail.as_str()))
        }
        _ => None,
    })
}

fn health_word(health: Health) -> String {
    format!("{health:?}").to_uppercase()
}

impl ScenarioWorld {
    /// The record of the task that ran to its end; else of the one that is there, as soon as it is as wanted, and as it is
    /// after `limit` if it never was.
    async fn record_when(
        &self,
        limit: Duration,
        is: impl Fn(&TaskRecord) -> bool,
    ) -> Result<TaskRecord, StepError> {
        if let Some(run) = self.protected_run.as_ref().or(self.bare_run.as_ref()) {
            return Ok(run.record.clone());
        }
        let task = self.rig_ref()?.task()?.task();
        // In vain means that it never came to that; the check says what it came to.
        let _late = task.wait_until("as expected", limit, is).await;
        Ok(task.record())
    }

    async fn record_now(&self) -> Result<TaskRecord, StepError> {
        self.record_when(Duration::ZERO, |_| true).await
    }

    async fn container_when(
        &self,
        container: &str,
        is: impl Fn(&ContainerRecord) -> bool,
    ) -> Result<ContainerRecord, StepError> {
        let record = self.record_when(CHANGE_LIMIT, |task| task.containers.get(container).is_some_and(&is));
        let mut containers = record.await?.containers;
        containers
            .remove(container)
            .ok_or_else(|| StepError::new(format!("the task has no container \"{container}\"")))
    }

    /// The task runs and was not told to stop; with `all`, no container of it has exited or was started twice.
    pub(crate) async fn expect_running(&self, all: bool) -> StepResult {
        let record = self.record_now().await?;
        let lost: Vec<_> = record
            .containers
            .iter()
            .filter(|(_, container)| all && (container.stopped_at.is_some() || container.restarts > 0))
            .map(|(name, container)| {
                format!(
                    "; \"{name}\" has exit code {:?} and {} restarts",
                    container.exit_code, container.restarts
                )
            })
            .collect();
        let reason = record.stop.map(|stop| stop.reason).unwrap_or_default();
        self.conclude(
            "task running",
            record.status == TaskStatus::Running && !record.stopping && lost.is_empty(),
            format!("expected a running task, it is {} \"{reason}\"{}", record.status, lost.concat()),
        )
    }

    /// A container exits with that code, or has.
    pub(crate) async fn expect_exit_code(&self, container: &str, expected: i64) -> StepResult {
        let over = |record: &ContainerRecord| record.status == ContainerStatus::Stopped;
        let record = self.container_when(container, over).await?;
        let found = record.exit_code;
        self.conclude(
            "exit code",
            found == Some(expected),
            format!("expected that \"{container}\" exits with {expected}, it has {found:?}"),
        )
    }

    /// The first process of a container was started so often.
    pub(crate) async fn expect_starts(&self, container: &str, expected: u32) -> StepResult {
        let enough = |record: &ContainerRecord| {
            record.status == ContainerStatus::Running && record.restarts + 1 >= expected
        };
        let is = |record: &ContainerRecord| enough(record) || record.status == ContainerStatus::Stopped;
        let record = self.container_when(container, is).await?;
        let seen = happenings(&self.records(), container, "started").count();
        self.conclude(
            "starts of a container",
            seen == expected as usize && record.restarts + 1 == expected,
            format!(
                "expected that \"{container}\" is started {expected} times; it was {seen} times, and its record counts {} \
                 restarts",
                record.restarts
            ),
        )
    }

    /// No process of the container was ever started.
    pub(crate) async fn expect_container_never_ran(&self, container: &str) -> StepResult {
        let found = self.container_when(container, |_| true).await?.first_started_at;
        self.conclude(
            "container never ran",
            found.is_none() && happenings(&self.records(), container, "started").next().is_none(),
            format!("expected that \"{container}\" never runs, it started after {found:?}"),
        )
    }

    /// Why a container is as it is.
    pub(crate) async fn expect_reason(&self, container: &str, class: &str) -> StepResult {
        let found = self.container_when(container, |record| record.reason.is_some()).await?.reason;
        self.conclude(
            "reason of a container",
            found.as_deref().is_some_and(|reason| reason.contains(class)),
            format!("expected the reason of \"{container}\" to have \"{class}\", it is {found:?}"),
        )
    }

    /// The health of a container becomes that, or is.
    pub(crate) async fn expect_health(&self, container: &str, expected: &str) -> StepResult {
        let is = |record: &ContainerRecord| health_word(record.health) == expected;
        let found = health_word(self.container_when(container, is).await?.health);
        self.conclude(
            "health of a container",
            found == expected,
            format!("expected that \"{container}\" becomes {expected}, it is {found}"),
        )
    }

    /// What the health of the containers makes of the task's.
    pub(crate) async fn expect_task_health(&self, expected: &str) -> StepResult {
        let found = health_word(self.record_now().await?.health);
        self.conclude(
            "health of the task",
            found == expected,
            format!("expected a task that is {expected}, it is {found}"),
        )
    }

    /// The task ends with that code and a reason that has that text, or has.
    pub(crate) async fn expect_stopped(&self, code: &str, reason: &str) -> StepResult {
        let record = self.record_when(END_LIMIT, |task| task.status == TaskStatus::Stopped).await?;
        let found = record.stop.map(|stop| (format!("{:?}", stop.code), stop.reason)).unwrap_or_default();
        self.conclude(
            "stop of the task",
            record.stopping && found.0 == code && found.1.contains(reason),
            format!(
                "expected stop code {code} because \"{reason}\", the task is {} with \"{}\" because \"{}\"",
                record.status, found.0, found.1
            ),
        )
    }

    /// The states that the task was told to be in, each later than the one before.
    pub(crate) async fn expect_states(&self, expected: &str) -> StepResult {
        let record = self.record_when(END_LIMIT, |task| task.status == TaskStatus::Stopped).await?;
        let told: Vec<String> = self
            .records()
            .iter()
            .filter_map(|record| match record.observation() {
                Observation::TaskState { state, .. } => Some(state.clone()),
                _ => None,
            })
            .collect();
        let reached: Vec<String> = record.reached.keys().map(ToString::to_string).collect();
        self.conclude(
            "states of the task",
            told.join(" ") == expected && reached == told && record.reached.values().is_sorted(),
            format!("expected {expected}, it was told {told:?}, and its record has {:?}", record.reached),
        )
    }

    /// SIGTERM, nothing for so many seconds, then SIGKILL.
    pub(crate) fn expect_killed_after(&self, container: &str, seconds: u64) -> StepResult {
        let records = self.records();
        let signals: Vec<_> = happenings(&records, container, "signalled").collect();
        let limit = Duration::from_secs(seconds);
        let (holds, seen) = match signals.as_slice() {
            [(told, "SIGTERM"), (killed, "SIGKILL")] => {
                let after = Duration::from_micros(killed.monotonic_us.saturating_sub(told.monotonic_us));
                ((limit..limit + KILL_MARGIN).contains(&after), format!("SIGKILL came after {after:?}"))
            }
            other => {
                (false, format!("it got {:?}", other.iter().map(|(_, signal)| signal).collect::<Vec<_>>()))
            }
        };
        self.conclude(
            "killed after its stop timeout",
            holds,
            format!("expected SIGTERM for \"{container}\" and SIGKILL {seconds} s later; {seen}"),
        )
    }

    /// One container event before another.
    pub(crate) fn expect_order(&self, before: (&str, &str), after: (&str, &str)) -> StepResult {
        let event = |(container, event): (&str, &str)| {
            EventSelector::kind("container_event").field("event", event).field("/source/container", container)
        };
        self.settle(Check::Order { before: event(before), after: event(after) })
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

    /// How the engine takes what a container writes.
    pub(crate) async fn expect_log_mode(
        &self,
        container: &str,
        mode: &str,
        buffer: Option<&str>,
    ) -> StepResult {
        let log = self.inspect(container).await?.made.log;
        self.conclude(
            "log mode",
            log.mode.to_string() == mode && log.buffer.as_deref() == buffer,
            format!("expected that the log of \"{container}\" is {mode} with the buffer {buffer:?}, it has {log:?}"),
        )
    }
}
