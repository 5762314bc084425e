//! Requests from outside, and what the app saw of them.

use super::stimulus::{Exchange, Outcome, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_harness::services::HttpRequest;
use proofhouse_protocol::Observation;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// How long an app may take to tell of a request.
const TELL_LIMIT: Duration = Duration::from_secs(15);

/// A client that asks for nothing in particular (TEST-NET-3).
const BYSTANDER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 250));

/// Headers that differ from answer to answer, or that the firewall is documented to add (`waas.md` 2.6).
const VOLATILE: [&str; 2] = ["date", "x-prisma-event-id"];

impl ScenarioWorld {
    /// Sends a request as a stimulus.
    pub(crate) async fn request(
        &mut self,
        client: &str,
        request: &str,
        port: u16,
        headers: &[(String, String)],
    ) -> StepResult {
        let client: IpAddr =
            client.parse().map_err(|_| StepError::new(format!("\"{client}\" is no address")))?;
        let (method, target) = request.split_once(' ').ok_or_else(|| {
            StepError::new(format!("\"{request}\" is no request: write a method and a target"))
        })?;
        let token = new_token();
        let what = format!("a client at {client} requests {request} on port {port}");
        self.begin_stimulus(&token, &what);
        let exchange = self.exchange_with(client, method, target, port, headers, &token).await?;
        self.end_stimulus(token, Outcome::Exchange(exchange));
        Ok(())
    }

    /// The last request and its answer.
    pub(super) fn exchange(&self) -> Result<&Exchange, StepError> {
        match &self.stimulus()?.outcome {
            Outcome::Exchange(exchange) => Ok(exchange),
            _ => Err(StepError::new("the last thing done was not a request")),
        }
    }

    /// Status of the last answer.
    pub(crate) fn expect_status(&self, expected: u16) -> StepResult {
        let exchange = self.exchange()?;
        self.conclude(
            "status",
            exchange.status == Some(expected),
            format!("expected {expected}, {}", seen(exchange)),
        )
    }

    /// 403, HTML, "Access denied", and one event id in header and page (`waas.md` 2.6).
    pub(crate) fn expect_block_page(&self) -> StepResult {
        let exchange = self.exchange()?;
        let body = String::from_utf8_lossy(&exchange.body).to_lowercase();
        let id = exchange.header("X-Prisma-Event-Id").unwrap_or_default().to_lowercase();
        let html = exchange.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html"));
        let mut missing = Vec::new();
        if exchange.status != Some(403) {
            missing.push("status 403");
        }
        if !html {
            missing.push("content type text/html");
        }
        if id.is_empty() {
            missing.push("an X-Prisma-Event-Id header");
        } else if !body.contains(&id) {
            missing.push("the event id in the page");
        }
        if !body.contains("access denied") {
            missing.push("the words \"Access denied\" in the page");
        }
        self.conclude(
            "block page",
            missing.is_empty(),
            format!("expected the block page, missing is {}; {}", missing.join(", "), seen(exchange)),
        )
    }

    /// Whether the app saw the last request. For an absence, a clean request follows on the same way, and only when the app
    /// has told of that one is it certain that the other is not on its way.
    pub(crate) async fn expect_app_saw(&mut self, expected: bool) -> StepResult {
        let token = self.stimulus()?.token.clone();
        if expected {
            self.await_app_request(&token).await?;
        } else {
            self.follow_with_a_clean_request().await?;
        }
        let saw = self.records().iter().any(|record| {
            matches!(&record.recording.observation, Observation::AppRequest { token: Some(found), .. } if *found == token)
        });
        let word = |saw| if saw { "saw" } else { "did not see" };
        self.conclude(
            "request at the app",
            saw == expected,
            format!("expected that the app {} the request, it {} it", word(expected), word(saw)),
        )
    }

