//! A task that runs, with its surroundings.

use super::console::{CONSOLE_ADDRESS, ConsoleEnd, LINK_PORT};
use super::{Internet, RigError};
use crate::saboteur::Saboteur;
use proofhouse_harness::engine::Engine;
use proofhouse_harness::lifecycle::{StopReason, TaskRecord};
use proofhouse_harness::outside::{SecurityGroup, WorldNetwork};
use proofhouse_harness::plan::Plan;
use proofhouse_harness::services::{Client, Exchange, HttpRequest};
use proofhouse_harness::surroundings::{Surroundings, SurroundingsSpec};
use proofhouse_harness::task::{Container, Task};
use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::observation::{SharedRecorder, TaskKind};
use proofhouse_protocol::{Observation, Recorder, Recording, Source};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long an actor may take to listen, once its container runs.
const ACTOR_LIMIT: Duration = Duration::from_secs(20);

/// How long the actor may take to answer, the longest wait that it may be asked for included.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// A task that runs, with its surroundings.
pub struct RunningTask {
    task: Task,
    surroundings: Surroundings,
    recorder: SharedRecorder,
    sidecar: String,
    protected: bool,
    _visits: JoinHandle<()>,
}

impl RunningTask {
    /// Starts a task of a plan in an internet with that Console, whose Defender has a sidecar of that name; the token is that of
    /// the stimulus.
    ///
    /// # Errors
    /// When its world cannot be made.
    pub async fn start(
        engine: Arc<dyn Engine>,
        plan: Plan,
        internet: &Internet,
        console: &ConsoleEnd,
        (sidecar, token): (&str, Option<&str>),
        recorder: SharedRecorder,
    ) -> Result<Self, RigError> {
        let (arrivals, mut arrived) = mpsc::unbounded_channel();
        let (visitors, teller) = (console.visitors(), console.recorder());
        let visits = tokio::spawn(async move {
            while let Some(accepted) = arrived.recv().await {
                let accepted: proofhouse_harness::outside::Accepted = accepted;
                ConsoleEnd::note_visit(&teller, accepted.peer, accepted.local);
                if visitors.send((accepted.stream, accepted.peer)).is_err() {
                    return;
                }
            }
        });
        // The engine gives the world its name, so the files of names must have the same.
        let mut network = WorldNetwork::default();
        if let Some(hostname) = &plan.world.hostname {
            hostname.clone_into(&mut network.hostname);
        }
        if let Some((_, domain)) = network.hostname.split_once('.') {
            network.search_domain = domain.to_owned();
        }
        if let Some(address) = internet.address {
            network = network.at(address);
        }
        let spec = SurroundingsSpec {
            network,
            zone: internet.zone()?,
            hosts: internet.hosts.iter().copied().collect(),
            services: internet.services.clone(),
            listeners: vec![(SocketAddr::new(CONSOLE_ADDRESS, LINK_PORT), arrivals)],
            open_ports: internet.open_ports.clone(),
        };
        let protected = plan.container(sidecar).is_some();
        let kind = if protected { TaskKind::Protected } else { TaskKind::Bare };
        let around = Arc::clone(&recorder);
        let (task, surroundings) =
            Task::start(engine, plan, kind, token, Arc::clone(&recorder), move |arrival| async move {
                Surroundings::make(arrival, spec, around).await.map_err(Into::into)
            })
            .await?;
        let task =
            Self { task, surroundings, recorder, sidecar: sidecar.to_owned(), protected, _visits: visits };
        if !internet.dns_lateness.is_zero() {
            task.delay_dns(internet.dns_lateness);
        }
        Ok(task)
    }

    /// Has the resolver answer so much later from now on.
    pub fn delay_dns(&self, by: Duration) {
        let observation =
            Observation::Fault { name: Saboteur::LateDns(by).to_string(), active: !by.is_zero() };
        proofhouse_protocol::observation::record(&*self.recorder, Source::Resolver, observation);
        self.surroundings.resolver().be_late(by);
    }

