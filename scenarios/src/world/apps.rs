//! The same app, bare and protected.

use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_harness::lifecycle::TaskRecord;
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

/// What an app said of itself, and how it ended.
#[derive(Debug, Clone)]
pub(crate) struct FinishedRun {
    /// How the task went.
    pub record: TaskRecord,
    /// Standard output by container.
    pub output: BTreeMap<String, String>,
}

/// The value of a variable, cut: it may be long, and a secret.
fn shown(value: Option<&String>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(value) if value.chars().count() > 40 => {
            format!("\"{}...\"", value.chars().take(40).collect::<String>())
        }
        Some(value) => format!("\"{value}\""),
    }
}

impl FinishedRun {
    fn description(&self, container: &str) -> Result<Value, StepError> {
        let output = self.output.get(container).map_or("", String::as_str);
        let line = output.lines().find(|line| line.starts_with('{')).unwrap_or_default();
        serde_json::from_str(line).map_err(|error| {
            StepError::new(format!("\"{container}\" did not describe itself ({error}); it wrote {output:?}"))
        })
    }
}

impl ScenarioWorld {
    fn both(&self) -> Result<(&FinishedRun, &FinishedRun), StepError> {
        match (&self.bare_run, &self.protected_run) {
            (Some(bare), Some(protected)) => Ok((bare, protected)),
            _ => Err(StepError::new("the scenario wants a bare and a protected run to compare")),
        }
    }

    /// What the app said of itself in both runs. That it did bare, and does not under the Defender, is the Defender's doing.
    fn descriptions(&self, container: &str) -> Result<(Value, Value), StepError> {
        let (bare, protected) = self.both()?;
        let (bare, protected) = (bare.description(container)?, protected.description(container));
        if let Err(error) = &protected {
            self.conclude("app described itself", false, format!("under the Defender {}", error.0))?;
        }
        Ok((bare, protected?))
    }

    /// Arguments, working directory, user and group are equal.
    pub(crate) fn expect_same_description(&self, container: &str) -> StepResult {
        let (bare, protected) = self.descriptions(container)?;
        let different: Vec<_> = ["argv", "cwd", "uid", "gid", "exe"]
            .into_iter()
            .filter(|member| bare[*member] != protected[*member])
            .map(|member| format!("{member} was {} and is {}", bare[member], protected[member]))
            .collect();
        self.conclude(
            "same process",
            different.is_empty(),
            format!("under the Defender {}", different.join(", ")),
        )
    }

    /// The environments are equal but for what must differ.
    pub(crate) fn expect_same_environment(&self) -> StepResult {
        let mut different = Vec::new();
        for container in self.both()?.0.output.keys() {
            let (bare, protected) = self.descriptions(container)?;
            let environment = |description: &Value| -> BTreeMap<String, String> {
                let mut variables: BTreeMap<String, String> =
                    serde_json::from_value(description["env"].clone()).unwrap_or_default();
                variables.retain(|name, _| !OF_THE_TASK.contains(&name.as_str()));
                variables
            };
            let (bare, protected) = (environment(&bare), environment(&protected));
            for name in bare.keys().chain(protected.keys()).filter(|name| !ADDED.contains(&name.as_str())) {
                if bare.get(name) != protected.get(name) {
                    let (was, is) = (shown(bare.get(name)), shown(protected.get(name)));
                    different.push(format!("{name} was {was} and is {is}"));
                }
            }
            let missing = ADDED.iter().filter(|name| !protected.contains_key(**name));
            different.extend(missing.map(|name| format!("{name} is missing")));
        }
        self.conclude(
            "same environment",
            different.is_empty(),
            format!("under the Defender {}", different.join(", ")),
        )
    }

    /// Both runs ended with that code.
    pub(crate) fn expect_both_exited(&self, container: &str, code: i64) -> StepResult {
        let (bare, protected) = self.both()?;
        let found = |run: &FinishedRun| run.record.exit_codes().get(container).copied().flatten();
        let (bare, protected) = (found(bare), found(protected));
        self.conclude(
            "exit codes",
            bare == Some(code) && protected == Some(code),
            format!(
                "expected {code} from both, the bare run gave {bare:?} and the protected one {protected:?}"
            ),
        )
    }
}
