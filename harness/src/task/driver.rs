//! The loop that feeds the machine and carries out what it asks for.

use super::shared::{Input, Shared};
use super::{logs, operations, probe};
use crate::engine::{EngineError, EngineEvent, Happening};
use crate::lifecycle::{Command, ContainerStatus, Event, Machine, Signal};
use crate::plan::WORLD;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use proofhouse_protocol::observation::ContainerHappening;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

/// The rest of the logs is waited for that long once all containers have ended.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The loop's state.
pub(super) struct Driver {
    shared: Arc<Shared>,
    machine: Machine,
    inputs: mpsc::UnboundedReceiver<Input>,
    events: BoxStream<'static, Result<EngineEvent, EngineError>>,
    operations: JoinSet<Option<Event>>,
    logs: JoinSet<(String, usize)>,
    lines: BTreeMap<String, usize>,
    probes: BTreeMap<String, AbortHandle>,
    /// Exits that the engine told before it answered the start.
    early_exits: BTreeMap<String, i64>,
    out_of_memory: BTreeSet<String>,
}

impl Driver {
    pub fn new(
        shared: Arc<Shared>,
        machine: Machine,
        inputs: mpsc::UnboundedReceiver<Input>,
        events: BoxStream<'static, Result<EngineEvent, EngineError>>,
    ) -> Self {
        Self {
            shared,
            machine,
            inputs,
            events,
            operations: JoinSet::new(),
            logs: JoinSet::new(),
            lines: BTreeMap::new(),
            probes: BTreeMap::new(),
            early_exits: BTreeMap::new(),
            out_of_memory: BTreeSet::new(),
        }
    }

    /// Runs until the task is over and everything asked for is done, or until it is told to quit.
    pub async fn run(mut self) {
        let mut following = true;
        while !self.machine.is_over() {
            let deadline = self.machine.next_deadline();
            let begun = self.shared.begun;
            let tick = async move {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(begun + deadline).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                input = self.inputs.recv() => match input {
                    Some(Input::Event(event)) => self.handle(event),
                    Some(Input::Quit) | None => break,
                },
                Some(done) = self.operations.join_next() => match done {
                    Ok(Some(event)) => self.handle(event),
                    Ok(None) => {}
                    Err(error) => tracing::error!(%error, "an operation on a container did not end well"),
                },
                event = self.events.next(), if following => match event {
                    Some(Ok(event)) => self.engine_event(&event),
                    Some(Err(error)) => tracing::warn!(%error, "container events were interrupted"),
                    None => {
                        following = false;
                        let reason = "the engine stopped telling what happens to containers".to_owned();
                        self.handle(Event::WorldFailed { reason });
                    }
                },
                () = tick => self.handle(Event::Tick),
            }
        }
        for probe in self.probes.values() {
            probe.abort();
        }
        // A create that is under way must be known before anything is removed.
        while self.operations.join_next().await.is_some() {}
        self.logs.abort_all();
    }

    fn engine_event(&mut self, event: &EngineEvent) {
        let Some(name) = self.shared.name(&event.container) else { return };
        match event.happening {
            Happening::OutOfMemory => {
                self.out_of_memory.insert(name);
            }
            Happening::Removed => {}
            Happening::Exited { code } if name == WORLD => {
                self.shared.container_event(
                    &name,
                    ContainerHappening::Exited,
                    Some(code),
                    "the world container",
                );
                self.handle(Event::WorldFailed { reason: format!("the world container exited with {code}") });
            }
            Happening::Exited { code } => self.exited(name, code),
        }
    }

    fn exited(&mut self, name: String, code: i64) {
        let status = self.machine.record().containers.get(&name).map(|container| container.status);
        if status == Some(ContainerStatus::Starting) {
            self.early_exits.insert(name, code);
            return;
        }
        if let Some(probe) = self.probes.remove(&name) {
            probe.abort();
        }
        let out_of_memory = self.out_of_memory.remove(&name);
        let detail = if out_of_memory { "out of memory" } else { "" };
        self.shared.container_event(&name, ContainerHappening::Exited, Some(code), detail);
        self.handle(Event::Exited { container: name, code, out_of_memory });
    }

    fn handle(&mut self, event: Event) {
        let started = match &event {
            Event::Started { container } => Some(container.clone()),
            _ => None,
        };
        if let Event::StartFailed { container, reason, .. } | Event::CreateFailed { container, reason } =
            &event
        {
            self.shared.container_event(container, ContainerHappening::Failed, None, reason.clone());
        }
        if let Some(container) = &started {
            self.shared.container_event(container, ContainerHappening::Started, None, "");
            self.watch(container);
        }
        let commands = self.machine.handle(self.shared.now(), event);
        // The history first: who waits for a state may read there what led to it.
        let (reached, others): (Vec<_>, Vec<_>) =
            commands.into_iter().partition(|command| matches!(command, Command::Reached(_)));
        reached.into_iter().for_each(|command| self.carry_out(command));
        self.shared.publish(self.machine.record());
        others.into_iter().for_each(|command| self.carry_out(command));
        if let Some(container) = started
            && let Some(code) = self.early_exits.remove(&container)
        {
            self.exited(container, code);
        }
    }

    /// Follows the log and the health of a container that has just started.
    fn watch(&mut self, container: &str) {
        while let Some(Ok((name, lines))) = self.logs.try_join_next() {
            self.lines.insert(name, lines);
        }
        let seen = self.lines.get(container).copied().unwrap_or(0);
        let (shared, name) = (Arc::clone(&self.shared), container.to_owned());
        self.logs.spawn(async move { (name.clone(), logs::follow(shared, name, seen).await) });
        if let Some(health) = self.shared.plan.container(container).and_then(|planned| planned.health.clone())
        {
            let probe = tokio::spawn(probe::follow(Arc::clone(&self.shared), container.to_owned(), health));
            self.probes.insert(container.to_owned(), probe.abort_handle());
        }
    }

    fn carry_out(&mut self, command: Command) {
        let shared = Arc::clone(&self.shared);
        match command {
            Command::Create(name) => {
                self.operations
                    .spawn(async move { Some(operations::create_container(&shared, &name).await) });
            }
            Command::Start(name) => {
                self.operations.spawn(async move { Some(operations::start_container(&shared, &name).await) });
            }
            Command::Signal(name, signal) => {
                if signal == Signal::Term
                    && let Some(probe) = self.probes.remove(&name)
                {
                    probe.abort();
                }
                self.operations
                    .spawn(async move { operations::signal_container(&shared, &name, signal).await });
            }
            Command::Reached(status) => {
                let stop = self.machine.record().stop.as_ref();
                let detail = stop.map(|stop| format!("{:?}: {}", stop.code, stop.reason)).unwrap_or_default();
                shared.task_state(status, detail);
            }
            Command::Deprovision => {
                let mut logs = std::mem::take(&mut self.logs);
                self.operations.spawn(async move {
                    let all = async { while logs.join_next().await.is_some() {} };
                    if tokio::time::timeout(LAST_WORDS, all).await.is_err() {
                        tracing::warn!("a log did not end with its container");
                    }
                    Some(operations::deprovision(&shared).await)
                });
            }
        }
    }
}
