//! Requests that are sent in numbers, and what must be true of all of them.

use super::exchanges::{address, method_and_target};
use super::stimulus::{Doing, Stimulus, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use futures_util::StreamExt as _;
use proofhouse_harness::services::HttpRequest;
use proofhouse_reports::checks::ExchangeExpectation;
use std::net::Ipv4Addr;
use std::time::Duration;

/// How long a request is sent again and again.
const UNTIL_LIMIT: Duration = Duration::from_secs(120);

impl ScenarioWorld {
    /// Sends a request so often, one after the other, as one stimulus.
    pub(crate) async fn request_times(
        &mut self,
        client: &str,
        request: &str,
        port: u16,
        times: usize,
    ) -> StepResult {
        self.request(client, request, port, &[], "").await?;
        let (client, (method, target)) = (address(client)?, method_and_target(request)?);
        let mut again = HttpRequest::new(method, target);
        again.token = Some(self.exchange()?.0);
        for _ in 1..times {
            self.rig_ref()?.task()?.request(client, port, &again).await;
        }
        self.sent = times;
        Ok(())
    }

    /// Sends requests with their bodies, one after the other, as one stimulus: what, the body's type, the body.
    pub(crate) async fn request_each(&mut self, client: &str, port: u16, rows: &[[String; 3]]) -> StepResult {
        let client_address = address(client)?;
        for (number, [what, kind, body]) in rows.iter().enumerate() {
            let typed = [("Content-Type".to_owned(), kind.clone())];
            let headers = if kind.is_empty() { &[][..] } else { &typed[..] };
            if number == 0 {
                self.request(client, what, port, headers, body).await?;
                continue;
            }
            let (method, target) = method_and_target(what)?;
            let mut request = HttpRequest::new(method, target);
            request.headers = headers.to_vec();
            request.body = body.clone().into();
            request.token = Some(self.exchange()?.0);
            self.rig_ref()?.task()?.request(client_address, port, &request).await;
        }
        self.sent = rows.len();
        Ok(())
    }

    /// Sends a request every so often, until it is answered with that status, for two minutes at most; all of them are one stimulus.
    pub(crate) async fn request_until(
        &mut self,
        (client, request, port): (&str, &str, u16),
        every: Duration,
        status: u16,
    ) -> StepResult {
        self.request(client, request, port, &[], "").await?;
        let (client, (method, target)) = (address(client)?, method_and_target(request)?);
        let mut again = HttpRequest::new(method, target);
        again.token = Some(self.exchange()?.0);
        let end = tokio::time::Instant::now() + UNTIL_LIMIT;
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
        while ticks.tick().await < end {
            if self.rig_ref()?.task()?.request(client, port, &again).await.status == Some(status) {
                break;
            }
        }
        Ok(())
    }

    /// When the answers to the requests of the last stimulus changed.
    pub(crate) async fn expect_change(&mut self, from: u16, to: u16, seconds: (u64, u64)) -> StepResult {
        let within_ms = (seconds.0 * 1000, seconds.1 * 1000);
        self.expect_exchange(ExchangeExpectation::Changed { from, to, within_ms }).await
    }

    /// Status of every answer to the requests of the last stimulus.
    pub(crate) async fn expect_every_status(&mut self, status: u16) -> StepResult {
        self.expect_exchange(ExchangeExpectation::Every { status, count: self.sent }).await
    }

    /// Sends so many requests, so many at a time, of which every third is of the second kind: two stimuli.
    pub(crate) async fn request_mixed(
        &mut self,
        (count, at_once): (usize, usize),
        port: u16,
        kinds: [&str; 2],
    ) -> StepResult {
        let mut requests = Vec::new();
        for kind in kinds {
            let (method, target) = method_and_target(kind)?;
            let token = new_token();
            let doing = Doing::Exchange { port, method: method.to_owned(), target: target.to_owned() };
            self.begin_stimulus(&token, doing, &format!("many clients request {kind} on port {port}"));
            let mut request = HttpRequest::new(method, target);
            request.token = Some(token.clone());
            requests.push(request);
            self.mixed.push((kind.to_owned(), token, 0));
        }
        let task = self.rig_ref()?.task()?;
        let send = |number: usize| {
            let request = &requests[usize::from(number % 3 == 2)];
            // Each client is another, so that none is known by how much it sends.
            let client = Ipv4Addr::new(198, 51, 100, u8::try_from(number % 250).unwrap_or_default());
            async move { task.request(client.into(), port, request).await }
        };
        futures_util::stream::iter((0..count).map(send))
            .buffer_unordered(at_once)
            .for_each(|_| std::future::ready(()))
            .await;
        let second = (0..count).filter(|number| number % 3 == 2).count();
        let last = self.mixed.len();
        (self.mixed[last - 2].2, self.mixed[last - 1].2) = (count - second, second);
        Ok(())
    }

    /// Looks at the requests of one of these kinds as the last thing done.
    pub(crate) fn look_at_mixed(&mut self, kind: &str) -> StepResult {
        let found = self.mixed.iter().rev().find(|(known, ..)| known == kind).cloned();
        let (_, token, count) = found.ok_or_else(|| StepError::new(format!("\"{kind}\" was not sent")))?;
        let (method, target) = method_and_target(kind)?;
        let doing = Doing::Exchange { port: 0, method: method.to_owned(), target: target.to_owned() };
        self.stimulus = Some(Stimulus { token, doing });
        self.sent = count;
        Ok(())
    }
}
