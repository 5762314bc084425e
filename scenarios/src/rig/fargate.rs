//! What Fargate says to a definition, before anything of it exists.

use super::RigError;
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::labels;
use proofhouse_harness::plan::{Plan, PlanOptions};
use proofhouse_harness::rules::{self, Date, Finding};
use serde_json::Value;
use std::time::Duration;

/// A definition, and what Fargate has against it today.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// As the simulated Fargate reads it.
    pub definition: TaskDefinition,
    /// Reasons to reject it, in the order of the text; none when it is accepted.
    pub reasons: Vec<Finding>,
}

/// Judges a definition as RegisterTaskDefinition would.
///
/// # Errors
/// When it is no task definition.
pub fn judge(name: &str, definition: &Value) -> Result<Judgement, RigError> {
    let mut found = TaskDefinition::parse_all(name, &definition.to_string())?;
    let definition = found.remove(0);
    let mut reasons = rules::check(&definition, Date::today());
    reasons.retain(Finding::rejects);
    Ok(Judgement { definition, reasons })
}

/// What would be created for a definition, as a value that can be compared: without the time.
///
/// # Errors
/// When it cannot be read or planned.
pub fn planned(name: &str, definition: &Value, options: &PlanOptions) -> Result<Value, RigError> {
    let definition = TaskDefinition::parse(name, &definition.to_string())?;
    let mut plan = Plan::new(&definition, options)?.to_json();
    forget_the_time(&mut plan);
    Ok(plan)
}

/// How long a container has to stop; `None` where there is no such container.
///
/// # Errors
/// When the definition cannot be read or planned.
pub fn stop_timeout(
    name: &str,
    definition: &Value,
    options: &PlanOptions,
    container: &str,
) -> Result<Option<Duration>, RigError> {
    let definition = TaskDefinition::parse(name, &definition.to_string())?;
    let plan = Plan::new(&definition, options)?;
    Ok(plan.graph().node(container).map(|node| node.stop_timeout))
}

fn forget_the_time(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|key, _| key != labels::CREATED);
            members.values_mut().for_each(forget_the_time);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_the_time),
        _ => {}
    }
}
