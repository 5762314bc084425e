//! Services of the simulated internet that answer as a scenario says.

use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_harness::services::TOKEN_HEADER;
use proofhouse_protocol::observation::Body;
use proofhouse_protocol::{Observation, Recorder as _, Recording, Source};
use proofhouse_reports::checks::{Check, ServiceRequests};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// A stub on loopback that answers for a service outside, for as long as it is kept.
#[derive(Debug)]
pub(super) struct Stub {
    _server: MockServer,
}

/// What a service answers to a request.
type Answers = dyn Fn(&Request) -> ResponseTemplate + Send + Sync;

/// Answers, and tells of every request as the service received it.
struct Service {
    name: String,
    answers: Box<Answers>,
    watch: Arc<crate::watch::Watch>,
}

impl Respond for Service {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let token =
            request.headers.get(TOKEN_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let target = match request.url.query() {
            Some(query) => format!("{}?{query}", request.url.path()),
            None => request.url.path().to_owned(),
        };
        self.watch.record(Recording {
            source: Source::Outside(self.name.clone()),
            token: token.clone(),
            observation: Observation::ServiceRequest {
                method: request.method.to_string(),
                target,
                token,
                body: Body::of(&request.body),
            },
        });
        (self.answers)(request)
    }
}

impl ScenarioWorld {
    /// Adds a service that answers one path.
    pub(crate) async fn add_service(
        &mut self,
        name: &str,
        address: &str,
        at: &str,
        status: u16,
    ) -> StepResult {
        let (path, text) = (at.to_owned(), format!("{name} answers\n"));
        let answers = move |request: &Request| match request.url.path() == path {
            true => ResponseTemplate::new(status).set_body_string(&text),
            false => ResponseTemplate::new(404),
        };
        self.add_answering(name, address, Box::new(answers)).await
    }

    /// Adds a service.
    pub(super) async fn add_answering(
        &mut self,
        name: &str,
        address: &str,
        answers: Box<Answers>,
    ) -> StepResult {
        let address: IpAddr =
            address.parse().map_err(|_| StepError::new(format!("\"{address}\" is no address")))?;
        let server = MockServer::start().await;
        let service = Service { name: name.to_owned(), answers, watch: self.watch()? };
        Mock::given(any()).respond_with(service).mount(&server).await;
        self.internet.names.push((name.to_owned(), address));
        self.internet.services.push((name.to_owned(), SocketAddr::new(address, 80), *server.address()));
        self.stubs.push(Stub { _server: server });
        Ok(())
    }

    /// How often the service must have been asked for a path.
    pub(crate) async fn expect_service_asked(
        &mut self,
        service: &str,
        path: &str,
        times: usize,
    ) -> StepResult {
        if !self.internet.services.iter().any(|(name, ..)| name == service) {
            return Err(StepError::new(format!("the scenario has no service \"{service}\"")));
        }
        let stimulus = self.stimulus()?.clone();
        let container = stimulus
            .container()
            .ok_or_else(|| StepError::new("the last thing done was done by no container"))?;
        self.fence_service_requests(container, service).await;
        self.settle(&Check::ServiceRequests(ServiceRequests {
            token: stimulus.token.clone(),
            service: service.to_owned(),
            path: path.to_owned(),
            times,
        }))
    }
}
