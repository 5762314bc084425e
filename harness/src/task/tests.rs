//! What a task makes of an engine that is late, breaks off, or fails.

use super::scripted::{Scripted, shared};
use super::{Arrival, Task, TaskError};
use crate::clean::{Scope, clean_whole};
use crate::definition::TaskDefinition;
use crate::engine::{EngineError, EngineNews, ExecOutcome, Happening, VolumeListing};
use crate::labels::RunLabels;
use crate::lifecycle::{ContainerStatus, Health, StopReason, TaskRecord};
use crate::plan::{Plan, PlanOptions};
use futures_util::FutureExt;
use proofhouse_protocol::observation::{
    ContainerHappening, FencePhase, Observation, Pipeline, Recorder, Recording, TaskKind,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Memory(Mutex<Vec<Recording>>);

impl Recorder for Memory {
    fn record(&self, recording: Recording) {
        self.0.lock().unwrap().push(recording);
    }
}

impl Memory {
    fn all<T>(&self, pick: impl Fn(&Observation) -> Option<T>) -> Vec<T> {
        self.0.lock().unwrap().iter().filter_map(|recording| pick(&recording.observation)).collect()
    }

    fn lost(&self) -> Vec<Pipeline> {
        self.all(|seen| match seen {
            Observation::Lost { pipeline, .. } => Some(pipeline.clone()),
            _ => None,
        })
    }
}

struct Scene {
    engine: Arc<Scripted>,
    memory: Arc<Memory>,
    task: Task,
    _arrival: Arrival,
}

/// A task of one container `app`, which has a limit of memory, with `more` members.
async fn scene(engine: Scripted, more: &str) -> Scene {
    let text = format!(
        r#"{{"family": "t", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "containerDefinitions": [
            {{"name": "app", "image": "app:1", "memory": 64 {more}}}]}}"#
    );
    let definition = TaskDefinition::parse("test.json", &text).unwrap();
    let mut options = PlanOptions::new(RunLabels::new("run", "test"), "world:1");
    options.health_time_scale = 0.001;
    let plan = Plan::new(&definition, &options).unwrap();
    let (engine, memory) = (Arc::new(engine), Arc::new(Memory::default()));
    let started =
        Task::start(shared(&engine), plan, TaskKind::Bare, None, memory.clone(), async |arrival| Ok(arrival))
            .await;
    let (task, arrival) = started.unwrap();
    Scene { engine, memory, task, _arrival: arrival }
}

impl Scene {
    async fn running(self) -> Self {
        self.task.wait_running(DEADLINE).await.unwrap();
        self
    }

    async fn app(&self, is: impl Fn(&crate::lifecycle::ContainerRecord) -> bool) -> TaskRecord {
        self.task.wait_until("as wanted", DEADLINE, |record| is(&record.containers["app"])).await.unwrap()
    }
}

fn reason(record: &TaskRecord) -> Option<&str> {
    record.containers["app"].reason.as_deref()
}

