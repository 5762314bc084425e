//! How a task ended, and whose doing that is.

use super::{One, Task};
use crate::checks::evidence::Evidence;
use crate::checks::outcome::{Conclusion, Outcome};
use proofhouse_protocol::observation::{Blame, ContainerHappening};
use proofhouse_protocol::task::StopCode;

/// The latest task has ended because a container of it exited by itself, before what is said came; none where it has not.
pub(in crate::checks) fn ended_by_itself(evidence: Evidence<'_>, said: &str) -> Option<Conclusion> {
    let (record, task) = evidence.task_record()?;
    let task = Task { evidence, sequence: record.sequence, record: task };
    task.ended_by_itself(said)
}

impl<'a> Task<'a> {
    /// Who made a task end that was not told to: whose container exited first by itself, or else who keeps its record.
    pub(super) fn who_ended_it(self) -> (Blame, Vec<u64>, String) {
        let began = self.evidence.task().map_or(0, |(index, ..)| index);
        let mut signalled = Vec::new();
        for one in self.evidence.happened().filter(|one| one.index >= began) {
            match one.event {
                ContainerHappening::Signalled => signalled.push(one.container),
                ContainerHappening::Exited if !signalled.contains(&one.container) => {
                    let code = one.code.map_or_else(|| "no code".to_owned(), |code| code.to_string());
                    let said = format!(
                        "\"{}\" exited with {code} at {}",
                        one.container,
                        self.evidence.since(one.record)
                    );
                    return (self.evidence.subject(), vec![one.record.sequence], said);
                }
                ContainerHappening::Failed => {
                    let said = format!("\"{}\" could not be started: {}", one.container, one.detail);
                    return (Blame::Fargate, vec![one.record.sequence], said);
                }
                _ => {}
            }
        }
        (Blame::Fargate, Vec::new(), "no container had exited by itself".to_owned())
    }

    fn ended_by_itself(self, said: &str) -> Option<Conclusion> {
        if !self.record.stopping {
            return None;
        }
        let (by, on, why) = self.who_ended_it();
        (!on.is_empty()).then(|| Conclusion::broken(by, format!("{said}; {why}")).on(on).on([self.sequence]))
    }

    /// The task has ended, or ends, and should not: whose container exited by itself is to blame, if anyone saw it.
    pub(super) fn ended_wrongly(self, said: &str) -> Conclusion {
        let (by, on, why) = self.who_ended_it();
        let said = format!("{said}; {why}");
        match self.record.containers.keys().find_map(|name| self.lost(name)) {
            Some(lost) if on.is_empty() => Conclusion::unproved(format!("{said}, but {lost}")),
            _ => Conclusion::broken(by, said).on(on),
        }
    }

    /// One that the scenario did not end itself is there; where it did, nobody can act in it.
    pub(super) fn alive(self, one: &One<'a>) -> Conclusion {
        let name = one.name;
        let said = format!("expected that \"{name}\" runs, to act in it");
        let last = one
            .happened
            .iter()
            .rev()
            .find(|one| matches!(one.event, ContainerHappening::Started | ContainerHappening::Exited));
        let exited = last.filter(|one| one.event == ContainerHappening::Exited);
        if let Some(conclusion) = self.ended_by_itself(&said) {
            return conclusion;
        }
        match exited {
            None if self.record.stopping => {
                Conclusion::error(format!("{said}; the task stops: {}", self.stop_in_words()))
            }
            None => Conclusion::holds(format!("\"{name}\" runs")),
            Some(exit) => {
                let code = exit.code.map_or_else(|| "no code".to_owned(), |code| code.to_string());
                let said = format!("{said}; it exited with {code} at {}", self.evidence.since(exit.record));
                let told = one
                    .happened
                    .iter()
                    .any(|one| one.event == ContainerHappening::Signalled && one.index < exit.index);
                let conclusion = match told {
                    true => Conclusion::error(format!("{said}, as it was told to")),
                    false => Conclusion::broken(self.evidence.subject(), said),
                };
                conclusion.on([exit.record.sequence])
            }
        }
    }

    pub(super) fn stopped(self, code: StopCode, because: &str) -> Conclusion {
        if !self.record.stopping {
            return Conclusion::unproved(format!(
                "the task is {}, and was not told to stop so far: {}",
                self.record.status,
                self.unmet()
            ));
        }
        let stop = self.record.stop.as_ref();
        let fits = stop.is_some_and(|stop| stop.code == code && stop.reason.contains(because));
        let said =
            format!("expected {code:?} because `{because}`, the task stops by {}", self.stop_in_words());
        if fits {
            return Conclusion::holds(said).on(self.who_ended_it().1);
        }
        let conclusion = self.ended_wrongly(&said);
        // By itself ended whose container exited, and that it ends the task is Fargate's rule.
        match conclusion.outcome {
            Outcome::Broken(_) if code == StopCode::EssentialContainerExited => {
                Conclusion { outcome: Outcome::Broken(Blame::Fargate), ..conclusion }
            }
            _ => conclusion,
        }
    }
}
