//! Faults of the task's network.

use super::processes::PROGRAM_LIMIT_MS;
use super::stimulus::{Outcome, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_protocol::actor::{End, Reply, Request, Spawn, TOKEN_VARIABLE};
use serde_json::Value;
use std::collections::BTreeMap;

const ETIMEDOUT: i32 = 110;

impl ScenarioWorld {
    /// Posts to the fault-injection API from within a container.
    pub(crate) async fn ask_for_fault(
        &mut self,
        container: &str,
        operation: &str,
        fault: &str,
        body: &str,
    ) -> StepResult {
        let token = new_token();
        self.begin_stimulus(
            &token,
            &format!("\"{container}\" asks for the {operation} of {fault} with {body:?}"),
        );
        let ask = format!(
            "curl -s --max-time 10 -X POST -d @- -w '\\n%{{http_code}}' \"$ECS_AGENT_URI/fault/v1/{fault}/{operation}\""
        );
        let request = Request::Run {
            argv: vec!["sh".to_owned(), "-c".to_owned(), ask],
            env: BTreeMap::from([(TOKEN_VARIABLE.to_owned(), token.clone())]),
            cwd: None,
            stdin: body.to_owned(),
            spawn: Spawn::Fork,
            timeout_ms: PROGRAM_LIMIT_MS,
        };
        let reply = self.act(container, &request, Some(&token)).await?;
        self.end_stimulus(token, Outcome::Program(reply));
        Ok(())
    }

    /// Status, and the text of success or a part of the error's.
    pub(crate) fn expect_fault_answer(&self, status: u16, text: &str) -> StepResult {
        let Outcome::Program(Reply::Ran { end, stdout, .. }) = &self.stimulus()?.outcome else {
            return Err(StepError::new("the fault-injection API was not asked before"));
        };
        let (body, code) = stdout.rsplit_once('\n').unwrap_or_default();
        let answer: Value = serde_json::from_str(body).unwrap_or_default();
        let fits = match status {
            200 => answer["Status"] == text,
            _ => answer["Error"].as_str().is_some_and(|error| error.contains(text)),
        };
        let exited = matches!(end, End::Exited { code: 0 });
        self.conclude(
            "answer of the fault-injection API",
            exited && code == status.to_string() && fits,
            format!(
                "{}: expected {status} with \"{text}\", it was {code:?} with {body}",
                self.stimulus()?.what
            ),
        )
    }

    /// Given up at the deadline.
    pub(crate) fn expect_connection_unanswered(&self) -> StepResult {
        let (errno, _) = self.connection()?;
        self.conclude(
            "connection never answered",
            errno == ETIMEDOUT,
            format!("expected that nothing answers ({ETIMEDOUT}), got errno {errno}"),
        )
    }

    /// Made, within these milliseconds.
    pub(crate) fn expect_connected_after(&self, least: u64, most: u64) -> StepResult {
        let (errno, elapsed_ms) = self.connection()?;
        self.conclude(
            "time of a connection",
            errno == 0 && (least as f64..=most as f64).contains(&elapsed_ms),
            format!(
                "expected a connection after {least} to {most} ms, got errno {errno} after {elapsed_ms:.1} ms"
            ),
        )
    }

    /// A client's request without an answer and without a refusal.
    pub(crate) fn expect_request_unanswered(&self) -> StepResult {
        let exchange = self.exchange()?;
        let error = exchange.error.as_deref().unwrap_or("none");
        self.conclude(
            "request never answered",
            exchange.status.is_none() && error.contains("no whole answer within"),
            format!("expected that nothing answers, got status {:?} and the error: {error}", exchange.status),
        )
    }

    /// Error number and milliseconds of the last connection.
    fn connection(&self) -> Result<(i32, f64), StepError> {
        match &self.stimulus()?.outcome {
            Outcome::Connection { errno, elapsed_ms } => Ok((*errno, *elapsed_ms)),
            _ => Err(StepError::new("the last thing done was not a connection")),
        }
    }
}
