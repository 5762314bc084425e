//! The API itself: a request in, an answer or a refusal out.

use super::definitions::Definitions;
use super::document::seconds;
use super::input::{self, parameters};
use super::register;
use super::run::cluster;
use super::tasks::Tasks;
use super::{ACCOUNT, ApiError, ErrorKind, Names, Operation, TaskRunner};
use crate::lifecycle::StopReason;
use crate::rules::Date;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tasks that one request describes at the most (API model).
const DESCRIBED: usize = 100;

/// The API. Nothing of it is kept when it ends.
pub struct Ecs {
    pub(super) names: Names,
    pub(super) runner: Arc<dyn TaskRunner>,
    state: Mutex<State>,
}

/// What there is now.
#[derive(Default)]
pub(super) struct State {
    pub definitions: Definitions,
    pub tasks: Tasks,
    /// Client tokens of RunTask: the request, and the tasks that it started.
    pub tokens: BTreeMap<String, (Value, Vec<String>)>,
    /// Whether no task begins any more.
    pub ended: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfDefinition {
    task_definition: String,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfTasks {
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    tasks: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfTask {
    #[serde(default)]
    cluster: Option<String>,
    task: String,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Execute {
    #[serde(default)]
    cluster: Option<String>,
    task: String,
    #[serde(default)]
    container: Option<String>,
    #[serde(rename = "command")]
    _command: String,
    #[serde(rename = "interactive")]
    _interactive: bool,
}

impl Ecs {
    /// An API in a region, without any definition or task.
    #[must_use]
    pub fn new(region: &str, runner: Arc<dyn TaskRunner>) -> Self {
        Self { names: Names::new(region), runner, state: Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tasks.forget(Timestamp::now());
        state
    }

    /// Carries out a call.
    ///
    /// # Errors
    /// A refusal, as ECS gives it.
    pub async fn call(&self, operation: Operation, body: &[u8]) -> Result<Value, ApiError> {
        let answer = self.carry_out(operation, body).await;
        match &answer {
            Err(error) => self.runner.heard(&format!("{operation} refused: {error}")),
            Ok(answer) => {
                if let Some(words) = change(operation, answer) {
                    self.runner.heard(&words);
                }
            }
        }
        answer
    }

    async fn carry_out(&self, operation: Operation, body: &[u8]) -> Result<Value, ApiError> {
        let body = input::body(body)?;
        match operation {
            Operation::RegisterTaskDefinition => self.register(body).await,
            Operation::DescribeTaskDefinition => self.describe_definition(body),
            Operation::DeregisterTaskDefinition => {
                let request: OfDefinition = parameters(body)?;
                let at = seconds(Timestamp::now());
                let revision = self.state().definitions.deregister(&request.task_definition, at)?;
                Ok(json!({"taskDefinition": revision.document}))
            }
            Operation::ListTaskDefinitions => super::list::definitions(&body, &self.state().definitions),
            Operation::RunTask => self.run(body),
            Operation::DescribeTasks => self.describe_tasks(body),
            Operation::ListTasks => super::list::tasks(&body, &self.names, &self.state().tasks),
            Operation::StopTask => {
                let request: OfTask = parameters(body)?;
                cluster(&self.names, request.cluster.as_deref())?;
                self.state().tasks.stop(&self.names, &request.task, request.reason.as_deref())
            }
            Operation::ExecuteCommand => self.execute(body),
            Operation::DescribeClusters => {
                super::list::describe_clusters(&body, &self.names, &self.state().tasks)
            }
            Operation::ListClusters => Ok(json!({"clusterArns": [self.names.cluster()]})),
        }
    }

    async fn register(&self, body: Value) -> Result<Value, ApiError> {
        let today = Date::today();
        // First as it came, so that the words are about what the caller wrote.
        register::judge(&body, today)?;
        let prepared = self.runner.prepare(body.clone()).await?;
        register::judge(&prepared, today).map_err(|error| {
            let words = format!("{} (it was taken as it came, and not as it is embedded)", error.message);
            if prepared == body { error } else { ApiError { message: words, ..error } }
        })?;
        let (whole, tags) = register::written_out(&prepared);
        let by = format!("arn:aws:iam::{ACCOUNT}:root");
        let at = seconds(Timestamp::now());
        let revision = self.state().definitions.register(&self.names, whole, tags, &by, at);
        Ok(json!({"taskDefinition": revision.document, "tags": revision.tags}))
    }

    fn describe_definition(&self, body: Value) -> Result<Value, ApiError> {
        let request: OfDefinition = parameters(body)?;
        let state = self.state();
        // The reference has no text for it: a declared choice, as is the class.
        let unknown = || ApiError::client("Unable to describe task definition.");
        let revision = state.definitions.find(&request.task_definition).ok_or_else(unknown)?;
        let mut answer = json!({"taskDefinition": revision.document});
        if request.include.iter().any(|one| one == "TAGS") {
            answer["tags"] = json!(revision.tags);
        }
        Ok(answer)
    }

    fn describe_tasks(&self, body: Value) -> Result<Value, ApiError> {
        let request: OfTasks = parameters(body)?;
        cluster(&self.names, request.cluster.as_deref())?;
        if request.tasks.is_empty() {
            return Err(ApiError::parameter("Tasks cannot be empty."));
        }
        if request.tasks.len() > DESCRIBED {
            return Err(ApiError::parameter(format!("tasks can have at most {DESCRIBED} items")));
        }
        let with_tags = request.include.iter().any(|one| one == "TAGS");
        Ok(self.state().tasks.describe(&self.names, &request.tasks, with_tags))
    }

    /// Always a refusal: what ECS Exec starts is not a child of the wrapped entry point, so it would be outside of the
    /// Defender, and a simulation of it would prove nothing (decision 10).
    fn execute(&self, body: Value) -> Result<Value, ApiError> {
        let request: Execute = parameters(body)?;
        cluster(&self.names, request.cluster.as_deref())?;
        let state = self.state();
        let entry = state.tasks.find(&request.task);
        let entry = entry.ok_or_else(|| ApiError::parameter("The referenced task was not found."))?;
        let named = request.container.as_deref();
        if let Some(name) = named.filter(|name| entry.facts.definition.container(name).is_none()) {
            return Err(ApiError::parameter(format!("The container named {name} is not in the task.")));
        }
        if !entry.facts.execute_command {
            return Err(ApiError::parameter(
                "The execute command failed because execute command was not enabled when the task was run or the execute \
                 command agent isn't running. Wait and try again or run a new task with execute command enabled and try again.",
            ));
        }
        Err(ApiError::new(
            ErrorKind::TargetNotConnected,
            "The execute command failed due to an internal error. Try again later. (No agent takes commands in a simulated \
             task: what it started would not be under the Defender.)",
        ))
    }

    /// Starts no task any more, and asks all that live to stop.
    pub fn end(&self, reason: &StopReason) {
        let mut state = self.state();
        state.ended = true;
        for entry in state.tasks.all().filter(|entry| !entry.life.is_over()) {
            entry.life.stop(reason.clone());
        }
    }
}

/// What a call has changed, in words; nothing for one that only looks.
fn change(operation: Operation, answer: &Value) -> Option<String> {
    let tail =
        |arn: &Value| arn.as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_owned();
    Some(match operation {
        Operation::RegisterTaskDefinition | Operation::DeregisterTaskDefinition => {
            format!("{operation} {}", tail(&answer["taskDefinition"]["taskDefinitionArn"]))
        }
        Operation::RunTask => {
            let tasks = answer["tasks"].as_array()?;
            let ids: Vec<_> = tasks.iter().map(|task| tail(&task["taskArn"])).collect();
            format!("{operation} {}: {}", tail(&tasks.first()?["taskDefinitionArn"]), ids.join(", "))
        }
        Operation::StopTask => format!("{operation} {}", tail(&answer["task"]["taskArn"])),
        _ => return None,
    })
}
