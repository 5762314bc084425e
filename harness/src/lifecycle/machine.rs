//! The state machine itself.

use super::standing::Standing;
use super::{Command, Event, Graph, Node};
use proofhouse_protocol::task::{
    ContainerRecord, ContainerStatus, Health, StopCode, StopReason, TaskRecord, TaskStatus,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Exit code of a container that never ran because a dependency failed (`fargate.md` 2.2).
const SYNTHETIC_EXIT: i64 = 143;

/// Reason of a container that the kernel killed for want of memory.
const OUT_OF_MEMORY: &str = "OutOfMemoryError: container killed due to memory usage";

/// A task's life. Feed it events with [`Machine::handle`] and a [`Event::Tick`] at [`Machine::next_deadline`].
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) graph: Graph,
    pub(super) now: Duration,
    pub(super) task: TaskRecord,
    may_create: bool,
    created: BTreeSet<String>,
    pub(super) kill_at: BTreeMap<String, Duration>,
    pub(super) give_up_at: BTreeMap<String, Duration>,
    pub(super) commands: Vec<Command>,
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
                    let now = self.now;
                    if let Some(record) = self.task.containers.get_mut(&container) {
                        record.created_at = Some(now);
                    }
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
            Event::OutOfMemory { container } => {
                if let Some(record) = self.task.containers.get_mut(&container)
                    && record.status == ContainerStatus::Stopped
                    && record.exit_code.is_some()
                {
                    record.reason.get_or_insert_with(|| OUT_OF_MEMORY.to_owned());
                }
            }
            Event::Signalled { container, signal } => self.signalled(&container, signal),
            Event::HealthChanged { container, health, check } => {
                let now = self.now;
                if let Some(record) = self.task.containers.get_mut(&container)
                    && record.has_health_check
                    && record.status == ContainerStatus::Running
                {
                    record.health = health;
                    record.health_since = Some(now);
                    record.health_check = Some(check);
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
                record.health_since = None;
                record.health_check = None;
                record.restarts += 1;
            }
            self.commands.push(Command::Start(container.to_owned()));
            return;
        }
        let reason = out_of_memory.then(|| OUT_OF_MEMORY.to_owned());
        self.end(container, Some(code), reason);
    }

    pub(super) fn end(&mut self, container: &str, exit_code: Option<i64>, reason: Option<String>) {
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

    pub(super) fn stop(&mut self, stop: StopReason) {
        if self.task.stopping {
            return;
        }
        self.task.stopping = true;
        self.task.stop = Some(stop);
        self.reach(TaskStatus::Deactivating);
        self.reach(TaskStatus::Stopping);
    }

    pub(super) fn reach(&mut self, status: TaskStatus) {
        self.task.status = status;
        self.task.reached.insert(status, self.now);
        self.commands.push(Command::Reached(status));
    }

    fn ran(&self) -> bool {
        self.task.reached.contains_key(&TaskStatus::Running)
    }

    pub(super) fn status(&self, container: &str) -> Option<ContainerStatus> {
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
}

fn fresh(node: &Node) -> ContainerRecord {
    ContainerRecord {
        status: ContainerStatus::None,
        essential: node.essential,
        exit_code: None,
        reason: None,
        health: Health::Unknown,
        has_health_check: node.has_health_check,
        health_since: None,
        health_check: None,
        created_at: None,
        first_started_at: None,
        started_at: None,
        stopped_at: None,
        signalled_at: None,
        restarts: 0,
    }
}
