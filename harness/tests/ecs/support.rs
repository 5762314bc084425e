//! An API whose tasks are told what happens to them by the test.

use futures_util::future::BoxFuture;
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::ecs::{ApiError, Ecs, Life, Operation, TaskOrder, TaskRunner};
use proofhouse_harness::labels::RunLabels;
use proofhouse_harness::lifecycle::{Command, Event, Machine};
use proofhouse_harness::plan::{Plan, PlanOptions};
use proofhouse_harness::task::TaskView;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A task that was started.
pub struct Started {
    pub order: TaskOrder,
    pub plan: Plan,
    pub life: Life,
}

/// A runner that runs nothing.
#[derive(Default)]
pub struct Fake {
    pub started: Mutex<Vec<Started>>,
    pub heard: Mutex<Vec<String>>,
}

impl TaskRunner for Fake {
    fn prepare(&self, mut definition: Value) -> BoxFuture<'_, Result<Value, ApiError>> {
        Box::pin(async move {
            if definition["family"] == json!("refused") {
                return Err(ApiError::client("not this one"));
            }
            if definition["family"] == json!("protected") {
                let sidecar = json!({"name": "TwistlockDefender", "image": "defender"});
                definition["containerDefinitions"].as_array_mut().unwrap().push(sidecar);
            }
            Ok(definition)
        })
    }

    fn plan(&self, order: &TaskOrder) -> Result<Plan, ApiError> {
        let definition = TaskDefinition::parse("test", &order.definition.to_string()).unwrap();
        let mut options = PlanOptions::new(RunLabels::new("run", "scenario"), "world:1");
        options.task_id = Some(order.id.clone());
        Plan::new(&definition, &options).map_err(|error| ApiError::client(error.to_string()))
    }

    fn start(&self, order: TaskOrder, plan: Plan, life: Life) {
        self.started.lock().unwrap().push(Started { order, plan, life });
    }

    fn heard(&self, words: &str) {
        self.heard.lock().unwrap().push(words.to_owned());
    }
}

/// The API and its runner.
pub struct Api {
    pub ecs: Arc<Ecs>,
    pub fake: Arc<Fake>,
}

impl Api {
    pub fn new() -> Self {
        let fake = Arc::new(Fake::default());
        let ecs = Arc::new(Ecs::new("us-east-1", Arc::<Fake>::clone(&fake) as Arc<dyn TaskRunner>));
        Self { ecs, fake }
    }

    pub async fn call(&self, operation: Operation, body: Value) -> Result<Value, ApiError> {
        self.ecs.call(operation, body.to_string().as_bytes()).await
    }

    /// Registers a definition, runs it, and gives the ARN of the task.
    pub async fn running(&self, family: &str) -> String {
        self.call(Operation::RegisterTaskDefinition, definition(family)).await.unwrap();
        let answer = self.call(Operation::RunTask, run(family)).await.unwrap();
        answer["tasks"][0]["taskArn"].as_str().unwrap().to_owned()
    }

    pub async fn describe(&self, task: &str) -> Value {
        let answer =
            self.call(Operation::DescribeTasks, json!({"tasks": [task], "include": ["TAGS"]})).await.unwrap();
        answer["tasks"][0].clone()
    }

    /// Has the task that was started last go on with events, each a second behind the one before.
    pub fn go_on(&self, events: Vec<Event>) {
        let started = self.fake.started.lock().unwrap();
        let last = started.last().unwrap();
        let mut machine = Machine::new(last.plan.graph().clone());
        for (second, event) in (1..).zip(events) {
            let _: Vec<Command> = machine.handle(Duration::from_secs(second), event);
        }
        let began = jiff::Timestamp::now();
        last.life.report(&TaskView {
            record: machine.record().clone(),
            began,
            ids: std::collections::BTreeMap::new(),
            panicked: None,
        });
    }
}

/// A definition of one container.
pub fn definition(family: &str) -> Value {
    json!({"family": family, "networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"],
        "tags": [{"key": "team", "value": "blue"}],
        "containerDefinitions": [{"name": "app", "image": "nginx:1", "memory": 256, "portMappings": [{"containerPort": 80}]}]})
}

/// A request to run it.
pub fn run(definition: &str) -> Value {
    json!({"taskDefinition": definition, "launchType": "FARGATE", "startedBy": "me",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}})
}

/// What happens until the one container runs.
pub fn until_running() -> Vec<Event> {
    let container = "app".to_owned();
    vec![
        Event::WorldCreated,
        Event::WorldReady,
        Event::Created { container: container.clone() },
        Event::Started { container },
    ]
}
