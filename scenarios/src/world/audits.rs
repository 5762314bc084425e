//! What the audits of the last stimulus must say.

use super::stimulus::{Doing, new_token};
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_protocol::Observation;
use proofhouse_protocol::actor::{End, Reply};
use proofhouse_protocol::observation::Plane;
use proofhouse_reports::checks::{
    AnswerExpectation, AuditCount, Check, ConsoleAnswer, Count, Expect, SyslogLines,
};
use serde_json::{Value, json};

/// What stands in a table for a time between the beginning of the stimulus and its end.
const WITHIN: &str = "within the stimulus";

/// What stands in a table for the id of the process that the stimulus was.
const OF_THE_PROGRAM: &str = "of the program";

/// Members of audits whose values are numbers.
const NUMBERS: [&str; 4] = ["count", "pid", "port", "statusCode"];

/// Members of audits whose values are true or false.
const FLAGS: [&str; 3] = ["container", "host", "interactive"];

/// What a cell of a table means for a member.
fn expectation(name: &str, cell: &str) -> Result<Expect, StepError> {
    let typed = |value: Result<Value, _>| {
        value.map(Expect::from).map_err(|_: serde_json::Error| {
            StepError::new(format!("\"{cell}\" is no value of the member {name}"))
        })
    };
    match cell {
        "" => Ok(Expect::Absent),
        "any" => Ok(Expect::Present),
        cell if name == "attackTechniques" => Ok(Expect::Contains(cell.to_owned())),
        cell if NUMBERS.contains(&name) || FLAGS.contains(&name) => typed(serde_json::from_str(cell)),
        cell => Ok(Expect::from(json!(cell))),
    }
}

impl ScenarioWorld {
    /// The plane on which the last stimulus can cause audits.
    fn plane(&self) -> Result<Plane, StepError> {
        Ok(match self.stimulus()?.doing {
            Doing::Exchange { .. } => Plane::Firewall,
            _ => Plane::Runtime,
        })
    }

    /// So many audits of the last stimulus, each with these members; a fence makes sure that none is on its way.
    pub(crate) async fn expect_audits(&mut self, number: usize, members: &[(String, String)]) -> StepResult {
        let mut check = AuditCount::exactly(number, self.plane()?).of(&self.stimulus()?.token);
        let app_id = self.app_id();
        for (name, cell) in members {
            if cell == WITHIN {
                check = check.within_the_stimulus(name);
                continue;
            }
            let cell = if cell == OF_THE_PROGRAM { &self.process_id()? } else { cell };
            let cell = match &app_id {
                Some(app_id) => cell.replace("$APP_ID", app_id),
                None => cell.clone(),
            };
            check = check.field(name, expectation(name, &cell)?);
        }
        self.fence_audits().await;
        self.settle(&Check::Audits(check))
    }

    /// The process that the last program was.
    fn process_id(&self) -> Result<String, StepError> {
        let token = self.program_token()?;
        let records = self.records();
        let pid = records.iter().rev().find_map(|record| match record.observation() {
            Observation::Act { result, .. } if record.token() == Some(&token) => match **result {
                Reply::Ran { pid, .. } => Some(pid.to_string()),
                _ => None,
            },
            _ => None,
        });
        pid.ok_or_else(|| StepError::new("the last program was no process"))
    }

    /// One audit each of the last programs that were denied, in their order.
    pub(crate) async fn expect_audits_in_order(&mut self, number: usize) -> StepResult {
        let denied = |record: &proofhouse_reports::HistoryRecord| match record.observation() {
            Observation::Act { result, .. } => match &**result {
                Reply::Ran { end: End::NotStarted { .. } | End::Signalled { .. }, .. } => {
                    record.token().map(str::to_owned)
                }
                _ => None,
            },
            _ => None,
        };
        let mut tokens: Vec<String> = self.records().iter().filter_map(denied).collect();
        let tokens = tokens.split_off(tokens.len().saturating_sub(number));
        self.fence_audits().await;
        self.settle(&Check::AuditsInOrder { tokens })
    }

    /// The Defender has counted something.
    pub(crate) async fn expect_counted(&mut self, name: &str) -> StepResult {
        self.fence_audits().await;
        self.settle(&Check::Counted { name: name.to_owned() })
    }

