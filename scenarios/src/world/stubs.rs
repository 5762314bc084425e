//! Services of the simulated internet that answer as a scenario says.

use super::{ScenarioWorld, StepError, StepResult};
use std::net::{IpAddr, SocketAddr};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A stub on loopback that answers for a service outside.
#[derive(Debug)]
pub(super) struct Stub {
    name: String,
    server: MockServer,
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
        let address: IpAddr =
            address.parse().map_err(|_| StepError::new(format!("\"{address}\" is no address")))?;
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).set_body_string(format!("{name} answers\n"));
        Mock::given(path(at)).respond_with(answer).mount(&server).await;
        self.internet.names.push((name.to_owned(), address));
        self.internet.services.push((name.to_owned(), SocketAddr::new(address, 80), *server.address()));
        self.stubs.push(Stub { name: name.to_owned(), server });
        Ok(())
    }

    /// How often the service was asked for a path.
    pub(crate) async fn expect_service_asked(&mut self, name: &str, at: &str, times: usize) -> StepResult {
        self.fence().await?;
        let stub = self.stubs.iter().find(|stub| stub.name == name);
        let stub = stub.ok_or_else(|| StepError::new(format!("the scenario has no service \"{name}\"")))?;
        let requests = stub.server.received_requests().await.unwrap_or_default();
        let seen = requests.iter().filter(|request| request.url.path() == at).count();
        self.conclude(
            "requests at a service",
            seen == times,
            format!("expected that {name} is asked for {at} {times} times, it was asked {seen} times"),
        )
    }
}
