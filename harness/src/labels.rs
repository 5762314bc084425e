//! Labels of everything created, so that nothing leaks unseen.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;

/// Id of the run.
pub const RUN: &str = "proofhouse.run";
/// Id of the scenario.
pub const SCENARIO: &str = "proofhouse.scenario";
/// The [`Owner`].
pub const OWNER: &str = "proofhouse.owner";
/// When it was created, RFC 3339.
pub const CREATED: &str = "proofhouse.created";
/// Id of the task.
pub const TASK: &str = "proofhouse.task";
/// Name of the container in the task definition.
pub const CONTAINER: &str = "proofhouse.container";
/// Role of an image: `world`, `actor`, ...
pub const IMAGE: &str = "proofhouse.image";

/// The process that created something: who it was, so that a later process can tell whether it still is.
///
/// Written `pid:start:namespace@boot`. A process id alone is used again; the start time and the boot id are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Process id.
    pub pid: u32,
    /// Start time in clock ticks since the boot; 0 when unknown.
    pub start: u64,
    /// Inode of the process namespace; 0 when unknown.
    pub namespace: u64,
    /// Boot id of the machine.
    pub boot: String,
}

/// What is known of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It runs.
    Alive,
    /// It is gone, or the machine was booted since.
    Dead,
    /// It lives in another process namespace of this machine, where nobody here can look.
    Unknown,
}

impl Owner {
    /// This process.
    #[must_use]
    pub fn this_process() -> Self {
        let pid = std::process::id();
        Self { pid, start: start_time(pid).unwrap_or(0), namespace: namespace(), boot: boot_id() }
    }

    /// As a label's value.
    #[must_use]
    pub fn to_label(&self) -> String {
        format!("{}:{}:{}@{}", self.pid, self.start, self.namespace, self.boot)
    }

    /// Reads a label's value.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        let (process, boot) = label.split_once('@')?;
        let mut numbers = process.split(':');
        let owner = Self {
            pid: numbers.next()?.parse().ok()?,
            start: numbers.next()?.parse().ok()?,
            namespace: numbers.next()?.parse().ok()?,
            boot: boot.to_owned(),
        };
        numbers.next().is_none().then_some(owner)
    }

    /// Whether that process still runs.
    #[must_use]
    pub fn life(&self) -> Life {
        if self.boot != boot_id() {
            return Life::Dead;
        }
        if self.namespace != namespace() {
            return Life::Unknown;
        }
        match start_time(self.pid) {
            Some(start) if start == self.start => Life::Alive,
            _ => Life::Dead,
        }
    }
}

/// Field 22 of `/proc/<pid>/stat`; the command in field 2 may hold blanks and parentheses.
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind_command) = stat.rsplit_once(')')?;
    behind_command.split_whitespace().nth(19)?.parse().ok()
}

fn namespace() -> u64 {
    let link = fs::read_link("/proc/self/ns/pid").ok();
    let text = link.as_ref().and_then(|link| link.to_str()).unwrap_or_default();
    text.trim_start_matches("pid:[").trim_end_matches(']').parse().unwrap_or(0)
}

fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map_or_else(|_| "unknown".to_owned(), |id| id.trim().to_owned())
}

/// Labels that all objects of a run share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLabels {
    /// Id of the run.
    pub run: String,
    /// Id of the scenario.
    pub scenario: String,
    /// Who creates.
    pub owner: Owner,
    /// Any others.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
}

impl RunLabels {
    /// Labels of this process.
    #[must_use]
    pub fn new(run: &str, scenario: &str) -> Self {
        Self {
            run: run.to_owned(),
            scenario: scenario.to_owned(),
            owner: Owner::this_process(),
            extra: BTreeMap::new(),
        }
    }

    /// As a map; ours win over `extra`.
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<String, String> {
        let mut map = self.extra.clone();
        map.insert(RUN.to_owned(), self.run.clone());
        map.insert(SCENARIO.to_owned(), self.scenario.clone());
        map.insert(OWNER.to_owned(), self.owner.to_label());
        map.insert(CREATED.to_owned(), jiff::Timestamp::now().to_string());
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn this_process_is_alive_and_others_are_not() {
        let own = Owner::this_process();
        assert_eq!(own.life(), Life::Alive);
        assert_eq!(Owner { start: own.start + 1, ..own.clone() }.life(), Life::Dead, "the id was used again");
        assert_eq!(Owner { boot: "before".to_owned(), ..own.clone() }.life(), Life::Dead);
        assert_eq!(Owner { namespace: own.namespace + 1, ..own.clone() }.life(), Life::Unknown);
        assert_eq!(Owner { pid: u32::MAX, ..own }.life(), Life::Dead);
    }

    proptest! {
        #[test]
        fn labels_come_back(pid: u32, start: u64, namespace: u64, boot in "[0-9a-f-]{0,36}") {
            let owner = Owner { pid, start, namespace, boot };
            prop_assert_eq!(Owner::from_label(&owner.to_label()), Some(owner));
        }

        #[test]
        fn any_text_is_refused_or_an_owner(text in any::<String>()) {
            if let Some(owner) = Owner::from_label(&text) {
                prop_assert!(text.ends_with(&owner.boot));
            }
        }
    }
}
