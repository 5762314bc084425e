//! Faults of the task's network.

use super::stimulus::{Doing, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_reports::checks::{Check, Connection, ConnectionExpectation};

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
        let what = format!("\"{container}\" asks for the {operation} of {fault} with {body:?}");
        self.begin_stimulus(&token, Doing::Program { container: container.to_owned() }, &what);
        let ask = format!(
            "curl -s --max-time 10 -X POST -d @- -w '\\n%{{http_code}}' \"$ECS_AGENT_URI/fault/v1/{fault}/{operation}\""
        );
        let argv = vec!["sh".to_owned(), "-c".to_owned(), ask];
        self.act(container, &super::processes::run(argv, &token, body), Some(&token)).await?;
        Ok(())
    }

    /// Status, and the text of success or a part of the error's.
    pub(crate) fn expect_fault_answer(&self, status: u16, text: &str) -> StepResult {
        let token = self.stimulus()?.token.clone();
        self.settle(&Check::FaultAnswer { token, status, text: text.to_owned() })
    }

    /// What the last connection must have come to.
    pub(crate) fn expect_connection(&self, expect: ConnectionExpectation) -> StepResult {
        let stimulus = self.stimulus()?;
        if !matches!(stimulus.doing, Doing::Connection { .. }) {
            return Err(StepError::new("the last thing done was not a connection"));
        }
        self.settle(&Check::Connection(Connection { token: stimulus.token.clone(), expect }))
    }

    /// A client's request without an answer and without a refusal.
    pub(crate) fn expect_request_unanswered(&self) -> StepResult {
        self.settle(&Check::RequestUnanswered { token: self.stimulus()?.token.clone() })
    }
}
