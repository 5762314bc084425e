//! The records of a scenario, and the questions that all checks ask of them.

use super::act::{Act, acts};
use super::text::since;
use crate::HistoryRecord;
use proofhouse_protocol::EmbedNames;
use proofhouse_protocol::observation::{
    Blame, Body, ContainerHappening, DefinitionRole, Observation, Source, TaskKind,
};
use proofhouse_protocol::task::TaskRecord;
use serde_json::Value;
use std::collections::BTreeSet;

/// The records of a scenario before a check was made. Everything a check knows comes from here.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    records: &'a [HistoryRecord],
}

/// An answer of the Console, as its user got it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer<'a> {
    pub record: &'a HistoryRecord,
    pub call: (&'a str, &'a str),
    pub status: u16,
    pub body: &'a Body,
}

/// Something that happened to a container.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happened<'a> {
    pub index: usize,
    pub record: &'a HistoryRecord,
    pub container: &'a str,
    pub event: ContainerHappening,
    pub code: Option<i64>,
    pub detail: &'a str,
}

// ---------------------------------------------------------------------------------------------------------------------

impl<'a> Evidence<'a> {
    /// Of these records, in their order.
    #[must_use]
    pub fn of(records: &'a [HistoryRecord]) -> Self {
        Self { records }
    }

