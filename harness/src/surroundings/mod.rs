//! Everything that a task finds around it: the relay, the resolver, the metadata service, hosts, listeners.

mod describe;
mod gauge;
mod statistics;

use crate::loss::Losses;
use crate::outside::{Accepted, Outside, OutsideError, RelayOutside, SecurityGroup, WorldNetwork};
use crate::services::{Client, HostResponse, InternetHost, Metadata, RefusalWatch, Resolver, Zone};
use crate::task::{Arrival, TaskView};
use gauge::EngineGauge;
use proofhouse_protocol::observation::{SharedRecorder, Source};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, RwLock};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Where connections of the task go that someone else serves.
pub type Visitors = mpsc::UnboundedSender<Accepted>;

/// What is to be around a task.
#[derive(Debug, Default)]
pub struct SurroundingsSpec {
    /// Addresses and names of the task's interfaces.
    pub network: WorldNetwork,
    /// What the resolver knows.
    pub zone: Zone,
    /// Addresses that answer every HTTP request with a short text.
    pub hosts: Vec<SocketAddr>,
    /// Services: name, address outside, and the server on this machine's loopback that their connections are carried to.
    pub services: Vec<(String, SocketAddr, SocketAddr)>,
    /// Addresses whose connections are handed over.
    pub listeners: Vec<(SocketAddr, Visitors)>,
    /// Ports of the task that clients may reach.
    pub open_ports: Vec<u16>,
}

/// What is around a task. Dropping it takes it away, and with it the world container.
pub struct Surroundings {
    outside: Arc<dyn Outside>,
    resolver: Resolver,
    group: Arc<RwLock<SecurityGroup>>,
    network: WorldNetwork,
    recorder: SharedRecorder,
    _hosts: Vec<InternetHost>,
    _refusals: RefusalWatch,
    _serving: JoinSet<()>,
}

/// It could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SurroundingsError {
    /// The world agent did not come up.
    #[error(transparent)]
    World(#[from] OutsideError),
    /// An address could not be listened at.
    #[error("could not serve {what}: {source}")]
    Serving {
        /// What.
        what: String,
        /// Why not.
        source: io::Error,
    },
}

fn serving(what: &str) -> impl Fn(io::Error) -> SurroundingsError {
    let what = what.to_owned();
    move |source| SurroundingsError::Serving { what: what.clone(), source }
}

impl Surroundings {
    /// Connects to the world agent and makes what is to be around its task.
    ///
    /// # Errors
    /// When the agent does not answer, or an address cannot be served.
    pub async fn make(
        arrival: Arrival,
        spec: SurroundingsSpec,
        recorder: SharedRecorder,
    ) -> Result<Self, SurroundingsError> {
        let SurroundingsSpec { network, zone, hosts, services, listeners, open_ports } = spec;
        let Arrival { read, write, engine, plan, view } = arrival;
        let losses = Losses::new(Arc::clone(&recorder), Source::Outside("world".to_owned()));
        let outside: Arc<dyn Outside> = Arc::new(RelayOutside::connect(read, write, &network, losses).await?);
        let everyone = [
            SocketAddr::new(IpAddr::V4(network.resolver), 53),
            SocketAddr::new(IpAddr::from([0, 0, 0, 0]), 53),
        ];
        let resolver = Resolver::start(Arc::clone(&outside), &everyone, zone, Arc::clone(&recorder))
            .await
            .map_err(serving("the resolver"))?;
        let mut tasks = JoinSet::new();
        let address = SocketAddr::new(IpAddr::V4(network.metadata), 80);
        // Before anyone can read them.
        for (label, secret) in describe::secrets(&plan) {
            recorder.keep_secret(label, &secret);
        }
        let first = describe::task(&plan, &view.borrow(), &network);
        let gauge = Arc::new(EngineGauge::new(engine, Arc::clone(&plan), view.clone()));
        let metadata = Metadata::start(Arc::clone(&outside), address, first, gauge, Arc::clone(&recorder))
            .await
            .map_err(serving("the metadata service"))?;
        let known = network.clone();
        tasks.spawn(follow(view, move |view| {
            metadata.change(|now| *now = describe::task(&plan, view, &known))
        }));
        let mut present = Vec::new();
        for address in hosts {
            let name = address.ip().to_string();
            let answer = Arc::new(|_: &_| HostResponse::text(200, "a host of the simulated internet\n"));
            let host = InternetHost::http(&*outside, &name, address, answer, Arc::clone(&recorder))
                .await
                .map_err(serving(&format!("the host {address}")))?;
            present.push(host);
        }
        for (name, address, server) in services {
            let service = InternetHost::bridge(&*outside, &name, address, server, Arc::clone(&recorder))
                .await
                .map_err(serving(&format!("the service {name} at {address}")))?;
            present.push(service);
        }
        for (address, visitors) in listeners {
            let mut listener =
                outside.listen_tcp(address).await.map_err(serving(&format!("the listener {address}")))?;
            tasks.spawn(async move {
                while let Some(accepted) = listener.accept().await {
                    if visitors.send(accepted).is_err() {
                        return;
                    }
                }
            });
        }
        let refusals = RefusalWatch::start(&*outside, Arc::clone(&recorder))
            .await
            .map_err(serving("the watch for refused connections"))?;
        let group = Arc::new(RwLock::new(SecurityGroup::allowing("task", open_ports)));
        Ok(Self {
            outside,
            resolver,
            group,
            network,
            recorder,
            _hosts: present,
            _refusals: refusals,
            _serving: tasks,
        })
    }

    /// The place outside the task.
    #[must_use]
    pub fn outside(&self) -> &Arc<dyn Outside> {
        &self.outside
    }

    /// The resolver, to change its zone.
    #[must_use]
    pub fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// Addresses and names of the task.
    #[must_use]
    pub fn network(&self) -> &WorldNetwork {
        &self.network
    }

    /// A client outside with that address, subject to the task's security group.
    #[must_use]
    pub fn client(&self, address: IpAddr) -> Client {
        Client::new(Arc::clone(&self.outside), address, Arc::clone(&self.group), Arc::clone(&self.recorder))
    }

    /// A client outside with that address, subject to a security group of its own.
    #[must_use]
    pub fn client_in(&self, address: IpAddr, group: SecurityGroup) -> Client {
        let group = Arc::new(RwLock::new(group));
        Client::new(Arc::clone(&self.outside), address, group, Arc::clone(&self.recorder))
    }

    /// The address of a port of the task.
    #[must_use]
    pub fn address_of(&self, port: u16) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(self.network.eni_address), port)
    }
}

async fn follow(mut view: watch::Receiver<TaskView>, tell: impl Fn(&TaskView)) {
    while view.changed().await.is_ok() {
        tell(&view.borrow_and_update());
    }
}
