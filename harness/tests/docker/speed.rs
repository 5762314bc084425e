//! A task beside the same calls through the engine alone: what the harness itself costs.

use crate::support::{Bench, DEADLINE};
use futures_util::future::join_all;
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const CONTAINERS: &str = r#"
    {"name": "side", "image": "app:1", "entryPoint": ["/bin/sleep", "1000"], "healthCheck": {"command": ["/bin/true"], "interval": 5}},
    {"name": "web", "image": "app:1", "entryPoint": ["/bin/sleep", "1000"], "dependsOn": [{"containerName": "side", "condition": "HEALTHY"}],
     "volumesFrom": [{"sourceContainer": "side"}]},
    {"name": "worker", "image": "app:1", "entryPoint": ["/bin/sleep", "1000"], "dependsOn": [{"containerName": "side", "condition": "HEALTHY"}],
     "volumesFrom": [{"sourceContainer": "side"}]}"#;

/// Create, attach, start, remove, in the order that a person would script, with the creates and starts in parallel.
async fn by_hand(bench: &Bench) -> (Duration, Duration) {
    let plan = bench.plan(CONTAINERS);
    let engine = bench.engine.as_ref();
    let begun = Instant::now();
    let world = engine.create(&plan.world).await.unwrap();
    let _streams = engine.attach(&world).await.unwrap();
    let side = engine.create(&plan.containers[0].spec).await.unwrap();
    let (started, apps) = tokio::join!(
        engine.start(&world),
        join_all(plan.containers[1..].iter().map(|container| engine.create(&container.spec)))
    );
    started.unwrap();
    engine.start(&side).await.unwrap();
    let apps: Vec<_> = apps.into_iter().map(Result::unwrap).collect();
    for started in join_all(apps.iter().map(|id| engine.start(id))).await {
        started.unwrap();
    }
    let up = begun.elapsed();
    let all = apps.iter().chain([&side, &world]);
    for removed in join_all(all.map(|id| engine.remove(id))).await {
        removed.unwrap();
    }
    (up, begun.elapsed())
}

async fn by_task(bench: &Bench) -> (Duration, Duration) {
    let plan = bench.plan(CONTAINERS);
    let begun = Instant::now();
    let (task, _world) = bench.start(plan).await;
    task.wait_running(DEADLINE).await.unwrap();
    let up = begun.elapsed();
    task.remove().await.unwrap();
    (up, begun.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, for a machine that does nothing else: run it with --ignored --nocapture"]
async fn a_three_container_task_costs_at_most_1_3_times_the_calls_alone() {
    let bench = Bench::new("speed").await;
    let (mut hand, mut task) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        hand.push(by_hand(&bench).await);
        task.push(by_task(&bench).await);
    }
    for (what, pick) in [("up", 0), ("up and removed", 1)] {
        let of = |times: &[(Duration, Duration)]| {
            median(times.iter().map(|(up, all)| if pick == 0 { *up } else { *all }).collect())
        };
        let (hand, task) = (of(&hand), of(&task));
        let ratio = task.as_secs_f64() / hand.as_secs_f64();
        println!("{what}: task {task:?}, calls alone {hand:?}, ratio {ratio:.2}");
        assert!(ratio <= 1.3, "{what}: {ratio:.2}");
    }
}
