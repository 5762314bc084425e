//! The same app, bare and protected: what it says of itself, and how it ends.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Blame, DefinitionRole, LogStream, Observation, Source, TaskKind};
use proofhouse_protocol::task::TaskRecord;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the embed adds to an app container (`runtime-and-embed.md` 4.1).
const ADDED: [&str; 6] = [
    "TW_IMAGE_NAME",
    "TW_CONTAINER_NAME",
    "DEFENDER_TYPE",
    "FARGATE_TASK",
    "FILESYSTEM_MONITORING",
    "FIPS_ENABLED",
];

/// What differs from task to task on Fargate too: the id of the task is in the metadata addresses.
const OF_THE_TASK: [&str; 3] =
    ["ECS_CONTAINER_METADATA_URI", "ECS_CONTAINER_METADATA_URI_V4", "ECS_AGENT_URI"];

/// One run of the definition: its records, from its beginning to that of the next task.
struct Run<'a> {
    records: &'a [HistoryRecord],
}

fn run(evidence: Evidence<'_>, wanted: TaskKind) -> Option<Run<'_>> {
    let tasks: Vec<_> = evidence.tasks().collect();
    let place = tasks.iter().rposition(|(_, _, kind, _)| *kind == wanted)?;
    let end = tasks.get(place + 1).map_or(evidence.records().len(), |(index, ..)| *index);
    Some(Run { records: &evidence.records()[tasks[place].0..end] })
}

impl<'a> Run<'a> {
    /// What a container's app said of itself: the first line of JSON on its output.
    fn description(&self, container: &str) -> Option<(&'a HistoryRecord, Value)> {
        let source = Source::Container(container.to_owned());
        self.records.iter().find_map(|r| match r.observation() {
            Observation::Log { stream: LogStream::Stdout, line }
                if r.recording.source == source && line.starts_with('{') =>
            {
                serde_json::from_str(line).ok().map(|value| (r, value))
            }
            _ => None,
        })
    }

    /// What a container wrote to one of its outputs, line by line.
    fn written(&self, container: &str, on: LogStream) -> Vec<(u64, &'a str)> {
        let source = Source::Container(container.to_owned());
        let lines = self.records.iter().filter(|r| r.recording.source == source);
        lines
            .filter_map(|r| match r.observation() {
                Observation::Log { stream, line } if *stream == on => Some((r.sequence, line.as_str())),
                _ => None,
            })
            .collect()
    }

    /// The record of the end of a container.
    fn end_of(&self, container: &str) -> Option<(u64, i64)> {
        let (record, task) = self.record()?;
        Some((record.sequence, task.containers.get(container)?.exit_code?))
    }

    fn record(&self) -> Option<(&'a HistoryRecord, &'a TaskRecord)> {
        self.records.iter().rev().find_map(|r| match r.observation() {
            Observation::TaskRecord { record } => Some((r, &**record)),
            _ => None,
        })
    }
}

/// The two descriptions of a container. What it says bare and not under the Defender is the Defender's doing.
fn descriptions(evidence: Evidence<'_>, container: &str) -> Result<([u64; 2], Value, Value), Conclusion> {
    let (Some(bare), Some(protected)) = (run(evidence, TaskKind::Bare), run(evidence, TaskKind::Protected))
    else {
        return Err(Conclusion::unproved("there is no bare and no protected run to compare"));
    };
    let Some((left, bare)) = bare.description(container) else {
        return Err(Conclusion::unproved(format!("\"{container}\" did not describe itself in its bare run")));
    };
    let Some((right, described)) = protected.description(container) else {
        let ended = protected.record().is_some_and(|(_, task)| {
            task.containers.get(container).is_some_and(|one| one.exit_code.is_some())
        });
        let said = format!("\"{container}\" did not describe itself under the Defender");
        return Err(if ended {
            Conclusion::broken(Blame::Defender, said).on([left.sequence])
        } else {
            Conclusion::unproved(format!("{said}, and has not ended")).on([left.sequence])
        });
    };
    Ok(([left.sequence, right.sequence], bare, described))
}

/// Arguments, working directory, user, group and executable are equal.
pub(super) fn same_description(evidence: Evidence<'_>, container: &str) -> Conclusion {
    let (on, bare, protected) = match descriptions(evidence, container) {
        Ok(both) => both,
        Err(conclusion) => return conclusion,
    };
    let different: Vec<_> = ["argv", "cwd", "uid", "gid", "exe"]
        .into_iter()
        .filter(|member| bare[*member] != protected[*member])
        .map(|member| format!("{member} was {} and is {}", bare[member], protected[member]))
        .collect();
    let said = if different.is_empty() {
        format!("\"{container}\" runs as it does without the Defender")
    } else {
        format!("expected \"{container}\" as it is without the Defender; {}", different.join(", "))
    };
    Conclusion::either(different.is_empty(), Blame::Defender, said).on(on)
}

/// The environments of all containers are equal but for what the embed adds, and what differs from task to task.
pub(super) fn same_environment(evidence: Evidence<'_>) -> Conclusion {
    let bare = evidence.tasks().filter(|(_, _, kind, _)| *kind == TaskKind::Bare).last();
    let Some((_, _, _, containers)) = bare else {
        return Conclusion::unproved("there is no bare run to compare with");
    };
    let (mut on, mut different) = (Vec::new(), Vec::new());
    for container in containers {
        let (records, bare, protected) = match descriptions(evidence, container) {
            Ok(both) => both,
            Err(conclusion) => return conclusion,
        };
        on.extend(records);
        let (bare, protected) = (environment(&bare), environment(&protected));
        for name in bare.keys().chain(protected.keys()).filter(|name| !ADDED.contains(&name.as_str())) {
            if bare.get(name) != protected.get(name) {
                let (was, is) = (shown(bare.get(name)), shown(protected.get(name)));
                different.push((container, name.clone(), format!("{name} was {was} and is {is}")));
            }
        }
        let missing = ADDED.iter().filter(|name| !protected.contains_key(**name));
        different.extend(missing.map(|name| (container, (*name).to_owned(), format!("{name} is missing"))));
    }
    let Some((container, name, _)) = different.first() else {
        return Conclusion::holds("the environments differ by what the embed adds, and by nothing else")
            .on(on);
    };
    // What the embedded definition gives otherwise than the original, or should add and does not, the Console made; the rest the
    // Defender did.
    let definition = |role| evidence.definition(role);
    let by = match (definition(DefinitionRole::Original), definition(DefinitionRole::Embedded)) {
        (Some((_, original)), Some((_, embedded)))
            if is_the_consoles(original, embedded, container, name) =>
        {
            Blame::Console
        }
        _ => Blame::Defender,
    };
    let words: Vec<_> = different.iter().map(|(_, _, words)| words.as_str()).collect();
    Conclusion::broken(
        by,
        format!("expected the environment as it is without the Defender; {}", words.join(", ")),
    )
    .on(on)
}

fn is_the_consoles(original: &Value, embedded: &Value, container: &str, name: &str) -> bool {
    let given = variable(embedded, container, name);
    if ADDED.contains(&name) { given.is_none() } else { given != variable(original, container, name) }
}

/// The value of a variable in a definition.
fn variable<'a>(definition: &'a Value, container: &str, name: &str) -> Option<&'a Value> {
    let variables = super::embedding::container(definition, container)?["environment"].as_array()?;
    variables.iter().find(|one| one["name"] == name).map(|one| &one["value"])
}

