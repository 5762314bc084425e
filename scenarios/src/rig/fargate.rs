//! What Fargate says to a definition, before anything of it exists.

use super::RigError;
use futures_util::future::BoxFuture;
use proofhouse_harness::definition::{Cpu, Memory, TaskDefinition};
use proofhouse_harness::ecs::{ApiError, Ecs, Life, Operation, TaskOrder, TaskRunner};
use proofhouse_harness::labels::{self, RunLabels};
use proofhouse_harness::plan::{Plan, PlanOptions};
use proofhouse_harness::rules::{self, Date, Finding, Table};
use proofhouse_protocol::observation::{Rejection, Validation};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// A runner that starts nothing, and counts what it was to start.
#[derive(Default)]
struct Idle {
    started: AtomicUsize,
}

impl TaskRunner for Idle {
    fn prepare(&self, definition: Value) -> BoxFuture<'_, Result<Value, ApiError>> {
        Box::pin(async move { Ok(definition) })
    }

    fn plan(&self, order: &TaskOrder) -> Result<Plan, ApiError> {
        let refused = |error: String| ApiError::client(error);
        let definition = TaskDefinition::parse("the definition", &order.definition.to_string());
        let definition = definition.map_err(|error| refused(error.to_string()))?;
        let mut options = PlanOptions::new(RunLabels::new("ecs", "ecs"), "proofhouse/world");
        options.task_id = Some(order.id.clone());
        Plan::new(&definition, &options).map_err(|error| refused(error.to_string()))
    }

    fn start(&self, _: TaskOrder, _: Plan, _: Life) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    fn heard(&self, _: &str) {}
}

/// What ECS says when it is asked to register a definition and to run it once with these overrides, by its API. A refusal of RunTask
/// is at `overrides`; one in words that are not a class's has the name of the exception for its class.
///
/// # Errors
/// When it is no task definition, or a refused task was to start all the same.
pub async fn run_with_overrides(definition: &Value, overrides: &Value) -> Result<Validation, RigError> {
    let mut validation = validate("the definition", definition)?;
    let runner = Arc::new(Idle::default());
    let ecs = Ecs::new("us-east-1", Arc::<Idle>::clone(&runner) as Arc<dyn TaskRunner>);
    let registered = ecs.call(Operation::RegisterTaskDefinition, definition.to_string().as_bytes()).await;
    let answer = match registered {
        Ok(answer) => {
            let request = json!({
                "taskDefinition": answer["taskDefinition"]["taskDefinitionArn"],
                "launchType": "FARGATE",
                "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
                "overrides": overrides,
            });
            ecs.call(Operation::RunTask, request.to_string().as_bytes()).await
        }
        Err(error) => Err(error),
    };
    let started = runner.started.load(Ordering::Relaxed);
    match answer {
        Ok(_) if started == 1 => {}
        Ok(_) => {
            return Err(RigError::Ecs(format!("RunTask was answered, and {started} tasks were started")));
        }
        Err(error) => {
            if started > 0 {
                return Err(RigError::Ecs(format!("RunTask was refused ({error}), and a task was started")));
            }
            let class = Table::fargate().class_of_request(&error.message);
            validation.rejections.push(Rejection {
                class: class.map_or_else(|| error.kind.to_string(), ToString::to_string),
                path: "overrides".to_owned(),
                message: error.message,
            });
        }
    }
    Ok(validation)
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
