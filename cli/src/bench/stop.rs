//! What it costs to stop a task whose apps honour SIGTERM, beside the same containers through the engine alone.

use super::Results;
use super::lab::{self, Lab};
use super::rounds::Rounds;
use super::statistics::median;
use crate::failure::Failure;
use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::engine::{ContainerId, Engine, EngineError, EngineNews, Happening};
use proofhouse_harness::labels;
use proofhouse_harness::plan::{Plan, PlannedContainer};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::bench::{BenchEntry, Goal};
use proofhouse_reports::history::HistoryRecord;
use proofhouse_scenarios::Watch;
use proofhouse_scenarios::rig::{Internet, RigError};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Name.
pub const NAME: &str = "stop of a task that honours SIGTERM";

const ROUNDS: usize = 7;

/// How long an app may take to listen.
const READY_LIMIT: Duration = Duration::from_secs(20);

/// Milliseconds more than the engine alone.
const GOAL: Goal = Goal::AtMostMore(500.0);

/// Measures it.
///
/// # Errors
/// When a task does not come up or does not stop.
pub async fn measure(lab: &Lab) -> Result<Results, Failure> {
    let definition = lab.definition("three-apps")?;
    let (mut driver, mut hand) = (Vec::new(), Vec::new());
    let mut rounds = Rounds::new(ROUNDS);
    for round in &mut rounds {
        for harness in [round % 2 == 0, round % 2 == 1] {
            if harness {
                driver.push(by_driver(lab, &definition).await?.as_secs_f64() * 1e3);
            } else {
                hand.push(by_hand(lab, &definition).await?.as_secs_f64() * 1e3);
            }
        }
    }
    let entry =
        BenchEntry::beside(NAME, median(&driver), "ms", "engine API alone", median(&hand), Some(GOAL));
    Ok(Results { entries: vec![entry], remarks: rounds.remark(NAME).into_iter().collect() })
}

/// As StopTask, from the order to the task's end.
async fn by_driver(lab: &Lab, definition: &Value) -> Result<Duration, Failure> {
    let mut setup = lab.setup("bench-stop").await?;
    let rig = &mut setup.rig;
    let stopped = async {
        let task = rig.start(definition, &Internet::default(), None).await?;
        task.ready(&[], READY_LIMIT).await?;
        for app in task.apps() {
            listening(&setup.watch, app).await;
        }
        let begun = Instant::now();
        task.stop().await?;
        Ok::<_, RigError>(begun.elapsed())
    };
    let stopped = stopped.await;
    setup.rig.take_down().await;
    stopped.map_err(lab::failed)
}

/// An actor says in a line that it listens; only then does it honour a signal.
async fn listening(watch: &Watch, app: String) {
    let source = Source::Container(app);
    let said = |record: &HistoryRecord| {
        record.recording.source == source && matches!(record.observation(), Observation::Log { .. })
    };
    // In vain means that the stop takes its whole time, and is seen to.
    let _line = watch.wait_for(READY_LIMIT, said).await;
}

/// As a person would script it: SIGTERM for those that nobody depends on, then for the next when they have exited, then
/// SIGKILL for the owner of the network.
async fn by_hand(lab: &Lab, definition: &Value) -> Result<Duration, Failure> {
    let definition = TaskDefinition::parse("bench", &definition.to_string()).map_err(lab::failed)?;
    let plan =
        Plan::new(&definition, &lab.stage().plan_options("bench-stop-by-hand")).map_err(lab::failed)?;
    calls(lab, &plan).await.map_err(lab::failed)
}

async fn calls(lab: &Lab, plan: &Plan) -> Result<Duration, EngineError> {
    let engine = lab.engine();
    let mut events = engine.events(&[format!("{}={}", labels::TASK, plan.task_id)]);
    let world = engine.create(&plan.world).await?;
    // The world lives as long as its standard input.
    let streams = engine.attach(&world).await?;
    engine.start(&world).await?;
    let apps = try_join_all(plan.containers.iter().map(|app| up(engine.as_ref(), app))).await?;
    let begun = Instant::now();
    for wave in &plan.stop_order {
        let mut waiting: BTreeSet<&ContainerId> = wave
            .iter()
            .filter_map(|name| apps.iter().find(|(app, _)| app == name))
            .map(|(_, id)| id)
            .collect();
        try_join_all(waiting.iter().map(|id| engine.kill(id, "SIGTERM"))).await?;
        while !waiting.is_empty() {
            match events.next().await {
                Some(EngineNews::Happened(event)) if matches!(event.happening, Happening::Exited { .. }) => {
                    waiting.remove(&event.container);
                }
                Some(_) => {}
                None => break,
            }
        }
    }
    engine.kill(&world, "SIGKILL").await?;
    let stopped = begun.elapsed();
    let all = apps.iter().map(|(_, id)| id).chain([&world]);
    try_join_all(all.map(|id| engine.remove(id))).await?;
    drop(streams);
    Ok(stopped)
}

/// Creates and starts it, and waits for the line in which its actor says that it listens.
async fn up(engine: &dyn Engine, app: &PlannedContainer) -> Result<(String, ContainerId), EngineError> {
    let id = engine.create(&app.spec).await?;
    engine.start(&id).await?;
    engine.logs(&id, true).next().await.transpose()?;
    Ok((app.name.clone(), id))
}
