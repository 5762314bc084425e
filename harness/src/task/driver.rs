//! The loop that feeds the machine and carries out what it asks for.

use super::shared::{Input, Shared};
use super::work::Work;
use super::{Panicked, fence, logs, operations, probe};
use crate::engine::{EngineEvent, EngineNews, Happening};
use crate::lifecycle::{Command, ContainerStatus, Event, Machine, Signal, TaskStatus};
use crate::plan::WORLD;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use proofhouse_protocol::observation::{ContainerHappening, Pipeline, Source};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};
use tokio::task::AbortHandle;

/// An exit by SIGKILL that nobody asked for has a reason, which may come that much later than the exit.
const LATE_REASON: Duration = Duration::from_millis(1500);
/// Exit code of a process that was killed.
const KILLED: i64 = 137;

/// What something under way on a container has come to.
enum Done {
    /// Nothing more to do.
    Nothing,
    /// Something for the machine.
    Event(Event),
    /// An exit, with whether memory had run out.
    Ended { container: String, code: i64, out_of_memory: bool },
    /// How a container stands after events may have been missed.
    Looked { container: String, exit: Option<i64> },
}

impl From<Option<Event>> for Done {
    fn from(event: Option<Event>) -> Self {
        event.map_or(Self::Nothing, Self::Event)
    }
}

/// The loop's state.
pub(super) struct Driver {
    shared: Arc<Shared>,
    machine: Machine,
    inputs: mpsc::UnboundedReceiver<Input>,
    events: BoxStream<'static, EngineNews>,
    operations: Work<Done>,
    logs: Work<()>,
    lines: BTreeMap<String, Arc<Mutex<usize>>>,
    checks: Work<()>,
    probes: BTreeMap<String, AbortHandle>,
    /// What the engine told of containers whose start or exit is not yet settled, in its order.
    held: BTreeMap<String, VecDeque<Happening>>,
    out_of_memory: BTreeSet<String>,
}

impl Driver {
    pub fn new(
        shared: Arc<Shared>,
        machine: Machine,
        inputs: mpsc::UnboundedReceiver<Input>,
        events: BoxStream<'static, EngineNews>,
    ) -> Self {
        Self {
            shared,
            machine,
            inputs,
            events,
            operations: Work::default(),
            logs: Work::default(),
            lines: BTreeMap::new(),
            checks: Work::default(),
            probes: BTreeMap::new(),
            held: BTreeMap::new(),
            out_of_memory: BTreeSet::new(),
        }
    }