fn engine_error() -> EngineError {
    EngineError::Timeout { what: "exec".to_owned(), after: DEADLINE }
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_cannot_run_a_check_says_nothing_of_the_container() {
    let healthy = ExecOutcome { code: 0, stdout: Vec::new(), stderr: Vec::new() };
    let engine = Scripted {
        exec: Box::new(move |number| if number <= 20 { Err(engine_error()) } else { Ok(healthy.clone()) }),
        ..Scripted::default()
    };
    let check = r#", "healthCheck": {"command": ["CMD", "check"], "interval": 5, "retries": 1}"#;
    let scene = scene(engine, check).await.running().await;
    let record = scene.app(|app| app.health != Health::Unknown).await;
    assert_eq!(record.containers["app"].health, Health::Healthy);
    assert_eq!(scene.engine.execs(), 21, "it was tried again until the engine answered");
    let events = scene.memory.all(|seen| match seen {
        Observation::ContainerEvent { event: ContainerHappening::Unhealthy, .. } => Some(()),
        _ => None,
    });
    assert_eq!(events, []);
    let notes = scene.memory.all(|seen| match seen {
        Observation::Note { text } => Some(text.clone()),
        _ => None,
    });
    assert!(notes[0].starts_with("a health check was not run"), "{notes:?}");
    assert_eq!(notes[1], "a health check is run again after 20 tries");
}

#[tokio::test(start_paused = true)]
async fn a_check_that_does_not_end_in_time_is_a_failure() {
    let engine = Scripted {
        exec: Box::new(|_| Err(EngineError::Unfinished { what: "check".to_owned(), after: DEADLINE })),
        ..Scripted::default()
    };
    let check = r#", "healthCheck": {"command": ["CMD", "check"], "interval": 5, "retries": 2}"#;
    let scene = scene(engine, check).await.running().await;
    let record = scene.app(|app| app.health == Health::Unhealthy).await;
    assert_eq!(record.containers["app"].health_check.as_ref().unwrap().exit_code, None);
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_the_task_at_once_and_says_what_panicked() {
    let engine = Scripted { panics_at_start: Some("app"), ..Scripted::default() };
    let scene = scene(engine, "").await;
    let begun = tokio::time::Instant::now();
    for error in [
        scene.task.wait_running(DEADLINE).await.unwrap_err(),
        scene.task.stop(StopReason::user(None)).await.unwrap_err(),
    ] {
        let TaskError::Panicked { operation, text } = &error else { panic!("{error}") };
        assert_eq!((operation.as_str(), text.as_str()), ("starting \"app\"", "the script says so"));
    }
    assert_eq!(begun.elapsed(), Duration::ZERO);
    scene.task.remove().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn memory_that_ran_out_is_the_reason_whenever_the_engine_tells_it() {
    let out_of_memory = Happening::OutOfMemory;
    let killed = Happening::Exited { code: 137 };
    // Before the exit; after it; long after it; never, but when it is asked.
    for (order, known, late) in [
        ([out_of_memory, killed], false, false),
        ([killed, out_of_memory], false, false),
        ([killed, out_of_memory], false, true),
        ([killed, killed], true, false),
    ] {
        let engine = Scripted {
            out_of_memory: Box::new(move || {
                async move {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    known
                }
                .boxed()
            }),
            ..Scripted::default()
        };
        let scene = scene(engine, "").await.running().await;
        scene.engine.happens("app", order[0]);
        if late {
            scene.app(|app| app.status == ContainerStatus::Stopped).await;
        }
        if order[1] != order[0] {
            scene.engine.happens("app", order[1]);
        }
        let record = scene.app(|app| app.status == ContainerStatus::Stopped && app.reason.is_some()).await;
        let reason = reason(&record);
        assert!(reason.unwrap().starts_with("OutOfMemoryError"), "{order:?}: {reason:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_harness_kills_did_not_run_out_of_memory() {
    let scene = scene(
        Scripted { out_of_memory: Box::new(|| panic!("nobody needs to ask")), ..Scripted::default() },
        "",
    );
    let scene = scene.await.running().await;
    scene.task.container("app").unwrap().kill("SIGKILL").await.unwrap();
    let record = scene.app(|app| app.status == ContainerStatus::Stopped).await;
    assert_eq!((record.containers["app"].exit_code, reason(&record)), (Some(137), None));
}

#[tokio::test(start_paused = true)]
async fn a_fence_comes_out_behind_what_was_told_before_and_after_the_end_too() {
    let scene = scene(Scripted::default(), "").await.running().await;
    let app = scene.task.container("app").unwrap();
    scene.engine.happens("app", Happening::Exited { code: 3 });
    app.fence_events(DEADLINE).await.unwrap();
    let order = scene.memory.all(|seen| match seen {
        Observation::ContainerEvent { event: ContainerHappening::Exited, detail, .. } => {
            (detail != "the world container").then_some("exited")
        }
        Observation::Fence { phase: FencePhase::Sent, .. } => Some("sent"),
        Observation::Fence { phase: FencePhase::Passed, .. } => Some("passed"),
        _ => None,
    });
    assert_eq!(order, ["sent", "exited", "passed"]);
    scene.task.wait_stopped(DEADLINE).await.unwrap();
    app.fence_events(DEADLINE).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_fence_does_not_overtake_an_exit_whose_reason_is_asked_for() {
    let engine = Scripted {
        out_of_memory: Box::new(|| {
            async { tokio::time::sleep(Duration::from_secs(1)).map(|()| true).await }.boxed()
        }),
        ..Scripted::default()
    };
    let scene = scene(engine, "").await.running().await;
    scene.engine.happens("app", Happening::Exited { code: 137 });
    scene.task.container("app").unwrap().fence_events(DEADLINE).await.unwrap();
    let order = scene.memory.all(|seen| match seen {
        Observation::ContainerEvent { event: ContainerHappening::Exited, detail, .. } => {
            (detail != "the world container").then_some("exited")
        }
        Observation::Fence { phase: FencePhase::Passed, .. } => Some("passed"),
        _ => None,
    });
    assert_eq!(order, ["exited", "passed"]);
}

#[tokio::test(start_paused = true)]
async fn a_fence_that_does_not_come_out_says_so() {
    let scene = scene(Scripted { tells_marks: false, ..Scripted::default() }, "").await.running().await;
    let error = scene.task.container("app").unwrap().fence_events(DEADLINE).await.unwrap_err();
    assert!(error.to_string().contains("nothing came out within 30s"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn events_that_may_be_missing_are_a_loss_and_the_containers_are_looked_at() {
    let scene = scene(Scripted::default(), "").await.running().await;
    scene.engine.ends_untold("app", 4);
    scene.engine.news(EngineNews::Reopened { why: "cut".to_owned(), whole: true });
    scene.task.container("app").unwrap().fence_events(DEADLINE).await.unwrap();
    assert_eq!((scene.memory.lost(), scene.task.record().containers["app"].exit_code), (vec![], None));
    scene.engine.news(EngineNews::Reopened { why: "cut".to_owned(), whole: false });
    let record = scene.app(|app| app.status == ContainerStatus::Stopped).await;
    assert_eq!(record.containers["app"].exit_code, Some(4));
    assert_eq!(scene.memory.lost(), [Pipeline::EngineEvents { container: "app".to_owned() }]);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_breaks_is_read_again_and_is_a_loss_only_where_that_fails() {
    let lines = |scene: &Scene| {
        scene.memory.all(|seen| match seen {
            Observation::Log { line, .. } => Some(line.clone()),
            _ => None,
        })
    };
    let logs = |all: &[(&[&'static str], bool)]| Scripted {
        logs: Mutex::new(all.iter().map(|(lines, breaks)| (lines.to_vec(), *breaks)).collect()),
        ..Scripted::default()
    };
    let whole =
        scene(logs(&[(&["a", "b"][..], true), (&["a", "b", "c"][..], false)]), "").await.running().await;
    whole.task.stop(StopReason::user(None)).await.unwrap();
    assert_eq!((lines(&whole), whole.memory.lost()), (["a", "b", "c"].map(str::to_owned).to_vec(), vec![]));
    let broken = scene(logs(&[(&["a"][..], true); 9]), "").await.running().await;
    broken.task.stop(StopReason::user(None)).await.unwrap();
    assert_eq!(lines(&broken), ["a"]);
    assert_eq!(broken.memory.lost(), [Pipeline::Logs { container: "app".to_owned() }]);
}

#[tokio::test(start_paused = true)]
async fn what_comes_to_be_behind_a_look_of_clean_goes_with_the_next() {
    let engine = Scripted::default();
    let found =
        |name: &str| vec![VolumeListing { name: name.to_owned(), labels: std::collections::BTreeMap::new() }];
    engine.volumes.lock().unwrap().extend([
        Vec::new(),
        found("late"),
        found("later"),
        Vec::new(),
        found("another's"),
    ]);
    let cleaned = clean_whole(&engine, &Scope::Run("run".to_owned())).await.unwrap();
    assert_eq!(cleaned.volumes, ["late", "later"]);
}
