//! What became of one container of a task.

use super::{One, Task};
use crate::checks::evidence::Happened;
use crate::checks::outcome::Conclusion;
use proofhouse_protocol::observation::{Blame, ContainerHappening, Pipeline};
use proofhouse_protocol::task::{ContainerStatus, Health};
use std::time::Duration;

/// How much later than its time SIGKILL may come; a loaded machine must not make a verdict, and the default is far off.
const KILL_MARGIN: Duration = Duration::from_secs(8);

impl<'a> Task<'a> {
    pub(super) fn exited(self, one: &One<'a>, code: i64) -> Conclusion {
        let name = one.name;
        let exit = one.last(ContainerHappening::Exited);
        let told = exit.and_then(|exit| exit.code);
        let on = exit.map(|exit| exit.record.sequence);
        if one.record.status != ContainerStatus::Stopped {
            return Conclusion::unproved(format!("\"{name}\" has not exited so far: {}", self.unmet()))
                .on(on);
        }
        if told.is_none() && one.record.first_started_at.is_some() {
            let said = format!("the record of \"{name}\" has an end, but the engine has told of none");
            return match self.evidence.fence(&one.events(), self.place()) {
                Ok(fence) => Conclusion::broken(Blame::Fargate, said).on([fence]),
                Err(why) => Conclusion::unproved(format!("{said} so far: {why}")),
            };
        }
        let found = one.record.exit_code;
        let said = format!("expected that \"{name}\" exits with {code}, its record has {}", shown(found));
        // Both speak of one exit; where they differ, the record is wrong.
        let by = match told {
            Some(told) if found != Some(told) => Blame::Fargate,
            Some(_) => self.evidence.subject(),
            None => Blame::Fargate,
        };
        let said = match told {
            Some(told) if found != Some(told) => format!("{said}, and the engine told {told}"),
            _ => said,
        };
        let agree = told.is_none() || found == told;
        if found == Some(code) && agree {
            return Conclusion::holds(said).on(on);
        }
        match told {
            Some(_) => Conclusion::broken(by, said),
            None => self.broken_unless_lost(name, by, said),
        }
        .on(on)
    }

    pub(super) fn started(self, one: &One<'a>, times: u32) -> Conclusion {
        let name = one.name;
        let starts: Vec<_> = one.all(ContainerHappening::Started).collect();
        let on: Vec<_> = starts.iter().map(|start| start.record.sequence).collect();
        let (seen, counted) = (starts.len(), one.record.restarts + 1);
        let said = format!(
            "expected that \"{name}\" is started {times} times; it was {seen} times, and its record counts {} restarts",
            one.record.restarts
        );
        if seen > times as usize {
            return Conclusion::broken(Blame::Fargate, said).on(on);
        }
        if seen == times as usize && counted != times {
            return self.broken_unless_lost(name, Blame::Fargate, said).on(on);
        }
        // Behind an exit, another start may be on its way.
        let behind =
            one.all(ContainerHappening::Exited).chain(starts).map(|one| one.index).max().unwrap_or(0);
        // What was taken away is started no more.
        if let Some(removed) = one.last(ContainerHappening::Removed).filter(|removed| removed.index > behind)
        {
            return Conclusion::either(seen == times as usize, Blame::Fargate, said)
                .on(on)
                .on([removed.record.sequence]);
        }
        match self.evidence.fence(&one.events(), behind) {
            // Another start could follow as long as the container may be started again.
            Ok(fence) if seen == times as usize => Conclusion::holds(said).on(on).on([fence]),
            Ok(fence) if one.record.status == ContainerStatus::Stopped || self.is_over() => {
                Conclusion::broken(Blame::Fargate, said).on(on).on([fence])
            }
            Ok(_) => Conclusion::unproved(format!("{said}: {}", self.unmet())).on(on),
            Err(why) => Conclusion::unproved(format!("{said}, but the number is not final: {why}")).on(on),
        }
    }

