//! Tasks that run, and those that have for as long as they can be described.

use super::document::{self, Facts};
use super::page::{Paging, page};
use super::{ApiError, Life, Names, task_id};
use crate::lifecycle::StopReason;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long a task that is over can be described: ECS says "at least one hour" (declared choice: one hour).
const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// A task.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Place in the order of starts.
    pub number: u64,
    /// What does not change.
    pub facts: Facts,
    /// What does.
    pub life: Life,
}

/// All of them, by id.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    entries: BTreeMap<String, Entry>,
    started: u64,
}

/// Which tasks a list has.
#[derive(Debug, Default)]
pub(super) struct Chosen<'a> {
    pub family: Option<&'a str>,
    pub started_by: Option<&'a str>,
    pub stopping: bool,
}

impl Tasks {
    /// Keeps a task that begins.
    pub fn add(&mut self, facts: Facts, life: Life) {
        self.started += 1;
        self.entries.insert(facts.id.clone(), Entry { number: self.started, facts, life });
    }

    /// Forgets tasks that are over for long enough.
    pub fn forget(&mut self, now: Timestamp) {
        self.entries
            .retain(|_, entry| entry.life.progress().over.is_none_or(|over| now.duration_since(over) < KEPT));
    }

    /// The task of an id or ARN.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.get(task_id(name)?)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The documents of tasks; those that are not known are failures with the reason MISSING.
    pub fn describe(&self, names: &Names, asked: &[String], with_tags: bool) -> Value {
        let (mut tasks, mut failures) = (Vec::new(), Vec::new());
        for name in asked {
            match self.find(name) {
                Some(entry) => {
                    tasks.push(document::task(names, &entry.facts, &entry.life.progress(), with_tags))
                }
                None => {
                    let id = name.rsplit('/').next().unwrap_or(name);
                    failures.push(json!({"arn": names.task(id), "reason": "MISSING"}));
                }
            }
        }
        json!({"tasks": tasks, "failures": failures})
    }

    /// ARNs of tasks, in the order of their starts.
    pub fn list(&self, names: &Names, chosen: &Chosen<'_>, paging: &Paging<'_>) -> Result<Value, ApiError> {
        let fits = |entry: &&Entry| {
            entry.life.progress().is_stopping() == chosen.stopping
                && chosen.family.is_none_or(|family| family == entry.facts.family)
                && chosen.started_by.is_none_or(|by| entry.facts.started_by.as_deref() == Some(by))
        };
        let found = self.entries.values().filter(fits);
        let items =
            found.map(|entry| (format!("{:020}", entry.number), names.task(&entry.facts.id))).collect();
        page("taskArns", items, paging)
    }

    /// Asks a task to stop, and returns its document at once.
    pub fn stop(&self, names: &Names, name: &str, reason: Option<&str>) -> Result<Value, ApiError> {
        let entry =
            self.find(name).ok_or_else(|| ApiError::parameter("The referenced task was not found."))?;
        entry.life.stop(StopReason::user(reason));
        Ok(json!({"task": document::task(names, &entry.facts, &entry.life.progress(), false)}))
    }
}