    pub(super) fn records(self) -> &'a [HistoryRecord] {
        self.records
    }

    pub(super) fn since(self, record: &HistoryRecord) -> String {
        since(self.records, record)
    }

    pub(super) fn acts(self) -> impl Iterator<Item = Act<'a>> {
        acts(self.records)
    }

    /// What the actor did for a stimulus. What stands before the beginning of it was not caused by it.
    pub(super) fn acts_of(self, token: &str) -> impl Iterator<Item = Act<'a>> {
        let began = self.began(token).unwrap_or(usize::MAX);
        acts(self.records).filter(move |act| act.index > began && act.record.token() == Some(token))
    }

    /// The records behind the beginning of a stimulus; none where it never began.
    pub(super) fn behind(self, token: &str) -> &'a [HistoryRecord] {
        self.began(token).map_or(&[], |began| &self.records[began..])
    }

    /// `` `t-7` ("worker" runs mkdir) ``.
    pub(super) fn named(self, token: &str) -> String {
        let what = self.records.iter().find_map(|r| match r.observation() {
            Observation::Stimulus { what } if r.token() == Some(token) => Some(what),
            _ => None,
        });
        what.map_or_else(|| format!("`{token}`"), |what| format!("`{token}` ({what})"))
    }

    /// Place of the first record of a stimulus.
    pub(super) fn began(self, token: &str) -> Option<usize> {
        self.records
            .iter()
            .position(|r| r.token() == Some(token) && matches!(r.observation(), Observation::Stimulus { .. }))
    }

    /// Place of the last thing that the stimulus did; of any stimulus when no token is given.
    ///
    /// Looking is not doing: a scenario looks after its fence, to see what is there. A fence is no stimulus either.
    pub(super) fn last_activity(self, token: Option<&str>) -> Option<usize> {
        let fences: BTreeSet<&str> = self.fences().map(|(_, _, id, _)| id).collect();
        self.records.iter().rposition(|r| {
            let active = match r.observation() {
                Observation::Stimulus { .. }
                | Observation::HttpExchange { .. }
                | Observation::ExecutedFromOutside { .. }
                | Observation::StrangerHeard { .. }
                | Observation::ConsoleAnswer { .. } => true,
                Observation::Act { request, .. } => super::act::is_doing(request),
                _ => false,
            };
            active && r.token().is_some_and(|own| !fences.contains(own) && token.is_none_or(|t| own == t))
        })
    }

    /// What the harness waited for in vain, behind a place.
    pub(super) fn missed(self, behind: usize) -> Option<String> {
        self.records[behind.min(self.records.len())..].iter().rev().find_map(|r| match r.observation() {
            Observation::LimitPassed { what, limit_ms, seen } => {
                let seen = if seen.is_empty() { String::new() } else { format!("; {seen}") };
                Some(format!("{what} was waited for in vain for {limit_ms} ms{seen}"))
            }
            _ => None,
        })
    }

    // ------------------------------------------------------------------------------------------------------ the task

    /// Place of the record with which the latest task began.
    pub(super) fn task(self) -> Option<(usize, &'a str, TaskKind, &'a [String])> {
        self.tasks().last()
    }

    /// All tasks of the scenario, in their order.
    pub(super) fn tasks(self) -> impl Iterator<Item = (usize, &'a str, TaskKind, &'a [String])> {
        self.records.iter().enumerate().filter_map(|(index, r)| match r.observation() {
            Observation::TaskBegan { task, run, containers } => {
                Some((index, task.as_str(), *run, containers.as_slice()))
            }
            _ => None,
        })
    }

    /// What the Console embeds is called: as the scenario began, or as published.
    pub(super) fn embed_names(self) -> EmbedNames {
        let told = self.records.iter().rev().find_map(|r| match r.observation() {
            Observation::ScenarioBegan { embed, .. } => Some(embed.clone()),
            _ => None,
        });
        told.unwrap_or_default()
    }

    /// Who answers for what programs, names and requests of the task do: its Defender, where it has one.
    pub(super) fn subject(self) -> Blame {
        match self.task() {
            Some((_, _, TaskKind::Protected, _)) => Blame::Defender,
            _ => Blame::Fargate,
        }
    }

    /// The latest task's record as it was last told.
    pub(super) fn task_record(self) -> Option<(&'a HistoryRecord, &'a TaskRecord)> {
        let began = self.task().map_or(0, |(index, ..)| index);
        self.records[began..].iter().rev().find_map(|r| match r.observation() {
            Observation::TaskRecord { record } => Some((r, &**record)),
            _ => None,
        })
    }

    /// All that happened to containers, of any task.
    pub(super) fn happened(self) -> impl Iterator<Item = Happened<'a>> {
        self.records.iter().enumerate().filter_map(|(index, record)| {
            let Source::Container(container) = &record.recording.source else { return None };
            let Observation::ContainerEvent { event, exit_code, detail } = record.observation() else {
                return None;
            };
            Some(Happened { index, record, container, event: *event, code: *exit_code, detail })
        })
    }

    /// What happened to a container of the latest task.
    pub(super) fn happened_to(self, container: &str) -> impl Iterator<Item = Happened<'a>> {
        let began = self.task().map_or(0, |(index, ..)| index);
        self.happened().filter(move |one| one.index >= began && one.container == container)
    }

    // --------------------------------------------------------------------------------------------------- the Console

    /// The last answer with a token.
    pub(super) fn answer(self, token: &str) -> Option<Answer<'a>> {
        self.answers().filter(|answer| answer.record.token() == Some(token)).last()
    }

    /// All answers of the Console.
    pub(super) fn answers(self) -> impl Iterator<Item = Answer<'a>> {
        self.records.iter().filter_map(|record| match record.observation() {
            Observation::ConsoleAnswer { method, path, status, body, .. } => {
                Some(Answer { record, call: (method, path), status: *status, body })
            }
            _ => None,
        })
    }

    /// The last document of a role.
    pub(super) fn definition(self, role: DefinitionRole) -> Option<(&'a HistoryRecord, &'a Value)> {
        self.records.iter().rev().find_map(|r| match r.observation() {
            Observation::Definition { role: own, document } if *own == role => Some((r, document)),
            _ => None,
        })
    }

    /// Something that was done, and whose beginning the records do not have: they are not whole.
    pub(super) fn headless(self) -> Option<&'a HistoryRecord> {
        self.records.iter().find(|r| {
            let done = match r.observation() {
                Observation::HttpExchange { .. } => true,
                Observation::Act { request, .. } => super::act::is_doing(request),
                _ => false,
            };
            done && r.token().is_some_and(|token| !self.is_fence(token) && self.began(token).is_none())
        })
    }

    /// The App ID that the Defender of the latest task said hello with.
    pub(super) fn app_id(self) -> Option<(&'a HistoryRecord, &'a str)> {
        let began = self.task().map_or(self.records.len(), |(index, ..)| index);
        self.records[began..].iter().rev().find_map(|r| match r.observation() {
            Observation::LinkConnected { app_id, .. } => Some((r, app_id.as_str())),
            _ => None,
        })
    }
}

impl Answer<'_> {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The call and what came, in words.
    pub(super) fn shown(&self) -> String {
        let body = super::text::with_body(&self.body.text);
        format!("{} {} was answered {} {body}", self.call.0, self.call.1, self.status)
    }
}
