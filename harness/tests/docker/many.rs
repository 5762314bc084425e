//! Many tasks at once: none gets in the way of another.

use crate::support::Bench;
use futures_util::future::join_all;
use proofhouse_harness::lifecycle::{Health, StopCode, StopReason, TaskRecord};
use std::time::{Duration, Instant};

const TASKS: i64 = 20;

/// A daemon makes some ten containers a second, and each task has three; a machine that is busy must not make a verdict.
const WITHIN: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread")]
async fn twenty_tasks_at_once_run_stop_and_leave_nothing() {
    let bench = Bench::new("many").await;
    let begun = Instant::now();
    let live = async |code: i64| {
        let plan = bench.plan(&format!(
            r#"{{"name": "app", "image": "app:1", "entryPoint": ["/bin/sh", "-c"], "stopTimeout": 20,
                 "command": ["trap 'exit {code}' TERM; : > /tmp/ready; while true; do sleep 0.2; done"],
                 "healthCheck": {{"command": ["CMD", "/bin/test", "-e", "/tmp/ready"]}},
                 "mountPoints": [{{"sourceVolume": "data", "containerPath": "/data"}}],
                 "volumesFrom": [{{"sourceContainer": "side"}}],
                 "dependsOn": [{{"containerName": "side", "condition": "SUCCESS"}}]}},
               {{"name": "side", "image": "app:1", "essential": false, "entryPoint": ["/bin/true"]}}"#
        ));
        let (task, _world) = bench.start(plan).await;
        task.wait_running(WITHIN).await.unwrap();
        // A signal that comes before the shell has its trap would be lost on a process 1.
        let ready = |record: &TaskRecord| record.containers["app"].health == Health::Healthy;
        task.wait_until("ready", WITHIN, ready).await.unwrap();
        let record = task.stop(StopReason::user(None)).await.unwrap();
        let exits = (record.containers["app"].exit_code, record.containers["side"].exit_code);
        let code = record.stop.as_ref().map(|stop| stop.code);
        task.remove().await.unwrap();
        (exits, code)
    };
    let ends = join_all((1..=TASKS).map(live)).await;
    let expected = (1..=TASKS).map(|code| ((Some(code), Some(0)), Some(StopCode::UserInitiated)));
    assert_eq!(ends, expected.collect::<Vec<_>>());
    assert_eq!(bench.leftovers().await, [""; 0]);
    assert!(begun.elapsed() < WITHIN, "{:?}", begun.elapsed());
}
