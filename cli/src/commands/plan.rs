//! `proofhouse plan`.

use super::{Done, embed};
use crate::arguments::PlanArguments;
use crate::failure::{Failure, chain};
use crate::{input, output};
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::labels::RunLabels;
use proofhouse_harness::plan::{Plan, PlanOptions};
use proofhouse_reports::ExitCode;
use serde_json::{Value, json};

/// Environment of the sidecar with a private key inside.
const BUNDLE: &str = "INSTALL_BUNDLE=";

/// Prints what running a definition would create.
pub fn plan(arguments: &PlanArguments) -> Done {
    let (name, mut text) = input::read(&arguments.file)?;
    let mut definition = TaskDefinition::parse(&name, &text)?;
    if arguments.protect {
        let console = embed::console()?;
        let request =
            console.embed_request("console.proofhouse.test").map_err(|error| embed::defect(&error))?;
        text = embed::protect(&name, &text, &request)?.to_string();
        definition = TaskDefinition::parse(&name, &text)?;
    }
    let mut options = PlanOptions::new(RunLabels::new("plan", "plan"), "proofhouse/world");
    for container in &definition.containers {
        // Nothing runs, so the name of a secret can stand for its value.
        for secret in &container.secrets {
            options.stand_ins.set_secret(&secret.value_from, &format!("<{}>", secret.value_from));
        }
        for file in &container.environment_files {
            options.stand_ins.set_environment_file(file, "");
        }
    }
    let plan = Plan::new(&definition, &options).map_err(|error| {
        Failure::input(
            chain(&error),
            "correct the definition; `proofhouse validate` says what else is wrong with it",
        )
    })?;
    if arguments.json {
        let mut value = plan.to_json();
        redact(&mut value);
        return output::json(&value);
    }
    output::line(plan.to_string().trim_end());
    Ok(ExitCode::Passed)
}

/// Takes install bundles out; they hold the private key of a Defender.
fn redact(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with(BUNDLE) => *value = json!(format!("{BUNDLE}<redacted>")),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(members) => members.values_mut().for_each(redact),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_are_taken_out_wherever_they_stand() {
        let mut value =
            json!({"containers": [{"environment": ["INSTALL_BUNDLE=c2VjcmV0", "A=INSTALL_BUNDLE"]}]});
        redact(&mut value);
        let expected =
            json!({"containers": [{"environment": ["INSTALL_BUNDLE=<redacted>", "A=INSTALL_BUNDLE"]}]});
        assert_eq!(value, expected);
    }
}
