//! The life of one task of the ECS API.

use crate::failure::chain;
use crate::live::{Doors, stand_in};
use crate::output;
use proofhouse_harness::ecs::{Life, TaskOrder};
use proofhouse_harness::engine::Engine;
use proofhouse_harness::lifecycle::TaskStatus;
use proofhouse_harness::plan::{Plan, WORLD};
use proofhouse_harness::stand_ins::StandIns;
use proofhouse_harness::task::{TaskError, TaskView};
use proofhouse_protocol::observation::{self, SharedRecorder};
use proofhouse_protocol::{Observation, Source};
use proofhouse_scenarios::rig::{ConsoleEnd, Internet, RigError, RunningTask};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a task lives on.
pub struct Place {
    pub engine: Arc<dyn Engine>,
    pub console: Arc<ConsoleEnd>,
    pub watch: SharedRecorder,
    pub stand_ins: Arc<StandIns>,
    /// Name of the Defender's sidecar.
    pub sidecar: String,
    pub json: bool,
}

impl Place {
    /// Runs a task to its end and removes it. Only then it is told to be STOPPED: nothing of such a task is left. Whether it
    /// stopped in time when it was asked to.
    pub async fn live(self, order: &TaskOrder, plan: Plan, life: &Life) -> bool {
        let mut definition = order.definition.clone();
        for text in stand_in::replace(&mut definition, &self.sidecar, &self.stand_ins) {
            self.note(text);
        }
        let mut open_ports = stand_in::exposed_ports(&definition);
        open_ports.sort_unstable();
        open_ports.dedup();
        let address = Some(order.network.eni_address);
        let internet = Internet { address, open_ports, ..Internet::default() };
        let recorder = Arc::clone(&self.watch);
        let engine = Arc::clone(&self.engine);
        let task = match RunningTask::start(
            engine,
            plan.clone(),
            &internet,
            &self.console,
            (&self.sidecar, None),
            recorder,
        )
        .await
        {
            Ok(task) => task,
            Err(error) => {
                self.note(format!("the task did not come up: {}", chain(&error)));
                life.failed(&plan, &chain(&error), &unpulled(error));
                return true;
            }
        };
        let doors = self.doors(&order.id, &internet.open_ports, &task).await;
        let last = self.follow(&task, life).await;
        drop(doors);
        task.remove(&*self.watch).await;
        match last {
            Ok(last) => life.report(&last),
            Err(late) => {
                self.note(late.clone());
                life.failed(&plan, &format!("CannotStopContainerError: {late}"), &[]);
                return false;
            }
        }
        true
    }

    /// Ports of this machine that lead into the task. One that cannot be had is told, and ends nothing.
    async fn doors(&self, id: &str, ports: &[u16], task: &RunningTask) -> Option<Doors> {
        let doors = match Doors::open(ports, task.surroundings()).await {
            Ok(doors) => doors,
            Err(error) => {
                self.note(format!("no port of this machine leads into the task: {error}"));
                return None;
            }
        };
        if self.json && !doors.list().is_empty() {
            let ports: Vec<Value> =
                doors.list().iter().map(|(port, at)| json!({"port": port, "address": at})).collect();
            output::line(&json!({"kind": "doors", "task": id, "ports": ports}).to_string());
        }
        for (port, at) in doors.list().iter().filter(|_| !self.json) {
            self.note(format!("port {port} is at http://{at}"));
        }
        Some(doors)
    }

    /// Tells how the task goes on until it is over; its last state is given back and not told. An error when it was to stop and
    /// did not.
    async fn follow(&self, task: &RunningTask, life: &Life) -> Result<TaskView, String> {
        let mut view = task.task().view();
        let mut seen = BTreeSet::new();
        let following = async {
            loop {
                let now = view.borrow_and_update().clone();
                self.digests(&now, &mut seen, life).await;
                if now.record.status == TaskStatus::Stopped {
                    return now;
                }
                life.report(&now);
                if view.changed().await.is_err() {
                    return now;
                }
            }
        };
        let stopping = async {
            let reason = life.stop_requested().await;
            task.task().stop(reason).await
        };
        tokio::pin!(following);
        tokio::select! {
            last = &mut following => Ok(last),
            stopped = stopping => match stopped {
                Ok(_) => Ok(following.await),
                Err(error) => Err(chain(&error)),
            },
        }
    }

    /// Tells the digests of images of containers that are new.
    async fn digests(&self, view: &TaskView, seen: &mut BTreeSet<String>, life: &Life) {
        for (name, id) in view.ids.iter().filter(|(name, _)| *name != WORLD) {
            if seen.insert(name.clone())
                && let Ok(inspection) = self.engine.inspect(id).await
            {
                life.digest(name, &inspection.made.image_id);
            }
        }
    }

    fn note(&self, text: String) {
        observation::record(&*self.watch, Source::Engine, Observation::Note { text });
    }
}

/// Containers whose image could not be fetched, with the reason.
fn unpulled(error: RigError) -> Vec<(String, String)> {
    match error {
        RigError::Task(TaskError::Stopped { unpulled, .. }) => unpulled,
        _ => Vec::new(),
    }
}
