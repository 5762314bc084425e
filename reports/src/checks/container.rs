//! What a container wrote, and how the engine has it.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::excerpt;
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Blame, ContainerFacts, Observation, Pipeline, Source};
use serde::{Deserialize, Serialize};

/// What is expected of how the engine has a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactExpectation {
    /// How its log is taken: `blocking`, or `non-blocking` with a buffer.
    LogMode {
        /// Mode.
        mode: String,
        /// Buffer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buffer: Option<String>,
    },
    /// The kernel killed a process of it for want of memory.
    OutOfMemory,
    /// The engine runs no health check of it by itself.
    NoHealthCheckOfTheEngine,
}

/// A line of the container's log has this text.
pub(super) fn wrote(evidence: Evidence<'_>, container: &str, text: &str) -> Conclusion {
    let source = Source::Container(container.to_owned());
    let began = evidence.task().map_or(0, |(index, ..)| index);
    let line = |r: &HistoryRecord| match r.observation() {
        Observation::Log { line, .. } if r.recording.source == source => Some((r.sequence, line.clone())),
        _ => None,
    };
    let lines: Vec<_> = evidence.records()[began..].iter().filter_map(line).collect();
    if let Some((sequence, line)) = lines.iter().find(|(_, line)| line.contains(text)) {
        return Conclusion::holds(format!("\"{container}\" wrote `{}`", excerpt(line))).on([*sequence]);
    }
    let last =
        lines.last().map_or_else(|| "nothing".to_owned(), |(_, line)| format!("`{}` last", excerpt(line)));
    let said =
        format!("expected `{text}` in the log of \"{container}\"; it has {} lines, {last}", lines.len());
    let lost = super::loss::on(evidence.records(), &Pipeline::Logs { container: container.to_owned() });
    // A container that has ended writes nothing any more; the end of its log is told before the end of its task.
    let over = evidence
        .task_record()
        .filter(|(_, task)| task.status == proofhouse_protocol::task::TaskStatus::Stopped);
    match (lost, over) {
        (Some(why), _) => Conclusion::unproved(format!("{said}, but evidence was lost: {why}")),
        (None, Some((record, _))) => Conclusion::broken(evidence.subject(), said).on([record.sequence]),
        (None, None) => {
            let why = evidence.missed(began).unwrap_or_else(|| "it may still write it".to_owned());
            Conclusion::unproved(format!("{said}: {why}"))
        }
    }
}

/// How the engine has a container, as it was last inspected.
pub(super) fn facts(evidence: Evidence<'_>, container: &str, expect: &FactExpectation) -> Conclusion {
    let source = Source::Container(container.to_owned());
    let began = evidence.task().map_or(0, |(index, ..)| index);
    let seen = evidence.records()[began..].iter().rev().find_map(|r| match r.observation() {
        Observation::Inspected { engine, .. } if r.recording.source == source => Some((r, engine)),
        _ => None,
    });
    let Some((record, engine)) = seen else {
        return Conclusion::unproved(format!("the engine was not asked for \"{container}\""));
    };
    let (fits, said) = fits(engine, container, expect);
    match fits {
        Some(fits) => Conclusion::either(fits, Blame::Fargate, said),
        None => Conclusion::unproved(said),
    }
    .on([record.sequence])
}

/// Whether the facts are as expected; none where the engine did not tell.
fn fits(engine: &ContainerFacts, container: &str, expect: &FactExpectation) -> (Option<bool>, String) {
    match expect {
        FactExpectation::LogMode { mode, buffer } => {
            let buffer_words = |buffer: &Option<String>| buffer.clone().unwrap_or_else(|| "none".to_owned());
            let found = engine.log_mode.as_deref();
            let said = format!(
                "expected that the log of \"{container}\" is {mode} with the buffer {}, it is {} with {}",
                buffer_words(buffer),
                found.unwrap_or("not told"),
                buffer_words(&engine.log_buffer)
            );
            (found.map(|found| found == mode && engine.log_buffer == *buffer), said)
        }
        FactExpectation::OutOfMemory => {
            let said = format!(
                "expected that \"{container}\" ran out of memory, the engine says {:?}",
                engine.out_of_memory
            );
            (engine.out_of_memory, said)
        }
        FactExpectation::NoHealthCheckOfTheEngine => {
            let found = engine.engine_health.as_deref();
            let said = format!(
                "expected that the engine does not check the health of \"{container}\", it says {}",
                found.unwrap_or("nothing")
            );
            (found.map(|found| found == "none"), said)
        }
    }
}
