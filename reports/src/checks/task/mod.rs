//! What became of the task and of its containers: by the record that the simulated Fargate keeps, and by what the engine told.

mod container;
mod end;

pub(super) use end::ended_by_itself;

use super::evidence::{Evidence, Happened};
use super::loss;
use super::outcome::Conclusion;
use proofhouse_protocol::observation::{Blame, ContainerHappening, Observation, Pipeline};
use proofhouse_protocol::task::{ContainerRecord, Health, StopCode, TaskRecord, TaskStatus};
use serde::{Deserialize, Serialize};

/// What is expected of the latest task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskExpectation {
    /// All containers have started.
    CameUp,
    /// It runs and was not told to stop.
    Running,
    /// It runs, and no container of it has exited or was started twice.
    AllRunning,
    /// A container runs, for someone to act in.
    Alive {
        /// Container.
        container: String,
    },
    /// Exit code of a container.
    Exited {
        /// Container.
        container: String,
        /// Code.
        code: i64,
    },
    /// How often the first process of a container was started.
    Started {
        /// Container.
        container: String,
        /// Times.
        times: u32,
    },
    /// No process of a container was ever started.
    NeverStarted {
        /// Container.
        container: String,
    },
    /// A part of the reason that is given for a container.
    Reason {
        /// Container.
        container: String,
        /// Part.
        has: String,
    },
    /// Health of a container.
    Health {
        /// Container.
        container: String,
        /// Health.
        is: Health,
    },
    /// Health of the task.
    TaskHealth(Health),
    /// Why it stopped.
    Stopped {
        /// Code.
        code: StopCode,
        /// A part of the reason.
        because: String,
    },
    /// All its states, in order, each later than the one before.
    States(Vec<TaskStatus>),
    /// SIGTERM, nothing for so many seconds, then SIGKILL.
    KilledAfter {
        /// Container.
        container: String,
        /// Seconds.
        seconds: u64,
    },
    /// Something happened to one container before something happened to another, or to the same.
    Before {
        /// What came first.
        first: ContainerMoment,
        /// What came later.
        then: ContainerMoment,
    },
}

/// Something that happens to a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerMoment {
    /// Container.
    pub container: String,
    /// What.
    pub event: ContainerHappening,
}

impl std::fmt::Display for ContainerMoment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\" {}", self.container, self.event)
    }
}

/// Everything that the judges of one expectation look at.
#[derive(Clone, Copy)]
struct Task<'a> {
    evidence: Evidence<'a>,
    sequence: u64,
    record: &'a TaskRecord,
}

/// A container's record, and what the engine told of it.
struct One<'a> {
    name: &'a str,
    record: &'a ContainerRecord,
    happened: Vec<Happened<'a>>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl TaskExpectation {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let Some((record, task)) = evidence.task_record() else {
            return Conclusion::unproved("no task has begun");
        };
        let task = Task { evidence, sequence: record.sequence, record: task };
        let conclusion = match self {
            Self::CameUp => task.came_up(),
            Self::Running => task.running(),
            Self::AllRunning => task.all_running(),
            Self::Alive { container } => task.of(container, |one| task.alive(&one)),
            Self::Exited { container, code } => task.of(container, |one| task.exited(&one, *code)),
            Self::Started { container, times } => task.of(container, |one| task.started(&one, *times)),
            Self::NeverStarted { container } => task.of(container, |one| task.never_started(&one)),
            Self::Reason { container, has } => task.of(container, |one| task.reason(&one, has)),
            Self::Health { container, is } => task.of(container, |one| task.health(&one, *is)),
            Self::TaskHealth(expected) => {
                let found = task.record.health;
                let said = format!("expected a task that is {expected}, it is {found}");
                Conclusion::either(found == *expected, Blame::Fargate, said)
            }
            Self::Stopped { code, because } => task.stopped(*code, because),
            Self::States(states) => task.states(states),
            Self::KilledAfter { container, seconds } => {
                task.of(container, |one| task.killed_after(&one, *seconds))
            }
            Self::Before { first, then } => task.before(first, then),
        };
        conclusion.on([task.sequence])
    }
}

