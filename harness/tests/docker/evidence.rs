//! What is known of a task when Docker is late, silent, or breaks off.

use crate::between::Between;
use crate::support::{Bench, DEADLINE};
use proofhouse_harness::lifecycle::TaskRecord;
use proofhouse_protocol::observation::{ContainerHappening, FencePhase, Observation};

const LIVES: &str = r#""entryPoint": ["/bin/sleep", "1000"], "stopTimeout": 2"#;
/// It takes twice as much until the kernel kills it.
const EATS: &str = r#""entryPoint": ["/bin/sh", "-c", "x=aaaa; while true; do x=$x$x; done"], "memory": 16"#;

fn ended(record: &TaskRecord) -> bool {
    record.containers["eats"].exit_code.is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_ran_out_is_known_although_docker_never_says_so() {
    let between = Between::start(&[
        (r#""OOMKilled":true"#, r#""OOMKilled":null"#),
        (r#""Action":"oom""#, r#""Action":"moo""#),
    ]);
    let (mut bench, between) = (Bench::new("memory").await, between.await);
    bench.engine = between.engine().await;
    let plan = bench.plan(&format!(
        r#"{{"name": "app", "image": "app:1", {LIVES}}},
           {{"name": "eats", "image": "app:1", "essential": false, {EATS}}}"#
    ));
    let (task, _world) = bench.start(plan).await;
    let record = task.wait_until("eats ended", DEADLINE, ended).await.unwrap();
    let eats = &record.containers["eats"];
    assert_eq!(eats.exit_code, Some(137));
    let reason = eats.reason.as_deref().unwrap_or_default();
    assert!(reason.starts_with("OutOfMemoryError"), "{reason:?}");
    assert!(task.container("eats").unwrap().inspect().await.unwrap().out_of_memory);
    task.remove().await.unwrap();
    assert_eq!(bench.leftovers().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_killed_by_its_own_did_not_run_out_of_memory() {
    let bench = Bench::new("killed").await;
    let plan = bench.plan(&format!(
        r#"{{"name": "app", "image": "app:1", {LIVES}}},
           {{"name": "eats", "image": "app:1", "essential": false, "memory": 16, "linuxParameters": {{"initProcessEnabled": true}},
             "entryPoint": ["/bin/sh", "-c", "kill -9 $$"]}}"#
    ));
    let (task, _world) = bench.start(plan).await;
    let record = task.wait_until("eats ended", DEADLINE, ended).await.unwrap();
    assert_eq!((record.containers["eats"].exit_code, &record.containers["eats"].reason), (Some(137), &None));
    task.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fence_of_events_passes_for_a_container_that_runs_and_for_one_that_has_ended() {
    let bench = Bench::new("fence").await;
    let plan = bench.plan(&format!(
        r#"{{"name": "app", "image": "app:1", {LIVES}}},
           {{"name": "short", "image": "app:1", "essential": false, "entryPoint": ["/bin/true"]}}"#
    ));
    let (task, _world) = bench.start(plan).await;
    let short = |record: &TaskRecord| record.containers["short"].exit_code.is_some();
    task.wait_until("short ended", DEADLINE, short).await.unwrap();
    for name in ["app", "short"] {
        let container = task.container(name).unwrap();
        let before = container.inspect().await.unwrap();
        container.fence_events(DEADLINE).await.unwrap();
        assert_eq!(container.inspect().await.unwrap(), before, "a fence changes nothing");
    }
    task.world().unwrap().fence_events(DEADLINE).await.unwrap();
    let phases = bench.recorder.all(|seen| match seen {
        Observation::Fence { phase, .. } => Some(*phase),
        _ => None,
    });
    assert_eq!(phases, [FencePhase::Sent, FencePhase::Passed].repeat(3));
    task.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn events_go_on_without_a_gap_when_their_stream_is_cut() {
    let (mut bench, between) = (Bench::new("cut").await, Between::start(&[]).await);
    bench.engine = between.engine().await;
    let plan = bench.plan(&format!(
        r#"{{"name": "app", "image": "app:1", {LIVES}}},
           {{"name": "eats", "image": "app:1", "essential": false, "entryPoint": ["/bin/sleep", "1000"]}}"#
    ));
    let (task, _world) = bench.start(plan).await;
    task.wait_running(DEADLINE).await.unwrap();
    between.cut_events();
    task.container("eats").unwrap().kill("SIGKILL").await.unwrap();
    task.wait_until("eats ended", DEADLINE, ended).await.unwrap();
    task.container("eats").unwrap().fence_events(DEADLINE).await.unwrap();
    let exits = bench.recorder.all(|seen| match seen {
        Observation::ContainerEvent { event: ContainerHappening::Exited, .. } => Some("exited"),
        Observation::Note { text } if text.contains("without a gap") => Some("whole"),
        Observation::Lost { .. } => Some("lost"),
        _ => None,
    });
    assert_eq!(exits, ["whole", "exited"]);
    task.remove().await.unwrap();
}
