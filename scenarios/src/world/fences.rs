//! Fences: what goes in behind a stimulus, by the same way, and proves when it has come out that nothing else is on it.
//!
//! A fence that does not come out is no error: the check that wanted it says `unproved`, and why.

use super::exchanges::BYSTANDER;
use super::lookups::{QUERY_LIMIT_MS, Way};
use super::stimulus::new_token;
use super::{ScenarioWorld, StepResult};
use crate::rig::{Fence, RigError, chain};
use proofhouse_harness::services::{HttpRequest, TOKEN_HEADER};
use proofhouse_protocol::actor::{QuerySocket, Reply, Request};
use proofhouse_protocol::observation::{Observation, Pipeline, Source};
use std::net::SocketAddr;
use std::time::Duration;

/// How long a fence may take; far more than it needs, because a loaded machine must not make a verdict.
const FENCE_LIMIT: Duration = Duration::from_secs(15);

fn new_fence() -> String {
    new_token().replacen('t', "fence-", 1)
}

impl ScenarioWorld {
    /// Of the audits: by the link, by a probe, or not at all, as the Defender's profile says.
    pub(super) async fn fence_audits(&mut self) {
        let Ok(scene) = self.scene() else { return };
        match scene.run.stage.defender().fence {
            Fence::None => {}
            Fence::Probe => self.probe_audits().await,
            Fence::Link => {
                let Ok(rig) = self.rig_ref() else { return };
                if let Err(error) = rig.fence(FENCE_LIMIT).await {
                    self.fence_failed(&Pipeline::Audits, &chain(&error));
                }
            }
        }
    }

    /// A Defender that knows no fences: something that the policy has it tell of is done behind the stimulus, and when it has
    /// told of that, it has told of all before.
    async fn probe_audits(&mut self) {
        let id = new_fence();
        let container = self.stimulus.as_ref().and_then(|stimulus| stimulus.container()).map(str::to_owned);
        let (Some(container), Ok(watch)) = (container, self.watch()) else { return };
        let Some(probe) = self.policies.probe(&container, &id) else {
            return self
                .fence_failed(&Pipeline::Audits, "the policy has nothing that a probe could be told of by");
        };
        watch.fence_goes_in(&Pipeline::Audits, &id);
        let request = match probe {
            super::policies::Probe::Name(name) => match self.resolver_address() {
                Ok(server) => Request::Query {
                    server: SocketAddr::new(server, 53),
                    name,
                    record: "A".to_owned(),
                    socket: QuerySocket::Connected,
                    timeout_ms: QUERY_LIMIT_MS,
                },
                Err(_) => return,
            },
            super::policies::Probe::Program(argv) => super::processes::run(argv, &id, ""),
        };
        self.pass(&Pipeline::Audits, &id, &container, &request).await;
    }

    /// Of the questions of a container: a name that the policy lets through, asked in the same way.
    pub(super) async fn fence_questions(&mut self, container: &str, way: &Way) {
        let id = new_fence();
        let pipeline = Pipeline::Questions { container: container.to_owned() };
        let Some(name) = self.policies.name_that_passes(container, &id) else {
            return self.fence_failed(
                &pipeline,
                "the policy lets no name through by which a question could be told",
            );
        };
        // A fence must get through, and this server may be closed to the container: all that is asked outside comes to one resolver.
        let server = match way.server.filter(|server| !self.policies.names_address(*server)) {
            Some(server) => server,
            None => match self.resolver_address() {
                Ok(server) => server,
                Err(error) => return self.fence_failed(&pipeline, &error.to_string()),
            },
        };
        let request = Request::Query {
            server: SocketAddr::new(server, 53),
            name,
            record: "A".to_owned(),
            socket: match way.socket {
                // A fence must get through, and this way may be closed to everyone.
                QuerySocket::Parts => QuerySocket::SendTo,
                socket => socket,
            },
            timeout_ms: QUERY_LIMIT_MS,
        };
        let Ok(watch) = self.watch() else { return };
        watch.fence_goes_in(&pipeline, &id);
        self.pass(&pipeline, &id, container, &request).await;
    }

    /// Of the requests behind a port: one that nothing can be held against. It comes from whoever has a session, where one was
    /// given, and over TLS where the last request did.
    pub(super) async fn fence_app_requests(&mut self, port: u16) {
        let id = new_fence();
        let pipeline = Pipeline::AppRequests { port };
        let Ok(watch) = self.watch() else { return };
        watch.fence_goes_in(&pipeline, &id);
        let mut request = HttpRequest::new("GET", "/");
        request.token = Some(id.clone());
        request.tls = self.last_tls();
        let mut client = BYSTANDER;
        if let Some((holder, cookie)) = self.session_holder().filter(|_| !self.bystander_passes) {
            client = holder;
            request.headers.push(("Cookie".to_owned(), cookie));
        }
        let answered = match self.rig_ref().and_then(|rig| Ok(rig.task()?)) {
            Ok(task) => task.request(client, port, &request).await,
            Err(error) => return self.fence_failed(&pipeline, &error.to_string()),
        };
        if !watch.fence_comes_out(&id, FENCE_LIMIT).await {
            let seen = format!("a clean request was answered {:?} ({:?})", answered.status, answered.error);
            self.fence_failed(&pipeline, &seen);
        }
    }