    /// The same request on another port gives the same answer.
    pub(crate) async fn expect_same_answer_on(&mut self, port: u16) -> StepResult {
        let through = self.exchange()?.clone();
        let direct = self.ask_the_app_itself(&through.method, &through.target, port).await?;
        let stable = |exchange: &Exchange| -> Vec<(String, String)> {
            exchange
                .headers
                .iter()
                .filter(|(name, _)| !VOLATILE.contains(&name.to_ascii_lowercase().as_str()))
                .cloned()
                .collect()
        };
        let mut different = Vec::new();
        if through.status != direct.status {
            different.push(format!("status {:?} instead of {:?}", through.status, direct.status));
        }
        if stable(&through) != stable(&direct) {
            different.push(format!("headers {:?} instead of {:?}", stable(&through), stable(&direct)));
        }
        if through.body != direct.body {
            different.push(format!(
                "a body of {} bytes instead of {}",
                through.body.len(),
                direct.body.len()
            ));
        }
        self.conclude(
            "same answer",
            different.is_empty(),
            format!("through the firewall came {}", different.join(", ")),
        )
    }

    async fn exchange_with(
        &self,
        client: IpAddr,
        method: &str,
        target: &str,
        port: u16,
        headers: &[(String, String)],
        token: &str,
    ) -> Result<Exchange, StepError> {
        let mut request = HttpRequest::new(method, target);
        request.headers = headers.to_vec();
        request.token = Some(token.to_owned());
        let exchange = self.rig_ref()?.task()?.request(client, port, &request).await;
        Ok(Exchange::of(method, target, exchange))
    }

    /// Waits until the app has told of the request with that token.
    async fn await_app_request(&self, token: &str) -> StepResult {
        // In vain means that the app did not see it; the check says so.
        let _seen = self
            .scene()?
            .watch
            .wait_for(TELL_LIMIT, |record| {
                matches!(record.observation(), Observation::AppRequest { token: Some(found), .. } if found == token)
            })
            .await;
        Ok(())
    }

    /// A request that nothing can be held against, through the same firewall as the last one, until the app has told of it.
    async fn follow_with_a_clean_request(&mut self) -> StepResult {
        let port = self
            .policies
            .firewall_ports()
            .first()
            .map(|ports| ports.exposed)
            .ok_or_else(|| StepError::new("the scenario has no firewall rule"))?;
        let token = new_token();
        let exchange = self.exchange_with(BYSTANDER, "GET", "/", port, &[], &token).await?;
        let watch = std::sync::Arc::clone(&self.scene()?.watch);
        let told = watch
            .wait_for(TELL_LIMIT, |record| {
                matches!(record.observation(), Observation::AppRequest { token: Some(found), .. } if *found == token)
            })
            .await;
        if told.is_none() {
            return Err(StepError::new(format!(
                "the app never told of a clean request that was sent after, so its silence proves nothing (status {:?}, {:?})",
                exchange.status, exchange.error
            )));
        }
        Ok(())
    }

    /// The same request to the app's own port, past its security group, which is not what is looked at here.
    async fn ask_the_app_itself(&self, method: &str, target: &str, port: u16) -> Result<Exchange, StepError> {
        let mut request = HttpRequest::new(method, target);
        request.token = Some(new_token());
        let exchange = self.rig_ref()?.task()?.request_past_the_group(BYSTANDER, port, &request).await;
        Ok(Exchange::of(method, target, exchange))
    }
}

fn seen(exchange: &Exchange) -> String {
    match (&exchange.status, &exchange.error) {
        (Some(status), _) => {
            let body = String::from_utf8_lossy(&exchange.body);
            format!(
                "{} {} was answered {status} with {:?}",
                exchange.method,
                exchange.target,
                body.chars().take(80).collect::<String>()
            )
        }
        (None, Some(error)) => format!("{} {} got no answer: {error}", exchange.method, exchange.target),
        (None, None) => format!("{} {} got no answer", exchange.method, exchange.target),
    }
}