impl<'a> Task<'a> {
    fn of(self, name: &'a str, judge: impl FnOnce(One<'a>) -> Conclusion) -> Conclusion {
        match self.record.containers.get_key_value(name) {
            Some((name, record)) => {
                judge(One { name, record, happened: self.evidence.happened_to(name).collect() })
            }
            None => Conclusion::error(format!("the task has no container \"{name}\"")),
        }
    }

    /// Place of the task's record.
    fn place(self) -> usize {
        self.evidence.records().partition_point(|record| record.sequence < self.sequence)
    }

    fn is_over(self) -> bool {
        self.record.status == TaskStatus::Stopped
    }

    /// What was waited for in vain since the task began, or that it was not waited for.
    fn unmet(self) -> String {
        let began = self.evidence.task().map_or(0, |(index, ..)| index);
        self.evidence.missed(began).unwrap_or_else(|| "it may still come to that".to_owned())
    }

    fn stop_in_words(self) -> String {
        let stop = self.record.stop.as_ref();
        stop.map_or_else(|| "no reason".to_owned(), |stop| format!("{:?}: {}", stop.code, stop.reason))
    }

    /// What was lost of what the engine told of a container, so that what it did not tell says nothing.
    fn lost(self, container: &str) -> Option<String> {
        let events = Pipeline::EngineEvents { container: container.to_owned() };
        loss::on(self.evidence.records(), &events).map(|why| format!("evidence was lost: {why}"))
    }

    /// Broken by this one, unless what the engine told of the container could say otherwise and was lost.
    fn broken_unless_lost(self, container: &str, by: Blame, said: String) -> Conclusion {
        match self.lost(container) {
            Some(why) => Conclusion::unproved(format!("{said}, but {why}")),
            None => Conclusion::broken(by, said),
        }
    }

    fn came_up(self) -> Conclusion {
        match self.record.status {
            TaskStatus::Running if !self.record.stopping => Conclusion::holds("the task is RUNNING"),
            status if status > TaskStatus::Running || self.record.stopping => {
                let stop = self.stop_in_words();
                self.ended_wrongly(&format!("expected a running task, it is {status} ({stop})"))
            }
            status => Conclusion::unproved(format!(
                "the task is {status}, and not RUNNING so far: {}",
                self.unmet()
            )),
        }
    }

    fn running(self) -> Conclusion {
        if self.record.status == TaskStatus::Running && !self.record.stopping {
            return Conclusion::holds("the task runs, and was not told to stop");
        }
        let (status, stop) = (self.record.status, self.stop_in_words());
        self.ended_wrongly(&format!("expected a running task, it is {status} ({stop})"))
    }

    fn all_running(self) -> Conclusion {
        let running = self.running();
        if !running.is_held() {
            return running;
        }
        let Some((began, _, _, containers)) = self.evidence.task() else {
            return Conclusion::unproved("no task has begun");
        };
        let mut on = Vec::new();
        for name in containers {
            let record = self.record.containers.get(name);
            let exit = self.evidence.happened_to(name).find(|one| one.event == ContainerHappening::Exited);
            let restarts = record.map_or(0, |one| one.restarts);
            if let Some(exit) = exit {
                let said = format!(
                    "expected that every container runs since its only start; \"{name}\" exited with {:?} at {}",
                    exit.code,
                    self.evidence.since(exit.record)
                );
                return Conclusion::broken(self.evidence.subject(), said).on([exit.record.sequence]);
            }
            if restarts > 0 || record.is_none_or(|one| one.stopped_at.is_some()) {
                let said = format!(
                    "the record of \"{name}\" has {restarts} restarts and an end, but the engine told of none"
                );
                return self.broken_unless_lost(name, Blame::Fargate, said);
            }
            let behind = self.evidence.last_activity(None).unwrap_or(began);
            match self.evidence.fence(&Pipeline::EngineEvents { container: name.clone() }, behind) {
                Ok(fence) => on.push(fence),
                Err(why) => {
                    return Conclusion::unproved(format!("no exit of \"{name}\" was told so far, but {why}"));
                }
            }
        }
        Conclusion::holds(format!("each of {} containers runs since its only start", containers.len())).on(on)
    }

    fn states(self, expected: &[TaskStatus]) -> Conclusion {
        if !self.is_over() {
            return Conclusion::unproved(format!(
                "the task is {}, and not over: {}",
                self.record.status,
                self.unmet()
            ));
        }
        let began = self.evidence.task().map_or(0, |(index, ..)| index);
        let told: Vec<_> = self.evidence.records()[began..]
            .iter()
            .filter_map(|r| match r.observation() {
                Observation::TaskState { state, .. } => Some((r.sequence, *state)),
                _ => None,
            })
            .collect();
        let states: Vec<_> = told.iter().map(|(_, state)| *state).collect();
        let reached: Vec<_> = self.record.reached.keys().copied().collect();
        let words = |all: &[TaskStatus]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let in_order = self.record.reached.values().is_sorted();
        let fits = states == expected && reached == states && in_order;
        let mut said = format!("expected {}, the task went through {}", words(expected), words(&states));
        if reached != states || !in_order {
            said.push_str(&format!(", and its record has {:?}", self.record.reached));
        }
        Conclusion::either(fits, Blame::Fargate, said).on(told.iter().map(|(sequence, _)| *sequence))
    }

    fn before(self, first: &ContainerMoment, then: &ContainerMoment) -> Conclusion {
        let find = |moment: &ContainerMoment| {
            self.evidence.happened_to(&moment.container).find(|one| one.event == moment.event)
        };
        let (earlier, later) = (find(first), find(then));
        match (earlier, later) {
            (Some(a), Some(b)) => {
                let (at, behind) = (self.evidence.since(a.record), self.evidence.since(b.record));
                let said = if a.index < b.index {
                    format!("{first} ({at}) before {then} ({behind})")
                } else {
                    format!("expected {first} before {then}, it was at {at}, behind {behind}")
                };
                Conclusion::either(a.index < b.index, self.who_left_the_order(then), said)
                    .on([a.record.sequence, b.record.sequence])
            }
            (a, b) => {
                let missing = if a.is_none() { first } else { then };
                let said = format!("expected {first} before {then}, but {missing} was never seen");
                let on = a.or(b).map(|one| one.record.sequence);
                if self.is_over() {
                    self.broken_unless_lost(&missing.container, self.who_left_the_order(missing), said).on(on)
                } else {
                    Conclusion::unproved(format!("{said}: {}", self.unmet())).on(on)
                }
            }
        }
    }

    /// Order is Fargate's; a sidecar that ends without having been told to has left it by itself.
    fn who_left_the_order(self, moment: &ContainerMoment) -> Blame {
        let own = || self.evidence.happened_to(&moment.container);
        let exit = own().find(|one| one.event == ContainerHappening::Exited);
        let told = own().find(|one| one.event == ContainerHappening::Signalled);
        let by_itself = match (exit, told) {
            (Some(exit), Some(told)) => exit.index < told.index,
            (Some(_), None) => true,
            _ => false,
        };
        if by_itself && moment.container == self.evidence.embed_names().sidecar {
            self.evidence.subject()
        } else {
            Blame::Fargate
        }
    }
}
