//! A task on Docker, against the rows of `fargate.md` section 7.

use crate::support::{Bench, DEADLINE};
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::engine::{EngineHealthCheck, LogDriver, NetworkInspection};
use proofhouse_harness::lifecycle::{Health, StopCode, StopReason, TaskRecord, TaskStatus};
use proofhouse_harness::plan::Plan;
use proofhouse_harness::task::{Task, TaskError};
use proofhouse_protocol::observation::{ContainerFacts, TaskKind};
use std::sync::Arc;
use std::time::{Duration, Instant};

const FOREVER: &str =
    r#""entryPoint": ["/bin/sh", "-c"], "command": ["trap 'exit 0' TERM; while true; do sleep 0.05; done"]"#;

fn position(events: &[String], wanted: &str) -> usize {
    events.iter().position(|event| event == wanted).unwrap_or_else(|| panic!("no `{wanted}` in {events:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_shape_starts_in_order_shares_and_stops_in_order() {
    let bench = Bench::new("order").await;
    let plan = bench.plan(&format!(
        r#"{{"name": "web", "image": "app:1", "entryPoint": ["/opt/tool/run"], "command": null, "stopTimeout": 2,
             "entryPoint": ["/bin/sh", "-c"],
             "command": ["/opt/tool/run; hostname; echo oops >&2; id -u; trap 'exit 7' TERM; while true; do sleep 0.05; done"],
             "user": "1000", "mountPoints": [{{"sourceVolume": "data", "containerPath": "/data"}}],
             "dependsOn": [{{"containerName": "side", "condition": "HEALTHY"}}],
             "linuxParameters": {{"capabilities": {{"add": ["SYS_PTRACE"]}}}},
             "volumesFrom": [{{"sourceContainer": "side", "readOnly": true}}]}},
           {{"name": "side", "image": "app:1", "essential": true, {FOREVER},
             "healthCheck": {{"command": ["/bin/test", "-e", "/tmp/ready"], "interval": 5}}}}"#
    ));
    let (task, _world) = bench.start(plan).await;
    let waiting =
        task.wait_until("side running", DEADLINE, |record| record.containers["side"].started_at.is_some());
    waiting.await.unwrap();
    assert!(task.record().containers["web"].started_at.is_none(), "the side is not healthy yet");
    task.container("side").unwrap().write_file("/tmp/ready", b"", 0o644).await.unwrap();
    let record = task.wait_running(DEADLINE).await.unwrap();
    assert_eq!(record.containers["side"].health, Health::Healthy);

    let web = task.container("web").unwrap();
    let state = web.inspect().await.unwrap();
    assert_eq!(
        (&state.made.capabilities_add[..], state.made.privileged),
        (&["SYS_PTRACE".to_owned()][..], false)
    );
    assert_eq!(
        (state.made.user.as_str(), state.made.entrypoint.len(), state.made.command.len()),
        ("1000", 2, 1)
    );
    assert_eq!(state.engine_health_check, EngineHealthCheck::None, "the image has one, which ECS ignores");
    let planned = ContainerFacts::from(&task.plan().container("web").unwrap().spec);
    let found = ContainerFacts::from(&state);
    assert_eq!((&found.log_driver, &found.log_mode), (&planned.log_driver, &planned.log_mode));
    let (planned, found) = (planned.made.unwrap(), found.made.unwrap());
    assert_eq!(
        (&found.image, &found.command, &found.user),
        (&planned.image, &planned.command, &planned.user)
    );
    assert_eq!((&found.ulimits, &found.capabilities_added), (&planned.ulimits, &planned.capabilities_added));
    assert_eq!((found.cpu_shares, found.memory), (planned.cpu_shares, planned.memory));
    assert_eq!((&found.network, &found.processes), (&planned.network, &planned.processes));
    assert!(planned.mounts.unwrap().iter().all(|mount| found.mounts.as_ref().unwrap().contains(mount)));
    let world = task.world().unwrap().inspect().await.unwrap();
    assert_eq!(state.made.network, NetworkInspection::Of(world.id.clone()));
    assert_eq!((world.made.network, world.made.log.driver), (NetworkInspection::None, LogDriver::None));
    assert!(state.made.mounts.iter().any(|mount| mount.target == "/opt/tool" && mount.read_only));
    assert!(web.look("/opt/tool/run").await.unwrap().is_some());
    assert!(web.look("/nowhere").await.unwrap().is_none());
    assert!(
        String::from_utf8(web.read_file("/opt/tool/run").await.unwrap()).unwrap().contains("from the volume")
    );
    let status = web.exec(&["/bin/sh", "-c", "cat /proc/1/status; exit 3"], DEADLINE).await.unwrap();
    let text = String::from_utf8(status.stdout).unwrap();
    assert!(text.contains("CapBnd:\t00000000a80c25fb") && text.contains("Seccomp:\t2"), "{text}");
    assert_eq!(status.code, 3);
    let captured = task.capture().await;
    let piece =
        |what: &str| captured.iter().find(|piece| piece.container == "web" && piece.what == what).unwrap();
    assert!(piece("processes").text.contains("/bin/sh"), "{}", piece("processes").text);
    assert!(piece("mounts").text.contains("/data rw"), "{}", piece("mounts").text);
    assert!(piece("log").text.contains("from the volume"));

    let record = task.stop(StopReason::user(None)).await.unwrap();
    assert_eq!((record.containers["web"].exit_code, record.containers["side"].exit_code), (Some(7), Some(0)));
    assert!(record.containers["web"].stopped_at <= record.containers["side"].signalled_at);
    // The engine carries the two streams apart, so only the order within each is known.
    let log = bench.recorder.log("web");
    let of = |stream: &str| log.iter().filter_map(|line| line.strip_prefix(stream)).collect::<Vec<_>>();
    assert_eq!(of("stdout "), ["from the volume", "ip-10-0-42-7.ec2.internal", "1000"]);
    assert_eq!(of("stderr "), ["oops"]);
    let events = bench.recorder.container_events();
    for (first, second) in [
        ("side created", "web created"),
        ("side started", "side healthy"),
        ("side healthy", "web started"),
        ("web exited", "side signalled"),
    ] {
        assert!(position(&events, first) < position(&events, second), "{first} before {second}: {events:?}");
    }
    assert_eq!(
        bench.recorder.states().join(" "),
        "PROVISIONING PENDING ACTIVATING RUNNING DEACTIVATING STOPPING DEPROVISIONING STOPPED"
    );
    task.remove().await.unwrap();
    assert_eq!(bench.leftovers().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_are_143_137_and_the_programs_own() {
    let bench = Bench::new("codes").await;
    let plan = bench.plan(
        r#"{"name": "init", "image": "app:1", "entryPoint": ["/bin/sleep", "1000"],
            "linuxParameters": {"initProcessEnabled": true}},
           {"name": "deaf", "image": "app:1", "entryPoint": ["/bin/sleep", "1000"], "stopTimeout": 2},
           {"name": "own", "image": "app:1", "essential": false, "entryPoint": ["/bin/sh", "-c", "exit 42"]}"#,
    );
    let (task, _world) = bench.start(plan).await;
    task.wait_running(DEADLINE).await.unwrap();
    task.wait_until("own exited", DEADLINE, |record| record.containers["own"].exit_code.is_some())
        .await
        .unwrap();
    let begun = Instant::now();
    let record = task.stop(StopReason::user(Some("over"))).await.unwrap();
    let codes: Vec<_> = record.exit_codes().into_iter().collect();
    let expected =
        [("deaf", 137), ("init", 143), ("own", 42)].map(|(name, code)| (name.to_owned(), Some(code)));
    assert_eq!(codes, expected);
    assert!(begun.elapsed() >= Duration::from_secs(2), "SIGKILL came before the stop time-out");
    assert_eq!(record.stop, Some(StopReason::user(Some("over"))));
    task.remove().await.unwrap();
    assert_eq!(bench.leftovers().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_essential_exit_stops_the_task_and_failed_dependencies_get_a_synthetic_143() {
    let bench = Bench::new("essential").await;
    let plan = bench.plan(&format!(
        r#"{{"name": "app", "image": "app:1", {FOREVER}}},
           {{"name": "short", "image": "app:1", "entryPoint": ["/bin/sh", "-c", "echo bye; exit 5"],
             "dependsOn": [{{"containerName": "app", "condition": "START"}}]}},
           {{"name": "never", "image": "app:1", "essential": false, {FOREVER},
             "dependsOn": [{{"containerName": "short", "condition": "SUCCESS"}}]}}"#
    ));
    let (task, _world) = bench.start(plan).await;
    let record = task.wait_stopped(DEADLINE).await.unwrap();
    let stop = record.stop.unwrap();
    assert_eq!(
        (stop.code, stop.reason.as_str()),
        (StopCode::EssentialContainerExited, "Essential container in task exited")
    );
    assert_eq!(record.containers["short"].exit_code, Some(5));
    assert_eq!(record.containers["app"].exit_code, Some(0));
    assert_eq!(record.containers["never"].exit_code, Some(143));
    assert_eq!(bench.recorder.log("short"), ["stdout bye"]);
    task.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_cannot_be_pulled_fails_the_task_and_leaves_nothing() {
    let bench = Bench::new("pull").await;
    // A registry on a closed port of this machine: nothing is asked outside.
    let plan = bench.plan(r#"{"name": "app", "image": "127.0.0.1:9/nothing:1"}"#);
    let (task, _world) = bench.start(plan).await;
    let error = task.wait_running(DEADLINE).await.unwrap_err().to_string();
    assert!(error.contains("TaskFailedToStart: CannotPullContainerError"), "{error}");
    assert!(error.contains("docker load"), "says what to do: {error}");
    task.remove().await.unwrap();
    assert_eq!(bench.leftovers().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_there_is_a_start_failure_with_127() {
    let bench = Bench::new("missing").await;
    let plan = bench.plan(r#"{"name": "app", "image": "app:1", "entryPoint": ["/no/such/program"]}"#);
    let (task, _world) = bench.start(plan).await;
    let record = task.wait_stopped(DEADLINE).await.unwrap();
    assert_eq!(record.containers["app"].exit_code, Some(127));
    assert!(record.containers["app"].reason.as_ref().unwrap().starts_with("CannotStartContainerError"));
    assert_eq!(record.stop.unwrap().code, StopCode::TaskFailedToStart);
    task.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn surroundings_that_fail_leave_nothing() {
    let bench = Bench::new("surroundings").await;
    let plan = bench.plan(r#"{"name": "app", "image": "app:1", "entryPoint": ["/bin/sleep", "9"]}"#);
    let recorder = Arc::clone(&bench.recorder);
    let engine = Arc::clone(&bench.engine);
    let started =
        Task::start(engine, plan, TaskKind::Bare, None, recorder, async |_| Err::<(), _>("no relay".into()));
    let error = started.await.unwrap_err();
    assert!(matches!(error, TaskError::World(_)), "{error}");
    assert_eq!(bench.leftovers().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_death_of_the_world_stops_the_task() {
    let bench = Bench::new("world").await;
    let plan = bench.plan(&format!(r#"{{"name": "app", "image": "app:1", {FOREVER}}}"#));
    let (task, world) = bench.start(plan).await;
    task.wait_running(DEADLINE).await.unwrap();
    // The harness is gone: the world's standard input closes, and it ends.
    drop(world);
    let record = task.wait_stopped(DEADLINE).await.unwrap();
    assert_eq!(record.stop.unwrap().code, StopCode::InfrastructureHealth);
    task.remove().await.unwrap();
    assert_eq!(bench.leftovers().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_that_fails_makes_the_container_unhealthy_at_the_definitions_pace() {
    let bench = Bench::new("unhealthy").await;
    let text = format!(
        r#"{{"family": "f", "containerDefinitions": [{{"name": "app", "image": "app:1", {FOREVER},
             "healthCheck": {{"command": ["CMD-SHELL", "exit 1"], "interval": 10, "retries": 3}}}}]}}"#
    );
    let definition = TaskDefinition::parse("t", &text).unwrap();
    let mut options = bench.options();
    options.health_time_scale = 0.02;
    let plan = Plan::new(&definition, &options).unwrap();
    let (task, _world) = bench.start(plan).await;
    let unhealthy = |record: &TaskRecord| record.health == Health::Unhealthy;
    let record = task.wait_until("UNHEALTHY", DEADLINE, unhealthy).await.unwrap();
    assert!(!record.stopping, "a standalone task goes on");
    let started = record.containers["app"].started_at.unwrap();
    assert!(
        task.view().borrow().began.duration_until(jiff::Timestamp::now()).as_millis()
            >= 600 + started.as_millis() as i128
    );
    task.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_container_and_its_files() {
    let bench = Bench::new("restart").await;
    // The first life ends by itself, the second finds its file and stays.
    let plan = bench.plan(
        r#"{"name": "app", "image": "app:1", "restartPolicy": {"enabled": true, "restartAttemptPeriod": 0},
            "entryPoint": ["/bin/sh", "-c"], "stopTimeout": 2,
            "command": ["if [ -e /tmp/seen ]; then echo second; exec sleep 1000; fi; echo x > /tmp/seen; echo first; exit 1"]}"#,
    );
    let (task, _world) = bench.start(plan).await;
    let again =
        |record: &TaskRecord| record.containers["app"].restarts == 1 && record.status == TaskStatus::Running;
    task.wait_until("running again", DEADLINE, again).await.unwrap();
    let record = task.stop(StopReason::user(None)).await.unwrap();
    assert_eq!(record.containers["app"].exit_code, Some(137));
    assert_eq!(bench.recorder.log("app"), ["stdout first", "stdout second"], "each line once");
    task.remove().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pid_mode_task_shares_processes_and_injected_variables_are_there() {
    let bench = Bench::new("pid").await;
    let text = r#"{"family": "f", "pidMode": "task", "containerDefinitions": [
        {"name": "app", "image": "app:1", "entryPoint": ["/bin/sh", "-c"], "stopTimeout": 2,
         "command": ["echo pid $$; echo $HOSTNAME $AWS_EXECUTION_ENV; exec sleep 1000"]}]}"#;
    let plan = Plan::new(&TaskDefinition::parse("t", text).unwrap(), &bench.options()).unwrap();
    let (task, _world) = bench.start(plan).await;
    task.wait_running(DEADLINE).await.unwrap();
    let app = task.container("app").unwrap();
    let first = app.exec(&["/bin/cat", "/proc/1/cmdline"], DEADLINE).await.unwrap();
    assert_eq!(first.stdout, b"/bin/cat\0", "process 1 is the world's");
    task.stop(StopReason::user(None)).await.unwrap();
    let log = bench.recorder.log("app");
    assert!(log[0].starts_with("stdout pid ") && log[0] != "stdout pid 1", "{log:?}");
    assert_eq!(log[1], "stdout ip-10-0-42-7.ec2.internal AWS_ECS_FARGATE");
    task.remove().await.unwrap();
}
