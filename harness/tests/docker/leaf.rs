//! A leaf container beside a task's world.

use crate::support::{Bench, DEADLINE};
use proofhouse_harness::labels::RunLabels;
use proofhouse_harness::leaf::{Leaf, LeafSpec};
use proofhouse_harness::plan::Plan;

const CONTAINERS: &str = r#"{"name": "app", "image": "app:1", "entryPoint": ["/bin/sleep", "1000"]}"#;
const NAMESPACE: [&str; 3] = ["/bin/busybox", "readlink", "/proc/self/ns/net"];

fn leaf(bench: &Bench, plan: &Plan, arguments: &[&str]) -> LeafSpec {
    LeafSpec {
        image: bench.image.clone(),
        program: "/bin/busybox".to_owned(),
        arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        labels: RunLabels::new(&bench.run, "test"),
        beside: proofhouse_harness::engine::ContainerId(plan.world.name.clone()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaf_shares_the_network_of_the_task_and_leaves_nothing() {
    let bench = Bench::new("leaf").await;
    let plan = bench.plan(CONTAINERS);
    let (task, _world) = bench.start(plan.clone()).await;
    task.wait_running(DEADLINE).await.unwrap();
    let app = task.container("app").unwrap();
    let argv = NAMESPACE.map(str::to_owned);
    let inside = bench.engine.exec(app.id(), &argv, DEADLINE).await.unwrap();

    let reader = Leaf::start(leaf(&bench, &plan, &NAMESPACE[1..])).await.unwrap();
    let said = reader.finished(DEADLINE).await.unwrap();
    assert_eq!(said.stdout.as_bytes(), inside.stdout, "{}", said.stderr);
    assert!(said.stdout.starts_with("net:["), "{said:?}");

    let label = [format!("proofhouse.run={}", bench.run)];
    let labelled = bench.engine.list(&label).await.unwrap();
    assert!(labelled.iter().any(|container| container.id == *reader.id()), "`clean` must find it");
    reader.remove().await.unwrap();
    task.remove().await.unwrap();
    assert_eq!(bench.leftovers().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn processor_time_is_that_of_one_container() {
    let bench = Bench::new("usage").await;
    let plan = bench.plan(CONTAINERS);
    let (task, _world) = bench.start(plan.clone()).await;
    task.wait_running(DEADLINE).await.unwrap();
    let busy = Leaf::start(leaf(&bench, &plan, &["sh", "-c", "while :; do :; done"])).await.unwrap();
    let idle = task.container("app").unwrap().id().clone();
    let (before, idle_before) = (
        bench.engine.processor_time(busy.id()).await.unwrap(),
        bench.engine.processor_time(&idle).await.unwrap(),
    );
    let mut used = before;
    tokio::time::timeout(DEADLINE, async {
        while used - before < std::time::Duration::from_millis(200) {
            used = bench.engine.processor_time(busy.id()).await.unwrap();
        }
    })
    .await
    .unwrap();
    let idle_after = bench.engine.processor_time(&idle).await.unwrap();
    assert!(
        idle_after - idle_before < (used - before) / 4,
        "{idle_before:?} {idle_after:?} {before:?} {used:?}"
    );
    busy.remove().await.unwrap();
    task.remove().await.unwrap();
    assert_eq!(bench.leftovers().await, Vec::<String>::new());
}
