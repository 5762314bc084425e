//! The state machine itself.

use super::record::{ContainerRecord, ContainerStatus, Health, StopCode, StopReason, TaskRecord, TaskStatus};
use super::{Command, Event, Graph, Node, Signal};
use crate::definition::{Condition, Dependency};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long after SIGKILL a container may still be there before it is given up (CannotStopContainerError).
const KILL_GRACE: Duration = Duration::from_secs(15);

/// Exit code of a container that never ran because a dependency failed (`fargate.md` 2.2).
const SYNTHETIC_EXIT: i64 = 143;

/// A task's life. Feed it events with [`Machine::handle`] and a [`Event::Tick`] at [`Machine::next_deadline`].
#[derive(Debug, Clone)]
pub struct Machine {
    graph: Graph,
    now: Duration,
    task: TaskRecord,
    may_create: bool,
    created: BTreeSet<String>,
    kill_at: BTreeMap<String, Duration>,
    give_up_at: BTreeMap<String, Duration>,
    commands: Vec<Command>,
}

/// Where a dependency stands.
enum Standing {
    Satisfied,
    Waiting,
    Failed(String),
}

impl Machine {
    /// A task at its begin, PROVISIONING.
    #[must_use]
    pub fn new(graph: Graph) -> Self {
        let containers = graph.nodes().map(|(name, node)| (name.clone(), fresh(node))).collect();
        let task = TaskRecord {
            status: TaskStatus::Provisioning,
            reached: BTreeMap::from([(TaskStatus::Provisioning, Duration::ZERO)]),
            stopping: false,
            stop: None,
            health: Health::Unknown,
            containers,
        };
        Self {
            graph,
            now: Duration::ZERO,
            task,
            may_create: false,
            created: BTreeSet::new(),
            kill_at: BTreeMap::new(),
            give_up_at: BTreeMap::new(),
            commands: Vec::new(),
        }
    }

    /// The task as it stands.
    #[must_use]
    pub fn record(&self) -> &TaskRecord {
        &self.task
    }