    pub(super) fn never_started(self, one: &One<'a>) -> Conclusion {
        let name = one.name;
        let start = one.last(ContainerHappening::Started);
        if start.is_some() || one.record.first_started_at.is_some() {
            let said = format!(
                "expected that \"{name}\" never runs, it was started after {:?}",
                one.record.first_started_at
            );
            return Conclusion::broken(Blame::Fargate, said).on(start.map(|start| start.record.sequence));
        }
        if one.record.status == ContainerStatus::Stopped || self.is_over() {
            return Conclusion::holds(format!("\"{name}\" was never started, and will not be any more"));
        }
        Conclusion::unproved(format!("\"{name}\" was not started so far, but may be yet: {}", self.unmet()))
    }

    pub(super) fn reason(self, one: &One<'a>, has: &str) -> Conclusion {
        let found = one.record.reason.as_deref();
        let said = format!(
            "expected `{has}` in the reason of \"{}\", it is `{}`",
            one.name,
            found.unwrap_or("none")
        );
        match found {
            Some(reason) => Conclusion::either(reason.contains(has), Blame::Fargate, said),
            None if one.record.status == ContainerStatus::Stopped => Conclusion::broken(Blame::Fargate, said),
            None => Conclusion::unproved(format!("{said}: {}", self.unmet())),
        }
    }

    pub(super) fn health(self, one: &One<'a>, expected: Health) -> Conclusion {
        let found = one.record.health;
        let said = format!("expected that \"{}\" becomes {expected}, it is {found}", one.name);
        if found == expected {
            return Conclusion::holds(format!("\"{}\" is {found}", one.name));
        }
        match (found, expected) {
            // What a check says is known; that it was never asked is not.
            (Health::Unknown, _) if one.record.status != ContainerStatus::Stopped => {
                Conclusion::unproved(format!("{said}: {}", self.unmet()))
            }
            (Health::Healthy, Health::Unhealthy) | (Health::Unhealthy, Health::Healthy)
                if one.record.status == ContainerStatus::Running =>
            {
                Conclusion::unproved(format!("{said}: {}", self.unmet()))
            }
            _ => Conclusion::broken(Blame::Fargate, said),
        }
    }

    pub(super) fn killed_after(self, one: &One<'a>, seconds: u64) -> Conclusion {
        let signals: Vec<_> = one.all(ContainerHappening::Signalled).collect();
        let on: Vec<_> = signals.iter().map(|signal| signal.record.sequence).collect();
        let limit = Duration::from_secs(seconds);
        let name = one.name;
        match signals.as_slice() {
            [told, killed] if (told.detail, killed.detail) == ("SIGTERM", "SIGKILL") => {
                let after = Duration::from_micros(
                    killed.record.monotonic_us.saturating_sub(told.record.monotonic_us),
                );
                let said = format!(
                    "expected SIGKILL for \"{name}\" {seconds} s after SIGTERM, it came after {after:.2?}"
                );
                Conclusion::either((limit..limit + KILL_MARGIN).contains(&after), Blame::Fargate, said).on(on)
            }
            other => {
                let names: Vec<_> = other.iter().map(|signal| signal.detail).collect();
                let said =
                    format!("expected SIGTERM and SIGKILL for \"{name}\", it was sent {}", names.join(", "));
                // One that ended at the first signal was not killed, and should not have ended.
                let by = match (other, one.last(ContainerHappening::Exited)) {
                    ([only], Some(exit)) if only.detail == "SIGTERM" && exit.index > only.index => {
                        self.evidence.subject()
                    }
                    _ => Blame::Fargate,
                };
                if names.len() > 2 {
                    Conclusion::broken(by, said).on(on)
                } else if self.is_over() {
                    self.broken_unless_lost(name, by, said).on(on)
                } else {
                    Conclusion::unproved(format!("{said} so far")).on(on)
                }
            }
        }
    }
}

impl<'a> One<'a> {
    fn events(&self) -> Pipeline {
        Pipeline::EngineEvents { container: self.name.to_owned() }
    }

    fn all(&self, event: ContainerHappening) -> impl Iterator<Item = Happened<'a>> {
        self.happened.iter().copied().filter(move |one| one.event == event)
    }

    fn last(&self, event: ContainerHappening) -> Option<Happened<'a>> {
        self.all(event).last()
    }
}

fn shown(code: Option<i64>) -> String {
    code.map_or_else(|| "no exit code".to_owned(), |code| code.to_string())
}
