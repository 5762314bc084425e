//! What the harness costs: a protected task of three containers, beside the same containers through the engine alone.

use super::lab::{self, Lab};
use super::rounds::Rounds;
use super::statistics::median;
use super::{Results, policies};
use crate::failure::Failure;
use futures_util::future::{join_all, try_join_all};
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::engine::EngineError;
use proofhouse_harness::plan::Plan;
use proofhouse_reports::bench::{BenchEntry, Goal};
use proofhouse_scenarios::rig::{Internet, POLICY_LIMIT, READY_LIMIT, RigError};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Name.
pub const NAME: &str = "fresh three-container task";

const ROUNDS: usize = 7;
const GOAL: Goal = Goal::AtMost(1.3);

/// One task, from nothing to nothing.
struct Times {
    /// Until all containers run.
    running: Duration,
    /// Until the firewall and the app listen, and the policy is in force.
    ready: Duration,
    /// Until nothing is left.
    removed: Duration,
    /// With its Console, policies and embed.
    scenario: Duration,
}

/// Measures it.
///
/// # Errors
/// When a task does not come up.
pub async fn measure(lab: &Lab) -> Result<Results, Failure> {
    let definition = lab.definition("web-and-worker")?;
    // Neither side is to pay for what the first task alone does.
    by_driver(lab, &definition).await?;
    by_hand(lab, &definition).await?;
    let (mut driver, mut hand) = (Vec::new(), Vec::new());
    let mut rounds = Rounds::new(ROUNDS);
    for round in &mut rounds {
        if round % 2 == 0 {
            hand.push(by_hand(lab, &definition).await?);
            driver.push(by_driver(lab, &definition).await?);
        } else {
            driver.push(by_driver(lab, &definition).await?);
            hand.push(by_hand(lab, &definition).await?);
        }
    }
    let of = |pick: fn(&Times) -> Duration| {
        median(&driver.iter().map(|times| milliseconds(pick(times))).collect::<Vec<_>>())
    };
    let peer = median(&hand.into_iter().map(milliseconds).collect::<Vec<_>>());
    let beside =
        |name: &str, value, goal| BenchEntry::beside(name, value, "ms", "engine API alone", peer, goal);
    let entries = vec![
        beside(NAME, of(|times| times.removed), Some(GOAL)),
        beside(&format!("{NAME}, with its Console, policies and embed"), of(|times| times.scenario), None),
        BenchEntry::alone(&format!("{NAME}, until RUNNING"), of(|times| times.running), "ms", None),
        BenchEntry::alone(
            &format!("{NAME}, until its policy is in force"),
            of(|times| times.ready),
            "ms",
            None,
        ),
    ];
    Ok(Results { entries, remarks: rounds.remark(NAME).into_iter().collect() })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// As a scenario does it, and waits for it.
async fn by_driver(lab: &Lab, definition: &Value) -> Result<Times, Failure> {
    let scenario = Instant::now();
    let mut setup = lab.setup("bench-fresh-task").await?;
    let rig = &mut setup.rig;
    policies::put_runtime(rig, &policies::runtime(&policies::FEW, false)).await?;
    policies::put_firewall(rig).await?;
    let embedded = rig.embed(definition).await.map_err(lab::failed)?;
    let begun = Instant::now();
    let ports = [policies::EXPOSED, policies::INTERNAL];
    let internet = Internet { open_ports: ports.to_vec(), ..Internet::default() };
    let up = async {
        let task = rig.start(&embedded, &internet, None).await?;
        task.ready(&[], READY_LIMIT).await?;
        let running = begun.elapsed();
        task.ready(&ports, READY_LIMIT).await?;
        rig.policy_in_force(POLICY_LIMIT).await?;
        Ok::<_, RigError>((running, begun.elapsed()))
    };
    let up = up.await;
    rig.remove_task().await;
    let removed = begun.elapsed();
    setup.rig.take_down().await;
    let (running, ready) = up.map_err(lab::failed)?;
    Ok(Times { running, ready, removed, scenario: scenario.elapsed() })
}

/// The same containers as a person would script them: created and started as early as the engine allows, at once where
/// none needs the other, and removed at once. Nobody waits for anything to be ready.
async fn by_hand(lab: &Lab, definition: &Value) -> Result<Duration, Failure> {
    let mut setup = lab.setup("bench-by-hand").await?;
    let embedded = setup.rig.embed(definition).await.map_err(lab::failed)?;
    setup.rig.remove_task().await;
    setup.rig.take_down().await;
    let definition = TaskDefinition::parse("bench", &embedded.to_string()).map_err(lab::failed)?;
    let plan = Plan::new(&definition, &lab.stage().plan_options("bench-by-hand")).map_err(lab::failed)?;
    let begun = Instant::now();
    calls(lab, &plan).await.map_err(lab::failed)?;
    Ok(begun.elapsed())
}

async fn calls(lab: &Lab, plan: &Plan) -> Result<(), EngineError> {
    let engine = lab.engine();
    let (sidecar, apps) = plan.containers.split_first().expect("an embedded definition has a sidecar");
    let world = engine.create(&plan.world).await?;
    // The world lives as long as its standard input.
    let streams = engine.attach(&world).await?;
    let sidecar = engine.create(&sidecar.spec).await?;
    let creates = try_join_all(apps.iter().map(|app| engine.create(&app.spec)));
    let (apps, ()) = tokio::try_join!(creates, engine.start(&world))?;
    engine.start(&sidecar).await?;
    try_join_all(apps.iter().map(|app| engine.start(app))).await?;
    let all = apps.iter().chain([&sidecar, &world]);
    join_all(all.map(|container| engine.remove(container))).await.into_iter().collect::<Result<(), _>>()?;
    try_join_all(plan.volumes.iter().map(|volume| engine.remove_volume(volume))).await?;
    drop(streams);
    Ok(())
}