    /// Whether the task is STOPPED; nothing happens any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.task.status == TaskStatus::Stopped
    }

    /// Takes an event at a time since the begin, and says what to do now. Time never runs back.
    pub fn handle(&mut self, now: Duration, event: Event) -> Vec<Command> {
        self.now = self.now.max(now);
        self.apply(event);
        self.settle();
        std::mem::take(&mut self.commands)
    }

    /// When a [`Event::Tick`] is due, if no event comes before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let stops = self.kill_at.values().chain(self.give_up_at.values()).copied();
        let starts = self.waiting().flat_map(|(_, dependency)| self.start_deadline(dependency));
        stops.chain(starts).min()
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::WorldCreated => self.may_create = true,
            Event::WorldReady if self.task.status == TaskStatus::Provisioning => {
                self.may_create = true;
                self.reach(TaskStatus::Pending);
                self.reach(TaskStatus::Activating);
            }
            Event::WorldFailed { reason } => {
                let code =
                    if self.ran() { StopCode::InfrastructureHealth } else { StopCode::TaskFailedToStart };
                self.stop(StopReason::new(code, &reason));
            }
            Event::Created { container } => {
                if self.status(&container) == Some(ContainerStatus::Creating) {
                    self.created.insert(container.clone());
                    self.set(&container, ContainerStatus::Created);
                }
            }
            Event::CreateFailed { container, reason } => {
                if self.status(&container) == Some(ContainerStatus::Creating) {
                    self.end(&container, None, Some(reason.clone()));
                    self.stop(StopReason::new(StopCode::TaskFailedToStart, &reason));
                }
            }
            Event::Started { container } => self.started(&container),
            Event::StartFailed { container, exit_code, reason } => {
                if self.status(&container) == Some(ContainerStatus::Starting) {
                    self.end(&container, exit_code, Some(reason.clone()));
                    if self.task.containers[&container].essential {
                        let code = if self.ran() {
                            StopCode::EssentialContainerExited
                        } else {
                            StopCode::TaskFailedToStart
                        };
                        self.stop(StopReason::new(code, &reason));
                    }
                }
            }
            Event::Exited { container, code, out_of_memory } => self.exited(&container, code, out_of_memory),
            Event::HealthChanged { container, health } => {
                if let Some(record) = self.task.containers.get_mut(&container)
                    && record.has_health_check
                    && record.status == ContainerStatus::Running
                {
                    record.health = health;
                }
            }
            Event::StopRequested { stop } => self.stop(stop),
            Event::Deprovisioned if self.task.status == TaskStatus::Deprovisioning => {
                self.reach(TaskStatus::Stopped)
            }
            Event::WorldReady | Event::Tick | Event::Deprovisioned => {}
        }
    }

    fn started(&mut self, container: &str) {
        let now = self.now;
        if self.status(container) != Some(ContainerStatus::Starting) {
            return;
        }
        if let Some(record) = self.task.containers.get_mut(container) {
            record.status = ContainerStatus::Running;
            record.started_at = Some(now);
            record.first_started_at.get_or_insert(now);
        }
    }

    fn exited(&mut self, container: &str, code: i64, out_of_memory: bool) {
        // An engine may report the exit of a short program before it answers the start.
        self.started(container);
        if self.status(container) != Some(ContainerStatus::Running) {
            return;
        }
        if self.restarts(container, code) {
            if let Some(record) = self.task.containers.get_mut(container) {
                record.status = ContainerStatus::Starting;
                record.health = Health::Unknown;
                record.restarts += 1;
            }
            self.commands.push(Command::Start(container.to_owned()));
            return;
        }
        let reason =
            out_of_memory.then(|| "OutOfMemoryError: container killed due to memory usage".to_owned());
        self.end(container, Some(code), reason);
    }

    /// Whether the restart policy starts it again (`fargate.md` 2.6).
    fn restarts(&self, container: &str, code: i64) -> bool {
        let record = &self.task.containers[container];
        let Some(policy) = self.graph.node(container).and_then(|node| node.restart.as_ref()) else {
            return false;
        };
        let period = Duration::from_secs(u64::try_from(policy.attempt_period).unwrap_or(0));
        let long_enough = record.started_at.is_some_and(|started| self.now >= started + period);
        !self.task.stopping && !policy.ignored_exit_codes.contains(&code) && long_enough
    }

    fn end(&mut self, container: &str, exit_code: Option<i64>, reason: Option<String>) {
        let now = self.now;
        self.kill_at.remove(container);
        self.give_up_at.remove(container);
        if let Some(record) = self.task.containers.get_mut(container) {
            record.status = ContainerStatus::Stopped;
            record.exit_code = exit_code;
            record.reason = reason;
            record.stopped_at = Some(now);
        }
    }

    fn stop(&mut self, stop: StopReason) {
        if self.task.stopping {
            return;
        }
        self.task.stopping = true;
        self.task.stop = Some(stop);
        self.reach(TaskStatus::Deactivating);
        self.reach(TaskStatus::Stopping);
    }

    fn reach(&mut self, status: TaskStatus) {
        self.task.status = status;
        self.task.reached.insert(status, self.now);
        self.commands.push(Command::Reached(status));
    }

    fn ran(&self) -> bool {
        self.task.reached.contains_key(&TaskStatus::Running)
    }

    fn status(&self, container: &str) -> Option<ContainerStatus> {
        self.task.containers.get(container).map(|record| record.status)
    }

    fn set(&mut self, container: &str, status: ContainerStatus) {
        if let Some(record) = self.task.containers.get_mut(container) {
            record.status = status;
        }
    }

    /// Does all that the rules ask for now, until nothing changes.
    fn settle(&mut self) {
        loop {
            let before = self.task.clone();
            if self.may_create && !self.task.stopping {
                self.advance();
            }
            self.end_with_containers();
            if self.task.stopping {
                self.shut_down();
            } else if self.task.status == TaskStatus::Activating
                && self.task.containers.values().all(|record| record.status >= ContainerStatus::Running)
            {
                self.reach(TaskStatus::Running);
            }
            self.task.health = TaskRecord::fold_health(self.task.containers.values());
            if self.task == before {
                return;
            }
        }
    }

    /// Creates and starts what may be created and started.
    fn advance(&mut self) {
        for name in self.graph.order().to_vec() {
            // A dependency that failed may have stopped the task just now.
            if self.task.stopping {
                return;
            }
            match self.task.containers[&name].status {
                ContainerStatus::None => self.create_when_possible(&name),
                ContainerStatus::Created if self.task.status >= TaskStatus::Activating => {
                    self.start_when_possible(&name)
                }
                _ => {}
            }
        }
    }

    fn create_when_possible(&mut self, name: &str) {
        let Some(node) = self.graph.node(name) else { return };
        if node.created_after.iter().all(|source| self.created.contains(source)) {
            self.set(name, ContainerStatus::Creating);
            self.commands.push(Command::Create(name.to_owned()));
        }
    }

    fn start_when_possible(&mut self, name: &str) {
        let Some(node) = self.graph.node(name) else { return };
        let mut all = true;
        let mut failed = None;
        for dependency in &node.depends_on {
            match self.standing(dependency) {
                Standing::Satisfied => {}
                Standing::Waiting => all = false,
                Standing::Failed(why) => failed = failed.or(Some(why)),
            }
        }
        if let Some(why) = failed {
            let reason = format!("CannotStartContainerError: dependency failed: {why}");
            self.end(name, Some(SYNTHETIC_EXIT), Some(reason.clone()));
            if self.task.containers[name].essential {
                let code =
                    if self.ran() { StopCode::EssentialContainerExited } else { StopCode::TaskFailedToStart };
                self.stop(StopReason::new(code, &reason));
            }
        } else if all {
            self.set(name, ContainerStatus::Starting);
            self.commands.push(Command::Start(name.to_owned()));
        }
    }

    /// `fargate.md` 2.2.
    fn standing(&self, dependency: &Dependency) -> Standing {
        let name = &dependency.container;
        let record = &self.task.containers[name];
        let ran = record.first_started_at.is_some();
        let stopped = record.status == ContainerStatus::Stopped;
        let running = record.status == ContainerStatus::Running;
        if stopped && !ran {
            return Standing::Failed(format!("`{name}` never started"));
        }
        let satisfied = match dependency.condition {
            Condition::Start => running || stopped,
            Condition::Complete => stopped,
            Condition::Success if stopped && record.exit_code != Some(0) => {
                let code = record.exit_code.map_or_else(|| "no code".to_owned(), |code| code.to_string());
                return Standing::Failed(format!("`{name}` exited with {code}, condition SUCCESS"));
            }
            Condition::Success => stopped,
            Condition::Healthy if stopped => {
                return Standing::Failed(format!(
                    "`{name}` stopped before it was healthy, condition HEALTHY"
                ));
            }
            Condition::Healthy => running && record.health == Health::Healthy,
        };
        if satisfied {
            return Standing::Satisfied;
        }
        match self.start_deadline(dependency) {
            Some(deadline) if self.now >= deadline => Standing::Failed(format!(
                "startTimeout of `{name}` exceeded, condition {}",
                dependency.condition
            )),
            _ => Standing::Waiting,
        }
    }

    /// When a dependency counts as failed; never for START.
    fn start_deadline(&self, dependency: &Dependency) -> Option<Duration> {
        if dependency.condition == Condition::Start {
            return None;
        }
        let timeout = self.graph.node(&dependency.container)?.start_timeout?;
        Some(self.task.containers[&dependency.container].first_started_at? + timeout)
    }

    /// Dependencies that containers wait for now.
    fn waiting(&self) -> impl Iterator<Item = (&String, &Dependency)> {
        let open = !self.task.stopping;
        self.graph
            .nodes()
            .filter(move |(name, _)| open && self.task.containers[*name].status == ContainerStatus::Created)
            .flat_map(|(name, node)| node.depends_on.iter().map(move |dependency| (name, dependency)))
            .filter(|(_, dependency)| matches!(self.standing(dependency), Standing::Waiting))
    }

    /// The task stops when an essential container has, or when all have.
    fn end_with_containers(&mut self) {
        let over = |record: &&ContainerRecord| record.status == ContainerStatus::Stopped;
        let records = || self.task.containers.values();
        if records().filter(over).any(|record| record.essential) || records().all(|record| over(&record)) {
            self.stop(StopReason::new(
                StopCode::EssentialContainerExited,
                "Essential container in task exited",
            ));
        }
    }

    /// Stops what may be stopped: dependents before what they depend on (`fargate.md` 2.3).
    fn shut_down(&mut self) {
        for name in self.graph.order().iter().rev().cloned().collect::<Vec<_>>() {
            match self.task.containers[&name].status {
                ContainerStatus::None | ContainerStatus::Created => self.end(&name, None, None),
                ContainerStatus::Running => self.shut_down_running(&name),
                _ => {}
            }
        }
        let all_over = self.task.containers.values().all(|record| record.status == ContainerStatus::Stopped);
        if all_over && self.task.status == TaskStatus::Stopping {
            self.reach(TaskStatus::Deprovisioning);
            self.commands.push(Command::Deprovision);
        }
    }

    fn shut_down_running(&mut self, name: &str) {
        if let Some(&deadline) = self.kill_at.get(name) {
            if self.now >= deadline {
                self.kill_at.remove(name);
                self.give_up_at.insert(name.to_owned(), self.now + KILL_GRACE);
                self.commands.push(Command::Signal(name.to_owned(), Signal::Kill));
            }
        } else if let Some(&deadline) = self.give_up_at.get(name) {
            if self.now >= deadline {
                self.end(name, None, Some("CannotStopContainerError: still there after SIGKILL".to_owned()));
            }
        } else if self.dependents_are_stopped(name) {
            let timeout = self.graph.node(name).map_or(Duration::ZERO, |node| node.stop_timeout);
            self.kill_at.insert(name.to_owned(), self.now + timeout);
            if let Some(record) = self.task.containers.get_mut(name) {
                record.signalled_at = Some(self.now);
            }
            self.commands.push(Command::Signal(name.to_owned(), Signal::Term));
        }
    }

    fn dependents_are_stopped(&self, name: &str) -> bool {
        self.graph.dependents(name).all(|dependent| self.status(dependent) == Some(ContainerStatus::Stopped))
    }
}

fn fresh(node: &Node) -> ContainerRecord {
    ContainerRecord {
        status: ContainerStatus::None,
        essential: node.essential,
        exit_code: None,
        reason: None,
        health: Health::Unknown,
        has_health_check: node.has_health_check,
        first_started_at: None,
        started_at: None,
        stopped_at: None,
        signalled_at: None,
        restarts: 0,
    }
}
