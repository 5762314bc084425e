//! What the metadata service asks the engine for, when someone reads it.
//!
//! Declared choices where `fargate.md` 3.4 is silent: numbers are taken when they are asked for, not every ten seconds; the
//! previous look of `precpu_stats` is the previous request's; the first rate is the mean since the container's start; storage is
//! measured once the task is RUNNING, and left out before.

use super::statistics;
use crate::engine::{ContainerId, CpuUse, Engine, MountOrigin};
use crate::lifecycle::TaskStatus;
use crate::plan::{Plan, WORLD};
use crate::services::{Gauge, Made, VolumeDocument};
use crate::task::TaskView;
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

/// The task's interface (`fargate.md` 2.8).
const ENI: &str = "eth1";
/// How the world agent is asked what its interfaces have carried.
const ASK: [&str; 2] = ["/world", "interfaces"];
/// How long it may take.
const ASK_LIMIT: Duration = Duration::from_secs(10);
/// What statistics show of a container without a memory limit of its own: the kernel's "none" (`fargate.md` 3.4).
const NO_LIMIT: u64 = 9_223_372_036_854_771_712;
/// Columns of the kernel's table of interfaces, receiving and sending, of those that statistics have.
const COLUMNS: [(&str, usize); 8] = [
    ("rx_bytes", 0),
    ("rx_packets", 1),
    ("rx_errors", 2),
    ("rx_dropped", 3),
    ("tx_bytes", 8),
    ("tx_packets", 9),
    ("tx_errors", 10),
    ("tx_dropped", 11),
];

/// How long a document waits for what the engine has to look up or to measure. An engine that is starting containers takes its
/// time, and who reads a document in order to start must not wait for it; what comes later is in the next document.
const PATIENCE: Duration = Duration::from_millis(300);

/// Asks the engine about the containers of a task.
pub(super) struct EngineGauge {
    asking: Arc<Asking>,
}

struct Asking {
    engine: Arc<dyn Engine>,
    plan: Arc<Plan>,
    view: watch::Receiver<TaskView>,
    made: Mutex<BTreeMap<ContainerId, Made>>,
    looks: Mutex<BTreeMap<ContainerId, Look>>,
    storage: Mutex<Option<u64>>,
    measuring: tokio::sync::Mutex<()>,
}

/// What was seen at the last look.
#[derive(Debug, Clone)]
struct Look {
    at: jiff::Timestamp,
    cpu: CpuUse,
    read: jiff::Timestamp,
    received: u64,
    sent: u64,
}

impl EngineGauge {
    pub(super) fn new(engine: Arc<dyn Engine>, plan: Arc<Plan>, view: watch::Receiver<TaskView>) -> Self {
        let asking = Asking {
            engine,
            plan,
            view,
            made: Mutex::default(),
            looks: Mutex::default(),
            storage: Mutex::default(),
            measuring: tokio::sync::Mutex::default(),
        };
        Self { asking: Arc::new(asking) }
    }
}

impl Asking {
    fn id(&self, name: &str) -> Option<ContainerId> {
        self.view.borrow().ids.get(name).cloned()
    }

    /// Made of what it is for good, so it is asked for once.
    async fn made_of(&self, name: &str) -> Option<(String, Made)> {
        let id = self.id(name)?;
        let known = self.made.lock().expect("nothing panics while it holds the lock").get(&id).cloned();
        if let Some(made) = known {
            return Some((name.to_owned(), made));
        }
        let seen = self.engine.inspect(&id).await.ok()?;
        let volumes = seen.made.mounts.into_iter().filter_map(|mount| match mount.source {
            MountOrigin::Volume { name, path } => Some(VolumeDocument {
                docker_name: Some(name),
                source: Some(path),
                destination: mount.target,
            }),
            MountOrigin::Path(_) | MountOrigin::Memory => None,
        });
        let made = Made { image_id: seen.made.image_id, volumes: volumes.collect() };
        self.made.lock().expect("nothing panics while it holds the lock").insert(id, made.clone());
        Some((name.to_owned(), made))
    }