fn environment(description: &Value) -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, String> =
        serde_json::from_value(description["env"].clone()).unwrap_or_default();
    variables.retain(|name, _| !OF_THE_TASK.contains(&name.as_str()));
    variables
}

/// The value of a variable, cut: it may be long.
fn shown(value: Option<&String>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(value) => format!("`{}`", cut(value)),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Both runs wrote the same lines to each output, and something.
pub(super) fn same_output(evidence: Evidence<'_>, container: &str) -> Conclusion {
    let (Some(bare), Some(protected)) = (run(evidence, TaskKind::Bare), run(evidence, TaskKind::Protected))
    else {
        return Conclusion::unproved("there is no bare and no protected run to compare");
    };
    let (Some((left, _)), Some((right, _))) = (bare.end_of(container), protected.end_of(container)) else {
        return Conclusion::unproved(format!("\"{container}\" has not ended in both runs"));
    };
    let (mut on, mut lines) = (vec![left, right], 0);
    for stream in [LogStream::Stdout, LogStream::Stderr] {
        let (was, is) = (bare.written(container, stream), protected.written(container, stream));
        let text = |lines: &[(u64, &str)], at: usize| {
            lines.get(at).map_or("nothing".to_owned(), |(_, line)| format!("`{}`", cut(line)))
        };
        let same = was.iter().zip(&is).take_while(|(was, is)| was.1 == is.1).count();
        if same < was.len().max(is.len()) {
            on.extend([&was, &is].into_iter().filter_map(|lines| Some(lines.get(same)?.0)));
            let said = format!(
                "expected what \"{container}\" writes without the Defender; line {} of its {} was {} and is {}",
                same + 1,
                if stream == LogStream::Stdout { "standard output" } else { "standard error" },
                text(&was, same),
                text(&is, same)
            );
            return Conclusion::broken(Blame::Defender, said).on(on);
        }
        on.extend(was.iter().chain(&is).map(|(record, _)| *record));
        lines += was.len();
    }
    if lines == 0 {
        return Conclusion::unproved(format!("\"{container}\" wrote nothing that could be compared")).on(on);
    }
    Conclusion::holds(format!("\"{container}\" wrote the same {lines} lines in both runs")).on(on)
}

/// Both runs ended with that code.
pub(super) fn both_exited(evidence: Evidence<'_>, container: &str, code: i64) -> Conclusion {
    let found = |kind| run(evidence, kind)?.end_of(container);
    let (Some((left, bare)), Some((right, protected))) = (found(TaskKind::Bare), found(TaskKind::Protected))
    else {
        return Conclusion::unproved(format!("\"{container}\" has not ended in both runs"));
    };
    let said = format!(
        "expected {code} of \"{container}\" from both runs, the bare one gave {bare}, the protected one {protected}"
    );
    let by = if bare == code { Blame::Defender } else { Blame::Fargate };
    Conclusion::either(bare == code && protected == code, by, said).on([left, right])
}
