//! What the audits of the last stimulus say.

use super::stimulus::Outcome;
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_protocol::audit::RUNTIME_ATTACK_TYPES;
use proofhouse_protocol::{FirewallAudit, RuntimeAudit};
use proofhouse_reports::checks::{Attribution, AuditCount, Check, Expect, Plane};
use serde_json::Value;

/// Members of `shared.RuntimeAudit` (34.04), section 2.4 of `runtime-and-embed.md`.
const RUNTIME_MEMBERS: [&str; 52] = [
    "_id",
    "time",
    "version",
    "count",
    "severity",
    "rawEvent",
    "err",
    "type",
    "attackType",
    "attackTechniques",
    "effect",
    "ruleName",
    "msg",
    "hostname",
    "fqdn",
    "appID",
    "app",
    "profileId",
    "container",
    "containerName",
    "containerId",
    "imageName",
    "imageId",
    "namespace",
    "label",
    "labels",
    "os",
    "collections",
    "provider",
    "accountID",
    "region",
    "cluster",
    "resourceID",
    "vmID",
    "user",
    "pid",
    "processPath",
    "command",
    "interactive",
    "domain",
    "ip",
    "port",
    "country",
    "filepath",
    "md5",
    "wildFireReportURL",
    "function",
    "functionID",
    "requestID",
    "runtime",
    "additionalHash",
    "modelPath",
];

impl ScenarioWorld {
    /// So many audits of the last stimulus, each with these members; a fence makes sure that none is on its way.
    pub(crate) async fn expect_audits(&mut self, number: usize, members: &[(String, String)]) -> StepResult {
        self.fence().await?;
        let app_id = self.app_id().unwrap_or_default();
        let fields = members.iter().map(|(name, value)| {
            let value = value.replace("$APP_ID", &app_id);
            let expected = match (name.as_str(), value.as_str()) {
                (_, "") => Expect::Absent,
                ("attackTechniques", technique) => Expect::Contains(technique.to_owned()),
                (_, value) => Expect::from(value),
            };
            (name.clone(), expected)
        });
        let stimulus = self.stimulus()?;
        let plane = match stimulus.outcome {
            Outcome::Exchange(_) => Plane::Firewall,
            _ => Plane::Runtime,
        };
        let mut check = AuditCount::exactly(number, plane).of(&stimulus.token);
        for (name, expected) in fields {
            check = check.field(&name, expected);
        }
        self.settle(Check::AuditCount(check))
    }

    /// The one audit of the last stimulus.
    fn audit(&self) -> Result<Value, StepError> {
        let records = self.records();
        let token = &self.stimulus()?.token;
        let attribution = Attribution::new(&records);
        let mut own = attribution
            .iter()
            .filter(|(_, cause)| cause.is_some_and(|cause| cause.token == token))
            .map(|(audit, _)| audit.audit.clone());
        own.next().ok_or_else(|| StepError::new("no audit tells of the last thing done"))
    }

    /// Only members and values that the schema has.
    pub(crate) fn expect_audit_schema(&self) -> StepResult {
        let audit = self.audit()?;
        let mut wrong = Vec::new();
        if audit.get("attackType").is_some() {
            wrong.extend(
                audit
                    .as_object()
                    .into_iter()
                    .flat_map(|members| members.keys())
                    .filter(|key| !RUNTIME_MEMBERS.contains(&key.as_str()))
                    .map(|key| format!("the member \"{key}\" is not in the schema")),
            );
            let attack = audit["attackType"].as_str().unwrap_or_default();
            if !RUNTIME_ATTACK_TYPES.contains(&attack) {
                wrong.push(format!("the attack type \"{attack}\" is not one of App-Embedded"));
            }
            wrong.extend(
                serde_json::from_value::<RuntimeAudit>(audit.clone()).err().map(|error| error.to_string()),
            );
        } else {
            wrong.extend(
                serde_json::from_value::<FirewallAudit>(audit.clone()).err().map(|error| error.to_string()),
            );
        }
        let time = audit["time"].as_str().unwrap_or_default();
        if time.parse::<jiff::Timestamp>().is_err() || !time.ends_with('Z') {
            wrong.push(format!("the time \"{time}\" is not RFC 3339 in UTC"));
        }
        self.conclude("audit schema", wrong.is_empty(), format!("{}; the audit is {audit}", wrong.join("; ")))
    }

    /// The audit names that collection.
    pub(crate) fn expect_audit_collection(&self, name: &str) -> StepResult {
        let audit = self.audit()?;
        let found = audit["collections"].as_array().is_some_and(|all| all.iter().any(|c| c == name));
        self.conclude(
            "audit in collection",
            found,
            format!("expected the collection \"{name}\", the audit has {}", audit["collections"]),
        )
    }

    /// The text of the audit matches.
    pub(crate) fn expect_audit_message(&self, pattern: &str) -> StepResult {
        let matcher = regex::Regex::new(pattern)
            .map_err(|error| StepError::new(format!("\"{pattern}\" is no regular expression: {error}")))?;
        let audit = self.audit()?;
        let message = audit["msg"].as_str().unwrap_or_default();
        self.conclude(
            "audit message",
            matcher.is_match(message),
            format!("expected a message that matches /{pattern}/, it is \"{message}\""),
        )
    }

    /// The event id of the last answer is that of the audit.
    pub(crate) fn expect_event_id_in_audit(&self) -> StepResult {
        let id = self.exchange()?.header("X-Prisma-Event-Id").unwrap_or_default().to_owned();
        let audit = self.audit()?;
        self.conclude(
            "event id in the audit",
            !id.is_empty() && audit["eventID"] == id.as_str(),
            format!("the answer has the event id \"{id}\", the audit {}", audit["eventID"]),
        )
    }

    /// So many rows in the Console's list; null counts as none.
    pub(crate) async fn expect_listed(&mut self, number: usize, query: &str) -> StepResult {
        self.fence().await?;
        self.call("GET", &format!("/audits/runtime/app-embedded?{query}"), None).await?;
        let answer = self.answer()?;
        let found = match &answer.body {
            Value::Null if answer.is_success() => Some(0),
            Value::Array(rows) => Some(rows.len()),
            _ => None,
        };
        let listed = match found {
            Some(rows) => format!("the Console lists {rows}"),
            None => format!("the Console answered {} with {} instead of a list", answer.status, answer.body),
        };
        self.conclude(
            "rows of the audit list",
            found == Some(number),
            format!("expected {number} audits for \"{query}\", {listed}"),
        )
    }
}