    /// The task.
    #[must_use]
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Its surroundings.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Whether it has a Defender's sidecar.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.protected
    }

    /// Names of its containers, the sidecar's aside.
    #[must_use]
    pub fn apps(&self) -> Vec<String> {
        let all = self.task.plan().containers.iter().map(|container| container.name.clone());
        all.filter(|name| *name != self.sidecar).collect()
    }

    /// Waits until every container has started, and someone listens at each of these ports.
    ///
    /// # Errors
    /// When the task stops instead, or is late.
    pub async fn ready(&self, ports: &[u16], within: Duration) -> Result<(), RigError> {
        self.task.wait_running(within).await?;
        for port in ports {
            self.surroundings.outside().wait_listening(*port, within).await?;
        }
        Ok(())
    }

    /// Waits until the task is over.
    ///
    /// # Errors
    /// When it is late.
    pub async fn over(&self, within: Duration) -> Result<TaskRecord, RigError> {
        Ok(self.task.wait_stopped(within).await?)
    }

    /// Stops the task as StopTask does.
    ///
    /// # Errors
    /// When it is late.
    pub async fn stop(&self) -> Result<TaskRecord, RigError> {
        Ok(self.task.stop(StopReason::user(None)).await?)
    }

    /// A container.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn container(&self, name: &str) -> Result<Container, RigError> {
        Ok(self.task.container(name)?)
    }

    /// Names of the volumes that its containers have.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn volumes(&self) -> Result<Vec<String>, RigError> {
        let mut names = Vec::new();
        for planned in &self.task.plan().containers {
            let seen = self.task.container(&planned.name)?.inspect().await?;
            names.extend(seen.made.mounts.iter().filter_map(|mount| mount.volume().map(str::to_owned)));
        }
        Ok(names)
    }

    /// Has the actor in a container do something, and records it with its token.
    ///
    /// # Errors
    /// When the actor cannot be reached or says something that is no reply.
    pub async fn act(
        &self,
        container: &str,
        request: &Request,
        token: Option<&str>,
    ) -> Result<Reply, RigError> {
        let failed = |why: String| RigError::Actor { container: container.to_owned(), why };
        let conversation = async {
            let stream = self.actor(container).await?;
            let (read, mut write) = tokio::io::split(stream);
            let mut line = serde_json::to_string(request).map_err(|error| failed(error.to_string()))?;
            line.push('\n');
            write.write_all(line.as_bytes()).await?;
            let mut answer = String::new();
            BufReader::new(read).read_line(&mut answer).await?;
            serde_json::from_str::<Reply>(&answer).map_err(|error| failed(format!("{error} in {answer:?}")))
        };
        let reply = tokio::time::timeout(ANSWER_LIMIT, conversation)
            .await
            .map_err(|_| failed(format!("nothing within {} s", ANSWER_LIMIT.as_secs())))??;
        self.recorder.record(Recording {
            source: Source::Actor(container.to_owned()),
            token: token.map(str::to_owned),
            observation: Observation::Act {
                request: Box::new(request.clone()),
                result: Box::new(reply.clone()),
            },
        });
        Ok(reply)
    }

    /// A connection to an actor. Its container runs, but the actor may not listen yet; the kernel announces no listener at an
    /// abstract address, so it is asked for again and again.
    async fn actor(&self, container: &str) -> Result<proofhouse_harness::outside::Stream, RigError> {
        let patience = tokio::time::Instant::now() + ACTOR_LIMIT;
        loop {
            match self.surroundings.outside().actor(container).await {
                Ok(stream) => return Ok(stream),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                    if tokio::time::Instant::now() >= patience {
                        let why = format!("no actor listens after {} s", ACTOR_LIMIT.as_secs());
                        return Err(RigError::Actor { container: container.to_owned(), why });
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A client outside with that address.
    #[must_use]
    pub fn client(&self, address: IpAddr) -> Client {
        self.surroundings.client(address)
    }

    /// Sends a request of a client outside to a port of the task.
    pub async fn request(&self, client: IpAddr, port: u16, request: &HttpRequest) -> Exchange {
        self.client(client).request(self.surroundings.address_of(port), request).await
    }

    /// As [`Self::request`], whatever the task's security group says.
    pub async fn request_past_the_group(&self, client: IpAddr, port: u16, request: &HttpRequest) -> Exchange {
        let client = self.surroundings.client_in(client, SecurityGroup::allowing("none", [port]));
        client.request(self.surroundings.address_of(port), request).await
    }

    /// Records what there is of the task: processes, sockets, mounts, states.
    pub async fn capture(&self) {
        self.task.capture().await;
    }

    /// Removes every container and volume of the task.
    pub async fn remove(self, recorder: &dyn Recorder) {
        if let Err(error) = self.task.remove().await {
            let text = format!("the task was not removed whole: {}", super::chain(&error));
            crate::watch::note(recorder, Source::Engine, Observation::Note { text });
        }
    }
}