    async fn statistics_of(
        &self,
        name: &str,
        carried: &Option<Map<String, Value>>,
    ) -> Option<(String, Value)> {
        let id = self.id(name)?;
        let planned = self.plan.container(name)?;
        let mut used = self.engine.statistics(&id).await.ok()?;
        if planned.described.memory.is_none() {
            used.memory.limit = Some(NO_LIMIT);
        }
        let carried = carried.as_ref()?;
        let number = |column: &str| carried.get(column).and_then(Value::as_u64).unwrap_or(0);
        let now = Look {
            at: jiff::Timestamp::now(),
            cpu: used.cpu.clone(),
            read: used.at,
            received: number("rx_bytes"),
            sent: number("tx_bytes"),
        };
        let before =
            self.looks.lock().expect("nothing panics while it holds the lock").insert(id, now.clone());
        let mut told = statistics::document(&used, before.as_ref().map(|before| (&before.cpu, before.read)));
        told["id"] = json!(planned.metadata_id);
        told["name"] = json!(name);
        let (since, received, sent) = match &before {
            Some(before) => (before.at, before.received, before.sent),
            None => (self.started(name)?, 0, 0),
        };
        let seconds = now.at.duration_since(since).as_secs_f64().max(0.001);
        let rate = |now: u64, before: u64| now.saturating_sub(before) as f64 / seconds;
        told["networks"] = json!({ENI: carried});
        told["network_rate_stats"] = json!({
            "rx_bytes_per_sec": rate(now.received, received),
            "tx_bytes_per_sec": rate(now.sent, sent),
        });
        Some((name.to_owned(), told))
    }

    fn started(&self, name: &str) -> Option<jiff::Timestamp> {
        let view = self.view.borrow();
        Some(view.wall(view.record.containers.get(name)?.started_at?))
    }

    /// Counts the storage of the task, one at a time.
    async fn measure(&self) {
        let _one = self.measuring.lock().await;
        let ids: Vec<_> = self.plan.containers.iter().filter_map(|one| self.id(&one.name)).collect();
        let used = join_all(ids.iter().map(|id| self.engine.disk_use(id))).await;
        let used: Vec<_> = used.into_iter().flatten().collect();
        let images: BTreeMap<_, _> = used.iter().map(|one| (&one.image_id, one.image)).collect();
        let written: u64 = used.iter().map(|one| one.written).sum();
        let mebibytes = (images.values().sum::<u64>() + written) >> 20;
        *self.storage.lock().expect("nothing panics while it holds the lock") = Some(mebibytes);
    }

    /// What the task's interface has carried.
    async fn carried(&self) -> Option<Map<String, Value>> {
        let told = self.engine.exec(&self.id(WORLD)?, &ASK.map(str::to_owned), ASK_LIMIT).await.ok()?;
        interface(&String::from_utf8_lossy(&told.stdout), ENI)
    }
}

impl Gauge for EngineGauge {
    fn made<'a>(&'a self, names: &'a [String]) -> BoxFuture<'a, BTreeMap<String, Made>> {
        Box::pin(async {
            let all = names.iter().map(|name| {
                let (asking, name) = (Arc::clone(&self.asking), name.clone());
                in_patience(async move { asking.made_of(&name).await })
            });
            join_all(all).await.into_iter().flatten().flatten().collect()
        })
    }

    fn statistics<'a>(&'a self, names: &'a [String]) -> BoxFuture<'a, BTreeMap<String, Value>> {
        Box::pin(async {
            let carried = self.asking.carried().await;
            let all = join_all(names.iter().map(|name| self.asking.statistics_of(name, &carried))).await;
            all.into_iter().flatten().collect()
        })
    }

    fn storage(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async {
            // Measuring is work for an engine; while containers are starting it has other things to do.
            let running = self.asking.view.borrow().record.reached.contains_key(&TaskStatus::Running);
            if running {
                let asking = Arc::clone(&self.asking);
                in_patience(async move { asking.measure().await }).await;
            }
            *self.asking.storage.lock().expect("nothing panics while it holds the lock")
        })
    }
}

/// Waits a while for a question, which goes on after that.
async fn in_patience<T: Send + 'static>(question: impl Future<Output = T> + Send + 'static) -> Option<T> {
    tokio::time::timeout(PATIENCE, tokio::spawn(question)).await.ok()?.ok()
}

/// A row of the kernel's table of interfaces.
fn interface(table: &str, name: &str) -> Option<Map<String, Value>> {
    let row = table.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'))?;
    let numbers: Vec<u64> = row.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    COLUMNS.iter().map(|(column, at)| Some(((*column).to_owned(), json!(numbers.get(*at)?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_one_interface_is_read() {
        let table = "Inter-|   Receive                                                |  Transmit\n \
            face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls\n    \
            lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0\n  \
            eth1:    1234      12    1    2    0     0          0         0     5678      34    3    4    0     0       0          0\n";
        let eth1 = interface(table, "eth1").unwrap();
        assert_eq!(
            Value::Object(eth1),
            json!({
                "rx_bytes": 1234, "rx_packets": 12, "rx_errors": 1, "rx_dropped": 2,
                "tx_bytes": 5678, "tx_packets": 34, "tx_errors": 3, "tx_dropped": 4,
            })
        );
        assert_eq!(interface(table, "eth0"), None);
        assert_eq!(interface("eth1: what", "eth1"), None);
    }
}