    /// Of the requests of a container at a service outside.
    pub(super) async fn fence_service_requests(&mut self, container: &str, service: &str) {
        let id = new_fence();
        let pipeline = Pipeline::ServiceRequests { service: service.to_owned() };
        let address = self.internet.services.iter().find(|(name, ..)| name == service).map(|(_, at, _)| *at);
        let (Some(address), Ok(watch)) = (address, self.watch()) else { return };
        watch.fence_goes_in(&pipeline, &id);
        let request = Request::Fetch {
            address,
            host: service.to_owned(),
            target: "/".to_owned(),
            headers: vec![(TOKEN_HEADER.to_owned(), id.clone())],
            timeout_ms: QUERY_LIMIT_MS,
        };
        self.pass(&pipeline, &id, container, &request).await;
    }

    /// Of the connections from the task to an address.
    pub(super) async fn fence_connections(&mut self, server: SocketAddr) -> StepResult {
        let id = new_fence();
        let pipeline = Pipeline::OutsideConnections { server: server.to_string() };
        let watch = self.watch()?;
        let container = self.rig_ref()?.task()?.apps().into_iter().next().unwrap_or_default();
        watch.fence_goes_in(&pipeline, &id);
        let request = Request::Connect { address: server, timeout_ms: QUERY_LIMIT_MS };
        match self.act(&container, &request, Some(&id)).await {
            Ok(Reply::Connected { local: Some(local), .. }) => {
                watch.fence_is_known_by(&id, &local.to_string());
                if !watch.fence_comes_out(&id, FENCE_LIMIT).await {
                    self.fence_failed(&pipeline, "the connection was made");
                }
            }
            Ok(reply) => self.fence_failed(&pipeline, &format!("{reply:?}")),
            Err(error) => self.fence_failed(&pipeline, &error.to_string()),
        }
        Ok(())
    }

    /// Of the calls of the Console's API.
    pub(super) async fn fence_console_calls(&mut self) -> StepResult {
        let id = new_fence();
        let watch = self.watch()?;
        watch.fence_goes_in(&Pipeline::ConsoleCalls, &id);
        let called =
            self.rig().await?.client().call("GET", &format!("/version?fence={id}"), None, Some(&id)).await;
        match called {
            Ok(_) if watch.fence_comes_out(&id, FENCE_LIMIT).await => {}
            Ok(answer) => {
                self.fence_failed(&Pipeline::ConsoleCalls, &format!("it was answered {}", answer.status))
            }
            Err(error) => self.fence_failed(&Pipeline::ConsoleCalls, &chain(&error)),
        }
        Ok(())
    }

    /// Of what the engine tells of containers.
    pub(super) async fn fence_engine_events(&self, containers: &[String]) -> StepResult {
        for name in containers {
            // Of what was taken away the engine has nothing more to tell.
            let Ok(container) = self.rig_ref()?.task().and_then(|task| task.container(name)) else {
                continue;
            };
            if let Err(error) = container.fence_events(FENCE_LIMIT).await {
                let pipeline = Pipeline::EngineEvents { container: name.clone() };
                self.fence_failed(&pipeline, &chain(&RigError::from(error)));
            }
        }
        Ok(())
    }

    /// The actor sends a fence on its way, and it is waited for.
    async fn pass(&mut self, pipeline: &Pipeline, id: &str, container: &str, request: &Request) {
        let Ok(watch) = self.watch() else { return };
        let seen = match self.act(container, request, Some(id)).await {
            Ok(_) if watch.fence_comes_out(id, FENCE_LIMIT).await => return,
            Ok(reply) => format!("the actor answered {reply:?}"),
            Err(error) => error.to_string(),
        };
        self.fence_failed(pipeline, &seen);
    }

    fn fence_failed(&self, pipeline: &Pipeline, seen: &str) {
        let limit_ms = u64::try_from(FENCE_LIMIT.as_millis()).unwrap_or(u64::MAX);
        let what = format!("a fence of {pipeline}");
        self.record_as(
            Source::Runner,
            None,
            Observation::LimitPassed { what, limit_ms, seen: seen.to_owned() },
        );
    }
}
