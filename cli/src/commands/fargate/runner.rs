//! Runs the tasks of the ECS API on the simulated Fargate, all of them with one Console.

use super::living;
use crate::arguments::FargateArguments;
use crate::failure::chain;
use crate::live::stand_in;
use futures_util::future::BoxFuture;
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::ecs::{ApiError, ErrorKind, Life, TaskOrder, TaskRunner};
use proofhouse_harness::plan::Plan;
use proofhouse_harness::stand_ins::StandIns;
use proofhouse_protocol::observation::{self, SharedRecorder};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::history::History;
use proofhouse_scenarios::Watch;
use proofhouse_scenarios::rig::{ConsoleEnd, RigError, Stage};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// How long tasks that have begun to stop may take: every stop time-out of their containers, and more.
const STOP_LIMIT: Duration = Duration::from_secs(600);

/// Runs tasks.
pub struct Runner {
    stage: Arc<Stage>,
    console: Arc<ConsoleEnd>,
    history: History,
    watch: SharedRecorder,
    stand_ins: Arc<StandIns>,
    protect: bool,
    json: bool,
    living: Mutex<JoinSet<bool>>,
}

impl Runner {
    /// A runner without tasks.
    pub fn new(
        stage: Arc<Stage>,
        console: Arc<ConsoleEnd>,
        history: History,
        watch: SharedRecorder,
        stand_ins: StandIns,
        arguments: &FargateArguments,
    ) -> Self {
        let (protect, json) = (arguments.protect, arguments.json);
        let stand_ins = Arc::new(stand_ins);
        Self { stage, console, history, watch, stand_ins, protect, json, living: Mutex::default() }
    }

    /// Waits until every task is over and removed; whether all stopped in time.
    pub async fn finished(&self) -> bool {
        let mut living = std::mem::take(&mut *self.living());
        let all = async {
            let mut well = true;
            while let Some(one) = living.join_next().await {
                well &= one.unwrap_or(false);
            }
            well
        };
        tokio::time::timeout(STOP_LIMIT, all).await.unwrap_or(false)
    }

    fn living(&self) -> std::sync::MutexGuard<'_, JoinSet<bool>> {
        self.living.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name under which a task is labelled and recorded.
fn name(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

impl TaskRunner for Runner {
    fn prepare(&self, definition: Value) -> BoxFuture<'_, Result<Value, ApiError>> {
        Box::pin(async move {
            if !self.protect {
                return Ok(definition);
            }
            self.console.embed(&definition).await.map_err(|error| match error {
                RigError::Refused { error, .. } => {
                    ApiError::client(format!("the Console cannot embed the Defender: {error}"))
                }
                other => ApiError::new(ErrorKind::Server, chain(&other)),
            })
        })
    }

    fn plan(&self, order: &TaskOrder) -> Result<Plan, ApiError> {
        let refused = |error: &dyn std::error::Error| {
            ApiError::client(format!("the task definition cannot be run: {}", chain(error)))
        };
        let mut definition = order.definition.clone();
        stand_in::replace(&mut definition, &self.stage.defender().embed_names().sidecar, &self.stand_ins);
        let name = name(&order.id);
        let definition =
            TaskDefinition::parse(name, &definition.to_string()).map_err(|error| refused(&error))?;
        let mut options = self.stage.plan_options(name);
        options.stand_ins = StandIns::clone(&self.stand_ins);
        options.task_id = Some(order.id.clone());
        options.hostname.clone_from(&order.network.hostname);
        Plan::new(&definition, &options).map_err(|error| refused(&error))
    }

    fn start(&self, order: TaskOrder, plan: Plan, life: Life) {
        let watch: SharedRecorder = Arc::new(Watch::new(&self.history, name(&order.id)));
        let place = living::Place {
            engine: self.stage.engine(),
            console: Arc::clone(&self.console),
            watch,
            stand_ins: Arc::clone(&self.stand_ins),
            sidecar: self.stage.defender().embed_names().sidecar,
            json: self.json,
        };
        let mut living = self.living();
        // Those that are over are forgotten.
        while living.try_join_next().is_some() {}
        living.spawn(async move { place.live(&order, plan, &life).await });
    }

    fn heard(&self, words: &str) {
        let note = Observation::Note { text: words.to_owned() };
        observation::record(&*self.watch, Source::Runner, note);
    }
}
