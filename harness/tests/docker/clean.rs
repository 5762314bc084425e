//! Nothing leaks: what a dead run left is found and removed, and what a living one has is left alone.

use crate::support::{Bench, DEADLINE};
use proofhouse_harness::clean::{Scope, clean};
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::labels::Life;
use proofhouse_harness::plan::Plan;

const CONTAINERS: &str = r#"{"name": "app", "image": "app:1", "entryPoint": ["/bin/sleep", "1000"],
    "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_owners_task_goes_and_a_living_ones_stays() {
    let (dead, alive) = (Bench::new("dead").await, Bench::new("alive").await);
    let text = format!(
        r#"{{"family": "f", "volumes": [{{"name": "data"}}], "containerDefinitions": [{CONTAINERS}]}}"#
    );
    let definition = TaskDefinition::parse("t", &text).unwrap();
    let mut options = dead.options();
    // As if this process had been killed and its id used again.
    options.labels.owner.start += 1;
    assert_eq!(options.labels.owner.life(), Life::Dead);
    let (left, _world) = dead.start(Plan::new(&definition, &options).unwrap()).await;
    let (kept, _other_world) = alive.start(alive.plan(CONTAINERS)).await;
    left.wait_running(DEADLINE).await.unwrap();
    kept.wait_running(DEADLINE).await.unwrap();
    assert_eq!(dead.leftovers().await.len(), 3, "world, app, volume");

    let cleaned = clean(dead.engine.as_ref(), &Scope::Dead).await.unwrap();
    for name in [&left.plan().world.name, &left.plan().containers[0].spec.name] {
        assert!(cleaned.containers.contains(name), "{cleaned:?}");
    }
    assert!(cleaned.volumes.contains(&left.plan().volumes[0]), "{cleaned:?}");
    assert_eq!(dead.leftovers().await, [""; 0]);
    assert_eq!(alive.leftovers().await.len(), 3, "a living owner keeps what it has");
    left.remove().await.unwrap();

    clean(alive.engine.as_ref(), &Scope::Run(alive.run.clone())).await.unwrap();
    assert_eq!(alive.leftovers().await, [""; 0]);
    kept.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_in_the_middle_of_the_start_leaves_nothing() {
    let bench = Bench::new("middle").await;
    let (task, _world) = bench.start(bench.plan(CONTAINERS)).await;
    task.remove().await.unwrap();
    assert_eq!(bench.leftovers().await, [""; 0]);
}
