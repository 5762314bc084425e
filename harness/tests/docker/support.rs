//! What integration tests share: a busybox image, definitions, a recorder that remembers.

use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::engine::{Engine, ImageImport, connect};
use proofhouse_harness::labels::RunLabels;
use proofhouse_harness::plan::{Plan, PlanOptions};
use proofhouse_harness::task::{Arrival, Task};
use proofhouse_protocol::observation::{Observation, Recorder, Recording, Source, TaskKind};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tar::{EntryType, Header};

/// Anything that waits in a test waits no longer than this.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A recorder that remembers.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Vec<Recording>>);

impl Recorder for Memory {
    fn record(&self, recording: Recording) {
        self.0.lock().unwrap().push(recording);
    }
}

impl Memory {
    /// Container events as `name event`, in order.
    pub fn container_events(&self) -> Vec<String> {
        self.select(|source, observation| match (source, observation) {
            (Source::Container(name), Observation::ContainerEvent { event, .. }) => {
                Some(format!("{name} {event}"))
            }
            _ => None,
        })
    }

    /// Task states in order.
    pub fn states(&self) -> Vec<String> {
        self.select(|_, observation| match observation {
            Observation::TaskState { state, .. } => Some(state.to_string()),
            _ => None,
        })
    }

    /// Lines of a container.
    pub fn log(&self, container: &str) -> Vec<String> {
        self.select(|source, observation| match (source, observation) {
            (Source::Container(name), Observation::Log { stream, line }) if name == container => {
                Some(format!("{stream} {line}"))
            }
            _ => None,
        })
    }

    /// What `pick` takes of all that was observed, in order.
    pub fn all<T>(&self, pick: impl Fn(&Observation) -> Option<T>) -> Vec<T> {
        self.select(|_, observation| pick(observation))
    }

    fn select<T>(&self, pick: impl Fn(&Source, &Observation) -> Option<T>) -> Vec<T> {
        self.0.lock().unwrap().iter().filter_map(|seen| pick(&seen.source, &seen.observation)).collect()
    }
}

/// Docker, and what tests run on it.
pub struct Bench {
    pub engine: Arc<dyn Engine>,
    pub image: String,
    pub run: String,
    pub recorder: Arc<Memory>,
}

impl Bench {
    /// Connects and makes the image.
    pub async fn new(test: &str) -> Self {
        let engine = connect().await.unwrap();
        let busybox = busybox();
        let image = format!("{}:{}", busybox.repository, busybox.tag);
        if !engine.image_exists(&image).await.unwrap() {
            engine.import(&busybox).await.unwrap();
        }
        let run = format!("{test}-{}", proofhouse_harness::plan::new_task_id());
        Self { engine, image, run, recorder: Arc::default() }
    }

    /// Options of a task: busybox plays the world, which lives as long as its standard input is open.
    pub fn options(&self) -> PlanOptions {
        let mut labels = RunLabels::new(&self.run, "test");
        labels.extra.insert("proofhouse.test".to_owned(), "harness".to_owned());
        let mut options = PlanOptions::new(labels, &self.image);
        options.world_command = Some(["/bin/cat"].map(str::to_owned).to_vec());
        // An engine that is itself in a container gives fewer than Fargate.
        options.open_files = Some(1024);
        options.images.insert("app:1".to_owned(), self.image.clone());
        options
    }

    /// Plans a definition of containers; they use image `app:1`.
    pub fn plan(&self, containers: &str) -> Plan {
        let text = format!(
            r#"{{"family": "test", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
                 "volumes": [{{"name": "data"}}], "containerDefinitions": [{containers}]}}"#
        );
        let definition = TaskDefinition::parse("test.json", &text).unwrap();
        Plan::new(&definition, &self.options()).unwrap()
    }

    /// Starts a task; the world's streams are kept open by the answer.
    pub async fn start(&self, plan: Plan) -> (Task, Arrival) {
        let recorder = Arc::clone(&self.recorder);
        Task::start(Arc::clone(&self.engine), plan, TaskKind::Bare, None, recorder, async |arrival| {
            Ok(arrival)
        })
        .await
        .unwrap()
    }

    /// Names of everything that carries the run's label.
    pub async fn leftovers(&self) -> Vec<String> {
        let label = [format!("proofhouse.run={}", self.run)];
        let containers = self.engine.list(&label).await.unwrap().into_iter().map(|container| container.name);
        let volumes = self.engine.list_volumes(&label).await.unwrap().into_iter().map(|volume| volume.name);
        containers.chain(volumes).collect()
    }
}

/// Debian's busybox-static as an image, with a volume that has content and a HEALTHCHECK that ECS ignores.
fn busybox() -> ImageImport {
    let binary = std::fs::read("/bin/busybox")
        .expect("install Debian's busybox-static: these tests need /bin/busybox");
    let mut tar = tar::Builder::new(Vec::new());
    let mut add = |kind: EntryType, path: &str, mode: u32, bytes: &[u8]| {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(bytes.len() as u64);
        if kind == EntryType::Symlink {
            header.set_size(0);
            tar.append_link(&mut header, path, "busybox").unwrap();
        } else {
            tar.append_data(&mut header, path, bytes).unwrap();
        }
    };
    for (path, mode) in [("bin/", 0o755), ("tmp/", 0o1777), ("opt/", 0o755), ("opt/tool/", 0o755)] {
        add(EntryType::Directory, path, mode, b"");
    }
    add(EntryType::Regular, "bin/busybox", 0o755, &binary);
    for name in ["sh", "sleep", "cat", "echo", "env", "hostname", "id", "test", "true"] {
        add(EntryType::Symlink, &format!("bin/{name}"), 0o777, b"");
    }
    add(EntryType::Regular, "opt/tool/run", 0o755, b"#!/bin/sh\necho from the volume\n");
    let root = tar.into_inner().unwrap();
    let changes = [
        "ENV PATH=/bin",
        "VOLUME /opt/tool",
        "HEALTHCHECK CMD /bin/true",
        "LABEL proofhouse.image=test-busybox proofhouse.test=harness",
    ]
    .map(str::to_owned)
    .to_vec();
    // Good enough to tell one content from another; nobody attacks a test.
    let mut hasher = DefaultHasher::new();
    (&root, &changes).hash(&mut hasher);
    let tag = format!("{:016x}", hasher.finish());
    ImageImport { repository: "proofhouse/test-busybox".to_owned(), tag, root: root.into(), changes }
}