    /// Audits of the last stimulus with that type and effect: one or more, or none.
    pub(crate) async fn expect_audits_of(&mut self, any: bool, kind: &str, effect: &str) -> StepResult {
        let count = if any { Count::AtLeast(1) } else { Count::Exactly(0) };
        let check = AuditCount::counted(count, self.plane()?).of(&self.stimulus()?.token);
        let check = check.select("type", json!(kind)).select("effect", json!(effect));
        self.fence_audits().await;
        self.settle(&Check::Audits(check))
    }

    /// At least one audit of the last stimulus with that text.
    pub(crate) async fn expect_audit_that_says(&mut self, message: &str) -> StepResult {
        let check = AuditCount::counted(Count::AtLeast(1), self.plane()?).of(&self.stimulus()?.token);
        self.fence_audits().await;
        self.settle(&Check::Audits(check.select("msg", json!(message))))
    }

    /// At least one audit of the last stimulus, and all with this member.
    async fn expect_audit_member(&mut self, name: &str, expect: Expect) -> StepResult {
        let check = AuditCount::counted(Count::AtLeast(1), self.plane()?).of(&self.stimulus()?.token);
        self.fence_audits().await;
        self.settle(&Check::Audits(check.field(name, expect)))
    }

    /// Only members and values that the schema has.
    pub(crate) async fn expect_audit_schema(&mut self) -> StepResult {
        self.fence_audits().await;
        self.settle(&Check::AuditSchema { token: self.stimulus()?.token.clone() })
    }

    /// A line of the Console's syslog for each audit of the last stimulus, with these keys.
    pub(crate) async fn expect_syslog(&mut self, keys: Vec<(String, String)>) -> StepResult {
        self.fence_audits().await;
        let token = self.stimulus()?.token.clone();
        self.settle(&Check::Syslog(SyslogLines { token, keys: keys.into_iter().collect() }))
    }

    /// The audit names that collection.
    pub(crate) async fn expect_audit_collection(&mut self, name: &str) -> StepResult {
        self.expect_audit_member("collections", Expect::Contains(name.to_owned())).await
    }

    /// The text of the audit matches.
    pub(crate) async fn expect_audit_message(&mut self, pattern: &str) -> StepResult {
        let expect = Expect::matches(pattern).map_err(|error| StepError::new(error.to_string()))?;
        self.expect_audit_member("msg", expect).await
    }

    /// Nowhere in the audit, neither in a member nor in a name, stands that text.
    pub(crate) async fn expect_audit_without(&mut self, text: &str) -> StepResult {
        self.expect_audit_member("", Expect::Lacks(text.to_owned())).await
    }

    /// The event id of the last answer is that of the audit.
    pub(crate) async fn expect_event_id_in_audit(&mut self) -> StepResult {
        self.fence_audits().await;
        self.settle(&Check::EventId { token: self.stimulus()?.token.clone() })
    }

    /// So many rows in the Console's list; null counts as none.
    pub(crate) async fn expect_listed(&mut self, count: usize, query: &str) -> StepResult {
        self.fence_audits().await;
        let token = self.call("GET", &format!("/audits/runtime/app-embedded?{query}"), None).await?;
        let expect = AnswerExpectation::Audits { plane: Plane::Runtime, count };
        self.settle(&Check::ConsoleAnswer(ConsoleAnswer { token, expect }))
    }

    /// What the containers do on their own from now on, or have done since the task began, is looked at as the last thing done.
    pub(crate) fn look_at_what_the_task_does(&mut self) -> StepResult {
        let began = self.records().iter().rev().find_map(|record| match record.observation() {
            Observation::TaskBegan { .. } => record.token().map(str::to_owned),
            _ => None,
        });
        let token = began.ok_or_else(|| StepError::new("no task was started"))?;
        self.stimulus = Some(super::Stimulus { token, doing: Doing::Unseen });
        Ok(())
    }

    /// A question to the Console is a stimulus too.
    pub(super) fn new_call(&mut self) -> String {
        let token = new_token();
        self.call = Some(token.clone());
        token
    }
}