    /// Runs until it is told to quit: what the engine tells of a task that is over is evidence too. A panic, of the loop or
    /// of anything that it has begun, is the end of the task, and said to all who wait for something of it.
    pub async fn run(self) {
        let shared = Arc::clone(&self.shared);
        match AssertUnwindSafe(self.go_on()).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(panicked)) => shared.panicked(panicked),
            Err(panic) => shared.panicked(Panicked::new("driving the task", panic.as_ref())),
        }
    }

    async fn go_on(mut self) -> Result<(), Panicked> {
        let result = self.follow().await;
        if let Err(panicked) = &result {
            // At once: the rest may take its time.
            self.shared.panicked(panicked.clone());
        }
        self.checks.abort();
        self.logs.abort();
        self.shared.marks.lost("the task is not followed any more");
        // A create that is under way must be known before anything is removed.
        while self.operations.next().await.is_some() {}
        result
    }

    async fn follow(&mut self) -> Result<(), Panicked> {
        let mut following = true;
        loop {
            let deadline = self.machine.next_deadline().filter(|_| !self.machine.is_over());
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
                    Some(Input::Quit) | None => return Ok(()),
                },
                Some(done) = self.operations.next() => self.done(done?),
                Some(ended) = self.checks.next() => ended?,
                Some(log) = self.logs.next() => log?,
                news = self.events.next(), if following => match news {
                    Some(EngineNews::Happened(event)) => self.told(&event),
                    Some(EngineNews::Reopened { why, whole }) => self.reopened(&why, whole),
                    None => {
                        following = false;
                        let reason = "the engine stopped telling what happens to containers".to_owned();
                        self.events_lost(&reason);
                        self.handle(Event::WorldFailed { reason });
                    }
                },
                () = tick => self.handle(Event::Tick),
            }
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Nothing => {}
            Done::Event(event) => self.handle(event),
            Done::Ended { container, code, out_of_memory } => {
                // The engine may have told it while it was asked.
                let told = self.held.get_mut(&container).is_some_and(take_out_of_memory);
                self.ended(&container, code, out_of_memory || told);
                self.go_on_with(&container);
            }
            Done::Looked { container, exit } => {
                let status = self.status(&container);
                if let Some(code) = exit
                    && status == Some(ContainerStatus::Running)
                    && !self.held.contains_key(&container)
                {
                    self.happened(&container, Happening::Exited { code });
                }
            }
        }
    }

    fn told(&mut self, event: &EngineEvent) {
        let Some(name) = self.shared.name(&event.container) else { return };
        match self.held.get_mut(&name) {
            Some(held) => held.push_back(event.happening),
            None => self.happened(&name, event.happening),
        }
    }

    fn happened(&mut self, name: &str, happening: Happening) {
        match happening {
            Happening::OutOfMemory if self.status(name) == Some(ContainerStatus::Stopped) => {
                self.handle(Event::OutOfMemory { container: name.to_owned() });
            }
            Happening::OutOfMemory => {
                self.out_of_memory.insert(name.to_owned());
            }
            Happening::Removed => {}
            Happening::Marked => fence::passed(&self.shared, name),
            Happening::Exited { code } if name == WORLD => {
                self.shared.container_event(
                    name,
                    ContainerHappening::Exited,
                    Some(code),
                    "the world container",
                );
                let reason = format!("the world container exited with {code}");
                if self.machine.record().status < TaskStatus::Deprovisioning {
                    self.shared.losses.lost(Pipeline::Relay, 0, &reason);
                }
                self.handle(Event::WorldFailed { reason });
            }
            Happening::Exited { code } => self.exited(name, code),
        }
    }

    /// Goes on with what was held back of a container, until it has to be held back again.
    fn go_on_with(&mut self, name: &str) {
        let mut held = self.held.remove(name).unwrap_or_default();
        while let Some(happening) = held.pop_front() {
            self.happened(name, happening);
            if let Some(again) = self.held.get_mut(name) {
                again.append(&mut held);
                return;
            }
        }
    }

    fn exited(&mut self, name: &str, code: i64) {
        if self.status(name) == Some(ContainerStatus::Starting) {
            // The engine tells the exit of a short program before it answers the start.
            self.held.entry(name.to_owned()).or_default().push_back(Happening::Exited { code });
            return;
        }
        if let Some(probe) = self.probes.remove(name) {
            probe.abort();
        }
        let known = self.out_of_memory.remove(name);
        let wanted = self.shared.was_killed(name) && code == KILLED;
        let limited = self.shared.plan.container(name).is_some_and(|planned| planned.spec.memory.is_some());
        let Some(id) = self.shared.id(name).filter(|_| limited && !known && !wanted) else {
            self.ended(name, code, known);
            return;
        };
        self.held.insert(name.to_owned(), VecDeque::new());
        let patience = if code == KILLED { LATE_REASON } else { Duration::ZERO };
        let (shared, container) = (Arc::clone(&self.shared), name.to_owned());
        self.operations.begin(format!("asking why \"{name}\" ended"), async move {
            let out_of_memory = operations::ran_out_of_memory(&shared, &id, patience).await;
            Done::Ended { container, code, out_of_memory }
        });
    }

    fn ended(&mut self, name: &str, code: i64, out_of_memory: bool) {
        let detail = if out_of_memory { "out of memory" } else { "" };
        self.shared.container_event(name, ContainerHappening::Exited, Some(code), detail);
        self.handle(Event::Exited { container: name.to_owned(), code, out_of_memory });
    }

    /// The engine's events were interrupted. Where some may be missing, the containers are looked at.
    fn reopened(&mut self, why: &str, whole: bool) {
        if whole {
            let text = format!("the engine's events broke off and go on without a gap: {why}");
            self.shared.note(Source::Engine, text);
            return;
        }
        self.events_lost(&format!(
            "the engine's events broke off, and it does not tell again what it told: {why}"
        ));
        for planned in &self.shared.plan.containers {
            let (shared, container) = (Arc::clone(&self.shared), planned.name.clone());
            let Some(id) = shared.id(&container) else { continue };
            self.operations.begin(format!("looking after \"{container}\""), async move {
                let exit = operations::exit_of(&shared, &id).await;
                Done::Looked { container, exit }
            });
        }
    }

    fn events_lost(&self, why: &str) {
        self.shared.marks.lost(why);
        for container in self.shared.plan.containers.iter().map(|planned| planned.name.clone()) {
            self.shared.losses.lost(Pipeline::EngineEvents { container }, 0, why);
        }
    }

    fn status(&self, container: &str) -> Option<ContainerStatus> {
        self.machine.record().containers.get(container).map(|container| container.status)
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
        let settled = match &event {
            Event::Started { container } => Some(container.clone()),
            Event::StartFailed { container, .. } => {
                // What never ran has not exited; the failure says how it ended.
                if let Some(held) = self.held.get_mut(container) {
                    held.retain(|happening| !matches!(happening, Happening::Exited { .. }));
                }
                Some(container.clone())
            }
            _ => None,
        };
        if let Some(container) = &started {
            self.out_of_memory.remove(container);
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
        if let Some(container) = settled {
            self.go_on_with(&container);
        }
    }

    /// Follows the log and the health of a container that has just started.
    fn watch(&mut self, container: &str) {
        let seen = Arc::clone(self.lines.entry(container.to_owned()).or_default());
        let (shared, name) = (Arc::clone(&self.shared), container.to_owned());
        self.logs.begin(container, async move {
            // One that starts again at once does so before the end of its log has come.
            let mut seen = seen.lock().await;
            *seen = logs::follow(&shared, &name, *seen).await;
        });
        let health = self.shared.plan.container(container).and_then(|planned| planned.health.clone());
        if let Some(health) = health {
            let follow = probe::follow(Arc::clone(&self.shared), container.to_owned(), health);
            let probe = self.checks.begin(format!("checking the health of \"{container}\""), follow);
            self.probes.insert(container.to_owned(), probe);
        }
    }

    fn carry_out(&mut self, command: Command) {
        let shared = Arc::clone(&self.shared);
        match command {
            Command::Create(name) => {
                self.operations.begin(format!("creating \"{name}\""), async move {
                    Done::Event(operations::create_container(&shared, &name).await)
                });
            }
            Command::Start(name) => {
                self.operations.begin(format!("starting \"{name}\""), async move {
                    Done::Event(operations::start_container(&shared, &name).await)
                });
            }
            Command::Signal(name, signal) => {
                if signal == Signal::Term
                    && let Some(probe) = self.probes.remove(&name)
                {
                    probe.abort();
                }
                self.operations.begin(format!("sending {signal} to \"{name}\""), async move {
                    operations::signal_container(&shared, &name, signal).await.into()
                });
            }
            Command::Reached(status) => {
                let stop = self.machine.record().stop.as_ref();
                let detail = stop.map(|stop| format!("{:?}: {}", stop.code, stop.reason)).unwrap_or_default();
                shared.task_state(status, detail);
            }
            Command::Deprovision => {
                let logs = std::mem::take(&mut self.logs);
                self.operations.begin("taking the world away", async move {
                    logs::last_words(&shared, logs).await;
                    Done::Event(operations::deprovision(&shared).await)
                });
            }
        }
    }
}

/// Takes the word that memory ran out from what was told, up to the next exit.
fn take_out_of_memory(held: &mut VecDeque<Happening>) -> bool {
    let life = held.iter().take_while(|happening| !matches!(happening, Happening::Exited { .. }));
    let at = life.enumerate().find(|(_, happening)| **happening == Happening::OutOfMemory).map(|(at, _)| at);
    at.map(|at| held.remove(at)).is_some()
}
