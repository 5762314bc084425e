//! The end of a task: what brings it about, and who is told to stop when (`fargate.md` 2.3).

use super::{Command, Machine, Signal};
use proofhouse_protocol::task::{ContainerRecord, ContainerStatus, StopCode, StopReason, TaskStatus};
use std::time::Duration;

/// How long after SIGKILL a container may still be there before it is given up (CannotStopContainerError).
const KILL_GRACE: Duration = Duration::from_secs(15);

impl Machine {
    /// The task stops when an essential container has, or when all have.
    pub(super) fn end_with_containers(&mut self) {
        let over = |record: &&ContainerRecord| record.status == ContainerStatus::Stopped;
        let records = || self.task.containers.values();
        if records().filter(over).any(|record| record.essential) || records().all(|record| over(&record)) {
            self.stop(StopReason::new(
                StopCode::EssentialContainerExited,
                "Essential container in task exited",
            ));
        }
    }

    /// Stops what may be stopped: dependents before what they depend on.
    pub(super) fn shut_down(&mut self) {
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
            self.kill_at.insert(name.to_owned(), self.now + self.stop_timeout(name));
            if let Some(record) = self.task.containers.get_mut(name) {
                record.signalled_at = Some(self.now);
            }
            self.commands.push(Command::Signal(name.to_owned(), Signal::Term));
        }
    }

    /// The stop timeout counts from when the container has been told.
    pub(super) fn signalled(&mut self, name: &str, signal: Signal) {
        let timeout = self.stop_timeout(name);
        if let (Signal::Term, Some(deadline)) = (signal, self.kill_at.get_mut(name)) {
            *deadline = self.now + timeout;
            if let Some(record) = self.task.containers.get_mut(name) {
                record.signalled_at = Some(self.now);
            }
        }
    }

    fn stop_timeout(&self, name: &str) -> Duration {
        self.graph.node(name).map_or(Duration::ZERO, |node| node.stop_timeout)
    }

    fn dependents_are_stopped(&self, name: &str) -> bool {
        self.graph.dependents(name).all(|dependent| self.status(dependent) == Some(ContainerStatus::Stopped))
    }
}
