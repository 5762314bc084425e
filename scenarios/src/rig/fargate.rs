//! What Fargate says to a definition, before anything of it exists.

use super::RigError;
use proofhouse_harness::definition::{Cpu, Memory, TaskDefinition};
use proofhouse_harness::labels;
use proofhouse_harness::plan::{Plan, PlanOptions};
use proofhouse_harness::rules::{self, Date, Finding};
use proofhouse_protocol::observation::{Rejection, Validation};
use serde_json::Value;
use std::collections::BTreeMap;

/// The task id of plans that are only looked at: equal definitions give equal plans.
const TASK_ID: &str = "00000000000000000000000000000000";

/// What Fargate says to a definition as RegisterTaskDefinition would, today, and how it reads it.
///
/// # Errors
/// When it is no task definition.
pub fn validate(name: &str, definition: &Value) -> Result<Validation, RigError> {
    let mut found = TaskDefinition::parse_all(name, &definition.to_string())?;
    let definition = found.remove(0);
    let reasons = rules::check(&definition, Date::today());
    let rejections = reasons.iter().filter(|reason| reason.rejects()).map(|reason: &Finding| Rejection {
        class: reason.class.0.clone(),
        path: reason.path.clone(),
        message: reason.message.clone(),
    });
    Ok(Validation {
        rejections: rejections.collect(),
        cpu: definition.cpu.map(|Cpu(units)| units),
        memory: definition.memory.map(|Memory(mib)| mib),
        disk: definition.disk_size(),
    })
}

/// What would be created for a definition, as a value that can be compared, without the time; and how long each container has to
/// stop, in milliseconds.
///
/// # Errors
/// When it cannot be read or planned.
pub fn planned(
    name: &str,
    definition: &Value,
    mut options: PlanOptions,
) -> Result<(Value, BTreeMap<String, u64>), RigError> {
    options.task_id = Some(TASK_ID.to_owned());
    let definition = TaskDefinition::parse(name, &definition.to_string())?;
    let plan = Plan::new(&definition, &options)?;
    let milliseconds = |name: &str| {
        let timeout = plan.graph().node(name).map(|node| node.stop_timeout)?;
        Some((name.to_owned(), u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)))
    };
    let timeouts = plan.containers.iter().filter_map(|container| milliseconds(&container.name)).collect();
    let mut json = plan.to_json();
    forget_the_time(&mut json);
    Ok((json, timeouts))
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
